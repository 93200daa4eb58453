"""What a run was judged by, beside its contract lines: the user's lists, the sources' claims, the policy.

Each is one Arrow file, kept once while it does not change, so that a run can be judged again as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.kept import digest, forget_blobs, keep
from agent.store.packed import pack, unpack
from agent.store.schema import blobs, run_inputs


def save(connection: Connection, run: int, tables: Mapping[str, pd.DataFrame]) -> None:
    """Keep the tables of *run* by name, in place of those it had."""
    mine = run_inputs.c.run_id == run
    replaced = connection.scalars(sa.select(run_inputs.c.blob_id).where(mine)).all()
    connection.execute(run_inputs.delete().where(mine))
    for name, table in sorted(tables.items()):
        data = pack(table.astype("str"))
        blob, _ = keep(connection, blobs, digest(data), data=data)
        connection.execute(run_inputs.insert(), {"run_id": run, "name": name, "blob_id": blob})
    forget_blobs(connection, replaced)


def inputs_of(connection: Connection, run: int) -> dict[str, pd.DataFrame]:
    """The tables kept for *run* by name; empty where it was only collected."""
    query = (
        sa.select(run_inputs.c.name, blobs.c.data)
        .join(blobs, run_inputs.c.blob_id == blobs.c.id)
        .where(run_inputs.c.run_id == run)
        .order_by(run_inputs.c.name)
    )
    return {name: unpack(data).fillna("").astype("str") for name, data in connection.execute(query)}
