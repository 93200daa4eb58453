"""Polling a fleet: every target becomes one observation, and a sick one costs nobody else anything."""

import asyncio
import re
import time
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from collectors import collect as collecting
from collectors import workers
from collectors.collect import Login, Polling, collect
from collectors.model import LICENCES, Observation, Outcome, State, Target
from collectors.platforms import load
from collectors.scope import Scope
from collectors.transports import snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.transports.shell import Limits
from tests.lab import Access, Cli, Device, Faults, Lab, cli_device
from tests.lab.profiles import c3850, generic_switch, isr4331
from tests.lab.units import Box

LOGIN = Login(snmp.Community("lab-readonly"), ssh.Login("audit", "lab-ssh-secret", "lab-enable-secret"))


def router(address: str, **faults) -> Device:
    built = isr4331(Box(address, "r1"), Access())
    return replace(built.device, faults=Faults(**faults)) if faults else built.device


def poll(lab: Lab, folder: Path, *targets: Target, **changes) -> dict[str, Observation]:
    polling = Polling(
        scope=Scope((ip_network("127.40.0.0/16"),)),
        platforms=load(),
        logins={"": LOGIN},
        known_hosts=KnownHosts(folder / "known_hosts", learn=True),
        snmp_port=lab.snmp_port,
        ssh_port=lab.ssh_port,
        snmp_options={"timeout": 0.3, "retries": 1},
        ssh_limits=Limits(command=3.0, prompt=3.0, auth=3.0, banner=2.0),
        parsers=1,
    )

    async def run() -> list[Observation]:
        wanted = targets or tuple(Target(address) for address in lab.devices)
        async with aclosing(collect(wanted, replace(polling, **changes), now=lambda: datetime.now(UTC))) as seen:
            return [observation async for observation in seen]

    return {seen.target.address: seen for seen in asyncio.run(run())}


def test_both_protocols_of_one_device_are_one_list_of_units(serve, tmp_path):
    built = isr4331(Box("127.40.0.1", "r1"), Access())

    seen = poll(serve(built.device), tmp_path)["127.40.0.1"]

    assert (seen.outcome, seen.platform, seen.vendor, seen.hostname) == (Outcome.COMPLETE, "cisco_ios", "cisco", "r1")
    assert seen.via == ("snmp", "ssh")
    told = [unit.serial for unit in seen.units]
    assert len(told) == len(set(told))
    assert {unit.serial for unit in built.units if unit.serial} <= set(told)
    assert {unit.collected_via for unit in seen.units if unit.kind == "chassis"} == {"snmp+ssh"}


def test_what_the_device_said_over_ssh_is_kept_as_captures(serve, tmp_path):
    seen = poll(serve(router("127.40.0.2")), tmp_path)["127.40.0.2"]

    kept = {capture.name: capture for capture in seen.captures}
    assert {"show version", "show inventory"} <= kept.keys()
    assert (kept["show inventory"].section, kept["show inventory"].state) == ("inventory", State.COMPLETE)
    assert "NAME:" in kept["show inventory"].text


def test_an_address_outside_the_scope_gets_no_packet_and_is_a_row(serve, tmp_path):
    lab = serve(router("127.41.0.1"))

    seen = poll(lab, tmp_path)["127.41.0.1"]

    assert (seen.outcome, seen.attempts) == (Outcome.OUT_OF_SCOPE, 0)
    assert (lab.score("127.41.0.1").snmp_packets, lab.score("127.41.0.1").connections) == (0, 0)


def test_a_device_without_a_platform_of_its_own_is_read_by_its_entity_mib(serve, tmp_path):
    built = generic_switch(Box("127.40.0.3", "sw9"), Access())

    seen = poll(serve(built.device), tmp_path)["127.40.0.3"]

    assert (seen.outcome, seen.platform) == (Outcome.COMPLETE, "generic_entity")
    assert {unit.serial for unit in built.units if unit.serial} == {unit.serial for unit in seen.units if unit.serial}


def test_a_device_that_answers_one_command_is_partial_and_its_units_are_listed(serve, tmp_path):
    answer = 'NAME: "Chassis", DESCR: "Cisco ISR4331 Chassis"\nPID: ISR4331/K9        , VID: V03, SN: FDO2145X0AB\n'
    lab = serve(cli_device("cisco_ios", {"show inventory": answer}, "127.40.0.4", hostname="r4"))

    seen = poll(lab, tmp_path, Target("127.40.0.4", protocols=("ssh",)))["127.40.0.4"]

    assert (seen.outcome, seen.platform) == (Outcome.PARTIAL, "cisco_ios")
    assert [(unit.serial, unit.kind) for unit in seen.units] == [("FDO2145X0AB", "chassis")]


def test_silence_in_mid_walk_is_partial_by_snmp_and_whole_by_ssh(serve, tmp_path):
    lab = serve(router("127.40.0.5", silent_after=4))

    by_both = poll(lab, tmp_path)["127.40.0.5"]
    lab.replace(router("127.40.0.5", silent_after=4))
    by_snmp = poll(lab, tmp_path, Target("127.40.0.5", protocols=("snmp",)))["127.40.0.5"]

    assert by_both.section("inventory").state is State.COMPLETE
    assert by_snmp.section("inventory").state is not State.COMPLETE
    assert by_snmp.outcome is Outcome.PARTIAL


def test_a_device_that_fell_silent_is_not_asked_again_for_each_table(serve, tmp_path):
    lab = serve(router("127.40.0.6", silent_after=3))

    poll(lab, tmp_path, Target("127.40.0.6", protocols=("snmp",)))

    # one walk's retries at each of its request sizes, not those of the readers behind it
    assert lab.score("127.40.0.6").snmp_packets < 10


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ({"tcp_silent": True}, Outcome.TIMEOUT),
        ({"tcp_close": True}, Outcome.REFUSED),
        ({"no_auth_answer": True}, Outcome.AUTH_TIMEOUT),
        ({"no_prompt": True}, Outcome.TIMEOUT),
    ],
)
def test_a_sick_device_has_its_own_outcome_and_the_healthy_one_beside_it_is_read(serve, tmp_path, faults, outcome):
    sick = replace(router("127.40.1.1", **faults), mib={})
    lab = serve(sick, router("127.40.1.2"))

    seen = poll(lab, tmp_path)

    assert (seen["127.40.1.1"].outcome, seen["127.40.1.1"].units) == (outcome, ())
    assert seen["127.40.1.1"].reason
    assert seen["127.40.1.2"].outcome is Outcome.COMPLETE


def test_a_wrong_password_is_tried_once_and_shows_although_snmp_said_everything(serve, tmp_path):
    device = router("127.40.1.3")
    lab = serve(replace(device, access=replace(device.access, ssh_password="another")))

    seen = poll(lab, tmp_path)["127.40.1.3"]

    assert seen.outcome is Outcome.AUTH_FAILED
    assert seen.section("inventory").state is State.COMPLETE
    assert lab.score("127.40.1.3").failed_logins == 1


def test_a_changed_host_key_gets_no_password_and_leaves_snmp_usable(serve, tmp_path):
    device = router("127.40.1.4")
    lab = serve(device)
    poll(lab, tmp_path)
    logins = lab.score("127.40.1.4").logins
    lab.replace(replace(device, faults=Faults(new_host_key=True)))

    seen = poll(lab, tmp_path)["127.40.1.4"]

    assert (seen.outcome, seen.via) == (Outcome.HOST_KEY, ("snmp",))
    assert (lab.score("127.40.1.4").logins, lab.score("127.40.1.4").failed_logins) == (logins, 0)
    assert seen.units


def test_a_device_that_never_stops_talking_ends_at_its_deadline(serve, tmp_path):
    device = c3850(Box("127.40.1.5", "sw5"), Access()).device
    lab = serve(replace(device, mib={}, faults=Faults(drip=("show inventory", 0.05))))

    began = time.monotonic()
    seen = poll(lab, tmp_path, deadline=4.0)["127.40.1.5"]

    assert seen.outcome in (Outcome.PARTIAL, Outcome.TIMEOUT)
    assert seen.section("inventory").state is not State.COMPLETE
    assert re.search(r"longer than 4 s", f"{seen.reason} {seen.section('inventory').reason}")
    assert time.monotonic() - began < 60  # the drip would take minutes
    assert lab.wait_sessions_closed()


def test_a_licence_section_that_the_platform_does_not_have_costs_no_completeness(serve, tmp_path):
    seen = poll(serve(generic_switch(Box("127.40.1.6", "sw6"), Access()).device), tmp_path)["127.40.1.6"]

    assert seen.section(LICENCES).state is State.UNSUPPORTED
    assert seen.outcome is Outcome.COMPLETE


def test_a_name_that_does_not_resolve_is_a_row(serve, tmp_path):
    lab = serve(router("127.40.1.7"))

    seen = poll(lab, tmp_path, Target("no-such-host.invalid"), Target("127.40.1.7"))

    assert seen["no-such-host.invalid"].outcome is Outcome.UNREACHABLE
    assert seen["127.40.1.7"].outcome is Outcome.COMPLETE


def test_a_platform_that_napalm_drives_is_its_chassis_and_marked_so(serve, tmp_path):
    built = isr4331(Box("127.40.1.8", "r8"), Access())

    seen = poll(serve(built.device), tmp_path, Target("127.40.1.8", platform="napalm:ios"))["127.40.1.8"]

    chassis = next(unit.serial for unit in built.units if unit.kind == "chassis")
    assert [(unit.serial, unit.collected_via) for unit in seen.units] == [(chassis, "napalm")]
    assert (seen.outcome, seen.section("inventory").state) == (Outcome.COMPLETE, State.PARTIAL)


def test_a_hung_parse_costs_its_device_and_not_the_run(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "PARSE_SECONDS", 1.0)
    monkeypatch.setattr(collecting.reading, "read_snmp", hang)
    lab = serve(router("127.40.1.9"), Device("127.40.1.10", cli=Cli("ios", {})))

    seen = poll(lab, tmp_path, Target("127.40.1.9", protocols=("snmp",)), Target("127.40.1.10"))

    assert seen["127.40.1.9"].outcome is Outcome.TIMEOUT
    assert "could not be understood within 1 s" in seen["127.40.1.9"].reason
    assert seen["127.40.1.10"].outcome is not Outcome.TIMEOUT


def hang(*_: object) -> None:
    """Stands in for a pattern that never ends; runs in the worker."""
    time.sleep(60)
