"""What lives longer than a run's findings: what people wrote beside them, and from when to when each was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.kept import storable
from agent.store.runs import utc
from agent.store.schema import finding_lives, finding_notes
from reconcile.tables import LIVES, NOTES

LIFE: Final = ("key", "opened_run", "opened", "closed_run", "closed")
"""One row a life; `closed_run` is 0 and `closed` "" while it lasts."""
_BATCH: Final = 500


def notes(connection: Connection) -> pd.DataFrame:
    """`reconcile.tables.NOTES`."""
    return _frame(connection, sa.select(*(finding_notes.c[n] for n in NOTES)).order_by(finding_notes.c.key), NOTES)


def write(connection: Connection, keys: Sequence[str], said: Mapping[str, str], now: datetime) -> None:
    """Write *said* (owner, ticket, comment; any of them) beside the findings of *keys*; "" takes a word back."""
    known = {row["key"]: row for row in notes(connection).to_dict("records")}
    for key in dict.fromkeys(keys):
        words = {name: storable(cell.strip()) for name, cell in said.items()}
        row = {**dict.fromkeys(NOTES[1:], ""), **known.get(key, {}), **words, "key": key, "noted": utc(now)}
        connection.execute(finding_notes.delete().where(finding_notes.c.key == key))
        if any(row[name] for name in NOTES[1:]):
            connection.execute(finding_notes.insert().values(row))


def lives(connection: Connection, key: str) -> pd.DataFrame:
    """`LIFE` of one finding, oldest first."""
    query = sa.select(*(finding_lives.c[n] for n in LIFE)).where(finding_lives.c.key == key)
    return _frame(connection, query.order_by(finding_lives.c.opened_run), LIFE)


def past(connection: Connection, run: int) -> pd.DataFrame:
    """`reconcile.tables.LIVES`: what was closed before *run*, with the day of its first life."""
    closed = finding_lives.c
    query = (
        sa.select(closed.key, sa.func.min(closed.opened))
        .where(closed.closed_run > 0, closed.closed_run < run)
        .group_by(closed.key)
        .order_by(closed.key)
    )
    return _frame(connection, query, LIVES)


def keep(connection: Connection, run: int, findings: pd.DataFrame, day: str) -> None:
    """Open and close lives by the findings (`FINDINGS`) of the newest run; judging a run again changes nothing.

    A finding that was open before lives were kept begins on the day it was first seen.
    """
    table = finding_lives
    connection.execute(table.delete().where(table.c.opened_run == run))
    undo = table.update().where(table.c.closed_run == run).values(closed_run=0, closed="")
    connection.execute(undo)
    living = set(connection.scalars(sa.select(table.c.key).where(table.c.closed_run == 0)))
    gone = findings["status"] == "closed"
    ended = [key for key in findings["key"][gone] if key in living]
    for start in range(0, len(ended), _BATCH):
        chosen = table.c.key.in_(ended[start : start + _BATCH])
        connection.execute(table.update().where(table.c.closed_run == 0, chosen).values(closed_run=run, closed=day))
    new = [
        {"key": row["key"], "opened_run": run, "opened": day if row["status"] == "new" else row["first_seen"]}
        for row in findings[~gone][["key", "status", "first_seen"]].to_dict("records")
        if row["key"] not in living
    ]
    if new:
        connection.execute(table.insert(), new)


def _frame(connection: Connection, query: sa.Select[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(columns)).astype("str")
