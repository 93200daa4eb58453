"""The ledger of slots and jobs: what was to run when, and what came of it.

A slot is there once for each job and key, whoever runs it and whatever the clock did. `job_runs` has a line for each
job that ran, in a slot or by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from agent.store.runs import utc
from agent.store.schema import job_runs, slot_schedules, slots

STARTED: Final = "started"
DONE: Final = "done"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
STOPPED: Final = "stopped"
"""Begun and not ended: the agent was told to stop, or died. Such a slot is run again."""
_TRIES: Final = 3
"""Starts of one slot; one that takes the whole machine down must not do so for ever."""
_KEPT: Final = 2_000
"""Lines of each job that are kept."""


@dataclass(frozen=True, slots=True)
class SlotRun:
    """A slot as the ledger has it; times are ISO in UTC, "" where it never was."""

    job: str
    slot: str
    due: str
    started: str
    finished: str
    state: str
    tries: int
    reason: str
    overran: int
    """1 where it took longer than its job may."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One job that ran."""

    job: str
    slot: str
    """"" where it was started by hand."""
    started: str
    finished: str
    state: str
    seconds: float
    reason: str


def since(connection: Connection, job: str, schedule: str, now: datetime) -> datetime:
    """From when on the job has this schedule: slots before it are none of ours.

    A time that lies ahead was written by a clock that was wrong: now is taken.
    """
    row = connection.execute(sa.select(slot_schedules).where(slot_schedules.c.job == job)).mappings().one_or_none()
    if row and row["schedule"] == schedule and row["since"] <= utc(now):
        return datetime.fromisoformat(row["since"].replace("Z", "+00:00"))
    connection.execute(slot_schedules.delete().where(slot_schedules.c.job == job))
    connection.execute(slot_schedules.insert().values(job=job, schedule=schedule, since=utc(now)))
    return now.astimezone(UTC).replace(microsecond=0)


def is_open(connection: Connection, job: str, slot: str) -> bool:
    """Whether the slot may still run: not in the ledger, or begun and not ended."""
    row = _row(connection, job, slot)
    return row is None or (row.state == STOPPED and row.tries < _TRIES)


def claim(connection: Connection, job: str, slot: str, due: datetime, now: datetime, state: str = STARTED) -> bool:
    """Take the slot; False where it is taken already."""
    if not is_open(connection, job, slot):
        return False
    tries = row.tries if (row := _row(connection, job, slot)) else 0
    connection.execute(slots.delete().where(slots.c.job == job, slots.c.slot == slot))
    values = {"job": job, "slot": slot, "due": utc(due), "started": utc(now), "state": state, "tries": tries + 1}
    connection.execute(slots.insert().values(values))
    _thin(connection, slots, job)
    return True


def end(connection: Connection, job: str, slot: str, now: datetime, state: str, reason: str = "") -> None:
    """Say what came of a slot that was claimed."""
    mine = (slots.c.job == job) & (slots.c.slot == slot)
    connection.execute(slots.update().where(mine).values(finished=utc(now), state=state, reason=reason))


def overran(connection: Connection, job: str, slot: str) -> None:
    """Mark a slot that takes longer than its job may."""
    connection.execute(slots.update().where(slots.c.job == job, slots.c.slot == slot).values(overran=1))


def overruns(connection: Connection) -> dict[str, int]:
    """How many of the kept slots of each job took too long, or were skipped because the one before did."""
    bad = (slots.c.overran == 1) | (slots.c.state == SKIPPED)
    rows = connection.execute(sa.select(slots.c.job, sa.func.count()).where(bad).group_by(slots.c.job))
    return {job: int(count) for job, count in rows}


def left_open(connection: Connection, now: datetime) -> tuple[SlotRun, ...]:
    """End as `STOPPED` what an agent that died had begun; only the one agent there is may call this."""
    found = connection.execute(sa.select(slots).where(slots.c.state == STARTED).order_by(slots.c.id)).mappings().all()
    reason = "the agent ended in the middle of it"
    values = {"state": STOPPED, "finished": utc(now), "reason": reason}
    connection.execute(slots.update().where(slots.c.state == STARTED).values(values))
    return tuple(map(_slot, found))


def last_slots(connection: Connection) -> dict[str, SlotRun]:
    """The newest slot of each job, by the order in which they were claimed."""
    newest = sa.select(sa.func.max(slots.c.id)).group_by(slots.c.job)
    found = connection.execute(sa.select(slots).where(slots.c.id.in_(newest))).mappings()
    return {row["job"]: _slot(row) for row in found}


def recent_slots(connection: Connection, job: str = "", limit: int = 20) -> tuple[SlotRun, ...]:
    """The latest slots, of one job or of all, newest first."""
    query = sa.select(slots).order_by(slots.c.id.desc()).limit(limit)
    found = connection.execute(query.where(slots.c.job == job) if job else query).mappings()
    return tuple(map(_slot, found))


def note_job(
    connection: Connection,
    job: str,
    slot: str,
    started: datetime,
    now: datetime,
    seconds: float,
    state: str,
    reason: str,
) -> None:
    """Write down a job that ran, whatever came of it."""
    values = {"started": utc(started), "finished": utc(now), "seconds": seconds, "state": state, "reason": reason}
    connection.execute(job_runs.insert().values(job=job, slot=slot, **values))
    _thin(connection, job_runs, job)


def last_jobs(connection: Connection) -> dict[str, JobRun]:
    """The newest run of each job."""
    newest = sa.select(sa.func.max(job_runs.c.id)).group_by(job_runs.c.job)
    found = connection.execute(sa.select(job_runs).where(job_runs.c.id.in_(newest))).mappings()
    return {row["job"]: JobRun(**{name: value for name, value in row.items() if name != "id"}) for row in found}


def _row(connection: Connection, job: str, slot: str) -> SlotRun | None:
    query = sa.select(slots).where(slots.c.job == job, slots.c.slot == slot)
    row = connection.execute(query).mappings().one_or_none()
    return _slot(row) if row else None


def _slot(row: RowMapping) -> SlotRun:
    return SlotRun(**{name: value for name, value in row.items() if name != "id"})


def _thin(connection: Connection, table: sa.Table, job: str) -> None:
    """Drop all but the newest lines of a job."""
    ids = sa.select(table.c.id).where(table.c.job == job).order_by(table.c.id.desc())
    oldest = connection.scalar(ids.offset(_KEPT).limit(1))
    if oldest is not None:
        connection.execute(table.delete().where(table.c.job == job, table.c.id <= oldest))
