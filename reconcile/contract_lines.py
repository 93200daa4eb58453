"""The rows of one contract file as contract lines: each target field made canonical, column by column.

Columns are worked on whole and by their distinct cells, so that a million rows stay quick.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from collectors.serials import canonical
from reconcile import cells, joins
from reconcile.above import said_above
from reconcile.contract_sheet import FLOAT, IDENTITIES, SERIAL_LIKE, SERIALS, Source, mapped, synonyms_of
from reconcile.errors import ContractError
from reconcile.layouts import Layout, Shared
from reconcile.line_kinds import kinds
from reconcile.money import price
from reconcile.sheet import Sheet, plain
from reconcile.tables import CONTRACT_FIELDS

_FLOATED: Final = ("contract_number", "instance_number", "parent_instance_number")
"""Fields that other programs write as 912345678.0."""

_TEXTS: Final[Mapping[str, Callable[[str], str]]] = dict.fromkeys((*IDENTITIES, "product_id"), cells.identity)
_DOUBLED: Final = re.compile(r"\*(.+)\*\1\*?")


@dataclass(frozen=True, slots=True)
class Read:
    """What one file holds."""

    fields: Mapping[str, list[str]]
    """Every target field, `serial_raw` and `line_kind`, a cell a line."""
    extra: Mapping[str, list[str]]
    rows: list[int]
    warnings: tuple[str, ...]
    mapping: Mapping[str, str]
    """The header that each field was read from."""
    above: Mapping[str, str]
    """What lines above the table said of all rows."""
    order: cells.Order
    """How its dates were read; `iso` where none raises the question."""
    order_told_by: str
    """The date that told the order, "" where it was said beforehand or no date raises the question."""


def read_lines(
    sheet: Sheet,
    layout: Layout,
    shared: Shared,
    *,
    vendor: str = "",
    provider: str = "",
    order: cells.Order = "auto",
    lookups: Mapping[str, Sequence[joins.Lookup]] = MappingProxyType({}),
) -> Read:
    """Turn *sheet* into lines under *layout*; *vendor* and *provider* speak where the file does not, *lookups* are the
    other files of the batch that its rows point at, by layout.

    Raises ContractError for a row that cannot be read without guessing.
    """
    sheet, left_out = _lines_only(sheet, layout)
    source = Source(sheet, layout, _height(sheet, layout))
    source.refuse_open_end(shared)
    above = said_above(sheet, layout.above)
    raw = source.raw(above)
    source.refuse_notes(raw)
    raw = joins.filled(raw, sheet, layout.joins, lookups)
    for name in IDENTITIES:
        source.refuse_spoilt(name, raw[name])
    fields = {name: mapped(_TEXTS.get(name, cells.text), column) for name, column in raw.items()}
    for name in SERIALS:
        source.refuse_two_serials(name, raw[name])
        fields[name] = mapped(_serial(layout), raw[name])
    for name in _FLOATED:
        fields[name] = mapped(lambda text: FLOAT.sub(r"\1", text), fields[name])
    order, told_by = source.order(fields, shared, order)
    fields |= source.dates(fields, shared, order)
    fields["quantity"] = source.counts("quantity", fields["quantity"], shared)
    fields["vendor"] = source.vendors(fields["vendor"], shared, vendor)
    fields["provider"] = [
        name or provider or owner for name, owner in zip(fields["provider"], fields["vendor"], strict=True)
    ]
    fields["line_status"] = _status(fields, layout)
    unclear = _set_prices(fields)
    kind = kinds(layout, shared)
    told = zip(*(fields[n] for n in ("product_type", "product_id", "subscription_id", "serial")), strict=True)
    fields["line_kind"] = [kind(*row) for row in told]
    fields["serial_raw"] = raw["serial"]
    warnings = (*source.warnings(fields, raw), *left_out, *(f"{sheet.name}: {words}" for words in unclear))
    mapping = {name: header for name in CONTRACT_FIELDS if (header := source.header(name))}
    return Read(fields, source.extra(), list(sheet.numbers[: source.height]), warnings, mapping, above, order, told_by)


def lookup_of(sheet: Sheet, layout: Layout, shared: Shared) -> joins.Lookup:
    """The rows of a file whose layout has a `key`, for the files that point at it."""
    source = Source(sheet, layout, len(sheet.numbers))
    source.refuse_open_end(shared)
    return joins.lookup(sheet, layout, source.raw({}))


def _lines_only(sheet: Sheet, layout: Layout) -> tuple[Sheet, tuple[str, ...]]:
    """The rows that are lines of this layout, and how many were left out."""
    header = next((h for h in sheet.header if layout.only_with and plain(h) == plain(layout.only_with)), "")
    if not header or all(cell.strip() for cell in sheet.columns[header]):
        return sheet, ()
    kept = [index for index, cell in enumerate(sheet.columns[header]) if cell.strip()]
    left = len(sheet.numbers) - len(kept)
    less = replace(
        sheet, numbers=[sheet.numbers[index] for index in kept],
        columns={h: [column[index] for index in kept] for h, column in sheet.columns.items()},
        marks={h: bytes(marks[index] for index in kept) for h, marks in sheet.marks.items()},
    )  # fmt: skip
    return less, (f"{sheet.name}: {left} rows with an empty {header!r} were not read as {layout.title}",)


def _set_prices(fields: dict[str, list[str]]) -> list[str]:
    """Prices as plain amounts, their currency where only the price says it; says which were left as they were."""
    known = {cell: price(cell) if cell else ("", "") for cell in set(fields["list_price"])}
    unclear = [cell for cell in fields["list_price"] if known[cell] is None]
    found = [known[cell] or (cell, "") for cell in fields["list_price"]]
    fields["list_price"] = [amount for amount, _ in found]
    fields["currency"] = [said or currency for said, (_, currency) in zip(fields["currency"], found, strict=True)]
    return [f"{len(unclear)} prices are unclear and kept as written, the first {unclear[0]!r}"] if unclear else []


def _height(sheet: Sheet, layout: Layout) -> int:
    """How many rows are lines: all, or those above the first blank row; a serial below it is refused."""
    if not (layout.stop_at_blank_row and sheet.first_blank):
        return len(sheet.numbers)
    above = sum(number < sheet.first_blank for number in sheet.numbers)
    serials = next(column for column in sheet.header if plain(column) in synonyms_of(layout, "serial"))
    for row, cell in zip(sheet.numbers[above:], sheet.columns[serials][above:], strict=True):
        if canonical(cell) and SERIAL_LIKE.fullmatch(canonical(cell)):
            problem = f"a serial stands below the blank row {sheet.first_blank}, where this layout ends"
            raise ContractError(sheet.name, row, problem, "Remove the blank row, or the rows below it")
    return above


def _serial(layout: Layout) -> Callable[[str], str]:
    if not layout.doubled_serials:
        return lambda cell: canonical(FLOAT.sub(r"\1", cell) if cell.endswith("0") else cell)
    return lambda cell: canonical(_DOUBLED.sub(r"\1", cell.strip()))


def _status(fields: Mapping[str, list[str]], layout: Layout) -> list[str]:
    words = {word.casefold(): said for word, said in layout.status_words.items()}
    rows = zip(*(fields[name] for name in ("line_status", "contract_number", "line_end")), strict=True)
    return [
        words.get(status.casefold(), status) if status or end else layout.no_end if number else layout.no_contract
        for status, number, end in rows
    ]
