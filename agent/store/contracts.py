"""Imported contract lines: what each source says now, and the batches that made it so.

A source's lines are one Arrow table with the columns of `reconcile.contracts.with_extra`; a batch keeps what it
changed and how its files were understood.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.runs import utc
from agent.store.schema import blobs, contract_batches, contract_sources, run_lines, runs


@dataclass(frozen=True, slots=True)
class ImportedSource:
    """What is known of a source whose lines were imported."""

    name: str
    provider: str
    vendor: str
    """"" where its lines are of several vendors."""
    rows: int
    dated: str
    """When its newest files were written, UTC."""
    imported: str
    """When its lines last changed, UTC."""
    digest: str
    """Of the batch that was imported last."""
    files: tuple[Mapping[str, Any], ...]
    """How the files of that batch were understood (`reconcile.contracts.FileReport`)."""


@dataclass(frozen=True, slots=True)
class NewState:
    """A source after a batch."""

    source: str
    provider: str
    vendor: str
    lines: pd.DataFrame
    """All its lines, as `reconcile.contracts.with_extra` gives them."""
    batch_rows: int
    digest: str
    dated: datetime
    files: Sequence[Mapping[str, Any]]
    changes: Mapping[str, int]
    """How many lines were added, dropped and changed."""


def sources(connection: Connection) -> tuple[ImportedSource, ...]:
    """Every imported source, by name."""
    rows = connection.execute(sa.select(*(c for c in contract_sources.c if c.name != "data"))).mappings()
    found = (ImportedSource(**{**row, "files": tuple(json.loads(row["files"]))}) for row in rows)
    return tuple(sorted(found, key=lambda source: source.name))


def lines(connection: Connection, source: str) -> pd.DataFrame | None:
    """The lines of a source now; None where it was never imported."""
    query = sa.select(contract_sources.c.data).where(contract_sources.c.name == source)
    data = connection.scalar(query)
    return None if data is None else pd.read_feather(io.BytesIO(data)).astype("str")


def save(connection: Connection, states: Sequence[NewState], now: datetime) -> None:
    """Make these the present lines of their sources."""
    for state in states:
        packed = io.BytesIO()
        state.lines.reset_index(drop=True).astype("str").to_feather(packed, compression="zstd")
        row = {
            "name": state.source, "provider": state.provider, "vendor": state.vendor, "rows": len(state.lines),
            "dated": utc(state.dated), "imported": utc(now), "digest": state.digest,
            "files": json.dumps([dict(file) for file in state.files]),
        }  # fmt: skip
        connection.execute(contract_sources.delete().where(contract_sources.c.name == state.source))
        connection.execute(contract_sources.insert(), {**row, "data": packed.getvalue()})
        batch = {
            "source": state.source, "imported": row["imported"], "dated": row["dated"], "digest": state.digest,
            "rows": state.batch_rows, "files": row["files"], "changes": json.dumps(dict(state.changes), sort_keys=True),
        }  # fmt: skip
        connection.execute(contract_batches.insert(), batch)


def refresh(connection: Connection, source: str, dated: datetime) -> bool:
    """Note that files written at *dated* say the same as before; whether that is newer than what was known."""
    mine = contract_sources.c.name == source
    known = connection.scalar(sa.select(contract_sources.c.dated).where(mine)) or ""
    if utc(dated) <= known:
        return False
    connection.execute(contract_sources.update().where(mine).values(dated=utc(dated)))
    return True


def last_files(connection: Connection, source: str) -> dict[str, int]:
    """The lines of a source by file, in the newest run that was reconciled with it."""
    query = (
        sa.select(blobs.c.data)
        .join(run_lines, run_lines.c.blob_id == blobs.c.id)
        .join(runs, runs.c.id == run_lines.c.run_id)
        .where(run_lines.c.source == source, runs.c.reconciled != "")
        .order_by(run_lines.c.run_id.desc())
        .limit(1)
    )
    data = connection.scalar(query)
    if data is None:
        return {}
    named = pd.read_feather(io.BytesIO(data), columns=["source_file"])["source_file"]
    return {str(name): int(rows) for name, rows in named.value_counts().items()}


def last_counts(connection: Connection) -> dict[str, int]:
    """The lines each source had in the newest run that was reconciled with it, else as it was imported."""
    newest = (
        sa.select(run_lines.c.source, sa.func.max(run_lines.c.run_id).label("run_id"))
        .join(runs, runs.c.id == run_lines.c.run_id)
        .where(runs.c.reconciled != "")
        .group_by(run_lines.c.source)
        .subquery()
    )
    query = sa.select(run_lines.c.source, run_lines.c.rows).join(
        newest, sa.and_(newest.c.source == run_lines.c.source, newest.c.run_id == run_lines.c.run_id)
    )
    imported = connection.execute(sa.select(contract_sources.c.name, contract_sources.c.rows)).all()
    judged = connection.execute(query).all()
    return {str(name): int(rows) for name, rows in (*imported, *judged)}
