"""What the engine believes under SNMPv3: the lab's agent, with one thing about its answers changed."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from collectors.errors import CollectError, Malformed
from collectors.transports.snmp import Kind, Peer, Request, User
from collectors.transports.snmp.fast import Dropped, FastEngine
from tests.collectors.snmp.scripted import listening
from tests.lab import Access, Device, Faults, Score
from tests.lab import ber as lab_ber
from tests.lab.agent import Agent

NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
ASK = Request(Kind.GET, (NAME,))
AUDIT = User("audit", "sha1", Access().auth_key, "aes128", Access().priv_key)
WINDOWS_REPORT = 2


class Odd(Agent):
    """An honest agent until `odd` is set."""

    odd = False

    def __init__(self, faults: Faults = Faults()) -> None:  # noqa: B008 - a frozen value
        device = Device("127.0.0.1", mib={NAME: lab_ber.octets("sw1")}, faults=faults)
        self.now = 1000.0
        super().__init__(device, Score(), lambda: self.now)

    def packets(self, data: bytes) -> list[bytes]:
        return [reply.packet for reply in self.answer(data)]


class BadSignature(Odd):
    def packets(self, data: bytes) -> list[bytes]:
        return [packet[:-1] + bytes((packet[-1] ^ 1,)) if self.odd else packet for packet in super().packets(data)]


class Downgraded(Odd):
    def _message(self, sent: Any, scoped: bytes) -> bytes:
        return super()._message(replace(sent, user=None, level=0) if self.odd else sent, scoped)


class Unencrypted(Odd):
    def _message(self, sent: Any, scoped: bytes) -> bytes:
        return super()._message(replace(sent, level=1) if self.odd else sent, scoped)


class OtherUser(Odd):
    def _message(self, sent: Any, scoped: bytes) -> bytes:
        user = replace(sent.user, name="other") if self.odd else sent.user
        return super()._message(replace(sent, user=user), scoped)


class OtherEngine(Odd):
    """Says another engine id with the keys of the old one."""

    def _message(self, sent: Any, scoped: bytes) -> bytes:
        mine = self._device
        if self.odd:
            self._device = Device("127.0.0.2", mib=mine.mib)
        try:
            return super()._message(sent, scoped)
        finally:
            self._device = mine


class Lagging(Odd):
    def _message(self, sent: Any, scoped: bytes) -> bytes:
        self._base -= 1000 if self.odd else 0
        try:
            return super()._message(sent, scoped)
        finally:
            self._base += 1000 if self.odd else 0


class WrongNumber(Odd):
    def _respond(self, tag: int, pdu: bytes, room: int) -> bytes | None:
        answer = super()._respond(tag, pdu, room)
        if not self.odd or answer is None:
            return answer
        number = pdu[2:6]  # a PDU starts with its request id: two bytes of header, four of number
        return answer.replace(number, bytes((number[0] ^ 1,)) + number[1:], 1)


class UnsignedClock(Odd):
    def _report(self, sent: Any, counter: int, scoped: bytes) -> Any:
        if self.odd and counter == WINDOWS_REPORT:
            sent = replace(sent, user=None, level=0)
        return super()._report(sent, counter, scoped)


def asked_twice(agent: Odd, between: Any = None) -> tuple[list[Any], Dropped, list[bytes]]:
    """The outcome of a request to the honest agent, of one to the odd agent, and what reached the agent."""
    seen: list[bytes] = []

    def react(data: bytes) -> list[bytes]:
        seen.append(data)
        return agent.packets(data)

    async def outcome(engine: FastEngine, peer: Peer) -> Any:
        try:
            return [value for _, _, value in (await engine.ask(peer, ASK)).varbinds]
        except CollectError as error:
            return type(error)

    async def work() -> tuple[list[Any], Dropped, list[bytes]]:
        async with FastEngine(timeout=0.2, retries=0) as engine, listening(react) as port:
            peer = Peer("127.0.0.1", port, AUDIT)
            found = [await outcome(engine, peer)]
            seen.clear()
            agent.odd = True
            if between:
                between(agent)
            return [*found, await outcome(engine, peer)], engine.dropped, seen

    return asyncio.run(work())


@pytest.mark.parametrize("kind", [BadSignature, Downgraded, Unencrypted, OtherUser, OtherEngine, Lagging, WrongNumber])
def test_an_answer_that_cannot_be_trusted_is_no_answer(kind: type[Odd]) -> None:
    found, dropped, _ = asked_twice(kind())

    assert found == [[b"sw1"], Malformed]
    assert dropped == Dropped(untrusted=1)


def test_an_unsigned_report_does_not_set_our_clock() -> None:
    def restart(agent: Odd) -> None:
        agent._boots += 1

    found, dropped, seen = asked_twice(UnsignedClock(), restart)

    assert found == [[b"sw1"], Malformed]
    assert (dropped, len(seen)) == (Dropped(untrusted=1), 1)


def reboot(agent: Odd) -> None:
    agent._boots, agent._base, agent._started = agent._boots + 1, 0.0, agent.now


def forget_boots(agent: Odd) -> None:
    agent._boots, agent._base, agent._started = 0, 0.0, agent.now


def drift(agent: Odd) -> None:
    agent.now += 3600


def step_back(agent: Odd) -> None:
    agent.now -= 3600


@pytest.mark.parametrize("change", [reboot, forget_boots, drift, step_back])
def test_a_new_clock_costs_one_more_request(change: Any) -> None:
    found, dropped, seen = asked_twice(Odd(), change)

    assert found == [[b"sw1"], [b"sw1"]]
    assert (dropped, len(seen)) == (Dropped(), 2)


def test_an_agent_that_rejects_every_clock_is_asked_twice_and_no_more() -> None:
    class Picky(Odd):
        def packets(self, data: bytes) -> list[bytes]:
            if self.odd:
                self._boots += 1
            return super().packets(data)

    found, _, seen = asked_twice(Picky())

    assert found == [[b"sw1"], Malformed]
    assert len(seen) == 2
