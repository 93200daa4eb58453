# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""A Nexus 9000 with two fabric extenders that only `show fex detail` lists."""

from __future__ import annotations

from tests.lab.device import Access, Cli, Device
from tests.lab.licences import Nexus, nexus_answer, nexus_mib
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
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
    TrueUnit,
    entity_table,
    inventory,
    raw_inventory,
    true_units,
)

_PID = "N9K-C93180YC-EX"
_FEX_PID = "N2K-C2348UPQ-10GE"
_MODULE = "48x10/25G + 6x40/100G Ethernet Module"
_RELEASE = "9.3(8)"


def n9k_with_fex(box: Box, access: Access) -> Built:
    """An N9K-C93180YC-EX: root, slot 1 and slot 27 repeat the chassis's serial; one licence runs on grace."""
    chassis = box.serial("chassis")
    rows = _rows(box, chassis)
    extenders = {101: box.serial("fex101"), 102: box.serial("fex102")}
    licences = (
        Nexus("LAN_ENTERPRISE_SERVICES_PKG", installed=True, used=True),
        Nexus("NXOS_ADVANTAGE_XF", installed=False, used=True, comment="Grace 10D 1H"),
        Nexus("VPN_FABRIC", installed=False, used=False),
    )
    answers = {
        "show version": _version(box, chassis),
        "show inventory": inventory(rows, "nxos"),
        "show inventory all": raw_inventory(rows, "nxos"),
        "show module": _modules(chassis),
        "show fex": _fex(extenders),
        "show fex detail": _fex_detail(extenders),
        "show license usage": nexus_answer(licences),
        "show license": "lan_enterprise.lic:\nSERVER this_host ANY\nVENDOR cisco\n"
        "INCREMENT LAN_ENTERPRISE_SERVICES_PKG cisco 1.0 permanent uncounted \\\n        VENDOR_STRING=<LIC_SOURCE>"
        f"MDS_SWIFT</LIC_SOURCE><SKU>N93-LAN1K9=</SKU> \\\n        HOSTID=VDH={chassis} \\\n"
        '        NOTICE="<LicFileID>20190412</LicFileID>"\n',
    }
    descr = (
        f"Cisco NX-OS(tm) nxos.{_RELEASE}.bin, Software (nxos), Version {_RELEASE}, RELEASE SOFTWARE Copyright (c) 2002-2021 "
        "by Cisco Systems, Inc. Compiled 8/4/2021 13:00:00"
    )
    mib = system(descr, "1.3.6.1.4.1.9.12.3.1.3.1812", box.hostname) | interfaces(8, "Ethernet1/")
    mib |= neighbours_of_the_tables() | entity_table(rows) | nexus_mib(licences, chassis)
    device = Device(box.address, box.hostname, "cisco_nxos", mib, Cli("nxos", answers), access)
    fex = tuple(TrueUnit(box.address, f"fex{n}", "chassis", _FEX_PID, serial) for n, serial in extenders.items())
    return Built(device, (*true_units(box.address, rows), *fex))


def _rows(box: Box, chassis: str) -> list[Row]:
    maker = "Cisco Systems, Inc."
    rows = [
        Row(10, 0, STACK, "Fabric Stack Root", "", _PID, chassis, "V02", mfg=maker, cli=""),
        Row(149, 10, CHASSIS, "Chassis", "Nexus9000 C93180YC-EX chassis", _PID, chassis, "V02", mfg=maker,
            kind="chassis", slot="chassis"),
        Row(214, 149, CONTAINER, "LinecardSlot-1", "", "ModuleSlot", mfg="Cisco Systems", cli=""),
        Row(240, 149, CONTAINER, "SupSlot-27", "", "ModuleSlot", mfg="Cisco Systems", cli=""),
        Row(22, 214, MODULE, f"Module-1 {_MODULE}", _MODULE, _PID, chassis, "V02", _RELEASE, _RELEASE, maker, fru=True, cli="Slot 1"),
        Row(48, 240, MODULE, f"Module-27 {_MODULE}", _MODULE, _PID, chassis, "V02", _RELEASE, _RELEASE, maker, fru=True, cli=""),
    ]  # fmt: skip
    for bay in (1, 2):
        rows += [
            Row(277 + bay, 149, CONTAINER, f"PowerSupplyBay-{bay}", "", f"PowerSupplyBay-{bay}", mfg="Cisco Systems", cli=""),
            Row(469 + bay, 277 + bay, PSU, f"PowerSupply-{bay}", "Nexus9000 C93180YC-EX chassis Power Supply", "NXA-PAC-650W-PE",
                box.serial(f"PS-{bay}"), "V01", fru=True, kind="power_supply", slot=f"PS-{bay}", cli=f"Power Supply {bay}"),
            Row(533 + bay, 149, FAN, f"Fan Module-{bay}", "Nexus9000 C93180YC-EX chassis Fan Module", "NXA-FAN-30CFM-F", "",
                "V01", mfg="", fru=True, cli=f"Fan {bay}"),
        ]  # fmt: skip
    return [
        *rows,
        Row(5206, 22, PORT, "Ethernet1/1(transceiver)", "transceiver", "SFP-10G-SR          ", f"{box.serial('Eth1/1'):<16}", "",
            mfg="CISCO-FINISAR   ", fru=True, kind="transceiver", slot="Eth1/1", cli=""),
    ]  # fmt: skip


def _version(box: Box, chassis: str) -> str:
    return (
        "Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n"
        "Copyright (C) 2002-2021, Cisco and/or its affiliates.\nAll rights reserved.\n\nSoftware\n  BIOS: version 07.69\n"
        f" NXOS: version {_RELEASE}\n  BIOS compile time:  04/08/2021\n  NXOS image file is: bootflash:///nxos.{_RELEASE}.bin\n"
        "  NXOS compile time:  8/4/2021 13:00:00 [08/04/2021 22:25:30]\n\n\nHardware\n"
        "  cisco Nexus9000 C93180YC-EX chassis \n  Intel(R) Xeon(R) CPU  @ 1.80GHz with 24632708 kB of memory.\n"
        f"  Processor Board ID {chassis}\n\n  Device name: {box.hostname}\n  bootflash:   53298520 kB\n"
        "Kernel uptime is 210 day(s), 3 hour(s), 11 minute(s), 5 second(s)\n\nLast reset \n  Reason: Unknown\n"
        f"  System version: {_RELEASE}\n  Service: \n\nplugin\n  Core Plugin, Ethernet Plugin\n\nActive Package(s):\n        \n"
    )


def _modules(chassis: str) -> str:
    return (
        "Mod Ports             Module-Type                      Model           Status\n"
        "--- ----- ------------------------------------- --------------------- ---------\n"
        f"1    54   {_MODULE:<37} {_PID:<21} active *  \n\n"
        "Mod  Sw                       Hw    Slot\n---  ----------------------- ------ ----\n"
        f"1    {_RELEASE:<23}  2.0    NA  \n\n\n"
        "Mod  MAC-Address(es)                         Serial-Num\n---  --------------------------------------  ----------\n"
        f"1    00-3a-9c-00-00-00 to 00-3a-9c-00-00-4f  {chassis}\n\n"
        "Mod  Online Diag Status\n---  ------------------\n1    Pass\n\n* this terminal session\n"
    )


def _fex(extenders: dict[int, str]) -> str:
    rows = "".join(
        f"{n}        FEX0{n}                Online    {_FEX_PID:<17}   {serial}\n" for n, serial in extenders.items()
    )
    return (
        "  FEX         FEX           FEX                       FEX               \n"
        f"Number    Description      State            Model            Serial     \n{'-' * 72}\n{rows}"
    )


def _fex_detail(extenders: dict[int, str]) -> str:
    return "\n".join(
        f"FEX: {n} Description: FEX0{n}   state: Online\n"
        f"  FEX version: {_RELEASE} [Switch version: {_RELEASE}]\n  FEX Interim version: {_RELEASE}\n"
        f"  Switch Interim version: {_RELEASE}\n  Extender Serial: {serial}\n"
        f"  Extender Model: {_FEX_PID},  Part No: 73-15668-03\n"
        "  Card Id: 208, Mac Addr: 00:f2:8b:00:00:02, Num Macs: 64\n  Module Sw Gen: 21  [Switch Sw Gen: 21]\n"
        "  pinning-mode: static    Max-links: 1\n  Fabric port for control traffic: Eth1/49\n  Fabric interface state:\n"
        f"    Po{n} - Interface Up. State: Active\n    Eth1/49 - Interface Up. State: Active\n"
        f"  Fex Port        State  Fabric Port\n       Eth{n}/1/1    Up      Po{n}\n       Eth{n}/1/2  Down      Po{n}\n"
        for n, serial in extenders.items()
    )
