"""Coverage rules of units that have their verdict by themselves: a chassis speaks for its modules."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reconcile.blocks import END_OF_LIFE
from reconcile.columns import NONE, Row, day, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.rules.rows import SMARTOPTICS, best_lines, speaks, unit_rows
from reconcile.standing import ACTIVE, PENDING


def uncovered(ledger: Ledger) -> Iterator[Finding]:
    """A coverable unit is on no line of any contract, and the vendor's contract sources are loaded, complete and fresh.

    A contract covers the serials it lists (S1), and owners obtain agreements for their other equipment themselves (S0).
    Never said of a unit that cannot be covered. Not checked with the vendor.
    """
    yield from uncovered_units(ledger, "COV-UNCOVERED", ledger.units["vendor"] != SMARTOPTICS)


def expired(ledger: Ledger) -> Iterator[Finding]:
    """A unit is in the network and its line has ended, by its date or its status.

    Coverage that ended is bought anew through a reseller (S0, S1). End dates are inclusive. Not checked with the
    vendor.
    """
    yield from expired_units(ledger, "COV-EXPIRED", ledger.units["vendor"] != SMARTOPTICS)


def expiring(ledger: Ledger) -> Iterator[Finding]:
    """A covered unit's line ends within the policy's days and no line follows on it.

    Coverage is to be extended before its end (S1). A renewal that starts the day after counts as following. A unit that
    cannot be covered anew is not advised to be renewed.
    """
    yield from expiring_units(ledger, "COV-EXPIRING", ledger.units["vendor"] != SMARTOPTICS)


def pending(ledger: Ledger) -> Iterator[Finding]:
    """A unit's line is signed for or starts later: until it is in force only the warranty holds.

    Until all equipment has shipped and the contract is active there is warranty coverage only (S0).
    """
    chosen = speaks(ledger, "pending")
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        yield Finding(
            "COV-PENDING",
            f"{_named(unit)} is on a line that is not in force yet",
            "Treat it as under warranty only, and look again when the contract should be active.",
            {"unit": place(unit), "line": origin(line), **_said(line, "line_status", "line_start")},
            **of_unit(unit), **of_line(line), lines=(unit["line"],),
        )  # fmt: skip


def end_of_life(ledger: Ledger) -> Iterator[Finding]:
    """A unit's product has passed its last date of support, or of renewing or attaching a service.

    Renewal is open until the product is declared end of life and no longer supported (S1). Evaluated where a
    catalogue of end-of-life dates, or the line itself, gives a date.
    """
    chosen = (ledger.units["treatment"] == "require") & (ledger.units["block"] == END_OF_LIFE)
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        yield Finding(
            "COV-EOL",
            f"{_named(unit)}: {unit['block_reason']}",
            "Do not renew or add it; plan its replacement.",
            {"unit": place(unit), "last_date_of_support": unit["last_date_of_support"], "reason": unit["block_reason"]},
            **of_unit(unit), **of_line(line), lines=() if unit["line"] == NONE else (unit["line"],),
            change="" if unit["line"] == NONE else "DO_NOT_RENEW",
        )  # fmt: skip


def uncovered_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The uncovered units among *mine* under the rule *code*."""
    files = sorted(str(file) for file in ledger.lines["source_file"].unique())
    suggested = {p["unit"]: p["old_serial"] for p in records(ledger.pairs[ledger.pairs["confidence"] == "low"])}
    suggested |= {n["unit"]: n["line_serial"] for n in records(ledger.near)}
    chosen = speaks(ledger, "uncovered") & mine
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        doubtful = unit["row"] in suggested
        line = held[unit["line"]]
        listed = {"line": origin(line)} if unit["line"] != NONE else {}
        yield Finding(
            code,
            f"{_named(unit)} is {unit['reason']}",
            f"First settle what the contract's {suggested[unit['row']]} is; if it is another unit, "
            + _quote(unit)[0].lower() + _quote(unit)[1:]
            if doubtful else _quote(unit),
            {"unit": place(unit), "searched": files, **listed, **({"suggestion": True} if doubtful else {})},
            **of_unit(unit), change="ADD", confirm=doubtful,
        )  # fmt: skip


def expired_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The units among *mine* whose line ended, under the rule *code*."""
    chosen = speaks(ledger, "expired") & mine
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        heir = (
            f"; the line names {line['serial']}, whose place it took"
            if line["serial"] not in ("", unit["serial"])
            else ""
        )
        yield Finding(
            code,
            f"{_named(unit)}: {unit['reason']}{heir}",
            "Renew it through a reseller before asking for support, or record that it is to run unsupported.",
            {"unit": place(unit), "line": origin(line), **_said(line, "line_status", "line_end")},
            **of_unit(unit), **of_line(line), lines=(unit["line"],), change="RENEW",
        )  # fmt: skip


def expiring_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The covered units among *mine* whose cover ends soon, under the rule *code*."""
    policy, today = ledger.policy, ledger.as_of.toordinal()
    ends = ledger.lines["line_end"].reindex(ledger.units["line"]).fillna("").set_axis(ledger.units.index)
    last = ends.map({end: _days_left(str(end), today) for end in ends.unique()})
    soon = speaks(ledger, "covered") & mine & (last <= policy.expiring_days)
    if not bool(soon.any()):
        return
    follow = _followers(ledger, soon)
    held = best_lines(ledger, soon)
    for unit in unit_rows(ledger, soon):
        line = held[unit["line"]]
        left = _merged_end(line["line_end"], follow.get((unit["vendor"], unit["serial"]), [])) - today
        if left > policy.expiring_days:
            continue
        band = next((b for b in sorted(policy.expiring_bands) if left <= b), policy.expiring_days)
        unwanted = line["do_not_renew_reason"]
        note = f" (not to be renewed: {unwanted})" if unwanted else ""
        action = f"Extend it through a reseller before {line['line_end']}."
        fit = not (unwanted or unit["block"])
        if unit["block"]:
            action = f"Plan for it to run unsupported or to be replaced, it cannot be renewed: {unit['block_reason']}."
        elif unwanted:
            action = "Nothing, if that is still meant."
        yield Finding(
            code,
            f"{_named(unit)}: its line ends on {line['line_end']}, in {left} days{note}",
            action,
            {"unit": place(unit), "line": origin(line), "line_end": line["line_end"], "days_left": left, "band": band},
            severity="info" if unwanted else "",
            **of_unit(unit), **of_line(line), lines=(unit["line"],), change="RENEW" if fit else "",
        )  # fmt: skip


def _followers(ledger: Ledger, soon: pd.Series[bool]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """For each unit that ends soon, the (start, end) of its hardware lines, in force or to come, by start."""
    lines = ledger.lines
    mine = lines[lines["unit"].isin(ledger.units.index[soon]) & lines["hardware"] & lines["own"]]
    mine = mine[mine["standing"].isin((ACTIVE, PENDING))]
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for line in records(mine.sort_values("line_start")):
        start, end = day(line["line_start"]), day(line["line_end"])
        if start:
            span = (start.toordinal(), end.toordinal() if end else 10**7)
            found.setdefault((line["vendor"], line["serial"]), []).append(span)
    return found


def _merged_end(end: str, follow: list[tuple[int, int]]) -> int:
    """The last day of cover, with every line that starts no later than the day after."""
    first = day(end)
    last = first.toordinal() if first else 10**7
    for start, until in follow:
        if start <= last + 1:
            last = max(last, until)
    return last


def _days_left(end: str, today: int) -> int:
    found = day(end)
    return found.toordinal() - today if found else 10**7


def _said(line: Row, *names: str) -> dict[str, str]:
    return {name: line[name] for name in names}


def _named(unit: Row) -> str:
    where = unit["hostname"] or unit["address"]
    return f"{unit['product_id'] or unit['kind']} {unit['serial']}" + (f" in {where}" if where else "")


def _quote(unit: Row) -> str:
    if unit["vendor"] == SMARTOPTICS:
        return "Ask for a quote for Smart Care or Complete Care with its serial, product and site."
    return "Ask a reseller for a quote with its serial, product and site; for a granted unit write to the grant team."
