"""Tables under a ruler (``--- -----`` or ``---+-----``), as `show module` and its like print them.

Rulers promise columns that the rows do not always keep: a Catalyst 9000 prints its rows under wider headings than its
ruler, and a full cell leaves one blank before the next. So a row is cut at the ruler where every edge is blank, else
at runs of blanks, else at the ruler moved aside, else by the nearest headings; a row that none of these fits is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

_RULER: Final = re.compile(r"[ \t]*-{2,}(?:[ +]+-{2,})+[ \t+]*")
_TOKEN: Final = re.compile(r"\S+(?: \S+)*")
_KEY: Final = re.compile(r"\*?\d+[A-Z]?(?:/\d+)*")
_WORDS: Final = frozenset(("ports", "model", "pid"))
_SHIFTS: Final = (1, -1, 2, -2, 3, -3, 4, -4)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its headings in lower case, and its rows by heading."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    bad: tuple[str, ...]
    """Lines among the rows that begin as one and do not fit."""
    line: int
    """The number of its heading's line."""

    def column(self, word: str) -> str:
        """The heading that begins with *word*, or ""."""
        return next((name for name in self.names if name.startswith(word)), "")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    start: int
    """Where the ruler has it."""
    heading: int
    """Where its heading begins."""


def tables(text: str, keys: int = 1) -> tuple[tuple[Table, ...], tuple[tuple[int, str], ...]]:
    """The tables of *text*, and every other line with its number. The first *keys* columns of a row are numbers."""
    lines = [line.expandtabs().rstrip() for line in text.splitlines()]
    rulers = [at for at, line in enumerate(lines) if at and _RULER.fullmatch(line) and ":" not in _above(lines, at)]
    found: list[Table] = []
    taken: set[int] = set()
    for at, end in zip(rulers, [*rulers[1:], len(lines) + 1][: len(rulers)], strict=True):
        table, used = _table(lines, at, min(end - 1, len(lines)), keys)
        found.append(table)
        taken |= used
    return tuple(found), tuple((at, line) for at, line in enumerate(lines) if at not in taken and line.strip())


def _above(lines: Sequence[str], at: int) -> str:
    """The nearest line above that says something: ``Switch Number: 1   Role: ...`` is underlined and heads no table."""
    return next((line for line in reversed(lines[:at]) if line), "")


def _table(lines: Sequence[str], ruler: int, end: int, keys: int) -> tuple[Table, set[int]]:
    """The table whose ruler is line *ruler*: its rows reach to the first line that begins as none."""
    heading = next((at for at in range(ruler - 1, -1, -1) if lines[at].strip()), ruler)
    columns = _columns(lines[heading], lines[ruler])
    rows: list[Row] = []
    bad: list[str] = []
    used = {heading, ruler}
    for at in range(ruler + 1, end):
        line = lines[at]
        if not line.strip():
            continue
        if not _KEY.match(line.strip()):
            break
        used.add(at)
        cells = _cells(line, columns, keys)
        if cells is None:
            bad.append(line.strip())
        else:
            rows.append(dict(zip((column.name for column in columns), cells, strict=True)))
    return Table(tuple(column.name for column in columns), tuple(rows), tuple(bad), heading), used


def _columns(heading: str, ruler: str) -> tuple[_Column, ...]:
    starts = [match.start() for match in re.finditer("-+", ruler)]
    edges = [0, *(_word_start(heading, start) for start in starts[1:]), max(len(heading), starts[-1] + 1)]
    found = []
    for start, left, right in zip(starts, edges, edges[1:], strict=False):
        name = heading[left:right]
        found.append(_Column(" ".join(name.lower().split()), start, left + len(name) - len(name.lstrip())))
    return tuple(found)


def _word_start(heading: str, at: int) -> int:
    """Where the word begins that stands at *at*: a heading may begin before its dashes."""
    return at if at >= len(heading) or heading[at] == " " else heading.rfind(" ", 0, at) + 1


def _cells(line: str, columns: Sequence[_Column], keys: int) -> tuple[str, ...] | None:
    return next((cells for cells in _ways(line, columns) if _fits(cells, columns, keys)), None)


def _ways(line: str, columns: Sequence[_Column]) -> Iterator[tuple[str, ...]]:
    """Every way to cut *line*, the surest first."""
    tokens = [(match.start(), match.group()) for match in _TOKEN.finditer(line)]
    yield from _cut(line, columns, 0)
    if len(tokens) == len(columns):
        yield tuple(token for _, token in tokens)
    if len(tokens) == len(columns) - 1 and tokens[-1][1].count(" ") == 1:  # a full cell, one blank, the last cell
        yield (*(token for _, token in tokens[:-1]), *tokens[-1][1].split())
    for shift in _SHIFTS:
        yield from _cut(line, columns, shift)
    if len(tokens) < len(columns):
        chosen = min(
            combinations(range(len(columns)), len(tokens)),
            key=lambda picked: sum(
                abs(start - columns[at].heading) for at, (start, _) in zip(picked, tokens, strict=True)
            ),
        )
        cells = dict(zip(chosen, (token for _, token in tokens), strict=True))
        yield tuple(cells.get(at, "") for at in range(len(columns)))


def _cut(line: str, columns: Sequence[_Column], shift: int) -> Iterator[tuple[str, ...]]:
    """*line* cut at the ruler, moved by *shift*, where no cell crosses an edge."""
    starts = [max(column.start + shift, 0) for column in columns]
    if line[: starts[0]].strip() or any(0 < start < len(line) and line[start - 1] != " " for start in starts[1:]):
        return
    yield tuple(line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True))


def _fits(cells: Sequence[str], columns: Sequence[_Column], keys: int) -> bool:
    """Numbers for a key, and one word where more cannot be."""
    words = (cell for cell, column in zip(cells, columns, strict=True) if column.name in _WORDS)
    return all(_KEY.fullmatch(cell) for cell in cells[:keys]) and not any(" " in word for word in words)
