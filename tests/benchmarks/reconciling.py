"""Reconciling: files in to files out, beside a DuckDB script that does the bare minimum."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.benchmarks.bench import ROOT, Bench, Place, Results, Told, at_most, module

_MILLION: Final = 1_000_000
_TIMES: Final = 10
_MOST_MB: Final = 2500
_GROWTH: Final = 6


def _folder(place: Place, millions: int) -> Path:
    return place.data / f"fleet-{millions}m"


def _prepare(place: Place, *millions: int) -> None:
    for count in millions:
        folder = _folder(place, count)
        if not folder.exists():
            subprocess.run(module(place, "fleet", folder, count * _MILLION), check=True, cwd=ROOT)


def _ours(place: Place, millions: int) -> list[str]:
    return module(place, "ours_reconcile", _folder(place, millions), place.out / f"reconcile-{millions}m")


def _duckdb(place: Place, millions: int) -> list[str]:
    script = Path(__file__).with_name("theirs_duckdb.py")
    return [str(place.peers), str(script), str(_folder(place, millions)), str(place.out / f"duckdb-{millions}m.csv")]


def _wall(results: Results) -> Told:
    return at_most(results["netcover"].wall / results["duckdb"].wall, _TIMES, "times the wall time")


def _peak(results: Results) -> Told:
    return at_most(results["netcover"].peak, _MOST_MB, "MB")


def _growth(results: Results) -> Told:
    return at_most(results["five million"].wall / results["one million"].wall, _GROWTH, "times the wall time")


MILLION: Final = Bench(
    "reconcile",
    "A million units against a million lines, every rule, files in to files out",
    lambda place: {"netcover": _ours(place, 1), "duckdb": _duckdb(place, 1)},
    {"within 10 times the wall time of the DuckDB script": _wall, "under 2.5 GB": _peak},
    prepare=lambda place: _prepare(place, 1),
    peers=("duckdb",),
)
FIVE: Final = Bench(
    "reconcile-growth",
    "Five million units and lines beside one million",
    lambda place: {"one million": _ours(place, 1), "five million": _ours(place, 5)},
    {"five million within six times the time of one million": _growth},
    prepare=lambda place: _prepare(place, 1, 5),
    rounds=1,
)
