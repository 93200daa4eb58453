"""What holds for any network and any contracts: one verdict each, and none that hangs on order or writing."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import tables
from reconcile.ledger import build
from reconcile.reconcile import reconcile
from reconcile.verdicts import LINE_CASES, UNIT_CASES
from tests.reconcile.story import cells, inputs, line, policy, seen, target, unit

SERIALS = ("FOC2201A0AA", "FOC2201A0AB", "FOC22O1A0AA", "FOC2202B0BB", "FDO2203C0CC", "S2145DCP0001", "7720321")
PRODUCTS = ("C9300-48P", "C9300-48P-A", "C9500-48Y4C", "DCP-2-FB/HW", "CP-8841", "")
VENDORS = ("cisco", "cisco", "smartoptics")
HOSTS = (("10.0.0.1", "sw1"), ("10.0.0.2", "sw2"), ("10.0.0.3", "sw3"))
KINDS = ("chassis", "chassis", "module", "power_supply", "transceiver", "access_point", "virtual")
ENDS = ("", "2026-06-14", "2026-06-15", "2026-08-01", "2030-01-01", "not a date")
STATUSES = ("", "Active", "Signed", "Overdue", "Terminated", "Not Covered", "Confidential", "???")


ASKING = policy(
    spares=policy().spares.model_copy(update={"require_cover": True}),
    organisation=policy().organisation.model_copy(update={"names": ("Acme",)}),
)
"""Every rule that a setting keeps quiet speaks."""


def pick(values):
    return st.sampled_from(values)


@st.composite
def units(draw):
    address, hostname = draw(pick(HOSTS))
    return unit(
        draw(pick((*SERIALS, ""))), vendor=draw(pick(VENDORS)), kind=draw(pick(KINDS)), product_id=draw(pick(PRODUCTS)),
        address=address, hostname=hostname, slot=draw(pick(("1", "2", ""))), parent_serial=draw(pick(("", *SERIALS))),
        site=draw(pick(("North", "South", ""))), manufacturer=draw(pick(("", "CISCO", "FS"))),
    )  # fmt: skip


@st.composite
def lines(draw):
    return line(
        draw(pick((*SERIALS, ""))), vendor=draw(pick(VENDORS)), product_id=draw(pick(PRODUCTS)),
        line_end=draw(pick(ENDS)), line_status=draw(pick(STATUSES)),
        line_kind=draw(pick(("hardware", "hardware", "software"))),
        parent_serial=draw(pick(("", "", *SERIALS))), replacement_serial=draw(pick(("", "", *SERIALS))),
        hostname=draw(pick(("", "sw1", "SW2.example.net", "elsewhere"))),
        site_name=draw(pick(("", "North", "Acme South", "HQ"))), contract_number=draw(pick(("", "1", "2"))),
        instance_number=draw(pick(("", "71", "72"))), parent_instance_number=draw(pick(("", "", "71"))),
        quantity=draw(pick(("", "3"))), programme=draw(pick(("", "Donated", "Purchased"))),
        sales_order=draw(pick(("", "SO-5"))), ship_date=draw(pick(("", "2026-01-01"))),
    )  # fmt: skip


def exchange(old, new):
    return {"rma_number": "1", "old_serial": old, "new_serial": new, "date": "2026-01-01", "source_file": "rma.csv"}


@st.composite
def assets(draw):
    return {
        "vendor": draw(pick(VENDORS)), "serial": draw(pick(SERIALS)),
        "provenance": draw(pick(("secondary", "grant", "new", ""))), "in_use": draw(pick(("", "no"))),
        "grant_date": draw(pick(("", "2024-01-01", "2020-01-01"))), "disposed": draw(pick(("", "sold", "returned"))),
        "sales_order": draw(pick(("", "SO-5"))), "ship_date": draw(pick(("", "2026-02-01"))),
        "warranty_end": draw(pick(("", "2027-01-01"))), "condition": draw(pick(("", "", "damaged"))),
        "source_file": "register.csv", "source_row": "2",
    }  # fmt: skip


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
        register=draw(st.lists(assets(), max_size=3, unique_by=lambda a: (a["vendor"], a["serial"]))),
        spares=[{"vendor": "cisco", "serial": draw(pick(SERIALS)), "product_id": "C9300-48P", "source_file": "s.csv"}],
        sites=[{"subnet": "10.0.0.2/32", "site": "South", "contract_site_name": "Acme South"},
               {"hostname": "sw*", "site": "North"}],
        eox=[{"vendor": "cisco", "product_id": "C9500-48Y4C", "last_attach": draw(pick(("", "2026-01-01"))),
              "last_date_of_support": draw(pick(("", "2026-01-01", "2027-01-01")))}],
        profile=[{"contract_number": "1"}],
        policy=ASKING,
        rma=draw(st.lists(st.builds(exchange, pick(SERIALS), pick(SERIALS)), max_size=2)),
    )  # fmt: skip


PLAIN = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


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

    assert verdicts(build(other)) == verdicts(build(story))


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
    judged = set(cells(found.coverage[found.coverage["verdict"] == "uncovered"], "vendor", "serial"))
    shelved = set(cells(story.spares, "vendor", "serial")) - set(cells(found.units, "vendor", "serial"))
    barred = {(a["vendor"], a["serial"]) for a in story.register.to_dict("records")
              if a["provenance"] == "secondary" or a["condition"] == "damaged"}  # fmt: skip
    added = set(cells(found.changes[found.changes["action"] == "ADD"], "vendor", "serial"))
    removed = found.changes[(found.changes["action"] == "REMOVE") & (found.changes["needs_confirmation"] == "no")]
    disposed = set(story.register["serial"][story.register["disposed"] != ""])

    assert added <= (judged | shelved)
    assert not added & barred - {(v, n) for v, n in barred if v == "smartoptics"}
    assert set(removed["serial"]) <= {*story.rma["old_serial"], *disposed}


@PLAIN
@given(stories())
def test_every_finding_has_evidence_that_points_at_a_row_or_a_place(story):
    rows = {
        f"{r['source_file']}:{r['source_row']}"
        for name in ("lines", "register", "spares", "rma", "sites", "profile")
        for r in getattr(story, name).to_dict("records")
    }
    places = {*story.targets["address"], *story.targets["hostname"], *story.units["serial"]} - {""}

    for told in reconcile(story).findings.to_dict("records"):
        assert told["action"]
        assert told["message"]
        assert pointed(json.loads(told["evidence"])) & (rows | places), told


@PLAIN
@given(stories(), st.data())
def test_a_file_parted_in_two_and_lines_of_somebody_else_change_no_verdict(story, data):
    apart = line("77777777", vendor="juniper", product_id="EX4300", instance_number="99", source_row="99")
    more = pd.concat([story.lines, tables.table(tables.LINES, [apart])], ignore_index=True)
    parted = more.assign(source_file=[data.draw(pick(("acme.csv", "more.csv"))) for _ in more["source_file"]])
    alone, beside = verdicts(build(story)), verdicts(build(replace(story, lines=parted)))

    assert beside[0] == alone[0]
    assert [v for v in beside[1] if v[0] != "99"] == alone[1]


@PLAIN
@given(stories())
def test_other_host_names_change_no_verdict(story):
    def renamed(table):
        return table.assign(hostname=table["hostname"].str.replace(r"(?i)^sw(\d)", r"sw-new-\1", regex=True))

    other = replace(story, **{n: renamed(getattr(story, n)) for n in ("units", "lines", "targets", "history")})

    assert verdicts(build(other)) == verdicts(build(story))


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


def pointed(evidence):
    """Every text in a finding's evidence."""
    if isinstance(evidence, dict):
        return {text for value in evidence.values() for text in pointed(value)}
    if isinstance(evidence, list):
        return {text for value in evidence for text in pointed(value)}
    return {str(evidence)}


def outcome(found):
    names = ("verdict", "serial", "address", "slot", "matched_by", "reason", "source_row", "zone", "entitles")
    return (
        sorted(cells(found.coverage, *names)),
        sorted(cells(found.lines, "source_row", "verdict", "unit_serial", "hostname", "matched_by", "reason")),
        sorted(cells(found.findings, "key", "severity", "confidence")),
        sorted(cells(found.changes, "action", "finding_key", "needs_confirmation", "source_row")),
    )


def verdicts(ledger):
    """Of every unit and every line of a ledger."""
    units, lines = ledger.units, ledger.lines
    taken = ["" if unit < 0 else units["serial"].iloc[unit] for unit in lines["unit"]]
    return (
        sorted(cells(units, "verdict", "serial", "address", "slot")),
        sorted(cells(lines.assign(unit_serial=taken), "source_row", "verdict", "unit_serial")),
    )
