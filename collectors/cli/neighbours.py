"""`show cdp neighbors detail` and `show lldp neighbors detail` of IOS, IOS-XE, NX-OS, IOS XR and AireOS.

Both print a block a neighbour, as ``label: value`` lines in an order that differs from system to system. What the
neighbour wrote of itself (its version, its description) is passed over: it may hold lines that look like labels.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from collectors import neighbours
from collectors.model import Neighbour

_LABEL: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9 ()/.-]*?)\s*:\s*(.*?)\s*")
_CDP_HEADS: Final = ("device id",)
_LLDP_HEADS: Final = ("local intf", "local interface", "chassis id")
_ADDRESSES: Final = (
    "ip address", "ipv4 address", "ipv6 address", "ip", "ipv4", "ipv6", "management address",
    "management address ipv6", "local mgmt address",
)  # fmt: skip
_TOTAL: Final = re.compile(r"^\s*Total (?:cdp )?entries displayed\s*:\s*(\d+)", re.I | re.M)
_NONE: Final = re.compile(r"(?:cdp|lldp)\W.*\bnot (?:enabled|running|configured)|Total entries displayed: 0", re.I)
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Found:
    """The neighbours of one answer, and why some may be missing."""

    neighbours: tuple[Neighbour, ...] = ()
    doubt: str = ""


@dataclass(slots=True)
class _Block:
    """One neighbour's labels, the first value of each, and every address in its order."""

    said: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)


def cdp(text: str) -> Found:
    """The neighbours that CDP shows."""
    return _found(text, [_from_cdp(block) for block in _blocks(_own_words(text, _CDP_PROSE), _CDP_HEADS)], "Device ID")


def lldp(text: str) -> Found:
    """The neighbours that LLDP shows."""
    blocks = _blocks(_own_words(text, _LLDP_PROSE), _LLDP_HEADS)
    return _found(text, [_from_lldp(block) for block in blocks], "Chassis id")


def _found(text: str, found: list[Neighbour], mark: str) -> Found:
    """*found*, with doubt where it holds fewer than the answer counts, or the answer is of no known form."""
    named = tuple(one for one in found if one.hostname or one.chassis_id or one.addresses)
    totals = [int(total) for total in _TOTAL.findall(text)]
    if totals and totals[-1] != len(named):
        return Found(named, f"{totals[-1]} neighbours in the answer, {len(named)} understood")
    if len(named) < len(found):
        return Found(named, f"{len(found) - len(named)} blocks name no neighbour")
    if named or totals or not text.strip() or _NONE.search(text):
        return Found(named)
    first = next(line.strip() for line in text.splitlines() if line.strip())[:80]
    return Found((), f"no line {mark!r} in the answer: {first!r}")


_CDP_PROSE: Final = (
    re.compile(r"\s*Version\s*:.*", re.I),
    re.compile(r"\s*advertisement version\s*:.*|-{8,}\s*", re.I),
)
_LLDP_PROSE: Final = (
    re.compile(r"\s*System Description\s*:.*", re.I),
    re.compile(r"\s*(?:Time remaining|System Capabilities)\s*:.*|-{8,}\s*", re.I),
)


def _own_words(text: str, prose: tuple[re.Pattern[str], re.Pattern[str]]) -> Iterator[str]:
    """The lines but those between the label of the neighbour's own text and what follows it; its first line stays."""
    begins, ends = prose
    inside = told = False
    for line in text.splitlines():
        if inside and not ends.fullmatch(line):
            if not told and line.strip():
                told = True
                yield f"own words: {line.strip()}"
            continue
        inside = bool(begins.fullmatch(line))
        told = False
        if inside and (rest := line.partition(":")[2].strip()):
            told = True
            yield f"own words: {rest}"
        elif not inside:
            yield line


def _blocks(lines: Iterable[str], heads: tuple[str, ...]) -> Iterator[_Block]:
    """A block begins where a line repeats a head that the open block has, or is the first head."""
    block: _Block | None = None
    for line in lines:
        for label, value in _labels(line):
            if label in heads and (block is None or label in block.said):
                if block is not None:
                    yield block
                block = _Block()
            if block is None:
                continue
            if label in _ADDRESSES:
                block.addresses.append(value)
            else:
                block.said.setdefault(label, value)
    if block is not None:
        yield block


def _labels(line: str) -> Iterator[tuple[str, str]]:
    """The labels of a line; CDP puts two on some: ``Interface: Gi1/0/1,  Port ID (outgoing port): Gi0/1``."""
    port = re.fullmatch(r"\s*(Interface\s*:.*?),\s+(Port ID.*)", line)
    platform = re.fullmatch(r"\s*(Platform\s*:.*?),\s+(Capabilities\s*:.*)", line)
    pair = port or platform
    for part in pair.groups() if pair else (line,):
        if match := _LABEL.fullmatch(part):
            yield match[1].lower(), match[2]


def _from_cdp(block: _Block) -> Neighbour:
    said = block.said
    hostname, chassis = neighbours.device_id(said.get("device id", ""))
    return Neighbour(
        local_interface=said.get("interface", ""),
        hostname=said.get("system name", "") or said.get("sysname", "") or hostname,
        addresses=_addresses(block),
        platform=said.get("platform", ""),
        remote_interface=said.get("port id (outgoing port)", ""),
        chassis_id=chassis,
        protocol="cdp",
    )


def _from_lldp(block: _Block) -> Neighbour:
    said = block.said
    chassis = _told(said.get("chassis id", ""))
    port, described = _told(said.get("port id", "")), _told(said.get("port description", ""))
    return Neighbour(
        local_interface=said.get("local intf") or said.get("local interface") or said.get("local port id", ""),
        hostname=_told(said.get("system name", "")),
        addresses=_addresses(block),
        platform=_told(said.get("own words", ""))[:_LONGEST],
        remote_interface=described if neighbours.is_mac(port) and described else port or described,
        chassis_id=neighbours.mac(chassis) if neighbours.is_mac(chassis) else chassis,
        protocol="lldp",
    )


def _told(text: str) -> str:
    return "" if re.fullmatch(r"- ?not advertised|not advertised|null|-*", text, re.I) else text


def _addresses(block: _Block) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for text in block.addresses if (address := _address(text))))


def _address(text: str) -> str:
    """The address in ``10.0.0.2`` or ``FE80::1 (link-local)``; "" for one that is none, or only good on the cable."""
    try:
        address = ipaddress.ip_address(text.split()[0] if text else "")
    except ValueError:
        return ""
    return "" if address.is_unspecified or address.is_link_local or address.is_multicast else str(address)
