"""Lines without serials are compared by count, and the ignore lists leave out what they name."""

from __future__ import annotations

import pytest

from tests.reconcile.story import cells, finding, line, policy, results, rules, target, unit, unread, verdict

OPTIC = "SFP-10G-SR"


def optics(count, **more):
    return [unit(f"AVD22{n:02}C0CC", product_id=OPTIC, kind="transceiver", slot=f"1/{n}", **more) for n in range(count)]


def bought(quantity, **more):
    return line("", product_id=OPTIC, quantity=quantity, **more)


def reasons(found):
    return cells(found.lines[found.lines["serial"] == ""], "verdict", "reason")


@pytest.mark.parametrize(
    ("quantity", "seen", "told"),
    [
        ("24", 20, "it names no serial: 24 of SFP-10G-SR bought, 20 seen"),
        ("24", 24, "it names no serial: 24 of SFP-10G-SR bought, 24 seen"),
        ("2", 3, "it names no serial: 2 of SFP-10G-SR bought, 3 seen, 1 more than are paid for"),
        ("", 1, "it names no serial: 1 of SFP-10G-SR bought, 1 seen"),
    ],
)
def test_what_was_bought_by_count_is_compared_with_what_was_seen(quantity, seen, told):
    assert reasons(results(optics(seen), [bought(quantity)])) == [("unproven", told)]


def test_lines_of_one_product_and_site_are_counted_together():
    table = [{"site": "North", "contract_site_name": "A"}, {"site": "South", "contract_site_name": "B"}]
    units = [
        *optics(2),
        *[u | {"serial": f"S{u['serial']}", "site": "South", "address": "10.0.0.2"} for u in optics(3)],
    ]
    lines = [bought("1", site_name="A"), bought("1", site_name="a"), bought("5", site_name="B")]
    targets = [target(), target("10.0.0.2", "sw2", site="South")]

    assert [told for _, told in reasons(results(units, lines, targets, sites=table))] == [
        "it names no serial: 2 of SFP-10G-SR bought, 2 seen at site north",
        "it names no serial: 2 of SFP-10G-SR bought, 2 seen at site north",
        "it names no serial: 5 of SFP-10G-SR bought, 3 seen at site south",
    ]


def test_what_a_line_of_its_own_pays_for_is_not_counted_and_an_unread_device_is_told():
    units, own = optics(2), line("AVD2200C0CC", product_id=OPTIC)
    found = results(units, [own, bought("1")], [target(), unread(platform="cisco_asa")])

    assert [told for _, told in reasons(found)] == [
        "it names no serial: 1 of SFP-10G-SR bought, 1 seen, though not every device there was read in full"
    ]


def test_a_line_without_serial_or_product_and_one_of_a_phone_say_so():
    lines = [line("", product_id=""), line("", product_id="CP-8841"), line("", parent_serial="FOX1", product_id="X")]

    assert [told for _, told in reasons(results([], lines))] == [
        "it names neither a serial nor a product", "IP phones are outside what is collected",
        "it belongs to FOX1, which no device has",
    ]  # fmt: skip


def test_a_unit_that_a_line_counts_is_uncovered_by_serial_and_the_advice_is_to_enter_it():
    found = results([unit()], [line("", quantity="3")])
    told = finding(found, "COV-UNCOVERED")

    assert verdict(found, "FOC2201A0AA") == "uncovered"
    assert told["confidence"] == "medium"
    assert told["action"].startswith("Have its serial entered on the line that counts its product;")
    assert "3 of C9300-48P bought, 1 seen" in told["message"]
    assert list(found.changes["needs_confirmation"]) == ["yes"]


def test_a_line_that_names_its_parent_by_instance_belongs_to_it():
    chassis = line(instance_number="71")
    service = line("", product_id="CON-SNT-C9300", instance_number="72", parent_instance_number="71")
    found = results([unit()], [service, chassis])

    assert cells(found.lines, "unit_serial", "matched_by") == [("FOC2201A0AA", "parent"), ("FOC2201A0AA", "serial")]


def test_an_instance_of_two_serials_is_nobody_s_parent():
    lines = [line("", parent_instance_number="71"), line(instance_number="71"),
             line("FOC2202B0BB", instance_number="71")]  # fmt: skip

    assert list(results([unit()], lines).lines["unit_serial"]) == ["", "FOC2201A0AA", ""]


def ignoring(**lists):
    return policy(ignore=policy().ignore.model_copy(update=lists))


GONE = line("FOC2298Y8YY", product_id="C9500-48Y4C", hostname="lab-2.example.net")


@pytest.mark.parametrize(
    "lists",
    [
        {"serials": (" foc2201a0aa", "FOC2298Y8YY")},
        {"product_ids": ("^C9[35]00",)},
        {"hosts": ("SW1", "lab-*")},
        {"hosts": ("10.0.0.*", "lab-2.example.net")},
    ],
)
def test_what_the_policy_ignores_needs_no_cover_and_is_not_missed(lists):
    units, lines = [unit(hostname="sw1.example.net")], [GONE]
    found = results(units, lines, policy=ignoring(**lists))

    assert sorted(rules(results(units, lines))) == ["COV-NOT-SEEN", "COV-UNCOVERED"]
    assert rules(found) == []
    assert cells(found.units, "coverable") == [("no",)]
    assert cells(found.lines, "verdict", "reason") == [("not_applicable", "left out by the policy's ignore list")]


def test_a_near_match_names_the_unit_in_the_line_s_reason_and_lowers_the_confidence_of_the_addition():
    found = results([unit()], [line("FOC22O1A0AA")], [target(site="")])

    assert cells(found.lines, "reason") == [
        ("every target that could hold it was read in full, none has it; probably a writing of FOC2201A0AA in sw1",)
    ]
    assert finding(found, "COV-UNCOVERED")["confidence"] == "medium"
    assert dict(cells(found.changes, "action", "confidence"))["ADD"] == "medium"
