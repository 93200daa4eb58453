"""Agents for one test: a UDP socket that answers as a function says, and answers in the shape of requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from collectors.oids import Oid, Value
from collectors.transports.snmp.ber import (
    INTEGER,
    NULL,
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

Binding = tuple[Oid, int, Value]
React = Callable[[bytes], Iterable[bytes]]


@dataclass(frozen=True)
class Asked:
    """A request of SNMPv2c as an agent reads it."""

    community: bytes
    tag: int
    number: int
    second: int
    third: int
    oids: tuple[Oid, ...]


def asked(data: bytes) -> Asked:
    pos, end = header(data, 0, len(data), SEQUENCE)
    _, pos = read_integer(data, pos, end)
    community, pos = read_octets(data, pos, end)
    tag = data[pos]
    pos, end = header(data, pos, end, tag)
    number, pos = read_integer(data, pos, end)
    second, pos = read_integer(data, pos, end)
    third, pos = read_integer(data, pos, end)
    pos, end = header(data, pos, end, SEQUENCE)
    return Asked(community, tag, number, second, third, tuple(name for name, _, _ in varbinds(data, pos, end)))


def encoded(bindings: Iterable[Binding]) -> bytes:
    return b"".join(tlv(SEQUENCE, tlv(OBJECT, encode_oid(oid)) + _value(tag, value)) for oid, tag, value in bindings)


def answer(
    request: Asked,
    bindings: Iterable[Binding],
    *,
    number: int | None = None,
    community: bytes | None = None,
    status: int = 0,
    index: int = 0,
) -> bytes:
    """A response of SNMPv2c."""
    pdu = (
        integer(request.number if number is None else number)
        + integer(status)
        + integer(index)
        + tlv(SEQUENCE, encoded(bindings))
    )
    owner = request.community if community is None else community
    return tlv(SEQUENCE, integer(1) + tlv(OCTETS, owner) + tlv(0xA2, pdu))


def same(request: Asked, value: int = 7) -> bytes:
    """Every asked object with the same number."""
    return answer(request, [(oid, INTEGER, value) for oid in request.oids])


class _Port(asyncio.DatagramProtocol):
    def __init__(self, react: React) -> None:
        self._react = react
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        for packet in self._react(data):
            self.transport.sendto(packet, addr)


@asynccontextmanager
async def listening(react: React, address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Answer datagrams at that address; yields the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Port(react), local_addr=(address, port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def _value(tag: int, value: Value) -> bytes:
    if isinstance(value, bool | int):
        return integer(value, tag)
    if isinstance(value, tuple):
        return tlv(tag, encode_oid(value))
    return tlv(tag, value or b"") if tag != NULL else b"\x05\x00"
