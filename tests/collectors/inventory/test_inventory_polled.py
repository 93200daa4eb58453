"""Controllers with access points, and a switch that only napalm knows, polled over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from collectors import errors
from collectors.collect import Login, Polling, collect
from collectors.model import Kind, Observation, Outcome, State, Target
from collectors.platforms import load
from collectors.scope import Scope
from collectors.transports import facts, hostkeys, snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from tests.lab import Access, Lab
from tests.lab.profiles import aireos, asa5516, c9800, eos_leaf, isr4331
from tests.lab.units import Box, Built

LOGIN = Login(snmp.Community("lab-readonly"), ssh.Login("audit", "lab-ssh-secret", "lab-enable-secret"))


def poll(lab: Lab, folder: Path, target: Target) -> Observation:
    polling = Polling(
        scope=Scope((ip_network("127.31.0.0/16"),)),
        platforms=load(),
        logins={"": LOGIN},
        known_hosts=KnownHosts(folder / "known_hosts", learn=True),
        snmp_port=lab.snmp_port,
        ssh_port=lab.ssh_port,
        snmp_options={"timeout": 1.0, "retries": 2},
        parsers=1,
    )

    async def run() -> list[Observation]:
        async with aclosing(collect([target], polling, now=lambda: datetime.now(UTC))) as seen:
            return [observation async for observation in seen]

    return asyncio.run(run())[0]


def serials(units: object) -> list[str]:
    return sorted(unit.serial for unit in units if unit.serial)  # type: ignore[attr-defined]  # units of either kind


@pytest.mark.parametrize("protocols", [("snmp",), ("ssh",), ("snmp", "ssh")], ids="+".join)
@pytest.mark.parametrize("make", [aireos, c9800])
def test_a_controller_and_its_access_points_are_read_whole(serve, tmp_path, make, protocols) -> None:
    built: Built = make(Box(f"127.31.1.{len(protocols) + 2 * ('ssh' in protocols)}", "wlc1"), Access())
    lab = serve(built.device)

    seen = poll(lab, tmp_path, Target(built.device.address, protocols=protocols))

    assert (seen.outcome, seen.reason, seen.platform) == (Outcome.COMPLETE, "", built.device.platform)
    assert serials(seen.units) == serials(built.units)
    points = [unit for unit in seen.units if unit.kind is Kind.ACCESS_POINT]
    assert {(p.product_id, p.parent_serial, p.software_version[:2]) for p in points} <= {
        ("AIR-AP3802I-E-K9", "", release) for release in ("8.", "17", "")
    }
    assert [unit.slot for unit in points][:2] == ["floor1-ap", "floor2-ap"]
    assert len(seen.software) == 1
    assert lab.score(built.device.address).outside == []


def test_only_a_controller_is_asked_for_access_points(serve, tmp_path) -> None:
    built = isr4331(Box("127.31.2.1", "r1"), Access())
    lab = serve(built.device)

    seen = poll(lab, tmp_path, Target("127.31.2.1", protocols=("ssh",)))

    assert seen.outcome is Outcome.COMPLETE
    assert [line for line in lab.score("127.31.2.1").commands if line.startswith("show ap")] == []


def test_a_firewall_is_asked_for_its_modules_and_its_mate_and_may_know_neither(serve, tmp_path) -> None:
    built = asa5516(Box("127.31.2.2", "fw1"), Access())
    lab = serve(built.device)

    seen = poll(lab, tmp_path, Target("127.31.2.2", protocols=("ssh",)))

    assert seen.section("inventory").state is State.COMPLETE
    assert {"show module", "show failover"} <= set(lab.score("127.31.2.2").commands)


def test_a_switch_that_only_napalm_knows_is_a_chassis_of_its_own_vendor(serve, tmp_path) -> None:
    built = eos_leaf(Box("127.31.3.1", "leaf1"), Access())

    seen = poll(serve(built.device), tmp_path, Target("127.31.3.1", platform="napalm:eos"))

    unit = seen.units[0]
    assert (seen.outcome, seen.vendor, seen.platform, seen.hostname) == (
        Outcome.COMPLETE,
        "arista",
        "napalm:eos",
        "leaf1",
    )
    assert (unit.vendor, unit.serial, unit.product_id, unit.kind, unit.collected_via) == (
        "arista",
        built.units[0].serial,
        "DCS-7050TX-64-R",
        "chassis",
        "napalm",
    )
    assert (seen.section("inventory").state, seen.section("inventory").expected) == (State.PARTIAL, True)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # ncclient leaves its socket to the collector when a login fails
@pytest.mark.parametrize("driver", ["eos", "ios", "iosxr", "nxos_ssh", "junos"])
def test_a_peer_that_shows_another_key_at_the_login_than_at_the_check_gets_no_password(
    serve, tmp_path, monkeypatch, driver
) -> None:
    built = eos_leaf(Box("127.31.3.2", "leaf2"), Access())
    lab = serve(built.device)
    real = hostkeys.checked_line

    def another(*args: object, **options: object) -> str:
        name, _, _ = real(*args, **options).split()  # type: ignore[arg-type]  # passed through
        return f"{name} ssh-ed25519 {OTHER_KEY}"

    monkeypatch.setattr(hostkeys, "checked_line", another)
    known = KnownHosts(tmp_path / "known_hosts", learn=True)
    with pytest.raises((errors.HostKey, errors.CryptoMismatch, errors.Unreachable)):
        facts.read_facts(driver, ssh.Endpoint("127.31.3.2", lab.ssh_port), LOGIN.ssh, known, timeout=5)

    score = lab.score("127.31.3.2")
    assert (score.logins, score.failed_logins) == (0, 0)


OTHER_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
@pytest.mark.parametrize("driver", ["eos", "junos"])
def test_a_refused_password_is_a_refused_login_and_is_not_tried_again(serve, tmp_path, driver) -> None:
    built = eos_leaf(Box("127.31.3.3", "leaf3"), Access())
    lab = serve(built.device)
    known = KnownHosts(tmp_path / "known_hosts", learn=True)

    with pytest.raises(errors.AuthFailed):
        facts.read_facts(
            driver, ssh.Endpoint("127.31.3.3", lab.ssh_port), ssh.Login("audit", "wrong"), known, timeout=5
        )

    assert (lab.score("127.31.3.3").logins, lab.score("127.31.3.3").failed_logins) == (0, 1)


@pytest.mark.parametrize(
    ("driver", "cure"),
    [("nxos", "use napalm:nxos_ssh"), ("iosxr_netconf", "use the platform cisco_xr")],
)
def test_a_driver_that_cannot_be_bound_to_a_host_key_is_refused_with_what_to_use_in_its_place(
    serve, tmp_path, driver, cure
) -> None:
    built = eos_leaf(Box("127.31.3.4", "leaf4"), Access())
    lab = serve(built.device)
    known = KnownHosts(tmp_path / "known_hosts", learn=True)

    with pytest.raises(errors.HostKey, match=cure):
        facts.read_facts(driver, ssh.Endpoint("127.31.3.4", lab.ssh_port), LOGIN.ssh, known, timeout=5)

    assert (lab.score("127.31.3.4").logins, lab.score("127.31.3.4").failed_logins) == (0, 0)
