# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""ISR 4331: the route processor repeats the product id with a serial of its own."""

from __future__ import annotations

from tests.lab.device import Access, Cli, Device
from tests.lab.licences import Entitlement, Smart, smart_answers, smart_mib, version_line
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
from tests.lab.units import (
    CHASSIS,
    CONTAINER,
    CPU,
    FAN,
    MODULE,
    PORT,
    PSU,
    Box,
    Built,
    Row,
    entity_table,
    inventory,
    raw_inventory,
    true_units,
)


def isr4331(box: Box, access: Access, *, licence: str = "EVAL MODE") -> Built:
    """A router on IOS-XE 16.12; *licence* is AUTHORIZED (registered), EVAL MODE or EVAL EXPIRED (not)."""
    chassis, pid = box.serial("chassis"), "ISR4331/K9"
    rows = [
        Row(1, 0, CHASSIS, "Chassis", "Cisco ISR4331 Chassis", pid, chassis, "V03", fru=True, kind="chassis", slot="chassis"),
        Row(2, 1, CONTAINER, "Power Supply Bay 0", "Power Supply Bay", cli=""),
        Row(3, 2, PSU, "Power Supply Module 0", "250W AC Power Supply for Cisco ISR 4330", "PWR-4330-AC",
            box.serial("PS0"), "V02", fru=True, kind="power_supply", slot="PS0"),
        Row(23, 1, FAN, "Fan Tray", "Cisco ISR4330 Fan Assembly", "ACS-4330-FANASSY", ""),
        Row(1000, 1, MODULE, "module 0", "Cisco ISR4331 Built-In NIM controller", pid, "", "", "16.12(2r)", "16.12.05"),
        Row(1001, 1000, CONTAINER, "subslot 0/1", "Network Interface Module Subslot", cli=""),
        Row(1015, 1000, MODULE, "NIM subslot 0/0", "Front Panel 3 ports Gigabitethernet Module", "ISR4331-3x1GE", "", "V01"),
        Row(1016, 1001, MODULE, "NIM subslot 0/1", "NIM-2GE-CU-SFP Module", "NIM-2GE-CU-SFP", box.serial("NIM1"), "V02",
            fru=True, kind="module", slot="NIM1"),
        Row(1091, 1015, PORT, "subslot 0/0 transceiver 0", "GE SX", "GLC-SX-MMD          ", f"{box.serial('sfp0'):<16}",
            "V01", mfg="CISCO           ", fru=True, kind="transceiver", slot="sfp0"),
        Row(7000, 1, MODULE, "module R0", "Cisco ISR4331 Route Processor", pid, box.serial("R0"), "V03", "16.12(2r)", "16.12.05"),
        Row(7035, 7000, CPU, "cpu R0/0", "CPU 0 of module R0", cli=""),
        Row(9000, 1, MODULE, "module F0", "Cisco ISR4331 Forwarding Processor", pid, "", "", "16.12(2r)", "16.12.05"),
    ]  # fmt: skip
    registered = licence == "AUTHORIZED"
    smart = Smart(
        (
            Entitlement("appxk9", "ISR_4331_Application", 1, licence),
            Entitlement("securityk9", "ISR_4331_Security", 1, licence),
        ),
        policy=False,
        registration="REGISTERED" if registered else "UNREGISTERED",
        authorization=licence,
    )
    answers = {
        "show version": _version(box, chassis, smart),
        "show inventory": inventory(rows),
        "show inventory raw": raw_inventory(rows),
        "show platform": _platform(),
        **smart_answers(smart, pid, chassis),
    }
    descr = "Cisco IOS Software [Gibraltar], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.12.5, RELEASE SOFTWARE (fc3)"
    mib = system(descr, "1.3.6.1.4.1.9.1.2068", box.hostname) | interfaces(4, "GigabitEthernet0/0/")
    mib |= neighbours_of_the_tables() | entity_table(rows) | smart_mib(smart)
    device = Device(box.address, box.hostname, "cisco_ios", mib, Cli("ios", answers), access)
    return Built(device, true_units(box.address, rows))


def _version(box: Box, chassis: str, smart: Smart) -> str:
    return (
        "Cisco IOS XE Software, Version 16.12.05\n"
        "Cisco IOS Software [Gibraltar], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.12.5, RELEASE SOFTWARE (fc3)\n\n"
        f"ROM: IOS-XE ROMMON\n\n{box.hostname} uptime is 1 year, 3 weeks, 2 days\n"
        'System image file is "bootflash:isr4300-universalk9.16.12.05.SPA.bin"\n\n'
        "Suite License Information for Module:'esg' \n\n"
        f"{version_line(smart)}\n"
        "cisco ISR4331/K9 (1RU) processor with 1795979K/3071K bytes of memory.\n"
        f"Processor board ID {chassis}\n3 Gigabit Ethernet interfaces\n\nConfiguration register is 0x2102\n"
    )


def _platform() -> str:
    rows = (
        ("0", "ISR4331/K9", "ok", "1y3w"), (" 0/0", "ISR4331-3x1GE", "ok", "1y3w"), (" 0/1", "NIM-2GE-CU-SFP", "ok", "1y3w"),
        ("R0", "ISR4331/K9", "ok, active", "1y3w"), ("F0", "ISR4331/K9", "ok, active", "1y3w"), ("P0", "PWR-4330-AC", "ok", "1y3w"),
    )  # fmt: skip
    rule = "--------- ------------------- --------------------- ----------------- "
    lines = [f"{slot:<9} {pid:<19} {state:<21} {age:<17}" for slot, pid, state, age in rows]
    return (
        f"Chassis type: ISR4331/K9\n\nSlot      Type                State                 Insert time (ago) \n{rule}\n"
        + "\n".join(lines)
        + "\n"
    )
