"""`netcover collect` on the command line: poll now, judge later."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from agent.options import AllowIncomplete, AuditFolder, SettingsFile
from agent.screen import screen_of


def collect(
    context: typer.Context,
    folder: AuditFolder = None,
    targets: Annotated[Path | None, typer.Option(metavar="FILE", help="The devices to read.")] = None,
    captures: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Read saved answers instead of the network.")
    ] = None,
    settings: SettingsFile = None,
    store: Annotated[
        str, typer.Option(metavar="URL", help="The database of runs; default: FOLDER/out/netcover.db.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day the run will be judged by; default: today.")
    ] = "",
    ask_credentials: Annotated[
        bool, typer.Option("--ask-credentials", help="Ask for one login, and for trust in new host keys.")
    ] = False,
    min_read: Annotated[
        float, typer.Option(metavar="PERCENT", min=0, max=100, help="Exit 3 when fewer were read in full.")
    ] = 100.0,
    allow_incomplete: AllowIncomplete = False,
) -> None:
    """Read every target and keep what was seen as a run. Contracts are not looked at.

    Exit codes: 0 done; 2 nothing was done, the message says why; 3 too little of the fleet was read.

    [bold]Examples[/bold]

    netcover collect

    netcover collect audits/2026 --store sqlite:////var/lib/netcover/netcover.db
    """
    from agent import audit as flow
    from agent.ask import ask
    from agent.audit_command import day_of, progress
    from agent.folder import Given

    screen = screen_of(context)
    screen.start_logs()
    request = flow.Request(
        given=Given(folder=folder, settings=settings, targets=targets, captures=captures),
        as_of=day_of(as_of),
        store=store,
        min_read=min_read,
        allow_incomplete=allow_incomplete,
        ask=partial(ask, screen=screen) if ask_credentials and captures is None else None,
    )
    done = flow.collect_only(
        request, here=Path(), now=lambda: datetime.now(UTC), progress=lambda total: progress(total, screen)
    )
    if screen.verbosity != "quiet":
        from rich.console import Console

        from agent.report.summary import show_reading

        show_reading(Console(highlight=False, no_color=not screen.colour), done.record, done.skipped)
        screen.say(f"It is run {done.run} in {done.store}; judge it with: netcover reconcile --run {done.run}")
    if why := flow.explained(request, done):
        screen.warn(why)
    raise typer.Exit(done.exit_code)
