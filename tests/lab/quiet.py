"""A quiet network: a whole /16 behind one socket, a few hundred agents in it, and silence everywhere else.

The socket takes whatever is sent to its port in 127.0.0.0/8, so a packet that strays out of the network is seen
too. Every datagram is counted by the address it was sent to.

``python -m tests.lab.quiet [--alive 500] [--port 0] [--ready-file F]`` serves until SIGTERM and prints the counts.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.lab import ber
from tests.lab.agent import Agent
from tests.lab.device import Access, Device, Score

NETWORK: Final = "127.20.0.0/16"
_PKTINFO: Final = getattr(socket, "IP_PKTINFO", 8)  # <linux/in.h>
_FORCE: Final = 33  # SO_RCVBUFFORCE, <asm-generic/socket.h>
_INFO: Final = struct.Struct("=I4s4s")
_BUFFER: Final = 8 * 1024 * 1024
_CISCO_9300: Final = (1, 3, 6, 1, 4, 1, 9, 1, 2494)


def quiet_device(address: str, access: Access) -> Device:
    """A switch with a system group and nothing else."""
    name = f"q-{address.replace('.', '-')}"
    mib = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): ber.octets(
            b"Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a"
        ),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.object_id(_CISCO_9300),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): ber.octets(name.encode()),
    }
    return Device(address, name, "cisco_ios", mib=mib, access=access)


@dataclass(slots=True)
class QuietNetwork:
    """The network while it is served; counts may be read at any time."""

    network: ipaddress.IPv4Network
    port: int
    devices: dict[str, Device]
    scores: dict[str, Score] = field(default_factory=dict)
    packets: array[int] = field(default_factory=lambda: array("I"))
    """Datagrams by the number of the address in the network."""
    outside: Counter[str] = field(default_factory=Counter)
    """Datagrams to addresses that are not of the network."""

    def sent_to(self, address: str) -> int:
        """Datagrams that came for *address*."""
        return self.packets[int(ipaddress.IPv4Address(address)) - int(self.network.network_address)]


@contextmanager
def quiet_network(
    alive: int = 500,
    *,
    network: str = NETWORK,
    port: int = 0,
    access: Access = Access(),  # noqa: B008 - a frozen value
    change: Callable[[Device], Device] = lambda device: device,
) -> Iterator[QuietNetwork]:
    """Serve *network* while the block runs, with *alive* agents spread over it; *change* has a word on each."""
    whole = ipaddress.IPv4Network(network)
    step = whole.num_addresses // alive
    places = (int(whole.network_address) + number * step + number % step for number in range(alive))
    addresses = (str(ipaddress.IPv4Address(place)) for place in places)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF, _FORCE):
            with suppress(PermissionError):  # root may have more than the system's limit
                sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        sock.bind(("0.0.0.0", port))
        sock.setblocking(False)
        devices = {address: change(quiet_device(address, access)) for address in addresses}
        served = QuietNetwork(whole, sock.getsockname()[1], devices, packets=array("I", bytes(4 * whole.num_addresses)))
        wake, stop = os.pipe()
        thread = threading.Thread(target=_serve, args=(sock, served, wake), name="quiet network", daemon=True)
        thread.start()
        try:
            yield served
        finally:
            os.close(stop)
            thread.join()
            os.close(wake)


def _serve(sock: socket.socket, served: QuietNetwork, wake: int) -> None:
    """Count and answer until the other end of *wake* is closed."""
    agents: dict[str, Agent] = {}
    started = time.monotonic()  # all agents have run for as long
    with selectors.DefaultSelector() as ready:
        ready.register(sock, selectors.EVENT_READ)
        ready.register(wake, selectors.EVENT_READ)
        while True:
            if any(key.fd == wake for key, _ in ready.select()):
                return
            _drain(sock, served, agents, lambda: time.monotonic() - started)


def _drain(sock: socket.socket, served: QuietNetwork, agents: dict[str, Agent], clock: Callable[[], float]) -> None:
    first = int(served.network.network_address)
    while True:
        try:
            packet, extras, _, sender = sock.recvmsg(65535, 64)
        except BlockingIOError:
            return
        meant = _INFO.unpack(extras[0][2])[2]
        place = int.from_bytes(meant, "big") - first
        address = socket.inet_ntoa(meant)
        if not 0 <= place < served.network.num_addresses:
            served.outside[address] += 1
            continue
        served.packets[place] += 1
        device = served.devices.get(address)
        if device is None:
            continue
        agent = agents.get(address)
        if agent is None:
            score = served.scores[address] = Score()
            agent = agents[address] = Agent(device, score, clock)
        from_there = (socket.IPPROTO_IP, _PKTINFO, _INFO.pack(0, meant, bytes(4)))
        for reply in agent.answer(packet):
            sock.sendmsg([reply.packet], [from_there], 0, sender)


def main(arguments: list[str] | None = None) -> int:
    """Serve in the foreground until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.quiet", description=__doc__)
    parser.add_argument("--alive", type=int, default=500)
    parser.add_argument("--network", default=NETWORK)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="gets the port once it listens")
    asked = parser.parse_args(arguments)
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with quiet_network(asked.alive, network=asked.network, port=asked.port) as served:
        ready = json.dumps({"snmp_port": served.port})
        print(ready, flush=True)
        if asked.ready_file:
            asked.ready_file.write_text(ready + "\n", "utf-8")
        signal.sigwait(ends)
        counts = {
            "packets": sum(served.packets),
            "most_to_one_address": max(served.packets),
            "outside": sum(served.outside.values()),
            "refused": sum(score.snmp_refused for score in served.scores.values()),
        }
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
