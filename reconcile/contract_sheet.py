"""One contract sheet seen through its layout: the cells of a field, and what is refused of them with its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn

from reconcile import cells
from reconcile.above import refuse_second_table
from reconcile.coded import constant, distinct, mapped, odd, rowwise
from reconcile.coded import plain as plain_cells
from reconcile.errors import ContractError, OpenDatesError
from reconcile.headers import plain
from reconcile.last_cell import DATES, is_whole
from reconcile.layouts import Layout, Shared
from reconcile.sheet import Sheet
from reconcile.tables import CONTRACT_FIELDS
from reconcile.xlsx_sheet import DATE, NUMBER

SERIALS: Final = ("serial", "parent_serial", "replacement_serial")
IDENTITIES: Final = (
    *SERIALS,
    "contract_number",
    "instance_number",
    "parent_instance_number",
    "subscription_id",
)
"""Fields whose every digit counts."""
_TOLD_WHOLE: Final = tuple(name for name in CONTRACT_FIELDS if name != "description")
"""Fields whose cell, cut short, would pass for another one; nothing is judged by a description."""
FLOAT: Final = re.compile(r"^(\d+)\.0+$", re.A)
"""A whole number as other programs write it: 912345678.0."""
SERIAL_LIKE: Final = re.compile(r"(?=.*\d)[A-Z0-9-]{7,}", re.I)
_LOOKED_AT: Final = 200
_SAY_ORDER: Final = (
    "Say which with --date-order dmy, mdy or ymd, or as date_order of the source in the settings;"
    " or write dates as YYYY-MM-DD"
)
_AS_TEXT: Final = "Export it as CSV again, or format the column as text and type the serial from its label"


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet seen through its layout; it knows which row to name."""

    sheet: Sheet
    layout: Layout
    height: int

    def raw(self, above: Mapping[str, str]) -> dict[str, Sequence[str]]:
        """The raw cells of every field; one that a line above the table says fills the empty cells."""
        found = {name: self.column(name) for name in CONTRACT_FIELDS}
        for name, value in above.items():
            found[name] = mapped(partial(_or, other=value), found[name], but=plain_cells)
        if self.layout.above:
            first = {h for h in (self.sheet.header[0], self.header("serial")) if h}
            refuse_second_table(self.sheet, sorted(first), self.layout.above)
        return found

    def column(self, name: str) -> Sequence[str]:
        """The raw cells of a field, or its fallback column's where they are empty; "" where it has none."""
        header = self.header(name)
        found = self.sheet.columns[header][: self.height] if header else constant("", self.height)
        for spare in self.sheet.header:
            if plain(spare) in map(plain, self.layout.fallback.get(name, ())):
                found = rowwise(_or, found, self.sheet.columns[spare][: self.height])
        return found

    def refuse_open_end(self, shared: Shared) -> None:
        """A file without a line break at its end may be cut in its last cell: refused where that could matter and the
        cell itself does not show that it is whole."""
        if not self.sheet.ends_open or self._ends_in_trailer():
            return
        last = self.sheet.header[-1]
        field = next((name for name in _TOLD_WHOLE if last in self.headers(name)), "")
        if plain(last) in {plain(self.layout.key), *(plain(join.column) for join in self.layout.joins)} - {""}:
            field = "contract_number"
        if field and not is_whole(field, self.sheet.columns[last], shared):
            raise ContractError(
                self.sheet.name, self.sheet.numbers[-1],
                f"the file ends without a line break, so its {last!r} may be cut",
                "Export or copy it again; if it is whole, add a line break at its end",
            )  # fmt: skip

    def _ends_in_trailer(self) -> bool:
        trailers, numbers = self.sheet.trailers, self.sheet.numbers
        return not numbers or bool(trailers and trailers[-1][0] > numbers[-1])

    def headers(self, name: str) -> list[str]:
        """The header of a field and those that speak where it is empty."""
        spare = frozenset(map(plain, self.layout.fallback.get(name, ())))
        own = self.header(name)
        return [header for header in self.sheet.header if header == own or plain(header) in spare]

    def header(self, name: str) -> str:
        """The header of a field, "" where the file has none; two for one field are refused."""
        synonyms = synonyms_of(self.layout, name)
        found = [header for header in self.sheet.header if plain(header) in synonyms]
        if len(found) > 1:
            said = " and ".join(map(repr, found))
            raise ContractError(
                self.sheet.name,
                self.sheet.header_row,
                f"columns {said} both say {name}",
                "Rename or remove one",
            )
        return found[0] if found else ""

    def fail(self, name: str, index: int, problem: str, cure: str) -> NoReturn:
        """Refuse the batch for a cell of this field, in the row of that index."""
        said = f"column {self.header(name)!r}: {problem}"
        raise ContractError(self.sheet.name, self.sheet.numbers[index], said, cure)

    def marked(self, name: str, mark: int) -> list[int]:
        """The places where a workbook's cell of this field was of that kind."""
        marks = self.sheet.marks.get(self.header(name), b"")[: self.height]
        return [index for index, found in enumerate(marks) if found == mark] if mark in marks else []

    def refuse_notes(self, raw: Mapping[str, Sequence[str]]) -> None:
        """A row with a single cell that is no serial is a note: as a line it would be one without serial."""
        if len(self.sheet.header) < 4:
            return
        for index in (index for index, serial in enumerate(raw["serial"]) if not serial.strip()):
            filled = [words for column in self.sheet.columns.values() if (words := column[index].strip())]
            if len(filled) == 1:
                words = filled[0][:60]
                raise ContractError(
                    self.sheet.name, self.sheet.numbers[index],
                    f"holds only {words!r}: neither a line nor a known end",
                    "Remove the row, or add its first words to `trailer` in _lines.toml",
                )  # fmt: skip

    def refuse_spoilt(self, name: str, column: Sequence[str]) -> None:
        """Excel keeps 15 digits and reads digit-E-digit as a power of ten; what it dropped is gone."""
        for cell in odd(column):
            try:
                cells.refuse_spoilt(cells.text(cell))
            except ValueError as error:
                more = list(column).count(cell) - 1
                self.fail(
                    name,
                    list(column).index(cell),
                    f"{error}" + (f" (and in {more} more rows)" if more else ""),
                    _AS_TEXT,
                )
        for index in self.marked(name, DATE)[:1]:
            self.fail(name, index, f"the spreadsheet has made a date of it ({column[index]})", _AS_TEXT)

    def refuse_two_serials(self, name: str, column: Sequence[str]) -> None:
        """A cell with two serials would match neither."""
        for cell in odd(column):
            if _two(re.split(r"[\r\n;,|&/]+", cell)) or _two([p for p in cell.split() if len(p) > 8]):
                at = list(column).index(cell)
                self.fail(name, at, f"{cell!r} holds two serials", "Give each its own row")

    def order(self, fields: Mapping[str, Sequence[str]], shared: Shared, order: cells.Order) -> tuple[cells.Order, str]:
        """How the whole file writes its dates, and the date that tells."""
        if order != "auto":
            return order, ""
        said = dict.fromkeys(
            cell for column in self._said(fields, shared).values() for cell in distinct(column) if cell
        )
        try:
            found = cells.day_order(said)
        except ValueError as error:
            self._fail_date(fields, str(error))
        return found, cells.teller(said, found)

    def dates(
        self, fields: Mapping[str, Sequence[str]], shared: Shared, order: cells.Order
    ) -> dict[str, Sequence[str]]:
        """The date fields as ISO dates, under one order for the whole file."""
        return {name: self._iso(name, column, order) for name, column in self._said(fields, shared).items()}

    def _said(self, fields: Mapping[str, Sequence[str]], shared: Shared) -> dict[str, Sequence[str]]:
        nothing = frozenset(shared.nothing)
        return {name: mapped(lambda cell: "" if cell.casefold() in nothing else cell, fields[name]) for name in DATES}

    def _fail_date(self, fields: Mapping[str, Sequence[str]], problem: str) -> NoReturn:
        name, index = next(
            (name, index) for name in DATES for index, cell in enumerate(fields[name]) if cell and repr(cell) in problem
        )
        said = f"column {self.header(name)!r}: {problem}"
        raise OpenDatesError(self.sheet.name, self.sheet.numbers[index], said, _SAY_ORDER)

    def _iso(self, name: str, column: Sequence[str], order: cells.Order) -> Sequence[str]:
        numbers = set(self.marked(name, NUMBER))
        if not numbers:
            return self._each(
                name, column, partial(_iso_date, order=order), "Correct the date, or write it as YYYY-MM-DD"
            )
        found = []
        for index, cell in enumerate(column):
            try:
                found.append(_iso_date(cell, order, number=index in numbers))
            except ValueError as error:
                self.fail(name, index, str(error), "Correct the date, or write it as YYYY-MM-DD")
        return found

    def _each(self, name: str, column: Sequence[str], change: Callable[[str], str], cure: str) -> Sequence[str]:
        """*change* of each cell; the first row whose cell it raises ValueError for is refused."""
        known: dict[str, str] = {}
        for cell in distinct(column):
            try:
                known[cell] = change(cell)
            except ValueError as error:
                self.fail(name, list(column).index(cell), str(error), cure)
        return mapped(lambda cell: known.get(cell, ""), column)

    def counts(self, name: str, column: Sequence[str], shared: Shared) -> Sequence[str]:
        """Whole numbers; words for "not told" become empty."""
        untold = {cell for cell in ("", *shared.nothing) if not cell.isdigit()}

        def count(cell: str) -> str:
            return "" if cell in untold or cell.casefold() in untold else cells.count(cell)

        return self._each(name, column, count, "Write a whole number without separators")

    def vendors(self, column: Sequence[str], shared: Shared, given: str) -> Sequence[str]:
        """A fixed vendor for all, else the row's own, else the one the caller gave."""
        if self.layout.vendor:
            return constant(self.layout.vendor, self.height)
        fallback = shared.vendor(given) or cells.identifier(given)
        known = {name: shared.vendor(name) or cells.identifier(name) or fallback for name in distinct(column)}
        for name in known:
            if not known[name]:
                raise ContractError(
                    self.sheet.name, self.sheet.numbers[list(column).index(name)], "nothing says whose product this is",
                    "Fill a column `vendor`, give the file as --contracts VENDOR=FILE, "
                    "or name its vendor in the settings",
                )  # fmt: skip
        return mapped(lambda name: known.get(name, ""), column)

    def extra(self) -> dict[str, Sequence[str]]:
        """The columns that no field takes."""
        taken = {header for name in CONTRACT_FIELDS if (header := self.header(name))}
        return {h: self.sheet.columns[h][: self.height] for h in self.sheet.header if h not in taken}

    def warnings(self, fields: Mapping[str, Sequence[str]], raw: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """What a person should look at: the file was read, but may not say what it was meant to."""
        name = self.sheet.name
        found = list(self.sheet.warnings)
        if numeric := self.marked("serial", NUMBER):
            rows = ", ".join(str(self.sheet.numbers[i]) for i in numeric[:5]) + (" ..." if len(numeric) > 5 else "")
            found.append(f"{name}: {len(numeric)} serials were numbers (rows {rows}): leading zeros may be lost")
        floats = [index for index, cell in enumerate(raw["serial"]) if cell.endswith("0") and FLOAT.fullmatch(cell)]
        if floats:
            found.append(
                f"{name}: {len(floats)} serials end in .0 as numbers do, first in row {self.sheet.numbers[floats[0]]};"
                " it was taken off, and leading zeros may be lost"
            )
        if unusable := fields["line_kind"].count("serial_less"):
            found.append(f"{name}: {unusable} of {self.height} lines have no usable serial")
        if not (self.headers("line_end") or any(distinct(fields["line_end"]))):
            found.append(f"{name}: no column says when lines end" + self._perhaps_the_end())
        if self.sheet.ends_open and not self._ends_in_trailer():
            found.append(f"{name}: ends without a line break: see that row {self.sheet.numbers[-1]} is its last")
        return tuple(found)

    def _perhaps_the_end(self) -> str:
        """Of a file whose end dates no field takes: the unknown column that holds dates."""
        for header, column in self.extra().items():
            filled = [words for cell in column[:_LOOKED_AT] if (words := cells.text(cell))]
            if filled and sum(map(cells.looks_like_date, filled)) * 2 > len(filled):
                return (
                    f"; {header!r} holds dates: if it is that, name it as line_end in a copy of the layout "
                    f"{self.layout.name}"
                )
        return ""


def synonyms_of(layout: Layout, name: str) -> frozenset[str]:
    """The headers of a field under a layout, as `plain` gives them."""
    return frozenset(map(plain, layout.columns.get(name, ())))


def _or(cell: str, other: str) -> str:
    return cell if cell.strip() else other


def _iso_date(cell: str, order: cells.Order, *, number: bool = False) -> str:
    return cells.iso_date(cell, order, number=number) if cell else ""


def _two(parts: Sequence[str]) -> bool:
    return sum(bool(SERIAL_LIKE.fullmatch(part.strip())) for part in parts) > 1
