"""Reading a sealed run as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, Select

from agent.store import visits
from agent.store.schema import NEIGHBOUR, SEALED, licences, neighbours, observations, runs, sections, software, units
from collectors.model import INVENTORY, State
from reconcile import tables

SECTIONS: Final = (
    "address", "hostname", "site", "outcome", "section", "state", "via", "reason", "expected", "attempts",
    "seconds",
)  # fmt: skip
"""One row a section of a target; ``expected`` is ``yes`` where partial is the best there can be."""
RELEASES: Final = ("vendor", "hostname", "address", "serial", "version", "collected_via", "seen_at")
"""One row a running release, per device or per chassis of it."""

NEIGHBOURS: Final = ("address", "local_hostname", *NEIGHBOUR)
"""One row a neighbour of a device; `addresses` are joined by a space. Empty where the run did not ask."""

_VISIT: Final = {"seen_at": "started", "attempts": "attempts", "seconds": "seconds"}
"""Columns that come from the run's list of visits -> how they are called there."""
_seen = observations.c
_HEADER: Final = {
    "vendor": _seen.vendor,
    "hostname": _seen.hostname,
    "address": _seen.address,
    "site": _seen.site,
}


def units_of(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.UNITS`; `coverable` is for policy to fill."""
    return _listed(connection, units, run, tables.UNITS)


def licences_of(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.LICENCES`."""
    return _listed(connection, licences, run, tables.LICENCES)


def software_of(connection: Connection, run: int) -> pd.DataFrame:
    """`RELEASES`."""
    return _listed(connection, software, run, RELEASES)


def neighbours_of(connection: Connection, run: int) -> pd.DataFrame:
    """`NEIGHBOURS`."""
    own = tuple(neighbours.c[name].label(name) for name in NEIGHBOUR)
    query = (
        sa.select(_seen.id, _seen.address, _seen.hostname, *own)
        .join(neighbours, neighbours.c.content_id == _seen.content_id)
        .where(_lasting(run))
        .order_by(_seen.id, neighbours.c.position)
    )
    return _polled(connection, run, query, NEIGHBOURS)


def targets_of(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.TARGETS`: a row for each target of the run, read or not."""
    inventory = sections.c.name == INVENTORY
    query = (
        sa.select(
            _seen.id,
            *(_seen[column] for column in tables.TARGETS[:6]),
            sa.func.coalesce(sections.c.state, str(State.NOT_ATTEMPTED)),
            sa.func.coalesce(sections.c.reason, ""),
            _seen.reason,
        )
        .outerjoin(sections, sa.and_(sections.c.set_id == _seen.set_id, inventory))
        .where(_lasting(run))
        .order_by(_seen.id)
    )
    return _polled(connection, run, query, tables.TARGETS)


def sections_of(connection: Connection, run: int) -> pd.DataFrame:
    """`SECTIONS`: a target of which nothing was read has no row here, only in `targets_of`."""
    query = (
        sa.select(
            _seen.id,
            *(_seen[column] for column in SECTIONS[:4]),
            sections.c.name,
            sections.c.state,
            sections.c.via,
            sections.c.reason,
            sa.case((sections.c.expected != 0, "yes"), else_="no"),
        )
        .join(sections, sections.c.set_id == _seen.set_id)
        .where(_lasting(run))
        .order_by(_seen.id, sections.c.position)
    )
    return _polled(connection, run, query, SECTIONS)


def history_before(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.HISTORY`: the latest sighting of each (vendor, serial) in sealed runs before *run*."""
    latest = _latest(connection, run)
    query = (
        sa.select(
            _seen.id,
            *(units.c[column] for column in ("vendor", "serial", "product_id", "kind")),
            *(_seen[column] for column in ("hostname", "address", "site")),
            *(units.c[column] for column in ("slot", "parent_serial")),
        )
        .join(units, units.c.content_id == _seen.content_id)
        .join(runs, runs.c.id == _seen.first_run)
        .where(runs.c.state == SEALED, _seen.first_run < run, units.c.serial != "")
        .order_by(_seen.id, units.c.position)
    )
    frame = _read(connection, query, ("id", *(name for name in tables.HISTORY if name not in ("run", "seen_at"))))
    rank = frame["id"].map(latest["rank"])
    newest = frame.assign(rank=rank)[rank.notna()].sort_values("rank", kind="stable")
    newest = newest.drop_duplicates(["vendor", "serial"])
    dated = newest.assign(run=newest["id"].map(latest["run"]), seen_at=newest["id"].map(latest["started"]))
    return dated[list(tables.HISTORY)].astype("str").reset_index(drop=True)


def _latest(connection: Connection, run: int) -> pd.DataFrame:
    """``run, started, rank`` of the last visit before *run* by the observation's id; the newest has rank 0.

    An observation that lasts beyond *run* says nothing of the visits before it: those are looked up in the runs' lists.
    """
    columns = ("id", "run", "started", "position", "last_run")
    query = sa.select(_seen.id, _seen.last_run, _seen.last_seen, _seen.last_position, _seen.last_run)
    query = query.join(runs, runs.c.id == _seen.first_run).where(runs.c.state == SEALED, _seen.first_run < run)
    every = _read(connection, query, columns)
    past, beyond = every[every["last_run"] < run], every[every["last_run"] >= run]
    found = visits.before(connection, run, set(beyond["id"])).rename(columns={"observation": "id"})
    both = pd.concat([past, found], ignore_index=True) if len(found) else past
    ordered = both.sort_values(["run", "started", "position"], ascending=False, kind="stable")
    return ordered.assign(rank=range(len(ordered))).set_index("id")[["run", "started", "rank"]]


def _listed(connection: Connection, table: sa.Table, run: int, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a device's list with the device's own columns beside them; "" for what neither has."""
    told = [name for name in columns if name != "seen_at"]
    chosen = [table.c[name] if name in table.c else _HEADER.get(name, sa.literal("")).label(name) for name in told]
    query = (
        sa.select(_seen.id, *chosen)
        .select_from(observations.join(table, table.c.content_id == _seen.content_id))
        .where(_lasting(run))
        .order_by(_seen.id, table.c.position)
    )
    return _polled(connection, run, query, columns)


def _lasting(run: int) -> sa.ColumnElement[bool]:
    """What was seen by then and is seen again then or later: of each device of *run* the one row, and of a device that
    *run* left out perhaps one."""
    return sa.and_(_seen.first_run <= run, _seen.last_run >= run)


def _polled(connection: Connection, run: int, query: Select[Any], columns: Sequence[str]) -> pd.DataFrame:
    """What the query gives of devices that *run* polled, in the order of polling; its first column is the observation.

    When and how long is taken from the run's list: `seen_at`, `attempts`, and seconds with one decimal, because more is
    noise in a file that is compared with `diff`.
    """
    polled = visits.of_run(connection, run).set_index("observation")
    frame = _read(connection, query, ("id", *(name for name in columns if name not in _VISIT)))
    position = frame["id"].map(polled["position"])
    frame = frame.assign(position=position)[position.notna()].sort_values("position", kind="stable")
    told = {name: frame["id"].map(polled[source]) for name, source in _VISIT.items() if name in columns}
    if "seconds" in told:
        told["seconds"] = pd.Series([f"{seconds:.1f}" for seconds in told["seconds"]], index=frame.index, dtype="str")
    return frame.assign(**told)[list(columns)].astype("str").reset_index(drop=True)


def _read(connection: Connection, query: Select[Any], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(columns))
