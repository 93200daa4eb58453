"""SNMP object identifiers and values as plain Python: what the transport yields and the readers take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors.model import State

Oid = tuple[int, ...]
Value = int | bytes | Oid | None
"""INTEGER and unsigned kinds are int, OCTET STRING, IpAddress and Opaque are bytes, OBJECT IDENTIFIER is a tuple."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What a device answered to one reader's scalars and columns.

    `columns` maps each asked column to its cells by index (the OID behind the column); a column the agent does
    not have is an empty mapping. `scalars` holds only the objects that exist, keyed by their full OID.
    """

    state: State
    reason: str = ""
    scalars: Mapping[Oid, Value] = field(default_factory=dict)
    columns: Mapping[Oid, Mapping[Oid, Value]] = field(default_factory=dict)
    requests: int = 0


def oid(text: str) -> Oid:
    """Read dotted text, with or without a leading dot.

    >>> oid(".1.3.6.1")
    (1, 3, 6, 1)
    """
    return tuple(int(arc) for arc in text.strip(".").split("."))


def dotted(numbers: Oid) -> str:
    """Write an OID without a leading dot.

    >>> dotted((1, 3, 6, 1))
    '1.3.6.1'
    """
    return ".".join(map(str, numbers))
