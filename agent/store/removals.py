"""Units that are missing, replaced or removed, where the counting stands, and what became of each.

What is written here outlives the runs it names: a removed unit is known when every run that saw it was pruned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from agent.store.kept import storable
from agent.store.runs import utc
from agent.store.schema import absences, arrivals, removal_log, tracking
from reconcile.columns import records
from reconcile.tables import ABSENT, ARRIVED

LOG: Final = ("at", "run", "vendor", "serial", "event", "who", "reason")
_BATCH: Final = 500


def counted(connection: Connection) -> tuple[int, int] | None:
    """The first and the newest run that were counted; None where none was."""
    row = connection.execute(sa.select(tracking.c.first_run, tracking.c.last_run)).one_or_none()
    return (int(row[0]), int(row[1])) if row else None


def absent(connection: Connection) -> pd.DataFrame:
    """`reconcile.tables.ABSENT`, as the newest counted run left it."""
    query = sa.select(*(absences.c[name] for name in ABSENT)).order_by(absences.c.vendor, absences.c.serial)
    return _frame(connection, query, ABSENT)


def arrived(connection: Connection) -> pd.DataFrame:
    """`reconcile.tables.ARRIVED`; the last row says since when arrivals are known."""
    found = _frame(connection, sa.select(arrivals.c.vendor, arrivals.c.serial, arrivals.c.run_id), ARRIVED)
    span = counted(connection)
    since = pd.DataFrame([["", "", str(span[0])]] if span else [], columns=list(ARRIVED), dtype="str")
    return pd.concat([found, since], ignore_index=True)


def log(connection: Connection, serial: str = "") -> pd.DataFrame:
    """`LOG`, oldest first; of one serial where it is given."""
    columns = (removal_log.c[name if name != "run" else "run_id"] for name in LOG)
    query = sa.select(*columns).order_by(removal_log.c.id)
    return _frame(connection, query.where(removal_log.c.serial == serial) if serial else query, LOG)


def save(
    connection: Connection,
    run: int,
    now: datetime,
    *,
    rows: pd.DataFrame,
    arrivals_of_run: pd.DataFrame | None = None,
    events: pd.DataFrame,
    who: str = "",
) -> None:
    """Keep all of `ABSENT` as *rows*, with what led to it. With *arrivals_of_run* the run counts as counted."""
    _replace(connection, rows)
    if arrivals_of_run is not None:
        _arrive(connection, arrivals_of_run)
        span = counted(connection)
        connection.execute(tracking.delete())
        connection.execute(tracking.insert().values(id=1, first_run=span[0] if span else run, last_run=run))
    told = [
        {"run_id": run, "at": utc(now), "who": storable(who), **{name: storable(cell) for name, cell in row.items()}}
        for row in records(events)
    ]
    if told:
        connection.execute(removal_log.insert(), told)


def _replace(connection: Connection, rows: pd.DataFrame) -> None:
    """Write what differs from what is there."""
    before = {tuple(row) for row in absent(connection).itertuples(index=False, name=None)}
    after = {tuple(map(storable, row)) for row in rows[list(ABSENT)].itertuples(index=False, name=None)}
    _delete(connection, absences, [row[:2] for row in before - after])
    if new := [dict(zip(ABSENT, row, strict=True)) for row in sorted(after - before)]:
        connection.execute(absences.insert(), new)


def _arrive(connection: Connection, rows: pd.DataFrame) -> None:
    told = [{"vendor": r["vendor"], "serial": r["serial"], "run_id": int(r["run"])} for r in records(rows)]
    _delete(connection, arrivals, [(row["vendor"], row["serial"]) for row in told])
    if told:
        connection.execute(arrivals.insert(), told)


def _delete(connection: Connection, table: Table, names: Sequence[Sequence[str]]) -> None:
    by_vendor: dict[str, list[str]] = {}
    for vendor, serial in names:
        by_vendor.setdefault(vendor, []).append(serial)
    for vendor, serials in by_vendor.items():
        for start in range(0, len(serials), _BATCH):
            chosen = table.c.serial.in_(serials[start : start + _BATCH])
            connection.execute(table.delete().where(table.c.vendor == vendor, chosen))


def _frame(connection: Connection, query: sa.Select[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(columns)).astype("str")
