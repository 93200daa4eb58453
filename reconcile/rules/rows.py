"""Rows of the ledger as the rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import NONE, Row, records
from reconcile.findings import origin
from reconcile.ledger import Ledger
from reconcile.policy import bare
from reconcile.products import changed
from reconcile.standing import ACTIVE, ENDED, PENDING, UNCLEAR, UNLISTED

SMARTOPTICS: Final = "smartoptics"
"""Its units have rules of their own (SO-*) in place of the coverage rules."""
_OF_UNITS: Final = (
    "vendor", "serial", "product_id", "kind", "hostname", "address", "slot", "site", "serial_raw", "software_version",
    "line", "asset", "counted", "verdict", "reason", "block", "block_reason", "last_date_of_support",
)  # fmt: skip
_OF_LINES: Final = (
    "vendor", "serial", "product_id", "hostname", "site", "provider", "contract_number", "service_level",
    "line_number", "instance_number", "line_status", "line_start", "line_end", "do_not_renew_reason", "visible",
    "source_file", "source_row",
)  # fmt: skip
"""What rules read of a unit and of its line. A row of all sixty columns costs three times as much, and a large network
has a hundred thousand of them."""
_PIECE: Final = 20_000
"""So many rows are made at a time."""
_LISTED: Final = 50
"""So many names stand in one finding's evidence: a cell of a spreadsheet holds no more than 32,767 characters."""


def unit_rows(ledger: Ledger, chosen: pd.Series[bool]) -> Iterator[Row]:
    """The chosen units with `row` (their number) and `owner` (from the register)."""
    places = np.flatnonzero(chosen)
    read = ledger.units[list(_OF_UNITS)] if len(places) else ledger.units
    for start in range(0, len(places), _PIECE):
        rows = read.iloc[places[start : start + _PIECE]]
        yield from records(rows.assign(row=rows.index, owner=asset(rows, ledger.register, "owner")))


def line_rows(ledger: Ledger, rows: Iterable[int]) -> Mapping[int, Row]:
    """Lines by their number; NONE gives blanks."""
    wanted = sorted({int(row) for row in rows} - {NONE})
    chosen = records(ledger.lines[list(_OF_LINES)].loc[wanted])
    found: dict[int, Row] = {NONE: dict.fromkeys(_OF_LINES, "")}
    for row, cells in zip(wanted, chosen, strict=True):
        found[row] = cells
    return found


def best_lines(ledger: Ledger, chosen: pd.Series[bool]) -> Mapping[int, Row]:
    """The best lines of the chosen units, by line number."""
    return line_rows(ledger, ledger.units["line"][chosen]) if bool(chosen.any()) else {}


def speaks(ledger: Ledger, verdict: str) -> pd.Series[bool]:
    """Units that have this verdict by themselves, not through their chassis."""
    units = ledger.units
    return (units["verdict"] == verdict) & (units["matched_by"] != "parent")


def of_device(row: Row) -> dict[str, Any]:
    """The fields of a `Finding` that say which device and chassis a licence row of `reconcile.licence_facts` means."""
    names = ("vendor", "serial", "product_id", "hostname", "address", "slot", "site", "unit")
    return {name: row[name] for name in names}


def listed(name: str, cells: Iterable[object]) -> dict[str, object]:
    """The cells under *name* for the evidence of one finding for many units: the first of them, and how many there
    are in all."""
    told = sorted({str(cell) for cell in cells if str(cell)})
    return {name: told[:_LISTED], f"{name}_count": len(told)}


def gone_back(ledger: Ledger) -> Mapping[tuple[str, str], Row]:
    """(vendor, serial) -> the RMA under which it went back and did not come again."""
    rma = ledger.rma[ledger.rma["old_serial"] != ""].sort_values(["date", "rma_number"])
    again = {(r["vendor"], r["new_serial"]): r["date"] for r in records(rma)}
    back = {(r["vendor"], r["old_serial"]): r for r in records(rma)}
    return {serial: row for serial, row in back.items() if serial not in again or again[serial] < row["date"]}


def by_choice(ledger: Ledger) -> pd.Series[bool]:
    """Units that the register's `intent` leaves unsupported."""
    return changed(asset(ledger.units, ledger.register, "intent"), bare) == "unsupportedbychoice"


def line_groups(lines: pd.DataFrame) -> Iterator[list[Row]]:
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


def contract_of(line: Row) -> str:
    """The line's contract in words, by its own row where the number is not visible."""
    return f"contract {line['contract_number']}" if line["visible"] else f"a line of {origin(line)}"


def many(count: int, one: str, several: str = "") -> str:
    """A count with its noun.

    >>> many(1, "inspection fee"), many(0, "chassis", "chassis")
    ('1 inspection fee', '0 chassis')
    """
    return f"{count} {one if count == 1 else several or one + 's'}"


def in_days(left: int) -> str:
    """So many days from the day of judging, the last day of something.

    >>> in_days(0), in_days(1), in_days(30)
    ('today', 'in 1 day', 'in 30 days')
    """
    return f"in {many(left, 'day')}" if left else "today"


def complete_runs(ledger: Ledger) -> dict[tuple[str, str], int]:
    """(vendor, serial) of known units that are missing -> how many complete readings of their device lack them."""
    absent = ledger.inputs.absent
    if absent is None:
        return {}
    return {(row["vendor"], row["serial"]): int(row["runs"] or 0) for row in records(absent)}
