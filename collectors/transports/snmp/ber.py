"""The part of BER (ITU-T X.690) that SNMP uses: definite lengths, a handful of types, two levels of nesting.

Nothing here recurses and every length is checked against what was received, so the work is bounded by the
size of the datagram. What cannot be read raises Malformed; a value of an unexpected shape is kept as raw
bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from collectors.errors import Malformed
from collectors.oids import Oid, Value

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = 0x05
OBJECT: Final = 0x06
SEQUENCE: Final = 0x30
COUNTER32: Final = 0x41
GAUGE32: Final = 0x42
TIMETICKS: Final = 0x43
COUNTER64: Final = 0x46
UNSIGNED32: Final = 0x47

_LARGEST_ARC: Final = 2**32 - 1
_MOST_ARCS: Final = 128  # RFC 2578 section 3.5
_LONGEST_INTEGER: Final = 16  # Counter64 has 9; beyond this it is no number any MIB means
_LONGEST_LENGTH: Final = 4
_SHORT: Final = 24


def tlv(tag: int, body: bytes) -> bytes:
    """Encode tag, length and body."""
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Encode a number of any size and sign in the fewest bytes."""
    bits = value.bit_length() if value >= 0 else (value + 1).bit_length()
    return tlv(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


def encode_oid(oid: Oid) -> bytes:
    """Encode an OID's content, without tag and length. Raises ValueError where SNMP has no such OID."""
    if len(oid) > 2:
        # Walks ask for cell after cell of the same column: all but the last arc is remembered.
        return _encode_arcs(oid[:-1]) + _arc(oid[-1])
    return _encode_arcs(oid)


def decode_oid(content: bytes) -> Oid:
    """Read an OID's content."""
    if not content or content[-1] & 0x80:
        raise Malformed("an OID is empty or cut off")
    arcs: list[int] = []
    value = 0
    for byte in content:
        if byte == 0x80 and not value:
            raise Malformed("an OID arc is padded")
        value = value << 7 | byte & 0x7F
        if value > _LARGEST_ARC + 80:
            raise Malformed("an OID arc exceeds 32 bits")
        if byte < 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    oid = (first, arcs[0] - 40 * first, *arcs[1:])
    if len(oid) > _MOST_ARCS or max(oid) > _LARGEST_ARC:
        raise Malformed("an OID has too many or too large arcs")
    return oid


def header(data: bytes, pos: int, end: int, tag: int) -> tuple[int, int]:
    """Read tag and length at `pos`; return where the content starts and stops, both within `end`."""
    if pos + 2 > end or data[pos] != tag:
        raise Malformed(f"expected tag {tag:#04x} at byte {pos}")
    size = data[pos + 1]
    pos += 2
    if size >= 0x80:
        size, pos = long_length(data, pos, size)
    if pos + size > end:
        raise Malformed(f"tag {tag:#04x} claims {size} bytes, {end - pos} are there")
    return pos, pos + size


def long_length(data: bytes, pos: int, first: int) -> tuple[int, int]:
    """Read a length of the long form whose first byte is `first`; return it and where the content starts."""
    count = first & 0x7F
    if not 1 <= count <= _LONGEST_LENGTH or pos + count > len(data):
        raise Malformed("a length is indefinite, oversized or cut off")
    return int.from_bytes(data[pos : pos + count], "big"), pos + count


def read_integer(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Read a mandatory INTEGER; return it and where the next element starts."""
    start, stop = header(data, pos, end, INTEGER)
    if not 1 <= stop - start <= _LONGEST_INTEGER:
        raise Malformed("an INTEGER of the message header is empty or oversized")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def read_octets(data: bytes, pos: int, end: int) -> tuple[bytes, int]:
    """Read a mandatory OCTET STRING; return it and where the next element starts."""
    start, stop = header(data, pos, end, OCTETS)
    return data[start:stop], stop


def varbinds(data: bytes, pos: int, end: int) -> list[tuple[Oid, int, Value]]:
    """Read the varbinds between `pos` and `end`, as (name, tag, value) each."""
    found: list[tuple[Oid, int, Value]] = []
    add = found.append
    try:
        while pos < end:
            # The hot loop of collecting: `header` by hand. Content that overruns is caught by the one check
            # of at + size against stop, because sizes are never negative.
            if data[pos] != SEQUENCE:
                raise Malformed(f"expected a varbind at byte {pos}")
            size = data[pos + 1]
            pos += 2
            if size >= 0x80:
                size, pos = long_length(data, pos, size)
            stop = pos + size
            if stop > end or data[pos] != OBJECT:
                raise Malformed(f"expected an OID at byte {pos}")
            size = data[pos + 1]
            pos += 2
            if size >= 0x80:
                size, pos = long_length(data, pos, size)
            at = pos + size
            name = data[pos:at]
            tag = data[at]
            size = data[at + 1]
            at += 2
            if size >= 0x80:
                size, at = long_length(data, at, size)
            if at + size != stop:
                raise Malformed(f"the varbind at byte {pos} does not add up")
            content = data[at:stop]
            oid = _short_oid(name) if len(name) <= _SHORT else decode_oid(name)
            add((oid, tag, content if tag == OCTETS else value_of(tag, content)))
            pos = stop
    except IndexError:
        raise Malformed("a varbind is cut off") from None
    return found


def value_of(tag: int, content: bytes) -> Value:
    """Turn a value's content into Python; what does not fit its tag, or an unknown tag, stays raw bytes."""
    read = _READ.get(tag)
    return read(content) if read else content


def _signed(content: bytes) -> Value:
    if not 1 <= len(content) <= _LONGEST_INTEGER:
        return content
    return int.from_bytes(content, "big", signed=True)


def _unsigned32(content: bytes) -> Value:
    value = _signed(content)
    # Agents that hold a counter in a signed word send it negative: the bits are right, the sign is not.
    return value & 0xFFFFFFFF if isinstance(value, int) and value < 0 else value


def _unsigned64(content: bytes) -> Value:
    value = _signed(content)
    return value & 0xFFFFFFFFFFFFFFFF if isinstance(value, int) and value < 0 else value


def _object(content: bytes) -> Value:
    try:
        return decode_oid(content)
    except Malformed:
        return content


def _none(content: bytes) -> Value:
    return content or None


_READ: Final[dict[int, Callable[[bytes], Value]]] = {
    INTEGER: _signed,
    NULL: _none,
    OBJECT: _object,
    COUNTER32: _unsigned32,
    GAUGE32: _unsigned32,
    TIMETICKS: _unsigned32,
    COUNTER64: _unsigned64,
    UNSIGNED32: _unsigned32,
    0x80: lambda _: None,
    0x81: lambda _: None,
    0x82: lambda _: None,
}


# The same columns and indexes come back from every device of a model. Only short names are remembered, so
# that a hostile agent cannot fill the memory.
_short_oid = lru_cache(maxsize=16384)(decode_oid)


@lru_cache(maxsize=1024)
def _encode_arcs(oid: Oid) -> bytes:
    if len(oid) < 2 or len(oid) >= _MOST_ARCS or oid[0] > 2 or (oid[0] < 2 and oid[1] >= 40):
        raise ValueError(f"no such OID: {oid}")
    return b"".join(map(_arc, (oid[0] * 40 + oid[1], *oid[2:])))


def _arc(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    if value > _LARGEST_ARC + 80:
        raise ValueError(f"an OID arc exceeds 32 bits: {value}")
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
