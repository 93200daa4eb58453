"""The geometry of the page's pictures: numbers in, places in an SVG out. The template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

VERDICTS: Final = (
    "covered", "pending", "warranty_only", "replaced", "unknown", "expired", "uncovered", "uncoverable",
)  # fmt: skip
"""The verdicts of a unit, from well to ill: the order of every bar."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar, in hundredths of its width."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the expiry chart; `height` in hundredths of the tallest."""

    label: str
    title: str
    count: int
    height: float
    past: bool


def bar(counts: Mapping[str, int]) -> tuple[Part, ...]:
    """A bar of the verdicts, each as wide as its share.

    >>> [(part.name, part.start, part.width) for part in bar({"uncovered": 1, "covered": 3})]
    [('covered', 0.0, 75.0), ('uncovered', 75.0, 25.0)]
    """
    total = sum(counts.values())
    parts: list[Part] = []
    start = 0.0
    for name in (*VERDICTS, *sorted(set(counts) - set(VERDICTS))):
        if count := counts.get(name, 0):
            width = 100 * count / total
            parts.append(Part(name, count, round(start, 3), round(width, 3)))
            start += width
    return tuple(parts)


def months(ends: Mapping[str, int], today: date, ahead: int = 18) -> tuple[Column, ...]:
    """Units by the month in which their line ends: all past ones, *ahead* months from this one on, and all later.

    *ends* counts units by end date.
    """
    names = [_month(today, n) for n in range(ahead)]
    counts = dict.fromkeys(names, 0)
    past = later = 0
    for end, count in ends.items():
        if end < today.isoformat():
            past += count
        elif end[:7] in counts:
            counts[end[:7]] += count
        else:
            later += count
    told: Sequence[tuple[str, str, int, bool]] = (
        ("ended", "line has ended", past, True),
        *((name, f"line ends in {name}", counts[name], False) for name in names),
        ("later", f"line ends after {names[-1]}", later, False),
    )
    tallest = max((count for _, _, count, _ in told[:-1]), default=0) or 1  # the later ones may be cut off
    return tuple(
        Column(label, title, count, min(100.0, round(100 * count / tallest, 2)), is_past)
        for label, title, count, is_past in told
    )


def _month(today: date, ahead: int) -> str:
    year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    return f"{year:04d}-{month + 1:02d}"
