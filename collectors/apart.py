"""Units that a device knows and does not hold: the access points of a controller, the other box of a failover pair.

They stand for themselves: nothing holds them, and they hold nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collectors import kinds, places
from collectors.kinds import said
from collectors.model import Kind, Part, Unit
from collectors.serials import canonical

ACCESS_POINTS = "ap:"
"""Begins the index of a row for an access point that a controller has joined."""
MATE = "mate:"
"""Begins the index of the other box's row; behind it stands the serial that this box has in the same numbering."""


def split(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The rows of the device itself, and those that stand apart."""
    given = tuple(parts)
    beside = tuple(part for part in given if part.index.startswith((ACCESS_POINTS, MATE)))
    return tuple(part for part in given if not part.index.startswith((ACCESS_POINTS, MATE))), beside


def joined(parts: Sequence[Part], own: Sequence[Unit], *, vendor: str, via: str) -> tuple[tuple[Unit, ...], int]:
    """The units among *parts* that the device's *own* do not show, each once, and how many have no usable serial.

    The other box is a unit only where the serial that this box has in the same numbering is its chassis's: many
    firewalls name their boards there, which no contract knows.
    """
    chassis = {unit.serial for unit in own if unit.kind is Kind.CHASSIS}
    taken = {unit.serial for unit in own}
    found: list[Unit] = []
    lost = 0
    for part in parts:
        kind = Kind.ACCESS_POINT if part.index.startswith(ACCESS_POINTS) else Kind.CHASSIS
        serial = canonical(said(part.serial))
        if kind is Kind.CHASSIS and canonical(part.index.removeprefix(MATE)) not in chassis:
            continue
        if not serial:
            lost += 1
        elif serial not in taken:
            taken.add(serial)
            found.append(_unit(part, serial, kind, vendor=vendor, via=via))
    return tuple(found), lost


def _unit(part: Part, serial: str, kind: Kind, *, vendor: str, via: str) -> Unit:
    seen = kinds.look(part)
    return Unit(
        vendor=vendor,
        serial=serial,
        product_id=seen.product_id,
        kind=kind,
        slot=places.slot(seen),
        software_version=said(part.software),
        hardware_version=said(part.hardware),
        manufacturer=said(part.manufacturer),
        description=seen.descr,
        serial_raw=part.serial,
        collected_via=via,
    )
