"""Replacements: what pairs, what does not, and what the pair is said to be."""

from __future__ import annotations

import json

import pytest

from tests.reconcile.story import (
    cells,
    change,
    finding,
    line,
    results,
    rules,
    seen,
    target,
    unit,
    unread,
    verdict,
)  # fmt: skip

OLD, NEW = "FOC2101A0AA", "FOC2401B0BB"
RMA = [{"vendor": "cisco", "rma_number": "800123", "old_serial": OLD, "new_serial": NEW, "date": "2026-05-01",
        "source_file": "rma.csv", "source_row": "2"}]  # fmt: skip


def test_an_rma_gives_one_finding_with_both_serials_and_one_replace_row():
    found = results([unit(NEW)], [line(OLD, instance_number="0077", line_number="1.2")], rma=RMA)

    assert rules(found) == ["COV-REPLACED"]
    told = finding(found, "COV-REPLACED")
    assert [told[n] for n in ("serial", "new_serial", "confidence", "class", "severity")] == [
        OLD, NEW, "high", "replaced", "error",
    ]  # fmt: skip
    swap = change(found, "REPLACE")
    assert len(found.changes) == 1
    names = ("serial", "new_serial", "needs_confirmation", "instance_number", "line_number", "source_row")
    assert [swap[n] for n in names] == [
        OLD, NEW, "no", "0077", "1.2", "2",
    ]  # fmt: skip
    assert verdict(found, NEW) == "replaced"
    assert cells(found.lines, "verdict", "unit_serial", "matched_by") == [("replaced", NEW, "rma")]


def test_the_vendor_s_own_replacement_serial_is_as_good_as_an_rma():
    found = results([unit(NEW)], [line(OLD, replacement_serial=NEW)])

    assert cells(found.lines, "verdict", "matched_by") == [("replaced", "replacement")]
    assert change(found, "REPLACE")["needs_confirmation"] == "no"


def test_a_chain_of_rmas_leads_to_the_serial_that_is_there():
    chain = [{**RMA[0], "new_serial": "FOC2301C0CC"}, {**RMA[0], "old_serial": "FOC2301C0CC", "rma_number": "800124"}]
    found = results([unit(NEW)], [line(OLD)], rma=chain)

    assert finding(found, "COV-REPLACED")["new_serial"] == NEW


def test_rmas_that_go_round_in_a_circle_end():
    circle = [*RMA, {**RMA[0], "old_serial": NEW, "new_serial": OLD}]

    assert rules(results([], [line(OLD)], rma=circle)) == ["COV-NOT-SEEN"]


def test_an_rma_on_an_unread_device_asks_for_confirmation():
    found = results([unit(NEW)], [line(OLD)], [target(inventory_state="partial", outcome="partial")], rma=RMA)

    assert change(found, "REPLACE")["needs_confirmation"] == "yes"


def test_an_old_line_whose_new_serial_is_on_the_contract_too_is_to_be_removed():
    found = results([unit(NEW)], [line(OLD), line(NEW)], rma=RMA)

    assert rules(found) == ["COV-NOT-SEEN"]
    assert [change(found, "REMOVE")[n] for n in ("serial", "needs_confirmation")] == [OLD, "no"]


def test_without_the_rma_the_two_are_a_missing_line_and_an_uncovered_unit():
    found = results([unit(NEW)], [line(OLD)], [target(site="")])

    assert rules(found) == ["COV-NOT-SEEN", "COV-UNCOVERED"]


def test_the_same_slot_and_product_in_an_earlier_run_is_a_replacement_that_wants_confirming():
    found = results([unit(NEW)], [line(OLD)], history=[seen(OLD, run="4")])

    told = finding(found, "COV-REPLACED")
    assert (told["confidence"], json.loads(told["evidence"])["reference"]) == ("high", "run 4")
    assert change(found, "REPLACE")["needs_confirmation"] == "yes"


def test_another_product_in_the_same_slot_is_a_changed_model():
    found = results([unit(NEW, product_id="C9500-48Y4C")], [line(OLD)], history=[seen(OLD)])

    told = finding(found, "COV-REPLACED")
    assert json.loads(told["evidence"])["model_changed"] is True
    assert change(found, "REPLACE")["new_product_id"] == "C9500-48Y4C"


def test_a_new_chassis_of_another_model_at_the_same_target_is_a_replacement_whatever_its_slot_is_called():
    found = results([unit(NEW, product_id="C9500-48Y4C", slot="Switch 1")], [line(OLD)], history=[seen(OLD)])

    assert finding(found, "COV-REPLACED")["confidence"] == "medium"


def test_the_host_on_the_line_and_the_product_pair_with_medium_confidence():
    found = results([unit(NEW)], [line(OLD, hostname="SW1.example.net")], [target(site="")])

    assert finding(found, "COV-REPLACED")["confidence"] == "medium"
    assert verdict(found, NEW) == "replaced"


def test_two_new_members_for_two_lost_ones_at_a_host_are_not_guessed():
    units = [unit(NEW), unit("FOC2402D0DD", slot="2")]
    found = results(units, [line(OLD, hostname="sw1"), line("FOC2102E0EE", hostname="sw1")])

    assert rules(found) == ["COV-NOT-SEEN", "COV-NOT-SEEN", "COV-UNCOVERED", "COV-UNCOVERED"]


def test_one_missing_and_one_new_at_a_site_are_a_candidate_and_no_fact():
    found = results([unit(NEW)], [line(OLD, site_name="north")])

    assert rules(found) == ["COV-NOT-SEEN", "COV-REPLACED", "COV-UNCOVERED"]
    assert (verdict(found, NEW), verdict(found, OLD)) == ("uncovered", "not_seen")
    told = finding(found, "COV-REPLACED")
    assert (told["confidence"], told["severity"]) == ("low", "warning")
    assert sorted(cells(found.changes, "action", "needs_confirmation")) == [
        ("ADD", "yes"), ("REVIEW", "yes"), ("REVIEW", "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "lines", "more"),
    [
        pytest.param(
            [unit(NEW)], [line(OLD)],
            {"targets": [target(), unread()], "history": [seen(OLD, address="10.0.0.9", hostname="sw9")]},
            id="its host was not read",
        ),
        pytest.param(
            [unit(NEW)], [line(OLD)],
            {"targets": [target(inventory_state="partial")], "history": [seen(OLD)]}, id="the host was read in part",
        ),
        pytest.param(
            [unit(NEW)], [line(OLD, hostname="sw9")], {"targets": [target(), unread()]},
            id="the line names an unread host, and the old one was never seen elsewhere",
        ),
        pytest.param(
            [unit(NEW, vendor="smartoptics")], [line(OLD)], {"history": [seen(OLD)]}, id="another vendor",
        ),
        pytest.param(
            [unit(NEW)], [line(OLD)], {"history": [seen(OLD)], "spares": [{"serial": OLD}]},
            id="the old one is a spare",
        ),
        pytest.param(
            [unit(NEW)], [line(OLD)], {"history": [seen(OLD)], "spares": [{"serial": NEW}]},
            id="the new one is a spare",
        ),
        pytest.param(
            [unit(NEW)], [line(OLD, line_end="2024-01-01")], {"history": [seen(OLD)]}, id="the old line has ended",
        ),
        pytest.param(
            [unit(NEW, slot="2"), unit("FOC2402D0DD", slot="3")], [line(OLD)], {"history": [seen(OLD)]},
            id="another slot, two new",
        ),
        pytest.param(
            [unit(NEW, address="10.0.0.2")],
            [line(OLD)],
            {
                "targets": [target(), target("10.0.0.2", "sw1", inventory_state="partial")],
                "history": [seen(OLD)],
            },
            id="the new one's device was read in part",
        ),
        pytest.param([unit(OLD), unit(NEW, slot="2")], [line(OLD)], {"rma": RMA}, id="the old one is still there"),
        pytest.param(
            [unit(NEW)], [line(OLD, site_name="North")], {"targets": [target(), unread(platform="cisco_nxos")]},
            id="same site, but a target of it was not read",
        ),
    ],
)  # fmt: skip
def test_nothing_pairs_where(units, lines, more):
    found = results(units, lines, **more)

    assert "COV-REPLACED" not in rules(found)
    assert "replaced" not in list(found.coverage["verdict"])


def test_of_two_serials_seen_in_a_place_the_later_one_was_replaced():
    lines = [line(OLD), line("FOC2102E0EE")]
    found = results([unit(NEW)], lines, history=[seen(OLD, run="2"), seen("FOC2102E0EE", run="7")])

    assert finding(found, "COV-REPLACED")["serial"] == "FOC2102E0EE"
    assert verdict(found, OLD) == "not_seen"


def test_an_ended_line_of_a_returned_unit_makes_its_replacement_expired():
    found = results([unit(NEW)], [line(OLD, line_end="2026-01-01")], rma=RMA)

    assert verdict(found, NEW) == "expired"
    assert rules(found) == ["COV-EXPIRED"]


def test_a_replaced_module_is_covered_by_its_chassis_and_its_line_still_to_be_mended():
    card = unit(NEW, kind="module", product_id="C9400-LC-48U", slot="3", parent_serial="FOC2201A0AA")
    found = results([unit(), card], [line(), line(OLD, product_id="C9400-LC-48U")], rma=RMA)

    assert verdict(found, NEW) == "covered"
    assert rules(found) == ["COV-REPLACED"]


def test_a_unit_listed_without_a_contract_may_still_take_a_place():
    found = results([unit(NEW)], [line(OLD), line(NEW, line_status="Not Covered", line_end="")], rma=RMA)

    assert verdict(found, NEW) == "replaced"


def test_a_replacement_inherits_what_the_register_says_of_the_old_one():
    register = [{"serial": OLD, "provenance": "secondary", "owner": "Ops", "source_file": "r.csv", "source_row": "2"}]
    found = results([unit(NEW)], [line(OLD)], rma=RMA, register=register)

    assert finding(found, "MKT-UNLICENSED")["owner"] == "Ops"


@pytest.mark.parametrize(("product", "paired"), [("WS-C2960X-48FPD-L", True), ("C9300-48P", False)])
def test_a_cut_off_device_of_another_series_leaves_a_site_s_candidates_alone(product, paired):
    targets = [target(), unread(outcome="partial", inventory_state="partial")]
    units = [unit(NEW, product_id=product), unit("FOC2212M0MM", address="10.0.0.9", hostname="sw9")]
    found = results(units, [line(OLD, product_id=product, site_name="North")], targets)

    assert ("COV-REPLACED" in rules(found)) is paired


def test_a_second_hand_unit_in_the_place_of_another_is_not_advised_onto_its_contract():
    register = [{"serial": NEW, "provenance": "secondary"}]
    found = results([unit(NEW)], [line(OLD)], history=[seen(OLD)], register=register)

    assert verdict(found, NEW) == "replaced"
    assert [(c, n) for c, n in cells(found.changes, "action", "rule") if n == "COV-REPLACED"] == [
        ("REVIEW", "COV-REPLACED")
    ]
    assert finding(found, "COV-REPLACED")["action"].startswith("Do not put it on contract 200100 yet: recorded as")
    assert (
        change(results([unit(NEW)], [line(OLD)], rma=RMA, register=register), "REPLACE")["needs_confirmation"] == "no"
    )


def test_a_renewal_of_a_returned_unit_s_line_names_the_unit_that_is_there():
    found = results([unit(NEW)], [line(OLD, line_end="2026-01-01")], rma=RMA)

    assert [change(found, "RENEW")[n] for n in ("serial", "new_serial", "new_product_id")] == [OLD, NEW, "C9300-48P"]


def test_the_message_says_how_the_pair_is_known_in_a_few_words():
    given = {"rma": {"rma": RMA}, "run": {"history": [seen(OLD, run="4")]}, "site": {}}
    told = {name: finding(results([unit(NEW)], [line(OLD, site_name="North")], **more), "COV-REPLACED")
            for name, more in given.items()}  # fmt: skip

    assert {name: row["message"] for name, row in told.items()} == {
        "rma": f"{NEW} took the place of {OLD} (by RMA 800123)",
        "run": f"{NEW} took the place of {OLD} (it is where an earlier run saw that one)",
        "site": f"{NEW} may have taken the place of {OLD} (by site and product only)",
    }
    assert told["site"]["action"] == (
        f"Find out whether it did; if so, put {NEW} in the place of {OLD} on contract 200100."
    )
