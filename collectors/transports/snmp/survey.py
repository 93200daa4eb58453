"""Find out in two requests which of many tables an agent has nothing of, so that they need no walk each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collectors.errors import CollectError
from collectors.model import State
from collectors.oids import Oid, Walk
from collectors.transports.snmp.budget import Ask
from collectors.transports.snmp.seam import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, Kind, Request, Varbind

_MOST: Final = 40
"""Names a request: their answers, mostly empty, fit a datagram."""

Objects = tuple[Sequence[Oid], Sequence[Oid]]
"""The scalars and the columns of one table."""


async def survey(ask: Ask, tables: Mapping[str, Objects]) -> dict[str, Walk]:
    """The walks of those *tables* that the agent shows to have no object at all, as `walk` would give them.

    A scalar is absent where GET says noSuchObject or noSuchInstance; a column where the next object lies behind it, or
    the view ends and the same answers show nothing that lies behind. Whatever else is answered proves nothing, and the
    table is to be walked; so is every table where the agent refuses, falls silent or makes no sense.
    """
    scalars = list(dict.fromkeys(oid for wanted, _ in tables.values() for oid in wanted))
    columns = list(dict.fromkeys(oid for _, wanted in tables.values() for oid in wanted))
    try:
        values = await _answers(ask, Kind.GET, scalars)
        nexts = await _answers(ask, Kind.GETNEXT, columns)
    except (CollectError, _NothingProvedError):
        return {}
    gone = {oid for oid, (_, tag, _) in zip(scalars, values, strict=True) if tag in (NO_SUCH_OBJECT, NO_SUCH_INSTANCE)}
    gone |= _empty(columns, nexts)
    return {name: _nothing(objects) for name, objects in tables.items() if gone.issuperset((*objects[0], *objects[1]))}


async def _answers(ask: Ask, kind: Kind, oids: Sequence[Oid]) -> list[Varbind]:
    """One varbind for each of *oids*."""
    found: list[Varbind] = []
    for start in range(0, len(oids), _MOST):
        asked = tuple(oids[start : start + _MOST])
        response = await ask(Request(kind, asked))
        named = tuple(name for name, _, _ in response.varbinds)
        if response.error_status or len(named) != len(asked) or (kind is Kind.GET and named != asked):
            raise _NothingProvedError
        found += response.varbinds
    return found


def _empty(columns: Iterable[Oid], nexts: Sequence[Varbind]) -> set[Oid]:
    """The columns of which *nexts*, the answers to GETNEXT, show that they hold nothing."""
    highest = max((name for name, tag, _ in nexts if tag != END_OF_MIB_VIEW), default=())
    found = set()
    for column, (name, tag, _) in zip(columns, nexts, strict=True):
        behind = (*column[:-1], column[-1] + 1)
        if (tag == END_OF_MIB_VIEW and name == column and highest <= column) or (
            tag not in (END_OF_MIB_VIEW, NO_SUCH_OBJECT, NO_SUCH_INSTANCE) and name >= behind
        ):
            found.add(column)
    return found


def _nothing(objects: Objects) -> Walk:
    what = "columns" if objects[1] else "objects"
    return Walk(
        State.UNSUPPORTED, f"the agent has none of these {what}", {}, {column: {} for column in objects[1]}, requests=0
    )


class _NothingProvedError(Exception):
    """The answers do not tell."""
