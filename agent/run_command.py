"""`netcover run` on the command line: one scheduled run, for a timer of the system, for cron and for the agent."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.options import AllowIncomplete, AuditFolder, CsvDialect, FailOn, FailOnNew, MinRead, SettingsFile, Xlsx
from agent.screen import Screen, screen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.jobs import Ended, Work

_WAIT: Final = 3600.0
"""Seconds that a run of the agent waits for one that a person started."""


def run(
    context: typer.Context,
    folder: AuditFolder = None,
    job: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="collect, import, reconcile, export, prune or backup; default: collect and what follows.",
        ),
    ] = None,
    settings: SettingsFile = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files go; default: agent.out.")] = None,
    store: Annotated[
        str, typer.Option(metavar="URL", help="The database of runs; default: FOLDER/out/netcover.db.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day to judge by; default: today.")
    ] = "",
    full: Annotated[
        bool, typer.Option("--full", help="Read every device in full, also those that rest or did not change.")
    ] = False,
    fail_on: FailOn = "error",
    fail_on_new: FailOnNew = False,
    min_read: MinRead = 100.0,
    allow_incomplete: AllowIncomplete = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Go on where a contract file lost more than a tenth of its lines.")
    ] = False,
    csv_dialect: CsvDialect = "standard",
    xlsx: Xlsx = None,
    slot: Annotated[str, typer.Option(hidden=True)] = "",
    parent: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Do one scheduled run: collect, import what the watched folder holds, reconcile, export, tell.

    Only one at a time: a second one says who is at work, and exits 2. Put it into cron or a systemd timer
    (configs/service has one), with --log-format json for a log that machines read.

    Every file is read first: a bad one ends the run before a device is asked.

    Exit codes: as of netcover audit; 2 also where one of the jobs failed.

    [bold]Examples[/bold]

    netcover run audits/2026 --fail-on-new

    netcover run --job import --job reconcile

    netcover run --job reconcile --accept-shrink

    netcover run --job backup
    """
    from agent import jobs
    from agent.audit import Request
    from agent.audit_command import day_of, progress
    from agent.folder import Given
    from agent.locks import RUN, held, state_folder
    from agent.places import settings_of
    from agent.stopping import end_with, stops_in_time

    if parent:
        end_with(parent)
    screen = screen_of(context)
    screen.start_logs()
    request = Request(
        given=Given(folder=folder, settings=settings, out=out),
        as_of=day_of(as_of),
        store=store,
        incremental=not full,
        fail_on=fail_on,
        fail_on_new=fail_on_new,
        min_read=min_read,
        allow_incomplete=allow_incomplete,
        accept_shrink=accept_shrink,
        dialect=csv_dialect,
        workbook=xlsx,
    )
    known = settings_of(folder or Path(), settings)
    names = jobs.names_of(job or (), known)
    lock = state_folder(known) / RUN
    with held(lock, "another netcover run", datetime.now(UTC), wait=_WAIT if parent else 0):
        work = jobs.work_of(
            request, known, Path(), now=lambda: datetime.now(UTC), slot=slot,
            progress=lambda total: progress(total, screen),
        )  # fmt: skip
        with stops_in_time(partial(jobs.abort_open, work)):
            ended = jobs.run_jobs(names, work)
    _show(screen, ended, work, brief=bool(parent))
    raise typer.Exit(jobs.exit_code(ended))


def _show(screen: Screen, ended: Sequence[Ended], work: Work, *, brief: bool) -> None:
    """What was reconciled and a line a job, unless the agent reads this, and why the exit code is not 0."""
    from rich.console import Console

    from agent.audit import Audit, explained
    from agent.report.summary import show

    for one in ended:
        if isinstance(one.found, Audit) and screen.verbosity != "quiet" and not brief:
            console = Console(highlight=False, no_color=not screen.colour)
            show(console, one.found.record, one.found.results, one.found.skipped, one.found.out)
    for one in ended:
        if one.state == "failed":
            screen.warn(f"job {one.job} failed: {one.text}")
        elif not brief:
            screen.remark(f"{one.job}: {one.text}")
    reasons = (explained(work.request, one.found) for one in ended if one.found is not None)
    if why := next(filter(None, reasons), ""):
        screen.warn(why)
