"""Rules of provenance: nobody is accused, nothing is promised, what cannot be covered is not advised to be added."""

from __future__ import annotations

import pytest

from reconcile.ledger import build
from reconcile.rules import market, provenance
from tests.reconcile.entitlement_cases import OTHER, SHELF, asset, loose, owned, story
from tests.reconcile.story import finding, inputs, line, policy, results, rules, unit, verdict

PROVED = {"relicence_proof": "SO 12", "inspection_passed": "2026-01-02"}


def told(rule, **given):
    return list(rule(build(inputs(**given))))


@pytest.mark.parametrize("provenance", ["secondary", "gift", "lease_return"])
@pytest.mark.parametrize("more", [{}, PROVED, {"transfer_exception": "affiliate, letter of 3 May"}])
def test_a_warranty_never_covers_a_second_hand_unit(provenance, more):
    found = results(**loose(**asset(provenance=provenance, warranty_end="2030-01-01", **more)))

    assert verdict(found, "FOC2201A0AA") == ("uncovered" if more is PROVED else "uncoverable")
    assert finding(found, "MKT-NOWARRANTY")["severity"] == "warning"


def test_the_first_owner_has_the_warranty():
    found = results(**loose(**asset(provenance="new", warranty_end="2030-01-01")))

    assert verdict(found, "FOC2201A0AA") == "warranty_only"
    assert [r for r in rules(found) if r.startswith("MKT")] == []


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({"provenance": "secondary"}, {"MKT-UNLICENSED", "MKT-UNCOVERABLE", "MKT-FEES"}),
        ({"provenance": "secondary", "relicence_proof": "SO 12"}, {"MKT-UNCOVERABLE", "MKT-FEES"}),
        ({"provenance": "secondary", "transfer_exception": "bundled"}, {"MKT-UNCOVERABLE", "MKT-FEES"}),
        ({"provenance": "secondary", "inspection_passed": "2026-01-02"},
         {"MKT-UNLICENSED", "MKT-UNCOVERABLE", "MKT-FEES"}),
        ({"provenance": "secondary", **PROVED}, set()),
        ({"provenance": "grant"}, set()),
        ({"provenance": "new", "product_id": "C9300-48P-RF"}, {"MKT-REFRESH-OK"}),
        ({"provenance": "secondary", "product_id": "C9300-48P-RF", **PROVED}, set()),
        ({"provenance": ""}, {"MKT-UNKNOWN"}),
        ({"provenance": "unknown", "seller": "Example Partner"}, set()),
        ({"provenance": "unknown", "product_id": "C9300-48P-RF="}, {"MKT-REFRESH-OK"}),
    ],
)  # fmt: skip
def test_what_the_register_says_decides_which_rules_speak(recorded, expected):
    found = results(**loose(**asset(**recorded)))

    assert {r for r in rules(found) if r.startswith("MKT")} == expected


def test_without_a_register_each_rule_of_provenance_is_one_row_that_was_not_evaluated():
    found = results(**story(units=[unit(product_id="C9300-48P-RF")]))
    skipped = [(code, why) for code, why in found.not_evaluated if code.startswith("MKT")]

    assert len(skipped) == 12
    assert {why for _, why in skipped} == {"no register of assets was given"}
    assert [r for r in rules(found) if r.startswith("MKT")] == []


@pytest.mark.parametrize("block", [{"provenance": "secondary"}, {"condition": "damaged"}, {"compliance_hold": "yes"},
                                   {"condition": "environmental"}])  # fmt: skip
def test_what_cannot_be_covered_is_never_advised_to_be_added(block):
    changes = results(**loose(**asset(**block))).changes

    assert not {"ADD", "RENEW"} & set(changes["action"])


def test_only_the_vendors_of_the_policy_are_asked_for_proofs():
    other = {"vendor": "smartoptics", "product_id": "DCP-2"}
    found = results(units=[unit("S2145A", **other)], lines=[line("S2145B", **other)],
                    **asset("S2145A", provenance="secondary"))  # fmt: skip

    assert [r for r in rules(found) if r.startswith("MKT")] == []


def test_the_lenient_reading_asks_for_the_inspection_alone():
    lenient = policy(secondary=policy().secondary.model_copy(update={"require_relicense": False}))
    found = results(**loose(**asset(provenance="secondary")), policy=lenient)

    assert {"MKT-UNCOVERABLE"} <= set(rules(found))
    assert "MKT-UNLICENSED" not in rules(found)


def test_a_unit_on_a_line_in_force_keeps_its_verdict_and_is_asked_for_its_proofs():
    found = results(**story(**asset(provenance="secondary", inspection_passed="2026-01-02")))

    assert verdict(found, "FOC2201A0AA") == "covered"
    assert finding(found, "MKT-ON-CONTRACT")["contract_number"] == "200100"


def test_fees_are_one_finding_a_site_and_one_inspection_a_chassis():
    units = [
        *(unit(f"FOC2201A0A{n}", slot=str(n)) for n in range(1, 4)),
        unit("FOC2201B0B1", address="10.0.0.2", site="South"),
        unit("FOC2201C0C1", kind="module", parent_serial="FOC2201A0A1", slot="1/1"),
    ]
    register = [{"serial": u["serial"], "provenance": "secondary"} for u in units]
    register[0]["inspection_passed"] = "2026-01-02"
    register[1]["relicence_proof"] = "SO 12"
    found = told(market.fees, units=units, lines=[OTHER], register=register, **SHELF)

    assert [(f.site, f.evidence["inspections"], f.evidence["licences"]) for f in found] == [
        ("North", 2, 2), ("South", 1, 1),
    ]  # fmt: skip
    assert found[0].action.startswith("Count on 2 inspection fees and 2 licences")


def test_units_of_unknown_origin_are_asked_after_once_a_site():
    units = [unit(f"FOC2201A0A{n}", slot=str(n)) for n in range(1, 4)]
    found = told(market.unknown, units=units, lines=[OTHER], register=[], **SHELF)

    assert [f.evidence["serials_count"] for f in found] == [3]
    assert "second-hand" not in found[0].message + found[0].action


@pytest.mark.parametrize(
    ("seller", "fires"),
    [("Example Partner Ltd", True), ("National Distribution", True), ("Reseller 7", True), ("Broker", False)],
)
def test_a_channel_is_told_by_the_seller_s_words(seller, fires):
    assert bool(told(provenance.channel, **loose(**asset(provenance="secondary", seller=seller)))) is fires


@pytest.mark.parametrize(
    ("entitlements", "fires"),
    [({}, True), (owned(serial="FOC2101A0AA"), True), (owned(), False)],
)
def test_a_unit_sold_is_told_where_entitlements_still_name_it(entitlements, fires):
    gone = asset("FOC2101A0AA", vendor="cisco", product_id="C9300-24T", disposed="sold")
    found = told(market.previous_owner, **story(**gone, **entitlements))

    assert [f.message for f in found] == (
        ["C9300-24T FOC2101A0AA was sold: our licence for it has ended"] if fires else []
    )


def test_messages_accuse_nobody():
    found = results(**loose(**asset(provenance="secondary", warranty_end="2030-01-01", seller="Example Partner")))
    words = " ".join([*found.findings["message"], *found.findings["action"]]).lower()

    assert not [word for word in ("illegal", "pirat", "stolen", "violat", "counterfeit", "fraud") if word in words]
