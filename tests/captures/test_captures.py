"""Every folder here is a test: `devices/` as `--captures` takes it, and `expected.txt`, what it must give.

A line of expected.txt is a device (``address outcome platform inventory-state release``) or, indented, one of its units
(``serial product_id kind slot parent``). To add a case, add a folder; this module, run with its name, shows what it
gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.model import Observation
from collectors.platforms import load
from collectors.saved import read_captures

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/devices"))


def told(devices: Path) -> str:
    platforms = load()
    seen = read_captures(devices, platforms, lambda: datetime(2031, 3, 9, tzinfo=UTC))
    return "".join(line.rstrip() + "\n" for one in seen for line in lines(one))


def lines(seen: Observation) -> Iterator[str]:
    release = ",".join(said.version for said in seen.software) or "-"
    state = seen.section("inventory").state
    yield f"{seen.address} {seen.outcome} {seen.platform or '-'} {state} {release}"
    for unit in seen.units:
        cells = (unit.serial, unit.product_id, str(unit.kind), unit.slot, unit.parent_serial)
        yield "    " + " ".join(cell.replace(" ", "_") or "-" for cell in cells)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_folder_of_captures_gives_exactly_the_expected_units(case: Path) -> None:
    assert told(case / "devices") == (case / "expected.txt").read_text("utf-8")


if __name__ == "__main__":
    print(told(HERE / sys.argv[1] / "devices"), end="")
