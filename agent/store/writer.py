"""One writer: whoever holds this lock may begin a run; all others wait, or are told who has it."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from agent.errors import StoreBusyError, StoreError
from agent.store.database import place, translated

_ADVISORY_LOCK: Final = 0x6E65_7463_6F76
"""Our number among the database's advisory locks: "netcov"."""
_PAUSE: Final = 0.1


class WriterLock:
    """Held by the one process that writes to a store; the kernel gives it back when the process dies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: int | None = None
        self._connection: Connection | None = None

    def acquire(self, wait: float) -> None:
        """Take the lock, trying for *wait* seconds. Raises StoreBusyError that names who has it."""
        deadline = time.monotonic() + wait
        take = self._take_file if self._engine.dialect.name == "sqlite" else self._take_advisory
        while holder := take():
            if time.monotonic() >= deadline:
                raise StoreBusyError(f"{holder} is writing to {place(self._engine)}; wait until it ends")
            time.sleep(_PAUSE)

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            with suppress(SQLAlchemyError):  # with a lost session the lock is gone already
                self._connection.execute(sa.select(sa.func.pg_advisory_unlock(_ADVISORY_LOCK)))
            self._connection.invalidate()  # else the pool keeps the session, and with it what it still holds
            self._connection.close()
            self._connection = None

    def _take_file(self) -> str:
        """Take the lock file; "" or who has it.

        It stands beside the store: closing a second handle of the store's file drops SQLite's locks on it.
        """
        if self._file is not None:
            return ""
        path = Path(f"{self._engine.url.database}.lock")
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip()
            os.close(file)
            return f"another netcover (process {holder})" if holder.isdigit() else "another netcover"
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return ""

    def _take_advisory(self) -> str:
        if self._connection is not None:
            return ""
        with translated(self._engine):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))):
                self._connection = connection
                return ""
            connection.close()
        return "another netcover"
