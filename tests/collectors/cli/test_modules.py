# ruff: noqa: E501  # what devices print is wide
"""`show module` and `show platform` in the forms that Catalyst and Nexus print them; all serials are invented."""

from __future__ import annotations

import pytest

from collectors.cli.modules import chassis_type, members, modules
from collectors.model import Part, Software

CATALYST = """Chassis Type: C9606R

Mod Ports Card Type                                   Model          Serial No.
---+-----+--------------------------------------+--------------+--------------
1   48   48-Port 10GE / 25GE                         C9600-LC-48YL    CAT9901A001
2   24   40x1/10/25/50GE + 2x200GE + 2x400GE         C9600-LC-40YL4CD CAT9901A002
3   0    Supervisor 1 Module                         C9600-SUP-1
4   0    Blank Module                                C9606-BLANK      N/A

Mod MAC addresses                    Hw   Fw           Sw                 Status
---+--------------------------------+----+------------+------------------+--------
1   0011.2233.4400 to 0011.2233.447F 1.1  17.8.1r       17.09.04           ok
2   0011.2233.5500 to 0011.2233.557F 1.0  17.8.1r       BLD_SOMETHING_LONG ok

Mod Redundancy Role     Operating Redundancy Mode Configured Redundancy Mode
---+-------------------+-------------------------+---------------------------
3   Active              non-redundant             sso

Chassis MAC address range: 64 addresses from 0011.2233.4400 to 0011.2233.443f
"""
SIX_THOUSAND = """
Mod Ports Card Type                              Model              Serial No.
--- ----- -------------------------------------- ------------------ -----------
  1   48  CEF720 48 port 10/100/1000mb Ethernet  WS-X6748-GE-TX     SAL9901B001
  5    2  Supervisor Engine 720 (Active) with ad WS-SUP720-3BXL     SAL9901B002
  6    0  Supervisor-Other                       unknown            unknown

Mod MAC addresses                       Hw    Fw           Sw           Status
--- ---------------------------------- ------ ------------ ------------ -------
  1  0011.2233.4400 to 0011.2233.442f   2.7   12.2(14r)S   15.1(2)SY,   Ok

Mod  Sub-Module                  Model              Serial       Hw     Status
---- --------------------------- ------------------ ----------- ------- -------
  5  Policy Feature Card 3       WS-F6K-PFC3BXL     SAL9901B003  1.4    Ok

Mod  Online Diag Status
---- -------------------
  1  Pass
"""
NEXUS = """
Mod  Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    0      Supervisor Module-2                 N7K-SUP2           active *
3    48     1/10 Gbps Ethernet Module           N7K-F248XP-25E     ok
5    36     36x40G Ethernet Module                                 pwr-denied

Mod  Sw               Hw
---  ---------------  ------
1    8.4(2)           1.0
3    8.4(2)           1.1

Mod  MAC-Address(es)                         Serial-Num
---  --------------------------------------  ----------
1    00-11-22-ff-d3-dc to 00-11-22-ff-d3-ee  JAF9901C001
3    00-11-22-ff-f5-48 to 00-11-22-ff-f5-7b  JAF9901C003

Xbar Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    0      Fabric Module 2                     N7K-C7009-FAB-2    ok

Xbar Sw               Hw
---  ---------------  ------
1    NA               3.1

Xbar MAC-Address(es)                         Serial-Num
---  --------------------------------------  ----------
1    NA                                      JAF9901C101

* this terminal session
"""
FIXED_NEXUS = """Mod Ports             Module-Type                      Model           Status
--- ----- ------------------------------------- --------------------- ---------
1    54   48x10/25G + 6x40/100G Ethernet Module N9K-C93180YC-FX       ok
27   0    Virtual Supervisor Module             N9K-C93180YC-FX       active *

Mod  Sw                       Hw    Slot
---  ----------------------- ------ ----
1    10.3(5)                  1.1    NA
27   10.3(5)                  1.1    VSUP

Mod  MAC-Address(es)                         Serial-Num
---  --------------------------------------  ----------
1    00-11-22-33-ac-a6 to 00-11-22-33-ad-b3  FDO9901D001
27   00-11-22-33-ac-a6 to 00-11-22-33-ad-b3  FDO9901D001
"""
STACK = """Switch  Ports    Model                Serial No.   MAC address     Hw Ver.       Sw Ver.
------  -----   ---------             -----------  --------------  -------       --------
 1       41     C9300-24UX            FOC9901E001  0011.2233.a900  V08           17.09.04
 2       41     C9300-24UX            FOC9901E002  0011.2233.7c80  V08           17.06.05
Switch/Stack Mac Address : 0011.2233.a900 - Local Mac Address
Mac persistency wait time: Indefinite
                                   Current
Switch#   Role        Priority      State
-------------------------------------------
*1       Active          1          Ready
 2       Standby         1          Ready
 3       Member          0          Provisioned
"""
PAIR = """Chassis Type: C9500X-28C8D

Switch Number 1

Mod Ports Card Type                                   Model          Serial No.
---+-----+--------------------------------------+--------------+--------------
1   38   Cisco Catalyst 9500X-28C8D Switch           C9500X-28C8D     FDO9901F001

Switch Number 2

Mod Ports Card Type                                   Model          Serial No.
---+-----+--------------------------------------+--------------+--------------
1   38   Cisco Catalyst 9500X-28C8D Switch           C9500X-28C8D     FDO9901F002
"""


VSS = """ Switch Number:     1   Role:   Virtual Switch Active
----------------------  -----------------------------
Mod Ports Card Type                              Model              Serial No.
--- ----- -------------------------------------- ------------------ -----------
  1   48  CEF720 48 port 10/100/1000mb Ethernet  WS-X6748-GE-TX     SAL9901G001

 Switch Number:     2   Role:  Virtual Switch Standby
----------------------  -----------------------------
Mod Ports Card Type                              Model              Serial No.
--- ----- -------------------------------------- ------------------ -----------
  1   48  CEF720 48 port 10/100/1000mb Ethernet  WS-X6748-GE-TX     SAL9901G002
"""


def rows(text: str) -> list[tuple[str, str, str, str, str]]:
    found = modules(text)
    assert found.doubt == ""
    return [(part.cls, part.name, part.product_id, part.serial, part.software) for part in found.parts]


def test_a_catalyst_s_cards_are_read_though_their_rows_stand_beside_the_ruler() -> None:
    assert rows(CATALYST) == [
        ("module", "Slot 1", "C9600-LC-48YL", "CAT9901A001", "17.09.04"),
        ("module", "Slot 2", "C9600-LC-40YL4CD", "CAT9901A002", ""),
        ("module", "Slot 3", "C9600-SUP-1", "", ""),
        ("module", "Slot 4", "C9606-BLANK", "N/A", ""),
    ]
    assert modules(CATALYST).model == "C9606R"


@pytest.mark.parametrize("shift", ["", "    ", "  "])
def test_sub_modules_are_modules_and_a_full_cell_leaves_one_blank(shift: str) -> None:
    moved = "\n".join(shift + line if line[:3].strip().isdigit() else line for line in SIX_THOUSAND.splitlines())

    assert rows(moved) == [
        ("module", "Slot 1", "WS-X6748-GE-TX", "SAL9901B001", "15.1(2)SY"),
        ("module", "Slot 5", "WS-SUP720-3BXL", "SAL9901B002", ""),
        ("module", "Slot 5 Policy Feature Card 3", "WS-F6K-PFC3BXL", "SAL9901B003", ""),
    ]


def test_nexus_tables_are_joined_by_module_and_fabric_modules_keep_their_own_numbers() -> None:
    assert rows(NEXUS) == [
        ("module", "Slot 1", "N7K-SUP2", "JAF9901C001", "8.4(2)"),
        ("module", "Slot 3", "N7K-F248XP-25E", "JAF9901C003", "8.4(2)"),
        ("module", "Slot 5", "", "", ""),
        ("module", "Xbar 1", "N7K-C7009-FAB-2", "JAF9901C101", ""),
    ]


def test_a_card_with_the_supervisor_in_software_is_the_whole_box() -> None:
    assert {row[:4] for row in rows(FIXED_NEXUS)} == {("chassis", "Chassis", "N9K-C93180YC-FX", "FDO9901D001")}


def test_a_stack_prints_a_chassis_a_line_and_says_who_is_there() -> None:
    found = modules(STACK)

    assert rows(STACK) == [
        ("chassis", "Switch 1", "C9300-24UX", "FOC9901E001", "17.09.04"),
        ("chassis", "Switch 2", "C9300-24UX", "FOC9901E002", "17.06.05"),
    ]
    assert found.members == ("1", "2")
    assert found.software == (Software("17.09.04", "FOC9901E001"), Software("17.06.05", "FOC9901E002"))


def test_a_virtual_switching_system_has_modules_of_one_number_in_two_chassis() -> None:
    assert [row[1:4] for row in rows(VSS)] == [
        ("Switch 1 Slot 1", "WS-X6748-GE-TX", "SAL9901G001"),
        ("Switch 2 Slot 1", "WS-X6748-GE-TX", "SAL9901G002"),
    ]
    assert modules(VSS).members == ("1", "2")


def test_members_of_one_release_are_one_release_of_the_device() -> None:
    assert modules(STACK.replace("17.06.05", "17.09.04")).software == (Software("17.09.04"),)


def test_a_pair_of_fixed_switches_is_two_chassis() -> None:
    found = modules(PAIR)

    assert [(part.index, part.name, part.serial) for part in found.parts] == [
        ("members:1", "Switch 1", "FDO9901F001"),
        ("members:2", "Switch 2", "FDO9901F002"),
    ]
    assert (found.members, found.doubt) == (("1", "2"), "")


@pytest.mark.parametrize("text", [CATALYST, SIX_THOUSAND, NEXUS, FIXED_NEXUS, STACK, PAIR])
def test_an_unknown_line_is_named_wherever_it_stands(text: str) -> None:
    lines = text.splitlines()
    for at in range(len(lines) + 1):
        found = modules("\n".join([*lines[:at], "zorgh blub", *lines[at:]]))
        assert found.doubt.startswith("line not understood: 'zorgh"), at


def test_a_row_that_fits_no_column_is_named() -> None:
    broken = CATALYST.replace(
        "1   48   48-Port 10GE / 25GE                         C9600-LC-48YL    CAT9901A001", "1 2 3 4  5  6  7  8  9"
    )

    assert modules(broken).doubt == "line not understood: '1 2 3 4  5  6  7  8  9'"


def test_slots_of_a_router_have_no_serial_and_name_the_chassis() -> None:
    text = "Chassis type: ISR4331/K9\n\nSlot      Type                State\n--------- ------------------- -----\n0         ISR4331/K9          ok\n"

    assert (modules(text).parts, modules(text).model, modules(text).doubt) == ((), "ISR4331/K9", "")
    assert chassis_type("Slot: R0\n").doubt == "it names no chassis type"


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("*1       Active   0011.2233.a900     15     V02     Ready", True),
        (" 2       Standby  0011.2233.a900     14             Ready", True),
        (" 4       Member   0011.2233.7b00     15     0       V-Mismatch", True),
        (" 4       Member   0011.2233.7b00     15     V01     HA sync in progress", True),
        (" 3       Member   0000.0000.0000     0              Provisioned", False),
        (" 3       Member   0000.0000.0000     0      V03     Unprovisioned", False),
        (" 3       Member   0000.0000.0000     0              Removed", False),
    ],
)
def test_a_member_is_there_unless_it_is_only_configured(line: str, there: bool) -> None:
    found = members(f"Switch#   Role    Mac Address     Priority Version  State\n----\n{line}\n")

    assert (bool(found.members), found.doubt) == (there, "")


def test_a_virtual_switch_names_both_its_members_once() -> None:
    text = "Switch mode                  : Virtual Switch\nLocal switch number          : 1\nPeer switch number           : 2\n"

    assert members(text + text).members == ("1", "2")
    assert members("Switch mode : Standalone\n").doubt == ""
    assert members("hello\n").doubt == "no member in the answer"


def test_a_module_s_row_keeps_all_that_its_tables_say() -> None:
    assert modules(CATALYST).parts[0] == Part(
        "module::mod:1",
        cls="module",
        name="Slot 1",
        descr="48-Port 10GE / 25GE",
        product_id="C9600-LC-48YL",
        serial="CAT9901A001",
        hardware="1.1",
        software="17.09.04",
    )
