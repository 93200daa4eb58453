"""Findings: keys that last, status from run to run, and what becomes of those whose device was not read."""

from __future__ import annotations

import json
from dataclasses import replace

from reconcile import tables
from reconcile.findings import Finding
from tests.reconcile.story import cells, finding, line, results, rules, seen, target, unit, unread

OTHER = line("FOC2299Z9ZZ", product_id="CP-8841")  # a phone, which no poll could see
GONE = line("FOC2298Y8YY", product_id="C9500-48Y4C")
BARE = Finding("COV-UNCOVERED", "", "", vendor="cisco", serial="FOC2201A0AA")


def test_a_key_is_the_rule_and_twelve_hex_digits_that_never_change():
    assert BARE.key == "COV-UNCOVERED-f93eb91895ae"


def test_a_key_holds_no_run_host_slot_or_row():
    elsewhere = replace(BARE, hostname="sw2", address="10.0.0.2", slot="7", source_row="9", message="x", unit=4)

    assert elsewhere.key == BARE.key


def test_a_key_tells_vendor_serials_address_and_line_apart():
    several = [
        BARE,
        replace(BARE, vendor="smartoptics"),
        replace(BARE, serial="FOC2201A0AB"),
        replace(BARE, new_serial="FOC2201A0AB"),
        replace(BARE, serial="", new_serial="FOC2201A0AA"),
        replace(BARE, serial="", address="10.0.0.1"),
        replace(BARE, serial="", address="10.0.0.2"),
        replace(BARE, serial="", contract_number="1", line_number="1"),
        replace(BARE, serial="", contract_number="1", line_number="2"),
    ]

    assert len({f.key for f in several}) == len(several)


def test_without_history_all_are_new_and_dated_today():
    found = results([unit()], [OTHER])

    assert cells(found.findings, "status", "first_seen", "last_seen") == [("new", "2026-06-15", "2026-06-15")]


def before(found, **more):
    """The findings of an earlier run, with some cells changed."""
    return found.findings.assign(first_seen="2026-05-01", last_seen="2026-05-01", **more)


def test_a_finding_of_the_last_run_is_open_and_keeps_its_first_day_and_ticket():
    first = results([unit()], [OTHER])
    second = results([unit()], [OTHER], previous_findings=before(first, ticket="T-7"))

    assert cells(second.findings, "status", "first_seen", "last_seen", "ticket") == [
        ("open", "2026-05-01", "2026-06-15", "T-7")
    ]


def test_what_is_mended_is_gone_and_counted():
    first = results([unit()], [OTHER])
    second = results([unit()], [OTHER, line()], previous_findings=before(first))

    assert (rules(second), second.counts["findings_closed"]) == ([], 1)


def test_an_accepted_finding_says_why_until_when_and_asks_for_no_change():
    key = results([unit()], [OTHER]).findings["key"][0]
    accepted = [{"key": key, "accepted_until": "2026-06-15", "comment": "lab gear"}]
    found = results([unit()], [OTHER], accepted=accepted)

    assert cells(found.findings, "status", "accepted_until", "comment") == [("accepted", "2026-06-15", "lab gear")]
    assert found.changes.empty


def test_an_acceptance_ends_with_its_day():
    key = results([unit()], [OTHER]).findings["key"][0]
    found = results([unit()], [OTHER], accepted=[{"key": key, "accepted_until": "2026-06-14"}])

    assert cells(found.findings, "status", "accepted_until") == [("new", "")]


def test_a_replacement_inherits_what_was_accepted_for_the_old_unit():
    register = [{"serial": "FOC2201A0AA", "provenance": "secondary"}]
    key = finding(results([unit()], [line()], register=register), "MKT-UNLICENSED")["key"]
    rma = [{"rma_number": "8", "old_serial": "FOC2201A0AA", "new_serial": "FOC2401B0BB", "date": "2026-05-01"}]
    accepted = [{"key": key, "comment": "agreed"}]
    found = results([unit("FOC2401B0BB")], [line()], rma=rma, register=register, accepted=accepted)

    assert finding(found, "MKT-UNLICENSED")["status"] == "accepted"


def test_a_known_unit_that_was_not_read_keeps_its_finding_marked_unconfirmed():
    first = results([unit()], [OTHER])
    failed = [unread("10.0.0.1", "sw1"), target("10.0.0.2", "sw2")]
    second = results([], [OTHER], failed, previous_findings=before(first), history=[seen("FOC2201A0AA")])

    assert rules(second) == ["SCAN-INCOMPLETE", "COV-UNCOVERED"]
    kept = finding(second, "COV-UNCOVERED")
    assert (kept["status"], kept["last_seen"]) == ("open", "2026-05-01")
    assert json.loads(kept["evidence"])["unconfirmed"] is True
    assert second.changes.empty


def test_a_finding_is_carried_over_as_often_as_its_device_is_not_read():
    first = results([unit()], [OTHER])
    failed = [unread("10.0.0.1", "sw1")]
    second = results([], [OTHER], failed, previous_findings=before(first))
    third = results([], [OTHER], failed, previous_findings=second.findings)

    assert finding(third, "COV-UNCOVERED") == finding(second, "COV-UNCOVERED")


def test_a_finding_of_a_device_that_is_no_target_this_time_is_kept():
    first = results([unit()], [OTHER])
    second = results([], [OTHER], [target("10.0.0.2", "sw2")], previous_findings=before(first))

    assert rules(second) == ["COV-UNCOVERED"]


def test_a_unit_that_is_gone_from_a_device_read_in_full_takes_its_finding_with_it():
    first = results([unit()], [OTHER])

    assert rules(results([], [OTHER], previous_findings=before(first))) == []


def test_a_contract_that_was_mended_settles_the_finding_of_an_unread_device():
    first = results([unit()], [OTHER])
    second = results([], [OTHER, line()], [unread("10.0.0.1", "sw1")], previous_findings=before(first))

    assert rules(second) == ["SCAN-INCOMPLETE"]


def test_a_unit_that_moved_is_judged_where_it_is():
    first = results([unit()], [OTHER])
    moved = unit(address="10.0.0.2", hostname="sw2")
    targets = [unread("10.0.0.1", "sw1"), target("10.0.0.2", "sw2")]
    second = results([moved], [OTHER, line(line_end="2026-01-01")], targets, previous_findings=before(first))

    assert rules(second) == ["COV-EXPIRED", "SCAN-INCOMPLETE"]


def test_a_line_not_seen_before_and_unproven_now_keeps_its_finding():
    first = results([unit()], [line(), GONE])
    second = results([unit()], [line(), GONE], [target(), unread()], previous_findings=before(first))

    assert rules(second) == ["SCAN-INCOMPLETE", "COV-NOT-SEEN"]


def test_a_failing_target_makes_lines_unproven_and_nothing_gone():
    units = [unit(), unit("FOC2202B0BB", address="10.0.0.2", hostname="sw2")]
    lines = [line(), line("FOC2202B0BB")]
    first = results(units, lines, [target(), target("10.0.0.2", "sw2")])
    second = results(
        units[:1], lines, [target(), unread("10.0.0.2", "sw2")], previous_findings=first.findings,
        history=[seen(u["serial"], address=u["address"], hostname=u["hostname"]) for u in units],
    )  # fmt: skip

    assert rules(first) == []
    assert cells(second.lines, "serial", "verdict") == [("FOC2201A0AA", "covered"), ("FOC2202B0BB", "unproven")]
    assert rules(second) == ["SCAN-INCOMPLETE"]
    assert second.changes.empty


def test_the_columns_are_those_of_the_files():
    found = results([unit()], [OTHER, line("", parent_serial="X")])

    assert tuple(found.units.columns) == tables.UNITS
    assert tuple(found.coverage.columns) == tables.COVERAGE
    assert tuple(found.lines.columns) == tables.LINES_OUT
    assert tuple(found.findings.columns) == tables.FINDINGS
    assert tuple(found.changes.columns) == tables.CHANGES


def test_nothing_at_all_reconciles_to_nothing():
    found = results([], [], [])

    assert [len(t) for t in (found.units, found.coverage, found.lines, found.findings, found.changes)] == [0] * 5
