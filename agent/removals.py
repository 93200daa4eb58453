"""Counting what is missing, run by run, and a person's word on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import pandas as pd

from agent.errors import StoreError, UsageError
from agent.store import Store, removals
from collectors.serials import canonical
from reconcile import tables
from reconcile.columns import records
from reconcile.policy import Policy
from reconcile.removed import Sealed, count, release, waiting

_LOOK_BACK: Final = 3
"""So many runs are counted of a store that was written before anything was counted: more would take hours."""


def count_removals(store: Store, run: int, policy: Policy, *, now: Callable[[], datetime]) -> None:
    """Count every sealed run up to *run* that was not counted yet, oldest first; each is one transaction. A run that
    was counted is never counted again."""
    span = store.read(removals.counted)
    for number in _uncounted(store, run, span[1] if span else None):
        sealed = _sealed(store, number)
        fresh = span is None and store.last_sealed(before=number) is not None
        done = count(sealed, store.read(removals.absent), policy, believed=fresh)
        store.write(removals.save, number, now(), rows=done.absent, arrivals_of_run=done.arrived, events=done.events)
        span = span or (number, number)


def list_waiting(store: Store) -> pd.DataFrame:
    """The removals that wait for a person (`reconcile.tables.ABSENT`)."""
    return waiting(store.read(removals.absent))


def confirm(
    store: Store, serials: Sequence[str], *, everything: bool, who: str, reason: str, policy: Policy, now: datetime
) -> pd.DataFrame:
    """Believe the removal of these *serials*, or of all that wait; the rows of `reconcile.tables.ABSENT` as they are
    then. Raises UsageError for a serial that does not wait, before anything is changed."""
    held = list_waiting(store)
    span = store.read(removals.counted)
    if span is None:
        raise UsageError("no run was reconciled yet: nothing can be missing; netcover reconcile")
    chosen = held if everything else held[held["serial"].isin(_known(serials, held))]
    names = [(row["vendor"], row["serial"]) for row in records(chosen)]
    about = store.run(span[1])
    day = about.as_of if about else now.date().isoformat()
    rows, events = release(
        store.read(removals.absent), names, who=who, reason=reason, run=span[1], day=day, policy=policy
    )
    store.write(removals.save, span[1], now, rows=rows, events=events, who=who)
    return rows[[(row["vendor"], row["serial"]) in set(names) for row in records(rows)]]


def _known(serials: Sequence[str], held: pd.DataFrame) -> set[str]:
    names = {canonical(text) or text.strip() for text in serials}
    if lost := sorted(names - set(held["serial"])):
        raise UsageError(
            f"{', '.join(lost)}: no removal of this serial waits for a person; netcover confirm-removals --list shows"
            " those that do; nothing was confirmed"
        )
    return names


def _uncounted(store: Store, run: int, last: int | None) -> list[int]:
    """The sealed runs after *last* up to *run* that were not pruned; where nothing was counted, the newest few."""
    found: list[int] = []
    number: int | None = store.last_sealed(before=run + 1)
    while number is not None and number > (last or 0) and (last is not None or len(found) < _LOOK_BACK):
        found.append(number)
        number = store.last_sealed(before=number)
    return found[::-1]


def _sealed(store: Store, run: int) -> Sealed:
    about = store.run(run)
    if about is None:
        raise StoreError(f"run {run} is not in the store; netcover show run lists them")
    history = store.history(run)
    return Sealed(run, about.as_of, store.units(run), store.targets(run), history[list(tables.HISTORY)])
