"""One protocol's answers for one device, put together into a Reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from collectors import kinds
from collectors.model import (
    IDENTITY,
    INVENTORY,
    LICENCES,
    SOFTWARE,
    Kind,
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

if TYPE_CHECKING:
    from collectors.cli import CliRows

_GENERIC: Final = "generic_entity"
_SNMP: Final = "snmp"
_UNKNOWN: Final = "unknown"
_LONGEST: Final = 80


def read_snmp(platform: Platform, system: System, walks: Mapping[str, Walk]) -> Reading:
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
    inventory = _proved(_inventory(platform, tables), listed)
    software = _software(listed, known.release, via=_SNMP)
    licences = _of(found, platform.snmp.licences)
    return Reading(
        via=_SNMP,
        hostname=system.name,
        sections=(
            _identity(system),
            inventory,
            _software_section(software, _SNMP),
            _licence_section(licences),
        ),
        units=listed,
        licences=tuple(
            replace(licence, collected_via=_SNMP) for rows in licences.values() for licence in rows.licences
        ),
        software=software,
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
        software=_software(listed, release, via=via) or tuple(rows.software),
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
    """The state of the first table that the agent has; one that knows the chassis only is never complete."""
    if not tables:
        return Section(INVENTORY, State.NOT_ATTEMPTED, _SNMP)
    for name, rows in tables.items():
        if rows.state is State.UNSUPPORTED:
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
    members = [unit for unit in listed if unit.kind in (Kind.CHASSIS, Kind.ACCESS_POINT) and unit.software_version]
    versions = {unit.software_version for unit in members}
    if len(versions) > 1:
        return tuple(Software(unit.software_version, unit.serial, via) for unit in members)
    version = next(iter(versions), release)
    return (Software(version, collected_via=via),) if version else ()


def _software_section(software: Sequence[Software], via: str) -> Section:
    if software:
        return Section(SOFTWARE, State.COMPLETE, via)
    return Section(SOFTWARE, State.PARTIAL, via, "neither sysDescr nor a table names the release")


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


def _running(unit: Unit, members: Mapping[str, str]) -> Unit:
    version = members.get(unit.serial, "")
    return replace(unit, software_version=version) if version and unit.kind is Kind.CHASSIS else unit


def _first_line(descr: str) -> str:
    return kinds.said(descr.splitlines()[0])[:_LONGEST].rstrip() if descr else ""
