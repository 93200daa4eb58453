"""How contract files would be understood, for a person to check before anything is kept.

Faulty rows are set aside one by one, so that all of them show and not only the first; an import takes none of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconcile import cells
from reconcile.coded import taken
from reconcile.contract_lines import Read
from reconcile.contract_sheet import Source
from reconcile.contracts import ContractFile, Opened, lookups_of, open_files, read_one
from reconcile.errors import ContractError, OpenDatesError
from reconcile.find_layout import ranked
from reconcile.joins import Lookup
from reconcile.last_cell import DATES
from reconcile.layouts import Layout, Layouts
from reconcile.sheet import Sheet
from reconcile.tables import CONTRACT_FIELDS

REJECTS: Final = 10
"""So many faulty rows are looked for; each costs a reading of the file."""
FIRST: Final = 5


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that refuses its batch; row 0 is the whole file."""

    row: int
    problem: str
    cure: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One file as it would be understood."""

    file: str
    layout: str
    title: str
    encoding: str
    delimiter: str
    header_row: int
    lines: int
    last_row: int
    mapping: Mapping[str, str]
    """The header of each target field."""
    above: Mapping[str, str]
    """Fields that a line above the table says for all rows."""
    unknown: tuple[str, ...]
    """Headers that are kept and not understood."""
    first: tuple[Mapping[str, str], ...]
    """The first lines: filled target fields, `line_kind` and `row`."""
    kinds: Mapping[str, int]
    statuses: Mapping[str, int]
    contracts: Mapping[str, int]
    """Lines by contract number, most first."""
    dates: str
    """How its dates were read, and what tells."""
    otherwise: tuple[str, ...]
    """What a wrong guess would look like."""
    rejects: tuple[Reject, ...]
    more_rejects: bool
    """Whether the search for faulty rows was given up."""
    warnings: tuple[str, ...]
    trailers: tuple[tuple[int, str], ...]


def preview(files: Sequence[ContractFile], layouts: Layouts) -> tuple[Preview, ...]:
    """Each of *files* as one batch would understand it.

    Raises ContractError for a file that is no table, or of no layout.
    """
    opened = open_files(files, layouts)
    lookups = lookups_of(opened, layouts)
    return tuple(_previewed(one, layouts, lookups) for one in opened)


def _previewed(one: Opened, layouts: Layouts, lookups: Mapping[str, Sequence[Lookup]]) -> Preview:
    found, rejects, more = _tolerant(one, layouts, lookups)
    rows = [(layout, read, place) for layout, read in found for place in range(len(read.rows))]
    main = found[0][1] if found else None
    sheet = one.sheet
    return Preview(
        file=one.name, layout=one.layout.name, title=one.layout.title, encoding=sheet.encoding,
        delimiter=sheet.delimiter, header_row=sheet.header_row, lines=len(rows),
        last_row=max((read.rows[-1] for _, read in found), default=0),
        mapping=main.mapping if main else _mapping(sheet, one.layout), above=main.above if main else {},
        unknown=tuple(main.extra) if main else (),
        first=tuple(_line(read, place) for _, read, place in rows[:FIRST]),
        kinds=_counted(found, "line_kind"), statuses=_counted(found, "line_status"),
        contracts=_counted(found, "contract_number"), dates=_dates(main, rejects),
        otherwise=(*_other_dates(main, one, rejects), *_other_layout(one, layouts)),
        rejects=tuple(rejects), more_rejects=more,
        warnings=tuple(dict.fromkeys(words for _, read in found for words in read.warnings)), trailers=sheet.trailers,
    )  # fmt: skip


def _tolerant(
    one: Opened, layouts: Layouts, lookups: Mapping[str, Sequence[Lookup]]
) -> tuple[list[tuple[Layout, Read]], list[Reject], bool]:
    """What the file says without its faulty rows, those rows, and whether there may be more."""
    rejects: list[Reject] = []
    while len(rejects) < REJECTS:
        try:
            return read_one(one, layouts, lookups), rejects, False
        except OpenDatesError as error:
            rejects.append(Reject(error.row, error.problem, error.cure))
            one = replace(one, file=replace(one.file, date_order="dmy"))
        except ContractError as error:
            rejects.append(Reject(error.row, error.problem, error.cure))
            less = _without(one.sheet, error.row)
            if less is None:
                return [], rejects, True
            one = replace(one, sheet=less)
    return [], rejects, True


def _without(sheet: Sheet, row: int) -> Sheet | None:
    """The sheet without that row; None where it is no row of it, or the only one."""
    kept = [index for index, number in enumerate(sheet.numbers) if number != row]
    if not kept or len(kept) == len(sheet.numbers):
        return None
    return replace(
        sheet, numbers=[sheet.numbers[index] for index in kept],
        columns={name: taken(column, kept) for name, column in sheet.columns.items()},
        marks={name: bytes(marks[index] for index in kept) for name, marks in sheet.marks.items()},
    )  # fmt: skip


def _line(read: Read, place: int) -> dict[str, str]:
    cells_of = {name: read.fields[name][place] for name in (*CONTRACT_FIELDS, "line_kind")}
    return {"row": str(read.rows[place]), **{name: cell for name, cell in cells_of.items() if cell}}


def _counted(found: Sequence[tuple[Layout, Read]], name: str) -> dict[str, int]:
    counts = Counter(cell for _, read in found for cell in read.fields[name])
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


_ORDERS: Final = {"dmy": "day first", "mdy": "month first", "ymd": "year first", "excel": "Excel's count of days"}


def _dates(read: Read | None, rejects: Sequence[Reject]) -> str:
    if any("may have day or month first" in one.problem for one in rejects):
        return "open: day or month first, nothing in the file tells; shown here with the day first"
    if read is None or not any(any(read.fields[name]) for name in DATES):
        return "none" if read else "not read"
    if read.order in _ORDERS:
        why = f"{read.order_told_by!r} tells" if read.order_told_by else "as was said, or as its layout has it"
        return f"{_ORDERS[read.order]} ({why})"
    return "as YYYY-MM-DD, with the month's name or as a count of days: no question arises"


def _other_dates(read: Read | None, one: Opened, rejects: Sequence[Reject]) -> list[str]:
    """A date that the other order would read too, with both readings."""
    if read is None or read.order not in ("dmy", "mdy"):
        return []
    other: cells.Order = "mdy" if read.order == "dmy" else "dmy"
    for name in DATES:
        header = read.mapping.get(name, "")
        for raw in dict.fromkeys(one.sheet.columns[header]) if header else ():
            words = cells.text(raw)
            try:
                here, there = (cells.iso_date(words, order) for order in (read.order, other))
            except ValueError:
                continue
            if here != there:
                return [f"{header} {words!r} is read as {here}; {_ORDERS[other]} it would be {there}"]
    return []


def _other_layout(one: Opened, layouts: Layouts) -> list[str]:
    """The next layout that fits, and which fields it would take from elsewhere."""
    rivals = [
        layout for layout in ranked(one.sheet, layouts)
        if layout.name != one.layout.name and not (layout.refused or layout.key or layout.only_with)
    ]  # fmt: skip
    if not rivals:
        return ["no other layout fits this file"]
    here, there = _mapping(one.sheet, one.layout), _mapping(one.sheet, rivals[0])
    unlike = [
        f"{name} from {_header(there, name)} instead of {_header(here, name)}"
        for name in CONTRACT_FIELDS
        if here.get(name) != there.get(name)
    ]
    return [f"as layout {rivals[0].name} it would read {', '.join(unlike) if unlike else 'the same columns'}"]


def _header(mapping: Mapping[str, str], name: str) -> str:
    return repr(mapping[name]) if name in mapping else "nothing"


def _mapping(sheet: Sheet, layout: Layout) -> dict[str, str]:
    source = Source(sheet, layout, len(sheet.numbers))
    try:
        return {name: header for name in CONTRACT_FIELDS if (header := source.header(name))}
    except ContractError:
        return {}
