"""What people are to be told: notices of changes, messages made of them, and what each route was told before.

A notice becomes a message in one transaction, a message is marked after it was sent: a process killed between the two
sends it again under the same name, so a receiver can tell. What was told is kept by route and finding key, so a run
that is looked at twice, or after a restart, adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store import findings, runs
from agent.store.database import insert_new
from agent.store.kept import digest, storable
from agent.store.runs import utc
from agent.store.schema import messages, notices, route_states, told

CLAIM = timedelta(minutes=3)
"""How long a process has a route to itself; a killed one blocks it no longer than that."""
LONGEST = timedelta(days=8)
"""No time in these tables lies further ahead; one that does was written before the clock was set back."""
KEEP = timedelta(days=40)
"""For what is over."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What a route was last told of a finding."""

    state: str
    """``open``, ``accepted`` or ``closed``."""
    severity: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a route is to be told; `data` is a finding, or an event, as JSON."""

    key: str
    change: str
    due: datetime
    data: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no name yet."""

    title: str
    body: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run, or an event, means for one route."""

    notices: Sequence[Notice] = ()
    drafts: Sequence[Draft] = ()
    told: Mapping[str, Told] | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits to be sent."""

    id: int
    name: str
    """Its name for good: the receiver's means to know a repeated one."""
    created: str
    title: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class RouteState:
    """How a route fares. Times are ISO in UTC, "" where there was none."""

    name: str
    introduced: str = ""
    failures: int = 0
    """Tries in a row that failed."""
    next_try: str = ""
    tried: str = ""
    delivered: str = ""
    error: str = ""
    messages: int = 0
    """That wait."""
    oldest: str = ""
    """When the oldest of them was written."""
    notices: int = 0
    """That wait for a digest."""


Decide = Callable[[str, bool, Mapping[str, Told], pd.DataFrame], Decision]
"""Given a route, whether it was told anything before, what it was told, and a run's findings."""


def take_in(connection: Connection, run: int, names: Sequence[str], decide: Decide, now: datetime) -> int:
    """Queue what the findings of *run* mean for each route; returns the notices and messages added.

    Does nothing for a run that is not the newest reconciled one: what is over is not news.
    """
    if runs.last(connection, before=None, reconciled=True) != run:
        return 0
    found = findings.findings_of(connection, run)
    added = 0
    for name in names:
        introduced = _introduced(connection, name, now)
        decision = decide(name, introduced, _told(connection, name), found)
        added += add(connection, name, decision, now)
    return added


def compose(
    connection: Connection,
    names: Iterable[str],
    written: Callable[[str, Sequence[Notice]], Sequence[Draft]],
    now: datetime,
) -> int:
    """Make messages of the notices that are due, and forget those notices. Returns the number of messages."""
    made = 0
    for name in names:
        due = sa.and_(notices.c.route == name, _is_due(notices.c.due, now))
        query = sa.select(notices.c.key, notices.c.change, notices.c.due, notices.c.data).where(due)
        rows = connection.execute(query.order_by(notices.c.id)).all()
        if rows:
            drafts = written(name, [Notice(key, change, now, data) for key, change, _, data in rows])
            connection.execute(notices.delete().where(due))
            made += add(connection, name, Decision(drafts=drafts), now)
    return made


def claim(connection: Connection, route: str, holder: str, now: datetime, *, force: bool = False) -> bool:
    """Take a route for this process, unless another has it or it rests after a failure."""
    _make(connection, route)
    state = route_states.c
    mine_or_free = sa.or_(state.holder.in_(("", holder)), state.claimed <= utc(now), state.claimed > utc(now + CLAIM))
    free = sa.and_(state.name == route, mine_or_free)
    if not force:
        free = sa.and_(free, _is_due(state.next_try, now))
    # one statement: of two processes at the same time one sees what the other wrote
    taken = connection.execute(route_states.update().where(free).values(holder=holder, claimed=utc(now + CLAIM)))
    return bool(taken.rowcount)


def release(connection: Connection, route: str, holder: str) -> None:
    """Give a route back."""
    mine = sa.and_(route_states.c.name == route, route_states.c.holder == holder)
    connection.execute(route_states.update().where(mine).values(holder="", claimed=""))


def waiting(connection: Connection, route: str, now: datetime, *, force: bool = False) -> tuple[Queued, ...]:
    """The messages of a route that may be sent now, oldest first."""
    due = sa.and_(messages.c.route == route, messages.c.sent == "")
    if not force:
        due = sa.and_(due, _is_due(messages.c.next_try, now))
    columns = [messages.c[name] for name in ("id", "name", "created", "title", "body", "attempts")]
    rows = connection.execute(sa.select(*columns).where(due).order_by(messages.c.id).limit(_BATCH))
    return tuple(Queued(*row) for row in rows)


def sent(connection: Connection, route: str, message: int, now: datetime, remark: str) -> None:
    """Mark a message as delivered, and its route as alive; *remark* is what was not quite right."""
    values = {"sent": utc(now), "error": storable(remark), "attempts": messages.c.attempts + 1}
    connection.execute(messages.update().where(messages.c.id == message).values(values))
    _set(connection, route, failures=0, next_try="", tried=utc(now), delivered=utc(now), error=storable(remark))


def refused(connection: Connection, route: str, message: int, now: datetime, again: datetime, why: str) -> None:
    """Note that a route that works did not take this message; it is tried again, the others are not kept back."""
    values = {"next_try": utc(again), "error": storable(why), "attempts": messages.c.attempts + 1}
    connection.execute(messages.update().where(messages.c.id == message).values(values))
    _set(connection, route, failures=0, next_try="", tried=utc(now), error=storable(why))


def down(connection: Connection, route: str, now: datetime, again: datetime, why: str) -> None:
    """Note that a route does not work; all its messages wait."""
    values = {
        "failures": route_states.c.failures + 1,
        "next_try": utc(again),
        "tried": utc(now),
        "error": storable(why),
    }
    connection.execute(route_states.update().where(route_states.c.name == route).values(values))


def failures(connection: Connection, route: str) -> int:
    """How often in a row a route failed."""
    return connection.scalar(sa.select(route_states.c.failures).where(route_states.c.name == route)) or 0


def states(connection: Connection) -> tuple[RouteState, ...]:
    """Every route that was ever used, by name, also one that the settings name no longer."""
    named = ("name", "introduced", "failures", "next_try", "tried", "delivered", "error")
    rows = connection.execute(
        sa.select(*(route_states.c[name] for name in named)).order_by(route_states.c.name)
    ).mappings()
    open_ones = sa.select(messages.c.route, sa.func.count(), sa.func.min(messages.c.created))
    queue = {
        r: (n, oldest) for r, n, oldest in connection.execute(open_ones.where(_unsent()).group_by(messages.c.route))
    }
    kept = sa.select(notices.c.route, sa.func.count()).group_by(notices.c.route)
    digests = {row[0]: int(row[1]) for row in connection.execute(kept)}
    found = []
    for row in rows:
        count, oldest = queue.get(row["name"], (0, ""))
        found.append(RouteState(**row, messages=count, oldest=oldest, notices=digests.get(row["name"], 0)))
    return tuple(found)


def recent(connection: Connection, limit: int) -> tuple[tuple[str, str, str, str, str], ...]:
    """The latest messages as (created, route, title, sent, error), newest first."""
    columns = [messages.c[name] for name in ("created", "route", "title", "sent", "error")]
    rows = connection.execute(sa.select(*columns).order_by(messages.c.id.desc()).limit(limit))
    return tuple((row[0], row[1], row[2], row[3], row[4]) for row in rows)


def drop(connection: Connection, route: str) -> int:
    """Forget a route and all that waits for it. Returns the messages and notices thrown away."""
    count = connection.execute(messages.delete().where(messages.c.route == route, _unsent())).rowcount
    count += connection.execute(notices.delete().where(notices.c.route == route)).rowcount
    for table in (told, messages):
        connection.execute(table.delete().where(table.c.route == route))
    connection.execute(route_states.delete().where(route_states.c.name == route))
    return count


def tidy(connection: Connection, now: datetime) -> None:
    """Forget messages that were delivered more than a month ago."""
    connection.execute(messages.delete().where(messages.c.sent != "", messages.c.sent < utc(now - KEEP)))


def add(connection: Connection, route: str, decision: Decision, now: datetime) -> int:
    """Write what was decided for a route; returns the notices and messages added."""
    if decision.notices:
        connection.execute(
            notices.insert(),
            [
                {"route": route, "key": n.key, "change": n.change, "due": utc(n.due), "data": storable(n.data)}
                for n in decision.notices
            ],
        )
    for draft in decision.drafts:
        _make(connection, route)
        values = {"route": route, "created": utc(now), "title": storable(draft.title), "body": storable(draft.body)}
        added = connection.execute(messages.insert().values(name="", **values).returning(messages.c.id)).scalar_one()
        name = _name(route, added, utc(now), draft.body)
        connection.execute(messages.update().where(messages.c.id == added).values(name=name))
    _remember(connection, route, decision.told or {})
    return len(decision.notices) + len(decision.drafts)


def _name(route: str, number: int, created: str, body: str) -> str:
    """A name that no other message has, also not one of another store: it holds time, number and content."""
    time = "".join(letter for letter in created if letter.isalnum()).lower()
    return f"{time}-{number:06d}-{digest([route, body]).hex()[:8]}"


def _remember(connection: Connection, route: str, now_told: Mapping[str, Told]) -> None:
    keys = list(now_told)
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        connection.execute(told.delete().where(told.c.route == route, told.c.key.in_(some)))
        rows = [{"route": route, "key": k, "state": now_told[k].state, "severity": now_told[k].severity} for k in some]
        connection.execute(told.insert(), rows)


def _told(connection: Connection, route: str) -> dict[str, Told]:
    query = sa.select(told.c.key, told.c.state, told.c.severity).where(told.c.route == route)
    return {key: Told(state, severity) for key, state, severity in connection.execute(query)}


def _introduced(connection: Connection, route: str, now: datetime) -> bool:
    """Whether the route was told of a run before; from now on it was."""
    _make(connection, route)
    before = connection.scalar(sa.select(route_states.c.introduced).where(route_states.c.name == route))
    if not before:
        _set(connection, route, introduced=utc(now))
    return bool(before)


def _make(connection: Connection, route: str) -> None:
    insert_new(connection, route_states, [{"name": route, "failures": 0}])


def _set(connection: Connection, route: str, **values: object) -> None:
    connection.execute(route_states.update().where(route_states.c.name == route).values(values))


def _unsent() -> sa.ColumnElement[bool]:
    return messages.c.sent == ""


def _is_due(column: sa.Column[str], now: datetime) -> sa.ColumnElement[bool]:
    """Whether the time has come; one too far ahead was written before the clock was set back."""
    return sa.or_(column <= utc(now), column > utc(now + LONGEST))
