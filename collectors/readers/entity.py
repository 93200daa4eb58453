"""ENTITY-MIB entPhysicalTable (RFC 6933): the rows of nearly every device's inventory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from collectors.model import INVENTORY, Part
from collectors.oids import Oid, Value, Walk, dotted, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, text

_ENTRY: Final = oid("1.3.6.1.2.1.47.1.1.1.1")
DESCR: Final = (*_ENTRY, 2)
CONTAINED_IN: Final = (*_ENTRY, 4)
CLASS: Final = (*_ENTRY, 5)
NAME: Final = (*_ENTRY, 7)
HARDWARE: Final = (*_ENTRY, 8)
SOFTWARE: Final = (*_ENTRY, 10)
SERIAL: Final = (*_ENTRY, 11)
MAKER: Final = (*_ENTRY, 12)
MODEL: Final = (*_ENTRY, 13)
COLUMNS: Final = (DESCR, CONTAINED_IN, CLASS, NAME, HARDWARE, SOFTWARE, SERIAL, MAKER, MODEL)
_WORDS: Final = {
    DESCR: "description",
    CONTAINED_IN: "containedIn",
    CLASS: "class",
    NAME: "name",
    HARDWARE: "hardware revision",
    SOFTWARE: "software revision",
    SERIAL: "serial",
    MAKER: "maker",
    MODEL: "model name",
}

CLASSES: Final = (
    "",
    "other",
    "unknown",
    "chassis",
    "backplane",
    "container",
    "powerSupply",
    "fan",
    "sensor",
    "module",
    "port",
    "stack",
    "cpu",
    "energyObject",
    "battery",
    "storageDrive",
)
"""PhysicalClass of IANA-ENTITY-MIB by number."""


def read(walk: Walk) -> Rows:
    """Each row as a Part; complete with class, serial and containedIn, equal columns and present parents."""
    rows = indexes(walk, COLUMNS)
    state, reason = judged(walk, found=bool(rows), gaps=_gaps(walk, rows))
    return Rows(state, reason, parts=tuple(_part(walk, index) for index in rows))


def _part(walk: Walk, index: Oid) -> Part:
    def said(column: Oid) -> str:
        return text(cell(walk, column, index))

    return Part(
        index=dotted(index),
        parent=said(CONTAINED_IN),
        cls=_class(cell(walk, CLASS, index)),
        name=said(NAME),
        descr=said(DESCR),
        product_id=said(MODEL),
        serial=said(SERIAL),
        hardware=said(HARDWARE),
        software=said(SOFTWARE),
        manufacturer=said(MAKER),
    )


def _class(value: Value) -> str:
    code = number(value)
    return CLASSES[code] if code is not None and 0 <= code < len(CLASSES) else ""


def _gaps(walk: Walk, rows: Sequence[Oid]) -> Iterator[str]:
    """What a whole table would not lack. An agent that leaves a column out altogether breaks no index set."""
    for column in READER.required:
        if not walk.columns.get(column):
            yield f"the agent has no {_WORDS[column]} column (entPhysicalTable)"
    for column in COLUMNS:
        cells = walk.columns.get(column, {})
        if cells and len(cells) < len(rows):
            yield f"the {_WORDS[column]} column lacks {len(rows) - len(cells)} of {len(rows)} rows"
    known = {index[-1] for index in rows if index}
    for index, parent in walk.columns.get(CONTAINED_IN, {}).items():
        holder = number(parent)
        if holder and holder not in known:
            yield f"row {dotted(index)} sits in row {holder}, which was not answered"
            return


HOLDERS: Final = Reader(name="entity", section=INVENTORY, read=read, columns=(CONTAINED_IN, CLASS, SERIAL))
"""The columns that tell in which chassis a row sits, and no more."""
READER: Final = Reader(
    name="entity",
    section=INVENTORY,
    read=read,
    columns=COLUMNS,
    required=(CLASS, SERIAL, CONTAINED_IN),
)
