# ruff: noqa: E501 - values and lines of device output read better whole
"""CISCO-CDP-MIB and LLDP-MIB as neighbours."""

from collectors.model import Neighbour, State
from collectors.oids import Walk, oid
from collectors.readers import READERS

CDP = oid("1.3.6.1.4.1.9.9.23.1.2.1.1")
LLDP = oid("1.0.8802.1.1.2.1")


def walk(reader, cells, state=State.COMPLETE):
    columns = {column: {} for column in READERS[reader].columns}
    for column, rows in cells.items():
        columns[column] = rows
    return Walk(state, columns=columns)


def test_a_row_of_cdp_without_an_address_or_a_port_name_still_names_its_neighbour():
    told = READERS["cdp"].read(walk("cdp", {(*CDP, 6): {(10, 1): b"sw2"}, (*CDP, 8): {(10, 1): b"cisco X"}}))

    assert (told.state, told.neighbours) == (
        State.COMPLETE,
        (Neighbour("10", "sw2", platform="cisco X", protocol="cdp"),),
    )


def test_a_management_address_of_cdp_goes_before_that_of_the_cable():
    cells = {
        (*CDP, 3): {(10, 1): 1},
        (*CDP, 4): {(10, 1): bytes((10, 1, 1, 1))},
        (*CDP, 6): {(10, 1): b"sw2.example.org"},
        (*CDP, 17): {(10, 1): b"sw2"},
        (*CDP, 19): {(10, 1): 1},
        (*CDP, 20): {(10, 1): bytes((10, 2, 2, 2))},
    }

    (told,) = READERS["cdp"].read(walk("cdp", cells)).neighbours

    assert (told.hostname, told.addresses) == ("sw2", ("10.2.2.2", "10.1.1.1"))


def test_a_row_of_cdp_that_names_nobody_leaves_the_section_partial():
    told = READERS["cdp"].read(walk("cdp", {(*CDP, 3): {(10, 1): 1}}))

    assert (told.state, told.reason, told.neighbours) == (State.PARTIAL, "1 CDP rows name no neighbour", ())


def test_lldp_takes_its_address_from_the_index_with_or_without_its_length():
    rows = {(0, 3, 1): b"a", (0, 4, 2): b"b"}
    cells = {
        (*LLDP, 3, 7, 1, 3): {(3,): b"Gi0/3", (4,): b"Gi0/4"},
        (*LLDP, 4, 1, 1, 4): dict.fromkeys(rows, 7),
        (*LLDP, 4, 1, 1, 5): rows,
        (*LLDP, 4, 2, 1, 3): {(0, 3, 1, 1, 4, 10, 1, 1, 3): 2, (0, 4, 2, 1, 10, 1, 1, 4): 2, (0, 4, 2, 6, 6, 0, 1, 2, 3, 4, 5): 2},
    }  # fmt: skip

    told = READERS["lldp"].read(walk("lldp", cells)).neighbours

    assert told == (
        Neighbour("Gi0/3", "", ("10.1.1.3",), chassis_id="a", protocol="lldp"),
        Neighbour("Gi0/4", "", ("10.1.1.4",), chassis_id="b", protocol="lldp"),
    )


def test_a_mac_address_is_no_port_name():
    index = (0, 436207616, 0)
    cells = {
        (*LLDP, 3, 7, 1, 2): {(436207616,): 3},
        (*LLDP, 3, 7, 1, 3): {(436207616,): b"\x00\x01\x02\x03\x04\x05"},
        (*LLDP, 3, 7, 1, 4): {(436207616,): b"Ethernet1/1"},
        (*LLDP, 4, 1, 1, 4): {index: 4},
        (*LLDP, 4, 1, 1, 5): {index: b"\x8c\x60\x4f\x00\x00\x01"},
        (*LLDP, 4, 1, 1, 6): {index: 3},
        (*LLDP, 4, 1, 1, 7): {index: b"\x8c\x60\x4f\x00\x00\x09"},
        (*LLDP, 4, 1, 1, 8): {index: b"mgmt0"},
        (*LLDP, 4, 1, 1, 9): {index: b"dc-2"},
    }

    (told,) = READERS["lldp"].read(walk("lldp", cells)).neighbours

    assert told == Neighbour("Ethernet1/1", "dc-2", (), "", "mgmt0", "8c:60:4f:00:00:01", "lldp")


def test_a_walk_that_was_cut_is_not_complete():
    told = READERS["cdp"].read(walk("cdp", {(*CDP, 6): {(10, 1): b"sw2"}}, State.PARTIAL))

    assert told.state is State.PARTIAL
