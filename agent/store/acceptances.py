"""Findings that a person lives with until a day, by key: they hold in every later run, whatever it finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.store.kept import storable
from agent.store.runs import utc
from agent.store.schema import ACCEPTANCE, acceptances

_BATCH = 500


def save(connection: Connection, keys: Sequence[str], until: date, reason: str, now: datetime) -> None:
    """Accept *keys*; a key that was accepted before gets the new day and reason."""
    withdraw(connection, keys)
    told = {"accepted_until": until.isoformat(), "reason": storable(reason), "accepted_at": utc(now)}
    if keys:
        connection.execute(acceptances.insert(), [{"key": storable(key), **told} for key in dict.fromkeys(keys)])


def withdraw(connection: Connection, keys: Sequence[str]) -> None:
    """Accept *keys* no longer."""
    for start in range(0, len(keys), _BATCH):
        connection.execute(acceptances.delete().where(acceptances.c.key.in_(keys[start : start + _BATCH])))


def every(connection: Connection) -> pd.DataFrame:
    """All of them, also those whose day has passed: ``key, accepted_until, reason, accepted_at``."""
    rows = connection.execute(sa.select(*(acceptances.c[name] for name in ACCEPTANCE)).order_by(acceptances.c.key))
    return pd.DataFrame.from_records(rows.all(), columns=list(ACCEPTANCE)).astype("str")
