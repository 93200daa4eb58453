"""The quick check: a device that proves that nothing moved is not walked again, and any other is."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from collectors.collect import Login, Polling, collect
from collectors.model import INVENTORY, LICENCES, Observation, Outcome, Section, Stamp, State, Target
from collectors.platforms import load
from collectors.quick import Known, confirmable, moved
from collectors.scope import Scope
from collectors.transports import snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.transports.shell import Limits
from tests.lab import Access
from tests.lab.profiles import c3850, generic_switch
from tests.lab.units import Box

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEFORE = Stamp("1.3.6.1.4.1.9.1.1", "d1", "sw1", "80000009", 8_640_000, 4_200, THEN)


def later(hours: float, **changed: object) -> Stamp:
    """The same device so many hours on."""
    ticks = 8_640_000 + int(hours * 360_000)
    return replace(BEFORE, **{"taken": THEN + timedelta(hours=hours), "up_time": ticks, **changed})


def test_nothing_moved_where_it_ran_on_and_its_tables_did_not_change():
    assert [moved(BEFORE, later(hours)) for hours in (0, 1, 24, 7 * 24)] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (later(24, object_id="1.3.6.1.4.1.9.1.2"), "sysObjectID is another"),
        (later(24, descr="d2"), "sysDescr is another"),
        (later(24, name="sw2"), "sysName is another"),
        (later(24, engine_id="8000000a"), "the engine id is another"),
        (later(24, changed=4_201), "entLastChangeTime moved"),
        (later(24, changed=None), "it has no entLastChangeTime"),
        (later(24, up_time=8_000_000), "its sysUpTime does not fit: it restarted, or a clock was set"),
        (later(24, up_time=None), "it has no sysUpTime"),
        (later(-1), "its sysUpTime does not fit: it restarted, or a clock was set"),
    ],
)
def test_whatever_moved_calls_for_a_full_reading(now, why):
    assert moved(BEFORE, now) == why


def test_a_restart_right_after_the_reading_shows_whatever_it_took():
    """The new sysUpTime lacks at least what the device had been up before: an hour, far more than two clocks drift."""
    shortest = replace(BEFORE, up_time=360_000)
    restarted = replace(shortest, up_time=24 * 360_000, taken=THEN + timedelta(hours=24))

    assert moved(shortest, restarted)
    assert moved(replace(shortest, up_time=359_999), restarted) == "it had started shortly before it was read"


def test_a_reading_can_be_confirmed_only_where_it_was_complete_and_the_agent_tells_both_times():
    sections = (Section(INVENTORY, State.COMPLETE, "snmp"), Section(LICENCES, State.UNSUPPORTED))
    good = Observation(Target("10.0.0.1"), Outcome.COMPLETE, "10.0.0.1", THEN, sections=sections, stamp=BEFORE)

    assert confirmable(good)
    assert not confirmable(replace(good, outcome=Outcome.PARTIAL))
    assert not confirmable(replace(good, stamp=None))
    assert not confirmable(replace(good, stamp=replace(BEFORE, changed=None)))
    assert not confirmable(replace(good, stamp=replace(BEFORE, up_time=100)))


def poll(lab, folder, *targets: Target, now=THEN, **changes) -> dict[str, Observation]:
    polling = Polling(
        scope=Scope((ip_network("127.43.0.0/16"),)),
        platforms=load(),
        logins={"": Login(snmp.Community("lab-readonly"), ssh.Login("audit", "lab-ssh-secret"))},
        known_hosts=KnownHosts(folder / "known_hosts", learn=True),
        snmp_port=lab.snmp_port,
        ssh_port=lab.ssh_port,
        snmp_options={"timeout": 1.0, "retries": 1},
        ssh_limits=Limits(command=5.0, prompt=5.0, auth=5.0, banner=5.0),
        parsers=1,
    )

    async def run() -> list[Observation]:
        async with aclosing(collect(targets, replace(polling, **changes), now=lambda: now)) as seen:
            return [observation async for observation in seen]

    return {seen.target.address: seen for seen in asyncio.run(run())}


def known(seen: Observation) -> Known:
    assert seen.stamp is not None
    return Known(seen.stamp, lambda: seen)


def test_a_device_that_did_not_move_is_confirmed_by_a_get_and_no_login(serve, tmp_path):
    device = generic_switch(Box("127.43.0.1", "sw1"), Access()).device
    lab, target = serve(device), Target("127.43.0.1", protocols=("snmp",))
    full = poll(lab, tmp_path, target)["127.43.0.1"]
    walked = lab.score("127.43.0.1").snmp_requests

    again = poll(lab, tmp_path, target, known={target: known(full)})["127.43.0.1"]

    assert (full.outcome, again.outcome) == (Outcome.COMPLETE, Outcome.COMPLETE)
    assert (full.confirmed, again.confirmed) == ("", "quick")
    assert (again.units, again.sections) == (full.units, full.sections)
    assert lab.score("127.43.0.1").snmp_requests - walked == 1


def test_licences_are_read_again_since_they_change_without_a_trace(serve, tmp_path):
    device = c3850(Box("127.43.0.2", "sw2"), Access()).device
    lab, target = serve(device), Target("127.43.0.2")
    full = poll(lab, tmp_path, target)["127.43.0.2"]
    asked = len(lab.score("127.43.0.2").commands)
    stale = replace(full, licences=())

    again = poll(lab, tmp_path, target, known={target: known(stale)})["127.43.0.2"]

    assert (again.outcome, again.confirmed) == (Outcome.COMPLETE, "quick")
    assert full.licences
    assert set(again.licences) == set(full.licences)
    assert "show inventory" not in lab.score("127.43.0.2").commands[asked:]


def test_licences_that_cannot_be_read_again_are_not_reported(serve, tmp_path):
    device = c3850(Box("127.43.0.3", "sw3"), Access()).device
    lab, target = serve(device), Target("127.43.0.3")
    full = poll(lab, tmp_path, target)["127.43.0.3"]
    lab.replace(replace(device, access=replace(device.access, ssh_password="another")))

    again = poll(lab, tmp_path, target, known={target: known(full)}, now=THEN)["127.43.0.3"]

    assert again.outcome is Outcome.AUTH_FAILED
    assert {one.collected_via for one in again.licences} <= {"snmp"}


@pytest.mark.parametrize("change", ["restart", "swap", "rename"])
def test_a_device_that_moved_is_walked_in_full(serve, tmp_path, change):
    box = Box("127.43.0.4", "sw4")
    built = generic_switch(box, Access())
    lab, target = serve(built.device), Target("127.43.0.4", protocols=("snmp",))
    full = poll(lab, tmp_path, target)["127.43.0.4"]
    last_change = (1, 3, 6, 1, 2, 1, 47, 1, 4, 1, 0)
    other = {
        "restart": replace(built.device, uptime=100),
        "swap": replace(built.device, mib={**built.device.mib, last_change: b"\x43\x02\x7f\xff"}),
        "rename": generic_switch(Box("127.43.0.4", "sw5"), Access()).device,
    }[change]
    lab.replace(other)

    again = poll(lab, tmp_path, target, known={target: known(full)})["127.43.0.4"]

    assert (again.outcome, again.confirmed) == (Outcome.COMPLETE, "")


def test_a_reading_that_is_gone_is_taken_again(serve, tmp_path):
    device = generic_switch(Box("127.43.0.5", "sw5"), Access()).device
    lab, target = serve(device), Target("127.43.0.5", protocols=("snmp",))
    full = poll(lab, tmp_path, target)["127.43.0.5"]
    assert full.stamp is not None

    again = poll(lab, tmp_path, target, known={target: Known(full.stamp, lambda: None)})["127.43.0.5"]

    assert (again.outcome, again.confirmed) == (Outcome.COMPLETE, "")
