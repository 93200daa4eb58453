"""Smartoptics T-Series and PacketLight: SL-ENTITY-MIB, SL-SFP-MIB and the software banks of SL-MAIN-MIB.

All hang under enterprise 4515. Row 0 of slEntPhysicalTable is the unit itself; the others, like the optics,
are indexed by ifIndex.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors.model import INVENTORY, Part, Software
from collectors.oids import Oid, Walk, dotted, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, text, trimmed

_ENTRY: Final = oid("1.3.6.1.4.1.4515.1.3.6.1.1.1")
_DESCR: Final = (*_ENTRY, 2)
_HARDWARE: Final = (*_ENTRY, 4)
_FIRMWARE: Final = (*_ENTRY, 5)
_SOFTWARE: Final = (*_ENTRY, 6)
_SERIAL: Final = (*_ENTRY, 7)
_PART_NUMBER: Final = (*_ENTRY, 22)
_ENTITY: Final = (_DESCR, _HARDWARE, _FIRMWARE, _SOFTWARE, _SERIAL, _PART_NUMBER)

_SFP: Final = oid("1.3.6.1.4.1.4515.1.10.1.1.1")
_SFP_MAKER: Final = (*_SFP, 22)
_SFP_PRODUCT: Final = (*_SFP, 25)
_SFP_SERIAL: Final = (*_SFP, 31)
_OPTICS: Final = (_SFP_MAKER, _SFP_PRODUCT, _SFP_SERIAL)

_ACTIVE_BANK: Final = oid("1.3.6.1.4.1.4515.1.3.1.11.0")
_BANK_NAME: Final = oid("1.3.6.1.4.1.4515.1.3.1.12.1.3")
_UNIT: Final[Oid] = (0,)


def read(walk: Walk) -> Rows:
    """The unit, its cards and its optics. The release is the active bank's, else the unit's own revision."""
    parts = (*_entities(walk), *_optics(walk))
    release = _release(walk)
    gaps = () if cell(walk, _SERIAL, _UNIT) is not None else ("no serial of the unit (slEntPhysicalSerialNum.0)",)
    state, reason = judged(walk, found=bool(parts), gaps=gaps)
    return Rows(state, reason, parts=parts, software=(Software(release),) if release else ())


def _entities(walk: Walk) -> Iterator[Part]:
    for index in indexes(walk, _ENTITY):
        unit = index == _UNIT
        descr = text(cell(walk, _DESCR, index))
        yield Part(
            index=f"sl-{dotted(index)}",
            parent="0" if unit else "sl-0",
            cls="chassis" if unit else "",
            name="Chassis" if unit else descr,
            descr=descr,
            product_id=text(cell(walk, _PART_NUMBER, index)) or (descr if unit else ""),
            serial=text(cell(walk, _SERIAL, index)),
            hardware=text(cell(walk, _HARDWARE, index)),
            software=_release(walk) if unit else text(cell(walk, _SOFTWARE, index)),
        )


def _optics(walk: Walk) -> Iterator[Part]:
    """The plugged optics; an empty cage answers with empty cells and is no part."""
    for index in indexes(walk, _OPTICS):
        part = Part(
            index=f"sfp-{dotted(index)}",
            parent="sl-0",
            cls="port",
            name=f"port {dotted(index)}",
            product_id=text(cell(walk, _SFP_PRODUCT, index)),
            serial=text(cell(walk, _SFP_SERIAL, index)),
            manufacturer=text(cell(walk, _SFP_MAKER, index)),
        )
        if part.serial.strip("\0 ") or part.product_id.strip("\0 "):
            yield part


def _release(walk: Walk) -> str:
    bank = number(walk.scalars.get(_ACTIVE_BANK))
    active = trimmed(cell(walk, _BANK_NAME, (bank,))) if bank is not None else ""
    own = (trimmed(cell(walk, column, _UNIT)) for column in (_SOFTWARE, _FIRMWARE))
    return next((said for said in (active, *own) if said and said.upper() != "N/A"), "")


READER: Final = Reader(
    name="smartoptics_t",
    section=INVENTORY,
    read=read,
    scalars=(_ACTIVE_BANK,),
    columns=(*_ENTITY, *_OPTICS, _BANK_NAME),
    required=(_SERIAL,),
)
