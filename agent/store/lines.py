"""The contract lines a run was reconciled with: one batch a source, kept once while it does not change.

Batches hold columns of the user's own files beside `reconcile.tables.LINES`: Arrow files, not rows.
"""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.kept import digest, forget_blobs, keep
from agent.store.packed import pack, unpack
from agent.store.schema import blobs, run_lines
from reconcile.tables import LINES


def save(connection: Connection, run: int, lines: pd.DataFrame) -> None:
    """Keep the lines of *run*, in place of those it had.

    Raises ValueError where a column of `LINES` is missing.
    """
    if missing := set(LINES) - set(lines.columns):
        raise ValueError(f"lines without {', '.join(sorted(missing))}")
    mine = run_lines.c.run_id == run
    replaced = connection.scalars(sa.select(run_lines.c.blob_id).where(mine)).all()
    connection.execute(run_lines.delete().where(mine))
    for source, batch in lines.groupby("source", sort=True):
        data = pack(batch.astype("str"))
        blob, _ = keep(connection, blobs, digest(data), data=data)
        row = {"run_id": run, "source": str(source), "rows": len(batch), "blob_id": blob}
        connection.execute(run_lines.insert(), row)
    forget_blobs(connection, replaced)


def lines_of(connection: Connection, run: int) -> pd.DataFrame:
    """The lines saved for *run*, sorted by source; an empty `LINES` table where there are none."""
    query = (
        sa.select(blobs.c.data)
        .join(run_lines, run_lines.c.blob_id == blobs.c.id)
        .where(run_lines.c.run_id == run)
        .order_by(run_lines.c.source)
    )
    batches = [unpack(data) for data in connection.scalars(query)]
    if not batches:
        return pd.DataFrame(columns=list(LINES), dtype="str")
    return pd.concat(batches, ignore_index=True).fillna("").astype("str")
