"""The recorded answers of real devices as walks, read where they lie; nothing is copied into the project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from collectors.model import State
from collectors.oids import Oid, Value, Walk, oid
from collectors.readers import Reader

_PROJECT = Path(__file__).resolve().parents[3]
CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or _PROJECT.parent / "shared" / "corpus")
MISSING = f"no recordings in {CORPUS}; NETCOVER_CORPUS may name the folder"
_INTEGERS = frozenset(("2", "65", "66", "67", "70", "71"))


def truths(kind: str) -> list[dict[str, Any]]:
    """The lines of truth.jsonl whose kind begins with *kind*; none where the folder is missing."""
    file = CORPUS / "truth.jsonl"
    if not file.is_file():
        return []
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return [line for line in lines if line["kind"].startswith(kind)]


def snmprec(file: Path) -> dict[Oid, Value]:
    """Read ``OID|TYPE|VALUE`` lines; a type that ends in x has its value in hex."""
    cells: dict[Oid, Value] = {}
    for line in file.read_bytes().split(b"\n"):
        name, _, rest = line.rstrip(b"\r").partition(b"|")
        tag, bar, raw = rest.partition(b"|")
        if bar and name[:1].isdigit():
            cells[oid(name.decode())] = _value(tag.decode(), raw)
    return cells


def walk(cells: Mapping[Oid, Value], reader: Reader) -> Walk:
    """What a faultless walk of *reader*'s objects would have yielded from this agent."""
    columns = {column: _below(cells, column) for column in reader.columns}
    scalars = {name: cells[name] for name in reader.scalars if name in cells}
    if not scalars and not any(columns.values()):
        return Walk(State.UNSUPPORTED, "the agent has none of these columns", columns=columns)
    return Walk(State.COMPLETE, scalars=scalars, columns=columns)


def walks(cells: Mapping[Oid, Value], readers: Iterable[Reader]) -> dict[str, Walk]:
    return {reader.name: walk(cells, reader) for reader in readers}


def _below(cells: Mapping[Oid, Value], column: Oid) -> dict[Oid, Value]:
    at = len(column)
    return {name[at:]: value for name, value in cells.items() if name[:at] == column}


def _value(tag: str, raw: bytes) -> Value:
    octets = bytes.fromhex(raw.decode()) if tag.endswith("x") else raw
    tag = tag.removesuffix("x")
    if tag in _INTEGERS:
        return int(octets)
    return oid(octets.decode()) if tag == "6" else octets
