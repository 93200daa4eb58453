"""Removals as the store counts them: two complete readings, the same device, no brake; and a person's word."""

from __future__ import annotations

from datetime import date

import pytest

from agent.errors import UsageError
from agent.judging import Basis, judge
from agent.removals import confirm, count_removals, list_waiting
from agent.store import Store, removals
from collectors.model import Kind, Observation, Outcome, Section, State, Target
from reconcile import tables
from reconcile.policy import load
from reconcile.removed import limit
from tests.agent.parts import NOON, a_run, a_unit, seen

POLICY = load()
LINE = {
    "vendor": "cisco", "provider": "Acme", "contract_number": "200100", "service_level": "8X5XNBD",
    "line_status": "Active", "line_start": "2025-01-01", "line_end": "2031-12-31", "product_id": "C9300-48P",
    "line_kind": "hardware", "source": "acme", "source_file": "acme.csv",
}  # fmt: skip


def switch(address: str = "10.20.0.1", *members: str, **changed: object) -> Observation:
    """A stack of these members."""
    slots = enumerate(members or ("FOC1111A0A1",), start=1)
    chassis = (a_unit(serial, slot=str(n), product_id="C9300-48P") for n, serial in slots)
    return seen(address, *chassis, **{"hostname": f"sw{address.replace('.', '-')}", **changed})


def cut(address: str, *members: str) -> Observation:
    """The same, of which not everything was read."""
    sections = (Section("inventory", State.PARTIAL, "snmp", "the table broke off"),)
    return switch(address, *members, sections=sections, outcome=Outcome.PARTIAL)


def silent(address: str) -> Observation:
    return Observation(Target(address, site="Ghent"), Outcome.TIMEOUT, address, NOON, reason="no answer")


def counted(store: Store, *observations: Observation) -> int:
    run = a_run(store, *observations)
    count_removals(store, run, POLICY, now=lambda: NOON)
    return run


def states(store: Store) -> dict[str, tuple[str, str]]:
    rows = store.read(removals.absent)
    return {row.serial: (row.state, row.runs) for row in rows.itertuples(index=False)}


def events(store: Store, serial: str) -> list[str]:
    return list(store.read(removals.log, serial)["event"])


def judged(store: Store, run: int, *serials: str):
    rows = [{**LINE, "serial": serial, "source_row": str(n)} for n, serial in enumerate(serials, start=2)]
    basis = Basis(POLICY, date(2026, 3, 1), lines=tables.table(tables.LINES, rows))
    return judge(store, run, basis, now=lambda: NOON)


def found(results, rule: str) -> list[tuple[str, ...]]:
    rows = results.findings[results.findings["rule"] == rule]
    return list(rows[["serial", "new_serial", "severity", "status"]].itertuples(index=False, name=None))


A, B, C = "FOC1111A0A1", "FOC1111A0B2", "FOC1111A0C3"


def test_a_unit_is_removed_after_two_complete_readings_without_it(store):
    counted(store, switch("10.20.0.1", A, B))
    counted(store, switch("10.20.0.1", A))
    assert states(store) == {B: ("missing", "1")}
    counted(store, switch("10.20.0.1", A))

    assert states(store) == {B: ("removed", "2")}
    log = store.read(removals.log, B)
    assert list(log[["run", "event"]].itertuples(index=False, name=None)) == [("3", "removed")]


@pytest.mark.parametrize("unread", [cut("10.20.0.1", A), silent("10.20.0.1")])
def test_what_was_not_read_in_full_counts_for_nothing(store, unread):
    counted(store, switch("10.20.0.1", A, B))
    counted(store, switch("10.20.0.1", A))
    for _ in range(4):
        counted(store, unread)

    assert states(store) == {B: ("missing", "1")}


def test_a_device_that_was_no_target_counts_for_nothing(store):
    counted(store, switch("10.20.0.1", A, B), switch("10.20.0.2", C))
    for _ in range(3):
        counted(store, switch("10.20.0.2", C))

    assert states(store) == {}


def test_a_namesake_of_a_device_that_was_no_target_counts_for_nothing(store):
    counted(store, switch("10.20.0.1", A, B, hostname="sw.a.net"), switch("10.20.0.2", C, hostname="sw.b.net"))
    for _ in range(3):
        counted(store, switch("10.20.0.2", C, hostname="sw.b.net"))

    assert states(store) == {}


def test_runs_that_were_not_judged_are_counted_with_the_next_that_is(store):
    counted(store, switch("10.20.0.1", A, B))
    a_run(store, switch("10.20.0.1", A))
    counted(store, switch("10.20.0.1", A))

    assert states(store) == {B: ("removed", "2")}


def test_judging_a_run_again_does_not_count_it_again(store):
    counted(store, switch("10.20.0.1", A, B))
    run = counted(store, switch("10.20.0.1", A))
    for _ in range(3):
        count_removals(store, run, POLICY, now=lambda: NOON)

    assert states(store) == {B: ("missing", "1")}


def test_a_unit_that_is_seen_again_anywhere_is_there_and_its_past_is_kept(store):
    counted(store, switch("10.20.0.1", A, B), switch("10.20.0.2", C))
    for _ in range(2):
        counted(store, switch("10.20.0.1", A), switch("10.20.0.2", C))
    counted(store, switch("10.20.0.1", A), switch("10.20.0.2", C, B))

    assert (states(store), events(store, B)) == ({}, ["removed", "returned"])


def test_a_unit_that_moved_is_never_missing(store):
    counted(store, switch("10.20.0.1", A, B), switch("10.20.0.2", C))
    counted(store, switch("10.20.0.1", A), switch("10.20.0.2", C, B))
    counted(store, switch("10.20.0.1", A), switch("10.20.0.2", B, C))

    assert states(store) == {}


def test_a_device_that_got_another_address_and_name_is_the_same_by_its_chassis(store):
    counted(store, switch("10.20.0.1", A, B))
    for _ in range(2):
        counted(store, switch("10.20.0.9", A, hostname="renamed"))

    assert states(store) == {B: ("removed", "2")}


def test_another_device_at_the_address_proves_nothing_but_a_person_may_say_so(store):
    counted(store, switch("10.20.0.1", A, B))
    for _ in range(3):
        counted(store, switch("10.20.0.1", C, hostname="another"))
    assert states(store) == {A: ("missing", "0"), B: ("missing", "0")}

    confirm(store, [A], everything=False, who="kim", reason="scrapped", policy=POLICY, now=NOON)

    assert states(store) == {A: ("removed", "0"), B: ("missing", "0")}
    assert list(list_waiting(store)["serial"]) == [B]


def test_an_outcome_of_identity_changed_proves_nothing(store):
    counted(store, switch("10.20.0.1", A, B))
    for _ in range(3):
        counted(store, switch("10.20.0.1", A, outcome=Outcome.IDENTITY_CHANGED))

    assert states(store) == {}


def test_a_new_chassis_of_the_same_product_and_name_is_the_same_device_and_replaces_at_once(store):
    card = a_unit("FOC1111A0D4", kind=Kind.MODULE, slot="1/1", parent_serial=A, product_id="C9300-NM-8X")
    box = a_unit(A, slot="1", product_id="C9300-48P")
    counted(store, seen("10.20.0.1", box, card, hostname="sw10-20-0-1"))
    counted(store, switch("10.20.0.1", B))
    assert states(store) == {A: ("replaced", "1"), "FOC1111A0D4": ("missing", "1")}
    counted(store, switch("10.20.0.1", B))

    assert states(store)["FOC1111A0D4"] == ("removed", "2")


def many(lost: int = 0, boxes: int = 6, each: int = 5) -> list[Observation]:
    """Boxes of several sites, of which the first *lost* units are not there."""
    names = [[f"FOC11{box:02}A0{n:02}" for n in range(each)] for box in range(boxes)]
    gone = {name for row in names for name in row[1:][:1]} if lost < 0 else {n for row in names for n in row[1:]}
    some = sorted(gone)[: abs(lost) if lost > 0 else len(gone)] if lost else []
    return [
        switch(f"10.20.0.{box}", *(n for n in row if n not in some), target=Target(f"10.20.0.{box}", site=f"S{box}"))
        for box, row in enumerate(names, start=1)
    ]


def test_the_limit_of_the_brake_is_the_one_of_the_design():
    assert [limit(fleet, POLICY) for fleet in (5, 30, 100, 1000, 5000)] == [3, 3, 10, 20, 100]


def test_the_brake_is_set_by_one_unit_more_than_the_limit(store):
    counted(store, *many())
    counted(store, *many(3))
    assert set(store.read(removals.absent)["brake"]) == {""}


def test_too_many_at_once_wait_for_a_person_with_all_that_come_after(store):
    counted(store, *many())
    counted(store, *many(4))
    for _ in range(3):
        counted(store, *many(5))
    assert {state for state, _ in states(store).values()} == {"missing"}
    assert len(list_waiting(store)) == 5  # four are held, and the fifth waits behind them

    confirm(store, [], everything=True, who="kim", reason="change 4711", policy=POLICY, now=NOON)

    assert {state for state, _ in states(store).values()} == {"removed"}
    last = store.read(removals.log).iloc[-1]
    assert (last["event"], last["who"], events(store, last["serial"])[-2:]) == (
        "removed",
        "kim",
        ["released", "removed"],
    )


def test_a_brake_whose_units_are_all_seen_again_falls_by_itself(store):
    counted(store, *many())
    counted(store, *many(4))
    counted(store, *many())

    assert (states(store), len(list_waiting(store))) == ({}, 0)


def test_units_of_every_device_of_a_site_set_the_brake(store):
    def site(lost: bool) -> list[Observation]:
        here = [[f"FOC12{n:02}A0A1", f"FOC12{n:02}A0A2"] for n in range(5)]
        there = [[f"FOC13{n:02}A0{m:02}" for m in range(20)] for n in range(10)]
        return [
            *(switch(f"10.20.1.{n}", *row[: 1 if lost else 2]) for n, row in enumerate(here)),
            *(switch(f"10.20.2.{n}", *row, target=Target(f"10.20.2.{n}", site="Oslo")) for n, row in enumerate(there)),
        ]

    counted(store, *site(lost=False))
    counted(store, *site(lost=True))

    assert {why.split(" went")[0] for why in store.read(removals.absent)["brake"]} == {
        "units of every one of the 5 devices of Ghent"
    }


def test_a_store_that_is_older_than_the_counting_is_believed_once(store):
    a_run(store, *many())
    a_run(store, *many(5))
    for _ in range(3):
        a_run(store, *many(5))
    run = a_run(store, *many(5))
    count_removals(store, run, POLICY, now=lambda: NOON)

    assert {state for state, _ in states(store).values()} == {"removed"}


def test_confirming_what_does_not_wait_changes_nothing(store):
    counted(store, switch("10.20.0.1", A, B))
    counted(store, switch("10.20.0.1", A))

    with pytest.raises(UsageError, match="nothing was confirmed"):
        confirm(store, [B], everything=False, who="kim", reason="x", policy=POLICY, now=NOON)
    assert states(store) == {B: ("missing", "1")}


def test_a_missing_line_is_info_at_first_and_a_warning_once_two_readings_agree(store):
    told = []
    for members in ((A, B), (A,), (A,)):
        told.append(found(judged(store, a_run(store, switch("10.20.0.1", *members)), A, B), "COV-NOT-SEEN"))

    assert told == [[], [(B, "", "info", "new")], [(B, "", "warning", "open")]]


def test_a_removed_unit_stays_removed_while_its_device_is_silent(store):
    for members in ((A, B), (A,), (A,)):
        judged(store, a_run(store, switch("10.20.0.1", *members)), A, B)

    results = judged(store, a_run(store, silent("10.20.0.1"), switch("10.20.0.2", C)), A, B)

    assert found(results, "COV-NOT-SEEN") == [(B, "", "warning", "open")]
    (row,) = results.lines[results.lines["serial"] == B].to_dict("records")
    assert row["verdict"] == "not_seen"
    assert "removed since 2026-03-01, last seen on sw10-20-0-1 2 in run 1" in row["reason"]
    (change,) = results.changes[results.changes["serial"] == B].to_dict("records")
    assert change["action"] == "REVIEW"


def test_what_the_brake_holds_is_unproven_and_no_finding(store):
    serials = [unit.serial for one in many() for unit in one.units]
    judged(store, a_run(store, *many()), *serials)

    results = judged(store, a_run(store, *many(4)), *serials)

    assert found(results, "COV-NOT-SEEN") == []
    lines = results.lines[results.lines["verdict"] == "unproven"]
    assert (len(lines), lines["reason"].str.contains("confirm-removals").all()) == (4, True)


def test_the_command_lists_and_confirms(netcover_here, tmp_path, store):
    counted(store, *many())
    counted(store, *many(4))
    counted(store, *many(4))
    where = ("--store", f"sqlite:///{tmp_path / 'netcover.db'}")

    assert "4 wait" in netcover_here("confirm-removals", *where).stdout
    assert netcover_here("confirm-removals", "--all", *where).returncode == 2
    done = netcover_here("confirm-removals", "--all", "--reason", "change 4711", *where)

    assert "4 confirmed: 4 removed now" in done.stdout
    assert set(store.read(removals.absent)["reason"]) == {"change 4711"}
