"""Slots: each once, whatever the clock does, with APScheduler's own triggers and a clock that the test moves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.crontab import cron_trigger
from agent.errors import SettingsError
from agent.schedule import following, newest, plan
from agent.scheduler import Ended, Scheduler
from agent.settings import Settings, load
from agent.settings_agent import JOBS, chain
from agent.store import open_store, slots

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def settings(path: Path, text: str) -> Settings:
    (path / "netcover.toml").write_text(text)
    return load(path / "netcover.toml")


def only(path: Path, schedule: str, zone: str = "Europe/Berlin") -> Settings:
    """Settings in which collecting alone has a time."""
    others = "".join(f"[agent.jobs.{name}]\nenabled = false\n" for name in JOBS if name != "collect")
    return settings(path, f'[agent]\ntime_zone = "{zone}"\n[agent.jobs.collect]\n{schedule}\n{others}')


class World:
    """A clock that is set by hand, the agent's scheduler, and what it ran."""

    def __init__(self, path: Path, known: Settings, start: datetime) -> None:
        self.url = f"sqlite:///{path / 'netcover.db'}"
        self.known, self.time, self.ticks = known, start, 0.0
        self.ran: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.scheduler: Scheduler | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.ending = Ended(slots.DONE)

    async def perform(self, job, slot):
        self.ran.append(slot.key)
        await self.gate.wait()
        if self.ending.state == "raise":
            raise RuntimeError("a job that raises")
        return self.ending

    async def __aenter__(self):
        self.store = open_store(self.url, clock=lambda: self.time)
        self.scheduler = Scheduler(
            self.store, self.perform, lambda *told: self.told.append(told), lambda: self.time, lambda: self.ticks
        )
        await self.scheduler.__aenter__()
        self.scheduler.plan(plan(self.known))
        return self

    async def __aexit__(self, *error):
        await self.scheduler.__aexit__()
        self.store.close()

    async def settle(self) -> None:
        """Let everything that can run, run."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def to(self, moment: datetime, step: timedelta = 10 * MINUTE) -> None:
        """Time goes by, with a heartbeat each step."""
        while self.time < moment:
            self.time = min(moment, self.time + step)
            self.ticks += step.total_seconds()
            self.scheduler.beat()
            await self.settle()

    async def set_clock(self, moment: datetime) -> None:
        """The clock is set, or the machine slept: the monotonic clock did not move."""
        self.time = moment
        self.scheduler.beat()
        await self.settle()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_night_of_both_changes_to_and_from_summer_time_has_one_slot(tmp_path):
    async def story(first: str, last: str) -> list[str]:
        folder = tmp_path / first
        folder.mkdir()
        async with World(folder, only(folder, 'cron = "30 2 * * *"'), utc(first)) as world:
            await world.to(utc(last))
        return world.ran

    spring = asyncio.run(story("2026-03-27T12:00", "2026-03-31T12:00"))
    autumn = asyncio.run(story("2026-10-23T12:00", "2026-10-27T12:00"))

    assert spring == ["2026-03-28T02:30:00", "2026-03-29T03:30:00", "2026-03-30T02:30:00", "2026-03-31T02:30:00"]
    assert autumn == ["2026-10-24T02:30:00", "2026-10-25T02:30:00", "2026-10-26T02:30:00", "2026-10-27T02:30:00"]


def test_a_job_of_every_hour_runs_in_both_hours_that_the_clock_shows_twice(tmp_path):
    async def story() -> list[str]:
        known = only(tmp_path, 'cron = "0 * * * *"')
        async with World(tmp_path, known, utc("2026-10-24T23:30")) as world:
            await world.to(utc("2026-10-25T02:30"))
        return world.ran

    assert asyncio.run(story()) == ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"]


def test_a_clock_that_is_set_back_and_forth_runs_no_slot_twice(tmp_path):
    async def story() -> list[str]:
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2026-05-01T00:00")) as world:
            await world.to(utc("2026-05-02T03:00"))
            await world.set_clock(utc("2026-05-02T01:00"))
            await world.to(utc("2026-05-02T04:00"))
            await world.set_clock(utc("2026-05-01T02:00"))
            await world.to(utc("2026-05-01T03:00"))
            await world.set_clock(utc("2026-05-03T02:00"))
            await world.to(utc("2026-05-03T03:00"))
        return world.ran

    assert asyncio.run(story()) == ["2026-05-01T02:30:00", "2026-05-02T02:30:00", "2026-05-03T02:30:00"]


def test_a_clock_that_was_a_year_ahead_costs_one_slot_and_stops_none_after_it(tmp_path):
    async def story() -> list[str]:
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2026-05-01T00:00")) as world:
            await world.to(utc("2026-05-01T12:00"))
            await world.set_clock(utc("2027-05-01T12:00"))
            await world.set_clock(utc("2026-05-01T12:01"))
            await world.to(utc("2026-05-02T12:00"))
        return world.ran

    assert asyncio.run(story()) == ["2026-05-01T02:30:00", "2027-05-01T02:30:00", "2026-05-02T02:30:00"]


def test_an_agent_that_was_first_started_with_a_clock_ahead_goes_on_when_it_is_put_right(tmp_path):
    async def story() -> list[str]:
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2036-05-01T00:00")) as world:
            await world.set_clock(utc("2026-05-01T12:00"))
            await world.to(utc("2026-05-02T12:00"))
        return world.ran

    assert asyncio.run(story()) == ["2026-05-02T02:30:00"]


def test_a_machine_that_slept_for_a_week_catches_up_once_and_says_so(tmp_path):
    async def story() -> World:
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2026-05-01T00:00")) as world:
            await world.to(utc("2026-05-01T03:00"))
            await world.set_clock(utc("2026-05-08T09:00"))
            await world.to(utc("2026-05-08T12:00"))
        return world

    world = asyncio.run(story())

    assert world.ran == ["2026-05-01T02:30:00", "2026-05-08T02:30:00"]
    assert world.told == [("missed", "collect of 2026-05-08T02:30:00 was missed: it runs 6.5 h late")]


def test_a_slot_missed_while_no_agent_ran_is_caught_up_once_after_the_start_and_never_again(tmp_path):
    async def story() -> list[str]:
        known, ran = only(tmp_path, 'cron = "30 2 * * *"', "UTC"), []
        for start, end in (
            ("2026-05-01T00:00", "2026-05-01T03:00"),
            ("2026-05-04T10:00", "2026-05-04T11:00"),
            ("2026-05-04T12:00", "2026-05-04T13:00"),
        ):
            async with World(tmp_path, known, utc(start)) as world:
                await world.settle()
                await world.to(utc(end))
            ran.append(world.ran)
        return ran

    assert asyncio.run(story()) == [["2026-05-01T02:30:00"], ["2026-05-04T02:30:00"], []]


def test_the_first_start_and_a_new_schedule_catch_up_nothing(tmp_path):
    async def story() -> list[str]:
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2026-05-01T12:00")) as world:
            await world.settle()
            world.scheduler.plan(plan(only(tmp_path, 'cron = "30 8 * * *"', "UTC")))
            await world.to(utc("2026-05-02T07:00"))
        return world.ran

    assert asyncio.run(story()) == []


def test_a_slot_that_is_asked_for_many_times_runs_once(tmp_path):
    async def story() -> list[str]:
        async with World(tmp_path, only(tmp_path, 'every = "6h"'), utc("2026-05-01T05:00")) as world:
            world.time = utc("2026-05-01T06:00")
            for _ in range(5):
                world.scheduler.look()
            await world.settle()
            for _ in range(5):
                await world.scheduler._at_start()
                await world.settle()
        return world.ran

    assert asyncio.run(story()) == ["2026-05-01T06:00:00Z"]


def test_a_slot_that_comes_while_its_job_still_runs_is_skipped_written_down_and_told(tmp_path):
    async def story() -> World:
        async with World(tmp_path, only(tmp_path, 'every = "1h"'), utc("2026-05-01T05:30")) as world:
            world.gate.clear()
            await world.to(utc("2026-05-01T07:30"))
            world.gate.set()
            await world.settle()
            await world.to(utc("2026-05-01T08:30"))
            world.rows = [(one.slot, one.state) for one in world.store.read(slots.recent_slots)]
        return world

    world = asyncio.run(story())

    assert world.ran == ["2026-05-01T06:00:00Z", "2026-05-01T08:00:00Z"]
    assert world.rows == [
        ("2026-05-01T08:00:00Z", "done"),
        ("2026-05-01T07:00:00Z", "skipped"),
        ("2026-05-01T06:00:00Z", "done"),
    ]
    text = "collect of 2026-05-01T07:00:00Z was skipped: the one before is still running"
    assert world.told == [("overrun", text)]


def test_a_slot_that_takes_longer_than_allowed_is_told_while_it_runs(tmp_path):
    async def story() -> World:
        known = only(tmp_path, 'every = "1h"\noverrun = "1ms"')
        async with World(tmp_path, known, utc("2026-05-01T05:30")) as world:
            world.gate.clear()
            await world.to(utc("2026-05-01T06:10"))
            while not world.told:
                await asyncio.sleep(0.001)
            assert world.store.read(slots.overruns) == {"collect": 1}
        return world

    text = "collect of 2026-05-01T06:00:00Z is running for more than 0.001 s"
    assert asyncio.run(story()).told == [("overrun", text)]


@pytest.mark.parametrize("ending", [Ended(slots.FAILED, "no way in"), Ended("raise")])
def test_a_slot_that_fails_is_written_down_and_the_next_one_runs(tmp_path, ending):
    async def story() -> World:
        async with World(tmp_path, only(tmp_path, 'every = "1h"'), utc("2026-05-01T05:30")) as world:
            world.ending = ending
            await world.to(utc("2026-05-01T07:30"))
            world.rows = [(one.state, one.reason) for one in world.store.read(slots.recent_slots)]
        return world

    world = asyncio.run(story())

    assert world.ran == ["2026-05-01T06:00:00Z", "2026-05-01T07:00:00Z"]
    assert set(world.rows) == {("failed", ending.text or world.rows[0][1])}
    assert ending.text or world.rows[0][1].startswith("unexpected RuntimeError at test_schedule.py:")


def test_a_slot_cut_short_by_a_stop_or_a_kill_runs_again_but_not_for_ever(tmp_path):
    async def story() -> list[list[str]]:
        known, ran = only(tmp_path, 'every = "24h"'), []
        async with World(tmp_path, known, utc("2026-05-01T05:30")):
            pass
        for _ in range(5):
            world = World(tmp_path, known, utc("2026-05-02T05:30"))
            world.gate.clear()  # the slot never ends
            async with world:
                await world.settle()
            ran.append(world.ran)
        return ran

    slot = ["2026-05-02T00:00:00Z"]
    assert asyncio.run(story()) == [slot, slot, slot, [], []]


def test_what_a_killed_agent_left_open_is_found_at_the_next_start(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'netcover.db'}") as store:
        noon = utc("2026-05-01T12:00")
        assert store.write(slots.claim, "collect", "k", noon, noon)
        assert not store.write(slots.claim, "collect", "k", noon, noon)

        left = store.write(slots.left_open, noon)

        assert [(one.job, one.slot, one.state) for one in left] == [("collect", "k", "started")]
        assert store.read(slots.last_slots)["collect"].state == "stopped"
        assert store.write(slots.claim, "collect", "k", noon, noon)
        assert store.read(slots.last_slots)["collect"].tries == 2


def test_jobs_wait_for_each_other(tmp_path):
    text = '[agent.jobs.collect]\nevery = "1h"\n[agent.jobs.prune]\nevery = "1h"\n'

    async def story() -> World:
        async with World(tmp_path, settings(tmp_path, text), utc("2026-05-01T05:30")) as world:
            world.gate.clear()
            await world.to(utc("2026-05-01T06:30"))
            assert world.ran == ["2026-05-01T06:00:00Z"]
            world.gate.set()
            await world.settle()
        return world

    assert asyncio.run(story()).ran == ["2026-05-01T06:00:00Z", "2026-05-01T06:00:00Z"]


def test_jitter_starts_a_slot_later_by_a_share_that_a_restart_does_not_draw_again(tmp_path):
    known = only(tmp_path, 'cron = "0 2 * * *"\njitter = "30m"', "UTC")
    (job,), (again,) = plan(known), plan(known)
    days = [utc("2026-05-01T12:00") + timedelta(days=n) for n in range(50)]

    slots_ = [following(job, day) for day in days]

    delays = [slot.start - slot.at for slot in slots_]
    assert slots_ == [following(again, day) for day in days]
    assert all(timedelta() <= delay < 30 * MINUTE for delay in delays)
    assert len(set(delays)) == 50
    before = newest(job, slots_[0].start - timedelta(milliseconds=1))
    assert (before.key, newest(job, slots_[0].start).key) == ("2026-05-01T02:00:00", "2026-05-02T02:00:00")


def test_apscheduler_wakes_at_the_starts_and_drops_none_for_being_late(tmp_path):
    async def story() -> list[tuple[object, ...]]:
        async with World(tmp_path, only(tmp_path, 'every = "6h"'), utc("2026-05-01T05:30")) as world:
            return [
                (job.id, job.misfire_grace_time, job.coalesce, job.max_instances, job.trigger.get_next_fire_time(
                    None, world.time))
                for job in world.scheduler._timer.get_jobs()
            ]  # fmt: skip

    assert asyncio.run(story()) == [("collect", None, True, 1, utc("2026-05-01T06:00"))]


def test_the_starts_are_computed_anew_after_the_clock_was_set_and_only_then(tmp_path):
    async def story() -> list[datetime]:
        starts = []
        async with World(tmp_path, only(tmp_path, 'cron = "30 2 * * *"', "UTC"), utc("2046-05-01T00:00")) as world:
            for move in (world.to, world.set_clock):
                starts.append(world.scheduler._timer.get_jobs()[0].next_run_time)
                await move(world.time + timedelta(hours=30))
            starts.append(world.scheduler._timer.get_jobs()[0].next_run_time)
        return starts

    assert asyncio.run(story()) == [utc("2046-05-01T02:30"), utc("2046-05-01T02:30"), utc("2046-05-04T02:30")]


def test_apscheduler_itself_runs_slots(tmp_path):
    async def story() -> list[str]:
        world = World(tmp_path, only(tmp_path, 'every = "1s"'), datetime.now(UTC))
        ran = asyncio.Event()

        async def perform(job, slot):
            world.ran.append(slot.key)
            if len(world.ran) == 2:
                ran.set()
            return Ended(slots.DONE)

        world.perform = perform
        async with Live(world):
            await asyncio.wait_for(ran.wait(), 20)
        return world.ran

    first, second = asyncio.run(story())[:2]
    assert first < second


class Live:
    """A world whose clock is the real one."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def __aenter__(self):
        world = self.world
        world.store = open_store(world.url)
        world.scheduler = Scheduler(world.store, world.perform, print, lambda: datetime.now(UTC))
        await world.scheduler.__aenter__()
        world.scheduler.plan(plan(world.known))

    async def __aexit__(self, *error):
        await self.world.__aexit__()


def test_the_default_slot_reads_imports_judges_and_exports_in_this_order():
    jobs = Settings().agent.jobs

    assert chain("collect", jobs) == ("collect", "import", "reconcile", "export")
    assert chain("prune", jobs) == ("prune", "backup")


def test_a_disabled_job_is_passed_through(tmp_path):
    known = settings(tmp_path, "[agent.jobs.import]\nenabled = false\n[agent.jobs.collect]\nenabled = false\n")

    assert chain("collect", known.agent.jobs) == ("reconcile", "export")
    assert [job.name for job in plan(known)] == ["prune"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 3 * * 0", ["2026-05-03", "2026-05-10"]),
        ("0 3 * * 7", ["2026-05-03", "2026-05-10"]),
        ("0 3 * * 1", ["2026-05-04", "2026-05-11"]),
        ("0 3 * * 5-7", ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-08"]),
        ("0 3 * * 0-1", ["2026-05-03", "2026-05-04", "2026-05-10"]),
        ("0 3 * * sat", ["2026-05-02", "2026-05-09"]),
        ("0 3 1 * *", ["2026-05-01", "2026-06-01"]),
        ("0 3 29 2 *", ["2028-02-29", "2032-02-29"]),
    ],
)
def test_weekdays_are_those_of_crontab(text, days):
    trigger, fires = cron_trigger(text, UTC), []
    moment = utc("2026-05-01T00:00")
    while len(fires) < len(days):
        moment = trigger.get_next_fire_time(None, moment)
        fires.append(f"{moment:%Y-%m-%d}")
        moment += MINUTE
    assert fires == days


def test_the_newest_slot_is_found_however_rare_it_is(tmp_path):
    (job,) = plan(only(tmp_path, 'cron = "0 3 29 2 *"', "UTC"))

    assert newest(job, utc("2027-05-01T00:00")).key == "2024-02-29T03:00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[agent.jobs.collect]\ncron = "15 2 * *"', "is no cron expression; write five fields such as"),
        ('[agent.jobs.collect]\ncron = "99 2 * * *"', "is no cron expression"),
        ('[agent.jobs.collect]\ncron = "0 2 * * 8"', "is no cron expression"),
        ('[agent.jobs.collect]\ncron = "0 2 1 * 1"', "names days of the month and of the week"),
        ('[agent.jobs.collect]\ncron = "0 2 * * *"\nevery = "1h"', "has cron and every; give it one of"),
        ('[agent.jobs.colect]\ncron = "0 2 * * *"', "no job is called 'colect'; did you mean 'collect'?"),
        ('[agent.jobs.export]\nafter = "recncile"', "no job is called 'recncile'; did you mean 'reconcile'?"),
        ('[agent.jobs.collect]\nafter = "export"', "collect would wait for itself"),
        ('[agent.jobs.export]\nafter = "collect"\njitter = "5m"', "jitter goes with cron or every"),
        ('[agent]\ntime_zone = "Europe/Berln"', "is no time zone"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_the_cure(tmp_path, text, said):
    with pytest.raises(SettingsError, match=r"netcover\.toml") as refused:
        settings(tmp_path, text)
    assert said in str(refused.value)
