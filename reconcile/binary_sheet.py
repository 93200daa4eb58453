"""Workbooks beside .xlsx: .xlsb (binary parts in a ZIP), .xls (BIFF in an OLE container) and .ods (OpenDocument).

The same reader opens them. What it would unpack is measured first where the format can hide a bomb; an .xls holds at
most 65,536 rows of 256 cells in a sheet.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from reconcile.errors import SheetError
from reconcile.xlsx_sheet import MAX_CELLS, MAX_RATIO, RATIO_FROM, Workbook, damaged

BLIND: Final = frozenset(("xls", "xlsb"))
"""Formats whose error values the reader gives as empty cells and nothing else tells."""
MAX_UNPACKED: Final = 512 << 20
MAX_XLS: Final = 256 << 20
_RESAVE: Final = "Save the sheet as .xlsx or as CSV UTF-8"
_ROW: Final = re.compile(rb"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.S)
_CELL: Final = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*?)(/>|>)")
_ROWS: Final = re.compile(rb'number-rows-repeated="(\d+)"')
_COLUMNS: Final = re.compile(rb'number-columns-repeated="(\d+)"')
_DIMENSION: Final = b"\x94\x01\x10"
"""BrtWsDim of [MS-XLSB]: record 148, sixteen bytes: first and last row, first and last column."""
_PASSWORD: Final = "EncryptedPackage".encode("utf-16-le")


def kind(path: Path, is_ole: bool, is_zip: bool, name: str) -> str:  # noqa: FBT001  # two facts of one file's first bytes
    """Which workbook *path* is: `xlsx`, `xlsb`, `xls` or `ods`. Raises SheetError for none of them."""
    if is_ole:
        if _holds(path, _PASSWORD):
            raise SheetError(name, 0, "the workbook is encrypted", "Save it without a password, or as CSV UTF-8")
        return "xls"
    if not is_zip:
        raise damaged(name, "no ZIP archive")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {part.lower() for part in archive.namelist()}
    except (zipfile.BadZipFile, OSError) as error:
        raise damaged(name, str(error)) from error
    if "xl/workbook.bin" in parts:
        return "xlsb"
    return "ods" if "content.xml" in parts and "xl/workbook.xml" not in parts else "xlsx"


def open_workbook(path: Path, kind: str, name: str) -> Workbook:
    """Measure and open a workbook of that *kind*. Raises SheetError for a bomb, damage or a password."""
    if kind == "xls":
        _refuse_large(path, name)
    else:
        _measure(path, kind, name)
    try:
        book = _opened(path, kind)
        visible = [
            m.name for m in book.sheets_metadata
            if m.visible == SheetVisibleEnum.Visible and m.typ == SheetTypeEnum.WorkSheet
        ]  # fmt: skip
        sheets = tuple((title, book.get_sheet_by_name(title)) for title in visible)
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(name, kind, str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own, raised where it met what it did not foresee
            raise
        raise damaged(name, "its reader gave up") from error
    hidden = tuple(title for title in book.sheet_names if title not in visible)
    return Workbook(sheets, hidden, {})


def _opened(path: Path, kind: str) -> CalamineWorkbook:
    """The reader goes by a file's ending, and where that lies by its content."""
    if path.suffix.lower() == f".{kind}":
        return CalamineWorkbook.from_path(str(path))
    with path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file)


def _unreadable(name: str, kind: str, said: str) -> SheetError:
    if kind == "xls":
        return SheetError(name, 0, f"this is an encrypted workbook, or a damaged .xls ({said})", _RESAVE)
    return damaged(name, said)


def _refuse_large(path: Path, name: str) -> None:
    if path.stat().st_size > MAX_XLS:
        raise SheetError(name, 0, f"is larger than {MAX_XLS >> 20} MiB", _RESAVE)


def _holds(path: Path, word: bytes) -> bool:
    """Whether an OLE file's directory names a stream so; the directory may lie anywhere."""
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if word in rest + chunk:
                return True
            rest = chunk[-len(word) :]
    return False


def _measure(path: Path, kind: str, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise SheetError(name, 0, "the workbook is encrypted", "Save it without a password")
            unpacked, packed = sum(part.file_size for part in parts), max(path.stat().st_size, 1)
            if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > packed * MAX_RATIO):
                raise SheetError(name, 0, f"{packed:,} bytes would unpack to {unpacked:,}: no plain list", _RESAVE)
            if bad := archive.testzip():
                raise damaged(name, f"{bad} is damaged")
            if kind == "ods":
                _refuse_repeats(archive.read("content.xml"), name)
            for part in parts:
                if kind == "xlsb" and part.filename.lower().startswith("xl/worksheets/"):
                    with archive.open(part) as stream:
                        _refuse_extent(stream.read(4096), name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise damaged(name, str(error)) from error


def _refuse_repeats(content: bytes, name: str) -> None:
    """OpenDocument writes equal rows and cells once with a count, so that few bytes may stand for a billion cells."""
    if b"<!ENTITY" in content:
        raise SheetError(name, 0, "declares XML entities: this is no plain list", _RESAVE)
    cells = 0
    for row in _ROW.finditer(content):
        wide = sum(
            int(found[1]) if (found := _COLUMNS.search(cell[1])) else 1
            for cell in _CELL.finditer(row[2] or b"")
            if cell[2] == b">"
        )
        repeated = _ROWS.search(row[1])
        cells += wide * (int(repeated[1]) if repeated else 1)
    if cells > MAX_CELLS:
        raise SheetError(name, 0, f"its table has {cells:,} cells", _RESAVE)


def _refuse_extent(head: bytes, name: str) -> None:
    """The reader makes a full rectangle of what a sheet spans."""
    at = head.find(_DIMENSION) + len(_DIMENSION)
    if at < len(_DIMENSION) or len(head) < at + 16:
        return
    first_row, last_row, first_column, last_column = struct.unpack_from("<4I", head, at)
    cells = (last_row - first_row + 1) * (last_column - first_column + 1)
    if cells > MAX_CELLS:
        raise SheetError(name, 0, f"a sheet spans {cells:,} cells: a cell far outside the list", _RESAVE)
