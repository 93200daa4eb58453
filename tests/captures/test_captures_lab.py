"""The simulated fleet's own answers and MIBs as files, read offline, give the serials that it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.model import Kind, State
from collectors.platforms import load
from collectors.saved import read_captures
from tests.lab.device import Device
from tests.lab.dialects import DIALECTS
from tests.lab.fleet import Station, standard_fleet
from tests.lab.recording import snmprec_text

PLATFORMS = load()
FLEET = standard_fleet()
SPOKEN = [station for station in FLEET if station.device.cli]
RECORDED = [station for station in FLEET if station.device.mib]
OWN_BOARDS = "ISR4331/K9"


def name(station: Station) -> str:
    return station.device.hostname


def session(device: Device) -> str:
    """A terminal log of every command of the platform, refusals and all."""
    assert device.cli
    dialect = DIALECTS[device.cli.dialect]
    prompt = dialect.prompt(device.hostname, "audit", True)
    answers: Mapping[str, str] = device.cli.answers
    asked = [
        f"{prompt}{command}\n{dialect.stamp}{answers.get(command) or dialect.reject(len(prompt))}".rstrip("\n") + "\n"
        for command in PLATFORMS[device.platform].commands()
    ]
    return "\n".join((device.cli.banner, *asked, prompt)) + "\n"


def read(folder: Path) -> tuple[set[tuple[str, str]], State]:
    (seen,) = read_captures(folder, PLATFORMS, lambda: datetime(2031, 3, 9, tzinfo=UTC))
    kept = (one for one in seen.units if one.serial and (one.product_id, one.kind) != (OWN_BOARDS, Kind.OTHER))
    return {(one.serial, str(one.kind)) for one in kept}, seen.section("inventory").state


def truth(station: Station) -> set[tuple[str, str]]:
    return {(unit.serial, unit.kind) for unit in station.built.units if unit.serial}


@pytest.mark.parametrize("station", SPOKEN, ids=name)
def test_a_session_log_of_the_fleet_gives_the_serials_of_the_device(station: Station, tmp_path: Path) -> None:
    (tmp_path / f"{name(station)}.log").write_text(session(station.device), "utf-8")
    listed, state = read(tmp_path)
    assert listed <= truth(station)
    assert state is State.COMPLETE
    assert {one for one in truth(station) if one[1] == "chassis"} <= listed


@pytest.mark.parametrize("station", RECORDED, ids=name)
def test_a_recording_of_the_fleet_gives_the_serials_of_the_device(station: Station, tmp_path: Path) -> None:
    (tmp_path / f"{name(station)}.snmprec").write_text(snmprec_text(station.device.mib), "utf-8")
    listed, _ = read(tmp_path)
    assert listed <= truth(station)
    if not station.device.cli:  # its tables are all there is
        assert listed == truth(station)


@pytest.mark.parametrize("station", [one for one in SPOKEN if one.device.mib], ids=name)
def test_both_together_give_every_unit_that_the_network_would_show(station: Station, tmp_path: Path) -> None:
    folder = tmp_path / "saved" / name(station)
    folder.mkdir(parents=True)
    (folder / "session.log").write_text(session(station.device), "utf-8")
    (folder / "walk.snmprec").write_text(snmprec_text(station.device.mib), "utf-8")
    assert read(folder.parent) == (truth(station), State.COMPLETE)
