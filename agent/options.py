"""Options that more than one command has, so that they are called, explained and set alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

AuditFolder = Annotated[
    Path | None, typer.Argument(metavar="[FOLDER]", help="As netcover init lays it out; default: this one.")
]
"""Of the commands that read the folder's lists; default None."""
StoreFolder = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The audit folder whose store is meant.")]
"""Of the commands that work on its store alone; default Path()."""
StoreUrl = Annotated[
    str, typer.Option("--store", metavar="URL", help="The database of runs; default: out/netcover.db of the folder.")
]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="The settings file; default: netcover.toml of the folder."),
]

FailOn = Annotated[Literal["never", "info", "warning", "error"], typer.Option(help="Exit 1 from this severity on.")]
FailOnNew = Annotated[
    bool, typer.Option("--fail-on-new", help="Exit 1 only for findings that the run before did not have.")
]
MinRead = Annotated[
    float, typer.Option(metavar="PERCENT", min=0, max=100, help="Exit 3 when fewer targets were read in full.")
]
AllowIncomplete = Annotated[bool, typer.Option("--allow-incomplete", help="Never exit 3.")]
CsvDialect = Annotated[
    Literal["standard", "excel"], typer.Option(help="excel adds the mark that Excel needs for UTF-8.")
]
Xlsx = Annotated[bool | None, typer.Option("--xlsx/--no-xlsx", help="Write audit.xlsx, or leave it out.")]
