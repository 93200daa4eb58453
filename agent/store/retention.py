"""Retention: sealed runs that are old enough go, with all that only they needed.

What stays of a run that goes: its row, the observations that last into a run that is kept, the last reading of each
device, every observation of a unit that an open finding names, and the answers kept as evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Table

from agent.store.packed import unpack
from agent.store.runs import utc
from agent.store.schema import (
    PLACE,
    SEALED,
    blobs,
    captures,
    contents,
    finding_rows,
    observations,
    run_findings,
    run_inputs,
    run_lines,
    run_visits,
    runs,
    section_sets,
    units,
    visits,
)
from collectors.model import Outcome

_BATCH: Final = 500
_READ: Final = (str(Outcome.COMPLETE), str(Outcome.PARTIAL))
_CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning threw away, and what is left."""

    runs: tuple[int, ...]
    observations: int
    findings: int
    blobs: int
    kept: int
    """Sealed runs that can be read."""
    oldest: int | None
    """The oldest of them."""


def prune(connection: Connection, *, keep_runs: int, keep_days: int, now: datetime) -> Pruned:
    """Throw away the sealed runs older than *keep_days*, but for the newest *keep_runs* and the newest reconciled one.

    Age is counted back from the newest run, or from *now* where that is earlier: neither a clock that ran ahead nor an
    agent that stood still for a year empties a store.
    """
    kept, gone = _divided(connection, keep_runs, keep_days, now)
    oldest = kept[0] if kept else None
    if oldest is None or not gone:
        return Pruned((), 0, 0, 0, len(kept), oldest)
    for table in (run_visits, run_findings, run_lines, run_inputs):
        connection.execute(table.delete().where(table.c.run_id < oldest))
    seen = _forget_observations(connection, oldest)
    found = _forget_findings(connection)
    freed = _forget_blobs(connection, oldest)
    for start in range(0, len(gone), _BATCH):
        chosen = runs.c.id.in_(gone[start : start + _BATCH])
        connection.execute(runs.update().where(chosen).values(pruned=utc(now)))
    return Pruned(tuple(gone), seen, found, freed, len(kept), oldest)


def _divided(connection: Connection, keep_runs: int, keep_days: int, now: datetime) -> tuple[list[int], list[int]]:
    """The sealed runs to keep and those to throw away, both oldest first: one number parts them."""
    query = sa.select(runs.c.id, runs.c.started, runs.c.reconciled)
    rows = connection.execute(query.where(runs.c.state == SEALED, runs.c.pruned == "").order_by(runs.c.id)).all()
    if not rows:
        return [], []
    newest = min(now, datetime.fromisoformat(rows[-1].started).astimezone(UTC))
    edge = utc(newest - timedelta(days=keep_days))
    needed = [row.id for row in rows[-keep_runs:]]
    needed += [row.id for row in rows if row.started >= edge]
    needed += [row.id for row in rows if row.reconciled][-1:]
    first = min(needed)
    return [row.id for row in rows if row.id >= first], [row.id for row in rows if row.id < first]


def _forget_observations(connection: Connection, oldest: int) -> int:
    later = observations.alias("later")
    last_reading = sa.and_(
        observations.c.outcome.in_(_READ),
        ~sa.exists().where(
            *(later.c[name] == observations.c[name] for name in (*PLACE, "outcome")),
            later.c.last_run > observations.c.last_run,
        ),
    )
    in_open_run = sa.exists().where(visits.c.observation_id == observations.c.id)
    needed = _contents_of_open_findings(connection)
    candidates = connection.execute(
        sa.select(observations.c.id, observations.c.content_id).where(
            observations.c.last_run < oldest, ~last_reading, ~in_open_run
        )
    ).all()
    gone = [row.id for row in candidates if row.content_id not in needed]
    _delete(connection, observations, gone)
    for table, column in ((contents, "content_id"), (section_sets, "set_id")):
        connection.execute(table.delete().where(~sa.exists().where(observations.c[column] == table.c.id)))
    return len(gone)


def _contents_of_open_findings(connection: Connection) -> set[int]:
    """The contents that hold a unit which an open finding of the newest reconciled run names."""
    newest = sa.select(sa.func.max(runs.c.id)).where(runs.c.state == SEALED, runs.c.reconciled != "").scalar_subquery()
    data = connection.scalar(sa.select(run_findings.c.data).where(run_findings.c.run_id == newest))
    if data is None:
        return set()
    listed = set(unpack(data, ("row",))["row"])
    said = finding_rows.c
    query = sa.select(said.id, said.serial, said.new_serial).where(said.status != _CLOSED)
    serials = {serial for row in connection.execute(query) if row.id in listed for serial in row[1:] if serial}
    holding = sa.select(units.c.content_id, units.c.serial).where(units.c.serial != "").distinct()
    return {row.content_id for row in connection.execute(holding) if row.serial in serials}


def _forget_findings(connection: Connection) -> int:
    """What no list names any more."""
    listed: set[int] = set()
    for data in connection.scalars(sa.select(run_findings.c.data)):
        listed |= set(unpack(data, ("row",))["row"])
    gone = [number for number in connection.scalars(sa.select(finding_rows.c.id)).all() if number not in listed]
    _delete(connection, finding_rows, gone)
    return len(gone)


def _forget_blobs(connection: Connection, oldest: int) -> int:
    """The evidence of devices that nothing is known of any more, then every blob that nothing points at."""
    known = [observations.c[name] == captures.c[name] for name in PLACE]
    connection.execute(captures.delete().where(captures.c.run_id < oldest, ~sa.exists().where(*known)))
    unused: list[ColumnElement[bool]] = [
        ~sa.exists().where(table.c.blob_id == blobs.c.id) for table in (captures, run_lines, run_inputs)
    ]
    return connection.execute(blobs.delete().where(*unused)).rowcount


def _delete(connection: Connection, table: Table, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), _BATCH):
        connection.execute(table.delete().where(table.c.id.in_(numbers[start : start + _BATCH])))
