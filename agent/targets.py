"""The target list: rows of a CSV, a workbook or a NetBox device export become targets, or an error.

Inventories of Ansible and Nornir are read by `agent.inventories`; their hosts are judged here like any row.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.complaints import nearest
from agent.inventories import Host, read_inventory
from agent.settings import Settings
from collectors.errors import ConfigError
from collectors.model import Target
from reconcile.headers import plain

COLUMNS: Final = (
    "address",
    "hostname",
    "site",
    "platform",
    "credential",
    "protocols",
    "snmp_port",
    "ssh_port",
    "legacy_ssh",
)
FOUND_COLUMNS: Final = ("found_by", "also", "remark")
"""What `netcover discover` writes besides for the person who edits the list; an audit does not read them."""
NETBOX_ADDRESSES: Final = (
    "primary_ip4",
    "primary_ip",
    "primary_ip6",
    "ipv4 address",
    "ip address",
    "ipv6 address",
)
"""Headers of a NetBox device export, by name (export of all data) or label (current view), best first."""
_SYNONYMS: Final = {"address": ("ip",), "hostname": ("name", "host name", "device", "device name")}
_YES: Final = frozenset(("yes", "y", "true", "1", "x"))
_NO: Final = frozenset(("no", "n", "false", "0", ""))
_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")
_DRIVER: Final = re.compile(r"napalm:[a-z0-9_]+")

Row = tuple[int, Mapping[str, str]]


def load_targets(
    path: Path, settings: Settings, platforms: Collection[str], *, empty_ok: bool = False
) -> tuple[Target, ...]:
    """Read the target list in *path*; *platforms* are the known names, *empty_ok* where nothing is to be polled.

    Raises SheetError where the file cannot be read, ConfigError where a row is wrong: file, row and cure.
    """
    hosts = read_inventory(path)
    if hosts is not None:
        return _of_inventory(hosts, path.name, settings, platforms, empty_ok=empty_ok)
    every = {*COLUMNS, *FOUND_COLUMNS, *NETBOX_ADDRESSES, *(name for names in _SYNONYMS.values() for name in names)}
    from reconcile.sheet import read_sheet  # with pandas: only where there is a table to read

    sheet = read_sheet(path, known=every, typed=True)
    return read_targets(sheet.rows, sheet.name, settings, platforms) if sheet.rows or not empty_ok else ()


def read_targets(
    rows: Sequence[Row], origin: str, settings: Settings, platforms: Collection[str]
) -> tuple[Target, ...]:
    """Targets of *rows* (row number, cells by header) read from the file *origin*.

    In a NetBox export, devices without a primary address are left out and a platform we do not know is left
    for the device to tell. Raises ConfigError that names file, row and cure.
    """
    if not rows:
        raise ConfigError(f"{origin}: lists no target; add a row with an address below the header")
    headers = _Headers.of(tuple(rows[0][1]), origin)
    once = _Once()
    for number, cells in rows:
        row = _Row(f"{origin}, row {number}", {name: cells[header].strip() for name, header in headers.ours})
        address = _address(row, _first(cells, headers.netbox) or row.cells.get("address", ""), headers)
        if not address:
            continue
        foreign = bool(headers.netbox)
        target = _target(row, address, f"{origin}:{number}", settings, platforms, foreign=foreign)
        once.add(target, row.where, f"row {number}")
    if not once.found:
        raise ConfigError(f"{origin}: no row has an address; fill the column {(*headers.netbox, 'address')[0]}")
    return tuple(once.found)


def _of_inventory(
    hosts: Sequence[Host], origin: str, settings: Settings, platforms: Collection[str], *, empty_ok: bool
) -> tuple[Target, ...]:
    """Targets of an inventory's hosts; a platform we do not know is left for the device to tell."""
    if not hosts and not empty_ok:
        raise ConfigError(f"{origin}: lists no host")
    once = _Once()
    for host in hosts:
        row = _Row(f"{origin}, host {host.name}", host.cells)
        address = _address(row, host.cells["address"], _Headers((), ()))
        place = f"{origin}:{host.line or host.name}"
        once.add(_target(row, address, place, settings, platforms, foreign=True), row.where, f"host {host.name}")
    return tuple(once.found)


@dataclass(slots=True)
class _Once:
    """Targets on their way into a list; one place is listed once."""

    found: list[Target] = field(default_factory=list)
    places: dict[tuple[str, int | None, int | None], str] = field(default_factory=dict)

    def add(self, target: Target, where: str, name: str) -> None:
        place = (target.address.lower(), target.snmp_port, target.ssh_port)
        if place in self.places:
            raise ConfigError(
                f"{where}: {target.address} is listed in {self.places[place]} already; remove one of the rows"
            )
        self.places[place] = name
        self.found.append(target)


@dataclass(frozen=True, slots=True)
class _Headers:
    ours: tuple[tuple[str, str], ...]
    """(our column, the file's header)."""
    netbox: tuple[str, ...]
    """The file's headers that hold a NetBox address, best first; empty in any other file."""

    @classmethod
    def of(cls, headers: Sequence[str], origin: str) -> _Headers:
        by_name = {plain(header): header for header in headers}
        ours = {
            column: by_name[plain(name)]
            for column in COLUMNS
            for name in reversed((column, *_SYNONYMS.get(column, ())))
            if plain(name) in by_name
        }
        netbox = tuple(by_name[plain(name)] for name in NETBOX_ADDRESSES if plain(name) in by_name)
        if "address" in ours:
            netbox = ()
        elif not netbox:
            raise ConfigError(f"{origin}: has no column address; its first row must name the columns")
        if not netbox:
            _refuse_misspelt(set(headers) - set(ours.values()) - set(FOUND_COLUMNS), set(COLUMNS) - set(ours), origin)
        return cls(tuple(ours.items()), netbox)


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    cells: Mapping[str, str]

    def error(self, column: str, text: str) -> ConfigError:
        return ConfigError(f"{self.where}, {column}: {self.cells.get(column, '')!r} {text}")


def _refuse_misspelt(unknown: Iterable[str], missing: Iterable[str], origin: str) -> None:
    """Other columns are the user's own, but one that is nearly ours would be lost in silence."""
    names = {plain(name): name for name in missing}
    for header in sorted(unknown):
        if near := nearest(plain(header), names, cutoff=0.8):
            raise ConfigError(f"{origin}: unknown column {header!r}{near} Correct it, or rename your own column")


def _first(cells: Mapping[str, str], headers: Sequence[str]) -> str:
    return next((text for header in headers if (text := cells[header].strip())), "")


def _address(row: _Row, text: str, headers: _Headers) -> str:
    """The IP address in its usual form, or a name; "" for a NetBox device that has none."""
    if headers.netbox:
        text = text.partition("/")[0]  # NetBox writes an address with the length of its network
        if not text:
            return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    if not text:
        raise ConfigError(f"{row.where}: has no address; fill it in or remove the row")
    if "/" in text:
        raise ConfigError(f"{row.where}: {text!r} is a range; list its devices, one a row")
    if re.fullmatch(r"[0-9.xX]+|0[xX][0-9A-Fa-f.]+", text) or ":" in text or not _NAME.fullmatch(text):
        raise ConfigError(f"{row.where}: {text!r} is no IP address or host name; write one such as 192.0.2.10")
    return text


def _target(
    row: _Row, address: str, origin: str, settings: Settings, platforms: Collection[str], *, foreign: bool
) -> Target:
    cells = row.cells
    return Target(
        address=address,
        hostname=cells.get("hostname", ""),
        site=cells.get("site", ""),
        platform=_platform(row, platforms, foreign=foreign),
        credential=_credential(row, settings),
        protocols=_protocols(row),
        snmp_port=_port(row, "snmp_port"),
        ssh_port=_port(row, "ssh_port"),
        legacy_ssh=_flag(row, "legacy_ssh"),
        origin=origin,
    )


def _platform(row: _Row, platforms: Collection[str], *, foreign: bool) -> str:
    text = row.cells.get("platform", "")
    name = re.sub(r"[^a-z0-9:]+", "_", text.lower()).strip("_")
    if not name or name in platforms or _DRIVER.fullmatch(name):
        return name
    if foreign:
        return ""
    near = nearest(name, platforms)
    known = near or f"; known: {', '.join(sorted(platforms))}, napalm:DRIVER"
    raise row.error("platform", f"is no known platform{known} (empty lets the device tell)")


def _credential(row: _Row, settings: Settings) -> str:
    name = row.cells.get("credential", "")
    if name and name not in settings.credentials:
        near = nearest(name, settings.credentials) or f"; it has: {', '.join(settings.credentials) or 'none'}"
        raise row.error("credential", f"is not in {settings.file}{near}")
    return name


def _protocols(row: _Row) -> tuple[str, ...]:
    names = tuple(re.findall(r"[^\s,;+/|]+", row.cells.get("protocols", "").lower()))
    if set(names) - {"snmp", "ssh"} or len(set(names)) < len(names):
        raise row.error("protocols", 'must be snmp, ssh, or both as "snmp,ssh"')
    return names


def _port(row: _Row, column: str) -> int | None:
    text = row.cells.get(column, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise row.error(column, "is no port; write a number from 1 to 65535, or leave it empty")
    return int(text)


def _flag(row: _Row, column: str) -> bool:
    text = row.cells.get(column, "").lower()
    if text not in _YES | _NO:
        raise row.error(column, "must be yes, no or empty")
    return text in _YES
