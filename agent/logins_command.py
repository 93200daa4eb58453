"""`netcover logins` on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import screen_of
from agent.wording import count

if TYPE_CHECKING:
    from agent.store.logins import Entry


def logins(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="[ADDRESS...]", help="Only these devices, by their address.")
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget the failed logins at these addresses: they are tried again.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Show the logins that worked too.")] = False,
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Show the logins that failed and are not tried again, or let them be tried again.

    A login that a device refused is not sent there a second time until its secret changes, so that no account is
    locked. No secret is stored: a version is a keyed digest. Exit codes: 0 done; 2 nothing was done.

    [bold]Examples[/bold]

    netcover logins

    netcover logins --clear 10.20.0.1 10.20.0.2
    """
    from agent.errors import UsageError
    from agent.logins import gone
    from agent.places import existing, store_url
    from agent.store import logins as rows
    from agent.store import open_store

    screen = screen_of(context)
    if clear and not addresses:
        raise UsageError("--clear needs the addresses of the devices; netcover logins shows them; nothing was changed")
    now = datetime.now(UTC)
    with open_store(existing(store_url(store, folder, settings))) as opened:
        if clear:
            cleared = opened.write(rows.clear, set(addresses or ()), lambda entry: gone(entry, now))
            for entry in cleared:
                screen.remark(f"will be tried again  {_line(entry)}")
            screen.say(f"{count(len(cleared), 'login')} cleared")
            return
        found = [one for one in opened.read(rows.entries) if not addresses or one.address in addresses]
    shown = [one for one in found if every or one.state != rows.WORKED]
    for entry in shown:
        screen.say(_line(entry))
    worked = sum(one.state == rows.WORKED for one in found)
    screen.remark(f"{count(worked, 'login')} worked the last time, {len(found) - worked} did not")


def _line(entry: Entry) -> str:
    """One row for people."""
    words = {"trying": "interrupted or in progress", "cut": "cut short"}
    place = f"{entry.address}:{entry.port}" + (f" ({entry.context})" if entry.context else "")
    said = f"{place}  {entry.protocol}  {entry.credential or '-'}  {words.get(entry.state, entry.state)}"
    return f"{said}  {entry.since}" + (f"  {entry.reason}" if entry.reason else "")
