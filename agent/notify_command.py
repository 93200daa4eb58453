"""`netcover notify` on the command line: what waits to be told, a test of each route, and sending now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.options import SettingsFile, StoreUrl
from agent.screen import Screen, screen_of

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.settings_notify import Route
    from agent.store import Store


def notify(
    context: typer.Context,
    routes: Annotated[
        list[str] | None, typer.Argument(metavar="[ROUTE...]", help="The routes to test; default: all.")
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Send a marked test message by each route.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Deliver what waits now, also on routes that rest.")] = False,
    drop: Annotated[str, typer.Option(metavar="ROUTE", help="Throw away what waits for a route.")] = "",
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="An audit folder; default: this one.")
    ] = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
) -> None:
    """Show what waits to be told and how each route fares; with --test, try the routes.

    Exit codes: 0 fine; 1 a route failed; 2 nothing was done, the message says why.

    [bold]Examples[/bold]

    netcover notify

    netcover notify --test "contracts team"

    netcover notify --send

    netcover notify --drop "old route"
    """
    from agent.places import existing, settings_of, store_url
    from agent.store import open_store, outbox

    screen = screen_of(context)
    said = settings_of(folder, settings)
    if test:
        raise typer.Exit(_tested(said, chosen(said, routes or []), screen))
    if routes:
        raise typer.BadParameter("routes are named with --test")
    with open_store(existing(store_url(store, folder, settings))) as opened:
        if drop:
            screen.say(f"{drop}: {opened.write(outbox.drop, drop)} thrown away")
            return
        if send:
            from agent.notify import deliver

            screen.start_logs()
            deliver(opened, said, datetime.now(UTC), force=True)
        for line in shown(opened, said):
            screen.say(line)
        raise typer.Exit(int(any(state.failures for state in opened.read(outbox.states))))


def chosen(settings: Settings, names: list[str]) -> list[Route]:
    """The routes of these names, or all. Raises UsageError where there is none, or none of that name."""
    from agent.complaints import nearest
    from agent.errors import UsageError

    known = {route.name: route for route in settings.notify.route}
    if not known:
        raise UsageError(f"{settings.file}: has no [[notify.route]]; netcover init writes an example of each kind")
    for name in names:
        if name not in known:
            raise UsageError(f"no route is called {name!r}{nearest(name, known) or '; routes: ' + ', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())


def tried(settings: Settings, routes: list[Route], now: datetime, host: str) -> Iterator[tuple[Route, bool, str]]:
    """Each route with a test message sent by it: whether that worked, and what is to be said of it."""
    from agent.notify_message import trial
    from agent.routes import DeliveryError, Outgoing, send

    for number, route in enumerate(routes):
        name = f"{now.astimezone(UTC):%Y%m%dt%H%M%Sz}-test-{number}"
        try:
            remark = send(route, settings, Outgoing(name, now, trial(route.name, host)))
        except DeliveryError as error:
            yield route, False, str(error)
        else:
            yield route, not remark, remark or "sent"


def shown(store: Store, settings: Settings) -> Iterator[str]:
    """The routes and the latest messages, a line each."""
    from agent.status import routes_of
    from agent.status_lines import route_line
    from agent.store import outbox

    states = routes_of(store, settings)
    if not states:
        yield "no route is set up: add a [[notify.route]] to the settings"
    for state in states:
        yield route_line(state)
    for created, route, title, sent, error in store.read(outbox.recent, 20):
        became = f"sent {sent}" if sent else "waits"
        yield f"  {created}  {route}: {title} ({became}{': ' + error if error else ''})"


def _tested(settings: Settings, routes: list[Route], screen: Screen) -> int:
    import socket

    failed = False
    for route, worked, text in tried(settings, routes, datetime.now(UTC), socket.gethostname()):
        screen.say(f"{'ok' if worked else 'FAILED':<8}{route.name} ({route.kind}): {text}")
        failed |= not worked
    return int(failed)
