from __future__ import annotations

from dataclasses import replace

from collectors.merge import Merged, merge
from collectors.model import Kind, Licence, LicenceState, Reading, Section, Software, State, Unit

CHASSIS = Unit("cisco", "FOC2201X001", "C9300-48P", Kind.CHASSIS, slot="Switch 1")
MODULE = Unit("cisco", "FOC2201X002", "C9300-NM-8X", Kind.MODULE, slot="Slot 1", parent_serial="FOC2201X001")
OPTIC = Unit("cisco", "AVD2201X003", "SFP-10G-SR", Kind.TRANSCEIVER, slot="Te1/1/1", parent_serial="FOC2201X001")


def reading(via: str, *units: Unit, state: State = State.COMPLETE, reason: str = "", **other: object) -> Reading:
    listed = tuple(replace(unit, collected_via=via) for unit in units)
    return replace(Reading(via, sections=(Section("inventory", state, via, reason),), units=listed), **other)  # type: ignore[arg-type]  # named by each test


def inventory(merged: Merged) -> Section:
    return next(section for section in merged.sections if section.name == "inventory")


def test_a_unit_that_both_protocols_saw_is_one_and_ssh_fills_what_snmp_left_empty() -> None:
    by_snmp = replace(CHASSIS, hardware_version="", software_version="17.6.4")
    by_ssh = replace(CHASSIS, slot="Chassis", hardware_version="V02", software_version="17.06.04")

    merged = merge([reading("ssh", by_ssh), reading("snmp", by_snmp)])

    assert merged.units == (replace(by_snmp, hardware_version="V02", collected_via="snmp+ssh"),)
    assert inventory(merged) == Section("inventory", State.COMPLETE, "snmp+ssh")


def test_an_optic_that_only_one_protocol_saw_is_kept_and_contradicts_nothing() -> None:
    merged = merge([reading("snmp", CHASSIS), reading("ssh", CHASSIS, OPTIC)])

    assert [(unit.serial, unit.collected_via) for unit in merged.units] == [
        ("FOC2201X001", "snmp+ssh"),
        ("AVD2201X003", "ssh"),
    ]
    assert inventory(merged).state is State.COMPLETE


def test_a_complete_inventory_that_lacks_a_module_the_other_shows_is_partial() -> None:
    merged = merge([reading("snmp", CHASSIS), reading("ssh", CHASSIS, MODULE, state=State.PARTIAL, reason="cut")])

    assert inventory(merged) == Section(
        "inventory", State.PARTIAL, "snmp", "snmp does not show FOC2201X002, which ssh shows"
    )


def test_an_inventory_that_lacks_nothing_is_proof_also_where_the_other_complete_one_lacks_a_module() -> None:
    merged = merge([reading("snmp", CHASSIS), reading("ssh", CHASSIS, MODULE)])

    assert inventory(merged).state is State.COMPLETE


def test_two_complete_inventories_that_each_lack_a_part_of_the_other_are_partial() -> None:
    other = replace(MODULE, serial="FOC2201X008")

    merged = merge([reading("snmp", CHASSIS, other), reading("ssh", CHASSIS, MODULE)])

    assert inventory(merged).state is State.PARTIAL
    assert [unit.serial for unit in merged.units] == ["FOC2201X001", "FOC2201X008", "FOC2201X002"]


def test_one_protocol_that_proves_the_inventory_is_enough_where_the_other_only_saw_less() -> None:
    merged = merge([reading("snmp", state=State.FAILED, reason="timeout"), reading("ssh", CHASSIS, MODULE)])

    assert inventory(merged) == Section("inventory", State.COMPLETE, "ssh")


def test_where_none_is_complete_the_better_state_and_both_reasons_are_told() -> None:
    merged = merge(
        [
            reading("snmp", CHASSIS, state=State.PARTIAL, reason="no class column"),
            reading("ssh", state=State.DENIED, reason="no right"),
        ]
    )

    assert inventory(merged) == Section("inventory", State.PARTIAL, "snmp", "snmp: no class column; ssh: no right")


def test_a_section_that_nobody_tried_is_not_attempted() -> None:
    assert [(section.name, section.state) for section in merge([]).sections] == [
        ("identity", State.NOT_ATTEMPTED),
        ("inventory", State.NOT_ATTEMPTED),
        ("software", State.NOT_ATTEMPTED),
        ("licences", State.NOT_ATTEMPTED),
    ]


def test_a_chassis_whose_serial_one_protocol_could_not_read_is_one_chassis() -> None:
    made_up = Unit("cisco", "", kind=Kind.CHASSIS, description="Cisco IOS")
    optic = replace(OPTIC, parent_serial="")

    one = merge([reading("snmp", made_up, optic), reading("ssh", CHASSIS)])
    other = merge([reading("snmp", CHASSIS), reading("ssh", made_up, optic)])

    assert [(u.serial, u.parent_serial, u.collected_via) for u in one.units] == [
        ("FOC2201X001", "", "snmp+ssh"),
        ("AVD2201X003", "FOC2201X001", "snmp"),
    ]
    assert [(u.serial, u.parent_serial) for u in other.units] == [
        ("FOC2201X001", ""),
        ("AVD2201X003", "FOC2201X001"),
    ]


def test_a_masked_member_takes_the_serial_of_its_own_slot() -> None:
    first, second = (
        replace(CHASSIS, serial="", serial_raw="***"),
        replace(CHASSIS, serial="", slot="Switch 2"),
    )
    told = [replace(CHASSIS, serial="FOC2201X009", slot="Switch 2"), CHASSIS]

    merged = merge([reading("snmp", first, second), reading("ssh", *told)])

    assert [(unit.slot, unit.serial) for unit in merged.units] == [
        ("Switch 1", "FOC2201X001"),
        ("Switch 2", "FOC2201X009"),
    ]


def test_a_chassis_that_no_row_showed_does_not_stand_beside_real_ones() -> None:
    members = [CHASSIS, replace(CHASSIS, serial="FOC2201X009", slot="Switch 2")]

    merged = merge([reading("snmp", *members), reading("ssh", Unit("cisco", "", kind=Kind.CHASSIS), *members)])

    assert [unit.serial for unit in merged.units] == ["FOC2201X001", "FOC2201X009"]


def test_a_masked_member_that_nobody_else_names_stays_a_unit() -> None:
    masked = replace(CHASSIS, serial="", slot="Switch 2")

    merged = merge([reading("snmp", CHASSIS, masked), reading("ssh", CHASSIS)])

    assert [(unit.serial, unit.slot) for unit in merged.units] == [
        ("FOC2201X001", "Switch 1"),
        ("", "Switch 2"),
    ]


def test_licences_are_listed_once_and_a_known_state_replaces_an_unknown_one() -> None:
    by_snmp = Licence("network-advantage", LicenceState.UNKNOWN, "regid", "waiting", collected_via="snmp")
    by_ssh = Licence("Network-Advantage", LicenceState.IN_USE, quantity="2", collected_via="ssh")
    other = Licence("dna-advantage", LicenceState.IN_USE, collected_via="ssh")

    merged = merge([reading("snmp", licences=(by_snmp,)), reading("ssh", licences=(by_ssh, other))])

    assert merged.licences == (
        Licence("network-advantage", LicenceState.IN_USE, "regid", "waiting", "2", collected_via="snmp+ssh"),
        other,
    )


def test_a_release_that_both_tell_is_told_once_as_snmp_writes_it() -> None:
    merged = merge(
        [
            reading("snmp", software=(Software("17.6.4", collected_via="snmp"),)),
            reading(
                "ssh",
                software=(Software("17.06.04", collected_via="ssh"), Software("16.12.4", "FOC9", "ssh")),
            ),
        ]
    )

    assert merged.software == (Software("17.6.4", "", "snmp+ssh"), Software("16.12.4", "FOC9", "ssh"))


def test_the_device_keeps_its_first_name_its_engine_id_and_the_greater_count_of_dropped_parts() -> None:
    merged = merge(
        [
            reading("ssh", hostname="sw1", dropped=7),
            reading("snmp", hostname="sw1.example", engine_id="80", dropped=3),
        ]
    )

    assert (merged.hostname, merged.engine_id, merged.dropped) == ("sw1.example", "80", 7)
