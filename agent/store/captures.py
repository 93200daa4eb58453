"""What devices answered, kept as evidence: the last complete and the last failed one of each question."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from agent.store import schema
from agent.store.kept import digest, forget_blobs, keep
from agent.store.schema import SEALED, captures
from collectors.model import Capture, State

LARGEST: Final = 4 * 1024 * 1024
"""Bytes kept of one answer."""
_PLACE: Final = ("context", "target", "snmp_port", "ssh_port", "section", "name", "via", "complete")


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """One answer as it is kept."""

    run: int
    context: str
    target: str
    section: str
    name: str
    via: str
    state: State
    taken: str
    text: str
    cut: bool
    """True where the answer was larger than `LARGEST` and its end is lost."""


def save(connection: Connection, place: Mapping[str, Any], taken: str, answers: Iterable[Capture]) -> None:
    """Write a device's answers; one that reads as the last of its kind is not written again.

    *place* is the run and the target: ``run_id, context, target, snmp_port, ssh_port``.
    """
    for answer in answers:
        data = answer.text.encode("utf-8", "replace")
        row = {
            **place,
            "section": answer.section,
            "name": answer.name,
            "via": answer.via,
            "state": str(answer.state),
            "complete": int(answer.state is State.COMPLETE),
            "cut": int(len(data) > LARGEST),
        }
        blob, _ = keep(connection, schema.blobs, digest(data[:LARGEST]), data=zlib.compress(data[:LARGEST]))
        if not _repeats(connection, row, blob):
            here = (_same(row), captures.c.run_id == row["run_id"])
            connection.execute(captures.delete().where(*here))  # a question asked twice: the last answer
            connection.execute(captures.insert(), {**row, "taken": taken, "blob_id": blob})


def find(
    connection: Connection, *, target: str | None, section: str | None, run: int | None
) -> tuple[StoredCapture, ...]:
    """The kept answers of sealed runs, narrowed by what is not None; newest first within a device."""
    query = (
        sa.select(captures, schema.blobs.c.data)
        .join(schema.blobs, schema.blobs.c.id == captures.c.blob_id)
        .join(schema.runs, schema.runs.c.id == captures.c.run_id)
        .where(schema.runs.c.state == SEALED)
        .order_by(captures.c.target, captures.c.context, captures.c.section, captures.c.name)
        .order_by(captures.c.run_id.desc())
    )
    for column, wanted in (
        (captures.c.target, target),
        (captures.c.section, section),
        (captures.c.run_id, run),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return tuple(_stored(row) for row in connection.execute(query).mappings())


def prune(connection: Connection, run: int) -> None:
    """Throw away what this run, sealed just now, has a newer answer for."""
    newer = captures.alias("newer")
    same = [newer.c[column] == captures.c[column] for column in _PLACE]
    _delete(connection, captures.c.run_id < run, sa.exists().where(newer.c.run_id == run, *same))


def drop(connection: Connection, run: int) -> None:
    """Throw away what an aborted run brought."""
    _delete(connection, captures.c.run_id == run)


def _repeats(connection: Connection, row: Mapping[str, Any], blob: int) -> bool:
    """Whether the newest sealed answer to the same question is the same, word for word."""
    query = (
        sa.select(captures.c.blob_id, captures.c.state)
        .join(schema.runs, schema.runs.c.id == captures.c.run_id)
        .where(_same(row), schema.runs.c.state == SEALED)
        .order_by(captures.c.run_id.desc())
        .limit(1)
    )
    last = connection.execute(query).one_or_none()
    return last is not None and tuple(last) == (blob, row["state"])


def _same(row: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(captures.c[column] == row[column] for column in _PLACE))


def _delete(connection: Connection, *which: sa.ColumnElement[bool]) -> None:
    freed = connection.scalars(sa.select(captures.c.blob_id).where(*which).distinct()).all()
    connection.execute(captures.delete().where(*which))
    forget_blobs(connection, freed)


def _stored(row: RowMapping) -> StoredCapture:
    return StoredCapture(
        run=row["run_id"],
        context=row["context"],
        target=row["target"],
        section=row["section"],
        name=row["name"],
        via=row["via"],
        state=State(row["state"]),
        taken=row["taken"],
        text=zlib.decompress(row["data"]).decode("utf-8", "ignore"),
        cut=bool(row["cut"]),
    )
