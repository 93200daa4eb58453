"""Traps that contracts set: one serial told twice, in two ways or for a time only, and advice that would cost money."""

from __future__ import annotations

from datetime import date

import pytest

from reconcile.provider_files import parts
from reconcile.stakes import total
from tests.reconcile.story import (
    cells,
    change,
    finding,
    fire,
    inputs,
    line,
    results,
    rules,
    seen,
    target,
    unit,
    verdict,
)

OLD, MIDDLE, NEW = "FOC2201A0AA", "FOC2202B0BB", "FOC2203C0CC"
CHAIN = [
    {"vendor": "cisco", "rma_number": "8001", "old_serial": OLD, "new_serial": MIDDLE, "date": "2026-01-01"},
    {"vendor": "cisco", "rma_number": "8002", "old_serial": MIDDLE, "new_serial": NEW, "date": "2026-03-01"},
]
SHELF = "S2145A00011"
OPTICAL = {"vendor": "smartoptics", "product_id": "DCP-M40-PAM4-ZR"}
NODE = unit(SHELF, **OPTICAL, hostname="o1", address="10.0.0.2", site="Oslo", slot="chassis")
AT_OSLO = [target("10.0.0.2", "o1", vendor="smartoptics", platform="smartoptics_dcp", site="Oslo")]


def agreement(serial=SHELF, **more):
    told = {"contract_number": "SC1", "service_level": "Smart Care", "line_start": "2024-01-01"}
    return line(serial, **{**OPTICAL, **told, "line_end": "2026-12-31", **more})


def recorded(serial=OLD, **more):
    return {"register": [{"vendor": "cisco", "serial": serial, **more}]}


def bought(day):
    return {"register": [{"vendor": "smartoptics", "serial": SHELF, "purchase_date": day}]}


def test_a_masked_number_beside_the_real_one_is_one_line_of_two_portals():
    masked = line(contract_number="****", source_file="portal.csv")

    assert rules(results([unit()], [line(), masked])) == []
    assert rules(results([unit()], [line(contract_number="0200100"), line(source_file="portal.csv")])) == []
    other_term = masked | {"line_end": "2029-12-31"}
    found = finding(results([unit()], [line(), other_term]), "COV-DUP")
    assert found["message"] == f"{OLD} is on 2 lines at once: a line of portal.csv:3, contract 200100"


def test_a_masked_number_is_never_quoted():
    found = finding(results([unit()], [line(), line(NEW, contract_number="******")]), "COV-NOT-SEEN")

    assert found["message"] == f"C9300-48P {NEW} on a line of acme.csv:3 was not found"


def test_a_serial_paid_for_twice_tells_the_money_that_may_be_saved():
    lines = [
        line(contract_number="1", line_end="2026-12-31", list_price="1200.50", currency="EUR"),
        line(contract_number="2", line_end="2027-12-31", list_price="80", currency="USD"),
        line(contract_number="3", list_price="900", currency="EUR"),
    ]
    (found,) = fire("COV-DUP", [unit()], lines)

    assert found.evidence["at_stake"] == {"EUR": "1200.50", "USD": "80"}
    assert found.action == (
        "Have all but one of them ended for credit (list price 1200.50 EUR and 80 USD), or all brought to one end date."
    )
    assert total([found.evidence["at_stake"], {"EUR": "0.50"}]) == {"EUR": "1201.00", "USD": "80"}
    (unpriced,) = fire("COV-DUP", [unit()], [line(), line(contract_number="2", list_price="on request")])
    assert unpriced.action == "Have one of them ended for credit, or all brought to one end date."


def test_what_one_provider_asks_for_a_line_is_not_told_to_another():
    lines = [
        line(),
        line(provider="Beta", contract_number="2", line_end="2026-12-31", list_price="398", currency="EUR"),
    ]
    found = results([unit()], lines)

    assert '"at_stake":{"EUR":"398"}' in finding(found, "COV-DUP")["evidence"]
    files = parts(found.changes, ["provider"], inputs([unit()], lines).lines)
    (acme,) = (rows for stem, rows in files.items() if "acme" in stem.lower())
    assert "398" not in acme.to_csv()


@pytest.mark.parametrize(
    ("listed", "replaced", "removed"),
    [([OLD], [OLD], []), ([OLD, MIDDLE], [MIDDLE], [OLD]), ([OLD, MIDDLE, NEW], [], [OLD, MIDDLE])],
)
def test_of_a_chain_of_rmas_the_nearest_line_takes_the_new_serial_and_the_others_go(listed, replaced, removed):
    found = results([unit(NEW)], [line(serial) for serial in listed], rma=CHAIN)
    asked = found.changes[found.changes["action"] != "REVIEW"]

    assert list(asked["serial"][asked["action"] == "REPLACE"]) == replaced
    assert list(asked["serial"][asked["action"] == "REMOVE"]) == removed
    assert set(asked["needs_confirmation"]) == {"no"}


def test_a_chain_names_each_of_its_rmas():
    found = finding(results([unit(NEW)], [line(OLD)], rma=CHAIN), "COV-REPLACED")

    assert found["message"] == f"{NEW} took the place of {OLD} (by RMA 8001, then RMA 8002)"


def test_a_unit_that_went_back_itself_is_put_on_no_contract():
    found = results([unit(MIDDLE)], [line(OLD)], rma=CHAIN)

    assert finding(found, "COV-REPLACED")["action"] == (
        "Do not put it on contract 200100 yet: it went back under RMA 8002."
    )
    assert cells(found.changes, "action", "needs_confirmation") == [("REVIEW", "yes")]
    loose = results([unit(OLD)], [line(NEW)], rma=CHAIN[:1])
    assert finding(loose, "COV-UNCOVERED")["action"].startswith("First settle whether it went back under RMA 8001; if")
    assert change(loose, "ADD")["needs_confirmation"] == "yes"


def test_a_stack_member_exchanged_twice_takes_the_line_of_the_last_one_there():
    history = [seen(OLD, "1"), seen(MIDDLE, "2")]

    assert finding(results([unit(NEW)], [line(OLD)], history=history), "COV-REPLACED")["serial"] == OLD
    both = results([unit(NEW)], [line(OLD), line(MIDDLE)], history=history)
    assert finding(both, "COV-REPLACED")["serial"] == MIDDLE
    assert finding(both, "COV-NOT-SEEN")["serial"] == OLD


def test_two_units_that_changed_places_replaced_nobody():
    history = [seen(OLD, slot="1"), seen(MIDDLE, slot="2")]
    found = results([unit(OLD, slot="2"), unit(MIDDLE, slot="1")], [line(OLD), line(MIDDLE)], history=history)

    assert rules(found) == []


def test_a_chassis_that_its_line_names_as_a_parent_speaks_for_itself():
    ended = line("", parent_serial=OLD, line_end="2026-01-31")
    found = results([unit()], [ended])

    assert cells(found.coverage, "verdict", "matched_by", "reason") == [
        ("expired", "serial", "its line on contract 200100 ended on 2026-01-31")
    ]
    assert rules(found) == ["COV-EXPIRED"]
    assert cells(found.lines, "matched_by") == [("parent",)]
    assert change(found, "RENEW")["parent_serial"] == OLD


def test_a_line_that_ends_before_it_starts_does_not_tell_whether_it_is_in_force():
    found = results([unit()], [line(line_start="2027-01-01", line_end="2026-12-31")])

    assert cells(found.coverage, "verdict", "reason") == [("unknown", "its line ends before it starts")]
    assert rules(found) == []


@pytest.mark.parametrize(
    ("end", "today", "verdict_then", "told"),
    [
        ("2024-02-29", date(2024, 2, 28), "covered", "in 1 day"),
        ("2024-02-29", date(2024, 2, 29), "covered", "today"),
        ("2024-02-29", date(2024, 3, 1), "expired", "ended on 2024-02-29"),
    ],
)
def test_a_line_covers_through_its_last_day_be_it_a_leap_day(end, today, verdict_then, told):
    found = results([unit()], [line(line_start="2023-03-01", line_end=end)], as_of=today)

    assert verdict(found, OLD) == verdict_then
    (row,) = found.findings.to_dict("records")
    assert row["message"].endswith(told)


def test_a_line_ended_by_its_status_is_not_said_to_have_ended_in_the_future():
    found = results([unit()], [line(line_status="Terminated")])

    assert cells(found.coverage, "verdict", "reason") == [
        ("expired", "its line on contract 200100 has the status Terminated")
    ]


def test_a_unit_that_the_register_sold_is_not_added_without_a_question():
    found = results([unit()], [line(NEW)], **recorded(disposed="sold"))

    assert finding(found, "COV-UNCOVERED")["action"] == (
        "First settle whether it was sold, as the register says; if it stays, ask a reseller for a quote with its "
        "serial, product and site; if it was granted, write to the grant team instead."
    )
    assert change(found, "ADD")["needs_confirmation"] == "yes"


def test_on_the_last_day_the_action_does_not_ask_for_something_before_it():
    (found,) = fire("COV-EXPIRING", [unit()], [line(line_end="2026-06-15")])

    assert found.action == "Extend it through a reseller today, the last day of its line."


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("COV-UNCOVERED", [line(NEW)]),
        ("COV-EXPIRED", [line(line_end="2026-01-31")]),
        ("COV-EXPIRING", [line(line_end="2026-07-31")]),
    ],
)
def test_what_runs_unsupported_by_choice_is_told_and_asks_for_nothing(rule, lines):
    found = results([unit()], lines, **recorded(intent="unsupported_by_choice"))
    row = finding(found, rule)

    assert row["severity"] == "info"
    assert row["action"].startswith("Nothing, if ")
    assert not set(found.changes["action"]) & {"ADD", "RENEW"}
    assert finding(results([unit()], lines, **recorded(intent="supported")), rule)["severity"] != "info"


def test_a_second_hand_unit_is_promised_no_warranty_until_its_line_is_in_force():
    signed = [line(line_status="Signed")]
    (found,) = fire("COV-PENDING", [unit()], signed, **recorded(provenance="gift"))

    assert found.message.endswith("is on a line that is not in force yet: its status is Signed")
    assert found.action.startswith("Count on neither support nor a warranty yet")
    (new,) = fire("COV-PENDING", [unit()], signed, **recorded(provenance="new"))
    assert new.action.startswith("Treat it as under warranty only (no case, no download")


def test_no_fee_is_advised_for_a_product_that_no_fee_brings_under_a_contract():
    used = recorded(provenance="secondary")
    ended = {"eox": [{"vendor": "cisco", "product_id": "C9300-48P", "last_date_of_support": "2025-01-01"}]}
    found = results([unit()], [line(NEW)], **used, **ended)

    assert "MKT-FEES" not in rules(found)
    assert finding(found, "MKT-UNCOVERABLE")["action"] == (
        "Plan its replacement; relicensing and inspection would not bring it under a contract: "
        "its last date of support was 2025-01-01."
    )
    (fees,) = fire("MKT-FEES", [unit()], [line(NEW)], **used)
    assert fees.action.startswith("Count on 1 inspection fee and 1 licence before asking for contracts")


def test_an_inspection_that_failed_is_to_be_paid_for_again():
    (fees,) = fire(
        "MKT-FEES", [unit()], [line(NEW)],
        **recorded(provenance="secondary", relicence_proof="L-1", inspection_passed="failed"),
    )  # fmt: skip

    assert fees.action.startswith("Count on 1 inspection fee before asking")


def test_a_damaged_unit_that_a_line_still_pays_for_is_told():
    found = finding(results([unit()], [line()], **recorded(condition="damaged")), "MKT-DAMAGED")

    assert (found["severity"], found["contract_number"]) == ("warning", "200100")
    assert found["action"].startswith("Take it out of use, and off contract 200100 at renewal")


@pytest.mark.parametrize("fact", [{"compliance_hold": "yes"}, {"provenance": "secondary"}])
def test_what_can_be_settled_is_settled_before_a_renewal_is_given_up(fact):
    (found,) = fire("COV-EXPIRING", [unit()], [line(line_end="2026-07-31")], **recorded(**fact))

    assert found.action.startswith("Settle first what keeps it from being renewed: ")
    assert found.change == ""


def test_past_seven_years_an_agreement_for_support_alone_leaves_nothing_to_buy():
    support = [agreement(service_level="TAC only")]
    found = results([NODE], support, AT_OSLO, **bought("2018-01-15"))

    assert cells(found.findings, "rule", "severity") == [("SO-UNCOVERED", "info")]
    assert list(found.changes["action"]) == []
    younger = results([NODE], support, AT_OSLO, **bought("2024-01-15"))
    assert finding(younger, "SO-UNCOVERED")["action"].startswith("Have its agreement raised to Smart Care")
    assert change(younger, "ADD")["needs_confirmation"] == "yes"


def test_a_renewal_past_seven_years_is_asked_for_without_the_extended_warranty():
    found = results([NODE], [agreement(line_end="2026-01-31")], AT_OSLO, **bought("2018-01-15"))

    assert rules(found) == ["SO-EWS-NOEXT", "SO-EXPIRED"]
    assert "without the extended warranty, which ended for good on 2025-01-15" in finding(found, "SO-EXPIRED")["action"]


def test_an_agreement_that_has_ended_is_not_measured_and_a_masked_one_is_no_agreement():
    ended = [agreement(line_start="2020-01-01", line_end="2022-06-30")]
    masked = [agreement(line_end="2027-06-30", contract_number="****")]

    assert list(fire("SO-TERM", [NODE], ended, AT_OSLO)) == []
    assert list(fire("SO-TERM", [NODE], masked, AT_OSLO)) == []


def test_a_missing_spare_is_told_with_the_sites_of_its_units():
    (found,) = fire("SO-SPARE", [NODE], [agreement()], AT_OSLO, spares=[])

    assert found.message == "1 DCP-M40-PAM4-ZR at Oslo and 0 spares on the shelf, where 1 is wanted"
    assert found.evidence["site_group"] == "all sites"


@pytest.mark.parametrize(
    ("states", "message", "action"),
    [
        (["denied"], "1 device on cisco_ios gave no licence state (1 denied)", "Let the login run"),
        (["failed", "partial"], "2 devices on cisco_ios gave no licence state (1 failed, 1 partial)", "See why the"),
        (["complete"], "1 device on cisco_ios gave no licence state (1 complete)", "Have the answers looked at"),
        (["failed", "denied"], "2 devices on cisco_ios gave no licence state (1 denied, 1 failed)", "Let the login"),
        ([""], "1 device on cisco_ios gave no licence state", "Let the login run"),
    ],
)
def test_a_licence_state_that_is_not_known_says_what_came_of_asking(states, message, action):
    places = [(f"10.0.0.{n}", f"sw{n}", state) for n, state in enumerate(states, start=1)]
    units = [unit(f"FOC22{n}1A0AA", address=at, hostname=name) for n, (at, name, _) in enumerate(places)]
    targets = [
        target(at, name, licences_state=state, licences_reason="why" * bool(state)) for at, name, state in places
    ]
    (found,) = fire("LIC-UNKNOWN", units, [line()], targets, licences=[])

    assert (found.message, found.action.startswith(action)) == (message, True)


def test_a_level_that_feature_and_level_both_name_is_said_once():
    switch = unit(product_id="WS-C3560X-24T")
    (found,) = fire(
        "LIC-FEATURE", [switch], [line()],
        entitlements=[{"vendor": "cisco", "serial": OLD, "feature": "ipbase", "level": "IPBASE"}],
        licences=[{"vendor": "cisco", "address": "10.0.0.1", "hostname": "sw1", "serial": OLD,
                   "feature": "ipservices", "state": "in_use"}],
    )  # fmt: skip

    assert found.message == "sw1 runs ipservices; on record is ipbase"


def test_one_serial_of_two_vendors_is_two_units():
    twin = unit(OLD, **OPTICAL, hostname="o1", address="10.0.0.2", site="Oslo")
    found = results([unit(), twin], [line()], [target(), *AT_OSLO])

    assert cells(found.coverage, "vendor", "verdict") == [("cisco", "covered"), ("smartoptics", "unknown")]
