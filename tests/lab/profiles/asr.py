# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""An ASR 9006 on IOS XR: two route switch processors, the chassis only in the admin plane, IDPROM shadows."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.device import Access, Cli, Device
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
from tests.lab.units import (
    CHASSIS,
    CONTAINER,
    FAN,
    MODULE,
    PSU,
    Box,
    Built,
    Row,
    entity_table,
    inventory,
    raw_inventory,
    true_units,
)

_RELEASE = "6.4.2"
_CHASSIS, _PID = 24555730, "ASR-9006-AC-V2"


def asr9006(box: Box, access: Access) -> Built:
    """`show inventory` holds the cards and optics, `admin show inventory` also chassis, power and fans."""
    cards, frame = _cards(box), _frame(box)
    shadows = [
        replace(row, index=row.index + 7, parent=row.index, name=f"{row.name}-IDPROM", descr=f"{row.descr} IDPROM",
                fru=False, kind="", cli="")
        for row in (frame[0], *(row for row in cards if row.pid.startswith("A9K")))
    ]  # fmt: skip
    rows = [*frame, *cards, *shadows]
    answers = {
        "show version": _version(box),
        "show inventory": inventory(cards, "xr"),
        "show inventory raw": raw_inventory(cards, "xr"),
        "show inventory all": raw_inventory(cards, "xr"),
        "admin show inventory": inventory([*cards, *frame], "xr"),
        "show platform": _platform(),
        "admin show platform": _platform(),
    }
    descr = f"Cisco IOS XR Software (Cisco ASR9K Series),  Version {_RELEASE}[Default]\r\nCopyright (c) 2018 by Cisco Systems, Inc."
    mib = (
        system(descr, "1.3.6.1.4.1.9.1.1640", box.hostname)
        | interfaces(6, "TenGigE0/0/0/")
        | neighbours_of_the_tables()
    )
    device = Device(box.address, box.hostname, "cisco_xr", mib | entity_table(rows), Cli("xr", answers), access)
    return Built(device, true_units(box.address, rows))


def _frame(box: Box) -> list[Row]:
    """Chassis, bays, power and fans."""
    rows = [
        Row(_CHASSIS, 0, CHASSIS, "chassis ASR-9006-AC-V2", "ASR 9006 4 Line Card Slot Chassis with V2 AC PEM", _PID,
            box.serial("chassis"), "V02", mfg="Cisco Systems Inc.", kind="chassis", slot="chassis"),
    ]  # fmt: skip
    for number, slot in enumerate(("0/RSP0", "0/RSP1", "0/0", "0/1")):
        rows.append(
            Row(
                10171000 + 500 * number,
                _CHASSIS,
                CONTAINER,
                f"slot {slot}",
                "Cisco ASR9K Module Container",
                "N/A",
                cli="",
            )
        )
    for tray in (0, 1):
        rows.append(
            Row(28090001 + tray, _CHASSIS, FAN, f"fan{tray} 0/FT{tray}/SP", "ASR-9006 Fan Tray V2", "ASR-9006-FAN-V2",
                box.serial(f"FT{tray}"), "V02", fru=True, kind="fan", slot=f"FT{tray}")
        )  # fmt: skip
        rows.append(
            Row(36903306 + tray, _CHASSIS, PSU, f"power-module 0/PM{tray}/SP", "3kW AC V2 Power Module", "PWR-3KW-AC-V2",
                box.serial(f"PM{tray}"), "V01", fru=True, kind="power_supply", slot=f"PM{tray}")
        )  # fmt: skip
    return rows


def _cards(box: Box) -> list[Row]:
    rsp = "ASR9K Route Switch Processor with 440G/slot Fabric and 6GB"
    card = "24-Port 10GE Modular Line Card, Service Edge Optimized"
    rows = []
    for number, (place, pid, descr) in enumerate(
        (
            ("0/RSP0", "A9K-RSP440-TR", rsp),
            ("0/RSP1", "A9K-RSP440-TR", rsp),
            ("0/0", "A9K-24X10GE-SE", card),
            ("0/1", "A9K-24X10GE-SE", card),
        )
    ):
        rows.append(
            Row(8796468 + 1000 * number, 10171000 + 500 * number, MODULE, f"module {place}/CPU0", descr, pid, box.serial(place),
                "V06", "Version 0.76", _RELEASE, "Cisco Systems Inc.", fru=True, kind="module", slot=place)
        )  # fmt: skip
    optic = ("Multirate 10GBASE-LR SFP+, SMF", "SFP-10G-LR")
    for port in (0, 1):
        rows.append(
            Row(4860170 + port, 8798468, MODULE, f"module mau TenGigE0/0/0/{port}", *optic, box.serial(f"Te0/0/0/{port}"), "V02",
                mfg="CISCO-SUMITOMO", fru=True, kind="transceiver", slot=f"Te0/0/0/{port}")
        )  # fmt: skip
    rows.append(
        Row(6606577, 8799468, MODULE, "module mau GigabitEthernet0/1/0/6", "Non-Cisco SFP 1G Pluggable Optics Module",
            "S125-W55/31-LP-L", f"OPGD{box.serial('Gi0/1/0/6')[-4:]}", "1.0", mfg="OPTOKON", fru=True, kind="transceiver", slot="Gi0/1/0/6")
    )  # fmt: skip
    return rows


def _version(box: Box) -> str:
    return (
        f"\nCisco IOS XR Software, Version {_RELEASE}[Default]\nCopyright (c) 2018 by Cisco Systems, Inc.\n\n"
        "ROM: System Bootstrap, Version 0.76(c) 1994-2012 by Cisco Systems,  Inc.\n\n"
        f"{box.hostname} uptime is 41 weeks, 3 days, 2 hours, 20 minutes\n"
        f'System image file is "disk0:asr9k-os-mbi-{_RELEASE}.sp2-1.0.0/0x100305/mbiasr9k-rsp3.vm"\n\n'
        "cisco ASR9K Series (Intel 686 F6M14S4) processor with 6291456K bytes of memory.\n"
        "Intel 686 F6M14S4 processor at 2134MHz, Revision 2.174\nASR 9006 4 Line Card Slot Chassis with V2 AC PEM\n\n"
        "48 TenGigE\n4 Management Ethernet\n\nConfiguration register on node 0/RSP0/CPU0 is 0x2102\n"
        f"Package active on node 0/RSP0/CPU0:\niosxr-infra, V {_RELEASE}[Default], Cisco Systems, at disk0:iosxr-infra-{_RELEASE}\n"
    )


def _platform() -> str:
    rows = (
        ("0/RSP0/CPU0", "A9K-RSP440-TR(Active)", "IOS XR RUN"),
        ("0/RSP1/CPU0", "A9K-RSP440-TR(Standby)", "IOS XR RUN"),
        ("0/0/CPU0", "A9K-24X10GE-SE", "IOS XR RUN"),
        ("0/1/CPU0", "A9K-24X10GE-SE", "IOS XR RUN"),
    )
    head = f"{'Node':<18}{'Type':<26}{'State':<18}Config State\n{'-' * 77}\n"
    return head + "".join(f"{node:<18}{kind:<26}{state:<18}PWR,NSHUT,MON\n" for node, kind, state in rows)
