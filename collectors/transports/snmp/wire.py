"""Two unconnected UDP sockets (IPv4, IPv6) that serve every device of a run.

An unconnected socket hears nothing of ICMP errors by itself. With IP_RECVERR Linux keeps them in a queue,
each with the address that was meant, so that a closed port is told from a silent one without a socket per
device.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EAGAIN, ECONNREFUSED, EINTR, ENOBUFS
from functools import lru_cache
from typing import Final

from collectors.errors import CollectError, Refused, Unreachable

Address = tuple[str, int]
"""IP address as the kernel writes it, and UDP port."""

_LARGEST: Final = 65535
_DATAGRAMS_A_TURN: Final = 64  # then the loop looks after timers and other sockets
_BUFFER: Final = 4 * 1024 * 1024
_RECVERR: Final = {  # <linux/in.h>, <linux/in6.h>; the socket module does not name them
    socket.AF_INET: (socket.IPPROTO_IP, 11),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
}
_MSG_ERRQUEUE: Final = 0x2000  # <linux/socket.h>
_ERROR_SIZE: Final = 4  # sock_extended_err starts with its errno, 32 bits


class Wire:
    """Sends and receives datagrams on the running loop until closed.

    `received(address, data)` gets every datagram; `failed(address, error)` gets Refused or Unreachable where
    the operating system knows that the address cannot be talked to.
    """

    def __init__(
        self, received: Callable[[Address, bytes], None], failed: Callable[[Address, CollectError], None]
    ) -> None:
        self._received = received
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}
        for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 - a client
            with suppress(OSError):  # a host without IPv6 still polls IPv4
                self._sockets[family] = _bound(family, anywhere)
        for sock in self._sockets.values():
            self._loop.add_reader(sock, self._readable, sock)

    def close(self) -> None:
        """Close the sockets."""
        for sock in self._sockets.values():
            self._loop.remove_reader(sock)
            sock.close()
        self._sockets.clear()

    def send(self, address: Address, data: bytes) -> None:
        """Send one datagram. One that the full buffer drops counts as lost on the way."""
        sock = self._sockets.get(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        if sock is None:
            self._failed(address, Unreachable("this host has no socket of that address family"))
            return
        for _ in range(2):
            try:
                sock.sendto(data, address)
            except OSError as error:
                if error.errno in (EAGAIN, ENOBUFS, EINTR):
                    return
                if self._read_errors(sock):
                    continue  # it was about another peer, and is handed to whoever uses the socket next
                self._failed(address, _error(error.errno or 0))
            return

    def _readable(self, sock: socket.socket) -> None:
        for number in range(_DATAGRAMS_A_TURN):
            try:
                data, source = sock.recvfrom(_LARGEST)
            except OSError as error:
                # Woken for nothing to read: what there is waits in the error queue.
                if error.errno != EAGAIN or not number:
                    self._read_errors(sock)
                return
            self._received((source[0], source[1]), data)
            if sock.fileno() < 0:  # closed by what the datagram set off
                return

    def _read_errors(self, sock: socket.socket) -> int:
        """Hand on the queued ICMP errors; return how many there were."""
        count = 0
        while True:
            try:
                _, extras, _, meant = sock.recvmsg(0, 512, _MSG_ERRQUEUE)
            except OSError:
                return count
            count += 1
            for _level, _type, content in extras:
                number = int.from_bytes(content[:_ERROR_SIZE], sys.byteorder)
                if meant and number:
                    self._failed((meant[0], meant[1]), _error(number))


@lru_cache(maxsize=1024)
def canonical(address: str) -> str:
    """Write an IP address as the kernel does, so that answers compare equal. A name is Unreachable."""
    plain, percent, scope = address.partition("%")
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, plain)) + percent + scope
    except (OSError, ValueError):
        raise Unreachable(f"{address!r} is no IP address") from None


def _bound(family: socket.AddressFamily, anywhere: str) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        with suppress(OSError):  # elsewhere than on Linux a closed port looks like a silent one
            sock.setsockopt(*_RECVERR[family], 1)
        sock.bind((anywhere, 0))
    except OSError:
        sock.close()
        raise
    return sock


def _error(number: int) -> CollectError:
    if number == ECONNREFUSED:
        return Refused("nothing listens on the SNMP port")
    return Unreachable(os.strerror(number))
