# ruff: noqa: E501 - lines of device output read better whole
"""Licences before the smart agent: activation, right-to-use, the NX-OS licence manager, ASA keys, `show version`."""

from datetime import date

import pytest

from collectors.cli import CliRows, read_cli
from collectors.model import Answer, Licence, LicenceState, State
from collectors.platforms import load

PLATFORMS = load()
DAY = date(2026, 11, 21)
IN_USE, DORMANT, EVALUATION = LicenceState.IN_USE, LicenceState.DORMANT, LicenceState.EVALUATION


def rows(platform: str, answers: dict[str, str]) -> CliRows:
    return read_cli(PLATFORMS[platform], "", [Answer(c, t, State.COMPLETE) for c, t in answers.items()], at=DAY)


def section(read: CliRows) -> tuple[State, str]:
    return next((one.state, one.reason) for one in read.sections if one.name == "licences")


def told(read: CliRows) -> list[tuple[str, LicenceState, str, str]]:
    return [(one.feature, one.state, one.expires, one.serial) for one in read.licences]


CLASSIC = """Index 1 Feature: securityk9
        Period left: 8  weeks 4  days
        License Type: EvalRightToUse
        License State: Active, In Use
        License Count: 5/2  (In-use/Violation)
        License Priority: Low
Index 2 Feature: uck9
        Period left: Not Activated
        Period Used: 0  minute  0  second
        License Type: EvalRightToUse
        License State: Active, Not in Use, EULA not accepted
        License Count: Non-Counted
        License Priority: None
Index 3 Feature: internal_service
"""


def test_an_evaluation_right_in_use_ends_and_a_dormant_one_is_none() -> None:
    read = rows("cisco_ios", {"show license": CLASSIC})

    assert section(read) == (State.COMPLETE, "")
    assert read.licences == (
        Licence("securityk9", EVALUATION, "", "EvalRightToUse; Active, In Use; period left: 8  weeks 4  days; days_left=60", "5", "2027-01-20", "", "ssh"),
        Licence("uck9", DORMANT, "", "EvalRightToUse; Active, Not in Use, EULA not accepted; period left: Not Activated", "", "", "", "ssh"),
        Licence("internal_service", DORMANT, "", "no licence for it", "", "", "", "ssh"),
    )  # fmt: skip


def test_the_detail_of_a_classic_licence_names_the_serial_it_is_bound_to() -> None:
    detail = (
        "Index: 1        Feature: securityk9                        Version: 1.0\n        License Type: Permanent\n        License State: Active, In Use\n"
        "        Lock type: Node locked\n        Vendor info: <UDI><PID>CISCO2911/K9</PID><SN>FTX1501A0AA</SN></UDI><T>X</T>\n"
        "        License Addition: Exclusive\n        License Generation version: 0x8100000\n        License Count: Non-Counted\n"
        "        License Priority: Medium\n        Store Index: 0\n        Store Name: Primary License Storage\n"
    )
    plain = "Index 1 Feature: securityk9\n        Period left: Life time\n        License Type: Permanent\n        License State: Active, In Use\n"

    read = rows("cisco_ios", {"show license": plain, "show license detail": detail})

    assert told(read) == [("securityk9", IN_USE, "", "FTX1501A0AA")]
    assert section(read) == (State.COMPLETE, "")


@pytest.mark.parametrize("words", ["****", "Active, In", "<private>", ""])
def test_a_classic_state_that_is_masked_or_torn_is_no_licence(words: str) -> None:
    text = f"Index 1 Feature: securityk9\n        License Type: Permanent\n        License State: {words}\n"

    assert told(rows("cisco_ios", {"show license": text})) == [("securityk9", LicenceState.UNKNOWN, "", "")]


RIGHT_TO_USE = """  License Name    Type        Count   Period left
--------------------------------------------------
  ipservices    evaluation    N/A     41
  ipbase        permanent     N/A     Lifetime
  apcount       adder         40      Lifetime
--------------------------------------------------

License Level In Use: ipservices
License Level on Reboot: ipservices eval
Evaluation AP-Count: Disabled
Total AP Count Licenses: 40
AP Count Licenses In-use: 8
AP Count Licenses Remaining: 32
"""


def test_only_the_right_to_use_level_that_runs_is_in_use() -> None:
    read = rows("cisco_ios", {"show license right-to-use summary": RIGHT_TO_USE})

    assert section(read) == (State.COMPLETE, "")
    assert told(read) == [
        ("ipservices", EVALUATION, "2027-01-01", ""),
        ("ipbase", DORMANT, "", ""),
        ("apcount", IN_USE, "", ""),
    ]
    assert all(one.detail.startswith("RightToUse; ") for one in read.licences)


def test_a_right_to_use_licence_belongs_to_the_member_in_its_slot() -> None:
    inventory = (
        'NAME: "1", DESCR: "WS-C3850-24P"\nPID: WS-C3850-24P , VID: V01 , SN: FOC1701A0AA\n\n'
        'NAME: "2", DESCR: "WS-C3850-24P"\nPID: WS-C3850-24P , VID: V01 , SN: FOC1701A0BB\n'
    )
    usage = (
        "Slot#   License Name    Type     usage-duration(y:m:d)  In-Use   EULA\n----------\n"
        "1        ipservices     permanent      0 :3 :29          yes      yes\n2        ipbase     permanent      0 :0 :0          no      no\n"
    )

    read = rows("cisco_ios", {"show inventory": inventory, "show license right-to-use usage": usage})

    assert told(read) == [("ipservices", IN_USE, "", "FOC1701A0AA"), ("ipbase", DORMANT, "", "FOC1701A0BB")]
    assert section(read) == (State.COMPLETE, "")


def test_right_to_use_in_detail_is_a_block_a_licence() -> None:
    text = (
        "Index 1\n  License Name                : ipservices\n  Period left                 : Lifetime\n  License Type                : permanent\n"
        "  License State               : Active, In use\n  License Count               : Non-Counted\n  License Location            : Slot 1\n"
        "Index 2\n  License Name                : ipservices\n  Period left                 : 90\n  License Type                : evaluation\n"
        "  License State               : Not Activated\n  License Count               : Non-Counted\n  License Location            : Slot 1\n"
    )

    read = rows("cisco_ios", {"show license right-to-use detail": text})

    assert section(read) == (State.COMPLETE, "")
    assert [one.state for one in read.licences] == [IN_USE]


NEXUS = """Feature                      Ins  Lic   Status Expiry Date Comments
                                 Count
--------------------------------------------------------------------------------
LAN_ENTERPRISE_SERVICES_PKG   Yes   -   In use Never       -
FCOE_PKG                      Yes   1   In use 21 Nov 2027 -
MPLS_PKG                      No    -   In use             Grace 10D 1H
VPN_FABRIC                    No    -   In use             -
OLD_PKG                       No    -   In use             Grace expired
STORAGE-ENT                   No    -   Unused             Grace 20D 6H
--------------------------------------------------------------------------------
"""


def test_nx_os_in_use_without_a_licence_file_is_grace_while_it_lasts() -> None:
    read = rows("cisco_nxos", {"show license usage": NEXUS})

    assert section(read) == (State.COMPLETE, "")
    assert told(read) == [
        ("LAN_ENTERPRISE_SERVICES_PKG", IN_USE, "", ""),
        ("FCOE_PKG", IN_USE, "2027-11-21", ""),
        ("MPLS_PKG", LicenceState.GRACE, "2026-12-01", ""),
        ("VPN_FABRIC", LicenceState.NOT_AUTHORIZED, "", ""),
        ("OLD_PKG", LicenceState.AUTHORIZATION_EXPIRED, "", ""),
        ("STORAGE-ENT", DORMANT, "", ""),
    ]


@pytest.mark.parametrize("row", ["X_PKG   Yes   -   Halfway Never  -", "X_PKG   Ye", "X_PKG   ***   -   In use Never"])
def test_a_row_of_nx_os_that_is_not_understood_is_named(row: str) -> None:
    read = rows("cisco_nxos", {"show license usage": NEXUS + row + "\n"})

    assert section(read)[0] is State.PARTIAL
    assert row in section(read)[1]
    assert IN_USE not in {one.state for one in read.licences if one.feature == "X_PKG"}


KEYS = """Serial Number:  JAD1701A0AA
Running Permanent Activation Key: 0x0000abcd 0x1111abcd 0x2222abcd 0x3333abcd 0x4444abcd
Running Timebased Activation Key: 0x5555abcd 0x6666abcd 0x7777abcd 0x8888abcd 0x9999abcd

Licensed features for this platform:
Maximum VLANs                     : 150            perpetual
AnyConnect Essentials             : Disabled       perpetual
Botnet Traffic Filter             : Enabled        34 days

This platform has an ASA 5516 Security Plus license.

Failover cluster licensed features for this platform:
Maximum VLANs                     : 300            perpetual
Cluster Members                   : 4              perpetual

The flash permanent activation key is the SAME as the running permanent key.

Active Timebased Activation Key:
0x5555abcd 0x6666abcd 0x7777abcd 0x8888abcd 0x9999abcd
Botnet Traffic Filter             : Enabled    34 days
"""


@pytest.mark.parametrize(
    ("command", "text"),
    [("show activation-key", KEYS), ("show version", f"Cisco Adaptive Security Appliance Software Version 9.12(4)\n{KEYS}")],
)  # fmt: skip
def test_an_asa_tells_its_own_features_and_a_time_based_key_ends(command: str, text: str) -> None:
    read = rows("cisco_asa", {command: text})

    assert section(read) == (State.COMPLETE, "")
    assert read.licences == (
        Licence("Maximum VLANs", IN_USE, "", "150 perpetual", "150", "", "", "ssh"),
        Licence("Botnet Traffic Filter", EVALUATION, "", "Enabled 34 days; days_left=34", "", "2026-12-25", "", "ssh"),
    )


def test_an_asav_without_a_licence_is_not_authorised() -> None:
    text = (
        "Cisco Adaptive Security Appliance Software Version 9.12(4)\n\nLicense mode: Smart Licensing\nASAv Platform License State: Unlicensed\n\n"
        "Licensed features for this platform:\nMaximum VLANs                     : 50\n"
    )

    assert told(rows("cisco_asa", {"show version": text})) == [("smart licensing", LicenceState.NOT_AUTHORIZED, "", "")]


PACKAGES = """Cisco IOS Software, C2900 Software, Version 15.7(3)M4, RELEASE SOFTWARE (fc3)

Technology Package License Information for Module:'c2900'

-----------------------------------------------------------------
Technology    Technology-package           Technology-package
              Current       Type           Next reboot
------------------------------------------------------------------
ipbase        ipbasek9      Permanent      ipbasek9
security      securityk9    EvalRightToUse securityk9
uc            None          None           None

Configuration register is 0x2102
"""


def test_the_version_s_packages_count_where_no_licence_command_gives_a_row() -> None:
    alone = rows("cisco_ios", {"show version": PACKAGES})
    beside = rows("cisco_ios", {"show version": PACKAGES, "show license": CLASSIC})

    assert told(alone) == [("ipbasek9", IN_USE, "", ""), ("securityk9", EVALUATION, "", "")]
    assert {one.feature for one in beside.licences} == {"securityk9", "uck9", "internal_service"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("License Level: ipservices   Type: Permanent\nNext reboot license Level: ipbase\n", "Permanent; next_reload=ipbase"),
        ("License Level: ipservices\nLicense Type: Permanent\nNext reload license Level: ipservices\n", "Permanent"),
        ("License Level: ipservices\nLicense Type: Permanent Right-To-Use\n", "Permanent Right-To-Use"),
    ],
)  # fmt: skip
def test_a_level_keeps_its_type_and_what_runs_next(text: str, detail: str) -> None:
    (level,) = rows("cisco_ios", {"show version": f"Cisco IOS Software, Version 15.2(7)E8, RELEASE\n{text}"}).licences

    assert (level.feature, level.state, level.detail) == ("ipservices", IN_USE, detail)
