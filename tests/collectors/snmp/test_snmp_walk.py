"""The walk against agents that lie, loop, fall silent or restart. No network: an agent is a function here."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from collectors.errors import AuthFailed, CollectError, Malformed, Refused, TimedOut, Unreachable
from collectors.model import State
from collectors.oids import Oid, Value, Walk
from collectors.transports.snmp import Kind, Limits, Request, Response, walk
from collectors.transports.snmp.budget import LAST_CHANGE, UPTIME
from collectors.transports.snmp.seam import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, Varbind

TABLE = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
DESCR, CLASS, SERIAL = (*TABLE, 2), (*TABLE, 5), (*TABLE, 11)
COLUMNS = (DESCR, CLASS, SERIAL)
NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
BEYOND = (1, 3, 6, 1, 2, 1, 99, 0)
INDEXES = ((1,), (2,), (1000,), (1001,), (70000,))
OCTETS, INTEGER = 4, 2
Mib = Mapping[Oid, tuple[int, Value]]


def a_mib(columns: tuple[Oid, ...] = COLUMNS, indexes: tuple[Oid, ...] = INDEXES, **more: Any) -> dict[Oid, Any]:
    mib: dict[Oid, tuple[int, Value]] = {
        UPTIME: (0x43, 5000),
        LAST_CHANGE: (0x43, 70),
        NAME: (OCTETS, b"sw1"),
        BEYOND: (INTEGER, 1),
    }
    for column in columns:
        for index in indexes:
            mib[column + index] = (OCTETS, b"%d/%d" % (column[-1], index[0]))
    return mib


Twist = Callable[["Agent", Request, Response], Response | None]


@dataclass
class Agent:
    """An agent as RFC 3416 wants it; a `twist` may then change its answer, or raise instead."""

    mib: Mib = field(default_factory=a_mib)
    twist: Twist | None = None
    requests: list[Request] = field(default_factory=list)
    most: int = 10**6
    """Varbinds that fit an answer: GETBULK stops there."""

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        response = Response(0, 0, self.answer(request), 1400)
        return (self.twist(self, request, response) if self.twist else None) or response

    def answer(self, request: Request) -> list[Varbind]:
        if request.kind is Kind.GET:
            return [(oid, *self.mib.get(oid, (NO_SUCH_OBJECT, None))) for oid in request.oids]
        if request.kind is Kind.GETNEXT:
            return [self.next(oid) for oid in request.oids]
        found = [self.next(oid) for oid in request.oids[: request.non_repeaters]]
        at = request.oids[request.non_repeaters :]
        for _ in range(request.max_repetitions):
            row = [self.next(oid) for oid in at]
            found += row
            at = tuple(oid for oid, _, _ in row)
        return found[: self.most]

    def next(self, oid: Oid) -> Varbind:
        order = sorted(self.mib)
        place = bisect_right(order, oid)
        return (order[place], *self.mib[order[place]]) if place < len(order) else (oid, END_OF_MIB_VIEW, None)


def walked(agent: Agent, columns: tuple[Oid, ...] = COLUMNS, scalars: tuple[Oid, ...] = (NAME,), **more: Any) -> Walk:
    return asyncio.run(walk(agent, scalars, columns, **more))


def cells(mib: Mib, column: Oid) -> dict[Oid, Value]:
    return {oid[len(column) :]: value for oid, (_, value) in mib.items() if oid[: len(column)] == column}


def data(request: Request) -> bool:
    return request.kind is not Kind.GET


def test_a_whole_table_is_complete() -> None:
    agent = Agent()

    found = walked(agent)

    assert found == Walk(
        State.COMPLETE,
        "",
        {NAME: b"sw1"},
        {column: cells(agent.mib, column) for column in COLUMNS},
        len(agent.requests),
    )


def test_a_table_at_the_end_of_the_view_is_complete() -> None:
    mib = a_mib()
    del mib[LAST_CHANGE], mib[BEYOND]
    assert walked(Agent(mib)).state is State.COMPLETE


@pytest.mark.parametrize("most", range(3, 20))
def test_an_answer_cut_at_any_varbind_loses_nothing(most: int) -> None:
    agent = Agent(most=most)
    assert walked(agent).columns == {column: cells(agent.mib, column) for column in COLUMNS}


def test_only_the_columns_asked_for_are_read() -> None:
    agent = Agent()

    found = walked(agent, (DESCR, SERIAL))

    assert found.columns.keys() == {DESCR, SERIAL}
    names = {oid for request in agent.requests for oid in request.oids}
    assert not [oid for oid in names if oid[: len(CLASS)] == CLASS]


def test_the_stamps_cost_no_request_of_their_own() -> None:
    agent = Agent(a_mib(indexes=((1,),)))

    walked(agent)

    assert [request.kind for request in agent.requests] == [Kind.GET, Kind.GETBULK]
    assert agent.requests[0].oids == (NAME, UPTIME, LAST_CHANGE)
    assert agent.requests[1].oids[:2] == (UPTIME[:-1], LAST_CHANGE[:-1])
    assert agent.requests[1].non_repeaters == 2


def test_a_column_the_agent_does_not_have_is_empty_and_still_complete() -> None:
    found = walked(Agent(a_mib((DESCR, SERIAL))))
    assert (found.state, found.columns[CLASS]) == (State.COMPLETE, {})


def test_a_required_column_without_rows_is_partial() -> None:
    found = walked(Agent(a_mib((DESCR, CLASS))), required=(SERIAL,))
    assert (found.state, found.reason) == (
        State.PARTIAL,
        "column 1.3.6.1.2.1.47.1.1.1.1.11 is empty, others have rows",
    )


def test_an_agent_without_the_table_is_unsupported() -> None:
    found = walked(Agent(a_mib(())))
    assert (found.state, found.scalars, found.columns) == (
        State.UNSUPPORTED,
        {NAME: b"sw1"},
        {column: {} for column in COLUMNS},
    )


def test_scalars_alone_are_complete_or_unsupported() -> None:
    assert walked(Agent(), ()) == Walk(State.COMPLETE, "", {NAME: b"sw1"}, {}, 1)
    assert walked(Agent(), (), ((1, 3, 6, 9),)).state is State.UNSUPPORTED


def test_a_cell_that_one_column_lacks_is_partial_and_named() -> None:
    mib = a_mib()
    del mib[(*CLASS, 1000)]

    found = walked(Agent(mib))

    assert (found.state, found.reason) == (
        State.PARTIAL,
        "column 1.3.6.1.2.1.47.1.1.1.1.5 has no row 1000, another column has",
    )
    assert len(found.columns[DESCR]) == 5


def test_columns_of_different_tables_may_have_different_rows() -> None:
    other = (1, 3, 6, 1, 2, 1, 47, 1, 1, 2, 1, 4)
    mib = a_mib() | {(*other, 9): (OCTETS, b"x")}
    assert walked(Agent(mib), (*COLUMNS, other)).state is State.COMPLETE


# Guards against what does not increase, does not end, or says nothing


def at_row(index: int) -> Callable[[Varbind], bool]:
    return lambda varbind: varbind[0][: len(TABLE)] == TABLE and varbind[0][-1] == index


def swapped(
    test: Callable[[Varbind], bool],
    new: Callable[[Varbind], Varbind],
    kinds: tuple[Kind, ...] = (Kind.GETBULK,),
) -> Twist:
    """Answers with some varbinds exchanged."""

    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        if request.kind not in kinds:
            return None
        return replace(response, varbinds=[new(v) if test(v) else v for v in response.varbinds])

    return twist


def test_the_same_oid_again_ends_the_walk_at_once() -> None:
    again = swapped(at_row(1001), lambda v: ((*v[0][:-1], 1000), *v[1:]))
    agent = Agent(twist=again)

    found = walked(agent)

    assert found.state is State.PARTIAL
    assert "do not increase" in found.reason
    assert "1.3.6.1.2.1.47.1.1.1.1.2 after row 1000" in found.reason
    assert len(agent.requests) <= 2


def test_a_cycle_ends_the_walk_at_once() -> None:
    def twist(agent: Agent, request: Request, response: Response) -> Response | None:
        looping = Request(request.kind, request.oids, request.non_repeaters, request.max_repetitions)
        if data(request) and any(oid[-1] == 1000 for oid in request.oids[2:]):
            looping = replace(looping, oids=(*request.oids[:2], *COLUMNS))
        return replace(response, varbinds=agent.answer(looping))

    agent = Agent(most=2 + 9, twist=twist)

    found = walked(agent, limits=Limits(requests=50))

    assert (found.state, "do not increase" in found.reason) == (State.PARTIAL, True)
    assert len(agent.requests) <= 4


def test_a_smaller_oid_outside_is_no_end_of_a_column() -> None:
    outside = swapped(at_row(1001), lambda v: ((1, 3, 6, 1, 2, 1, 2), *v[1:]))

    found = walked(Agent(twist=outside))

    assert (found.state, "do not increase" in found.reason) == (State.PARTIAL, True)


def test_an_answer_without_varbinds_ends_the_walk() -> None:
    agent = Agent(twist=lambda _, request, response: replace(response, varbinds=[]) if data(request) else None)

    assert (walked(agent).state, walked(agent).reason) == (State.PARTIAL, "the answer is empty")
    assert len(agent.requests) <= 4


def test_more_cells_than_were_asked_for_end_the_walk() -> None:
    agent = Agent(
        twist=lambda _, request, response: replace(response, varbinds=response.varbinds * 2) if data(request) else None
    )
    assert walked(agent).reason == "the answer has more cells than were asked for"


def test_a_short_answer_to_getnext_is_partial() -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        if request.kind is Kind.GETBULK:
            return replace(response, error_status=5, varbinds=[])
        return replace(response, varbinds=response.varbinds[:-1]) if data(request) else None

    found = walked(Agent(twist=twist))

    assert found.state is State.PARTIAL
    assert "breaks off at column 1.3.6.1.2.1.47.1.1.1.1.11" in found.reason


@pytest.mark.parametrize("tag", [NO_SUCH_OBJECT, NO_SUCH_INSTANCE])
def test_an_exception_in_mid_walk_is_partial(tag: int) -> None:
    found = walked(Agent(twist=swapped(at_row(1001), lambda v: (v[0], tag, None))))

    assert found.state is State.PARTIAL
    assert found.columns[DESCR].keys() == {(1,), (2,), (1000,)}


@pytest.mark.parametrize("index", [index for (index,) in INDEXES])
def test_an_end_of_the_view_in_mid_view_is_partial(index: int) -> None:
    # Also where all columns end at the same row: the agent has shown objects that lie behind.
    early = swapped(
        lambda v: v[0][: len(TABLE)] == TABLE and v[0][-1] >= index, lambda v: (v[0], END_OF_MIB_VIEW, None)
    )

    found = walked(Agent(twist=early), required=(SERIAL,))

    assert found.state is State.PARTIAL
    assert "ended column" in found.reason


@pytest.mark.parametrize("status", [3, 5, 6, 13, 16, 99])
def test_an_error_status_in_mid_walk_is_partial_and_keeps_what_was_read(status: int) -> None:
    def twist(agent: Agent, request: Request, response: Response) -> Response | None:
        late = len(agent.requests) > 2
        return replace(response, error_status=status, error_index=3, varbinds=[]) if late else None

    found = walked(Agent(most=2 + 6, twist=twist))

    assert found.state is State.PARTIAL
    assert "column 1.3.6.1.2.1.47.1.1.1.1.2 after row 2" in found.reason
    assert found.columns[SERIAL].keys() == {(1,), (2,)}


def test_a_refusal_before_anything_was_read_is_denied() -> None:
    found = walked(Agent(twist=lambda _, __, response: replace(response, error_status=16, error_index=1)))
    assert (found.state, found.reason) == (State.DENIED, "authorizationError at 1.3.6.1.2.1.1.5.0")


def test_no_such_name_ends_a_column_as_in_snmpv1() -> None:
    mib = a_mib()
    del mib[LAST_CHANGE], mib[BEYOND]

    def twist(agent: Agent, request: Request, response: Response) -> Response | None:
        for number, (_, tag, _) in enumerate(response.varbinds, 1):
            if tag in (NO_SUCH_OBJECT, END_OF_MIB_VIEW):
                return Response(2, number, [], 100)
        return Response(5, 0, [], 100) if request.kind is Kind.GETBULK else None

    found = walked(Agent(mib, twist))

    assert (found.state, found.scalars) == (State.COMPLETE, {NAME: b"sw1"})
    assert found.columns == {column: cells(mib, column) for column in COLUMNS}


# Guards against a restart


def test_an_uptime_that_goes_back_is_partial() -> None:
    mib = a_mib()

    def twist(agent: Agent, request: Request, response: Response) -> Response | None:
        agent.mib = mib | {UPTIME: (0x43, 6000 - 100 * len(agent.requests))}
        return None

    found = walked(Agent(mib, twist, most=2 + 6))

    assert (found.state, found.reason) == (
        State.PARTIAL,
        "sysUpTime went back: the device restarted while it was read",
    )


def test_a_restart_before_the_last_answer_is_seen() -> None:
    agent = Agent(a_mib(indexes=((1,),)))
    agent.twist = swapped(lambda v: v[0] == UPTIME, lambda v: (UPTIME, 0x43, 4999))
    assert walked(agent).state is State.PARTIAL


def test_hardware_that_changes_in_mid_walk_is_partial() -> None:
    agent = Agent(twist=swapped(lambda v: v[0] == LAST_CHANGE, lambda v: (LAST_CHANGE, 0x43, 71)))
    assert walked(agent).reason == "entLastChangeTime moved: the hardware changed while it was read"


def test_an_agent_without_uptime_proves_nothing() -> None:
    mib = a_mib()
    del mib[UPTIME]
    found = walked(Agent(mib))
    assert (found.state, found.reason) == (
        State.PARTIAL,
        "no sysUpTime: a restart in between cannot be ruled out",
    )


def test_a_stamp_that_vanishes_is_partial() -> None:
    agent = Agent(twist=swapped(lambda v: v[0] == UPTIME, lambda v: (NAME, OCTETS, b"")))
    assert walked(agent).reason == "sysUpTime went away while the device was read"


# Guards against what never ends


def endless(agent: Agent, request: Request, response: Response) -> Response | None:
    """Every column goes on for ever, with increasing indexes."""
    if not data(request):
        return None
    at = request.oids[request.non_repeaters :]
    rows = [
        ((*oid[: len(DESCR)], oid[-1] + step if len(oid) > len(DESCR) else step), OCTETS, b"x")
        for step in range(1, max(request.max_repetitions, 1) + 1)
        for oid in at
    ]
    return replace(response, varbinds=[*response.varbinds[: request.non_repeaters], *rows])


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(rows=50), "stopped after 50 rows"),
        (Limits(requests=7), "stopped after 7 requests"),
        (Limits(bytes=14_000), "stopped after 14000 bytes"),
    ],
)
def test_an_endless_table_ends_at_a_cap(limits: Limits, reason: str) -> None:
    agent = Agent(twist=endless)

    found = walked(agent, limits=limits)

    assert (found.state, found.reason) == (State.PARTIAL, reason)
    assert found.columns[DESCR] != {}
    assert len(agent.requests) < 60


def test_a_walk_ends_at_its_time() -> None:
    ticks = iter(range(1000))
    found = walked(Agent(twist=endless), limits=Limits(seconds=9.5), clock=lambda: next(ticks))
    assert (found.state, found.reason) == (State.PARTIAL, "stopped after 9.5 seconds")


def test_no_request_asks_for_more_rows_than_the_limit() -> None:
    agent = Agent(a_mib((DESCR,), tuple((number,) for number in range(1, 200))))
    agent.twist = lambda _, __, response: replace(response, size=200)

    walked(agent, (DESCR,), limits=Limits(repetitions=12))

    assert max(request.max_repetitions for request in agent.requests) == 12


# Sizes


def test_too_big_halves_the_repetitions_down_to_one() -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        return Response(1, 0, [], 60) if request.max_repetitions > 1 else None

    agent = Agent(a_mib((DESCR,)), twist)

    found = walked(agent, (DESCR,))

    assert found.state is State.COMPLETE
    assert [r.max_repetitions for r in agent.requests][:7] == [0, 25, 12, 6, 3, 1, 1]


def test_too_big_for_all_columns_asks_for_fewer_columns() -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        return Response(1, 0, [], 60) if len(request.oids) > 2 else None

    mib = a_mib()
    del mib[LAST_CHANGE]
    agent = Agent(mib, twist)

    found = walked(agent)

    assert found.state is State.COMPLETE
    assert found.columns == {column: cells(mib, column) for column in COLUMNS}


def test_an_agent_for_which_everything_is_too_big_is_partial() -> None:
    agent = Agent(twist=lambda _, request, __: Response(1, 0, [], 60) if data(request) else None)

    assert walked(agent).state is State.PARTIAL
    assert len(agent.requests) < 12


@pytest.mark.parametrize("error", [TimedOut("no answer in time"), Malformed("cut")])
def test_an_answer_lost_for_its_size_is_asked_for_in_smaller_pieces(error: CollectError) -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        if request.max_repetitions > 2:
            raise error
        return None

    assert walked(Agent(twist=twist)).state is State.COMPLETE


def test_repetitions_that_were_too_many_are_not_tried_again() -> None:
    lost: list[int] = []

    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        if request.max_repetitions > 2:
            lost.append(request.max_repetitions)
            raise TimedOut("no answer in time")
        return replace(response, size=100)

    many = tuple((number,) for number in range(1, 100))
    assert walked(Agent(a_mib(indexes=many), twist)).state is State.COMPLETE
    assert len(lost) == 1


@pytest.mark.parametrize("failure", [TimedOut("no answer in time"), Response(5, 0, [], 60)])
def test_an_agent_without_getbulk_is_read_by_getnext(failure: TimedOut | Response) -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        if request.kind is not Kind.GETBULK:
            return None
        if isinstance(failure, TimedOut):
            raise failure
        return failure

    agent = Agent(twist=twist)

    found = walked(agent)

    assert found.state is State.COMPLETE
    assert found.columns == {column: cells(agent.mib, column) for column in COLUMNS}


# Silence


@pytest.mark.parametrize("answers", range(1, 8))
def test_silence_in_mid_walk_keeps_what_was_read(answers: int) -> None:
    def twist(agent: Agent, request: Request, response: Response) -> Response | None:
        if len(agent.requests) > answers:
            raise TimedOut("no answer in time")
        return None

    agent = Agent(a_mib(indexes=tuple((n,) for n in range(1, 60))), twist, most=2 + 6)

    found = walked(agent)

    assert found.state is State.PARTIAL
    assert found.reason.startswith("no answer in time, at column 1.3.6.1.2.1.47.1.1.1.1.2 ")
    assert len(found.columns[DESCR]) == 2 * (answers - 1)
    assert len(agent.requests) <= answers + 5


@pytest.mark.parametrize("error", [Unreachable("no"), Refused("no"), TimedOut("no"), AuthFailed("no"), Malformed("no")])
def test_a_first_request_without_an_answer_is_the_callers_to_judge(error: CollectError) -> None:
    def twist(*_: Any) -> Response | None:
        raise error

    agent = Agent(twist=twist)
    with pytest.raises(type(error)):
        walked(agent)
    assert len(agent.requests) == 1


@pytest.mark.parametrize("error", [Refused("port closed"), AuthFailed("user gone"), Unreachable("no route")])
def test_a_later_failure_is_partial(error: CollectError) -> None:
    def twist(agent: Agent, *_: Any) -> Response | None:
        if len(agent.requests) == 3:
            raise error
        return None

    found = walked(Agent(twist=twist, most=2 + 6))

    assert (found.state, found.reason) == (State.PARTIAL, str(error))
    assert len(found.columns[DESCR]) == 2


# Scalars


def test_scalars_that_are_too_big_together_are_asked_for_in_parts() -> None:
    def twist(_: Agent, request: Request, response: Response) -> Response | None:
        return Response(1, 0, [], 60) if request.kind is Kind.GET and len(request.oids) > 1 else None

    found = walked(Agent(twist=twist))

    assert (found.state, found.scalars) == (State.COMPLETE, {NAME: b"sw1"})


def test_an_answer_about_other_scalars_is_partial() -> None:
    agent = Agent(twist=lambda _, request, response: None if data(request) else replace(response, varbinds=[]))
    assert walked(agent).reason == "the answer to GET names other objects than were asked"
