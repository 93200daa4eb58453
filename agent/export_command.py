"""`netcover export` on the command line: the tables of a stored run as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.options import CsvDialect, SettingsFile, StoreFolder, StoreUrl
from agent.screen import screen_of


def export(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="units, licences, coverage, lines, findings, changes, diff, sntc, renewals or spares.",
        ),
    ],
    run: Annotated[int | None, typer.Option(metavar="ID", help="The run; default: the newest.")] = None,
    since: Annotated[
        str, typer.Option(metavar="RUN", help="For diff: the earlier run, or a day; default: the run before.")
    ] = "",
    form: Annotated[str, typer.Option("--format", metavar="LIST", help="Of csv, json, xlsx, parquet.")] = "csv",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the files go; default: run-ID in this folder.")
    ] = None,
    split_by: Annotated[
        str, typer.Option(metavar="LIST", help="For changes: one file each, by provider, contract or both.")
    ] = "",
    expand_replace: Annotated[
        bool, typer.Option("--expand-replace", help="For changes: write REPLACE as REMOVE and ADD, of one finding_key.")
    ] = False,
    folder: StoreFolder = Path(),
    settings: SettingsFile = None,
    store: StoreUrl = "",
    csv_dialect: CsvDialect = "standard",
) -> None:
    """Write a table of a stored run as a file.

    What goes out by provider holds no word of another provider's lines, and brings back the columns that its own file
    had. sntc is the device list for the vendor's inventory portal.

    [bold]Examples[/bold]

    netcover export changes --split-by provider,contract --out to-send

    netcover export coverage --run 3 --format csv,xlsx

    netcover export diff --since 2026-01-31
    """
    from agent import export as exports
    from agent.places import chosen_run, existing, ready, store_url
    from agent.store import open_store

    screen = screen_of(context)
    wanted = exports.Wanted(
        what, exports.forms(form) or ("csv",), since, exports.forms(split_by), expand_replace, csv_dialect
    )
    exports.check(wanted)
    with open_store(existing(store_url(store, folder, settings))) as opened:
        number = chosen_run(opened, run, reconciled=what not in ("units", "licences", "sntc"))
        found = exports.tables_of(opened, number, wanted)
    where = ready(out or Path(f"run-{number}"))
    for path in exports.write(found, where, wanted):
        screen.remark(f"wrote  {path}")
    if not found:
        screen.remark(f"run {number} asks for no change: nothing was written")
