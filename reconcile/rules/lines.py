"""Rules of contract lines: replaced, not seen, wrong product, probable typing errors, listed twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from reconcile.blocks import END_OF_LIFE
from reconcile.columns import Row, among, cells_at, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.matching import BY_SERIAL
from reconcile.products import matches
from reconcile.replaced import LOW, WORD
from reconcile.rules.rows import complete_runs, contract_of, gone_back, line_groups, line_rows, unit_rows
from reconcile.standing import ACTIVE, PENDING, UNCLEAR

_HOW: Final = {
    "history": "it is where an earlier run saw that one",
    "replacement": "by the vendor's own record",
    "host": "by its host and product",
    "site": "by site and product only",
}
_FIND: Final = (
    "Find it. If it is out of use take it off at renewal; if it is in use, put its device on the target list."
)


def replaced(ledger: Ledger) -> Iterator[Finding]:
    """The serial on a contract is gone and a serial on no contract stands in its place.

    The RMA list and the vendor's own replacement serial are its word. An earlier run (same device, slot and product)
    needs a person's word; one missing and one new of a product at a site is a candidate only. A second-hand, damaged or
    held unit is not advised to be put on a contract but on the vendor's word, and one that is itself on the RMA list as
    returned is not at all.

    Rests on: S0, S1: after an exchange the returned serial is taken off the contract and the new one put on [S]. How
    far a place, a host or a site may stand for the vendor's word is ours [R]. Not checked with the vendor.

    Exempt: serials whose device was not read in full, spares, and lines that have ended.

    Action: Put <new> in the place of <old> on contract <number>. / End the line of <old> and have <new> quoted: the
    product changed. / Confirm by the RMA, or with who changed it, that <new> took the place of <old>; then put <new> in
    the place of <old> on contract <number>. / Find out whether it did; if so, put <new> in the place of <old> on
    contract <number>. / Do not put it on contract <number> yet: <why>.
    """
    if ledger.pairs.empty:
        return
    units = {u["row"]: u for u in unit_rows(ledger, ledger.units.index.to_series().isin(ledger.pairs["unit"]))}
    named, back = _lines_by_serial(ledger, set(ledger.pairs["old_serial"])), gone_back(ledger)
    for pair in records(ledger.pairs):
        unit = units[pair["unit"]]
        candidate = pair["confidence"] == LOW
        rows = [
            r for r in named.get((pair["vendor"], pair["old_serial"]), []) if candidate or r["verdict"] == "replaced"
        ]
        if rows:
            yield _replaced(pair, unit, rows, back.get((unit["vendor"], unit["serial"]), {}).get("rma_number", ""))


def not_seen(ledger: Ledger) -> Iterator[Finding]:
    """A contract pays for a serial that no device has, though every device that could hold it was read in full.

    Some target that was read must have been able to hold it: a product or a site outside what is polled is unproven.
    Info until a second complete run agrees. What the fleet brake holds for a person is unproven, and not told here.

    Rests on: S1: the list on a contract is to be kept true [S]. How many runs must agree is a setting [R]. Not checked
    with the vendor.

    Exempt: spares, lines that ended, lines of unread devices, serials that COV-NEAR explains.

    Action: Take it off the contract. / Find it. If it is out of use take it off at renewal; if it is in use, put its
    device on the target list.
    """
    lines = ledger.lines
    chosen = (lines["verdict"] == "not_seen") & lines["standing"].isin((ACTIVE, PENDING, UNCLEAR))
    before = ledger.inputs.previous_findings
    known = set() if before is None else set(before["key"][before["status"] != "closed"])
    runs = complete_runs(ledger)
    returned = _returned(ledger)
    near = {(n["vendor"], n["line_serial"]) for n in records(ledger.near)}
    low = {(p["vendor"], p["old_serial"]) for p in records(ledger.pairs[ledger.pairs["confidence"] == LOW])}
    for rows in line_groups(lines[chosen]):
        line = rows[0]
        serial = (line["vendor"], line["serial"])
        why = returned.get(serial, "")
        named = f"{line['product_id']} {line['serial']}".strip()
        if serial in near:
            continue  # COV-NEAR says where it probably is
        finding = Finding(
            "COV-NOT-SEEN",
            f"{named} on {contract_of(line)} was not found" + (f": {why}" if why else ""),
            "Take it off the contract." if why else _FIND,
            {"lines": [origin(r) for r in rows], **({"record": why} if why else {}),
             **({"candidate": True} if serial in low else {})},
            vendor=line["vendor"], serial=line["serial"], product_id=line["product_id"], hostname=line["hostname"],
            site=line["site"], **of_line(line), lines=tuple(r["row"] for r in rows),
            change="REMOVE" if why else "REVIEW", confirm=not why,
        )  # fmt: skip
        often = runs.get(serial, ledger.policy.not_seen_runs if finding.key in known else 1)
        yield finding if often >= ledger.policy.not_seen_runs else replace(finding, severity="info")


def product(ledger: Ledger) -> Iterator[Finding]:
    """A unit's serial is on a line that names another product, also after spare marks, licence suffixes and aliases.

    It may also be a wrong serial.

    Rests on: S0: wrong details of a contract are to be corrected [S]. Which suffixes do not make another product is a
    table of the policy [R]. Not checked with the vendor.

    Exempt: lines that name a service's own product id.

    Action: Have the product corrected to <product>; read the label if the two have nothing in common.
    """
    lines, units = ledger.lines, ledger.units
    taken = (lines["matched_by"] == BY_SERIAL) & (lines["line_kind"] == "hardware") & (lines["base"] != "")
    taken &= ~lines["unit"].isin(units.index[units["ignored"]])
    taken &= ~matches(lines["product_id"], ledger.policy.lines.service_product_ids)
    base = cells_at(units["base"], lines["unit"].to_numpy(dtype=np.int64), lines.index)
    wrong = lines[taken & (base != "") & (base != lines["base"])]
    if wrong.empty:
        return
    held = {u["row"]: u for u in unit_rows(ledger, units.index.to_series().isin(wrong["unit"]))}
    for group in line_groups(wrong):
        line, unit = group[0], held[group[0]["unit"]]
        yield Finding(
            "COV-PID",
            f"{unit['serial']} is a {unit['product_id']}, {contract_of(line)} calls it {line['product_id']}",
            f"Have the product corrected to {unit['product_id']}; read the label if the two have nothing in common.",
            {"unit": {**place(unit), "product_id": unit["product_id"]}, "lines": [origin(r) for r in group],
             "line_product_id": line["product_id"]},
            **of_unit(unit), **of_line(line), lines=tuple(r["row"] for r in group), change="CHANGE_PID",
        )  # fmt: skip


def near_match(ledger: Ledger) -> Iterator[Finding]:
    """A contract's serial that no unit has differs from a unit's serial on no contract only as typing errors do.

    A suggestion for a person, never a match: letters for digits in the date of a classic serial, one letter more, less,
    other or swapped in one product, lost zeros, a spreadsheet's number, a cut-off cell, a cable's end mark.

    Rests on: S0, S1: inaccurate serials are to be corrected [S]. Which errors are likely is ours [R]. Not checked with
    the vendor.

    Exempt: what is not the only possibility on both sides; serials that went back under an RMA or were disposed of.

    Action: Read the label of <serial>; if it is the same unit, have the contract's serial corrected.
    """
    if ledger.near.empty:
        return
    units = {u["row"]: u for u in unit_rows(ledger, ledger.units.index.to_series().isin(ledger.near["unit"]))}
    held = line_rows(ledger, ledger.near["line"])
    for hit in records(ledger.near):
        unit, line = units[hit["unit"]], held[hit["line"]]
        yield Finding(
            "COV-NEAR",
            f"{contract_of(line)} lists {hit['line_serial']}, the network has {hit['unit_serial']}: {hit['how']}",
            f"Read the label of {hit['unit_serial']}; if it is the same unit, have the contract's serial corrected.",
            {"unit": place(unit), "line": origin(line), "how": hit["how"]},
            **of_unit(unit, serial=hit["line_serial"], new_serial=hit["unit_serial"]), **of_line(line),
            confidence="low", lines=(hit["line"],), change="REVIEW",
        )  # fmt: skip


def _replaced(pair: Row, unit: Row, rows: list[Row], returned: str) -> Finding:
    line, by_word = rows[0], pair["method"] in WORD
    candidate = pair["confidence"] == LOW
    how = _HOW.get(pair["method"]) or f"by {re.sub(r' [(][^()]*[)]', '', pair['reference'])}"
    changed = pair["model_changed"] == "yes"
    quoted, old = f"{unit['product_id']} {unit['serial']}", pair["old_serial"]
    end = f"End the line of {old} and have {quoted} quoted: the product changed."
    swap = f"Put {unit['serial']} in the place of {old} on {contract_of(line)}."
    action = end if changed else swap
    later = action[0].lower() + action[1:]
    confirm = not by_word or pair["guarded"] == "yes"
    if candidate:
        action = f"Find out whether it did; if so, {later}"
    elif confirm:
        action = (
            f"Confirm by the RMA, or with who changed it, that {unit['serial']} took the place of {old}; then {later}"
        )
    why = f"it went back under RMA {returned}" if returned else ""
    if unit["block"] not in ("", END_OF_LIFE) and not by_word:
        why = unit["block_reason"]
    if why:
        action = f"Do not put it on {contract_of(line)} yet: {why}."
    verb, note = "may have taken" if candidate else "took", "; the product changed" if changed else ""
    return Finding(
        "COV-REPLACED",
        f"{unit['serial']} {verb} the place of {pair['old_serial']} ({how}){note}",
        action,
        {"unit": place(unit), "lines": [origin(r) for r in rows], "method": pair["method"],
         "reference": pair["reference"], **({"model_changed": True} if changed else {})},
        confidence=pair["confidence"], severity="warning" if candidate else "",
        **of_unit(unit, serial=pair["old_serial"], new_serial=unit["serial"]), **of_line(line),
        lines=tuple(r["row"] for r in rows),
        change="REVIEW" if candidate or why else "REPLACE", confirm=bool(confirm or why),
    )  # fmt: skip


def _returned(ledger: Ledger) -> dict[tuple[str, str], str]:
    """(vendor, serial) -> the record (an RMA, a disposal) that lets a line be removed without asking."""
    found = {(r["vendor"], r["old_serial"]): f"returned under RMA {r['rma_number']}" for r in records(ledger.rma)}
    gone = ledger.register[ledger.register["disposed"].str.strip() != ""]
    found |= {(r["vendor"], r["serial"]): f"recorded as {r['disposed'].strip()}" for r in records(gone)}
    return found


def _lines_by_serial(ledger: Ledger, serials: set[str]) -> dict[tuple[str, str], list[Row]]:
    rows = ledger.lines[among(ledger.lines["serial"], serials)]
    return {(group[0]["vendor"], group[0]["serial"]): group for group in line_groups(rows)}
