"""PDUs, and the message of SNMPv2c around them (RFC 3416 section 3, RFC 1901)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from collectors.errors import Malformed
from collectors.oids import Oid
from collectors.transports.snmp.ber import (
    OBJECT,
    OCTETS,
    SEQUENCE,
    encode_oid,
    header,
    integer,
    read_integer,
    read_octets,
    tlv,
    varbinds,
)
from collectors.transports.snmp.seam import Kind, Request, Varbind

RESPONSE: Final = 0xA2
REPORT: Final = 0xA8
_V2C: Final = integer(1)
_NO_ERROR: Final = integer(0) * 2
_TAGS: Final = {Kind.GET: 0xA0, Kind.GETNEXT: 0xA1, Kind.GETBULK: 0xA5}


class Pdu(NamedTuple):
    """A PDU as received; `tag` is RESPONSE or REPORT."""

    tag: int
    request_id: int
    error_status: int
    error_index: int
    varbinds: list[Varbind]


def encode_pdu(request: Request, request_id: int) -> bytes:
    """Encode a request. Only the three reading kinds have a tag here."""
    counts = (
        integer(request.non_repeaters) + integer(request.max_repetitions) if request.kind is Kind.GETBULK else _NO_ERROR
    )
    names = b"".join(map(_asked, request.oids))
    return tlv(_TAGS[request.kind], integer(request_id) + counts + tlv(SEQUENCE, names))


def decode_pdu(data: bytes, pos: int, end: int) -> Pdu:
    """Read a Response or Report PDU that fills `pos` to `end`."""
    tag = data[pos] if pos < end else 0
    if tag not in (RESPONSE, REPORT):
        raise Malformed(f"a PDU with tag {tag:#04x} is no answer")
    pos, stop = header(data, pos, end, tag)
    if stop != end:
        raise Malformed("bytes follow the PDU")
    request_id, pos = read_integer(data, pos, stop)
    error_status, pos = read_integer(data, pos, stop)
    error_index, pos = read_integer(data, pos, stop)
    pos, end = header(data, pos, stop, SEQUENCE)
    if end != stop:
        raise Malformed("bytes follow the varbinds")
    return Pdu(tag, request_id, error_status, error_index, varbinds(data, pos, end))


def encode_v2c(community: bytes, pdu: bytes) -> bytes:
    """Wrap a PDU into a message of SNMPv2c."""
    return tlv(SEQUENCE, _V2C + tlv(OCTETS, community) + pdu)


def decode_v2c(data: bytes) -> tuple[bytes, Pdu]:
    """Read a message of SNMPv2c: its community and its PDU. Bytes behind the message are ignored."""
    pos, end = header(data, 0, len(data), SEQUENCE)
    version, pos = read_integer(data, pos, end)
    if version != 1:
        raise Malformed(f"SNMP version field {version} in answer to SNMPv2c")
    community, pos = read_octets(data, pos, end)
    return community, decode_pdu(data, pos, end)


@lru_cache(maxsize=1024)
def _asked(oid: Oid) -> bytes:
    return tlv(SEQUENCE, tlv(OBJECT, encode_oid(oid)) + b"\x05\x00")
