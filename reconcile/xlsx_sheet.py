"""XLSX as text. The archive is measured before it is parsed; macros, links and formulas are never run.

A workbook is a ZIP of XML (ECMA-376). Its reader, calamine, keeps a sheet as one full rectangle in memory, so
one stray cell far out, or a few kilobytes that unpack to gigabytes, must be refused first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from reconcile.errors import SheetError

TEXT: Final = 0
NUMBER: Final = 1
DATE: Final = 2
ERROR: Final = 3
"""What a cell was in the workbook (`reconcile.sheet.Sheet.marks`)."""

MAX_UNPACKED: Final = 2 << 30
MAX_RATIO: Final = 100
"""A list of serials packs about ten to one; only a bomb packs a hundred to one."""
RATIO_FROM: Final = 16 << 20
"""Below this size the ratio does not matter."""
MAX_CELLS: Final = 50_000_000
"""About 1.6 GB in the reader."""
_CHUNK: Final = 1 << 20
_RESAVE: Final = "Copy the rows into a new workbook (values only), or save the sheet as CSV UTF-8"

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
_COLUMN: Final = re.compile(rb"""\sr=["']([A-Z]{1,6})\d""")
_ROW: Final = re.compile(rb"""\sr=["'][A-Z]{0,6}(\d+)["']""")
_BAD: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*?\br=["']([A-Z]+\d+)["'][^>]*>.{0,4096}?<(?:\w+:)?v>([^<]*)<""",
    re.S,
)
_UNCALCULATED: Final = re.compile(
    rb"""<(?:\w+:)?c\s(?![^>]*\bt=["']str["'])[^>]*?\br=["']([A-Z]+\d+)["'][^>]*>"""
    rb"""<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)


@dataclass(slots=True)
class _Measured:
    """What the walk through one sheet's XML found."""

    rows: int = 0
    columns: int = 0
    uncalculated: str = ""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """Excel error values by (row, column), from 1: the reader would give them as empty cells."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """The visible worksheets of a file, and the names of the others, which are not read."""

    sheets: tuple[tuple[str, CalamineSheet], ...]
    hidden: tuple[str, ...]
    errors: Mapping[str, Mapping[tuple[int, int], str]]


Row = tuple[int, list[str], bytes]


def open_workbook(path: Path, name: str) -> Workbook:
    """Measure and open the workbook. Raises SheetError for a bomb, a password, damage or another format."""
    measured = _measure(path, name)
    try:
        book = CalamineWorkbook.from_path(str(path))
        visible = [
            m.name for m in book.sheets_metadata
            if m.visible == SheetVisibleEnum.Visible and m.typ == SheetTypeEnum.WorkSheet
        ]  # fmt: skip
        sheets = tuple((title, book.get_sheet_by_name(title)) for title in visible)
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(name, str(error)) from error
    parts = _parts(path)
    errors = {title: measured[part].errors for title in visible if (part := parts.get(title, "")) in measured}
    hidden = tuple(title for title in book.sheet_names if title not in visible)
    return Workbook(sheets, hidden, errors)


def rows(sheet: CalamineSheet, errors: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    """Yield (row number as Excel shows it, cells as text, one mark a cell)."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    wrong = {row for row, _ in errors}
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells, marks = map(list, zip(*map(_text, values), strict=True)) if values else ([], [])
        if number in wrong:
            for place in range(len(cells)):
                if said := errors.get((number, left + place + 1)):
                    cells[place], marks[place] = said, ERROR
        yield number, cells, bytes(marks)


def _text(value: object) -> tuple[str, int]:
    """A cell as the text a person would copy from it; beyond 15 digits a number shows its exponent."""
    match value:
        case str():
            return value, TEXT
        case bool():
            return ("TRUE" if value else "FALSE"), TEXT
        case int() | float():
            return _number(float(value)), NUMBER
        case datetime():
            return (value.date().isoformat() if value.time() == time() else value.isoformat()), DATE
        case date() | time():
            return value.isoformat(), DATE
        case timedelta():
            return str(value), DATE
        case _:
            return str(value), TEXT


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else f"{value:.15G}"
    return repr(value)


def _measure(path: Path, name: str) -> dict[str, _Measured]:
    """Unpack every part once, in small pieces, and measure it; nothing is kept."""
    found: dict[str, _Measured] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _kind(name, {part.filename for part in parts}, encrypted=any(part.flag_bits & 1 for part in parts))
            packed = max(path.stat().st_size, 1)
            _declared(name, sum(part.file_size for part in parts), packed)
            for part in parts:
                if _SHEET.fullmatch(part.filename):
                    found[part.filename.lower()] = _walk(archive, part)
                    _extent(name, found[part.filename.lower()])
                else:
                    _drain(archive, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise damaged(name, str(error)) from error
    return found


def _kind(name: str, parts: set[str], *, encrypted: bool) -> None:
    if encrypted:
        raise SheetError(name, 0, "the workbook is encrypted", "Save it without a password")
    if "xl/workbook.bin" in parts:
        raise SheetError(name, 0, "this is a binary workbook (xlsb)", "Save it as .xlsx or as CSV UTF-8")
    if "xl/workbook.xml" not in {part.lower() for part in parts}:
        raise SheetError(name, 0, "this is a ZIP archive but no Excel workbook", "Save the list as .xlsx or CSV UTF-8")


def _declared(name: str, unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > packed * MAX_RATIO):
        raise SheetError(name, 0, f"{packed:,} bytes would unpack to {unpacked:,}: this is no plain list", _RESAVE)


def _extent(name: str, sheet: _Measured) -> None:
    if sheet.rows * sheet.columns > MAX_CELLS:
        problem = f"a sheet spans {sheet.rows:,} rows by {sheet.columns:,} columns: a cell far outside the list"
        raise SheetError(name, 0, problem, _RESAVE)
    if sheet.uncalculated:
        row = int(re.sub(r"\D", "", sheet.uncalculated))
        problem = f"cell {sheet.uncalculated} is a formula that was never calculated"
        raise SheetError(name, row, problem, "Open and save it in Excel, or paste the values")


def _walk(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> _Measured:
    """Measure one sheet. `zipfile` checks the CRC: no part can unpack to more than it declares."""
    sheet = _Measured()
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            end = text.rfind(b"row>") + 4
            if end < 4:
                end = 0 if len(text) < 8 * _CHUNK else len(text)
            _look(sheet, text[:end])
            rest = text[end:]
    _look(sheet, rest)
    return sheet


def _drain(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        while stream.read(_CHUNK):
            pass


def _look(sheet: _Measured, text: bytes) -> None:
    sheet.columns = max(sheet.columns, *map(_column, set(_COLUMN.findall(text))), 0)
    sheet.rows = max(sheet.rows, *map(int, set(_ROW.findall(text))), 0)
    if not sheet.uncalculated and b"<f" in text and (formula := _UNCALCULATED.search(text)):
        sheet.uncalculated = formula[1].decode()
    if b't="e"' in text or b"t='e'" in text:
        for place, said in _BAD.findall(text):
            letters = place.rstrip(b"0123456789")
            sheet.errors[int(place[len(letters) :]), _column(letters)] = said.decode("utf-8", "replace")


def _column(letters: bytes) -> int:
    """Excel's column letters as a number from 1: A, Z, AA are 1, 26, 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _parts(path: Path) -> dict[str, str]:
    """The part (lower case) that holds each sheet, by the sheet's title."""
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        book = archive.read(names["xl/workbook.xml"]).decode("utf-8", "replace")
        links = names.get("xl/_rels/workbook.xml.rels")
        relations = archive.read(links).decode("utf-8", "replace") if links else ""
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target") for tag in re.findall(r"<[^>]*Relationship\s[^>]*>", relations)
    }
    found = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book):
        target = targets.get(_attribute(tag, r"\w+:id"), "").lower().lstrip("/")
        found[unescape(_attribute(tag, "name"))] = target if target.startswith("xl/") else f"xl/{target}"
    return found


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"""\s{name}=(?:"([^"]*)"|'([^']*)')""", tag)
    return (match[1] or match[2] or "") if match else ""


def damaged(name: str, said: str) -> SheetError:
    """The refusal of a file that calls itself a workbook and cannot be opened as one."""
    return SheetError(name, 0, f"this is no whole Excel workbook ({said})", "Export or copy it again")
