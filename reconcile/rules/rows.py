"""Rows of the ledger as the rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import NONE, Row, records
from reconcile.ledger import Ledger

SMARTOPTICS: Final = "smartoptics"
"""Its units have rules of their own (SO-*) in place of the coverage rules."""


def unit_rows(ledger: Ledger, chosen: pd.Series[bool]) -> Iterator[Row]:
    """The chosen units with `row` (their number) and `owner` (from the register)."""
    if not bool(chosen.any()):
        return iter(())
    rows = ledger.units[chosen]
    owner = asset(rows, ledger.register, "owner")
    return iter(records(rows.assign(row=rows.index, owner=owner)))


def line_rows(ledger: Ledger, rows: Iterable[int]) -> Mapping[int, Row]:
    """Lines by their number; NONE gives blanks."""
    wanted = sorted({int(row) for row in rows} - {NONE})
    chosen = records(ledger.lines.loc[wanted])
    found: dict[int, Row] = {NONE: dict.fromkeys(ledger.lines.columns, "")}
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
