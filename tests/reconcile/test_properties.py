"""What holds for any network and any contracts: one verdict each, and none that hangs on order or writing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.reconcile import reconcile
from reconcile.verdicts import LINE_CASES, UNIT_CASES
from tests.reconcile.story import cells, inputs, line, seen, target, unit

SERIALS = ("FOC2201A0AA", "FOC2201A0AB", "FOC22O1A0AA", "FOC2202B0BB", "FDO2203C0CC", "S2145DCP0001", "7720321")
PRODUCTS = ("C9300-48P", "C9300-48P-A", "C9500-48Y4C", "DCP-2-FB/HW", "CP-8841", "")
VENDORS = ("cisco", "cisco", "smartoptics")
HOSTS = (("10.0.0.1", "sw1"), ("10.0.0.2", "sw2"), ("10.0.0.3", "sw3"))
KINDS = ("chassis", "chassis", "module", "power_supply", "access_point", "virtual")
ENDS = ("", "2026-06-14", "2026-06-15", "2026-08-01", "2030-01-01", "not a date")
STATUSES = ("", "Active", "Signed", "Overdue", "Terminated", "Not Covered", "Confidential", "???")


def pick(values):
    return st.sampled_from(values)


@st.composite
def units(draw):
    address, hostname = draw(pick(HOSTS))
    return unit(
        draw(pick((*SERIALS, ""))), vendor=draw(pick(VENDORS)), kind=draw(pick(KINDS)), product_id=draw(pick(PRODUCTS)),
        address=address, hostname=hostname, slot=draw(pick(("1", "2", ""))), parent_serial=draw(pick(("", *SERIALS))),
    )  # fmt: skip


@st.composite
def lines(draw):
    return line(
        draw(pick((*SERIALS, ""))), vendor=draw(pick(VENDORS)), product_id=draw(pick(PRODUCTS)),
        line_end=draw(pick(ENDS)), line_status=draw(pick(STATUSES)),
        line_kind=draw(pick(("hardware", "hardware", "software"))),
        parent_serial=draw(pick(("", "", *SERIALS))), replacement_serial=draw(pick(("", "", *SERIALS))),
        hostname=draw(pick(("", "sw1", "SW2.example.net", "elsewhere"))), site_name=draw(pick(("", "North"))),
        contract_number=draw(pick(("", "1", "2"))),
    )  # fmt: skip


@st.composite
def stories(draw):
    targets = [
        target(a, h, inventory_state=s, outcome=s)
        for (a, h), s in zip(HOSTS, draw(st.lists(pick(("complete", "partial")), min_size=3, max_size=3)), strict=True)
    ]
    old = draw(st.lists(units(), max_size=3, unique_by=lambda u: (u["vendor"], u["serial"])))
    return inputs(
        draw(st.lists(units(), max_size=6)),
        draw(st.lists(lines(), max_size=6)),
        targets,
        history=[seen(**u) for u in old],
        register=[{
            "serial": draw(pick(SERIALS)), "provenance": draw(pick(("secondary", "grant", ""))),
            "warranty_end": "2027-01-01",
        }],
        rma=draw(st.lists(st.builds(
            lambda a, b: {"rma_number": "1", "old_serial": a, "new_serial": b, "date": "2026-01-01"},
            pick(SERIALS), pick(SERIALS),
        ), max_size=2)),
    )  # fmt: skip


PLAIN = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@PLAIN
@given(stories())
def test_every_coverable_unit_and_every_line_has_just_one_verdict(story):
    found = reconcile(story)
    coverable = found.units[found.units["coverable"] == "yes"]
    loose = found.lines[found.lines["unit_serial"] == ""]

    assert len(found.coverage) >= len(coverable) + len(loose) - (coverable["serial"] == "").sum()
    assert set(found.coverage["verdict"]) <= {case.verdict for case in (*UNIT_CASES, *LINE_CASES)}
    assert set(found.lines["verdict"]) <= {case.verdict for case in LINE_CASES}
    assert len(found.lines) == len(story.lines)
    assert not found.coverage["reason"].eq("").any()


@PLAIN
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(story, chance):
    def shuffled(table):
        order = list(range(len(table)))
        chance.shuffle(order)
        return table.iloc[order]

    mixed = replace(
        story, **{n: shuffled(getattr(story, n)) for n in ("units", "lines", "targets", "history", "register")}
    )

    assert outcome(reconcile(mixed)) == outcome(reconcile(story))


@PLAIN
@given(stories(), st.data())
def test_case_white_space_and_text_guards_of_serials_change_no_verdict(story, data):
    def rewritten(table: pd.DataFrame) -> pd.DataFrame:
        names = [n for n in ("serial", "parent_serial", "replacement_serial", "old_serial", "new_serial") if n in table]
        forms = st.sampled_from(("{}", " {} ", '="{}"', "S/N: {}", "{}\u200b"))
        said = {
            n: pd.Series(
                [data.draw(forms).format(s).lower() if s else data.draw(pick(("", "n/a", " - "))) for s in table[n]],
                index=table.index, dtype="str",
            )
            for n in names
        }  # fmt: skip
        return table.assign(**said)

    other = replace(story, **{n: rewritten(getattr(story, n)) for n in ("units", "lines", "register", "rma")})

    assert verdicts(reconcile(other)) == verdicts(reconcile(story))


@PLAIN
@given(stories())
def test_findings_have_one_key_each_and_keep_it_in_the_next_run(story):
    first = reconcile(story)
    second = reconcile(replace(story, previous_findings=first.findings))

    assert first.findings["key"].is_unique
    assert sorted(first.findings["key"]) == sorted(second.findings["key"])
    assert set(second.findings["status"]) <= {"open"}


@PLAIN
@given(stories())
def test_what_cannot_be_covered_is_not_added_and_nothing_unsure_is_removed(story):
    found = reconcile(story)
    uncovered = set(cells(found.coverage[found.coverage["verdict"] == "uncovered"], "vendor", "serial"))
    added = found.changes[found.changes["action"] == "ADD"]
    removed = found.changes[(found.changes["action"] == "REMOVE") & (found.changes["needs_confirmation"] == "no")]
    returned = set(story.rma["old_serial"])

    assert set(cells(added, "vendor", "serial")) <= uncovered
    assert set(removed["serial"]) <= returned


@PLAIN
@given(stories())
def test_where_nothing_was_read_nothing_is_missing_and_nothing_new_is_replaced_by_guess(story):
    unread = replace(story, targets=story.targets.assign(inventory_state="failed"))
    found = reconcile(unread)
    replaced = found.findings[found.findings["rule"] == "COV-REPLACED"]
    swaps = found.changes[found.changes["action"] == "REPLACE"]

    assert "not_seen" not in set(found.lines["verdict"])
    assert set(replaced["confidence"]) <= {"high"}
    assert set(swaps["needs_confirmation"]) <= {"yes"}


def outcome(found):
    names = ("verdict", "serial", "address", "slot", "matched_by", "reason", "source_row", "zone", "entitles")
    return (
        sorted(cells(found.coverage, *names)),
        sorted(cells(found.lines, "source_row", "verdict", "unit_serial", "hostname", "matched_by", "reason")),
        sorted(cells(found.findings, "key", "severity", "confidence")),
        sorted(cells(found.changes, "action", "finding_key", "needs_confirmation", "source_row")),
    )


def verdicts(found):
    return (
        sorted(cells(found.coverage, "verdict", "serial", "address", "slot")),
        sorted(cells(found.lines, "source_row", "verdict", "unit_serial")),
    )
