"""Runs: begun, sealed or aborted. Only a sealed one is ever read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from agent.errors import StoreError
from agent.store import captures, visits
from agent.store.schema import ABORTED, OPEN, SEALED, runs


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run. Times are ISO in UTC; `finished` and `reconciled` are "" where it never was."""

    id: int
    started: str
    finished: str
    as_of: str
    state: str
    version: str
    settings_digest: str
    counts: Mapping[str, Any]
    reconciled: str
    pruned: str = ""
    """When its tables were thrown away, because its retention was over; "" while they can be read."""


def utc(moment: datetime) -> str:
    """The moment as the store writes it; text that sorts by time.

    >>> utc(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def begin(connection: Connection, now: datetime, as_of: date, version: str, settings_digest: str) -> int:
    """Open a run. What a dead writer left open is aborted first: the caller holds the writer's lock."""
    for (left,) in connection.execute(sa.select(runs.c.id).where(runs.c.state == OPEN)).all():
        drop(connection, left, now)
    row = {
        "started": utc(now),
        "as_of": as_of.isoformat(),
        "state": OPEN,
        "version": version,
        "settings_digest": settings_digest,
    }
    return int(connection.execute(runs.insert().values(row).returning(runs.c.id)).scalar_one())


def seal(connection: Connection, run: int, now: datetime, counts: Mapping[str, Any]) -> None:
    """Make the run visible, for good."""
    require(connection, run, OPEN)
    text = json.dumps(dict(counts), sort_keys=True)
    values = {"state": SEALED, "finished": utc(now), "counts": text}
    connection.execute(runs.update().where(runs.c.id == run).values(values))
    visits.seal(connection, run)
    captures.prune(connection, run)


def drop(connection: Connection, run: int, now: datetime) -> None:
    """Mark the run aborted and throw away what it saw; its number stays taken.

    Contents stay: the next run will most likely see them again.
    """
    require(connection, run, OPEN)
    connection.execute(runs.update().where(runs.c.id == run).values(state=ABORTED, finished=utc(now)))
    visits.drop(connection, run)
    captures.drop(connection, run)


def get(connection: Connection, run: int) -> Run | None:
    """The run of that number in any state."""
    row = connection.execute(sa.select(runs).where(runs.c.id == run)).mappings().one_or_none()
    return _run(row) if row else None


def recent(connection: Connection, limit: int) -> tuple[Run, ...]:
    """The latest runs in any state, newest first."""
    found = connection.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(limit)).mappings()
    return tuple(map(_run, found))


def last(connection: Connection, *, before: int | None, reconciled: bool) -> int | None:
    """The newest sealed run, earlier than *before* where that is given; with findings where *reconciled*."""
    query = sa.select(sa.func.max(runs.c.id)).where(runs.c.state == SEALED, runs.c.pruned == "")
    if before is not None:
        query = query.where(runs.c.id < before)
    if reconciled:
        query = query.where(runs.c.reconciled != "")
    newest = connection.scalar(query)
    return None if newest is None else int(newest)


def require(connection: Connection, run: int, *states: str) -> None:
    """Raise StoreError unless the run is in one of *states*."""
    found = connection.execute(sa.select(runs.c.state, runs.c.pruned).where(runs.c.id == run)).one_or_none()
    if found is None:
        raise StoreError(f"run {run} is not in the store; netcover show run lists them")
    state, pruned = found
    if pruned:
        oldest = connection.scalar(sa.select(sa.func.min(runs.c.id)).where(runs.c.state == SEALED, runs.c.pruned == ""))
        raise StoreError(
            f"run {run} was pruned on {pruned[:10]}, when its retention was over ([upkeep] in the settings);"
            f" the oldest run that is kept is {oldest}"
        )
    if state not in states:
        raise StoreError(f"run {run} is {state}, not {' or '.join(states)}; only a sealed run can be read")


def _run(row: RowMapping) -> Run:
    return Run(**{**row, "counts": json.loads(row["counts"])})
