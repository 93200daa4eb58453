"""What bounds a session from outside of the libraries: its time, and its words before the first prompt."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from netmiko.base_connection import BaseConnection

from collectors import errors

_GREETING_BYTES: Final = 256 * 1024
_LAST_WORD: Final = 2.0
"""Seconds that a stop leaves to the answer to a login."""


class Greeting(io.BufferedIOBase):
    """What the device writes before the first command; netmiko's session log. It ends a flood."""

    def __init__(self) -> None:
        self._seen = bytearray()
        self.closed_by_us = False

    def write(self, data: object, /) -> int:
        """Keep what netmiko read. Raises Malformed, through netmiko's read loop, once it is too much."""
        chunk = bytes(data)  # type: ignore[call-overload]  # netmiko hands over bytes
        if self.closed_by_us:
            return len(chunk)
        self._seen += chunk
        if len(self._seen) > _GREETING_BYTES:
            raise errors.Malformed(f"more than {_GREETING_BYTES} bytes before the first prompt")
        return len(chunk)

    def text(self) -> str:
        """All of it so far."""
        return self._seen.decode("utf-8", "replace")


@dataclass(slots=True)
class Watch:
    """What the watchdog knows of a session."""

    sock: socket.socket
    connection: BaseConnection | None = None
    why: str = ""
    """Why the session was cut, "" while it lives."""
    in_step: bool = False
    """Whether the device stands at its prompt, and so will hear a goodbye."""

    def abort(self, why: str) -> None:
        """Cut the socket under the libraries, and make netmiko's polling loops see it at once."""
        self.why = why
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        channel = getattr(self.connection, "channel", None)
        if channel is not None:
            channel.remote_conn = None


@contextlib.contextmanager
def watchdog(
    sock: socket.socket, seconds: float, stop: threading.Event | None, *, undecided: Callable[[], bool] = lambda: False
) -> Iterator[Watch]:
    """Abort *sock* after *seconds* or when *stop* is set, whatever the libraries wait for.

    A stop waits a moment for a login that is *undecided*: cut off, nobody would know whether it was refused.
    """
    watch, done = Watch(sock), threading.Event()
    end = time.monotonic() + seconds

    def guard() -> None:
        stopped: float | None = None
        while not done.wait(min(0.2, max(end - time.monotonic(), 0.0))):
            if stop is not None and stop.is_set():
                stopped = stopped or time.monotonic()
                if undecided() and time.monotonic() < stopped + _LAST_WORD:
                    continue
                return watch.abort("the run was stopped")
            if time.monotonic() >= end:
                return watch.abort(f"the device took longer than {seconds:g} s")
        return None

    thread = threading.Thread(target=guard, name="ssh-deadline", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
        sock.close()
