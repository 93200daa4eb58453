"""Files of one batch that belong together: rows of one name rows of another, which say the rest.

Inventory programs keep contracts and what is on them apart: one file says number and dates, the other which device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconcile.errors import ContractError
from reconcile.headers import plain
from reconcile.layouts import Join, Layout
from reconcile.sheet import Sheet

Raw = dict[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The rows of a file with a key: target fields by key."""

    name: str
    rows: Mapping[str, Mapping[str, str]]


def lookup(sheet: Sheet, layout: Layout, raw: Raw) -> Lookup:
    """The fields of each row by its key; *raw* holds the cells of each field.

    Raises ContractError for an empty key, or for one key on two rows that differ.
    """
    header = next(h for h in sheet.header if plain(h) == plain(layout.key))
    rows: dict[str, dict[str, str]] = {}
    for index, (number, cell) in enumerate(zip(sheet.numbers, sheet.columns[header], strict=True)):
        key = _key(cell)
        if not key:
            raise ContractError(sheet.name, number, f"{header!r} is empty", "Fill it, or remove the row")
        found = {name: column[index] for name, column in raw.items() if column[index].strip()}
        if rows.setdefault(key, found) != found:
            raise ContractError(
                sheet.name, number, f"{cell.strip()!r} stands twice and says different things", "Keep one"
            )
    return Lookup(sheet.name, rows)


def filled(raw: Raw, sheet: Sheet, joins: Sequence[Join], lookups: Mapping[str, Sequence[Lookup]]) -> Raw:
    """The cells of each field, empty ones filled from the file that a row points at."""
    for join in joins:
        found = lookups.get(join.layout, ())
        header = next((h for h in sheet.header if plain(h) == plain(join.column)), "")
        if header and (found or join.required):
            raw = _joined(raw, sheet, header, join, found)
    return raw


def _joined(raw: Raw, sheet: Sheet, header: str, join: Join, lookups: Sequence[Lookup]) -> Raw:
    result: dict[str, list[str]] = {name: list(column) for name, column in raw.items()}
    for index, cell in enumerate(sheet.columns[header][: len(next(iter(raw.values())))]):
        key = _key(cell)
        row = next((one.rows[key] for one in lookups if key in one.rows), None)
        if row is None and key and join.required:
            _refuse(sheet, sheet.numbers[index], header, cell, join, lookups)
        for name, value in (row or {}).items():
            if not result[name][index].strip():
                result[name][index] = value
    return {**result}


def _refuse(sheet: Sheet, row: int, header: str, cell: str, join: Join, lookups: Sequence[Lookup]) -> None:
    where = " or ".join(one.name for one in lookups)
    problem = f"{header} {cell.strip()!r} is not in {where}" if where else f"says only the name of its {header}"
    cure = "Export that file again" if where else f"Give the export that describes each {header} too ({join.layout})"
    raise ContractError(sheet.name, row, problem, cure)


def _key(cell: str) -> str:
    return " ".join(cell.split()).casefold()
