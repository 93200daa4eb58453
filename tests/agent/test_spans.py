"""A store keeps spans, yet every run reads as it was saved: compared with a plain list of what each run saw."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import StoreError
from agent.store import Store, open_store
from agent.store.past import SIGHTINGS, VISITS
from agent.store.sightings import NEIGHBOURS, RELEASES, SECTIONS
from collectors.model import Kind, Neighbour, Observation, Outcome, Section, Software, State, Target
from reconcile.tables import FINDINGS, HISTORY, TARGETS, UNITS, table
from tests.agent.parts import NOON, a_run, a_unit, begin, seen

SERIALS = ("A1", "B2", "C3", "D4")
ADDRESSES = ("10.20.0.1", "10.20.0.2", "10.20.0.3")
PLACES = (*(Target(address, site="Ghent") for address in ADDRESSES), Target(ADDRESSES[0], ssh_port=2222))


@dataclass(frozen=True)
class SavedRun:
    """What one run was given, in its order."""

    observations: tuple[Observation, ...]
    sealed: bool


@st.composite
def an_observation(draw: st.DrawFn, target: Target, day: int) -> Observation:
    """A device in one of few states, so that a state often stays and often comes back."""
    started = NOON + timedelta(days=day, seconds=draw(st.integers(0, 2)))
    common: dict[str, Any] = {
        "target": target,
        "started": started,
        "attempts": draw(st.integers(1, 3)),
        "seconds": draw(st.sampled_from((0.25, 1.0, 2.345))),
    }
    if draw(st.booleans()) and draw(st.booleans()):
        return Observation(
            outcome=Outcome.TIMEOUT, address=target.address, reason=draw(st.sampled_from(("silent", "late"))), **common
        )
    serials = draw(st.lists(st.sampled_from(SERIALS), max_size=2))
    units = tuple(
        a_unit(serial, slot=str(n), software_version="17.1" if serial == "C3" else "")
        for n, serial in enumerate(serials)
    )
    return replace(
        seen(target.address, units[0] if units else a_unit("")),
        units=units,
        hostname=draw(st.sampled_from(("old", "new"))),
        software=(Software(draw(st.sampled_from(("17.9", "17.12")))),),
        sections=(Section("inventory", draw(st.sampled_from((State.COMPLETE, State.PARTIAL))), "snmp"),),
        neighbours=(Neighbour("Gi1", "core"),) if draw(st.booleans()) else (),
        **common,
    )


@st.composite
def some_runs(draw: st.DrawFn) -> list[SavedRun]:
    runs = []
    for day in range(draw(st.integers(1, 6))):
        polled = draw(st.permutations(PLACES))[: draw(st.integers(0, len(PLACES)))]
        sealed = draw(st.sampled_from((True, True, True, False)))
        runs.append(SavedRun(tuple(draw(an_observation(target, day)) for target in polled), sealed))
    return runs


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spans") / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


def saved(store: Store, runs: Sequence[SavedRun]) -> dict[int, tuple[Observation, ...]]:
    """The sealed runs by number, as they were given."""
    sealed = {}
    for run in runs:
        number = begin(store)
        for observation in run.observations:
            store.save_observation(number, observation)
        if run.sealed:
            store.seal(number, {})
            sealed[number] = run.observations
        else:
            store.abort(number)
    return sealed


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def head(one: Observation) -> dict[str, str]:
    return {"hostname": one.hostname, "address": one.address, "site": one.target.site}


def units_of(observations: Sequence[Observation]) -> Iterator[dict[str, str]]:
    for one in observations:
        for unit in one.units:
            yield {
                **head(one), "vendor": unit.vendor, "serial": unit.serial, "kind": unit.kind, "slot": unit.slot,
                "collected_via": unit.collected_via, "software_version": unit.software_version,
                "seen_at": at(one.started),
            }  # fmt: skip


def targets_of(observations: Sequence[Observation]) -> Iterator[dict[str, str]]:
    for one in observations:
        yield {
            **head(one), "vendor": one.vendor, "platform": one.platform, "outcome": one.outcome, "reason": one.reason,
            "inventory_state": one.section("inventory").state, "attempts": str(one.attempts),
            "seconds": f"{one.seconds:.1f}",
        }  # fmt: skip


def sections_of(observations: Sequence[Observation]) -> Iterator[dict[str, str]]:
    for one in observations:
        for section in one.sections:
            yield {
                **head(one), "outcome": one.outcome, "section": section.name, "state": section.state,
                "via": section.via, "expected": "no", "attempts": str(one.attempts), "seconds": f"{one.seconds:.1f}",
            }  # fmt: skip


def releases_of(observations: Sequence[Observation]) -> Iterator[dict[str, str]]:
    for one in observations:
        for release in one.software:
            yield {
                "vendor": one.vendor, "hostname": one.hostname, "address": one.address, "version": release.version,
                "seen_at": at(one.started),
            }  # fmt: skip


def history_before(sealed: Mapping[int, Sequence[Observation]], run: int) -> list[dict[str, str]]:
    latest: dict[str, tuple[Any, dict[str, str]]] = {}
    for number, observations in sealed.items():
        for position, one in enumerate(observations if number < run else ()):
            for place, unit in reversed(list(enumerate(one.units))):
                rank = (number, one.started, position, -place)
                if unit.serial and (unit.serial not in latest or latest[unit.serial][0] < rank):
                    row = {**head(one), "run": str(number), "seen_at": at(one.started), "vendor": unit.vendor,
                           "serial": unit.serial, "kind": unit.kind, "slot": unit.slot}  # fmt: skip
                    latest[unit.serial] = (rank, row)
    return [row for _, row in sorted(latest.values(), key=lambda pair: pair[0], reverse=True)]


def sightings_of(sealed: Mapping[int, Sequence[Observation]], serial: str) -> Iterator[dict[str, str]]:
    for number, observations in sealed.items():
        for one in observations:
            for unit in one.units:
                if unit.serial == serial:
                    yield {
                        **head(one), "run": str(number), "seen_at": at(one.started), "vendor": unit.vendor,
                        "serial": serial, "kind": unit.kind, "slot": unit.slot,
                        "software_version": unit.software_version or one.software[0].version,
                    }  # fmt: skip


def visits_of(sealed: Mapping[int, Sequence[Observation]], address: str) -> Iterator[dict[str, str]]:
    for number, observations in sealed.items():
        for one in observations:
            if one.address == address:
                yield {
                    **head(one), "run": str(number), "seen_at": at(one.started), "vendor": one.vendor,
                    "platform": one.platform, "outcome": one.outcome, "reason": one.reason,
                    "seconds": str(one.seconds), "confirmed": one.confirmed,
                    "release": one.software[0].version if one.software else "", "units": str(len(one.units)),
                }  # fmt: skip


def rows(columns: Sequence[str], expected: Iterator[dict[str, str]] | list[dict[str, str]]) -> list[dict[str, Any]]:
    return table(columns, list(expected)).to_dict("records")


@settings(
    max_examples=500 if "NETCOVER_SOAK" in os.environ else 12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(runs=some_runs())
def test_every_sealed_run_reads_as_it_was_saved(tmp_path, empty_store, runs):
    path = tmp_path / "model.db"
    for left in tmp_path.glob("model.db*"):
        left.unlink()
    shutil.copy(empty_store, path)
    with open_store(f"sqlite:///{path}", clock=lambda: NOON, wait=0) as store:
        sealed = saved(store, runs)
        for run, given_ in sealed.items():
            assert store.units(run).to_dict("records") == rows(UNITS, units_of(given_))
            assert store.targets(run).to_dict("records") == rows(TARGETS, targets_of(given_))
            assert store.sections(run).to_dict("records") == rows(SECTIONS, sections_of(given_))
            assert store.software(run).to_dict("records") == rows(RELEASES, releases_of(given_))
            heard = [
                {"address": one.address, "local_hostname": one.hostname, "local_interface": "Gi1", "hostname": "core"}
                for one in given_
                if one.neighbours
            ]
            assert store.neighbours(run).to_dict("records") == rows(NEIGHBOURS, heard)
            assert store.history(run).to_dict("records") == rows(HISTORY, history_before(sealed, run))
        assert store.history(99).to_dict("records") == rows(HISTORY, history_before(sealed, 99))
        for serial in SERIALS:
            assert store.sightings(serial).to_dict("records") == rows(SIGHTINGS, sightings_of(sealed, serial))
        for address in ADDRESSES:
            assert store.visits(address).to_dict("records") == rows(VISITS, visits_of(sealed, address))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def spans(path: Path) -> list[tuple[Any, ...]]:
    query = "SELECT target, outcome, first_run, last_run, visits FROM observations ORDER BY first_run, id"
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


DOWN = replace(seen(), outcome=Outcome.TIMEOUT, units=(), sections=(), software=(), licences=(), captures=())


def test_a_device_lasts_until_one_of_its_facts_changes_and_begins_anew_when_it_comes_back(tmp_path, store):
    for observation in (seen(), seen(), DOWN, seen(), seen(hostname="renamed")):
        a_run(store, observation)

    assert spans(tmp_path / "netcover.db") == [
        ("10.20.0.1", "complete", 1, 2, 2),
        ("10.20.0.1", "timeout", 3, 3, 1),
        ("10.20.0.1", "complete", 4, 4, 1),
        ("10.20.0.1", "complete", 5, 5, 1),
    ]


def test_when_and_how_long_a_device_took_is_no_change(tmp_path, store):
    a_run(store, seen())
    a_run(store, seen(started=NOON + timedelta(days=1), seconds=9.0, attempts=2))

    assert spans(tmp_path / "netcover.db") == [("10.20.0.1", "complete", 1, 2, 2)]
    assert [list(store.targets(run)["seconds"]) for run in (1, 2)] == [["0.2"], ["9.0"]]


def test_a_device_that_a_run_left_out_is_not_in_it_though_its_span_goes_on(tmp_path, store):
    for polled in ((seen(), seen("10.20.0.2")), (seen("10.20.0.2"),), (seen(), seen("10.20.0.2"))):
        a_run(store, *polled)

    assert spans(tmp_path / "netcover.db")[0] == ("10.20.0.1", "complete", 1, 3, 2)
    assert [list(store.targets(run)["address"]) for run in (1, 2, 3)] == [
        ["10.20.0.1", "10.20.0.2"], ["10.20.0.2"], ["10.20.0.1", "10.20.0.2"],
    ]  # fmt: skip
    assert len(store.units(2)) == 1
    assert sorted(store.history(3)["run"]) == ["1", "2"]
    assert list(store.visits("10.20.0.1")["run"]) == ["1", "3"]


def test_an_aborted_run_extends_nothing(tmp_path, store):
    a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen())
    store.save_observation(run, seen("10.20.0.2"))
    store.abort(run)

    assert spans(tmp_path / "netcover.db") == [("10.20.0.1", "complete", 1, 1, 1)]


def test_an_open_run_extends_nothing_before_its_seal(tmp_path, store):
    a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen(started=NOON + timedelta(days=1)))

    assert spans(tmp_path / "netcover.db") == [("10.20.0.1", "complete", 1, 1, 1)]
    assert list(store.history(run)["seen_at"]) == ["2026-03-01T12:00:00Z"]
    assert list(store.sightings("SN10D20D0D1")["run"]) == ["1"]
    store.seal(run, {})
    assert list(store.sightings("SN10D20D0D1")["run"]) == ["1", "2"]


class Stopped(Exception):
    """The program ends here."""


def test_a_seal_that_fails_anywhere_seals_nothing(tmp_path, store):
    """Each statement of the seal in turn is where the program stops."""
    a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen())
    before = spans(tmp_path / "netcover.db")
    failed = 0
    for fatal in range(1, 50):
        count = 0

        def stop(connection: object, cursor: object, statement: str, *rest: object) -> None:
            nonlocal count
            if statement.startswith(("BEGIN", "PRAGMA")):
                return
            count += 1
            if count == fatal:  # noqa: B023  # removed before the next round
                raise Stopped

        sa.event.listen(store._engine, "before_cursor_execute", stop)
        try:
            store.seal(run, {})
        except Stopped:
            failed += 1
            assert spans(tmp_path / "netcover.db") == before
            assert store.last_sealed() == 1
        else:
            break
        finally:
            sa.event.remove(store._engine, "before_cursor_execute", stop)
    assert failed >= 5
    assert len(store.units(run)) == 1


def test_findings_and_lines_that_stay_cost_no_rows(tmp_path, store):
    found = [
        {"key": f"COV-NONE-{n}", "rule": "COV-NONE", "status": "open", "first_seen": "2026-03-01", "serial": f"S{n}"}
        for n in range(300)
    ]
    size = []
    for day in range(6):
        run = a_run(store, seen())
        store.save_findings(run, table(FINDINGS, [{**row, "last_seen": f"2026-03-0{day + 1}"} for row in found]))
        with closing(sqlite3.connect(tmp_path / "netcover.db")) as connection:
            size.append(
                [
                    connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                    for name in ("finding_rows", "run_findings")
                ]
            )

    assert size == [[300, day + 1] for day in range(6)]
    assert [set(store.findings(run)["last_seen"]) for run in (1, 6)] == [{"2026-03-01"}, {"2026-03-06"}]
    about = store.findings_about(key="COV-NONE-7")
    assert list(zip(about["run"], about["last_seen"], strict=True)) == [(str(n), f"2026-03-0{n}") for n in range(1, 7)]


def test_a_run_that_is_not_there_is_refused_before_its_list_is_looked_for(store):
    with pytest.raises(StoreError, match="run 3 is not in the store"):
        store.targets(3)


def test_the_kinds_of_unit_are_text_in_every_table(store):
    run = a_run(store, seen("10.20.0.1", a_unit("A1", kind=Kind.MODULE)))

    assert list(store.units(run)["kind"]) == list(store.history(run + 1)["kind"]) == ["module"]
