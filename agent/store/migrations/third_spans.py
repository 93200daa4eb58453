"""What the third schema makes of the rows a device, and a finding, had in each run: spans and packed lists.

Written out, not taken from the store, which moves on. All of it happens in the one transaction of the migration.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

_PLACE: Final = ("context", "target", "snmp_port", "ssh_port")
_FACTS: Final = (
    "address", "hostname", "site", "vendor", "platform", "outcome", "reason", "engine_id", "via", "dropped",
    "content_id", "set_id",
)  # fmt: skip
_BATCH: Final = 500

Values = tuple[Any, ...]


def upgrade() -> None:
    """Make the tables of spans and lists, and carry every sealed run over into them."""
    op.add_column("runs", sa.Column("pruned", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_units_serial", "units", ["serial"])
    for column in ("key", "serial", "new_serial"):
        op.create_index(f"ix_finding_rows_{column}", "finding_rows", [column])
    _set_aside("observations")
    _set_aside("run_findings")
    _tables()
    connection = op.get_bind()
    sealed = connection.scalars(sa.text("SELECT id FROM runs WHERE state = 'sealed' ORDER BY id")).all()
    _observations(connection, sealed)
    _findings(connection, sealed)
    for table in ("observations", "run_findings"):
        op.drop_table(f"old_{table}")


def _set_aside(table: str) -> None:
    """Copy the rows without their constraints, whose names the new table takes."""
    op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608  # two names of ours
    op.drop_table(table)
    op.create_index(f"ix_old_{table}", f"old_{table}", ["run_id"])


def _texts(names: Sequence[str]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _tables() -> None:
    op.create_table(
        "observations",
        *_integers("id", "first_run", "last_run"),
        *_texts(("first_seen", "last_seen")),
        *_integers("last_position", "visits"),
        *_texts(_PLACE[:2]),
        *_integers(*_PLACE[2:]),
        *_texts(_FACTS[:9]),
        *_integers(*_FACTS[9:]),
        _reference("observations", "first_run", "runs"),
        _reference("observations", "last_run", "runs"),
        _reference("observations", "content_id", "contents"),
        _reference("observations", "set_id", "section_sets"),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
        sa.UniqueConstraint("first_run", *_PLACE, name="uq_observations_device"),
    )
    place = "_".join(_PLACE)
    op.create_index(f"ix_observations_{place}_last_run", "observations", [*_PLACE, "last_run"])
    op.create_index("ix_observations_last_run_first_run", "observations", ["last_run", "first_run"])
    op.create_index("ix_observations_content_id", "observations", ["content_id"])
    op.create_index("ix_observations_set_id", "observations", ["set_id"])
    op.create_table(
        "visits",
        *_integers("id", "run_id"),
        *_texts(_PLACE[:2]),
        *_integers(*_PLACE[2:], "observation_id"),
        *_texts(("started", "confirmed")),
        sa.Column("seconds", sa.Float(), nullable=False),
        *_integers("attempts"),
        _reference("visits", "run_id", "runs"),
        _reference("visits", "observation_id", "observations"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
        sa.UniqueConstraint("run_id", *_PLACE, name="uq_visits_device"),
    )
    op.create_index("ix_visits_observation_id", "visits", ["observation_id"])
    for table in ("run_visits", "run_findings"):
        op.create_table(
            table,
            *_integers("run_id"),
            sa.Column("data", sa.LargeBinary(), nullable=False),
            _reference(table, "run_id", "runs"),
            sa.PrimaryKeyConstraint("run_id", name=f"pk_{table}"),
        )


def _observations(connection: Connection, sealed: Sequence[int]) -> None:
    """Rows of one device that follow each other and say the same become one; what an open run left is not carried."""
    spans = _spans(connection, sealed)
    fields = ("id", "first_run", "last_run", "first_seen", "last_seen", "last_position", "visits", *_PLACE, *_FACTS)
    table = sa.table("observations", *(sa.column(name) for name in fields))
    rows = [dict(zip(fields, row, strict=True)) for row in spans]
    for start in range(0, len(rows), _BATCH):
        connection.execute(table.insert(), rows[start : start + _BATCH])
    if rows and connection.dialect.name == "postgresql":  # numbers were given here, not by its sequence
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence('observations', 'id'), :last)"), {"last": len(rows)}
        )


def _spans(connection: Connection, sealed: Sequence[int]) -> Iterator[Values]:
    names = ", ".join((*_PLACE, *_FACTS, "started", "seconds", "attempts"))
    query = sa.text(f"SELECT {names} FROM old_observations WHERE run_id = :run ORDER BY id")  # noqa: S608  # names of ours
    latest: dict[Values, list[Any]] = {}
    number = 0
    for run in sealed:
        polled: list[Values] = []
        for position, row in enumerate(connection.execute(query, {"run": run}).all()):
            place, facts, started = tuple(row[:4]), tuple(row[4:16]), row[16]
            span = latest.get(place)
            if span is None or span[-1] != facts:
                if span is not None:
                    yield _row(place, span)
                number += 1
                span = latest[place] = [number, run, run, started, started, position, 0, facts]
            span[2], span[4], span[5], span[6] = run, started, position, span[6] + 1
            polled.append((span[0], started, row[17], row[18], ""))
        _list(connection, "run_visits", run, polled, ("observation", "started", "seconds", "attempts", "confirmed"))
    for place, span in latest.items():
        yield _row(place, span)


def _row(place: Values, span: Sequence[Any]) -> Values:
    return (*span[:7], *place, *span[7])


def _findings(connection: Connection, sealed: Sequence[int]) -> None:
    query = sa.text("SELECT row_id, first_seen, last_seen FROM old_run_findings WHERE run_id = :run ORDER BY position")
    reconciled = set(connection.scalars(sa.text("SELECT id FROM runs WHERE reconciled <> ''")))
    for run in sealed:
        if run in reconciled:
            found = [tuple(row) for row in connection.execute(query, {"run": run})]
            _list(connection, "run_findings", run, found, ("row", "first_seen", "last_seen"))


def _list(connection: Connection, table: str, run: int, rows: Sequence[Values], columns: Sequence[str]) -> None:
    """Put the rows into the run's list, an Arrow file."""
    kinds = {"observation": "int64", "row": "int64", "seconds": "float64", "attempts": "int32"}
    frame = pd.DataFrame.from_records(rows, columns=list(columns))
    packed = io.BytesIO()
    frame.astype({name: kinds.get(name, "str") for name in columns}).to_feather(packed, compression="zstd")
    lists = sa.table(table, sa.column("run_id"), sa.column("data", sa.LargeBinary()))
    connection.execute(lists.insert(), {"run_id": run, "data": packed.getvalue()})
