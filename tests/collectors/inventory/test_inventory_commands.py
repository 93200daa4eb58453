# ruff: noqa: E501 - lines of device output read better whole
"""Commands of IOS XR, ASA, wireless controllers and small-business switches, written from their formats."""

from __future__ import annotations

import pytest

from collectors.cli import read_cli
from collectors.model import INVENTORY, Answer, Kind, Reading, State
from collectors.platforms import by_cli, load
from collectors.reading import read_ssh
from tests.collectors.inventory.walked import shown

PLATFORMS = load()


def read(platform: str, **answers: str) -> Reading:
    made = [Answer(command.replace("_", " "), text, State.COMPLETE) for command, text in answers.items()]
    return read_ssh(PLATFORMS[platform], read_cli(PLATFORMS[platform], "", made))


def inventory(reading: Reading) -> tuple[State, str]:
    return next((one.state, one.reason) for one in reading.sections if one.name == INVENTORY)


def records(*rows: tuple[str, str, str, str]) -> str:
    return "\n".join(f'NAME: "{n}", DESCR: "{d}"\nPID: {p:<18}, VID: V01 , SN: {s}\n' for n, d, p, s in rows)


# --- Smartoptics DCP ------------------------------------------------------------------------------------------

SHELF = """\
  Location    Part number       Description                             HW rev  FW rev      Serial number
  ----------  ----------------  --------------------------------------  ------  ----------  -------------
  chassis     DCP-2             1U 2 slot chassis                       R2A     n/a         S2245010001
   slot-1/1   DCP-F-A22-EXTRA-LONG-PN Amplifier card, two stage             R1C     1.4         S2205020001
   slot-1/2   DCP-1610          16x10G muxponder whose description is much too long R1C     1.4         S2205020002
    if-1/1/10/1 TQD013-TUNC-SO  Tunable QSFP-DD                         A       2.0.1.12345 S2205020003
   fan-1/1    DCP-2-FAN-FB      Fan module                              R1B     n/a         n/a
"""


def test_a_cell_that_is_too_long_for_its_column_takes_no_serial_with_it() -> None:
    got = read("smartoptics_dcp", show_inventory=SHELF)

    assert shown(got.units, "serial", "kind", "product_id", "slot") == [
        ("S2245010001", "chassis", "DCP-2", "chassis"),
        ("S2205020001", "module", "DCP-F-A22-EXTRA-LONG-PN", "slot-1/1"),
        ("S2205020002", "module", "DCP-1610", "slot-1/2"),
        ("S2205020003", "transceiver", "TQD013-TUNC-SO", "if-1/1/10/1"),
    ]
    assert inventory(got) == (State.COMPLETE, "")


@pytest.mark.parametrize("width", range(20, 98, 3))
def test_a_line_of_a_shelf_that_ends_early_gives_no_unit_and_is_shown(width: int) -> None:
    lines = SHELF.splitlines()
    cut = "\n".join([*lines[:4], lines[4][:width]]) + "\n"

    got = read("smartoptics_dcp", show_inventory=cut)

    assert [unit.serial for unit in got.units] == ["S2245010001", "S2205020001"]
    assert inventory(got)[0] is State.PARTIAL


# --- IOS XR ---------------------------------------------------------------------------------------------------

ROUTER = (
    ("chassis ASR-9006", "ASR 9006 Chassis", "ASR-9006-AC-V2", "FOX2201X001"),
    ("module 0/RSP0/CPU0", "ASR9K Route Switch Processor", "A9K-RSP880-SE", "FOC2201X002"),
    ("module 0/1/CPU0", "24-port 10GE line card", "A9K-24X10GE-SE", "FOC2201X003"),
    ("module 0/1/0", "20-port 1GE modular port adapter", "A9K-MPA-20X1GE", "FOC2201X004"),
    ("0/FT0", "Fan tray", "ASR-9006-FAN-V2", "FOC2201X005"),
)
NODES = """\
Thu Jun 27 13:14:00.563 UTC
Node              Type                       State             Config state
--------------------------------------------------------------------------------
0/RSP0/CPU0       A9K-RSP880-SE(Active)      IOS XR RUN        NSHUT
0/1/CPU0          A9K-24X10GE-SE             IOS XR RUN        NSHUT
0/1/0             A9K-MPA-20X1GE             OK
0/2               A99-32X100GE-CM            SW_INACTIVE       NSHUT
0/FT0             ASR-9006-FAN-V2            OPERATIONAL       NSHUT
"""
EXR = (
    ("Rack 0", "NCS 5500 chassis", "NCS-55A1-24H", "FOC2201X001"),
    ("0/RP0", "Route processor", "NCS-55A1-24H-RP", "FOC2201X002"),
)


def test_an_inventory_with_a_row_for_every_node_that_runs_is_whole() -> None:
    assert inventory(read("cisco_xr", show_inventory=records(*ROUTER), show_platform=NODES)) == (State.COMPLETE, "")
    nodes = [*NODES.splitlines()[:3], "0/RP0/CPU0        NCS-55A1-24H(Active)       IOS XR RUN        NSHUT"]
    assert (
        inventory(read("cisco_xr", show_inventory=records(*EXR), show_platform="\n".join(nodes)))[0] is State.COMPLETE
    )


@pytest.mark.parametrize("missing", [1, 2, 3, 4])
def test_an_inventory_that_lacks_a_node_that_runs_is_not_whole(missing: int) -> None:
    left = [one for number, one in enumerate(ROUTER) if number != missing]

    state, reason = inventory(read("cisco_xr", show_inventory=records(*left), show_platform=NODES))

    assert state is State.PARTIAL
    assert ROUTER[missing][0].removeprefix("module ").removesuffix("/CPU0") in reason


def test_the_nodes_of_a_domain_and_of_the_old_series_are_read_as_well() -> None:
    sdr = """\
    SDR Information:
__________________________________________________
    SDR_id               : 0
    SDR_name             : Owner
    dSDRsc node          : 0/RP0/CPU0
    dSDRsc partner node  : NONE
    primary node1        : 0/RP0/CPU0
    primary node2        : NONE
    mac addr             : 0211.22ff.3344

SDR Inventory
--------------

Type       NodeName       NodeState         RedState   PartnerName
------------------------------------------------------------------
RP         0/RP0/CPU0     IOS XR RUN        Primary    NONE
LC         0/6/CPU0       IOS XR RUN        Not-known  NONE
"""
    old = """\
Node          Type              PLIM               State           Config State
------------- ----------------- ------------------ --------------- ---------------
0/RP0/CPU0    RP(Active)        N/A                IOS XR RUN      PWR,NSHUT,MON
0/6/CPU0      MSC-X             4-100GbE           IOS XR RUN      PWR,NSHUT,MON
1/3/3         MSC(SPA)          OC192RPR-XFP       DISABLED        NPWR,SHUT,MON
"""
    for answer in ({"show_sdr_detail": sdr}, {"show_platform": old}):
        state, reason = inventory(read("cisco_xr", show_inventory=records(*EXR), **answer))
        assert (state, "node 0/6 runs" in reason) == (State.PARTIAL, True)


def test_a_line_of_nodes_that_is_not_understood_is_shown() -> None:
    strange = NODES + "Node 0/3 is upside down\n"

    assert "upside down" in inventory(read("cisco_xr", show_inventory=records(*ROUTER), show_platform=strange))[1]


@pytest.mark.parametrize(
    ("answer", "release"),
    [
        ("Label : 7.3.2\n\nNode 0/RP0/CPU0 [RP]\n  Active Packages: 1\n   ncs5500-xr-7.3.1 version=7.3.1 [Boot image]\n", "7.3.2"),
        ("Active Packages:    XR: 9    All: 99\nLabel:              7.10.2-own_label\n", "7.10.2"),
        ("Active Packages: 1\n    xrv9k-xr-6.2.2.14I version=6.2.2.14I [Boot image]\n", "6.2.2.14I"),
        ("Default Profile:\n  SDRs:\n    Owner\nActive Packages:\n    disk0:asr9k-mini-px-6.1.21\n", "6.1.21"),
        ("Secure Domain Router: Owner\n\n  Node 0/RSP0/CPU0 [RP] [SDR: Owner]\n    Active Packages:\n"
         "      disk0:asr9k-doc-px-5.1.3\n      disk0:asr9k-mini-px-5.1.3\n", "5.1.3"),
    ],
    ids=["label", "own label", "boot image", "mini", "classic"],
)  # fmt: skip
def test_the_active_packages_name_the_release(answer: str, release: str) -> None:
    assert [said.version for said in read("cisco_xr", show_install_active_summary=answer).software] == [release]


# --- ASA ------------------------------------------------------------------------------------------------------

BOX = (("Chassis", "ASA 5515-X with SW, 6 GE Data, 1 GE Mgmt, AC", "ASA5515", "FTX2201X001"),)
MODULES = """\
Mod Card Type                                    Model              Serial No.
--- -------------------------------------------- ------------------ -----------
  0 ASA 5515-X with SW, 6 GE Data, 1 GE Mgmt, AC ASA5515            FCH2201X009
  1 ASA 5500 Series Content Security Services Mo ASA-SSM-CSC-20     JAF2201X004
sfr Unknown                                      N/A                FCH2201X009

Mod MAC Address Range                 Hw Version   Fw Version   Sw Version
--- --------------------------------- ------------ ------------ ---------------
  0 e4d3.f111.2222 to e4d3.f111.2229  1.0          2.1(9)8      9.12(4)
  1 e4d3.f133.2222 to e4d3.f133.2222  2.1          1.0(14)5     CSC SSM 6.3
sfr e4d3.f111.3333 to e4d3.f111.3333  N/A          N/A

Mod Status             Data Plane Status     Compatibility
--- ------------------ --------------------- -------------
  0 Up Sys             Not Applicable
  1 Up                 Up
sfr Unresponsive       Not Applicable
"""


def test_a_card_of_a_firewall_is_a_module_and_the_box_and_its_software_are_none() -> None:
    got = read("cisco_asa", show_inventory=records(*BOX), show_module=MODULES)

    assert shown(got.units, "serial", "kind", "slot", "hardware_version", "parent_serial") == [
        ("FTX2201X001", "chassis", "Chassis", "V01", ""),
        ("JAF2201X004", "module", "module 1", "2.1", "FTX2201X001"),
    ]
    assert inventory(got) == (State.COMPLETE, "")


def test_the_processor_of_a_chassis_that_has_slots_is_a_module_of_it() -> None:
    ssp = MODULES.replace("ASA5515   ", "ASA5585-SSP-40").replace("ASA5515 ", "ASA5585 ")
    got = read("cisco_asa", show_inventory=records(*BOX), show_module=ssp)

    assert [unit.kind for unit in got.units if unit.serial == "FCH2201X009"] in ([], ["module"])


def test_without_an_inventory_module_0_is_the_box() -> None:
    got = read("cisco_asa", show_module=MODULES)

    assert shown(got.units, "serial", "kind")[0] == ("FCH2201X009", "chassis")
    assert inventory(got)[0] is State.PARTIAL


@pytest.mark.parametrize("lines", range(1, 10))
def test_modules_cut_before_the_end_of_their_second_table_are_not_whole(lines: int) -> None:
    cut = "\n".join(MODULES.splitlines()[:lines]) + "\n"

    assert inventory(read("cisco_asa", show_inventory=records(*BOX), show_module=cut))[0] is State.PARTIAL


FAILOVER = """\
Failover On
Failover unit Primary
Version: Ours 9.12(4), Mate 9.12(3)
Serial Number: Ours JMX2201X001, Mate JMX2201X002
        This host: Primary - Active
                slot 0: ASA5510 hw/sw rev (2.0/9.12(4)) status (Up Sys)
        Other host: Secondary - Standby Ready
                slot 0: ASA5510 hw/sw rev (2.0/9.12(3)) status (Up Sys)
"""


def test_a_failover_pair_whose_serials_are_the_chassis_ones_is_two_chassis() -> None:
    own = records(("Chassis", "ASA 5510 Adaptive Security Appliance", "ASA5510", "JMX2201X001"))

    got = read("cisco_asa", show_inventory=own, show_failover=FAILOVER)

    assert shown(got.units, "serial", "kind", "product_id", "slot", "software_version") == [
        ("JMX2201X001", "chassis", "ASA5510", "Chassis", ""),
        ("JMX2201X002", "chassis", "ASA5510", "failover mate", "9.12(3)"),
    ]
    assert inventory(got) == (State.COMPLETE, "")


def test_a_failover_pair_whose_serials_are_the_boards_is_one_chassis() -> None:
    got = read("cisco_asa", show_inventory=records(*BOX), show_failover=FAILOVER)

    assert shown(got.units, "serial") == ["FTX2201X001"]


def test_a_firewall_without_failover_says_so_and_is_whole() -> None:
    off = "Failover Off\nFailover unit Secondary\nFailover LAN Interface: not Configured\n"

    assert inventory(read("cisco_asa", show_inventory=records(*BOX), show_failover=off)) == (State.COMPLETE, "")
    assert inventory(read("cisco_asa", show_inventory=records(*BOX), show_failover="gibberish\n"))[0] is State.PARTIAL


# --- wireless controllers -------------------------------------------------------------------------------------

CONTROLLER = (("Chassis", "Cisco 5520 Wireless LAN Controller", "AIR-CT5520-K9", "FCH2201X001"),)
SUMMARY = """\
Number of APs.................................... 2

Global AP User Name.............................. Not Configured

AP Name             Slots  AP Model              Ethernet MAC       Location          Country
------------------  -----  --------------------  -----------------  ----------------  -------
lobby               2      AIR-AP3802I-E-K9      00:a2:89:11:22:33  default location  DE
second floor        2      C9120AXI-E            00:a2:89:11:22:44  default location  DE
"""
INVENTORIES = """
Inventory for lobby
NAME: "AP3800"    , DESCR: "Cisco Aironet 3800 Series (IEEE 802.11ac) Access Point"
PID: AIR-AP3802I-E-K9,  VID: V02,  SN: FGL2201X002
NAME: "Dot11Radio0"    , DESCR: "802.11 radio"
PID: UNKNOWN,  VID: V01,  SN: FOC2201X009

Inventory for second floor
NAME: "C9120AX"    , DESCR: "Cisco Catalyst 9120AX Access Point"
PID: C9120AXI-E,  VID: V03,  SN: FGL2201X003
"""


def test_every_access_point_of_a_controller_is_a_unit() -> None:
    got = read(
        "cisco_wlc", show_inventory=records(*CONTROLLER), show_ap_summary=SUMMARY, show_ap_inventory_all=INVENTORIES
    )

    assert shown(got.units, "serial", "kind", "slot", "product_id") == [
        ("FCH2201X001", "chassis", "Chassis", "AIR-CT5520-K9"),
        ("FGL2201X002", "access_point", "lobby", "AIR-AP3802I-E-K9"),
        ("FGL2201X003", "access_point", "second floor", "C9120AXI-E"),
    ]
    assert inventory(got) == (State.COMPLETE, "")


@pytest.mark.parametrize("lines", range(1, 9))
def test_access_points_cut_anywhere_leave_the_controller_partial(lines: int) -> None:
    cut = "\n".join(INVENTORIES.splitlines()[:lines]) + "\n"

    got = read("cisco_wlc", show_inventory=records(*CONTROLLER), show_ap_summary=SUMMARY, show_ap_inventory_all=cut)

    assert inventory(got)[0] is State.PARTIAL


def test_a_summary_that_counts_more_than_it_lists_is_not_whole() -> None:
    fewer = SUMMARY.replace("2\n\nGlobal", "3\n\nGlobal")

    got = read(
        "cisco_wlc", show_inventory=records(*CONTROLLER), show_ap_summary=fewer, show_ap_inventory_all=INVENTORIES
    )

    assert inventory(got) == (State.PARTIAL, "show ap summary: 3 access points, 2 understood")


DOTTED = """\
Cisco AP Identifier.............................. 7
Cisco AP Name.................................... lobby
Country code..................................... DE  - Germany
S/W  Version .................................... 8.10.185.0
AP Model......................................... AIR-CAP2702E-E-K9
AP Serial Number................................. FGL2201X002
AP Certificate Type.............................. Manufacture Installed
"""
COLONS = """\
Cisco AP Name   : lobby
=================================================

Cisco AP Identifier                             : 00a2.8911.2201
Software Version                                : 17.9.4.27
AP Model                                        : CW9166I-E
IOS Version                                     : 17.9.4.27
AP Serial Number                                : KWC2201X002
Join Priority                                   : 1

Cisco AP Name   : attic
=================================================

Cisco AP Identifier                             : 00a2.8911.2202
Software Version                                : 17.9.4.27
AP Model                                        : C9130AXI-E
AP Serial Number                                : KWC2201X003
"""


@pytest.mark.parametrize(
    ("platform", "answer", "expected"),
    [
        ("cisco_wlc", DOTTED, [("FGL2201X002", "lobby", "AIR-CAP2702E-E-K9", "8.10.185.0")]),
        ("cisco_ios", COLONS, [("KWC2201X002", "lobby", "CW9166I-E", "17.9.4.27"), ("KWC2201X003", "attic", "C9130AXI-E", "17.9.4.27")]),
    ],
)  # fmt: skip
def test_the_configuration_of_access_points_names_their_serials(platform: str, answer: str, expected: object) -> None:
    got = read(platform, show_ap_config_general=answer)

    points = tuple(unit for unit in got.units if unit.kind is Kind.ACCESS_POINT)
    assert shown(points, "serial", "slot", "product_id", "software_version") == expected
    told = by_cli(PLATFORMS, [answer])
    assert told is not None and told.name == platform


def test_an_access_point_cut_before_its_serial_is_shown_and_takes_none_from_the_next() -> None:
    torn = COLONS.replace("AP Serial Number                                : KWC2201X002\n", "")
    own = records(("Chassis", "Cisco C9800-L-C-K9 Chassis", "C9800-L-C-K9", "FCL2201X001"))

    got = read("cisco_ios", show_inventory=own, show_ap_config_general=torn)

    assert inventory(got) == (State.PARTIAL, "show ap config general: access point lobby has no serial line")
    assert [unit.serial for unit in got.units] == ["FCL2201X001", "KWC2201X003"]


# --- small-business switches ----------------------------------------------------------------------------------

STACK = """\
NAME: "1"  DESCR: "48-Port Gigabit PoE Stackable Managed Switch"
PID: SG350X-48P-K9   VID: V03   SN: DNI2201X001

NAME: "2"  DESCR: "48-Port Gigabit PoE Stackable Managed Switch"
PID: SG350X-48P-K9   VID: V03   SN: DNI2201X002

NAME: "GigabitEthernet1/1/49"  DESCR: "SFP-1000Base-LX"
PID: MGBLX1   VID: V01   SN: AGC2201X003
"""


def test_a_stack_of_small_business_switches_is_its_members_and_their_optics() -> None:
    got = read(
        "cisco_sb", show_inventory=STACK, show_version="SW version    2.5.9.54 (date  26-Feb-2024 time  10:00:00)\n"
    )

    assert shown(got.units, "serial", "kind", "product_id", "software_version") == [
        ("DNI2201X001", "chassis", "SG350X-48P-K9", "2.5.9.54"),
        ("DNI2201X002", "chassis", "SG350X-48P-K9", "2.5.9.54"),
        ("AGC2201X003", "transceiver", "MGBLX1", ""),
    ]
    assert inventory(got) == (State.COMPLETE, "")


@pytest.mark.parametrize(
    ("answer", "release"),
    [
        ("SW version    1.4.11.5 (date  08-Apr-2020 time  13:49:42)\nBoot version  1.3.5.06\nHW version    V03\n", "1.4.11.5"),
        ("Unit             SW version         Boot version         HW version\n-------------------\n  1   1.4.11.5   1.3.5.06   V02\n", "1.4.11.5"),
        ("Active-image: flash://system/images/a.bin\n  Version: 3.3.0.16\n  MD5 Digest: 00\n"
         "Inactive-image: flash://system/images/b.bin\n  Version: 3.1.0.57\n", "3.3.0.16"),
    ],
    ids=["one", "stack", "images"],
)  # fmt: skip
def test_the_active_image_of_a_small_business_switch_is_its_release(answer: str, release: str) -> None:
    assert [said.version for said in read("cisco_sb", show_version=answer).software] == [release]


def test_the_serials_of_the_system_stand_in_for_an_inventory_that_is_not_there() -> None:
    one = read("cisco_sb", show_system_id="serial number DNI2201X001\n")
    two = read("cisco_sb", show_system_id="Unit    Serial number\n----  ------\n1   DNI2201X001\n2   DNI2201X002\n")

    assert shown(one.units, "serial", "kind") == [("DNI2201X001", "chassis")]
    assert shown(two.units, "serial", "kind") == [("DNI2201X001", "chassis"), ("DNI2201X002", "chassis")]
    assert inventory(two)[0] is State.PARTIAL


def test_the_host_name_of_a_small_business_switch_is_its_systems() -> None:
    said = "System Description:                       48-Port Gigabit Switch\nSystem Name:                              attic-sw1\n"

    assert read("cisco_sb", show_system=said).hostname == "attic-sw1"
