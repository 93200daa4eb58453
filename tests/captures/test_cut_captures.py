"""Captures cut short: what is left never gives a wrong serial, and is complete only where nothing is missing."""

from __future__ import annotations

import bz2
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.model import Observation, State
from collectors.platforms import load
from collectors.saved import read_captures

HERE = Path(__file__).parent
PLATFORMS = load()
FILES = sorted(p for p in HERE.glob("*/devices/**/*") if p.is_file() and "strays" not in p.parts)
QUICK = [p for p in FILES if p.parts[-3:-1] in (("optical", "devices"), ("walks", "devices")) or p.suffix == ".walk"]
"""Those that no template reads: cut at every byte."""


def content(path: Path) -> bytes:
    return bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()


def read(folder: Path, data: bytes) -> Observation:
    (folder / "device").write_bytes(data)
    (seen,) = read_captures(folder, PLATFORMS, lambda: datetime(2031, 3, 9, tzinfo=UTC))
    return seen


def serials(seen: Observation) -> set[str]:
    return {unit.serial for unit in seen.units if unit.serial}


def wrong(folder: Path, data: bytes, cuts: Iterator[int]) -> list[tuple[int, set[str]]]:
    """The cuts that give a serial which is not there, or that pass for whole without being it."""
    whole = serials(read(folder, data))
    assert whole
    found = []
    for cut in cuts:
        seen = read(folder, data[:cut])
        short = whole - serials(seen)
        claims = seen.section("inventory").state is State.COMPLETE
        if serials(seen) - whole or (claims and short):
            found.append((cut, serials(seen) ^ whole))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_capture_cut_after_any_line_is_not_complete_and_gives_no_wrong_serial(path: Path, tmp_path: Path) -> None:
    data = content(path)
    ends = (at + 1 for at, octet in enumerate(data) if octet == 10)
    assert wrong(tmp_path, data, ends) == []


@pytest.mark.parametrize("path", QUICK, ids=lambda path: path.name)
def test_a_capture_cut_at_any_byte_is_not_complete_and_gives_no_wrong_serial(path: Path, tmp_path: Path) -> None:
    data = content(path)
    assert wrong(tmp_path, data, iter(range(1, len(data)))) == []


def test_an_answer_is_complete_only_with_the_same_prompt_after_it(tmp_path: Path) -> None:
    answer = 'r1#show inventory\nNAME: "1", DESCR: "Chassis"\nPID: C9300-48P , VID: V01, SN: FCW2501A0B1\n'
    states = {
        after: read(tmp_path, (answer + after).encode()).section("inventory").state
        for after in ("r1#\n", "r1#show clock\n", "", "r1>\n", "r1(config)#\n", "r1#\nNAME: x\nr1#\n", "r1\n")
    }
    complete = {"r1#\n", "r1#show clock\n"}
    assert {after for after, state in states.items() if state is State.COMPLETE} == complete
