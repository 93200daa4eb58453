"""Contract files in: find each one's layout and read all of them as one batch of lines, or none.

A contract that was half read would make covered units look uncovered, so any fault refuses the whole batch,
with file, row and cure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from reconcile.cells import Order, identifier
from reconcile.contract_lines import Read, read_lines
from reconcile.errors import ContractError, SheetError
from reconcile.layouts import Layout, Layouts
from reconcile.sheet import IsTrailer, Sheet, plain, read_sheet
from reconcile.tables import LINES, ORIGIN

_TRAILER_CELLS: Final = 3


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


@dataclass(frozen=True, slots=True)
class ContractBatch:
    """All lines of one batch."""

    lines: pd.DataFrame
    """The columns of `reconcile.tables.LINES`."""
    extra: pd.DataFrame
    """ORIGIN and every column no target field takes, a row a line, "" where the file has no such column."""
    files: tuple[FileReport, ...]


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
    _refuse_repeats(files)
    names = [file.path.name for file in files]
    tables, extras, reports = [], [], []
    seen: dict[str, str] = {}
    for file in files:
        name = file.path.name if names.count(file.path.name) == 1 else str(file.path)
        try:
            sheet = read_sheet(file.path, known=layouts.known(), is_trailer=_trailer(layouts), name=name)
        except SheetError as error:
            raise ContractError(error.file, error.row, error.problem, error.cure) from error
        if (twin := seen.setdefault(sheet.digest, name)) != name:
            raise ContractError(name, 0, f"holds exactly what {twin} holds", "Leave one of them out")
        layout = _layout(sheet, file, layouts)
        read = read_lines(
            sheet, layout, layouts.shared, vendor=file.vendor, provider=file.provider or layout.provider,
            order=file.date_order or layout.date_order,
        )  # fmt: skip
        if not read.rows:
            raise ContractError(name, sheet.header_row, "no line stands below the header", "Export or copy it again")
        tables.append(_lines(read, file, name))
        extras.append(_extra(read, name))
        reports.append(_report(sheet, layout, read, name))
    lines = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(LINES), dtype="str")
    extra = (
        pd.concat(extras, ignore_index=True).fillna("") if extras else pd.DataFrame(columns=list(ORIGIN), dtype="str")
    )
    return ContractBatch(lines, extra, tuple(reports))


def find_layout(headers: Sequence[str], layouts: Layouts) -> Layout:
    """The layout whose required headers are all there and that knows most of *headers*.

    Raises LookupError whose text says what the nearest layout misses, or which ones fit equally well.
    """
    given = frozenset(map(plain, headers))
    fitting = [layout for layout in layouts.by_name.values() if not layout.missing(given)]
    if not fitting:
        nearest = max(layouts.by_name.values(), key=lambda layout: _nearness(layout, given))
        raise LookupError(f"no layout fits; the nearest, {nearest.name}, misses {_quoted(nearest.missing(given))}")
    ranked = sorted(fitting, key=lambda layout: _rank(layout, given), reverse=True)
    equal = [layout.name for layout in ranked if _rank(layout, given) == _rank(ranked[0], given)]
    if len(equal) > 1:
        raise LookupError(f"the layouts {' and '.join(equal)} fit equally well")
    return ranked[0]


def _rank(layout: Layout, given: frozenset[str]) -> tuple[int, int]:
    return len(layout.known() & given), layout.priority


def _nearness(layout: Layout, given: frozenset[str]) -> tuple[float, int]:
    asked = len(layout.required) + bool(layout.one_of)
    return 1 - len(layout.missing(given)) / asked, len(layout.known() & given)


def _layout(sheet: Sheet, file: ContractFile, layouts: Layouts) -> Layout:
    """A vendor's name forces its layout only on files that fit it: `smartoptics=FILE` may be our own template."""
    headers = frozenset(map(plain, sheet.header))
    named = layouts.by_name.get(file.layout)
    if file.layout and not (named and file.vendor == named.name and named.missing(headers)):
        return _forced(sheet, file.layout, layouts)
    if not any(plain(header) in layouts.serials() for header in sheet.header):
        found = ", ".join(sheet.header[:12])
        raise ContractError(
            sheet.name, sheet.header_row, f"no column holds serials (found: {found})",
            "Export it with serial numbers, or name their column in configs/contracts/NAME.toml",
        )  # fmt: skip
    try:
        return find_layout(sheet.header, layouts)
    except LookupError as error:
        cure = "Name the layout with --contracts NAME=FILE, or describe the file in configs/contracts/NAME.toml"
        raise ContractError(sheet.name, sheet.header_row, str(error), cure) from error


def _forced(sheet: Sheet, name: str, layouts: Layouts) -> Layout:
    layout = layouts.by_name.get(name)
    if layout is None:
        known = ", ".join(layouts.by_name)
        raise ContractError(sheet.name, 0, f"there is no layout {name!r}", f"Use one of {known}")
    if missing := layout.missing(frozenset(map(plain, sheet.header))):
        raise ContractError(
            sheet.name, sheet.header_row, f"layout {name} needs {_quoted(missing)}",
            "Name another layout, or leave it to the headers",
        )  # fmt: skip
    return layout


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
        if len(cells) - cells.count("") > _TRAILER_CELLS:
            return False
        filled = [cell.strip() for cell in cells if cell.strip()]
        return 0 < len(filled) <= _TRAILER_CELLS and bool(ends.match(filled[0]))

    return is_trailer


def _lines(read: Read, file: ContractFile, name: str) -> pd.DataFrame:
    providers = map(identifier, read.fields["provider"])
    found = {
        **read.fields,
        "source": [file.source or provider for provider in providers],
        "source_file": [name] * len(read.rows),
        "source_row": list(map(str, read.rows)),
    }
    return pd.DataFrame({column: pd.array(found[column], dtype="str") for column in LINES})


def _extra(read: Read, name: str) -> pd.DataFrame:
    own = {(f"{header} (file)" if header in ORIGIN else header): column for header, column in read.extra.items()}
    found = {"source_file": [name] * len(read.rows), "source_row": list(map(str, read.rows)), **own}
    return pd.DataFrame({column: pd.array(cells, dtype="str") for column, cells in found.items()})


def _report(sheet: Sheet, layout: Layout, read: Read, name: str) -> FileReport:
    return FileReport(
        file=name, layout=layout.name, title=layout.title, encoding=sheet.encoding, delimiter=sheet.delimiter,
        header_row=sheet.header_row, lines=len(read.rows),
        kinds=dict(sorted(Counter(read.fields["line_kind"]).items())),
        vendors=tuple(sorted(set(read.fields["vendor"]))),
        contracts=len(set(read.fields["contract_number"]) - {""}),
        first_row=read.rows[0], last_row=read.rows[-1], trailers=sheet.trailers, unknown=tuple(read.extra),
        warnings=read.warnings,
    )  # fmt: skip


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
