"""Ours: the files of a folder in, the files of an audit out.

``python -m tests.benchmarks.ours_reconcile FOLDER OUT``
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from reconcile import export, layouts, tables
from reconcile.contracts import ContractFile, read_contracts
from reconcile.inputs import read_input
from reconcile.policy import Policy, load
from reconcile.reconcile import Inputs, reconcile
from tests.benchmarks.fleet import AS_OF

_LISTS = ("register", "spares", "rma", "entitlements", "software", "eox", "sites", "profile")
_FLEET = {"units": tables.UNITS, "targets": tables.TARGETS, "licences": tables.LICENCES}


def run(folder: Path, out: Path) -> dict[str, float]:
    """Reconcile *folder* into *out*; the seconds of each step."""
    clock = _Clock()
    fleet = {name: _table(folder / f"{name}.csv", columns) for name, columns in _FLEET.items()}
    clock.mark("units read")
    known = layouts.load()
    files = [ContractFile(path) for path in sorted(folder.glob("contracts-*.csv"))]
    lines = read_contracts(files, layouts=known).lines
    clock.mark("contracts read")
    lists = {name: read_input(name, folder / f"{name}.csv") for name in _LISTS}
    clock.mark("lists read")
    results = reconcile(Inputs(as_of=date.fromisoformat(AS_OF), policy=_asking(), lines=lines, **fleet, **lists))
    clock.mark("reconciled")
    out.mkdir(parents=True, exist_ok=True)
    for name in ("coverage", "lines", "findings", "changes"):
        export.write_table(getattr(results, name), out / f"{name}.csv")
    clock.mark("written")
    return clock.seconds


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A table of the run, text as it is: what the store would hand over."""
    types = pacsv.ConvertOptions(column_types=dict.fromkeys(columns, pa.large_string()), strings_can_be_null=False)
    return pacsv.read_csv(path, convert_options=types).combine_chunks().to_pandas()


def _asking() -> Policy:
    """The shipped policy with the settings without which two rules keep quiet."""
    policy = load()
    return policy.model_copy(
        update={
            "spares": policy.spares.model_copy(update={"require_cover": True}),
            "organisation": policy.organisation.model_copy(update={"names": ("Example AS",)}),
        }
    )


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def mark(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = round(now - self._last, 2)
        self._last = now


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
