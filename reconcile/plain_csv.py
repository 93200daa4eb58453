"""The quick way through a large CSV that is plainly whole: Arrow reads it, and counting proves it.

Python's strict reader (`csv_sheet`) takes a microsecond a cell. This one is used where the file's own bytes show that
both say the same: every line break ends a row of the header's width, and every quote opens or closes a cell. Rows with
quotes inside their cells are read by both and compared. Any other file is left to the strict reader, which also knows
how to say what is wrong with it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from reconcile.csv_sheet import TextFile

WORTH: Final = 1 << 20
"""Bytes below which the strict reader is quick enough."""
_CHUNK: Final = 1 << 24
_SELDOM: Final = 4
"""One row in so many may hold quotes inside its cells."""
_UTF8: Final = ("utf-8", "utf-8-sig")


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the bytes of a file hold."""

    breaks: int
    quotes: int
    closed: int
    """Quotes before a delimiter or the end of a line."""
    sound: bool
    """No NUL, and no carriage return but before a line feed."""


def columns(text: TextFile, delimiter: str, header_row: int, width: int, worth: int = WORTH) -> Sequence[Any] | None:
    """The columns of *text* below its header as Arrow columns, None where the strict reader must look.

    Row *n* of them is the physical line `header_row + 1 + n`.
    """
    if text.ends_open or text.encoding not in _UTF8 or text.path.stat().st_size < worth:
        return None
    counted = _count(text, delimiter)
    if not counted.sound:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = pacsv.read_csv(
            text.path,
            read_options=pacsv.ReadOptions(skip_rows=header_row, column_names=names, block_size=_CHUNK),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    whole = table.num_rows + header_row == counted.breaks and _whole(table, text, delimiter, counted)
    return table.columns if whole else None


def few_filled(columns: Sequence[Any], most: int) -> list[int]:
    """The rows with at most *most* cells that are not empty, and those with none that shows a sign."""
    filled = np.zeros(len(columns[0]), dtype=np.int16)
    shown = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        filled += _bools(pc.greater(pc.binary_length(column), 0))
        if not shown.all():
            shown |= _bools(pc.match_substring_regex(column, "[!-~]"))
    return np.flatnonzero((filled <= most) | ~shown).tolist()


def _count(text: TextFile, delimiter: str) -> _Counted:
    breaks = quotes = closed = returns = pairs = 0
    nul = False
    last = b""
    with text.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            joined = last + chunk  # a pair may lie across two chunks; it counts with the second
            breaks += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            nul = nul or b"\0" in chunk
            pairs += joined.count(b"\r\n")
            if found := chunk.count(b'"'):
                quotes += found
            closed += _closed(joined, delimiter) if found or last == b'"' else 0
            last = chunk[-1:]
    return _Counted(breaks, quotes, closed, not nul and returns == pairs)


def _whole(table: Any, text: TextFile, delimiter: str, counted: _Counted) -> bool:
    """Whether every quote opens or closes a cell or is doubled in one, and no cell is too long for the strict reader.

    Rows are lines here, for each has a line break to itself. Of cells that hold no quote and begin with no delimiter a
    closing quote alone stands before a delimiter or a line's end: those are half of all quotes, or some are misplaced.
    """
    if any((pc.max(pc.binary_length(column)).as_py() or 0) > csv.field_size_limit() for column in table.columns):
        return False
    if not counted.quotes:
        return True
    marked = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        if pc.any(pc.starts_with(column, delimiter)).as_py():
            return False
        marked |= _bools(pc.match_substring(column, '"'))
    rows = np.flatnonzero(marked)
    if len(rows) > table.num_rows // _SELDOM:
        return False
    lines = _lines(text, rows + (counted.breaks - table.num_rows))
    told = table.take(pa.array(rows))
    try:
        read = list(csv.reader([line.decode() for line in lines], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    if read != [list(row) for row in zip(*(column.to_pylist() for column in told.columns), strict=True)]:
        return False
    quotes = counted.quotes - sum(line.count(b'"') for line in lines)
    return 2 * (counted.closed - sum(_closed(line, delimiter) for line in lines)) == quotes


def _lines(text: TextFile, numbers: npt.NDArray[np.int64]) -> list[bytes]:
    """The physical lines of these numbers, the first being 0, each with its end."""
    wanted = set(numbers.tolist())
    if not wanted:
        return []
    with text.path.open("rb") as file:
        return [line for number, line in enumerate(file) if number in wanted]


def _closed(piece: bytes, delimiter: str) -> int:
    return sum(piece.count(b'"' + mark) for mark in (delimiter.encode(), b"\n", b"\r"))


def _bools(mask: Any) -> Any:
    found = mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask
    return found.to_numpy(zero_copy_only=False)
