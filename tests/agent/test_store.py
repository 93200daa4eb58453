"""The store: what goes in comes out, sealed runs only, and little is written twice."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.store import RELEASES, SECTIONS, Run, Store, open_store
from agent.store.captures import LARGEST
from agent.store.runs import utc
from collectors.model import Capture, Kind, Outcome, Section, State, Target
from reconcile.tables import FINDINGS, HISTORY, LICENCES, LINES, TARGETS, UNITS, table
from tests.agent.parts import NOON, TODAY, a_run, a_unit, begin, seen


def rows(path: str, tables: str = "units") -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {tables}").fetchone()[0])


def finding(key: str, **cells: str) -> dict[str, str]:
    return {"key": key, "rule": "COV-NONE", "status": "new", "first_seen": "2026-03-01", **cells}


def test_a_run_is_read_as_it_was_written(store):
    chassis = a_unit("FOC1", product_id="C9300-48P", software_version="17.9.4", serial_raw="FOC1 ")
    card = a_unit("FOC2", kind=Kind.MODULE, slot="1", parent_serial="FOC1", description='a, "b" ünï\tc')
    run = a_run(store, seen("10.20.0.1", chassis, card))
    header = {
        "vendor": "cisco",
        "hostname": "sw-10.20.0.1",
        "address": "10.20.0.1",
        "seen_at": "2026-03-01T12:00:00Z",
    }

    assert store.units(run).to_dict("records") == table(
        UNITS,
        [
            {**header, "site": "Ghent", "serial": "FOC1", "product_id": "C9300-48P", "kind": "chassis",
             "software_version": "17.9.4", "serial_raw": "FOC1 ", "collected_via": "snmp"},
            {**header, "site": "Ghent", "serial": "FOC2", "kind": "module", "slot": "1", "parent_serial": "FOC1",
             "description": "a, \"b\" ünï\tc", "collected_via": "snmp"},
        ],
    ).to_dict("records")  # fmt: skip
    assert store.licences(run).to_dict("records") == table(
        LICENCES, [{**header, "feature": "network-advantage", "state": "in_use", "collected_via": "ssh"}]
    ).to_dict("records")
    assert store.software(run).to_dict("records") == table(
        RELEASES, [{**header, "version": "17.9.4", "collected_via": "snmp"}]
    ).to_dict("records")


def test_every_target_of_a_run_is_a_row_read_or_not(store):
    dead = seen(
        "10.20.0.9",
        outcome=Outcome.UNREACHABLE,
        reason="no route",
        hostname="",
        vendor="",
        platform="",
        sections=(),
        units=(),
        licences=(),
        software=(),
        captures=(),
        target=Target("10.20.0.9", hostname="listed-name", platform="cisco_nxos"),
        attempts=2,
        seconds=5.04,
    )
    run = a_run(store, seen(), replace(dead, units=()))

    assert store.targets(run).to_dict("records") == table(
        TARGETS,
        [
            {"address": "10.20.0.1", "hostname": "sw-10.20.0.1", "site": "Ghent", "vendor": "cisco",
             "platform": "cisco_ios", "outcome": "complete", "inventory_state": "complete", "attempts": "1",
             "seconds": "0.2"},
            {"address": "10.20.0.9", "hostname": "listed-name", "platform": "cisco_nxos", "outcome": "unreachable",
             "inventory_state": "not_attempted", "reason": "no route", "attempts": "2", "seconds": "5.0"},
        ],
    ).to_dict("records")  # fmt: skip
    assert len(store.units(run)) == 1


def test_sections_keep_their_state_and_reason(store):
    sections = (
        Section("inventory", State.PARTIAL, "napalm", "facts only", expected=True),
        Section("software", State.DENIED, "ssh", "% Authorization failed"),
    )
    run = a_run(store, seen(sections=sections))

    shared = {
        "address": "10.20.0.1", "hostname": "sw-10.20.0.1", "site": "Ghent", "outcome": "complete",
        "attempts": "1", "seconds": "0.2",
    }  # fmt: skip
    assert store.sections(run).to_dict("records") == table(
        SECTIONS,
        [
            {**shared, "section": "inventory", "state": "partial", "via": "napalm", "reason": "facts only", "expected": "yes"},
            {**shared, "section": "software", "state": "denied", "via": "ssh", "reason": "% Authorization failed", "expected": "no"},
        ],
    ).to_dict("records")  # fmt: skip


def test_an_open_run_is_invisible(store):
    first = a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen("10.20.0.2"))

    assert store.last_sealed() == first
    assert list(store.history(run + 1)["serial"]) == ["SN10D20D0D1"]
    assert {capture.target for capture in store.captures()} == {"10.20.0.1"}
    for read in (
        store.units,
        store.licences,
        store.software,
        store.targets,
        store.sections,
        store.lines,
        store.findings,
    ):
        with pytest.raises(StoreError, match=f"run {run} is open, not sealed; only a sealed run can be read"):
            read(run)


def test_an_aborted_run_is_invisible_and_its_number_stays_taken(store):
    run = begin(store)
    store.save_observation(run, seen())
    store.abort(run)

    assert store.last_sealed() is None
    assert store.captures() == ()
    assert store.history(run + 1).empty
    with pytest.raises(StoreError, match="is aborted, not sealed"):
        store.units(run)
    assert a_run(store, seen()) == run + 1


def test_a_run_that_never_was_is_named(store):
    with pytest.raises(StoreError, match="run 7 is not in the store"):
        store.units(7)
    assert store.run(7) is None


def test_only_an_open_run_is_written_or_sealed(store):
    run = a_run(store, seen())

    for late in (
        lambda: store.save_observation(run, seen("10.20.0.2")),
        lambda: store.seal(run, {}),
        lambda: store.abort(run),
    ):
        with pytest.raises(StoreError, match=f"run {run} is sealed, not open"):
            late()


def test_a_target_is_written_once_a_run(store):
    run = begin(store)
    store.save_observation(run, seen())

    with pytest.raises(StoreError, match="refused a row"):
        store.save_observation(run, seen())

    store.save_observation(run, seen(target=Target("10.20.0.1", ssh_port=2222)))
    store.seal(run, {})
    assert len(store.targets(run)) == 2


def test_a_run_is_described(store):
    run = store.begin_run(as_of=date(2026, 2, 28), version="0.1.0", settings_digest="ab12")
    store.seal(run, {"targets": 2, "outcomes": {"complete": 2}})

    expected = Run(
        run,
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00Z",
        "2026-02-28",
        "sealed",
        "0.1.0",
        "ab12",
        {"targets": 2, "outcomes": {"complete": 2}},
        "",
    )
    assert store.run(run) == expected
    assert store.recent_runs() == (expected,)


def test_a_device_that_did_not_change_writes_no_row(tmp_path, store):
    path = str(tmp_path / "netcover.db")
    devices = [seen(f"10.20.0.{n}", *(a_unit(f"SN{n}X{m}") for m in range(20))) for n in range(1, 6)]
    a_run(store, *devices)
    names = (
        "contents", "units", "licences", "software", "section_sets", "sections", "captures", "blobs", "observations",
        "visits",
    )  # fmt: skip
    before = {name: rows(path, name) for name in names}

    a_run(store, *devices)

    assert {name: rows(path, name) for name in names} == before
    assert (before["observations"], before["visits"], rows(path, "run_visits")) == (5, 0, 2)
    assert before["units"] == 100
    assert before["section_sets"] == 1


def test_history_is_the_latest_sighting_of_each_unit(store):
    old, moved, gone = a_unit("A1"), a_unit("B2", slot="1"), a_unit("C3")
    later = NOON + timedelta(days=1)
    one = a_run(store, seen("10.20.0.1", old, moved, gone))
    two = a_run(
        store,
        seen("10.20.0.1", old, started=later),
        seen("10.20.0.2", replace(moved, slot="2"), started=later),
    )
    three = a_run(store, seen("10.20.0.1", old))

    def line(run: int, at: str, serial: str, address: str, slot: str = "") -> dict[str, str]:
        return {
            "run": str(run), "seen_at": at, "vendor": "cisco", "serial": serial, "product_id": "", "kind": "chassis",
            "hostname": f"sw-{address}", "address": address, "site": "Ghent", "slot": slot, "parent_serial": "",
        }  # fmt: skip

    history = store.history(three)
    assert list(history.columns) == list(HISTORY)
    assert sorted(history.to_dict("records"), key=lambda row: row["serial"]) == [
        line(two, "2026-03-02T12:00:00Z", "A1", "10.20.0.1"),
        line(two, "2026-03-02T12:00:00Z", "B2", "10.20.0.2", "2"),
        line(one, "2026-03-01T12:00:00Z", "C3", "10.20.0.1"),
    ]
    assert store.history(one).to_dict("list") == {column: [] for column in HISTORY}


def test_history_leaves_out_chassis_without_a_serial(store):
    run = a_run(store, seen("10.20.0.1", a_unit("")))

    assert len(store.units(run)) == 1
    assert store.history(run + 1).empty


def test_the_last_complete_and_the_last_failed_answer_are_kept(store):
    def asked(text: str, state: State) -> int:
        return a_run(store, seen(captures=(Capture("inventory", "show inventory", text, state, "ssh"),)))

    asked("one", State.COMPLETE)
    asked("% denied", State.DENIED)
    third = asked("two", State.COMPLETE)
    fourth = asked("% lost", State.FAILED)

    kept = store.captures(target="10.20.0.1", section="inventory")
    assert [(capture.run, capture.text, capture.state) for capture in kept] == [
        (fourth, "% lost", State.FAILED),
        (third, "two", State.COMPLETE),
    ]


def test_an_aborted_run_does_not_cost_the_last_good_answer(tmp_path, store):
    a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen(captures=(Capture("inventory", "show inventory", "half", State.COMPLETE, "ssh"),)))
    store.abort(run)

    assert [capture.text for capture in store.captures()] == ["NAME: 10.20.0.1"]
    assert rows(str(tmp_path / "netcover.db"), "blobs") == 1


def test_an_answer_is_cut_at_four_mebibytes_and_says_so(store):
    text = "é" * (LARGEST // 2 + 5)
    a_run(store, seen(captures=(Capture("inventory", "show inventory", text, State.COMPLETE, "ssh"),)))

    (kept,) = store.captures()

    assert kept.cut
    assert kept.text == "é" * (LARGEST // 2)


def test_a_question_asked_twice_keeps_its_last_answer(store):
    twice = tuple(Capture("inventory", "show inventory", text, State.COMPLETE, "ssh") for text in ("a", "b"))
    a_run(store, seen(captures=twice))

    assert [capture.text for capture in store.captures()] == ["b"]


def test_text_no_database_holds_becomes_readable(store):
    run = a_run(store, seen("10.20.0.1", a_unit("A\x001", description="\ud800x"), hostname="sw\x00"))

    (row,) = store.units(run).to_dict("records")
    assert (row["serial"], row["description"], row["hostname"]) == ("A\ufffd1", "\ufffdx", "sw\ufffd")


def test_lines_are_kept_once_while_a_source_does_not_change(tmp_path, store):
    path = str(tmp_path / "netcover.db")
    cisco = [{"source": "cisco", "serial": f"S{n}", "source_row": str(n), "our note": "x"} for n in range(100)]
    other = [{"source": "smartoptics", "serial": "NA", "line_start": "00123"}]
    batch = table((*LINES, "our note"), [*cisco, *other])
    first, second, third = (a_run(store, seen()) for _ in range(3))
    captured = rows(path, "blobs")

    store.save_lines(first, batch)
    store.save_lines(second, batch)

    assert store.lines(second).to_dict("records") == batch.to_dict("records")
    assert rows(path, "blobs") == captured + 2
    store.save_lines(third, batch[batch["source"] == "cisco"])
    store.save_lines(third, table(LINES))
    assert rows(path, "blobs") == captured + 2
    assert store.lines(third).to_dict("records") == []
    assert list(store.lines(third).columns) == list(LINES)


def test_lines_that_nothing_names_any_more_are_forgotten(tmp_path, store):
    run = a_run(store, seen())
    path = str(tmp_path / "netcover.db")
    before = rows(path, "blobs")
    store.save_lines(run, table(LINES, [{"source": "a", "serial": "1"}]))

    store.save_lines(run, table(LINES, [{"source": "a", "serial": "2"}]))

    assert rows(path, "blobs") == before + 1


def test_findings_are_read_in_their_order(store):
    run = a_run(store, seen())
    found = table(FINDINGS, [finding("b", message="zwei"), finding("a", evidence='{"row": 1}')])

    store.save_findings(run, found)

    assert store.findings(run).to_dict("records") == found.to_dict("records")


def test_findings_are_replaced_and_unchanged_ones_cost_two_dates(tmp_path, store):
    path = str(tmp_path / "netcover.db")
    one, two = a_run(store, seen()), a_run(store, seen())
    store.save_findings(one, table(FINDINGS, [finding("a", last_seen="2026-03-01"), finding("b")]))

    store.save_findings(two, table(FINDINGS, [finding("a", last_seen="2026-03-02")]))
    store.save_findings(two, table(FINDINGS, [finding("a", last_seen="2026-03-03")]))

    assert list(store.findings(two)["last_seen"]) == ["2026-03-03"]
    assert list(store.findings(one)["last_seen"]) == ["2026-03-01", ""]
    assert rows(path, "finding_rows") == 2


def test_a_run_without_findings_is_reconciled_all_the_same(store):
    one, two = a_run(store, seen()), a_run(store, seen())

    assert store.last_reconciled() is None
    store.save_findings(one, table(FINDINGS))

    assert store.last_reconciled() == one
    assert store.last_reconciled(before=one) is None
    assert store.last_sealed(before=two) == one
    assert store.findings(one).to_dict("list") == {column: [] for column in FINDINGS}


def test_findings_and_lines_need_a_sealed_run(store):
    run = begin(store)

    for save in (
        lambda: store.save_findings(run, table(FINDINGS)),
        lambda: store.save_lines(run, table(LINES)),
    ):
        with pytest.raises(StoreError, match="is open, not sealed"):
            save()


def test_a_store_is_the_same_after_it_was_closed(tmp_path):
    url = f"sqlite:///{tmp_path / 'netcover.db'}"
    with open_store(url, clock=lambda: NOON) as store:
        run = a_run(store, seen())
        before = store.units(run).to_dict("records")

    with open_store(url, clock=lambda: NOON) as again:
        assert again.units(run).to_dict("records") == before


def test_times_are_written_in_utc():
    assert utc(datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))) == "2026-03-01T12:00:00Z"
    assert utc(datetime(2026, 3, 1, 12, 0, 59, 999999, tzinfo=UTC)) == "2026-03-01T12:00:59Z"
    with pytest.raises(ValueError, match="without a zone"):
        utc(datetime(2026, 3, 1))  # noqa: DTZ001  # the point of the test


def test_empty_tables_have_their_columns(store: Store, tmp_path: Path):
    run = begin(store, as_of=TODAY)
    store.seal(run, {})

    shapes = {
        store.units: UNITS, store.licences: LICENCES, store.targets: TARGETS, store.sections: SECTIONS,
        store.software: RELEASES, store.lines: LINES, store.findings: FINDINGS,
    }  # fmt: skip
    assert [list(read(run).columns) for read in shapes] == [list(columns) for columns in shapes.values()]
    assert all(read(run).empty for read in shapes)
