"""What is known of each target for the next run, and its last reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.kept import storable
from agent.store.schema import (
    LICENCE,
    SEALED,
    SECTION,
    SOFTWARE,
    UNIT,
    devices,
    licences,
    observations,
    runs,
    sections,
    software,
    units,
)
from collectors.model import Kind, Licence, LicenceState, Observation, Outcome, Section, Software, State, Target, Unit

Place = tuple[str, str, int, int]
"""Context, address as listed, SNMP port and SSH port (0 for the usual): what tells two targets apart."""


@dataclass(frozen=True, slots=True)
class Device:
    """One target as the last run left it. Times are ISO in UTC; "" and 0 mean "not known" or "none"."""

    context: str
    target: str
    snmp_port: int
    ssh_port: int
    hostname: str = ""
    """Of the device that answered last; so are the three below."""
    engine_id: str = ""
    serials: str = ""
    """Of its chassis, joined by a space."""
    products: str = ""
    """Likewise, the product ids."""
    seen: str = ""
    """When it was read last, as far as it could be."""
    stamp: str = ""
    """What a quick check compares with, as JSON; "" where the device is to be read in full."""
    outcome: str = ""
    reason: str = ""
    rest_until: str = ""
    full_run: int = 0
    """The run of its last complete reading in full."""
    last_run: int = 0
    quick: int = 0
    """Runs since then that only confirmed it."""
    failures: int = 0
    """Runs in a row that could read nothing of it."""

    @property
    def place(self) -> Place:
        """What names it."""
        return (self.context, self.target, self.snmp_port, self.ssh_port)


_PLACE: Final = ("context", "target", "snmp_port", "ssh_port")


def place(target: Target) -> Place:
    """The name of a target in the store."""
    return (target.context, target.address, target.snmp_port or 0, target.ssh_port or 0)


def every(connection: Connection) -> dict[Place, Device]:
    """All of them. One whose run was not sealed keeps what it is, but is to be read in full."""
    sealed = sa.select(runs.c.id).where(runs.c.state == SEALED)
    known = set(connection.scalars(sealed))
    found = (Device(**row) for row in connection.execute(sa.select(devices)).mappings())
    return {one.place: one if one.last_run in known else Device(**{**asdict(one), "stamp": ""}) for one in found}


def save(connection: Connection, found: Iterable[Device]) -> None:
    """Keep these, each in place of what was known of it."""
    rows = [{name: storable(v) if isinstance(v, str) else v for name, v in asdict(one).items()} for one in found]
    if not rows:
        return
    here = sa.and_(*(devices.c[name] == sa.bindparam(f"at_{name}") for name in _PLACE))
    connection.execute(devices.delete().where(here), [{f"at_{name}": row[name] for name in _PLACE} for row in rows])
    connection.execute(devices.insert(), rows)


def last_reading(connection: Connection, where: Place, run: int) -> Observation | None:
    """The complete reading of a target that the sealed *run* saw last; None where a later one saw something else."""
    said = observations.c
    query = (
        sa.select(observations)
        .where(*(said[name] == value for name, value in zip(_PLACE, where, strict=True)))
        .order_by(said.last_run.desc(), said.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None or row["outcome"] != str(Outcome.COMPLETE) or row["last_run"] != run:
        return None
    content, sections_ = row["content_id"], row["set_id"]
    return Observation(
        target=Target(row["target"], context=row["context"]),
        outcome=Outcome.COMPLETE,
        address=row["address"],
        started=datetime.strptime(row["last_seen"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        hostname=row["hostname"],
        vendor=row["vendor"],
        platform=row["platform"],
        engine_id=row["engine_id"],
        reason=row["reason"],
        sections=tuple(
            Section(**{**one, "state": State(one["state"]), "expected": bool(one["expected"])})
            for one in _list(connection, sections, "set_id", sections_, (*SECTION, "expected"))
        ),
        units=tuple(
            Unit(**{**one, "kind": Kind(one["kind"])}) for one in _list(connection, units, "content_id", content, UNIT)
        ),
        licences=tuple(
            Licence(**{**one, "state": LicenceState(one["state"])})
            for one in _list(connection, licences, "content_id", content, LICENCE)
        ),
        software=tuple(Software(**one) for one in _list(connection, software, "content_id", content, SOFTWARE)),
        dropped=row["dropped"],
        via=tuple(row["via"].split("+")) if row["via"] else (),
    )


def _list(
    connection: Connection, table: sa.Table, owner: str, number: int, columns: Iterable[str]
) -> list[Mapping[str, Any]]:
    query = sa.select(*(table.c[name] for name in columns)).where(table.c[owner] == number).order_by(table.c.position)
    return [dict(row) for row in connection.execute(query).mappings()]
