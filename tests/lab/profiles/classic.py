# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Older IOS: a 2960 with SHA-1 SSH, a 3850 with right-to-use licences, an ISR G2 with activation keys."""

from __future__ import annotations

from tests.lab import ber
from tests.lab.device import Access, Cli, Device
from tests.lab.licences import Classic, classic_answer, classic_mib
from tests.lab.tables import CISCO, interfaces, neighbours_of_the_tables, system
from tests.lab.units import (
    CHASSIS,
    CONTAINER,
    FAN,
    MODULE,
    PORT,
    PSU,
    STACK,
    Box,
    Built,
    Row,
    entity_table,
    inventory,
    true_units,
)


def c2960(box: Box, access: Access) -> Built:
    """A WS-C2960-24TT-L on IOS 12.2: old SSH algorithms only, `enable` needed, chassisId in OLD-CISCO-CHASSIS-MIB."""
    serial, pid, release = box.serial("1"), "WS-C2960-24TT-L", "12.2(55)SE12"
    rows = [
        Row(1001, 0, CHASSIS, "1", pid, pid, serial, "V08", "12.2(55)SE12", release, mfg="cisco", fru=True, kind="chassis", slot="1"),
        Row(1002, 1001, MODULE, "1 - Fixed Module 0", f"{pid} - Fixed Module 0", mfg="", cli=""),
        Row(1003, 1001, CONTAINER, "Power Supply Container", mfg="", cli=""),
        Row(1004, 1003, PSU, f"{pid} - Power Supply 0", mfg="", cli=""),
        Row(1050, 1002, PORT, "GigabitEthernet0/1", "1000BaseSX SFP", "GLC-SX-MM", box.serial("Gi0/1"), "", mfg="",
            fru=True, kind="transceiver", slot="Gi0/1"),
    ]  # fmt: skip
    image = f"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version {release}, RELEASE SOFTWARE (fc1)"
    version = (
        f"{image}\nTechnical Support: http://www.cisco.com/techsupport\n\n"
        "ROM: Bootstrap program is C2960 boot loader\n\n"
        f"{box.hostname} uptime is 4 years, 12 weeks, 3 days\n"
        f'System image file is "flash:/c2960-lanbasek9-mz.122-55.SE12.bin"\n\n'
        f"cisco {pid} (PowerPC405) processor (revision H0) with 65536K bytes of memory.\nProcessor board ID {serial}\n"
        "24 FastEthernet interfaces\n2 Gigabit Ethernet interfaces\n\n"
        f"{_board(box.serial('1/board'), pid, serial, 'H0')}\n"
        "Switch Ports Model              SW Version            SW Image                 \n"
        "------ ----- -----              ----------            ----------               \n"
        f"*    1 26    {pid:<18} {release:<21} C2960-LANBASEK9-M        \n\nConfiguration register is 0xF\n"
    )
    answers = {"show version": version, "show inventory": inventory(rows)}
    mib = (
        system(image, "1.3.6.1.4.1.9.1.716", box.hostname)
        | interfaces(26, "FastEthernet0/")
        | neighbours_of_the_tables(2)
    )
    mib |= entity_table(rows) | {(*CISCO, 3, 6, 3, 0): ber.octets(serial)}
    device = Device(
        box.address,
        box.hostname,
        "cisco_ios",
        mib,
        Cli("ios", answers, enabled=False),
        access,
        key="rsa",
        old_algorithms=True,
    )
    return Built(device, true_units(box.address, rows))


def c3850(box: Box, access: Access) -> Built:
    """A stack of two WS-C3850-24P on 16.9 with right-to-use licences: ipbase for good, ipservices on evaluation."""
    release, pid = "16.09.08", "WS-C3850-24P"
    serials = [box.serial("1"), box.serial("2")]
    rows = [Row(1, 0, STACK, "c38xx Stack", "c38xx Stack", pid, serials[0], "V07", mfg="")]
    for member, serial in enumerate(serials, 1):
        base = member * 1000
        rows += [
            Row(base, 1, CHASSIS, f"Switch {member}", f"{pid}-S", f"{pid}-S", serial, "V07", "0.1", release, mfg="", fru=True,
                kind="chassis", slot=str(member)),
            Row(base + 1, base, PSU, f"Switch {member} - Power Supply A", "", "PWR-C1-715WAC", box.serial(f"{member}/PS-A"), "V01",
                mfg="", fru=True, kind="power_supply", slot=f"{member}/PS-A"),
            Row(base + 2, base, FAN, f"Switch {member} - FAN 1", "", mfg="", cli=""),
        ]  # fmt: skip
    image = f"Cisco IOS Software [Fuji], Catalyst L3 Switch Software (CAT3K_CAA-UNIVERSALK9-M), Version {release}, RELEASE SOFTWARE (fc4)"
    table = "\n".join(
        f"{'*' if n == 1 else ' '}    {n} 32    {pid:<18} {release:<17} CAT3K_CAA-UNIVERSALK9 INSTALL" for n in (1, 2)
    )
    version = (
        f"Cisco IOS XE Software, Version {release}\n{image}\n\n{box.hostname} uptime is 2 years, 1 week\n\n"
        "License Level: Ipservices\nLicense Type: RightToUse, Evaluation\nNext reload license Level: Ipbase\n\n"
        f"cisco {pid} (MIPS) processor with 4194304K bytes of physical memory.\nProcessor board ID {serials[0]}\n\n"
        f"{_board(box.serial('1/board'), f'{pid}-S', serials[0], 'V07')}\n"
        "Switch Ports Model              SW Version        SW Image              Mode   \n"
        "------ ----- -----              ----------        ----------            ----   \n"
        f"{table}\n\n\nSwitch 02\n---------\n{_board(box.serial('2/board'), f'{pid}-S', serials[1], 'V07')}\n"
        "Configuration register is 0x102\n"
    )
    answers = {
        "show version": version,
        "show inventory": inventory(rows),
        "show license right-to-use summary": (
            "  License Name    Type     Count   Period left \n-----------------------------------------------\n"
            "  ipservices   evaluation   N/A     34 Days\n  apcount      base         0       Lifetime\n"
            "-----------------------------------------------\n\n"
            "License Level In Use: ipservices eval\nLicense Level on Reboot: ipbase\n"
        ),
    }
    mib = (
        system(image, "1.3.6.1.4.1.9.1.1745", box.hostname)
        | interfaces(24, "GigabitEthernet1/0/")
        | neighbours_of_the_tables(2)
    )
    device = Device(box.address, box.hostname, "cisco_ios", mib | entity_table(rows), Cli("ios", answers), access)
    return Built(device, true_units(box.address, rows))


def isr2911(box: Box, access: Access) -> Built:
    """A CISCO2911/K9 with licence keys: two permanent, one trial in use, one trial asleep (no finding)."""
    chassis, pid, release = box.serial("chassis"), "CISCO2911/K9", "15.7(3)M8"
    rows = [
        Row(1, 0, CHASSIS, f"{pid} chassis", f"{pid} chassis", pid, chassis, "V07", "", release, kind="chassis", slot="chassis"),
        Row(2, 1, CONTAINER, "C2911 Chassis Slot", cli=""),
        Row(3, 2, MODULE, "C2911 Mother board 3GE, integrated VPN and 4W on Slot 0", "", "", "", "V07", cli=""),
        Row(20, 3, MODULE, "HWIC-2FE on Slot 0 SubSlot 0", "Two-Port Fast Ethernet High Speed WAN Interface Card", "HWIC-2FE",
            box.serial("HWIC0"), "V01", fru=True, kind="module", slot="HWIC0"),
        Row(40, 1, PSU, "C2911 AC Power Supply", "C2911 AC Power Supply", "PWR-2911-AC", box.serial("PS"), "V05", fru=True,
            kind="power_supply", slot="PS"),
    ]  # fmt: skip
    licences = (
        Classic("ipbasek9", "Permanent", "Active, In Use", mib=(4, 3)),
        Classic("securityk9", "Permanent", "Active, In Use", mib=(4, 3)),
        Classic("uck9", "EvalRightToUse", "Active, In Use", "5  weeks 2  days", (8, 3)),
        Classic("datak9", "EvalRightToUse", "Active, Not in Use, EULA not accepted", "Not Activated", (8, 2)),
    )
    image = f"Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version {release}, RELEASE SOFTWARE (fc1)"
    version = (
        f"{image}\n\nROM: System Bootstrap, Version 15.0(1r)M16, RELEASE SOFTWARE (fc1)\n\n{box.hostname} uptime is 3 years\n"
        'System image file is "flash0:c2900-universalk9-mz.SPA.157-3.M8.bin"\n\n'
        f"Cisco {pid} (revision 1.0) with 487424K/36864K bytes of memory.\nProcessor board ID {chassis}\n"
        "3 Gigabit Ethernet interfaces\n\nLicense Info:\n\nLicense UDI:\n\n"
        f"{'-' * 49}\nDevice#   PID                   SN\n{'-' * 49}\n*1        {pid:<21} {chassis}    \n\n"
        "Technology Package License Information for Module:'c2900' \n\n"
        f"{'-' * 65}\nTechnology    Technology-package           Technology-package\n"
        "              Current       Type           Next reboot  \n"
        "ipbase        ipbasek9      Permanent      ipbasek9\nsecurity      securityk9    Permanent      securityk9\n"
        "uc            uck9          EvalRightToUse uck9\ndata          None          None           None\n\n"
        "Configuration register is 0x2102\n"
    )
    answers = {
        "show version": version,
        "show inventory": inventory(rows),
        "show license": classic_answer(licences),
    }
    mib = system(image, "1.3.6.1.4.1.9.1.1045", box.hostname) | interfaces(3) | neighbours_of_the_tables(2)
    mib |= entity_table(rows) | classic_mib(licences)
    device = Device(box.address, box.hostname, "cisco_ios", mib, Cli("ios", answers), access)
    return Built(device, true_units(box.address, rows))


def _board(board: str, pid: str, serial: str, revision: str) -> str:
    return (
        "Base ethernet MAC Address       : 00:1B:54:00:00:00\nMotherboard assembly number     : 73-10390-05\n"
        f"Motherboard serial number       : {board}\nModel revision number           : {revision}\n"
        f"Model number                    : {pid}\nSystem serial number            : {serial}\n"
    )
