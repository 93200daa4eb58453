"""Things kept once and found by their content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from agent.store import schema
from agent.store.database import insert_new

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_BATCH: Final = 500
"""Values in one statement; SQLite's limit is 32,766, PostgreSQL's 65,535."""


def digest(value: object) -> bytes:
    """Sixteen bytes that name *value* (bytes, or anything JSON can write) by its content."""
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return hashlib.blake2b(data, digest_size=16).digest()


def keep(connection: Connection, table: Table, name: bytes, **columns: Any) -> tuple[int, bool]:
    """The id of the row of *table* whose digest is *name*, and whether it is new."""
    query = _called(table)
    known = connection.scalar(query, {"name": name})
    if known is not None:
        return int(known), False
    insert_new(connection, table, [{"digest": name, **columns}])
    return int(connection.execute(query, {"name": name}).scalar_one()), True


@cache  # a statement that is built once is compiled once
def _called(table: Table) -> sa.Select[int]:
    return sa.select(table.c.id).where(table.c.digest == sa.bindparam("name"))


def forget_blobs(connection: Connection, candidates: Sequence[int]) -> None:
    """Delete those of the blobs that nothing points at any more."""
    captures, lines, inputs, blobs = schema.captures, schema.run_lines, schema.run_inputs, schema.blobs
    for start in range(0, len(candidates), _BATCH):
        connection.execute(
            blobs.delete().where(
                blobs.c.id.in_(candidates[start : start + _BATCH]),
                ~sa.exists().where(captures.c.blob_id == blobs.c.id),
                ~sa.exists().where(lines.c.blob_id == blobs.c.id),
                ~sa.exists().where(inputs.c.blob_id == blobs.c.id),
            )
        )


def is_storable(text: str) -> bool:
    """Whether a database can hold the text as it is."""
    return not _UNSTORABLE.search(text)


def storable(text: str) -> str:
    """The text without what a database cannot hold: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
