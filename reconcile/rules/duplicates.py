"""The rule of serials that two lines pay for at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconcile.columns import NONE, Row, day
from reconcile.findings import Finding, of_line, of_unit, origin
from reconcile.ledger import Ledger
from reconcile.rules.rows import contract_of, line_groups, unit_rows
from reconcile.stakes import in_words, money
from reconcile.standing import ACTIVE, PENDING

_LINE: Final = ("contract_number", "service_level", "line_number", "instance_number", "line_start", "line_end")


def duplicate(ledger: Ledger) -> Iterator[Finding]:
    """A serial is on more than one hardware line whose dates overlap, in force now or to come.

    One finding a serial. Lines of one service family are meant. The action adds up the list prices of all but the line
    that ends last, where the files know them.

    Rests on: S1: the list on a contract is to be kept true [S]. Practice: one of two can be ended for credit [R]. Not
    checked with the vendor.

    Exempt: a software line beside a hardware line, a renewal that starts the day after, one line that two files list.

    Action: Have <one> of them ended for credit, or all brought to one end date. / Have <one> of them ended for credit
    (list price <sum>), or all brought to one end date.
    """
    lines = ledger.lines
    live = lines["standing"].isin((ACTIVE, PENDING)) & lines["hardware"] & (lines["serial"] != "")
    live &= (lines["line_kind"] == "hardware") & ~lines["ignored"]
    named = lines.loc[live, ["vendor", "serial"]]
    several = lines.loc[named.index[named.duplicated(keep=False)]]
    held = {u["row"]: u for u in unit_rows(ledger, ledger.units.index.to_series().isin(several["unit"]))}
    for rows in line_groups(several):
        over = _overlapping(rows)
        if over:
            line, contracts = over[0], sorted({contract_of(r) for r in over})
            unlisted = {**{n: line[n] for n in ("vendor", "serial", "product_id", "hostname", "site")}, "unit": NONE}
            stake = money(over)
            ended = f"{'one' if len(over) == 2 else 'all but one'} of them ended for credit"
            priced = f" (list price {in_words(stake)})" if stake else ""
            yield Finding(
                "COV-DUP",
                f"{line['serial']} is on {len(over)} lines at once: {', '.join(contracts)}",
                f"Have {ended}{priced}, or all brought to one end date.",
                {"lines": [origin(r) for r in over], **({"at_stake": stake} if stake else {})},
                **(of_unit(held[line["unit"]]) if line["unit"] in held else unlisted),
                **of_line(line), lines=tuple(r["row"] for r in over), change="REVIEW",
            )  # fmt: skip


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
    nothing that both tell differs. Two portals may write one service level differently: the instance settles it. A
    masked contract number tells nothing, leading zeros are none of it."""
    if one["source_file"] == other["source_file"]:
        return bool(one["line_number"] or one["instance_number"]) and all(one[n] == other[n] for n in _LINE)
    told = {n: one[n] == other[n] for n in _LINE if one[n] and other[n]}
    told.pop("contract_number", None)
    if one["visible"] and other["visible"]:
        told["contract_number"] = one["contract_number"].lstrip("0") == other["contract_number"].lstrip("0")
    if told.get("contract_number") and told.get("instance_number"):
        told.pop("service_level", None)
    return all(told.values())


def _meets(start: int, end: int, others: list[tuple[int, int, Row]]) -> bool:
    return any(start <= other_end and other_start <= end for other_start, other_end, _ in others)


def _ordinal(text: str, default: int) -> int:
    found = day(text)
    return found.toordinal() if found else default
