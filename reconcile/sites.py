"""Sites: what the operator calls a place, and what the contracts call it.

The operator's site table maps both ways: a subnet or a host name pattern to the operator's own name (where a target
says none), and a provider's name or number of a site to it. One own site may have many names with providers. A
provider's name that stands for several own sites maps to none of them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from typing import Final

import pandas as pd

from reconcile.columns import Row, Text, host, records
from reconcile.products import mapped

_WILD: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Names:
    """Own sites by what providers call them, all in lower case; several where a name is not clear."""

    by_id: Mapping[str, frozenset[str]]
    by_name: Mapping[str, frozenset[str]]
    spelled: Mapping[str, str]
    """Own site in lower case -> as the table writes it."""


def plain(site: str) -> str:
    """A site's name as compared."""
    return " ".join(site.split()).lower()


def located(frame: pd.DataFrame, sites: pd.DataFrame | None) -> Text:
    """The site of each row of *frame* (`site, address, hostname`): its own word, else what the site table says.

    A row of the table that names subnet and host must hold in both and comes first, then the longest subnet, then the
    longest host name pattern (in any case; of the whole name, or of its first label).
    """
    told: Text = frame["site"]
    lacking = told.str.strip() == ""
    if sites is None or sites.empty or not bool(lacking.any()):
        return told
    rules = _rules(sites)
    places = (frame["address"] + "\x1f" + frame["hostname"])[lacking]
    found = mapped(places, {place: rules.of(*str(place).split("\x1f")) for place in places.unique()})
    filled = told.copy()
    filled[lacking] = found
    return filled


def names(sites: pd.DataFrame | None) -> Names:
    """What the site table says of providers' names; an own site's name stands for itself."""
    by_id: dict[str, set[str]] = {}
    by_name: dict[str, set[str]] = {}
    spelled: dict[str, str] = {}
    for row in records(sites) if sites is not None else ():
        own = plain(row["site"])
        spelled.setdefault(own, row["site"].strip())
        by_name.setdefault(own, set()).add(own)
        for said, known in ((row["site_id"], by_id), (row["contract_site_name"], by_name)):
            if plain(said):
                known.setdefault(plain(said), set()).add(own)
    return Names(_frozen(by_id), _frozen(by_name), spelled)


def contract_sites(lines: pd.DataFrame, sites: pd.DataFrame | None) -> Text:
    """The operator's own site of each line, in lower case; "" where the site table maps it to none or to several."""
    if sites is None:
        return pd.Series("", index=lines.index, dtype="str")
    known = names(sites)
    by_id, by_name = _single(lines["site_id"], known.by_id), _single(lines["site_name"], known.by_name)
    return by_id.where(by_id != "", by_name)


def _single(said: Text, known: Mapping[str, frozenset[str]]) -> Text:
    single = {name: min(own) for name, own in known.items() if len(own) == 1}
    return mapped(said, {cell: single.get(plain(str(cell)), "") for cell in said.unique()})


def shown(lines: pd.DataFrame, own: Text, sites: pd.DataFrame | None) -> Text:
    """The site of each line for people: the operator's own name where it maps (*own*), else the contract's."""
    ours = mapped(own, names(sites).spelled)
    return ours.where(ours != "", lines["site_name"])


@dataclass(frozen=True, slots=True)
class _Rules:
    both: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, re.Pattern[str], str], ...]
    nets: Mapping[tuple[int, int], Mapping[int, str]]
    """(IP version, prefix length) -> network number -> site."""
    lengths: Mapping[int, tuple[int, ...]]
    """IP version -> prefix lengths, longest first."""
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]
    """What a pattern begins with, up to its first wildcard -> the patterns, longest first, so that few are tried."""

    def of(self, address: str, hostname: str) -> str:
        number = _address(address)
        hosts = dict.fromkeys((hostname.strip().lower(), host(hostname)))
        for net, pattern, site in self.both:
            if number is not None and number in net and any(pattern.match(name) for name in hosts):
                return site
        return (self._by_net(number) if number is not None else "") or self._by_host(hosts)

    def _by_net(self, number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        whole = int(number)
        for length in self.lengths.get(number.version, ()):
            start = whole >> (number.max_prefixlen - length)
            if site := self.nets[number.version, length].get(start):
                return site
        return ""

    def _by_host(self, hosts: Mapping[str, None]) -> str:
        best: tuple[int, str] = (-1, "")
        for name in hosts if any(hosts) else ():
            for end in range(len(name) + 1):
                fits = (p for p in self.patterns.get(name[:end], ()) if p[0].match(name))
                best = max((best, *((len(pattern.pattern), site) for pattern, site in fits)), key=lambda b: b[0])
        return best[1]


def _rules(sites: pd.DataFrame) -> _Rules:
    both: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, re.Pattern[str], str]] = []
    nets: dict[tuple[int, int], dict[int, str]] = {}
    patterns: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for row in records(sites):
        net, glob, site = _network(row), row["hostname"].strip().lower(), row["site"].strip()
        if net is not None and glob:
            both.append((net, re.compile(translate(glob)), site))
        elif net is not None:
            start = int(net.network_address) >> (net.max_prefixlen - net.prefixlen)
            nets.setdefault((net.version, net.prefixlen), {}).setdefault(start, site)
        elif glob:
            patterns.setdefault(_WILD.split(glob)[0], []).append((re.compile(translate(glob)), site))
    both.sort(key=lambda rule: -rule[0].prefixlen)
    lengths = {v: tuple(sorted((n for w, n in nets if w == v), reverse=True)) for v in (4, 6)}
    return _Rules(tuple(both), nets, lengths, {start: tuple(group) for start, group in patterns.items()})


def _network(row: Row) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(row["subnet"].strip(), strict=False)
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _frozen(table: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(own) for name, own in table.items()}
