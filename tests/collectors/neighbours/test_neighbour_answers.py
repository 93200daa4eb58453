# ruff: noqa: E501 - values and lines of device output read better whole
"""CDP and LLDP on the command line of each system."""

import pytest

from collectors import neighbours
from collectors.cli.neighbours import Found, cdp, lldp
from collectors.model import Neighbour
from tests.lab.links import Link, links_answers

CABLES = (
    Link("GigabitEthernet1/0/1", "core-1", "10.9.0.1", serial="FDO21110AAA"),
    Link("GigabitEthernet1/0/2", "edge.example.org", "", "cisco WS-C2960X-24TS-L", "GigabitEthernet1/0/24"),
)


@pytest.mark.parametrize("dialect", ["ios", "nxos", "xr"])
def test_cdp_of_each_system_tells_the_same(dialect):
    text = links_answers(CABLES, dialect)["show cdp neighbors detail"]

    assert cdp(text) == Found(
        (
            Neighbour(
                "GigabitEthernet1/0/1", "core-1", ("10.9.0.1",), "cisco C9300-48P", "GigabitEthernet1/0/1",
                "FDO21110AAA", "cdp",
            ),
            Neighbour(
                "GigabitEthernet1/0/2", "edge.example.org", (), "cisco WS-C2960X-24TS-L", "GigabitEthernet1/0/24",
                "", "cdp",
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize("dialect", ["ios", "nxos", "xr"])
def test_lldp_of_each_system_tells_the_same(dialect):
    text = links_answers(CABLES, dialect)["show lldp neighbors detail"]

    assert lldp(text) == Found(
        (
            Neighbour(
                "GigabitEthernet1/0/1", "core-1", ("10.9.0.1",), "cisco C9300-48P software", "GigabitEthernet1/0/1",
                "00:de:ad:00:00:01", "lldp",
            ),
            Neighbour(
                "GigabitEthernet1/0/2", "edge.example.org", (), "cisco WS-C2960X-24TS-L software",
                "GigabitEthernet1/0/24", "00:de:ad:00:00:01", "lldp",
            ),
        )
    )  # fmt: skip


def test_what_a_neighbour_writes_of_itself_makes_no_second_neighbour():
    text = links_answers(CABLES[:1], "ios")["show cdp neighbors detail"]

    assert "\nDevice ID: not-a-device\n" in text
    assert [one.hostname for one in cdp(text).neighbours] == ["core-1"]


def test_an_answer_that_counts_more_than_it_shows_is_doubted():
    text = links_answers(CABLES, "ios")["show cdp neighbors detail"].replace("displayed : 2", "displayed : 3")

    assert cdp(text).doubt == "3 neighbours in the answer, 2 understood"


@pytest.mark.parametrize("text", ["% CDP is not enabled\n", "\nTotal cdp entries displayed : 0\n", ""])
def test_no_neighbour_is_an_answer(text):
    assert cdp(text) == Found()


def test_an_answer_of_another_form_is_doubted():
    assert cdp("Something else: entirely\n").doubt == "no line 'Device ID' in the answer: 'Something else: entirely'"
    assert lldp("Something else: entirely\n").doubt == "no line 'Chassis id' in the answer: 'Something else: entirely'"


def test_link_local_and_missing_addresses_are_none():
    text = (
        "Device ID: a\nEntry address(es):\n  IPv6 address: FE80::1  (link-local)\n  IPv6 address: 2001:DB8::1  (global unicast)\n"
        "Platform: cisco X,  Capabilities: Host \nInterface: Gi1,  Port ID (outgoing port): Gi2\n"
    )

    assert cdp(text).neighbours == (Neighbour("Gi1", "a", ("2001:db8::1",), "cisco X", "Gi2", "", "cdp"),)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("core.example.org", ("core.example.org", "")),
        ("n9k-1(FDO21110AAA)", ("n9k-1", "FDO21110AAA")),
        ("SAD050000AB(old-cat)", ("old-cat", "SAD050000AB")),
        ("0011.22aa.4455", ("", "00:11:22:aa:44:55")),
        ("SEP001122AA4455", ("SEP001122AA4455", "")),
    ],
)
def test_a_device_id_holds_a_name_a_serial_or_a_mac(said, told):
    assert neighbours.device_id(said) == told


def test_four_announcements_of_one_cable_are_one_neighbour():
    told = neighbours.merged(
        (
            Neighbour("Gi1/0/1", "core-1", (), "cisco X", "Te1/1", "FDO21110AAA", "cdp", "snmp"),
            Neighbour("1", "other", ("10.9.0.9",), protocol="lldp", collected_via="snmp"),
            Neighbour("GigabitEthernet1/0/1", "core-1.example.org", ("10.9.0.1",), "X software", "Te1/1", "00:de:ad:00:00:01", "lldp", "ssh"),
            Neighbour("Gi1/0/1", "core-1", ("10.9.0.1",), protocol="cdp", collected_via="ssh"),
        )
    )  # fmt: skip

    assert told == (
        Neighbour("Gi1/0/1", "core-1.example.org", ("10.9.0.1",), "cisco X", "Te1/1", "FDO21110AAA", "cdp+lldp", "snmp+ssh"),
        Neighbour("1", "other", ("10.9.0.9",), protocol="lldp", collected_via="snmp"),
    )  # fmt: skip


def test_what_a_stranger_announces_is_one_line_of_printable_text():
    (told,) = neighbours.merged((Neighbour("Gi1", "evil\x1b[2J\r\nname", platform="x" * 999, protocol="cdp"),))

    assert (told.hostname, len(told.platform)) == ("evil[2Jname", 255)


def test_two_neighbours_behind_one_port_stay_two():
    two = (Neighbour("Gi1", "phone", protocol="cdp"), Neighbour("Gi1", "pc", protocol="lldp"))

    assert neighbours.merged(two) == two
