"""The benchmark's store in small: what it holds grows with what changes, and every question is answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from agent.store import open_store
from tests.benchmarks.store import build, questions


def held(folder: Path) -> dict[str, int]:
    tables = ("observations", "contents", "units", "visits", "finding_rows", "run_visits", "run_findings", "run_lines")
    with closing(sqlite3.connect(folder / "netcover.db")) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def test_rows_grow_with_changes_and_not_with_runs(tmp_path):
    url = build(tmp_path, runs=6, devices=50, units=3, churn=0.04, say=lambda text: None)

    changed = 5 * 2
    grown = held(tmp_path)
    findings = grown.pop("finding_rows")
    assert grown == {
        "observations": 50 + changed, "contents": 50 + changed, "units": 3 * (50 + changed), "visits": 0,
        "run_visits": 6, "run_findings": 6, "run_lines": 6,
    }  # fmt: skip
    assert 50 <= findings <= 50 + changed
    with open_store(url) as store:
        assert [len(store.targets(run)) for run in range(1, 7)] == [50] * 6
        assert [len(store.units(run)) for run in range(1, 7)] == [150] * 6
        asked = list(questions(store, 50, tmp_path))
    assert {name for name, *_ in asked} >= {"show serial", "show device", "backup", "history before the newest run"}
