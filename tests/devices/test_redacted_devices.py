"""Every recording of `tests/devices`, redacted: nothing that tells whose it is stays, and it reads as before."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.record import redacted
from collectors import platforms
from collectors.model import INVENTORY, Kind, Observation
from collectors.redact import Redactor
from collectors.saved import read_captures
from tests.devices.replay import CASES, files

PLATFORMS = platforms.load()
NOW = datetime(2031, 3, 9, tzinfo=UTC)
MAC = re.compile(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b")
SERIAL = re.compile(r"\b[A-Z]{3}\d{4}[A-Z0-9]{4}\b")
OURS = re.compile(r"\b10\.99\.\d+\.\d+\b|Examplia|folink|library|(?<=Key: )0x[0-9a-f]{8}|(?<=/act/)(?!admin)\w+#")


def test_a_redacted_recording_tells_nobody_whose_it_is_and_reads_as_before(tmp_path: Path) -> None:
    wrong = [f"{case.name}: {what}" for case in CASES for what in _left(case, tmp_path / case.name)]
    assert wrong == []


def _left(case: Path, folder: Path) -> list[str]:
    (seen,) = read_captures(case / "devices", PLATFORMS, lambda: NOW)
    old = {path.name: path.read_text("utf-8", "surrogateescape") for path in files(case)}
    new = redacted(old, seen)
    (folder / "device").mkdir(parents=True)
    for name, text in new.items():
        (folder / "device" / name).write_text(text, "utf-8", "surrogateescape")
    (again,) = read_captures(folder, PLATFORMS, lambda: NOW)
    before, after = "\n".join(old.values()), "\n".join(new.values())
    secret = {*MAC.findall(before), *SERIAL.findall(before), *OURS.findall(before)}
    secret |= {unit.serial for unit in seen.units} | {u.slot for u in seen.units if u.kind is Kind.ACCESS_POINT}
    secret |= {name for name in (seen.hostname, seen.hostname.partition(".")[0]) if name}
    left = [word for word in secret - {""} if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", after)]
    return left + ([] if _shape(seen) == _shape(again) else [f"{_shape(seen)} reads as {_shape(again)}"])


def _shape(seen: Observation) -> object:
    units = sorted((u.kind, u.product_id, "" if u.kind is Kind.ACCESS_POINT else u.slot) for u in seen.units)
    return seen.outcome, seen.section(INVENTORY).state, units


@pytest.mark.parametrize("line", ["Running Activation Key: 0x1212abcd 0x3434abcd", "0x1212abcd 0x3434abcd 0x5656abcd"])
def test_an_activation_key_is_replaced_by_another_one(line: str) -> None:
    new = Redactor(key=b"a key of a test").text(line)
    assert re.sub(r"0x[0-9a-f]{8}", "KEY", new) == re.sub(r"0x[0-9a-f]{8}", "KEY", line)
    assert "1212abcd" not in new
