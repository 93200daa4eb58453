"""CISCO-ENTITY-ASSET-MIB ceAssetTable: serials and orderable part numbers of boxes whose ENTITY-MIB lacks them.

Its rows carry the entPhysicalIndex of the row they speak of, so they fill that row's gaps and are none of their own.
"""

from __future__ import annotations

from typing import Final

from collectors.model import INVENTORY, Part
from collectors.oids import Walk, dotted, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, text

_ENTRY: Final = oid("1.3.6.1.4.1.9.9.92.1.1.1")
_SERIAL: Final = (*_ENTRY, 2)
_ORDERABLE: Final = (*_ENTRY, 3)


def read(walk: Walk) -> Rows:
    """What the table knows, under the numbers of the inventory's rows."""
    parts = tuple(
        Part(
            index=f"asset:{dotted(index)}",
            product_id=text(cell(walk, _ORDERABLE, index)),
            serial=text(cell(walk, _SERIAL, index)),
        )
        for index in indexes(walk, (_SERIAL, _ORDERABLE))
    )
    state, reason = judged(walk, found=bool(parts))
    return Rows(state, reason, parts=parts)


READER: Final = Reader(name="cisco_asset", section=INVENTORY, read=read, columns=(_SERIAL, _ORDERABLE), whole=False)
