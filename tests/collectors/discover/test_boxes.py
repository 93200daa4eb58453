"""When two addresses are one box, and when they only look like it."""

from __future__ import annotations

from collectors.discover.boxes import Found, boxes

ENGINE = "80000009010a000001"


def snmp(address: str, **changed: object) -> Found:
    values: dict[str, object] = {"engine_id": ENGINE, "boots": 3, "started": 1000.0}
    return Found(address, ("snmp",), "snmp", **{**values, **changed})  # type: ignore[arg-type]


def listed(*found: Found) -> dict[str, tuple[str, ...]]:
    return {one.address: one.also for one in boxes(found)}


def test_one_engine_behind_several_addresses_is_one_row_under_the_lowest():
    found = [snmp("10.0.0.10", started=1001.5), snmp("10.0.0.9", hostname="core"), snmp("10.0.0.11", started=999.0)]

    assert boxes(found) == [
        snmp("10.0.0.9", hostname="core", also=("10.0.0.10", "10.0.0.11")),
    ]


def test_a_copied_engine_id_does_not_hide_a_second_device():
    found = boxes([snmp("10.0.0.1"), snmp("10.0.0.2", boots=9), snmp("10.0.0.3", started=5000.0)])

    assert [(one.address, one.also) for one in found] == [("10.0.0.1", ()), ("10.0.0.2", ()), ("10.0.0.3", ())]
    assert found[2].remarks == ("has the SNMP engine id of 10.0.0.1, but is another device",)


def test_an_agent_that_tells_no_clock_is_known_by_its_engine_id_alone():
    assert listed(snmp("10.0.0.1", boots=0, started=0.0), snmp("10.0.0.2", boots=0, started=0.0)) == {
        "10.0.0.1": ("10.0.0.2",)
    }


def test_agents_without_an_engine_id_are_not_one_box():
    assert listed(snmp("10.0.0.1", engine_id=""), snmp("10.0.0.2", engine_id="")) == {"10.0.0.1": (), "10.0.0.2": ()}


def test_one_chassis_serial_is_one_box():
    serial = frozenset({"FOC1111A0A1"})

    assert listed(snmp("10.0.0.1", engine_id="", serials=serial), snmp("10.0.0.2", serials=serial)) == {
        "10.0.0.1": ("10.0.0.2",)
    }


def test_a_host_key_joins_only_under_one_host_name():
    """Images are copied with their keys: the key alone is no proof."""
    key = "ssh-ed25519 SHA256:abc"
    same = [Found(f"10.0.0.{n}", ("ssh",), "ssh", host_key=key, hostname="sw1") for n in (1, 2)]
    other = Found("10.0.0.3", ("ssh",), "ssh", host_key=key, hostname="sw2")
    nameless = [Found(f"10.0.0.{n}", ("ssh",), "ssh", host_key=key) for n in (4, 5)]

    assert listed(*same, other, *nameless) == {
        "10.0.0.1": ("10.0.0.2",), "10.0.0.3": (), "10.0.0.4": (), "10.0.0.5": (),
    }  # fmt: skip


def test_what_any_address_told_is_kept():
    one = snmp("10.0.0.1", remarks=("a",))
    two = Found(
        "10.0.0.2", ("snmp", "ssh"), "snmp+ssh", "sw1", "cisco_ios", engine_id=ENGINE, host_key="k", remarks=("b",)
    )

    (box,) = boxes([one, two])

    assert (box.protocols, box.found_by, box.hostname, box.platform, box.host_key, box.remarks) == (
        ("snmp", "ssh"), "snmp+ssh", "sw1", "cisco_ios", "k", ("a", "b"),
    )  # fmt: skip


def test_boxes_of_boxes_are_the_same_boxes():
    found = boxes([snmp("10.0.0.1"), snmp("10.0.0.2"), snmp("10.0.0.3", engine_id="8000000901ff")])

    assert boxes(found) == found
