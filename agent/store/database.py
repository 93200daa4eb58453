"""Opening the database: SQLite by default, PostgreSQL by URL. Here and in `writer` is all that differs.

SQLite: WAL with synchronous=FULL survives kill -9 and power loss (sqlite.org/wal.html), but not a network
file system, which is refused. Write transactions begin IMMEDIATE, because a read transaction that turns into
a write fails at once with "database is locked", whatever the busy timeout.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from agent.errors import StoreError

_APPLICATION: Final = 0x6E636F76
"""Marks a SQLite file as ours (PRAGMA application_id): "ncov"."""
_BUSY_MS: Final = 30_000
_CHECKPOINT_PAGES: Final = 8000
"""32 MB: a run of many devices then copies what it wrote into the file a few times, not with every hundredth device."""
_NETWORK: Final = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFF534D42: "CIFS",
    0xFE534D42: "SMB2",
    0x5346414F: "AFS",
    0x73757245: "Coda",
    0x00C36400: "Ceph",
    0x01021997: "9P",
    0x0BD00BD0: "Lustre",
    0x47504653: "GPFS",
    0x564C: "NCP",
}
"""`f_type` of statfs(2), from its manual page and linux/magic.h."""

Magic = Callable[[Path], int]


def filesystem(path: Path) -> int:
    """The `f_type` of the file system that holds *path*, 0 where the system does not tell (not Linux)."""
    if not sys.platform.startswith("linux"):
        return 0
    answer = (ctypes.c_long * 32)()  # struct statfs is 120 bytes; f_type is its first word
    if ctypes.CDLL(None).statfs(os.fsencode(path), ctypes.byref(answer)):
        return 0
    return int(answer[0]) & 0xFFFFFFFF


def connect(url: str, *, magic: Magic = filesystem) -> Engine:
    """An engine for *url*; the file of a SQLite store is made here, readable by its owner alone.

    Raises StoreError: a URL that is none, a driver that is not installed, a file that is not ours or on a
    network file system.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("store.url is no database URL; write one such as sqlite:///netcover.db") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, magic)
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(f"store.url: {parsed.drivername} is not supported; use sqlite: or postgresql:")
    try:
        return sa.create_engine(parsed, hide_parameters=True)
    except (ImportError, NoSuchModuleError):
        raise StoreError(
            f"store.url: the driver of {parsed.drivername} is not installed; install it beside netcover"
        ) from None


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """One write transaction, all or nothing. Raises StoreError for whatever the database says.

    One that is not *durable* survives the death of the process, but waits for no disk: a loss of power may take it
    away, and then all of its kind after it. The next durable one makes it durable too.
    """
    options = {"netcover_write": True, "netcover_durable": durable}
    with translated(engine), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: a consistent view that never blocks the writer."""
    with translated(engine), engine.begin() as connection:
        yield connection


def insert_new(connection: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert *rows*, leaving out those whose unique key is there already."""
    if rows:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Whatever the database raises inside becomes a StoreError that names the store."""
    try:
        yield
    except IntegrityError as error:
        raise StoreError(f"{place(engine)}: the store refused a row: {error.orig}") from error
    except OperationalError as error:
        raise StoreError(f"{place(engine)}: {error.orig}; nothing of this step was kept") from error
    except SQLAlchemyError as error:
        said = getattr(error, "orig", None) or type(error).__name__
        raise StoreError(f"{place(engine)}: the store cannot be read or written: {said}") from error


def place(engine: Engine) -> str:
    """The store's name in messages, without a password."""
    url = engine.url
    return str(url.database) if engine.dialect.name == "sqlite" else url.render_as_string(hide_password=True)


def _sqlite(url: URL, magic: Magic) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("store.url: name a file, such as sqlite:///netcover.db; a run must outlive the program")
    path = Path(url.database).expanduser().absolute()
    _prepare(path, magic)
    engine = sa.create_engine(
        url.set(database=str(path)), hide_parameters=True, connect_args={"timeout": _BUSY_MS / 1000}
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _prepare(path: Path, magic: Magic) -> None:
    """Make the file for the owner alone; SQLite gives its -wal and -shm the mode of the file. No folder is made: a
    mistyped one would hold a store without a history.

    A file that is there is read by SQLite only. When a process closes any handle of a file, its locks on that file are
    gone (fcntl(2), sqlite.org/howtocorrupt.html 2.2): another process then takes itself for the last one and removes
    the -wal below a store that this process has open, which tears the database.
    """
    if not path.parent.exists():
        raise StoreError(f"{path.parent}: no such folder; make it, or name the store's place anew (--store, store.url)")
    if path.is_dir():
        raise StoreError(f"{path} cannot be opened: Is a directory")
    try:
        if name := _NETWORK.get(magic(path.parent)):
            raise StoreError(
                f"{path} is on a network file system ({name}), where SQLite can lose data;"
                " put the store on a local disk, or use PostgreSQL"
            )
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
        empty = not path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
    if empty:
        with closing(sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)) as fresh:
            fresh.execute(f"PRAGMA application_id={_APPLICATION}")
    elif _application(path) != _APPLICATION:
        raise StoreError(f"{path} is not a netcover store; move it away, or name another with --store")


def _application(path: Path) -> int | None:
    """The application id of a SQLite file, None where it is none. Raises StoreError where it cannot be opened."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_MS / 1000)) as file:
            return int(file.execute("PRAGMA application_id").fetchone()[0])
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError:
        return None


def _on_connect(connection: Any, record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _on_begin
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    write = options.get("netcover_write")
    if write:  # sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL spares the wait at each commit
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('netcover_durable') else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
