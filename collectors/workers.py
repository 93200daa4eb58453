"""What a run works with: processes that understand answers, and threads that talk to devices."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from pebble import ProcessExpired, ProcessPool

from collectors.errors import Malformed, TimedOut

PARSE_SECONDS: Final = 20.0
T = TypeVar("T")


@contextlib.contextmanager
def workers(number: int) -> Iterator[Callable[..., Awaitable[Any]]]:
    """*number* processes that understand answers, each call with a deadline; a call that overruns raises TimedOut."""
    # spawned, not forked: the parent has threads and open sessions
    pool = ProcessPool(max_workers=number, context=get_context("spawn"))

    async def parse(function: Callable[..., T], *args: object) -> T:
        try:
            future = pool.schedule(function, args=args, timeout=PARSE_SECONDS)
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise TimedOut(f"its answers could not be understood within {PARSE_SECONDS:g} s") from error
        except ProcessExpired as error:
            raise Malformed(f"the worker that read its answers died: {error}") from error

    try:
        yield parse
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble types its futures only
        pool.join()


@contextlib.contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that talk SSH; each is waited for at the end."""
    pool = ThreadPoolExecutor(number, thread_name_prefix="ssh")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
