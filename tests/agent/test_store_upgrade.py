"""A store of each released schema, with runs in it, reads the same after it was brought to this version's schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from agent.store import SECTIONS, open_store
from agent.store.database import connect, writing
from agent.store.past import SIGHTINGS, VISITS
from agent.store.schema import HEAD
from reconcile.tables import FINDINGS, HISTORY, TARGETS, UNITS, table
from tests.agent.parts import NOON, a_run, a_unit, seen

RUNS = ("sealed", "sealed", "aborted", "sealed", "sealed", "open")
OBSERVED = (
    # run, target, hostname, outcome, content, set, started, seconds, attempts
    (1, "10.20.0.1", "one", "complete", 1, 1, "2026-03-01T12:00:00Z", 1.25, 1),
    (1, "10.20.0.2", "two", "complete", 2, 1, "2026-03-01T12:00:01Z", 2.0, 1),
    (2, "10.20.0.2", "two", "complete", 2, 1, "2026-03-02T12:00:00Z", 2.5, 2),
    (2, "10.20.0.1", "one", "timeout", 3, 2, "2026-03-02T12:00:01Z", 90.0, 3),
    (4, "10.20.0.1", "one", "complete", 1, 1, "2026-03-04T12:00:00Z", 1.0, 1),
    (5, "10.20.0.2", "two", "complete", 2, 1, "2026-03-05T12:00:00Z", 2.0, 1),
    (5, "10.20.0.1", "renamed", "complete", 1, 1, "2026-03-05T12:00:09Z", 1.0, 1),
    (6, "10.20.0.2", "two", "complete", 2, 1, "2026-03-06T12:00:00Z", 2.0, 1),
)  # fmt: skip
UNITS_HELD = ((1, 0, "A1", "1"), (1, 1, "A2", "2"), (2, 0, "B1", ""))
FOUND = (
    (1, 0, 1, "2026-03-01", "2026-03-01"),
    (2, 0, 2, "2026-03-02", "2026-03-02"),
    (2, 1, 1, "2026-03-01", "2026-03-02"),
)


def at_schema(path: Path, revision: str) -> None:
    """An empty store of that schema, made by the migrations of then."""
    engine = connect(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", "agent.store:migrations")
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def fill(path: Path) -> None:
    """Runs as a netcover of before spans wrote them: a row a device and a finding in each."""

    def insert(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        listed = list(rows)
        connection.executemany(f"INSERT INTO {statement} VALUES ({', '.join('?' * len(listed[0]))})", listed)

    with closing(sqlite3.connect(path)) as connection, connection:
        insert(
            "runs (id, started, as_of, state, version, settings_digest, reconciled)",
            (
                (n, f"2026-03-0{n}T12:00:00Z", f"2026-03-0{n}", state, "0.1", "d", "then" if n <= 2 else "")
                for n, state in enumerate(RUNS, start=1)
            ),
        )
        insert("contents (id, digest)", ((n, bytes([n])) for n in (1, 2, 3)))
        insert("section_sets (id, digest)", ((n, bytes([n])) for n in (1, 2)))
        insert(
            "units (content_id, position, vendor, serial, kind, slot)",
            ((content, position, "cisco", serial, "chassis", slot) for content, position, serial, slot in UNITS_HELD),
        )
        insert("software (content_id, position, version)", ((1, 0, "17.9"), (2, 0, "17.9")))
        insert("sections (set_id, position, name, state, via, expected)", ((1, 0, "inventory", "complete", "snmp", 0),))
        insert(
            "observations (run_id, target, snmp_port, ssh_port, address, hostname, site, vendor, platform, outcome,"
            " content_id, set_id, started, seconds, attempts, dropped)",
            (
                (run, target, 0, 0, target, name, "Ghent", "cisco", "cisco_ios", outcome, content, sections, *rest, 0)
                for run, target, name, outcome, content, sections, *rest in OBSERVED
            ),
        )
        insert(
            "finding_rows (id, digest, key, rule, serial)", ((1, b"1", "K-1", "K", "A1"), (2, b"2", "K-2", "K", "B1"))
        )
        insert("run_findings (run_id, position, row_id, first_seen, last_seen)", FOUND)


@pytest.fixture(params=["0001", "second"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "netcover.db"
    at_schema(path, request.param)
    fill(path)
    return path


def rows(columns: tuple[str, ...], *told: dict[str, str]) -> list[dict[str, Any]]:
    return table(columns, told).to_dict("records")


ONE = {"hostname": "one", "address": "10.20.0.1", "site": "Ghent", "vendor": "cisco"}
TWO = {"hostname": "two", "address": "10.20.0.2", "site": "Ghent", "vendor": "cisco"}


def test_every_run_reads_as_before(old):
    with open_store(f"sqlite:///{old}", clock=lambda: NOON, wait=0) as store:
        whole = {"platform": "cisco_ios", "outcome": "complete", "inventory_state": "complete", "attempts": "1"}
        assert store.targets(1).to_dict("records") == rows(
            TARGETS, {**ONE, **whole, "seconds": "1.2"}, {**TWO, **whole, "seconds": "2.0"}
        )
        assert store.targets(2).to_dict("records") == rows(
            TARGETS,
            {**TWO, **whole, "seconds": "2.5", "attempts": "2"},
            {**ONE, "platform": "cisco_ios", "outcome": "timeout", "inventory_state": "not_attempted",
             "seconds": "90.0", "attempts": "3"},
        )  # fmt: skip
        assert list(store.targets(4)["address"]) == ["10.20.0.1"]
        unit = {"kind": "chassis", "seen_at": "2026-03-05T12:00:09Z"}
        assert store.units(5).to_dict("records") == rows(
            UNITS,
            {**TWO, **unit, "serial": "B1", "seen_at": "2026-03-05T12:00:00Z"},
            {**ONE, **unit, "serial": "A1", "slot": "1", "hostname": "renamed"},
            {**ONE, **unit, "serial": "A2", "slot": "2", "hostname": "renamed"},
        )
        shared = {"section": "inventory", "state": "complete", "via": "snmp", "expected": "no", "outcome": "complete"}
        first = {**ONE, **shared, "attempts": "1", "seconds": "1.0"}
        del first["vendor"]
        assert store.sections(4).to_dict("records") == rows(SECTIONS, first)


def test_the_past_reads_as_before(old):
    with open_store(f"sqlite:///{old}", clock=lambda: NOON, wait=0) as store:
        history = store.history(5)
        assert list(history.columns) == list(HISTORY)
        assert [tuple(row) for row in history[["run", "serial", "seen_at"]].to_numpy()] == [
            ("4", "A1", "2026-03-04T12:00:00Z"),
            ("4", "A2", "2026-03-04T12:00:00Z"),
            ("2", "B1", "2026-03-02T12:00:00Z"),
        ]
        assert list(store.sightings("A1")["run"]) == ["1", "4", "5"]
        assert list(store.sightings("A1").columns) == list(SIGHTINGS)
        visits = store.visits("10.20.0.1")
        assert list(visits.columns) == list(VISITS)
        assert list(visits["outcome"]) == ["complete", "timeout", "complete", "complete"]
        found = [store.findings(run) for run in (1, 2, 4)]
        assert [list(zip(one["key"], one["last_seen"], strict=True)) for one in found] == [
            [("K-1", "2026-03-01")],
            [("K-2", "2026-03-02"), ("K-1", "2026-03-02")],
            [],
        ]
        assert list(store.findings_about(key="K-1")["run"]) == ["1", "2"]
        assert list(store.findings(1).columns) == list(FINDINGS)


def test_rows_that_follow_each_other_and_say_the_same_are_one(old):
    open_store(f"sqlite:///{old}").close()

    with closing(sqlite3.connect(old)) as connection:
        query = "SELECT target, hostname, outcome, first_run, last_run, visits FROM observations ORDER BY target, id"
        assert connection.execute(query).fetchall() == [
            ("10.20.0.1", "one", "complete", 1, 1, 1),
            ("10.20.0.1", "one", "timeout", 2, 2, 1),
            ("10.20.0.1", "one", "complete", 4, 4, 1),
            ("10.20.0.1", "renamed", "complete", 5, 5, 1),
            ("10.20.0.2", "two", "complete", 1, 5, 3),
        ]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_an_upgraded_store_goes_on(old):
    with open_store(f"sqlite:///{old}", clock=lambda: NOON, wait=0) as store:
        run = a_run(store, seen("10.20.0.2", a_unit("B1")))

        assert run == len(RUNS) + 1
        left = store.run(len(RUNS))
        assert left is not None
        assert left.state == "aborted"
        assert list(store.history(run)["serial"]) == ["A1", "A2", "B1"]
        assert list(store.units(run)["serial"]) == ["B1"]


@pytest.mark.parametrize("fatal", ["CREATE TABLE run_visits", "INSERT INTO run_visits", "DROP TABLE old_run_findings"])
def test_an_upgrade_that_stops_halfway_leaves_the_old_store(old, fatal):
    def stop(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if fatal in statement.replace("\n", " "):
            raise KeyboardInterrupt

    before = content(old)
    sa.event.listen(sa.Engine, "before_cursor_execute", stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            open_store(f"sqlite:///{old}")
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", stop)

    assert content(old) == before
    with open_store(f"sqlite:///{old}") as store:
        assert len(store.units(5)) == 3


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
