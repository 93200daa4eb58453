"""The files of a run: the tables of the design as CSV, run.json, the page and the workbook of the same."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from agent.judging import Basis
from agent.report.page import page
from agent.report.workbook import write_workbook
from agent.store import Store
from collectors.model import Outcome, State
from reconcile import tables
from reconcile.export import Dialect, write_table, write_text
from reconcile.reconcile import Results
from reconcile.verdicts import statuses_unknown

STEMS: Final = ("units", "licences", "coverage", "lines", "findings", "changes", "skipped")
PAGE: Final = "report.html"
WORKBOOK: Final = "audit.xlsx"
NAMES: Final = (*(f"{stem}.csv" for stem in STEMS), "run.json", PAGE, WORKBOOK)
"""Every file that a run leaves in its folder."""
_WORKBOOK_ROWS: Final = 200_000
"""Rows of all tables beyond which a workbook takes minutes to write and to open, and is left out unless asked for."""
_READ: Final = (str(State.COMPLETE), str(State.UNSUPPORTED))


def tables_of(store: Store, run: int, results: Results) -> dict[str, pd.DataFrame]:
    """Every table by the stem of its file."""
    return {
        "units": results.units[list(tables.UNITS)],
        "licences": store.licences(run),
        "coverage": results.coverage,
        "lines": results.lines,
        "findings": results.findings,
        "changes": results.changes,
        "skipped": skipped(store.targets(run), store.sections(run)),
    }


def extra_sheets(results: Results) -> dict[str, pd.DataFrame]:
    """What the workbook holds beside the tables of the files."""
    found = {"renewals": results.renewals, "spare stock": results.spares}
    return {name: table for name, table in found.items() if len(table)}


def skipped(targets: pd.DataFrame, sections: pd.DataFrame) -> pd.DataFrame:
    """`tables.SKIPPED`: each target not read in full, one row for every section that is short.

    A target of which nothing was read is one row with an empty `section` and the state `failed`; one whose login was
    refused while SNMP said all has neither section nor state.
    """
    short = targets[targets["outcome"] != str(Outcome.COMPLETE)]
    open_ones = sections[~sections["state"].isin(_READ) & (sections["expected"] != "yes")]
    open_ones = open_ones[open_ones["address"].isin(short["address"])]
    whole = short[~short["address"].isin(open_ones["address"])]
    some = whole["address"].isin(sections["address"])
    whole = whole.assign(section="", state=some.map({True: "", False: str(State.FAILED)}))
    rows = pd.concat([whole, open_ones]).sort_values(["address", "section"], kind="stable")
    return rows[list(tables.SKIPPED)].astype("str").reset_index(drop=True)


def read_share(store: Store, run: int) -> dict[str, Any]:
    """The run, and how much of the fleet it read."""
    about = store.run(run)
    assert about is not None  # it was sealed a moment ago
    targets = store.targets(run)
    read = int((targets["outcome"] == str(Outcome.COMPLETE)).sum())
    return {
        "netcover": about.version,
        "run": run,
        "as_of": about.as_of,
        "started": about.started,
        "finished": about.finished,
        "settings_digest": about.settings_digest,
        "targets": len(targets),
        "read": read,
        "read_percent": math.floor(1000 * read / len(targets)) / 10 if len(targets) else 100.0,
        **about.counts,
    }


def run_record(store: Store, run: int, basis: Basis, results: Results) -> dict[str, Any]:
    """What run.json holds: versions, counts, the share of the fleet that was read, and the settings' digest."""
    lines = basis.lines
    return {
        **read_share(store, run),
        "as_of": basis.day.isoformat(),
        "units": _counts(results.units["kind"]),
        "verdicts": _counts(results.coverage["verdict"]),
        "lines": _counts(results.lines["verdict"]),
        "findings": _counts(results.findings["rule"][results.findings["status"] != "closed"]),
        "changes": _counts(results.changes["action"]),
        "not_evaluated": [{"rule": rule, "reason": reason} for rule, reason in results.not_evaluated],
        "unknown_statuses": statuses_unknown(lines, basis.policy) if lines is not None else [],
        "contracts": [dict(file) for file in basis.files],
    }


def write(
    out: Path,
    found: Mapping[str, pd.DataFrame],
    record: Mapping[str, Any],
    results: Results,
    *,
    dialect: Dialect = "standard",
    workbook: bool | None = None,
) -> None:
    """Write all files into *out*, each whole or not at all. A *workbook* of None is written where a person could open
    it; one of an earlier run that does not belong to these tables is taken away."""
    for stem, frame in found.items():
        write_table(frame, out / f"{stem}.csv", dialect=dialect)
    write_text(out / "run.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    write_text(out / PAGE, page(record, found, results))
    sheets = {**found, **extra_sheets(results)}
    if workbook or (workbook is None and sum(map(len, sheets.values())) <= _WORKBOOK_ROWS):
        write_workbook(sheets, out / WORKBOOK)
    else:
        (out / WORKBOOK).unlink(missing_ok=True)


def _counts(column: pd.Series[str]) -> dict[str, int]:
    return {str(name): int(count) for name, count in sorted(column.value_counts().items())}
