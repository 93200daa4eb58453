"""Contract files in: find each one's layout and read all of them as one batch of lines, or none.

A contract that was half read would make covered units look uncovered, so any fault refuses the whole batch,
with file, row and cure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from reconcile import pages
from reconcile.cells import Order, identifier
from reconcile.coded import Coded, constant, distinct, mapped
from reconcile.columns import whole
from reconcile.contract_lines import Read, lookup_of, read_lines
from reconcile.errors import ContractError, SheetError
from reconcile.find_layout import find_layout, layout_of
from reconcile.headers import plain
from reconcile.joins import Lookup
from reconcile.layouts import Layout, Layouts
from reconcile.memory import give_back
from reconcile.sheet import TRAILER_CELLS, IsTrailer, Sheet, read_sheet
from reconcile.tables import LINES, ORIGIN

__all__ = [
    "EXTRA", "ContractBatch", "ContractFile", "FileReport", "Opened", "contract_file", "extra_of", "find_layout",
    "open_files", "read_contracts", "read_one", "with_extra",
]  # fmt: skip

EXTRA: Final = "extra:"
"""Before the name of a column that no target field takes, where lines carry them along (`with_extra`)."""


@dataclass(frozen=True, slots=True)
class ContractFile:
    """One file of a batch and what is known of it beforehand; "" where the file itself must say."""

    path: Path
    layout: str = ""
    """A layout's name forces it; else it is found from the headers."""
    source: str = ""
    """The contract source: a newer batch of the same source replaces the contracts it names."""
    provider: str = ""
    vendor: str = ""
    date_order: Order | None = None
    """Wins over the layout's own."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """How one file was understood, for people to check."""

    file: str
    layout: str
    title: str
    encoding: str
    delimiter: str
    header_row: int
    lines: int
    kinds: dict[str, int]
    """Lines by line_kind."""
    vendors: tuple[str, ...]
    contracts: int
    """Distinct contract numbers."""
    first_row: int
    last_row: int
    trailers: tuple[tuple[int, str], ...]
    """Closing rows that were not read as lines."""
    unknown: tuple[str, ...]
    """Headers that no target field takes."""
    warnings: tuple[str, ...]
    date_order: str = ""
    """How its dates were read: `iso`, `dmy`, `mdy`, `ymd` or `excel`."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """The header each target field was read from."""


@dataclass(frozen=True, slots=True)
class ContractBatch:
    """All lines of one batch."""

    lines: pd.DataFrame
    """The columns of `reconcile.tables.LINES`."""
    extra: pd.DataFrame
    """ORIGIN and every column no target field takes, a row a line, "" where the file has no such column."""
    files: tuple[FileReport, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file of a batch as a table, with its layout."""

    file: ContractFile
    name: str
    """As messages name it."""
    sheet: Sheet
    layout: Layout


def contract_file(argument: str, layouts: Layouts) -> ContractFile:
    """Read `[NAME=]FILE` of the command line: NAME is a layout, else source and provider.

    The name of a vendor says the vendor too.
    """
    name, equals, rest = argument.partition("=")
    if not equals or not name or Path(argument).exists():
        return ContractFile(Path(argument))
    vendor = layouts.shared.vendor(name)
    if name in layouts.by_name:
        return ContractFile(Path(rest), layout=name, vendor=vendor)
    return ContractFile(Path(rest), source=identifier(name), provider=name, vendor=vendor)


def read_contracts(files: Sequence[ContractFile], *, layouts: Layouts) -> ContractBatch:
    """Read *files* as one batch.

    Serials are canonical, dates ISO, `vendor` a lower-case id; equal rows stay two lines. The first fault
    in any file refuses the whole batch, by ContractError.
    """
    tables, extras, reports = _read_all(files, layouts)
    give_back()  # the sheets are gone now
    lines = whole(pd.concat(tables, ignore_index=True)) if tables else pd.DataFrame(columns=list(LINES), dtype="str")
    extra = (
        pd.concat(extras, ignore_index=True).fillna("") if extras else pd.DataFrame(columns=list(ORIGIN), dtype="str")
    )
    return ContractBatch(lines, extra, tuple(reports))


def _read_all(
    files: Sequence[ContractFile], layouts: Layouts
) -> tuple[list[pd.DataFrame], list[pd.DataFrame], list[FileReport]]:
    """For each file its lines, its own columns and its report."""
    opened = open_files(files, layouts)
    lookups = lookups_of(opened, layouts)
    tables, extras, reports = [], [], []
    for one in opened:
        for layout, read in read_one(one, layouts, lookups):
            tables.append(_lines(read, one.file, one.name))
            extras.append(_extra(read, one.name))
            reports.append(_report(one.sheet, layout, read, one.name))
        if one.layout.key:
            reports.append(_looked_up(one))
    if opened and not tables:
        last = opened[-1]
        raise ContractError(
            last.name, 0, f"lists contracts and no units (layout {last.layout.name})",
            "Give the files that say which units are on them in the same command",
        )  # fmt: skip
    return tables, extras, reports


def open_files(files: Sequence[ContractFile], layouts: Layouts) -> list[Opened]:
    """The tables of a batch with their layouts. Raises ContractError, also where pages of an answer are missing."""
    _refuse_repeats(files)
    names = [file.path.name for file in files]
    known, spread, is_trailer = layouts.known(), layouts.spread(), _trailer(layouts)
    opened: list[Opened] = []
    seen: dict[str, str] = {}
    for file in files:
        name = file.path.name if names.count(file.path.name) == 1 else str(file.path)
        try:
            sheet = read_sheet(file.path, known=known, is_trailer=is_trailer, name=name, spread=spread)
        except SheetError as error:
            raise ContractError(error.file, error.row, error.problem, error.cure) from error
        if (twin := seen.setdefault(sheet.digest, name)) != name:
            raise ContractError(name, 0, f"holds exactly what {twin} holds", "Leave one of them out")
        layout = layout_of(sheet, layouts, forced=file.layout, vendor=file.vendor)
        opened.append(Opened(file, name, sheet, layout))
    pages.refuse_missing([(one.sheet, one.layout) for one in opened])
    return opened


def lookups_of(opened: Sequence[Opened], layouts: Layouts) -> dict[str, list[Lookup]]:
    """The files that others point at, by layout."""
    found: dict[str, list[Lookup]] = {}
    for one in opened:
        if one.layout.key:
            found.setdefault(one.layout.name, []).append(lookup_of(one.sheet, one.layout, layouts.shared))
    return found


def read_one(one: Opened, layouts: Layouts, lookups: Mapping[str, Sequence[Lookup]]) -> list[tuple[Layout, Read]]:
    """What one file of a batch says under each layout that reads its rows; nothing where others point at it.

    Raises ContractError where it holds no line.
    """
    if one.layout.key:
        return []
    found = [(one.layout, _read(one, one.layout, layouts, lookups))]
    also = layouts.by_name.get(one.layout.also)
    if also and not also.missing(one.sheet.header_names):
        second = _read(one, also, layouts, lookups)
        theirs = {name: column for name, column in found[0][1].extra.items() if plain(name) not in also.known()}
        found = [(one.layout, replace(found[0][1], extra=theirs)), (also, replace(second, extra={}))]
    found = [(layout, read) for layout, read in found if read.rows]
    if not found:
        raise ContractError(
            one.name, one.sheet.header_row, "no line stands below the header", "Export or copy it again"
        )
    return found


def _read(one: Opened, layout: Layout, layouts: Layouts, lookups: Mapping[str, Sequence[Lookup]]) -> Read:
    second = layout is not one.layout
    return read_lines(
        one.sheet, layout, layouts.shared, vendor=one.file.vendor,
        provider=layout.provider if second else one.file.provider or layout.provider,
        order=one.file.date_order or layout.date_order, lookups=lookups,
    )  # fmt: skip


def with_extra(batch: ContractBatch) -> pd.DataFrame:
    """The lines of *batch*, and behind them the columns that no target field takes, their names after EXTRA.

    This is what a store keeps: what one provider sent may go back to that provider, and to no other.
    """
    own = batch.extra.drop(columns=list(ORIGIN)).add_prefix(EXTRA)
    return pd.concat([batch.lines, own], axis=1)


def extra_of(lines: pd.DataFrame) -> pd.DataFrame:
    """ORIGIN and the provider's own columns of *lines* (`with_extra`), under the names they have in its files.

    A column that is empty in all of *lines* is left out: it came from somebody else's file.
    """
    own = [name for name in lines.columns if str(name).startswith(EXTRA) and bool((lines[name] != "").any())]
    return lines[[*ORIGIN, *own]].rename(columns={name: str(name).removeprefix(EXTRA) for name in own})


def _refuse_repeats(files: Sequence[ContractFile]) -> None:
    seen: set[Path] = set()
    for file in files:
        path = file.path.resolve()
        if path in seen:
            raise ContractError(str(file.path), 0, "is named twice", "Leave one of them out")
        seen.add(path)


def _trailer(layouts: Layouts) -> IsTrailer:
    ends = re.compile("|".join(f"(?:{pattern})" for pattern in layouts.shared.trailer) or r"(?!)", re.I)

    def is_trailer(cells: Sequence[str]) -> bool:
        if len(cells) - cells.count("") > TRAILER_CELLS:
            return False
        filled = [cell.strip() for cell in cells if cell.strip()]
        return 0 < len(filled) <= TRAILER_CELLS and bool(ends.match(filled[0]))

    return is_trailer


def _lines(read: Read, file: ContractFile, name: str) -> pd.DataFrame:
    found = {
        **read.fields,
        "source": mapped(lambda provider: file.source or identifier(provider), read.fields["provider"]),
        "source_file": constant(name, len(read.rows)),
    }
    cells = {column: _cells(found[column]) for column in LINES if column in found}
    return pd.DataFrame({**cells, "source_row": _rows(read)}, columns=list(LINES))


def _extra(read: Read, name: str) -> pd.DataFrame:
    own = {(f"{header} (file)" if header in ORIGIN else header): column for header, column in read.extra.items()}
    cells = {"source_file": _cells(constant(name, len(read.rows))), "source_row": _rows(read)}
    return pd.DataFrame({**cells, **{column: _cells(column_cells) for column, column_cells in own.items()}})


def _cells(column: Sequence[str]) -> Any:
    return column.array() if isinstance(column, Coded) else pd.array(column, dtype="str")


def _rows(read: Read) -> Any:
    return pd.array(np.asarray(read.rows, dtype=np.int64), dtype="int64").astype("str")


def _report(sheet: Sheet, layout: Layout, read: Read, name: str) -> FileReport:
    return FileReport(
        file=name, layout=layout.name, title=layout.title, encoding=sheet.encoding, delimiter=sheet.delimiter,
        header_row=sheet.header_row, lines=len(read.rows),
        kinds=dict(sorted(Counter(read.fields["line_kind"]).items())),
        vendors=tuple(sorted(distinct(read.fields["vendor"]))),
        contracts=len(set(distinct(read.fields["contract_number"])) - {""}),
        first_row=read.rows[0], last_row=read.rows[-1], trailers=sheet.trailers, unknown=tuple(read.extra),
        warnings=read.warnings, date_order=read.order, mapping=dict(read.mapping),
    )  # fmt: skip


def _looked_up(one: Opened) -> FileReport:
    """A file that others point at holds no lines of its own."""
    numbers = one.sheet.numbers
    return FileReport(
        file=one.name, layout=one.layout.name, title=one.layout.title, encoding=one.sheet.encoding,
        delimiter=one.sheet.delimiter, header_row=one.sheet.header_row, lines=0, kinds={}, vendors=(), contracts=0,
        first_row=numbers[0] if numbers else 0, last_row=numbers[-1] if numbers else 0, trailers=one.sheet.trailers,
        unknown=(), warnings=one.sheet.warnings,
    )  # fmt: skip
