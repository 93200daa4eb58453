# ruff: noqa: E501  # the sentences compared stand whole, one to a line
"""Ranges: what a person may write, each address once, and what is refused before a packet leaves."""

from __future__ import annotations

import ipaddress

import pytest

from collectors.discover.ranges import outside, ranges, read_range, too_large
from collectors.scope import LISTED, Scope


def of(*texts: str):
    return ranges(network for text in texts for network in read_range(text))


def scope(*texts: str) -> Scope:
    return Scope(tuple(ipaddress.ip_network(text) for text in texts))


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("192.0.2.8/30", ["192.0.2.8", "192.0.2.9", "192.0.2.10", "192.0.2.11"]),
        ("192.0.2.7", ["192.0.2.7"]),
        ("192.0.2.254-192.0.3.1", ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]),
        ("2001:db8::fe/127", ["2001:db8::fe", "2001:db8::ff"]),
    ],
)
def test_a_range_is_its_addresses(text, addresses):
    assert list(of(text)) == addresses


def test_overlapping_ranges_hold_each_address_once():
    assert list(of("192.0.2.0/30", "192.0.2.2/31", "192.0.2.3-192.0.2.4")) == [f"192.0.2.{n}" for n in range(5)]


def test_each_address_has_its_place_and_a_stranger_has_none():
    places = of("2001:db8::/126", "192.0.2.0/31", "198.51.100.0/30")

    assert [places.place(address) for address in places] == list(range(len(places)))
    assert [places.place(address) for address in ("192.0.2.2", "198.51.99.255", "2001:db8::4", "::1", "x")] == [
        None
    ] * 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10.20.0.5/16", "'10.20.0.5/16' is no range; its host bits are set; write 10.20.0.0/16"),
        ("10.20.0.9-10.20.0.1", "'10.20.0.9-10.20.0.1' is no range; write one such as 10.20.0.0/16, 10.20.0.1-10.20.0.99 or 10.20.0.1"),
        ("0177.0.0.1", "'0177.0.0.1' is no range; write one such as 10.20.0.0/16, 10.20.0.1-10.20.0.99 or 10.20.0.1"),
        ("10.20.0.1-2001:db8::1", "'10.20.0.1-2001:db8::1' is no range; write one such as 10.20.0.0/16, 10.20.0.1-10.20.0.99 or 10.20.0.1"),
    ],
)  # fmt: skip
def test_what_is_no_range_is_refused_with_the_cure(text, sentence):
    with pytest.raises(ValueError) as caught:
        read_range(text)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "bounds", "stray"),
    [
        ("10.20.0.0/16", ("10.20.0.0/16",), None),
        ("10.20.0.0/16", ("10.20.0.0/17", "10.20.128.0/17"), None),
        ("10.20.0.0/15", ("10.20.0.0/16",), "10.20.0.0/15"),
        ("10.21.0.1", ("10.20.0.0/16",), "10.21.0.1/32"),
        ("127.0.0.1", ("0.0.0.0/0",), "127.0.0.1/32"),
        ("127.0.0.1", ("127.0.0.0/24",), None),
        ("224.0.0.0/24", ("0.0.0.0/0",), "224.0.0.0/24"),
        ("2001:db8::/120", ("10.0.0.0/8",), "2001:db8::/120"),
    ],
)
def test_a_range_must_lie_in_the_scope_as_a_whole(text, bounds, stray):
    found = outside(of(text).networks, scope(*bounds))

    assert (str(found) if found else None) == stray


def test_without_a_scope_everything_but_special_addresses_is_inside():
    assert outside(of("10.20.0.0/16").networks, LISTED) is None
    assert str(outside(of("169.254.0.0/24").networks, LISTED)) == "169.254.0.0/24"


def test_more_than_a_fifteen_needs_a_persons_word():
    assert too_large(of("10.0.0.0/8"), large=False).startswith("the ranges hold 16,777,216 addresses, more than a /15")
    assert too_large(of("10.0.0.0/8"), large=True) == ""
    assert too_large(of("10.0.0.0/15"), large=False) == ""
    assert too_large(of("10.0.0.0/15", "10.9.0.1"), large=False)


def test_an_ipv6_range_beyond_a_112_is_pointless_whatever_a_person_says():
    assert too_large(of("2001:db8::/111"), large=True).startswith("2001:db8::/111 is too large to sweep")
    assert too_large(of("2001:db8::/112"), large=False) == ""
