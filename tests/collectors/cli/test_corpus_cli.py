"""Every recorded inventory and version of the shared corpus, read and compared with its truth."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors.cli import CliRows, read_cli
from collectors.model import Answer, State
from collectors.platforms import load
from collectors.serials import canonical

CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).resolve().parents[3].parent / "shared" / "corpus")
PLATFORMS = {
    "ios": "cisco_ios",
    "iosxe": "cisco_ios",
    "nxos": "cisco_nxos",
    "iosxr": "cisco_xr",
    "asa": "cisco_asa",
    "ciscowlc": "cisco_wlc",
}
COMMANDS = {
    "show_inventory": "show inventory",
    "ShowInventory": "show inventory",
    "ShowInventoryRaw": "show inventory",
    "admin_show_inventory": "admin show inventory",
    "show_version": "show version",
    "ShowVersion": "show version",
}
LICENCES = {
    ("asa", "show_license_all"): "show license all",
    ("ios", "show_license"): "show license",
    ("iosxe", "ShowLicenseSummary"): "show license summary",
    ("nxos", "show_license_usage"): "show license usage",
}


def recordings() -> Iterator[dict[str, Any]]:
    truth = CORPUS / "truth.jsonl"
    for line in truth.read_text("utf-8").splitlines() if truth.exists() else ():
        record = json.loads(line)
        if record["kind"].startswith("cli:") and record["os"] in PLATFORMS:
            yield record


def pick(names: set[str]) -> list[Any]:
    found = [r for r in recordings() if r["kind"].removeprefix("cli:") in names]
    return [pytest.param(r, id=r["file"]) for r in found] or [
        pytest.param(None, marks=pytest.mark.skip(reason=f"no corpus in {CORPUS}"))
    ]


def read(record: dict[str, Any], command: str) -> CliRows:
    text = (CORPUS / record["file"]).read_text("utf-8", "replace")
    return read_cli(load()[PLATFORMS[record["os"]]], "", [Answer(command, text, State.COMPLETE)])


def serials(texts: Iterator[str]) -> set[str]:
    return {serial for text in texts if (serial := canonical(text))}


@pytest.mark.parametrize("record", pick({name for name in COMMANDS if "ersion" not in name}))
def test_an_inventory_gives_exactly_the_recorded_serials(record: dict[str, Any]) -> None:
    rows = read(record, COMMANDS[record["kind"].removeprefix("cli:")])
    assert serials(part.serial for part in rows.parts) == serials(
        iter(record["serials"])
    )  # masks and part numbers are no serials
    assert record.get("raw_pid_lines") in (None, 0, len(rows.parts))


@pytest.mark.parametrize("record", pick({"show_version", "ShowVersion"}))
def test_a_version_names_the_release_and_the_recorded_serials(record: dict[str, Any]) -> None:
    rows = read(record, "show version")
    assert rows.software[0].version == record["sw_version"]
    assert set(record["serials"]) <= serials(iter(rows.serials))
    text = (CORPUS / record["file"]).read_text("utf-8", "replace").upper()
    assert all(serial in text for serial in serials(part.serial for part in rows.parts))


@pytest.mark.parametrize("record", pick({name for _, name in LICENCES}))
def test_licences_are_understood_in_full(record: dict[str, Any]) -> None:
    command = LICENCES.get((record["os"], record["kind"].removeprefix("cli:")))
    if command is None:
        pytest.skip("this command is not asked on this platform")
    rows = read(record, command)
    section = next(section for section in rows.sections if section.name == "licences")
    assert (section.state, section.reason) == (State.COMPLETE, "")
    assert rows.licences
