"""Which layout a file has, by its headers; a forced layout must fit too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from reconcile.above import said_above
from reconcile.errors import ContractError
from reconcile.headers import plain
from reconcile.layouts import Layout, Layouts
from reconcile.sheet import Sheet

_LAST_RESORT: Final = -1
"""The priority of `generic`: layouts below it ask for less and are no help to somebody whose list lacks a column."""


def layout_of(sheet: Sheet, layouts: Layouts, *, forced: str = "", vendor: str = "") -> Layout:
    """The layout of *sheet*. A vendor's name forces its layout only on files that fit it: `smartoptics=FILE` may be
    our own template. Raises ContractError that says what is missing, or where such a file belongs.
    """
    named = layouts.by_name.get(forced)
    if forced and not (named and vendor == named.name and named.missing(_given(sheet), _above(sheet, named))):
        found = _forced(sheet, forced, layouts)
    else:
        found = _from_headers(sheet, layouts)
    if found.refused:
        raise ContractError(sheet.name, sheet.header_row, f"is {found.title}", found.refused)
    return found


def ranked(sheet: Sheet, layouts: Layouts) -> list[Layout]:
    """The layouts that fit *sheet*, best first."""
    return _ranked(sheet.header, layouts, {name: _above(sheet, layout) for name, layout in layouts.by_name.items()})


def find_layout(headers: Sequence[str], layouts: Layouts) -> Layout:
    """The layout whose required headers are all there and that knows most of *headers*.

    Raises LookupError whose text says what the nearest layout misses, or which ones fit equally well.
    """
    return _best(headers, layouts, {})


def _from_headers(sheet: Sheet, layouts: Layouts) -> Layout:
    above = {name: _above(sheet, layout) for name, layout in layouts.by_name.items()}
    elsewhere = [layout for layout in _ranked(sheet.header, layouts, above) if layout.key or layout.joins]
    if not elsewhere and not any(plain(header) in layouts.serials() for header in sheet.header):
        found = ", ".join(sheet.header[:12])
        raise ContractError(
            sheet.name, sheet.header_row, f"no column holds serials (found: {found})",
            "Export it with serial numbers, or name their column in configs/contracts/NAME.toml",
        )  # fmt: skip
    try:
        return _best(sheet.header, layouts, above)
    except LookupError as error:
        cure = "Name the layout with --contracts NAME=FILE, or describe the file in configs/contracts/NAME.toml"
        raise ContractError(sheet.name, sheet.header_row, str(error), cure) from error


def _forced(sheet: Sheet, name: str, layouts: Layouts) -> Layout:
    layout = layouts.by_name.get(name)
    if layout is None:
        known = ", ".join(layouts.by_name)
        raise ContractError(sheet.name, 0, f"there is no layout {name!r}", f"Use one of {known}")
    if missing := layout.missing(_given(sheet), _above(sheet, layout)):
        raise ContractError(
            sheet.name, sheet.header_row, f"layout {name} needs {_quoted(missing)}",
            "Name another layout, or leave it to the headers",
        )  # fmt: skip
    return layout


def _best(headers: Sequence[str], layouts: Layouts, above: dict[str, Collection[str]]) -> Layout:
    given = frozenset(map(plain, headers))
    fitting = _ranked(headers, layouts, above)
    if not fitting:
        known = [
            one for one in layouts.by_name.values() if not one.refused and not one.key and one.priority >= _LAST_RESORT
        ]
        nearest = max(known, key=lambda layout: _nearness(layout, given))
        raise LookupError(f"no layout fits; the nearest, {nearest.name}, misses {_quoted(nearest.missing(given))}")
    equal = [layout.name for layout in fitting if _rank(layout, given) == _rank(fitting[0], given)]
    if len(equal) > 1:
        raise LookupError(f"the layouts {' and '.join(equal)} fit equally well")
    return fitting[0]


def _ranked(headers: Sequence[str], layouts: Layouts, above: dict[str, Collection[str]]) -> list[Layout]:
    given = frozenset(map(plain, headers))
    fitting = [one for name, one in layouts.by_name.items() if not one.missing(given, above.get(name, ()))]
    return sorted(fitting, key=lambda layout: _rank(layout, given), reverse=True)


def _rank(layout: Layout, given: frozenset[str]) -> tuple[int, int]:
    return len(layout.known() & given), layout.priority


def _nearness(layout: Layout, given: frozenset[str]) -> tuple[int, float, bool]:
    asked = len(layout.required) + bool(layout.one_of)
    return len(layout.known() & given), 1 - len(layout.missing(given)) / asked, layout.required_fields


def _given(sheet: Sheet) -> frozenset[str]:
    return frozenset(map(plain, sheet.header))


def _above(sheet: Sheet, layout: Layout) -> Collection[str]:
    return said_above(sheet, layout.above) if layout.above and sheet.above else ()


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
