"""Cisco's own tables that know a chassis serial or a release where ENTITY-MIB does not.

Sources: OLD-CISCO-CHASSIS-MIB, CISCO-STACK-MIB, CISCO-IMAGE-MIB, CISCOSB-Physicaldescription-MIB. Rows of a
chassis carry the reader's name in their index (``old_chassis:1``): `collectors.normalise` uses them only to
fill what the inventory lacks.
"""

from __future__ import annotations

import re
from typing import Final

from collectors.model import INVENTORY, SOFTWARE, Part, Software, State
from collectors.oids import Walk, dotted, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, text, trimmed
from collectors.readers.system import SYS_NAME

_CHASSIS_ID: Final = oid("1.3.6.1.4.1.9.3.6.3.0")
_STACK_MODEL: Final = oid("1.3.6.1.4.1.9.5.1.2.16.0")
_STACK_SERIAL: Final = oid("1.3.6.1.4.1.9.5.1.2.19.0")
_MODULE: Final = oid("1.3.6.1.4.1.9.5.1.3.1.1")
_MODULE_MODEL: Final = (*_MODULE, 17)
_MODULE_HARDWARE: Final = (*_MODULE, 18)
_MODULE_SERIAL: Final = (*_MODULE, 26)
_IMAGE: Final = oid("1.3.6.1.4.1.9.9.25.1.1.1.2")
_SB_UNIT: Final = oid("1.3.6.1.4.1.9.6.1.101.53.14.1")
_SB_SOFTWARE: Final = (*_SB_UNIT, 2)
_SB_HARDWARE: Final = (*_SB_UNIT, 4)
_SB_SERIAL: Final = (*_SB_UNIT, 5)
_SB_MODEL: Final = (*_SB_UNIT, 7)
_SB_PRODUCT: Final = (*_SB_UNIT, 11)

_SERIAL: Final = re.compile(r"[A-Z]{3}\d{4}[0-9A-Z]{4}|\d{7,12}")


def _old_chassis(walk: Walk) -> Rows:
    """The chassisId, which anyone may write (`snmp-server chassis-id`): taken only in a serial's shape."""
    said = text(walk.scalars.get(_CHASSIS_ID))
    host = trimmed(walk.scalars.get(SYS_NAME)).partition(".")[0].upper()
    usable = _SERIAL.fullmatch(said.strip("\0 ").upper()) and said.strip("\0 ").upper() != host
    state, reason = judged(walk, found=bool(said))
    if said and not usable and state is State.COMPLETE:
        return Rows(State.PARTIAL, "chassisId does not hold a serial")
    return Rows(state, reason, parts=(Part("old_chassis:1", cls="chassis", serial=said),) if usable else ())


def _cisco_stack(walk: Walk) -> Rows:
    """The chassis and module serials of CatOS-born switches, as strings."""
    chassis = Part(
        index="cisco_stack:0",
        cls="chassis",
        product_id=text(walk.scalars.get(_STACK_MODEL)),
        serial=text(walk.scalars.get(_STACK_SERIAL)),
    )
    rows = indexes(walk, CISCO_STACK.columns)
    modules = tuple(
        Part(
            index=f"cisco_stack:{dotted(index)}",
            cls="module",
            name=f"module {dotted(index)}",
            product_id=text(cell(walk, _MODULE_MODEL, index)),
            serial=text(cell(walk, _MODULE_SERIAL, index)),
            hardware=text(cell(walk, _MODULE_HARDWARE, index)),
        )
        for index in rows
    )
    parts = ((chassis,) if chassis.serial or chassis.product_id else ()) + modules
    state, reason = judged(walk, found=bool(parts))
    return Rows(state, reason, parts=parts)


def _cisco_image(walk: Walk) -> Rows:
    """The release in CISCO-IMAGE-MIB's ``CW_VERSION$15.2(4)E10$``."""
    lines = [trimmed(value) for value in walk.columns.get(_IMAGE, {}).values()]
    releases = [found[1] for line in lines if (found := re.match(r"CW_VERSION\$([^$,]+?)\s*[$,]", line))]
    state, reason = judged(walk, found=bool(lines), gaps=() if releases else ("no CW_VERSION line",))
    return Rows(state, reason, software=tuple(Software(release) for release in releases[:1]))


def _small_business(walk: Walk) -> Rows:
    """rlPhdUnitGenParamTable: one row a stack unit, its serial, product id and release."""
    parts = tuple(
        Part(
            index=f"small_business:{dotted(index)}",
            cls="chassis",
            name=f"Unit {dotted(index)}",
            product_id=text(cell(walk, _SB_PRODUCT, index)) or text(cell(walk, _SB_MODEL, index)),
            serial=text(cell(walk, _SB_SERIAL, index)),
            hardware=text(cell(walk, _SB_HARDWARE, index)),
            software=text(cell(walk, _SB_SOFTWARE, index)),
        )
        for index in indexes(walk, SMALL_BUSINESS.columns)
    )
    gaps = () if walk.columns.get(_SB_SERIAL) else ("no serial column (rlPhdUnitGenParamTable)",)
    state, reason = judged(walk, found=bool(parts), gaps=gaps)
    releases = {trimmed(cell(walk, _SB_SOFTWARE, index)) for index in walk.columns.get(_SB_SOFTWARE, {})} - {""}
    software = tuple(Software(release) for release in releases) if len(releases) == 1 else ()
    return Rows(state, reason, parts=parts, software=software)


OLD_CHASSIS: Final = Reader(
    name="old_chassis", section=INVENTORY, read=_old_chassis, scalars=(_CHASSIS_ID, SYS_NAME), whole=False
)
CISCO_STACK: Final = Reader(
    name="cisco_stack",
    section=INVENTORY,
    read=_cisco_stack,
    scalars=(_STACK_MODEL, _STACK_SERIAL),
    columns=(_MODULE_MODEL, _MODULE_HARDWARE, _MODULE_SERIAL),
    whole=False,
)
CISCO_IMAGE: Final = Reader(name="cisco_image", section=SOFTWARE, read=_cisco_image, columns=(_IMAGE,))
SMALL_BUSINESS: Final = Reader(
    name="small_business",
    section=INVENTORY,
    read=_small_business,
    columns=(_SB_SOFTWARE, _SB_HARDWARE, _SB_SERIAL, _SB_MODEL, _SB_PRODUCT),
    required=(_SB_SERIAL,),
    whole=False,
)
