"""The scope: the only addresses that are ever contacted, checked on the resolved address itself."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final

from collectors.errors import Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL: Final = ("is_loopback", "is_link_local", "is_multicast", "is_unspecified")


@dataclass(frozen=True, slots=True)
class Scope:
    """Networks inside which polling is allowed."""

    networks: tuple[Network, ...]

    def allows(self, address: str) -> bool:
        """Whether *address* may be contacted.

        Loopback, link-local, multicast and unspecified addresses only where a network of the scope lies wholly
        inside that range, so that 0.0.0.0/0 does not open them. An IPv4 address in IPv6 clothes is judged as IPv4.
        """
        ip = plain(address)
        special = any(getattr(ip, kind) for kind in _SPECIAL)
        return any(ip in net and (not special or _named(net, ip)) for net in self.networks if net.version == ip.version)


LISTED: Final = Scope((ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")))
"""The scope where none is set: whatever the target list names, but no loopback and no multicast."""


def plain(address: str) -> Address:
    """The address as a value; IPv4-mapped IPv6 becomes the IPv4 it means. Octal and decimal forms raise ValueError."""
    ip = ipaddress.ip_address(address.split("%")[0])
    return (ip.version == 6 and ip.ipv4_mapped) or ip


async def resolve(name: str) -> str:
    """The numeric address of *name*: itself, or what the resolver says first. Raises Unreachable."""
    try:
        return str(plain(name))
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"{name} does not resolve: {error.strerror or error}") from error
    return str(plain(str(found[0][4][0])))


def _named(network: Network, ip: Address) -> bool:
    """Whether the network as a whole is of the special kind that *ip* is."""
    edges = (network.network_address, network.broadcast_address)
    return any(getattr(ip, kind) and all(getattr(edge, kind) for edge in edges) for kind in _SPECIAL)
