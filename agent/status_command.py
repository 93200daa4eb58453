"""`netcover status` on the command line: how the agent is, and what needs a hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.options import SettingsFile, StoreUrl
from agent.screen import screen_of


def status(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="An audit folder; default: this one.")] = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a program.")] = False,
) -> None:
    """How the agent is: its jobs, the last run, what waits, and what needs a hand.

    Exit codes: 0 fine; 1 something needs a hand; 2 it could not be found out, the message says why.

    [bold]Examples[/bold]

    netcover status

    netcover status /etc/netcover --json
    """
    import json

    from agent.errors import SettingsError
    from agent.places import default_url, existing, settings_of, store_url
    from agent.state import in_use
    from agent.status import gather
    from agent.status_lines import lines
    from agent.store import open_store

    screen = screen_of(context)
    refused = ""
    try:
        said = settings_of(folder, settings)
    except SettingsError as error:
        used = in_use(settings or folder / "netcover.toml")
        if used is None:
            raise
        said, refused = used, str(error)
    url = store_url(store or said.store.url or default_url(folder), folder)
    with open_store(existing(url)) as opened:
        found = gather(opened, said, datetime.now(UTC), refused)
    if as_json:
        screen.say(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for line in lines(found):
            screen.say(line)
    raise typer.Exit(1 if found.needs else 0)
