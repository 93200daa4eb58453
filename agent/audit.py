"""The one-off audit: read, poll, reconcile, write. Scheduled runs are the same flow with other ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from agent.folder import Given, locate
from agent.offline import observations
from agent.poll import check_targets, logins, polling
from agent.prepare import Prepared, prepare
from agent.report.files import run_record, tables_of, write
from agent.settings import Settings
from agent.store import Store, open_store
from agent.version import version
from collectors.collect import Login, Polling, collect
from collectors.model import Observation, Target
from reconcile.export import Dialect
from reconcile.ledger import Inputs
from reconcile.reconcile import Results, reconcile

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
    min_read: float = 100.0
    allow_incomplete: bool = False
    dialect: Dialect = "standard"
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


Progress = Callable[[int], AbstractContextManager[Callable[[Observation], None]]]
"""Given the number of targets, something to call with each observation."""


def audit(request: Request, *, here: Path, now: Callable[[], datetime], progress: Progress) -> Audit:
    """Do all of it once. Nothing is contacted or written before every file in was read and found good."""
    folder = locate(request.given, here)
    prepared, day = prepare(folder, request.as_of, now())
    how = None if folder.captures else _way_in(prepared, request)
    saved = observations(folder.captures, prepared, now) if folder.captures else ()
    folder.out.mkdir(parents=True, exist_ok=True)
    url = request.store or prepared.settings.store.url or f"sqlite:///{folder.out / 'netcover.db'}"
    with open_store(url, clock=now) as store:
        with _new_run(store, prepared, day) as keep, progress(len(saved) or len(prepared.targets)) as tick:
            run = keep.run
            if how is None:
                for seen in saved:
                    keep.save(seen)
                    tick(seen)
            else:
                asyncio.run(_poll(prepared.targets, how, keep, tick, now))
        results = _reconcile(store, run, prepared, day)
        record = run_record(store, run, prepared, results)
        found = tables_of(store, run, results)
    write(folder.out, found, record, dialect=request.dialect)
    return Audit(folder.out, record, results, found["skipped"], exit_code(request, record, results.findings))


def explained(request: Request, done: Audit) -> str:
    """Why the exit code is not 0, in a line for a scheduler's mail; "" where it is."""
    if done.exit_code == INCOMPLETE:
        read, targets = done.record["read"], done.record["targets"]
        return f"exit 3: {read} of {targets} devices were read in full, --min-read asks for {request.min_read:g} %"
    return f"exit 1: there are findings of severity {request.fail_on} or above" if done.exit_code == FINDINGS else ""


def exit_code(request: Request, record: Mapping[str, Any], findings: pd.DataFrame) -> int:
    """3 where too little was read, else 1 where a finding is at or above the threshold, else 0."""
    enough = 100 * record["read"] >= request.min_read * record["targets"]  # not the rounded share that is printed
    if not (enough or request.allow_incomplete):
        return INCOMPLETE
    if request.fail_on == NEVER:
        return DONE
    counted = SEVERITIES[SEVERITIES.index(request.fail_on) :]
    open_ones = findings[findings["status"].isin(("new", "open")) & (findings["rule"] != _SCAN)]
    return FINDINGS if bool(open_ones["severity"].isin(counted).any()) else DONE


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

    def save(self, seen: Observation) -> None:
        self.store.save_observation(self.run, seen)
        self.outcomes[str(seen.outcome)] += 1
        self.dropped += seen.dropped


@contextmanager
def _new_run(store: Store, prepared: Prepared, day: date) -> Iterator[_Keep]:
    """A run to save into, sealed at the end; one that was stopped is thrown away."""
    run = store.begin_run(as_of=day, version=version(), settings_digest=prepared.settings.digest)
    keep = _Keep(store, run)
    try:
        yield keep
    except BaseException:
        store.abort(run)
        raise
    store.seal(run, {"outcomes": dict(sorted(keep.outcomes.items())), "parts_without_serial": keep.dropped})


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
            await asyncio.to_thread(keep.save, observation)
            tick(observation)


def _reconcile(store: Store, run: int, prepared: Prepared, day: date) -> Results:
    """Verdicts and findings of the sealed run, with the earlier runs of the store as history; kept in the store."""
    before = store.last_reconciled(before=run)
    contracts = prepared.contracts
    results = reconcile(
        Inputs(
            as_of=day,
            policy=prepared.policy,
            units=store.units(run),
            licences=store.licences(run),
            targets=store.targets(run),
            lines=contracts.lines if contracts else None,
            sources=prepared.sources if contracts else None,
            history=store.history(run),
            previous_findings=store.findings(before) if before else None,
            **prepared.tables,
        )
    )
    if contracts:
        store.save_lines(run, contracts.lines)
    store.save_findings(run, results.findings)
    return results
