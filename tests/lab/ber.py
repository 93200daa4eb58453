"""BER for SNMP: the types of RFC 3416 and no more, written apart from the product's codec.

The lab judges the product, so the two share no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

Oid = tuple[int, ...]

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OBJECT_ID: Final = 0x06
SEQUENCE: Final = 0x30
IP_ADDRESS: Final = 0x40
COUNTER32: Final = 0x41
GAUGE32: Final = 0x42
TIME_TICKS: Final = 0x43
OPAQUE: Final = 0x44
COUNTER64: Final = 0x46
NO_SUCH_OBJECT: Final = b"\x80\x00"
NO_SUCH_INSTANCE: Final = b"\x81\x00"
END_OF_MIB_VIEW: Final = b"\x82\x00"


class BadPacketError(ValueError):
    """The bytes are no BER message this lab understands."""


def tlv(tag: int, content: bytes) -> bytes:
    """One value: tag, definite length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def integer(number: int, tag: int = INTEGER) -> bytes:
    """INTEGER in two's complement; with *tag* also the unsigned kinds, a zero in front where needed."""
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(content: bytes | str) -> bytes:
    return tlv(OCTETS, content.encode() if isinstance(content, str) else content)


@lru_cache(maxsize=65536)  # a thousand devices of one profile have the same objects
def object_id(oid: Oid) -> bytes:
    return tlv(OBJECT_ID, oid_content(oid))


def oid_content(oid: Oid) -> bytes:
    """Base 128 arcs, the first two in one octet.

    >>> oid_content((1, 3, 6, 1, 4, 1, 30826)).hex()
    '2b0601040181f06a'
    """
    if len(oid) < 2:
        oid = (*oid, 0, 0)[:2]
    content = bytearray()
    for arc in (oid[0] * 40 + oid[1], *oid[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | (arc & 0x7F))
        content.extend(reversed(septets))
    return bytes(content)


def read(data: bytes, at: int = 0) -> tuple[int, bytes, int]:
    """The tag and content of the value at *at*, and where the next one begins."""
    try:
        tag, size = data[at], data[at + 1]
    except IndexError:
        raise BadPacketError("a value ends before its length") from None
    start = at + 2
    if size & 0x80:
        octet_count = size & 0x7F
        size = int.from_bytes(data[start : start + octet_count], "big")
        start += octet_count
    end = start + size
    if end > len(data):
        raise BadPacketError("a value ends before its content")
    return tag, data[start:end], end


def read_all(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The values inside a constructed one."""
    at = 0
    while at < len(content):
        tag, inner, at = read(content, at)
        yield tag, inner


def expect(content: bytes, tags: Iterable[int]) -> list[bytes]:
    """The contents of values that must come in the order of *tags*; 0 stands for any tag."""
    found = list(read_all(content))
    wanted = list(tags)
    if len(found) < len(wanted) or any(w not in (0, f[0]) for w, f in zip(wanted, found, strict=False)):
        raise BadPacketError(f"tags {[f[0] for f in found]} where {wanted} should be")
    return [inner for _, inner in found[: len(wanted)]]


def read_integer(content: bytes) -> int:
    return int.from_bytes(content, "big", signed=True)


def read_oid(content: bytes) -> Oid:
    arcs: list[int] = []
    arc = 0
    for octet in content:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs:
        raise BadPacketError("an empty object identifier")
    top = min(arcs[0] // 40, 2)
    return (top, arcs[0] - 40 * top, *arcs[1:])
