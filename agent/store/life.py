"""The whole life of one serial: where it was and which contract lines named it, as spans from a first to a last run.

Spans come from what the store keeps for good, so they also tell of runs that were pruned since.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.packed import unpack
from agent.store.past import release_of_device
from agent.store.schema import SEALED, blobs, observations, run_lines, runs, units

SPAN: Final = ("first_run", "last_run", "first_seen", "last_seen")
PLACES: Final = (
    *SPAN, "vendor", "serial", "product_id", "kind", "hostname", "address", "site", "slot", "parent_serial",
    "software_version",
)  # fmt: skip
"""One row a device, slot and release a serial was seen with, oldest first; `first_seen`, `last_seen` are times."""
LINE: Final = (
    "source", "provider", "contract_number", "service_level", "line_number", "instance_number", "serial", "product_id",
    "line_status", "line_start", "line_end", "replacement_serial",
)  # fmt: skip
HELD: Final = (*SPAN, *LINE)
"""One row a state of a contract line, oldest first; `first_seen`, `last_seen` are the days the runs were judged by."""
_seen = observations.c


def places(connection: Connection, serial: str) -> pd.DataFrame:
    """`PLACES` of a canonical serial."""
    release = sa.func.coalesce(sa.func.nullif(units.c.software_version, ""), release_of_device(), "")
    query = (
        sa.select(
            *(_seen[name] for name in SPAN),
            *(units.c[name] for name in ("vendor", "serial", "product_id", "kind")),
            *(_seen[name] for name in ("hostname", "address", "site")),
            *(units.c[name] for name in ("slot", "parent_serial")),
            release,
        )
        .join(units, units.c.content_id == _seen.content_id)
        .join(runs, runs.c.id == _seen.first_run)
        .where(runs.c.state == SEALED, units.c.serial == serial)
        .order_by(_seen.first_run, _seen.id, units.c.position)
    )
    return pd.DataFrame.from_records(connection.execute(query).all(), columns=list(PLACES)).astype("str")


def lines(connection: Connection, serial: str) -> pd.DataFrame:
    """`HELD`: the contract lines that named a canonical serial, in the runs that are kept."""
    named = sa.select(run_lines.c.run_id, runs.c.as_of, run_lines.c.blob_id)
    named = named.join(runs, runs.c.id == run_lines.c.run_id).order_by(run_lines.c.run_id, run_lines.c.source)
    mine: dict[int, list[tuple[str, ...]]] = {}
    held: dict[tuple[str, ...], list[str]] = {}
    done: list[tuple[str, ...]] = []
    newest: dict[tuple[str, ...], int] = {}
    order: list[int] = []
    for run, day, blob in connection.execute(named).all():
        if run not in order[-1:]:
            order.append(run)
        if blob not in mine:
            mine[blob] = _naming(connection, blob, serial)
        for line in mine[blob]:
            if line in held and newest[line] not in order[-2:]:  # it was away in between: two spans
                done.append((*held.pop(line), *line))
            span = held.setdefault(line, [str(run), "", day, ""])
            span[1], span[3], newest[line] = str(run), day, run
    rows = [*done, *((*span, *line) for line, span in held.items())]
    frame = pd.DataFrame.from_records(rows, columns=list(HELD)).astype("str")
    return frame.sort_values("first_run", key=lambda numbers: numbers.astype("int64"), kind="stable", ignore_index=True)


def _naming(connection: Connection, blob: int, serial: str) -> list[tuple[str, ...]]:
    data = connection.execute(sa.select(blobs.c.data).where(blobs.c.id == blob)).scalar_one()
    named = unpack(data, ("serial", "replacement_serial"))
    mine = (named["serial"] == serial) | (named["replacement_serial"] == serial)
    if not mine.any():
        return []
    found = unpack(data, LINE)[list(LINE)][mine]
    return list(found.fillna("").astype("str").itertuples(index=False, name=None))
