"""Which devices a run polled, in which order, when and for how long: rows while the run is open, one packed list a
sealed run.

An observation lasts from its first run to its last, also over runs that left its device out. Only these lists say
which runs saw it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.packed import VISITS, pack, unpack
from agent.store.schema import observations, run_visits, visits

_COLUMNS: Final = ("run", *VISITS, "position")


def seal(connection: Connection, run: int) -> None:
    """Pack what the run polled, and let what it saw again last until this run."""
    mine = visits.c.run_id == run
    columns = (visits.c.observation_id, visits.c.started, visits.c.seconds, visits.c.attempts, visits.c.confirmed)
    rows = connection.execute(sa.select(*columns).where(mine).order_by(visits.c.id)).all()
    polled = pd.DataFrame.from_records(rows, columns=list(VISITS))
    polled = polled.astype(
        {"observation": "int64", "started": "str", "seconds": "float64", "attempts": "int32", "confirmed": "str"}
    )
    connection.execute(run_visits.insert(), {"run_id": run, "data": pack(polled)})
    if rows:
        lasts = {"last_run": run, "last_seen": sa.bindparam("at"), "last_position": sa.bindparam("place")}
        connection.execute(
            observations.update()
            .where(observations.c.id == sa.bindparam("number"))
            .values(visits=observations.c.visits + 1, **lasts),
            [{"number": row[0], "at": row[1], "place": place} for place, row in enumerate(rows)],
        )
    connection.execute(visits.delete().where(mine))


def drop(connection: Connection, run: int) -> None:
    """Forget what an open run polled, and what no run before it had seen."""
    connection.execute(visits.delete().where(visits.c.run_id == run))
    connection.execute(observations.delete().where(observations.c.first_run == run))


def of_run(connection: Connection, run: int) -> pd.DataFrame:
    """`VISITS` and ``position`` of a sealed run, in the order of polling."""
    data = connection.execute(sa.select(run_visits.c.data).where(run_visits.c.run_id == run)).scalar_one()
    polled = unpack(data)
    return polled.assign(position=range(len(polled)))


def of_observations(connection: Connection, spans: Collection[tuple[int, int, int]]) -> pd.DataFrame:
    """``run``, `VISITS` and ``position`` of observations, given as (id, first run, last run); oldest run first."""
    if not spans:
        return _together([])
    numbers = [number for number, _, _ in spans]
    first, last = min(span[1] for span in spans), max(span[2] for span in spans)
    query = (
        sa.select(run_visits.c.run_id, run_visits.c.data)
        .where(run_visits.c.run_id.between(first, last))
        .order_by(run_visits.c.run_id)
    )
    found = []
    for run, data in connection.execute(query):
        polled = unpack(data)
        mine = polled["observation"].isin(numbers)
        if mine.any():
            place = polled.index[mine]
            found.append(polled[mine].assign(run=run, position=place))
    return _together(found)


def before(connection: Connection, run: int, numbers: Collection[int]) -> pd.DataFrame:
    """The same of the last visit before *run* of each observation of these *numbers* that has one."""
    left = set(numbers)
    query = sa.select(run_visits.c.run_id).where(run_visits.c.run_id < run).order_by(run_visits.c.run_id.desc())
    found = []
    for earlier in connection.scalars(query).all():
        if not left:
            break
        polled = of_run(connection, earlier)
        mine = polled[polled["observation"].isin(left)]
        left -= set(mine["observation"])
        found.append(mine.assign(run=earlier))
    return _together(found)


def _together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    none = pd.DataFrame(columns=list(_COLUMNS)).astype({"run": "int64", "observation": "int64", "position": "int64"})
    return pd.concat(found, ignore_index=True)[list(_COLUMNS)] if found else none
