"""`netcover note` on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import screen_of


def note(
    context: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys of findings.")],
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Who sees to it.")] = None,
    ticket: Annotated[str | None, typer.Option(metavar="TEXT", help="Its ticket.")] = None,
    comment: Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else.")] = None,
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Write an owner, a ticket or a comment beside findings; it stays with them in every run to come.

    An empty text takes it back. It stands in findings.csv from the next audit or netcover reconcile on.

    [bold]Examples[/bold]

    netcover note COV-REPLACED-1f0c3ab25d77 --owner "Kim" --ticket NET-4711

    netcover note COV-REPLACED-1f0c3ab25d77 --ticket ""
    """
    from agent.errors import UsageError
    from agent.places import existing, store_url
    from agent.store import notes, open_store

    screen = screen_of(context)
    given = {"owner": owner, "ticket": ticket, "comment": comment}
    said = {name: text for name, text in given.items() if text is not None}
    if not said:
        raise UsageError("say what to note: --owner, --ticket or --comment; nothing was noted")
    names = [key.strip() for key in keys]
    with open_store(existing(store_url(store, folder, settings))) as opened:
        if strangers := [key for key in names if opened.findings_about(key=key).empty]:
            raise UsageError(
                f"{', '.join(strangers)}: no run found this; findings.csv lists the keys; nothing was noted"
            )
        opened.write(notes.write, names, said, datetime.now(UTC))
    for key in names:
        screen.remark(f"noted  {key}")
    screen.say(f"{len(names)} noted, from the next audit or netcover reconcile on")
