"""The SSH server of a simulated device."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import Any, Final

import asyncssh

from tests.lab.device import Device, Score
from tests.lab.hostkeys import host_key
from tests.lab.shell import Shell

_OLD: Final[dict[str, Any]] = {
    "kex_algs": ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
    "encryption_algs": ["aes128-cbc", "3des-cbc"],
    "mac_algs": ["hmac-sha1"],
}


async def listen(
    device: Device,
    port: int,
    score: Score,
    allowed: Collection[str] | None,
    changed: Callable[[], None],
    live: set[asyncssh.SSHServerConnection],
) -> asyncio.Server | asyncssh.SSHAcceptor:
    """Start the server on the device's address. *changed* is called whenever a session opens or closes."""
    if device.faults.tcp_silent or device.faults.tcp_close:
        return await _dumb(device, port, score)
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: _Server(device, score, allowed, changed, live),
        server_host_keys=[_key_pair(device)],
        encoding=None,
        line_editor=False,
        allow_scp=False,
        agent_forwarding=False,
        login_timeout=0 if device.faults.no_auth_answer else 60,
        **(_OLD if device.old_algorithms else {}),
    )
    return await asyncssh.listen(device.address, port, options=options, reuse_address=True)


def _key_pair(device: Device) -> asyncssh.SSHKeyPair:
    pair = asyncssh.load_keypairs(host_key(device))[0]
    if device.old_algorithms:  # an RSA key would also offer SHA-2 signatures
        pair.host_key_algorithms = (b"ssh-rsa",)
    return pair


async def _dumb(device: Device, port: int, score: Score) -> asyncio.Server:
    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        score.connections += 1
        with contextlib.suppress(OSError):
            if not device.faults.tcp_close:
                while await reader.read(4096):
                    pass
        writer.close()

    return await asyncio.start_server(visit, device.address, port)


class _Server(asyncssh.SSHServer):
    """One connection: counts it, checks the password, opens the shell."""

    def __init__(
        self,
        device: Device,
        score: Score,
        allowed: Collection[str] | None,
        changed: Callable[[], None],
        live: set[asyncssh.SSHServerConnection],
    ) -> None:
        self._device, self._score, self._allowed, self._changed = device, score, allowed, changed
        self._live = live
        self._connection: asyncssh.SSHServerConnection | None = None
        self._logged_in = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._live.add(conn)
        self._score.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection:
            self._live.discard(self._connection)
        if self._logged_in:
            self._logged_in = False
            self._score.open_sessions -= 1
            self._changed()

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        if self._device.faults.no_auth_answer:
            await asyncio.Event().wait()
        access = self._device.access
        right = (username, password) == (access.ssh_user, access.ssh_password)
        if not right:
            self._score.failed_logins += 1
        return right

    def auth_completed(self) -> None:
        self._logged_in = True
        self._score.logins += 1
        self._score.open_sessions += 1
        self._score.peak_sessions = max(self._score.peak_sessions, self._score.open_sessions)
        self._changed()

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return _Session(self._device, self._score, self._allowed, self._abort)

    def _abort(self) -> None:
        if self._connection:
            self._connection.abort()


class _Session(asyncssh.SSHServerSession[bytes]):
    """The channel the shell talks through."""

    def __init__(
        self, device: Device, score: Score, allowed: Collection[str] | None, abort: Callable[[], None]
    ) -> None:
        self._shell = Shell(device, score, allowed, self._write, self._drained, abort)
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: object, term_modes: object) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def session_started(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._shell.feed(data)

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        self._room.set()
        if self._task:
            self._task.cancel()

    async def _serve(self) -> None:
        await self._shell.run()
        if self._channel:
            self._channel.exit(0)

    def _write(self, data: bytes) -> None:
        if self._channel and data:
            self._channel.write(data)

    async def _drained(self) -> None:
        await self._room.wait()
