"""Findings of each reconciled run: each thing found is written once, a run keeps a packed list of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.database import insert_new
from agent.store.kept import digest, storable
from agent.store.packed import FOUND, pack, unpack
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
    numbers = _numbers(connection, [name for name, _ in named])
    new = {name: row for name, row in named if name not in numbers}
    insert_new(
        connection,
        finding_rows,
        [{"digest": name, **{column: row[column] for column in FINDING}} for name, row in new.items()],
    )
    numbers |= _numbers(connection, list(new))
    found = pd.DataFrame(
        [(numbers[name], *(row[column] for column in DATED)) for name, row in named], columns=list(FOUND)
    ).astype({"row": "int64", **dict.fromkeys(DATED, "str")})
    connection.execute(run_findings.delete().where(run_findings.c.run_id == run))
    connection.execute(run_findings.insert(), {"run_id": run, "data": pack(found)})
    connection.execute(runs.update().where(runs.c.id == run).values(reconciled=utc(now)))


def findings_of(connection: Connection, run: int) -> pd.DataFrame:
    """The findings saved for *run* in their order; empty where it had none or was not reconciled."""
    data = connection.scalar(sa.select(run_findings.c.data).where(run_findings.c.run_id == run))
    if data is None:
        return pd.DataFrame(columns=list(FINDINGS), dtype="str")
    found = unpack(data)
    told = _told(connection, sorted(set(found["row"])))
    return found.merge(told, on="row", how="left")[list(FINDINGS)].astype("str")


def runs_of(connection: Connection, rows: Collection[int]) -> pd.DataFrame:
    """``run`` and `FOUND` of the `finding_rows` of these ids, oldest run first, in the order of the run's findings."""
    found = []
    if rows:
        query = sa.select(run_findings.c.run_id, run_findings.c.data).order_by(run_findings.c.run_id)
        for run, data in connection.execute(query):
            listed = unpack(data)
            mine = listed["row"].isin(rows)
            if mine.any():
                found.append(listed[mine].assign(run=run))
    none = pd.DataFrame(columns=["run", *FOUND]).astype({"run": "int64", "row": "int64"})
    return pd.concat(found, ignore_index=True) if found else none


def _told(connection: Connection, numbers: Sequence[int]) -> pd.DataFrame:
    columns = (finding_rows.c.id, *(finding_rows.c[name] for name in FINDING))
    rows: list[sa.Row[Any]] = []
    for start in range(0, len(numbers), _BATCH):
        query = sa.select(*columns).where(finding_rows.c.id.in_(numbers[start : start + _BATCH]))
        rows += connection.execute(query).all()
    return pd.DataFrame.from_records(rows, columns=["row", *FINDING]).astype({"row": "int64"})


def _numbers(connection: Connection, names: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for start in range(0, len(names), _BATCH):
        query = sa.select(finding_rows.c.digest, finding_rows.c.id).where(
            finding_rows.c.digest.in_(names[start : start + _BATCH])
        )
        found.update({bytes(name): number for name, number in connection.execute(query)})
    return found
