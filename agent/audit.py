"""The one-off audit: read, poll, reconcile, write. Scheduled runs are the same flow with other ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
import structlog

from agent.due import Due, after, due, everything, identified
from agent.folder import Folder, Given, locate
from agent.imports import hold_shrunk, with_imported
from agent.judging import Basis, judge, of_files
from agent.logins import guarded
from agent.offline import observations
from agent.places import STORE_NAME, ready
from agent.poll import check_targets, logins, polling
from agent.prepare import Prepared, prepare
from agent.report.files import NAMES, read_share, run_record, skipped, tables_of, write
from agent.settings import Settings
from agent.store import Store, devices, open_store
from agent.store.devices import place
from agent.version import version
from collectors.collect import Login, Polling, collect
from collectors.model import Kind, Observation, Target
from collectors.quick import QUICK
from reconcile.cells import Order
from reconcile.export import Dialect
from reconcile.policy import Policy
from reconcile.reconcile import Results

DONE: Final = 0
FINDINGS: Final = 1
INCOMPLETE: Final = 3
SEVERITIES: Final = ("info", "warning", "error")
NEVER: Final = "never"
_SCAN: Final = "SCAN-INCOMPLETE"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line."""

    given: Given
    as_of: date | None = None
    store: str = ""
    fail_on: str = "error"
    incremental: bool = False
    """Whether devices that keep failing may rest, and those that prove that nothing moved are only confirmed."""
    fail_on_new: bool = False
    """Whether only findings that the run before did not have count for exit 1."""
    min_read: float = 100.0
    allow_incomplete: bool = False
    dialect: Dialect = "standard"
    workbook: bool | None = None
    """Whether audit.xlsx is written; None leaves it out of a run too large for a person to open."""
    accept_shrink: bool = False
    """Whether a contract source may have lost more than a tenth of its lines."""
    date_order: Order | None = None
    """How contract files write dates, where neither they nor their source tell."""
    ask: Callable[[Settings, Sequence[Target]], Mapping[str, Login]] | None = None
    """Asks a person for a credential and for trust in host keys; None where that is not wanted."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of it."""

    out: Path
    """The folder with the files."""
    record: Mapping[str, Any]
    """What run.json holds."""
    results: Results
    skipped: pd.DataFrame
    exit_code: int


@dataclass(frozen=True, slots=True)
class Collected:
    """A run that was polled and not judged yet."""

    run: int
    store: str
    """The store's name, for people."""
    record: Mapping[str, Any]
    """How much was read."""
    skipped: pd.DataFrame
    exit_code: int


Progress = Callable[[int], AbstractContextManager[Callable[[Observation], None]]]
"""Given the number of targets, something to call with each observation."""


def audit(request: Request, *, here: Path, now: Callable[[], datetime], progress: Progress) -> Audit:
    """Do all of it once. Nothing is contacted or written before every file in was read and found good."""
    folder = locate(request.given, here)
    prepared, day = prepare(folder, request.as_of, now(), date_order=request.date_order)
    how = None if folder.captures else _way_in(prepared, request)
    saved = observations(folder.captures, prepared, now) if folder.captures else ()
    ready(folder.out, NAMES)
    with open_store(_url(request, prepared, folder), clock=now) as store:
        hold_shrunk(store, prepared, accept=request.accept_shrink)
        prepared = with_imported(store, prepared, day)
        run = _collected(store, prepared, day, how, saved, request, now=now, progress=progress)
        return report(store, run, of_files(prepared, day), request, folder.out)


def collect_only(request: Request, *, here: Path, now: Callable[[], datetime], progress: Progress) -> Collected:
    """Poll and keep a sealed run, and nothing else. Contract files and lists are not even looked at."""
    folder = replace(locate(request.given, here), contracts=(), explicit=True, inputs=())
    prepared, day = prepare(folder, request.as_of, now())
    how = None if folder.captures else _way_in(prepared, request)
    saved = observations(folder.captures, prepared, now) if folder.captures else ()
    if not (request.store or prepared.settings.store.url):
        ready(folder.out)
    with open_store(_url(request, prepared, folder), clock=now) as store:
        run = _collected(store, prepared, day, how, saved, request, now=now, progress=progress)
        record = read_share(store, run)
        found = skipped(store.targets(run), store.sections(run))
        return Collected(run, store.place, record, found, _too_little(request, record))


def report(store: Store, run: int, basis: Basis, request: Request, out: Path) -> Audit:
    """Judge the sealed run, keep that in the store, and write every file into *out*."""
    results = judge(store, run, basis)
    record = run_record(store, run, basis, results)
    found = tables_of(store, run, results)
    write(out, found, record, results, dialect=request.dialect, workbook=request.workbook)
    return Audit(out, record, results, found["skipped"], exit_code(request, record, results.findings))


def explained(request: Request, done: Audit | Collected) -> str:
    """Why the exit code is not 0, in a line for a scheduler's mail; "" where it is."""
    if done.exit_code == INCOMPLETE:
        read, targets = done.record["read"], done.record["targets"]
        return f"exit 3: {read} of {targets} devices were read in full, --min-read asks for {request.min_read:g} %"
    kind = "new findings" if request.fail_on_new else "findings"
    return f"exit 1: there are {kind} of severity {request.fail_on} or above" if done.exit_code == FINDINGS else ""


def exit_code(request: Request, record: Mapping[str, Any], findings: pd.DataFrame) -> int:
    """3 where too little was read, else 1 where a finding is at or above the threshold, else 0."""
    if _too_little(request, record):
        return INCOMPLETE
    if request.fail_on == NEVER:
        return DONE
    counted = SEVERITIES[SEVERITIES.index(request.fail_on) :]
    states = ("new",) if request.fail_on_new else ("new", "open")
    told = findings[findings["status"].isin(states) & (findings["rule"] != _SCAN)]
    return FINDINGS if bool(told["severity"].isin(counted).any()) else DONE


def _too_little(request: Request, record: Mapping[str, Any]) -> int:
    """3 where too little was read, else 0."""
    enough = 100 * record["read"] >= request.min_read * record["targets"]  # not the rounded share that is printed
    return DONE if enough or request.allow_incomplete else INCOMPLETE


def _url(request: Request, prepared: Prepared, folder: Folder) -> str:
    return request.store or prepared.settings.store.url or f"sqlite:///{folder.out / STORE_NAME}"


def _collected(
    store: Store,
    prepared: Prepared,
    day: date,
    how: Polling | None,
    saved: Sequence[Observation],
    request: Request,
    *,
    now: Callable[[], datetime],
    progress: Progress,
) -> int:
    """The number of a sealed run: what was polled, or where *how* is None, what was saved."""
    with _new_run(store, prepared, day) as keep, progress(len(saved) or len(prepared.targets)) as tick:
        if how is None:
            for seen in saved:
                keep.save(seen)
                tick(seen)
        else:
            _polled(store, prepared, how, keep, tick, request, now)
    return keep.run


def _polled(
    store: Store,
    prepared: Prepared,
    how: Polling,
    keep: _Keep,
    tick: Callable[[Observation], None],
    request: Request,
    now: Callable[[], datetime],
) -> None:
    """Poll whoever is due, each login guarded by the store's ledger; what the next run is to know is kept."""
    settings, targets = prepared.settings, prepared.targets
    keep.due = due(store, targets, settings, now()) if request.incremental else everything(store, targets)
    keep.policy = prepared.policy
    for seen in keep.due.resting:
        keep.save(seen)
        tick(seen)
    how = replace(how, known=keep.due.known)
    with guarded(store, how, keep.due.targets, settings, now) as how:
        asyncio.run(_poll(keep.due.targets, how, keep, tick, now))
    found = [(seen, keep.due.before.get(place(seen.target))) for seen in keep.seen]
    store.write(devices.save, after(keep.run, found, settings.collect))


def _way_in(prepared: Prepared, request: Request) -> Polling:
    """How to poll, with the credentials of the settings or those a person types now."""
    settings = prepared.settings
    typed = request.ask(settings, prepared.targets) if request.ask else None
    known = typed or logins(settings, prepared.targets)
    how = polling(settings, prepared.platforms, known)
    check_targets(prepared.targets, how)
    return how


@dataclass(slots=True)
class _Keep:
    """An open run and what has been saved into it."""

    store: Store
    run: int
    outcomes: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    due: Due = field(default_factory=lambda: Due(()))
    policy: Policy | None = None
    seen: list[Observation] = field(default_factory=list)
    """What was polled, without captures, parts other than chassis and licences: what the next run is to know."""

    def save(self, seen: Observation) -> None:
        self.store.save_observation(self.run, seen)
        self.outcomes[str(seen.outcome)] += 1
        self.dropped += seen.dropped

    def take(self, seen: Observation) -> Observation:
        """Save what was polled, with what it says of the device that was there before."""
        assert self.policy is not None  # set before anything is polled
        seen = identified(seen, self.due.before.get(place(seen.target)), self.policy)
        self.save(seen)
        chassis = tuple(unit for unit in seen.units if unit.kind is Kind.CHASSIS)
        self.seen.append(replace(seen, units=chassis, licences=(), software=(), captures=(), neighbours=()))
        return seen

    @property
    def counts(self) -> dict[str, Any]:
        """What the run keeps of its reading."""
        said: dict[str, Any] = {
            "outcomes": dict(sorted(self.outcomes.items())),
            "parts_without_serial": self.dropped,
        }
        if quick := sum(one.confirmed == QUICK for one in self.seen):
            said["confirmed"] = {"full": len(self.seen) - quick, "quick": quick}
        return {**said, "resting": len(self.due.resting)} if self.due.resting else said


@contextmanager
def _new_run(store: Store, prepared: Prepared, day: date) -> Iterator[_Keep]:
    """A run to save into, sealed at the end; one that was stopped is thrown away."""
    run = store.begin_run(as_of=day, version=version(), settings_digest=prepared.settings.digest)
    keep = _Keep(store, run)
    try:
        with structlog.contextvars.bound_contextvars(run=run):
            yield keep
    except BaseException:
        store.abort(run)
        raise
    store.seal(run, keep.counts)


async def _poll(
    targets: Sequence[Target],
    how: Polling,
    keep: _Keep,
    tick: Callable[[Observation], None],
    now: Callable[[], datetime],
) -> None:
    """Read every target over the network."""
    async with aclosing(collect(targets, how, now=now)) as seen:
        async for observation in seen:
            tick(await asyncio.to_thread(keep.take, observation))
