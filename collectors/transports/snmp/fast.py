"""The fast engine: one pair of UDP sockets for all devices, answers told apart by request id and sender.

Trust, in short. A datagram counts only if it comes from the address and port that was asked and carries the
number of an open request; numbers are never used twice. Under SNMPv3 with authentication, data and the
agent's clock are taken from signed messages only; unsigned Reports can end a request, never feed it.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self

from collectors.errors import AuthFailed, CollectError, Malformed, TimedOut, Unreachable
from collectors.transports.snmp import v3
from collectors.transports.snmp.ber import SEQUENCE, header, read_integer
from collectors.transports.snmp.pdu import REPORT, RESPONSE, Pdu, decode_v2c, encode_pdu, encode_v2c
from collectors.transports.snmp.seam import Kind, Peer, Request, Response, User
from collectors.transports.snmp.usm import Keyring, Keys
from collectors.transports.snmp.wire import Address, Wire, canonical

_WINDOW: Final = 150  # seconds, RFC 3414 section 2.2.3
_DISCOVER: Final = Request(Kind.GET, ())
_REFUSALS: Final = {
    "unsupportedSecLevels": "the agent has this user at another security level",
    "unknownUserNames": "the agent does not know this user",
    "wrongDigests": "wrong auth key or algorithm",
    "decryptionErrors": "wrong priv key or algorithm",
    "unavailableContexts": "the agent does not serve this context now",
    "unknownContexts": "the agent does not know this context",
}


@dataclass(slots=True)
class Dropped:
    """Datagrams that were not taken for an answer."""

    late: int = 0
    """From a peer that was asked: duplicates, and answers to requests already given up."""
    foreign: int = 0
    """From an address or port that was never asked."""
    malformed: int = 0
    untrusted: int = 0
    """Another community, a wrong signature, a lower security level, or outside the time window."""


class FastEngine:
    """Opened with `async with`; asks any number of peers at a time.

    `timeout` is the wait for each try in seconds, `retries` the tries after the first; all tries of a
    request are one and the same datagram, so a late answer to the first counts. `rate` caps the datagrams a
    second that leave, over all peers; None sets no cap.
    """

    def __init__(self, *, timeout: float = 2.0, retries: int = 2, rate: float | None = None) -> None:
        self.dropped = Dropped()
        self._timeout = timeout
        self._tries = retries + 1
        self._gap = 1 / rate if rate else 0.0
        self._slot = 0.0
        self._number = secrets.randbits(30)
        self._salt = secrets.randbits(64)
        self._keyring = Keyring()
        self._open: dict[Address, dict[int, _Question]] = {}
        self._met: dict[Address, bool] = {}
        self._agents: dict[tuple[Address, User], asyncio.Task[v3.Agent]] = {}

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._wire = Wire(self._received, self._failed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()
        for questions in self._open.values():
            for question in questions.values():
                question.end()
                question.future.cancel()
        for task in self._agents.values():
            task.cancel()
        await asyncio.gather(*self._agents.values(), return_exceptions=True)

    async def meet(self, peer: Peer) -> None:
        """Discover the engine of a v3 peer, as `seam.Engine` says."""
        if isinstance(peer.credential, User):
            await self._agent((canonical(peer.address), peer.port), peer.credential)

    async def ask(self, peer: Peer, request: Request) -> Response:
        """Send one request, wait for its answer. Errors as `seam.Engine` says."""
        address = (canonical(peer.address), peer.port)
        if isinstance(peer.credential, User):
            return await self._ask_v3(address, peer.credential, request)
        number = self._take_number()
        community = peer.credential.community.encode()
        datagram = encode_v2c(community, encode_pdu(request, number))
        return (await self._exchange(_Question(address, number, datagram, self._future(), community))).response

    async def _ask_v3(self, address: Address, user: User, request: Request) -> Response:
        agent = await self._agent(address, user)
        mended: set[str] = set()
        while True:
            reply = await self._exchange(self._question_v3(address, user, agent, request))
            if reply.pdu.tag == RESPONSE:
                return reply.response
            reason = v3.report_reason(reply.pdu)
            if reason in mended or reason not in ("notInTimeWindows", "unknownEngineIDs"):
                break
            # Each is mended once a request: a restarted agent has a new clock, an exchanged one a new engine
            # id.
            mended.add(reason)
            if reason == "unknownEngineIDs":
                self._agents.pop((address, user), None)
                agent = await self._agent(address, user)
        if reason in _REFUSALS:
            raise AuthFailed(_REFUSALS[reason])
        raise Malformed(f"the agent keeps reporting {reason}")

    async def _agent(self, address: Address, user: User) -> v3.Agent:
        """The peer's engine, discovered once (RFC 3414 section 4) however many ask at the same time."""
        task = self._agents.get((address, user))
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._agents[address, user] = asyncio.create_task(self._discover(address, user))
        return await asyncio.shield(task)

    async def _discover(self, address: Address, user: User) -> v3.Agent:
        number = self._take_number()
        pdu = encode_pdu(_DISCOVER, number)
        datagram = v3.encode_v3(user, _UNKNOWN, number, pdu, 0, 0.0, plain=True)
        reply = await self._exchange(_Question(address, number, datagram, self._future(), discovery=True))
        if not 5 <= len(reply.engine_id) <= 32:
            raise Malformed("the agent gives no valid engine id")
        return v3.Agent(reply.engine_id, self._keyring.keys(user, reply.engine_id))

    def _question_v3(self, address: Address, user: User, agent: v3.Agent, request: Request) -> _Question:
        number = self._take_number()
        self._salt += 1
        pdu = encode_pdu(request, number)
        datagram = v3.encode_v3(user, agent, number, pdu, self._salt, self._loop.time())
        return _Question(address, number, datagram, self._future(), user=user, agent=agent)

    def _take_number(self) -> int:
        self._number = (self._number + 1) & 0x7FFFFFFF
        return self._number

    def _future(self) -> asyncio.Future[_Reply]:
        return self._loop.create_future()

    async def _exchange(self, question: _Question) -> _Reply:
        address = question.address
        self._met.setdefault(address, False)
        questions = self._open.setdefault(address, {})
        questions[question.number] = question
        question.tries = self._tries
        try:
            self._transmit(question)
            return await question.future
        finally:
            question.end()
            del questions[question.number]
            if not questions and self._open.get(address) is questions:
                del self._open[address]

    def _transmit(self, question: _Question) -> None:
        if not self._gap:
            self._send(question)
            return
        now = self._loop.time()
        slot = max(self._slot, now)
        self._slot = slot + self._gap
        question.timer = self._loop.call_at(slot, self._send, question)

    def _send(self, question: _Question) -> None:
        question.tries -= 1
        question.timer = self._loop.call_later(self._timeout, self._silence, question)
        self._wire.send(question.address, question.datagram)

    def _silence(self, question: _Question) -> None:
        if question.tries > 0:
            self._transmit(question)
        elif question.complaint:
            question.fail(Malformed(question.complaint))
        elif self._met[question.address]:
            question.fail(TimedOut("no answer in time"))
        else:
            question.fail(Unreachable("no answer to SNMP: no such host, filtered, or another credential"))

    def _failed(self, address: Address, error: CollectError) -> None:
        for question in list(self._open.get(address, {}).values()):
            question.fail(error)

    def _received(self, address: Address, data: bytes) -> None:
        questions = self._open.get(address)
        if questions is None:
            self._drop_unasked(address)
            return
        try:
            question, reply = self._read(questions, data)
        except Malformed as error:
            self.dropped.malformed += 1
            for question in questions.values():
                question.complaint = str(error)
            return
        except _Untrusted as error:
            self.dropped.untrusted += 1
            error.question.complaint = str(error)
            return
        if question is None or question.future.done():
            self.dropped.late += 1
            return
        self._met[address] = True
        question.future.set_result(reply)

    def _drop_unasked(self, address: Address) -> None:
        if address in self._met:
            self.dropped.late += 1
        else:
            self.dropped.foreign += 1

    def _read(self, questions: dict[int, _Question], data: bytes) -> tuple[_Question | None, _Reply]:
        pos, end = header(data, 0, len(data), SEQUENCE)
        version, _ = read_integer(data, pos, end)
        if version == 3:
            return self._read_v3(questions, data)
        community, pdu = decode_v2c(data)
        question = questions.get(pdu.request_id)
        if question is not None and question.community != community:
            raise _Untrusted(question, "the answer carries another community")
        if pdu.tag != RESPONSE:
            raise Malformed("a Report in SNMPv2c")
        return question, _Reply(pdu, len(data))

    def _read_v3(self, questions: dict[int, _Question], data: bytes) -> tuple[_Question | None, _Reply]:
        envelope = v3.decode_envelope(data)
        question = questions.get(envelope.message_id)
        if question is None or question.community is not None:
            return None, _NOTHING
        if question.discovery:
            pdu = v3.open_payload(envelope, _NOBODY, _UNKNOWN)
            if pdu.tag != REPORT:
                raise Malformed("an answer to discovery that is no Report")
            return question, _Reply(pdu, len(data), envelope.engine_id)
        pdu = self._judge(question, envelope)
        return question, _Reply(pdu, len(data), envelope.engine_id)

    def _judge(self, question: _Question, envelope: v3.Envelope) -> Pdu:
        """Read a v3 answer as far as it can be trusted (RFC 3414 section 3.2); raise _Untrusted beyond."""
        user, agent = question.user, question.agent
        trusted = v3.authentic(envelope, user, agent)
        if envelope.flags & v3.AUTH and not trusted:
            raise _Untrusted(question, "the signature of the answer does not hold")
        pdu = v3.open_payload(envelope, user, agent)
        if pdu.tag == REPORT:
            if v3.report_reason(pdu) == "notInTimeWindows":
                if not trusted:
                    raise _Untrusted(question, "the agent corrects our clock without signing it")
                agent.set_clock(envelope.boots, envelope.time, self._loop.time())
            return pdu
        level = (v3.AUTH if user.auth else 0) | (v3.PRIV if user.priv else 0)
        if envelope.flags & (v3.AUTH | v3.PRIV) != level or envelope.engine_id != agent.engine_id:
            raise _Untrusted(question, "the answer has another security level or engine id than the request")
        if pdu.request_id != question.number:
            raise _Untrusted(question, "the answer's request id is not its message's")
        if trusted:
            self._keep_time(question, envelope)
        return pdu

    def _keep_time(self, question: _Question, envelope: v3.Envelope) -> None:
        """Refuse replays, follow the agent's clock.

        Measured against what the agent last said, not against our own clock: agents with a frozen engine time
        exist and lie to nobody but themselves.
        """
        agent, said = question.agent, (envelope.boots, envelope.time)
        if envelope.boots < agent.boots or (said < (agent.boots, agent.time - _WINDOW)):
            raise _Untrusted(question, "the answer is outside the time window")
        if said > (agent.boots, agent.time) or not agent.heard:
            agent.set_clock(*said, self._loop.time())


class _Reply(NamedTuple):
    pdu: Pdu
    size: int
    engine_id: bytes = b""

    @property
    def response(self) -> Response:
        pdu = self.pdu
        return Response(pdu.error_status, pdu.error_index, pdu.varbinds, self.size)


_NOBODY: Final = User("-")
_UNKNOWN: Final = v3.Agent(b"", Keys())
_NOTHING: Final = _Reply(Pdu(0, 0, 0, 0, []), 0)


@dataclass(slots=True, eq=False)
class _Question:
    """A request on its way."""

    address: Address
    number: int
    datagram: bytes
    future: asyncio.Future[_Reply]
    community: bytes | None = None
    discovery: bool = False
    user: User = _NOBODY
    agent: v3.Agent = _UNKNOWN
    tries: int = 0
    timer: asyncio.TimerHandle | None = None
    complaint: str = ""
    """What was wrong with the last datagram that claimed to answer."""

    def end(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def fail(self, error: CollectError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _Untrusted(Exception):
    def __init__(self, question: _Question, why: str) -> None:
        super().__init__(why)
        self.question = question
