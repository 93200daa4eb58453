"""Recordings of real devices, served by the lab and read through the whole product over real SNMP and SSH.

The recordings stand beside the project (or where NETCOVER_CORPUS says) and are not part of it: their licences differ.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.main import main
from collectors.serials import canonical
from tests.lab import Device, cli_device, known_hosts_line, running_lab, snmprec_device

CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
TRUTH = CORPUS / "truth.jsonl"
RECORDS = [json.loads(line) for line in TRUTH.read_text("utf-8").splitlines()] if TRUTH.is_file() else []
PLATFORMS = {
    "ios": "cisco_ios", "iosxe": "cisco_ios", "nxos": "cisco_nxos", "iosxr": "cisco_xr", "asa": "cisco_asa",
}  # fmt: skip
COMMANDS = {
    "cli:show_inventory": "show inventory",
    "cli:ShowInventory": "show inventory",
    "cli:show_version": "show version",
}
SNMP = [record for record in RECORDS if record["kind"] == "snmp"]
CLI = [record for record in RECORDS if record["kind"] in COMMANDS and record["os"] in PLATFORMS]

pytestmark = [
    pytest.mark.skipif(not RECORDS, reason=f"no recordings at {CORPUS}; name their folder in NETCOVER_CORPUS"),
]


@dataclass(frozen=True)
class Seen:
    """units.csv of one device."""

    units: list[dict[str, str]]

    def serials(self, *kinds: str) -> set[str]:
        return {u["serial"] for u in self.units if u["serial"] and (not kinds or u["kind"] in kinds)}

    @property
    def releases(self) -> set[str]:
        return {u["software_version"] for u in self.units if u["kind"] in ("chassis", "access_point")}


def audit(devices: Iterable[Device], folder: Path, protocol: str, engine: str = "fast") -> dict[str, Seen]:
    """Serve *devices*, run `netcover audit` on them, and return what units.csv says by address."""
    with running_lab(devices, snmp_port=0, ssh_port=0) as lab:
        settings = f"""
            scope = ["127.77.0.0/16"]
            allow_plaintext_secrets = true
            [credentials.lab]
            snmp = {{ version = "2c", community = "lab-readonly" }}
            ssh = {{ user = "audit", password = "lab-ssh-secret" }}
            [collect]
            default_credential = "lab"
            protocols = ["{protocol}"]
            snmp_port = {lab.snmp_port}
            ssh_port = {lab.ssh_port}
            engine = "{engine}"
            concurrency = {40 if engine == "pysnmp" else 200}
            ssh_sessions = 30
            [ssh]
            known_hosts = "known_hosts"
        """
        (folder / "netcover.toml").write_text(settings)
        rows = [f"{device.address},{device.platform}\n" for device in lab.devices.values()]
        (folder / "targets.csv").write_text("address,platform\n" + "".join(rows))
        keys = [known_hosts_line(device, lab.ssh_port) for device in lab.devices.values() if device.cli]
        (folder / "known_hosts").write_text("".join(f"{key}\n" for key in keys))
        assert main(["--quiet", "audit", str(folder), "--fail-on", "never", "--allow-incomplete"]) == 0
    by_address = defaultdict(list)
    with (folder / "out" / "units.csv").open(newline="", encoding="utf-8") as file:
        for unit in csv.DictReader(file):
            by_address[unit["address"]].append(unit)
    return {device.address: Seen(by_address[device.address]) for device in lab.devices.values()}


def address(number: int) -> str:
    return f"127.77.{number // 250}.{number % 250 + 1}"


def real(record: dict) -> set[str]:
    """The serials a recording holds, in canonical form; masks and placeholders are none."""
    other = [
        serial
        for found in record.get("other_serial_oids", {}).values()
        for serial in ([found] if isinstance(found, str) else found)
    ]
    return {canonical(serial) for serial in (*record["serials"], *other)} - {""}


@pytest.fixture(scope="module", params=["fast", "pysnmp"])
def over_snmp(request, tmp_path_factory) -> dict[str, Seen]:
    devices = [snmprec_device(CORPUS / record["file"], address(n)) for n, record in enumerate(SNMP)]
    seen = audit(devices, tmp_path_factory.mktemp(request.param), "snmp", request.param)
    return {record["file"]: seen[address(n)] for n, record in enumerate(SNMP)}


@pytest.mark.parametrize("record", SNMP, ids=lambda record: Path(record["file"]).name)
def test_an_snmp_recording_gives_every_real_serial_the_chassis_and_the_release(over_snmp, record):
    seen = over_snmp[record["file"]]
    chassis = {canonical(serial) for serial in record["chassis_serials"]}
    versions = {*record["sw_candidates"].values(), *filter(None, [record["sw_version"]])}

    assert seen.serials() == real(record)
    assert not chassis or seen.serials("chassis") == chassis
    assert not versions or seen.releases & versions


@pytest.fixture(scope="module")
def over_ssh(tmp_path_factory) -> dict[str, Seen]:
    devices = [
        cli_device(PLATFORMS[record["os"]], {COMMANDS[record["kind"]]: text(record)}, address(2000 + n))
        for n, record in enumerate(CLI)
    ]
    seen = audit(devices, tmp_path_factory.mktemp("ssh"), "ssh")
    return {record["file"]: seen[address(2000 + n)] for n, record in enumerate(CLI)}


@pytest.mark.parametrize("record", CLI, ids=lambda record: record["file"].replace("/", "-"))
def test_a_command_line_recording_gives_every_real_serial_and_the_release(over_ssh, record):
    seen = over_ssh[record["file"]]
    version = record.get("sw_version")

    assert seen.serials() == real(record)
    assert not version or version in seen.releases


def text(record: dict) -> str:
    return (CORPUS / record["file"]).read_bytes().decode("utf-8", "surrogateescape")
