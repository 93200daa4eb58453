"""Columns of text turned into what can be compared at speed: keys, days, canonical serials, short host names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectors.serials import canonical
from reconcile.products import changed

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Text: TypeAlias = "pd.Series[str]"
Row: TypeAlias = dict[str, Any]
Case: TypeAlias = "tuple[Bools | pd.Series[bool], str | Text]"
"""Where something holds, and what is then told."""

NONE: Final = -1
"""In a column of row numbers: no row."""
NO_DAY: Final = -(2**40)
"""In a column of days: no date."""
_SEPARATOR: Final = "\x1f"
_PLAIN: Final = r"[A-Z0-9][A-Z0-9-]*"
_SUSPECT: Final = "|".join((
    r"[0-]+|X+|\d\d-\d{4,6}-\d\d",
    "NA|NONE|NULL|UNKNOWN|UNSPECIFIED|UNDEFINED|NOTAVAILABLE|NOTAPPLICABLE|NOTPRESENT|NOTSPECIFIED|TBD|BUILT-?IN",
    "|".join(f"{sign}{{6,}}" for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
))  # fmt: skip
"""What is written like a serial and may be none."""


def serials(column: Text) -> Text:
    """Canonical serials; what is plainly canonical already is not looked at again."""
    settled = pd.Series(settled_serials(arrow(column)), index=column.index)
    if bool(settled.all()):
        return column
    made = column.to_numpy(dtype=object).copy()
    made[~settled] = changed(column[~settled], canonical).to_numpy(dtype=object)
    return text(made, column.index)


def settled_serials(words: Any) -> Bools:
    """Which cells of an Arrow array are plainly canonical serials, or empty."""
    plain = pc.match_substring_regex(words, f"^(?:{_PLAIN})?$")
    return np.asarray(pc.and_not(plain, pc.match_substring_regex(words, f"^(?:{_SUSPECT})$")), dtype=bool)


def arrow(column: Text) -> Any:
    """The column as one Arrow array."""
    return pa.array(column, type=pa.large_string())


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with each text column in one piece: Arrow takes rows of one in pieces several times as slowly."""
    pieces = {str(name): arrow(frame[name]) for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)}
    parted = {name: cells for name, cells in pieces.items() if len(_chunks(cells)) > 1}
    return frame.assign(**{name: _text_of(cells.combine_chunks(), frame.index) for name, cells in parted.items()})


def cells_at(column: Text, rows: Ints, index: pd.Index) -> Text:
    """The cells at *rows*, "" for NONE."""
    none: Bools = rows == NONE
    if not none.any():
        return _text_of(pc.take(arrow(column), pa.array(rows)), index)
    return _text_of(pc.fill_null(pc.take(arrow(column), pa.array(rows, mask=none)), ""), index)


def among(column: Text, known: Text | Collection[str]) -> pd.Series[bool]:
    """Which cells are one of *known*. Arrow's own look-up: pandas' `isin` makes an object of every known text first,
    which for a million takes seconds."""
    words = arrow(known) if isinstance(known, pd.Series) else pa.array(list(known), type=pa.large_string())
    return pd.Series(np.asarray(pc.is_in(arrow(column), value_set=words), dtype=bool), index=column.index)


def of_serials(frame: pd.DataFrame, others: pd.DataFrame, *names: str, by: str = "serial") -> pd.Series[bool]:
    """Which rows of *frame* have the `vendor` and `serial` of one of *others*; *by* is the serial's name there, *names*
    are further columns of both. Keys are made only of rows whose serial is among the others' (and of those only)."""
    found = among(frame["serial"], others[by])
    if not bool(found.any()):
        return found
    mine = frame.loc[found.to_numpy(), ["vendor", "serial", *names]]
    theirs = others.loc[among(others[by], mine["serial"]).to_numpy(), ["vendor", by, *names]]
    told = found.to_numpy(dtype=bool).copy()
    told[told] = among(key(mine, "vendor", "serial", *names), key(theirs, "vendor", by, *names))
    return pd.Series(told, index=frame.index)


def key(frame: pd.DataFrame, *names: str) -> Text:
    """One text key of several columns."""
    cells = [arrow(frame[name]) for name in names]
    return _text_of(pc.binary_join_element_wise(*cells, pa.scalar(_SEPARATOR, type=pa.large_string())), frame.index)


def codes(*keys: Text) -> list[Ints]:
    """Row by row integers, equal where the texts of the several columns are equal."""
    pieces = [piece for column in keys for piece in _chunks(arrow(column))]
    encoded = pa.chunked_array(pieces, type=pa.large_string()).dictionary_encode()
    numbers = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    joined = np.concatenate([*numbers, np.empty(0, dtype=np.int64)]).astype(np.int64)
    return np.split(joined, np.cumsum([len(k) for k in keys])[:-1])


def alike(frame: pd.DataFrame, *names: str) -> Ints:
    """A number for each row, equal where the rows are alike in *names*, counted up from 0 in the order of the rows.

    Column by column: the few different cells of each take less than one text of all of them for every row.
    """
    joined = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        (numbers,) = codes(frame[name])
        joined = pd.factorize(joined * (int(numbers.max(initial=0)) + 1) + numbers)[0].astype(np.int64)
    return joined


def tally(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The different rows of *names*, as they first stand, each with its `count`."""
    numbers = alike(frame, *names)
    count = np.bincount(numbers)
    first = first_row(numbers, np.arange(len(frame)), len(count))
    return frame[list(names)].iloc[first].assign(count=count)


def first_row(groups: Ints, order: Ints, size: int) -> Ints:
    """For each group number below *size* the row that comes first in *order*; NONE where the group has none."""
    found = np.full(size, NONE, dtype=np.int64)
    found[groups[order[::-1]]] = order[::-1]
    return found


def days(column: Text) -> Ints:
    """Dates as day numbers (`date.toordinal`); NO_DAY where the text is no ISO date."""
    numbers, uniques = pd.factorize(column)
    ordinals = np.array([_day(unique) for unique in np.asarray(uniques, dtype=object).tolist()], dtype=np.int64)
    return ordinals[numbers] if len(ordinals) else np.empty(0, dtype=np.int64)


def day(text: str) -> date | None:
    """The ISO date in *text*, or None."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def years_on(start: date, years: int) -> date:
    """The same day so many years on; the last of February stays the last.

    >>> years_on(date(2020, 2, 29), 5)
    datetime.date(2025, 2, 28)
    """
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def hosts(column: Text) -> Text:
    """Host names as compared: lower case, without a domain; an address stays whole."""
    return changed(column, host)


def host(name: str) -> str:
    """The name by which a host is known to itself.

    >>> host("SW1.example.net "), host("10.0.0.1")
    ('sw1', '10.0.0.1')
    """
    plain = name.strip().lower()
    return plain if re.fullmatch(r"[\d.]+|.*:.*", plain) else plain.partition(".")[0]


def text(values: npt.NDArray[Any] | list[str], index: pd.Index | None = None) -> Text:
    """A column of text from an array of text."""
    return pd.Series(values, index=index, dtype="str")


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows as dictionaries by column name; a third of the time that pandas takes for the same."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].to_numpy(dtype=object).tolist() for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def groups(frame: pd.DataFrame, *names: str) -> Iterator[list[Row]]:
    """The rows of each group that is alike in *names*, groups in the order of their keys, rows as they stood.

    One pass over all rows: a frame for each group would cost a millisecond a group.
    """
    ordered = records(frame.sort_values(list(names), kind="stable"))
    for _, rows in groupby(ordered, key=itemgetter(*names)):
        yield list(rows)


def first_told(cases: Sequence[Case], index: pd.Index, default: str = "") -> Text:
    """Row by row the text of the first case that holds.

    Each row gets the place of its text in one Arrow array: the constants, behind them the cells that columns tell. No
    object of Python is made for a row, and of a column only the cells that are told are taken.
    """
    constants = [default, *(told for _, told in cases if isinstance(told, str))]
    pieces = [pa.array(constants, type=pa.large_string())]
    place, behind, constant = np.zeros(len(index), dtype=np.int64), len(constants), len(constants)
    for holds, told in reversed(cases):
        where = np.asarray(holds, dtype=bool)
        if isinstance(told, str):
            constant -= 1
            place[where] = constant
        else:
            rows = np.flatnonzero(where)
            pieces += _chunks(pc.take(arrow(told), pa.array(rows)))
            place[rows] = np.arange(behind, behind + len(rows))
            behind += len(rows)
    return _text_of(pa.concat_arrays(pieces).take(pa.array(place)), index)


def _chunks(cells: Any) -> list[Any]:
    """The pieces of an Arrow column: arrays."""
    return list(cells.chunks) if isinstance(cells, pa.ChunkedArray) else [cells]


def _text_of(cells: Any, index: pd.Index) -> Text:
    return pd.Series(pd.array(cells, dtype="str"), index=index)


def numbers(column: Text) -> Ints:
    """Row numbers as integers, 0 where the text is none."""
    cells = arrow(column)
    if bool(pc.all(pc.match_substring_regex(cells, "^[0-9]{1,18}$")).as_py()):
        return np.asarray(pc.cast(cells, pa.int64()))
    found: Ints = pd.to_numeric(column, errors="coerce").fillna(0).to_numpy(dtype=np.int64)
    return found


def _day(iso: str) -> int:
    found = day(iso)
    return found.toordinal() if found else NO_DAY
