"""When two announcements are of one neighbour, and what a device id of CDP holds.

CDP and LLDP, and the two ways to read each, show the same cable up to four times. They agree on the local port (once
its name is cut to what all writings share) and on any of host name, address and chassis id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from collectors.model import Neighbour

_MAC: Final = re.compile(r"(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2}|(?:[0-9A-F]{4}\.){2}[0-9A-F]{4}", re.I)
_SERIAL: Final = r"[A-Z]{3}[0-9]{4}[0-9A-Z]{4}"
_BEHIND: Final = re.compile(rf"(?P<name>[^()]+)\((?P<serial>{_SERIAL})\)", re.I)
_BEFORE: Final = re.compile(r"(?P<serial>[0-9A-Z]{6,})\((?P<name>[^()]+)\)", re.I)
_LONGEST: Final = 255
_PORT: Final = re.compile(r"\s*([A-Za-z][A-Za-z-]*?)\s*-?(\d[\w/.:]*)\s*")


def merged(found: Iterable[Neighbour]) -> tuple[Neighbour, ...]:
    """Each neighbour once a local port; what comes first wins a cell, what follows fills the empty ones.

    What strangers announce reaches files and screens: it is cut to one line of printable text.
    """
    kept: list[Neighbour] = []
    for one in map(_printable, found):
        at = next((at for at, other in enumerate(kept) if _same(other, one)), None)
        if at is None:
            kept.append(one)
        else:
            kept[at] = _filled(kept[at], one)
    return tuple(kept)


def device_id(text: str) -> tuple[str, str]:
    """The host name and the chassis id in a CDP device id.

    NX-OS puts its serial behind the name, CatOS before it; a device without a name gives its MAC address.

    >>> device_id("dc-1.example.org(FDO00000AAA)")
    ('dc-1.example.org', 'FDO00000AAA')
    """
    said = text.strip()
    if is_mac(said):
        return "", mac(said)
    match = _BEHIND.fullmatch(said) or _BEFORE.fullmatch(said)
    return (match["name"].strip(), match["serial"]) if match else (said, "")


def is_mac(text: str) -> bool:
    """Whether *text* is a MAC address in any writing."""
    return bool(_MAC.fullmatch(text.strip()))


def mac(text: str) -> str:
    """A MAC address as six pairs.

    >>> mac("0011.22AA.4455")
    '00:11:22:aa:44:55'
    """
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _printable(one: Neighbour) -> Neighbour:
    return replace(
        one,
        local_interface=_line(one.local_interface),
        hostname=_line(one.hostname),
        platform=_line(one.platform),
        remote_interface=_line(one.remote_interface),
        chassis_id=_line(one.chassis_id),
    )


def _line(text: str) -> str:
    return "".join(filter(str.isprintable, text))[:_LONGEST].strip()


def _same(one: Neighbour, other: Neighbour) -> bool:
    if _port(one.local_interface) != _port(other.local_interface):
        return False
    if one.hostname and other.hostname:
        return _host(one.hostname) == _host(other.hostname)
    if one.chassis_id and one.chassis_id == other.chassis_id:
        return True
    return bool(set(one.addresses) & set(other.addresses))


def _port(name: str) -> str:
    """The part of a port's name that all its writings share: ``te1/0/1`` of ``TenGigabitEthernet1/0/1``."""
    match = _PORT.fullmatch(name)
    return f"{match[1][:2]}{match[2]}".lower() if match else name.strip().lower()


def _host(name: str) -> str:
    return name.partition(".")[0].casefold()


def _filled(one: Neighbour, other: Neighbour) -> Neighbour:
    longer = max(one.hostname, other.hostname, key=len)
    serial = next((told for told in (one.chassis_id, other.chassis_id) if told and not is_mac(told)), "")
    return replace(
        one,
        hostname=longer,
        addresses=tuple(dict.fromkeys((*one.addresses, *other.addresses))),
        platform=one.platform or other.platform,
        remote_interface=one.remote_interface or other.remote_interface,
        chassis_id=serial or one.chassis_id or other.chassis_id,
        protocol=_joined(one.protocol, other.protocol),
        collected_via=_joined(one.collected_via, other.collected_via),
    )


def _joined(one: str, other: str) -> str:
    return "+".join(dict.fromkeys(word for word in (*one.split("+"), *other.split("+")) if word))
