from __future__ import annotations

from collectors.model import Kind, Unit
from collectors.normalise import Known, units
from tests.collectors.inventory.walked import listed, part, shown


def test_a_stack_root_that_repeats_a_member_is_no_unit() -> None:
    got = listed(
        part("1", "0", "stack", name="c93xx Stack", product_id="C9300-48P", serial="FOC2201X002"),
        part("1000", "1", "chassis", name="Switch 1", product_id="C9300-48P", serial="FOC2201X001"),
        part("2000", "1", "chassis", name="Switch 2", product_id="C9300-48P", serial="FOC2201X002"),
    )

    assert shown(got, "serial", "kind", "slot") == [
        ("FOC2201X001", "chassis", "Switch 1"),
        ("FOC2201X002", "chassis", "Switch 2"),
    ]


def test_the_root_of_a_stack_gives_its_serial_to_a_member_that_has_none() -> None:
    got = listed(
        part("1", "0", "stack", name="c93xx Stack", serial="FOC2201X001"),
        part("1000", "1", "chassis", name="Switch 1", product_id="C9300-48P"),
    )

    assert shown(got, "serial", "slot", "product_id") == [("FOC2201X001", "Switch 1", "C9300-48P")]


def test_a_stack_member_that_is_only_configured_is_no_unit() -> None:
    got = listed(
        part("1", name="c93xx Stack", product_id="C9300-24U", serial="FOC2201X001"),
        part("2", name="Switch 1", descr="C9300-24U - Provisioned", product_id="C9300-24U"),
        part("3", name="Switch 2", descr="C9300-24U", product_id="C9300-24U", serial="FOC2201X001"),
    )

    assert shown(got, "serial", "slot") == [("FOC2201X001", "Switch 2")]


def test_nxos_repeats_its_chassis_as_stack_root_slot_1_and_slot_27_and_is_one_unit() -> None:
    board = {"product_id": "N9K-C93180YC-FX3", "serial": "FDO2201X001", "software": "10.2(3)"}

    got = listed(
        part("10", "0", "stack", name="Fabric Stack Root", product_id="N9K-C93180YC-FX3", serial="FDO2201X001"),
        part("22", "149", "module", name="Module-1", **board),
        part("48", "149", "module", name="Module-27", **board),
        part("149", "10", "chassis", name="N9K", product_id="N9K-C93180YC-FX3", serial="FDO2201X001"),
    )

    assert shown(got, "serial", "kind", "slot", "software_version") == [("FDO2201X001", "chassis", "N9K", "10.2(3)")]


def test_a_fixed_boxs_own_board_is_listed_with_its_serial_but_is_no_module() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", product_id="ISR4321/K9", serial="FDO2201X001"),
        part("7000", "1", "module", name="module R0", product_id="ISR4321/K9", serial="FDO2201X002"),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("FDO2201X001", "chassis", ""),
        ("FDO2201X002", "other", "FDO2201X001"),
    ]


def test_a_fixed_supervisor_with_the_serial_of_its_chassis_is_no_second_unit() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", product_id="IE-3200-8T2S", serial="FVH2201X001"),
        part("1000", "1", "module", name="Supervisor", serial="FVH2201X001", software="Dublin 17.12.04"),
    )

    assert shown(got, "serial", "kind", "software_version") == [("FVH2201X001", "chassis", "Dublin 17.12.04")]


def test_an_idprom_row_is_the_shadow_of_its_part_whatever_their_order() -> None:
    tray = {"product_id": "NC55-A2-TRAY", "serial": "DCH2201X001"}
    shadow = part("5", cls="module", name="0/FT0-IDPROM", **tray)
    own = part("6", cls="fan", name="0/FT0", **tray)
    chassis = part("8", cls="chassis", name="Rack 0", serial="FOC2201X001")
    root = part("9", cls="module", name="Rack 0-IDPROM", serial="FOC2201X001")

    for rows in ((shadow, own, root, chassis), (chassis, root, own, shadow)):
        assert shown(listed(*rows), "serial", "kind", "slot") == [
            ("FOC2201X001", "chassis", "Rack 0"),
            ("DCH2201X001", "fan", "0/FT0"),
        ]


def test_the_fans_of_a_power_supply_that_carry_its_serial_are_the_supply() -> None:
    got = listed(
        part("36", "470", "fan", name="PowerSupply-1 Fan-1", serial="ART2201X001"),
        part("37", "470", "fan", name="PowerSupply-1 Fan-2", serial="ART2201X001"),
        part("149", "0", "chassis", name="Chassis", serial="FOC2201X001"),
        part("470", "149", "powerSupply", name="PowerSupply-1", serial="ART2201X001"),
    )

    assert shown(got, "serial", "kind") == [("FOC2201X001", "chassis"), ("ART2201X001", "power_supply")]


def test_a_chassis_row_that_says_nothing_of_itself_is_no_unit_beside_one_that_does() -> None:
    got = listed(
        part("1", "0", "chassis", name="Physical Chassis"),
        part("2", "1", "chassis", name="Switch 1", product_id="C9606R", serial="FXS2201X001"),
        part("3", "1", "chassis", name="Switch 2", product_id="C9606R"),
    )

    assert shown(got, "serial", "slot") == [("", "Switch 2"), ("FXS2201X001", "Switch 1")]


def test_a_member_called_2_is_a_chassis_where_no_row_has_a_class() -> None:
    got = listed(
        part("1", name="2", descr="WS-C2960X-24PS-L", product_id="WS-C2960X-24PS-L", serial="FCW2201X002"),
        part("2", name="1", descr="WS-C2960X-48FPS-L", product_id="WS-C2960X-48FPS-L", serial="FCW2201X001"),
        part(
            "3",
            name="GigabitEthernet2/0/49",
            descr="1000BaseSX SFP",
            product_id="GLC-SX-MMD",
            serial="FNS2201X003",
        ),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("FCW2201X002", "chassis", ""),
        ("FCW2201X001", "chassis", ""),
        ("FNS2201X003", "transceiver", "FCW2201X002"),
    ]


def test_a_module_called_1_is_a_module_beside_a_chassis() -> None:
    got = listed(
        part(
            "1",
            name="WS-C6504-E",
            descr="Cisco 6500 4-slot Chassis System",
            product_id="WS-C6504-E",
            serial="FXS1",
        ),
        part(
            "2",
            name="1",
            descr="VS-SUP2T-10G 5 ports Supervisor",
            product_id="VS-SUP2T-10G",
            serial="SAL2201X001",
        ),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("FXS1", "chassis", ""),
        ("SAL2201X001", "module", "FXS1"),
    ]


def test_an_interface_cards_serial_never_becomes_that_of_a_router_not_called_chassis() -> None:
    got = listed(
        part("1", name="C887VA-K9", descr="C887VA-K9", product_id="C887VA-K9", serial=""),
        part("2", name="HWIC", descr="HWIC-4ESW on Slot 0", product_id="HWIC-4ESW", serial="FOC2201X009"),
        known=Known(model="C887VA-K9"),
    )

    assert shown(got, "serial", "kind") == [("", "chassis"), ("FOC2201X009", "module")]


def test_a_chassis_whose_serial_is_masked_is_a_unit_without_one() -> None:
    got, dropped = units(
        [
            part("1", "0", "chassis", name="Chassis", product_id="C9407R", serial="******"),
            part("2", "1", "module", name="Slot 1", product_id="C9400-LC-48P", serial="<private>"),
            part("3", "1", "fan", name="Fan", product_id="C9407-FAN", serial=""),
            part("4", "1", "sensor", name="Temp"),
            part("5", "1", "port", name="Gi1/0/1"),
        ],
        vendor="cisco",
        via="snmp",
        known=Known(release="17.6.4"),
    )

    assert shown(got, "serial", "product_id", "serial_raw", "software_version") == [("", "C9407R", "******", "17.6.4")]
    assert dropped == 2


def test_a_device_without_any_chassis_row_gets_one_from_what_is_known_of_it() -> None:
    optic = part("1", "", "port", name="Te1/1", product_id="SFP-10G-SR", serial="FNS2201X001")

    known = listed(optic, known=Known(model="DCP-M40", release="7.1", description="an open line system"))

    assert known[0] == Unit(
        vendor="cisco",
        serial="",
        product_id="DCP-M40",
        kind=Kind.CHASSIS,
        software_version="7.1",
        description="an open line system",
        collected_via="snmp",
    )
    assert shown(listed(optic, known=Known(expected=False)), "kind") == ["transceiver"]


def test_a_row_on_top_of_all_others_is_the_chassis_where_none_is_filed_as_one() -> None:
    got = listed(
        part("1", "0", "other", descr="Application Deployment Engine", product_id="SNS-1", serial="AAA2201X001")
    )

    assert shown(got, "serial", "kind") == [("AAA2201X001", "chassis")]


def test_access_points_stand_for_themselves_and_need_no_chassis() -> None:
    got = listed(
        part("1", "0", descr="Business 240AC Access Point", product_id="CBW240AC-B", serial="PSZ2201X001"),
        part("8", "0", descr="Business 100AC Access Point", product_id="CBW142ACM-B", serial="PSZ2201X002"),
    )

    assert shown(got, "serial", "kind", "parent_serial") == [
        ("PSZ2201X001", "access_point", ""),
        ("PSZ2201X002", "access_point", ""),
    ]


def test_a_virtual_device_is_virtual_by_its_product_id_and_gets_no_chassis_beside_it() -> None:
    got = listed(part("1", "0", "chassis", name="Chassis", product_id="ASAv", serial="9A2201X001A"))

    assert shown(got, "serial", "kind") == [("9A2201X001A", "virtual")]


def test_both_ends_of_a_cable_keep_their_own_serials_and_are_cables() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", serial="FOC2201X001"),
        part("2", "1", "port", name="Hu1/0/1", product_id="UNKNOWN-LEAD", serial="APF2201X00L-A  "),
        part("3", "1", "port", name="Hu1/0/2", product_id="UNKNOWN-LEAD", serial="APF2201X00L-B  "),
    )

    assert shown(got[1:], "serial", "kind", "serial_raw") == [
        ("APF2201X00L-A", "cable", "APF2201X00L-A  "),
        ("APF2201X00L-B", "cable", "APF2201X00L-B  "),
    ]


def test_a_cable_that_both_ends_report_under_one_serial_is_one_unit() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", serial="FOC2201X001"),
        part("2", "1", "port", name="Te1/0/1", product_id="SFP-H10GB-CU1M", serial="APF2201X00L"),
        part("3", "1", "port", name="Te1/0/2", product_id="SFP-H10GB-CU1M", serial="APF2201X00L"),
    )

    assert shown(got, "serial", "kind") == [("FOC2201X001", "chassis"), ("APF2201X00L", "cable")]


def test_a_third_party_optic_keeps_its_maker_and_belongs_to_the_devices_vendor() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", serial="FOC2201X001"),
        part("2", "1", "port", product_id="GLC-LH-SMD", serial="F78A0001", manufacturer="FLEXOPTIX       "),
        part("3", "1", "port", name="Te1/2", product_id="Unspecified", serial="OP50X0001"),
    )

    assert shown(got[1:], "vendor", "product_id", "kind", "manufacturer") == [
        ("cisco", "GLC-LH-SMD", "transceiver", "FLEXOPTIX"),
        ("cisco", "", "transceiver", ""),
    ]


def test_a_part_number_or_builtin_in_the_serials_place_is_no_unit() -> None:
    got, dropped = units(
        [
            part("1", name="Chassis", serial="CAT2201X001", product_id="A901"),
            part("2", name="AC/DC Power supply", product_id="POWER SUPPLY", serial="34-2593-01"),
            part("3", name="module 0", product_id="PIC", serial="BUILTIN"),
        ],
        vendor="cisco",
        via="ssh",
    )

    assert shown(got, "serial") == ["CAT2201X001"]
    assert dropped == 2


def test_a_part_belongs_to_the_nearest_unit_above_it_through_slots_without_serials() -> None:
    got = listed(
        part("2", "0", "chassis", name="Switch 1 Chassis", serial="FXS2201X001"),
        part("500", "0", "chassis", name="Switch 2 Chassis", serial="FXS2201X002"),
        part("3", "500", "container", name="Switch 2 Slot 1"),
        part("1000", "3", "module", name="Switch 2 Slot 1 Linecard", serial="JAE2201X001"),
        part("1001", "1000", "container", name="cage"),
        part("1002", "1001", "port", name="Te2/1/0/1", product_id="SFP-10G-SR", serial="AVD2201X001"),
        part("1003", "1002", "port", name="Te2/1/0/1", product_id="SFP-H10GB-CU1M", serial="TED2201X001"),
    )

    assert shown(got, "serial", "parent_serial") == [
        ("FXS2201X001", ""),
        ("FXS2201X002", ""),
        ("JAE2201X001", "FXS2201X002"),
        ("AVD2201X001", "JAE2201X001"),
        ("TED2201X001", "AVD2201X001"),
    ]


def test_rows_of_the_command_line_belong_to_the_member_or_extender_they_name() -> None:
    got = listed(
        part("1", name="Chassis", descr="Nexus9000 Chassis", serial="FDO2201X001"),
        part("2", name="Slot 1", descr="Supervisor", product_id="N9K-SUP", serial="FOC2201X002"),
        part("3", name="FEX 106 CHASSIS", product_id="N2K-C2248TP", serial="FOX2201X003"),
        part("4", name="FEX 106 Power Supply 1", product_id="N2200-PAC-400W", serial="DCA2201X004"),
    )

    assert shown(got, "serial", "parent_serial") == [
        ("FDO2201X001", ""),
        ("FOX2201X003", ""),
        ("FOC2201X002", "FDO2201X001"),
        ("DCA2201X004", "FOX2201X003"),
    ]


def test_rows_that_contain_each_other_do_not_hang() -> None:
    got = listed(
        part("1", "2", "chassis", name="Chassis", serial="FOC2201X001"),
        part("2", "1", "module", name="module 0", serial="FOC2201X002"),
        part("3", "3", "module", name="module 1", serial="FOC2201X003"),
        part("4", "2", "module", name="module 2", serial="FOC2201X004"),
    )

    assert shown(got, "serial", "parent_serial") == [
        ("FOC2201X001", ""),
        ("FOC2201X002", "FOC2201X001"),
        ("FOC2201X003", "FOC2201X001"),
        ("FOC2201X004", "FOC2201X002"),
    ]


def test_show_version_names_a_chassis_only_where_the_inventory_does_not() -> None:
    version = part("version:0", cls="chassis", name="show version", product_id="WS-C4948", serial="FOX2201X009")
    chassis = part("1", name="Chassis", product_id="C9300-48P", serial="FOC2201X001")
    masked = part("1", name="Chassis", product_id="WS-C4948", serial="")

    assert shown(listed(chassis, version), "serial") == ["FOC2201X001"]
    assert shown(listed(masked, version), "serial", "slot") == [("FOX2201X009", "Chassis")]
    assert shown(listed(version), "serial", "slot") == [("FOX2201X009", "")]


def test_a_member_that_another_table_knows_is_added_only_where_that_table_agrees_on_the_rest() -> None:
    chassis = part("1001", "0", "chassis", name="1", product_id="SG350", serial="DNI2201X001")
    agreeing = [part(f"small_business:{n}", cls="chassis", serial=f"DNI2201X00{n}") for n in (1, 2)]
    boards = [part(f"small_business:{n}", cls="chassis", serial=f"DNI2201X10{n}") for n in (1, 2)]

    assert shown(listed(chassis, *agreeing), "serial") == ["DNI2201X001", "DNI2201X002"]
    assert shown(listed(chassis, *boards), "serial") == ["DNI2201X001"]


def test_two_tables_that_write_one_chassis_differently_make_one_chassis() -> None:
    got = listed(
        part("cisco_stack:0", cls="chassis", product_id="WS-C6509", serial="SMG2201X001"),
        part("old_chassis:1", cls="chassis", serial="SMG9999X999"),
    )

    assert shown(got, "serial", "product_id") == [("SMG2201X001", "WS-C6509")]


def test_a_module_that_two_tables_know_keeps_the_place_of_the_inventory() -> None:
    got = listed(
        part("1", "0", "chassis", name="WS-C6509-E", serial="SMG2201X001"),
        part("5", "1", "container", name="slot 8"),
        part("5000", "5", "module", name="8", product_id="WS-X6724-SFP", serial="SAL2201X001"),
        part("cisco_stack:8", "", "module", name="module 8", product_id="WS-X6724-SFP", serial="SAL2201X001"),
        part("cisco_stack:9", "", "module", name="module 9", product_id="WS-X6724-SFP", serial="SAL2201X002"),
    )

    assert shown(got, "serial", "slot", "parent_serial") == [
        ("SMG2201X001", "WS-C6509-E", ""),
        ("SAL2201X001", "8", "SMG2201X001"),
        ("SAL2201X002", "module 9", "SMG2201X001"),
    ]


def test_each_member_runs_what_its_rows_say_and_the_device_writes_a_release_in_one_way() -> None:
    got = listed(
        part("1", "0", "chassis", name="Switch 1", serial="FOC2201X001", software="Bengaluru 17.06.04"),
        part("2", "0", "chassis", name="Switch 2", serial="FOC2201X002", software="16.12.4"),
        part("3", "0", "chassis", name="Switch 3", serial="FOC2201X003"),
        known=Known(release="17.6.4"),
    )

    assert shown(got, "software_version") == ["17.6.4", "16.12.4", "17.6.4"]


def test_a_chassis_that_says_nothing_runs_what_its_first_board_runs() -> None:
    got = listed(
        part("1", "0", "chassis", name="Chassis", serial="FOC2201X001"),
        part("2", "1", "module", name="Supervisor", serial="FOC2201X002", software="12.2(18)SXF12"),
    )

    assert shown(got, "software_version") == ["12.2(18)SXF12", "12.2(18)SXF12"]


def test_no_part_holds_itself_where_its_shadow_is_filed_above_it() -> None:
    got = listed(
        part("1", "0", "chassis", name="Rack 0", serial="FOC2201X001"),
        part("2", "1", "module", name="0/FT0-IDPROM", serial="DCH2201X001"),
        part("3", "2", "fan", name="0/FT0", serial="DCH2201X001"),
    )

    assert shown(got, "serial", "parent_serial") == [("FOC2201X001", ""), ("DCH2201X001", "FOC2201X001")]
