"""What lines above a table say for all its rows: a contract number, its end, a customer.

A Welcome Kit or a partner's list often has `Contract Number: 200000101` on top and only serials below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from reconcile.errors import ContractError
from reconcile.headers import plain
from reconcile.sheet import Sheet


def said_above(sheet: Sheet, labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The fields that a line above the header says: `label: value` in one cell, or in two side by side.

    Raises ContractError where two lines say different values of one field.
    """
    found: dict[str, tuple[int, str]] = {}
    for row, cells in sheet.above:
        for field, value in _pairs(cells, labels):
            first, known = found.setdefault(field, (row, value))
            if known != value:
                raise ContractError(
                    sheet.name, row, f"says {field} {value!r}, row {first} says {known!r}",
                    "Give each contract its own file, or fill a column of that name",
                )  # fmt: skip
    return {field: value for field, (_, value) in found.items()}


def refuse_second_table(sheet: Sheet, columns: Sequence[str], labels: Mapping[str, Sequence[str]]) -> None:
    """A label inside the table starts another one: its rows would be put on the first contract."""
    for header in columns:
        for cell in dict.fromkeys(sheet.columns[header]):
            if any(_pairs((cell,), labels)):
                index = list(sheet.columns[header]).index(cell)
                raise ContractError(
                    sheet.name, sheet.numbers[index], f"{cell.strip()!r} starts another table",
                    "Give each contract its own file",
                )  # fmt: skip


def _pairs(cells: Sequence[str], labels: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    found = []
    for place, cell in enumerate(cells):
        words = " ".join(cell.split())
        after = next((other.strip() for other in cells[place + 1 :] if other.strip()), "")
        for field, names in labels.items():
            if value := _value(words, after, names):
                found.append((field, value))
    return found


def _value(words: str, after: str, names: Sequence[str]) -> str:
    name, parted, rest = words.partition(":")
    if plain(name) in map(plain, names):
        return rest.strip() or after
    if parted:
        return ""
    for known in names:
        match = re.fullmatch(rf"{re.escape(known)}\s*[#=-]?\s*(\d[\w-]*)", words, re.I)
        if match:
            return match[1]
    return ""
