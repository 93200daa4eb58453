"""What happened to the agent itself and people are told: noted by whoever meets it, routed with the next delivery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store import outbox
from agent.store.kept import storable
from agent.store.outbox import Decision
from agent.store.runs import utc
from agent.store.schema import events

SAME = timedelta(hours=20)
"""Less than a day: what fails every night is told every night."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the agent itself."""

    id: int
    kind: str
    text: str
    at: str


def add(connection: Connection, kind: str, text: str, now: datetime, again: timedelta = SAME) -> None:
    """Note an event; the same one within *again* is counted, not told anew."""
    since = utc(now - again)
    _note(connection, sa.and_(events.c.at > since, events.c.at <= utc(now)), kind, text, now)


def add_lasting(connection: Connection, kind: str, text: str, now: datetime, since: datetime) -> None:
    """Note a state that lasts: where it is the newest of its kind, and was noted at *since* or later, it is counted."""
    newest = sa.select(sa.func.max(events.c.id)).where(events.c.kind == kind).scalar_subquery()
    _note(connection, sa.and_(events.c.id == newest, events.c.last >= utc(since)), kind, text, now)


def route(connection: Connection, names: Sequence[str], decide: Callable[[str, Event], Decision], now: datetime) -> int:
    """Queue the events that no route was told of yet."""
    query = sa.select(events.c.id, events.c.kind, events.c.text, events.c.at)
    fresh = [Event(*row) for row in connection.execute(query.where(events.c.routed == "").order_by(events.c.id))]
    added = sum(outbox.add(connection, name, decide(name, event), now) for event in fresh for name in names)
    for event in fresh:
        connection.execute(events.update().where(events.c.id == event.id).values(routed=utc(now)))
    return added


def recent(connection: Connection, since: datetime) -> tuple[tuple[str, str, str, int], ...]:
    """The agent's events since then as (last, kind, text, times), newest first."""
    query = sa.select(events.c.last, events.c.kind, events.c.text, events.c.times)
    rows = connection.execute(
        query.where(events.c.last >= utc(since)).order_by(events.c.last.desc(), events.c.id.desc())
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def tidy(connection: Connection, now: datetime) -> None:
    """Forget events that were told more than a month ago."""
    connection.execute(events.delete().where(events.c.routed != "", events.c.last < utc(now - outbox.KEEP)))


def _note(connection: Connection, known: sa.ColumnElement[bool], kind: str, text: str, now: datetime) -> None:
    """Count the event among those that are *known* and say the same, else write it."""
    kind, text = storable(kind), storable(text)
    same = sa.and_(events.c.kind == kind, events.c.text == text, known)
    repeated = connection.execute(events.update().where(same).values(times=events.c.times + 1, last=utc(now)))
    if not repeated.rowcount:
        connection.execute(events.insert().values(kind=kind, text=text, at=utc(now), last=utc(now), times=1, routed=""))
