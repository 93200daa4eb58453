"""Running slots: APScheduler wakes it, the ledger in the store decides, one slot runs at a time.

APScheduler waits on a monotonic clock and computes each next start once. So a machine that slept, and a clock that was
set, are noticed by a heartbeat that compares both clocks, and every start is asked for anew. Which slot is due is
never its word: `look` takes the newest one that the ledger does not have, whoever calls and however often.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]  # it has no types
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]  # it has no types

from agent.errors import AgentError, sentence
from agent.schedule import Job, Slot, following, newest
from agent.store import Store, slots

BEAT: Final = 15.0
"""Seconds between two heartbeats, fewer where systemd's watchdog asks for it."""
_STEP: Final = 5.0
"""Seconds by which the wall clock may part from the monotonic one within a heartbeat before it counts as set."""
_LATE: Final = timedelta(minutes=2)
"""Later than this a slot is said to be caught up, in the log."""
_MISSED: Final = timedelta(hours=1)
"""Later than this people are told."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a slot."""

    state: str
    """`slots.DONE`, `slots.FAILED` or `slots.STOPPED`."""
    text: str = ""


Perform = Callable[[Job, Slot], Awaitable[Ended]]
"""Does the jobs of a slot."""
Tell = Callable[[str, str], None]
"""Takes an event of the agent: kind, text."""


@dataclass(slots=True)
class Scheduler:
    """Runs the slots of jobs while the block runs.

    async with Scheduler(store, perform, tell, now) as scheduler:
        scheduler.plan(jobs)
    """

    store: Store
    perform: Perform
    tell: Tell
    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    jobs: tuple[Job, ...] = ()
    running: str = ""
    """The job that runs now."""
    _timer: AsyncIOScheduler = field(default_factory=lambda: AsyncIOScheduler(timezone=UTC))
    _queue: asyncio.Queue[Job] = field(default_factory=asyncio.Queue)
    _queued: set[str] = field(default_factory=set)
    _since: dict[str, datetime] = field(default_factory=dict)
    _settled: dict[str, str] = field(default_factory=dict)
    """The newest slot of each job that the ledger is known to have: it is not asked twice."""
    _clocks: tuple[datetime, float] | None = None
    _worker: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Scheduler:
        for left in self.store.write(slots.left_open, self.now()):
            structlog.get_logger().warning("slot was left open", job=left.job, slot=left.slot, tries=left.tries)
        self._timer.start()
        self._worker = asyncio.create_task(self._work(), name="slots")
        return self

    async def __aexit__(self, *error: object) -> None:
        self._timer.shutdown(wait=False)
        if self._worker:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def plan(self, jobs: Sequence[Job]) -> None:
        """Take these jobs in the place of those before, and look what is due."""
        now = self.now()
        self.jobs = tuple(jobs)
        self._since = {job.name: self.store.write(slots.since, job.name, job.schedule, now) for job in jobs}
        self._settled = {}
        self._wake_at_starts()
        self.look()

    def look(self) -> None:
        """Queue the newest slot of every job that is due. Harmless at any time."""
        now = self.now()
        for job in self.jobs:
            slot = self.due(job, now)
            if slot is None or job.name in self._queued:
                continue
            if job.name == self.running:
                self._skip(job, slot, now)
            else:
                self._queued.add(job.name)
                self._queue.put_nowait(job)

    def due(self, job: Job, now: datetime) -> Slot | None:
        """The slot of *job* that is to run now, None where there is none."""
        if now < self._since[job.name]:  # the clock was ahead when the job was first met
            self._since[job.name] = self.store.write(slots.since, job.name, job.schedule, now)
        slot = newest(job, now)
        if slot is None or slot.start <= self._since[job.name] or self._settled.get(job.name) == slot.key:
            return None
        if self.store.read(slots.is_open, job.name, slot.key):
            return slot
        self._settled[job.name] = slot.key
        return None

    def beat(self) -> None:
        """What a heartbeat does: after a sleep or a change of the clock all starts are computed anew."""
        now, ticks = self.now(), self.monotonic()
        before, self._clocks = self._clocks, (now, ticks)
        if before and abs((now - before[0]).total_seconds() - (ticks - before[1])) > _STEP:
            seconds = round((now - before[0]).total_seconds() - (ticks - before[1]))
            structlog.get_logger().warning("the clock was set, or the machine slept", seconds=seconds)
            self._wake_at_starts()
        self.look()

    @property
    def lives(self) -> bool:
        """Whether slots are still being run."""
        return self._worker is not None and not self._worker.done()

    def next_start(self) -> tuple[str, datetime] | None:
        """The next job and its start."""
        now = self.now()
        starts = [(slot.start, job.name) for job in self.jobs if (slot := following(job, now))]
        return (min(starts)[1], min(starts)[0]) if starts else None

    def _wake_at_starts(self) -> None:
        self._timer.remove_all_jobs()
        for job in self.jobs:
            self._timer.add_job(
                self._at_start,
                _Starts(job, self.now),
                id=job.name,
                misfire_grace_time=None,  # its default is one second, and what is later is dropped without a word
                coalesce=True,
                max_instances=1,
            )

    async def _at_start(self) -> None:
        try:
            self.look()
        except AgentError as error:
            structlog.get_logger().error("the ledger of slots cannot be read", said=str(error))

    async def _work(self) -> None:
        """Run what is queued, one at a time, whatever becomes of it."""
        while True:
            job = await self._queue.get()
            self.running = job.name
            self._queued.discard(job.name)
            try:
                await self._run(job)
            except Exception as error:
                structlog.get_logger().error("slot failed", job=job.name, said=sentence(error))
            finally:
                self.running = ""

    async def _run(self, job: Job) -> None:
        now = self.now()
        slot = self.due(job, now)
        if slot is None or not self.store.write(slots.claim, job.name, slot.key, slot.at, now):
            return
        log = structlog.get_logger().bind(job=job.name, slot=slot.key)
        late = now - slot.start
        log.info("slot started", **({"caught_up_after_s": int(late.total_seconds())} if late > _LATE else {}))
        if late > _MISSED:
            hours = late.total_seconds() / 3600
            self.tell("missed", f"{job.name} of {slot.key} was missed: it runs {hours:.1f} h late")
        clock = self.monotonic()
        overrun = asyncio.get_running_loop().call_later(job.overrun, self._overran, job, slot)
        ended = Ended(slots.STOPPED, "the agent was told to stop")
        try:
            ended = await self.perform(job, slot)
        except Exception as error:
            ended = Ended(slots.FAILED, sentence(error))
        finally:
            overrun.cancel()
            self.store.write(slots.end, job.name, slot.key, self.now(), ended.state, ended.text)
            say = log.info if ended.state == slots.DONE else log.error
            say(f"slot {ended.state}", seconds=round(self.monotonic() - clock, 1), said=ended.text)

    def _skip(self, job: Job, slot: Slot, now: datetime) -> None:
        if self.store.write(slots.claim, job.name, slot.key, slot.at, now, slots.SKIPPED):
            text = f"{job.name} of {slot.key} was skipped: the one before is still running"
            self.store.write(slots.end, job.name, slot.key, now, slots.SKIPPED, text)
            structlog.get_logger().warning("slot skipped", job=job.name, slot=slot.key, said=text)
            self.tell("overrun", text)

    def _overran(self, job: Job, slot: Slot) -> None:
        self.store.write(slots.overran, job.name, slot.key)
        text = f"{job.name} of {slot.key} is running for more than {job.overrun:g} s"
        structlog.get_logger().warning("slot overran", job=job.name, slot=slot.key, said=text)
        self.tell("overrun", text)


class _Starts(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The starts of a job's slots, for APScheduler. It knows the clock of its own only by what it is given."""

    def __init__(self, job: Job, now: Callable[[], datetime]) -> None:
        self._job, self._now = job, now

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> Any:
        """The first start after the last one and after now: those in between are `look`'s to catch up."""
        slot = following(self._job, max(filter(None, (previous_fire_time, now, self._now()))))
        return slot.start if slot else None
