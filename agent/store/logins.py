"""The login ledger: what came of each login, by device and version of the credential.

A row is written before the secret is sent (`enter`) and settled by what the device says (`leave`). States:

* ``trying``: somebody waits for an answer; where its process is gone nobody knows what the answer was
* ``worked``: let in
* ``failed``: refused, or cut short where it never worked before: not tried again
* ``cut``: cut short where it worked before: tried once more, when the version has proved itself elsewhere
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from agent.store.database import insert_new
from agent.store.kept import storable
from agent.store.runs import utc
from agent.store.schema import login_keys, logins
from collectors.gate import Door, Ending

TRYING: Final = "trying"
WORKED: Final = "worked"
FAILED: Final = "failed"
CUT: Final = "cut"
_PLACE: Final = ("context", "address", "port", "protocol", "version")
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. Times are ISO in UTC, "" for never."""

    context: str
    address: str
    port: int
    protocol: str
    version: str
    credential: str
    state: str
    since: str
    """When the login was tried."""
    worked: str
    """When this version was last let in."""
    reason: str
    holder: str
    """The process that tries, or tried."""
    cut: int
    """How many logins in a row were cut short."""

    @property
    def door(self) -> Door:
        """Where it stands."""
        return Door(self.context, self.address, self.port, self.protocol, self.version, self.credential)


@dataclass(frozen=True, slots=True)
class Entering:
    """A login that is to be tried now."""

    door: Door
    proven: bool
    """Whether its version worked in this run."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a login ended."""

    door: Door
    ending: Ending
    why: str = ""


def key(connection: Connection, fresh: bytes, now: datetime) -> bytes:
    """The key of this store's digests: *fresh* where it had none."""
    insert_new(connection, login_keys, [{"id": 1, "data": fresh, "made": utc(now)}])
    return bytes(connection.execute(sa.select(login_keys.c.data).where(login_keys.c.id == 1)).scalar_one())


def entries(connection: Connection, versions: Collection[str] | None = None) -> tuple[Entry, ...]:
    """Every row, or those of some versions, by address."""
    query = sa.select(logins).order_by(*(logins.c[name] for name in _PLACE))
    if versions is not None:
        query = query.where(logins.c.version.in_(list(versions)))
    return tuple(Entry(**row) for row in connection.execute(query).mappings())


def settle(
    connection: Connection,
    steps: Sequence[Entering | Leaving],
    *,
    holder: str,
    now: datetime,
    allowed: Callable[[Entry, Entering], str],
) -> list[str]:
    """Write these steps of the process *holder* in their order. For each entering "", or why the login must not be
    tried: what *allowed* says of the row there is."""
    answers: list[str] = []
    for batch in _apart(steps):
        leaving = [step for step in batch if isinstance(step, Leaving)]
        entering = [step for step in batch if isinstance(step, Entering)]
        _let_in(connection, [step.door for step in leaving if step.ending == "worked"], holder, utc(now))
        for step in leaving:
            if step.ending != "worked":
                _leave(connection, step, holder, utc(now))
        answers += _enter(connection, entering, holder, utc(now), allowed)
    return answers


def tidy(connection: Connection) -> None:
    """Forget the versions that worked once and gave way to another one that worked later."""
    newer = logins.alias()
    same = (newer.c[name] == logins.c[name] for name in _PLACE if name != "version")
    superseded = sa.exists().where(*same, newer.c.state == WORKED, newer.c.worked > logins.c.worked)
    connection.execute(logins.delete().where(logins.c.state == WORKED, superseded))


def clear(connection: Connection, addresses: Collection[str], gone: Callable[[Entry], bool]) -> tuple[Entry, ...]:
    """Forget the logins at these addresses that failed or were cut short, so that they are tried again."""
    found = tuple(
        entry
        for entry in entries(connection)
        if entry.address in addresses and (entry.state in (FAILED, CUT) or (entry.state == TRYING and gone(entry)))
    )
    for entry in found:
        connection.execute(logins.delete().where(_at(entry.door)))
    return found


def _apart(steps: Sequence[Entering | Leaving]) -> Iterator[list[Entering | Leaving]]:
    """The steps in their order, in batches that meet no door twice."""
    batch: dict[Door, Entering | Leaving] = {}
    for step in steps:
        if step.door in batch:
            yield list(batch.values())
            batch = {}
        batch[step.door] = step
    yield list(batch.values())


def _enter(
    connection: Connection,
    steps: Sequence[Entering],
    holder: str,
    now: str,
    allowed: Callable[[Entry, Entering], str],
) -> list[str]:
    new = {"state": TRYING, "since": now, "holder": holder, "reason": ""}
    before = _rows(connection, [step.door for step in steps])
    fresh = [step.door for step in steps if step.door not in before]
    insert_new(connection, logins, [{**_place(door), **new, "credential": door.credential, "cut": 0} for door in fresh])
    if connection.dialect.name != "sqlite":  # there another process may have been quicker
        before |= {door: row for door, row in _rows(connection, fresh).items() if row["holder"] != holder}
    answers, again = [], []
    for step in steps:
        row = before.get(step.door)
        answers.append(allowed(Entry(**row), step) if row else "")
        if row and not answers[-1]:
            cut = row["cut"] + (row["state"] == TRYING)
            again.append({**_bound(step.door), "c_cut": cut, "c_credential": step.door.credential})
    if again:
        own: dict[str, Any] = {"cut": sa.bindparam("c_cut"), "credential": sa.bindparam("c_credential")}
        connection.execute(logins.update().where(_HERE).values(**new, **own), again)
    return answers


def _let_in(connection: Connection, doors: Sequence[Door], holder: str, now: str) -> None:
    mine = sa.and_(_HERE, logins.c.holder == holder, logins.c.state == TRYING)
    new = {"state": WORKED, "worked": now, "cut": 0, "reason": "", "holder": ""}
    if doors:
        connection.execute(logins.update().where(mine).values(**new), [_bound(door) for door in doors])


def _leave(connection: Connection, step: Leaving, holder: str, now: str) -> None:
    here = sa.and_(_at(step.door), logins.c.holder == holder, logins.c.state == TRYING)
    row = connection.execute(sa.select(logins.c.worked, logins.c.cut).where(here)).one_or_none()
    if row is None:
        return  # cleared by a person meanwhile
    state, more = _settled(step.ending, worked=bool(row.worked), cut=row.cut)
    if not state:
        connection.execute(logins.delete().where(here))
        return
    reason = "" if state == WORKED else storable(step.why)
    connection.execute(logins.update().where(here).values(state=state, reason=reason, holder="", **more))


def _settled(ending: Ending, *, worked: bool, cut: int) -> tuple[str, dict[str, int]]:
    """The state after an *ending* other than ``worked``, and what changes with it; "" to forget the row."""
    if ending == "cut":
        return (CUT if worked else FAILED), {"cut": cut + 1}
    if ending == "failed" or (ending == "hung up" and not worked):
        return FAILED, {"cut": 0}
    return (WORKED if worked else ""), {}


def _rows(connection: Connection, doors: Sequence[Door]) -> dict[Door, RowMapping]:
    """The rows of these doors, held until the transaction ends."""
    found: dict[Door, RowMapping] = {}
    wanted = set(doors)
    for start in range(0, len(doors), _BATCH):
        addresses = {door.address for door in doors[start : start + _BATCH]}
        versions = {door.version for door in doors[start : start + _BATCH]}
        query = sa.select(logins).where(logins.c.address.in_(addresses), logins.c.version.in_(versions))
        for row in connection.execute(query.with_for_update()).mappings():
            if (door := Entry(**row).door) in wanted:
                found[door] = row
    return found


def _place(door: Door) -> dict[str, Any]:
    return {name: getattr(door, name) for name in _PLACE}


def _bound(door: Door) -> dict[str, Any]:
    return {f"at_{name}": getattr(door, name) for name in _PLACE}


_HERE: Final = sa.and_(*(logins.c[name] == sa.bindparam(f"at_{name}") for name in _PLACE))


def _at(door: Door) -> sa.ColumnElement[bool]:
    return sa.and_(*(logins.c[name] == value for name, value in _place(door).items()))
