"""Rules of contracts as a whole, of parts, of the shelf, of optics and of shared serials: grouped, and rarely wrong."""

from __future__ import annotations

import json

import pytest

from tests.reconcile.coverage_cases import MODULE, OPTIC
from tests.reconcile.story import change, finding, fire, line, policy, results, rules, target, unit, verdict

SERIAL, NEW = "FOC2201A0AA", "FOC2401B0BB"
OURS = {"contact_email": "noc@example.org"}


def ours(**more):
    return policy(organisation=policy().organisation.model_copy(update=more))


@pytest.mark.parametrize(
    ("mails", "contacts", "fires"),
    [
        (["", "noc@example.org"], (), False),  # one line of the contract tells
        (["", ""], (), False),  # the file has no such column
        (["n/a", "n/a"], (), True),
        (["a@Sub.Example.org", ""], ("example.org",), False),
        (["a@example.org.evil.example", ""], ("example.org",), True),
        (["NOC@example.org", ""], ("noc@example.org",), False),
        (["a@example.org", ""], ("noc@example.org",), True),
    ],
)
def test_a_contract_needs_one_contact_of_yours(mails, contacts, fires):
    lines = [line(f"FOC22{n:02}B0BB", contact_email=mail) for n, mail in enumerate(mails)]
    found = fire("COV-CONTACT", [unit()], lines, policy=ours(contacts=contacts))

    assert [f.contract_number for f in found] == (["200100"] if fires else [])


@pytest.mark.parametrize(
    ("number", "known", "fires"),
    [("0020 0100", "200100", False), ("200100", "200101", True), ("****", "200101", False), ("", "", False)],
)
def test_a_contract_is_tied_to_the_account_by_its_number(number, known, fires):
    given = [line(contract_number=number), line("FOC2202B0BB", contract_number=number)]

    assert len(fire("COV-PROFILE", [unit()], given, profile=[{"contract_number": known}])) == int(fires)


def test_an_ended_contract_and_another_vendor_s_need_no_account():
    lines = [line(line_end="2026-01-31"), line("S2145A", vendor="smartoptics", product_id="DCP-2")]

    assert fire("COV-PROFILE", [unit()], lines, profile=[{"contract_number": "9"}]) == []


def test_a_customer_is_yours_where_the_name_holds_one_of_yours():
    names = ["Example University", "EXAMPLE-UNIVERSITY, Bergen", "Sold To Corp", "sold to  corp", ""]
    units = [unit(f"FOC22{n:02}B0BB", slot=str(n)) for n in range(len(names))]
    lines = [line(u["serial"], customer=name) for u, name in zip(units, names, strict=True)]
    (told,) = fire("COV-OWNER", units, lines, policy=ours(names=("example university",)))

    assert told.evidence["serials"] == ["FOC2202B0BB", "FOC2203B0BB"]
    assert told.message == "Contract 200100 covers 2 units of yours and is written to Sold To Corp"


def test_without_the_names_of_the_organisation_nobody_is_called_another():
    found = results([unit()], [line(customer="Sold To Corp")])

    assert ("COV-OWNER", "the policy names no organisation (organisation.names)") in found.not_evaluated
    assert rules(found) == []


CARD = MODULE | {"serial": "FDO2205E0EE", "slot": "2", "product_id": "C9400-LC-48U"}


@pytest.mark.parametrize(("parts", "severity"), [([MODULE], "info"), ([MODULE, CARD], "warning")])
def test_the_parts_of_a_chassis_are_one_finding_and_line_cards_make_it_a_warning(parts, severity):
    found = results([unit(), *parts], [line()])
    told = finding(found, "COV-COMPONENT")

    assert (told["serial"], told["severity"]) == (SERIAL, severity)
    assert json.loads(told["evidence"])["parts_count"] == len(parts)


def test_the_parts_of_a_chassis_that_is_not_covered_are_no_finding_of_their_own():
    lines = [line(line_end="2026-01-31")]

    assert fire("COV-COMPONENT", [unit(), MODULE], lines) == []


def test_a_line_in_force_for_spares_is_told_once_a_contract():
    shelf = [{"vendor": "cisco", "serial": s} for s in ("FOC2202B0BB", "FOC2203C0CC", "FOC2204D0DD")]
    lines = [line("FOC2202B0BB"), line("FOC2203C0CC"), line("FOC2204D0DD", contract_number="9")]

    assert [f.evidence["serials"] for f in fire("COV-SPARE", [], lines, spares=shelf)] == [
        ["FOC2202B0BB", "FOC2203C0CC"], ["FOC2204D0DD"],
    ]  # fmt: skip


COVERED_SPARES = policy(spares=policy().spares.model_copy(update={"require_cover": True}))
SHELVED = {"vendor": "cisco", "serial": NEW, "product_id": "C9300-48P", "site": "North"}


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({}, True),
        ({"lines": [line(), line(NEW)]}, False),
        ({"lines": [line(), line(NEW, line_end="2026-01-31")]}, True),
        ({"units": [unit(), unit(NEW, slot="2")]}, False),
        ({"register": [{"vendor": "cisco", "serial": NEW, "provenance": "secondary"}]}, False),
        ({"eox": [{"vendor": "cisco", "product_id": "C9300-48P", "last_attach": "2026-01-01"}]}, False),
        ({"lines": [line("S1", vendor="smartoptics", product_id="DCP-2")]}, False),
    ],
)
def test_a_spare_needs_a_line_only_where_the_policy_asks_and_one_is_to_be_had(more, fires):
    given = {"units": [unit()], "lines": [line()], "spares": [SHELVED], **more}
    found = results(**given, policy=COVERED_SPARES)

    assert ("COV-SPARE-UNCOVERED" in rules(found)) is fires
    assert [
        (c["action"], c["serial"]) for c in found.changes.to_dict("records") if c["rule"] == "COV-SPARE-UNCOVERED"
    ] == ([("ADD", NEW)] if fires else [])


def test_spares_are_left_alone_unless_the_policy_asks():
    found = results([unit()], [line()], spares=[SHELVED])

    assert rules(found) == []
    told = "the policy does not ask for it (spares.require_cover)"
    assert ("COV-SPARE-UNCOVERED", told) in found.not_evaluated


RMA = {"vendor": "cisco", "rma_number": "8", "old_serial": SERIAL, "new_serial": NEW}


@pytest.mark.parametrize(
    ("date", "severity", "confidence"),
    [("2026-06-05", "info", "high"), ("2026-06-04", "", "high"), ("", "", "medium")],
)
def test_a_returned_unit_that_is_still_there_has_some_days_to_go(date, severity, confidence):
    (told,) = fire("COV-RMA-OLD-STILL-SEEN", [unit()], [line()], rma=[{**RMA, "date": date}])

    assert (told.severity, told.confidence, told.new_serial) == (severity, confidence, NEW)
    assert told.action == f"Put {NEW} in the place of {SERIAL} and send {SERIAL} back; or correct the RMA list."


def test_where_the_new_unit_is_in_use_too_only_the_old_one_is_to_go():
    both = [unit(), unit(NEW, slot="2")]
    (told,) = fire("COV-RMA-OLD-STILL-SEEN", both, [line()], rma=[{**RMA, "date": "2026-05-01"}])

    assert told.action.startswith(f"Send {SERIAL} back, {NEW} is in use already;")


def test_a_serial_that_a_later_exchange_brought_back_is_where_it_should_be():
    back = {**RMA, "old_serial": "FOC2001A0AA", "new_serial": SERIAL}

    for first, second, fires in (("2026-01-01", "2026-02-01", 0), ("2026-02-01", "2026-01-01", 1)):
        given = [{**RMA, "date": first}, {**back, "date": second}]
        assert len(fire("COV-RMA-OLD-STILL-SEEN", [unit()], [line()], rma=given)) == fires


@pytest.mark.parametrize(
    ("mark", "fires"),
    [
        ("CISCO-AVAGO", False), ("CISCO           ", False), ("Cisco Systems, Inc.", False), ("cisco-tyco", False),
        ("", False), ("CISCOSOLIDOPTICS", True), ("CISCO-Skylane", True), ("FS", True), ("FLEXOPTIX", True),
    ],
)  # fmt: skip
def test_the_maker_of_an_optic_is_known_by_the_whole_mark(mark, fires):
    assert bool(fire("OPTIC-THIRDPARTY", [unit(), OPTIC | {"manufacturer": mark}], [line()])) is fires


def test_the_optics_of_a_device_are_one_finding_and_none_is_called_uncovered():
    found = results([unit(), OPTIC, OPTIC | {"serial": "AVD2204D0DD", "slot": "1/1/2"}], [line()])
    told = finding(found, "OPTIC-THIRDPARTY")

    assert rules(found) == ["OPTIC-THIRDPARTY"]
    assert (told["class"], told["severity"], told["serial"], told["hostname"]) == ("data", "info", SERIAL, "sw1")
    assert json.loads(told["evidence"])["optics_count"] == 2


def test_one_box_under_two_addresses_is_one_finding_whatever_it_holds():
    units = [u | {"address": a} for u in (unit(), MODULE) for a in ("10.0.0.1", "10.0.0.2")]
    (told,) = fire("SCAN-DUP-SERIAL", units, [line()])

    assert (told.serial, told.evidence["shared"]) == (SERIAL, ["FDO2202B0BB", SERIAL])
    assert told.message == f"{SERIAL} and 1 more were read on 2 devices: sw1, sw1"


def test_a_serial_that_many_devices_share_names_but_a_few():
    units = [unit(address=f"10.0.0.{n}", hostname=f"sw{n}") for n in range(1, 10)]
    (told,) = fire("SCAN-DUP-SERIAL", units, [line()])

    assert told.message == f"{SERIAL} was read on 9 devices: sw1, sw2, sw3, sw4, sw5 and 4 more"


EOX = {"vendor": "cisco", "product_id": "C9300-48P"}


@pytest.mark.parametrize(
    ("dates", "end", "told"),
    [
        (
            {"last_date_of_support": "2028-06-30"},
            "2028-12-31",
            "Do not renew it beyond 2028-06-30; plan its replacement.",
        ),
        ({"last_date_of_support": "2028-12-31"}, "2028-12-31", ""),
        ({"last_renewal": "2026-06-15"}, "2028-12-31", "Do not renew or add it; plan its replacement."),
        ({"last_renewal": "2026-06-16"}, "2028-12-31", ""),
        ({"last_attach": "2026-01-01"}, "2028-12-31", ""),  # it is attached already
    ],
)
def test_a_line_must_not_outlast_its_product(dates, end, told):
    found = results([unit()], [line(line_end=end)], eox=[{**EOX, **dates}])

    assert [row["action"] for row in found.findings.to_dict("records")] == ([told] if told else [])
    assert list(found.changes["action"]) == (["DO_NOT_RENEW"] if told else [])


def test_a_renewal_is_not_advised_beyond_the_last_date_of_support():
    given = {"units": [unit()], "lines": [line(line_end="2026-07-31")]}
    late, soon = ([{**EOX, "last_date_of_support": day}] for day in ("2030-01-31", "2026-12-31"))

    assert [fire("COV-EXPIRING", **given, eox=eox)[0].action for eox in (late, soon)] == [
        "Extend it through a reseller before 2026-07-31.",
        "Extend it through a reseller before 2026-07-31, but not beyond its last date of support 2026-12-31.",
    ]


def test_a_unit_past_the_last_day_to_attach_a_service_is_not_advised_to_be_added():
    found = results([unit()], [line("FOC2298Y8YY", product_id="CP-8841")], eox=[{**EOX, "last_attach": "2026-06-14"}])

    assert verdict(found, SERIAL) == "uncoverable"
    assert rules(found) == ["COV-EOL"]
    assert found.changes.empty


def test_a_pair_that_rests_on_history_says_that_it_wants_confirming():
    old = "FOC2101A0AA"
    found = results([unit(NEW)], [line(old)], history=[{**unit(old), "run": "1"}])

    assert finding(found, "COV-REPLACED")["action"] == (
        f"Confirm by the RMA, or with who changed it, that {NEW} took the place of {old}; "
        f"then put {NEW} in the place of {old} on contract 200100."
    )
    assert change(found, "REPLACE")["needs_confirmation"] == "yes"


def test_a_duplicate_says_on_which_device_it_is():
    found = results([unit(site="North")], [line(), line(contract_number="9", site_name="HQ")])
    told = finding(found, "COV-DUP")

    assert (told["hostname"], told["address"], told["site"]) == ("sw1", "10.0.0.1", "North")


def test_a_finding_that_names_no_site_has_that_of_its_device():
    licence = {
        "vendor": "cisco",
        "address": "10.0.0.1",
        "hostname": "sw1",
        "feature": "x",
        "state": "out_of_compliance",
    }
    found = results([], [], [target(site="North")], licences=[licence])

    assert finding(found, "LIC-OOC")["site"] == "North"
