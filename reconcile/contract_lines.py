"""The rows of one contract file as contract lines: each target field made canonical, column by column.

Columns are worked on whole and by their distinct cells, so that a million rows stay quick.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from collectors.serials import canonical
from reconcile import cells
from reconcile.errors import ContractError
from reconcile.last_cell import DATES, is_whole
from reconcile.layouts import Layout, Shared
from reconcile.line_kinds import kinds
from reconcile.sheet import Sheet, plain
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
_TOLD_WHOLE: Final = (
    *IDENTITIES,
    *("vendor", "provider", "line_number", "product_id", "product_type"),
    *("service_level", "line_status", "quantity", "hostname"),
)
"""Fields whose cell, cut short, would pass for another one and change a verdict; dates are such fields too."""
_FLOATED: Final = ("contract_number", "instance_number", "parent_instance_number")
"""Fields that other programs write as 912345678.0."""

_FLOAT: Final = re.compile(r"(\d+)\.0", re.A)
_DOUBLED: Final = re.compile(r"\*(.+)\*\1\*?")
_SERIAL_LIKE: Final = re.compile(r"(?=.*\d)[A-Z0-9-]{7,}", re.I)
_SAY_ORDER: Final = 'Write dates as YYYY-MM-DD, or say date_order = "dmy" or "mdy" in your copy of the layout'
_AS_TEXT: Final = "Export it as CSV again, or format the column as text and type the serial from its label"


@dataclass(frozen=True, slots=True)
class Read:
    """What one file holds."""

    fields: Mapping[str, list[str]]
    """Every target field, `serial_raw` and `line_kind`, a cell a line."""
    extra: Mapping[str, list[str]]
    rows: list[int]
    warnings: tuple[str, ...]


def read_lines(sheet: Sheet, layout: Layout, shared: Shared, *, vendor: str, provider: str, order: cells.Order) -> Read:
    """Turn *sheet* into lines under *layout*; *vendor* and *provider* speak where the file does not.

    Raises ContractError for a row that cannot be read without guessing.
    """
    source = _Source(sheet, layout, _height(sheet, layout))
    source.refuse_open_end(shared)
    raw = {name: source.column(name) for name in CONTRACT_FIELDS}
    source.refuse_notes(raw)
    for name in IDENTITIES:
        source.refuse_spoilt(name, raw[name])
    fields = {name: _mapped(cells.text, column) for name, column in raw.items()}
    for name in SERIALS:
        source.refuse_two_serials(name, raw[name])
        fields[name] = _mapped(_serial(layout), raw[name])
    for name in _FLOATED:
        fields[name] = _mapped(lambda text: _FLOAT.sub(r"\1", text), fields[name])
    for name, column in source.dates(fields, shared, order).items():
        fields[name] = column
    fields["quantity"] = source.counts("quantity", fields["quantity"], shared)
    fields["vendor"] = source.vendors(fields["vendor"], shared, vendor)
    fields["provider"] = [
        name or provider or owner for name, owner in zip(fields["provider"], fields["vendor"], strict=True)
    ]
    fields["line_status"] = _status(fields, layout)
    kind = kinds(layout, shared)
    told = zip(*(fields[n] for n in ("product_type", "product_id", "subscription_id", "serial")), strict=True)
    fields["line_kind"] = [kind(*row) for row in told]
    fields["serial_raw"] = raw["serial"]
    return Read(fields, source.extra(), list(sheet.numbers[: source.height]), source.warnings(fields))


def _height(sheet: Sheet, layout: Layout) -> int:
    """How many rows are lines: all, or those above the first blank row; a serial below it is refused."""
    if not (layout.stop_at_blank_row and sheet.first_blank):
        return len(sheet.numbers)
    above = sum(number < sheet.first_blank for number in sheet.numbers)
    serials = next(column for column in sheet.header if plain(column) in _synonyms(layout, "serial"))
    for row, cell in zip(sheet.numbers[above:], sheet.columns[serials][above:], strict=True):
        if canonical(cell) and _SERIAL_LIKE.fullmatch(canonical(cell)):
            problem = f"a serial stands below the blank row {sheet.first_blank}, where this layout ends"
            raise ContractError(sheet.name, row, problem, "Remove the blank row, or the rows below it")
    return above


@dataclass(frozen=True, slots=True)
class _Source:
    """One sheet seen through its layout; it knows which row to name."""

    sheet: Sheet
    layout: Layout
    height: int

    def column(self, name: str) -> list[str]:
        """The raw cells of a field, or its fallback column's where they are empty; "" where it has none."""
        header = self.header(name)
        found = list(self.sheet.columns[header][: self.height]) if header else [""] * self.height
        for spare in self.sheet.header:
            if plain(spare) in map(plain, self.layout.fallback.get(name, ())):
                found = [
                    cell if cell.strip() else other
                    for cell, other in zip(found, self.sheet.columns[spare][: self.height], strict=True)
                ]
        return found

    def refuse_open_end(self, shared: Shared) -> None:
        """A file without a line break at its end may be cut in its last cell: refused where that could matter and the
        cell itself does not show that it is whole."""
        if not self.sheet.ends_open or self._ends_in_trailer():
            return
        last = self.sheet.header[-1]
        field = next((name for name in (*_TOLD_WHOLE, *DATES) if self.header(name) == last), "")
        if field and not is_whole(field, self.sheet.columns[last], shared):
            raise ContractError(
                self.sheet.name, self.sheet.numbers[-1],
                f"the file ends without a line break, so its {last!r} may be cut",
                "Export or copy it again; if it is whole, add a line break at its end",
            )  # fmt: skip

    def _ends_in_trailer(self) -> bool:
        trailers, numbers = self.sheet.trailers, self.sheet.numbers
        return not numbers or bool(trailers and trailers[-1][0] > numbers[-1])

    def header(self, name: str) -> str:
        synonyms = _synonyms(self.layout, name)
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
        for cell in dict.fromkeys(column):
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
        for cell in set(column):
            if _two(re.split(r"[\r\n;,|&/]+", cell)) or _two([p for p in cell.split() if len(p) > 8]):
                at = list(column).index(cell)
                self.fail(name, at, f"{cell!r} holds two serials", "Give each its own row")

    def dates(self, fields: Mapping[str, list[str]], shared: Shared, order: cells.Order) -> dict[str, list[str]]:
        """The date fields as ISO dates, under one order for the whole file."""
        nothing = frozenset(shared.nothing)
        said = {name: [("" if c.casefold() in nothing else c) for c in fields[name]] for name in DATES}
        if order == "auto":
            try:
                order = cells.day_order(dict.fromkeys(cell for column in said.values() for cell in column if cell))
            except ValueError as error:
                self._fail_date(said, str(error))
        return {name: self._iso(name, column, order) for name, column in said.items()}

    def _fail_date(self, said: Mapping[str, list[str]], problem: str) -> NoReturn:
        for name, column in said.items():
            for index, cell in enumerate(column):
                if cell and repr(cell) in problem:
                    self.fail(name, index, problem, _SAY_ORDER)
        raise AssertionError(problem)

    def _iso(self, name: str, column: list[str], order: cells.Order) -> list[str]:
        numbers = set(self.marked(name, NUMBER))
        known: dict[tuple[str, bool], str] = {("", False): "", ("", True): ""}
        found = []
        for index, cell in enumerate(column):
            key = (cell, index in numbers)
            if key not in known:
                try:
                    known[key] = cells.iso_date(cell, order, number=key[1])
                except ValueError as error:
                    self.fail(name, index, str(error), "Correct the date, or write it as YYYY-MM-DD")
            found.append(known[key])
        return found

    def counts(self, name: str, column: list[str], shared: Shared) -> list[str]:
        known = {cell: "" for cell in ("", *shared.nothing) if not cell.isdigit()}
        for index, cell in enumerate(column):
            if cell not in known and cell.casefold() not in known:
                try:
                    known[cell] = cells.count(cell)
                except ValueError as error:
                    self.fail(name, index, str(error), "Write a whole number without separators")
        return [known.get(cell, "") for cell in column]

    def vendors(self, column: list[str], shared: Shared, given: str) -> list[str]:
        """A fixed vendor for all, else the row's own, else the one the caller gave."""
        if self.layout.vendor:
            return [self.layout.vendor] * self.height
        fallback = shared.vendor(given) or cells.identifier(given)
        known = {name: shared.vendor(name) or cells.identifier(name) or fallback for name in set(column)}
        for index, name in enumerate(column):
            if not known[name]:
                raise ContractError(
                    self.sheet.name, self.sheet.numbers[index], "nothing says whose product this is",
                    "Fill a column `vendor`, give the file as --contracts VENDOR=FILE, "
                    "or name its vendor in the settings",
                )  # fmt: skip
        return [known[name] for name in column]

    def extra(self) -> dict[str, list[str]]:
        """The columns that no field takes."""
        taken = {header for name in CONTRACT_FIELDS if (header := self.header(name))}
        return {h: list(self.sheet.columns[h][: self.height]) for h in self.sheet.header if h not in taken}

    def warnings(self, fields: Mapping[str, list[str]]) -> tuple[str, ...]:
        name = self.sheet.name
        found = list(self.sheet.warnings)
        if numeric := self.marked("serial", NUMBER):
            rows = ", ".join(str(self.sheet.numbers[i]) for i in numeric[:5]) + (" ..." if len(numeric) > 5 else "")
            found.append(f"{name}: {len(numeric)} serials were numbers (rows {rows}): leading zeros may be lost")
        if unusable := fields["line_kind"].count("serial_less"):
            found.append(f"{name}: {unusable} of {self.height} lines have no usable serial")
        if not self.header("line_end"):
            found.append(f"{name}: no column says when lines end")
        if self.sheet.ends_open and not self._ends_in_trailer():
            found.append(f"{name}: ends without a line break: see that row {self.sheet.numbers[-1]} is its last")
        return tuple(found)


def _two(parts: Sequence[str]) -> bool:
    return sum(bool(_SERIAL_LIKE.fullmatch(part.strip())) for part in parts) > 1


def _synonyms(layout: Layout, name: str) -> frozenset[str]:
    return frozenset(map(plain, layout.columns.get(name, ())))


def _mapped(change: Callable[[str], str], column: Sequence[str]) -> list[str]:
    """*change* applied to each cell, once for equal ones."""
    known = {cell: change(cell) for cell in set(column)}
    return [known[cell] for cell in column]


def _serial(layout: Layout) -> Callable[[str], str]:
    if not layout.doubled_serials:
        return canonical
    return lambda cell: canonical(_DOUBLED.sub(r"\1", cell.strip()))


def _status(fields: Mapping[str, list[str]], layout: Layout) -> list[str]:
    words = {word.casefold(): said for word, said in layout.status_words.items()}
    rows = zip(*(fields[name] for name in ("line_status", "contract_number", "line_end")), strict=True)
    return [
        words.get(status.casefold(), status) if status or number or end else layout.no_contract
        for status, number, end in rows
    ]
