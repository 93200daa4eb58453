"""`netcover accept` and `netcover baseline` on the command line."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import Screen, screen_of
from agent.wording import count

if TYPE_CHECKING:
    import pandas as pd

_FILTER: Final = "Filter (all that are given must fit)"
_SHOWN: Final = 40


def _filter(text: str) -> Any:
    return typer.Option(help=text, rich_help_panel=_FILTER)


def accept(
    context: typer.Context,
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY...]", help="Keys of findings.")] = None,
    rule: Annotated[str, _filter("The rule's code.")] = "",
    severity: Annotated[str, _filter("error, warning or info.")] = "",
    vendor: Annotated[str, _filter("The vendor.")] = "",
    site: Annotated[str, _filter("The site.")] = "",
    product: Annotated[str, _filter("The product id, whole.")] = "",
    serial: Annotated[str, _filter("The serial.")] = "",
    device: Annotated[str, _filter("A host name or an address.")] = "",
    contract: Annotated[str, _filter("The contract number.")] = "",
    owner: Annotated[str, _filter("The owner, as the register names it.")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the finding.")] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The last day it is accepted.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Accept them no longer.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show which they are.")] = False,
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Accept findings of the newest run until a day: by key, or by a filter.

    A filter accepts the findings it names now, and none that comes later. The next audit, or netcover reconcile,
    counts them as accepted; they keep their key. What was not read (SCAN-INCOMPLETE) cannot be accepted.

    [bold]Examples[/bold]

    netcover accept COV-UNCOVERED-1f0c3ab25d77 --reason "lab, ticket 4711" --until 2026-12-31

    netcover accept --rule COV-EOL --site Oslo --reason "replaced in autumn" --until 2026-10-31

    netcover accept COV-UNCOVERED-1f0c3ab25d77 --undo
    """
    from agent import accept as accepting
    from agent.errors import UsageError

    screen = screen_of(context)
    given = {
        "rule": rule, "severity": severity, "vendor": vendor, "site": site, "product": product, "serial": serial,
        "device": device, "contract": contract, "owner": owner,
    }  # fmt: skip
    filters = {name: word for name, word in given.items() if word}
    if bool(keys) == bool(filters):
        raise UsageError(
            "name keys, or a filter such as --rule COV-EOL --site Oslo, and not both; nothing was accepted"
        )
    day = None if undo or dry_run else _day(until)
    with _opened(store, folder, settings) as opened:
        findings = _findings(opened)
        if undo:
            chosen = list(keys or accepting.filtered(findings, filters)["key"])
            gone = accepting.withdrawn(opened, chosen)
            for key in gone["key"]:
                screen.remark(f"no longer accepted  {key}")
            screen.say(f"{count(len(gone), 'acceptance')} taken back")
            return
        rows = accepting.named(findings, keys) if keys else accepting.filtered(findings, filters)
        if day is not None and len(rows):
            accepting.accept(opened, rows, until=day, reason=reason, today=_today(folder, settings))
    _show(screen, rows, day)
    if rows.empty:
        raise typer.Exit(2)


def baseline(
    context: typer.Context,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with each finding.")],
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The last day they are accepted.")],
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Accept every open finding of the newest run until a day, so that only what comes new is reported.

    What was not read (SCAN-INCOMPLETE) stays open, and so does what an earlier acceptance covers longer.

    [bold]Example[/bold]

    netcover baseline --reason "day one, project 12" --until 2026-09-30
    """
    from agent import accept as accepting
    from agent.report.worst import open_ones

    screen = screen_of(context)
    day = _day(until)
    with _opened(store, folder, settings) as opened:
        findings = open_ones(_findings(opened))
        held = opened.acceptances()
        longer = set(held["key"][held["accepted_until"] >= day.isoformat()])
        rows = accepting.filtered(findings[~findings["key"].isin(longer)], {})
        accepting.accept(opened, rows, until=day, reason=reason, today=_today(folder, settings))
    for rule, number in rows["rule"].value_counts().sort_index().items():
        screen.remark(f"accepted  {number:>6}  {rule}")
    screen.say(f"{count(len(rows), 'finding')} accepted until {day}, from the next audit or netcover reconcile on")


def _show(screen: Screen, rows: pd.DataFrame, day: date | None) -> None:
    verb = "accepted" if day else "would be accepted"
    for row in rows.head(_SHOWN).to_dict("records"):
        screen.remark(f"{verb}  {row['key']}  {row['message']}")
    if len(rows) > _SHOWN:
        screen.remark(f"{verb}  and {len(rows) - _SHOWN} more")
    if rows.empty:
        screen.warn("no finding of the newest run fits; nothing was accepted")
    elif day:
        screen.say(f"{count(len(rows), 'finding')} accepted until {day}, from the next audit or netcover reconcile on")


def _opened(store: str, folder: Path, settings: Path | None) -> Any:
    from agent.places import existing, store_url
    from agent.store import open_store

    return open_store(existing(store_url(store, folder, settings)))


def _findings(opened: Any) -> pd.DataFrame:
    from agent.places import chosen_run

    found: pd.DataFrame = opened.findings(chosen_run(opened, None))
    return found[found["status"] != "closed"]


def _today(folder: Path, settings: Path | None) -> date:
    """The day where the settings are: an acceptance ends with its last day there."""
    from agent.places import settings_of

    return datetime.now(settings_of(folder, settings).timezone).date()


def _day(text: str) -> date:
    from agent.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text!r} is no day; write it as 2026-12-31") from None
