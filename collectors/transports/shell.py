"""A command line on an open SSH channel: ask one thing, read exactly its answer.

An answer begins after the echo of its command and ends where the learned prompt is the last thing on the
screen and nothing more comes for a while. Anything else is partial: a prompt-like line inside the text does
not end it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from collectors.errors import ConfigError
from collectors.model import Answer, State

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
_ERASE_LINE: Final = re.compile(r"\x1b\[[02]?K")
_ERASED: Final = "\x00"
_PAGER: Final = re.compile(
    r"(?:<?-{2,} ?more ?-{2,}>?|press any key\b.*|press enter to continue.*|more: <space>,.*<return>)"
    r"(?: ?\(.*\)| or \(q\)uit.*)?\s*$",
    re.I,
)
_PAGER_LEFT: Final = re.compile(
    r"^[ \t]*(?:<?-{2,} ?more ?-{2,}>?|press (?:any key|enter)(?: to continue)?(?: or q to quit)?\.*"
    r"|more: <space>,[^\n]*?<return>)(?: ?\([^)\n]*\)"
    r"| or \(q\)uit)?[ \t]*(?:\n|(?=\S)|$)",
    re.I | re.M,
)
_SYSLOG: Final = re.compile(
    r'^(?![^%\n]*\b(?:PID|S/?N)[ \t]*:)[^"%\n]{0,120}%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7A-Z]-\w+ ?:.*(?:\n|$)',
    re.M,
)
_OPENING: Final = r"^\s*(?:cmd exec )?(?:error\b:?\s*)?(?:%\s*)?(?:error\b:?\s*)?"
_DENIED: Final = re.compile(
    _OPENING + r"(?:(?:command )?authori[sz]ation (?:denied|failed)|(?:access|permission) denied"
    r"|(?:(?:this |the )?(?:user|command|you)(?: is| are)? )?not (?:authori[sz]ed|permitted|allowed))",
    re.I | re.M,
)
_UNSUPPORTED: Final = re.compile(
    _OPENING + r"(?:%\s*)?(?:(?:invalid|incomplete|ambiguous|unknown|unrecogni[sz]ed) (?:command|input|keyword|word)"
    r"|syntax error|incorrect (?:usage|input)|command not found|command not valid in current)",
    re.I | re.M,
)
_REFUSAL_LINES: Final = 8
"""A refusal is short; further down the same words are data ("NOT AUTHORIZED" is a licence state)."""


class Channel(Protocol):
    """What is used of a paramiko channel."""

    def settimeout(self, timeout: float | None) -> None:
        """Seconds `recv` may wait."""

    def recv(self, nbytes: int) -> bytes:
        """Bytes, b"" once closed; raises TimeoutError."""

    def sendall(self, s: bytes) -> None:
        """Send all of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a phase may take, and how much an answer may hold."""

    tcp: float = 5.0
    banner: float = 5.0
    exchange: float = 10.0
    auth: float = 10.0
    prompt: float = 20.0
    command: float = 30.0
    quiet: float = 0.3
    device: float = 90.0
    answer_bytes: int = 4 * 1024 * 1024
    pages: int = 5000


@dataclass(slots=True)
class Shell:
    """The one door to a device's command line: only lines of *allow* go through it."""

    channel: Channel
    prompt: str
    allow: Collection[str]
    limits: Limits
    syslog_lines: int = 0
    lost: str = ""
    """Why nothing more can be asked, "" while the session is in step."""

    def ask(self, command: str) -> Answer:
        """The answer to *command*; never raises for what the device does.

        Raises ConfigError for a command that is not on the allow-list: it is not sent.
        """
        if command not in self.allow or not command.isprintable():
            raise ConfigError(f"{command!r} is not on the allow-list of this platform; it was not sent")
        if self.lost:
            return Answer(command, "", State.FAILED, self.lost)
        raw, fault = self._exchange(command)
        text, count = without_syslog(without_pages(screen(raw.decode("utf-8", "replace"))))
        self.syslog_lines += count
        before, echo, after = text.partition(command)
        if not echo:
            self.lost = "the session is out of step after an answer without echo"
            return Answer(command, _clip(text), State.PARTIAL, fault or "the command was not echoed")
        body = _without_prompt(after.partition("\n")[2], self.prompt)
        if fault:
            self.lost = f"the session ended: {fault}"
            return Answer(command, body, State.PARTIAL, fault)
        if _stray(before, self.prompt):
            self.lost = "the session is out of step: text came after the prompt"
            return Answer(command, body, State.PARTIAL, self.lost)
        return judge(command, body)

    def in_step(self) -> bool:
        """Whether an empty line brings the prompt and nothing else; else an earlier answer was cut short."""
        if self.lost:
            return False
        raw, fault = self._exchange("")
        text, _ = without_syslog(screen(raw.decode("utf-8", "replace")))
        return not fault and not _stray(text, self.prompt)

    def _exchange(self, line: str) -> tuple[bytes, str]:
        """Send *line*; what came back, and what was wrong with its end."""
        buffer = bytearray()
        deadline = time.monotonic() + self.limits.command
        echoed, pages, seen = not line, 0, 0
        try:
            self.channel.sendall(line.encode("ascii") + b"\n")
            while len(buffer) <= self.limits.answer_bytes:
                tail = screen(buffer[seen:][-2048:].decode("utf-8", "replace"))
                echoed = echoed or line in screen(buffer[:65536].decode("utf-8", "replace"))
                at_prompt = echoed and len(buffer) > 0 and ends_at(tail, self.prompt)
                at_pager = not at_prompt and bool(_PAGER.search(tail.rpartition("\n")[2]))
                left = deadline - time.monotonic()
                if left <= 0 and not at_prompt:
                    return bytes(buffer), f"no prompt within {self.limits.command:g} s"
                chunk = self._receive(self.limits.quiet if at_prompt or at_pager else left)
                if chunk:
                    buffer += chunk
                elif chunk is not None:
                    return bytes(buffer), "the device closed the session"
                elif at_prompt:
                    return bytes(buffer), ""
                elif at_pager:
                    pages, seen = pages + 1, len(buffer)
                    if pages > self.limits.pages:
                        return bytes(buffer), f"more than {self.limits.pages} pages"
                    self.channel.sendall(b" ")
        except (OSError, EOFError) as error:
            return bytes(buffer), f"the session broke: {error or type(error).__name__}"
        return bytes(buffer[: self.limits.answer_bytes]), f"cut at {self.limits.answer_bytes} bytes"

    def _receive(self, seconds: float) -> bytes | None:
        """Some bytes, b"" at the end of the session, None if nothing came in time."""
        self.channel.settimeout(max(seconds, 0.01))
        try:
            return self.channel.recv(65536)
        except TimeoutError:
            return None


def judge(command: str, text: str) -> Answer:
    """A whole answer by what it says: rows, a refusal, or nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return Answer(command, text, State.PARTIAL, "the answer is empty")
    if len(lines) <= _REFUSAL_LINES:
        quoted = next((line.strip() for line in lines if "%" in line or _DENIED.search(line)), lines[0].strip())[:120]
        if _DENIED.search(text):
            return Answer(command, text, State.DENIED, quoted)
        if _UNSUPPORTED.search(text):
            return Answer(command, text, State.UNSUPPORTED, quoted)
    return Answer(command, text, State.COMPLETE)


def screen(text: str) -> str:
    """What a terminal would show of *text*: no ANSI codes, lines as overwritten by backspaces and returns."""
    text = _ANSI.sub("", _ERASE_LINE.sub(_ERASED, text.replace("\x00", "")))
    text = re.sub(r"\r+\n", "\n", text)
    if "\r" in text or "\b" in text or _ERASED in text:
        text = "\n".join(_overwritten(line).rstrip(" ") if _moves(line) else line for line in text.split("\n"))
    return text


def without_pages(text: str) -> str:
    """*text* without the pager's own words, where the device did not wipe them."""
    return _PAGER_LEFT.sub("", text)


def without_syslog(text: str) -> tuple[str, int]:
    """*text* without the log messages (%FAC-n-MNEM:) a device writes between the lines, and their number."""
    return _SYSLOG.subn("", text)


def ends_at(tail: str, prompt: str) -> bool:
    """Whether the prompt is the last line, or only log messages came after it."""
    if tail.rpartition("\n")[2].rstrip() == prompt:
        return True
    kept, count = without_syslog(tail)
    return count > 0 and kept.rstrip().rpartition("\n")[2] == prompt


def hostname(prompt: str) -> str:
    """The host name in a prompt: ``R1#``, ``RP/0/RP0/CPU0:R1#``, ``user@host>``, ``asa/pri/act#``, ``(wlc)
    >``.

    >>> hostname("RP/0/RSP0/CPU0:core1#"), hostname("admin@DCP-M40---10>")
    ('core1', 'DCP-M40---10')
    """
    name = prompt.rstrip("># ").strip()
    if match := re.fullmatch(r"(?:RP|LC)/[^:]+:(.+)", name):
        return match[1]
    name = name.rpartition("@")[2].strip("()")
    return name.partition("/")[0]


def _moves(line: str) -> bool:
    return "\r" in line or "\b" in line or _ERASED in line


def _overwritten(line: str) -> str:
    shown: list[str] = []
    at = 0
    for char in line:
        if char == "\r":
            at = 0
        elif char == "\b":
            at = max(at - 1, 0)
        elif char == _ERASED:
            del shown[at:]
        else:
            shown[at : at + 1] = [char]
            at += 1
    return "".join(shown)


def _without_prompt(text: str, prompt: str) -> str:
    """*text* up to the prompt that closes it."""
    body, newline, last = text.rstrip("\n ").rpartition("\n")
    return body + newline if last.strip() == prompt else text


def _stray(text: str, prompt: str) -> bool:
    """Whether there is more in *text* than prompts."""
    return any(line.strip() not in ("", prompt) for line in text.replace(prompt, "\n").splitlines())


def _clip(text: str) -> str:
    return text.strip("\n")
