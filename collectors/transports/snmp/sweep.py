"""Who speaks SNMP in a range of addresses: one probe, encoded once, sent to each of them at a steady rate.

Nothing is kept for an address that stays silent but one byte. Two probes are known:

* engine discovery (RFC 3414 section 4) holds no user and no secret: the Report that answers it tells the engine
  id and, in most agents, the engine's boots and time;
* one GET of SNMPv2c, which carries the one community it is given.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from collectors.errors import CollectError, Malformed, Unreachable
from collectors.oids import Oid
from collectors.transports.pace import Pace
from collectors.transports.snmp import v3
from collectors.transports.snmp.pdu import REPORT, RESPONSE, decode_v2c, encode_pdu, encode_v2c
from collectors.transports.snmp.seam import EXCEPTIONS, Community, Kind, Request, User, Varbind
from collectors.transports.snmp.usm import Keys
from collectors.transports.snmp.wire import Address, Wire

_NOBODY: Final = User("-")
_UNKNOWN: Final = v3.Agent(b"", Keys())
_ASKED: Final = 1
_DONE: Final = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address said to a probe."""

    address: str
    engine_id: bytes = b""
    boots: int = 0
    """Of the engine, as it says without a signature; 0 where it does not."""
    time: int = 0
    """Seconds since the engine started, likewise."""
    heard: float = 0.0
    """Our own clock when it said so."""
    varbinds: tuple[Varbind, ...] = ()
    """Answer to the GET of SNMPv2c; empty for engine discovery."""


@dataclass(slots=True)
class Tally:
    """What a sweep did; it grows while the sweep runs."""

    addresses: int = 0
    """Addresses that were asked."""
    packets: int = 0
    answered: int = 0
    closed: int = 0
    """Hosts that said that nothing listens on the port."""
    unsendable: int = 0
    """Addresses that this host has no way to."""
    refused: int = 0
    """Addresses of the range that the scope does not allow: not asked."""
    foreign: int = 0
    """Datagrams from elsewhere, or that answer nothing we sent: not read."""


class Places(Protocol):
    """The addresses of a sweep, each with a number."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...

    def place(self, address: str) -> int | None:
        """The number of an address, None where it is not one of them."""


class Probe(Protocol):
    """A datagram that is the same for every address, and how to know its answer."""

    datagram: bytes

    def read(self, address: str, data: bytes, heard: float) -> Answer | None:
        """The answer in *data*; None where it answers something else. Raises Malformed."""


class Discovery:
    """Asks for the engine id. No user, no community, no secret."""

    def __init__(self) -> None:
        self._number = secrets.randbits(31)
        pdu = encode_pdu(Request(Kind.GET, ()), self._number)
        self.datagram = v3.encode_v3(_NOBODY, _UNKNOWN, self._number, pdu, 0, 0.0, plain=True)

    def read(self, address: str, data: bytes, heard: float) -> Answer | None:
        """The engine's id and clock in a Report; an id of impossible length is left out."""
        envelope = v3.decode_envelope(data)
        if envelope.message_id != self._number or v3.open_payload(envelope, _NOBODY, _UNKNOWN).tag != REPORT:
            return None
        engine_id = envelope.engine_id if 5 <= len(envelope.engine_id) <= 32 else b""
        return Answer(address, engine_id, envelope.boots, envelope.time, heard)


class Knock:
    """Asks for *oids* with one community of SNMPv2c."""

    def __init__(self, credential: Community, oids: tuple[Oid, ...]) -> None:
        self._number = secrets.randbits(31)
        self._community = credential.community.encode()
        self.datagram = encode_v2c(self._community, encode_pdu(Request(Kind.GET, oids), self._number))

    def read(self, address: str, data: bytes, heard: float) -> Answer | None:
        """The objects that the agent has; an error status is an answer without any."""
        community, pdu = decode_v2c(data)
        if (community, pdu.request_id, pdu.tag) != (self._community, self._number, RESPONSE):
            return None
        kept = () if pdu.error_status else tuple(one for one in pdu.varbinds if one[1] not in EXCEPTIONS)
        return Answer(address, heard=heard, varbinds=kept)


async def sweep(
    places: Places,
    port: int,
    passes: Sequence[Probe],
    *,
    pace: Pace,
    allows: Callable[[str], bool],
    heard: Callable[[Answer], None],
    tally: Tally,
    timeout: float = 1.0,
) -> None:
    """Send the first probe of *passes* to every address, then the next to those still silent, and so on.

    *allows* is asked before anything is sent to an address; *heard* gets the first answer of each. A pass starts
    no sooner than *timeout* seconds after the one before it, and the last one is waited for as long, unless all have
    answered. Datagrams count only from the address and port that was asked, and with the number of a probe.
    """
    loop = asyncio.get_running_loop()
    asked = _Asked(places, port, tuple(dict.fromkeys(passes)), heard, tally, bytearray(len(places)))
    asked.wire = wire = Wire(asked.received, asked.failed)
    try:
        for number, probe in enumerate(passes):
            begun = loop.time()
            if number == 0:
                await _first_pass(asked, probe, pace, allows)
            else:
                await _again(asked, probe, pace)
            await asked.quiet(begun + timeout)
        await asked.quiet(asked.last + timeout)
    finally:
        wire.close()


@dataclass(slots=True)
class _Asked:
    """The addresses of a sweep, one byte each: not asked, asked, done."""

    places: Places
    port: int
    probes: Sequence[Probe]
    heard: Callable[[Answer], None]
    tally: Tally
    state: bytearray
    wire: Wire = field(init=False)
    last: float = 0.0
    """When the last datagram left."""
    silent: int = 0
    """How many addresses were asked and have not answered."""
    heard_all: asyncio.Event = field(default_factory=asyncio.Event)

    async def quiet(self, end: float) -> None:
        """Wait for answers until *end*, or until nobody is left who owes one."""
        self.heard_all.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                if self.silent:
                    await self.heard_all.wait()

    def send(self, address: str, probe: Probe) -> None:
        self.tally.packets += 1
        self.last = asyncio.get_running_loop().time()
        self.wire.send((address, self.port), probe.datagram)

    def received(self, source: Address, data: bytes) -> None:
        place = self._place(source)
        answer = self._read(source[0], data) if place is not None and self.state[place] else None
        if place is None or answer is None:
            self.tally.foreign += 1
        elif self.state[place] == _ASKED:
            self._done(place)
            self.tally.answered += 1
            self.heard(answer)

    def failed(self, source: Address, error: CollectError) -> None:
        place = self._place(source)
        if place is None or self.state[place] != _ASKED:
            return
        self._done(place)
        if isinstance(error, Unreachable):
            self.tally.unsendable += 1
        else:
            self.tally.closed += 1

    def ask_first(self, place: int, address: str, probe: Probe) -> None:
        self.tally.addresses += 1
        self.silent += 1
        self.state[place] = _ASKED
        self.send(address, probe)

    def _done(self, place: int) -> None:
        self.state[place] = _DONE
        self.silent -= 1
        if not self.silent:
            self.heard_all.set()

    def _place(self, source: Address) -> int | None:
        return self.places.place(source[0]) if source[1] == self.port else None

    def _read(self, address: str, data: bytes) -> Answer | None:
        now = asyncio.get_running_loop().time()
        for probe in self.probes:
            with suppress(Malformed):
                if answer := probe.read(address, data, now):
                    return answer
        return None


async def _first_pass(asked: _Asked, probe: Probe, pace: Pace, allows: Callable[[str], bool]) -> None:
    for place, address in enumerate(asked.places):
        if not allows(address):
            asked.tally.refused += 1
            asked.state[place] = _DONE
            continue
        await pace.turn()
        asked.ask_first(place, address, probe)


async def _again(asked: _Asked, probe: Probe, pace: Pace) -> None:
    for place, address in enumerate(asked.places):
        if asked.state[place] == _ASKED:
            await pace.turn()
            if asked.state[place] == _ASKED:  # it may have answered meanwhile
                asked.send(address, probe)
