"""The standard fleet: its two stories agree, its serials are its own, and its audit folder is complete."""

from __future__ import annotations

import csv
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from netmiko import ConnectHandler

from collectors.platforms import load
from tests.lab import Lab, ber, known_hosts_line
from tests.lab import fleet as fleets
from tests.lab.contracts import NEAR, OLD_MEMBER, cisco_rows, typo
from tests.lab.fleet import CREDENTIALS, Station, standard_fleet
from tests.lab.folder import write_folder
from tests.lab.units import ENT_PHYSICAL_ENTRY, serial_of, smartoptics_serial

Serve = Callable[..., Lab]
AS_OF = date(2026, 11, 21)
FLEET = standard_fleet()
TYPES = {
    "cisco_ios": "cisco_ios",
    "cisco_nxos": "cisco_nxos",
    "cisco_xr": "cisco_xr",
    "cisco_asa": "cisco_asa",
    "smartoptics_dcp": "smartoptics_dwdm",
}
WITH_SSH = [s for s in FLEET if s.device.cli and s.device.access == CREDENTIALS[s.credential]]


def name(station: Station) -> str:
    return station.device.hostname


def snmp_serials(station: Station) -> set[str]:
    """Serials in entPhysicalSerialNum, cable ends and padding off."""
    column = (*ENT_PHYSICAL_ENTRY, 11)
    texts = (ber.read(value)[1].decode() for oid, value in station.device.mib.items() if oid[:-1] == column)
    return {text.strip() for text in texts if text.strip() not in ("", "n/a")}


def cli_serials(station: Station, *commands: str) -> set[str]:
    answers = station.device.cli.answers if station.device.cli else {}
    text = "\n".join(answers.get(command, "") for command in commands)
    found = re.findall(r"SN: *([^\s,]+)|Extender Serial: *(\S+)|([SA-Z0-9]{14})$", text, re.M)
    return {one for groups in found for one in groups if one not in ("", "N/A", "n/a")}


INVENTORIES = ("show inventory", "admin show inventory", "show fex detail")


def test_serials_have_the_makers_form_and_change_with_every_argument() -> None:
    serials = {
        serial_of(f"127.10.1.{n}", slot, generation) for n in range(50) for slot in "123" for generation in (0, 1)
    }

    assert len(serials) == 300
    assert all(re.fullmatch(r"[A-Z]{3}2[0-7](0[1-9]|[1-4]\d|5[0-2])[0-9A-Z]{4}", serial) for serial in serials)
    assert re.fullmatch(r"S(19|2[0-4])\d\d[0-9A-Z]{9}", smartoptics_serial("127.10.1.1", "chassis"))


def test_no_serial_of_the_fleet_stands_in_two_places_but_the_cable_with_two_ends() -> None:
    counted = Counter(unit.serial for station in FLEET for unit in station.built.units if unit.serial)

    assert [serial for serial, times in counted.items() if times > 1] == []
    assert {f"{fleets.DAC}-A", f"{fleets.DAC}-B"} <= counted.keys()


@pytest.mark.parametrize("station", FLEET, ids=name)
def test_every_unit_is_told_by_snmp_or_the_command_line(station: Station) -> None:
    if station.device.platform == "smartoptics_t":
        pytest.skip("a T-Series has a table of its own")
    told = snmp_serials(station) | cli_serials(station, *INVENTORIES)

    assert {unit.serial for unit in station.built.units if unit.serial} <= told


@pytest.mark.parametrize("station", [s for s in FLEET if s.device.cli], ids=name)
def test_both_protocols_tell_the_same_serials(station: Station) -> None:
    told = cli_serials(station, *INVENTORIES)
    fex = cli_serials(station, "show fex detail")
    only_snmp = {u.serial for u in station.built.units if u.slot == "Eth1/1"}  # NX-OS lists optics apart

    assert told - fex == snmp_serials(station) - only_snmp


def tail(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()][-3:]


def test_netmiko_logs_in_to_every_device_at_once_and_reads_its_platforms_commands(serve: Serve) -> None:
    commands = {platform.name: platform.commands() for platform in load().values()}
    lab = serve(*(station.device for station in WITH_SSH), allowed=commands)

    def answers(station: Station) -> dict[str, str]:
        device, access = station.device, station.device.access
        assert device.cli
        with ConnectHandler(
            device_type=TYPES[device.platform], host=device.address, port=lab.ssh_port, username=access.ssh_user,
            password=access.ssh_password, secret=access.enable, allow_auto_change=False,
        ) as session:  # fmt: skip
            if not device.cli.enabled:
                session.enable()
            known = [command for command in commands[device.platform] if command in device.cli.answers]
            return {command: str(session.send_command(command)) for command in known}

    with ThreadPoolExecutor(len(WITH_SSH)) as threads:
        read = dict(zip(map(name, WITH_SSH), threads.map(answers, WITH_SSH), strict=True))

    given = {name(s): s.device.cli.answers for s in WITH_SSH if s.device.cli}
    assert all(read.values())
    assert {
        (host, command)
        for host, own in read.items()
        for command in own
        if tail(own[command]) != tail(given[host][command])
    } == set()
    assert lab.wait_sessions_closed()
    assert [score.outside for score in lab.scores().values() if score.outside] == []


def test_the_dead_device_is_silent_and_the_locked_one_refuses(serve: Serve) -> None:
    stations = {name(s): s.device for s in FLEET}
    dead, locked = stations["bgo-old-1"], stations["par-acc-9"]
    lab = serve(dead, locked)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((dead.address, lab.ssh_port), timeout=5)
    core = CREDENTIALS["core"]
    with pytest.raises(Exception, match="Authentication"):
        ConnectHandler(
            device_type="cisco_ios",
            host=locked.address,
            port=lab.ssh_port,
            username=core.ssh_user,
            password=core.ssh_password,
        )
    assert lab.score(locked.address).failed_logins == 1


def test_a_swap_changes_one_serial_and_nothing_else() -> None:
    before = {(u.address, u.slot): u.serial for s in FLEET for u in s.built.units}
    after = {(u.address, u.slot): u.serial for s in standard_fleet({("127.10.1.1", "3")}) for u in s.built.units}

    assert {place for place in before if before[place] != after[place]} == {("127.10.1.1", "3")}


def test_a_swap_of_a_slot_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"no unit at 127\.10\.2\.2/9; that address has: NIM1, PS0, chassis, sfp0"):
        standard_fleet({("127.10.2.2", "9")})


def test_all_the_licence_words_are_in_the_fleet() -> None:
    texts = "\n".join(text for s in FLEET if s.device.cli for text in s.device.cli.answers.values())

    for words in (
        "IN USE",
        "AUTHORIZED",
        "EVAL MODE",
        "EVAL EXPIRED",
        "OUT OF COMPLIANCE",
        "Grace 10D",
        "EvalRightToUse",
    ):
        assert words in texts


# --- the audit folder ------------------------------------------------------------------------------------------


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit")
    write_folder(path, FLEET, AS_OF, contracted=FLEET, snmp_port=1161, ssh_port=2222)
    return path


def test_the_folder_holds_no_secret_outside_its_private_files(folder: Path) -> None:
    settings = tomllib.loads((folder / "netcover.toml").read_text())
    secrets = [file.read_text().strip() for file in (folder / "secrets").iterdir()]

    assert len(secrets) == 10
    assert {oct(file.stat().st_mode & 0o777) for file in (folder / "secrets").iterdir()} == {"0o600"}
    texts = [f.read_text("utf-8", "replace") for f in folder.rglob("*") if f.is_file() and f.parent.name != "secrets"]
    assert [secret for secret in secrets for text in texts if secret in text] == []
    for credential in settings["credentials"].values():
        for section in credential.values():
            for value in section.values():
                assert not value.startswith("file:") or (folder / value.removeprefix("file:")).is_file()


def test_the_folder_lists_every_device_and_the_key_of_each_that_speaks_ssh(folder: Path) -> None:
    assert [row["address"] for row in rows(folder / "targets.csv")] == [s.device.address for s in FLEET]
    assert (folder / "known_hosts").read_text().splitlines() == [
        known_hosts_line(s.device, 2222) for s in FLEET if s.device.cli
    ]


def test_most_chassis_are_on_a_contract_and_each_trouble_is_there_once() -> None:
    lines = list(cisco_rows(FLEET, AS_OF))
    by_serial = Counter(line.serial for line in lines if line.serial)
    chassis = {
        (u.address, u.slot): u.serial
        for s in FLEET
        for u in s.built.units
        if u.kind == "chassis" and s.device.platform.startswith("cisco")
    }
    absent = {place for place, serial in chassis.items() if serial not in by_serial}

    assert absent == {NEAR, ("127.10.1.1", "2"), ("127.10.1.7", "2"), ("127.10.2.2", "chassis")}
    assert by_serial[typo(chassis[NEAR])] == by_serial[OLD_MEMBER] == 1
    assert [serial for serial, times in by_serial.items() if times > 1] == [chassis["127.10.1.2", "1"]]
    assert Counter(line.status for line in lines if line.status != "ACTIVE") == {"EXPIRED": 1, "SIGNED": 1}
    soon = [line for line in lines if AS_OF <= line.end <= AS_OF + timedelta(days=90)]
    assert [line.serial for line in soon] == [chassis["127.10.3.2", "chassis"]]


def test_a_typo_is_another_serial_of_the_same_length() -> None:
    serials = [u.serial for s in FLEET for u in s.built.units if len(u.serial) == 11]

    assert [one for one in serials if typo(one) == one or len(typo(one)) != len(one)] == []


def test_the_command_writes_the_folder_serves_and_ends_on_sigterm(tmp_path: Path) -> None:
    ready, score = tmp_path / "ready", tmp_path / "score.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.lab", str(tmp_path), "--ready-file", str(ready), "--score-file", str(score),
         "--snmp-port", "0", "--ssh-port", "0", "--as-of", "2026-11-21", "--swap", "127.10.1.1/3"],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert process.stdout
    try:
        told = process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert told.startswith("21 devices on loopback")
    assert process.returncode == 0
    assert json.loads(ready.read_text()).keys() == {"snmp_port", "ssh_port"}
    assert json.loads(score.read_text()).keys() == {s.device.address for s in FLEET}
    assert any(
        row["PAK/Serial Number"] == serial_of("127.10.1.1", "3") for row in rows(tmp_path / "contracts/ccw-r.csv")
    )


def test_a_closed_lab_leaves_no_thread_and_no_port_behind(serve: Serve) -> None:
    lab = serve(FLEET[0].device)
    ports = lab.snmp_port, lab.ssh_port
    lab.close()

    assert "lab" not in {thread.name for thread in threading.enumerate()}
    again = Lab([FLEET[0].device], snmp_port=ports[0], ssh_port=ports[1], allowed=None)
    again.close()
