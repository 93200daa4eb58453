"""Ending in time: a signal is a Ctrl-C, and what does not heed it is ended hard, with a last word."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.parts import HOME

DEAF = """
import sys, time
from pathlib import Path
from agent.stopping import stops_in_time

folder = Path(sys.argv[1])
with stops_in_time(lambda: (folder / "last word").write_text("said"), seconds=0.2):
    for word in ("ready", "again", "and again"):
        try:
            print(word, flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            (folder / "interrupted").write_text("")
"""
POLITE = """
import time
from agent.stopping import stops_in_time

try:
    with stops_in_time(lambda: print("last word", flush=True)):
        print("ready", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    print("stopped")
"""


def told(script: str, number: int, *words: object) -> subprocess.CompletedProcess[str]:
    """The script, sent the signal once it is ready."""
    command = [sys.executable, "-c", script, *map(str, words)]
    with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
    return subprocess.CompletedProcess(command, process.returncode, said)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_interrupts_once_and_what_ends_by_itself_is_left_alone(number: int) -> None:
    done = told(POLITE, number)

    assert (done.returncode, done.stdout) == (0, "stopped\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_does_not_heed_the_signal_is_ended_hard_after_its_last_word(tmp_path: Path, number: int) -> None:
    done = told(DEAF, number, tmp_path)

    assert done.returncode == 128 + signal.SIGTERM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["interrupted", "last word"]


def test_a_child_whose_parent_is_dead_already_does_not_begin() -> None:
    script = "from agent.stopping import end_with\nend_with(1)\nprint('began')"

    done = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")
