"""Findings of each reconciled run. One that does not change costs its two dates."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.database import insert_new
from agent.store.kept import digest, storable
from agent.store.runs import utc
from agent.store.schema import DATED, FINDING, finding_rows, run_findings, runs
from reconcile.tables import FINDINGS

_BATCH = 500


def save(connection: Connection, run: int, findings: pd.DataFrame, now: datetime) -> None:
    """Keep the findings of *run*, in place of those it had, and mark the run reconciled.

    *findings* has the columns `reconcile.tables.FINDINGS`.
    """
    rows = [{c: storable(row[c]) for c in FINDINGS} for row in findings.astype("str").to_dict("records")]
    named = [(digest([row[column] for column in FINDING]), row) for row in rows]
    insert_new(
        connection,
        finding_rows,
        [{"digest": name, **{column: row[column] for column in FINDING}} for name, row in named],
    )
    numbers = _numbers(connection, [name for name, _ in named])
    connection.execute(run_findings.delete().where(run_findings.c.run_id == run))
    if named:
        connection.execute(
            run_findings.insert(),
            [
                {"run_id": run, "position": position, "row_id": numbers[name], **{c: row[c] for c in DATED}}
                for position, (name, row) in enumerate(named)
            ],
        )
    connection.execute(runs.update().where(runs.c.id == run).values(reconciled=utc(now)))


def findings_of(connection: Connection, run: int) -> pd.DataFrame:
    """The findings saved for *run* in their order; empty where it had none or was not reconciled."""
    query = (
        sa.select(*((run_findings if c in DATED else finding_rows).c[c] for c in FINDINGS))
        .join(run_findings, run_findings.c.row_id == finding_rows.c.id)
        .where(run_findings.c.run_id == run)
        .order_by(run_findings.c.position)
    )
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(FINDINGS)).astype("str")


def _numbers(connection: Connection, names: list[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for start in range(0, len(names), _BATCH):
        query = sa.select(finding_rows.c.digest, finding_rows.c.id).where(
            finding_rows.c.digest.in_(names[start : start + _BATCH])
        )
        found.update({bytes(name): number for name, number in connection.execute(query)})
    return found
