"""A copy of a SQLite store while it is in use, by SQLite's backup API (sqlite.org/backup.html), and its proof.

Copying the file is no backup: what was written last is in the -wal file beside it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from agent.errors import StoreError
from agent.store.schema import HEAD, SEALED, observations, runs


@dataclass(frozen=True, slots=True)
class State:
    """What a copy must have in common with the store."""

    revision: str
    run: int | None
    """The newest sealed run."""
    finished: str
    observations: int


def copy(connection: Connection, to: Path) -> State:
    """Copy what *connection*'s transaction sees into the file *to*, which is not there yet; what was copied.

    Raises StoreError where it cannot be written, or where the store is not SQLite.
    """
    if connection.dialect.name != "sqlite":
        raise StoreError(
            "this store is a PostgreSQL database; back it up with its own tool: pg_dump --format=custom DATABASE"
        )
    state = _state(connection)  # the first query fixes what the transaction sees, and so what is copied
    source = connection.connection.driver_connection
    try:
        with closing(sqlite3.connect(to, isolation_level=None)) as target:
            if source is not None:
                source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, whole without a -wal beside it
    except sqlite3.Error as error:
        raise StoreError(f"{to.parent}: the backup cannot be written: {error}") from error
    return state


def check(path: Path, state: State) -> None:
    """Read the copy back. Raises StoreError where it is damaged, or does not hold *state*."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copied:
            said = str(copied.execute("PRAGMA integrity_check(1)").fetchone()[0])
            torn = copied.execute("PRAGMA foreign_key_check").fetchone()
            held = State(
                *copied.execute("SELECT version_num FROM alembic_version").fetchone(),
                *(copied.execute(f"{_NEWEST} LIMIT 1").fetchone() or (None, "")),  # a constant of ours
                *copied.execute("SELECT count(*) FROM observations").fetchone(),
            )
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"{path.parent}: the backup was read back and is no store: {error}") from error
    if said != "ok" or torn:
        raise StoreError(f"{path.parent}: the backup was read back and is damaged: {said if said != 'ok' else torn}")
    if held != state:
        raise StoreError(f"{path.parent}: the backup was read back and is not the store: {held} instead of {state}")


_NEWEST = "SELECT id, finished FROM runs WHERE state = 'sealed' ORDER BY id DESC"


def _state(connection: Connection) -> State:
    newest = connection.execute(
        sa.select(runs.c.id, runs.c.finished).where(runs.c.state == SEALED).order_by(runs.c.id.desc()).limit(1)
    ).one_or_none()
    count = connection.scalar(sa.select(sa.func.count()).select_from(observations)) or 0
    return State(HEAD, newest.id if newest else None, newest.finished if newest else "", count)
