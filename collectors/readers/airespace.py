"""A wireless controller and the access points that have joined it.

Sources: AIRESPACE-SWITCHING-MIB (agentInfo), AIRESPACE-WIRELESS-MIB (bsnAPTable), CISCO-LWAPP-SYS-MIB (the count of
joined access points). AireOS has all of them; IOS-XE 9800 controllers answer bsnAPTable too. The name column and the
count are seen in recordings; model, serial and release are the columns that public pollers ask.
"""

from __future__ import annotations

from typing import Final

from collectors.apart import ACCESS_POINTS
from collectors.model import INVENTORY, Part, Software
from collectors.oids import Walk, dotted, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, text, trimmed

_AGENT: Final = oid("1.3.6.1.4.1.14179.1.1.1")
_MODEL: Final = (*_AGENT, 3, 0)
_SERIAL: Final = (*_AGENT, 4, 0)
_MAKER: Final = (*_AGENT, 8, 0)
_RELEASE: Final = (*_AGENT, 14, 0)
_JOINED: Final = oid("1.3.6.1.4.1.9.9.618.1.8.4.0")
"""clsSysApConnectCount."""

_AP: Final = oid("1.3.6.1.4.1.14179.2.2.1.1")
_AP_NAME: Final = (*_AP, 3)
_AP_RELEASE: Final = (*_AP, 8)
_AP_MODEL: Final = (*_AP, 16)
_AP_SERIAL: Final = (*_AP, 17)
_AP_COLUMNS: Final = (_AP_NAME, _AP_RELEASE, _AP_MODEL, _AP_SERIAL)


def _controller(walk: Walk) -> Rows:
    """The controller's own serial, product id and release: a hint where ENTITY-MIB lacks them."""
    part = Part(
        "airespace:0",
        cls="chassis",
        product_id=text(walk.scalars.get(_MODEL)),
        serial=text(walk.scalars.get(_SERIAL)),
        manufacturer=text(walk.scalars.get(_MAKER)),
    )
    release = trimmed(walk.scalars.get(_RELEASE))
    known = bool(part.serial.strip("\0 ") or part.product_id.strip("\0 "))
    state, reason = judged(walk, found=known or bool(release))
    software = (Software(release),) if release else ()
    return Rows(state, reason, parts=(part,) if known else (), software=software)


def _access_points(walk: Walk) -> Rows:
    """One row an access point. As many as the controller counts, each with a serial, or there are more of them."""
    rows = indexes(walk, _AP_COLUMNS)
    parts = tuple(
        Part(
            index=f"{ACCESS_POINTS}{dotted(index)}",
            name=text(cell(walk, _AP_NAME, index)) or dotted(index),
            descr="access point",
            product_id=text(cell(walk, _AP_MODEL, index)),
            serial=text(cell(walk, _AP_SERIAL, index)),
            software=text(cell(walk, _AP_RELEASE, index)),
        )
        for index in rows
    )
    joined = number(walk.scalars.get(_JOINED)) or 0
    gaps = []
    if rows and not walk.columns.get(_AP_SERIAL):
        gaps.append("the agent has no serials of access points (bsnAPSerialNumber)")
    if len(rows) < joined:
        gaps.append(f"{joined} access points have joined, {len(rows)} are listed")
    state, reason = judged(walk, found=bool(parts) or bool(joined), gaps=gaps)
    return Rows(state, reason, parts=parts)


CONTROLLER: Final = Reader(
    name="airespace", section=INVENTORY, read=_controller, scalars=(_MODEL, _SERIAL, _MAKER, _RELEASE), whole=False
)
ACCESS_POINT_TABLE: Final = Reader(
    name="access_points",
    section=INVENTORY,
    read=_access_points,
    scalars=(_JOINED,),
    columns=_AP_COLUMNS,
    required=(_AP_SERIAL,),
    beside=True,
)
