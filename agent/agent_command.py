"""`netcover agent` and `netcover reload` on the command line."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from agent.options import AuditFolder, SettingsFile
from agent.screen import screen_of

_PATIENCE: Final = 15.0
"""Seconds that `netcover reload` waits for the agent's answer."""


def agent(
    context: typer.Context,
    folder: AuditFolder = None,
    settings: SettingsFile = None,
    store: Annotated[
        str, typer.Option(metavar="URL", help="The database of runs; default: FOLDER/out/netcover.db.")
    ] = "",
) -> None:
    """Run the jobs of the settings at their times, until SIGTERM.

    Logs go to standard error, with --log-format json a line of JSON each. SIGHUP, or netcover reload, reads the
    settings again. A systemd unit is in configs/service.

    [bold]Examples[/bold]

    netcover agent audits/2026

    netcover --log-format json agent --settings /etc/netcover/netcover.toml
    """
    from agent.folder import Given
    from agent.service import serve

    screen = screen_of(context)
    screen.start_logs()
    options = ["--log-format", screen.log_format]
    if screen.verbosity != "normal":
        options.append(f"--{screen.verbosity}")
    serve(Given(folder=folder, settings=settings), Path(), lambda: datetime.now(UTC), options, store)


def reload(context: typer.Context, folder: AuditFolder = None, settings: SettingsFile = None) -> None:
    """Have the running agent read its settings again. They are checked first; bad ones change nothing.

    Exit codes: 0 the agent took them; 2 it did not, or none is running.

    [bold]Examples[/bold]

    netcover reload

    netcover reload audits/2026
    """
    from agent.errors import UsageError
    from agent.locks import AGENT, holder, state_folder
    from agent.places import settings_of
    from agent.state import state_of

    screen = screen_of(context)
    known = settings_of(folder or Path(), settings)
    place = state_folder(known) / AGENT
    running = holder(place)
    if running is None or not running.pid:
        raise UsageError(f"no agent is running ({place} is not held); start one with: netcover agent")
    before = (state_of(known) or {}).get("reloads", 0)
    os.kill(running.pid, signal.SIGHUP)
    end = time.monotonic() + _PATIENCE
    while (said := state_of(known) or {}).get("reloads", 0) == before:
        if time.monotonic() > end:
            raise UsageError(f"the agent (process {running.pid}) did not answer within {_PATIENCE:g} s; see its log")
        time.sleep(0.05)
    if said["refused"]:
        raise UsageError(f"the agent keeps its settings: {said['refused']}")
    screen.remark(
        f"the agent (process {running.pid}) reads {said['settings']}; next: {said['next_job']} at {said['next_start']}"
    )
