"""`netcover reconcile` on the command line: judge a stored run, for the first time or anew."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from agent.options import AllowIncomplete, AuditFolder, CsvDialect, FailOn, FailOnNew, MinRead, Xlsx
from agent.screen import screen_of

if TYPE_CHECKING:
    from agent.audit import Audit, Request
    from agent.judging import Basis
    from agent.prepare import Prepared
    from agent.store import Store

_FILES: Final = "Files in (default: the file of that name in FOLDER, else what the run was judged by before)"


def _file(text: str) -> Any:
    return typer.Option(metavar="FILE", help=text, rich_help_panel=_FILES)


def reconcile(
    context: typer.Context,
    folder: AuditFolder = None,
    run: Annotated[int | None, typer.Option(metavar="ID", help="The run; default: the newest.")] = None,
    contracts: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]FILE", help="Contract files, one an option.", rich_help_panel=_FILES),
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
        str, typer.Option(metavar="URL", help="The database of runs; default: FOLDER/out/netcover.db.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="YYYY-MM-DD", help="The day to judge by; default: the run's own.")
    ] = "",
    fail_on: FailOn = "error",
    fail_on_new: FailOnNew = False,
    min_read: MinRead = 100.0,
    allow_incomplete: AllowIncomplete = False,
    csv_dialect: CsvDialect = "standard",
    xlsx: Xlsx = None,
) -> None:
    """Judge a stored run: verdicts, findings and changes, kept in the store and written as files.

    Nothing is polled. What a person accepted since is taken into account; corrected contract files take the place of
    those the run was judged by.

    Exit codes: as of netcover audit.

    [bold]Examples[/bold]

    netcover reconcile

    netcover reconcile --run 4 --contracts corrected.csv --out corrected
    """
    from agent.audit import Request, explained
    from agent.audit_command import day_of
    from agent.folder import Given

    screen = screen_of(context)
    lists = {
        "register": register, "spares": spares, "rma": rma, "entitlements": entitlements, "software": software,
        "eox": eox, "sites": sites, "profile": profile, "accepted": accepted,
    }  # fmt: skip
    request = Request(
        given=Given(
            folder=folder,
            settings=settings,
            contracts=tuple(contracts or ()),
            out=out,
            inputs=tuple((name, path) for name, path in lists.items() if path),
        ),
        as_of=day_of(as_of),
        store=store,
        fail_on=fail_on,
        fail_on_new=fail_on_new,
        min_read=min_read,
        allow_incomplete=allow_incomplete,
        dialect=csv_dialect,
        workbook=xlsx,
    )
    done = judge_again(request, run, here=Path(), now=datetime.now(UTC))
    if screen.verbosity != "quiet":
        from rich.console import Console

        from agent.report.summary import show

        show(Console(highlight=False, no_color=not screen.colour), done.record, done.results, done.skipped, done.out)
    if why := explained(request, done):
        screen.warn(why)
    raise typer.Exit(done.exit_code)


def judge_again(request: Request, run: int | None, *, here: Path, now: datetime, hold: bool = False) -> Audit:
    """Judge the stored *run* (None: the newest) by the request's files, else by what it was judged by before.

    With *hold* contract files that lost too many lines are not used: HeldError. A person who asks to judge again sees
    what comes of it.
    """
    from agent.audit import report
    from agent.folder import locate
    from agent.imports import hold_shrunk, with_imported
    from agent.places import chosen_run, existing, ready, store_url
    from agent.prepare import prepare
    from agent.report.files import NAMES
    from agent.store import open_store

    folder = locate(request.given, here, polls=False)
    prepared, day = prepare(folder, request.as_of, now, date_order=request.date_order)
    home = request.given.folder or here
    url = store_url(request.store or prepared.settings.store.url, home)
    with open_store(existing(url), clock=lambda: now) as store:
        number = chosen_run(store, run, reconciled=False)
        if hold:
            hold_shrunk(store, prepared, accept=request.accept_shrink)
        prepared = with_imported(store, prepared, day)
        basis = _basis(store, number, prepared, request)
        ready(folder.out, NAMES)
        return report(store, number, basis, request, folder.out)


def _basis(store: Store, run: int, prepared: Prepared, request: Request) -> Basis:
    """The files given, and for what they do not give, what the run was judged by before."""
    from dataclasses import replace
    from datetime import date

    from agent.errors import StoreError
    from agent.judging import of_files, of_store

    about = store.run(run)
    assert about is not None  # chosen a moment ago
    given = of_files(prepared, request.as_of or date.fromisoformat(about.as_of))
    try:
        before = of_store(store, run)
    except StoreError:
        return given  # it was collected only
    basis = replace(given, tables={**before.tables, **given.tables})
    if given.lines is not None:
        return basis
    return replace(basis, lines=before.lines, sources=before.sources, extra=before.extra, files=before.files)
