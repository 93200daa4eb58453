"""When jobs run: slots, and which of them is due. Nothing here looks at the wall clock or keeps anything.

A slot has a key that is the same whatever the clock does in between. The key of a cron job is its local time, so the
hour that a clock shows twice in autumn holds each slot once (but for jobs of every hour), and a time that is left out
in spring is the first moment after it. An interval is counted from 1970-01-01 UTC.

What is due is the newest slot that has begun and is not in the ledger: a slot that was missed is caught up once,
however many were missed, and a clock that goes back runs none of them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]  # it has no types
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # it has no types

from agent.crontab import cron_trigger, every_hour
from agent.settings import Settings
from agent.settings_agent import JOBS, JobSettings, chain

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BACK: Final = tuple(timedelta(hours=hours) for hours in (1, 25, 24 * 8, 24 * 32, 24 * 400, 24 * 366 * 5))
"""How far back the newest slot is looked for; a minute's job is found in the first hour, a leap day's in the last."""
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A job with a time of its own, and those that follow it in the same slot."""

    name: str
    chain: tuple[str, ...]
    """What a slot does, in order; the job itself first."""
    trigger: BaseTrigger
    zone: tzinfo
    local: bool
    """Whether a slot is named by its local time, else by UTC."""
    jitter: timedelta
    overrun: float
    """Seconds."""
    schedule: str
    """Changes when the times of the slots do."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at which a job is to run."""

    key: str
    at: datetime
    """UTC."""
    start: datetime
    """`at` and its share of the jitter."""


def plan(settings: Settings) -> tuple[Job, ...]:
    """The jobs that have times of their own, in the order of `JOBS`; disabled ones are left out."""
    jobs = settings.agent.jobs
    zone = settings.agent.zone(settings.timezone)
    return tuple(_job(name, jobs, zone) for name in JOBS if jobs[name].enabled and not jobs[name].after)


def newest(job: Job, now: datetime) -> Slot | None:
    """The newest slot whose start has come, None where there was none in years."""
    for back in _BACK:
        begun = [slot for slot in _slots(job, now - back, now) if slot.start <= now]
        if begun:
            return begun[-1]
    return None


def following(job: Job, now: datetime) -> Slot | None:
    """The first slot whose start is still to come: what `netcover status` shows."""
    begin = now - job.jitter
    while fire := job.trigger.get_next_fire_time(None, begin):
        slot = _slot(job, fire)
        if slot.start > now:
            return slot
        begin = slot.at + _MOMENT
    return None


def _job(name: str, jobs: Mapping[str, JobSettings], zone: tzinfo) -> Job:
    said = jobs[name]
    jitter = timedelta(seconds=said.jitter or 0)
    rest = f"{jitter.total_seconds():g} s {zone}"
    if said.cron:
        trigger: BaseTrigger = cron_trigger(said.cron, zone)
        local, schedule = not every_hour(said.cron), f"cron {said.cron} {rest}"
    else:
        trigger = IntervalTrigger(seconds=int(said.every or 1) or 1, start_date=_EPOCH, timezone=UTC)
        local, schedule = False, f"every {said.every:g} s {rest}"
    return Job(name, chain(name, jobs), trigger, zone, local, jitter, said.overrun, schedule)


def _slots(job: Job, begin: datetime, end: datetime) -> Iterator[Slot]:
    """The slots from *begin* to *end*, oldest first."""
    fire = job.trigger.get_next_fire_time(None, begin)
    while fire is not None and fire <= end:
        yield _slot(job, fire)
        fire = job.trigger.get_next_fire_time(fire, fire)


def _slot(job: Job, fire: datetime) -> Slot:
    at = fire.astimezone(UTC)
    key = f"{at.astimezone(job.zone):%Y-%m-%dT%H:%M:%S}" if job.local else f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return Slot(key, at, at + job.jitter * _share(job.name, key))


def _share(name: str, key: str) -> float:
    """A number from 0 to 1 that only the job and the slot decide: a restart does not draw it again."""
    digest = hashlib.blake2b(f"{name} {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
