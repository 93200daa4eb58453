"""What the jobs do: collect, import, reconcile, export, prune and backup, in the order of one slot.

A job that fails costs no other job: what it says is logged, noted in the store and told, and the next one goes on with
what the store holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from agent.audit import DONE, INCOMPLETE, Audit, Collected, Progress, Request, collect_only, explained
from agent.errors import AgentError, StoreError, UsageError, sentence
from agent.folder import locate
from agent.imports import hold_shrunk
from agent.places import chosen_run, ready, store_url
from agent.prepare import prepare
from agent.settings import Settings
from agent.settings_agent import JOBS, chain
from agent.store import events, open_store, runs, slots
from agent.store.schema import OPEN
from agent.wording import count

if TYPE_CHECKING:
    from agent.watched import Arrival

NOTHING_DONE: Final = 2
_NAMED: Final = 20
"""Devices that a message names."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the jobs of one slot share."""

    request: Request
    """Where things are, and what counts for the exit code; `given.folder` and `out` are set."""
    settings: Settings
    url: str
    """The store's."""
    now: Callable[[], datetime]
    progress: Progress
    slot: str = ""
    """The slot's key; "" where a person or a timer of the system started it."""

    @property
    def home(self) -> Path:
        """The audit folder."""
        return self.request.given.folder or Path()


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of one job."""

    job: str
    state: str
    """`done`, `failed` or `skipped`."""
    exit_code: int
    text: str
    seconds: float = 0.0
    found: Audit | Collected | None = None


def work_of(request: Request, settings: Settings, here: Path, **rest: Any) -> Work:
    """The work of a folder: its store is looked up and its output folder made."""
    home = request.given.folder or here
    out = request.given.out or settings.folder / Path(settings.agent.out).expanduser()
    given = replace(request.given, folder=home, out=out)
    url = store_url(request.store or settings.store.url, home, request.given.settings)
    ready(out)
    if url.startswith("sqlite:///") and not (request.store or settings.store.url):
        ready(Path(url.removeprefix("sqlite:///")).parent)
    return Work(replace(request, given=given, store=url), settings, url, **rest)


def names_of(asked: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """The jobs to do, in the order of `JOBS`: those asked for, else collect and what follows it. Raises UsageError."""
    for name in asked:
        if name not in JOBS:
            raise UsageError(f"--job: no job is called {name!r}; jobs: {', '.join(JOBS)}")
    return tuple(name for name in JOBS if name in asked) or chain("collect", settings.agent.jobs)


def read_inputs(work: Work) -> None:
    """Read every file that reconciling will need. Raises what `prepare` and `hold_shrunk` do: somebody who waits hears
    of a bad file before the first device is asked."""
    asked = work.request
    prepared, _ = prepare(locate(asked.given, work.home), asked.as_of, work.now(), date_order=asked.date_order)
    with open_store(work.url, clock=work.now) as store:
        hold_shrunk(store, prepared, accept=asked.accept_shrink)


def abort_open(work: Work) -> None:
    """Seal as aborted what a run that is about to be ended hard leaves open."""
    with open_store(work.url, clock=work.now) as store:
        for one in store.recent_runs(3):
            if one.state == OPEN:
                store.write(runs.drop, one.id, work.now())


def run_jobs(names: Sequence[str], work: Work) -> list[Ended]:
    """Do the jobs in order, then tell. What comes out of it: a stop (KeyboardInterrupt), and outside of the agent's
    slots what `read_inputs` raises, before anything is done. A night's readings are not lost over a bad list: in a slot
    reconciling fails by itself, and netcover reconcile makes up for it."""
    if not work.slot and {"collect", "reconcile"} <= set(names):
        read_inputs(work)
    ended: list[Ended] = []
    for name in names:
        log = structlog.get_logger().bind(job=name, **({"slot": work.slot} if work.slot else {}))
        log.info("job started")
        started, clock = work.now(), time.monotonic()
        try:
            one = _JOBS[name](work, ended)
        except Exception as error:
            log.debug("job raised", exc_info=error)
            one = Ended(name, slots.FAILED, NOTHING_DONE, sentence(error))
        except BaseException:
            _note(
                work, Ended(name, slots.STOPPED, NOTHING_DONE, "it was told to stop", time.monotonic() - clock), started
            )
            raise
        one = replace(one, seconds=round(time.monotonic() - clock, 3))
        say = log.error if one.state == slots.FAILED else log.info
        say(f"job {one.state}", seconds=one.seconds, said=one.text)
        _note(work, one, started)
        ended.append(one)
    _tell(work)
    return ended


def exit_code(ended: Sequence[Ended]) -> int:
    """2 where a job failed; else 3 where too little was read; else what reconciling gave."""
    codes = [one.exit_code for one in ended]
    return next((code for code in (NOTHING_DONE, INCOMPLETE) if code in codes), max(codes, default=DONE))


def _collect(work: Work, before: Sequence[Ended]) -> Ended:
    done = collect_only(work.request, here=work.home, now=work.now, progress=work.progress)
    read, targets = done.record["read"], done.record["targets"]
    text = f"run {done.run}: {read} of {targets} devices read in full"
    if done.exit_code == INCOMPLETE:
        _tell_incomplete(work, done)
    return Ended("collect", slots.DONE, done.exit_code, text, found=done)


def _import(work: Work, before: Sequence[Ended]) -> Ended:
    from agent.watched import REFUSED, empty
    from reconcile.layouts import load as load_layouts

    folder = work.settings.folder / Path(work.settings.agent.watch).expanduser()
    if not folder.is_dir():
        return Ended("import", slots.SKIPPED, DONE, f"{folder} is not there: nothing to import")
    with open_store(work.url, clock=work.now) as store:
        arrivals = empty(folder, store, work.settings, load_layouts(work.settings.overlay), work.now())
    for one in arrivals:
        say = structlog.get_logger().warning if one.state == REFUSED else structlog.get_logger().info
        say("contract file", file=one.name, state=one.state, said=one.text)
        if one.state == REFUSED:
            _event(work, "import_refused", f"{(folder / REFUSED / one.name).absolute()}: {one.text}")
    return Ended("import", slots.DONE, DONE, _tally(arrivals))


def _reconcile(work: Work, before: Sequence[Ended]) -> Ended:
    from agent.notify import queue
    from agent.reconcile_command import judge_again
    from agent.report.worst import open_ones

    now = work.now()
    with open_store(work.url, clock=work.now) as store:
        run = chosen_run(store, None, reconciled=False)
    day = now.astimezone(work.settings.timezone).date()
    request = work.request if work.request.as_of else replace(work.request, as_of=day)
    done = judge_again(request, run, here=work.home, now=now, hold=True)
    with open_store(work.url, clock=work.now) as store:
        queued = queue(store, run, work.settings, now)
    text = f"run {run}: {count(len(open_ones(done.results.findings)), 'open finding')}, {queued} to tell"
    return Ended("reconcile", slots.DONE, done.exit_code, text, found=done)


def _export(work: Work, before: Sequence[Ended]) -> Ended:
    from agent import export

    if any(one.job == "reconcile" and one.state == slots.FAILED for one in before):
        return Ended("export", slots.SKIPPED, DONE, "reconciling failed: the files of the last run stay")
    said = work.settings.agent.export
    folder = ready(work.settings.folder / Path(said.folder).expanduser())
    written: list[Path] = []
    with open_store(work.url, clock=work.now) as store:
        for what in said.what:
            split = said.split_by if what == "changes" else ()
            wanted = export.Wanted(what, said.formats, split_by=split, dialect=work.request.dialect)
            export.check(wanted)
            run = chosen_run(store, None)
            written += export.write(export.tables_of(store, run, wanted), folder, wanted)
    gone = _clear(folder, {path.name for path in written})
    text = f"{len(written)} files in {folder}" + (f", {gone} older ones removed" if gone else "")
    return Ended("export", slots.DONE, DONE, text)


def _prune(work: Work, before: Sequence[Ended]) -> Ended:
    from agent.upkeep import prune

    with open_store(work.url, clock=work.now) as store:
        return Ended("prune", slots.DONE, DONE, prune(store, work.settings, work.now()))


def _backup(work: Work, before: Sequence[Ended]) -> Ended:
    from agent.upkeep import backup

    upkeep = work.settings.upkeep
    if not work.url.startswith("sqlite:"):
        return Ended("backup", slots.SKIPPED, DONE, "this database is backed up by its own tools, such as pg_dump")
    folder = work.settings.folder / Path(upkeep.backup_folder).expanduser()
    with open_store(work.url, clock=work.now) as store:
        return Ended("backup", slots.DONE, DONE, f"wrote {backup(store, folder, upkeep.keep_backups, work.now())}")


_JOBS: Final[Mapping[str, Callable[[Work, Sequence[Ended]], Ended]]] = {
    "collect": _collect,
    "import": _import,
    "reconcile": _reconcile,
    "export": _export,
    "prune": _prune,
    "backup": _backup,
}


def _clear(folder: Path, now_there: set[str]) -> int:
    """Remove what the last export wrote and this one did not: an old file must not be sent. Others' files stay."""
    notes = folder / ".netcover-files"
    before = set(notes.read_text("utf-8").splitlines()) if notes.is_file() else set()
    gone = [folder / name for name in before - now_there if name == Path(name).name and (folder / name).is_file()]
    for path in gone:
        path.unlink()
    notes.write_text("".join(f"{name}\n" for name in sorted(now_there)), "utf-8")
    return len(gone)


def _note(work: Work, one: Ended, started: datetime) -> None:
    """Keep what came of a job; a store that cannot take it has been complained about already."""
    try:
        with open_store(work.url, clock=work.now) as store:
            now = work.now()
            store.write(slots.note_job, one.job, work.slot, started, now, one.seconds, one.state, one.text)
        if one.state == slots.FAILED:
            _event(work, "job_failed", f"{one.job}: {one.text}")
    except AgentError as error:
        structlog.get_logger().error("not noted", job=one.job, said=str(error))


def _tell_incomplete(work: Work, done: Collected) -> None:
    """Once, and again when it is other devices that were not read, or when they had been read in between."""
    names = sorted({str(row["hostname"] or row["address"]) for row in done.skipped.to_dict("records")})
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    text = f"{explained(work.request, done).partition(': ')[2]}; not read: {', '.join(names[:_NAMED])}{more}"
    try:
        with open_store(work.url, clock=work.now) as store:
            before = store.last_sealed(before=done.run)
            about = store.run(before) if before is not None else None
            since = datetime.fromisoformat(about.started) if about else work.now()
            store.write(events.add_lasting, "incomplete", text, work.now(), since)
    except StoreError as error:
        structlog.get_logger().error("not told", said=str(error))


def _tell(work: Work) -> None:
    """Deliver what is queued; a route that is down keeps its messages for the next time."""
    from agent.notify import deliver

    try:
        with open_store(work.url, clock=work.now) as store:
            if said := deliver(store, work.settings, work.now()):
                structlog.get_logger().info("told", said=said)
    except Exception as error:
        structlog.get_logger().error("not told", said=sentence(error))


def _event(work: Work, kind: str, text: str) -> None:
    """Tell people of something the agent itself met with."""
    from agent.notify import event

    try:
        with open_store(work.url, clock=work.now) as store:
            event(store, kind, text, work.now())
    except StoreError as error:
        structlog.get_logger().error("not told", said=str(error))


def _tally(arrivals: Sequence[Arrival]) -> str:
    states = [one.state for one in arrivals]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)) or "nothing to import"
