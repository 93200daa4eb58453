"""The ranges of a sweep: what a person may write, whether it lies in the scope, and its addresses by number."""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collectors.scope import Network, Scope, plain

LARGEST: Final = 1 << 17
"""Addresses that one sweep may hold without a person's word for it: a /15, at 2,000 probes a second two minutes."""
_LARGEST_IPV6: Final = 1 << 16
"""Beyond a /112 devices are so thin in an IPv6 network that a sweep would not meet one."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Networks without overlap, lowest first; each address has a place from 0 to `len` - 1."""

    networks: tuple[Network, ...] = ()
    starts: tuple[int, ...] = ()
    """The place of each network's first address."""
    firsts: tuple[tuple[int, int], ...] = ()
    """(IP version, first address) of each network."""
    size: int = 0

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[str]:
        """Every address in order of its place."""
        for network in self.networks:
            kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
            first = int(network.network_address)
            for number in range(first, first + network.num_addresses):
                yield str(kind(number))

    def place(self, address: str) -> int | None:
        """The place of *address*, None where it is in no range."""
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return None
        at = bisect_right(self.firsts, (ip.version, int(ip))) - 1
        if at < 0 or ip.version != self.networks[at].version or ip not in self.networks[at]:
            return None
        return self.starts[at] + int(ip) - int(self.networks[at].network_address)


def ranges(networks: Iterable[Network]) -> Ranges:
    """The ranges with overlaps removed: nobody is asked twice because two of them share an address."""
    listed = list(networks)
    four = [network for network in listed if network.version == 4]
    six = [network for network in listed if network.version == 6]
    merged: tuple[Network, ...] = (*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six))
    starts, size = [], 0
    for network in merged:
        starts.append(size)
        size += network.num_addresses
    firsts = tuple((network.version, int(network.network_address)) for network in merged)
    return Ranges(merged, tuple(starts), firsts, size)


def read_range(text: str) -> tuple[Network, ...]:
    """The networks that *text* means: ``10.20.0.0/16``, ``10.20.0.1`` or ``10.20.0.1-10.20.0.99``.

    Raises ValueError whose text is a sentence with the cure. A host name is none of these.
    """
    low, dash, high = (part.strip() for part in text.partition("-"))
    try:
        if dash:
            return tuple(ipaddress.summarize_address_range(plain(low), plain(high)))  # refuses a backward one
        return (ipaddress.ip_network(text),)
    except (ValueError, TypeError):
        cure = _near(text) or "write one such as 10.20.0.0/16, 10.20.0.1-10.20.0.99 or 10.20.0.1"
        raise ValueError(f"{text!r} is no range; {cure}") from None


def outside(networks: Sequence[Network], scope: Scope) -> Network | None:
    """The first network that does not lie in the scope from its first address to its last; None where all do."""
    for network in networks:
        alike = [one for one in scope.networks if one.version == network.version]
        inside = any(
            network.subnet_of(one)  # type: ignore[arg-type]  # of one version
            for one in ipaddress.collapse_addresses(alike)  # type: ignore[type-var]  # of one version
        )
        edges = (network.network_address, network.broadcast_address)
        if not inside or not all(scope.allows(str(edge)) for edge in edges):
            return network
    return None


def too_large(found: Ranges, *, large: bool) -> str:
    """Why the ranges are too much for a sweep, as a sentence; "" where they are not. *large*: a person said so."""
    for network in found.networks:
        if network.version == 6 and network.num_addresses > _LARGEST_IPV6:
            return (
                f"{network} is too large to sweep, devices are too thin in it; the largest IPv6 range is a /112."
                " Name the devices, or follow their neighbours with --crawl"
            )
    if len(found) > LARGEST and not large:
        return (
            f"the ranges hold {len(found):,} addresses, more than a /15 ({LARGEST:,}); name smaller ones,"
            " or say --yes-large if that many probes are meant"
        )
    return ""


def _near(text: str) -> str:
    try:
        return f"its host bits are set; write {ipaddress.ip_network(text.strip(), strict=False)}"
    except ValueError:
        return ""
