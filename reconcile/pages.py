"""Answers that come in pages: a batch holds all of them or is refused.

One page alone would make every unit of the other pages look uncovered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from reconcile.errors import ContractError
from reconcile.layouts import Layout
from reconcile.sheet import Sheet

_ALL: Final = "Fetch the other pages too and give all files in one command"

Page = tuple[Sheet, Layout]


def refuse_missing(files: Sequence[Page]) -> None:
    """Raise ContractError where a file holds fewer records than it says, or pages of an answer are not there."""
    groups: dict[tuple[str, int, int], list[Sheet]] = {}
    for sheet, layout in files:
        pages, totals = layout.pages, sheet.totals
        here, of, total = (_number(totals.get(key, "")) for key in (pages.here, pages.of, pages.total))
        if here is not None and here != sheet.records:
            raise ContractError(
                sheet.name, 0, f"says that it holds {here} records and holds {sheet.records}", "Fetch it again"
            )
        if of is not None or total is not None:
            groups.setdefault((layout.name, of or 0, total or 0), []).append(sheet)
            _refuse_page(sheet, layout, of)
    by_name = {layout.name: layout for _, layout in files}
    for (name, of, total), sheets in groups.items():
        _refuse_gaps(sheets, by_name[name], of)
        _refuse_short(sheets, total)


def _refuse_page(sheet: Sheet, layout: Layout, of: int | None) -> None:
    page = _number(sheet.totals.get(layout.pages.page, ""))
    if of and page is not None and not 1 <= page <= of:
        raise ContractError(sheet.name, 0, f"says that it is page {page} of {of}", "Fetch it again")


def _refuse_gaps(sheets: Sequence[Sheet], layout: Layout, of: int) -> None:
    if of < 2:
        return
    pages = Counter(_number(sheet.totals.get(layout.pages.page, "")) for sheet in sheets)
    often = max(pages.values())
    if missing := [number for number in range(1, of + 1) if pages[number] < often]:
        said = ", ".join(map(str, missing[:10]))
        held = ", ".join(str(page) for page in sorted(page for page in pages if page is not None))
        raise ContractError(
            sheets[0].name,
            0,
            f"is page {held} of {of}; not given: page {said}" + (" ..." if missing[10:] else ""),
            _ALL,
        )


def _refuse_short(sheets: Sequence[Sheet], total: int) -> None:
    held = sum(sheet.records for sheet in sheets)
    if total and (held < total or held % total):
        names = ", ".join(sheet.name for sheet in sheets[:3]) + (" ..." if sheets[3:] else "")
        raise ContractError(names, 0, f"{held} of {total} records are here", _ALL)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
