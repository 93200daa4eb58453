"""The MIB objects that every profile has: system group, interfaces, and things a walk must pass by."""

from __future__ import annotations

from typing import Final

from tests.lab import ber
from tests.lab.ber import Oid

CISCO: Final[Oid] = (1, 3, 6, 1, 4, 1, 9)
_SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)
_IF_ENTRY: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)


def system(descr: str, object_id: str, name: str, location: str = "") -> dict[Oid, bytes]:
    """SNMPv2-MIB's system group; sysUpTime is put in live by the agent."""
    return {
        (*_SYSTEM, 1, 0): ber.octets(descr),
        (*_SYSTEM, 2, 0): ber.object_id(tuple(map(int, object_id.split(".")))),
        (*_SYSTEM, 3, 0): ber.integer(0, ber.TIME_TICKS),
        (*_SYSTEM, 4, 0): ber.octets("noc@example.org"),
        (*_SYSTEM, 5, 0): ber.octets(name),
        (*_SYSTEM, 6, 0): ber.octets(location),
        (*_SYSTEM, 7, 0): ber.integer(6),
    }


def interfaces(count: int, stem: str = "GigabitEthernet0/") -> dict[Oid, bytes]:
    """Some of ifTable: what a walk of the inventory must never enter."""
    mib: dict[Oid, bytes] = {(1, 3, 6, 1, 2, 1, 2, 1, 0): ber.integer(count)}
    for number in range(1, count + 1):
        mib[(*_IF_ENTRY, 1, number)] = ber.integer(number)
        mib[(*_IF_ENTRY, 2, number)] = ber.octets(f"{stem}{number}")
        mib[(*_IF_ENTRY, 8, number)] = ber.integer(1 + number % 2)
        mib[(*_IF_ENTRY, 10, number)] = ber.integer(3_000_000_000 + number, ber.COUNTER32)
    return mib


def neighbours_of_the_tables(sensors: int = 4) -> dict[Oid, bytes]:
    """Objects right behind entPhysicalTable and around the licence tables, so that walks must stop by themselves."""
    mib: dict[Oid, bytes] = {}
    for number in range(1, sensors + 1):
        mib[(1, 3, 6, 1, 2, 1, 47, 1, 3, 3, 1, 1, 1, number)] = ber.integer(number)
        mib[(1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4, number)] = ber.integer(30 + number)
        mib[(*CISCO, 9, 13, 1, 3, 1, 3, number)] = ber.integer(28 + number, ber.GAUGE32)
        mib[(*CISCO, 9, 999, 1, 1, 1, 2, number)] = ber.octets(f"unrelated {number}")
    return mib
