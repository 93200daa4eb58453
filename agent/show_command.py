"""`netcover show`: one thing in full. Each thing is a command of its own, listed here."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from agent.options import SettingsFile, StoreFolder, StoreUrl
from agent.screen import screen_of

if TYPE_CHECKING:
    from agent.store import Store
    from reconcile.rules.document import Document


class _SerialWithoutAWord(TyperGroup):
    """What is none of the things to show is a serial: `netcover show FOC2145X0AB`."""

    def resolve_command(self, context: Any, args: list[str]) -> Any:
        plain = args and not args[0].startswith("-") and args[0] not in self.commands
        return super().resolve_command(context, ["serial", *args] if plain else args)


show: Final = typer.Typer(
    cls=_SerialWithoutAWord,
    no_args_is_help=True,
    help="Show one thing in full: a serial, a device, a finding, a run, a rule.",
    rich_markup_mode="rich",
)

_WIDTH: Final = 100
_LABEL: Final = 15


@show.command("rule")
def rule(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="[CODE]", help="A rule's code; without it all are listed.")] = "",
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE", help="Settings whose own policy.toml sets the severities."),
    ] = None,
) -> None:
    """What a rule says: when it fires, what it rests on, what is exempt, what to do.

    [bold]Examples[/bold]

    netcover show rule                 every rule in a line

    netcover show rule LIC-SW-NEWER
    """
    from agent.complaints import nearest
    from agent.errors import UsageError
    from reconcile.policy import load
    from reconcile.rules.document import documents

    screen = screen_of(context)
    found = {document.code: document for document in documents(load(_overlay(settings)).severity)}
    if not code:
        for document in found.values():
            screen.say(_in_a_line(document))
        return
    if (wanted := code.strip().upper()) not in found:
        known = nearest(wanted, found, cutoff=0.3) or "; netcover show rule lists them"
        raise UsageError(f"there is no rule {code!r}{known}")
    for line in _in_full(found[wanted]):
        screen.say(line)


@show.command("serial")
def serial(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="SERIAL", help="As on the label.")],
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: SettingsFile = None,
) -> None:
    """A serial's whole life: places, slots and releases with dates, moves, contract lines, replacements, findings.

    The word serial may be left out.

    [bold]Examples[/bold]

    netcover show serial FOC2145X0AB

    netcover show FOC2145X0AB
    """
    from agent.life import serial_lines

    _say(context, (store, folder, settings), lambda opened: serial_lines(opened, number))


@show.command("device")
def device(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An address or a host name.")],
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: SettingsFile = None,
) -> None:
    """A device: its runs, its units with their verdicts, its licences and findings.

    [bold]Example[/bold]

    netcover show device 10.20.0.1
    """
    from agent.showing import device_lines

    _say(context, (store, folder, settings), lambda opened: device_lines(opened, address))


@show.command("finding")
def finding(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="As findings.csv has it.")],
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: SettingsFile = None,
) -> None:
    """A finding in full: what it is, what it rests on, since when, what to do.

    [bold]Example[/bold]

    netcover show finding COV-UNCOVERED-1f0c3ab25d77
    """
    from agent.showing import finding_lines

    _say(context, (store, folder, settings), lambda opened: finding_lines(opened, key))


@show.command("run")
def run(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="Without it the newest runs are listed.")] = None,
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: SettingsFile = None,
) -> None:
    """A run: what was read, verdicts, findings and changes. Without a number the newest runs, a line each.

    [bold]Examples[/bold]

    netcover show run

    netcover show run 3
    """
    from agent.showing import run_lines

    _say(context, (store, folder, settings), lambda opened: run_lines(opened, number))


def _say(context: typer.Context, place: tuple[str, Path, Path | None], told: Callable[[Store], Iterator[str]]) -> None:
    """Print what is told of the store, which must be there already."""
    from agent.places import existing, store_url
    from agent.store import open_store

    screen = screen_of(context)
    with open_store(existing(store_url(*place))) as opened:
        for line in told(opened):
            screen.say(line)


def _overlay(settings: Path | None) -> Path | None:
    if settings is None:
        return None
    from agent.settings import load

    return load(settings).overlay


def _in_a_line(document: Document) -> str:
    return f"{document.code:<24}{document.severity:<9}{document.cls:<12}{document.condition}"


def _in_full(document: Document) -> list[str]:
    rows = (
        ("class", document.cls),
        ("severity", document.severity),
        ("needs", document.needs),
        ("fires when", " ".join((document.condition, *document.more))),
        ("rests on", document.rests_on),
        ("exempt", document.exempt),
        ("action", document.action),
        ("stands beside", document.verdicts),
    )
    width = min(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns)
    lines = [document.code]
    for label, text in rows:
        lead, indent = f"  {label:<{_LABEL}}", " " * (_LABEL + 2)
        lines += textwrap.wrap(text, width, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)
    return lines
