"""How the agent and its fleet are: read from the store and the locks, for `netcover status` and for the metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from agent.alarms import Source, brake, broken_credentials, failed_logins, weak_sources
from agent.locks import AGENT, RUN, Holder, holder, state_folder
from agent.schedule import following, newest, plan
from agent.settings import Settings
from agent.state import state_of
from agent.status_needs import needs
from agent.store import Run, Store, devices, events, outbox, slots
from agent.store.outbox import RouteState
from agent.store.runs import utc

_LOOKED_AT: Final = 200
"""Runs among which the last full one is looked for."""
_LATELY: Final = timedelta(days=2)
_SILENT: Final = timedelta(minutes=5)
_COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class Read:
    """How much of the fleet a sealed run read."""

    run: int
    finished: str
    read: int
    """Devices read in full."""
    targets: int
    outcomes: Mapping[str, int]
    percent: float
    """`read` of `targets` to one digit, never rounded up; 100 where there was none to read."""
    quick: int = 0
    """Of `read`, devices whose last reading was only confirmed."""


@dataclass(frozen=True, slots=True)
class JobState:
    """A job: what came of it last, and when it is next."""

    job: str
    slot: str = ""
    """Its last slot; "" where it never had one, or follows another job."""
    started: str = ""
    finished: str = ""
    state: str = ""
    seconds: float = 0.0
    reason: str = ""
    next: str = ""
    """UTC; "" where it follows another job, or is disabled."""
    after: str = ""
    overruns: int = 0
    """Kept slots that took longer than `overrun`, or were skipped because the one before did."""


@dataclass(frozen=True, slots=True)
class Status:
    """All of it. Times are ISO in UTC, "" where there was none."""

    at: str
    store: str
    agent: Holder | None
    running: Holder | None
    """Who is at a run now."""
    silent_since: str
    """Since when the agent was not heard of; "" where it lives, or none runs."""
    died: str
    """When an agent that ended without being stopped was last heard of; "" where none did."""
    refused_settings: str
    """Why the agent did not take the settings of its last reload, or would not take those there are now."""
    overdue: str
    """When the last run should have been; "" where it is not overdue."""
    jobs: tuple[JobState, ...]
    last: Read | None
    last_full: Read | None
    """The newest run that read every device in full."""
    resting: tuple[tuple[str, str, str], ...]
    """(target, until when, its last outcome): devices that kept failing and are left alone for a while."""
    findings: tuple[tuple[str, str, str, int], ...]
    """Of the newest reconciled run: (class, severity, status, how many)."""
    routes: tuple[RouteState, ...]
    brake: tuple[str, ...]
    """Why removals are held."""
    held: int
    """Units whose removal waits for a person."""
    sources: tuple[Source, ...]
    failed_logins: tuple[tuple[str, str, str, str], ...]
    """(address, protocol, credential, when): not tried again until a person sees to it."""
    broken: tuple[str, ...]
    """Credentials that the last run stopped using, as sentences."""
    refused_files: int
    """In the watched folder's ``refused``."""
    events: tuple[tuple[str, str, str, int], ...]
    """Of the last two days: (when last, kind, text, how often)."""
    needs: tuple[str, ...]
    """What needs a hand, the worst first."""

    def as_json(self) -> dict[str, Any]:
        """The status as JSON can write it."""
        return asdict(self)


def gather(store: Store, settings: Settings, now: datetime, refused: str = "") -> Status:
    """Look at everything; *refused* is why the settings file is not the one to go by. Raises StoreError."""
    folder = state_folder(settings)
    runs = [run for run in store.recent_runs(_LOOKED_AT) if run.state == "sealed"]
    last = read_of(store, runs[0]) if runs else None
    held, judged = brake(store), store.last_reconciled()
    agent = holder(folder / AGENT)
    left = state_of(settings) or {}
    said = left if agent else {}
    found = Status(
        at=utc(now),
        store=store.place,
        agent=agent,
        running=holder(folder / RUN),
        silent_since=_silent(str(said.get("beat", "")), now),
        died="" if agent else str(left.get("beat", "")),
        refused_settings=refused or str(said.get("refused", "")),
        overdue=_overdue(settings, runs[0], now) if runs else "",
        jobs=_jobs(store, settings, now),
        last=last,
        last_full=_last_full(store, runs, last),
        resting=_resting(store, now),
        findings=_findings(store),
        routes=routes_of(store, settings),
        brake=held.why,
        held=held.held,
        sources=weak_sources(store, judged) if judged is not None else (),
        failed_logins=tuple((one.address, one.protocol, one.credential, one.since) for one in failed_logins(store)),
        broken=broken_credentials(store, runs[0]) if runs else (),
        refused_files=_refused(settings),
        events=store.read(events.recent, now - _LATELY),
        needs=(),
    )
    return replace(found, needs=tuple(needs(found, settings, now)))


def read_of(store: Store, run: Run) -> Read:
    """How much of the fleet a sealed run read."""
    counted = run.counts.get("outcomes")
    if not isinstance(counted, Mapping):
        told = store.targets(run.id)["outcome"].value_counts()
        counted = {str(name): int(number) for name, number in sorted(told.items())}
    outcomes = {str(name): int(number) for name, number in counted.items()}
    targets, read = sum(outcomes.values()), outcomes.get(_COMPLETE, 0)
    percent = math.floor(1000 * read / targets) / 10 if targets else 100.0
    confirmed = run.counts.get("confirmed")
    quick = int(confirmed.get("quick", 0)) if isinstance(confirmed, Mapping) else 0
    return Read(run.id, run.finished, read, targets, outcomes, percent, quick)


def routes_of(store: Store, settings: Settings) -> tuple[RouteState, ...]:
    """Every route of the settings, and those no longer there for which something waits."""
    known = {state.name: state for state in store.read(outbox.states)}
    ours = [route.name for route in settings.notify.route]
    left = [state for name, state in known.items() if name not in ours and (state.messages or state.notices)]
    return (*(known.get(name, RouteState(name)) for name in ours), *left)


def _jobs(store: Store, settings: Settings, now: datetime) -> tuple[JobState, ...]:
    ran, last, over = store.read(slots.last_jobs), store.read(slots.last_slots), store.read(slots.overruns)
    timed = {job.name: job for job in plan(settings)}
    states = []
    for name, said in settings.agent.jobs.items():
        if not said.enabled:
            continue
        before, slot = ran.get(name), last.get(name)
        ahead = following(timed[name], now) if name in timed else None
        states.append(
            JobState(
                job=name,
                slot=slot.slot if slot else "",
                started=before.started if before else "",
                finished=before.finished if before else "",
                state=before.state if before else "",
                seconds=before.seconds if before else 0.0,
                reason=before.reason if before else "",
                next=utc(ahead.start) if ahead else "",
                after=said.after,
                overruns=over.get(name, 0),
            )
        )
    return tuple(states)


def _silent(beat: str, now: datetime) -> str:
    """*beat* where it is long ago."""
    try:
        return beat if beat and now - datetime.fromisoformat(beat) > _SILENT else ""
    except ValueError:
        return ""


def _overdue(settings: Settings, last: Run, now: datetime) -> str:
    """When a run was due, where a whole period of the schedule has passed since without one: a timer of the system may
    run a little later than the settings say."""
    collect = next((job for job in plan(settings) if "collect" in job.chain), None)
    due = newest(collect, now) if collect else None
    before = newest(collect, due.start - timedelta(seconds=1)) if collect and due else None
    if before is None or datetime.fromisoformat(last.finished) >= before.start:
        return ""
    return utc(before.start)


def _last_full(store: Store, runs: Sequence[Run], last: Read | None) -> Read | None:
    """Older runs are judged by their counts alone: their tables may be pruned."""
    if last and last.targets and last.read == last.targets:
        return last
    full = (run for run in runs[1:] if _all_complete(run))
    return next((read_of(store, run) for run in full), None)


def _all_complete(run: Run) -> bool:
    counted = run.counts.get("outcomes")
    return isinstance(counted, Mapping) and set(counted) == {_COMPLETE}


def _resting(store: Store, now: datetime) -> tuple[tuple[str, str, str], ...]:
    moment = utc(now)
    known = store.read(devices.every).values()
    return tuple(sorted((one.target, one.rest_until, one.outcome) for one in known if one.rest_until > moment))


def _findings(store: Store) -> tuple[tuple[str, str, str, int], ...]:
    run = store.last_reconciled()
    if run is None:
        return ()
    counted = store.findings(run).groupby(["class", "severity", "status"]).size()
    return tuple(
        (str(key[0]), str(key[1]), str(key[2]), int(n)) for key, n in counted.items() if isinstance(key, tuple)
    )


def _refused(settings: Settings) -> int:
    folder = settings.folder / Path(settings.agent.watch).expanduser() / "refused"
    try:
        return sum(path.suffix != ".txt" for path in folder.iterdir())
    except OSError:
        return 0
