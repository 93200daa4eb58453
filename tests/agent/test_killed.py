"""kill -9 at random moments: a hundred times here, a thousand times in `make soak`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.parts import HOME

SOAK = bool(os.environ.get("NETCOVER_SOAK"))
ROUNDS = 1000 if SOAK else 100
SEED = 20310310


@pytest.mark.timeout(3600 if SOAK else 600)
def test_a_kill_at_any_moment_loses_no_sealed_run_doubles_none_and_the_next_start_needs_no_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.agent.kill_rounds", str(tmp_path), str(ROUNDS), str(SEED)]

    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    print(f"\n{ROUNDS} kills, seed {SEED}: {found}")  # the time to start again, for agent/README.md
    assert (found["rounds"], found["files"], found["integrity"]) == (ROUNDS, True, "ok, 0 open")
    assert 0 < found["sealed_before_the_kill"] < ROUNDS, "the kills came all too early or all too late"
    assert found["runs"] == found["sealed_before_the_kill"] + 3
