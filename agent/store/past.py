"""What every sealed run saw of one serial, or of one device."""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.schema import DATED, FINDING, SEALED, finding_rows, observations, run_findings, runs, software, units

SIGHTINGS: Final = (
    "run", "seen_at", "vendor", "serial", "product_id", "kind", "hostname", "address", "site", "slot", "parent_serial",
    "software_version",
)  # fmt: skip
"""One row a run and place a serial was seen in; the release is the unit's own, else its device's."""
VISITS: Final = (
    "run", "seen_at", "address", "hostname", "site", "vendor", "platform", "outcome", "reason", "seconds", "release",
    "units",
)  # fmt: skip
"""One row a run a device was a target of."""
_seen = observations.c


def sightings(connection: Connection, serial: str) -> pd.DataFrame:
    """`SIGHTINGS` of a serial, oldest run first."""
    release = sa.func.coalesce(sa.func.nullif(units.c.software_version, ""), _release(), "")
    query = (
        sa.select(
            _seen.run_id,
            _seen.started,
            *(units.c[name] for name in ("vendor", "serial", "product_id", "kind")),
            *(_seen[name] for name in ("hostname", "address", "site")),
            *(units.c[name] for name in ("slot", "parent_serial")),
            release,
        )
        .join(units, units.c.content_id == _seen.content_id)
        .join(runs, runs.c.id == _seen.run_id)
        .where(runs.c.state == SEALED, units.c.serial == serial)
        .order_by(_seen.run_id, _seen.id, units.c.position)
    )
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(SIGHTINGS)).astype("str")


def visits(connection: Connection, name: str) -> pd.DataFrame:
    """`VISITS` of the device of this address, listed target or host name, oldest run first."""
    count = sa.select(sa.func.count()).where(units.c.content_id == _seen.content_id).scalar_subquery()
    query = (
        sa.select(
            *(_seen[column] for column in ("run_id", "started", "address", "hostname", "site", "vendor", "platform")),
            *(_seen[column] for column in ("outcome", "reason", "seconds")),
            sa.func.coalesce(_release(), ""),
            count,
        )
        .join(runs, runs.c.id == _seen.run_id)
        .where(
            runs.c.state == SEALED,
            sa.or_(_seen.address == name, _seen.target == name, sa.func.lower(_seen.hostname) == name.lower()),
        )
        .order_by(_seen.run_id, _seen.id)
    )
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(VISITS)).astype("str")


def findings_of(connection: Connection, *, key: str = "", serial: str = "") -> pd.DataFrame:
    """The findings of one key, or of one serial as the old or the new one, in every reconciled run, oldest first."""
    columns = (*FINDING, *DATED)
    said = finding_rows.c
    which = said.key == key if key else sa.or_(said.serial == serial, said.new_serial == serial)
    query = (
        sa.select(
            run_findings.c.run_id, *((run_findings if name in DATED else finding_rows).c[name] for name in columns)
        )
        .join(run_findings, run_findings.c.row_id == said.id)
        .where(which)
        .order_by(run_findings.c.run_id, run_findings.c.position)
    )
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=["run", *columns]).astype("str")


def _release() -> sa.ScalarSelect[str]:
    """The device's release."""
    return sa.select(sa.func.min(software.c.version)).where(software.c.content_id == _seen.content_id).scalar_subquery()
