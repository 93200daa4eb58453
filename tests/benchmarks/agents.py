"""A thousand SNMP agents in one process, quick enough not to be what a benchmark measures.

Each answers for an address of its own in 127.40.0.0/16 with the system group and an entPhysicalTable of so many rows
and all eighteen columns; serials are a function of the address. What one agent answers, the others answer with another
serial, so an answer is worked out once and then only patched. The clock of the agents stands still.

``python -m tests.benchmarks.agents --count 1000 --rows 60 --delay 0`` serves until its input ends.
"""

from __future__ import annotations

import argparse
import heapq
import ipaddress
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Final

from tests.lab import ber, usm
from tests.lab.agent import MAX_ANSWER, Agent
from tests.lab.ber import Oid
from tests.lab.device import Access, Device, Score

NETWORK: Final = ipaddress.IPv4Network("127.40.0.0/16")
ACCESS: Final = Access(auth="sha256")
BOOTS: Final = 7
UPTIME: Final = 86_400
"""Seconds since each agent's start, for ever."""

_PKTINFO: Final = getattr(socket, "IP_PKTINFO", 8)  # <linux/in.h>
_FORCE: Final = 33  # SO_RCVBUFFORCE, <asm-generic/socket.h>
_INFO: Final = struct.Struct("=I4s4s")
_BUFFER: Final = 64 * 1024 * 1024
_MARK: Final = b"\x00\x01\x02\x03\x04"
"""Stands in the prototype's serials where the address goes."""
_ENTITY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_DIGITS: Final = b"0123456789ABCDEFGHJKLMNPRSTUVWXY"


def address(number: int) -> str:
    """The address of the agent of that number, from 0."""
    return str(NETWORK[256 + number])


def device(rows: int) -> Device:
    """The prototype: a chassis with line cards and optics, `_MARK` in each serial."""
    system: Oid = (1, 3, 6, 1, 2, 1, 1)
    mib = {
        (*system, 1, 0): ber.octets(
            b"Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE"
        ),
        (*system, 2, 0): ber.object_id((1, 3, 6, 1, 4, 1, 9, 1, 2494)),
        (*system, 3, 0): ber.integer(UPTIME * 100, ber.TIME_TICKS),
        (*system, 5, 0): ber.octets(b"bench-" + _MARK),
    }
    for row in range(1, rows + 1):
        for column, value in enumerate(_row(row), 2):
            mib[(*_ENTITY, column, row)] = value
    return Device("127.40.1.0", "bench", "cisco_ios", mib=mib, access=ACCESS)


def _row(row: int) -> Iterator[bytes]:
    """Columns 2 to 19 of entPhysicalTable (RFC 6933 without the UUID's meaning)."""
    text, number = ber.octets, ber.integer
    chassis = row == 1
    kind, product = (3, b"C9407R") if chassis else (9, b"C9400-LC-48U") if row < 12 else (10, b"SFP-10G-SR-S")
    within = 0 if chassis else 1 if row < 12 else 2 + row % 10
    yield text(b"Cisco Catalyst 9400 Series %s" % product)
    yield ber.object_id((1, 3, 6, 1, 4, 1, 9, 12, 3, 1, kind, row))
    yield number(within)
    yield number(kind)
    yield number(row)
    yield text(b"TenGigabitEthernet1/0/%d" % row)
    yield text(b"V02")
    yield text(b"17.7.1r")
    yield text(b"17.09.04a" if chassis else b"")
    yield text(b"FOC" + _MARK + _serial_tail(row))
    yield text(b"Cisco Systems Inc")
    yield text(product)
    yield text(b"")
    yield text(b"")
    yield number(1)
    yield text(bytes(8))
    yield text(b"")
    yield text(b"")


def _serial_tail(row: int) -> bytes:
    return bytes((_DIGITS[row // 32 % 32], _DIGITS[row % 32], _DIGITS[row * 7 % 32]))


def _code(place: int) -> bytes:
    """Five signs that look like the year, week and first sign of a serial, one for each address."""
    year, rest = divmod(place, 1280)
    return b"%02d%02d" % (10 + year % 20, 1 + rest // 32) + _DIGITS[rest % 32 : rest % 32 + 1]


class Fleet:
    """All agents. `answer` takes a packet and the last two octets of the address it was sent to."""

    def __init__(self, rows: int) -> None:
        agent = Agent(device(rows), Score(), lambda: 0.0)
        self._respond = agent._respond  # the lab's own answers, worked out once for all
        self._pdus: dict[bytes, tuple[bytes, bytes]] = {}
        self._users: dict[bytes, usm.User] = {}
        self._community = ber.octets(ACCESS.community)
        self._salt = 0

    def answer(self, packet: bytes, place: int) -> bytes:
        """What goes back; b"" for silence."""
        _, message, _ = ber.read(packet)
        if message[2] == 1:
            parts = list(ber.read_all(message))
            if ber.octets(parts[1][1]) != self._community:
                return b""
            pdu = self._pdu(parts[2][0], parts[2][1], place, 40 + len(self._community))
            return ber.tlv(ber.SEQUENCE, b"\x02\x01\x01" + self._community + pdu)
        return self._v3(packet, message, place)

    def _pdu(self, tag: int, pdu: bytes, place: int, overhead: int) -> bytes:
        size = pdu[1]
        request_id, rest = pdu[: 2 + size], pdu[2 + size :]
        key = bytes((tag,)) + rest
        found = self._pdus.get(key)
        if found is None:
            made = self._respond(tag, pdu, MAX_ANSWER - overhead)
            assert made is not None
            content = ber.read(made)[1]
            found = self._pdus[key] = (made[:1], content[2 + content[1] :])
        return ber.tlv(found[0][0], request_id + found[1].replace(_MARK, _code(place)))

    def _v3(self, packet: bytes, message: bytes, place: int) -> bytes:
        _, header, security, data = ber.expect(message, (ber.INTEGER, ber.SEQUENCE, ber.OCTETS, 0))
        msg_id, _, flags, _ = ber.expect(header, (ber.INTEGER, ber.INTEGER, ber.OCTETS, ber.INTEGER))
        fields = ber.expect(ber.read(security)[1], (ber.OCTETS, ber.INTEGER, ber.INTEGER, *(ber.OCTETS,) * 3))
        engine, boots, when, _, digest, salt = fields
        own = b"\x80\x00\x00\x09\x03\x00\x00\x00" + place.to_bytes(4, "big")
        if engine != own:
            return self._report(msg_id, own, 4)
        user = self._users.get(own)
        if user is None:
            user = self._users[own] = usm.localised(
                ACCESS.v3_user, ACCESS.auth, ACCESS.auth_key, ACCESS.priv, ACCESS.priv_key, own
            )
        if usm.digest(user, packet.replace(digest, bytes(len(digest)), 1)) != digest:
            return self._report(msg_id, own, 5)
        if abs(ber.read_integer(when) - UPTIME) > 150 or ber.read_integer(boots) != BOOTS:
            return self._report(msg_id, own, 2, user)
        plain = usm.decrypt(user, BOOTS, ber.read_integer(when), salt, data)
        (engine_tag, engine_id), (name_tag, name), (tag, pdu) = list(ber.read_all(ber.read(plain)[1]))[:3]
        answer = ber.tlv(engine_tag, engine_id) + ber.tlv(name_tag, name) + self._pdu(tag, pdu, place, 200)
        return self._sealed(msg_id, own, user, flags[0] & 3, ber.sequence(answer))

    def _report(self, msg_id: bytes, own: bytes, counter: int, user: usm.User | None = None) -> bytes:
        binding = ber.sequence(ber.object_id((1, 3, 6, 1, 6, 3, 15, 1, 1, counter, 0)), ber.integer(1, ber.COUNTER32))
        pdu = ber.tlv(0xA8, b"\x02\x01\x00" * 3 + ber.tlv(ber.SEQUENCE, binding))
        return self._sealed(msg_id, own, user, 1 if user else 0, ber.sequence(ber.octets(own), ber.octets(b""), pdu))

    def _sealed(self, msg_id: bytes, own: bytes, user: usm.User | None, level: int, data: bytes) -> bytes:
        salt = b""
        if level & 2 and user:
            self._salt += 1
            salt = self._salt.to_bytes(8, "big")
            data = ber.octets(usm.encrypt(user, BOOTS, UPTIME, salt, data))
        header = ber.sequence(
            ber.tlv(ber.INTEGER, msg_id), ber.integer(65507), ber.octets(bytes((level,))), ber.integer(3)
        )
        before = ber.octets(own) + ber.integer(BOOTS) + ber.integer(UPTIME) + ber.octets(user.name if user else "")
        blank = bytes(usm.digest_size(user)) if user and level & 1 else b""

        def built(digest: bytes) -> bytes:
            security = ber.sequence(before, ber.octets(digest), ber.octets(salt))
            return ber.sequence(ber.integer(3), header, ber.octets(security), data)

        whole = built(blank)
        return built(usm.digest(user, whole)) if user and level & 1 else whole


def serve(sock: socket.socket, fleet: Fleet, delay: float, end: int) -> int:
    """Answer until *end* (a file descriptor) has something to read; *delay* seconds late. Returns the packets."""
    late: list[tuple[float, int, bytes, bytes, tuple[str, int]]] = []
    packets = 0
    ready = select.poll()
    ready.register(sock, select.POLLIN)
    ready.register(end, select.POLLIN)
    while True:
        wait = max(0.0, late[0][0] - time.monotonic()) * 1000 if late else None
        if any(fd == end for fd, _ in ready.poll(wait)):
            return packets
        while True:
            try:
                packet, extras, _, sender = sock.recvmsg(65535, 64)
            except BlockingIOError:
                break
            packets += 1
            meant = _INFO.unpack(extras[0][2])[2]
            reply = fleet.answer(packet, meant[2] << 8 | meant[3])
            if not reply:
                continue
            if delay:
                heapq.heappush(late, (time.monotonic() + delay, packets, reply, meant, sender))
            else:
                _send(sock, reply, meant, sender)
        now = time.monotonic()
        while late and late[0][0] <= now:
            _send(sock, *heapq.heappop(late)[2:])


def _send(sock: socket.socket, reply: bytes, meant: bytes, sender: tuple[str, int]) -> None:
    sock.sendmsg([reply], [(socket.IPPROTO_IP, _PKTINFO, _INFO.pack(0, meant, bytes(4)))], 0, sender)


def main() -> None:
    """Serve until standard input ends; the first line out is JSON with the port."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.agents", description=__doc__)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that each answer takes")
    asked = parser.parse_args()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF, _FORCE):
            try:
                sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
            except PermissionError:  # root may have more than the system's limit
                continue
        sock.bind(("0.0.0.0", 0))
        sock.setblocking(False)
        print(json.dumps({"port": sock.getsockname()[1]}), flush=True)
        packets = serve(sock, Fleet(asked.rows), asked.delay, sys.stdin.fileno())
    used = time.process_time()
    print(json.dumps({"packets": packets, "cpu": used}), flush=True)


if __name__ == "__main__":
    main()
