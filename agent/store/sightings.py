"""Reading a sealed run as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, Select

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

_seen = observations.c
_HEADER: Final = {
    "vendor": _seen.vendor,
    "hostname": _seen.hostname,
    "address": _seen.address,
    "site": _seen.site,
    "seen_at": _seen.started,
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
        sa.select(_seen.address, _seen.hostname, *own)
        .join(neighbours, neighbours.c.content_id == _seen.content_id)
        .where(_seen.run_id == run)
        .order_by(_seen.id, neighbours.c.position)
    )
    return _frame(connection, query, NEIGHBOURS)


def targets_of(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.TARGETS`: a row for each target of the run, read or not."""
    inventory = sections.c.name == INVENTORY
    query = (
        sa.select(
            *(_seen[column] for column in tables.TARGETS[:6]),
            sa.func.coalesce(sections.c.state, str(State.NOT_ATTEMPTED)),
            sa.func.coalesce(sections.c.reason, ""),
            _seen.reason,
            _seen.attempts,
            _seen.seconds,
        )
        .outerjoin(sections, sa.and_(sections.c.set_id == _seen.set_id, inventory))
        .where(_seen.run_id == run)
        .order_by(_seen.id)
    )
    return _rounded(_frame(connection, query, tables.TARGETS))


def sections_of(connection: Connection, run: int) -> pd.DataFrame:
    """`SECTIONS`: a target of which nothing was read has no row here, only in `targets_of`."""
    query = (
        sa.select(
            *(_seen[column] for column in SECTIONS[:4]),
            sections.c.name,
            sections.c.state,
            sections.c.via,
            sections.c.reason,
            sa.case((sections.c.expected != 0, "yes"), else_="no"),
            _seen.attempts,
            _seen.seconds,
        )
        .join(sections, sections.c.set_id == _seen.set_id)
        .where(_seen.run_id == run)
        .order_by(_seen.id, sections.c.position)
    )
    return _rounded(_frame(connection, query, SECTIONS))


def history_before(connection: Connection, run: int) -> pd.DataFrame:
    """`tables.HISTORY`: the latest sighting of each (vendor, serial) in sealed runs before *run*."""
    latest = (  # of each content on each device: a content that stayed for a year is read once
        sa.select(sa.func.max(_seen.id).label("id"))
        .join(runs, runs.c.id == _seen.run_id)
        .where(runs.c.state == SEALED, _seen.run_id < run)
        .group_by(_seen.content_id, _seen.context, _seen.target, _seen.snmp_port, _seen.ssh_port)
        .subquery()
    )
    query = (
        sa.select(
            _seen.run_id,
            _seen.started,
            *(units.c[column] for column in ("vendor", "serial", "product_id", "kind")),
            *(_seen[column] for column in ("hostname", "address", "site")),
            *(units.c[column] for column in ("slot", "parent_serial")),
        )
        .join(latest, latest.c.id == _seen.id)
        .join(units, units.c.content_id == _seen.content_id)
        .where(units.c.serial != "")
        .order_by(_seen.run_id.desc(), _seen.started.desc(), _seen.id.desc(), units.c.position)
    )
    frame = _frame(connection, query, tables.HISTORY)
    return frame.drop_duplicates(["vendor", "serial"]).reset_index(drop=True)


def _listed(connection: Connection, table: sa.Table, run: int, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a device's list with the device's own columns beside them; "" for what neither has."""
    chosen = [table.c[name] if name in table.c else _HEADER.get(name, sa.literal("")).label(name) for name in columns]
    query = (
        sa.select(*chosen)
        .select_from(observations.join(table, table.c.content_id == _seen.content_id))
        .where(_seen.run_id == run)
        .order_by(_seen.id, table.c.position)
    )
    return _frame(connection, query, columns)


def _frame(connection: Connection, query: Select[Any], columns: Sequence[str]) -> pd.DataFrame:
    rows = connection.execute(query).all()
    return pd.DataFrame.from_records(rows, columns=list(columns)).astype("str")


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Seconds with one decimal: more is noise in a file that is compared with `diff`."""
    return frame.assign(seconds=[f"{float(text):.1f}" for text in frame["seconds"]])
