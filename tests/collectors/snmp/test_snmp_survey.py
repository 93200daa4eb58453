"""What two requests may say of tables: nothing that a walk would not have said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from collectors.errors import TimedOut
from collectors.model import State
from collectors.oids import Oid, Value
from collectors.transports.snmp import Kind, Request, Response, survey, walk
from collectors.transports.snmp.budget import UPTIME
from collectors.transports.snmp.seam import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, Varbind

OCTETS, TICKS = 4, 0x43
A, B, C = (1, 3, 6, 1, 4, 1, 9, 10), (1, 3, 6, 1, 4, 1, 9, 20), (1, 3, 6, 1, 4, 1, 9, 30)
TABLES = {
    "one": ((), ((*A, 1), (*A, 2))),
    "two": (((*B, 1, 0),), ((*B, 5),)),
    "scalar": (((*C, 1, 0), (*C, 2, 0)), ()),
}
ROW = (7,)


def agent(mib: dict[Oid, tuple[int, Value]], twist: Callable[[Request, list[Varbind]], Any] | None = None):
    """An agent as RFC 3416 wants it, without GETBULK's repetitions beyond what a walk of few rows asks."""

    def one(request: Request, oid: Oid) -> Varbind:
        if request.kind is Kind.GET:
            return (oid, *mib[oid]) if oid in mib else (oid, NO_SUCH_INSTANCE, None)
        after = min((name for name in mib if name > oid), default=None)
        return (after, *mib[after]) if after else (oid, END_OF_MIB_VIEW, None)

    async def ask(request: Request) -> Response:
        rounds = request.max_repetitions if request.kind is Kind.GETBULK else 1
        found = [one(request, oid) for oid in request.oids[: request.non_repeaters]]
        at = list(request.oids[request.non_repeaters :])
        for _ in range(rounds):
            answers = [one(request, oid) for oid in at]
            found += answers
            at = [name for name, _, _ in answers]
        said = twist(request, found) if twist else None
        return said or Response(0, 0, found, 1000)

    return ask


MIB = {UPTIME: (TICKS, 5)}
EVERYTHING: dict[Oid, tuple[int, Value]] = {
    **MIB,
    (*A, 1, *ROW): (OCTETS, b"a"), (*A, 2, *ROW): (OCTETS, b"b"),
    (*B, 1, 0): (OCTETS, b"c"), (*B, 5, *ROW): (OCTETS, b"d"),
    (*C, 1, 0): (OCTETS, b"e"), (*C, 2, 0): (OCTETS, b"f"),
}  # fmt: skip


def without(*gone: Oid) -> dict[Oid, tuple[int, Value]]:
    return {oid: value for oid, value in EVERYTHING.items() if not any(oid[: len(one)] == one for one in gone)}


def surveyed(mib: dict[Oid, tuple[int, Value]], twist=None) -> list[str]:
    return sorted(asyncio.run(survey(agent(mib, twist), TABLES)))


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ((A, B, C), ["one", "scalar", "two"]),
        ((A,), ["one"]),
        (((*A, 1),), []),
        (((*B, 5),), []),
        (((*B, 1, 0),), []),
        ((B,), ["two"]),
        (((*C, 1, 0),), []),
        ((C,), ["scalar"]),
        ((), []),
    ],
)
def test_only_a_table_without_any_object_is_called_absent(gone, found):
    assert surveyed(without(*gone)) == found


@pytest.mark.parametrize("name", ["one", "two", "scalar"])
def test_it_says_what_a_walk_would_have_said(name):
    scalars, columns = TABLES[name]

    said = asyncio.run(survey(agent(dict(MIB)), TABLES))[name]
    walked = asyncio.run(walk(agent(dict(MIB)), scalars, columns))

    assert (said.state, said.reason, said.scalars, said.columns) == (
        walked.state, walked.reason, walked.scalars, walked.columns,
    )  # fmt: skip
    assert said.state is State.UNSUPPORTED


def refused(request: Request, found: list[Varbind]) -> Response:
    return Response(5, 1, found, 10)


def silent(request: Request, found: list[Varbind]) -> Response:
    raise TimedOut("no answer in time")


def short(request: Request, found: list[Varbind]) -> Response:
    return Response(0, 0, found[:-1], 10)


def other_names(request: Request, found: list[Varbind]) -> Response | None:
    return Response(0, 0, [((*name[:-1], 99), tag, value) for name, tag, value in found], 10)


def stuck(request: Request, found: list[Varbind]) -> Response | None:
    if request.kind is Kind.GET:
        return None
    return Response(0, 0, [(oid, OCTETS, b"") for oid in request.oids], 10)


def no_object(request: Request, found: list[Varbind]) -> Response | None:
    if request.kind is Kind.GET:
        return None
    return Response(0, 0, [(oid, NO_SUCH_OBJECT, None) for oid in request.oids], 10)


def view_ends_early(request: Request, found: list[Varbind]) -> Response | None:
    """The first table's columns end the view, though the same answer shows an object behind them."""
    if request.kind is Kind.GET:
        return None
    ended = [(oid, END_OF_MIB_VIEW, None) for oid in request.oids[:2]]
    return Response(0, 0, [*ended, ((*B, 6, 1), OCTETS, b"")], 10)


@pytest.mark.parametrize(
    ("twist", "found"),
    [
        (refused, []),
        (silent, []),
        (short, []),
        (other_names, []),
        (stuck, ["scalar"]),
        (no_object, ["scalar"]),
        (view_ends_early, ["scalar", "two"]),
    ],
)
def test_an_answer_that_makes_no_sense_proves_nothing(twist, found):
    assert surveyed(dict(MIB), twist) == found
