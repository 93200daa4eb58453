from __future__ import annotations

import pytest
from napalm.base import exceptions as napalm

from collectors import errors
from collectors.model import Kind, Reading, Section, Software, State, Unit
from collectors.transports import facts, ssh
from collectors.transports.hostkeys import KnownHosts
from tests.lab import Access
from tests.lab.profiles import isr4331
from tests.lab.units import Box

EOS = {
    "hostname": "leaf1",
    "fqdn": "leaf1.example.net",
    "vendor": "Arista",
    "model": "DCS-7050",
    "os_version": "4.28.3M",
    "serial_number": "jpe1234a001",
    "uptime": 12.5,
    "interface_list": ["Ethernet1"],
}


def test_facts_are_one_chassis_and_an_inventory_that_is_partial_by_nature() -> None:
    assert facts.reading("eos", EOS) == Reading(
        via="napalm",
        hostname="leaf1",
        sections=(
            Section("identity", State.COMPLETE, "napalm"),
            Section("inventory", State.PARTIAL, "napalm", "napalm tells the chassis only", expected=True),
            Section("software", State.COMPLETE, "napalm", expected=True),
            Section("licences", State.UNSUPPORTED, "napalm", "napalm reads no licences", expected=True),
        ),
        units=(
            Unit(
                vendor="arista",
                serial="JPE1234A001",
                product_id="DCS-7050",
                kind=Kind.CHASSIS,
                software_version="4.28.3M",
                manufacturer="Arista",
                serial_raw="jpe1234a001",
                collected_via="napalm",
            ),
        ),
        software=(Software("4.28.3M", collected_via="napalm"),),
    )


def test_a_chassis_without_serial_stays_a_row() -> None:
    found = facts.reading("eos", {**EOS, "serial_number": "", "os_version": "Unknown"})
    assert (found.units[0].serial, found.units[0].kind, found.software) == ("", Kind.CHASSIS, ())


def test_a_driver_napalm_does_not_have_is_named(tmp_path) -> None:
    with pytest.raises(errors.ConfigError, match="napalm:nobody"):
        facts.read_facts("nobody", ssh.Endpoint("127.0.0.1"), ssh.Login("audit", "x"), KnownHosts(tmp_path / "none"))


def test_a_closed_port_is_an_error_of_ours(tmp_path) -> None:
    with pytest.raises((errors.Refused, errors.Unreachable, errors.TimedOut)):
        facts.read_facts(
            "ios", ssh.Endpoint("127.30.2.1", 9), ssh.Login("audit", "x"), KnownHosts(tmp_path / "none"), timeout=5
        )


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (napalm.ConnectAuthError("no"), errors.AuthFailed),
        (napalm.ConnectTimeoutError("no"), errors.TimedOut),
        (napalm.CommandTimeoutException("no"), errors.TimedOut),
        (napalm.ConnectionException("no"), errors.Unreachable),
        (napalm.ConnectionClosedException("no"), errors.Unreachable),
        (napalm.CommandErrorException("no"), errors.Malformed),
        (NotImplementedError(), errors.Malformed),
        (KeyError("serial"), errors.Malformed),
        (ConnectionRefusedError("no"), errors.Refused),
    ],
)
def test_every_failure_of_a_driver_becomes_one_of_ours(error: Exception, ours: type[errors.CollectError]) -> None:
    assert type(facts.translate(error)) is ours


def test_a_driver_that_shows_no_host_key_gets_no_password(tmp_path) -> None:
    with pytest.raises(errors.HostKey, match="napalm:nxos speaks HTTPS"):
        facts.read_facts(
            "nxos", ssh.Endpoint("127.30.2.1", 443), ssh.Login("audit", "x"), KnownHosts(tmp_path / "none")
        )


def test_a_device_with_an_unknown_host_key_gets_no_login_by_napalm(serve, tmp_path) -> None:
    device = isr4331(Box("127.30.2.2", "r1"), Access()).device
    lab = serve(device)
    endpoint = ssh.Endpoint(device.address, lab.ssh_port)

    with pytest.raises(errors.HostKey, match="no password was sent"):
        facts.read_facts("ios", endpoint, ssh.Login("audit", "lab-ssh-secret"), KnownHosts(tmp_path / "none"))

    assert (lab.score(device.address).logins, lab.score(device.address).failed_logins) == (0, 0)


def test_napalm_reads_a_real_router_over_ssh(serve, tmp_path) -> None:
    built = isr4331(Box("127.30.2.3", "r1"), Access())
    lab = serve(built.device)
    known = KnownHosts(tmp_path / "known_hosts", learn=True)

    found = facts.read_facts(
        "ios", ssh.Endpoint(built.device.address, lab.ssh_port), ssh.Login("audit", "lab-ssh-secret"), known
    )

    chassis = next(unit for unit in built.units if unit.kind == "chassis")
    assert [(unit.vendor, unit.serial, unit.kind) for unit in found.units] == [("cisco", chassis.serial, "chassis")]
