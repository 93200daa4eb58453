"""What a run works with: processes that understand answers, and threads that talk to devices."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from pebble import ProcessExpired, ProcessPool

from collectors.cli.template import private_cache
from collectors.errors import Malformed, TimedOut

PARSE_SECONDS: Final = 20.0
"""What one device's answers may take."""
_BATCH: Final = 16
"""Devices that are handed over together while all processes are busy: a message costs as much as the work."""
T = TypeVar("T")
Call = tuple[Callable[..., Any], tuple[object, ...]]


@contextlib.contextmanager
def workers(number: int) -> Iterator[Callable[..., Awaitable[Any]]]:
    """*number* processes that understand answers, each call with a deadline; a call that overruns raises TimedOut."""
    private_cache()
    pool = _Workers(number)
    try:
        yield pool.parse
    finally:
        pool.close()


class _Workers:
    """The processes, and the calls that wait for one to be free."""

    def __init__(self, number: int) -> None:
        # spawned, not forked: the parent has threads and open sessions
        self._pool = ProcessPool(max_workers=number, context=get_context("spawn"))
        self._waiting: deque[tuple[asyncio.Future[Any], Call]] = deque()
        self._free = number + 1  # one batch waits at the processes' door
        self._batches: set[asyncio.Task[None]] = set()

    async def parse(self, function: Callable[..., T], *args: object) -> T:
        """What *function* gives, or raises, in another process."""
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((result, (function, args)))
        self._hand_over()
        return await result

    def close(self) -> None:
        """End the processes, whatever they do."""
        for batch in self._batches:
            batch.cancel()
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble types its futures only
        self._pool.join()

    def _hand_over(self) -> None:
        while self._free and self._waiting:
            some = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            self._free -= 1
            batch = asyncio.create_task(self._run(some))
            self._batches.add(batch)
            batch.add_done_callback(self._done)

    def _done(self, batch: asyncio.Task[None]) -> None:
        self._batches.discard(batch)
        self._free += 1
        self._hand_over()

    async def _run(self, some: list[tuple[asyncio.Future[Any], Call]]) -> None:
        """A batch; where one of its devices is too much for a process, each once more by itself."""
        try:
            found = await self._ask([call for _, call in some])
        except Exception as error:  # a deadline, a dead process, what cannot be sent: somebody waits for it
            if len(some) > 1:
                await asyncio.gather(*(self._run([one]) for one in some))
                return
            found = [(None, error)]
        for (result, _), (value, raised) in zip(some, found, strict=True):
            if result.done():
                continue  # nobody waits any more
            if raised is None:
                result.set_result(value)
            else:
                result.set_exception(raised)

    async def _ask(self, calls: list[Call]) -> list[tuple[Any, Exception | None]]:
        try:
            future = self._pool.schedule(_each, args=[calls], timeout=PARSE_SECONDS)
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise TimedOut(f"its answers could not be understood within {PARSE_SECONDS:g} s") from error
        except ProcessExpired as error:
            raise Malformed(f"the worker that read its answers died: {error}") from error


def _each(calls: list[Call]) -> list[tuple[Any, Exception | None]]:
    """In the process: what came of each call."""
    found: list[tuple[Any, Exception | None]] = []
    for function, args in calls:
        try:
            found.append((function(*args), None))
        except Exception as error:  # the caller's, whatever it is
            found.append((None, error))
    return found


@contextlib.contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that talk SSH; each is waited for at the end."""
    pool = ThreadPoolExecutor(number, thread_name_prefix="ssh")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
