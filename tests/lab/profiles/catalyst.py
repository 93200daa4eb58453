# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Catalyst 9000: a stack, a StackWise Virtual pair, a modular chassis with two supervisors."""

from __future__ import annotations

from tests.lab.device import Access, Cli, Device
from tests.lab.licences import Entitlement, Smart, smart_answers, smart_mib, version_line
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
from tests.lab.units import (
    BACKPLANE,
    CHASSIS,
    CONTAINER,
    FAN,
    MODULE,
    OTHER,
    PORT,
    PSU,
    STACK,
    Box,
    Built,
    Row,
    entity_table,
    inventory,
    raw_inventory,
    true_units,
)

_DAC_PID = "SFP-H10GB-CU3M"


def c9300_stack(box: Box, access: Access, *, members: int = 3, dac: str = "") -> Built:
    """A stack of C9300-48P on IOS-XE 17.9 under Smart Licensing using policy.

    The class 11 row repeats member 1; power supply serials are padded; one optic is another maker's; *dac* is the
    serial of a copper cable whose near end ("-A") is plugged here.
    """
    serials = [box.serial(str(n)) for n in range(1, members + 1)]
    rows = [Row(1, 0, STACK, "c93xx Stack", "c93xx Stack", "C9300-48P", serials[0], "V02", mfg="")]
    for member in range(1, members + 1):
        rows += _member(box, member, members)
    if dac:
        rows.append(_optic(1000, 1103, "Te1/1/4", "SFP-10GBase-CX1", _DAC_PID, f"{dac}-A", "CISCO-TYCO", "cable"))
    smart = Smart(
        (
            Entitlement("network-advantage", "C9300-48 Network Advantage", members, "IN USE"),
            Entitlement("dna-advantage", "C9300-48 DNA Advantage", members, "IN USE", subscription=True),
        ),
        policy=True,
    )
    answers = {
        "show version": _stack_version(box, serials, smart),
        "show inventory": inventory(rows),
        "show inventory raw": raw_inventory(rows),
        "show switch": _show_switch(members),
        **smart_answers(smart, "C9300-48P", *serials),
    }
    return _built(box, access, rows, smart, answers, "1.3.6.1.4.1.9.1.2494", "CAT9K_IOSXE", "17.9.4a")


def _member(box: Box, member: int, members: int) -> list[Row]:
    base, name = member * 1000, f"Switch {member}"
    after = member % members + 1
    rows = [
        Row(base, 1, CHASSIS, name, "C9300-48P", "C9300-48P", box.serial(str(member)), "V02", "17.9.1r", "17.09.04a",
            mfg="", fru=True, kind="chassis", slot=str(member)),
        Row(base + 6, base, CONTAINER, f"{name} - Power Supply A Container", mfg="", cli=""),
        Row(base + 7, base, CONTAINER, f"{name} - Power Supply B Container", mfg="", cli=""),
        Row(base + 60, base, MODULE, f"{name} Fixed Module 0", f"{name} - C9300-48P - Fixed Module 0", mfg="", cli=""),
        Row(base + 61, base, CONTAINER, f"{name} Slot 1 FRULink Container", mfg="", cli=""),
        Row(base + 62, base + 61, MODULE, f"{name} FRU Uplink Module 1", "8x10G Uplink Module", "C9300-NM-8X",
            box.serial(f"{member}/NM"), "V02", mfg="", fru=True, kind="module", slot=f"{member}/NM"),
    ]  # fmt: skip
    if members > 1:  # a stack cable shows its one serial at both its ends
        for port, cable in ((1, f"cable{member}"), (2, f"cable{after}")):
            rows.append(
                Row(base + port, base, OTHER, f"StackPort{member}/{port}", "", "STACK-T1-50CM", box.serial(cable), "V01",
                    mfg="", kind="cable" if port == 1 else "", slot=cable)
            )  # fmt: skip
    for bay, letter in ((6, "A"), (7, "B")):
        slot = f"{member}/PS-{letter}"
        rows.append(
            Row(base + 15 + bay, base + bay, PSU, f"{name} - Power Supply {letter}", "", "PWR-C1-715WAC-P",
                f"{box.serial(slot):<16}", "V01", mfg="", fru=True, kind="power_supply", slot=slot)
        )  # fmt: skip
    rows.append(
        Row(
            base + 30,
            base,
            FAN,
            f"{name} - FAN - T1 1",
            f"{name} - C9300-48P - FAN 1",
            mfg="",
            fru=True,
            cli="",
        )
    )
    serial = f"{box.serial(f'Te{member}/1/1'):<16}"
    rows.append(
        _optic(
            base,
            base + 100,
            f"Te{member}/1/1",
            "SFP-10GBase-SR",
            "SFP-10G-SR          ",
            serial,
            "CISCO-AVAGO",
        )
    )
    if member == 1:
        rows.append(
            _optic(
                base,
                base + 101,
                "Te1/1/2",
                "SFP-10GBase-LR",
                "SFP-10G-LR",
                f"FLX{box.serial('Te1/1/2')[3:]}  ",
                "FLEXOPTIX",
            )
        )
    return rows


def _optic(
    parent: int, index: int, name: str, descr: str, pid: str, serial: str, mfg: str, kind: str = "transceiver"
) -> Row:
    return Row(index, parent, PORT, name, descr, pid, serial, "V03", mfg=mfg, fru=True, kind=kind, slot=name)


def _built(
    box: Box,
    access: Access,
    rows: list[Row],
    smart: Smart,
    answers: dict[str, str],
    object_id: str,
    image: str,
    release: str,
) -> Built:
    descr = (
        f"Cisco IOS Software [Cupertino], Catalyst L3 Switch Software ({image}), Version {release}, RELEASE SOFTWARE (fc3)\r\n"
        "Technical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2023 by Cisco Systems, Inc."
    )
    mib = system(descr, object_id, box.hostname) | interfaces(12, "TenGigabitEthernet1/1/") | neighbours_of_the_tables()
    mib |= entity_table(rows) | smart_mib(smart)
    device = Device(box.address, box.hostname, "cisco_ios", mib, Cli("ios", answers), access)
    return Built(device, true_units(box.address, rows))


def _stack_version(box: Box, serials: list[str], smart: Smart) -> str:
    rows = "\n".join(
        f"{'*' if n == 1 else ' '}{n:>5} 65    C9300-48P          17.09.04a         CAT9K_IOSXE           INSTALL"
        for n in range(1, len(serials) + 1)
    )
    others = "".join(
        f"\nSwitch {n:02}\n---------\nSwitch uptime                      : 10 weeks, 2 days, 4 hours, 50 minutes\n\n"
        f"{_board(box, str(n), serial, 'C9300-48P')}"
        for n, serial in enumerate(serials[1:], 2)
    )
    return (
        "Cisco IOS XE Software, Version 17.09.04a\n"
        "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)\n"
        "Technical Support: http://www.cisco.com/techsupport\n\nROM: IOS-XE ROMMON\n"
        f"{box.hostname} uptime is 10 weeks, 2 days, 4 hours, 51 minutes\n"
        'System returned to ROM by Reload Command\nSystem image file is "flash:packages.conf"\n\n'
        "Technology Package License Information: \n\n"
        f"{'-' * 78}\nTechnology-package                                     Technology-package\n"
        f"Current                        Type                       Next reboot  \n{'-' * 78}\n"
        "network-advantage   \tSmart License                 \t network-advantage   \n"
        "dna-advantage       \tSubscription Smart License    \t dna-advantage       \n\n\n"
        f"{version_line(smart)}\n"
        "cisco C9300-48P (X86) processor with 1343703K/6147K bytes of memory.\n"
        f"Processor board ID {serials[0]}\n2048K bytes of non-volatile configuration memory.\n\n"
        f"{_board(box, '1', serials[0], 'C9300-48P')}\n"
        "Switch Ports Model              SW Version        SW Image              Mode   \n"
        "------ ----- -----              ----------        ----------            ----   \n"
        f"{rows}\n\n{others}\nConfiguration register is 0x102\n"
    )


def _board(box: Box, member: str, serial: str, pid: str) -> str:
    return (
        "Base Ethernet MAC Address          : 70:d3:79:00:00:00\n"
        "Motherboard Assembly Number        : 73-17956-06\n"
        f"Motherboard Serial Number          : {box.serial(f'{member}/board')}\n"
        "Model Revision Number              : V02\n"
        "Motherboard Revision Number        : A0\n"
        f"Model Number                       : {pid}\n"
        f"System Serial Number               : {serial}\n"
    )


def _show_switch(members: int) -> str:
    rows = "".join(
        f"{'*' if n == 1 else ' '}{n:<8}{'Active' if n == 1 else 'Standby' if n == 2 else 'Member':<9}"
        f"70d3.7900.0{n}00     {16 - n:<7}V02     Ready                   \n"
        for n in range(1, members + 1)
    )
    return (
        "Switch/Stack Mac Address : 70d3.7900.0100 - Local Mac Address\nMac persistency wait time: Indefinite\n"
        "                                             H/W   Current\n"
        "Switch#   Role    Mac Address     Priority Version  State \n"
        f"{'-' * 85}\n{rows}"
    )


def c9500_svl(box: Box, access: Access, *, dac: str = "") -> Built:
    """Two C9500-48Y4C as one StackWise Virtual on 16.12: registered, one entitlement out of compliance.

    *dac* is the serial of a copper cable whose far end ("-B") is plugged here.
    """
    rows = [Row(1, 0, STACK, "Virtual Stack", "Cisco Catalyst 9500 Series Virtual Stack", mfg="", cli="")]
    for member, index in ((1, 2), (2, 500)):
        rows += _svl_member(box, member, index)
    if dac:
        rows.append(
            _optic(2, 90, "TwentyFiveGigE1/0/4", "SFP-10GBase-CX1", _DAC_PID, f"{dac}-B", "CISCO-TYCO", "cable")
        )
    smart = Smart(
        (
            Entitlement("C9500 Network Advantage", "C9500-NW-A", 2, "AUTHORIZED"),
            Entitlement("C9500 DNA Advantage", "C9500-DNA-A", 2, "OUT OF COMPLIANCE"),
        ),
        policy=False,
        registration="REGISTERED",
        authorization="OUT OF COMPLIANCE",
    )
    serials = [box.serial("1"), box.serial("2")]
    answers = {
        "show version": _modular_version(box, "C9500-48Y4C", serials, "16.12.08", "Gibraltar", smart),
        "show inventory": inventory(rows),
        "show inventory raw": raw_inventory(rows),
        "show switch": _show_switch(2),
        "show module": _show_module_switches(serials),
        **smart_answers(smart, "C9500-48Y4C", serials[0]),
    }
    return _built(box, access, rows, smart, answers, "1.3.6.1.4.1.9.1.2691", "CAT9K_IOSXE", "16.12.8")


def _svl_member(box: Box, member: int, index: int) -> list[Row]:
    name, pid, serial = f"Switch {member}", "C9500-48Y4C", box.serial(str(member))
    supervisor = "Cisco Catalyst 9500 Series 48-port 25G Supervisor"
    rows = [
        Row(index, 1, CHASSIS, f"{name} Chassis", "Cisco Catalyst 9500 Series Chassis", pid, serial, "V01", fru=True,
            kind="chassis", slot=str(member)),
        Row(index + 1, index, CONTAINER, f"{name} Slot 1", "Cisco Catalyst 9500 Series Slot", cli=""),
        # the supervisor is soldered in: it repeats the chassis's serial
        Row(index + 10, index + 1, MODULE, f"{name} Slot 1 Supervisor", supervisor, pid, serial, "V01", "16.12.2r", "16.12.08"),
    ]  # fmt: skip
    for tray in (0, 1):
        slot = f"{member}/FT-{tray}"
        rows.append(
            Row(index + 20 + tray, index, FAN, f"{name} Fan Tray {tray}", "Cisco Catalyst 9500 Series Fan Tray",
                "C9K-T1-FANTRAY", box.serial(slot), "V01", fru=True, kind="fan", slot=slot)
        )  # fmt: skip
    for bay in (0, 1):
        slot = f"{member}/PS-{bay}"
        rows.append(
            Row(index + 30 + bay, index, PSU, f"{name} Power Supply Module {bay}", "Cisco Catalyst 9500 Series 650W AC Power Supply",
                "C9K-PWR-650WAC-R", box.serial(slot), "V01", fru=True, kind="power_supply", slot=slot)
        )  # fmt: skip
    return [
        *rows,
        _optic(
            index,
            index + 40,
            f"TwentyFiveGigE{member}/0/1",
            "SFP 10GBASE-SR",
            "SFP-10G-SR-S",
            box.serial(f"Twe{member}/0/1"),
            "CISCO-FINISAR",
        ),
    ]


def _modular_version(box: Box, pid: str, serials: list[str], release: str, train: str, smart: Smart) -> str:
    boards = "".join(f"{_board(box, str(n), serial, pid)}\n" for n, serial in enumerate(serials, 1))
    return (
        f"Cisco IOS XE Software, Version {release}\n"
        f"Cisco IOS Software [{train}], Catalyst L3 Switch Software (CAT9K_IOSXE), Version {release}, RELEASE SOFTWARE (fc2)\n"
        f"\n{box.hostname} uptime is 31 weeks, 1 day, 7 hours\n"
        'System image file is "bootflash:packages.conf"\n\n'
        f"{version_line(smart)}\n"
        f"cisco {pid} (X86) processor with 2900319K/6147K bytes of memory.\nProcessor board ID {serials[0]}\n\n"
        f"{boards}Configuration register is 0x2102\n"
    )


def _show_module_switches(serials: list[str]) -> str:
    rule = "---+-----+--------------------------------------+---------------------+--------------"
    return "\n".join(
        f"Chassis Type: C9500-48Y4C          \n\nSwitch Number {n}\n\n"
        "Mod Ports Card Type                                   Model          Serial No.\n"
        f"{rule}\n1   52   Cisco Catalyst 9500 Series Module        C9500-48Y4C          {serial}\n"
        for n, serial in enumerate(serials, 1)
    )


def c9407r(box: Box, access: Access) -> Built:
    """A seven-slot C9407R with two supervisors and two line cards on 17.6; nothing is due on its licences."""
    chassis = box.serial("chassis")
    rows = [
        Row(1, 0, CHASSIS, "Chassis", "Cisco Catalyst 9400 Series 7 Slot Chassis", "C9407R", chassis, "V01",
            kind="chassis", slot="chassis"),
        Row(2, 1, BACKPLANE, "Backplane", "Cisco Catalyst 9400 Series 7 Slot Chassis Backplane", cli=""),
    ]  # fmt: skip
    cards = {1: "C9400-LC-48U", 2: "C9400-LC-24XS", 3: "C9400-SUP-1XL", 4: "C9400-SUP-1XL"}
    for slot, pid in cards.items():
        what = "Supervisor 1XL Module" if "SUP" in pid else f"{pid} Line Card"
        rows.append(
            Row(
                10 + slot,
                1,
                CONTAINER,
                f"Slot {slot} Container",
                "Cisco Catalyst 9400 Series Module Container",
                cli="",
            )
        )
        rows.append(
            Row(1000 * slot, 10 + slot, MODULE, f"Slot {slot} {'Supervisor' if 'SUP' in pid else 'Linecard'}",
                f"Cisco Catalyst 9400 Series {what}", pid, box.serial(f"slot{slot}"), "V02", "17.6.1r", "17.06.05",
                fru=True, kind="module", slot=f"slot{slot}")
        )  # fmt: skip
    for bay in range(1, 5):
        rows.append(
            Row(30 + bay, 1, PSU, f"Power Supply Module {bay}", "Cisco Catalyst 9400 Series 3200W AC Power Supply",
                "C9400-PWR-3200AC", box.serial(f"PS{bay}"), "V01", fru=True, kind="power_supply", slot=f"PS{bay}")
        )  # fmt: skip
    rows.append(
        Row(40, 1, FAN, "Fan Tray", "Cisco Catalyst 9400 Series 7 Slot Chassis Fan Tray", "C9407-FAN", box.serial("FT"), "V01",
            fru=True, kind="fan", slot="FT")
    )  # fmt: skip
    smart = Smart(
        (
            Entitlement("network-essentials", "C9400 Network Essentials", 1, "IN USE"),
            Entitlement("dna-essentials", "C9400 DNA Essentials", 1, "NOT IN USE", subscription=True),
        ),
        policy=True,
    )
    answers = {
        "show version": _modular_version(box, "C9407R", [chassis], "17.06.05", "Bengaluru", smart),
        "show inventory": inventory(rows),
        "show inventory raw": raw_inventory(rows),
        "show module": _show_module(cards, box),
        **smart_answers(smart, "C9407R", chassis),
    }
    return _built(box, access, rows, smart, answers, "1.3.6.1.4.1.9.1.2500", "CAT9K_IOSXE", "17.6.5")


def _show_module(cards: dict[int, str], box: Box) -> str:
    lines = [
        "Chassis Type: C9407R               \n",
        "Mod Ports Card Type                                   Model          Serial No.",
        "---+-----+--------------------------------------+--------------+--------------",
    ]
    lines += [
        f"{slot:<3} {11 if 'SUP' in pid else 48:<5} {pid + ' module':<38} {pid:<14} {box.serial(f'slot{slot}')}"
        for slot, pid in cards.items()
    ]
    return "\n".join(lines) + "\n"
