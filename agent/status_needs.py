"""What needs a hand, as sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from agent.settings import Settings
from agent.store import slots
from agent.store.outbox import RouteState
from agent.wording import count

if TYPE_CHECKING:
    from agent.status import Status

_TOO_OLD: Final = timedelta(hours=26)
"""A message that waits longer than a day and a bit needs a hand."""


def needs(status: Status, settings: Settings, now: datetime) -> Iterator[str]:
    """What needs a hand, the worst first."""
    yield from _of_the_agent(status)
    yield from _of_runs(status)
    yield from _of_logins(status)
    yield from (_of_route(route, settings) for route in status.routes if _stuck(route, settings, now))
    yield from _of_contracts(status, settings)


def _of_the_agent(status: Status) -> Iterator[str]:
    if status.silent_since:
        yield f"the agent was not heard of since {status.silent_since}; restart it"
    if status.died:
        yield f"the agent ended without being stopped, soon after {status.died}; see its log, and start it again"
    for job in status.jobs:
        if job.state == slots.FAILED:
            yield f"the job {job.job} failed: {job.reason}"
    if status.refused_settings:
        yield f"the agent goes on with its old settings: {status.refused_settings}"


def _of_runs(status: Status) -> Iterator[str]:
    last = status.last
    if last is None and not status.running:
        yield "no run was made yet; make one with: netcover run"
    elif last and status.overdue:
        due = f"one was due at {status.overdue}"
        yield f"no run was made since {last.finished}, {due}; see that the agent or its timer runs"
    if last and last.targets and not last.read:
        yield f"run {last.run} read none of {count(last.targets, 'device')}; see skipped.csv"
    if status.held:
        wait = "waits" if status.held == 1 else "wait"
        yield f"{count(status.held, 'removal')} {wait} for a person; see them with: netcover confirm-removals --list"


def _of_logins(status: Status) -> Iterator[str]:
    for text in status.broken:
        yield f"{text}; a corrected credential is tried again by itself"
    if status.failed_logins:
        failed = count(len(status.failed_logins), "failed login")
        yield f"{failed}: not tried again until you look with: netcover logins"


def _of_contracts(status: Status, settings: Settings) -> Iterator[str]:
    for source in status.sources:
        yield f"the contract source {source.name}: {source.reason}"
    if status.refused_files:
        one = status.refused_files == 1
        beside = "was refused; the reason lies beside it" if one else "were refused; the reasons lie beside them"
        folder = settings.folder / settings.agent.watch / "refused"
        yield f"{count(status.refused_files, 'contract file')} {beside} in {folder}"


def _stuck(route: RouteState, settings: Settings, now: datetime) -> bool:
    unknown = route.name not in {one.name for one in settings.notify.route}
    old = bool(route.oldest) and now - datetime.fromisoformat(route.oldest) > _TOO_OLD
    return unknown or bool(route.failures) or (old and bool(route.messages))


def _of_route(route: RouteState, settings: Settings) -> str:
    if route.name not in {one.name for one in settings.notify.route}:
        waits = count(route.messages + route.notices, "message")
        cure = f"netcover notify --drop {route.name!r}"
        return f"{waits} for the route {route.name}, which the settings name no longer: {cure}"
    return f"the route {route.name} keeps {count(route.messages, 'message')}: {route.error}"
