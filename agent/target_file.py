"""The list that `netcover discover` writes: targets that a person edits and `netcover audit --targets` reads.

What a person wrote is never touched. A file that is there is refused, or, with `--update`, gets the new rows below
its own, in its own columns.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.errors import UsageError
from agent.logs import printable
from agent.settings import Settings
from agent.targets import COLUMNS as TARGET_COLUMNS
from agent.targets import FOUND_COLUMNS, load_targets
from collectors.discover.boxes import Found
from collectors.discover.crawl import Unread
from collectors.errors import CollectError
from collectors.scope import resolve
from reconcile.headers import plain

COLUMNS: Final = ("address", "hostname", "site", "platform", "credential", "protocols", *FOUND_COLUMNS)
UNREAD_COLUMNS: Final = ("hostname", "addresses", "platform", "seen_by", "reason")
_FORMULA: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Listed:
    """A target list that is there already."""

    text: str
    """The file's own, as it will stay."""
    bom: bool
    delimiter: str
    header: tuple[str, ...]
    addresses: frozenset[str] = field(default=frozenset())
    """Every address it names, names resolved."""


def read_listed(path: Path, settings: Settings, platforms: Collection[str], *, update: bool) -> Listed | None:
    """What is in *path* already, None where there is nothing to lose: no file, or a header without a row.

    Raises UsageError where the file may not be touched, and as `load_targets` does where it is wrong.
    """
    if not path.exists():
        return None
    if path.suffix.lower() in (".yaml", ".yml", ".ini", ".xlsx"):
        raise UsageError(f"{path} cannot be added to; write to a CSV with --out FILE")
    targets = load_targets(path, settings, platforms, empty_ok=True)
    if not targets:
        return None
    if not update:
        raise UsageError(
            f"{path} lists {len(targets)} targets already; add the new devices below them with --update,"
            " or write to another file with --out FILE"
        )
    from reconcile.sheet import read_sheet  # with pandas: only where there is a table to read

    sheet = read_sheet(path, known={*COLUMNS, *TARGET_COLUMNS}, typed=True)
    if not sheet.encoding.startswith("utf-8") or not sheet.delimiter or "address" not in map(plain, sheet.header):
        raise UsageError(
            f"{path} cannot be added to: it is no CSV in UTF-8 with a column address; write to another with --out FILE"
        )
    raw = path.read_bytes()
    also = {
        word
        for _, cells in sheet.rows
        for header, cell in cells.items()
        if plain(header) == "also"
        for word in cell.split()
    }
    known = also | asyncio.run(_resolved([target.address for target in targets]))
    bom = raw.startswith(b"\xef\xbb\xbf")
    return Listed(raw.decode("utf-8-sig"), bom, sheet.delimiter, sheet.header, frozenset(known))


def write_targets(path: Path, found: Iterable[Found], listed: Listed | None, *, default_credential: str) -> int:
    """Write the devices that *listed* does not name; return how many those are.

    The file is whole or not there at all.
    """
    known = listed.addresses if listed else frozenset[str]()
    new = [one for one in found if not known.intersection(one.addresses)]
    rows = [_row(one, default_credential) for one in new]
    if listed is None:
        _replace(path, "".join(_lines(COLUMNS, rows, ",", header=True)), bom=False)
    elif rows:
        ours = {plain(name): name for name in COLUMNS}
        named = tuple(ours.get(plain(header), "") for header in listed.header)
        more = "".join(_lines(named, rows, listed.delimiter, header=False))
        gap = "" if listed.text.endswith("\n") else "\n"
        _replace(path, f"{listed.text}{gap}{more}", bom=listed.bom)
    return len(new)


def write_unread(path: Path, unread: Iterable[Unread]) -> int:
    """Write the neighbours that nobody read, for a person to judge; return how many those are."""
    rows = [
        {
            "hostname": one.neighbour.hostname,
            "addresses": " ".join(one.neighbour.addresses),
            "platform": one.neighbour.platform,
            "seen_by": one.seen_by,
            "reason": one.reason,
        }
        for one in unread
    ]
    rows.sort(key=lambda row: tuple(row.values()))
    _replace(path, "".join(_lines(UNREAD_COLUMNS, rows, ",", header=True)), bom=False)
    return len(rows)


def free_name(path: Path) -> Path:
    """*path*, or where a file came to be there meanwhile the next name that is free: ``targets-2.csv``."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _row(found: Found, default_credential: str) -> dict[str, str]:
    return {
        "address": found.address,
        "hostname": found.hostname,
        "site": found.site,
        "platform": found.platform,
        "credential": "" if found.credential == default_credential else found.credential,
        "protocols": ",".join(found.protocols),
        "found_by": found.found_by,
        "also": " ".join(found.also),
        "remark": "; ".join(found.remarks),
    }


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, str]], delimiter: str, *, header: bool) -> Iterator[str]:
    """CSV lines; a column without a name of ours stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writerow(columns)
    writer.writerows([_cell(row.get(column, "")) for column in columns] for row in rows)
    yield text.getvalue()


def _cell(text: str) -> str:
    """A device's words as one line of printable text that no spreadsheet takes for a formula."""
    clean = printable(text).strip()
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def _replace(path: Path, text: str, *, bom: bool) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, "utf-8-sig" if bom else "utf-8", newline="")
    if path.exists():
        unfinished.chmod(path.stat().st_mode & 0o777)
    unfinished.replace(path)


async def _resolved(names: Iterable[str]) -> set[str]:
    """Addresses of *names*; one that does not resolve names no device."""
    found = set()
    for name in names:
        try:
            found.add(await resolve(name))
        except CollectError:
            continue
    return found
