"""Every folder here is a test: `devices/` as `--captures` takes it, and `expected.txt`, what it must give.

`collectors.saved.told` says what a line of expected.txt is. To add a case, add a folder; this module, run with its
name, shows what it gives.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.platforms import load
from collectors.saved import read_captures
from collectors.saved.told import told

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/devices"))


def read(devices: Path) -> str:
    return told(read_captures(devices, load(), lambda: datetime(2031, 3, 9, tzinfo=UTC)))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_folder_of_captures_gives_exactly_the_expected_units(case: Path) -> None:
    assert read(case / "devices") == (case / "expected.txt").read_text("utf-8")


if __name__ == "__main__":
    print(read(HERE / sys.argv[1] / "devices"), end="")
