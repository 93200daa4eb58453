"""Walks and rows for tests, written from the formats with invented serials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.kinds import Words
from collectors.model import Part, State, Unit
from collectors.normalise import Known, units
from collectors.oids import Oid, Value, Walk
from collectors.readers import entity


def table(rows: Mapping[int, Mapping[Oid, Value]], *, state: State = State.COMPLETE, reason: str = "") -> Walk:
    """A walk of entPhysicalTable that answered exactly these cells."""
    columns: dict[Oid, dict[Oid, Value]] = {column: {} for column in entity.COLUMNS}
    for index, cells in rows.items():
        for column, value in cells.items():
            columns[column][(index,)] = value
    return Walk(state, reason, columns=columns)


def row(
    cls: int,
    parent: int,
    *,
    name: str = "",
    descr: str = "",
    pid: str = "",
    serial: str = "",
    software: str = "",
) -> dict[Oid, Value]:
    """A whole row of entPhysicalTable, every column answered."""
    text = {
        entity.NAME: name,
        entity.DESCR: descr,
        entity.MODEL: pid,
        entity.SERIAL: serial,
        entity.SOFTWARE: software,
    }
    cells: dict[Oid, Value] = dict.fromkeys(entity.COLUMNS, b"")
    cells |= {column: value.encode() for column, value in text.items()}
    return cells | {entity.CLASS: cls, entity.CONTAINED_IN: parent}


def part(index: str, parent: str = "", cls: str = "", **cells: str) -> Part:
    return Part(index, parent, cls, **cells)


def listed(*parts: Part, known: Known | None = None, words: Words | None = None) -> tuple[Unit, ...]:
    """The units among *parts* of a Cisco device."""
    return units(parts, vendor="cisco", via="snmp", known=known or Known(), words=words)[0]


def shown(units_: tuple[Unit, ...], *names: str) -> list[Any]:
    """Some fields of each unit, one value or a tuple of them."""
    rows = [tuple(str(getattr(unit, name)) for name in names) for unit in units_]
    return [cells[0] for cells in rows] if len(names) == 1 else rows
