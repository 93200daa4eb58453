"""A long column of text as its distinct cells and, row by row, which of them stands there.

What is worked out of a cell is worked out once for equal ones, and a million rows are handed on as integers. To those
who read it cell by cell it is a sequence of text like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]
Settled = Callable[[Any], npt.NDArray[np.bool_]]
"""Which cells of an Arrow array a change leaves as they are."""
_PLAIN: Final = r"^[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?$"


@dataclass(frozen=True, slots=True, eq=False)
class Coded(Sequence[str]):
    """A column: `words[codes[row]]` is the cell of a row. Words may be equal, and some may stand in no row."""

    words: list[str]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.codes.tolist())

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return Coded(self.words, self.codes[place])
        return self.words[int(self.codes[place])]

    def array(self) -> Any:
        """The cells as a pandas array of text."""
        words = pa.array(self.words, type=pa.large_string())
        return pd.array(words.take(pa.array(self.codes)), dtype="str")


def coded(column: Any) -> Coded:
    """An Arrow column of text."""
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found = pc.dictionary_encode(found)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    codes = found.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(found.dictionary.to_numpy(zero_copy_only=False).tolist(), codes)


def constant(word: str, height: int) -> Coded:
    """*word* in every row."""
    return Coded([word], np.zeros(height, dtype=np.int64))


def taken(column: Sequence[str], rows: Sequence[int]) -> Sequence[str]:
    """The cells of these rows."""
    if isinstance(column, Coded):
        return Coded(column.words, column.codes[np.asarray(rows, dtype=np.int64)])
    return [column[row] for row in rows]


def plain(words: Any) -> npt.NDArray[np.bool_]:
    """Which cells are letters, digits and inner dashes only."""
    return np.asarray(pc.match_substring_regex(words, _PLAIN), dtype=bool)


def odd(column: Sequence[str], settled: Settled = plain) -> list[str]:
    """The distinct cells that are not *settled*; all of them in a short column."""
    if not isinstance(column, Coded):
        return distinct(column)
    left = np.flatnonzero(~settled(pa.array(column.words, type=pa.large_string())))
    return _in_order(column, left) if len(left) else []


def distinct(column: Sequence[str]) -> list[str]:
    """The cells that stand in a column, each once, in the order of their first rows."""
    if not isinstance(column, Coded):
        return list(dict.fromkeys(column))
    return _in_order(column, np.arange(len(column.words)))


def _in_order(column: Coded, asked: Codes) -> list[str]:
    """The words at these places that stand in some row, each once, in the order of their first rows."""
    height = len(column.codes)
    first = np.full(len(column.words), height, dtype=np.int64)
    first[column.codes[::-1]] = np.arange(height - 1, -1, -1)  # the first row of a word is written last
    present = asked[first[asked] < height]
    return list(dict.fromkeys(column.words[code] for code in present[np.argsort(first[present])].tolist()))


def mapped(change: Callable[[str], str], column: Sequence[str], *, but: Settled | None = None) -> Sequence[str]:
    """*change* applied to each cell, once for equal ones; *but* tells cells of which it is known to change nothing."""
    if not isinstance(column, Coded):
        known = {cell: change(cell) for cell in set(column)}
        return [known[cell] for cell in column]
    if but is None:
        return Coded([change(word) for word in column.words], column.codes)
    asked = np.flatnonzero(~but(pa.array(column.words, type=pa.large_string())))
    words = list(column.words)
    for place in asked.tolist():
        words[place] = change(words[place])
    return Coded(words, column.codes)


def rowwise(change: Callable[..., str], *columns: Sequence[str]) -> Sequence[str]:
    """*change* of the cells of several columns, row by row, once for equal rows."""
    if not all(isinstance(column, Coded) for column in columns):
        known: dict[tuple[str, ...], str] = {}
        return [known.setdefault(row, "") or _keep(known, row, change) for row in zip(*columns, strict=True)]
    codes, first = _together([column for column in columns if isinstance(column, Coded)])
    return Coded([change(*(column[row] for column in columns)) for row in first.tolist()], codes)


def _keep(known: dict[tuple[str, ...], str], row: tuple[str, ...], change: Callable[..., str]) -> str:
    known[row] = change(*row)
    return known[row]


def _together(columns: Sequence[Coded]) -> tuple[Codes, Codes]:
    """One code for the cells of a row together, and the first row of each code."""
    joined = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        numbers = {word: number for number, word in enumerate(dict.fromkeys(column.words))}
        codes = np.array([numbers[word] for word in column.words], dtype=np.int64)[column.codes]
        joined = pd.factorize(joined * len(numbers) + codes)[0].astype(np.int64)
    return joined, np.unique(joined, return_index=True)[1]
