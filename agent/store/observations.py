"""Writing what a run saw of a device. What any run saw before, on any device, is not written again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from agent.store import captures, schema
from agent.store.kept import digest, keep, storable
from agent.store.runs import require, utc
from agent.store.schema import OPEN
from collectors.model import Observation

Row = dict[str, Any]


def save(connection: Connection, run: int, seen: Observation) -> None:
    """Write one observation into the open run. Raises StoreError where the target was written before."""
    require(connection, run, OPEN)
    target = seen.target
    place = {
        "run_id": run,
        "context": target.context,
        "target": target.address,
        "snmp_port": target.snmp_port or 0,
        "ssh_port": target.ssh_port or 0,
    }
    row = {
        **place,
        "address": seen.address,
        "hostname": storable(seen.hostname or target.hostname),
        "site": target.site,
        "vendor": seen.vendor,
        "platform": seen.platform or target.platform,
        "outcome": str(seen.outcome),
        "reason": storable(seen.reason),
        "engine_id": seen.engine_id,
        "via": "+".join(seen.via),
        "attempts": seen.attempts,
        "seconds": seen.seconds,
        "started": utc(seen.started),
        "dropped": seen.dropped,
        "content_id": _content(connection, seen),
        "set_id": _section_set(connection, seen),
    }
    connection.execute(schema.observations.insert(), row)
    captures.save(connection, place, utc(seen.started), seen.captures)


def _content(connection: Connection, seen: Observation) -> int:
    lists = (
        (schema.units, _rows(seen.units, schema.UNIT)),
        (schema.licences, _rows(seen.licences, schema.LICENCE)),
        (schema.software, _rows(seen.software, schema.SOFTWARE)),
    )
    # few runs ask for neighbours: without them the name is what it was before there were any
    beside = ((schema.neighbours, _neighbours(seen)),) if seen.neighbours else ()
    name = digest([[list(row.values()) for row in rows] for _, rows in (*lists, *beside)])
    content, new = keep(connection, schema.contents, name)
    if new:
        for table, rows in (*lists, *beside):
            _insert_list(connection, table, "content_id", content, rows)
    return content


def _neighbours(seen: Observation) -> list[Row]:
    rows = _rows(seen.neighbours, schema.NEIGHBOUR)
    return [{**row, "addresses": " ".join(one.addresses)} for row, one in zip(rows, seen.neighbours, strict=True)]


def _section_set(connection: Connection, seen: Observation) -> int:
    rows = [
        {**row, "expected": int(section.expected)}
        for row, section in zip(_rows(seen.sections, schema.SECTION), seen.sections, strict=True)
    ]
    number, new = keep(connection, schema.section_sets, digest([list(row.values()) for row in rows]))
    if new:
        _insert_list(connection, schema.sections, "set_id", number, rows)
    return number


def _rows(values: Iterable[object], fields: Sequence[str]) -> list[Row]:
    return [{field: storable(str(getattr(value, field))) for field in fields} for value in values]


def _insert_list(connection: Connection, table: Table, owner: str, number: int, rows: list[Row]) -> None:
    if rows:
        connection.execute(
            table.insert(),
            [{owner: number, "position": position, **row} for position, row in enumerate(rows)],
        )
