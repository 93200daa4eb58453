# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Serials of the lab and the one description of a device that its SNMP tables and CLI answers are both made from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.device import Device

OTHER, BACKPLANE, CHASSIS, CONTAINER, PSU, FAN, SENSOR, MODULE, PORT, STACK, CPU = (
    1,
    4,
    3,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
)
"""entPhysicalClass (ENTITY-MIB, IANA-ENTITY-MIB)."""

_SITES: Final = (
    "FOC", "FCW", "FDO", "JAE", "SAL", "FXS", "FHH", "JAF", "JMX", "FTX", "FGL", "FJC", "SSI", "SMG", "TME", "AVD",
    "FNS", "OPM", "LCC", "MOC", "DTN", "LIT", "POG", "DCB", "CAT", "FHK", "FLM", "INL", "ACW", "LEA",
)  # fmt: skip
_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ENT_PHYSICAL_ENTRY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
ENT_LAST_CHANGE: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 4, 1, 0)


def serial_of(address: str, slot: str, generation: int = 0) -> str:
    """The Cisco-style serial (LLLYYWWSSSS) of a slot: a pure function, so a unit of the wrong device is provable.

    >>> serial_of("127.10.1.1", "1") == serial_of("127.10.1.1", "1") != serial_of("127.10.1.1", "1", 1)
    True
    """
    number = _number(address, slot, generation)
    number, site = divmod(number, len(_SITES))
    number, year = divmod(number, 8)
    number, week = divmod(number, 52)
    return f"{_SITES[site]}{20 + year}{week + 1:02}{_letters(number, 4)}"


def smartoptics_serial(address: str, slot: str, generation: int = 0) -> str:
    """The same in the form seen on a DCP: S, two digits of year, two of week, nine more characters."""
    number = _number(address, slot, generation)
    number, year = divmod(number, 6)
    number, week = divmod(number, 52)
    return f"S{19 + year}{week + 1:02}{_letters(number, 9)}"


@dataclass(frozen=True, slots=True)
class Box:
    """Where a profile is put: its address and name, and which of its slots hold a replacement."""

    address: str
    hostname: str
    swaps: Collection[tuple[str, str]] = frozenset()
    """(address, slot) pairs, of the whole fleet."""

    def serial(self, slot: str) -> str:
        return serial_of(self.address, slot, int((self.address, slot) in self.swaps))

    def smartoptics(self, slot: str) -> str:
        return smartoptics_serial(self.address, slot, int((self.address, slot) in self.swaps))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of entPhysicalTable and, where it has a part number or serial, of `show inventory`."""

    index: int
    parent: int
    cls: int
    name: str
    descr: str = ""
    pid: str = ""
    serial: str = ""
    hw: str = ""
    fw: str = ""
    sw: str = ""
    mfg: str = "Cisco Systems Inc"
    fru: bool = False
    kind: str = ""
    """netcover's kind where the row is a unit of its own; "" for bays, ports, shadows and repeats."""
    slot: str = ""
    """The lab's name for the place, as `serial_of` and `--swap` take it."""
    cli: str | None = None
    """NAME in `show inventory` where it differs; "" for a row that only SNMP has."""
    snmp: bool = True
    """False for a row that only the CLI has."""


@dataclass(frozen=True, slots=True)
class TrueUnit:
    """What really sits in a slot: the oracle's side of the story."""

    address: str
    slot: str
    kind: str
    product_id: str
    serial: str


@dataclass(frozen=True, slots=True)
class Built:
    """A profile at an address: the device that is served and the units that are really there."""

    device: Device
    units: tuple[TrueUnit, ...] = ()


def true_units(address: str, rows: Iterable[Row]) -> tuple[TrueUnit, ...]:
    """The rows that are units, text trimmed as a person reading the label would."""
    return tuple(
        TrueUnit(address, row.slot or row.name, row.kind, row.pid.strip(), row.serial.strip())
        for row in rows
        if row.kind
    )


def entity_table(rows: Sequence[Row], last_change: int = 123_456) -> dict[Oid, bytes]:
    """entPhysicalTable, columns 2 to 16, and entLastChangeTime."""
    mib: dict[Oid, bytes] = {ENT_LAST_CHANGE: ber.integer(last_change, ber.TIME_TICKS)}
    seen: dict[int, int] = {}
    for row in (row for row in rows if row.snmp):
        seen[row.parent] = seen.get(row.parent, 0) + 1
        texts = {
            2: row.descr or row.name,
            7: row.name,
            8: row.hw,
            9: row.fw,
            10: row.sw,
            11: row.serial,
            12: row.mfg,
            13: row.pid,
            14: "",
            15: "",
        }
        numbers = {
            4: row.parent,
            5: row.cls,
            6: seen[row.parent] if row.parent else -1,
            16: 1 if row.fru else 2,
        }
        mib |= {(*ENT_PHYSICAL_ENTRY, column, row.index): ber.octets(text) for column, text in texts.items()}
        mib |= {(*ENT_PHYSICAL_ENTRY, column, row.index): ber.integer(number) for column, number in numbers.items()}
        mib[(*ENT_PHYSICAL_ENTRY, 3, row.index)] = ber.object_id((0, 0))
    return mib


def inventory(rows: Iterable[Row], style: str = "ios") -> str:
    """The answer to `show inventory` in the layout of one operating system: ios, nxos, xr or asa."""
    return "\n".join(_entry(row, style) for row in rows if row.cli != "" and (row.pid or row.serial)) + "\n"


def raw_inventory(rows: Iterable[Row], style: str = "ios") -> str:
    """`show inventory raw` or `all`: every row, also bays and ports."""
    return "\n".join(_entry(row, style) for row in rows if row.cli != "") + "\n"


def _entry(row: Row, style: str) -> str:
    name, descr = row.cli or row.name, row.descr or row.name
    if style == "nxos":
        return f'NAME: "{name}",  DESCR: "{descr}"  \nPID: {row.pid:<20} ,  VID: {row.hw or "N/A":<3} ,  SN: {row.serial or "N/A":<20}\n'
    if style == "asa":
        return f'Name: "{name}", DESCR: "{descr}"\nPID: {row.pid or "N/A":<18}, VID: {row.hw or "N/A":<8}, SN: {row.serial or "N/A"}\n'
    if style == "xr":
        return f'NAME: "{name}", DESCR: "{descr}"\nPID: {row.pid or "N/A":<18}, VID: {row.hw or "N/A"}, SN: {row.serial or "N/A"}\n'
    return f'NAME: "{name}", DESCR: "{descr}"\nPID: {row.pid:<18}, VID: {row.hw:<5}, SN: {row.serial}\n'


def _number(address: str, slot: str, generation: int) -> int:
    seed = f"lab unit {address}/{slot}/{generation}".encode()
    return int.from_bytes(hashlib.blake2b(seed, digest_size=12).digest(), "big")


def _letters(number: int, size: int) -> str:
    letters = []
    for _ in range(size):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "".join(letters)
