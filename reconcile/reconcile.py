"""Reconciling: inputs in, verdicts, findings and changes out. Pure; the clock is `Inputs.as_of`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reconcile import ledger as ledgers
from reconcile import rules, tables
from reconcile.changes import changes
from reconcile.columns import NO_DAY, NONE, Text, cells_at, days, first_told, of_serials, text
from reconcile.findings import settle
from reconcile.ledger import Inputs, Ledger, Source
from reconcile.memory import give_back
from reconcile.renewals import renewals
from reconcile.spares import spare_stock

__all__ = ["Inputs", "Results", "Source", "reconcile"]


@dataclass(frozen=True, slots=True)
class Results:
    """The tables that go out, and what stands beside them."""

    units: pd.DataFrame
    """UNITS, `coverable` filled in."""
    coverage: pd.DataFrame
    lines: pd.DataFrame
    """LINES_OUT."""
    findings: pd.DataFrame
    changes: pd.DataFrame
    not_evaluated: tuple[tuple[str, str], ...]
    """(rule, why) of the rules whose inputs were not supplied."""
    counts: Mapping[str, int]
    renewals: pd.DataFrame
    """`renewals.COLUMNS`: what is to be renewed, by contract and end date."""
    spares: pd.DataFrame
    """What the shelf is to hold for agreements without advance replacement; empty where there are none."""


def reconcile(inputs: Inputs) -> Results:
    """Match units with lines, judge both, evaluate the rules and draw up the changes."""
    give_back()
    ledger = ledgers.build(inputs)
    give_back()
    found, not_evaluated = rules.evaluate(ledger)
    give_back()
    findings, kept = settle(found, ledger, rules.CLASSES, [rule for rule, _ in not_evaluated])
    del found
    give_back()
    asked = changes(kept, findings, ledger)
    del kept
    give_back()
    due, spares = renewals(asked, ledger.lines), spare_stock(ledger)
    give_back()
    return Results(
        units=ledger.units[list(tables.UNITS)],
        coverage=_coverage(ledger),
        lines=_lines_out(ledger),
        findings=findings,
        changes=asked,
        not_evaluated=not_evaluated,
        counts=_counts(ledger, findings),
        renewals=due,
        spares=spares,
    )


def _coverage(ledger: Ledger) -> pd.DataFrame:
    """One row a coverable unit with its best line, and one row a line that no unit took."""
    named = [name for name in tables.COVERAGE if name != "days_left"]
    units = _narrow(ledger.units, [*named, "line"])[ledger.units["treatment"] != "ignore"]
    loose = _narrow(ledger.lines, named)[ledger.lines["unit"] == NONE]
    from_line = (
        "provider",
        "contract_number",
        "service_level",
        "line_status",
        "line_start",
        "line_end",
        "source_file",
        "source_row",
    )
    own = units["line"].to_numpy(dtype=np.int64)
    best = {name: cells_at(ledger.lines[name], own, units.index) for name in from_line}
    of_units = units.assign(**best, zone=_zones(units, ledger))
    of_lines = loose.assign(
        kind="", address="", slot="", software_version="", matched_by="", zone=_loose_zones(loose, ledger)
    )
    rows = pd.concat([of_units[named], of_lines[named]], ignore_index=True)
    return rows.assign(days_left=_days_left(rows["line_end"], ledger))[list(tables.COVERAGE)].astype("str")


def _narrow(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The columns of these names that are there."""
    return table[[name for name in names if name in table.columns]]


def _zones(units: pd.DataFrame, ledger: Ledger) -> Text:
    """Zones of what was seen: 1.1 on a line, 1.3 and in the register; 2.0 on none, 2.1 but in the register."""
    vendor = (units["line"] != NONE) & (units["matched_by"] == "serial")
    customer = of_serials(units, ledger.register)
    cases = [(vendor & customer, "1.3"), (vendor, "1.1"), (customer, "2.1")]
    return first_told(cases, units.index, default="2.0")


def _loose_zones(lines: pd.DataFrame, ledger: Ledger) -> Text:
    """The zones of what only contracts name: 1.2 with the register, 4.0 without."""
    customer = of_serials(lines, ledger.register)
    return pd.Series("4.0", index=lines.index, dtype="str").where(~(customer & (lines["serial"] != "")), "1.2")


def _days_left(ends: Text, ledger: Ledger) -> Text:
    """Days to the end date, which is the last day of cover."""
    numbers = days(ends)
    codes, uniques = pd.factorize(numbers)
    words = ["" if n == NO_DAY else str(int(n) - ledger.as_of.toordinal()) for n in uniques]
    return text(np.array(words, dtype=object)[codes] if len(words) else [], ends.index)


def _lines_out(ledger: Ledger) -> pd.DataFrame:
    lines, units = ledger.lines, ledger.units
    rows = lines["unit"].to_numpy(dtype=np.int64)
    host = cells_at(units["hostname"], rows, lines.index)
    host = host.where(host != "", lines["hostname"])
    held = cells_at(units["serial"], rows, lines.index)
    return lines[[name for name in tables.LINES_OUT if name in lines.columns]].assign(unit_serial=held, hostname=host)[
        list(tables.LINES_OUT)
    ]


def _counts(ledger: Ledger, findings: pd.DataFrame) -> Mapping[str, int]:
    units, lines = ledger.units, ledger.lines
    closed = findings["status"] == "closed"
    coverable = units["treatment"] != "ignore"
    counts = {
        "targets": len(ledger.targets),
        "targets_read": int((ledger.targets["inventory_state"] == "complete").sum()),
        "units": len(units),
        "units_coverable": int(coverable.sum()),
        "lines": len(lines),
        "findings": int((~closed).sum()),
        "findings_closed": int(closed.sum()),
    }
    for name, column in (("units", units["verdict"][coverable]), ("lines", lines["verdict"])):
        counts |= {f"{name}_{verdict}": int(n) for verdict, n in column.value_counts().sort_index().items()}
    return counts
