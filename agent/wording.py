"""How lists, spans and counts are worded for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

LIST: Final = 40
"""Rows shown of a list; the rest is counted."""


def headed(title: str, rows: Sequence[str]) -> Iterator[str]:
    """The rows under their title, or nothing where there are none."""
    if rows:
        yield f"  {title}"
    for row in rows[:LIST]:
        yield f"    {row}"
    if len(rows) > LIST:
        yield f"    and {len(rows) - LIST} more"


def count(number: int, noun: str) -> str:
    """How many of something.

    >>> count(1, "device"), count(2, "device"), count(0, "try")
    ('1 device', '2 devices', '0 tries')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def joined(*words: str) -> str:
    """The words that say something, two spaces apart."""
    return "  ".join(word for word in words if word)


def in_spans(spans: Iterable[tuple[int, int]]) -> str:
    """Run numbers as spans.

    >>> in_spans([(1, 2), (3, 3), (5, 9)])
    '1-3, 5-9'
    """
    merged: list[list[int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(last, merged[-1][1])
        else:
            merged.append([first, last])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in merged)


def in_runs(numbers: Iterable[str]) -> str:
    """The same of single numbers.

    >>> in_runs(["1", "2", "3", "5"])
    '1-3, 5'
    """
    return in_spans((int(n), int(n)) for n in numbers)


def period(first: str, last: str) -> str:
    """Two days, or the one.

    >>> period("2026-03-01", "2026-03-04")
    '2026-03-01 to 2026-03-04'
    """
    return first if first == last else f"{first} to {last}"


def tally(column: pd.Series[str]) -> str:
    """How often each value is there."""
    return " · ".join(f"{n} {str(name).replace('_', ' ')}" for name, n in column.value_counts().items())
