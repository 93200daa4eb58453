"""The message of SNMPv3 (RFC 3412 section 6) with USM's security parameters (RFC 3414 section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from collectors.errors import Malformed
from collectors.transports.snmp import usm
from collectors.transports.snmp.ber import OCTETS, SEQUENCE, header, integer, read_integer, read_octets, tlv
from collectors.transports.snmp.pdu import Pdu, decode_pdu
from collectors.transports.snmp.seam import User

AUTH: Final = 0x01
PRIV: Final = 0x02
_REPORTABLE: Final = 0x04
_VERSION: Final = integer(3)
_SIZE_AND_MODEL: Final = (integer(65507), integer(3))
_LONGEST_ENGINE_ID: Final = 32  # RFC 3411, SnmpEngineID
_LARGEST_TIME: Final = 2**31 - 1

REPORTS: Final = {
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 1): "unsupportedSecLevels",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 2): "notInTimeWindows",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 3): "unknownUserNames",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 4): "unknownEngineIDs",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 5): "wrongDigests",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 6): "decryptionErrors",
    (1, 3, 6, 1, 6, 3, 12, 1, 4): "unavailableContexts",
    (1, 3, 6, 1, 6, 3, 12, 1, 5): "unknownContexts",
}
"""Why an agent sent a Report: the counters of RFC 3414 section 5 and RFC 3413's SNMP-TARGET-MIB."""


@dataclass(slots=True, eq=False)
class Agent:
    """What is known of one peer's SNMP engine. `boots` and `time` come from authenticated messages only."""

    engine_id: bytes
    keys: usm.Keys
    boots: int = 0
    time: int = 0
    """The agent's own seconds when it last said so, ..."""
    heard: float = 0.0
    """... and our clock then."""

    def time_at(self, now: float) -> int:
        """The agent's engine time at `now`, 0 until it was heard."""
        return min(self.time + int(now - self.heard), _LARGEST_TIME) if self.heard else 0

    def set_clock(self, boots: int, time: int, now: float) -> None:
        """Take the agent's clock over."""
        self.boots, self.time, self.heard = boots, time, now


class Envelope(NamedTuple):
    """A received message before its security is judged; positions point into `data`."""

    data: bytes
    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    digest: tuple[int, int]
    salt: bytes
    payload: tuple[int, int]


def encode_v3(
    user: User, agent: Agent, message_id: int, pdu: bytes, counter: int, now: float, *, plain: bool = False
) -> bytes:
    """Wrap a PDU for `agent` at the user's security level, or in the clear for discovery (`plain`)."""
    auth, priv = ("", "") if plain else (user.auth, user.priv)
    flags = _REPORTABLE | (AUTH if auth else 0) | (PRIV if priv else 0)
    time = agent.time_at(now)
    context = b"" if plain else user.context.encode()
    payload = tlv(SEQUENCE, tlv(OCTETS, agent.engine_id) + tlv(OCTETS, context) + pdu)
    salt = b""
    if priv:
        secret, salt = usm.encrypt(priv, agent.keys.priv, agent.boots, time, counter, payload)
        payload = tlv(OCTETS, secret)
    blank = bytes(usm.DIGEST_SIZES[auth]) if auth else b""
    security = tlv(
        SEQUENCE,
        tlv(OCTETS, agent.engine_id)
        + integer(agent.boots)
        + integer(time)
        + tlv(OCTETS, b"" if plain else user.user.encode())
        + tlv(OCTETS, blank)
        + tlv(OCTETS, salt),
    )
    size, model = _SIZE_AND_MODEL
    head = tlv(SEQUENCE, integer(message_id) + size + tlv(OCTETS, bytes((flags,))) + model)
    message = tlv(SEQUENCE, _VERSION + head + tlv(OCTETS, security) + payload)
    if not auth:
        return message
    stop = len(message) - len(payload) - len(tlv(OCTETS, salt))
    return message[: stop - len(blank)] + usm.sign(auth, agent.keys.auth, message) + message[stop:]


def decode_envelope(data: bytes) -> Envelope:
    """Read a message up to its payload. Bytes behind the message are ignored."""
    pos, end = header(data, 0, len(data), SEQUENCE)
    data = data[:end]
    version, pos = read_integer(data, pos, end)
    if version != 3:
        raise Malformed(f"SNMP version field {version} in answer to SNMPv3")
    inner, pos = header(data, pos, end, SEQUENCE)
    message_id, inner = read_integer(data, inner, pos)
    _size, inner = read_integer(data, inner, pos)
    flags, inner = read_octets(data, inner, pos)
    model, inner = read_integer(data, inner, pos)
    if len(flags) != 1 or model != 3:
        raise Malformed("the SNMPv3 header has no USM message")
    inner, stop = header(data, pos, end, OCTETS)
    inner, pos = header(data, inner, stop, SEQUENCE)
    engine_id, inner = read_octets(data, inner, pos)
    boots, inner = read_integer(data, inner, pos)
    time, inner = read_integer(data, inner, pos)
    user, inner = read_octets(data, inner, pos)
    digest = header(data, inner, pos, OCTETS)
    salt, _ = read_octets(data, digest[1], pos)
    if len(engine_id) > _LONGEST_ENGINE_ID or not (0 <= boots <= _LARGEST_TIME and 0 <= time <= _LARGEST_TIME):
        raise Malformed("the SNMPv3 engine id, boots or time is out of range")
    return Envelope(data, message_id, flags[0], engine_id, boots, time, user, digest, salt, (stop, end))


def authentic(envelope: Envelope, user: User, agent: Agent) -> bool:
    """Whether the message carries this user's valid signature, made with the keys of the engine we know."""
    return (
        bool(user.auth and envelope.flags & AUTH)
        and envelope.user == user.user.encode()
        and usm.signature_holds(user.auth, agent.keys.auth, envelope.data, *envelope.digest)
    )


def open_payload(envelope: Envelope, user: User, agent: Agent) -> Pdu:
    """Decrypt where need be and read the PDU. Raises Malformed."""
    data, (pos, end) = envelope.data, envelope.payload
    if envelope.flags & PRIV:
        if not agent.keys.priv:
            raise Malformed("an encrypted answer to a user without privacy")
        secret, _ = read_octets(data, pos, end)
        data = usm.decrypt(user.priv, agent.keys.priv, envelope.boots, envelope.time, envelope.salt, secret)
        pos, end = 0, len(data)
    pos, end = header(data, pos, end, SEQUENCE)
    _, pos = read_octets(data, pos, end)
    _, pos = read_octets(data, pos, end)
    return decode_pdu(data, pos, end)


def report_reason(pdu: Pdu) -> str:
    """The counter that a Report names, or its first OID's last arcs where it is none we know."""
    if not pdu.varbinds:
        return "empty report"
    name = pdu.varbinds[0][0]
    return REPORTS.get(name[:-1], f"report {'.'.join(map(str, name))}")
