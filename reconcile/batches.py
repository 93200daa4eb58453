"""Batches of contract lines one after the other: what a newer one takes the place of, and what it changes.

A batch is all the lines that one source sent at one time. It replaces the contracts it names, and no others, unless
the source is known to send everything each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from reconcile.columns import Text, key
from reconcile.tables import CONTRACT_FIELDS, LINES

SHRINK: Final = 0.1
"""A source that loses more than this share of its lines is held until a person accepts it."""
_TOLD: Final = (*CONTRACT_FIELDS, "line_kind")
_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a batch changes in its source. Lines are told by vendor, serial, contract and line or instance."""

    added: pd.DataFrame
    dropped: pd.DataFrame
    changed: pd.DataFrame
    """The lines as they are now; `before` says what the changed fields said, as `field: old -> new`."""

    def __bool__(self) -> bool:
        return bool(len(self.added) or len(self.dropped) or len(self.changed))


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A source that lost lines."""

    source: str
    before: int
    now: int

    def __str__(self) -> str:
        share = 100 * (self.before - self.now) / self.before
        return f"{self.source} had {self.before} lines and has {self.now} now ({share:.0f} % less)"


def merged(before: pd.DataFrame, batch: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    """The lines of a source after *batch*, both of that one source: those *before*, without the contracts the batch
    names. Where the source sends everything each time (*whole*), the batch is all there is.

    Lines without a contract number count as one contract. A file's name that older lines keep is told apart by a
    number behind it, so that `source_file` and `source_row` still name one line.
    """
    if whole or before.empty:
        return batch.reset_index(drop=True)
    kept = before[~before["contract_number"].isin(set(batch["contract_number"]))]
    if kept.empty:
        return batch.reset_index(drop=True)
    names = _told_apart(batch, set(kept["source_file"]))
    batch = batch.assign(source_file=batch["source_file"].replace(names)) if names else batch
    return pd.concat([kept, batch], ignore_index=True).fillna("").astype("str")


def _told_apart(batch: pd.DataFrame, taken: set[str]) -> dict[str, str]:
    renamed = {}
    for name in set(batch["source_file"]) & taken:
        number = 2
        while f"{name} ({number})" in taken:
            number += 1
        renamed[name] = f"{name} ({number})"
    return renamed


def difference(before: pd.DataFrame, now: pd.DataFrame) -> Difference:
    """What of one source's lines was added, dropped or changed. Equal lines are told apart by their number."""
    old, new = before.assign(key=_keys(before)), now.assign(key=_keys(now))
    added = new[~new["key"].isin(set(old["key"]))]
    dropped = old[~old["key"].isin(set(new["key"]))]
    both = new[new["key"].isin(set(old["key"]))]
    earlier = old.set_index("key").loc[both["key"], list(_TOLD)].reset_index(drop=True)
    present = both[list(_TOLD)].reset_index(drop=True)
    unlike = (present != earlier).any(axis=1).to_numpy(dtype=bool)
    changed = both[unlike].assign(before=list(_changes(earlier[unlike], present[unlike])))
    return Difference(
        added[list(LINES)].reset_index(drop=True),
        dropped[list(LINES)].reset_index(drop=True),
        changed[[*LINES, "before"]].reset_index(drop=True),
    )


def shrunk(before: Mapping[str, int], now: Mapping[str, int]) -> list[Shrunk]:
    """The sources of *now* that have lost more than `SHRINK` of the lines they had *before*."""
    return [
        Shrunk(source, before[source], count)
        for source, count in sorted(now.items())
        if before.get(source, 0) - count > SHRINK * before.get(source, 0)
    ]


def counts(lines: pd.DataFrame) -> dict[str, int]:
    """Lines by source."""
    return {str(source): int(count) for source, count in lines["source"].value_counts().sort_index().items()}


def _keys(lines: pd.DataFrame) -> Text:
    """Where there is no serial the product tells lines apart, and of equal keys their order."""
    place = lines["instance_number"].where(lines["instance_number"] != "", lines["line_number"])
    named = lines["serial"].where(lines["serial"] != "", _SEPARATOR + lines["product_id"])
    base = key(lines.assign(place=place, named=named), "vendor", "named", "contract_number", "place")
    return base + _SEPARATOR + base.groupby(base).cumcount().astype("str")


def _changes(before: pd.DataFrame, now: pd.DataFrame) -> Iterator[str]:
    for old, new in zip(before.to_dict("records"), now.to_dict("records"), strict=True):
        yield "; ".join(f"{name}: {old[name] or '-'} -> {new[name] or '-'}" for name in _TOLD if old[name] != new[name])
