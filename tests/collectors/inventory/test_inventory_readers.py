from __future__ import annotations

import pytest

from collectors.model import Licence, LicenceState, Part, Software, State
from collectors.oids import Oid, Value, Walk, oid
from collectors.readers import READERS, System, entity, facts
from collectors.readers.rows import Rows
from tests.collectors.inventory.walked import row, table

CHASSIS = row(3, 0, name="Chassis", pid="C9300-48P", serial="FOC2201X001")
SUPPLY = row(6, 1, name="Power Supply 0", pid="PWR-C1-715WAC", serial="LIT2201X001")


def read(name: str, cells: dict[str, Value], state: State = State.COMPLETE) -> Rows:
    """What the reader makes of an agent that has exactly these objects."""
    reader = READERS[name]
    had = {oid(text): value for text, value in cells.items()}
    columns: dict[Oid, dict[Oid, Value]] = {
        column: {at[len(column) :]: value for at, value in had.items() if at[: len(column)] == column}
        for column in reader.columns
    }
    scalars = {at: had[at] for at in reader.scalars if at in had}
    return reader.read(Walk(state, scalars=scalars, columns=columns))


def test_every_reader_is_known_by_its_own_name_and_requires_only_what_it_asks() -> None:
    for name, reader in READERS.items():
        assert reader.name == name
        assert set(reader.required) <= set(reader.columns)


def test_a_whole_table_is_complete_and_keeps_text_as_the_device_gave_it() -> None:
    cells = row(10, 1, name="Te1/0/1", pid="SFP-10G-SR", serial="AVD2201X001     ")

    got = entity.read(table({1: CHASSIS, 2: cells | {entity.MAKER: b"CISCO-AVAGO\0\0", entity.DESCR: b"SFP\xb5"}}))

    assert (got.state, got.reason) == (State.COMPLETE, "")
    assert got.parts[1] == Part(
        index="2",
        parent="1",
        cls="port",
        name="Te1/0/1",
        descr="SFPµ",
        product_id="SFP-10G-SR",
        serial="AVD2201X001     ",
        manufacturer="CISCO-AVAGO\0\0",
    )


@pytest.mark.parametrize(
    ("column", "word"),
    [(entity.CLASS, "class"), (entity.SERIAL, "serial"), (entity.CONTAINED_IN, "containedIn")],
)
def test_a_table_without_a_column_it_is_proved_by_is_partial(column: Oid, word: str) -> None:
    cells = {index: dict(cells) for index, cells in {1: CHASSIS, 2: SUPPLY}.items()}
    for one in cells.values():
        del one[column]

    got = entity.read(table(cells))

    assert (got.state, got.reason) == (State.PARTIAL, f"the agent has no {word} column (entPhysicalTable)")
    assert len(got.parts) == 2


@pytest.mark.parametrize("column", entity.COLUMNS)
def test_a_table_that_lacks_one_cell_of_any_column_is_partial(column: Oid) -> None:
    short = dict(SUPPLY)
    del short[column]

    assert entity.read(table({1: CHASSIS, 2: short})).state is State.PARTIAL


def test_a_table_cut_before_a_container_that_others_sit_in_is_partial() -> None:
    got = entity.read(table({1: CHASSIS, 3: row(6, 2, name="Power Supply 0")}))

    assert (got.state, got.reason) == (State.PARTIAL, "row 3 sits in row 2, which was not answered")


def test_a_table_that_is_not_there_is_unsupported() -> None:
    assert entity.read(table({})).state is State.UNSUPPORTED


@pytest.mark.parametrize("state", [State.PARTIAL, State.FAILED, State.DENIED])
def test_a_walk_that_went_wrong_is_never_better_than_it_was(state: State) -> None:
    got = entity.read(table({1: CHASSIS}, state=state, reason="timeout"))

    assert (got.state, got.reason, len(got.parts)) == (state, "timeout", 1)


def test_the_system_group_is_read_without_the_quotes_an_agent_puts_around_it() -> None:
    walk = Walk(
        State.COMPLETE,
        scalars={
            oid("1.3.6.1.2.1.1.1.0"): b'"Cisco IOS Software\r\nVersion 17.6.4\n"',
            oid("1.3.6.1.2.1.1.2.0"): (1, 3, 6, 1, 4, 1, 9, 1, 1208),
            oid("1.3.6.1.2.1.1.3.0"): 4711,
            oid("1.3.6.1.2.1.1.5.0"): b"sw1.example",
            oid("1.3.6.1.2.1.47.1.4.1.0"): 99,
            oid("1.3.6.1.6.3.10.2.1.1.0"): b"\x80\x00\x00\x09\x01",
        },
    )

    assert facts(walk) == System(
        descr="Cisco IOS Software\r\nVersion 17.6.4",
        object_id=(1, 3, 6, 1, 4, 1, 9, 1, 1208),
        name="sw1.example",
        up_time=4711,
        changed=99,
        engine_id="8000000901",
    )
    assert READERS["system"].read(walk).state is State.COMPLETE
    assert READERS["system"].read(Walk(State.COMPLETE)).state is State.UNSUPPORTED


def test_a_chassis_id_that_is_a_host_name_is_no_serial() -> None:
    chassis_id, name = "1.3.6.1.4.1.9.3.6.3.0", "1.3.6.1.2.1.1.5.0"

    assert [part.serial for part in read("old_chassis", {chassis_id: b"FOC2201X001"}).parts] == ["FOC2201X001"]
    assert read("old_chassis", {chassis_id: b"core-switch"}) == Rows(State.PARTIAL, "chassisId does not hold a serial")
    assert read("old_chassis", {chassis_id: b"ABC1234DEFG", name: b"abc1234defg.example"}).parts == ()


def test_the_chassis_and_modules_of_a_catos_born_switch_are_read() -> None:
    got = read(
        "cisco_stack",
        {
            "1.3.6.1.4.1.9.5.1.2.16.0": b"WS-C6509-E",
            "1.3.6.1.4.1.9.5.1.2.19.0": b"SMG2201X001",
            "1.3.6.1.4.1.9.5.1.3.1.1.17.5": b"WS-SUP720-3B",
            "1.3.6.1.4.1.9.5.1.3.1.1.26.5": b"SAL2201X001",
        },
    )

    assert got.state is State.COMPLETE
    assert [(part.index, part.cls, part.product_id, part.serial) for part in got.parts] == [
        ("cisco_stack:0", "chassis", "WS-C6509-E", "SMG2201X001"),
        ("cisco_stack:5", "module", "WS-SUP720-3B", "SAL2201X001"),
    ]


def test_the_release_is_read_from_the_image_tags() -> None:
    tags = {
        f"1.3.6.1.4.1.9.9.25.1.1.1.2.{n}": text for n, text in enumerate((b"CW_BEGIN$$", b"CW_VERSION$12.2(55)SE3$"), 1)
    }

    assert read("cisco_image", tags).software == (Software("12.2(55)SE3"),)
    assert read("cisco_image", {"1.3.6.1.4.1.9.9.25.1.1.1.2.1": b"CW_BEGIN$$"}).state is State.PARTIAL


def test_each_unit_of_a_small_business_stack_is_read_with_its_release() -> None:
    table_ = "1.3.6.1.4.1.9.6.1.101.53.14.1"
    cells: dict[str, Value] = {}
    for unit in (1, 2):
        cells |= {
            f"{table_}.2.{unit}": b"3.3.0.16",
            f"{table_}.4.{unit}": b"V03",
            f"{table_}.5.{unit}": f"FOC2201X00{unit}".encode(),
            f"{table_}.7.{unit}": b"CBS250-24P-4X",
        }

    got = read("small_business", cells)

    assert [(part.index, part.serial, part.product_id, part.hardware) for part in got.parts] == [
        ("small_business:1", "FOC2201X001", "CBS250-24P-4X", "V03"),
        ("small_business:2", "FOC2201X002", "CBS250-24P-4X", "V03"),
    ]
    assert got.software == (Software("3.3.0.16"),)


def test_a_t_series_unit_its_optics_and_its_active_software_bank_are_read() -> None:
    unit, sfp = "1.3.6.1.4.1.4515.1.3.6.1.1.1", "1.3.6.1.4.1.4515.1.10.1.1.1"

    got = read(
        "smartoptics_t",
        {
            f"{unit}.2.0": b"T-4906",
            f"{unit}.4.0": b"02-07",
            f"{unit}.5.0": b"1.6.30",
            f"{unit}.7.0": b"170000001",
            f"{unit}.22.0": b"T4906-000001",
            f"{sfp}.22.115712": b"FINISAR",
            f"{sfp}.25.115712": b"FTLX1471D3BCL",
            f"{sfp}.31.115712": b"AVX2201",
            f"{sfp}.25.181248": b"",
            f"{sfp}.31.181248": b"",
            "1.3.6.1.4.1.4515.1.3.1.11.0": 2,
            "1.3.6.1.4.1.4515.1.3.1.12.1.3.1": b"1.6.30",
            "1.3.6.1.4.1.4515.1.3.1.12.1.3.2": b"1.6.33-A2",
        },
    )

    assert got.state is State.COMPLETE
    assert [(p.parent, p.cls, p.product_id, p.serial, p.software) for p in got.parts] == [
        ("0", "chassis", "T4906-000001", "170000001", "1.6.33-A2"),
        ("sl-0", "port", "FTLX1471D3BCL", "AVX2201", ""),
    ]
    assert got.software == (Software("1.6.33-A2"),)


@pytest.mark.parametrize("root", ["1.3.6.1.4.1.9.9.831.0", "1.3.6.1.4.1.9.9.831"])
def test_smart_licences_are_read_under_both_trees_in_circulation(root: str) -> None:
    got = read(
        "smart_licence",
        {
            f"{root}.5.1.1.2.1": 2,
            f"{root}.5.1.1.3.1": b"regid.network-advantage",
            f"{root}.5.1.1.5.1": 15,
            f"{root}.5.1.1.7.1": b"network-advantage",
        },
    )

    assert got.state is State.COMPLETE
    assert got.licences == (
        Licence("network-advantage", LicenceState.IN_USE, "regid.network-advantage", "inUse", quantity="2"),
    )


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (3, LicenceState.AUTHORIZED),
        (4, LicenceState.OUT_OF_COMPLIANCE),
        (6, LicenceState.EVALUATION),
        (7, LicenceState.EVALUATION_EXPIRED),
        (8, LicenceState.AUTHORIZATION_EXPIRED),
        (13, LicenceState.NOT_AUTHORIZED),
        (15, LicenceState.IN_USE),
        (16, LicenceState.DORMANT),
        (2, LicenceState.UNKNOWN),
        (99, LicenceState.UNKNOWN),
    ],
)
def test_a_smart_licences_mode_is_said_in_our_words(mode: int, state: LicenceState) -> None:
    got = read("smart_licence", {"1.3.6.1.4.1.9.9.831.0.5.1.1.5.1": mode})

    assert [licence.state for licence in got.licences] == [state]


def test_a_smart_licence_says_until_when_it_is_authorised_and_how_long_it_may_be_evaluated() -> None:
    root = "1.3.6.1.4.1.9.9.831.0"
    cells: dict[str, Value] = {f"{root}.5.1.1.5.1": 3, f"{root}.5.1.1.5.2": 6}
    cells |= {f"{root}.7.1.0": 1893456000, f"{root}.7.4.3.0": 86400 * 30 + 5}

    got = read("smart_licence", cells)

    assert [(licence.expires, licence.detail) for licence in got.licences] == [
        ("2030-01-01", "authorized"),
        ("", "evaluationPeriod; days_left=30"),
    ]


def test_an_unregistered_device_says_so_of_licences_that_still_wait() -> None:
    root = "1.3.6.1.4.1.9.9.831.0"

    got = read("smart_licence", {f"{root}.5.1.1.5.1": 2, f"{root}.6.1.0": 1})

    assert [(licence.feature, licence.state) for licence in got.licences] == [
        ("", LicenceState.UNREGISTERED),
        ("smart licensing", LicenceState.UNREGISTERED),
    ]


@pytest.mark.parametrize(
    ("type_", "status", "state"),
    [
        (4, 3, LicenceState.IN_USE),
        (8, 2, LicenceState.DORMANT),
        (8, 3, LicenceState.EVALUATION),
        (8, 4, LicenceState.EVALUATION_EXPIRED),
        (8, 5, LicenceState.DORMANT),
        (3, 3, LicenceState.GRACE),
        (10, 3, LicenceState.IN_USE),
        (4, 9, LicenceState.UNKNOWN),
    ],
)
def test_a_classic_licence_counts_by_its_use_first(type_: int, status: int, state: LicenceState) -> None:
    info = "1.3.6.1.4.1.9.9.543.1.2.3.1"
    cells: dict[str, Value] = {f"{info}.3.1.1.1": b"securityk9", f"{info}.5.1.1.1": type_}

    got = read("licence_mgmt", cells | {f"{info}.14.1.1.1": status})

    assert [(licence.feature, licence.state) for licence in got.licences] == [("securityk9", state)]
    assert got.state is State.COMPLETE


def test_a_classic_licence_tells_its_days_its_count_and_its_end() -> None:
    info = "1.3.6.1.4.1.9.9.543.1.2.3.1"
    end = bytes((0x07, 0xEE, 3, 31, 0, 0, 0, 0))

    got = read(
        "licence_mgmt",
        {
            f"{info}.3.1.2.8": b"cme-srst",
            f"{info}.5.1.2.8": 8,
            f"{info}.8.1.2.8": 5184000,
            f"{info}.10.1.2.8": 5000,
            f"{info}.14.1.2.8": 3,
            f"{info}.16.1.2.8": end,
        },
    )

    assert got.licences == (
        Licence(
            "cme-srst",
            LicenceState.EVALUATION,
            entitlement="evalRightToUse",
            detail="evalRightToUse; inUse; days_left=60",
            quantity="5000",
            expires="2030-03-31",
        ),
    )


@pytest.mark.parametrize(
    ("flags", "current", "state"),
    [
        (0x40, 1, LicenceState.IN_USE),
        (0x40, 0, LicenceState.DORMANT),
        (0x10, 0, LicenceState.DORMANT),
        (0x10, 1, LicenceState.NOT_AUTHORIZED),
        (0x18, 1, LicenceState.GRACE),
        (0x80, 1, LicenceState.EVALUATION),
    ],
)
def test_an_nxos_feature_that_is_used_without_a_licence_is_not_authorised(
    flags: int, current: int, state: LicenceState
) -> None:
    usage, name = "1.3.6.1.4.1.9.9.369.1.3.4.1", ".".join(map(str, (3, *b"LAN")))

    got = read("licence_mgr", {f"{usage}.2.{name}": bytes((flags,)), f"{usage}.5.{name}": current})

    assert [(licence.feature, licence.state) for licence in got.licences] == [("LAN", state)]


@pytest.mark.parametrize("name", sorted(READERS))
def test_an_agent_that_has_none_of_it_is_unsupported(name: str) -> None:
    assert read(name, {}).state is State.UNSUPPORTED
