"""Retention and backups: what goes, what must stay, and that a bad backup never takes the place of a good one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import StoreBusyError, StoreError
from agent.export import earlier_run
from agent.settings import Settings
from agent.settings_upkeep import Upkeep
from agent.store import Store, backup, open_store
from agent.upkeep import backup as back_up
from agent.upkeep import prune
from collectors.model import Observation, Outcome
from reconcile.tables import FINDINGS, LINES, table
from tests.agent.parts import NOON, a_run, a_unit, begin, seen

SHORT = Settings(upkeep=Upkeep(keep_days=3, keep_runs=2))
DOWN = replace(seen("10.20.0.2"), outcome=Outcome.TIMEOUT, units=(), sections=(), software=(), licences=(), captures=())


class Clock:
    """The store's clock, a day a run."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url, clock):
    with open_store(url, clock=clock, wait=0) as opened:
        yield opened


def days(store: Store, clock: Clock, *polled: tuple[Observation, ...]) -> None:
    """A run a day; the clock stands at the last one's noon."""
    for n, observations in enumerate(polled):
        clock.now = NOON + timedelta(days=n)
        a_run(store, *(replace(one, started=clock.now) for one in observations))


def found(serial: str, status: str = "open") -> dict[str, str]:
    return {"key": f"COV-NONE-{serial}", "rule": "COV-NONE", "status": status, "serial": serial}


def counts(url: str, *tables: str) -> dict[str, int]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def test_runs_past_their_retention_go_with_what_only_they_needed(url, store, clock):
    days(store, clock, *((seen("10.20.0.1", a_unit(f"A{n}")),) for n in range(8)))
    for run in range(1, 9):
        store.save_lines(run, table(LINES, [{"source": "cisco", "serial": f"L{run}"}]))
        store.save_findings(run, table(FINDINGS, [found(f"F{run}")]))

    said = prune(store, SHORT, clock.now)

    assert said == (
        "4 runs pruned (run 1 to run 4), with 4 observations, 4 findings, 4 stored answers or lists;"
        " 4 runs kept, the oldest is run 5"
    )
    assert counts(
        url, "contents", "observations", "run_visits", "run_findings", "run_lines", "finding_rows"
    ) == dict.fromkeys(("contents", "observations", "run_visits", "run_findings", "run_lines", "finding_rows"), 4)
    assert [list(store.units(run)["serial"]) for run in range(5, 9)] == [["A4"], ["A5"], ["A6"], ["A7"]]
    assert prune(store, SHORT, clock.now) == "nothing to prune; 4 runs kept, the oldest is run 5"


def test_a_pruned_run_is_named_with_its_day_and_the_oldest_that_is_kept(store, clock):
    days(store, clock, *((seen(),) for _ in range(8)))
    prune(store, SHORT, clock.now)
    gone = (
        "run 2 was pruned on 2026-03-08, when its retention was over ([upkeep] in the settings);"
        " the oldest run that is kept is 5"
    )

    for read in (store.units, store.targets, store.findings, store.lines, store.inputs):
        with pytest.raises(StoreError) as caught:
            read(2)
        assert str(caught.value) == gone
    about = store.run(2)
    assert about is not None
    assert about.pruned == "2026-03-08T12:00:00Z"
    assert earlier_run(store, 8, "2") == 2  # the number is right; judging it says that it is gone


def test_a_span_that_lasts_into_a_kept_run_keeps_its_first_day(store, clock):
    days(store, clock, *((seen(),) for _ in range(8)))
    prune(store, SHORT, clock.now)

    from agent.store import life

    (row,) = store.read(life.places, "SN10D20D0D1").to_dict("records")
    assert (row["first_run"], row["first_seen"], row["last_run"]) == ("1", "2026-03-01T12:00:00Z", "8")


def test_the_last_reading_of_a_device_stays_however_old(store, clock):
    days(store, clock, *([(seen(), seen("10.20.0.2"))] * 2), *([(seen(), DOWN)] * 8))
    prune(store, SHORT, clock.now)

    history = store.history(99)
    assert sorted(zip(history["serial"], history["run"], strict=True)) == [("SN10D20D0D1", "10"), ("SN10D20D0D2", "2")]
    assert [capture.run for capture in store.captures(target="10.20.0.2")] == [1]


def test_what_an_open_finding_names_stays_and_what_a_closed_one_names_goes(store, clock):
    swapped = [(seen("10.20.0.1", a_unit(f"A{n}")),) for n in range(9)]
    days(store, clock, *swapped)
    store.save_findings(9, table(FINDINGS, [found("A0"), found("A1", "closed")]))

    prune(store, SHORT, clock.now)

    assert set(store.history(99)["serial"]) == {"A0", "A5", "A6", "A7", "A8"}


def test_the_newest_reconciled_run_stays(store, clock):
    days(store, clock, *((seen(),) for _ in range(8)))
    store.save_findings(2, table(FINDINGS, [found("X")]))
    prune(store, SHORT, clock.now)

    assert store.last_reconciled() == 2
    assert list(store.findings(2)["serial"]) == ["X"]


def test_a_clock_that_ran_ahead_empties_no_store(store, clock):
    days(store, clock, *((seen(),) for _ in range(4)))

    assert prune(store, SHORT, clock.now + timedelta(days=4000)) == "nothing to prune; 4 runs kept, the oldest is run 1"


def test_nothing_is_pruned_while_a_run_is_open(url, store, clock):
    days(store, clock, *((seen(),) for _ in range(8)))
    begin(store)
    with open_store(url, clock=clock, wait=0) as other, pytest.raises(StoreBusyError, match="is writing to"):
        prune(other, SHORT, clock.now)


def test_a_pruned_store_goes_on_and_gives_no_number_twice(store, clock):
    days(store, clock, *((seen(),) for _ in range(8)))
    prune(store, SHORT, clock.now)

    assert a_run(store, seen()) == 9
    assert list(store.visits("10.20.0.1")["run"]) == ["5", "6", "7", "8", "9"]


def test_a_backup_is_a_store_with_all_that_was_sealed(tmp_path, store):
    run = a_run(store, seen())
    begun = begin(store)
    store.save_observation(begun, seen("10.20.0.2"))

    path = back_up(store, tmp_path / "to" / "backups", 3, NOON)

    assert [file.name for file in path.parent.iterdir()] == ["netcover-2026-03-01T120000Z.db"]
    assert path.stat().st_mode & 0o777 == 0o600
    store.seal(begun, {})
    with open_store(f"sqlite:///{path}", clock=lambda: NOON, wait=0) as again:
        assert again.last_sealed() == run
        assert again.units(run).to_dict("records") == store.units(run).to_dict("records")


def test_older_backups_go_when_a_newer_one_is_good(tmp_path, store):
    a_run(store, seen())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "notes.txt").write_text("mine")

    for n in range(4):
        back_up(store, tmp_path / "b", 2, NOON + timedelta(hours=n))

    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == [
        "netcover-2026-03-01T140000Z.db", "netcover-2026-03-01T150000Z.db", "notes.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("harm", ["torn", "another run", "empty"])
def test_a_bad_backup_is_refused_and_costs_no_good_one(tmp_path, store, monkeypatch, harm):
    a_run(store, seen())
    good = back_up(store, tmp_path / "b", 1, NOON)
    before = good.read_bytes()
    check = backup.check

    def harmed(path: Path, state: backup.State) -> None:
        if harm == "torn":
            content = bytearray(path.read_bytes())
            content[4096:] = b"\xff" * (len(content) - 4096)
            path.write_bytes(content)
        elif harm == "empty":
            path.write_bytes(b"")
        else:
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("UPDATE runs SET state = 'aborted'")
        check(path, state)

    monkeypatch.setattr(backup, "check", harmed)
    with pytest.raises(StoreError, match="the backup was read back and is"):
        back_up(store, tmp_path / "b", 1, NOON + timedelta(days=1))

    assert [path.name for path in (tmp_path / "b").iterdir()] == [good.name]
    assert good.read_bytes() == before


def test_a_place_that_cannot_take_a_backup_is_named(tmp_path, store):
    a_run(store, seen())
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError) as caught:
        back_up(store, tmp_path / "file", 1, NOON)
    assert str(caught.value) == f"{tmp_path}/file: the backup cannot be written: File exists; name another folder"


def test_the_commands_say_what_they_did(tmp_path, netcover_here):
    (tmp_path / "out").mkdir()
    (tmp_path / "netcover.toml").write_text("[upkeep]\nkeep_days = 1\nkeep_runs = 1\nbackup_folder = 'safe'\n")
    with open_store(f"sqlite:///{tmp_path / 'out' / 'netcover.db'}", clock=lambda: NOON, wait=0) as store:
        a_run(store, seen())

    done, saved = netcover_here("prune"), netcover_here("backup")

    assert (done.returncode, done.stdout) == (0, "nothing to prune; 1 run kept, the oldest is run 1\n")
    assert saved.returncode == 0
    (path,) = (tmp_path / "safe").iterdir()
    assert saved.stdout == f"wrote safe/{path.name}, read back and found whole\n"


@pytest.mark.parametrize("word", ["prune", "backup"])
def test_a_store_that_is_not_there_is_not_made(tmp_path, netcover_here, word):
    done = netcover_here(word)

    assert done.returncode == 2
    assert "there is no store" in done.stderr
    assert list(tmp_path.iterdir()) == []
