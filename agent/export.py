"""What `netcover export` writes: the tables of a stored run, in the forms asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from agent.errors import StoreError, UsageError
from agent.judging import Basis, judgement, of_store
from agent.store import Store
from reconcile import export, tables
from reconcile.changes import expanded
from reconcile.diff import Judged, diff
from reconcile.export import Dialect
from reconcile.policy import load as load_policy
from reconcile.provider_files import parts
from reconcile.reconcile import Results
from reconcile.sntc import sntc

WHAT: Final = ("units", "licences", "coverage", "lines", "findings", "changes", "diff", "sntc", "renewals", "spares")
FORMATS: Final = ("csv", "json", "xlsx", "parquet")
SPLITS: Final = ("provider", "contract")
_BARE: Final = ("units", "licences", "sntc")
"""What a run holds that was collected only."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to write of a run, and how."""

    what: str
    formats: tuple[str, ...] = ("csv",)
    since: str = ""
    """For `diff`: the earlier run's number, or a day; "" is the run before."""
    split_by: tuple[str, ...] = ()
    expand_replace: bool = False
    dialect: Dialect = "standard"


def check(wanted: Wanted) -> None:
    """Raise UsageError where options do not fit what is asked for."""
    for name, words, known in (
        ("WHAT", (wanted.what,), WHAT),
        ("--format", wanted.formats, FORMATS),
        ("--split-by", wanted.split_by, SPLITS),
    ):
        if unknown := [word for word in words if word not in known]:
            raise UsageError(f"{name} {unknown[0]!r} is none of {', '.join(known)}")
    if wanted.what != "changes" and (wanted.split_by or wanted.expand_replace):
        raise UsageError("--split-by and --expand-replace are for changes; ask for: netcover export changes")
    if wanted.since and wanted.what != "diff":
        raise UsageError("--since is for diff; ask for: netcover export diff --since RUN")


def tables_of(store: Store, run: int, wanted: Wanted) -> dict[str, pd.DataFrame]:
    """The tables to write by the stem of their file. Raises StoreError, UsageError."""
    basis = _basis(store, run, wanted.what)
    if wanted.what == "findings":
        return {"findings": store.findings(run)}
    if wanted.what == "licences":
        return {"licences": store.licences(run)}
    if wanted.what == "diff":
        earlier = earlier_run(store, run, wanted.since)
        return {"diff": diff(_judged(store, earlier), _judged(store, run, basis))}
    results = judgement(store, run, basis)
    if wanted.what == "changes":
        return _changes(results, basis, wanted)
    return {wanted.what: _PLAIN[wanted.what](results)}


def write(found: Mapping[str, pd.DataFrame], out: Path, wanted: Wanted) -> list[Path]:
    """Write the tables into the folder *out*, in every form asked for; the paths written."""
    from agent.report.workbook import write_workbook

    writers: dict[str, Callable[[pd.DataFrame, Path], None]] = {
        "csv": lambda table, path: export.write_table(table, path, dialect=wanted.dialect),
        "json": export.write_json,
        "parquet": export.write_parquet,
        "xlsx": lambda table, path: write_workbook({wanted.what: table}, path),
    }
    written = []
    for stem, table in found.items():
        for form in wanted.formats:
            path = out / f"{stem}.{form}"
            writers[form](table, path)
            written.append(path)
    return written


def earlier_run(store: Store, run: int, since: str) -> int:
    """The reconciled run before *run* that *since* names: a number, a day (the last run judged by then), or "" for the
    one before it. Raises UsageError."""
    if not since:
        before = store.last_reconciled(before=run)
        if before is None:
            raise UsageError(f"there is no reconciled run before run {run} to compare with")
        return before
    if since.isdigit():
        if int(since) >= run:
            raise UsageError(f"--since {since} is not before run {run}; netcover show run lists them")
        return int(since)
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise UsageError(f"--since {since!r} is neither a run's number nor a day such as 2026-03-31") from None
    found = store.last_reconciled(before=run)
    while found is not None:
        about = store.run(found)
        if about and about.as_of <= day.isoformat():
            return found
        found = store.last_reconciled(before=found)
    older = "; older runs were pruned" if any(about.pruned for about in store.recent_runs(run)) else ""
    raise UsageError(f"no run before run {run} was judged by {since} or earlier{older}; netcover show run lists them")


def _basis(store: Store, run: int, what: str) -> Basis:
    try:
        return of_store(store, run)
    except StoreError:
        about = store.run(run)
        if what in _BARE and about is not None:
            return Basis(load_policy(), date.fromisoformat(about.as_of))
        raise


def _changes(results: Results, basis: Basis, wanted: Wanted) -> dict[str, pd.DataFrame]:
    changes = expanded(results.changes) if wanted.expand_replace else results.changes
    if not wanted.split_by:
        return {"changes": changes}
    lines = basis.lines if basis.lines is not None else tables.table(tables.LINES)
    return parts(changes, wanted.split_by, lines, basis.extra)


def _judged(store: Store, run: int, basis: Basis | None = None) -> Judged:
    results = judgement(store, run, basis or of_store(store, run))
    return Judged(run, results.coverage, store.findings(run), store.targets(run), results.units)


_PLAIN: Final[Mapping[str, Callable[[Results], pd.DataFrame]]] = {
    "units": lambda results: results.units,
    "coverage": lambda results: results.coverage,
    "lines": lambda results: results.lines,
    "sntc": lambda results: sntc(results.units),
    "renewals": lambda results: results.renewals,
    "spares": lambda results: results.spares,
}


def forms(text: str) -> tuple[str, ...]:
    """The words of a list on the command line.

    >>> forms("csv, xlsx")
    ('csv', 'xlsx')
    """
    return tuple(dict.fromkeys(word.strip().lower() for word in text.split(",") if word.strip()))
