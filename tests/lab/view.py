"""A device's objects in OID order, and the ways a table can misbehave."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.device import Mib
from tests.lab.faults import Faults

Live = dict[Oid, Callable[[], bytes]]
"""Objects whose value is made when asked for: times and counters."""


class AgentError(Exception):
    """The answer is an error status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"error status {status}")
        self.status = status


class View:
    """What GET and GETNEXT find. Row faults act on GETNEXT and GETBULK only, as they do in the field."""

    def __init__(self, mib: Mib, live: Live, faults: Faults) -> None:
        self._values = dict(mib)
        self._live = {oid: make for oid, make in live.items() if oid in self._values}
        self._oids = sorted(self._values)
        self._places = {oid: place for place, oid in enumerate(self._oids)}
        self._encoded: dict[Oid, bytes] = {}
        self._faults = faults
        self._faulty = (
            faults.end_at_row is not None
            or faults.error_at_row is not None
            or faults.repeat_at_row is not None
            or faults.cycle_rows is not None
            or faults.endless
        )
        self._columns = self._indexes() if self._faulty else {}

    def get(self, oid: Oid) -> bytes:
        """The binding of *oid*, an exception value in it where there is none."""
        if oid in self._values:
            return self.binding(oid)
        known = any(o[: len(oid) - 1] == oid[:-1] for o in self._around(oid))
        return ber.sequence(ber.object_id(oid), ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT)

    def next(self, oid: Oid) -> Oid | None:
        """The OID after *oid*, None at the end of the view."""
        if self._faulty and (column := self._column(oid)) is not None:
            return self._faulty_next(oid, column)
        following = self._plain_next(oid)
        if self._faulty and following is not None and (column := self._column(following)) is not None:
            self._check_row(column, 0)
            if self._faults.end_at_row == 0:
                return None
        return following

    def binding(self, oid: Oid) -> bytes:
        """The encoded binding of an OID that `next` gave."""
        if make := self._live.get(oid):
            return ber.sequence(ber.object_id(oid), make())
        encoded = self._encoded.get(oid)
        if encoded is None:
            value = self._values.get(oid)
            if value is None:  # an invented row of an endless table
                return ber.sequence(ber.object_id(oid), ber.octets("endless"))
            encoded = self._encoded[oid] = ber.sequence(ber.object_id(oid), value)
        return encoded

    def is_live(self, oid: Oid) -> bool:
        return oid in self._live

    def _plain_next(self, oid: Oid) -> Oid | None:
        place = self._places.get(oid)
        place = bisect_right(self._oids, oid) if place is None else place + 1
        return self._oids[place] if place < len(self._oids) else None

    def _around(self, oid: Oid) -> list[Oid]:
        place = bisect_right(self._oids, oid)
        return self._oids[max(place - 1, 0) : place + 1]

    def _column(self, oid: Oid) -> Oid | None:
        """The column of the faulty table that *oid* lies in."""
        table = self._faults.table
        if oid[: len(table)] != table or len(oid) <= len(table) + 1:
            return None
        column = oid[: len(table) + 1]
        return column if self._faults.column in (None, column[-1]) else None

    def _indexes(self) -> dict[Oid, list[Oid]]:
        columns: dict[Oid, list[Oid]] = {}
        for oid in self._oids:
            if (column := self._column(oid)) is not None:
                columns.setdefault(column, []).append(oid)
        return columns

    def _check_row(self, column: Oid, row: int) -> None:
        at = self._faults.error_at_row
        if at is not None and row >= at and column in self._columns:
            raise AgentError(self._faults.error_status)

    def _faulty_next(self, oid: Oid, column: Oid) -> Oid | None:
        rows = self._columns.get(column, [])
        row = bisect_right(rows, oid)
        self._check_row(column, row)
        faults = self._faults
        if faults.end_at_row is not None and row >= faults.end_at_row:
            return None
        if faults.repeat_at_row is not None and row > faults.repeat_at_row and rows:
            return rows[min(faults.repeat_at_row, len(rows) - 1)]
        if faults.cycle_rows is not None and row >= min(faults.cycle_rows, len(rows)) and rows:
            return rows[0]
        if faults.endless and row >= len(rows):
            return (*oid[:-1], oid[-1] + 1)
        return self._plain_next(oid)
