# ruff: noqa: E501 - rows of tables read better whole
"""Licence tables over SNMP: two trees of the smart agent, its modes, and the chassis a licence is counted on."""

from datetime import date

import pytest

from collectors.licence_words import facts_of
from collectors.merge import merge
from collectors.model import Licence, LicenceState, Reading, State
from collectors.oids import Value, Walk, oid
from collectors.platforms import load
from collectors.readers import READERS, Rows, System
from collectors.reading import read_snmp

NEW, OLD = "1.3.6.1.4.1.9.9.831.0", "1.3.6.1.4.1.9.9.831"
INFO = "1.3.6.1.4.1.9.9.543.1.2.3.1"
USAGE = "1.3.6.1.4.1.9.9.369.1.3.4.1"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"


def walk(name: str, cells: dict[str, Value]) -> Walk:
    told = {oid(text): value for text, value in cells.items()}
    reader = READERS[name]
    columns = {
        column: {o[len(column) :]: v for o, v in told.items() if o[: len(column)] == column and len(o) > len(column)}
        for column in reader.columns
    }
    return Walk(State.COMPLETE, scalars={o: told[o] for o in reader.scalars if o in told}, columns=columns)


def read(name: str, cells: dict[str, Value]) -> Rows:
    return READERS[name].read(walk(name, cells))


def entitlement(root: str, mode: int = 15) -> dict[str, Value]:
    return {f"{root}.5.1.1.2.1": 2, f"{root}.5.1.1.3.1": b"TAG", f"{root}.5.1.1.5.1": mode, f"{root}.5.1.1.7.1": b"na"}


@pytest.mark.parametrize("root", [NEW, OLD])
def test_both_trees_tell_features_and_reporting(root: str) -> None:
    cells = entitlement(root) | {f"{root}.3.0": b"5.6.16_rel/45", f"{root}.6.1.0": 1}
    cells |= {f"{root}.2.0": b"PID:C9300-48P,SN:FOC2501A0AA", f"{root}.12.1.0": 40, f"{root}.12.2.0": 365}

    got = read("smart_licence", cells)

    assert got.state is State.COMPLETE
    assert got.licences == (
        Licence("na", LicenceState.IN_USE, "TAG", "inUse", "2", serial="FOC2501A0AA"),
        Licence(
            "smart licensing", LicenceState.AUTHORIZED, detail="mode=policy; ack_missing_days=40; report_within_days=365",
            serial="FOC2501A0AA",
        ),
        Licence("smart licensing", LicenceState.DORMANT, "udi", serial="FOC2501A0AA"),
    )  # fmt: skip


def test_one_tree_s_rows_never_stand_beside_the_other_s_scalars() -> None:
    """What lies under 831.0 may be the notifications' arc of an agent that keeps its objects under 831."""
    cells = entitlement(OLD, mode=2) | {f"{NEW}.6.1.0": 1, f"{NEW}.3.0": b"4.11", f"{NEW}.2.0": b"SN:FOC2501A0ZZ"}

    got = read("smart_licence", cells)

    assert [(one.feature, one.state, one.serial) for one in got.licences] == [("na", LicenceState.UNKNOWN, "")]


def test_by_policy_a_missing_registration_is_no_finding() -> None:
    got = read("smart_licence", entitlement(NEW) | {f"{NEW}.3.0": b"5.6.16", f"{NEW}.6.1.0": 1})

    assert LicenceState.UNREGISTERED not in {one.state for one in got.licences}


@pytest.mark.parametrize(
    ("registration", "compliance", "state"),
    [
        (1, b"EVAL MODE", LicenceState.UNREGISTERED),
        (3, b"", LicenceState.UNREGISTERED),
        (5, b"AUTHORIZED", LicenceState.AUTHORIZED),
        (5, b"OUT OF COMPLIANCE", LicenceState.OUT_OF_COMPLIANCE),
        (5, b"Not Applicable", LicenceState.AUTHORIZED),
        (9, b"", LicenceState.UNKNOWN),
    ],
)
def test_an_agent_that_registers_tells_its_state(registration: int, compliance: bytes, state: LicenceState) -> None:
    cells = {f"{NEW}.3.0": b"4.11.6", f"{NEW}.4.0": 1, f"{NEW}.6.1.0": registration, f"{NEW}.7.2.0": compliance}

    (agent,) = read("smart_licence", cells).licences

    assert (agent.feature, agent.state) == ("smart licensing", state)


def test_an_agent_that_is_switched_off_has_no_row() -> None:
    assert read("smart_licence", {f"{NEW}.4.0": 2, f"{NEW}.6.1.0": 1}).licences == ()


def test_an_evaluation_s_seconds_become_a_day() -> None:
    cells = entitlement(NEW, mode=6) | {f"{NEW}.6.1.0": 1, f"{NEW}.7.2.0": b"EVAL MODE", f"{NEW}.7.4.3.0": 86400 * 10}

    got = reading("cisco_ios", {"smart_licence": walk("smart_licence", cells)})

    assert [(one.feature, one.expires, facts_of(one.detail)["days_left"]) for one in got.licences] == [
        ("na", "2026-12-01", "10"),
        ("smart licensing", "2026-12-01", "10"),
    ]


def reading(platform: str, walks: dict[str, Walk]) -> Reading:
    return read_snmp(load()[platform], System(descr="Cisco IOS Software, Version 15.2(7)E8"), walks, date(2026, 11, 21))


def test_a_licence_is_counted_on_the_chassis_of_its_entity() -> None:
    part = {2: b"x", 5: 3, 7: b"x"}
    rows = {1: (0, 3, b"FOC1701A0AA"), 2: (0, 3, b"FOC1701A0BB"), 20: (2, 9, b"FOC1701A0CC")}
    entity: dict[str, Value] = {}
    for index, (parent, cls, serial) in rows.items():
        entity |= {
            f"{ENTITY}.{column}.{index}": value for column, value in {**part, 4: parent, 5: cls, 11: serial}.items()
        }
    classic: dict[str, Value] = {}
    for index in (1, 20, 99):
        classic |= {f"{INFO}.3.{index}.1.1": b"f", f"{INFO}.5.{index}.1.1": 4, f"{INFO}.14.{index}.1.1": 3}

    got = reading("cisco_ios", {"entity": walk("entity", entity), "licence_mgmt": walk("licence_mgmt", classic)})

    assert [one.serial for one in got.licences] == ["FOC1701A0AA", "FOC1701A0BB", ""]


def test_entities_in_a_circle_end() -> None:
    entity: dict[str, Value] = {}
    for index, parent in ((1, 2), (2, 1)):
        entity |= {f"{ENTITY}.{c}.{index}": v for c, v in {2: b"x", 4: parent, 5: 9, 7: b"x", 11: b""}.items()}
    classic: dict[str, Value] = {f"{INFO}.3.1.1.1": b"f", f"{INFO}.5.1.1.1": 4, f"{INFO}.14.1.1.1": 3}

    got = reading("cisco_ios", {"entity": walk("entity", entity), "licence_mgmt": walk("licence_mgmt", classic)})

    assert [one.serial for one in got.licences] == [""]


@pytest.mark.parametrize(
    ("kind", "state"), [(8, LicenceState.EVALUATION_EXPIRED), (5, LicenceState.AUTHORIZATION_EXPIRED)]
)
def test_an_expired_licence_in_use_was_an_evaluation_or_a_subscription(kind: int, state: LicenceState) -> None:
    got = read("licence_mgmt", {f"{INFO}.3.1.1.1": b"f", f"{INFO}.5.1.1.1": kind, f"{INFO}.14.1.1.1": 4})

    assert [one.state for one in got.licences] == [state]


@pytest.mark.parametrize(
    ("flags", "used", "state"),
    [
        (0x40, 1, LicenceState.IN_USE),
        (0x40, 0, LicenceState.DORMANT),
        (0x10, 1, LicenceState.NOT_AUTHORIZED),
        (0x18, 1, LicenceState.GRACE),
        (0x18, 0, LicenceState.DORMANT),
        (0x14, 1, LicenceState.GRACE),
        (0x80, 1, LicenceState.EVALUATION),
    ],
)
def test_the_bits_of_nx_os_are_read_from_the_left_and_use_comes_first(
    flags: int, used: int, state: LicenceState
) -> None:
    cells = {f"{USAGE}.2.1.65": bytes((flags,)), f"{USAGE}.5.1.65": used, f"{USAGE}.9.1.65": 86400 * 10}

    (one,) = read("licence_mgr", cells).licences

    assert (one.feature, one.state) == ("A", state)
    assert ("days_left=10" in one.detail) == (state is LicenceState.GRACE)


def test_two_protocols_tell_one_row_of_how_a_device_licenses() -> None:
    by_snmp = Licence(
        "smart licensing", LicenceState.DORMANT, "", "mode=policy; report_within_days=365", collected_via="snmp"
    )
    by_ssh = Licence(
        "smart licensing",
        LicenceState.AUTHORIZED,
        "",
        "mode=policy; last_ack=2026-10-01",
        "",
        "2027-10-01",
        "FOC2501A0AA",
        "ssh",
    )
    udi = Licence("smart licensing", LicenceState.DORMANT, "udi", "role=active", "", "", "FOC2501A0AA", "ssh")

    got = merge([Reading("snmp", licences=(by_snmp,)), Reading("ssh", licences=(udi, by_ssh))]).licences

    assert got == (
        Licence(
            "smart licensing", LicenceState.AUTHORIZED, "", "mode=policy; report_within_days=365; last_ack=2026-10-01", "",
            "2027-10-01", "FOC2501A0AA", "snmp+ssh",
        ),
        udi,
    )  # fmt: skip
