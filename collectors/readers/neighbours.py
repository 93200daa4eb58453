"""Who stands at the other end of a device's cables: CISCO-CDP-MIB and LLDP-MIB (IEEE 802.1AB-2005).

Cells that an announcement may lack (a system name, a management address) are gaps in their columns, so the columns of
what is announced are `sparse`. Only the row itself, its device id or chassis id, has to be there.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from collectors import neighbours
from collectors.model import NEIGHBOURS, Neighbour
from collectors.oids import Oid, Value, Walk, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, trimmed

_IF_NAME: Final = oid("1.3.6.1.2.1.31.1.1.1.1")

_CDP: Final = oid("1.3.6.1.4.1.9.9.23.1.2.1.1")
_ADDRESS_TYPE: Final = (*_CDP, 3)
_ADDRESS: Final = (*_CDP, 4)
_DEVICE_ID: Final = (*_CDP, 6)
_DEVICE_PORT: Final = (*_CDP, 7)
_PLATFORM: Final = (*_CDP, 8)
_SYS_NAME: Final = (*_CDP, 17)
_MGMT_TYPE: Final = (*_CDP, 19)
_MGMT_ADDRESS: Final = (*_CDP, 20)
_CDP_SPARSE: Final = (_ADDRESS_TYPE, _ADDRESS, _DEVICE_PORT, _PLATFORM, _SYS_NAME, _MGMT_TYPE, _MGMT_ADDRESS)
_IP: Final = (1, 20)
"""CiscoNetworkProtocol (CISCO-TC): ip, ipv6."""

_LLDP: Final = oid("1.0.8802.1.1.2.1")
_LOCAL_SUBTYPE: Final = (*_LLDP, 3, 7, 1, 2)
_LOCAL_ID: Final = (*_LLDP, 3, 7, 1, 3)
_LOCAL_DESC: Final = (*_LLDP, 3, 7, 1, 4)
_CHASSIS_SUBTYPE: Final = (*_LLDP, 4, 1, 1, 4)
_CHASSIS_ID: Final = (*_LLDP, 4, 1, 1, 5)
_PORT_SUBTYPE: Final = (*_LLDP, 4, 1, 1, 6)
_PORT_ID: Final = (*_LLDP, 4, 1, 1, 7)
_PORT_DESC: Final = (*_LLDP, 4, 1, 1, 8)
_REMOTE_NAME: Final = (*_LLDP, 4, 1, 1, 9)
_REMOTE_DESC: Final = (*_LLDP, 4, 1, 1, 10)
_MANAGEMENT: Final = (*_LLDP, 4, 2, 1, 3)
_LLDP_SPARSE: Final = (
    _LOCAL_SUBTYPE, _LOCAL_ID, _LOCAL_DESC, _CHASSIS_SUBTYPE, _PORT_SUBTYPE, _PORT_ID, _PORT_DESC, _REMOTE_NAME,
    _REMOTE_DESC, _MANAGEMENT,
)  # fmt: skip
_MAC_CHASSIS: Final = 4
_ADDRESS_CHASSIS: Final = 5
_MAC_PORT: Final = 3
_FAMILIES: Final = {1: 4, 2: 16}
"""IANA address family numbers of IPv4 and IPv6, and their octets."""
_LONGEST: Final = 120


def _cdp(walk: Walk) -> Rows:
    """One neighbour a row; index: ifIndex of the local port, and a number."""
    rows = indexes(walk, (_DEVICE_ID, *_CDP_SPARSE))
    found = [_cdp_row(walk, index) for index in rows]
    named = tuple(one for one in found if one.hostname or one.chassis_id or one.addresses)
    gaps = [f"{len(found) - len(named)} CDP rows name no neighbour"] if len(named) < len(found) else []
    state, reason = judged(walk, found=bool(rows), gaps=gaps)
    return Rows(state, reason, neighbours=named)


def _cdp_row(walk: Walk, index: Oid) -> Neighbour:
    said = cell(walk, _DEVICE_ID, index)
    raw = isinstance(said, bytes) and len(said) == 6 and not said.isascii()
    hostname, chassis = ("", _octets_as_mac(said)) if raw else neighbours.device_id(trimmed(said))
    told = (
        _address(cell(walk, column, index))
        for column, kind in ((_MGMT_ADDRESS, _MGMT_TYPE), (_ADDRESS, _ADDRESS_TYPE))
        if number(cell(walk, kind, index)) in _IP
    )
    port = index[:1]
    return Neighbour(
        local_interface=trimmed(cell(walk, _IF_NAME, port)) or ".".join(map(str, port)),
        hostname=trimmed(cell(walk, _SYS_NAME, index)) or hostname,
        addresses=tuple(dict.fromkeys(address for address in told if address)),
        platform=trimmed(cell(walk, _PLATFORM, index)),
        remote_interface=trimmed(cell(walk, _DEVICE_PORT, index)),
        chassis_id=chassis,
        protocol="cdp",
    )


def _lldp(walk: Walk) -> Rows:
    """One neighbour a row; index: lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex."""
    rows = [index for index in indexes(walk, (_CHASSIS_ID, _PORT_ID, _REMOTE_NAME)) if len(index) == 3]
    addresses: dict[Oid, list[str]] = {}
    for index in indexes(walk, (_MANAGEMENT,)):
        if address := _indexed_address(index[3:]):
            addresses.setdefault(index[:3], []).append(address)
    found = tuple(_lldp_row(walk, index, tuple(addresses.get(index, ()))) for index in rows)
    state, reason = judged(walk, found=bool(rows))
    return Rows(state, reason, neighbours=found)


def _lldp_row(walk: Walk, index: Oid, addresses: tuple[str, ...]) -> Neighbour:
    kind, chassis = number(cell(walk, _CHASSIS_SUBTYPE, index)), cell(walk, _CHASSIS_ID, index)
    announced = _family_address(chassis) if kind == _ADDRESS_CHASSIS else ""
    if kind == _MAC_CHASSIS and isinstance(chassis, bytes) and len(chassis) == 6:
        chassis_id = _octets_as_mac(chassis)
    else:
        chassis_id = announced or trimmed(chassis)
    mac_port = number(cell(walk, _PORT_SUBTYPE, index)) == _MAC_PORT
    described = trimmed(cell(walk, _PORT_DESC, index))
    return Neighbour(
        local_interface=_local_port(walk, index[1:2]),
        hostname=trimmed(cell(walk, _REMOTE_NAME, index)),
        addresses=tuple(dict.fromkeys((*addresses, *([announced] if announced else [])))),
        platform=trimmed(cell(walk, _REMOTE_DESC, index)).partition("\n")[0].strip()[:_LONGEST],
        remote_interface=described if mac_port else trimmed(cell(walk, _PORT_ID, index)) or described,
        chassis_id=neighbours.mac(chassis_id) if neighbours.is_mac(chassis_id) else chassis_id,
        protocol="lldp",
    )


def _local_port(walk: Walk, port: Oid) -> str:
    """The port's name: its id, unless that is its MAC address; else its description, else its number.

    NX-OS gives MAC addresses, a person's words as descriptions, and numbers that are ifIndex.
    """
    is_mac = number(cell(walk, _LOCAL_SUBTYPE, port)) == _MAC_PORT
    name = trimmed(cell(walk, _IF_NAME if is_mac else _LOCAL_ID, port))
    return name or trimmed(cell(walk, _LOCAL_DESC, port)) or ".".join(map(str, port))


def _indexed_address(arcs: Oid) -> str:
    """The address in the index of lldpRemManAddrTable: family, length (left out by some agents), octets."""
    size = _FAMILIES.get(arcs[0], 0) if arcs else 0
    octets = arcs[-size:] if size and len(arcs) in (size + 1, size + 2) else ()
    return _address(bytes(octets)) if octets and max(octets) < 256 else ""


def _family_address(value: Value) -> str:
    """The address of a chassis id of subtype networkAddress, whose first octet is the family."""
    return _address(value[1:]) if isinstance(value, bytes) and value and value[0] in _FAMILIES else ""


def _address(value: Value) -> str:
    """The usual writing of an address; "" for one that names no host (0.0.0.0, link-local, loopback)."""
    if not isinstance(value, bytes) or len(value) not in (4, 16):
        return ""
    address = ipaddress.ip_address(value)
    return "" if address.is_unspecified or address.is_multicast or address.is_link_local else str(address)


def _octets_as_mac(value: Value) -> str:
    return ":".join(f"{octet:02x}" for octet in value) if isinstance(value, bytes) else ""


CDP: Final = Reader(
    name="cdp",
    section=NEIGHBOURS,
    read=_cdp,
    columns=(_DEVICE_ID, *_CDP_SPARSE, _IF_NAME),
    sparse=_CDP_SPARSE,
)
LLDP: Final = Reader(
    name="lldp",
    section=NEIGHBOURS,
    read=_lldp,
    columns=(_CHASSIS_ID, *_LLDP_SPARSE, _IF_NAME),
    sparse=_LLDP_SPARSE,
)
