"""Running a lab: one event loop in a daemon thread, one UDP and one TCP socket for each device."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import socket
import threading
import time
from collections.abc import Collection, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import asyncssh

from tests.lab.agent import Agent
from tests.lab.device import Device, Score
from tests.lab.links import with_links
from tests.lab.sshd import listen

SNMP_PORT: Final = 1161
SSH_PORT: Final = 2222
T = TypeVar("T")
Allowed = Mapping[str, Collection[str]]
"""Commands by netcover's platform name."""


@contextmanager
def running_lab(
    devices: Iterable[Device],
    *,
    snmp_port: int = SNMP_PORT,
    ssh_port: int = SSH_PORT,
    allowed: Allowed | None = None,
) -> Iterator[Lab]:
    """Serve *devices* while the block runs; every socket listens when it is entered.

    Port 0 takes one that is free on all the addresses: `lab.snmp_port` and `lab.ssh_port` tell which.
    With *allowed*, commands that the device's platform does not list are kept in `Score.outside`.
    """
    lab = Lab(devices, snmp_port=snmp_port, ssh_port=ssh_port, allowed=allowed)
    try:
        yield lab
    finally:
        lab.close()


@dataclass(slots=True)
class _Host:
    device: Device
    score: Score
    udp: asyncio.DatagramTransport | None = None
    alternative: asyncio.DatagramTransport | None = None
    """Where answers come from under the fault `reply_from`."""
    ssh: asyncio.Server | asyncssh.SSHAcceptor | None = None


class Lab:
    """A running fleet. Every method may be called from any thread."""

    def __init__(self, devices: Iterable[Device], *, snmp_port: int, ssh_port: int, allowed: Allowed | None) -> None:
        self.devices = {device.address: device for device in devices}
        addresses = list(self.devices)
        self.snmp_port = snmp_port or _free_port(addresses, socket.SOCK_DGRAM)
        self.ssh_port = ssh_port or _free_port(addresses, socket.SOCK_STREAM)
        self._allowed = allowed
        self._hosts: dict[str, _Host] = {}
        self._sessions = threading.Condition()
        self._live: set[asyncssh.SSHServerConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lab", daemon=True)
        self._thread.start()
        try:
            self._do(self._open_all())
        except BaseException:
            self.close()
            raise

    def score(self, address: str) -> Score:
        """A copy of what the device saw so far."""
        return copy.deepcopy(self._hosts[address].score)

    def scores(self) -> dict[str, Score]:
        return {address: self.score(address) for address in self._hosts}

    def replace(self, device: Device) -> None:
        """Put another device at an address of the lab: other faults, an RMA, a reboot. Its score goes on."""
        self.devices[device.address] = device
        self._do(self._reopen(device))

    def wait_sessions_closed(self, timeout: float = 10.0) -> bool:
        """Wait until no SSH session is open anywhere; False when one still is after *timeout* seconds."""
        with self._sessions:
            return self._sessions.wait_for(
                lambda: not any(host.score.open_sessions for host in self._hosts.values()), timeout
            )

    def close(self) -> None:
        """Close every socket and end the thread. Closing twice is harmless."""
        if self._loop.is_closed():
            return
        self._do(self._close_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _changed(self) -> None:
        with self._sessions:
            self._sessions.notify_all()

    async def _open_all(self) -> None:
        for device in self.devices.values():
            host = self._hosts[device.address] = _Host(device, Score())
            await self._open(host)

    async def _open(self, host: _Host) -> None:
        device = with_links(host.device)
        if device.mib:
            agent = Agent(device, host.score, time.monotonic)
            host.udp, _ = await self._loop.create_datagram_endpoint(
                lambda: _Port(agent, self._loop, host), local_addr=(device.address, self.snmp_port)
            )
            if device.faults.reply_from:
                host.alternative, _ = await self._loop.create_datagram_endpoint(
                    asyncio.DatagramProtocol, local_addr=(device.faults.reply_from, 0)
                )
        if device.cli is not None:
            allowed = self._allowed.get(device.platform, ()) if self._allowed is not None else None
            host.ssh = await listen(device, self.ssh_port, host.score, allowed, self._changed, self._live)

    async def _reopen(self, device: Device) -> None:
        host = self._hosts[device.address]
        await self._shut(host)
        host.device = device
        await self._open(host)

    async def _shut(self, host: _Host) -> None:
        for transport in (host.udp, host.alternative):
            if transport:
                transport.close()
        if host.ssh:
            host.ssh.close()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(host.ssh.wait_closed(), 5)
        host.udp = host.alternative = host.ssh = None
        await asyncio.sleep(0)

    async def _close_all(self) -> None:
        for host in self._hosts.values():
            await self._shut(host)
        for connection in tuple(self._live):
            connection.abort()  # closing a listener leaves its connections open
        own = asyncio.current_task()
        rest = [task for task in asyncio.all_tasks() if task is not own]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0)
        await self._loop.shutdown_default_executor()


class _Port(asyncio.DatagramProtocol):
    """The UDP socket of one agent."""

    def __init__(self, agent: Agent, loop: asyncio.AbstractEventLoop, host: _Host) -> None:
        self._agent, self._loop, self._host = agent, loop, host

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        for reply in self._agent.answer(data):
            if reply.delay:
                self._loop.call_later(reply.delay, self._send, reply.packet, addr)
            else:
                self._send(reply.packet, addr)

    def _send(self, packet: bytes, addr: tuple[str | Any, int]) -> None:
        transport = self._host.alternative or self._host.udp
        if transport and not transport.is_closing():
            transport.sendto(packet, addr)


def _free_port(addresses: list[str], kind: int) -> int:
    """A port that is free on every one of *addresses* now."""
    for _ in range(50):
        with contextlib.ExitStack() as sockets:
            port = 0
            try:
                for address in addresses or ["127.0.0.1"]:
                    one = sockets.enter_context(socket.socket(socket.AF_INET, kind))
                    one.bind((address, port))
                    port = one.getsockname()[1]
            except OSError:
                continue
            return port
    raise OSError("no port is free on all the lab's addresses")
