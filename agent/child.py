"""A `netcover` in a process of its own: its log is ours, and it is stopped in time when we are."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from agent.stopping import SECONDS

_COMMAND: Final = (sys.executable, "-P", "-m", "agent.main")
_HARD: Final = SECONDS + 0.9
"""Seconds after which a child that was told to stop is killed."""
_SAID: Final = "netcover: "
_LINE: Final = 1 << 20


async def run(words: Sequence[str]) -> tuple[int, str]:
    """The exit code (below 0: the signal that ended it) and the last thing it said to a person.

    Cancelled, it is told to stop: it logs out and seals its run as aborted, or is killed.
    """
    child = await asyncio.create_subprocess_exec(
        *(*_COMMAND, *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
    )
    said: list[str] = []
    relay = asyncio.create_task(_relay(child, said))
    try:
        code = await child.wait()
        await relay
    except asyncio.CancelledError:
        await _end(child)
        relay.cancel()
        raise
    return code, said[-1] if said else ""


async def _relay(child: asyncio.subprocess.Process, said: list[str]) -> None:
    """The child's log becomes ours; what it says to a person is kept."""
    assert child.stderr
    while line := (await child.stderr.readline()).decode("utf-8", "replace").rstrip("\n"):
        if line.startswith(_SAID):
            said.append(line.removeprefix(_SAID))
        else:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


async def _end(child: asyncio.subprocess.Process) -> None:
    """Tell the child to stop; it logs out and seals its run as aborted, or is killed and that is done for it."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), _HARD)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        structlog.get_logger().error("the run did not stop in time and was killed; the next one cleans up")
