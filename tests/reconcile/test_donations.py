"""The vendor's own donations, and the orders they came in."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.reconcile.coverage_cases import DONATED, grant
from tests.reconcile.entitlement_cases import asset
from tests.reconcile.story import (
    change,
    finding,
    fire,
    line,
    policy,
    results,
    rules,
    seen,
    target,
    unit,
    unread,
)  # fmt: skip

SERIAL, LOST = "FOC2201A0AA", "FOC2101A0AA"
OTHER = line("FOC2299Z9ZZ", product_id="CP-8841")
RMA = [{"vendor": "cisco", "rma_number": "8", "old_serial": LOST, "new_serial": SERIAL, "date": "2026-05-01"}]


def lost(**more):
    return grant(LOST, vendor="cisco", product_id="C9300-48P", **more)


def test_a_granted_unit_that_is_no_longer_used_is_to_be_returned_wherever_it_is():
    used = results([unit()], [line()], **grant(in_use="no"))
    stored = results([unit()], [line()], **lost(in_use="No", sales_order="SO-5"))

    told = finding(used, "DON-RETURN")
    assert (told["severity"], told["hostname"]) == ("error", "sw1")
    assert [change(used, "RETURN")[n] for n in ("serial", "needs_confirmation", "hostname")] == [SERIAL, "no", "sw1"]
    assert [change(stored, "RETURN")[n] for n in ("serial", "product_id")] == [LOST, "C9300-48P"]


def test_a_granted_unit_that_nobody_sees_is_first_to_be_located():
    given = {"units": [unit()], "lines": [line()], **lost()}
    first = results(**given)
    second = results(**given, previous_findings=first.findings)

    assert [finding(f, "DON-RETURN")["severity"] for f in (first, second)] == ["info", "warning"]
    assert finding(second, "DON-RETURN")["action"].startswith("Find it: ")
    assert "RETURN" not in list(second.changes["action"])


@pytest.mark.parametrize(
    "more",
    [
        {"targets": [target(), unread()]},
        {"spares": [{"vendor": "cisco", "serial": LOST}]},
        {"rma": RMA},
        {"lines": [line(LOST, replacement_serial=SERIAL)]},
        {"lines": [line(LOST)], "history": [seen(LOST)]},
        {**lost(disposed="returned")},
        {**lost(provenance="new")},
        {"register": [{"vendor": "cisco", "serial": LOST, "provenance": "grant", "product_id": "CP-8841"}]},
    ],
)
def test_a_granted_unit_is_not_asked_for_where_it_may_be_or_went_back(more):
    assert fire("DON-RETURN", **{"units": [unit()], "lines": [line()], **lost(), **more}) == []


def test_neither_end_of_a_replacement_is_to_be_returned_or_foreign():
    register = [{"vendor": "cisco", "serial": LOST, "provenance": "grant", "in_use": "no"},
                {"vendor": "cisco", "serial": SERIAL, "provenance": "new"}]  # fmt: skip
    given = {"units": [unit()], "lines": [line(LOST, **DONATED), line(**DONATED)], "register": register, "rma": RMA}

    assert fire("DON-RETURN", **given) == fire("DON-FOREIGN", **given) == []
    assert [f.serial for f in fire("DON-FOREIGN", **given | {"rma": []})] == [SERIAL]


@pytest.mark.parametrize(
    ("word", "fires"), [("sold", True), ("exchanged", True), ("scrapped", True), ("returned", False)]
)
def test_a_granted_unit_is_given_to_nobody_else(word, fires):
    assert bool(fire("DON-DISPOSED", [unit()], [line()], **lost(disposed=word))) is fires
    assert fire("DON-DISPOSED", [unit()], [line()], **lost(disposed=word), rma=RMA) == []


@pytest.mark.parametrize(
    ("provenance", "line_of", "fires"),
    [
        ("new", {}, True), ("secondary", {}, True), ("unknown", {}, False), ("", {}, False), ("grant", {}, False),
        ("new", {"programme": "Purchased"}, False), ("new", {"line_end": "2026-01-31"}, False),
    ],
)  # fmt: skip
def test_only_equipment_known_to_come_from_elsewhere_is_foreign_to_a_donated_contract(provenance, line_of, fires):
    assert bool(fire("DON-FOREIGN", [unit()], [line(**DONATED | line_of)], **asset(provenance=provenance))) is fires


@pytest.mark.parametrize(
    ("lines", "more", "fires"),
    [
        ([OTHER], {}, True),
        ([line()], {}, False),  # a line that does not tell its programme may be the donated one
        ([line(programme="Purchased")], {}, True),
        ([line(programme="Purchased"), line(**DONATED)], {}, False),
        ([line(**DONATED | {"line_status": "Signed"})], {}, False),
        ([OTHER], {"ship_date": "2026-06-01"}, False),  # its contract is not due yet
        ([OTHER], {"condition": "damaged"}, False),
        ([OTHER], {"grant_date": "", "ship_date": ""}, False),
        ([line(vendor="smartoptics", product_id="DCP-2")], {}, False),  # no contract source of the vendor
    ],
)
def test_a_granted_unit_within_its_term_should_be_on_a_donated_contract(lines, more, fires):
    assert bool(fire("DON-MISSING", [unit()], lines, **grant(**more))) is fires


@pytest.mark.parametrize(
    ("end", "level", "fires"),
    [
        ("2029-01-31", "8X5XNBD", False), ("2029-02-01", "8 x 5 x Next Business Day", False),
        ("2029-01-30", "SNT", False), ("2029-01-29", "8X5XNBD", True), ("2031-01-31", "8X5XNBD", True),
        ("2029-01-31", "24X7X4", True), ("2029-01-31", "", False), ("", "8X5XNBD", False),
    ],
)  # fmt: skip
def test_a_donated_contract_runs_five_years_at_one_level(end, level, fires):
    given = line(**DONATED | {"line_end": end, "line_status": "Active", "service_level": level})

    assert bool(fire("DON-TERM", [unit()], [given])) is fires


def test_the_lines_of_one_donated_contract_are_one_finding():
    lines = [line(serial, **DONATED | {"line_end": "2028-01-31"}) for serial in (SERIAL, "FOC2202B0BB")]
    (told,) = fire("DON-TERM", [unit()], lines)

    assert told.evidence["serials"] == [SERIAL, "FOC2202B0BB"]


def test_the_end_of_a_donated_term_stands_beside_the_finding_that_asks_for_cover():
    ended = results([unit()], [line(line_end="2026-01-31")], **grant(grant_date="2021-02-01"))
    unlisted = results([unit()], [OTHER], **grant(grant_date="2021-02-01"))

    assert rules(ended) == ["COV-EXPIRED", "DON-ENDED"]
    assert rules(unlisted) == ["COV-UNCOVERED", "DON-ENDED"]
    assert finding(unlisted, "COV-UNCOVERED")["action"] == (
        "Ask a reseller for a quote with its serial, product and site."
    )


@pytest.mark.parametrize(
    ("register", "told"),
    [
        (asset(provenance="new"), "Ask a reseller for a quote with its serial, product and site."),
        (grant(), "Ask the grant team which contract it is on, with its serial and the order of the grant."),
        ({}, "Ask a reseller for a quote with its serial, product and site; "
             "if it was granted, write to the grant team instead."),
    ],
)  # fmt: skip
def test_the_grant_team_is_named_only_where_the_unit_may_be_granted(register, told):
    assert fire("COV-UNCOVERED", [unit()], [OTHER], **register)[0].action == told


SIGNED = {"sales_order": "SO-5", "line_status": "Signed"}


@pytest.mark.parametrize(
    ("lines", "register", "last"),
    [
        ([line(**SIGNED, ship_date="2026-05-24")], [], "2026-05-24"),
        ([line(**SIGNED, ship_date="2026-05-25")], [], ""),  # the twenty-first day is today
        ([line(**SIGNED, ship_date="2026-05-01"), line("FOC2202B0BB", **SIGNED, ship_date="2026-06-01")], [], ""),
        ([line(**SIGNED, ship_date="2026-05-01"), line("FOC2202B0BB", **SIGNED)], [], ""),  # was all of it shipped?
        ([line(**SIGNED)], [{"serial": SERIAL, "sales_order": "so-5", "ship_date": "2026-05-02"}], "2026-05-02"),
        (
            [line(**SIGNED, ship_date="2026-05-01")],
            [{"serial": SERIAL, "sales_order": "SO-5", "request_number": "R1"},
             {"serial": "FOC2202B0BB", "sales_order": "SO-6", "request_number": "R1", "ship_date": "2026-06-01"}],
            "",
        ),  # another order of the same request was shipped later
        ([line(**SIGNED | {"line_status": ""}, line_start="2026-07-01", ship_date="2026-01-01")], [], ""),
        ([line(**SIGNED, ship_date="2026-05-01"), line(contract_number="9")], [], ""),  # covered meanwhile
    ],
)  # fmt: skip
def test_a_contract_is_late_three_weeks_after_the_last_shipment_of_the_whole_request(lines, register, last):
    given = [{"vendor": "cisco", **row} for row in register]
    found = fire("COV-ACTIVATION-LATE", [unit()], lines, register=given)

    assert [f.evidence["last_shipped"] for f in found] == ([last] if last else [])


def test_a_late_contract_of_a_grant_is_a_question_for_the_grant_team():
    register = {"serial": SERIAL, "provenance": "grant", "sales_order": "SO-5"}
    lines = [line(**SIGNED, ship_date="2026-05-01")]

    assert [f.action.partition(" why")[0] for f in (
        *fire("COV-ACTIVATION-LATE", [unit()], lines, register=[register]),
        *fire("COV-ACTIVATION-LATE", [unit()], lines),
    )] == ["Ask the grant team", "Ask the reseller"]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "more", "fires"),
    [
        ([OTHER], {}, True),
        ([line()], {}, False),
        ([line("FOC2202B0BB", sales_order=" so-5")], {}, False),
        ([line(contract_number="")], {}, True),
        ([OTHER], {"ship_date": ""}, False),
        ([OTHER], {"provenance": "new"}, False),
        ([OTHER], {"ship_date": "2020-01-01", "grant_date": "2020-01-01"}, False),
    ],
)
def test_a_granted_order_without_any_contract_number_is_asked_for_after_six_weeks(lines, more, fires):
    register = grant(**{"sales_order": "SO-5", "ship_date": "2026-05-03", **more})

    assert [f.subject for f in fire("COV-KIT-LATE", [unit()], lines, **register)] == (["so-5"] if fires else [])


def test_the_days_and_years_are_settings():
    late = {"units": [unit()], "lines": [line(**SIGNED, ship_date="2026-06-01")]}
    orders = policy().orders.model_copy(update={"activation_days": 7})
    donations = policy().donations.model_copy(update={"term_years": 1})

    assert fire("COV-ACTIVATION-LATE", **late) == []
    assert len(fire("COV-ACTIVATION-LATE", **late, policy=policy(orders=orders))) == 1
    assert fire("DON-MISSING", [unit()], [OTHER], **grant(), policy=policy(donations=donations)) == []


def test_a_finding_of_a_grant_points_at_the_register():
    register = grant(in_use="no", source_file="register.csv", source_row="7")
    told = finding(results([unit()], [line()], **register), "DON-RETURN")

    assert json.loads(told["evidence"])["register"] == "register.csv:7"
    assert date.fromisoformat(told["first_seen"])
