"""The interactive shell of a simulated device: echo, one command at a time, paging, enable, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from tests.lab.device import Device, Score
from tests.lab.dialects import DIALECTS, setup_lines
from tests.lab.faults import ALL

_PAGE: Final = 24
_ENDLESS: Final = b"Interface GigabitEthernet1/0/1 is up, line protocol is up\r\n" * 64


class Shell:
    """One session. `feed` takes what the visitor types, `run` answers until the visitor leaves."""

    def __init__(
        self,
        device: Device,
        score: Score,
        allowed: Collection[str] | None,
        write: Callable[[bytes], None],
        drain: Callable[[], Awaitable[None]],
        cut: Callable[[], None],
    ) -> None:
        if device.cli is None:
            raise ValueError(f"{device.address} has no command line")
        self._device, self._cli, self._score, self._allowed = device, device.cli, score, allowed
        self._dialect = DIALECTS[device.cli.dialect]
        self._write, self._drain, self._cut = write, drain, cut
        self._typed = bytearray()
        self._more = asyncio.Event()
        self._privileged = device.cli.enabled
        self._configuring = False
        self._paging = self._dialect.pages or device.faults.pager_stuck
        self._cut_off = False

    def feed(self, data: bytes) -> None:
        self._typed += data
        self._more.set()

    async def run(self) -> None:
        """Greet, then read and answer lines until `exit` or a cut."""
        if self._device.faults.no_prompt:
            await asyncio.Event().wait()
        self._write(self._device.faults.motd)
        self._print(self._cli.banner)
        while not self._cut_off:
            self._print(self._prompt())
            if await self._execute(" ".join((await self._line(echo=True)).split())):
                return

    def _prompt(self) -> str:
        prompt = self._dialect.prompt(self._device.hostname, self._device.access.ssh_user, self._privileged)
        return prompt.replace("#", "(config)#") if self._configuring else prompt

    def _print(self, text: str) -> None:
        if text:
            self._write(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))

    # --- reading -------------------------------------------------------------------------------------------

    async def _key(self) -> int:
        while not self._typed:
            self._more.clear()
            await self._more.wait()
        return self._typed.pop(0)

    async def _line(self, *, echo: bool) -> str:
        """One typed line; characters typed ahead are echoed when their turn comes, as a serial shell does."""
        line = bytearray()
        while True:
            key = await self._key()
            if key in b"\r\n":
                if key == 13 and self._typed[:1] == b"\n":
                    del self._typed[0]
                self._print("\n")
                return line.decode("utf-8", "replace")
            if key in b"\b\x7f":
                if line and echo:
                    self._print("\b \b")
                del line[-1:]
            elif key in b"\x03\x1a":
                line.clear()
                self._print("\n" + self._prompt())
            else:
                line.append(key)
                if echo:
                    self._write(bytes((key,)))

    # --- answering -----------------------------------------------------------------------------------------

    async def _execute(self, command: str) -> bool:
        """Answer one line; True when the session is over."""
        if not command:
            return False
        self._judge(command)
        dialect = self._dialect
        if self._configuring and command in ("end", "exit"):
            self._configuring = False
        elif command in dialect.leave:
            return True
        elif command in dialect.configure and self._privileged:
            self._configuring = True
        elif command == "enable" and dialect.bad_enable and not self._privileged:
            await self._enable()
        elif command in dialect.paging_off:
            self._print(dialect.stamp)
            self._paging = self._device.faults.pager_stuck
        elif command in dialect.silent or (command == "enable" and self._cli.dialect != "dcp"):
            self._print(dialect.stamp)
        else:
            await self._answer(command, self._text(command))
        return False

    def _judge(self, command: str) -> None:
        self._score.commands.append(command)
        if self._allowed is not None and command not in self._allowed and command not in setup_lines(self._dialect):
            self._score.outside.append(command)

    async def _enable(self) -> None:
        self._print("Password: ")
        if await self._line(echo=False) == self._device.access.enable:
            self._score.enables += 1
            self._privileged = True
        else:
            self._score.failed_enables += 1
            self._print(self._dialect.bad_enable)

    def _text(self, command: str) -> str:
        if command in self._device.faults.denied:
            return self._dialect.denied
        own = dict(self._dialect.own).get(command)
        text = self._cli.answers.get(command, own)
        if text is None:
            first = command.split()[0]
            known = any(c.split()[0] == first for c in self._cli.answers)
            column = len(self._prompt()) + (len(first) + 1 if known and " " in command else 0)
            return self._dialect.reject(column)
        text = self._dialect.stamp + text
        return text if text.endswith("\n") else text + "\n"

    async def _answer(self, command: str, text: str) -> None:
        faults = self._device.faults
        await asyncio.sleep(faults.command_delay)
        lines = text.splitlines(keepends=True)
        middle = len(lines) // 2
        if faults.prompt_inside == command:
            lines.insert(middle, f"{self._prompt()}\n")
        if faults.syslog in (command, ALL):
            lines.insert(middle, f"{self._dialect.log_line}\n")
            lines.insert(0, f"{self._dialect.log_line}\n")
        data = "".join(lines).replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        if faults.endless_output == command:
            await self._endless(data)
        elif faults.cut and faults.cut[0] == command:
            self._write(data[: faults.cut[1]])
            self._cut_off = True
            self._cut()
        elif faults.drip and faults.drip[0] in (command, ALL):
            for octet in data:
                self._write(bytes((octet,)))
                await asyncio.sleep(faults.drip[1])
        else:
            await self._paged(data)

    async def _paged(self, data: bytes) -> None:
        lines = data.splitlines(keepends=True)
        left = _PAGE - 1
        erase = b"\b" * len(self._dialect.pager) + b" " * len(self._dialect.pager) + b"\b" * len(self._dialect.pager)
        if not self._paging or len(lines) <= left:
            self._write(data)
            return
        for line in lines:
            if not left:
                self._print(self._dialect.pager)
                key = await self._key()
                self._write(erase)
                if key in b"q\x03":
                    return
                left = 1 if key in b"\r\n" else _PAGE - 1
            self._write(line)
            left -= 1

    async def _endless(self, data: bytes) -> None:
        self._write(data)
        while True:
            self._write(_ENDLESS)
            await self._drain()
            await asyncio.sleep(0)
