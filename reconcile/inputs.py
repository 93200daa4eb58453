"""The other files in: register, spares, RMA list, entitlements, software, end of life, sites, profile.

What each may hold is an entry of `reconcile.input_kinds.INPUTS`. A table comes back with the columns of
`reconcile.tables` and ORIGIN; missing optional columns are "".
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from reconcile import cells
from reconcile.errors import InputError, SheetError
from reconcile.headers import plain
from reconcile.input_kinds import INPUTS, Input, Row, usable_serial
from reconcile.layouts import Shared, load
from reconcile.sheet import Sheet, read_sheet
from reconcile.tables import ORIGIN, table
from reconcile.xlsx_sheet import DATE, NUMBER, TEXT


def read_input(kind: str, path: Path, *, shared: Shared | None = None) -> pd.DataFrame:
    """Read the file of that *kind* (a key of `INPUTS`) as a table with its columns and ORIGIN.

    *shared* knows how vendors are written (default: the shipped data). InputError names file, row and cure.
    """
    spec = INPUTS[kind]
    sheet = _sheet(path, {*spec.columns, *spec.synonyms, *ORIGIN})
    names = _columns(sheet, spec.columns, spec.synonyms, (*ORIGIN, *spec.ignored))
    _refuse_missing(sheet, spec.required, names)
    if spec.one_of and not set(spec.one_of) & set(names):
        raise InputError(
            sheet.name,
            sheet.header_row,
            f"has no column {' or '.join(spec.one_of)}",
            "Add one of these columns",
        )
    order = _order(sheet, spec, names)
    shared = shared or load().shared
    rows = [_checked(sheet, place, spec, names, order, shared) for place in range(len(sheet.numbers))]
    _refuse_repeats(sheet, spec, rows)
    return table((*spec.columns, *ORIGIN), rows)


def _sheet(path: Path, known: Collection[str]) -> Sheet:
    try:
        return read_sheet(path, known=known)
    except SheetError as error:
        raise InputError(error.file, error.row, error.problem, error.cure) from error


def _columns(
    sheet: Sheet, known: Sequence[str], synonyms: Mapping[str, str], ignored: Collection[str]
) -> dict[str, str]:
    """The sheet's header by column name."""
    by_plain = {plain(word): column for word, column in synonyms.items()} | {plain(name): name for name in known}
    found: dict[str, str] = {}
    for header in sheet.header:
        name = by_plain.get(plain(header), "")
        if name and name not in found:
            found[name] = header
        elif name:
            problem = f"columns {found[name]!r} and {header!r} are both {name}"
            raise InputError(sheet.name, sheet.header_row, problem, "Remove one of them")
        elif plain(header) not in set(map(plain, ignored)):
            near = difflib.get_close_matches(header.lower(), known, 1, 0.5)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}"
            raise InputError(sheet.name, sheet.header_row, f"unknown column {header!r}", cure)
    return found


def _refuse_missing(sheet: Sheet, required: Sequence[str], names: Collection[str]) -> None:
    if missing := [name for name in required if name not in names]:
        said = ", ".join(map(repr, missing))
        raise InputError(
            sheet.name, sheet.header_row, f"has no column {said}", f"Add it; found were {list(sheet.header)}"
        )


def _refuse_empty(sheet: Sheet, number: int, required: Sequence[str], row: Row) -> None:
    for name in required:
        if not row[name]:
            raise InputError(sheet.name, number, f"{name} is empty", "Fill it, or remove the row")


def _order(sheet: Sheet, spec: Input, names: Mapping[str, str]) -> cells.Order:
    columns = {name: list(map(cells.text, sheet.columns[names[name]])) for name in spec.dates if name in names}
    try:
        return cells.day_order(dict.fromkeys(cell for column in columns.values() for cell in column))
    except ValueError as error:
        row = next(
            number for column in columns.values() for number, cell in zip(sheet.numbers, column, strict=True)
            if cell and repr(cell) in str(error)
        )  # fmt: skip
        raise InputError(sheet.name, row, str(error), "Write dates as YYYY-MM-DD") from error


def _checked(
    sheet: Sheet, place: int, spec: Input, names: Mapping[str, str], order: cells.Order, shared: Shared
) -> Row:
    """One row, each cell through its check, with its origin."""
    number = sheet.numbers[place]
    row: Row = dict.fromkeys(spec.columns, "")
    for name, header in names.items():
        raw = sheet.columns[header][place]
        try:
            cells.refuse_spoilt(cells.text(raw))
            row[name] = _cell(raw, name, spec, order, shared, mark=_mark(sheet, header, place))
        except ValueError as error:
            raise InputError(sheet.name, number, f"{name}: {error}", "Correct the cell") from error
    _refuse_empty(sheet, number, spec.required, row)
    if spec.one_of and not any(row[name] for name in spec.one_of):
        raise InputError(
            sheet.name,
            number,
            f"says neither {' nor '.join(spec.one_of)}",
            "Fill one of them, or remove the row",
        )
    try:
        row = spec.finish(row)
    except ValueError as error:
        raise InputError(sheet.name, number, str(error), "Correct the row") from error
    return {**row, "source_file": sheet.name, "source_row": str(number)}


def _cell(raw: str, name: str, spec: Input, order: cells.Order, shared: Shared, *, mark: int) -> str:
    words = cells.text(raw)
    if not words:
        return ""
    if name == "vendor":
        return shared.vendor(words) or cells.identifier(words)
    if name in spec.dates:
        return cells.iso_date(words, order, number=mark == NUMBER)
    if mark == DATE and spec.checks.get(name) is usable_serial:
        raise ValueError(f"the spreadsheet has made a date of it ({words})")
    return spec.checks[name](words) if name in spec.checks else words


def _mark(sheet: Sheet, header: str, place: int) -> int:
    marks = sheet.marks.get(header)
    return marks[place] if marks else TEXT


def _refuse_repeats(sheet: Sheet, spec: Input, rows: Sequence[Row]) -> None:
    if not spec.unique:
        return
    seen: dict[tuple[str, ...], str] = {}
    for row in rows:
        key = tuple(row[name] for name in spec.unique)
        if (first := seen.setdefault(key, row["source_row"])) != row["source_row"]:
            said = " ".join(key)
            raise InputError(
                sheet.name, int(row["source_row"]), f"{said} is in row {first} already", "Keep one of the two"
            )
