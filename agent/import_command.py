"""`netcover import` on the command line: its options, and what it prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from agent.options import StoreFolder, StoreUrl
from agent.screen import screen_of

if TYPE_CHECKING:
    import pandas as pd

    from agent.imports import Taken
    from reconcile.contracts import FileReport
    from reconcile.preview import Preview

_SHOWN: Final = 10
_NOTHING_DONE: Final = 2


def import_(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="[NAME=]FILE...", help="Contract files: together they are one batch.")
    ],
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how the files are understood, and change nothing.")
    ] = False,
    source: Annotated[
        str, typer.Option(metavar="NAME", help="Who sent them; default: the source whose paths name them, else NAME.")
    ] = "",
    layout: Annotated[
        str, typer.Option("--format", metavar="LAYOUT", help="Force a layout; default: found from the headers.")
    ] = "",
    date_order: Annotated[
        Literal["dmy", "mdy", "ymd"] | None,
        typer.Option("--date-order", help="How the files write dates, where their own dates do not tell."),
    ] = None,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="The source may have lost more than a tenth of its lines.")
    ] = False,
    folder: StoreFolder = Path(),
    store: StoreUrl = "",
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="netcover.toml; default: the folder's.")] = None,
) -> None:
    """Read contract files into the store, where audits without contract files find them.

    A newer batch of a source replaces the contracts it names; one that shrinks its source by more than a tenth is held.
    Exit codes: 0 done; 2 nothing was done, the message says why.

    [bold]Examples[/bold]

    netcover import ccwr.csv --preview

    netcover import page1.json page2.json page3.json

    netcover import acme=renewal.xlsx --date-order dmy
    """
    from agent.folder import DEFAULT_OUT
    from agent.imports import contract_files, take_in
    from agent.places import ready, store_url
    from agent.settings import Settings, load
    from agent.store import open_store
    from reconcile.contracts import read_contracts
    from reconcile.layouts import load as load_layouts

    screen = screen_of(context)
    place = settings or folder / "netcover.toml"
    known = load(place) if settings or place.is_file() else Settings(file=place)
    layouts = load_layouts(known.overlay)
    given = contract_files(files, known, layouts, source=source, layout=layout, date_order=date_order)
    if preview:
        from reconcile.preview import preview as look

        found = look(given, layouts)
        for one in found:
            for line in previewed(one):
                screen.say(line)
        if faulty := [one.file for one in found if one.rejects]:
            screen.warn(f"nothing can be imported until this is mended: {', '.join(faulty)}")
            raise typer.Exit(_NOTHING_DONE)
        screen.remark("This was a preview: nothing was changed.")
        return
    batch = read_contracts(given, layouts=layouts)
    if not store and not known.store.url:
        ready(folder / DEFAULT_OUT)
    with open_store(store_url(store, folder, settings), clock=lambda: datetime.now(UTC)) as kept:
        taken = take_in(kept, batch, given, known, accept=accept_shrink)
    for line in _imported(taken, batch.files):
        screen.remark(line)


def _imported(taken: Sequence[Taken], files: Sequence[FileReport]) -> Iterator[str]:
    """What an import says: each file with its last row, each source with what changed."""
    for file in files:
        yield f"{file.file}: {file.lines} lines to row {file.last_row}, read as {file.layout}"
        yield from (f"  {warning}" for warning in file.warnings)
    for one in taken:
        yield from _source(one)


def _source(one: Taken) -> Iterator[str]:
    changes = one.difference
    if one.same:
        fresh = "; its files are newer, so it is fresh again" if one.newer else ""
        yield f"{one.source}: nothing changed, these {one.batch} lines were imported before{fresh}"
        return
    if not one.before:
        yield f"{one.source}: {one.now} lines, the first of this source: see that the last row above is the file's last"
        return
    counts = f"{len(changes.added)} added, {len(changes.dropped)} dropped, {len(changes.changed)} changed"
    yield f"{one.source}: {one.before} lines before, {one.now} now: {counts}"
    for word, lines in (("added", changes.added), ("dropped", changes.dropped), ("changed", changes.changed)):
        yield from _some(word, lines)
    if one.others:
        said = ", ".join(name or "(no number)" for name in one.others[:_SHOWN])
        more = f" and {len(one.others) - _SHOWN} more" if one.others[_SHOWN:] else ""
        yield f"  not named in this batch, kept as they were: {said}{more}"


def _some(word: str, lines: pd.DataFrame) -> Iterator[str]:
    for row in lines.head(_SHOWN).to_dict("records"):
        what = row["serial"] or row["product_id"] or "(no serial)"
        told = f"; {row['before']}" if "before" in row else ""
        yield f"  {word:8} {what} on {row['contract_number'] or '(no number)'}{told}"
    if len(lines) > _SHOWN:
        yield f"  {word:8} and {len(lines) - _SHOWN} more"


def previewed(one: Preview) -> Iterator[str]:
    """A preview in lines."""
    yield f"{one.file}: {one.title} (layout {one.layout})"
    yield f"  {one.encoding}{_delimited(one.delimiter)}, header in row {one.header_row}" if one.header_row else "  JSON"
    yield f"  {one.lines} lines" + (f", the last in row {one.last_row}" if one.lines else "")
    yield f"  dates: {one.dates}"
    yield from _tally("kinds", one.kinds)
    yield from _tally("status", one.statuses)
    yield from _tally("contracts", one.contracts)
    yield "  column -> field"
    yield from (f"    {header} -> {name}" for name, header in one.mapping.items())
    yield from (f"    above the table: {value} -> {name}" for name, value in one.above.items())
    if one.unknown:
        yield f"  kept as they are, not understood: {', '.join(one.unknown)}"
    if one.first:
        yield "  first lines as understood"
    for line in one.first:
        yield f"    row {line['row']}: " + ", ".join(f"{name} {cell}" for name, cell in line.items() if name != "row")
    yield from (f"  closing row {row}, no line: {words}" for row, words in one.trailers)
    yield from (f"  note: {words}" for words in one.warnings)
    yield from (f"  if guessed wrongly: {words}" for words in one.otherwise)
    for reject in one.rejects:
        yield f"  refused, {f'row {reject.row}' if reject.row else 'the file'}: {reject.problem}. {reject.cure}"
    if one.more_rejects:
        yield "  there may be more refusals; these come first"


def _tally(word: str, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        said = ", ".join(f"{name or '(empty)'} {count}" for name, count in list(counts.items())[:_SHOWN])
        yield f"  {word}: {said}" + (f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else "")


def _delimited(delimiter: str) -> str:
    return f", cells parted by {'tab' if delimiter == chr(9) else delimiter}" if delimiter else ""
