"""Ending in time: SIGTERM is a Ctrl-C, and whatever does not end within seconds is ended hard.

A Python signal handler runs in the main thread between two instructions of whatever it was doing, and not at all while
that thread waits in a library. So nothing is done in a handler: the number goes through the wake-up file descriptor to
a thread that only waits for it, and that one interrupts the main thread.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

SECONDS: Final = 3.5
"""What a clean end may take; with the hard one it is less than five."""
_LAST_WORD: Final = 0.8
_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
_STOPS: Final = frozenset((signal.SIGTERM, signal.SIGINT))


@contextmanager
def stops_in_time(last_word: Callable[[], None], seconds: float = SECONDS) -> Iterator[None]:
    """SIGTERM and SIGINT raise KeyboardInterrupt in the block; if it does not end within *seconds* after that,
    *last_word* is called and the process ends. Only the main thread may use it."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    ended = threading.Event()
    old_fd = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    old_term = signal.signal(signal.SIGTERM, lambda *_: None)
    args = (readable, threading.main_thread().ident, ended, last_word, seconds)
    watcher = threading.Thread(target=_watch, args=args, name="stop", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.signal(signal.SIGTERM, old_term)
        signal.set_wakeup_fd(old_fd)
        os.close(writable)  # ends the watcher
        watcher.join()
        os.close(readable)


def end_with(parent: int) -> None:
    """Get SIGTERM when the process *parent* dies, which started this one; at once where it is dead already."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(0)


def _watch(readable: int, main: int, ended: threading.Event, last_word: Callable[[], None], seconds: float) -> None:
    while numbers := os.read(readable, 64):
        if not _STOPS.intersection(numbers):
            continue
        if signal.SIGINT not in numbers:
            signal.pthread_kill(main, signal.SIGINT)
        if not ended.wait(seconds):
            hard = threading.Timer(_LAST_WORD, os._exit, (128 + signal.SIGTERM,))
            hard.daemon = True
            hard.start()
            with suppress(Exception):
                last_word()
            os._exit(128 + signal.SIGTERM)
        return
