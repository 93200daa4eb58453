"""The commands. Each imports what it needs when it runs, so that `netcover --help` is instant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from agent.accept_command import accept, baseline
from agent.agent_command import agent, reload
from agent.audit_command import audit
from agent.collect_command import collect
from agent.confirm_command import confirm_removals
from agent.discover_command import discover
from agent.export_command import export
from agent.import_command import import_
from agent.logins_command import logins
from agent.logs import Format
from agent.note_command import note
from agent.notify_command import notify
from agent.reconcile_command import reconcile
from agent.record_command import record
from agent.run_command import run
from agent.screen import Screen, Verbosity, screen_of
from agent.show_command import show
from agent.status_command import status
from agent.upkeep_command import backup, prune

SETTINGS_NAME: Final = "netcover.toml"

app: Final = typer.Typer(
    name="netcover",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

_START: Final = "Start"
_AUDIT: Final = "Audit"
_UPKEEP: Final = "Upkeep"

Settings = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help=f"The settings file; default: {SETTINGS_NAME} of the folder."),
]


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # Typer calls it with the flag
    if wanted:
        from agent.version import version

        typer.echo(f"netcover {version()}")
        raise typer.Exit


@app.callback()
def netcover(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what is wrong.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more, with tracebacks of errors.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False,
    log_format: Annotated[str, typer.Option("--log-format", metavar="text|json", help="Form of log events.")] = "text",
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Find every Cisco and Smartoptics unit on a network, and reconcile serials with support contracts."""
    if quiet and verbose:
        raise typer.BadParameter("--quiet and --verbose exclude each other")
    context.obj = Screen(
        verbosity=_verbosity(quiet=quiet, verbose=verbose),
        colour=not (no_color or os.environ.get("NO_COLOR")),
        log_format=_form(log_format),
    )


@app.command(rich_help_panel=_START)
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write; made if it is not there.")] = Path(),
) -> None:
    """Write a commented netcover.toml and CSV templates. Overwrites nothing.

    [bold]Examples[/bold]

    netcover init                  into the current folder

    netcover init audits/2026      into a folder of its own
    """
    from agent.init import write

    screen = screen_of(context)
    for path, written in write(folder):
        screen.remark(f"{'wrote' if written else 'kept '}  {path}")
    screen.remark(f"Next: fill in {folder / 'targets.csv'} and {folder / SETTINGS_NAME}, then: netcover check {folder}")


@app.command(rich_help_panel=_START)
def check(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="An audit folder; default: this one.")] = Path(),
    settings: Settings = None,
) -> None:
    """Validate settings, secrets, targets, configs and contract files. Connects to nothing.

    [bold]Examples[/bold]

    netcover check

    netcover check audits/2026 --settings /etc/netcover/netcover.toml
    """
    from agent.check import FAULT, check_folder

    screen = screen_of(context)
    found = list(check_folder(folder, settings or folder / SETTINGS_NAME))
    for result in found:
        (screen.remark if result.state == "ok" else screen.say)(f"{result.state:<8}{result.subject}: {result.text}")
    faults = sum(result.state == FAULT for result in found)
    if faults:
        screen.warn(f"{faults} of {len(found)} checks failed")
        raise typer.Exit(2)


@app.command(rich_help_panel=_START)
def trust(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Devices, inside the scope.")],
    settings: Settings = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="SSH port, where not the usual.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the fingerprints were compared already.")] = False,
) -> None:
    """Enrol SSH host keys: show their fingerprints, ask, and write them to known_hosts.

    Compare each fingerprint with what the device itself shows before you agree. No password is sent.

    [bold]Examples[/bold]

    netcover trust 10.20.0.1 10.20.0.2

    netcover trust sw1.example.net --settings audits/2026/netcover.toml
    """
    from agent.trust import enrol

    path = settings or Path(SETTINGS_NAME)
    if not enrol(addresses, path, screen_of(context), port=port, ask=not yes):
        raise typer.Exit(2)


app.command(rich_help_panel=_START)(discover)
app.command(rich_help_panel=_AUDIT)(audit)
app.command(name="import", rich_help_panel=_AUDIT)(import_)
app.command(rich_help_panel=_AUDIT)(collect)
app.command(rich_help_panel=_AUDIT)(reconcile)
app.command(rich_help_panel=_AUDIT)(export)
app.command(rich_help_panel=_AUDIT)(accept)
app.command(rich_help_panel=_AUDIT)(baseline)
app.command(rich_help_panel=_AUDIT)(note)
app.command(name="confirm-removals", rich_help_panel=_UPKEEP)(confirm_removals)
app.command(rich_help_panel=_AUDIT)(run)
app.command(rich_help_panel=_UPKEEP)(agent)
app.command(rich_help_panel=_UPKEEP)(reload)
app.command(rich_help_panel=_UPKEEP)(record)
app.command(rich_help_panel=_UPKEEP)(logins)
app.command(rich_help_panel=_UPKEEP)(status)
app.command(rich_help_panel=_UPKEEP)(notify)
app.command(rich_help_panel=_UPKEEP)(prune)
app.command(rich_help_panel=_UPKEEP)(backup)
app.add_typer(show, name="show", rich_help_panel=_AUDIT)


def _verbosity(*, quiet: bool, verbose: bool) -> Verbosity:
    if quiet:
        return "quiet"
    return "verbose" if verbose else "normal"


def _form(text: str) -> Format:
    forms: dict[str, Format] = {"text": "text", "json": "json"}
    if text not in forms:
        raise typer.BadParameter("--log-format must be text or json")
    return forms[text]
