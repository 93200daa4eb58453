"""Where a part sits: the name of its slot and the serial of what holds it.

SNMP rows name their container. CLI rows do not, so the member or extender is read from their names, and the
one chassis of a device holds what names none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from collectors.kinds import Look

if TYPE_CHECKING:
    from collectors.normalise import Row

Holder = Callable[["Row"], str]
"""From a row to the serial of the unit that holds it, "" where unknown."""

Member = tuple[str, int]
"""A member of a stack or an extender: ``("switch", 2)``, ``("fex", 101)``."""

_LONGEST: Final = 64
_DEEPEST: Final = 32
_FEX: Final = re.compile(r"^fex[- ]?(\d+)|^(?:ethernet|eth)\s?(1\d\d)/\d+/", re.I)
_SWITCH: Final = re.compile(
    r"^(?:switch|unit|rack|chassis[- ]|frulink slot|flexstack\w* module|usbflash)\s*(\d+)\b|^(\d+)$", re.I
)
_PORT: Final = re.compile(r"^[a-z]+\s?(\d+)/\d+(?:/\d+)*|^stackport(\d+)/|^(\d+)/[A-Z]+\d", re.I)
_NOISE: Final = re.compile(r"-\w*\s*IDPROM$", re.I)


def slot(seen: Look) -> str:
    """A short, stable name for the place: the row's name, else its description."""
    name = _NOISE.sub("", seen.name or seen.descr).strip()
    return name[:_LONGEST].rstrip()


def ancestors(index: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """The indexes above a row, nearest first. A chain that bites its tail ends there, as does one beyond any
    device's depth: a table that nests without end must not stop the run.

    >>> ancestors("3", {"1": "0", "2": "1", "3": "2"})
    ('2', '1')
    """
    chain: list[str] = []
    above = parents.get(index, "")
    while above in parents and above not in chain and above != index and len(chain) < _DEEPEST:
        chain.append(above)
        above = parents[above]
    return tuple(chain)


def holder(rows: Sequence[Row], listed: set[str]) -> Holder:
    """Find the nearest unit above a row, else the member its name tells, else the device's only chassis."""
    by_index = {row.part.index: row for row in rows}
    parents = {row.part.index: row.part.parent for row in rows}
    heads = [row for row in rows if row.head]
    members = {member: row.serial for row in heads if (member := _member(row.seen.name))}
    plain = {row.serial for row in heads if (_member(row.seen.name) or ("", 0))[0] != "fex"}

    def find(row: Row) -> str:
        for index in ancestors(row.part.index, parents):
            above = by_index[index]
            if above.serial in listed and above.serial != row.serial:
                return above.serial
            if above.head:
                return ""
        told = _told(row.seen.name, members)
        return told if told is not None else (next(iter(plain)) if len(plain) == 1 else "")

    return find


def _told(name: str, members: Mapping[Member, str]) -> str | None:
    """The member that a row's name tells, None where it tells none that exists."""
    member = _member(name)
    if member is None and (port := _PORT.match(name)):
        member = ("switch", int(next(filter(None, port.groups()))))
    return members.get(member) if member else None


def _member(name: str) -> Member | None:
    if found := _FEX.match(name):
        return "fex", int(next(filter(None, found.groups())))
    if found := _SWITCH.match(name):
        return "switch", int(next(filter(None, found.groups())))
    return None
