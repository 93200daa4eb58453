"""The status of the agent as lines for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from agent.store.outbox import RouteState
from agent.wording import count

if TYPE_CHECKING:
    from agent.status import JobState, Status

_SHOWN: Final = 5
"""Addresses that a line names."""


def lines(status: Status) -> list[str]:
    """The status for a person, the most important first."""
    told = [_agent_line(status)]
    told += [f"job       {_job_line(job)}" for job in status.jobs]
    told += [_run_line(status)]
    if status.resting:
        rests = f"{count(len(status.resting), 'device')} until {max(one[1] for one in status.resting)} at the latest"
        told.append(f"resting   {rests}: {_first(status.resting)}")
    told += [f"telling   {route_line(route)}" for route in status.routes] or ["telling   no route is set up"]
    if status.held:
        wait = "waits" if status.held == 1 else "wait"
        why = "; ".join(status.brake) or "their device changed"
        told.append(f"removals  {status.held} {wait} for a person: {why}")
    told += [f"source    {source.name}: {source.reason}" for source in status.sources]
    if status.failed_logins:
        where = len({one[0] for one in status.failed_logins})
        told.append(f"logins    {count(where, 'device')} refused: {_first(status.failed_logins)}")
    told += [f"logins    {text}" for text in status.broken]
    if status.refused_files:
        told.append(f"import    {count(status.refused_files, 'refused file')} in the watched folder")
    told += [f"event     {at} {text}" + (f" ({n} times)" if n > 1 else "") for at, _, text, n in status.events[:_SHOWN]]
    if status.needs:
        told += ["", "What needs a hand:", *(f"  {number}. {text}" for number, text in enumerate(status.needs, 1))]
    else:
        told += ["", "Nothing needs a hand."]
    return told


def route_line(route: RouteState) -> str:
    """A route for a person: what waits, and how it fares."""
    waits = [count(route.messages, "message") + " waiting"] if route.messages else []
    waits += [f"{count(route.notices, 'finding')} for the next digest"] if route.notices else []
    delivered = f"last delivered {route.delivered}" if route.delivered else "nothing delivered yet"
    error = f"; {count(route.failures, 'try')} failed, next {route.next_try}: {route.error}" if route.failures else ""
    return f"{route.name}: {', '.join((*waits, delivered))}{error}"


def _agent_line(status: Status) -> str:
    who = status.agent
    agent = (
        f"running since {who.since} (process {who.pid})"
        if who
        else "not running: the times below are those of the settings"
    )
    at_work = f"; process {status.running.pid} is at a run since {status.running.since}" if status.running else ""
    return f"agent     {agent}{at_work}"


def _job_line(job: JobState) -> str:
    last = f"{job.state} {job.finished} in {job.seconds:.0f} s" if job.state else "never ran"
    ahead = f"next {job.next}" if job.next else f"after {job.after}"
    return f"{job.job:<10}{last}, {ahead}" + (f": {job.reason}" if job.reason else "")


def _run_line(status: Status) -> str:
    last, full = status.last, status.last_full
    if last is None:
        return "last run  none yet"
    share = f"{last.read} of {last.targets} devices read in full ({last.percent:.1f} %)"
    told = f"last run  {last.run}, ended {last.finished}: {share}"
    rest = ", ".join(f"{number} {name}" for name, number in last.outcomes.items() if name != "complete")
    told += f"; {rest}" if rest else ""
    if full is None:
        return f"{told}; no run has read them all"
    return told if full.run == last.run else f"{told}; the last that read them all: run {full.run}, {full.finished}"


def _first(failed: Sequence[tuple[str, ...]]) -> str:
    """The addresses, or the first of many."""
    known = list(dict.fromkeys(one[0] for one in failed))
    return ", ".join(known[:_SHOWN]) + (f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else "")
