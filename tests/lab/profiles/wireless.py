# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Two wireless controllers with their access points: AireOS, and a 9800 that runs IOS-XE.

The access points' table and the controllers' answers are written from the MIB and the command references.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.device import Access, Cli, Device
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
from tests.lab.units import CHASSIS, OTHER, Box, Built, Row, TrueUnit, entity_table, inventory, true_units

_AP: Oid = (1, 3, 6, 1, 4, 1, 14179, 2, 2, 1, 1)
_JOINED: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 618, 1, 8, 4, 0)
_AP_MODEL = "AIR-AP3802I-E-K9"


def aireos(box: Box, access: Access, *, points: int = 3, release: str = "8.10.185.0") -> Built:
    """A 5520 controller; its access points are in SNMP and in `show ap inventory all`."""
    rows = [Row(1, 0, CHASSIS, "Chassis", "Cisco 5520 Wireless LAN Controller", "AIR-CT5520-K9", box.serial("chassis"), "V02", "", release,
                "Cisco Systems Inc.", kind="chassis", slot="chassis")]  # fmt: skip
    mib = system("Cisco Controller", "1.3.6.1.4.1.9.1.2170", box.hostname) | interfaces(2) | entity_table(rows)
    names = _names(points)
    answers = {
        "show sysinfo": f"\nManufacturer's Name.............................. Cisco Systems Inc.\nProduct Name..................................... Cisco Controller\nProduct Version.................................. {release}\n\nSystem Name...................................... {box.hostname}\n",
        "show inventory": "Burned-in MAC Address............................ 00:A2:89:11:22:33\nMaximum number of APs supported.................. 1500\n"
        + inventory(rows),
        "show ap summary": _summary(names),
        "show ap inventory all": "".join(_ap_inventory(name, box.serial(name)) for name in names),
    }
    device = Device(
        box.address, box.hostname, "cisco_wlc", mib | _ap_table(box, names, release), Cli("aireos", answers), access
    )
    return Built(device, (*true_units(box.address, rows), *_points(box, names)))


def c9800(box: Box, access: Access, *, points: int = 2, release: str = "17.9.4") -> Built:
    """A 9800-L; its access points are in SNMP and in `show ap config general`."""
    chassis = box.serial("chassis")
    rows = [
        Row(
            1,
            0,
            CHASSIS,
            "Chassis",
            "Cisco C9800-L-C-K9 Chassis",
            "C9800-L-C-K9",
            chassis,
            "V02",
            kind="chassis",
            slot="chassis",
        ),
        Row(
            7,
            1,
            OTHER,
            "module R0",
            "Cisco C9800-L-C-K9 Route Processor",
            "C9800-L-C-K9",
            box.serial("R0"),
            "V02",
            kind="other",
            slot="R0",
        ),
    ]
    banner = (
        f"Cisco IOS Software [Cupertino], C9800 Software (C9800_IOSXE-K9), Version {release}, RELEASE SOFTWARE (fc5)"
    )
    names = _names(points)
    mib = (
        system(banner, "1.3.6.1.4.1.9.1.2860", box.hostname)
        | interfaces(2)
        | entity_table(rows)
        | _ap_table(box, names, f"{release}.27")
    )
    answers = {
        "show version": f"Cisco IOS XE Software, Version {release}\n{banner}\n\n{box.hostname} uptime is 3 weeks, 2 days\ncisco C9800-L-C-K9 (KATAR) processor (revision KATAR) with 3758026K/6147K bytes of memory.\nProcessor board ID {chassis}\n",
        "show inventory": inventory(rows),
        "show ap summary": _summary(names),
        "show ap config general": "\n".join(_ap_config(name, box.serial(name), f"{release}.27") for name in names),
    }
    device = Device(
        box.address, box.hostname, "cisco_ios", mib | neighbours_of_the_tables(), Cli("ios", answers), access
    )
    return Built(device, (*true_units(box.address, rows), *_points(box, names)))


def _names(points: int) -> list[str]:
    return [f"floor{number}-ap" for number in range(1, points + 1)]


def _points(box: Box, names: Sequence[str]) -> tuple[TrueUnit, ...]:
    rows = [
        Row(n, 0, OTHER, name, "", _AP_MODEL, box.serial(name), kind="access_point", slot=name)
        for n, name in enumerate(names, 1)
    ]
    return true_units(box.address, rows)


def _ap_table(box: Box, names: Sequence[str], release: str) -> dict[Oid, bytes]:
    mib: dict[Oid, bytes] = {_JOINED: ber.integer(len(names), ber.GAUGE32)}
    for number, name in enumerate(names, 1):
        index = (0, 162, 137, 17, 34, number)
        for column, text in ((3, name), (4, "default location"), (8, release), (16, _AP_MODEL), (17, box.serial(name))):
            mib[(*_AP, column, *index)] = ber.octets(text)
        mib[(*_AP, 6, *index)] = ber.integer(1)
    return mib


def _summary(names: Sequence[str]) -> str:
    rows = "".join(
        f"{name:<18}  2     {_AP_MODEL:<21} 00:a2:89:11:22:{n:02x}  default location  {n:>4}\n"
        for n, name in enumerate(names, 1)
    )
    return f"Number of APs: {len(names)}\n\nAP Name             Slots  AP Model              Ethernet MAC       Location          Port\n{'-' * 90}\n{rows}\n"


def _ap_inventory(name: str, serial: str) -> str:
    return f'\nInventory for {name}\nNAME: "AP3800"    , DESCR: "Cisco Aironet 3800 Series (IEEE 802.11ac) Access Point"\nPID: {_AP_MODEL},  VID: V02,  SN: {serial}\n'


def _ap_config(name: str, serial: str, release: str) -> str:
    said = {
        "Cisco AP Identifier": "00a2.8911.2201", "Country Code": "DE", "MAC Address": "00a2.8911.2202", "Software Version": release,
        "AP Model": _AP_MODEL, "IOS Version": release, "Reset Button": "Enabled", "AP Serial Number": serial, "Join Priority": "1",
    }  # fmt: skip
    return f"Cisco AP Name   : {name}\n{'=' * 49}\n\n" + "".join(f"{key:<48}: {value}\n" for key, value in said.items())
