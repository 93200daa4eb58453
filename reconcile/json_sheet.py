"""JSON answers of vendors' interfaces as rows of text: one record a row, nested keys joined with a dot.

The file is bounded in size and depth; a key that stands twice, or a file that was cut, is refused. Numbers keep the
digits they were written with. Of a list inside a record its first entry speaks, or the one marked as primary
(`item_position` "P" in Cisco's coverage summaries).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from reconcile.errors import SheetError
from reconcile.xlsx_sheet import NUMBER, TEXT

MAX_BYTES: Final = 256 << 20
"""The whole file is held in memory, at several times its size."""
MAX_DEPTH: Final = 12
_SAMPLE: Final = 50
_LEVELS: Final = 4
"""How deep the list of records may lie."""
_AGAIN: Final = "Export or fetch it again"

Record = dict[str, Any]
Plain = Callable[[str], str]


class _Number(str):
    """A number as it was written; it can be told from text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Records:
    """The list of records in a JSON file."""

    header: list[str]
    """Their keys, nested ones as `contract.number`, in the order met."""
    rows: list[tuple[int, list[str], bytes]]
    """Row number from 1, cells, and a mark a cell (`reconcile.xlsx_sheet`)."""
    records: int
    """How many there were before lists inside them were spread over rows."""
    totals: Mapping[str, str]
    """What the file says beside the records: pages, totals."""


def read_records(path: Path, name: str, known: Collection[str], spread: Collection[str], plain: Plain) -> Records:
    """Read the list of records in *path* that holds most of the *known* keys (compared as *plain* gives them).

    A list of objects under a key of *spread* becomes one row an entry. Raises SheetError with the cure.
    """
    document = _parsed(path, name)
    place, records = _chosen(document, name, known, plain)
    flat = [cells for record in records for cells in _flattened(record, spread)]
    header = list(dict.fromkeys(key for cells in flat for key in cells))
    rows = []
    for number, cells in enumerate(flat, start=1):
        found = [cells.get(key, "") for key in header]
        marks = bytes(NUMBER if isinstance(cell, _Number) else TEXT for cell in found)
        rows.append((number, list(map(str.__str__, found)), marks))
    return Records(header, rows, len(records), _totals(document, place))


def _parsed(path: Path, name: str) -> Any:
    if path.stat().st_size > MAX_BYTES:
        raise SheetError(name, 0, f"is larger than {MAX_BYTES >> 20} MiB of JSON", "Fetch it in pages, or as CSV")
    content = path.read_bytes()

    def twice(pairs: list[tuple[str, Any]]) -> Record:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            raise SheetError(name, 0, f"the key {next(k for k in keys if keys.count(k) > 1)!r} stands twice", _AGAIN)
        return found

    def no_number(word: str) -> NoReturn:
        raise SheetError(name, 0, f"holds {word}, which is no JSON", _AGAIN)

    try:
        text = content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else json.detect_encoding(content))
        document = json.loads(
            text, object_pairs_hook=twice, parse_int=_Number, parse_float=_Number, parse_constant=no_number
        )
    except json.JSONDecodeError as error:
        where = f"{error.msg}, line {error.lineno}, character {error.colno}"
        raise SheetError(name, 0, f"is no whole JSON file ({where})", _AGAIN) from error
    except UnicodeDecodeError as error:
        raise SheetError(name, 0, f"holds bytes that are no {error.encoding} text", _AGAIN) from error
    except RecursionError:
        raise _too_deep(name) from None
    if "\0" in text or "\\u0000" in text:
        raise SheetError(name, 0, "holds a NUL character", _AGAIN)
    _measure(document, name)
    return document


def _measure(document: Any, name: str) -> None:
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep(name)
        level = [inner for outer in level for inner in _inside(outer)]


def _inside(value: Any) -> Collection[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()


def _too_deep(name: str) -> SheetError:
    return SheetError(name, 0, f"is nested deeper than {MAX_DEPTH} levels", "This is no list of contract lines")


def _chosen(document: Any, name: str, known: Collection[str], plain: Plain) -> tuple[tuple[str, ...], list[Record]]:
    """The list with most known keys and its path of keys."""
    scored = [
        (len({plain(key) for record in records[:_SAMPLE] for cells in _flattened(record, ()) for key in cells}
             & set(known)), len(records), path, records)
        for path, records in _lists(document, (), _LEVELS)
    ]  # fmt: skip
    if not scored:
        raise SheetError(name, 0, "holds no list of records", _AGAIN)
    scored.sort(key=lambda entry: entry[:2], reverse=True)
    hits, _, path, records = scored[0]
    if rivals := [".".join(other) for score, _, other, _ in scored[1:] if hits and 2 * score >= hits]:
        said = " and ".join(map(repr, (".".join(path), *rivals)))
        raise SheetError(name, 0, f"{said} both look like the list", "Keep one of them")
    return path, records


def _lists(value: Any, path: tuple[str, ...], levels: int) -> Iterator[tuple[tuple[str, ...], list[Record]]]:
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        yield path, value
    elif isinstance(value, dict) and levels:
        for key, inner in value.items():
            yield from _lists(inner, (*path, key), levels - 1)


def _flattened(record: Record, spread: Collection[str]) -> Iterator[dict[str, str]]:
    """The cells of a record by dotted key; one row an entry of the list to spread, one where it has none."""
    key = next((key for key in record if key in spread and _objects(record[key])), "")
    for entry in record[key] if key else (None,):
        cells: dict[str, str] = {}
        for name, value in record.items():
            _fill(cells, name, entry if key and name == key else value)
        yield cells


def _fill(cells: dict[str, str], name: str, value: Any) -> None:
    match value:
        case dict():
            for key, inner in value.items():
                _fill(cells, f"{name}.{key}", inner)
        case list() if _objects(value):
            _fill(cells, name, next((entry for entry in value if entry.get("item_position") == "P"), value[0]))
        case list():
            _fill(cells, name, value[0] if value else None)
        case None:
            cells[name] = ""
        case bool():
            cells[name] = "true" if value else "false"
        case _:
            cells[name] = value


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _totals(document: Any, place: Sequence[str]) -> dict[str, str]:
    """The plain values beside the list of records, by dotted key."""
    if not isinstance(document, dict):
        return {}
    cells: dict[str, str] = {}
    for key, value in document.items():
        if not place or key != place[0]:
            _fill(cells, key, value)
        elif isinstance(value, dict):
            for inner, more in value.items():
                if len(place) > 1 and inner != place[1]:
                    _fill(cells, f"{key}.{inner}", more)
    return {key: str(cell) for key, cell in cells.items()}
