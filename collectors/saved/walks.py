"""Recorded objects as the walks that the readers take, with what the recording proves.

A walk is a run of increasing OIDs. A column is read in full where one run begins before it (or with it) and goes on
behind it, or where the agent said that its view ends there. Whether the device restarted meanwhile (`sysUpTime`)
or its hardware changed (`entLastChangeTime`) cannot be told from a recording: nothing here looks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from collectors.model import State
from collectors.oids import Oid, Value, Walk, dotted
from collectors.readers import Reader
from collectors.saved.objects import Objects
from collectors.transports.snmp.walk import uneven

_BEYOND_ALL: Final[Oid] = (2**32,)


@dataclass(frozen=True, slots=True)
class Agent:
    """Everything recorded of one agent."""

    cells: Mapping[Oid, Value]
    runs: tuple[tuple[Oid, Oid], ...]
    """The first OID of each run and the last one, beyond all OIDs where the view ended."""
    whole: frozenset[Oid] = frozenset()
    """Columns and scalars that the recording itself calls read to their end."""
    doubt: str = ""

    def walk(self, reader: Reader) -> Walk:
        """What *reader* asks for; partial where the recording does not reach the end of a column."""
        scalars = {name: self.cells[name] for name in reader.scalars if name in self.cells}
        columns = {column: self._below(column) for column in reader.columns}
        return Walk(*self._state(reader, scalars, columns), scalars=scalars, columns=columns)

    def _below(self, column: Oid) -> dict[Oid, Value]:
        at = len(column)
        found = {name[at:]: value for name, value in self.cells.items() if name[:at] == column and len(name) > at}
        return dict(sorted(found.items()))

    def _state(
        self, reader: Reader, scalars: Mapping[Oid, Value], columns: Mapping[Oid, dict[Oid, Value]]
    ) -> tuple[State, str]:
        open_ends = [column for column in columns if not self._spans(column)]
        some = bool(scalars) or any(columns.values())
        if not some and not open_ends and (columns or all(map(self._spans, reader.scalars))):
            return State.UNSUPPORTED, "the agent has none of these objects"
        if open_ends:
            return State.PARTIAL, f"the capture does not show the end of column {dotted(open_ends[0])}"
        if not some:
            return State.PARTIAL, f"the capture does not reach {dotted(reader.scalars[0])}"
        if reason := self.doubt or uneven({c: rows for c, rows in columns.items() if c not in reader.sparse}):
            return State.PARTIAL, reason
        return State.COMPLETE, ""

    def _spans(self, column: Oid) -> bool:
        """Whether one run covers everything below *column*, or the recording says that it does."""
        if column in self.whole:
            return True
        beyond = (*column[:-1], column[-1] + 1)
        return any(first < beyond <= last for first, last in self.runs if first[: len(column)] <= column)


def recorded(files: Iterable[Objects]) -> Agent:
    """One agent of all its files."""
    held = list(files)
    cells = {name: value for objects in held for name, value in objects.cells}
    doubt = next((objects.doubt for objects in held if objects.doubt), "")
    whole = frozenset(name for objects in held for name in objects.whole)
    return Agent(cells, tuple(run for objects in held for run in _runs(objects)), whole, doubt)


def _runs(objects: Objects) -> Iterator[tuple[Oid, Oid]]:
    """Cut where the OIDs do not increase, where another command was given, and where the view ended.

    A selection is no walk: what stands between two of its objects was not asked for.
    """
    names = [name for name, _ in objects.cells]
    if not names or objects.selected:
        return
    steps = enumerate(pairwise(names), 1)
    cuts = [at for at, (one, other) in steps if other <= one or at in objects.breaks or at in objects.ends]
    for start, stop in pairwise((0, *cuts, len(names))):
        yield names[start], _BEYOND_ALL if stop in objects.ends else names[stop - 1]
