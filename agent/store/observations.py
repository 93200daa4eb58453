"""Writing what a run saw of a device. What any run saw before, on any device, is not written again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from agent.store import captures, schema
from agent.store.kept import digest, is_storable, keep, storable
from agent.store.runs import require, utc
from agent.store.schema import FACTS, OPEN, observations
from collectors.model import Observation

Row = dict[str, Any]


def save(connection: Connection, run: int, seen: Observation) -> None:
    """Write one observation into the open run. Raises StoreError where the target was written before."""
    require(connection, run, OPEN)
    target = seen.target
    place = {
        "context": target.context,
        "target": target.address,
        "snmp_port": target.snmp_port or 0,
        "ssh_port": target.ssh_port or 0,
    }
    facts = {
        "address": seen.address,
        "hostname": storable(seen.hostname or target.hostname),
        "site": target.site,
        "vendor": seen.vendor,
        "platform": seen.platform or target.platform,
        "outcome": str(seen.outcome),
        "reason": storable(seen.reason),
        "engine_id": seen.engine_id,
        "via": "+".join(seen.via),
        "dropped": seen.dropped,
        "content_id": _content(connection, seen),
        "set_id": _section_set(connection, seen),
    }
    started = utc(seen.started)
    visit = {
        "started": started, "seconds": seen.seconds, "attempts": seen.attempts, "confirmed": seen.confirmed,
    }  # fmt: skip
    number = _observation(connection, run, place, facts, started)
    connection.execute(_into(schema.visits), {"run_id": run, **place, "observation_id": number, **visit})
    captures.save(connection, {"run_id": run, **place}, started, seen.captures)


def _observation(connection: Connection, run: int, place: Row, facts: Row, started: str) -> int:
    """The observation this one is another visit of: the device's last, where no fact changed; else a new one."""
    last = connection.execute(_last_of(), place).one_or_none()
    if last is not None and tuple(last[1:]) == tuple(facts[name] for name in FACTS):
        return int(last[0])
    new = {
        "first_run": run, "last_run": run, "first_seen": started, "last_seen": started, "last_position": 0,
        "visits": 0, **place, **facts,
    }  # fmt: skip
    return int(connection.execute(_into(observations).returning(observations.c.id), new).scalar_one())


@cache  # a statement that is built once is compiled once
def _last_of() -> sa.Select[Any]:
    place = ("context", "target", "snmp_port", "ssh_port")
    return (
        sa.select(observations.c.id, *(observations.c[name] for name in FACTS))
        .where(*(observations.c[name] == sa.bindparam(name) for name in place))
        .order_by(observations.c.last_run.desc())
        .limit(1)
    )


def _content(connection: Connection, seen: Observation) -> int:
    lists = (
        (schema.units, _rows(seen.units, schema.UNIT)),
        (schema.licences, _rows(seen.licences, schema.LICENCE)),
        (schema.software, _rows(seen.software, schema.SOFTWARE)),
    )
    # few runs ask for neighbours: without them the name is what it was before there were any
    beside = ((schema.neighbours, _neighbours(seen)),) if seen.neighbours else ()
    name = digest([[tuple(row.values()) for row in rows] for _, rows in (*lists, *beside)])
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
    take = attrgetter(*fields)
    rows = [tuple(map(str, take(value))) for value in values]
    if not all(map(is_storable, map("".join, rows))):
        rows = [tuple(map(storable, row)) for row in rows]
    return [dict(zip(fields, row, strict=True)) for row in rows]


def _insert_list(connection: Connection, table: Table, owner: str, number: int, rows: list[Row]) -> None:
    if rows:
        listed = [{owner: number, "position": position, **row} for position, row in enumerate(rows)]
        connection.execute(_into(table), listed)


@cache
def _into(table: Table) -> sa.Insert:
    return table.insert()
