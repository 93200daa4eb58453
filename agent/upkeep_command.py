"""`netcover prune` and `netcover backup` on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import screen_of


def prune(
    context: typer.Context, folder: StoreFolder = Path(), store: StoreUrl = "", settings: SettingsFile = None
) -> None:
    """Throw away the runs past their retention (keep_days and keep_runs under upkeep in the settings).

    What stays: the newest runs, the last reading of each device, and what the history of an open finding rests on.
    The space they took is used again; the file does not get smaller.

    [bold]Example[/bold]

    netcover prune --folder audits/2026
    """
    from agent.places import existing, settings_of, store_url
    from agent.store import open_store
    from agent.upkeep import prune as prune_store

    url = existing(store_url(store, folder, settings))
    with open_store(url) as opened:
        screen_of(context).say(prune_store(opened, settings_of(folder, settings), datetime.now(UTC)))


def backup(
    context: typer.Context,
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: SettingsFile = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where to write; default: what the settings say.")
    ] = None,
) -> None:
    """Write a backup of the store, also while the agent uses it, and read it back before an older one goes.

    A backup is a store: name it with --store to read it, or put it in the store's place while no netcover runs.

    [bold]Examples[/bold]

    netcover backup

    netcover backup --to /mnt/backups/netcover
    """
    from agent.places import existing, settings_of, store_url
    from agent.store import open_store
    from agent.upkeep import backup as back_up

    url = existing(store_url(store, folder, settings))
    known = settings_of(folder, settings)
    target = to or known.folder / Path(known.upkeep.backup_folder).expanduser()
    with open_store(url) as opened:
        path = back_up(opened, target, known.upkeep.keep_backups, datetime.now(UTC))
    screen_of(context).say(f"wrote {path}, read back and found whole")
