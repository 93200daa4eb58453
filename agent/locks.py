"""One run at a time and one agent at a time: locks that the kernel gives back when their holder dies.

Each is a file in the state folder, and says who holds it: the process and since when.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.errors import AgentError
from agent.places import ready
from agent.settings import Settings

RUN: Final = "netcover-run.lock"
AGENT: Final = "netcover-agent.lock"
_PAUSE: Final = 0.05
_LOOKS: Final = 0.3
"""Seconds in which somebody who only looks at the lock gives it back."""


class LockedError(AgentError):
    """Another process does this already."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock."""

    pid: int
    since: str
    """ISO, UTC."""


def state_folder(settings: Settings) -> Path:
    """Where locks and the agent's state are: the settings' `agent.state`, else the folder of `agent.out`."""
    return settings.folder / Path(settings.agent.state or settings.agent.out).expanduser()


@contextmanager
def held(path: Path, what: str, now: datetime, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock at *path* while the block runs; *wait* is in seconds. Raises LockedError naming its holder."""
    ready(path.parent)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        _take(file, path, what, max(wait, _LOOKS))
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()} {now:%Y-%m-%dT%H:%M:%SZ}\n".encode(), 0)
        yield
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def holder(path: Path) -> Holder | None:
    """Who holds the lock now; None where nobody does."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _said(file)
    finally:
        os.close(file)
    return None


def _take(file: int, path: Path, what: str, wait: float) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < end:
                time.sleep(_PAUSE)
                continue
            who = _said(file)
            raise LockedError(
                f"{what} is at work already: process {who.pid} since {who.since} holds {path};"
                " wait until it ends, or stop it"
            ) from None
        return


def _said(file: int) -> Holder:
    pid, _, since = os.pread(file, 80, 0).decode("ascii", "replace").strip().partition(" ")
    return Holder(int(pid) if pid.isdigit() else 0, since or "a moment ago")
