"""One protocol's answers for one device, put together into a Reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from collectors import kinds
from collectors.licence_words import dated
from collectors.model import (
    IDENTITY,
    INVENTORY,
    LICENCES,
    NEIGHBOURS,
    SOFTWARE,
    Kind,
    Licence,
    Part,
    Reading,
    Section,
    Software,
    State,
    Unit,
)
from collectors.normalise import Known, units
from collectors.oids import Walk
from collectors.platforms import Platform, first_group
from collectors.readers import READERS, Rows, System
from collectors.serials import canonical

if TYPE_CHECKING:
    from collectors.cli import CliRows

_GENERIC: Final = "generic_entity"
_SNMP: Final = "snmp"
_UNKNOWN: Final = "unknown"
_BOXES: Final = (Kind.CHASSIS, Kind.VIRTUAL)
_LONGEST: Final = 80
_DEEPEST: Final = 32
"""Rows between a part and its chassis; a table that goes in a circle must not hold up the reading."""


def read_snmp(platform: Platform, system: System, walks: Mapping[str, Walk], at: date | None = None) -> Reading:
    """Everything SNMP said of a device. *walks* are by reader name, as the platform's `[snmp]` lists them."""
    found = {name: READERS[name].read(walk) for name, walk in walks.items()}
    tables = _of(found, platform.snmp.inventory)
    parts = tuple(part for rows in tables.values() for part in rows.parts)
    known = Known(
        model=first_group(platform.identify.model, system.descr),
        release=_release(platform, system, found),
        description=_first_line(system.descr),
        expected=platform.name != _GENERIC,
    )
    vendor = _vendor(platform, system, parts)
    listed, dropped = units(parts, vendor=vendor, via=_SNMP, known=known)
    if platform.identify.release_wins and (told := first_group(platform.identify.release, system.descr)):
        listed = tuple(replace(unit, software_version=told) if unit.kind in _BOXES else unit for unit in listed)
    inventory = _proved(_inventory(platform, tables), listed)
    software = _software(listed, known.release, via=_SNMP)
    licences = _of(found, platform.snmp.licences)
    neighbours = _of(found, platform.snmp.neighbours)
    return Reading(
        via=_SNMP,
        hostname=system.name,
        sections=(
            _identity(system),
            inventory,
            _software_section(software, _SNMP, expected=platform.snmp.no_release),
            _licence_section(licences),
            *_neighbour_section(neighbours),
        ),
        units=listed,
        licences=tuple(
            dated(replace(licence, collected_via=_SNMP), at) for licence in _counted(licences.values(), parts)
        ),
        software=software,
        neighbours=tuple(
            replace(neighbour, collected_via=_SNMP) for rows in neighbours.values() for neighbour in rows.neighbours
        ),
        dropped=dropped,
        engine_id=system.engine_id,
    )


def read_ssh(platform: Platform, rows: CliRows) -> Reading:
    """Everything the command line said of a device; its sections are as `collectors.cli` proved them."""
    via = next((section.via for section in rows.sections if section.via), "ssh")
    device = next((said.version for said in rows.software if not said.serial), "")
    release = device or next((said.version for said in rows.software), "")
    known = Known(model=rows.model, release=release)
    listed, dropped = units(rows.parts, vendor=platform.vendor, via=via, known=known)
    members = {said.serial: said.version for said in rows.software if said.serial}
    listed = tuple(_running(unit, members) for unit in listed)
    return Reading(
        via=via,
        hostname=rows.hostname,
        sections=tuple(_proved(one, listed) if one.name == INVENTORY else one for one in rows.sections),
        units=listed,
        licences=tuple(replace(licence, collected_via=via) for licence in rows.licences),
        software=_booting(_software(listed, release, via=via), rows.software) or tuple(rows.software),
        neighbours=tuple(replace(neighbour, collected_via=via) for neighbour in rows.neighbours),
        dropped=dropped,
    )


def _identity(system: System) -> Section:
    if system.descr or system.object_id:
        return Section(IDENTITY, State.COMPLETE, _SNMP)
    return Section(IDENTITY, State.PARTIAL, _SNMP, "the agent tells neither sysDescr nor sysObjectID")


def _of(found: Mapping[str, Rows], names: Sequence[str]) -> dict[str, Rows]:
    return {name: found[name] for name in names if name in found}


def _release(platform: Platform, system: System, found: Mapping[str, Rows]) -> str:
    """What sysDescr says, since it is the running image; then the tables, in the platform's order."""
    if told := first_group(platform.identify.release, system.descr):
        return told
    order = (*platform.snmp.software, *platform.snmp.inventory)
    return next((said.version for rows in _of(found, order).values() for said in rows.software), "")


def _vendor(platform: Platform, system: System, parts: Iterable[Part]) -> str:
    if platform.vendor != _UNKNOWN:
        return platform.vendor
    return kinds.vendor(system.object_id, tuple(part.manufacturer for part in parts), kinds.shipped())


def _inventory(platform: Platform, tables: Mapping[str, Rows]) -> Section:
    """The state of the first table that the agent has; one that knows the chassis only is never complete.

    A table of units that stand beside the device (its access points) is asked too, and must be whole where it is.
    """
    if not tables:
        return Section(INVENTORY, State.NOT_ATTEMPTED, _SNMP)
    beside = {name: rows for name, rows in tables.items() if READERS[name].beside}
    for rows in beside.values():
        if rows.state not in (State.COMPLETE, State.UNSUPPORTED):
            return Section(INVENTORY, State.PARTIAL, _SNMP, rows.reason)
    for name, rows in tables.items():
        if rows.state is State.UNSUPPORTED or name in beside:
            continue
        if rows.state is State.COMPLETE and not READERS[name].whole:
            reason = f"only {name} answers: it knows the chassis, not all parts"
            return Section(INVENTORY, State.PARTIAL, _SNMP, reason)
        return Section(INVENTORY, rows.state, _SNMP, rows.reason)
    if platform.snmp.chassis_only:
        reason = "only the chassis is known of this platform, and no serial"
        return Section(INVENTORY, State.PARTIAL, _SNMP, reason, expected=True)
    asked = ", ".join(platform.snmp.inventory)
    return Section(INVENTORY, State.UNSUPPORTED, _SNMP, f"the agent has no inventory table ({asked})")


def _proved(section: Section, listed: Sequence[Unit]) -> Section:
    """An inventory without any row for what holds the parts cannot be whole."""
    made_up = any(unit.kind is Kind.CHASSIS and not unit.serial and not unit.slot for unit in listed)
    if section.state is not State.COMPLETE or not made_up:
        return section
    return replace(section, state=State.PARTIAL, reason="no row for the chassis itself")


def _software(listed: Sequence[Unit], release: str, *, via: str) -> tuple[Software, ...]:
    """One release for the device; one for each member only where they differ."""
    holders = [unit for unit in listed if unit.kind in (Kind.CHASSIS, Kind.VIRTUAL) and not unit.parent_serial]
    holders = holders or [unit for unit in listed if unit.kind is Kind.ACCESS_POINT]  # a controller inside one
    members = [unit for unit in holders if unit.software_version]
    versions = {unit.software_version for unit in members}
    if len(versions) > 1:
        return tuple(Software(unit.software_version, unit.serial, via) for unit in members)
    version = next(iter(versions), release)
    return (Software(version, collected_via=via),) if version else ()


def _booting(software: Sequence[Software], told: Sequence[Software]) -> tuple[Software, ...]:
    """*software* with what boots next, and a row for each member that boots something else than the device."""
    later = {said.serial: said.boots_next for said in told if said.boots_next}
    found = tuple(replace(said, boots_next=later.get(said.serial) or later.get("", "")) for said in software)
    known = {said.serial for said in found} if found else set(later)
    apart = (said for said in told if said.serial not in known and said.boots_next not in ("", later.get("", "")))
    return (*found, *apart)


def _software_section(software: Sequence[Software], via: str, *, expected: bool) -> Section:
    if software:
        return Section(SOFTWARE, State.COMPLETE, via)
    return Section(SOFTWARE, State.PARTIAL, via, "neither sysDescr nor a table names the release", expected=expected)


def _licence_section(tables: Mapping[str, Rows]) -> Section:
    """Complete when a table was read in full and none failed; a table that the agent lacks says nothing."""
    if not tables:
        return Section(LICENCES, State.UNSUPPORTED, _SNMP, "this platform has no licence table over SNMP")
    has = [rows for rows in tables.values() if rows.state is not State.UNSUPPORTED]
    worst = next((rows for rows in has if rows.state is not State.COMPLETE), None)
    if worst:
        return Section(LICENCES, worst.state, _SNMP, worst.reason)
    if has:
        return Section(LICENCES, State.COMPLETE, _SNMP)
    return Section(LICENCES, State.UNSUPPORTED, _SNMP, "the agent has no licence table")


def _counted(tables: Iterable[Rows], parts: Sequence[Part]) -> Iterator[Licence]:
    """Each licence, with the serial of the chassis that its table's entPhysicalIndex is or lies in."""
    known = {part.index: part for part in parts}
    for rows in tables:
        for licence, holder in zip_longest(rows.licences, rows.holders, fillvalue=""):
            assert isinstance(licence, Licence)  # there are no more holders than licences
            yield replace(licence, serial=licence.serial or _chassis(known, str(holder)))


def _chassis(known: Mapping[str, Part], index: str) -> str:
    """The serial of the first chassis from that row upwards, "" where none has one."""
    for _ in range(_DEEPEST):
        part = known.get(index)
        if part is None:
            return ""
        if part.cls == "chassis" and (serial := canonical(part.serial)):
            return serial
        index = part.parent
    return ""


def _neighbour_section(tables: Mapping[str, Rows]) -> tuple[Section, ...]:
    """No section where nothing was asked; complete when each table was read in full or is not there.

    A device without neighbours has empty tables, which an agent does not tell from missing ones.
    """
    if not tables:
        return ()
    has = [rows for rows in tables.values() if rows.state is not State.UNSUPPORTED]
    worst = next((rows for rows in has if rows.state is not State.COMPLETE), None)
    if worst:
        return (Section(NEIGHBOURS, worst.state, _SNMP, worst.reason),)
    if has:
        return (Section(NEIGHBOURS, State.COMPLETE, _SNMP),)
    return (Section(NEIGHBOURS, State.UNSUPPORTED, _SNMP, "the agent shows no neighbour"),)


def _running(unit: Unit, members: Mapping[str, str]) -> Unit:
    version = members.get(unit.serial, "")
    return replace(unit, software_version=version) if version and unit.kind is Kind.CHASSIS else unit


def _first_line(descr: str) -> str:
    return kinds.said(descr.splitlines()[0])[:_LONGEST].rstrip() if descr else ""
