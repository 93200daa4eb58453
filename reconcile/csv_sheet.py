"""CSV as people and portals write it: the encoding is found and named, every record is proved whole.

A quote that was never closed, a NUL or a file that was cut is an error with its row, never a guess (RFC 4180
for quoting; `sep=` is Excel's own first line).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from reconcile.errors import SheetError

DELIMITERS: Final = (",", ";", "\t", "|")
SAVE_AGAIN: Final = "Save it again as CSV UTF-8, or export it again"
COPY_AGAIN: Final = "Export or copy it again"
_CHUNK: Final = 1 << 20
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEP: Final = re.compile(r"^\ufeff?sep=(.)[;,\t|]*\s*$", re.I)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A CSV file after its first reading: how to decode it, and whether it ends with a line break."""

    path: Path
    name: str
    encoding: str
    ends_open: bool


def examine(path: Path, name: str) -> TextFile:
    """Find the encoding of *path*. Raises SheetError where no encoding fits the whole file."""
    head = tail = b""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:4096]
            tail = (tail + chunk)[-2:]
            if is_utf8:
                is_utf8 = _decodes(utf8, chunk)
    encoding = _by_mark(head) or ("utf-8" if is_utf8 and _decodes(utf8, b"", final=True) else _cp1252(path, name))
    end = tail[-1:] if not encoding.startswith("utf-16") else tail.replace(b"\0", b"")
    return TextFile(path, name, encoding, end not in {b"\n", b"\r", b""})


def dialects(text: TextFile) -> Iterator[tuple[str, int, list[tuple[int, list[str]]]]]:
    """Yield each delimiter that may be meant, the lines before the table, and its first ten records."""
    with _open(text) as handle:
        first = list(_lines(islice(handle, 60), text.name))
    said = _SEP.match(first[0]) if first else None
    for delimiter in (said[1],) if said else DELIMITERS:
        skip = 1 if said else 0
        reader = csv.reader(first[skip:], delimiter=delimiter)
        try:
            yield delimiter, skip, list(islice(_numbered(reader, skip), 10))
        except csv.Error:
            yield delimiter, skip, []  # `records` says where and why


def records(text: TextFile, delimiter: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of its first physical line; blank lines are empty records."""
    row = skip
    with _open(text) as handle:
        lines = _lines(handle, text.name)
        for _ in range(skip):
            next(lines, None)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            for row, cells in _numbered(reader, skip):
                yield row, cells
        except csv.Error as error:
            start = row + 1 if row > skip else skip + 1
            raise _syntax(text, start, skip + reader.line_num, str(error)) from error


def _numbered(reader: Iterator[list[str]], skip: int) -> Iterator[tuple[int, list[str]]]:
    before = skip
    for cells in reader:
        yield before + 1, cells
        before = skip + reader.line_num  # type: ignore[attr-defined]  # csv's reader has it, the Iterator type not


def _syntax(text: TextFile, first: int, last: int, error: str) -> SheetError:
    if "field larger" in error:
        return SheetError(
            text.name, first, f"a cell has over {csv.field_size_limit():,} characters: a quote is not closed",
            "Close or remove the quote in this row",
        )  # fmt: skip
    if "unexpected end" in error:
        return SheetError(text.name, first, "the file ends inside a quoted cell", f"Close the quote, or: {COPY_AGAIN}")
    where = f"row {last}, " if last != first else ""
    return SheetError(text.name, first, f"{where}text follows a closing quote", "Double the quotes inside the cell")


def _open(text: TextFile) -> TextIO:
    handle = text.path.open("r", encoding=text.encoding, newline="")
    if text.encoding.startswith("utf-16") and handle.read(1) != "\ufeff":
        handle.seek(0)
    return handle


def _lines(handle: Iterator[str], name: str) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(handle, start=1):
            if "\0" in line:
                raise SheetError(name, number, "holds a NUL character", SAVE_AGAIN)
            yield line
    except UnicodeDecodeError as error:
        raise SheetError(
            name, number + 1, f"holds bytes that are no {error.encoding} text, here or soon after", COPY_AGAIN
        ) from error


def _by_mark(head: bytes) -> str:
    """UTF-16 or UTF-8 by byte order mark, or UTF-16 by the zero bytes that Latin text leaves in it."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 4 and not odd else ""


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _cp1252(path: Path, name: str) -> str:
    """Accept cp1252 only where no line is UTF-8: of two encodings in one file one would be read wrongly."""
    utf8_row = other_row = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            if _is(line, "utf-8"):
                utf8_row = utf8_row or number
            elif _is(line, "cp1252"):
                other_row = other_row or number
            else:
                raise SheetError(name, number, "is neither UTF-8 nor cp1252 text", SAVE_AGAIN)
            if utf8_row and other_row:
                odd = max(utf8_row, other_row)
                raise SheetError(name, odd, "UTF-8 and cp1252 are mixed in one file", SAVE_AGAIN)
    return "cp1252"


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
