"""Replacements over the years: what stood beside, what came too late, what was found before."""

from __future__ import annotations

import pytest

from reconcile import tables
from tests.reconcile.story import finding, line, results, rules, seen, target, unit

OLD, NEW = "FOC2101A0AA", "FOC2401B0BB"


def arrived(run: str, serial: str = NEW):
    return tables.table(tables.ARRIVED, [{"vendor": "cisco", "serial": serial, "run": run}, {"run": "1"}])


def absent(since_run: str):
    return tables.table(
        tables.ABSENT,
        [{"vendor": "cisco", "serial": OLD, "run": "4", "runs": "3", "state": "removed", "since_run": since_run,
          "since": "2026-06-01", "hostname": "sw1", "slot": "1"}],
    )  # fmt: skip


def test_what_came_after_the_old_one_was_last_seen_took_its_place():
    found = results([unit(NEW)], [line(OLD)], history=[seen(OLD, run="4")], arrived=arrived("5"))

    assert rules(found) == ["COV-REPLACED"]


@pytest.mark.parametrize("since", ["4", "1"])
def test_what_was_there_while_the_old_one_was_did_not(since):
    found = results([unit(NEW, slot="2")], [line(OLD)], history=[seen(OLD, run="4")], arrived=arrived(since))

    assert rules(found) == ["COV-NOT-SEEN", "COV-UNCOVERED"]


def test_a_newcomer_to_another_slot_pairs_only_where_no_complete_run_lies_between():
    def of(since: str):
        given = {"history": [seen(OLD, run="4")], "arrived": arrived("7"), "absent": absent(since)}
        return rules(results([unit(NEW, slot="2")], [line(OLD)], [target(site="")], **given))

    assert (of("7"), of("5")) == (["COV-REPLACED"], ["COV-NOT-SEEN", "COV-UNCOVERED"])


def test_a_newcomer_to_the_same_slot_took_the_place_however_late():
    given = {"history": [seen(OLD, run="4")], "arrived": arrived("7"), "absent": absent("5")}

    assert rules(results([unit(NEW)], [line(OLD)], **given)) == ["COV-REPLACED"]


def test_a_unit_on_the_contract_that_moved_into_a_place_replaced_nothing():
    found = results([unit(NEW), unit(OLD, slot="3")], [line(OLD), line(NEW)], history=[seen(OLD), seen(NEW, slot="2")])

    assert rules(found) == []


def test_the_place_s_own_proof_outweighs_a_host_that_the_line_names_and_that_was_not_read():
    more = {"history": [seen(OLD)]}
    targets = [target(), target("10.0.0.9", "sw9", outcome="timeout", inventory_state="failed")]
    found = results([unit(NEW)], [line(OLD, hostname="sw9")], targets, **more)

    assert finding(found, "COV-REPLACED")["confidence"] == "high"


def test_a_pair_that_was_found_is_kept_when_the_old_one_is_known_to_no_run_any_more():
    first = results([unit(NEW)], [line(OLD)], history=[seen(OLD)])
    second = results([unit(NEW, address="10.0.0.7", slot="5")], [line(OLD)], [target("10.0.0.7", "sw7")],
                     previous_findings=first.findings)  # fmt: skip

    assert finding(second, "COV-REPLACED")["status"] == "open"
    assert rules(results([unit(NEW)], [line(NEW)], previous_findings=second.findings)) == []


def test_a_removed_unit_s_line_says_since_when_and_where_it_was():
    found = results([], [line(OLD)], history=[seen(OLD, run="4")], absent=absent("5"))

    (row,) = found.lines.to_dict("records")
    assert row["verdict"] == "not_seen"
    assert row["reason"].endswith("removed since 2026-06-01, last seen on sw1 1 in run 4")
    assert finding(found, "COV-NOT-SEEN")["severity"] == "warning"
