"""What became of the fleet between two runs; and the device list for the vendor's portal."""

from __future__ import annotations

from reconcile import tables
from reconcile.diff import DIFF, EVENTS, Judged, diff
from reconcile.sntc import COLUMNS, sntc
from tests.reconcile.story import SWITCH, inputs, line, reconcile, unit, unread

OTHER = unit("FOC2201A0BB", slot="2")


def judged(number, units, lines, targets=(SWITCH,), **more):
    given = inputs(units, lines, targets, **more)
    found = reconcile(given)
    return Judged(number, found.coverage, found.findings, given.targets, found.units), found


def events(before, after):
    return [(row["event"], row["serial"]) for row in diff(before, after).to_dict("records")]


def test_a_unit_that_came_onto_a_contract_is_covered_and_one_that_fell_off_uncovered():
    before, _ = judged(1, [unit(), OTHER], [line()])
    after, _ = judged(2, [unit(), OTHER], [line("FOC2201A0BB")])

    assert sorted(events(before, after)) == [("covered", "FOC2201A0BB"), ("uncovered", "FOC2201A0AA")]
    row = diff(before, after).to_dict("records")[0]
    assert list(row) == list(DIFF)
    assert (row["since_run"], row["run"], row["was"], row["now"]) == ("1", "2", "covered", "uncovered")


def test_a_line_that_ended_in_between_is_an_expiry():
    before, _ = judged(1, [unit()], [line()])
    after, _ = judged(2, [unit()], [line(line_end="2026-06-01")])

    assert events(before, after) == [("expired", "FOC2201A0AA")]


def test_a_swapped_unit_is_replaced_once_and_not_lost():
    rma = [{"vendor": "cisco", "rma_number": "8", "old_serial": "FOC2201A0AA", "new_serial": "FOC2201A0ZZ"}]
    before, _ = judged(1, [unit()], [line()])
    after, _ = judged(2, [unit("FOC2201A0ZZ")], [line()], rma=rma)
    found = diff(before, after).to_dict("records")

    assert [(r["event"], r["serial"], r["new_serial"]) for r in found if r["event"] == "replaced"] == [
        ("replaced", "FOC2201A0AA", "FOC2201A0ZZ")
    ]


def test_what_was_not_read_is_no_news():
    before, _ = judged(1, [unit(), OTHER], [line()])
    after, _ = judged(2, [unit()], [line()], [unread("10.0.0.1", "sw1")])

    assert events(before, after) == []


def test_a_unit_gone_from_a_device_read_in_full_is_not_seen_and_no_removal():
    before, _ = judged(1, [unit(), OTHER], [line()])
    after, _ = judged(2, [unit()], [line()])
    (row,) = diff(before, after).to_dict("records")

    assert (row["event"], row["serial"], row["now"]) == ("not_seen", "FOC2201A0BB", "")
    assert "a removal needs a second run that agrees" in row["reason"]


def test_a_licence_finding_that_went_is_licensed_only_where_its_device_was_read():
    evaluation = {"vendor": "cisco", "hostname": "sw1", "address": "10.0.0.1", "feature": "dna", "state": "evaluation"}
    before, _ = judged(1, [unit()], [line()], licences=[evaluation])
    read, _ = judged(2, [unit()], [line()])
    blind, _ = judged(2, [], [line()], [unread("10.0.0.1", "sw1")])

    assert [event for event, _ in events(before, read)] == ["licensed"]
    assert "licensed" not in [event for event, _ in events(before, blind)]
    assert [event for event, _ in events(read, before)] == ["unlicensed"]


def test_a_run_compared_with_itself_is_no_news():
    one, _ = judged(1, [unit(), OTHER], [line()])

    assert diff(one, one).to_dict("records") == []


def test_every_event_is_one_of_the_known():
    before, _ = judged(1, [unit(), OTHER], [line()])
    after, _ = judged(2, [unit("FOC2201A0CC", slot="3"), unit(slot="9")], [line(line_end="2026-06-01")])

    assert {event for event, _ in events(before, after)} <= set(EVENTS)


def test_the_portals_list_has_every_chassis_before_any_module_and_only_what_fits():
    module = {"kind": "module", "parent_serial": "FOC2201A0AA"}
    units = tables.table(
        tables.UNITS,
        [
            unit("FOC2201A0M1", slot="1/1", product_id="C9300-NM-8X", **module),
            unit("FOC2201A0BB", hostname="zz"),
            unit(),
            unit("FOC2201A0FF", kind="fan"),
            unit(""),
            unit("S1", vendor="smartoptics"),
            unit("FOC2201A0CC", product_id=""),
            unit("F" * 51),
            unit("FOC2201A0AA", hostname="again"),
            unit("FOC2201A0DD", hostname="", address="10.0.0.9"),
        ],
    )
    found = sntc(units)

    assert list(found.columns) == list(COLUMNS)
    assert list(found.itertuples(index=False, name=None)) == [
        ("10.0.0.9", "10.0.0.9", "FOC2201A0DD", "C9300-48P"),
        ("again", "10.0.0.1", "FOC2201A0AA", "C9300-48P"),
        ("zz", "10.0.0.1", "FOC2201A0BB", "C9300-48P"),
        ("sw1", "10.0.0.1", "FOC2201A0M1", "C9300-NM-8X"),
    ]
