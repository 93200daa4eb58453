"""Units that a device knows and does not hold, and tables that fill an inventory's gaps."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from collectors.merge import merge
from collectors.model import INVENTORY, Kind, Part, Reading, Section, State
from collectors.normalise import Known, units
from collectors.oids import Oid, Value, Walk, oid
from collectors.platforms import load
from collectors.readers import READERS, System, entity
from collectors.reading import read_snmp
from tests.collectors.inventory.walked import listed, part, row, shown, table

PLATFORMS = load()
AP = oid("1.3.6.1.4.1.14179.2.2.1.1")
JOINED = oid("1.3.6.1.4.1.9.9.618.1.8.4.0")
AGENT = oid("1.3.6.1.4.1.14179.1.1.1")
CHASSIS = {1: row(3, 0, name="Chassis", pid="AIR-CT5508-K9", serial="FCW2201X001", software="8.5.182.0")}


def points(
    *rows: tuple[str, str, str], joined: int | None = None, serials: bool = True, state: State = State.COMPLETE
) -> Walk:
    """A walk of bsnAPTable: name, model and serial of each access point."""
    columns: dict[Oid, dict[Oid, Value]] = {column: {} for column in READERS["access_points"].columns}
    for number, (name, model, serial) in enumerate(rows, 1):
        for column, text in ((3, name), (16, model), (17, serial), (8, "8.5.182.0")):
            if column != 17 or serials:
                columns[(*AP, column)][(0, 1, 2, 3, 4, number)] = text.encode()
    scalars: Mapping[Oid, Value] = {JOINED: joined} if joined is not None else {}
    return Walk(state, "cut" if state is State.PARTIAL else "", scalars=scalars, columns=columns)


def controller(access_points: Walk, chassis: Walk | None = None, agent: Mapping[Oid, Value] | None = None) -> Reading:
    walks = {"entity": chassis or table(CHASSIS), "access_points": access_points}
    if agent is not None:
        walks["airespace"] = Walk(State.COMPLETE, scalars=agent)
    return read_snmp(PLATFORMS["cisco_wlc"], System(descr="Cisco Controller", name="wlc1"), walks)


def inventory(reading: Reading) -> tuple[State, str]:
    return next((one.state, one.reason) for one in reading.sections if one.name == INVENTORY)


LOBBY = ("lobby", "AIR-AP2802I-E-K9", "FGL2201X002")
ATTIC = ("attic", "C9120AXI-E", "FGL2201X003")


def test_access_points_are_units_of_their_own_in_the_place_that_their_name_says() -> None:
    got = controller(points(LOBBY, ATTIC, joined=2))

    assert shown(got.units, "serial", "kind", "slot", "parent_serial", "software_version") == [
        ("FCW2201X001", "chassis", "Chassis", "", "8.5.182.0"),
        ("FGL2201X002", "access_point", "lobby", "", "8.5.182.0"),
        ("FGL2201X003", "access_point", "attic", "", "8.5.182.0"),
    ]
    assert inventory(got) == (State.COMPLETE, "")


@pytest.mark.parametrize(
    ("walk", "reason"),
    [
        (points(LOBBY, joined=2), "2 access points have joined, 1 are listed"),
        (points(LOBBY, joined=1, serials=False), "the agent has no serials of access points (bsnAPSerialNumber)"),
        (points(LOBBY, state=State.PARTIAL), "cut"),
        (points(joined=3), "3 access points have joined, 0 are listed"),
    ],
    ids=["one missing", "no serials", "torn walk", "no table"],
)
def test_an_inventory_without_all_its_access_points_is_not_whole(walk: Walk, reason: str) -> None:
    assert inventory(controller(walk)) == (State.PARTIAL, reason)


def test_a_controller_without_access_points_is_whole() -> None:
    assert inventory(controller(Walk(State.UNSUPPORTED, "nothing"))) == (State.COMPLETE, "")


def test_an_access_point_without_a_serial_is_counted_and_not_listed() -> None:
    got = controller(points(LOBBY, ("cellar", "AIR-AP2802I-E-K9", ""), joined=2))

    assert (shown(got.units, "serial"), got.dropped) == (["FCW2201X001", "FGL2201X002"], 1)


def test_a_controller_that_is_an_access_point_itself_is_listed_once() -> None:
    own = table({1: row(3, 0, name="AP", pid="C9120AXI-E", serial="FGL2201X003", software="17.9.4")})

    got = controller(points(LOBBY, ATTIC, joined=2), own)

    assert [unit.serial for unit in got.units] == ["FGL2201X003", "FGL2201X002"]


def test_a_controller_without_entity_mib_is_known_by_its_own_group_and_is_not_whole() -> None:
    agent = {(*AGENT, 3, 0): b"AIR-WLC4404-100-K9", (*AGENT, 4, 0): b"FOC2201X009", (*AGENT, 14, 0): b"7.0.252.0"}

    got = controller(points(LOBBY, joined=1), Walk(State.UNSUPPORTED, "none"), agent)

    assert shown(got.units, "serial", "kind", "product_id") == [
        ("FOC2201X009", "chassis", "AIR-WLC4404-100-K9"),
        ("FGL2201X002", "access_point", "AIR-AP2802I-E-K9"),
    ]
    assert [said.version for said in got.software] == ["7.0.252.0"]
    assert inventory(got)[0] is State.PARTIAL


def test_access_points_that_run_another_release_are_not_the_controllers_software() -> None:
    chassis = {1: row(3, 0, name="Chassis", pid="C9800-CL-K9", serial="9AB2201X001", software="17.9.5")}

    got = controller(points(LOBBY, joined=1), table(chassis))

    assert [(said.version, said.serial) for said in got.software] == [("17.9.5", "")]


def test_access_points_do_not_take_the_parts_of_the_controller_from_it() -> None:
    snmp = controller(points(LOBBY, ATTIC, joined=2))
    rows = (
        part("1", name="Chassis", product_id="AIR-CT5508-K9", serial="FCW2201X001"),
        part("2", name="SFP 1", product_id="GLC-T", serial="AGC2201X004"),
    )
    ssh = Reading("ssh", sections=(Section(INVENTORY, State.COMPLETE, "ssh"),), units=listed(*rows))

    assert shown(merge([snmp, ssh]).units, "serial", "parent_serial") == [
        ("FCW2201X001", ""),
        ("FGL2201X002", ""),
        ("FGL2201X003", ""),
        ("AGC2201X004", "FCW2201X001"),
    ]


def test_a_made_up_chassis_stays_beside_access_points_and_goes_beside_a_real_one() -> None:
    point = part("ap:lobby", name="lobby", product_id="AIR-AP2802I-E-K9", serial="FGL2201X002")
    snmp = Reading("snmp", units=listed(point))
    again = Reading("ssh", units=listed(point))
    real = Reading("ssh", units=listed(part("1", name="Chassis", product_id="AIR-CT5508-K9", serial="FCW2201X001")))

    assert shown(merge([snmp, again]).units, "serial", "kind") == [("", "chassis"), ("FGL2201X002", "access_point")]
    assert shown(merge([snmp, real]).units, "serial", "kind") == [
        ("FCW2201X001", "chassis"),
        ("FGL2201X002", "access_point"),
    ]


@pytest.mark.parametrize(
    ("ours", "expected"), [("JMX2201X001", ["JMX2201X001", "JMX2201X002"]), ("JAD2201X009", ["JMX2201X001"])]
)
def test_the_other_box_of_a_pair_is_a_unit_only_where_this_one_names_its_chassis_there(
    ours: str, expected: list[str]
) -> None:
    chassis = part("1", name="Chassis", product_id="ASA5510", serial="JMX2201X001")
    mate = part(f"mate:{ours}", "", "chassis", name="failover mate", product_id="ASA5510", serial="JMX2201X002")

    got = listed(chassis, mate)

    assert [unit.serial for unit in got] == expected
    assert {unit.kind for unit in got} == {Kind.CHASSIS}


def test_the_asset_table_fills_the_rows_of_its_number_and_overrules_none() -> None:
    walk = Walk(
        State.COMPLETE,
        columns={
            oid("1.3.6.1.4.1.9.9.92.1.1.1.2"): {(1,): b"TBA2201X001", (2,): b"OTHER000001", (9,): b"SAD2201X009"},
            oid("1.3.6.1.4.1.9.9.92.1.1.1.3"): {(1,): b"GSR8/40", (2,): b"GRP-B"},
        },
    )
    rows = {1: row(3, 0, name="chassis"), 2: row(9, 1, name="slot 7", pid="GRP-B=", serial="SAD2201X002")}

    parts = (*entity.read(table(rows)).parts, *READERS["cisco_asset"].read(walk).parts)

    assert shown(listed(*parts), "serial", "product_id", "kind") == [
        ("TBA2201X001", "GSR8/40", "chassis"),
        ("SAD2201X002", "GRP-B=", "module"),
    ]


def test_a_hint_from_a_board_counts_only_where_no_chassis_is_listed() -> None:
    board = Part("board:0", cls="chassis", name="Chassis", product_id="ASA5515", serial="FCH2201X009")
    chassis = part("1", name="Chassis", product_id="ASA5515", serial="FTX2201X001")

    assert shown(listed(board), "serial", "product_id") == [("FCH2201X009", "ASA5515")]
    assert shown(listed(chassis, board), "serial") == ["FTX2201X001"]
    assert units([board], vendor="cisco", via="ssh", known=Known())[1] == 0


@pytest.mark.parametrize(
    ("descr", "asked"),
    [
        ("Cisco IOS Software [Cupertino], C9800 Software (C9800_IOSXE-K9), Version 17.9.4", True),
        ("Cisco IOS Software, C3750 Software (C3750-IPBASE-M), Version 12.2(50)SE3", False),
    ],
)
def test_only_the_agent_of_a_controller_is_asked_for_access_points(descr: str, asked: bool) -> None:
    assert ("access_points" in PLATFORMS["cisco_ios"].for_agent(descr).snmp.inventory) is asked
