"""Near matches: a contract's serial that is probably a writing of a unit's serial. A suggestion, never a match.

Only serials that matched nothing are compared, within one vendor, and only pairs that are alone on both sides are
told. What counts as near: the date digits of a classic serial (LLLYYWWSSSS) misread as letters; leading zeros of a
number lost; a spreadsheet's scientific notation; a serial cut off at a column's width; a cable's end mark; one letter
more, less, other or swapped, where the product is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NONE, Bools, Text, key, records
from reconcile.policy import Policy
from reconcile.products import mapped
from reconcile.replaced import LOW

NEAR: Final = ("vendor", "line", "unit", "how", "line_serial", "unit_serial")
READ: Final = ("vendor", "serial", "base", "unit", "line_kind", "ignored")
"""What is read of the lines."""
_COMPARED: Final = ("vendor", "serial", "base")
Keys = Callable[[str], Iterable[str]]
_DIGITS: Final = str.maketrans("OILSB", "01158")
_CLASSIC: Final = re.compile(r"^[A-Z0-9]{3}[0-9OILSB]{4}[A-Z0-9]{4}$")
_SCIENTIFIC: Final = re.compile(r"^(\d)(?:[.,](\d+))?E\+?(\d{1,2})$")
_END_MARK: Final = re.compile(r"-(?:A|B|CH\d+)$")


def near(units: pd.DataFrame, lines: pd.DataFrame, pairs: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The near matches (`NEAR`) of hardware lines that no unit took and coverable units on no line."""
    if not policy.near.enabled:
        return _frame([])
    taken = lines["unit"][lines["unit"] != NONE]
    loose = (lines["unit"] == NONE) & (lines["line_kind"] == "hardware") & ~lines["ignored"]
    left_lines = lines.loc[loose & (lines["serial"] != ""), list(_COMPARED)]
    sure = pairs[pairs["confidence"] != LOW]
    busy = units.index.isin(taken) | units.index.isin(sure["unit"])
    left_units = units.loc[(units["treatment"] != "ignore") & (units["serial"] != "") & ~busy, list(_COMPARED)]
    if left_lines.empty or left_units.empty:
        return _frame([])
    shortest = policy.near.minimum_prefix
    found = [
        _meet(left_lines, left_units, "date digits misread", _repaired),
        _meet(left_lines, left_units, "leading zeros", _unpadded),
        _meet(left_lines, left_units, "cable end mark", _unmarked),
        _meet(left_lines, left_units, "cut off", lambda s: (s,), lambda s: _prefixes(s, shortest)),
        _meet(left_lines, left_units, "cut off", lambda s: _prefixes(s, shortest), lambda s: (s,)),
        _scientific(left_lines, left_units),
    ]
    if max(len(left_lines), len(left_units)) <= policy.near.edit_distance_limit:
        found.append(_one_letter(left_lines, left_units))
    every = pd.concat(found, ignore_index=True).drop_duplicates(["line_serial", "unit_serial", "vendor"])
    if every.empty:
        return every
    return every[~_ambiguous(every, "line_serial", "unit_serial") & ~_ambiguous(every, "unit_serial", "line_serial")]


def told(lines: pd.DataFrame, units: pd.DataFrame, near: pd.DataFrame) -> Text:
    """For each line whose serial is probably another writing of a unit's, that unit in words; "" for all others."""
    held = units.loc[near["unit"].to_numpy(), ["serial", "hostname", "address"]]
    where = held["hostname"].where(held["hostname"] != "", held["address"])
    words = "; probably a writing of " + held["serial"] + " in " + where
    return mapped(key(lines, "vendor", "serial"), dict(zip(key(near, "vendor", "line_serial"), words, strict=True)))


def distance_is_one(a: str, b: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns *a* into *b*.

    >>> distance_is_one("FOC1", "FCO1"), distance_is_one("FOC1", "FOC1")
    (True, False)
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest_a, rest_b = a[start:], b[start:]
    swapped = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:]
    return swapped or rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]


def _ambiguous(every: pd.DataFrame, one: str, other: str) -> pd.Series[bool]:
    return every.groupby(["vendor", one])[other].transform("nunique") > 1


def _meet(
    lines: pd.DataFrame, units: pd.DataFrame, how: str, line_keys: Keys, unit_keys: Keys | None = None
) -> pd.DataFrame:
    """Lines and units that share a key, but not the serial itself."""
    left = list(_keyed(lines, line_keys))
    met = {(row[0], row[-1]) for row in left}
    right = [row for row in _keyed(units, unit_keys or line_keys) if (row[0], row[-1]) in met]
    if not right:
        return _frame([])
    met = {(row[0], row[-1]) for row in right}
    names = ["vendor", "serial", "base", "row", "met"]
    told = pd.DataFrame([row for row in left if (row[0], row[-1]) in met], columns=names)
    both = told.merge(pd.DataFrame(right, columns=names), on=["vendor", "met"], suffixes=("_line", "_unit"))
    both = both[both["serial_line"] != both["serial_unit"]].drop_duplicates(["row_line", "row_unit"])
    return _frame(
        {"vendor": r["vendor"], "line": r["row_line"], "unit": r["row_unit"], "how": how,
         "line_serial": r["serial_line"], "unit_serial": r["serial_unit"]}
        for r in records(both)
    )  # fmt: skip


def _keyed(frame: pd.DataFrame, keys: Keys) -> Iterator[tuple[str, str, str, int, str]]:
    cells = (frame[name].to_numpy(dtype=object).tolist() for name in ("vendor", "serial", "base"))
    for vendor, serial, base, row in zip(*cells, frame.index.tolist(), strict=True):
        for met in keys(serial):
            yield vendor, serial, base, row, met


def _one_letter(lines: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Serials one edit apart share a text with one letter left out; of one product."""
    found = _meet(lines, units, "one letter", _shortened)
    if found.empty:
        return found
    pairs = zip(found["line_serial"], found["unit_serial"], strict=True)
    apart: Bools = np.array([distance_is_one(a, b) for a, b in pairs], dtype=bool)
    found = found[apart]
    on_line = lines["base"].reindex(found["line"]).to_numpy(dtype=object)
    in_unit = units["base"].reindex(found["unit"]).to_numpy(dtype=object)
    same: Bools = (on_line == in_unit) & (on_line != "")
    return found[same]


def _scientific(lines: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    shapes = {m.groups() for s in lines["serial"] if (m := _SCIENTIFIC.match(s))}
    sizes = {(len(f"{lead}{rest or ''}"), int(exponent)) for lead, rest, exponent in shapes}

    def written(serial: str) -> Iterator[str]:
        for digits, exponent in sizes if serial.isdigit() else ():
            if len(serial) == exponent + 1 and digits <= len(serial):
                yield f"{exponent}:{round(int(serial), digits - len(serial)) // 10 ** (len(serial) - digits)}"

    def read(serial: str) -> Iterator[str]:
        if m := _SCIENTIFIC.match(serial):
            yield f"{int(m[3])}:{m[1]}{m[2] or ''}"

    return _meet(lines, units, "scientific notation", read, written) if sizes else _frame([])


def _repaired(serial: str) -> Iterator[str]:
    if _CLASSIC.match(serial):
        yield serial[:3].replace("0", "O") + serial[3:7].translate(_DIGITS) + serial[7:]


def _unpadded(serial: str) -> Iterator[str]:
    if serial.isdigit():
        yield serial.lstrip("0")


def _unmarked(serial: str) -> Iterator[str]:
    yield _END_MARK.sub("", serial)


def _prefixes(serial: str, shortest: int) -> Iterator[str]:
    return (serial[:end] for end in range(shortest, len(serial)))


def _shortened(serial: str) -> Iterable[str]:
    return {serial, *(serial[:i] + serial[i + 1 :] for i in range(len(serial)))}


def _frame(rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    found = pd.DataFrame(list(rows), columns=list(NEAR))
    return found.astype({name: "int64" if name in {"line", "unit"} else "str" for name in NEAR})
