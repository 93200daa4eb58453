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
from reconcile.coded import distinct, mapped, rowwise, taken
from reconcile.coded import plain as plain_cells
from reconcile.columns import settled_serials
from reconcile.contract_sheet import FLOAT, IDENTITIES, SERIAL_LIKE, SERIALS, Source, synonyms_of
from reconcile.errors import ContractError
from reconcile.headers import plain
from reconcile.layouts import Layout, Shared
from reconcile.line_kinds import kinds, like
from reconcile.money import price
from reconcile.sheet import Sheet
from reconcile.tables import CONTRACT_FIELDS

_FLOATED: Final = ("contract_number", "instance_number", "parent_instance_number")
"""Fields that other programs write as 912345678.0."""

_TEXTS: Final[Mapping[str, Callable[[str], str]]] = dict.fromkeys((*IDENTITIES, "product_id"), cells.identity)
_DOUBLED: Final = re.compile(r"\*(.+)\*\1\*?")


@dataclass(frozen=True, slots=True)
class Read:
    """What one file holds."""

    fields: Mapping[str, Sequence[str]]
    """Every target field, `serial_raw` and `line_kind`, a cell a line."""
    extra: Mapping[str, Sequence[str]]
    rows: Sequence[int]
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
    fields = {name: mapped(_TEXTS.get(name, cells.text), column, but=plain_cells) for name, column in raw.items()}
    for name in SERIALS:
        source.refuse_two_serials(name, raw[name])
        fields[name] = mapped(_serial(layout), raw[name], but=settled_serials)
    for name in _FLOATED:
        fields[name] = mapped(lambda text: FLOAT.sub(r"\1", text), fields[name], but=plain_cells)
    order, told_by = source.order(fields, shared, order)
    fields |= source.dates(fields, shared, order)
    fields["quantity"] = source.counts("quantity", fields["quantity"], shared)
    fields["vendor"] = source.vendors(fields["vendor"], shared, vendor)
    fields["provider"] = rowwise(lambda name, owner: name or provider or owner, fields["provider"], fields["vendor"])
    fields["line_status"] = _status(fields, layout)
    unclear = _set_prices(fields)
    told = [fields[name] for name in ("product_type", "product_id", "subscription_id")]
    fields["line_kind"] = rowwise(kinds(layout, shared), *told, mapped(like(shared), fields["serial"]))
    fields["serial_raw"] = raw["serial"]
    warnings = (*source.warnings(fields, raw), *left_out, *(f"{sheet.name}: {words}" for words in unclear))
    mapping = {name: header for name in CONTRACT_FIELDS if (header := source.header(name))}
    return Read(fields, source.extra(), sheet.numbers[: source.height], warnings, mapping, above, order, told_by)


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
        columns={h: taken(column, kept) for h, column in sheet.columns.items()},
        marks={h: bytes(marks[index] for index in kept) for h, marks in sheet.marks.items()},
    )  # fmt: skip
    return less, (f"{sheet.name}: {left} rows with an empty {header!r} were not read as {layout.title}",)


def _set_prices(fields: dict[str, Sequence[str]]) -> list[str]:
    """Prices as plain amounts, their currency where only the price says it; says which were left as they were."""
    prices = fields["list_price"]
    known = {cell: price(cell) if cell else ("", "") for cell in distinct(prices)}
    unclear = [cell for cell in prices if known[cell] is None] if None in known.values() else []

    def amount(cell: str) -> str:
        return (known.get(cell) or (cell, ""))[0]

    def currency(said: str, cell: str) -> str:
        return said or (known.get(cell) or (cell, ""))[1]

    fields["list_price"] = mapped(amount, prices)
    fields["currency"] = rowwise(currency, fields["currency"], prices)
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


def _status(fields: Mapping[str, Sequence[str]], layout: Layout) -> Sequence[str]:
    words = {word.casefold(): said for word, said in layout.status_words.items()}

    def said(status: str, number: str, end: str) -> str:
        if status or end:
            return words.get(status.casefold(), status)
        return layout.no_end if number else layout.no_contract

    return rowwise(said, *(fields[name] for name in ("line_status", "contract_number", "line_end")))
