# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Cables of a device: one description, told by CDP and LLDP, over SNMP and on the command line."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tests.lab import ber
from tests.lab.ber import Oid

if TYPE_CHECKING:
    from tests.lab.device import Device

_IF_NAME: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
_CDP_CACHE: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)
_LLDP: Final[Oid] = (1, 0, 8802, 1, 1, 2, 1)
_FIRST: Final = 1001
"""ifIndex of the first cable's port."""


@dataclass(frozen=True, slots=True)
class Link:
    """One cable, and what the device at its other end announces."""

    local: str
    hostname: str
    address: str = ""
    """IPv4; "" where none is announced."""
    platform: str = "cisco C9300-48P"
    remote: str = "GigabitEthernet1/0/1"
    serial: str = ""
    """Put behind the host name by CDP, as NX-OS does."""
    mac: str = "00:de:ad:00:00:01"
    protocols: tuple[str, ...] = ("cdp", "lldp")


def with_links(device: Device) -> Device:
    """The device as it is served: its MIB and command line tell its cables."""
    if not device.links:
        return device
    mib = {**device.mib, **links_mib(device.links)} if device.mib else device.mib
    cli = device.cli
    if cli is not None:
        cli = replace(cli, answers={**links_answers(device.links, cli.dialect), **cli.answers})
    return replace(device, mib=mib, cli=cli)


def links_mib(links: Sequence[Link]) -> dict[Oid, bytes]:
    """CISCO-CDP-MIB cdpCacheTable, LLDP-MIB lldpRemTable with its local ports and management addresses, ifName."""
    mib: dict[Oid, bytes] = {}
    for port, link in enumerate(links, _FIRST):
        mib[(*_IF_NAME, port)] = ber.octets(link.local)
        mib[(*_LLDP, 3, 7, 1, 2, port)] = ber.integer(5)
        mib[(*_LLDP, 3, 7, 1, 3, port)] = ber.octets(link.local)
        mib[(*_LLDP, 3, 7, 1, 4, port)] = ber.octets(link.local)
        address = ipaddress.IPv4Address(link.address).packed if link.address else b""
        if "cdp" in link.protocols:
            mib |= _cdp_row(port, link, address)
        if "lldp" in link.protocols:
            mib |= _lldp_row(port, link, address)
    return mib


def _cdp_row(port: int, link: Link, address: bytes) -> dict[Oid, bytes]:
    row = {
        (*_CDP_CACHE, 6, port, 1): ber.octets(_device_id(link)),
        (*_CDP_CACHE, 7, port, 1): ber.octets(link.remote),
        (*_CDP_CACHE, 8, port, 1): ber.octets(link.platform),
    }
    if address:
        row |= {(*_CDP_CACHE, 3, port, 1): ber.integer(1), (*_CDP_CACHE, 4, port, 1): ber.octets(address)}
    return row


def _lldp_row(port: int, link: Link, address: bytes) -> dict[Oid, bytes]:
    index = (0, port, 1)
    entry = (*_LLDP, 4, 1, 1)
    row = {
        (*entry, 4, *index): ber.integer(4),
        (*entry, 5, *index): ber.octets(bytes.fromhex(link.mac.replace(":", ""))),
        (*entry, 6, *index): ber.integer(5),
        (*entry, 7, *index): ber.octets(link.remote),
        (*entry, 8, *index): ber.octets(f"to {link.local}"),
        (*entry, 9, *index): ber.octets(link.hostname),
        (*entry, 10, *index): ber.octets(f"{link.platform} software\nbuilt by nobody"),
    }
    if address:
        row[(*_LLDP, 4, 2, 1, 3, *index, 1, 4, *address)] = ber.integer(2)
    return row


def links_answers(links: Sequence[Link], dialect: str) -> dict[str, str]:
    """`show cdp neighbors detail` and `show lldp neighbors detail`; an ASA has neither."""
    if dialect not in ("ios", "nxos", "xr"):
        return {}
    cdp = [link for link in links if "cdp" in link.protocols]
    lldp = [link for link in links if "lldp" in link.protocols]
    tell = {"ios": _cdp_ios, "nxos": _cdp_nxos, "xr": _cdp_xr}[dialect]
    total = "" if dialect == "nxos" else f"\nTotal cdp entries displayed : {len(cdp)}\n"
    tell_lldp = _lldp_nxos if dialect == "nxos" else _lldp_ios
    return {
        "show cdp neighbors detail": "".join(map(tell, cdp)) + total,
        "show lldp neighbors detail": "".join(map(tell_lldp, lldp)) + f"\nTotal entries displayed: {len(lldp)}\n",
    }


def _device_id(link: Link) -> str:
    return f"{link.hostname}({link.serial})" if link.serial else link.hostname


def _cdp_ios(link: Link) -> str:
    told = f"  IP address: {link.address}\n" if link.address else ""
    return (
        f"-------------------------\nDevice ID: {_device_id(link)}\nEntry address(es): \n{told}"
        f"Platform: {link.platform},  Capabilities: Router Switch IGMP \n"
        f"Interface: {link.local},  Port ID (outgoing port): {link.remote}\nHoldtime : 144 sec\n\n"
        "Version :\nInvented Software, Version 1.0\nDevice ID: not-a-device\n\nadvertisement version: 2\nDuplex: full\n"
        f"Management address(es): \n{told}\n"
    )


def _cdp_nxos(link: Link) -> str:
    told = f"    IPv4 Address: {link.address}\n" if link.address else ""
    return (
        f"----------------------------------------\nDevice ID:{_device_id(link)}\nSystem Name: {link.hostname}\n\n"
        f"Interface address(es):\n{told}Platform: {link.platform}, Capabilities: Router Switch\n"
        f"Interface: {link.local}, Port ID (outgoing port): {link.remote}\nHoldtime: 144 sec\n\n"
        f"Version:\nInvented Software, Version 1.0\n\nAdvertisement Version: 2\n\nMTU: 1500\nMgmt address(es):\n{told}\n"
    )


def _cdp_xr(link: Link) -> str:
    told = f"  IPv4 address: {link.address}\n" if link.address else ""
    return (
        f"-------------------------\nDevice ID: {_device_id(link)}\nSysName : {link.hostname}\nEntry address(es): \n{told}"
        f"Platform: {link.platform},  Capabilities: Router \nInterface: {link.local}\nPort ID (outgoing port): {link.remote}\n"
        "Holdtime : 144 sec\n\nVersion :\nInvented Software, Version 1.0\n\nadvertisement version: 2\nDuplex: full\n"
    )


def _lldp_ios(link: Link) -> str:
    told = (
        f"Management Addresses:\n    IP: {link.address}\n"
        if link.address
        else "Management Addresses - not advertised\n"
    )
    return (
        f"------------------------------------------------\nLocal Intf: {link.local}\nChassis id: {link.mac.replace(':', '')[:4]}."
        f"{link.mac.replace(':', '')[4:8]}.{link.mac.replace(':', '')[8:]}\nPort id: {link.remote}\nPort Description: to {link.local}\n"
        f"System Name: {link.hostname}\n\nSystem Description: \n{link.platform} software\nbuilt by nobody\n\n"
        f"Time remaining: 92 seconds\nSystem Capabilities: B,R\nEnabled Capabilities: R\n{told}\n"
    )


def _lldp_nxos(link: Link) -> str:
    return (
        f"Chassis id: {link.mac}\nPort id: {link.remote}\nLocal Port id: {link.local}\nPort Description: null\n"
        f"System Name: {link.hostname}\nSystem Description: {link.platform} software\nTime remaining: 92 seconds\n"
        f"System Capabilities: B, R\nEnabled Capabilities: B, R\nManagement Address: {link.address or 'not advertised'}\n"
        "Management Address IPV6: not advertised\nVlan ID: not advertised\n\n"
    )
