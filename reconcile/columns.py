"""Columns of text turned into what can be compared at speed: keys, days, canonical serials, short host names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectors.serials import canonical
from reconcile.products import mapped

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
_SUSPECT: Final = r"0+|X+|NA|NONE|NULL|UNKNOWN|UNSPECIFIED|NOTAVAILABLE|NOTPRESENT|TBD|BUILT-?IN|\d\d-\d{4,6}-\d\d"


def serials(column: Text) -> Text:
    """Canonical serials; what is plainly canonical already is not looked at again."""
    settled = (column == "") | (column.str.fullmatch(_PLAIN) & ~column.str.fullmatch(_SUSPECT))
    if bool(settled.all()):
        return column
    return column.where(
        settled, mapped(column.where(settled, column), {s: canonical(s) for s in column[~settled].unique()})
    )


def key(frame: pd.DataFrame, *names: str) -> Text:
    """One text key of several columns."""
    first, *rest = names
    joined = frame[first]
    for name in rest:
        joined = joined + _SEPARATOR + frame[name]
    return joined


def codes(*keys: Text) -> list[Ints]:
    """Row by row integers, equal where the texts of the several columns are equal."""
    numbers, _ = pd.factorize(pd.concat(keys, ignore_index=True))
    return [part.astype(np.int64) for part in np.split(numbers, np.cumsum([len(k) for k in keys])[:-1])]


def first_row(groups: Ints, order: Ints, size: int) -> Ints:
    """For each group number below *size* the row that comes first in *order*; NONE where the group has none."""
    found = np.full(size, NONE, dtype=np.int64)
    found[groups[order[::-1]]] = order[::-1]
    return found


def days(column: Text) -> Ints:
    """Dates as day numbers (`date.toordinal`); NO_DAY where the text is no ISO date."""
    numbers, uniques = pd.factorize(column)
    ordinals = np.array([_day(str(unique)) for unique in uniques], dtype=np.int64)
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
    return mapped(column, {name: host(str(name)) for name in column.unique()})


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


def first_told(cases: Sequence[Case], index: pd.Index, default: str = "") -> Text:
    """Row by row the text of the first case that holds; numpy's `select` would make wide fixed-size text of it."""
    picked = np.full(len(index), default, dtype=object)
    for holds, told in reversed(cases):
        where = np.asarray(holds, dtype=bool)
        picked[where] = told if isinstance(told, str) else told.to_numpy(dtype=object)[where]
    return text(picked, index)


def numbers(column: Text) -> Ints:
    """Row numbers as integers, 0 where the text is none."""
    found: Ints = pd.to_numeric(column, errors="coerce").fillna(0).to_numpy(dtype=np.int64)
    return found


def _day(iso: str) -> int:
    found = day(iso)
    return found.toordinal() if found else NO_DAY
