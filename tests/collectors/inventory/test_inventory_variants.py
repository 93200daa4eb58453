"""Whole devices as they answer in the field, with invented serials: what is a chassis, and what holds what."""

from __future__ import annotations

import pytest

from collectors.cli import read_cli
from collectors.merge import merge
from collectors.model import INVENTORY, Answer, Reading, Section, State
from collectors.platforms import by_system, load
from collectors.readers import System, entity
from collectors.reading import read_snmp, read_ssh
from tests.collectors.inventory.walked import listed, part, row, shown, table

PLATFORMS = load()
Record = tuple[str, str, str, str]
"""NAME, DESCR, PID, SN."""


def inventory(*records: Record) -> str:
    return "\n".join(f'NAME: "{n}", DESCR: "{d}"\nPID: {p:<18}, VID: V01 , SN: {s}\n' for n, d, p, s in records)


def over_ssh(platform: str, answers: dict[str, str]) -> Reading:
    made = [Answer(command, text, State.COMPLETE) for command, text in answers.items()]
    return read_ssh(PLATFORMS[platform], read_cli(PLATFORMS[platform], "", made))


def state(reading: Reading) -> Section:
    return next(section for section in reading.sections if section.name == INVENTORY)


@pytest.mark.parametrize(
    ("records", "heads"),
    [
        (
            [
                ("CISCO2911/K9", "CISCO2911/K9 chassis, Hw Serial#: FTX2201X001", "CISCO2911/K9", "FTX2201X001"),
                ("One port T1", "VWIC2-1MFT-T1/E1", "VWIC2-1MFT-T1/E1", "FOC2201X002"),
            ],
            ["FTX2201X001"],
        ),
        (
            [
                ("IE-3300-8T2S", "IE-3300-8T2S", "IE-3300-8T2S", "FCW2201X001"),
                ("IEM-3300-8S", "IEM-3300-8S", "IEM-3300-8S", "FOC2201X002"),
            ],
            ["FCW2201X001"],
        ),
        (
            [
                ("Switch1 System", "Cisco Systems, Inc. WS-C4500X-32 2 slot switch ", "WS-C4500X-32", "JAE2201X001"),
                ("Switch1 Linecard(slot 1)", "4500X-32 10GE (SFP+)", "WS-C4500X-32", "JAE2201X001"),
                ("Switch2 System", "Cisco Systems, Inc. WS-C4500X-32 2 slot switch ", "WS-C4500X-32", "JAE2201X002"),
            ],
            ["JAE2201X001", "JAE2201X002"],
        ),
        ([("AP3800", "Cisco Aironet 3800 Series Access Point", "AIR-AP3802I-E-K9", "FGL2201X001")], ["FGL2201X001"]),
        ([("module 0", "Firepower 1120 Appliance, Desktop, 8 GE", "FPR-1120", "JMX2201X001")], ["JMX2201X001"]),
    ],
    ids=["ISR G2", "Industrial Ethernet", "4500-X VSS", "access point", "Firepower"],
)  # fmt: skip
def test_a_chassis_is_told_from_how_its_series_writes_it(records: list[Record], heads: list[str]) -> None:
    got = over_ssh("cisco_ios", {"show inventory": inventory(*records)})

    assert [unit.serial for unit in got.units if unit.kind in ("chassis", "access_point")] == heads
    assert state(got).state is State.COMPLETE


@pytest.mark.parametrize(
    ("platform", "record"),
    [
        ("cisco_xr", ("module 0/RSP0/CPU0", "ASR9K Route Switch Processor", "A9K-RSP440-TR", "FOC2201X001")),
        ("cisco_nxos", ("Slot 1", "32p 100G Ethernet Module", "N9K-X9732C-EX", "FOC2201X001")),
        ("cisco_ftd", ("module 0", "4110 Security Appliance with security module", "FPR4K-SM-24", "FLM2201X001")),
    ],
)  # fmt: skip
def test_a_lone_module_is_no_chassis_and_an_inventory_without_one_is_not_whole(platform: str, record: Record) -> None:
    got = over_ssh(platform, {"show inventory": inventory(record)})

    assert shown(got.units, "serial", "kind") == [("", "chassis"), (record[3], "module")]
    assert (state(got).state, state(got).reason) == (State.PARTIAL, "no row for the chassis itself")


def test_the_row_whose_serial_show_version_gives_is_the_chassis_and_not_a_second_unit() -> None:
    got = listed(
        part("1", name="Main board", product_id="IE-3300-8T2S", serial="FCW2201X001"),
        part("2", name="Expansion", product_id="IEM-3300-8S", serial="FOC2201X002"),
        part("version:0", cls="chassis", name="show version", serial="FCW2201X001"),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("FCW2201X001", "chassis", ""),
        ("FOC2201X002", "module", "FCW2201X001"),
    ]


def test_a_member_that_only_show_version_lists_has_its_number_as_its_place() -> None:
    got = listed(part("version:3", cls="chassis", name="Switch 3", product_id="C9300-48U", serial="FCW2201X003"))

    assert shown(got, "serial", "slot") == [("FCW2201X003", "Switch 3")]


def test_what_a_stack_row_holds_are_its_members_even_where_class_and_name_are_missing() -> None:
    got = listed(
        part("1", "0", descr="c93xx Stack"),
        *(part(f"{m}000", "1", descr="C9300-48U", product_id="C9300-48U", serial=f"FOC2201X00{m}") for m in (2, 4)),
        part("4001", "4000", descr="8x10G Uplink Module", product_id="C9300-NM-8X", serial="FJZ2201X005"),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("FOC2201X002", "chassis", ""),
        ("FOC2201X004", "chassis", ""),
        ("FJZ2201X005", "module", "FOC2201X004"),
    ]


def test_of_nameless_rows_the_chassis_is_one_with_a_serial() -> None:
    got = listed(part("1", product_id="WS-C3750"), part("1001", product_id="WS-C3750", serial="FOC2201X001"))

    assert shown(got, "serial", "kind") == [("FOC2201X001", "chassis")]


def test_a_module_of_a_stack_member_sits_in_the_member_that_its_name_numbers() -> None:
    got = listed(
        part("1", name="2", product_id="WS-C3750X-48P-S", serial="FDO2201X002"),
        part("2", name="4", product_id="WS-C3750X-48P-S", serial="FDO2201X004"),
        part("3", name="FRULink Slot 4 - FRULink Module", product_id="C3KX-NM-1G", serial="FDO2201X005"),
    )

    assert shown(got, "serial", "parent_serial")[2] == ("FDO2201X005", "FDO2201X004")


def test_a_chain_of_rows_as_deep_as_a_table_is_long_ends() -> None:
    chain = [part(str(n), str(n - 1), "module", product_id="M", serial=f"FOC{n:08}") for n in range(2, 5000)]

    got = listed(part("1", "0", "chassis", name="Chassis", serial="FCW2201X001"), *chain)

    assert (len(got), got[-1].parent_serial) == (4999, "FOC00004998")


def test_rows_that_hold_each_other_or_themselves_are_listed_once() -> None:
    got = listed(
        part("1", "1", "chassis", name="Chassis", serial="FCW2201X001"),
        part("2", "3", "module", product_id="A", serial="FOC2201X002"),
        part("3", "2", "module", product_id="B", serial="FOC2201X003"),
    )

    assert shown(got, "serial", "kind") == [
        ("FCW2201X001", "chassis"),
        ("FOC2201X002", "module"),
        ("FOC2201X003", "module"),
    ]


def test_a_firepower_supervisor_is_read_as_firepower_with_its_release() -> None:
    descr = "Cisco Firepower FPR-4110 Security Appliance, Version 2.3(1.73)"
    platform = by_system(PLATFORMS, (1, 3, 6, 1, 4, 1, 9, 1, 2314), descr)
    assert platform is not None and platform.name == "cisco_ftd"

    walks = {"entity": table({1: row(3, 0, name="chassis-1", pid="FPR-4110", serial="JMX2201X001")})}
    got = read_snmp(platform, System(descr=descr), walks)

    assert shown(got.units, "serial", "kind", "software_version") == [("JMX2201X001", "chassis", "2.3(1.73)")]


HEALTHY = {
    "9.1.2494 Cisco IOS Software [Dublin], Catalyst L3 Switch Software, Version 17.12.4, RELEASE": {
        1: row(11, 0, name="c93xx Stack"),
        1000: row(3, 1, name="Switch 1", pid="C9300-48U", serial="FOC2201X001"),
        1001: row(5, 1000, name="Te1/1/1 Container"),
        1002: row(10, 1001, name="Te1/1/1", pid="SFP-10G-SR", serial="AVD2201X002"),
    },
    "9.12.3.1.3.1955 Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 9.3(8), RELEASE": {
        10: row(11, 0, name="Fabric Stack Root"),
        149: row(3, 10, name="Nexus9000 Chassis", pid="N9K-C93180YC-EX", serial="FDO2201X001"),
        1000001: row(3, 10, name="FEX-101 CHASSIS", pid="N2K-C2348UPQ", serial="FOC2201X002"),
        1000002: row(9, 1000001, name="Fex-101 Module-1", pid="N2K-C2348UPQ", serial="FOC2201X003"),
    },
    "9.1.2143 Cisco IOS XR Software (Cisco ASR9K Series),  Version 6.4.2[Default]": {
        24555730: row(3, 0, name="chassis ASR-9006", pid="ASR-9006-AC", serial="FOX2201X001"),
        24555731: row(9, 24555730, name="chassis ASR-9006 - IDPROM", pid="ASR-9006-AC", serial="FOX2201X001"),
        1: row(9, 24555730, name="module 0/RSP0/CPU0", pid="A9K-RSP880-SE", serial="FOC2201X002"),
    },
    "30826.2 Smartoptics, DCP-2": {
        1: row(11, 0, name="Stack"),
        10: row(3, 1, name="Chassis", pid="DCP-2", serial="S22010001", software="dcp-release-8.1.1"),
        41: row(7, 10, name="FAN-1", pid="DCP-2-FAN-FB", serial="n/a"),
        101: row(9, 10, name="slot-1", pid="DCP-1610", serial="S22010002"),
    },
}


@pytest.mark.parametrize("device", HEALTHY)
def test_a_healthy_device_is_read_whole(device: str) -> None:
    object_id, _, descr = device.partition(" ")
    told = (1, 3, 6, 1, 4, 1, *map(int, object_id.split(".")))
    platform = by_system(PLATFORMS, told, descr)
    assert platform is not None

    got = read_snmp(platform, System(descr=descr, object_id=told), {"entity": table(HEALTHY[device])})

    assert [(s.name, s.state) for s in got.sections if s.state is not State.UNSUPPORTED and s.name != "licences"] == [
        ("identity", State.COMPLETE),
        ("inventory", State.COMPLETE),
        ("software", State.COMPLETE),
    ]


def test_one_release_that_nxos_remarks_upon_over_ssh_alone_is_one_release() -> None:
    descr = "Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 10.4(5), RELEASE"
    chassis = {149: row(3, 0, name="Chassis", pid="N9K-C93180YC-FX", serial="FDO2201X001")}
    snmp = read_snmp(PLATFORMS["cisco_nxos"], System(descr=descr), {"entity": table(chassis)})
    version = "Cisco Nexus Operating System (NX-OS) Software\n  NXOS: version 10.4(5) [Maintenance Release]\n"
    ssh = over_ssh(
        "cisco_nxos",
        {"show version": version, "show inventory": inventory(("Chassis", "x", "N9K-C93180YC-FX", "FDO2201X001"))},
    )

    assert [said.version for said in ssh.software] == ["10.4(5) [Maintenance Release]"]
    assert [(s.version, s.collected_via) for s in merge([snmp, ssh]).software] == [("10.4(5)", "snmp+ssh")]
    assert shown(merge([snmp, ssh]).units, "serial", "software_version") == [("FDO2201X001", "10.4(5)")]


def test_a_serial_of_text_in_any_encoding_and_padding_is_read_and_a_filler_is_none() -> None:
    raw = [b"FOC 2201 X001\0\0", "FOC2201X00\u00e9".encode("latin-1"), b"\xff" * 11, b"73-12345-01", b"N/A", b"******"]
    rows = {n: row(9, 1, name=f"m {n}", pid="M") | {entity.SERIAL: value} for n, value in enumerate(raw, 2)}
    walk = table({1: row(3, 0, name="Chassis", serial="FCW2201X001"), **rows})

    got = listed(*entity.read(walk).parts)

    assert shown(got, "serial") == ["FCW2201X001", "FOC2201X001", "FOC2201X00\u00c9"]
