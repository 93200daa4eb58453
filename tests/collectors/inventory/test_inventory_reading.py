from __future__ import annotations

import pytest

from collectors.cli import CliRows
from collectors.model import Kind, Part, Section, Software, State, Unit
from collectors.oids import Walk, oid
from collectors.platforms import by_system, first_group, load
from collectors.readers import READERS, System
from collectors.reading import read_snmp, read_ssh
from tests.collectors.inventory.walked import row, table

PLATFORMS = load()
IOS = System(
    descr="Cisco IOS Software, C3560 Software (C3560-IPBASE-M), Version 15.0(2)SE11, RELEASE",
    name="sw1",
    engine_id="80",
)


def section(reading_sections: tuple[Section, ...], name: str) -> Section:
    return next(one for one in reading_sections if one.name == name)


@pytest.mark.parametrize(
    ("object_id", "descr", "platform", "release", "model"),
    [
        (
            "9.1.516",
            "Cisco IOS Software, C3750 Software (C3750-M), Version 12.2(50)SE3, RELEASE",
            "cisco_ios",
            "12.2(50)SE3",
            "",
        ),
        (
            "9.1.1287",
            "Cisco IOS Software, IOS-XE Software, Version 03.06.06.E RELEASE",
            "cisco_ios",
            "03.06.06.E",
            "",
        ),
        (
            "9.1.283",
            "Cisco Internetwork Operating System Software \r\nIOS (tm) s72, Version 12.2(18)SXF12, X",
            "cisco_ios",
            "12.2(18)SXF12",
            "",
        ),
        (
            "9.1.2333",
            "IE1000 Industrial Ethernet Switch, Version: 1.8.2#2020-08-13",
            "cisco_ios",
            "1.8.2#2020-08-13",
            "",
        ),
        (
            "9.1.2683",
            "Cisco                     IE3200-8T2S          FVH2201X001        261 V 17 12  4",
            "cisco_ios",
            "",
            "",
        ),
        (
            "9.1.1899",
            "ME1200 GigaBit Ethernet Switch, version ME1200 OS Build 15.6-7.SN1",
            "cisco_ios",
            "ME1200 OS Build 15.6-7.SN1",
            "",
        ),
        (
            "9.12.3.1.3.1955",
            "Cisco NX-OS(tm) Nexus9000, Software (NXOS), Version 10.2(3), RELEASE",
            "cisco_nxos",
            "10.2(3)",
            "",
        ),
        (
            "9.1.1018",
            "Cisco IOS XR Software (ASR9K),  Version 5.3.4[Default]\r\nCopyright",
            "cisco_xr",
            "5.3.4[Default]",
            "",
        ),
        ("9.1.2404", "Cisco Adaptive Security Appliance Version 9.12(2)", "cisco_asa", "9.12(2)", ""),
        (
            "9.1.2662",
            "Cisco Firepower Threat Defense, Version 6.4.0 (Build 102), ASA Version 9.12(1)6",
            "cisco_ftd",
            "6.4.0",
            "",
        ),
        ("9.1.1279", "Cisco Controller", "cisco_wlc", "", ""),
        ("14179.1.1.4.3", "Cisco Controller", "cisco_wlc", "", ""),
        ("9.6.1.37.240.1", "Cisco Business Wireless", "cisco_wlc", "", ""),
        (
            "9.6.1.1005.24.5",
            "CBS250-24P-4X 24-Port Gigabit PoE Smart Switch",
            "cisco_sb",
            "",
            "CBS250-24P-4X",
        ),
        (
            "9.1.3211",
            "Catalyst 1200 Series Smart Switch, 8-port GE (C1200-8T-E-2G)",
            "cisco_sb",
            "",
            "C1200-8T-E-2G",
        ),
        ("9.6.1.72.2010.2", "48-port 10/100/1000 Ethernet Switch", "cisco_sb", "", ""),
        ("30826.2", "Smartoptics, DCP-M40-PAM4-ZR", "smartoptics_dcp", "", "DCP-M40-PAM4-ZR"),
        (
            "30826.1",
            "SmartOptics, M-Series M-1601-D1A R1B, SmartOS v2.3.9 (Compiled",
            "smartoptics_m",
            "2.3.9",
            "M-1601-D1A",
        ),
        ("4515.100.1.1000.5", "T-4906", "smartoptics_t", "", "T-4906"),
        ("4515.100.1.1000.2", "PL-1000E", "packetlight_pl", "", "PL-1000E"),
        ("9.1.3438", "Cisco Identity Services Engine", "cisco_ise", "", ""),
    ],
)
def test_the_system_group_tells_platform_release_and_model(
    object_id: str, descr: str, platform: str | None, release: str, model: str
) -> None:
    found = by_system(PLATFORMS, oid(f"1.3.6.1.4.1.{object_id}"), descr)

    assert (found.name if found else None) == platform
    if found:
        told = (first_group(found.identify.release, descr), first_group(found.identify.model, descr))
        assert told == (release, model)


def test_every_reader_a_platform_names_exists_and_serves_that_section() -> None:
    for platform in PLATFORMS.values():
        for name in ("inventory", "software", "licences"):
            readers = getattr(platform.snmp, name)
            assert [READERS[reader].section for reader in readers] == [name] * len(readers)


def test_a_device_that_answers_its_whole_table_is_read_in_full() -> None:
    whole = table(
        {
            1001: row(3, 0, name="1", pid="WS-C3560G-48TS-E", serial="FOC2201X001", software="15.0(2)SE11"),
            1003: row(6, 1001, name="Power Supply 0", serial="AZS2201X001"),
        }
    )  # fmt: skip

    got = read_snmp(PLATFORMS["cisco_ios"], IOS, {"entity": whole, "cisco_stack": Walk(State.UNSUPPORTED)})

    assert (got.via, got.hostname, got.engine_id, got.dropped) == ("snmp", "sw1", "80", 0)
    assert [(unit.serial, unit.kind, unit.software_version) for unit in got.units] == [
        ("FOC2201X001", Kind.CHASSIS, "15.0(2)SE11"),
        ("AZS2201X001", Kind.POWER_SUPPLY, ""),
    ]
    assert got.software == (Software("15.0(2)SE11", collected_via="snmp"),)
    assert section(got.sections, "inventory") == Section("inventory", State.COMPLETE, "snmp")
    assert section(got.sections, "licences").state is State.UNSUPPORTED


def test_a_table_that_knows_the_chassis_only_never_completes_an_inventory() -> None:
    serial = {oid("1.3.6.1.4.1.9.3.6.3.0"): b"FOC2201X001"}
    walks = {"entity": Walk(State.UNSUPPORTED), "old_chassis": Walk(State.COMPLETE, scalars=serial)}

    got = read_snmp(PLATFORMS["cisco_ios"], IOS, walks)

    assert [unit.serial for unit in got.units] == ["FOC2201X001"]
    assert section(got.sections, "inventory").state is State.PARTIAL
    assert "old_chassis" in section(got.sections, "inventory").reason


def test_an_inventory_without_a_row_for_the_chassis_is_partial() -> None:
    got = read_snmp(PLATFORMS["cisco_ios"], IOS, {"entity": table({5: row(10, 0, name="Te1/1", serial="AVD2201X001")})})

    assert [(unit.serial, unit.kind) for unit in got.units] == [
        ("", Kind.CHASSIS),
        ("AVD2201X001", Kind.TRANSCEIVER),
    ]
    assert section(got.sections, "inventory") == Section(
        "inventory", State.PARTIAL, "snmp", "no row for the chassis itself"
    )


def test_a_device_without_any_table_is_still_a_chassis() -> None:
    got = read_snmp(
        PLATFORMS["smartoptics_m"],
        System(descr="SmartOptics, M-Series M-1601-D1A R1B, SmartOS v2.3.9 (C"),
        {"entity": table({})},
    )

    assert [(u.vendor, u.serial, u.product_id, u.software_version) for u in got.units] == [
        ("smartoptics", "", "M-1601-D1A", "2.3.9")
    ]
    inventory = section(got.sections, "inventory")
    assert (inventory.state, inventory.expected) == (State.PARTIAL, True)


def test_an_unknown_device_has_the_vendor_of_its_enterprise_and_no_made_up_chassis() -> None:
    generic = PLATFORMS["generic_entity"]
    cisco = System(descr="Something", object_id=oid("1.3.6.1.4.1.9.1.3438"))

    known = read_snmp(generic, cisco, {"entity": table({1: row(3, 0, name="Chassis", serial="AAA2201X001")})})

    assert [(unit.vendor, unit.serial) for unit in known.units] == [("cisco", "AAA2201X001")]
    assert read_snmp(generic, System(descr="printer"), {"entity": table({})}).units == ()


def test_members_that_run_different_releases_are_told_apart() -> None:
    stack = table(
        {
            1: row(3, 0, name="Switch 1", serial="FOC2201X001", software="15.0(2)SE11"),
            2: row(3, 0, name="Switch 2", serial="FOC2201X002", software="15.0(2)SE9"),
        }
    )

    got = read_snmp(PLATFORMS["cisco_ios"], IOS, {"entity": stack})

    assert got.software == (
        Software("15.0(2)SE11", "FOC2201X001", "snmp"),
        Software("15.0(2)SE9", "FOC2201X002", "snmp"),
    )


def test_rows_of_the_command_line_become_units_with_the_release_of_their_member() -> None:
    rows = CliRows(
        hostname="sw1",
        parts=(
            Part("1", name="Switch 1", product_id="C9300-48P", serial="FOC2201X001"),
            Part("2", name="Switch 2", product_id="C9300-48P", serial="FOC2201X002"),
        ),
        software=(Software("17.6.4"), Software("17.3.1", "FOC2201X002")),
        sections=(Section("inventory", State.COMPLETE, "capture"),),
    )

    got = read_ssh(PLATFORMS["cisco_ios"], rows)

    assert [(unit.serial, unit.software_version, unit.collected_via) for unit in got.units] == [
        ("FOC2201X001", "17.6.4", "capture"),
        ("FOC2201X002", "17.3.1", "capture"),
    ]
    assert got.sections == rows.sections


def test_a_dcp_shelf_is_read_from_its_table_over_ssh() -> None:
    rows = CliRows(
        parts=(
            Part(
                "1",
                name="chassis",
                descr="Open line system",
                product_id="DCP-M32-CSO-ZR+",
                serial="S2201X0001",
            ),
            Part("2", name="psu-1/1", product_id="DCP-2-PSU-AC-FB", serial="P2201X0001"),
            Part("3", name="fan-1/1", product_id="DCP-2-FAN-FB", serial="n/a"),
        )
    )

    got = read_ssh(PLATFORMS["smartoptics_dcp"], rows)

    assert got.units[0] == Unit(
        vendor="smartoptics",
        serial="S2201X0001",
        product_id="DCP-M32-CSO-ZR+",
        kind=Kind.CHASSIS,
        slot="chassis",
        description="Open line system",
        serial_raw="S2201X0001",
        collected_via="ssh",
    )
    assert [(unit.kind, unit.parent_serial) for unit in got.units[1:]] == [(Kind.POWER_SUPPLY, "S2201X0001")]
    assert got.dropped == 1
