"""`netcover record` on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.screen import screen_of


def record(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The device, inside the scope.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new folder for the recording.")],
    settings: Annotated[
        Path, typer.Option("--settings", metavar="FILE", help="The settings file; default: netcover.toml.")
    ] = Path("netcover.toml"),
    credential: Annotated[
        str, typer.Option(metavar="NAME", help="A credential of the settings; default: the target's, or the default.")
    ] = "",
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Replace serials, names, addresses and secrets, irreversibly, shape kept."),
    ] = False,
) -> None:
    """Save what one device says, so that it replays as a test or goes into a bug report.

    Only what an audit asks is asked: no configuration is ever read. The folder replays with
    netcover audit --captures DIR/devices. Exit codes: 0 saved; 2 nothing was contacted or written; 3 the device could
    not be read, or the recording reads otherwise than the device did.

    [bold]Examples[/bold]

    netcover record 10.20.0.1 --to recordings/core1

    netcover record 10.20.0.1 --to for-the-bug-report --redact
    """
    from agent import record as flow

    screen = screen_of(context)
    screen.start_logs()
    done = flow.record(
        address, to, settings_file=settings, credential=credential, redact=redact, now=lambda: datetime.now(UTC)
    )
    seen = done.seen
    if not done.files:
        screen.warn(f"{seen.address}: {seen.outcome}: {seen.reason}; nothing was written")
        raise typer.Exit(3)
    for path in done.files:
        screen.remark(f"wrote {path}")
    said = f"{seen.address}: {seen.outcome}, {len(seen.units)} units"
    screen.say(f"{said}: {seen.reason}" if seen.reason else said)
    if redact:
        screen.remark("Look through the files before you send them: what is not recognised is not replaced.")
    if done.differs:
        screen.warn(f"the recording reads otherwise than the device did: {done.differs}")
        raise typer.Exit(3)
