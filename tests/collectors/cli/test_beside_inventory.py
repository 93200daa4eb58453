# ruff: noqa: E501  # what devices print is wide
"""What other commands than `show inventory` and `show version` add to a device; all serials are invented."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.cli import READERS, read_cli
from collectors.merge import merge
from collectors.model import Answer, Kind, Reading, Software, State
from collectors.platforms import by_cli, load
from collectors.reading import read_ssh

PLATFORMS = load()
VERSION = """Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)
core1 uptime is 3 weeks
cisco C9606R (X86) processor with 1343489K/6147K bytes of memory.
Processor board ID FXS9901A001
System Serial Number               : FXS9901A001
Configuration register is 0x102
"""
INVENTORY = """NAME: "Chassis", DESCR: "Cisco Catalyst 9600 Series 6 Slot Chassis"
PID: C9606R            , VID: V01  , SN: FXS9901A001

NAME: "Slot 1 Linecard", DESCR: "48-Port 10GE / 25GE"
PID: C9600-LC-48YL     , VID: V01  , SN: CAT9901A002
"""
MODULE = """Chassis Type: C9606R

Mod Ports Card Type                                   Model          Serial No.
---+-----+--------------------------------------+--------------+--------------
1   48   48-Port 10GE / 25GE                         C9600-LC-48YL    CAT9901A002
3   0    Supervisor 1 Module                         C9600-SUP-1      CAT9901A003
"""
STACK_VERSION = """Cisco IOS Software, C3750E Software (C3750E-UNIVERSALK9-M), Version 15.2(4)E10, RELEASE SOFTWARE (fc2)
acc1 uptime is 3 weeks
cisco WS-C3750X-48P (PowerPC405) processor (revision A0) with 262144K bytes of memory.
Base ethernet MAC Address       : 00:11:22:33:44:00
Model number                    : WS-C3750X-48P
System serial number            : FDO9901B001

Switch Ports Model              SW Version            SW Image
------ ----- -----              ----------            ----------
*    1 54    WS-C3750X-48P      15.2(4)E10            C3750E-UNIVERSALK9-M
     2 54    WS-C3750X-48P      15.2(4)E8             C3750E-UNIVERSALK9-M

Switch 02
---------
Model number                    : WS-C3750X-48P
System serial number            : FDO9901B002

Configuration register is 0xF
"""
STACK_INVENTORY = 'NAME: "1", DESCR: "WS-C3750X-48P"\nPID: WS-C3750X-48P , VID: V01 , SN: FDO9901B001\n'
SWITCH = "*1       Active   0011.2233.a900     15     V02     Ready\n 2       Member   0011.2233.b900     1      V02     Ready\n"
STACK_MODULE = """Switch  Ports    Model                Serial No.   MAC address     Hw Ver.       Sw Ver.
------  -----   ---------             -----------  --------------  -------       --------
 1       54     WS-C3750X-48P         FDO9901B001  0011.2233.a900  V08           15.2(4)E10
 2       54     WS-C3750X-48P         FDO9901B002  0011.2233.7c80  V08           15.2(4)E8
"""


def read(answers: Mapping[str, str | State], platform: str = "cisco_ios") -> Reading:
    made = [
        Answer(line, "", said, "refused") if isinstance(said, State) else Answer(line, said, State.COMPLETE)
        for line, said in answers.items()
    ]
    return read_ssh(PLATFORMS[platform], read_cli(PLATFORMS[platform], "", made))


def section(reading: Reading, name: str = "inventory") -> tuple[State, str]:
    return next((one.state, one.reason) for one in reading.sections if one.name == name)


def test_a_module_that_two_commands_list_is_one_unit_in_its_place_of_the_inventory() -> None:
    seen = read({"show version": VERSION, "show inventory": INVENTORY, "show module": MODULE})

    assert section(seen) == (State.COMPLETE, "")
    assert [(unit.serial, unit.kind, unit.slot, unit.parent_serial) for unit in seen.units] == [
        ("FXS9901A001", Kind.CHASSIS, "Chassis", ""),
        ("CAT9901A002", Kind.MODULE, "Slot 1 Linecard", "FXS9901A001"),
        ("CAT9901A003", Kind.MODULE, "Slot 3", "FXS9901A001"),
    ]


def test_a_line_of_show_module_that_is_not_understood_makes_the_inventory_partial() -> None:
    seen = read({"show version": VERSION, "show inventory": INVENTORY, "show module": MODULE + "zorgh blub\n"})

    assert section(seen) == (State.PARTIAL, "show module: line not understood: 'zorgh blub'")
    assert len(seen.units) == 3


def test_a_model_without_these_commands_is_complete_all_the_same() -> None:
    refused = dict.fromkeys(("show module", "show switch", "show boot", "show install summary"), State.UNSUPPORTED)
    seen = read({"show version": VERSION, "show inventory": INVENTORY, **refused})

    assert (section(seen)[0], section(seen, "software")[0]) == (State.COMPLETE, State.COMPLETE)


def test_what_boots_next_may_be_denied_and_what_runs_may_not() -> None:
    boots = read({"show version": VERSION, "show inventory": INVENTORY, "show boot": State.DENIED})
    runs = read({"show version": State.DENIED, "show inventory": INVENTORY, "show boot": "BOOT variable = a.bin\n"})

    assert section(boots, "software") == (State.COMPLETE, "")
    assert section(runs, "software")[0] is State.DENIED


def test_another_list_alone_never_completes_an_inventory() -> None:
    assert section(read({"show module": MODULE})) == (State.PARTIAL, "show inventory: there is no answer to it")


def test_a_member_that_only_other_commands_know_leaves_the_inventory_partial() -> None:
    seen = read(
        {
            "show version": STACK_VERSION,
            "show inventory": STACK_INVENTORY,
            "show switch": SWITCH,
            "show module": STACK_MODULE,
        }
    )

    assert section(seen) == (State.PARTIAL, "stack members 2 are ready and not in the inventory")
    assert [unit.serial for unit in seen.units] == ["FDO9901B001", "FDO9901B002"]


def test_a_list_of_members_adds_no_chassis_that_the_inventory_knows_by_another_number() -> None:
    fixed = MODULE.replace("C9600-LC-48YL    CAT9901A002", "C9606R           FOC9901A009")
    seen = read({"show version": VERSION, "show inventory": INVENTORY, "show module": fixed})

    assert [unit.serial for unit in seen.units if unit.kind is Kind.CHASSIS] == ["FXS9901A001"]


def test_each_member_has_its_release_and_what_it_boots_next() -> None:
    boot = "".join(
        f"---------------------------\nSwitch {n}\n---------------------------\nBoot Variables on next reload:\nBOOT variable = flash:{image}\n"
        for n, image in ((1, "new.bin"), (2, "old.bin"))
    )
    seen = read({"show version": STACK_VERSION, "show inventory": STACK_INVENTORY, "show boot": boot})

    assert {unit.serial: unit.software_version for unit in seen.units} == {
        "FDO9901B001": "15.2(4)E10",
        "FDO9901B002": "15.2(4)E8",
    }
    assert seen.software == (
        Software("15.2(4)E10", "FDO9901B001", "ssh", "flash:new.bin"),
        Software("15.2(4)E8", "FDO9901B002", "ssh", "flash:old.bin"),
    )


def test_what_boots_next_survives_the_merge_with_snmp() -> None:
    by_ssh = read(
        {"show version": VERSION, "show inventory": INVENTORY, "show boot": "BOOT variable = bootflash:new.bin,1;\n"}
    )
    by_snmp = Reading("snmp", software=(Software("17.9.4a", collected_via="snmp"),))

    assert merge([by_ssh, by_snmp]).software == (Software("17.9.4a", "", "snmp+ssh", "bootflash:new.bin"),)


def test_a_cut_answer_gives_no_processor_board_in_place_of_a_chassis() -> None:
    cut = VERSION[: VERSION.index("System Serial")].replace("FXS9901A001", "FOC9901A777")
    whole = f"{cut}Configuration register is 0x2102\n"

    found = {
        text: [
            unit.serial
            for unit in read_ssh(
                PLATFORMS["cisco_ios"],
                read_cli(PLATFORMS["cisco_ios"], "", [Answer("show version", text, State.PARTIAL, "cut")]),
            ).units
        ]
        for text in (cut, whole)
    }

    assert found == {cut: [""], whole: ["FOC9901A777"]}


def test_an_extender_of_the_short_list_is_a_chassis_of_a_nexus() -> None:
    fex = "101       FEX0101                        Online   N2K-C2248TP-E-1GE   FOX9901C001\n"
    seen = read({"show inventory": INVENTORY.replace("C9606R", "N9K-C93180YC-FX"), "show fex": fex}, "cisco_nxos")

    assert [(unit.serial, unit.slot) for unit in seen.units if unit.kind is Kind.CHASSIS] == [
        ("FXS9901A001", "Chassis"),
        ("FOX9901C001", "FEX 101 CHASSIS"),
    ]


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos"])
def test_what_is_only_understood_is_never_sent(platform: str) -> None:
    held = PLATFORMS[platform]
    silent = {command.send for command in held.ssh.command if not command.ask}

    assert silent
    assert not silent & set(held.commands())
    assert silent < set(held.understood())
    assert all(not command.needed for command in held.ssh.command if not command.ask)


@pytest.mark.parametrize("platform", ["cisco_ios", "cisco_nxos"])
def test_every_reader_that_a_platform_names_is_there(platform: str) -> None:
    named = {
        command.reader for command in PLATFORMS[platform].ssh.command if command.section in ("inventory", "software")
    }

    assert named - {""} <= set(READERS)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ('NAME: "Chassis", DESCR: "x"\nPID: ASR-920-24SZ-IM , VID: V01, SN: CAT9901D001\nPID: SFP-10G-LR , VID: , SN: A\n', "cisco_ios"),
        ('NAME: "Rack 0", DESCR: "x"\nPID: ASR-9010-AC , VID: V01, SN: FOX9901D002\n', "cisco_xr"),
        (MODULE, "cisco_ios"),
        (STACK_MODULE, "cisco_ios"),
        ("Mod Ports             Module-Type                      Model           Status\n", "cisco_nxos"),
        ("Redundant System Information :\n", "cisco_ios"),
        ("  FEX         FEX            FEX            FEX\nNumber    Description  State  Model  Serial\n", "cisco_nxos"),
        ("Documents: x\nSoftware\n  BIOS:      version 3.6.0\n  system:    version 7.1(4)N1(1)\n", "cisco_nxos"),
        ("[ R0 ] Installed Package(s) Information:\n", "cisco_ios"),
    ],
)  # fmt: skip
def test_an_answer_alone_tells_its_platform(text: str, platform: str) -> None:
    found = by_cli(PLATFORMS, [text])

    assert found
    assert found.name == platform
