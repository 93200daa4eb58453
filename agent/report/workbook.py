"""audit.xlsx: the tables of a run as sheets, every cell text, so that serials and contract numbers stay what they are.

Written row by row in flat memory. Nothing is a formula or a link, whatever a device or a contract wrote; a table with
more rows than a sheet holds goes on in the next.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types; this is the one module that imports it

from reconcile.export import SORT_KEYS, ordered

SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet with its header (ECMA-376; Excel's limits)."""
_CELL: Final = 32_767
"""Characters that a cell holds."""
_WIDEST: Final = 60
_SAMPLE: Final = 500
"""Rows by which a column's width is judged."""
_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "in_memory": False,
}  # fmt: skip
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 cannot hold."""


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path, *, sheet_rows: int = SHEET_ROWS) -> None:
    """Write *tables* by sheet name to *path*, whole or not at all; *sheet_rows* at most to a sheet."""
    beside = path.with_name(f".{path.stem}.{os.getpid()}.new.xlsx")
    try:
        _fill(tables, beside, sheet_rows)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _fill(tables: Mapping[str, pd.DataFrame], path: Path, sheet_rows: int) -> None:
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        head = book.add_format({"bold": True, "bottom": 1, "num_format": "@", "bg_color": "#E8EDF2"})
        text = book.add_format({"num_format": "@"})
        for name, table in tables.items():
            for sheet_name, rows in _sheets(
                name, ordered(table.reset_index(drop=True), _keys(name, table)), sheet_rows
            ):
                sheet = book.add_worksheet(sheet_name)
                _write(sheet, rows, head, text)


def _keys(name: str, table: pd.DataFrame) -> tuple[str, ...]:
    return SORT_KEYS.get(name.partition("-")[0], tuple(table.columns))


def _sheets(name: str, table: pd.DataFrame, sheet_rows: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """The table under the names of the sheets it needs: ``units``, ``units 2``, ..."""
    short = re.sub(r"[\[\]:*?/\\']", "-", name)[:26] or "table"
    body = sheet_rows - 1
    for part, start in enumerate(range(0, max(len(table), 1), body), start=1):
        yield (short if part == 1 else f"{short} {part}"), table.iloc[start : start + body]


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    rows: pd.DataFrame,
    head: xlsxwriter.format.Format,
    text: xlsxwriter.format.Format,
) -> None:
    columns = list(rows.columns)
    for place, width in enumerate(_widths(rows)):
        sheet.set_column(place, place, width, text)
    sheet.freeze_panes(1, 0)
    if columns:
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, _cell(str(name)), head)
    for number, cells in enumerate(rows.itertuples(index=False, name=None), start=1):
        for place, cell in enumerate(cells):
            if cell:
                sheet.write_string(number, place, _cell(cell), text)


def _widths(rows: pd.DataFrame) -> list[int]:
    sample = rows.head(_SAMPLE)
    return [
        min(_WIDEST, max(len(str(name)), int(sample[name].str.len().max()) if len(sample) else 0) + 2)
        for name in rows.columns
    ]


def _cell(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)[:_CELL]
