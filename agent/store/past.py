"""What every sealed run saw of one serial, or of one device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, Select

from agent.store import findings, visits
from agent.store.schema import DATED, FINDING, SEALED, finding_rows, observations, runs, software, units

SIGHTINGS: Final = (
    "run", "seen_at", "vendor", "serial", "product_id", "kind", "hostname", "address", "site", "slot", "parent_serial",
    "software_version",
)  # fmt: skip
"""One row a run and place a serial was seen in; the release is the unit's own, else its device's."""
VISITS: Final = (
    "run", "seen_at", "address", "hostname", "site", "vendor", "platform", "outcome", "reason", "seconds",
    "confirmed", "release", "units",
)  # fmt: skip
"""One row a run a device was a target of; `confirmed` is how its last reading was, where it was not read again."""
_seen = observations.c
_SPAN: Final = ("id", "first_run", "last_run")


def sightings(connection: Connection, serial: str) -> pd.DataFrame:
    """`SIGHTINGS` of a serial, oldest run first."""
    release = sa.func.coalesce(sa.func.nullif(units.c.software_version, ""), release_of_device(), "")
    query = (
        sa.select(
            *(_seen[name] for name in _SPAN),
            *(units.c[name] for name in ("vendor", "serial", "product_id", "kind")),
            *(_seen[name] for name in ("hostname", "address", "site")),
            *(units.c[name] for name in ("slot", "parent_serial")),
            release,
        )
        .join(units, units.c.content_id == _seen.content_id)
        .join(runs, runs.c.id == _seen.first_run)
        .where(runs.c.state == SEALED, units.c.serial == serial)
        .order_by(_seen.id, units.c.position)
    )
    return _each_run(connection, query, SIGHTINGS)


def visits_of_device(connection: Connection, name: str) -> pd.DataFrame:
    """`VISITS` of the device of this address, listed target or host name, oldest run first."""
    count = sa.select(sa.func.count()).where(units.c.content_id == _seen.content_id).scalar_subquery()
    query = (
        sa.select(
            *(_seen[column] for column in _SPAN),
            *(_seen[column] for column in ("address", "hostname", "site", "vendor", "platform", "outcome", "reason")),
            sa.func.coalesce(release_of_device(), ""),
            count,
        )
        .join(runs, runs.c.id == _seen.first_run)
        .where(
            runs.c.state == SEALED,
            sa.or_(_seen.address == name, _seen.target == name, sa.func.lower(_seen.hostname) == name.lower()),
        )
        .order_by(_seen.id)
    )
    return _each_run(connection, query, VISITS)


def findings_of(connection: Connection, *, key: str = "", serial: str = "") -> pd.DataFrame:
    """The findings of one key, or of one serial as the old or the new one, in every reconciled run, oldest first."""
    said = finding_rows.c
    which = said.key == key if key else sa.or_(said.serial == serial, said.new_serial == serial)
    rows = connection.execute(sa.select(said.id, *(said[name] for name in FINDING)).where(which)).all()
    columns = ["run", *FINDING, *DATED]
    found = findings.runs_of(connection, [row[0] for row in rows])
    told = pd.DataFrame.from_records(rows, columns=["row", *FINDING]).astype({"row": "int64"})
    return found.merge(told, on="row", how="inner")[columns].astype("str")


def release_of_device() -> sa.ScalarSelect[str]:
    """The release of the device an observation is of."""
    return sa.select(sa.func.min(software.c.version)).where(software.c.content_id == _seen.content_id).scalar_subquery()


def _each_run(connection: Connection, query: Select[Any], columns: Sequence[str]) -> pd.DataFrame:
    """What the query gives of observations, once for each run that polled them; `_SPAN` leads its columns."""
    rows = connection.execute(query).all()
    polled = visits.of_observations(connection, [(row[0], row[1], row[2]) for row in rows])
    polled = polled.rename(columns={"observation": "id", "started": "seen_at"})
    told = [name for name in columns if name not in ("run", "seen_at", "seconds", "confirmed")]
    frame = pd.DataFrame.from_records(rows, columns=[*_SPAN, *told])
    both = polled.merge(frame, on="id", how="inner", sort=False)  # keeps the order of runs, and of rows within a run
    both = both.sort_values(["run", "position"], kind="stable")
    return both[list(columns)].astype("str").reset_index(drop=True)
