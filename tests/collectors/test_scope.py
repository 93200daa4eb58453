"""Nothing outside the scope is contacted, however the address is written."""

import asyncio
from ipaddress import ip_network

import pytest

from collectors.errors import Unreachable
from collectors.scope import LISTED, Scope, plain, resolve


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        (["10.20.0.0/16"], "10.20.255.255", True),
        (["10.20.0.0/16"], "10.21.0.0", False),
        (["10.20.0.5"], "10.20.0.5", True),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "10.20.0.5", False),
        (["10.20.0.0/16"], "::ffff:10.20.0.1", True),
        (["10.20.0.0/16"], "::ffff:10.21.0.1", False),
        (["::/0"], "::ffff:10.20.0.1", False),
        (["0.0.0.0/0"], "127.0.0.1", False),
        (["0.0.0.0/0"], "169.254.1.1", False),
        (["0.0.0.0/0"], "224.0.0.1", False),
        (["0.0.0.0/0"], "0.0.0.0", False),
        (["::/0"], "::1", False),
        (["127.0.0.0/8"], "127.3.2.1", True),
        (["169.254.0.0/16"], "169.254.1.1", True),
        ([], "10.0.0.1", False),
    ],
)
def test_an_address_is_allowed_only_inside_a_network_that_names_its_range(networks, address, allowed):
    assert Scope(tuple(map(ip_network, networks))).allows(address) is allowed


def test_without_a_scope_the_target_list_is_it_but_loopback_stays_out():
    assert [LISTED.allows(a) for a in ("10.1.2.3", "2001:db8::1", "127.0.0.1", "::1")] == [True, True, False, False]


def test_a_mapped_ipv4_address_is_the_ipv4_address():
    assert str(plain("::ffff:10.1.2.3")) == "10.1.2.3"


@pytest.mark.parametrize("disguise", ["0177.0.0.1", "2130706433", "0x7f.1"])
def test_an_octal_or_decimal_address_is_resolved_to_what_it_means_before_the_scope_sees_it(disguise):
    with pytest.raises(ValueError, match="does not appear"):
        plain(disguise)
    assert asyncio.run(resolve(disguise)) == "127.0.0.1"


def test_a_name_that_does_not_resolve_is_unreachable_and_says_so():
    with pytest.raises(Unreachable, match=r"^no-such-host\.invalid does not resolve: "):
        asyncio.run(resolve("no-such-host.invalid"))
