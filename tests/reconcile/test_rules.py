"""Every rule fires on its smallest example and stays quiet on the nearest thing that is none."""

from __future__ import annotations

import json
from functools import cache

import pytest

from reconcile.ledger import build
from reconcile.rules import RULES, evaluate, rule_documents
from tests.reconcile import entitlement_cases
from tests.reconcile.coverage_cases import COVERAGE, DONATIONS, SCAN
from tests.reconcile.entitlement_cases import DEVICE, ENDED, OTHER, RELEASE, SHELF, asset, story
from tests.reconcile.story import (
    POLICY,
    cells,
    change,
    finding,
    inputs,
    line,
    policy,
    results,
    rules,
    seen,
    target,
    unit,
)  # fmt: skip

CASES = {**COVERAGE, **DONATIONS, **entitlement_cases.CASES, **SCAN}
COV_OF_CISCO_ONLY = {"COV-UNCOVERED", "COV-EXPIRED", "COV-EXPIRING"}


@cache
def fired(code):
    """What comes of the example on which the rule fires."""
    return results(**CASES[code][0])


def test_every_rule_has_an_example_a_severity_and_a_document():
    assert list(CASES) == [rule.code for rule in RULES] == [d["code"] for d in rule_documents()]
    assert set(POLICY.severity) == {rule.code for rule in RULES}
    assert all(document["summary"].endswith(".") for document in rule_documents())


@pytest.mark.parametrize("code", CASES)
def test_a_rule_fires_once_on_its_example_and_not_on_the_nearest_other(code):
    find = next(rule.find for rule in RULES if rule.code == code)

    assert [r for r in rules(fired(code)) if r == code] == [code]
    assert [found.rule for found in find(build(inputs(**CASES[code][1])))] == []


@pytest.mark.parametrize("rule", [r for r in RULES if r.verdicts], ids=lambda r: r.code)
def test_a_rule_stands_only_beside_the_verdicts_it_names(rule):
    found = fired(rule.code)
    told = finding(found, rule.code)
    beside = dict(cells(found.coverage, "serial", "verdict"))
    meant = [told["serial"]] if told["serial"] else json.loads(told["evidence"]).get("serials", list(beside))

    assert meant
    assert {beside[serial] for serial in meant} <= set(rule.verdicts)


@pytest.mark.parametrize("rule", [r for r in RULES if r.needs], ids=lambda r: r.code)
def test_a_rule_whose_input_is_missing_is_reported_once_and_does_not_fire(rule):
    given = {k: v for k, v in CASES[rule.code][0].items() if k not in rule.needs or k == "lines"}
    if "lines" in rule.needs:
        given["lines"] = None
    found = results(**given)

    assert rule.code not in rules(found)
    assert [code for code, _ in found.not_evaluated if code == rule.code] == [rule.code]


def test_smartoptics_units_are_left_to_their_own_rules():
    for code in ("SO-UNCOVERED", "SO-EXPIRED", "SO-EXPIRING"):
        assert not COV_OF_CISCO_ONLY & set(rules(fired(code)))


@pytest.mark.parametrize(("end", "band"), [("2026-07-15", 30), ("2026-08-14", 60), ("2026-09-13", 90)])
def test_an_expiring_line_is_put_in_its_band(end, band):
    told = finding(results(**story(lines=[line(line_end=end)])), "COV-EXPIRING")

    assert json.loads(told["evidence"])["band"] == band


def test_a_renewal_that_starts_the_day_after_silences_expiring_and_a_gap_does_not():
    old = line(line_end="2026-07-31")

    assert rules(results([unit()], [old, line(line_start="2026-08-01", line_status="Signed")])) == []
    assert rules(results([unit()], [old, line(line_start="2026-08-02", line_status="Signed")])) == ["COV-EXPIRING"]


def test_a_line_that_is_not_to_be_renewed_asks_for_nothing():
    found = results([unit()], [line(line_end="2026-07-31", do_not_renew_reason="Decommissioned")])

    assert finding(found, "COV-EXPIRING")["severity"] == "info"
    assert found.changes.empty


@pytest.mark.parametrize(
    ("second", "fires"),
    [
        ({"line_kind": "software"}, False),
        ({"service_level": "SWSS"}, False),
        ({"line_start": "2029-01-01", "line_end": "2030-12-31"}, False),
        ({"line_start": "2028-12-31", "line_end": "2030-12-31"}, True),
        ({"line_end": "2024-01-01"}, False),
        ({"source_file": "portal.csv"}, False),
        ({"source_file": "portal.csv", "contract_number": "9"}, True),
        ({}, True),
        ({"line_number": "2"}, True),
    ],
)
def test_a_duplicate_is_two_hardware_lines_on_one_day(second, fires):
    assert ("COV-DUP" in rules(results([unit()], [line(), line(**second)]))) is fires


def test_a_duplicate_of_an_unseen_serial_is_one_too():
    assert "COV-DUP" in rules(results([], [OTHER, {**OTHER, "contract_number": "2"}], **SHELF))


def test_not_seen_is_info_until_a_second_complete_run_agrees():
    given = story(lines=[line(), OTHER])
    first = results(**given)
    second = results(**given, previous_findings=first.findings)

    assert [finding(f, "COV-NOT-SEEN")["severity"] for f in (first, second)] == ["info", "warning"]
    assert finding(results(**given, policy=policy(not_seen_runs=1)), "COV-NOT-SEEN")["severity"] == "warning"


def test_an_ended_line_of_a_unit_that_is_gone_is_no_finding():
    found = results([unit()], [line(), line("FOC2299Z9ZZ", line_end="2024-01-01")])

    assert rules(found) == []
    assert list(found.lines["verdict"]) == ["covered", "not_seen"]


def test_a_disposed_unit_s_line_is_to_be_removed_without_asking():
    found = results([unit()], [line(), OTHER], register=[{"serial": "FOC2299Z9ZZ", "disposed": "scrapped"}])

    assert [change(found, "REMOVE")[n] for n in ("serial", "needs_confirmation")] == ["FOC2299Z9ZZ", "no"]


def test_a_licence_finding_names_the_chassis_and_all_its_features():
    both = [{**DEVICE, "feature": f, "state": "evaluation"} for f in ("dna-advantage", "network-advantage")]
    told = finding(results(**story(licences=both)), "LIC-EVAL")

    assert (told["serial"], told["product_id"]) == ("FOC2201A0AA", "C9300-48P")
    assert told["message"] == "sw1 runs on evaluation or grace: dna-advantage, network-advantage"


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({}, True),
        ({"units": [unit(product_id="WS-C2960X-48TS-L", software_version="17.9.5")]}, False),
        ({"register": [{"serial": "FOC2201A0AA", "ship_date": "2026-03-01"}]}, False),
        ({"register": [{"serial": "FOC2201A0AA", "ship_date": "2026-02-28"}]}, True),
        ({"rma": [{"old_serial": "X", "new_serial": "FOC2201A0AA", "date": "2026-04-01"}]}, False),
        ({"lines": [OTHER], **SHELF}, False),
        ({"lines": [OTHER], **SHELF, "register": [{"serial": "FOC2201A0AA", "purchase_date": "2025-11-01"}]}, True),
        ({"lines": [OTHER], **SHELF, "register": [{"serial": "FOC2201A0AA", "purchase_date": "2026-01-01"}]}, False),
        ({"lines": [ENDED, line(line_kind="software")]}, False),
        ({"software": [{**RELEASE[0], "platform": ""}]}, True),
        ({"units": [unit(software_version="17.9.5 [Maintenance Release]")]}, True),
        ({"software": [{**RELEASE[0], "version": "17.9.5 [Maintenance Release]"}]}, True),
        ({"units": [unit(software_version="17.9.5a [Maintenance Release]")]}, False),
        ({"software": [{**RELEASE[0], "platform": "cisco_nxos"}]}, False),
    ],
)
def test_newer_software_needs_every_exemption_ruled_out(more, fires):
    found = results(**(CASES["LIC-SW-NEWER"][0] | more))

    assert ("LIC-SW-NEWER" in rules(found)) is fires
    assert "error" not in list(found.findings[found.findings["rule"] == "LIC-SW-NEWER"]["severity"])


def test_a_unit_that_cannot_be_covered_is_never_advised_to_be_added():
    for code in ("MKT-UNCOVERABLE", "MKT-HOLD", "MKT-DAMAGED", "MKT-CERTS"):
        assert "ADD" not in list(fired(code).changes["action"])


def test_nobody_is_accused():
    told = finding(fired("MKT-UNLICENSED"), "MKT-UNLICENSED")

    assert told["message"].endswith("no relicence proof on record under the vendor's policy")


def test_a_complete_poll_with_a_partial_inventory_is_only_told():
    found = results(**story(targets=[target(inventory_state="partial", inventory_reason="facts only")]))

    assert finding(found, "SCAN-INCOMPLETE")["severity"] == "info"


def test_evidence_points_at_the_row_and_the_place():
    told = finding(fired("COV-EXPIRED"), "COV-EXPIRED")

    assert json.loads(told["evidence"]) == {
        "line": "acme.csv:2", "line_end": "2026-01-31", "line_status": "ACTIVE",
        "unit": {"address": "10.0.0.1", "hostname": "sw1", "slot": "1"},
    }  # fmt: skip


def test_the_rules_do_not_change_the_ledger():
    ledger = build(inputs([unit()], [ENDED, OTHER], history=[seen("FOC2299Z9ZZ")]))
    before = [t.copy() for t in (ledger.units, ledger.lines, ledger.pairs)]
    evaluate(ledger)

    assert all(a.equals(b) for a, b in zip(before, (ledger.units, ledger.lines, ledger.pairs), strict=True))


@pytest.mark.parametrize(
    ("more", "other", "told"),
    [
        ({"eox": [{"vendor": "cisco", "product_id": "C9300-48P", "last_date_of_support": "2026-06-01"}]}, "COV-EOL",
         "it cannot be renewed"),
        (asset(provenance="secondary", relicence_proof="SO 12"), "MKT-ON-CONTRACT", "keeps it from being renewed"),
        (asset(compliance_hold="yes"), "MKT-HOLD", "keeps it from being renewed"),
    ],
)  # fmt: skip
def test_a_unit_that_cannot_be_covered_anew_is_not_advised_to_be_renewed(more, other, told):
    found = results(**story(lines=[line(line_end="2026-07-01")], **more))

    assert {"COV-EXPIRING", other} == set(rules(found))
    assert "RENEW" not in list(found.changes["action"])
    assert told in finding(found, "COV-EXPIRING")["action"]


@pytest.mark.parametrize(
    ("first", "second", "doubled"),
    [
        ({"instance_number": "71"}, {"instance_number": "71", "service_level": "SNT"}, False),
        ({"service_level": ""}, {"service_level": "SNT", "line_number": "1"}, False),
        ({"instance_number": "71"}, {"instance_number": "72"}, True),
        ({}, {"service_level": "SNTP"}, True),
        ({}, {"contract_number": "200101"}, True),
        ({}, {"line_end": "2027-01-31"}, True),
    ],
)
def test_one_line_in_the_exports_of_two_portals_is_no_duplicate(first, second, doubled):
    found = results([unit()], [line(**first), line(source_file="other.csv", **second)])

    assert ("COV-DUP" in rules(found)) is doubled


@pytest.mark.parametrize(
    ("cells_of_line", "told"),
    [
        ({"line_status": "Not covered", "line_end": ""}, "listed by the vendor, but on no contract"),
        ({"line_kind": "software"}, "on a line that does not cover hardware, and on no other"),
        ({"serial": "FOC2202B0BB", "product_id": "N9K-C9508"}, "on no line of any contract"),
    ],
)
def test_an_uncovered_unit_s_message_says_why(cells_of_line, told):
    found = results([unit()], [line(**cells_of_line)])

    assert finding(found, "COV-UNCOVERED")["message"] == f"C9300-48P FOC2201A0AA in sw1 is {told}"
