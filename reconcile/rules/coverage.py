"""Coverage rules of units that have their verdict by themselves: a chassis speaks for its modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from reconcile.blocks import DAMAGED, END_OF_LIFE, asset, second_hand
from reconcile.columns import NO_DAY, NONE, Bools, Row, Text, cells_at, day, days, records, years_on
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.grants import GRANT, OVER, provenances, terms
from reconcile.ledger import Ledger
from reconcile.matching import BY_SERIAL
from reconcile.policy import bare
from reconcile.rules.rows import SMARTOPTICS, best_lines, by_choice, gone_back, in_days, speaks, unit_rows
from reconcile.standing import ACTIVE, PENDING

_MEANT: Final = "; recorded as unsupported by choice"
_GONE: Final = {word: f"it was {word}, as the register says" for word in ("returned", "sold", "exchanged", "scrapped")}
_LEFT: Final = "Nothing, if it is still to run unsupported."


def uncovered(ledger: Ledger) -> Iterator[Finding]:
    """A coverable unit is on no line of any contract, and the vendor's contract sources are loaded, complete and fresh.

    Never said of a unit that cannot be covered. A line without a serial that counts the product is named, for the unit
    may be one of those it pays for; so is a serial on a contract that may be this unit's. Both lower the confidence.

    Rests on: S1: a contract covers the products it lists by serial; S0: owners obtain agreements for their other
    equipment themselves [S].

    Exempt: parts of an uncovered chassis: it speaks for them. Units that the register's `intent` leaves unsupported are
    info and ask for nothing.

    Action: Ask a reseller for a quote with its serial, product and site. / Ask the grant team which contract it is on,
    with its serial and the order of the grant. / Ask a reseller for a quote with its serial, product and site; if it
    was granted, write to the grant team instead. / First settle what the contract's <serial> is; if it is another unit,
    <one of these>. / Have its serial entered on the line that counts its product; if all of those are other units,
    <one of these>. / First settle whether <it went back or was sold, as recorded>; if it stays, <one of these>. /
    Nothing, if it is still to run unsupported.
    """
    yield from uncovered_units(ledger, "COV-UNCOVERED", ledger.units["vendor"] != SMARTOPTICS)


def expired(ledger: Ledger) -> Iterator[Finding]:
    """A unit is in the network and its line has ended, by its date or its status.

    A line covers through its end date.

    Rests on: S0, S1: coverage that ended is bought through a reseller [S]. That the end date itself is covered is
    practice [R]. Not checked with the vendor.

    Exempt: units that cannot be covered anew; a unit with another line in force. Units that the register's `intent`
    leaves unsupported are info and ask for nothing.

    Action: Renew it through a reseller before asking for support, or record that it is to run unsupported. / Nothing,
    if it is still to run unsupported.
    """
    yield from expired_units(ledger, "COV-EXPIRED", ledger.units["vendor"] != SMARTOPTICS)


def expiring(ledger: Ledger) -> Iterator[Finding]:
    """A covered unit's line ends within the policy's days and no line follows on it.

    A renewal that starts the day after counts as following. The evidence names the band. A unit that cannot be covered
    anew is not advised to be renewed, and none beyond its last date of support.

    Rests on: S1: coverage is to be extended before its end, year by year while the unit is owned [S].

    Exempt: lines marked as not to be renewed, and units that the register's `intent` leaves unsupported, are info and
    ask for nothing.

    Action: Extend it through a reseller before <end>. / Extend it through a reseller today, the last day of its line. /
    Extend it through a reseller before <end>, but not beyond its last date of support <date>. / Plan
    for it to run unsupported or to be replaced, it cannot be renewed: <why>. / Settle first what keeps it from being
    renewed: <why>. / Nothing, if that is still meant.
    """
    yield from expiring_units(ledger, "COV-EXPIRING", ledger.units["vendor"] != SMARTOPTICS)


def pending(ledger: Ledger) -> Iterator[Finding]:
    """A unit's line is signed for or starts later: until it is in force only the warranty holds.

    A line in force on another contract makes it covered, and this is not said. A second-hand unit has no warranty to
    fall back on.

    Rests on: S0: until all equipment has shipped and the contract is active there is warranty coverage only [S]. What
    the vendor's words for such lines mean is a table of the policy [R]. Not checked with the vendor.

    Action: Treat it as under warranty only (no case, no download under the contract yet), and look again when it should
    be active. / Count on neither support nor a warranty yet, and look again when the contract should be active.
    """
    chosen = speaks(ledger, "pending")
    held = best_lines(ledger, chosen)
    used = second_hand(ledger.units, ledger.register, ledger.policy)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        ahead = (start := day(line["line_start"])) is not None and start > ledger.as_of
        why = f"it starts on {line['line_start']}" if ahead else f"its status is {line['line_status']}"
        yield Finding(
            "COV-PENDING",
            f"{_named(unit)} is on a line that is not in force yet: {why}",
            "Count on neither support nor a warranty yet, and look again when the contract should be active."
            if used[unit["row"]]
            else "Treat it as under warranty only (no case, no download under the contract yet), and look again when "
            "it should be active.",
            {"unit": place(unit), "line": origin(line), **_said(line, "line_status", "line_start")},
            **of_unit(unit), **of_line(line), lines=(unit["line"],),
        )  # fmt: skip


def end_of_life(ledger: Ledger) -> Iterator[Finding]:
    """A unit's product has passed its last date of support, of renewal or of attaching a service.

    Also where its line runs past the last date of support. Told where a catalogue of end-of-life dates, or the line
    itself, gives a date. A unit past the last date to attach a service that is on no line can be put on none.

    Rests on: S1: renewal is open until the product is declared end of life and no longer supported [S]. That nothing is
    attached or renewed after the catalogue's dates is practice [R]. Not checked with the vendor.

    Exempt: parts of a chassis; units that cannot be covered for another reason, which says so itself.

    Action: Do not renew or add it; plan its replacement. / Do not renew it beyond <last date of support>; plan its
    replacement.
    """
    units = ledger.units
    beyond = _beyond_support(ledger)
    chosen = (units["treatment"] == "require") & ((units["block"] == END_OF_LIFE) | (beyond & (units["block"] == "")))
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line, last = held[unit["line"]], unit["last_date_of_support"]
        why = unit["block_reason"] or f"its line runs to {line['line_end']}, past its last date of support {last}"
        yield Finding(
            "COV-EOL",
            f"{_named(unit)}: {why}",
            "Do not renew or add it; plan its replacement." if unit["block"]
            else f"Do not renew it beyond {last}; plan its replacement.",
            {"unit": place(unit), "last_date_of_support": last, "reason": why},
            **of_unit(unit), **of_line(line), lines=() if unit["line"] == NONE else (unit["line"],),
            change="" if unit["line"] == NONE else "DO_NOT_RENEW",
        )  # fmt: skip


def uncovered_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The uncovered units among *mine* under the rule *code*."""
    files = sorted(str(file) for file in ledger.lines["source_file"].unique())
    suggested = {p["unit"]: p["old_serial"] for p in records(ledger.pairs[ledger.pairs["confidence"] == "low"])}
    suggested |= {n["unit"]: n["line_serial"] for n in records(ledger.near)}
    chosen = speaks(ledger, "uncovered") & mine
    if not bool(chosen.any()):
        return
    held = best_lines(ledger, chosen)
    came = provenances(ledger)[chosen].where(terms(ledger)[chosen] != OVER, OVER).to_dict()
    back, meant = gone_back(ledger), by_choice(ledger)
    away = asset(ledger.units, ledger.register, "disposed").map(bare)
    for unit in unit_rows(ledger, chosen):
        doubtful = suggested.get(unit["row"], "")
        returned = back.get((unit["vendor"], unit["serial"]), {}).get("rma_number", "")
        gone = f"it went back under RMA {returned}" if returned else _GONE.get(away[unit["row"]], "")
        unwanted = bool(meant[unit["row"]])
        doubt = bool(doubtful or unit["counted"] or gone)
        line = held[unit["line"]]
        listed = {"line": origin(line)} if unit["line"] != NONE else {}
        yield Finding(
            code,
            f"{_named(unit)} is {unit['reason']}{_MEANT if unwanted else ''}",
            _LEFT if unwanted else _to_cover(unit, doubtful, gone, came[unit["row"]]),
            {"unit": place(unit), "searched": files, **listed,
             **({"suggestion": True} if doubtful or gone else {})},
            confidence="medium" if doubt else "high", severity="info" if unwanted else "",
            **of_unit(unit), change="" if unwanted else "ADD", confirm=doubt,
        )  # fmt: skip


def expired_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The units among *mine* whose line ended, under the rule *code*."""
    chosen = speaks(ledger, "expired") & mine
    held = best_lines(ledger, chosen)
    meant = by_choice(ledger) if bool(chosen.any()) else chosen
    for unit in unit_rows(ledger, chosen):
        line, unwanted = held[unit["line"]], bool(meant[unit["row"]])
        heir = (
            f"; the line names {line['serial']}, whose place it took"
            if line["serial"] not in ("", unit["serial"])
            else ""
        )
        yield Finding(
            code,
            f"{_named(unit)}: {unit['reason']}{heir}{_MEANT if unwanted else ''}",
            _LEFT if unwanted
            else "Renew it through a reseller before asking for support, or record that it is to run unsupported.",
            {"unit": place(unit), "line": origin(line), **_said(line, "line_status", "line_end")},
            severity="info" if unwanted else "",
            **of_unit(unit), **of_line(line), lines=(unit["line"],), change="" if unwanted else "RENEW",
        )  # fmt: skip


def expiring_units(ledger: Ledger, code: str, mine: pd.Series[bool]) -> Iterator[Finding]:
    """The covered units among *mine* whose cover ends soon, under the rule *code*."""
    policy, today = ledger.policy, ledger.as_of.toordinal()
    last = days(_ends(ledger))
    soon = speaks(ledger, "covered") & mine & (last != NO_DAY) & (last - today <= policy.expiring_days)
    if not bool(soon.any()):
        return
    follow = _followers(ledger, soon)
    held, meant = best_lines(ledger, soon), by_choice(ledger)
    for unit in unit_rows(ledger, soon):
        line = held[unit["line"]]
        left = _merged_end(line["line_end"], follow.get((unit["vendor"], unit["serial"]), [])) - today
        if left > policy.expiring_days:
            continue
        band = next((b for b in sorted(policy.expiring_bands) if left <= b), policy.expiring_days)
        unwanted = line["do_not_renew_reason"]
        note = f" (not to be renewed: {unwanted})" if unwanted else ""
        if not unwanted and meant[unit["row"]]:
            unwanted = note = _MEANT
        action = _extend(line["line_end"], unit["last_date_of_support"], left)
        fit = not (unwanted or unit["block"])
        if unit["block"]:
            lasting = unit["block"] in (END_OF_LIFE, DAMAGED)
            action = (
                f"Plan for it to run unsupported or to be replaced, it cannot be renewed: {unit['block_reason']}."
                if lasting
                else f"Settle first what keeps it from being renewed: {unit['block_reason']}."
            )
        elif unwanted:
            action = "Nothing, if that is still meant."
        yield Finding(
            code,
            f"{_named(unit)}: its line ends on {line['line_end']}, {in_days(left)}{note}",
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


def _ends(ledger: Ledger) -> Text:
    """The end of each unit's line, "" where it has none."""
    return cells_at(ledger.lines["line_end"], ledger.units["line"].to_numpy(dtype=np.int64), ledger.units.index)


def _said(line: Row, *names: str) -> dict[str, str]:
    return {name: line[name] for name in names}


def _named(unit: Row) -> str:
    where = unit["hostname"] or unit["address"]
    return f"{unit['product_id'] or unit['kind']} {unit['serial']}" + (f" in {where}" if where else "")


def _to_cover(unit: Row, suggested: str, gone: str, came: str) -> str:
    """Whom to ask for what, by where the unit came from; what is to be settled first, where it may be paid for."""
    quote = _quote(unit, came)
    later = quote[0].lower() + quote[1:]
    if gone:
        return f"First settle whether {gone}; if it stays, {later}"
    if suggested:
        return f"First settle what the contract's {suggested} is; if it is another unit, {later}"
    if unit["counted"]:
        return f"Have its serial entered on the line that counts its product; if all of those are other units, {later}"
    return quote


def _quote(unit: Row, came: str) -> str:
    if unit["vendor"] == SMARTOPTICS:
        return "Ask for a quote for Smart Care or Complete Care with its serial, product and site."
    if came == GRANT:
        return "Ask the grant team which contract it is on, with its serial and the order of the grant."
    quote = "Ask a reseller for a quote with its serial, product and site"
    return f"{quote}." if came else f"{quote}; if it was granted, write to the grant team instead."


def _extend(end: str, last: str, left: int) -> str:
    """Until when to extend a line: a year from its end may lie past the product's last date of support."""
    if not left:
        return "Extend it through a reseller today, the last day of its line."
    until, support = day(end), day(last)
    clipped = until is not None and support is not None and until < support < years_on(until, 1)
    return f"Extend it through a reseller before {end}" + (
        f", but not beyond its last date of support {last}." if clipped else "."
    )


def _beyond_support(ledger: Ledger) -> pd.Series[bool]:
    """Units whose line in force, or to come, ends after their last date of support."""
    units = ledger.units
    last, end = days(units["last_date_of_support"]), days(_ends(ledger))
    alive: pd.Series[bool] = units["verdict"].isin(("covered", "pending")) & (units["matched_by"] == BY_SERIAL)
    outlasts: Bools = (last != NO_DAY) & (end > last)
    return alive & outlasts
