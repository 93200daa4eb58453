"""Telling people: what a run means for each route is queued, and what is queued is delivered, or waits.

Queueing compares the run's findings with what each route was told, so nothing depends on having seen every run: what
a killed process did not queue is queued by the next one, and nothing is queued twice.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from fnmatch import fnmatchcase
from functools import partial
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
import structlog

from agent import notify_message as say
from agent.alarms import of_run
from agent.routes import DeliveryError, Outgoing, RefusedError, send
from agent.settings import Settings
from agent.settings_notify import EVENTS, Route
from agent.store import Store, events, outbox
from agent.store.events import Event
from agent.store.outbox import Decision, Draft, Notice, Queued, Told

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
"""Between two tries of a dead route: a minute, doubled each time up to this."""
LASTING: Final = timedelta(days=30)
"""A state that lasts, such as the fleet brake, is told of again after so long."""
AT_ONCE: Final = 60.0
"""Seconds that one delivery spends on a route; the rest waits for the next one, long before the claim ends."""
_DIGEST_HOUR: Final = "08:00"
_LIVE: Final = ("new", "open")
_ENDED: Final = "closed"


def queue(store: Store, run: int, settings: Settings, now: datetime) -> int:
    """Queue what the findings of the reconciled *run* mean for each route; returns how many things were queued.

    Call it after each reconcile. Again with the same run it adds nothing, and with an older run neither.
    """
    routes = {route.name: route for route in settings.notify.route}

    def decide(name: str, introduced: bool, told: Mapping[str, Told], found: pd.DataFrame) -> Decision:  # noqa: FBT001
        return decision(routes[name], introduced, told, found, run, now, settings.timezone)

    added = store.write(outbox.take_in, run, list(routes), decide, now)
    if run == store.last_reconciled():
        for kind, text in of_run(store, run):
            store.write(events.add, kind, text, now, LASTING)
    _compose(store, settings, now)
    return added


def event(store: Store, kind: str, text: str, now: datetime) -> None:
    """Note something that happened to the agent itself, to be told with the next `deliver`.

    *kind* is one of `settings_notify.EVENTS`. Any other is told as "other". The same text again
    within 20 hours is counted and not told anew.
    """
    store.write(events.add, kind if kind in EVENTS else "other", text, now)


def deliver(store: Store, settings: Settings, now: datetime, *, force: bool = False) -> str:
    """Send what is due on every route, and say what came of it in one line; "" where nothing was due.

    A route that does not work is left alone for a minute, two, four, up to an hour; its messages wait. *force* tries
    it now. What is killed between sending and marking is sent again, under the same name.
    """
    names = [route.name for route in settings.notify.route]
    store.write(events.route, names, partial(_of_event, settings, now), now)
    _compose(store, settings, now)
    said = [text for route in settings.notify.route if (text := _deliver(store, settings, route, now, force=force))]
    store.write(outbox.tidy, now)
    store.write(events.tidy, now)
    return "; ".join(said)


def decision(
    route: Route,
    introduced: bool,  # noqa: FBT001  # the order is that of outbox.Decide
    told: Mapping[str, Told],
    found: pd.DataFrame,
    run: int,
    now: datetime,
    zone: ZoneInfo,
) -> Decision:
    """What the findings of a run mean for a route that was *told* so much."""
    rows = {row["key"]: {**row, "run": str(run)} for row in _rows(found)}
    live = {key: row for key, row in rows.items() if row["status"] in _LIVE and wanted(route, row)}
    after = {key: Told("open", row["severity"]) for key, row in live.items()}
    after |= {
        key: Told("accepted", before.severity)
        for key, before in told.items()
        if key in rows and rows[key]["status"] == "accepted"
    }
    ended = [
        key
        for key, before in told.items()
        if before.state != _ENDED and (key not in rows or rows[key]["status"] == _ENDED)
    ]
    after |= {key: Told(_ENDED, told[key].severity) for key in ended}
    changed = {key: state for key, state in after.items() if told.get(key) != state}
    if not introduced:
        message = say.first(list(live.values()), run)
        return Decision(drafts=(_draft(message),), told=changed) if live else Decision(told=changed)
    news = [(key, change, row) for key, row in live.items() if (change := _change(told.get(key), row["severity"]))]
    if route.closed:
        news += [(key, say.CLOSED, rows[key]) for key in ended if key in rows and told[key].state == "open"]
    due = next_digest(route.digest, now, zone) if route.digest else now
    notices = [Notice(key, change, due, json.dumps(row, ensure_ascii=False)) for key, change, row in news]
    return Decision(notices=notices, told=changed)


def wanted(route: Route, finding: Mapping[str, str]) -> bool:
    """Whether the route's filter lets the finding through.

    A finding of no vendor or site (of the scan, or of a contract) passes no filter that names some.
    """
    ranks = {name: rank for rank, name in enumerate(say.SEVERITIES)}
    if ranks.get(finding["severity"], 0) > ranks[route.severity]:
        return False
    if route.classes and finding["class"] not in route.classes:
        return False
    lists = ((route.rules, "rule"), (route.vendors, "vendor"), (route.sites, "site"))
    return all(not patterns or _fits(finding[column], patterns) for patterns, column in lists)


def next_digest(digest: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which a digest is due, in UTC.

    >>> next_digest("08:00", datetime(2026, 3, 28, 12, tzinfo=UTC), ZoneInfo("Europe/Berlin")).isoformat()
    '2026-03-29T06:00:00+00:00'
    """
    here = now.astimezone(zone)
    at = time.fromisoformat(digest if ":" in digest else _DIGEST_HOUR)
    day = here.date()
    if digest == "weekly":
        day += timedelta(days=-day.weekday() % 7)
    step = timedelta(days=7 if digest == "weekly" else 1)
    while (moment := datetime.combine(day, at, tzinfo=zone).astimezone(UTC)) <= now:
        day += step
    return moment


def wait_after(failures: int) -> timedelta:
    """How long a route rests after so many failures in a row.

    >>> [wait_after(n).total_seconds() for n in (1, 2, 3, 7, 400)]
    [60.0, 120.0, 240.0, 3600.0, 3600.0]
    """
    return min(LONGEST_WAIT, FIRST_WAIT * int(2 ** min(max(failures, 1) - 1, 10)))


def grouped(route: Route, notices: Sequence[Notice], most: int) -> list[say.Message]:
    """The messages that these notices make: one a site or contract, or one in all where that were more than *most*.

    Of several notices of one finding the last counts; what came and went in between is not told at all.
    """
    latest: dict[str, dict[str, str]] = {}
    fresh: set[str] = set()
    for notice in notices:
        if notice.key not in latest and notice.change != say.CLOSED:
            fresh.add(notice.key)
        merged = {**json.loads(notice.data), "change": notice.change}
        if notice.change == say.WORSE and notice.key in latest:
            merged["change"] = latest[notice.key]["change"]
        latest[notice.key] = merged
    left = [row for key, row in latest.items() if not (row["change"] == say.CLOSED and key in fresh)]
    groups: dict[str, list[Mapping[str, str]]] = {}
    for row in left:
        groups.setdefault(_group(route, row), []).append(row)
    if len(groups) > most:
        return [say.about_findings(left)]
    return [say.about_findings(rows, group=name, about=route.group) for name, rows in sorted(groups.items())]


def _deliver(store: Store, settings: Settings, route: Route, now: datetime, *, force: bool) -> str:
    """Send a route's messages in turn until it fails; "" where none was due."""
    if not store.read(outbox.waiting, route.name, now, force=force):
        return ""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    if not store.write(outbox.claim, route.name, holder, now, force=force):
        return ""
    done = kept = 0
    end = monotonic() + AT_ONCE
    try:
        for message in store.read(outbox.waiting, route.name, now, force=force):
            if monotonic() > end:
                break
            try:
                remark = send(route, settings, outgoing(message))
            except RefusedError as error:
                again = now + max(wait_after(message.attempts + 1), LONGEST_WAIT)
                store.write(outbox.refused, route.name, message.id, now, again, str(error))
                _log(route, "message refused", message=message.name, reason=str(error))
                kept += 1
            except DeliveryError as error:
                return _down(store, route, error, now, done)
            else:
                store.write(outbox.sent, route.name, message.id, now, remark)
                done += 1
    finally:
        store.write(outbox.release, route.name, holder)
    return f"{route.name}: {done} delivered" + (f", {kept} refused and kept" if kept else "")


def outgoing(message: Queued) -> Outgoing:
    """A queued message as a route takes it."""
    return Outgoing(message.name, datetime.fromisoformat(message.created), say.from_json(message.body))


def _down(store: Store, route: Route, error: DeliveryError, now: datetime, done: int) -> str:
    failures = store.read(outbox.failures, route.name) + 1
    rest = max(wait_after(failures), min(error.rest, timedelta(days=1)))
    store.write(outbox.down, route.name, now, now + rest, str(error))
    _log(route, "route down", reason=str(error), failures=failures)
    left = sum(state.messages for state in store.read(outbox.states) if state.name == route.name)
    minutes = round(rest.total_seconds() / 60)
    return f"{route.name}: {done} delivered, {left} wait, next try in {minutes} min: {error}"


def _log(route: Route, what: str, **pairs: Any) -> None:
    structlog.get_logger().warning(what, route=route.name, kind=route.kind, **pairs)


def _compose(store: Store, settings: Settings, now: datetime) -> None:
    routes = {route.name: route for route in settings.notify.route}

    def written(name: str, notices: Sequence[Notice]) -> list[Draft]:
        return [_draft(message) for message in grouped(routes[name], notices, settings.notify.most)]

    store.write(outbox.compose, list(routes), written, now)


def _of_event(settings: Settings, now: datetime, name: str, happened: Event) -> Decision:
    route = next(one for one in settings.notify.route if one.name == name)
    if happened.kind not in route.events:
        return Decision()
    return Decision(drafts=(_draft(say.about_event(happened.kind, happened.text)),))


def _draft(message: say.Message) -> Draft:
    return Draft(message.title, message.to_json())


def _change(before: Told | None, severity: str) -> str:
    """What has become of a live finding since the route was told; "" where it knows."""
    if before is None:
        return say.NEW
    if before.state != "open":
        return say.RETURNED
    ranks = say.SEVERITIES
    known = before.severity in ranks and severity in ranks
    return say.WORSE if known and ranks.index(severity) < ranks.index(before.severity) else ""


def _group(route: Route, row: Mapping[str, str]) -> str:
    if route.group == "none":
        return ""
    if route.group == "site":
        return row["site"] or ("a site not known" if row["address"] else "")
    return " ".join(filter(None, (row["provider"], row["contract_number"])))


def _fits(value: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern fits; one that starts with ``!`` takes out what fits it."""
    out = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    into = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]

    def any_of(some: Sequence[str]) -> bool:
        return any(fnmatchcase(value.lower(), pattern.lower()) for pattern in some)

    return any_of(into) and not any_of(out)


def _rows(found: pd.DataFrame) -> list[dict[str, str]]:
    columns = [name for name in say.FIELDS if name in found]
    return [{str(k): str(v) for k, v in row.items()} for row in found[columns].to_dict("records")]
