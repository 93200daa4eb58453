"""Look who answers: a sweep of addresses, and as much of who they are as can be had without guessing a login.

First every address is probed over SNMP and SSH at once. Then each box is asked for its system group with the one
credential there is, at one of its addresses; SSH servers show their host key. No login is tried over SSH.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from collectors.discover.boxes import Found, boxes
from collectors.discover.ranges import Ranges
from collectors.errors import CollectError
from collectors.model import State
from collectors.oids import Oid, Value, Walk, oid
from collectors.platforms import Platform, by_system
from collectors.readers import facts
from collectors.readers.rows import trimmed
from collectors.readers.system import SYS_DESCR, SYS_NAME, SYS_OBJECT_ID
from collectors.scope import Scope
from collectors.serials import canonical
from collectors.transports import snmp
from collectors.transports.greeting import Greeting, Knocks, greet_all
from collectors.transports.hostkeys import scan_host_key
from collectors.transports.pace import Pace
from collectors.transports.snmp.seam import EXCEPTIONS
from collectors.transports.snmp.sweep import Answer, Discovery, Knock, Probe, Tally, sweep

_SERIALS: Final = (oid("1.3.6.1.2.1.47.1.1.1.1.11.1"), oid("1.3.6.1.2.1.47.1.1.1.1.11.149"))
"""entPhysicalSerialNum (ENTITY-MIB) where most agents, and NX-OS, number their chassis."""
_IDENTITY: Final = (SYS_DESCR, SYS_OBJECT_ID, SYS_NAME)
_TRIES: Final = 2
_ASK_SECONDS: Final = 2.0
_AT_ONCE: Final = 50
_KEYS_AT_ONCE: Final = 8
_KEY_SECONDS: Final = 10.0
_LONGEST_DESCR: Final = 80
_NO_KEY: Final = "no host key"


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look. Times are in seconds."""

    scope: Scope
    platforms: Mapping[str, Platform]
    protocols: tuple[str, ...] = ("snmp", "ssh")
    credential: snmp.Credential | None = None
    """For SNMP; None finds devices and leaves them unidentified."""
    credential_name: str = ""
    """Not empty where there is one."""
    snmp_port: int = 161
    ssh_port: int = 22
    rate: float = 2000.0
    """Probes a second, for each protocol."""
    timeout: float = 1.0
    identify: bool = True
    """False where the caller reads the devices itself."""


@dataclass(slots=True)
class Finds:
    """What was found so far: it grows while the search runs, so that one that is stopped has something to show."""

    by_address: dict[str, Found] = field(default_factory=dict)
    snmp: Tally = field(default_factory=Tally)
    ssh: Knocks = field(default_factory=Knocks)

    def boxes(self) -> list[Found]:
        """One entry a box."""
        return boxes(self.by_address.values())

    def take(self, found: Found) -> None:
        """Keep what an address told, beside what it told before."""
        before = self.by_address.get(found.address)
        if before is not None:
            first, second = (found, before) if "snmp" in found.protocols else (before, found)
            remarks = (*first.remarks, *second.remarks)
            found = replace(first, protocols=("snmp", "ssh"), found_by="snmp+ssh", remarks=remarks)
        self.by_address[found.address] = found


async def look(places: Ranges, how: Looking, finds: Finds) -> None:
    """Find who answers in *places* and put it into *finds*. Nothing outside the scope is sent anything."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as both:
        if "snmp" in how.protocols:
            probes = _probes(how.credential)
            both.create_task(
                sweep(
                    places, how.snmp_port, probes, pace=Pace(how.rate, loop.time), allows=how.scope.allows,
                    heard=partial(_heard, finds, how), tally=finds.snmp, timeout=how.timeout,
                )
            )  # fmt: skip
        if "ssh" in how.protocols:
            both.create_task(
                greet_all(
                    places, how.ssh_port, pace=Pace(how.rate, loop.time), rate=how.rate, allows=how.scope.allows,
                    heard=partial(_greeted, finds), knocks=finds.ssh, timeout=how.timeout,
                )
            )  # fmt: skip
    if how.identify:
        await _identify(finds, how)
    await _host_keys(finds, how)


def _probes(credential: snmp.Credential | None) -> Sequence[Probe]:
    """Discovery, which holds no secret, twice; with a community it is the silent ones that hear it, once each.

    By then the last router has learnt their addresses, which it often drops the first datagram for.
    """
    discovery = Discovery()
    if isinstance(credential, snmp.Community):
        return (discovery, Knock(credential, (*_IDENTITY, *_SERIALS)))
    return (discovery,) * _TRIES


def _heard(finds: Finds, how: Looking, answer: Answer) -> None:
    found = Found(
        answer.address,
        ("snmp",),
        "snmp",
        engine_id=answer.engine_id.hex(),
        boots=answer.boots,
        started=answer.heard - answer.time if answer.time else 0.0,
    )
    if not answer.engine_id:
        told = {name: value for name, _, value in answer.varbinds}
        found = _identified(found, told, how)
    finds.take(found)


def _greeted(finds: Finds, greeting: Greeting) -> None:
    finds.take(Found(greeting.address, ("ssh",), "ssh", remarks=(greeting.banner,)))


async def _identify(finds: Finds, how: Looking) -> None:
    """Ask each box that SNMP found and that has not told yet, at one of its addresses."""
    strangers = [box for box in finds.boxes() if "snmp" in box.protocols and not box.credential]
    if how.credential is None:
        for box in strangers:
            _note(finds, box, "not identified: there is no SNMP credential")
        return
    gate = asyncio.Semaphore(_AT_ONCE)
    # A community is sent once: silence is how a wrong one is answered.
    retries = 0 if isinstance(how.credential, snmp.Community) else 1
    opened = snmp.open_engine(timeout=_ASK_SECONDS, retries=retries, rate=how.rate)
    async with opened as engine, asyncio.TaskGroup() as asking:
        for box in strangers:
            asking.create_task(_ask(engine, gate, box, how, finds))


async def _ask(engine: snmp.Engine, gate: asyncio.Semaphore, box: Found, how: Looking, finds: Finds) -> None:
    assert how.credential is not None  # _identify saw to it
    address = next(one for one in box.addresses if "snmp" in finds.by_address[one].protocols)
    peer = snmp.Peer(address, how.snmp_port, how.credential)
    async with gate:
        try:
            response = await engine.ask(peer, snmp.Request(snmp.Kind.GET, (*_IDENTITY, *_SERIALS)))
            if response.error_status:
                response = await engine.ask(peer, snmp.Request(snmp.Kind.GET, _IDENTITY))
        except CollectError as error:
            _note(finds, box, f"not identified over SNMP with the credential {how.credential_name}: {error}")
            return
    told = {name: value for name, tag, value in response.varbinds if tag not in EXCEPTIONS}
    finds.by_address[address] = _identified(finds.by_address[address], told, how)


def _identified(found: Found, told: Mapping[Oid, Value], how: Looking) -> Found:
    """What the system group says: platform, host name, and a chassis serial where it is at hand."""
    system = facts(Walk(State.COMPLETE, scalars=told))
    platform = by_system(how.platforms, system.object_id, system.descr)
    serials = frozenset(filter(None, (canonical(trimmed(told.get(one))) for one in _SERIALS)))
    descr = " ".join(system.descr.split())[:_LONGEST_DESCR]
    remark = "" if platform else f"no platform fits {descr!r}" if descr else "not identified: no sysDescr"
    return replace(
        found,
        hostname=system.name,
        platform=platform.name if platform else "",
        credential=how.credential_name,
        serials=serials,
        remarks=(*found.remarks, *([remark] if remark else [])),
    )


def _note(finds: Finds, box: Found, remark: str) -> None:
    kept = finds.by_address[box.address]
    finds.by_address[box.address] = replace(kept, remarks=(*kept.remarks, remark))


async def _host_keys(finds: Finds, how: Looking) -> None:
    """The host key of every SSH server: what a person compares before `netcover trust`."""
    loop = asyncio.get_running_loop()
    servers = [found.address for found in finds.by_address.values() if "ssh" in found.protocols]
    scan: Callable[[str], tuple[str, str]] = partial(_host_key, port=how.ssh_port)
    pool = ThreadPoolExecutor(_KEYS_AT_ONCE, thread_name_prefix="host-key")
    try:
        waiting = [loop.run_in_executor(pool, scan, address) for address in servers if how.scope.allows(address)]
        for shown in asyncio.as_completed(waiting):
            address, key = await shown
            kept = finds.by_address[address]
            shown_key = "" if key.startswith(_NO_KEY) else key
            finds.by_address[address] = replace(kept, host_key=shown_key, remarks=(*kept.remarks, key))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _host_key(address: str, port: int) -> tuple[str, str]:
    """(address, key with its fingerprint, or why it shows none)."""
    try:
        key = scan_host_key(address, port, timeout=_KEY_SECONDS)
    except CollectError as error:
        return address, f"{_NO_KEY}: {error}"
    except Exception as error:
        # what a hostile server makes of the SSH library costs that server its row's remark, nobody else anything
        return address, f"{_NO_KEY}: the key exchange failed ({type(error).__name__})"
    return address, f"{key.type} {key.fingerprint}"
