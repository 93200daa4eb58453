# ruff: noqa: E501  # what devices print is wide
from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from collectors.cli import CliRows, read_cli, template
from collectors.cli.template import rows
from collectors.errors import ConfigError
from collectors.model import Answer, Licence, LicenceState, Part, Section, Software, State
from collectors.platforms import Platform, by_cli, load

IOS_VERSION = """Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)
stack1 uptime is 3 weeks
cisco C9300-48P (X86) processor with 1343489K/6147K bytes of memory.
Processor board ID FCW2301A001
Base Ethernet MAC Address          : 00:11:22:33:44:00
Motherboard Serial Number          : FOC23010001
Model Number                       : C9300-48P
System Serial Number               : FCW2301A001
Switch Ports Model              SW Version        SW Image              Mode
------ ----- -----              ----------        ----------            ----
*    1 65    C9300-48P          17.09.04a         CAT9K_IOSXE           INSTALL
     2 65    C9300-24T          17.09.03          CAT9K_IOSXE           INSTALL

Switch 02
---------
Base Ethernet MAC Address          : 00:11:22:33:44:55
Model Number                       : C9300-24T
System Serial Number               : FCW2302A002
"""
STACK = (
    'NAME: "Switch 1", DESCR: "C9300-48P"\nPID: C9300-48P , VID: V02 , SN: FCW2301A001\n'
    'NAME: "Switch 2", DESCR: "C9300-24T"\nPID: C9300-24T , VID: V02 , SN: FCW2302A002\n'
)
SWITCH = """Switch#   Role    Mac Address     Priority Version  State
*1       Active   0011.2233.4455     15     V02     Ready
 2       Standby  0011.2233.4466     1      V02     Ready
 3       Member   0000.0000.0000     0              Provisioned
"""
USAGE = """License Authorization:
  Status: Not Applicable

network-advantage (C9300-48 Network Advantage):
  Description: C9300-48 Network Advantage
  Count: 2
  Version: 1.0
  Status: IN USE
  Enforcement type: NOT ENFORCED
  License type: Perpetual
"""


def read(platform: str, answers: Mapping[str, str | State], banner: str = "") -> CliRows:
    made = [
        Answer(line, "", said, "refused") if isinstance(said, State) else Answer(line, said, State.COMPLETE)
        for line, said in answers.items()
    ]
    return read_cli(load()[platform], banner, made)


def state(rows: CliRows, name: str) -> tuple[State, str]:
    section = next(section for section in rows.sections if section.name == name)
    return section.state, section.reason


def states(platform: str, command: str, text: str) -> dict[str, LicenceState]:
    return {licence.feature: licence.state for licence in read(platform, {command: text}).licences}


def test_a_stack_is_read_whole() -> None:
    rows = read(
        "cisco_ios",
        {
            "show version": IOS_VERSION,
            "show inventory": STACK,
            "show switch": SWITCH,
            "show license usage": USAGE,
            "show license": State.UNSUPPORTED,
        },
    )
    assert rows == CliRows(
        hostname="stack1",
        model="C9300-48P",
        serials=("FCW2301A001", "FOC23010001", "FCW2302A002"),
        parts=(
            Part(
                "1",
                name="Switch 1",
                descr="C9300-48P",
                product_id="C9300-48P",
                serial="FCW2301A001",
                hardware="V02",
            ),
            Part(
                "2",
                name="Switch 2",
                descr="C9300-24T",
                product_id="C9300-24T",
                serial="FCW2302A002",
                hardware="V02",
            ),
        ),
        licences=(
            Licence(
                "network-advantage",
                LicenceState.IN_USE,
                "C9300-48 Network Advantage",
                "IN USE; Perpetual; NOT ENFORCED",
                "2",
                collected_via="ssh",
            ),
        ),
        software=(Software("17.9.4a", "", "ssh"), Software("17.09.03", "FCW2302A002", "ssh")),
        sections=tuple(
            Section(name, State.COMPLETE, "ssh") for name in ("identity", "inventory", "software", "licences")
        ),
    )


def test_a_version_s_chassis_stand_in_for_what_the_inventory_lacks() -> None:
    rows = read("cisco_ios", {"show version": IOS_VERSION, "show inventory": STACK.splitlines(keepends=True)[0]})
    assert [(part.index, part.cls, part.name, part.serial) for part in rows.parts] == [
        ("1", "", "Switch 1", ""),
        ("version:1", "chassis", "Switch 1", "FCW2301A001"),
        ("version:2", "chassis", "Switch 2", "FCW2302A002"),
    ]


def test_a_ready_member_that_is_in_no_row_leaves_the_inventory_partial() -> None:
    one = STACK[: STACK.index('NAME: "Switch 2"')]
    rows = read("cisco_ios", {"show inventory": one, "show switch": SWITCH})
    assert state(rows, "inventory") == (State.PARTIAL, "stack members 2 are ready and not in the inventory")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"show inventory": STACK, "show switch": State.UNSUPPORTED}, State.COMPLETE),
        ({"show inventory": STACK, "show switch": State.DENIED}, State.PARTIAL),
        ({"show inventory": STACK, "show switch": State.FAILED}, State.PARTIAL),
        ({"show inventory": State.UNSUPPORTED, "show switch": State.UNSUPPORTED}, State.UNSUPPORTED),
        ({"show inventory": State.DENIED, "show switch": State.UNSUPPORTED}, State.DENIED),
        ({"show inventory": State.FAILED}, State.FAILED),
        ({"show inventory": STACK + "strange\n"}, State.PARTIAL),
        ({}, State.NOT_ATTEMPTED),
    ],
)
def test_a_section_is_as_good_as_its_needed_commands(answers: dict[str, str | State], expected: State) -> None:
    assert state(read("cisco_ios", answers), "inventory")[0] is expected


def test_a_partial_answer_keeps_its_rows_and_its_reason() -> None:
    rows = read_cli(
        load()["cisco_ios"],
        "",
        [Answer("show inventory", STACK, State.PARTIAL, "the device closed the session")],
    )
    assert len(rows.parts) == 2
    assert state(rows, "inventory") == (State.PARTIAL, "show inventory: the device closed the session")


def test_both_planes_of_xr_count_and_repeats_do_not() -> None:
    chassis = 'NAME: "chassis ASR-9006", DESCR: "ASR 9006 chassis"\nPID: ASR-9006-AC, VID: V01, SN: FOX1234A001\n'
    card = 'NAME: "module 0/RSP0/CPU0", DESCR: "RSP"\nPID: A9K-RSP-4G, VID: V03, SN: FOC1234A002\n'
    rows = read("cisco_xr", {"show inventory": card, "admin show inventory": card + chassis})
    assert [(part.index, part.serial) for part in rows.parts] == [
        ("1", "FOC1234A002"),
        ("admin:2", "FOX1234A001"),
    ]


def test_a_fex_has_its_own_chassis() -> None:
    text = "FEX: 101 Description: FEX0101   state: Online\n  FEX version: 7.3(2)\n  Extender Serial: FOX1234AB01\n  Extender Model: N2K-C2248TP-E-1GE,  Part No: 73-13671-02\n"
    rows = read("cisco_nxos", {"show fex detail": text})
    assert rows.parts == (
        Part("fex:101", "", "chassis", "FEX 101 CHASSIS", "FEX0101", "N2K-C2248TP-E-1GE", "FOX1234AB01"),
    )


def test_a_dcp_tells_its_release_at_login() -> None:
    banner = "DCP-M40-PAM4-ZR, open line system\nSoftware version: dcp-release-13.0.0\n"
    rows = read("smartoptics_dcp", {}, banner)
    assert rows.software == (Software("dcp-release-13.0.0", "", "ssh"),)
    assert state(rows, "software")[0] is State.COMPLETE
    assert state(rows, "licences") == (State.UNSUPPORTED, "no command for it is known")


def test_licences_that_only_the_version_tells_are_enough() -> None:
    text = "Security Contexts : 2   perpetual\n"
    rows = read("cisco_asa", {"show version": text, "show license all": State.UNSUPPORTED})
    assert [licence.feature for licence in rows.licences] == ["Security Contexts"]
    assert state(rows, "licences")[0] is State.COMPLETE


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("IN USE", LicenceState.IN_USE),
        ("NOT IN USE", LicenceState.DORMANT),
        ("AUTHORIZED", LicenceState.AUTHORIZED),
        ("NOT AUTHORIZED", LicenceState.NOT_AUTHORIZED),
        ("OUT OF COMPLIANCE", LicenceState.OUT_OF_COMPLIANCE),
        ("EVAL MODE", LicenceState.EVALUATION),
        ("EVAL EXPIRED", LicenceState.EVALUATION_EXPIRED),
        ("AUTHORIZATION EXPIRED", LicenceState.AUTHORIZATION_EXPIRED),
        ("SOMETHING NEW", LicenceState.UNKNOWN),
    ],
)
def test_smart_licence_words_have_one_meaning(words: str, expected: LicenceState) -> None:
    text = f"License Usage:\n  License   Entitlement Tag   Count Status\n  ------\n  dna-advantage  (C9300 DNA (x))   1 {words}\n"
    assert states("cisco_ios", "show license summary", text) == {"dna-advantage": expected}
    block = f"dna-advantage (C9300 DNA):\n  Count: 1\n  Status: {words}\n"
    assert states("cisco_ios", "show license usage", block) == {"dna-advantage": expected}


def test_the_smart_agents_own_registration_is_a_row() -> None:
    text = "Smart Licensing is ENABLED\n\nRegistration:\n  Status: UNREGISTERED\n  Export-Controlled Functionality: NOT ALLOWED\n\nLicense Authorization:\n  Status: EVAL EXPIRED\n\nLicense Usage:\n  License  Entitlement tag  Count Status\n  uck9  (ISR_4300_UC)  1 EVAL EXPIRED\n"
    assert states("cisco_ios", "show license summary", text) == {
        "uck9": LicenceState.EVALUATION_EXPIRED,
        "smart licensing": LicenceState.UNREGISTERED,
    }


@pytest.mark.parametrize(
    ("kind", "words", "left", "expected"),
    [
        ("Permanent", "Active, In Use", "Life time", LicenceState.IN_USE),
        ("Permanent", "Active, Not in Use", "Life time", LicenceState.DORMANT),
        ("RightToUse", "Active, In Use", "Life time", LicenceState.IN_USE),
        ("EvalRightToUse", "Active, Not in Use, EULA not accepted", "Not Activated", LicenceState.DORMANT),
        ("EvalRightToUse", "Active, In Use", "8  weeks 4  days", LicenceState.EVALUATION),
        ("EvalRightToUse", "Expired, In Use", "0  minute  0  second", LicenceState.EVALUATION_EXPIRED),
        ("EvalRightToUse", "Active, In Use", "0  minute  0  second", LicenceState.EVALUATION_EXPIRED),
        ("GracePeriod", "Active, In Use", "3  weeks", LicenceState.GRACE),
    ],
)
def test_a_classic_licence_is_judged_by_type_and_state(
    kind: str, words: str, left: str, expected: LicenceState
) -> None:
    text = f"Index 1 Feature: securityk9\n        Period left: {left}\n        License Type: {kind}\n        License State: {words}\n"
    assert states("cisco_ios", "show license", text) == {"securityk9": expected}


def test_nx_os_in_use_without_a_licence_is_grace_or_not_authorised() -> None:
    text = """Feature                      Ins  Lic   Status Expiry Date Comments
                                 Count
--------------------------------------------------------------------------------
LAN_ENTERPRISE_SERVICES_PKG   Yes   -   In use Never       -
FCOE_PKG                      Yes   1   In use 21 Nov 2027 -
MPLS_PKG                      No    -   In use             Grace 10D 1H
VPN_FABRIC                    No    -   In use             -
STORAGE-ENT                   No    -   Unused             Grace 20D 6H
"""
    rows = read("cisco_nxos", {"show license usage": text})
    assert {licence.feature: (licence.state, licence.expires) for licence in rows.licences} == {
        "LAN_ENTERPRISE_SERVICES_PKG": (LicenceState.IN_USE, ""),
        "FCOE_PKG": (LicenceState.IN_USE, "2027-11-21"),
        "MPLS_PKG": (LicenceState.GRACE, ""),
        "VPN_FABRIC": (LicenceState.NOT_AUTHORIZED, ""),
        "STORAGE-ENT": (LicenceState.DORMANT, ""),
    }
    assert state(rows, "licences")[0] is State.COMPLETE


def test_a_licence_row_the_template_misses_is_counted() -> None:
    text = "Index 1 Feature: a\n License Type: Permanent\n License State: Active, In Use\nIndex 2   Feature: b c d\n"
    assert state(read("cisco_ios", {"show license": text}), "licences")[0] is State.PARTIAL
    assert state(read("cisco_ios", {"show license": "what is this\n"}), "licences")[0] is State.PARTIAL


def test_right_to_use_and_an_asa_s_features_are_licences() -> None:
    rtu = " License Level In Use: ipservices Permanent\n License Level on Reboot: ipservices\n"
    assert states("cisco_ios", "show license right-to-use summary", rtu) == {"ipservices": LicenceState.IN_USE}
    asa = (
        "Maximum VLANs   : 50   perpetual\nSecurity Contexts : 2   0 days\nBotnet Traffic Filter : Disabled perpetual\n"
    )
    assert states("cisco_asa", "show version", asa) == {
        "Maximum VLANs": LicenceState.IN_USE,
        "Security Contexts": LicenceState.AUTHORIZATION_EXPIRED,
    }


@pytest.mark.parametrize(
    "text",
    ["<macro>\ndef f(data):\n    return data\n</macro>", "{{ a | macro('f') }}", "<group"],
)
def test_a_template_with_code_or_mistakes_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.ttp"):
        template.rows("x.ttp", text, "a\n")


def test_a_platform_without_reader_for_a_command_is_refused() -> None:
    broken = Platform.model_validate(
        {
            "name": "x",
            "vendor": "x",
            "title": "x",
            "ssh": {
                "device_type": "cisco_ios",
                "command": [{"section": "inventory", "send": "show inventory", "reader": "nobody"}],
            },
        }
    )
    with pytest.raises(ConfigError, match="nobody"):
        read_cli(broken, "", [Answer("show inventory", STACK, State.COMPLETE)])


def test_one_parser_after_another_device_finds_only_what_the_second_said() -> None:
    asked = '<group name="units*">\nNAME: {{ name }}\nSN: {{ serial }}\n</group>'
    first, second = "NAME: a\nSN: FOC1\nNAME: b\nSN: FOC2\n", "NAME: c\n"

    assert [rows("t", asked, text) for text in (first, second, "", first)] == [
        {"units": [{"name": "a", "serial": "FOC1"}, {"name": "b", "serial": "FOC2"}]},
        {"units": [{"name": "c"}]},
        {},
        {"units": [{"name": "a", "serial": "FOC1"}, {"name": "b", "serial": "FOC2"}]},
    ]


def test_threads_do_not_mix_devices() -> None:
    found: dict[int, str] = {}

    def one(number: int) -> None:
        text = IOS_VERSION.replace("stack1", f"stack{number}")
        found[number] = read("cisco_ios", {"show version": text}).hostname

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"stack{number}" for number in range(12)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IOS_VERSION, "cisco_ios"),
        ("Cisco Nexus Operating System (NX-OS) Software\n", "cisco_nxos"),
        ("Cisco IOS XR Software, Version 7.5.2\n", "cisco_xr"),
        ("Cisco Adaptive Security Appliance Software Version 9.12(4)\n", "cisco_asa"),
        ("DCP-M40, x\nSoftware version: dcp-release-6.1.2\n", "smartoptics_dcp"),
        (STACK, "cisco_ios"),
        ('NAME: "Chassis",  DESCR: "x"\nPID: N77-C7706 ,  VID: V01 ,  SN: FOX1\n', "cisco_nxos"),
        ('NAME: "0/RP0", DESCR: "x"\nPID: NCS-5501 , VID: V01, SN: FOC1\n', "cisco_xr"),
        ('NAME: "Chassis", DESCR: "x"\nPID: NCS4201-SA , VID: V01, SN: FOC1\n', "cisco_ios"),
        ('Name: "Chassis", DESCR: "x"\nPID: ASA5515 , VID: V03 , SN: FTX1\n', "cisco_asa"),
        ("hello\n", None),
    ],
)
def test_a_platform_is_told_by_what_it_says(text: str, expected: str | None) -> None:
    found = by_cli(load(), [text])
    assert (found.name if found else None) == expected


@pytest.mark.parametrize(
    ("line", "release"),
    [
        ("  NXOS: version 10.4(5) [Maintenance Release]", "10.4(5) [Maintenance Release]"),
        ("  NXOS: version 10.4(3) [build 10.4(2)IMG9(0.27)] [Feature Release]", "10.4(3)"),
        ("  system:    version 7.3(6)D1(1) [build 7.3(6)D1(0.10)]", "7.3(6)D1(1)"),
        ("  NXOS: version 9.3(15)", "9.3(15)"),
    ],
)
def test_nxos_says_its_release_with_its_remark_and_without_its_build(line: str, release: str) -> None:
    rows = read("cisco_nxos", {"show version": f"Cisco Nexus Operating System (NX-OS) Software\n{line}\n"})
    assert [said.version for said in rows.software] == [release]
