"""`netcover confirm-removals` on the command line."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import Screen, screen_of

if TYPE_CHECKING:
    import pandas as pd

    from reconcile.policy import Policy

_SHOWN: Final = 60


def confirm_removals(
    context: typer.Context,
    serials: Annotated[list[str] | None, typer.Argument(metavar="[SERIAL...]", help="Units that are gone.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only show what waits, and why.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why you are sure; kept with each unit.")] = "",
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Release removals that netcover does not believe by itself.

    Where too many units go missing in one run, or units of every device of a site, all removals wait for a person; so
    do the units of a device whose address answers as another one. What is confirmed counts as removed once enough
    complete readings agree, at once where they already do. Who confirmed, when and why is kept.

    [bold]Examples[/bold]

    netcover confirm-removals --list

    netcover confirm-removals --all --reason "site Oslo was closed, change 4711"

    netcover confirm-removals FOC2145X0AB --reason "scrapped"
    """
    from agent.errors import UsageError
    from agent.places import existing, store_url
    from agent.removals import confirm, list_waiting
    from agent.store import open_store
    from reconcile.columns import records

    screen = screen_of(context)
    if serials and everything:
        raise UsageError("name serials or --all, not both; nothing was confirmed")
    shows = listed or not (serials or everything)
    if not shows and not reason.strip():
        raise UsageError("--reason is empty; say why you are sure, for whoever asks later; nothing was confirmed")
    with open_store(existing(store_url(store, folder, settings))) as opened:
        if shows:
            _show(screen, list_waiting(opened))
            return
        done = confirm(
            opened,
            serials or (),
            everything=everything,
            who=getpass.getuser(),
            reason=reason.strip(),
            policy=_policy(folder, settings),
            now=datetime.now(UTC),
        )
    gone = int((done["state"] == "removed").sum())
    for row in records(done.head(_SHOWN)):
        screen.remark(f"{'removed' if row['state'] == 'removed' else 'released'}  {_line(row)}")
    screen.say(f"{len(done)} confirmed: {gone} removed now, {len(done) - gone} with the next complete reading")


def _show(screen: Screen, held: pd.DataFrame) -> None:
    from reconcile.columns import records

    if held.empty:
        screen.say("no removal waits for a person")
        return
    for row in records(held):
        screen.say(_line(row))
    screen.say(f"{len(held)} wait; netcover confirm-removals SERIAL... or --all, with --reason, confirms them")


def _line(row: Mapping[str, str]) -> str:
    words = [row[name] for name in ("serial", "product_id", "hostname", "address", "slot")]
    why = row["brake"] or row["hold"] or f"missing since {row['since']}"
    return "  ".join([*filter(None, words), why])


def _policy(folder: Path, settings: Path | None) -> Policy:
    """The policy of the folder's settings, where it has any; else the shipped one."""
    from agent.places import settings_of
    from reconcile.policy import load

    return load(settings_of(folder, settings).overlay)
