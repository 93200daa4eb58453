"""`netcover audit` on the command line: its options, its progress and what it prints."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from agent.options import CsvDialect, FailOnNew
from agent.screen import Screen, screen_of

if TYPE_CHECKING:
    from collectors.model import Observation

_FILES: Final = "Files in (default: the file of that name in FOLDER)"
_ENDING: Final = "Exit code"


def _file(text: str) -> Any:
    return typer.Option(metavar="FILE", help=text, rich_help_panel=_FILES)


def audit(
    context: typer.Context,
    folder: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FOLDER]", help="As netcover init lays it out; default: this one."),
    ] = None,
    targets: Annotated[Path | None, _file("The devices to read.")] = None,
    captures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Read saved answers instead of the network: a file or a folder for each device.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    contracts: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE",
            help="Contract files; NAME is a layout, or else the provider.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    settings: Annotated[Path | None, _file("netcover.toml")] = None,
    register: Annotated[Path | None, _file("Assets: provenance, purchase dates.")] = None,
    spares: Annotated[Path | None, _file("Stock on the shelf.")] = None,
    rma: Annotated[Path | None, _file("Exchanges: old serial, new serial.")] = None,
    entitlements: Annotated[Path | None, _file("Licences bought.")] = None,
    software: Annotated[Path | None, _file("Release dates of software.")] = None,
    eox: Annotated[Path | None, _file("End-of-life dates.")] = None,
    sites: Annotated[Path | None, _file("Sites by subnet or host name.")] = None,
    profile: Annotated[Path | None, _file("Contract numbers of your vendor account.")] = None,
    accepted: Annotated[Path | None, _file("Findings that were accepted.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files go; default: FOLDER/out.")] = None,
    store: Annotated[
        str, typer.Option(metavar="URL", help="The database of runs; default: netcover.db in the output folder.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day to judge by; default: today.")
    ] = "",
    accept_shrink: Annotated[
        bool,
        typer.Option("--accept-shrink", help="A contract source may have lost more than a tenth of its lines."),
    ] = False,
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd"] | None,
        typer.Option("--date-order", help="How contract files write dates, where their own dates do not tell."),
    ] = None,
    ask_credentials: Annotated[
        bool, typer.Option("--ask-credentials", help="Ask for one login, and for trust in new host keys.")
    ] = False,
    fail_on: Annotated[
        Literal["never", "info", "warning", "error"],
        typer.Option(help="Exit 1 from this severity on.", rich_help_panel=_ENDING),
    ] = "error",
    fail_on_new: FailOnNew = False,
    min_read: Annotated[
        float,
        typer.Option(
            metavar="PERCENT",
            min=0,
            max=100,
            rich_help_panel=_ENDING,
            help="Exit 3 when fewer of the targets were read in full.",
        ),
    ] = 100.0,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Never exit 3.", rich_help_panel=_ENDING)
    ] = False,
    csv_dialect: CsvDialect = "standard",
    xlsx: Annotated[
        bool | None,
        typer.Option("--xlsx/--no-xlsx", help="Write audit.xlsx; default: unless the tables are too large to open."),
    ] = None,
) -> None:
    """Read every target, reconcile with the contracts, write the tables.

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 nothing was done, the message says why; 3 too little of
    the fleet was read.

    [bold]Examples[/bold]

    netcover audit

    netcover audit audits/2026 --contracts ccwr.csv --contracts acme=renewal.xlsx

    netcover audit --targets list.csv --ask-credentials --out report

    netcover audit --captures saved --contracts ccwr.csv --out report
    """
    from agent import audit as flow
    from agent.ask import ask
    from agent.folder import Given

    screen = screen_of(context)
    screen.start_logs()
    place, lines = _sorted_out(folder or [], contracts or [])
    given = {
        "register": register, "spares": spares, "rma": rma, "entitlements": entitlements, "software": software,
        "eox": eox, "sites": sites, "profile": profile, "accepted": accepted,
    }  # fmt: skip
    request = flow.Request(
        given=Given(
            folder=place,
            settings=settings,
            targets=targets,
            captures=captures,
            contracts=lines,
            out=out,
            inputs=tuple((name, path) for name, path in given.items() if path),
        ),
        as_of=day_of(as_of),
        store=store,
        fail_on=fail_on,
        fail_on_new=fail_on_new,
        min_read=min_read,
        allow_incomplete=allow_incomplete,
        dialect=csv_dialect,
        workbook=xlsx,
        accept_shrink=accept_shrink,
        date_order=date_order,
        ask=partial(ask, screen=screen) if ask_credentials and captures is None else None,
    )
    done = flow.audit(
        request, here=Path(), now=lambda: datetime.now(UTC), progress=lambda total: progress(total, screen)
    )
    if screen.verbosity != "quiet":
        from rich.console import Console

        from agent.report.summary import show

        show(
            Console(highlight=False, no_color=not screen.colour),
            done.record,
            done.results,
            done.skipped,
            done.out,
        )
    if why := flow.explained(request, done):
        screen.warn(why)
    raise typer.Exit(done.exit_code)


def _sorted_out(words: list[str], contracts: list[str]) -> tuple[Path | None, tuple[str, ...]]:
    """The folder among the bare words, and the rest of them as contract files: `--contracts a.csv b.csv` names two."""
    folders = [word for word in words if not contracts or Path(word).is_dir()]
    if len(folders) > 1:
        raise typer.BadParameter(f"one folder at a time: {', '.join(folders)}")
    more = tuple(word for word in words if word not in folders)
    return (Path(folders[0]) if folders else None), (*contracts, *more)


def day_of(text: str) -> date | None:
    """The day that ``--as-of`` names, None where it names none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--as-of {text!r} is no day; write it as 2026-03-31") from None


@contextlib.contextmanager
def progress(total: int, screen: Screen) -> Iterator[Callable[[Observation], None]]:
    """A bar on a terminal, one log event a device elsewhere."""
    if screen.verbosity == "quiet":
        yield lambda observation: None
        return
    if not sys.stderr.isatty():
        import structlog

        log = structlog.get_logger()
        yield lambda seen: log.info(
            "device",
            address=seen.address,
            hostname=seen.hostname,
            outcome=str(seen.outcome),
            reason=seen.reason,
        )
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading devices"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, no_color=not screen.colour), transient=True) as bars:
        task = bars.add_task("", total=total)
        yield lambda seen: bars.advance(task)
