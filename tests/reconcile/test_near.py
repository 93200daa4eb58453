"""Near matches: which typing errors are suggested, and that a suggestion stays one."""

from __future__ import annotations

import pytest

from reconcile.near import distance_is_one
from tests.reconcile.story import change, finding, line, policy, results, rules, target, unit, verdict


@pytest.mark.parametrize(
    ("written", "real", "product", "how"),
    [
        ("FOC22O1A0AA", "FOC2201A0AA", "", "date digits misread"),
        ("F0C2201A0AA", "FOC2201A0AA", "", "date digits misread"),
        ("FOC22S1A0AA", "FOC2251A0AA", "", "date digits misread"),
        ("7720321", "007720321", "", "leading zeros"),
        ("FOC2201A0AA-B", "FOC2201A0AA", "", "cable end mark"),
        ("FOC2201A", "FOC2201A0AA", "", "cut off"),
        ("3.55813E+14", "355813070074072", "", "scientific notation"),
        ("FOC2201A0AB", "FOC2201A0AA", "C9300-48P-E", "one letter"),
        ("FOC22010AAA", "FOC2201A0AA", "C9300-48P", "one letter"),
    ],
)
def test_a_typing_error_is_a_suggestion_and_changes_no_verdict(written, real, product, how):
    found = results([unit(real)], [line(written, product_id=product)], [target(site="")])

    told = finding(found, "COV-NEAR")
    assert (told["serial"], told["new_serial"], told["confidence"]) == (written, real, "low")
    assert how in told["message"]
    assert (verdict(found, real), verdict(found, written)) == ("uncovered", "not_seen")
    assert change(found, "ADD")["needs_confirmation"] == "yes"


@pytest.mark.parametrize(
    ("written", "real", "product"),
    [
        ("FOC2201A0AB", "FOC2201A0AA", "N9K-C93180YC-EX"),  # one letter, another product
        ("FOC2201A0AB", "FOC2201A0AA", ""),  # one letter, no product to tell neighbours apart
        ("FOC2201B0BA", "FOC2201A0AA", "C9300-48P"),  # two letters
        ("FOC2201", "FOC2201A0AA", ""),  # too short to be cut off
        ("3.55814E+14", "355813070074072", ""),
    ],
)
def test_what_is_further_off_is_not_suggested(written, real, product):
    assert "COV-NEAR" not in rules(results([unit(real)], [line(written, product_id=product)]))


def test_a_suggestion_must_be_the_only_one_on_both_sides():
    two_units = [unit("FOC2201A0AA"), unit("FOC2201A0AB", slot="2")]
    two_lines = [line("FOC2201A"), line("FOC2201A0")]

    assert "COV-NEAR" not in rules(results(two_units, [line("FOC2201A")]))
    assert "COV-NEAR" not in rules(results([unit("FOC2201A0AA")], two_lines))


def test_a_unit_on_a_line_of_its_own_is_nobody_s_typing_error():
    assert rules(results([unit()], [line(), line("FOC22O1A0AA")])) == ["COV-NOT-SEEN"]


def test_the_search_can_be_turned_off_and_its_dear_part_has_a_limit():
    found = {"units": [unit()], "lines": [line("FOC2201A0AB")]}
    off = policy(near=policy().near.model_copy(update={"enabled": False}))
    small = policy(near=policy().near.model_copy(update={"edit_distance_limit": 0}))

    assert "COV-NEAR" in rules(results(**found))
    assert "COV-NEAR" not in rules(results(**found, policy=off))
    assert "COV-NEAR" not in rules(results(**found, policy=small))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("AB", "AB", False), ("AB", "AC", True), ("AB", "ABC", True), ("ABC", "AB", True), ("AB", "BA", True),
        ("ABCD", "ACBD", True), ("ABC", "CBA", False), ("AB", "ABCD", False), ("", "A", True), ("ABCD", "BADC", False),
    ],
)  # fmt: skip
def test_one_edit_is_a_letter_more_less_other_or_swapped(a, b, expected):
    assert distance_is_one(a, b) is expected


def test_what_a_near_match_explains_is_told_once():
    """One unit and one line at a site, one letter apart: no candidate of a replacement, no missing line beside it."""
    found = results([unit()], [line("FOC2201A0AB", site_name="North")])

    assert rules(found) == ["COV-NEAR", "COV-UNCOVERED"]
    assert (verdict(found, "FOC2201A0AA"), verdict(found, "FOC2201A0AB")) == ("uncovered", "not_seen")
    assert sorted(found.changes["action"]) == ["ADD", "REVIEW"]
    told = finding(found, "COV-UNCOVERED")["action"]
    assert told.startswith("First settle what the contract's FOC2201A0AB is; if it is another unit, ask a reseller")


def test_a_near_match_of_a_returned_unit_does_not_keep_its_line_on_the_contract():
    rma = [{"vendor": "cisco", "rma_number": "8", "old_serial": "FOC2201A0AB", "new_serial": "FOC2301C0CC"}]

    assert change(results([unit()], [line("FOC2201A0AB")], rma=rma), "REMOVE")["serial"] == "FOC2201A0AB"
    assert "COV-NEAR" not in rules(results([unit()], [line("FOC2201A0AB")], rma=rma))
