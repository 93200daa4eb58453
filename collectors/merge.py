"""What two protocols said of one device, as one: SNMP wins attributes, SSH fills gaps, no unit is doubled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from collectors import licence_words, neighbours, releases
from collectors.licence_words import AGENT
from collectors.model import (
    INVENTORY,
    NEIGHBOURS,
    SECTIONS,
    Capture,
    Kind,
    Licence,
    LicenceState,
    Neighbour,
    Reading,
    Section,
    Software,
    State,
    Unit,
)

_BEST_FIRST: Final = (
    State.COMPLETE,
    State.PARTIAL,
    State.DENIED,
    State.FAILED,
    State.UNSUPPORTED,
    State.NOT_ATTEMPTED,
)
_HOLDERS: Final = (Kind.CHASSIS, Kind.ACCESS_POINT, Kind.VIRTUAL)
_BOXES: Final = (Kind.CHASSIS, Kind.VIRTUAL)
"""The holders that are no access point: those of a controller hold nothing of it."""
_NAMED: Final = 3
"""How many serials a reason names."""


@dataclass(frozen=True, slots=True)
class Merged:
    """One device as all its readings show it."""

    hostname: str = ""
    sections: tuple[Section, ...] = ()
    """Exactly one of each name in `SECTIONS`; of neighbours only where a reading was asked for them."""
    units: tuple[Unit, ...] = ()
    licences: tuple[Licence, ...] = ()
    software: tuple[Software, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    captures: tuple[Capture, ...] = ()
    dropped: int = 0
    engine_id: str = ""


def merge(readings: Sequence[Reading]) -> Merged:
    """Merge the readings of one device, of which the one over SNMP is trusted first."""
    ordered = sorted(readings, key=lambda reading: reading.via != "snmp")
    units: tuple[Unit, ...] = ()
    licences: tuple[Licence, ...] = ()
    software: tuple[Software, ...] = ()
    for reading in ordered:
        units = _units(units, reading.units)
        licences = _licences(licences, reading.licences)
        software = _software(software, reading.software)
    return Merged(
        hostname=next((reading.hostname for reading in ordered if reading.hostname), ""),
        sections=tuple(_section(name, ordered) for name in SECTIONS if name != NEIGHBOURS or _asked(ordered)),
        units=units,
        licences=licences,
        software=software,
        neighbours=neighbours.merged(one for reading in ordered for one in reading.neighbours),
        captures=tuple(capture for reading in ordered for capture in reading.captures),
        dropped=max((reading.dropped for reading in ordered), default=0),
        engine_id=next((reading.engine_id for reading in ordered if reading.engine_id), ""),
    )


def _asked(readings: Sequence[Reading]) -> bool:
    return any(section.name == NEIGHBOURS for reading in readings for section in reading.sections)


def _units(first: Sequence[Unit], second: Sequence[Unit]) -> tuple[Unit, ...]:
    """Both lists as one, in the order of the first. A unit that only one protocol saw is kept."""
    theirs = {unit.serial: unit for unit in second if unit.serial}
    matched = {unit.serial for unit in first if unit.serial in theirs}
    rest = [unit for unit in second if unit.serial not in matched]
    joined: list[Unit] = []
    for unit in first:
        other = theirs.get(unit.serial) or _same_chassis(unit, rest)
        if other in rest:
            rest.remove(other)
        joined.append(_filled(unit, other) if other else unit)
    return _housed(_without_made_up([*joined, *rest]))


def _same_chassis(unit: Unit, rest: Sequence[Unit]) -> Unit | None:
    """The chassis of *rest* that is this one, one serial missing: that in its slot, else the next."""
    if unit.kind not in _HOLDERS:
        return None
    able = [other for other in rest if other.kind in _HOLDERS and not (unit.serial and other.serial)]
    return next((other for other in able if other.slot == unit.slot), next(iter(able), None))


def _without_made_up(units: Sequence[Unit]) -> list[Unit]:
    """Without a chassis that no row showed (neither serial nor slot), where a real one stands beside it."""
    real = any(unit.kind in _BOXES and (unit.serial or unit.slot) for unit in units)
    return [unit for unit in units if unit.serial or unit.slot or not real]


def _housed(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Chassis first. A part whose holder had no serial in one protocol gets the only chassis there is."""
    free = [unit for unit in units if unit.kind in _HOLDERS and not unit.parent_serial and unit.serial]
    heads = {unit.serial for unit in free if unit.kind in _BOXES} or {unit.serial for unit in free}
    only = next(iter(heads)) if len(heads) == 1 else ""
    listed = {unit.serial for unit in units}
    housed = (
        unit
        if unit.kind in _HOLDERS or (unit.parent_serial and unit.parent_serial in listed)
        else replace(unit, parent_serial=only)
        for unit in units
    )
    return tuple(sorted(housed, key=lambda unit: unit.kind is not Kind.CHASSIS))


def _filled(unit: Unit, other: Unit) -> Unit:
    """*unit* with its empty cells from *other*; the serial as written goes with the serial."""
    cells = {field.name: getattr(unit, field.name) or getattr(other, field.name) for field in fields(Unit)}
    if not unit.serial:
        cells["serial_raw"] = other.serial_raw
    if unit.vendor == "unknown":
        cells["vendor"] = other.vendor
    if unit.kind is Kind.OTHER:
        cells["kind"] = other.kind
    return Unit(**{**cells, "collected_via": _both(unit.collected_via, other.collected_via)})


def _both(one: str, other: str) -> str:
    return "+".join(dict.fromkeys(via for via in (*one.split("+"), *other.split("+")) if via))


def _licences(first: Sequence[Licence], second: Sequence[Licence]) -> tuple[Licence, ...]:
    rest = list(second)
    joined: list[Licence] = []
    for licence in first:
        other = next((other for other in rest if _same_licence(licence, other)), None)
        if other is not None:
            rest.remove(other)
            licence = _filled_licence(licence, other)
        joined.append(licence)
    return (*joined, *rest)


def _same_licence(one: Licence, other: Licence) -> bool:
    if one.serial and other.serial and one.serial != other.serial:
        return False
    if AGENT in (one.feature, other.feature) and one.entitlement != other.entitlement:
        return False
    return one.feature.casefold() == other.feature.casefold()


def _filled_licence(licence: Licence, other: Licence) -> Licence:
    cells = {field.name: getattr(licence, field.name) or getattr(other, field.name) for field in fields(Licence)}
    if licence.state is LicenceState.UNKNOWN:
        cells["state"] = other.state
    if licence.feature == AGENT:  # no licence but facts: each protocol tells some
        cells["detail"] = licence_words.joined(licence.detail, other.detail)
        cells["state"] = other.state if cells["state"] is LicenceState.DORMANT else cells["state"]
    return Licence(**{**cells, "collected_via": _both(licence.collected_via, other.collected_via)})


def _software(first: Sequence[Software], second: Sequence[Software]) -> tuple[Software, ...]:
    """One release for a device and one for each member that has its own, as the first protocol writes it."""
    if not first:
        return tuple(second)
    theirs = {said.serial: said for said in second}
    joined = [
        replace(said, collected_via=_both(said.collected_via, other.collected_via))
        if (other := theirs.get(said.serial)) and releases.same(said.version, other.version)
        else said
        for said in first
    ]
    later = {said.serial: said.boots_next for said in second if said.boots_next}
    joined = [
        replace(said, boots_next=said.boots_next or later.get(said.serial) or later.get("", "")) for said in joined
    ]
    known = {said.serial for said in first}
    return (*joined, *(said for said in second if said.serial and said.serial not in known))


def _section(name: str, readings: Sequence[Reading]) -> Section:
    """The best of the readings' sections; an inventory that another one contradicts is not complete."""
    found = [section for reading in readings for section in reading.sections if section.name == name]
    if not found:
        return Section(name, State.NOT_ATTEMPTED)
    best = min(found, key=lambda section: _BEST_FIRST.index(section.state))
    agreed = [section for section in found if section.state is best.state]
    section = replace(best, via=_both("", "+".join(one.via for one in agreed)))
    if section.state is State.COMPLETE:
        doubt = "; ".join(_contradictions(readings)) if name == INVENTORY else ""
        return replace(section, state=State.PARTIAL, reason=doubt, expected=False) if doubt else section
    reasons = dict.fromkeys(f"{one.via}: {one.reason}" for one in found if one.reason)
    return replace(section, reason="; ".join(reasons) if len(reasons) > 1 else best.reason)


def _contradictions(readings: Sequence[Reading]) -> tuple[str, ...]:
    """What each reading that calls itself complete lacks of the chassis, modules and access points that another saw.

    One that lacks nothing proves the inventory by itself: a fabric extender that only the command line lists
    shows that the SNMP table is not the whole truth, not that the command line is not.
    """
    told = []
    for reading in readings:
        if not any(s.name == INVENTORY and s.state is State.COMPLETE for s in reading.sections):
            continue
        own = {unit.serial for unit in reading.units}
        lacks = [
            (other.via, missing)
            for other in readings
            if (missing := [unit.serial for unit in _coverable(other.units) if unit.serial not in own])
        ]
        if not lacks:
            return ()
        told += [f"{reading.via} does not show {_listed(missing)}, which {via} shows" for via, missing in lacks]
    return tuple(told)


def _listed(serials: Sequence[str]) -> str:
    more = f" and {len(serials) - _NAMED} more" if len(serials) > _NAMED else ""
    return ", ".join(serials[:_NAMED]) + more


def _coverable(units: Iterable[Unit]) -> Iterator[Unit]:
    return (unit for unit in units if unit.serial and unit.kind in (Kind.CHASSIS, Kind.MODULE, Kind.ACCESS_POINT))
