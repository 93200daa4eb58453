"""Who speaks SSH: a TCP connection, the server's own greeting, and the end. Nothing is sent, nobody logs in."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from collectors.transports.pace import Pace

_GREETING: Final = b"SSH-"
_LONGEST: Final = 4096
"""Bytes a server may say before its greeting (RFC 4253 section 4.2 allows lines of its own)."""
_PATIENCE: Final = 3.0
"""Seconds that an open port has to greet: small switches think before they speak."""
_MOST_AT_ONCE: Final = 2000
_OTHERS: Final = 256
"""File descriptors left to the rest of the program."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What an SSH server said first."""

    address: str
    banner: str
    """``SSH-2.0-...``, printable characters only."""


@dataclass(slots=True)
class Knocks:
    """What was done; it grows meanwhile."""

    connects: int = 0
    open: int = 0
    greeted: int = 0
    refused: int = 0
    """Addresses that the scope does not allow: no connect."""


async def greet_all(
    addresses: Iterable[str],
    port: int,
    *,
    pace: Pace,
    rate: float,
    allows: Callable[[str], bool],
    heard: Callable[[Greeting], None],
    knocks: Knocks,
    timeout: float = 1.0,
) -> None:
    """Connect to every address and read its greeting.

    So many connections are open at a time as *rate* and *timeout* ask for, but no more than this process may have
    files: a range that swallows connects takes its addresses / at_once(rate, timeout) * timeout seconds.
    """
    waiting = iter(addresses)

    async def visit() -> None:
        for address in waiting:
            if not allows(address):
                knocks.refused += 1
                continue
            await pace.turn()
            knocks.connects += 1
            with suppress(OSError, TimeoutError):
                banner = await _greeting(address, port, timeout, knocks)
                if banner:
                    knocks.greeted += 1
                    heard(Greeting(address, banner))

    async with asyncio.TaskGroup() as visits:
        for _ in range(at_once(rate, timeout)):
            visits.create_task(visit())


def at_once(rate: float, timeout: float) -> int:
    """How many connections may wait at a time."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, min(int(rate * timeout) + 1, _MOST_AT_ONCE, files - _OTHERS))


async def _greeting(address: str, port: int, timeout: float, knocks: Knocks) -> str:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        # Most closed ports say so at once; only the others are worth a future and a timer.
        state = sock.connect_ex((address, port))
        if state not in (0, errno.EINPROGRESS):
            return ""
        if state:
            async with asyncio.timeout(timeout):
                await loop.sock_connect(sock, (address, port))
        knocks.open += 1
        said = b""
        async with asyncio.timeout(_PATIENCE):
            while len(said) < _LONGEST and (more := await loop.sock_recv(sock, 1024)):
                said += more
                lines = [line for line in said.split(b"\n")[:-1] if line.startswith(_GREETING)]
                if lines:
                    return "".join(sign for sign in lines[0].decode("ascii", "replace").strip() if sign.isprintable())
    return ""
