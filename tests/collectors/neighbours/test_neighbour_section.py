# ruff: noqa: E501 - values and lines of device output read better whole
"""The section `neighbours` of a poll: only where asked for, and never in the way of the rest."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from collectors.collect import Login, Polling, collect
from collectors.model import NEIGHBOURS, Neighbour, Outcome, State, Target
from collectors.platforms import load
from collectors.scope import Scope
from collectors.transports import snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.transports.shell import Limits
from tests.lab import Access, Link
from tests.lab.profiles import c9300_stack, n9k_with_fex
from tests.lab.units import Box

LOGIN = Login(snmp.Community("lab-readonly"), ssh.Login("audit", "lab-ssh-secret", "lab-enable-secret"))
LINKS = (
    Link("TenGigabitEthernet1/1/1", "core-1", "10.9.0.1", serial="FDO21110AAA"),
    Link("TenGigabitEthernet1/1/2", "core-2", "10.9.0.2", protocols=("lldp",)),
)
COMMANDS = {"show cdp neighbors detail", "show lldp neighbors detail"}


def polled(lab, folder, *, neighbours, protocols=("snmp", "ssh")):
    polling = Polling(
        scope=Scope((ip_network("127.0.0.0/8"),)),
        platforms=load(),
        logins={"": LOGIN},
        known_hosts=KnownHosts(folder / "known_hosts", learn=True),
        protocols=protocols,
        snmp_port=lab.snmp_port,
        ssh_port=lab.ssh_port,
        snmp_options={"timeout": 0.5, "retries": 1},
        ssh_limits=Limits(command=3.0, prompt=3.0, auth=3.0, banner=2.0),
        parsers=1,
        neighbours=neighbours,
    )

    async def run():
        targets = [Target(address) for address in lab.devices]
        async with aclosing(collect(targets, polling, now=lambda: datetime.now(UTC))) as seen:
            return [observation async for observation in seen]

    (seen,) = asyncio.run(run())
    return seen


def linked(profile, address, **changes):
    return replace(profile(Box(address, "sw1"), Access()).device, links=LINKS, **changes)


def test_both_protocols_show_each_cable_once(serve, tmp_path):
    lab = serve(linked(c9300_stack, "127.43.0.1"))

    seen = polled(lab, tmp_path, neighbours=True)

    assert seen.outcome is Outcome.COMPLETE
    assert seen.section(NEIGHBOURS).state is State.COMPLETE
    assert seen.section(NEIGHBOURS).via == "snmp+ssh"
    assert seen.neighbours == (
        Neighbour("TenGigabitEthernet1/1/1", "core-1", ("10.9.0.1",), "cisco C9300-48P", "GigabitEthernet1/0/1",
                  "FDO21110AAA", "cdp+lldp", "snmp+ssh"),
        Neighbour("TenGigabitEthernet1/1/2", "core-2", ("10.9.0.2",), "cisco C9300-48P software", "GigabitEthernet1/0/1",
                  "00:de:ad:00:00:01", "lldp", "snmp+ssh"),
    )  # fmt: skip
    assert set(lab.score("127.43.0.1").commands) >= COMMANDS


@pytest.mark.parametrize("protocols", [("snmp",), ("ssh",)])
def test_either_protocol_alone_shows_them(serve, tmp_path, protocols):
    lab = serve(linked(n9k_with_fex, "127.43.0.2"))

    seen = polled(lab, tmp_path, neighbours=True, protocols=protocols)

    assert [(one.hostname, one.addresses, one.collected_via) for one in seen.neighbours] == [
        ("core-1", ("10.9.0.1",), protocols[0]),
        ("core-2", ("10.9.0.2",), protocols[0]),
    ]
    assert seen.section(NEIGHBOURS).state is State.COMPLETE


def test_a_run_that_does_not_ask_sends_nothing_and_has_no_section(serve, tmp_path):
    lab = serve(linked(c9300_stack, "127.43.0.3"))

    seen = polled(lab, tmp_path, neighbours=False)

    assert seen.outcome is Outcome.COMPLETE
    assert NEIGHBOURS not in {section.name for section in seen.sections}
    assert seen.section(NEIGHBOURS).state is State.NOT_ATTEMPTED
    assert seen.neighbours == ()
    assert not COMMANDS & set(lab.score("127.43.0.3").commands)


def test_a_device_without_neighbours_is_complete_all_the_same(serve, tmp_path):
    device = replace(linked(c9300_stack, "127.43.0.4"), links=())

    seen = polled(serve(device), tmp_path, neighbours=True)

    assert (seen.outcome, seen.neighbours) == (Outcome.COMPLETE, ())
    assert seen.section(NEIGHBOURS).state is State.UNSUPPORTED
