"""Following neighbours: the whole connected part of the lab, each device once, and nothing outside the scope."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.collect import Login, Polling
from collectors.discover.boxes import Found
from collectors.discover.crawl import NO_ADDRESS, OUTSIDE, SILENT, TOO_FAR, TOO_MANY, Crawled, Seed, Unread, crawl
from collectors.discover.look import Looking
from collectors.model import Neighbour, Target
from collectors.platforms import load
from collectors.scope import Scope
from collectors.transports import snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from tests.lab import Access, Device, Lab, Score, running_lab
from tests.lab.hostkeys import known_hosts_line
from tests.lab.links import Link
from tests.lab.profiles import isr4331
from tests.lab.units import Box

SCOPE = Scope((ipaddress.ip_network("127.71.0.0/24"),))
ACCESS = Access()
V2C = Login(snmp=snmp.Community(ACCESS.community))
PLATFORMS = load()
A, B, C, D, OTHER_B = (f"127.71.0.{number}" for number in (1, 2, 3, 4, 202))
STRAY = "127.72.0.1"


def a_router(address: str, name: str, *links: Link, **changed: object) -> Device:
    return replace(isr4331(Box(address, name), ACCESS).device, links=links, **changed)  # type: ignore[arg-type]


def a_link(local: str, name: str, address: str = "", **changed: object) -> Link:
    return Link(local, name, address, protocols=("cdp",), **changed)  # type: ignore[arg-type]


def crawled(
    lab: Lab,
    *seeds: str,
    scope: Scope = SCOPE,
    login: Login = V2C,
    depth: int = 9,
    limit: int = 99,
    known: Path = Path("none"),
) -> Crawled:
    protocols = tuple(name for name in ("snmp", "ssh") if getattr(login, name))
    polling = Polling(
        scope=scope,
        platforms=PLATFORMS,
        logins={"lab": login},
        known_hosts=KnownHosts(known),
        protocols=protocols,
        snmp_port=lab.snmp_port,
        ssh_port=lab.ssh_port,
        deadline=20.0,
        snmp_options={"timeout": 1.0, "retries": 1},
        parsers=1,
    )
    looking = Looking(
        scope=scope, platforms=PLATFORMS, protocols=protocols, credential=login.snmp, credential_name="lab",
        snmp_port=lab.snmp_port, ssh_port=lab.ssh_port, timeout=0.3,
    )  # fmt: skip
    done = Crawled()
    starts = [Seed(Target(seed, credential="lab", origin="test")) for seed in seeds]
    asyncio.run(crawl(starts, polling, looking, done, depth=depth, limit=limit, now=lambda: datetime.now(UTC)))
    return done


@pytest.fixture(scope="module")
def chain() -> Iterator[Lab]:
    """A - B - C - D and back to A; B sees a device outside the scope, one without an address and a dead one."""
    devices = (
        a_router(A, "a", a_link("Gi0/0/1", "b.example.net", B), a_link("Gi0/0/2", "d", D)),
        a_router(
            B, "b", a_link("Gi0/0/1", "a", A), a_link("Gi0/0/2", "c", C), a_link("Gi0/0/3", "stray", STRAY),
            a_link("Gi0/0/4", "nameless"), a_link("Gi0/0/5", "dead", "127.71.0.99"),
            a_link("Gi0/0/6", "far", "127.0.0.1"),
        ),
        a_router(C, "c", a_link("Gi0/0/1", "b", B), a_link("Gi0/0/2", "b", OTHER_B), a_link("Gi0/0/3", "d", D)),
        a_router(D, "d", a_link("Gi0/0/1", "c", C), a_link("Gi0/0/2", "a", A)),
        a_router(OTHER_B, "b", engine="8000000901" + ipaddress.IPv4Address(B).packed.hex()),
        a_router(STRAY, "stray", a_link("Gi0/0/1", "b", B)),
    )  # fmt: skip
    with running_lab(devices, snmp_port=0, ssh_port=0) as lab:
        yield lab


@pytest.fixture(scope="module")
def walked(chain: Lab) -> tuple[Crawled, dict[str, Score]]:
    """The crawl from A, and what the fleet counted of it."""
    done = crawled(chain, A)
    return done, chain.scores()


def test_a_crawl_finds_all_that_is_connected_and_says_whose_neighbour_it_is(walked):
    done, _ = walked

    assert {found.address: (found.hostname, found.platform, found.found_by) for found in done.found.values()} == {
        A: ("a", "cisco_ios", "listed"),
        B: ("b", "cisco_ios", f"neighbour of {A} Gi0/0/1 (cdp)"),
        C: ("c", "cisco_ios", f"neighbour of {B} Gi0/0/2 (cdp)"),
        D: ("d", "cisco_ios", f"neighbour of {A} Gi0/0/2 (cdp)"),
    }
    assert (done.hops, done.cut, done.failed) == (3, False, set())


def test_nothing_outside_the_scope_hears_a_packet_and_each_unread_neighbour_is_told(walked):
    done, scores = walked

    stray = scores[STRAY]
    assert (stray.snmp_packets, stray.connections) == (0, 0)
    assert {(one.neighbour.hostname, one.seen_by, one.reason) for one in done.unread()} == {
        ("stray", f"{B} Gi0/0/3 (cdp)", OUTSIDE),
        ("far", f"{B} Gi0/0/6 (cdp)", OUTSIDE),
        ("nameless", f"{B} Gi0/0/4 (cdp)", NO_ADDRESS),
        ("dead", f"{B} Gi0/0/5 (cdp)", SILENT),
    }


def test_the_scope_is_what_keeps_the_crawl_in(chain, serve):
    """The same crawl with the stray's network in the scope does contact it: the test above can fail."""
    lab = serve(*chain.devices.values())
    both = Scope((*SCOPE.networks, ipaddress.ip_network("127.72.0.0/24")))

    assert STRAY in crawled(lab, A, scope=both).found
    assert lab.score(STRAY).snmp_requests > 0


def test_another_address_of_a_box_is_told_by_its_engine_and_not_read_again(walked):
    done, scores = walked

    assert done.found[B].also == (OTHER_B,)
    assert scores[OTHER_B].snmp_requests == 0


def test_each_device_is_logged_in_to_once(serve, tmp_path):
    engine = "8000000901" + ipaddress.IPv4Address(B).packed.hex()
    lab = serve(
        a_router(A, "a", a_link("Gi0/0/1", "b", B), a_link("Gi0/0/2", "b", OTHER_B)),
        a_router(B, "b", a_link("Gi0/0/1", "a", A)),
        a_router(OTHER_B, "b", engine=engine),
    )
    login = Login(V2C.snmp, ssh.Login(ACCESS.ssh_user, ACCESS.ssh_password, ACCESS.enable))
    known = tmp_path / "known_hosts"
    known.write_text("".join(f"{known_hosts_line(device, lab.ssh_port)}\n" for device in lab.devices.values()))

    done = crawled(lab, A, login=login, known=known)

    assert lab.wait_sessions_closed()
    assert set(done.found) == {A, B}
    assert {address: score.logins for address, score in lab.scores().items()} == {A: 1, B: 1, OTHER_B: 0}
    assert sum(score.failed_logins for score in lab.scores().values()) == 0


def test_a_box_whose_second_address_has_an_engine_of_its_own_is_told_by_its_serial(serve):
    lab = serve(a_router(A, "a", a_link("Gi0/0/1", "a", B)), replace(a_router(A, "a"), address=B))

    done = crawled(lab, A)

    assert {found.address: found.also for found in done.found.values()} == {A: (B,)}


def test_the_crawl_stops_at_its_depth_and_names_who_is_beyond(chain, serve):
    lab = serve(*chain.devices.values())

    done = crawled(lab, A, depth=1)

    assert set(done.found) == {A, B, D}
    assert lab.score(C).snmp_packets == 0
    assert [one.neighbour.hostname for one in done.unread() if one.reason == TOO_FAR] == ["c", "dead"]


def test_the_crawl_stops_at_its_limit_and_says_so(chain):
    done = crawled(chain, A, limit=2)

    assert len(done.found) == 2
    assert done.cut
    assert {one.neighbour.hostname for one in done.unread() if one.reason == TOO_MANY} == {"c", "d", "dead"}


def test_a_neighbour_that_refuses_the_community_is_listed_with_the_reason(serve):
    closed = replace(a_router(B, "b"), access=replace(ACCESS, community="another"))
    lab = serve(a_router(A, "a", a_link("Gi0/0/1", "b", B)), closed)

    done = crawled(lab, A)

    assert done.failed == {B}
    assert done.found[B].platform == ""
    assert done.found[B].remarks[-1].startswith("unreachable: SNMP: ")


@pytest.mark.parametrize(
    ("announced", "read", "told"),
    [
        ("sw1.example.net", "sw1.example.net", []),
        ("sw1", "sw1.example.net", []),
        ("SW1.example.net", "sw1", []),
        ("sw1.north.example.net", "sw1.south.example.net", ["sw1.north.example.net"]),
        ("Switch", "Switch", ["Switch"]),
        ("", "sw1", [""]),
    ],
)
def test_an_unread_neighbour_is_hidden_by_its_own_name_only(announced: str, read: str, told: list[str]) -> None:
    crawled = Crawled(found={"10.0.0.1": Found("10.0.0.1", hostname=read)})
    crawled.announced[(announced,)] = Unread(Neighbour("", hostname=announced), "10.0.0.1 Gi0/1 (cdp)", OUTSIDE)
    assert [one.neighbour.hostname for one in crawled.unread()] == told
