"""What a reader is and what it returns, and how the values of a walk become text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from collectors.model import Licence, Neighbour, Part, Software, State
from collectors.oids import Oid, Value, Walk, dotted


@dataclass(frozen=True, slots=True)
class Rows:
    """What one reader found. `state` is never better than the walk's own."""

    state: State
    reason: str = ""
    parts: tuple[Part, ...] = ()
    software: tuple[Software, ...] = ()
    licences: tuple[Licence, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    holders: tuple[str, ...] = ()
    """The entPhysicalIndex that each licence is counted on, in their order; () where the table does not say."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One MIB's objects and the pure function that understands them."""

    name: str
    section: str
    """The section it serves: identity, inventory, software, licences or neighbours."""
    read: Callable[[Walk], Rows]
    scalars: tuple[Oid, ...] = ()
    """Full OIDs, with their instance (.0)."""
    columns: tuple[Oid, ...] = ()
    required: tuple[Oid, ...] = ()
    """Columns without which the answer cannot be complete."""
    sparse: tuple[Oid, ...] = ()
    """Columns in which a row may lack its cell."""
    beside: bool = False
    """True where it lists units that no other table knows: what is wrong with it is wrong with the section."""
    whole: bool = True
    """False where even a perfect answer holds only part of the section, such as the chassis serial alone."""


def text(value: Value) -> str:
    """Write a value as the device gave it: UTF-8, else Latin-1; padding stays, absence is "".

    >>> text(b"FOC1234X0AB  ")
    'FOC1234X0AB  '
    """
    if value is None:
        return ""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return dotted(value) if isinstance(value, tuple) else str(value)


def trimmed(value: Value) -> str:
    r"""The same without outer white space, NUL padding and the quotes some agents put around text.

    >>> trimmed(b'"Cisco IOS Software\n"')
    'Cisco IOS Software'
    """
    return text(value).strip("\0 \t\r\n").strip('"').strip("\0 \t\r\n")


def number(value: Value) -> int | None:
    """An INTEGER, also where an agent sent it as digits in a string; None where there is none."""
    if isinstance(value, int):
        return value
    digits = trimmed(value)
    return int(digits) if digits.isascii() and digits.isdecimal() else None


def date(value: Value) -> str:
    """The ISO date in a DateAndTime (RFC 2579: two octets of year, month, day ...), "" where none is."""
    if not isinstance(value, bytes) or len(value) < 8:
        return ""
    year, month, day = int.from_bytes(value[:2], "big"), value[2], value[3]
    return f"{year:04}-{month:02}-{day:02}" if 1970 < year < 9999 and 1 <= month <= 12 and 1 <= day <= 31 else ""


def indexes(walk: Walk, columns: Iterable[Oid]) -> tuple[Oid, ...]:
    """Every row index that any of *columns* has, in order."""
    return tuple(sorted({index for column in columns for index in walk.columns.get(column, {})}))


def cell(walk: Walk, column: Oid, index: Oid) -> Value:
    """One cell, None where the agent has none."""
    cells: Mapping[Oid, Value] = walk.columns.get(column, {})
    return cells.get(index)


def judged(walk: Walk, *, found: bool, gaps: Iterable[str] = ()) -> tuple[State, str]:
    """The state of a reader's answer: the walk's, worsened by *gaps*; `unsupported` when nothing is there."""
    if walk.state not in (State.COMPLETE, State.UNSUPPORTED):
        return walk.state, walk.reason
    if not found:
        return State.UNSUPPORTED, "the agent has none of these objects"
    reasons = "; ".join(gaps)
    return (State.PARTIAL, reasons) if reasons else (State.COMPLETE, "")
