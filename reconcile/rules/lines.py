"""Rules of contract lines: replaced, not seen, wrong product, probable typing errors, listed twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pandas as pd

from reconcile.blocks import END_OF_LIFE
from reconcile.columns import Row, day, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.matching import BY_SERIAL
from reconcile.products import matches
from reconcile.replaced import LOW, WORD
from reconcile.rules.rows import line_rows, unit_rows
from reconcile.standing import ACTIVE, ENDED, PENDING, UNCLEAR, UNLISTED

_HOW: Final = {
    "history": "it is where an earlier run saw that one",
    "replacement": "by the vendor's own record",
    "host": "by its host and product",
    "site": "by site and product only",
}
_LINE: Final = ("contract_number", "service_level", "line_number", "instance_number", "line_start", "line_end")
_FIND: Final = (
    "Find it. If it is out of use take it off at renewal; if it is in use, put its device on the target list."
)


def replaced(ledger: Ledger) -> Iterator[Finding]:
    """The serial on a contract is gone and a serial on no contract stands in its place.

    After an RMA the returned serial is to be taken off the contract and the new one put on (S0, S1). Confirmed by the
    RMA list or the vendor's own replacement serial; by an earlier run (same device, slot and product) it needs a
    person's word; one missing and one new of a product at a site is a candidate only. A second-hand, damaged or held
    unit is not advised to be put on a contract but on the vendor's word.
    """
    if ledger.pairs.empty:
        return
    units = {u["row"]: u for u in unit_rows(ledger, ledger.units.index.to_series().isin(ledger.pairs["unit"]))}
    named = _lines_by_serial(ledger, set(ledger.pairs["old_serial"]))
    for pair in records(ledger.pairs):
        unit = units[pair["unit"]]
        candidate = pair["confidence"] == LOW
        rows = [
            r for r in named.get((pair["vendor"], pair["old_serial"]), []) if candidate or r["verdict"] == "replaced"
        ]
        if rows:
            yield _replaced(pair, unit, rows)


def not_seen(ledger: Ledger) -> Iterator[Finding]:
    """A contract pays for a serial that no device has, though every device that could hold it was read in full.

    The list on a contract is to be kept true (S1). Info until a second complete run agrees. Spares, lines that ended
    lines of unread devices, and serials that COV-NEAR explains are left out.
    """
    lines = ledger.lines
    chosen = (lines["verdict"] == "not_seen") & lines["standing"].isin((ACTIVE, PENDING, UNCLEAR))
    before = ledger.inputs.previous_findings
    known = set() if before is None else set(before["key"])
    returned = _returned(ledger)
    near = {(n["vendor"], n["line_serial"]) for n in records(ledger.near)}
    low = {(p["vendor"], p["old_serial"]) for p in records(ledger.pairs[ledger.pairs["confidence"] == LOW])}
    for rows in _groups(lines[chosen]):
        line = rows[0]
        serial = (line["vendor"], line["serial"])
        why = returned.get(serial, "")
        named = f"{line['product_id']} {line['serial']}".strip()
        if serial in near:
            continue  # COV-NEAR says where it probably is
        finding = Finding(
            "COV-NOT-SEEN",
            f"{named} on {_contract(line)} was not found" + (f": {why}" if why else ""),
            "Take it off the contract." if why else _FIND,
            {"lines": [origin(r) for r in rows], **({"record": why} if why else {}),
             **({"candidate": True} if serial in low else {})},
            vendor=line["vendor"], serial=line["serial"], product_id=line["product_id"], hostname=line["hostname"],
            site=line["site_name"], **of_line(line), lines=tuple(r["row"] for r in rows),
            change="REMOVE" if why else "REVIEW", confirm=not why,
        )  # fmt: skip
        yield (
            finding if ledger.policy.not_seen_runs == 1 or finding.key in known else replace(finding, severity="info")
        )


def product(ledger: Ledger) -> Iterator[Finding]:
    """A unit's serial is on a line that names another product, also after spare marks, licence suffixes and aliases.

    Wrong details of a contract are to be corrected (S0). It may also be a wrong serial: look at the label.
    """
    lines, units = ledger.lines, ledger.units
    taken = (lines["matched_by"] == BY_SERIAL) & (lines["line_kind"] == "hardware") & (lines["base"] != "")
    rows = lines[taken & ~matches(lines["product_id"], ledger.policy.lines.service_product_ids)]
    base = units["base"].reindex(rows["unit"]).set_axis(rows.index)
    wrong = rows[(base != "") & (base != rows["base"])]
    if wrong.empty:
        return
    held = {u["row"]: u for u in unit_rows(ledger, units.index.to_series().isin(wrong["unit"]))}
    for group in _groups(wrong):
        line, unit = group[0], held[group[0]["unit"]]
        yield Finding(
            "COV-PID",
            f"{unit['serial']} is a {unit['product_id']}, {_contract(line)} calls it {line['product_id']}",
            f"Have the product corrected to {unit['product_id']}; read the label if the two have nothing in common.",
            {"unit": {**place(unit), "product_id": unit["product_id"]}, "lines": [origin(r) for r in group],
             "line_product_id": line["product_id"]},
            **of_unit(unit), **of_line(line), lines=tuple(r["row"] for r in group), change="CHANGE_PID",
        )  # fmt: skip


def near_match(ledger: Ledger) -> Iterator[Finding]:
    """A contract's serial that no unit has differs from a unit's serial on no contract only as typing errors do.

    Inaccurate serials are to be corrected (S0, S1). A suggestion for a person, never a match.
    """
    if ledger.near.empty:
        return
    units = {u["row"]: u for u in unit_rows(ledger, ledger.units.index.to_series().isin(ledger.near["unit"]))}
    held = line_rows(ledger, ledger.near["line"])
    for hit in records(ledger.near):
        unit, line = units[hit["unit"]], held[hit["line"]]
        yield Finding(
            "COV-NEAR",
            f"{_contract(line)} lists {hit['line_serial']}, the network has {hit['unit_serial']}: {hit['how']}",
            f"Read the label of {hit['unit_serial']}; if it is the same unit, have the contract's serial corrected.",
            {"unit": place(unit), "line": origin(line), "how": hit["how"]},
            **of_unit(unit, serial=hit["line_serial"], new_serial=hit["unit_serial"]), **of_line(line),
            confidence="low", lines=(hit["line"],), change="REVIEW",
        )  # fmt: skip


def duplicate(ledger: Ledger) -> Iterator[Finding]:
    """A serial is on more than one hardware line whose dates overlap, in force now or to come.

    Practice, not a sentence of the vendor's: one of them can be ended for credit. A software line beside a hardware
    line, a renewal that starts the day after, and one line that two files both list, are no duplicates.
    """
    lines = ledger.lines
    live = lines[lines["standing"].isin((ACTIVE, PENDING)) & lines["hardware"] & (lines["serial"] != "")]
    live = live[live["line_kind"] == "hardware"]
    several = live[live.duplicated(["vendor", "serial"], keep=False)]
    for rows in _groups(several):
        over = _overlapping(rows)
        if over:
            line = over[0]
            yield Finding(
                "COV-DUP",
                f"{line['serial']} is on {len(over)} lines at once: {', '.join(sorted({_contract(r) for r in over}))}",
                "Have one of them ended for credit, or brought to one end date.",
                {"lines": [origin(r) for r in over]},
                vendor=line["vendor"], serial=line["serial"], product_id=line["product_id"], hostname=line["hostname"],
                site=line["site_name"], **of_line(line), lines=tuple(r["row"] for r in over), change="REVIEW",
                unit=line["unit"],
            )  # fmt: skip


def _replaced(pair: Row, unit: Row, rows: list[Row]) -> Finding:
    line, by_word = rows[0], pair["method"] in WORD
    candidate = pair["confidence"] == LOW
    how = _HOW.get(pair["method"]) or f"by {pair['reference'].partition(' (')[0]}"
    changed = pair["model_changed"] == "yes"
    quoted = f"{unit['product_id']} {unit['serial']}"
    end = f"End the line of {pair['old_serial']} and have {quoted} quoted: the product changed."
    swap = f"Put {unit['serial']} in the place of {pair['old_serial']} on {_contract(line)}."
    action = end if changed else swap
    if candidate:
        action = f"Find out whether it did; if so, {action[0].lower()}{action[1:]}"
    unfit = unit["block"] not in ("", END_OF_LIFE) and not by_word
    if unfit:
        action = f"Do not put it on {_contract(line)} yet: {unit['block_reason']}."
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
        change="REVIEW" if candidate or unfit else "REPLACE", confirm=not by_word or pair["guarded"] == "yes",
    )  # fmt: skip


def _returned(ledger: Ledger) -> dict[tuple[str, str], str]:
    """(vendor, serial) -> the record (an RMA, a disposal) that lets a line be removed without asking."""
    found = {(r["vendor"], r["old_serial"]): f"returned under RMA {r['rma_number']}" for r in records(ledger.rma)}
    gone = ledger.register[ledger.register["disposed"].str.strip() != ""]
    found |= {(r["vendor"], r["serial"]): f"recorded as {r['disposed'].strip()}" for r in records(gone)}
    return found


def _lines_by_serial(ledger: Ledger, serials: set[str]) -> dict[tuple[str, str], list[Row]]:
    rows = ledger.lines[ledger.lines["serial"].isin(serials)]
    return {(group[0]["vendor"], group[0]["serial"]): group for group in _groups(rows)}


def _groups(lines: pd.DataFrame) -> Iterator[list[Row]]:
    """The lines of each serial, the one in force with the latest end first, with `row` (their number)."""
    if lines.empty:
        return
    order = {ACTIVE: 0, PENDING: 1, UNCLEAR: 2, ENDED: 3, UNLISTED: 4}
    rows = lines.assign(
        row=lines.index,
        rank=lines["standing"].map(order),
        number=pd.to_numeric(lines["source_row"], errors="coerce"),
    )
    ordered = rows.sort_values(
        ["vendor", "serial", "rank", "line_end", "source_file", "number"],
        ascending=[True, True, True, False, True, True],
    )
    group: list[Row] = []
    for row in records(ordered):
        if group and (row["vendor"], row["serial"]) != (group[0]["vendor"], group[0]["serial"]):
            yield group
            group = []
        group.append(row)
    yield group


def _overlapping(rows: list[Row]) -> list[Row]:
    """The rows that share a day with another one; a line that two files list counts once."""
    distinct: list[Row] = []
    for row in rows:
        if not any(_same_line(row, other) for other in distinct):
            distinct.append(row)
    spans = [(_ordinal(r["line_start"], 0), _ordinal(r["line_end"], 10**7), r) for r in distinct]
    return [r for i, (start, end, r) in enumerate(spans) if _meets(start, end, spans[:i] + spans[i + 1 :])]


def _same_line(one: Row, other: Row) -> bool:
    """Whether two rows are one line: in one file by its number; in two files, which tell different columns, where
    nothing that both tell differs. Two portals may write one service level differently: the instance settles it."""
    if one["source_file"] == other["source_file"]:
        return bool(one["line_number"] or one["instance_number"]) and all(one[n] == other[n] for n in _LINE)
    told = {n: one[n] == other[n] for n in _LINE if one[n] and other[n]}
    if told.get("contract_number") and told.get("instance_number"):
        told.pop("service_level", None)
    return all(told.values())


def _meets(start: int, end: int, others: list[tuple[int, int, Row]]) -> bool:
    return any(start <= other_end and other_start <= end for other_start, other_end, _ in others)


def _ordinal(text: str, default: int) -> int:
    found = day(text)
    return found.toordinal() if found else default


def _contract(line: Row) -> str:
    return f"contract {line['contract_number']}" if line["contract_number"] else f"a line of {origin(line)}"
