"""An SNMP agent: v2c and v3 (USM), GET, GETNEXT and GETBULK, answers of at most 1,472 octets.

Sources: RFC 3416 (operations), RFC 3412 and 3414 (v3 messages, reports, time window).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.lab import ber, usm
from tests.lab.ber import BadPacketError, Oid
from tests.lab.device import SNMP_ENGINE, SYS_UP_TIME, Clock, Device, Score, engine_group
from tests.lab.view import AgentError, View

MAX_ANSWER: Final = 1472
"""One Ethernet frame less the IPv4 and UDP headers."""
WINDOW: Final = 150
"""Seconds an authoritative engine allows a message to be off (RFC 3414 section 2.2.3)."""

GET, GETNEXT, RESPONSE, SET, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8
TOO_BIG: Final = 1
NO_ACCESS: Final = 6
AUTHORIZATION_ERROR: Final = 16

_USM_STATS: Final[Oid] = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_LEVELS, _WINDOWS, _USERS, _ENGINES, _DIGESTS, _DECRYPTION = 1, 2, 3, 4, 5, 6
_OVERHEAD: Final = 40
"""Tags, lengths and numbers around the bindings, at their longest, names and digests not counted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A packet to send, and how many seconds from now."""

    packet: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class _Security:
    """What the v3 header of a request said and proved."""

    msg_id: bytes
    user: usm.User | None
    level: int
    """0 noAuthNoPriv, 1 authNoPriv, 3 authPriv: the two low bits of msgFlags."""
    salt: bytes
    max_size: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a request found."""

    status: int
    index: int
    bindings: bytes
    lasting: bool = True
    """Whether the same request will always find the same."""


_TOO_BIG: Final = _Answer(TOO_BIG, 0, b"")
_CACHED: Final = 4096


class Agent:
    """One device's agent. `answer` takes a packet and gives the packets to send back, none for silence."""

    def __init__(self, device: Device, score: Score, clock: Clock) -> None:
        self._device = device
        self._score = score
        self._clock = clock
        self._started = clock()
        self._boots = device.boots
        self._base = device.uptime / 100
        self._answered = 0
        self._salt = 0
        self._reports = dict.fromkeys(range(1, 7), 0)
        access = device.access
        self._user = usm.User("", "", b"", "", b"")
        self._user_args = (
            access.v3_user, access.auth, access.auth_key, access.priv, access.priv_key, device.engine_id,
        )  # fmt: skip
        live: dict[Oid, Callable[[], bytes]] = {
            SYS_UP_TIME: lambda: ber.integer(int(self._uptime() * 100) & 0xFFFFFFFF, ber.TIME_TICKS),
            (*SNMP_ENGINE, 2, 0): lambda: ber.integer(self._boots),
            (*SNMP_ENGINE, 3, 0): lambda: ber.integer(int(self._uptime())),
        }
        self._view = View({**device.mib, **engine_group(device)}, live, device.faults)
        self._cache: dict[bytes, _Answer] = {}

    def answer(self, packet: bytes) -> list[Reply]:
        """What goes back for *packet*; rubbish, a wrong community and exhausted agents are silence."""
        self._score.snmp_packets += 1
        try:
            _, message, _ = ber.read(packet)
            version = ber.read_integer(ber.expect(message, (ber.INTEGER,))[0])
            if version == 1:
                return self._answer_v2c(message)
            return self._answer_v3(packet, message) if version == 3 else []
        except (BadPacketError, ValueError):
            return []

    def _uptime(self) -> float:
        return self._base + self._clock() - self._started

    # --- v2c -----------------------------------------------------------------------------------------------

    def _answer_v2c(self, message: bytes) -> list[Reply]:
        parts = list(ber.read_all(message))
        community, (tag, pdu) = parts[1][1], parts[2]
        if community != self._device.access.community.encode():
            self._score.snmp_refused += 1
            return []
        answer = self._respond(tag, pdu, MAX_ANSWER - _OVERHEAD - len(community))
        if answer is None:
            return []
        return self._sent(ber.sequence(ber.integer(1), ber.octets(community), answer))

    # --- v3 ------------------------------------------------------------------------------------------------

    def _answer_v3(self, packet: bytes, message: bytes) -> list[Reply]:
        _, header, security, data = ber.expect(message, (ber.INTEGER, ber.SEQUENCE, ber.OCTETS, 0))
        msg_id, max_size, flags, _ = ber.expect(header, (ber.INTEGER, ber.INTEGER, ber.OCTETS, ber.INTEGER))
        fields = ber.expect(ber.read(security)[1], (ber.OCTETS, ber.INTEGER, ber.INTEGER, *(ber.OCTETS,) * 3))
        engine, boots, time, name, digest, salt = fields
        level = flags[0] & 3
        anonymous = _Security(msg_id, None, 0, b"", ber.read_integer(max_size))
        if engine != self._device.engine_id:
            return self._report(anonymous, _ENGINES, data)
        user = self._known(name)
        if user is None:
            self._score.snmp_refused += 1
            return self._report(anonymous, _USERS, data)
        if (level & 1 and not user.auth) or (level & 2 and not (user.priv and level & 1)):
            return self._report(anonymous, _LEVELS, data)
        if level & 1 and not self._authentic(user, packet, digest):
            self._score.snmp_refused += 1
            return self._report(anonymous, _DIGESTS, data)
        sent = _Security(msg_id, user, level, salt, ber.read_integer(max_size))
        when = ber.read_integer(boots), ber.read_integer(time)
        if level & 1 and not (when[0] == self._boots and abs(when[1] - int(self._uptime())) <= WINDOW):
            return self._report(_Security(msg_id, user, 1, b"", sent.max_size), _WINDOWS, data)
        if level & 2:
            data = self._decrypted(sent, when, data)
            if not data:
                return self._report(anonymous, _DECRYPTION, b"")
        return self._scoped(sent, data)

    def _known(self, name: bytes) -> usm.User | None:
        if name != self._device.access.v3_user.encode():
            return None
        if not self._user.name:  # keys are made at the first visit: a thousand agents start at once
            self._user = usm.localised(*self._user_args)
        return self._user

    def _authentic(self, user: usm.User, packet: bytes, digest: bytes) -> bool:
        size = usm.digest_size(user)
        if len(digest) != size:
            return False
        return usm.digest(user, packet.replace(digest, bytes(size), 1)) == digest

    def _decrypted(self, sent: _Security, when: tuple[int, int], data: bytes) -> bytes:
        """The scoped PDU, or b"" where the key or the padding is wrong."""
        if sent.user is None or len(sent.salt) != 8:
            return b""
        try:
            tag, content, _ = ber.read(usm.decrypt(sent.user, *when, sent.salt, data))
        except (BadPacketError, ValueError):
            return b""
        return content if tag == ber.SEQUENCE else b""

    def _scoped(self, sent: _Security, scoped: bytes) -> list[Reply]:
        context_engine, context, (tag, pdu) = (part for part in _scoped_parts(scoped))
        if self._weaker(sent):
            answer: bytes | None = _pdu(RESPONSE, _request_id(pdu), AUTHORIZATION_ERROR, 1, _bindings(pdu))
        else:
            names = len(context_engine[1]) + len(context[1]) + 2 * len(self._device.engine_id)
            room = min(MAX_ANSWER, sent.max_size) - _OVERHEAD - 100 - names
            answer = self._respond(tag, pdu, room)
        if answer is None:
            return []
        return self._sent(self._message(sent, ber.tlv(*context_engine) + ber.tlv(*context) + answer))

    def _weaker(self, sent: _Security) -> bool:
        """Whether the request came at a lower level than the user's group asks for."""
        user = sent.user
        return user is not None and (
            (bool(user.auth) and not sent.level & 1) or (bool(user.priv) and not sent.level & 2)
        )

    def _report(self, sent: _Security, counter: int, scoped: bytes) -> list[Reply]:
        self._reports[counter] += 1
        binding = ber.sequence(
            ber.object_id((*_USM_STATS, counter, 0)), ber.integer(self._reports[counter], ber.COUNTER32)
        )
        pdu = _pdu(REPORT, _readable_request_id(scoped), 0, 0, binding)
        inner = ber.octets(self._device.engine_id) + ber.octets(b"") + pdu
        return [Reply(self._message(sent, inner))]

    def _message(self, sent: _Security, scoped: bytes) -> bytes:
        """A whole v3 message at the level of *sent*, encrypted and signed as it asks."""
        user, level = sent.user, sent.level
        data, salt = ber.sequence(scoped), b""
        time = int(self._uptime())
        if level & 2 and user is not None:
            self._salt += 1
            salt = (self._boots.to_bytes(4, "big") if user.priv == "des" else bytes(4)) + self._salt.to_bytes(4, "big")
            data = ber.octets(usm.encrypt(user, self._boots, time, salt, data))
        header = ber.sequence(
            ber.tlv(ber.INTEGER, sent.msg_id), ber.integer(65507), ber.octets(bytes((level,))), ber.integer(3)
        )
        name = user.name if user else ""

        def built(digest: bytes) -> bytes:
            security = ber.sequence(
                ber.octets(self._device.engine_id), ber.integer(self._boots), ber.integer(time),
                ber.octets(name), ber.octets(digest), ber.octets(salt),
            )  # fmt: skip
            return ber.sequence(ber.integer(3), header, ber.octets(security), data)

        if level & 1 and user is not None:
            return built(usm.digest(user, built(bytes(usm.digest_size(user)))))
        return built(b"")

    # --- operations ----------------------------------------------------------------------------------------

    def _respond(self, tag: int, pdu: bytes, room: int) -> bytes | None:
        """The response PDU, None for silence."""
        faults = self._device.faults
        if tag == SET:
            self._score.snmp_sets += 1
            return _pdu(RESPONSE, _request_id(pdu), NO_ACCESS, 1, _bindings(pdu))
        if tag not in (GET, GETNEXT, GETBULK):
            return None
        self._score.snmp_requests += 1
        if faults.silent_after is not None and self._answered >= faults.silent_after:
            return None
        if faults.reboot_after is not None and self._answered == faults.reboot_after:
            self._boots, self._base, self._started = self._boots + 1, 0.0, self._clock()
        self._answered += 1
        request_id = _request_id(pdu)
        key = bytes((tag,)) + room.to_bytes(4, "big") + pdu[2 + len(request_id) :]
        found = self._cache.get(key) or self._operate(tag, pdu, room)
        if found is None:
            return None
        if found.lasting and len(self._cache) < _CACHED:
            self._cache[key] = found
        if faults.wrong_request_id:
            request_id = (ber.read_integer(request_id) ^ 1).to_bytes(4, "big", signed=True)
        return _pdu(RESPONSE, request_id, found.status, found.index, found.bindings)

    def _operate(self, tag: int, pdu: bytes, room: int) -> _Answer | None:
        _, second, third, bindings = ber.expect(pdu, (ber.INTEGER, ber.INTEGER, ber.INTEGER, ber.SEQUENCE))
        asked = [ber.read_oid(ber.expect(binding, (ber.OBJECT_ID,))[0]) for _, binding in ber.read_all(bindings)]
        if tag != GET and self._device.faults.empty_bindings:
            return _Answer(0, 0, b"")
        if tag == GETBULK:
            return self._bulk(asked, ber.read_integer(second), ber.read_integer(third), bindings, room)
        places = asked if tag == GET else None
        encoded, keep = [], True
        for position, oid in enumerate(asked, 1):
            try:
                place = oid if places is not None else self._view.next(oid)
            except AgentError as error:
                return _Answer(error.status, position, bindings)
            if self._hushed(place):
                return None
            keep = keep and not (place is not None and self._view.is_live(place))
            if tag == GET:
                encoded.append(self._view.get(oid))
            else:
                encoded.append(self._view.binding(place) if place is not None else _end(oid))
        answer = b"".join(encoded)
        return _TOO_BIG if len(answer) > room else _Answer(0, 0, answer, keep)

    def _bulk(
        self, asked: list[Oid], non_repeaters: int, repetitions: int, bindings: bytes, room: int
    ) -> _Answer | None:
        most = self._device.faults.max_repetitions
        if most is not None and repetitions > most:
            return _TOO_BIG
        fixed = max(0, min(non_repeaters, len(asked)))
        at: list[Oid] = list(asked)
        ended = [False] * len(asked)
        encoded: list[bytes] = []
        keep = True
        columns = range(len(asked))
        for repetition in range(max(repetitions, 1 if fixed else 0)):
            for column in columns if repetition == 0 else range(fixed, len(asked)):
                if repetition == 0 and column >= fixed and repetitions <= 0:
                    continue
                try:
                    place = None if ended[column] else self._view.next(at[column])
                except AgentError as error:
                    return _Answer(error.status, column + 1, bindings)
                if self._hushed(place):
                    return None
                ended[column] = place is None
                at[column] = at[column] if place is None else place
                keep = keep and not (place is not None and self._view.is_live(place))
                binding = _end(at[column]) if place is None else self._view.binding(place)
                room -= len(binding)
                if room < 0:
                    return _Answer(0, 0, b"".join(encoded), keep) if encoded else _TOO_BIG
                encoded.append(binding)
            if all(ended[fixed:]):
                break
        return _Answer(0, 0, b"".join(encoded), keep)

    def _hushed(self, oid: Oid | None) -> bool:
        start = self._device.faults.silent_from
        return start is not None and oid is not None and oid >= start

    def _sent(self, message: bytes) -> list[Reply]:
        faults = self._device.faults
        if faults.truncate:
            message = message[: -faults.truncate]
        replies = [Reply(message, faults.delay)]
        if faults.duplicate:
            replies.append(Reply(message, faults.delay))
        if faults.late_copy is not None:
            replies.append(Reply(message, faults.late_copy))
        return replies


def _pdu(tag: int, request_id: bytes, status: int, index: int, bindings: bytes) -> bytes:
    return ber.tlv(
        tag,
        ber.tlv(ber.INTEGER, request_id) + ber.integer(status) + ber.integer(index) + ber.tlv(ber.SEQUENCE, bindings),
    )


def _request_id(pdu: bytes) -> bytes:
    return ber.expect(pdu, (ber.INTEGER,))[0]


def _bindings(pdu: bytes) -> bytes:
    return ber.expect(pdu, (ber.INTEGER, ber.INTEGER, ber.INTEGER, ber.SEQUENCE))[3]


def _scoped_parts(scoped: bytes) -> list[tuple[int, bytes]]:
    parts = list(ber.read_all(scoped))
    if len(parts) < 3:
        raise BadPacketError("a scoped PDU has three parts")
    return parts[:3]


def _readable_request_id(scoped: bytes) -> bytes:
    """The request id of a PDU that came in clear, 0 of an encrypted one (RFC 3412 section 7.1 step 3c)."""
    try:
        return _request_id(_scoped_parts(scoped)[2][1])
    except (BadPacketError, IndexError):
        return b"\0"


def _end(oid: Oid) -> bytes:
    return ber.sequence(ber.object_id(oid), ber.END_OF_MIB_VIEW)
