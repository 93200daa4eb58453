"""What a discovery found, and when two addresses are one box."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

_SAME_START: Final = 5.0
"""Seconds by which two answers of one engine may place its start apart: whole seconds, and the way between."""


@dataclass(frozen=True, slots=True)
class Found:
    """An address that answered, with what it told of itself; "" where it did not."""

    address: str
    protocols: tuple[str, ...] = ()
    """Of ``snmp`` and ``ssh`` those that answered."""
    found_by: str = ""
    """``snmp``, ``ssh``, ``snmp+ssh``, ``listed`` or ``neighbour of 10.0.0.1 Gi0/1 (cdp)``."""
    hostname: str = ""
    platform: str = ""
    credential: str = ""
    site: str = ""
    engine_id: str = ""
    """SNMP engine id in hex."""
    boots: int = 0
    """Of the SNMP engine; 0 where it does not say."""
    started: float = 0.0
    """Our own clock when the SNMP engine started, as it says; 0 where it does not."""
    serials: frozenset[str] = frozenset()
    """Of chassis, canonical."""
    host_key: str = ""
    """``ssh-ed25519 SHA256:...``"""
    also: tuple[str, ...] = ()
    """More addresses of the same box."""
    remarks: tuple[str, ...] = ()
    """For the person who reads the list."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses of the box."""
        return (self.address, *self.also)


def boxes(found: Iterable[Found]) -> list[Found]:
    """One entry a box, lowest address first and the rest in `also`.

    One box is: the same SNMP engine id, where boots and start do not speak against it (engine ids are copied with
    configurations, and a second device must not vanish behind the first); the same chassis serial; or the same SSH
    host key under the same host name.
    """
    listed = sorted(found, key=lambda one: order(one.address))
    groups = _Groups(len(listed))
    for places in _places(listed, _marks).values():
        for place in places[1:]:
            groups.join(places[0], place)
    for places in _places(listed, lambda one: [one.engine_id] if one.engine_id else []).values():
        _join_engines(listed, places, groups)
    return [_one(members) for members in groups.of(listed)]


def same_engine(one: Found, other: Found) -> bool:
    """Whether two answers can be of one SNMP engine: same id, same boots, started at the same time."""
    if not one.engine_id or one.engine_id != other.engine_id:
        return False
    if not (one.started and other.started):
        return True  # an agent that tells no clock: the id is all there is
    return one.boots == other.boots and abs(one.started - other.started) <= _SAME_START


def order(address: str) -> tuple[int, int, str]:
    """Sorts addresses as numbers, IPv4 first; names last."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return 9, 0, address
    return ip.version, int(ip), address


def _join_engines(listed: list[Found], places: Sequence[int], groups: _Groups) -> None:
    """Join the addresses of one engine id whose clocks agree, and say so of those whose do not."""
    clusters: list[list[int]] = []
    for place in sorted(places, key=lambda place: (listed[place].boots, listed[place].started)):
        if clusters and same_engine(listed[clusters[-1][-1]], listed[place]):
            groups.join(clusters[-1][-1], place)
            clusters[-1].append(place)
        else:
            clusters.append([place])
    remark = f"has the SNMP engine id of {listed[min(places)].address}, but is another device"
    for place in map(min, clusters):
        if place != min(places) and remark not in listed[place].remarks:
            listed[place] = replace(listed[place], remarks=(*listed[place].remarks, remark))


def _marks(one: Found) -> list[tuple[str, ...]]:
    """What only one box has."""
    marks: list[tuple[str, ...]] = [("serial", serial) for serial in one.serials]
    if one.host_key and one.hostname:
        marks.append(("key", one.host_key, one.hostname.lower()))
    return marks


def _places(listed: Sequence[Found], marks: Callable[[Found], Iterable[Hashable]]) -> dict[Hashable, list[int]]:
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(listed):
        for mark in marks(one):
            places[mark].append(place)
    return places


def _one(members: Sequence[Found]) -> Found:
    """One entry of all that the addresses of a box told, under the first of them."""
    first = members[0]
    if len(members) == 1:
        return first
    answered = {protocol for one in members for protocol in one.protocols}
    protocols = tuple(protocol for protocol in ("snmp", "ssh") if protocol in answered)
    ways = dict.fromkeys(one.found_by for one in members if one.found_by)
    plain = set(ways) <= {"snmp", "ssh", "snmp+ssh"}
    return replace(
        first,
        protocols=protocols,
        found_by="+".join(protocols) if plain else "; ".join(ways),
        hostname=_first(one.hostname for one in members),
        platform=_first(one.platform for one in members),
        credential=_first(one.credential for one in members),
        site=_first(one.site for one in members),
        engine_id=_first(one.engine_id for one in members),
        host_key=_first(one.host_key for one in members),
        serials=frozenset(serial for one in members for serial in one.serials),
        also=tuple(dict.fromkeys(address for one in members for address in one.addresses if address != first.address)),
        remarks=tuple(dict.fromkeys(remark for one in members for remark in one.remarks)),
    )


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


class _Groups:
    """Disjoint sets of places."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self._root(one), self._root(other)))
        self._parent[high] = low

    def of(self, listed: Sequence[Found]) -> list[list[Found]]:
        sets: dict[int, list[Found]] = defaultdict(list)
        for place, one in enumerate(listed):
            sets[self._root(place)].append(one)
        return list(sets.values())

    def _root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place
