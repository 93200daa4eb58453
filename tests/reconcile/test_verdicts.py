"""The decision tables row by row, and the verdicts that small stories come to."""

from __future__ import annotations

import numpy as np
import pytest

from reconcile.ledger import Source
from reconcile.verdicts import LINE_CASES, UNIT_CASES, decide
from tests.reconcile.story import cells, line, policy, results, rules, seen, target, unit, unread, verdict

UNIT_FACTS = {name.lstrip("!") for case in UNIT_CASES for name in case.conditions}
LINE_FACTS = {name.lstrip("!") for case in LINE_CASES for name in case.conditions}


def one(cases, names, **facts):
    (found,) = decide(cases, {name: np.array([facts.get(name, False)]) for name in names})
    return found


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"active"}, "covered"),
        ({"active", "pending", "paired", "blocked", "ended", "warranty", "serial", "sourced"}, "covered"),
        ({"part", "inherits", "parent_active"}, "covered"),
        ({"part", "ended", "parent_active"}, "covered"),
        ({"parent_active", "ended"}, "expired"),
        ({"pending", "paired", "blocked", "ended", "warranty", "serial", "sourced"}, "pending"),
        ({"part", "inherits", "parent_pending"}, "pending"),
        ({"paired", "blocked", "ended", "warranty", "serial", "sourced"}, "replaced"),
        ({"blocked", "ended", "warranty", "serial", "sourced"}, "uncoverable"),
        ({"ended", "warranty", "serial", "sourced"}, "expired"),
        ({"ended", "unclear", "serial", "sourced"}, "unknown"),
        ({"warranty", "serial", "sourced"}, "warranty_only"),
        ({"serial", "sourced"}, "uncovered"),
        ({"serial", "sourced", "unclear"}, "unknown"),
        ({"serial", "sourced", "inherits"}, "unknown"),
        ({"serial"}, "unknown"),
        ({"sourced"}, "unknown"),
        (set(), "unknown"),
    ],
)
def test_the_first_case_of_a_unit_that_holds_decides(facts, expected):
    assert one(UNIT_CASES, UNIT_FACTS, **dict.fromkeys(facts, True)) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"taken", "by_replacement", "active"}, "replaced"),
        ({"taken", "by_replacement", "ended"}, "expired"),
        ({"taken", "active", "spare"}, "covered"),
        ({"taken", "pending"}, "pending"),
        ({"taken", "ended"}, "expired"),
        ({"taken", "unlisted"}, "uncovered"),
        ({"taken"}, "unknown"),
        ({"active"}, "not_applicable"),
        ({"active", "hardware_kind", "spare", "could_be_unread"}, "spare"),
        ({"active", "serial_less"}, "unproven"),
        ({"active", "hardware_kind", "could_be_unread"}, "unproven"),
        ({"active", "hardware_kind"}, "not_seen"),
    ],
)
def test_the_first_case_of_a_line_that_holds_decides(facts, expected):
    assert one(LINE_CASES, LINE_FACTS, **dict.fromkeys(facts, True)) == expected


def batch(given, expected_of):
    """One run with a unit for each case, so that many cases cost one."""
    serials = [f"FOC22{n:02}A0AA" for n in range(len(given))]
    units = [unit(serial, address=f"10.1.0.{n}", hostname=f"b{n}") for n, serial in enumerate(serials)]
    found = expected_of(units, serials)
    return [verdict(found, serial) for serial in serials]


LINES = [
    ({}, "covered"),
    ({"line_end": "2026-06-15"}, "covered"),  # the last day is a day of cover
    ({"line_end": "2026-06-14"}, "expired"),
    ({"line_start": "2026-06-16"}, "pending"),
    ({"line_status": "Signed"}, "pending"),
    ({"line_status": "qa-hold"}, "pending"),
    ({"line_status": "Signed", "line_end": "2026-06-14"}, "expired"),
    ({"line_status": "Overdue"}, "expired"),
    ({"line_status": "TERMINATED"}, "expired"),
    ({"line_status": "Not Covered", "line_end": ""}, "uncovered"),
    ({"line_status": "Not Covered", "line_end": "2024-01-01"}, "expired"),
    ({"line_status": "Confidential"}, "unknown"),
    ({"line_status": "a word nobody knows"}, "unknown"),
    ({"line_status": ""}, "covered"),
    ({"line_status": "", "line_end": ""}, "unknown"),
    ({"line_status": "Active", "line_end": ""}, "covered"),
    ({"contract_number": ""}, "covered"),
    ({"service_level": "SWSS"}, "uncovered"),
    ({"line_kind": "software"}, "uncovered"),
]


def test_a_line_covers_by_its_status_its_dates_and_its_service():
    def story(units, serials):
        return results(units, [line(s, **cells_of) for s, (cells_of, _) in zip(serials, LINES, strict=True)])

    assert batch(LINES, story) == [expected for _, expected in LINES]


def test_an_overdue_line_covers_through_the_days_of_grace():
    lines = [line(line_status="Overdue", line_end="2026-06-10")]

    assert verdict(results([unit()], lines, policy=policy(overdue_grace_days=5)), "FOC2201A0AA") == "covered"
    assert verdict(results([unit()], lines, policy=policy(overdue_grace_days=4)), "FOC2201A0AA") == "expired"


def test_a_hidden_contract_number_is_said_to_be_hidden():
    found = results([unit()], [line(contract_number="")])

    assert cells(found.coverage, "verdict", "reason") == [
        ("covered", "on a contract not visible to you until 2028-12-31")
    ]


def test_the_best_line_is_active_with_the_latest_end_and_its_entitlements_are_merged():
    found = results(
        [unit()],
        [
            line(line_end="2026-12-31", contract_number="1"),
            line(line_end="2027-12-31", contract_number="2", service_level="EWS"),
            line(line_start="2027-01-01", line_end="2030-12-31", contract_number="3"),
            line(line_kind="software", contract_number="4", line_end="2031-01-01"),
        ],
    )

    assert cells(found.coverage, "contract_number", "entitles", "days_left", "matched_by", "zone") == [
        ("2", "hardware tac software", "564", "serial", "1.1")
    ]
    assert set(found.lines["unit_serial"]) == {"FOC2201A0AA"}


def test_lines_alike_are_told_apart_by_file_and_row_as_a_number():
    lines = [line(source_file="b.csv", source_row="9"), line(source_file="b.csv", source_row="10")]

    assert cells(results([unit()], lines[::-1]).coverage, "source_row") == [("9",)]


MODULE = unit("FDO2202B0BB", product_id="C9300-NM-8X", kind="module", slot="1/1", parent_serial="FOC2201A0AA")
DEEPER = unit("FDO2203C0CC", product_id="SPA", kind="module", slot="1/1/0", parent_serial="FDO2202B0BB")


def test_a_module_takes_the_verdict_of_its_chassis_through_the_part_that_holds_it():
    found = results([unit(), MODULE, DEEPER], [line()])

    assert cells(found.coverage, "serial", "verdict", "matched_by") == [
        ("FOC2201A0AA", "covered", "serial"),
        ("FDO2202B0BB", "covered", "parent"),
        ("FDO2203C0CC", "covered", "parent"),
    ]


def test_a_module_s_own_line_in_force_covers_it_whatever_its_chassis_has():
    found = results([unit(), MODULE], [line("FDO2202B0BB", product_id="C9300-NM-8X")])

    assert verdict(found, "FDO2202B0BB") == "covered"
    assert verdict(found, "FOC2201A0AA") == "uncovered"


def test_a_module_s_ended_line_does_not_take_it_out_of_its_chassis_s_cover():
    ended = line("FDO2202B0BB", product_id="C9300-NM-8X", line_end="2025-12-31")
    found = results([unit(), MODULE], [line(), ended])

    assert cells(found.coverage, "serial", "verdict", "matched_by", "reason")[1:] == [
        ("FDO2202B0BB", "covered", "parent", "through its chassis: on contract 200100 until 2028-12-31")
    ]
    assert "COV-COMPONENT" not in rules(found)
    alone = results([unit(), MODULE], [ended])
    assert verdict(alone, "FDO2202B0BB") == "expired"


def test_a_module_of_an_uncovered_chassis_makes_no_finding_of_its_own():
    found = results([unit(), MODULE], [line("FOC9999Z0ZZ", product_id="N9K-C93180YC-EX")])

    assert verdict(found, "FDO2202B0BB") == "uncovered"
    assert list(found.findings[found.findings["rule"] == "COV-UNCOVERED"]["serial"]) == ["FOC2201A0AA"]


def test_a_module_without_a_chassis_is_unknown():
    assert verdict(results([MODULE], [line("FOC9999Z0ZZ")]), "FDO2202B0BB") == "unknown"


def test_a_line_with_only_the_chassis_s_serial_belongs_to_it_and_speaks_for_it_by_its_product():
    own = line("", parent_serial="FOC2201A0AA")
    supply = line("", parent_serial="FOC2201A0AA", product_id="PWR-C1-715WAC-P")

    assert verdict(results([unit()], [own]), "FOC2201A0AA") == "covered"
    found = results([unit()], [supply])
    assert verdict(found, "FOC2201A0AA") == "uncovered"
    assert cells(found.lines, "verdict", "unit_serial", "matched_by") == [("covered", "FOC2201A0AA", "parent")]


def test_an_ignored_part_is_no_row_of_coverage_but_takes_its_line():
    supply = unit("LIT2204D0DD", kind="power_supply", product_id="PWR-C1")
    found = results([unit(), supply], [line(), line("LIT2204D0DD", product_id="PWR-C1")])

    assert list(found.coverage["serial"]) == ["FOC2201A0AA"]
    assert cells(found.units, "serial", "coverable") == [("FOC2201A0AA", "yes"), ("LIT2204D0DD", "no")]
    assert cells(found.lines, "verdict", "unit_serial") == [("covered", "FOC2201A0AA"), ("covered", "LIT2204D0DD")]


def test_uncovered_is_claimed_only_where_the_vendor_s_sources_are_whole_and_fresh():
    lines = [line("FOC9999Z0ZZ", product_id="N9K-1")]
    given = {
        None: "uncovered",
        (): "unknown",
        (Source("acme", "cisco"),): "uncovered",
        (Source("acme"),): "uncovered",
        (Source("acme", "smartoptics"),): "unknown",
        (Source("acme", "cisco", complete=False),): "unknown",
        (Source("acme", "cisco"), Source("old", "cisco", stale=True)): "unknown",
    }

    assert {s: verdict(results([unit()], lines, sources=s), "FOC2201A0AA") for s in given} == given


def test_without_contracts_the_run_is_an_inventory():
    found = results([unit()], None)

    assert verdict(found, "FOC2201A0AA") == "unknown"
    assert list(found.findings["rule"]) == []
    assert ("COV-UNCOVERED", "no contracts were given") in found.not_evaluated


ASSETS = [
    ({"provenance": "new"}, "uncovered"),
    ({"provenance": "unknown"}, "uncovered"),
    ({"provenance": "grant"}, "uncovered"),
    ({"provenance": "secondary"}, "uncoverable"),
    ({"provenance": "Lease return"}, "uncoverable"),
    ({"provenance": "gift", "relicence_proof": "PO 7", "inspection_passed": "2026-01-02"}, "uncovered"),
    ({"provenance": "gift", "relicence_proof": "PO 7"}, "uncoverable"),
    ({"provenance": "gift", "transfer_exception": "affiliate", "inspection_passed": "yes"}, "uncovered"),
    ({"condition": "damaged"}, "uncoverable"),
    ({"condition": "environmental"}, "uncoverable"),
    ({"compliance_hold": "yes"}, "uncoverable"),
    ({"compliance_hold": "no"}, "uncovered"),
    ({"warranty_end": "2026-06-15"}, "warranty_only"),
    ({"warranty_end": "2026-06-14"}, "uncovered"),
    ({"warranty_end": "2027-01-01", "provenance": "secondary"}, "uncoverable"),
]


def test_the_register_decides_what_cannot_be_covered():
    def story(units, serials):
        register = [{"serial": f"{s.lower()} ", **asset} for s, (asset, _) in zip(serials, ASSETS, strict=True)]
        return results(units, [line("FOC9999Z0ZZ", product_id="N9K-1")], register=register)

    assert batch(ASSETS, story) == [expected for _, expected in ASSETS]


@pytest.mark.parametrize(("provenance", "expected"), [("unknown", "uncovered"), ("secondary", "uncoverable")])
def test_a_refurbished_product_is_second_hand_only_by_the_register_s_word(provenance, expected):
    given = {"register": [{"serial": "FOC2201A0AA", "provenance": provenance}]}
    found = results([unit(product_id="C9300-48P-RF")], [line("X1", product_id="N9K")], **given)

    assert verdict(found, "FOC2201A0AA") == expected


def test_a_second_hand_unit_on_a_line_in_force_stays_covered():
    found = results([unit()], [line()], register=[{"serial": "FOC2201A0AA", "provenance": "secondary"}])

    assert verdict(found, "FOC2201A0AA") == "covered"
    assert list(found.findings["rule"]) == ["MKT-ON-CONTRACT", "MKT-UNLICENSED"]


@pytest.mark.parametrize(
    ("dates", "lines", "expected"),
    [
        ({"last_date_of_support": "2026-06-15"}, [], "uncoverable"),
        ({"last_date_of_support": "2026-06-16"}, [], "uncovered"),
        ({"last_attach": "2026-06-14"}, [], "uncoverable"),
        ({"last_attach": "2026-06-14"}, [line(line_end="2026-06-01")], "expired"),
        ({"last_renewal": "2026-06-14"}, [line(line_end="2026-06-01")], "uncoverable"),
        ({"last_date_of_support": "2020-01-01"}, [line()], "covered"),
    ],
)
def test_the_end_of_a_product_s_life_keeps_it_off_contracts(dates, lines, expected):
    other = line("FOC9999Z0ZZ", product_id="N9K-1")
    found = results([unit()], [*lines, other], eox=[{"vendor": "cisco", "product_id": "C9300-48P-A", **dates}])

    assert verdict(found, "FOC2201A0AA") == expected


def test_each_of_two_devices_with_one_serial_has_the_verdict_and_one_takes_the_line():
    units = [unit(address="10.0.0.2", hostname="sw2"), unit()]
    found = results(units, [line()], [target(), target("10.0.0.2", "sw2")])

    assert list(found.coverage["verdict"]) == ["covered", "covered"]
    assert cells(found.lines, "verdict", "hostname") == [("covered", "sw1")]
    assert list(found.findings["rule"]) == ["SCAN-DUP-SERIAL"]


def test_a_failover_pair_that_is_polled_at_both_addresses_is_no_serial_on_two_devices():
    units = [unit(address="10.0.0.2", hostname="fw2", slot="failover mate"), unit()]
    found = results(units, [line()], [target(), target("10.0.0.2", "fw2")])

    assert list(found.findings["rule"]) == []


def test_the_vendor_is_part_of_a_serial_s_identity():
    found = results([unit("77001", vendor="smartoptics")], [line("77001")])

    assert sorted(found.coverage["verdict"]) == ["not_seen", "unknown"]


def test_zones_follow_vendor_collector_and_customer():
    units = [
        unit(),
        unit("FOC2205E0EE", slot="2"),
        unit("FOC2206F0FF", slot="3", product_id="X"),
        unit("FOC2207G0GG", slot="4", product_id="Y"),
    ]
    lines = [line(), line("FOC2205E0EE"), line("JAE2208H0HH", product_id="N9K"), line("JAE2209J0JJ", product_id="N3K")]
    register = [{"serial": s} for s in ("FOC2205E0EE", "FOC2207G0GG", "JAE2209J0JJ")]
    found = results(units, lines, register=register)

    assert dict(cells(found.coverage, "serial", "zone")) == {
        "FOC2201A0AA": "1.1", "FOC2205E0EE": "1.3", "FOC2206F0FF": "2.0", "FOC2207G0GG": "2.1",
        "JAE2208H0HH": "4.0", "JAE2209J0JJ": "1.2",
    }  # fmt: skip


def test_lines_that_are_no_hardware_or_lie_on_the_shelf_are_not_missed():
    lines = [line("PAK1", line_kind="software"), line("SUB1", line_kind="subscription"), line("FOC2210K0KK"), line("")]
    found = results([], lines, spares=[{"serial": "foc2210k0kk"}])

    assert list(found.lines["verdict"]) == ["not_applicable", "not_applicable", "spare", "unproven"]
    assert list(found.findings["rule"]) == ["COV-SPARE"]


LOST = "FOC2211L0LL"


@pytest.mark.parametrize(
    ("cells_of_line", "targets", "history", "expected"),
    [
        ({}, [target()], [], "not_seen"),
        ({}, [target(), unread()], [], "unproven"),
        ({}, [target(), unread(platform="")], [], "unproven"),
        ({}, [target(), unread(vendor="", platform="")], [], "unproven"),
        ({}, [target(), unread(platform="cisco_nxos")], [], "not_seen"),
        ({}, [target(), unread(vendor="smartoptics", platform="smartoptics_dcp")], [], "not_seen"),
        ({}, [target(), unread(vendor="", platform="generic_entity")], [], "unproven"),
        ({"product_id": "SOMETHING-NEW"}, [target(), unread(platform="cisco_nxos")], [], "unproven"),
        ({"hostname": "sw1"}, [target(), unread()], [], "not_seen"),
        ({"hostname": "SW9.example.net"}, [target(), unread()], [], "unproven"),
        ({"hostname": "an-old-name"}, [target(), unread()], [], "unproven"),
        ({}, [target(), unread()], [seen(LOST)], "not_seen"),
        ({}, [target(), unread()], [seen(LOST, address="10.0.0.9", hostname="sw9")], "unproven"),
        ({"hostname": "sw1"}, [target(), unread()], [seen(LOST, address="10.0.0.9", hostname="sw9")], "unproven"),
        ({}, [target()], [seen(LOST, address="10.0.7.7", hostname="sw7")], "unproven"),
        ({"product_id": "CP-8841-K9"}, [target()], [], "unproven"),
        ({}, [unread()], [], "unproven"),
        ({}, [], [], "unproven"),
        ({}, [target(inventory_state="partial", outcome="partial")], [], "unproven"),
    ],
)
def test_a_line_is_not_seen_only_where_no_unread_target_could_hold_it(cells_of_line, targets, history, expected):
    found = results([], [line(LOST, **cells_of_line)], targets, history=history)

    assert list(found.lines["verdict"]) == [expected]
    assert ("COV-NOT-SEEN" in list(found.findings["rule"])) == (expected == "not_seen")


def test_an_unread_target_of_another_site_counts_unless_the_site_table_maps_the_line():
    lines = [line(LOST, site_name="ACME HQ")]
    targets = [target(), unread(site="South")]
    mapped = [{"site": "North", "contract_site_name": "Acme HQ"}]

    assert list(results([], lines, targets).lines["verdict"]) == ["unproven"]
    assert list(results([], lines, targets, sites=mapped).lines["verdict"]) == ["not_seen"]
    assert list(results([], lines, [target(), unread()], sites=mapped).lines["verdict"]) == ["unproven"]
    assert list(results([], lines, [target(), unread(site="")], sites=mapped).lines["verdict"]) == ["unproven"]


def test_the_reason_of_an_unproven_line_names_the_target_and_why():
    found = results([], [line(LOST)], [target(), unread()])

    assert list(found.lines["reason"]) == ["sw9 (10.0.0.9), timeout, was not read in full and could hold it"]


OLD_SWITCH = {"product_id": "WS-C2960X-48FPD-L"}
CUT_OFF = unread(outcome="partial", inventory_state="partial")
MEMBER = unit("FOC2212M0MM", address="10.0.0.9", hostname="sw9")


@pytest.mark.parametrize(
    ("cells_of_line", "units", "history", "target_9", "expected"),
    [
        pytest.param(OLD_SWITCH, [MEMBER], [], CUT_OFF, "not_seen", id="its chassis are of another series"),
        pytest.param({"product_id": "C9300X-24Y-A"}, [MEMBER], [], CUT_OFF, "unproven", id="of the same series"),
        pytest.param(OLD_SWITCH, [], [MEMBER], unread(), "not_seen", id="its chassis are known from an earlier run"),
        pytest.param(OLD_SWITCH, [], [], unread(), "unproven", id="nothing is known of it"),
        pytest.param(
            OLD_SWITCH, [MEMBER], [seen(LOST, address="10.0.0.9", **OLD_SWITCH)], CUT_OFF, "unproven",
            id="it was last seen there",
        ),
        pytest.param(OLD_SWITCH | {"hostname": "sw9"}, [MEMBER], [], CUT_OFF, "unproven", id="the line names it"),
        pytest.param({"product_id": "C9400-LC-48U"}, [MEMBER], [], CUT_OFF, "unproven", id="a line card"),
        pytest.param({"product_id": "C9300-NM-8X"}, [MEMBER], [], CUT_OFF, "unproven", id="a module"),
        pytest.param({"product_id": ""}, [MEMBER], [], CUT_OFF, "unproven", id="no product"),
        pytest.param(
            OLD_SWITCH, [MEMBER | {"product_id": ""}], [], CUT_OFF, "unproven", id="a chassis of no known series",
        ),
        pytest.param(
            OLD_SWITCH, [MEMBER | {"kind": "module"}], [], CUT_OFF, "unproven", id="only a module of it was seen",
        ),
        pytest.param(
            OLD_SWITCH, [], [MEMBER], unread(outcome="identity_changed"), "unproven", id="it is another device now",
        ),
        pytest.param(
            OLD_SWITCH, [MEMBER | {"address": "10.0.0.1"}], [MEMBER], unread(), "unproven", id="what it held has moved",
        ),
    ],
)  # fmt: skip
def test_an_unread_device_holds_no_chassis_of_a_series_it_has_none_of(
    cells_of_line, units, history, target_9, expected
):
    earlier = [{**row, "run": "1"} for row in history]
    found = results(units, [line(LOST, **cells_of_line)], [target(), target_9], history=earlier)

    assert dict(cells(found.lines, "serial", "verdict"))[LOST] == expected


def test_an_inventory_says_why_its_verdicts_are_unknown_and_has_no_lines():
    found = results([unit()], None)

    assert cells(found.coverage, "verdict", "reason") == [("unknown", "no contracts were given")]
    assert (len(found.lines), len(found.changes)) == (0, 0)


def test_a_part_of_a_blocked_chassis_says_why_it_cannot_be_covered() -> None:
    chassis = unit(serial="FOC2145X0AB")
    part = unit(serial="FOC2145X0AC", kind="module", product_id="C9300-NM-8X", parent_serial="FOC2145X0AB", slot="1")
    asset = {"vendor": "cisco", "serial": "FOC2145X0AB", "condition": "damaged"}

    coverage = results([chassis, part], [], register=[asset]).coverage

    rows = {row["serial"]: (row["verdict"], row["reason"]) for row in coverage.to_dict("records")}
    assert rows["FOC2145X0AC"][0] == "uncoverable"
    assert rows["FOC2145X0AC"][1] == f"through its chassis: {rows['FOC2145X0AB'][1]}"
    assert rows["FOC2145X0AB"][1]
