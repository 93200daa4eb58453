"""`netcover record`: everything the lab's devices say, saved, read again, and made anonymous."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.main import main
from agent.poll import logins, polling
from agent.record import texts
from agent.settings import load
from agent.targets import load_targets
from collectors import platforms
from collectors.collect import collect
from collectors.model import Observation, State
from collectors.saved import read_captures
from tests.lab import Access, Lab, running_lab
from tests.lab.fleet import standard_fleet
from tests.lab.folder import write_folder

FLEET = standard_fleet()
PLATFORMS = platforms.load()
NOW = datetime(2031, 3, 9, tzinfo=UTC)
STACK = "127.10.1.1"
MOTD = b"\r\nProperty of Example Bank, vault 7. snmp-server community Kanarie-7f3a91c2 RO\r\n"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    allowed = {name: platform.commands() for name, platform in PLATFORMS.items()}
    with running_lab([station.device for station in FLEET], snmp_port=0, ssh_port=0, allowed=allowed) as running:
        stack = next(station.device for station in FLEET if station.device.address == STACK)
        running.replace(replace(stack, faults=replace(stack.faults, motd=MOTD)))
        yield running


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fleet")
    ports = {"snmp_port": lab.snmp_port, "ssh_port": lab.ssh_port}
    write_folder(made, FLEET, date(2026, 3, 2), contracted=FLEET, **ports)
    return made


@pytest.fixture(scope="module")
def fleet(folder: Path) -> dict[str, Observation]:
    """Every device that could be read, with all that it said."""
    settings = load(folder / "netcover.toml")
    targets = load_targets(folder / "targets.csv", settings, PLATFORMS)
    how = replace(polling(settings, PLATFORMS, logins(settings, targets)), record=True)

    async def read() -> list[Observation]:
        async with aclosing(collect(targets, how, now=lambda: NOW)) as seen:
            return [one async for one in seen]

    return {one.address: one for one in asyncio.run(read()) if one.captures}


def again(files: dict[str, str], folder: Path) -> Observation:
    device = folder / "devices" / "device"
    device.mkdir(parents=True)
    for name, text in files.items():
        (device / name).write_text(text, "utf-8", errors="surrogateescape")
    (seen,) = read_captures(folder / "devices", PLATFORMS, lambda: NOW)
    return seen


def shape(seen: Observation) -> dict[str, object]:
    """What a redacted recording still says: everything but who it is."""
    serials = {serial: number for number, serial in enumerate(dict.fromkeys(unit.serial for unit in seen.units))}
    return {
        "platform": seen.platform,
        "states": {section.name: section.state for section in seen.sections},
        "units": [
            (serials[u.serial], u.product_id, u.kind, u.slot, serials.get(u.parent_serial), u.software_version)
            for u in seen.units
        ],
        "licences": [(one.feature, one.state, one.quantity, serials.get(one.serial)) for one in seen.licences],
        "software": [(s.version, serials.get(s.serial)) for s in seen.software],
    }


def test_every_device_of_the_fleet_that_answers_is_recorded(fleet: dict[str, Observation]) -> None:
    silent = {station.device.address for station in FLEET} - set(fleet)

    assert silent == {"127.10.2.7", "127.10.3.7"}  # the dead one, and the one that refuses the password


def test_a_recording_reads_as_the_device_did(fleet: dict[str, Observation], tmp_path: Path) -> None:
    told = {address: again(texts(seen, PLATFORMS, redact=False), tmp_path / address) for address, seen in fleet.items()}

    assert {a: shape(seen) for a, seen in told.items()} == {a: shape(seen) for a, seen in fleet.items()}
    assert {a: [u.serial for u in seen.units] for a, seen in told.items()} == {
        a: [u.serial for u in seen.units] for a, seen in fleet.items()
    }


def test_a_redacted_recording_keeps_its_shape(fleet: dict[str, Observation], tmp_path: Path) -> None:
    told = {address: again(texts(seen, PLATFORMS, redact=True), tmp_path / address) for address, seen in fleet.items()}

    assert {a: shape(seen) for a, seen in told.items()} == {a: shape(seen) for a, seen in fleet.items()}


def test_a_redacted_recording_holds_no_serial_name_or_address(fleet: dict[str, Observation]) -> None:
    left = {}
    for address, seen in fleet.items():
        told = {unit.serial for unit in seen.units if unit.serial} | {seen.hostname, seen.address}
        text = "\n".join(texts(seen, PLATFORMS, redact=True).values()).upper()
        left[address] = sorted(word for word in told if word.upper() in text)

    assert left == {address: [] for address in fleet}


def test_the_same_device_is_redacted_otherwise_each_time(fleet: dict[str, Observation]) -> None:
    one, other = (texts(fleet[STACK], PLATFORMS, redact=True) for _ in range(2))

    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one)


def test_no_recording_holds_a_secret_or_a_line_of_configuration(fleet: dict[str, Observation]) -> None:
    secrets = {value for station in FLEET for value in _secrets(station.device.access)} | {"Kanarie-7f3a91c2"}
    words = ("running-config", "startup-config", "snmp-server", "enable secret", "username ", "ip address ", "line vty")
    found = set()
    for seen in fleet.values():
        plain = "\n".join(texts(seen, PLATFORMS, redact=False).values())
        found |= {secret for secret in secrets if secret in plain}
        found |= {word for word in words if word in plain.replace("snmp-server community <removed>", "")}

    assert found == set()


def test_a_message_of_the_day_is_not_in_a_redacted_recording(fleet: dict[str, Observation]) -> None:
    kept, gone = (texts(fleet[STACK], PLATFORMS, redact=redact)["session.log"] for redact in (False, True))

    assert ("Example Bank" in kept, "Example Bank" in gone) == (True, False)


def test_a_recording_cut_after_any_line_claims_no_more_than_it_holds(
    fleet: dict[str, Observation], tmp_path: Path
) -> None:
    files = texts(fleet[STACK], PLATFORMS, redact=False)
    serials = {unit.serial for unit in fleet[STACK].units}
    lines = files["objects.snmprec"].splitlines(keepends=True)
    wrong = []
    for cut in range(1, len(lines), 7):
        seen = again({"objects.snmprec": "".join(lines[:cut])}, tmp_path / str(cut))
        held = {unit.serial for unit in seen.units if unit.serial}
        if held - serials or (seen.section("inventory").state is State.COMPLETE and held != serials):
            wrong.append(cut)

    assert wrong == []


def test_the_command_writes_a_folder_that_replays(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    settings = str(folder / "netcover.toml")
    code = main(["record", STACK, "--to", str(tmp_path / "r"), "--settings", settings, "--redact"])
    first = (tmp_path / "r" / "expected.txt").read_text("utf-8").splitlines()

    assert code == 0
    assert sorted(p.relative_to(tmp_path / "r").as_posix() for p in (tmp_path / "r").rglob("*") if p.is_file()) == [
        "devices/device/objects.snmprec", "devices/device/session.log", "expected.txt",
    ]  # fmt: skip
    assert first[0] == "device complete cisco_ios complete 17.9.4a"
    assert main(["record", STACK, "--to", str(tmp_path / "r"), "--settings", settings]) == 2
    assert "name a new folder" in capsys.readouterr().err


def test_a_device_that_is_dead_leaves_no_folder(folder: Path, tmp_path: Path) -> None:
    settings = str(folder / "netcover.toml")

    assert main(["record", "127.10.2.7", "--to", str(tmp_path / "r"), "--settings", settings]) == 3
    assert not (tmp_path / "r").exists()


def test_an_address_outside_the_scope_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    code = main(["record", "127.99.0.1", "--to", str(tmp_path / "r"), "--settings", str(folder / "netcover.toml")])

    assert code == 2
    assert "outside the scope" in capsys.readouterr().err


def _secrets(access: Access) -> set[str]:
    held = (access.community, access.auth_key, access.priv_key, access.ssh_password, access.enable)
    return {secret for secret in held if len(secret) > 6}
