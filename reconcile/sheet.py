"""A list that a person gave us, CSV, workbook or JSON, as text: its header, its rows, and the row numbers they see.

Text stays text (`00123`, `NA`). Whatever would need a guess is refused, with file, row and cure, before
anything of the file is used: ragged rows, doubled headers, an open quote, a file that changes meanwhile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from reconcile import binary_sheet, csv_sheet, json_sheet, plain_csv, xlsx_sheet
from reconcile.coded import Coded, coded
from reconcile.errors import SheetError
from reconcile.headers import plain

HEADER_WITHIN: Final = 10
"""Titles and notes may stand above the header, which is looked for in this many rows."""
TRAILER_CELLS: Final = 3
"""A closing line fills at most so many cells."""
MAX_BYTES: Final = 1 << 30
_BATCH: Final = 20_000
_BREAKS: Final = frozenset("\r\n")
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOOKS: Final = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
_JSON: Final = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*\{)")

Row = tuple[int, list[str], bytes]
IsTrailer = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of text with its place in the file."""

    name: str
    """The file as messages name it."""
    encoding: str
    """`utf-8`, `utf-8-sig`, `utf-16-le`, `utf-16-be`, `cp1252`, `json`, `xlsx`, `xlsb`, `xls` or `ods`."""
    delimiter: str
    """"" for a workbook."""
    header: tuple[str, ...]
    header_row: int
    """0 in JSON, whose records carry their keys."""
    numbers: Sequence[int]
    """The row number of each row: its first physical line in a CSV, the sheet's own number in a workbook, the record's
    in JSON."""
    columns: Mapping[str, Sequence[str]]
    """The cells of each header, in the order of `numbers`."""
    marks: Mapping[str, bytes] = field(default_factory=dict)
    """Workbooks and JSON only: for each header one of TEXT, NUMBER, DATE, ERROR of `reconcile.xlsx_sheet` a row."""
    first_blank: int = 0
    """The first blank row below the header, 0 for none."""
    trailers: tuple[tuple[int, str], ...] = ()
    """Closing lines that were told from rows: their row and first words."""
    warnings: tuple[str, ...] = ()
    digest: str = ""
    """A hash of the file's bytes."""
    ends_open: bool = False
    """Whether a CSV has no line break behind its last row: the cell that ends it may be cut."""
    above: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The rows above the header, with their numbers: titles, notes, a contract number for all rows."""
    records: int = 0
    """JSON only: how many records the file holds."""
    totals: Mapping[str, str] = field(default_factory=dict)
    """JSON only: what the file says beside its records, by dotted key."""

    @property
    def header_names(self) -> frozenset[str]:
        """The headers as `plain` gives them."""
        return frozenset(map(plain, self.header))

    @property
    def rows(self) -> list[tuple[int, dict[str, str]]]:
        """The rows one by one, for tables of modest size."""
        return [
            (number, dict(zip(self.header, cells, strict=True)))
            for number, *cells in zip(self.numbers, *self.columns.values(), strict=True)
        ]


def read_sheet(
    path: Path,
    *,
    known: Collection[str] = (),
    is_trailer: IsTrailer = lambda cells: False,
    typed: bool = False,
    name: str = "",
    spread: Collection[str] = (),
) -> Sheet:
    """Read the table in *path*.

    *known* are header names: the header is the row, of the first ten, that holds most of them (`plain`
    compares), and so the delimiter and the sheet of a workbook are chosen. Rows for which *is_trailer* holds (of
    at most TRAILER_CELLS filled cells) may be ragged and are kept apart. A list that people type (*typed*) may leave
    out the empty cells at a row's end. In JSON a list of objects under a key of *spread* becomes a row an entry.
    Raises SheetError with file, row and cure.
    """
    name = name or path.name
    before = _state(path, name)
    try:
        with path.open("rb") as file:
            magic = file.read(256)
            file.seek(0)
            digest = hashlib.file_digest(file, "blake2b").hexdigest()
        known = frozenset(map(plain, known))
        if magic.startswith((_ZIP, _OLE)) or (path.suffix.lower() in _BOOKS and not _is_text(magic, path)):
            sheet = _workbook(path, name, magic, known, is_trailer)
        elif path.suffix.lower() == ".json" or _JSON.match(magic):
            sheet = _json(path, name, known, spread)
        else:
            sheet = _text(path, name, known, is_trailer, typed=typed)
    except OSError as error:
        raise SheetError(
            name, 0, f"cannot be read ({error.strerror or error})", "Check the path and its permissions"
        ) from error
    if _state(path, name) != before:
        raise SheetError(name, 0, "the file changed while it was read", "Run again once it is written")
    return replace(sheet, digest=digest)


@lru_cache(maxsize=8192)  # a pure function of few words, asked again for every layout and file
def _is_text(magic: bytes, path: Path) -> bool:
    """Some portals call a tab-separated list .xls; a web page of that name is not read."""
    if path.suffix.lower() != ".xls" or b"\0" in magic.removeprefix(b"\xff\xfe")[::2]:
        return False
    if magic.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SheetError(path.name, 0, "is a web page and no workbook", "Open it and save it as .xlsx or CSV UTF-8")
    return True


def _state(path: Path, name: str) -> tuple[int, int, int, int]:
    try:
        seen = path.stat()
    except OSError as error:
        raise SheetError(name, 0, f"cannot be read ({error.strerror})", "Check the path and its permissions") from error
    if not path.is_file():
        raise SheetError(name, 0, "is not a file", "Name a CSV or XLSX file")
    if seen.st_size > MAX_BYTES:
        raise SheetError(name, 0, f"is larger than {MAX_BYTES >> 20:,} MiB", "Split it into several files")
    if seen.st_size == 0:
        raise SheetError(name, 0, "is empty", "Export or copy it again")
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def _text(path: Path, name: str, known: Collection[str], is_trailer: IsTrailer, *, typed: bool) -> Sheet:
    text = csv_sheet.examine(path, name)
    best = max(
        (_header([(n, cells, b"") for n, cells in first], known), -place, delimiter, skip)
        for place, (delimiter, skip, first) in enumerate(csv_sheet.dialects(text))
    )
    (_, _, negative), _, delimiter, skip = best
    grid: Iterator[Row] = ((n, cells, b"") for n, cells in csv_sheet.records(text, delimiter, skip))

    def quick(width: int) -> Sequence[Any] | None:
        return plain_csv.columns(text, delimiter, -negative, width)

    sheet = _table(grid, name, -negative, is_trailer, _Found(delimiter, text.ends_open, typed), quick)
    warnings = () if text.encoding.startswith("utf-8") else (f"{name}: read as {text.encoding}",)
    return replace(sheet, encoding=text.encoding, delimiter=delimiter, warnings=warnings, ends_open=text.ends_open)


@dataclass(frozen=True, slots=True)
class _Found:
    delimiter: str = ""
    ends_open: bool = False
    typed: bool = False


def _workbook(path: Path, name: str, magic: bytes, known: Collection[str], is_trailer: IsTrailer) -> Sheet:
    kind = binary_sheet.kind(path, magic.startswith(_OLE), magic.startswith(_ZIP), name)
    book = xlsx_sheet.open_workbook(path, name) if kind == "xlsx" else binary_sheet.open_workbook(path, kind, name)
    scored = []
    for title, sheet in book.sheets:
        first = list(islice(xlsx_sheet.rows(sheet, book.errors.get(title, {})), HEADER_WITHIN))
        if any(any(cells) for _, cells, _ in first):
            scored.append((_header(first, known), title, sheet))
    if not scored:
        raise SheetError(name, 0, "no visible sheet holds a table", "Unhide the sheet, or save it as CSV UTF-8")
    scored.sort(key=lambda entry: entry[0], reverse=True)
    (hits, _, negative), title, sheet = scored[0]
    rivals = [other for (score, _, _), other, _ in scored[1:] if hits and 2 * score >= hits]
    if rivals:
        others = ", ".join(repr(other) for other in rivals)
        raise SheetError(
            name, 0, f"sheets {title!r} and {others} both look like the list", "Keep one, or hide the other"
        )
    found = _table(xlsx_sheet.rows(sheet, book.errors.get(title, {})), name, -negative, is_trailer, _Found())
    unread = [other for _, other, _ in scored[1:]] + list(book.hidden)
    warnings: tuple[str, ...] = (
        (f"{name}: read sheet {title!r}; not read: {', '.join(map(repr, unread))}",) if unread else ()
    )
    if kind in binary_sheet.BLIND:
        warnings += (f"{name}: in an .{kind} file a formula's error (#N/A) reads as an empty cell",)
    return replace(found, encoding=kind, warnings=warnings)


def _json(path: Path, name: str, known: Collection[str], spread: Collection[str]) -> Sheet:
    found = json_sheet.read_records(path, name, known, spread, plain)
    grid: Iterator[Row] = chain([(0, found.header, b"")], found.rows)
    sheet = _table(grid, name, 0, lambda cells: False, _Found())
    return replace(sheet, encoding="json", records=found.records, totals=found.totals)


def _header(first: Sequence[Row], known: Collection[str]) -> tuple[int, int, int]:
    """The best header among these rows: its known names, its filled cells, minus its row number."""
    ranked = (
        (
            len({plain(cell) for cell in cells} & set(known)),
            sum(bool(cell.strip()) for cell in cells),
            -number,
        )
        for number, cells, _ in first
    )
    return max(ranked, default=(0, 0, -1))


def _table(
    grid: Iterator[Row],
    name: str,
    header_row: int,
    is_trailer: IsTrailer,
    found: _Found,
    quick: Callable[[int], Sequence[Any] | None] = lambda width: None,
) -> Sheet:
    """The table of a grid; *quick* gives the columns below its header at once where it can."""
    header: list[str] = []
    above: list[tuple[int, tuple[str, ...]]] = []
    for number, cells, _ in grid:
        if number == header_row:
            header = _names(cells, name, number)
            break
        above.append((number, tuple(cells)))
    if not any(header):
        raise SheetError(name, 0, "no header row in the first ten rows", "Put the column names in the first row")
    if (columns := quick(len(header))) is not None:
        return replace(_of_columns(columns, name, header, header_row, is_trailer), above=tuple(above))
    filled = _Columns(name, header, is_trailer, found)
    for batch in iter(lambda: list(islice(grid, _BATCH)), []):
        filled.take(batch)
    return replace(filled.sheet(header_row), above=tuple(above))


def _names(cells: Sequence[str], name: str, row: int) -> list[str]:
    """The header cells, white space straightened; trailing empty ones dropped. Refuses two of one name."""
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    seen: dict[str, str] = {}
    for text in filter(None, names):
        if (other := seen.setdefault(plain(text) or text, text)) is not text:
            problem = f"two columns are called {text!r}" if other == text else f"{other!r} and {text!r} are one name"
            raise SheetError(name, row, problem, "Rename or remove one of them")
    return names


def _of_columns(
    columns: Sequence[Any], name: str, header: Sequence[str], header_row: int, is_trailer: IsTrailer
) -> Sheet:
    """The table whose columns were read at once; row by row only what may be blank or a closing line."""
    height = len(columns[0])
    trailers: list[tuple[int, str]] = []
    blank: list[int] = []
    for row in plain_csv.few_filled(columns, TRAILER_CELLS):
        cells = [column[row].as_py() for column in columns]
        words = [cell.strip() for cell in cells if cell.strip()]
        if not words:
            blank.append(row)
        elif is_trailer(cells):
            trailers.append((header_row + 1 + row, words[0][:80]))
    dropped = {*blank, *(number - header_row - 1 for number, _ in trailers)}
    kept = np.array([row for row in range(height) if row not in dropped] if dropped else [], dtype=np.int64)
    cells_of: dict[str, Coded] = {}
    for place, text in enumerate(header):
        column = coded(columns[place])
        column = Coded(column.words, column.codes[kept]) if dropped else column
        if text:
            cells_of[text] = column
        elif any(word.strip() for word in column.words):
            row = next(
                row for row, cell in zip(kept if dropped else range(height), column, strict=True) if cell.strip()
            )
            raise _headless(name, header_row + 1 + int(row), place)
    numbers: Sequence[int] = (
        (kept + header_row + 1).tolist() if dropped else range(header_row + 1, header_row + 1 + height)
    )
    return Sheet(
        name=name, encoding="", delimiter="", header=tuple(cells_of), header_row=header_row, numbers=numbers,
        columns=cells_of, first_blank=header_row + 1 + blank[0] if blank else 0, trailers=tuple(trailers),
    )  # fmt: skip


def _headless(name: str, row: int, place: int) -> SheetError:
    return SheetError(name, row, f"column {place + 1} has cells but no header", "Name it in the header")


class _Columns:
    """Rows on their way into columns; equal cells share one string, or a million rows would not fit."""

    def __init__(self, name: str, header: list[str], is_trailer: IsTrailer, found: _Found) -> None:
        self._name, self._header, self._is_trailer, self._found = name, header, is_trailer, found
        self._width = len(header)
        self._numbers: list[int] = []
        self._cells: list[list[str]] = [[] for _ in header]
        self._shared: list[dict[str, str]] = [{} for _ in header]
        self._marks: list[bytearray] = [bytearray() for _ in header]
        self._first_blank = 0
        self._trailers: list[tuple[int, str]] = []

    def take(self, batch: Sequence[Row]) -> None:
        kept = [row for raw in batch if (row := self._row(*raw)) is not None]
        if not kept:
            return
        self._numbers.extend(number for number, _, _ in kept)
        for place, column in enumerate(zip(*(cells for _, cells, _ in kept), strict=True)):
            shared = self._shared[place]
            self._cells[place].extend(map(shared.setdefault, column, column))
            if len(shared) > 4 * _BATCH:
                shared.clear()
        if kept[0][2]:
            for place, marks in enumerate(zip(*(marks for _, _, marks in kept), strict=True)):
                self._marks[place].extend(marks)

    def sheet(self, header_row: int) -> Sheet:
        for place, text in enumerate(self._header):
            if not text and any(cell.strip() for cell in self._cells[place]):
                row = next(n for n, cell in zip(self._numbers, self._cells[place], strict=True) if cell.strip())
                raise _headless(self._name, row, place)
        named = [place for place, text in enumerate(self._header) if text]
        return Sheet(
            name=self._name, encoding="", delimiter="", header=tuple(self._header[p] for p in named),
            header_row=header_row, numbers=self._numbers,
            columns={self._header[p]: self._cells[p] for p in named},
            marks={self._header[p]: bytes(self._marks[p]) for p in named if self._marks[p]},
            first_blank=self._first_blank, trailers=tuple(self._trailers),
        )  # fmt: skip

    def _row(self, number: int, cells: list[str], marks: bytes) -> Row | None:
        """The row at the header's width, or None for a blank or closing line."""
        if not any(map(str.strip, cells)):
            self._first_blank = self._first_blank or number
            return None
        if self._is_trailer(cells):
            self._trailers.append((number, next(cell for cell in cells if cell.strip()).strip()[:80]))
            return None
        if len(cells) != self._width:
            cells, marks = self._fit(number, cells, marks)
        if not marks and not _BREAKS.isdisjoint("".join(cells)):
            self._refuse_swallowed_rows(number, cells)
        return number, cells, marks

    def _fit(self, number: int, cells: list[str], marks: bytes) -> tuple[list[str], bytes]:
        """Cut empty cells beyond the header. A short row is damage; a workbook has none."""
        if len(cells) > self._width and not any(map(str.strip, cells[self._width :])):
            return cells[: self._width], marks[: self._width]
        if len(cells) < self._width and self._found.typed:
            return [*cells, *[""] * (self._width - len(cells))], marks
        problem = f"has {len(cells)} cells where the header has {self._width}"
        if len(cells) < self._width and self._found.ends_open:
            problem += "; the file ends without a line break, so it may be cut"
        raise SheetError(
            self._name, number, problem, "Mend the row (quote cells that hold the delimiter), or export again"
        )

    def _refuse_swallowed_rows(self, number: int, cells: Sequence[str]) -> None:
        """A cell of several lines, one with as many delimiters as a row: a quote was never closed."""
        inner = chain.from_iterable(re.split(r"\r\n|\r|\n", cell)[1:] for cell in cells)
        if any(line.count(self._found.delimiter) >= max(self._width - 1, 2) for line in inner):
            raise SheetError(
                self._name, number, "a quoted cell holds whole rows: a quote is not closed", "Close the quote"
            )
