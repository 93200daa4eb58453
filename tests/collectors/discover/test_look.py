"""A sweep over real sockets: who is found, what it costs them, and that nobody is logged in to."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from collectors.discover.boxes import Found
from collectors.discover.look import Finds, Looking, look
from collectors.discover.ranges import ranges, read_range
from collectors.platforms import load
from collectors.scope import Scope
from collectors.transports import snmp
from tests.lab import Access, Device, Lab
from tests.lab.profiles import c2960, dcp_2, isr4331
from tests.lab.quiet import quiet_network
from tests.lab.units import Box

NET = "127.73.0.0/28"
ACCESS = Access()
USER = snmp.User(ACCESS.v3_user, ACCESS.auth, ACCESS.auth_key, ACCESS.priv, ACCESS.priv_key)
COMMUNITY = snmp.Community(ACCESS.community)
PLATFORMS = load()
ROUTER, OPTICAL, OLD = "127.73.0.1", "127.73.0.2", "127.73.0.3"


def scope(*texts: str) -> Scope:
    return Scope(tuple(ipaddress.ip_network(text) for text in texts))


def looked(*texts: str, snmp_port: int, ssh_port: int = 1, **changed: object) -> Finds:
    values: dict[str, object] = {
        "scope": scope("127.73.0.0/16"), "platforms": PLATFORMS, "credential": USER, "credential_name": "lab",
        "timeout": 0.3, "snmp_port": snmp_port, "ssh_port": ssh_port,
    }  # fmt: skip
    how = Looking(**{**values, **changed})  # type: ignore[arg-type]
    finds = Finds()
    asyncio.run(look(ranges(network for text in texts for network in read_range(text)), how, finds))
    return finds


def told(finds: Finds) -> dict[str, tuple[str, str, str]]:
    return {found.address: (found.found_by, found.hostname, found.platform) for found in finds.boxes()}


def a_router(address: str = ROUTER, **changed: object) -> Device:
    return replace(isr4331(Box(address, "r1"), ACCESS).device, **changed)  # type: ignore[arg-type]


@pytest.fixture
def fleet(serve) -> Lab:
    optical = replace(dcp_2(Box(OPTICAL, "dcp"), ACCESS).device, cli=None)
    return serve(a_router(), optical, replace(c2960(Box(OLD, "old"), ACCESS).device, mib={}))


def test_snmp_and_ssh_speakers_are_found_and_named_without_a_login(fleet):
    finds = looked(NET, snmp_port=fleet.snmp_port, ssh_port=fleet.ssh_port)

    assert told(finds) == {
        ROUTER: ("snmp+ssh", "r1", "cisco_ios"),
        OPTICAL: ("snmp", "dcp", "smartoptics_dcp"),
        OLD: ("ssh", "", ""),
    }
    assert {a: (s.logins, s.failed_logins, s.snmp_refused, s.snmp_sets) for a, s in fleet.scores().items()} == {
        ROUTER: (0, 0, 0, 0), OPTICAL: (0, 0, 0, 0), OLD: (0, 0, 0, 0),
    }  # fmt: skip


def test_an_ssh_server_tells_its_greeting_and_its_key(fleet):
    finds = looked(NET, snmp_port=fleet.snmp_port, ssh_port=fleet.ssh_port)

    banner, key = finds.by_address[ROUTER].remarks
    assert banner.startswith("SSH-2.0-AsyncSSH")
    assert key == finds.by_address[ROUTER].host_key
    assert key.startswith("ssh-ed25519 SHA256:")
    # the old switch's algorithms stay off until a person allows them
    assert finds.by_address[OLD].host_key == ""
    assert "legacy_ssh = yes" in finds.by_address[OLD].remarks[-1]


def test_without_a_credential_devices_are_found_and_left_unnamed(fleet):
    finds = looked(NET, snmp_port=fleet.snmp_port, credential=None, credential_name="", protocols=("snmp",))

    assert told(finds) == {ROUTER: ("snmp", "", ""), OPTICAL: ("snmp", "", "")}
    assert sum(score.snmp_requests for score in fleet.scores().values()) == 0


def test_a_wrong_v3_key_is_tried_once_a_box(serve):
    engine = "8000000901" + ipaddress.IPv4Address(ROUTER).packed.hex()
    lab = serve(a_router(), a_router(OPTICAL, engine=engine))
    wrong = replace(USER, auth_key="not-the-right-key")

    finds = looked(NET, snmp_port=lab.snmp_port, credential=wrong, protocols=("snmp",))

    assert sum(score.snmp_refused for score in lab.scores().values()) == 1
    (box,) = finds.boxes()
    assert (box.address, box.also) == (ROUTER, (OPTICAL,))
    assert box.remarks == ("not identified over SNMP with the credential lab: wrong auth key or algorithm",)


def test_a_wrong_community_is_sent_once_an_address(serve):
    with_another = replace(ACCESS, community="another")
    lab = serve(a_router(access=with_another))

    finds = looked(NET, snmp_port=lab.snmp_port, credential=COMMUNITY, protocols=("snmp",))

    assert lab.score(ROUTER).snmp_refused == 1
    assert told(finds) == {ROUTER: ("snmp", "", "")}


def test_an_agent_of_version_2c_alone_is_found_by_the_community(serve):
    with quiet_v2c_only() as port:
        finds = looked(NET, snmp_port=port, credential=COMMUNITY, protocols=("snmp",))

    assert told(finds) == {ROUTER: ("snmp", "q-127-73-0-1", "cisco_ios")}


def test_no_community_leaves_with_a_v3_credential(serve):
    with quiet_v2c_only() as port:
        finds = looked(NET, snmp_port=port, protocols=("snmp",))

    assert finds.by_address == {}


def test_an_address_outside_the_scope_hears_nothing(fleet):
    finds = looked(NET, snmp_port=fleet.snmp_port, ssh_port=fleet.ssh_port, scope=scope(f"{OPTICAL}/32"))

    assert set(finds.by_address) == {OPTICAL}
    assert {a: (s.snmp_packets, s.connections) for a, s in fleet.scores().items() if a != OPTICAL} == {
        ROUTER: (0, 0), OLD: (0, 0),
    }  # fmt: skip
    assert (finds.snmp.refused, finds.ssh.refused) == (15, 15)


def test_a_closed_port_is_told_from_silence_and_not_asked_again():
    finds = looked(NET, snmp_port=free_udp_port(), protocols=("snmp",))

    assert (finds.snmp.packets, finds.snmp.closed, finds.by_address) == (16, 16, {})


def test_a_forged_answer_from_an_address_that_was_not_asked_is_not_taken():
    with answering("127.73.1.1", "127.73.0.4") as (port, asked):
        finds = looked("127.73.0.4", snmp_port=port, protocols=("snmp",))

    assert asked == [1, 1]
    assert (finds.by_address, finds.snmp.foreign) == ({}, 2)


def test_an_answer_from_another_port_is_not_taken():
    with answering("127.73.0.4", "127.73.0.4", other_port=True) as (port, asked):
        finds = looked("127.73.0.4", snmp_port=port, protocols=("snmp",))

    assert asked == [1, 1]
    assert (finds.by_address, finds.snmp.foreign) == ({}, 2)


def test_rubbish_is_no_device():
    with answering("127.73.0.4", "127.73.0.4", b"\x30\x84\xff\xff\xff\xff") as (port, _):
        assert looked("127.73.0.4", snmp_port=port, protocols=("snmp",)).by_address == {}


def test_a_port_that_greets_with_something_else_is_no_ssh_server():
    with talking(b"220 mail ready\r\n") as port:
        finds = looked("127.73.0.5", snmp_port=1, ssh_port=port, protocols=("ssh",))

    assert (finds.ssh.open, finds.by_address) == (1, {})


def test_a_greeting_that_steers_terminals_is_made_plain_and_a_broken_server_costs_its_key_only():
    with talking(b"hello\r\nSSH-2.0-evil\x1b[31m\x07\r\n") as port:
        finds = looked("127.73.0.5", snmp_port=1, ssh_port=port, protocols=("ssh",))

    banner, key = finds.by_address["127.73.0.5"].remarks
    assert banner == "SSH-2.0-evil[31m"
    assert key.startswith("no host key: ")


def test_several_addresses_of_one_box_are_asked_once(serve):
    engine = "8000000901" + ipaddress.IPv4Address(ROUTER).packed.hex()
    lab = serve(a_router(), a_router(OPTICAL, engine=engine), a_router(OLD, engine=engine))

    finds = looked(NET, snmp_port=lab.snmp_port, protocols=("snmp",))

    assert [(box.address, box.also, box.hostname) for box in finds.boxes()] == [(ROUTER, (OPTICAL, OLD), "r1")]
    assert [lab.score(address).snmp_requests for address in (ROUTER, OPTICAL, OLD)] == [1, 0, 0]


# Twenty-seven seconds at the rate a person would choose; the short form sweeps the same /16 faster.
RATE = 5000.0 if os.environ.get("NETCOVER_SOAK") else 20_000.0


def test_a_sixteen_with_five_hundred_agents_is_swept_and_listed():
    with quiet_network() as net:
        finds = looked(
            str(net.network),
            snmp_port=net.port,
            scope=scope("127.20.0.0/16"),
            rate=RATE,
            protocols=("snmp",),
            timeout=1.0,
        )

    assert {box.address: box.platform for box in finds.boxes()} == dict.fromkeys(net.devices, "cisco_ios")
    assert finds.snmp.addresses == len(net.packets) == 65_536
    assert finds.snmp.packets >= 2 * (65_536 - 500)
    assert net.outside.total() == 0
    # discovery twice; to an agent besides the reading of who it is: its own discovery, clock and question
    assert max(net.packets[place] for place, one in enumerate(net.network) if str(one) not in net.devices) == 2
    assert max(net.packets) <= 8
    assert sum(score.snmp_refused for score in net.scores.values()) == 0


@contextmanager
def quiet_v2c_only() -> Iterator[int]:
    """One agent that knows no SNMPv3: it takes no packet that is not of version 2c."""
    from tests.lab.agent import Agent
    from tests.lab.device import Score
    from tests.lab.quiet import quiet_device

    agent = Agent(quiet_device(ROUTER, ACCESS), Score(), lambda: 0.0)
    with answering(ROUTER, ROUTER, lambda data: [r.packet for r in agent.answer(data)] if data[4] == 1 else []) as (
        port,
        _,
    ):
        yield port


@contextmanager
def answering(
    source: str, bound: str, reply: object = b"", *, other_port: bool = False
) -> Iterator[tuple[int, list[int]]]:
    """A UDP service at *bound* that answers from *source*, with the right engine report where no reply is given."""
    asked: list[int] = []
    with socket.socket(type=socket.SOCK_DGRAM) as inside, socket.socket(type=socket.SOCK_DGRAM) as speaker:
        inside.bind((bound, 0))
        port = inside.getsockname()[1]
        out = inside
        if other_port or source != bound:
            speaker.bind((source, 0 if other_port else port))
            out = speaker
        inside.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            from tests.lab.agent import Agent
            from tests.lab.device import Score
            from tests.lab.quiet import quiet_device

            agent = Agent(quiet_device(bound, ACCESS), Score(), lambda: 0.0)
            while not over.is_set():
                try:
                    data, peer = inside.recvfrom(4096)
                except TimeoutError:
                    continue
                asked.append(1)
                answers = (
                    reply(data) if callable(reply) else [reply] if reply else [r.packet for r in agent.answer(data)]
                )
                for answer in answers:
                    out.sendto(answer, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port, asked
        finally:
            over.set()
            thread.join()


@contextmanager
def talking(words: bytes) -> Iterator[int]:
    """A TCP server at 127.73.0.5 that says *words* to everyone and hangs up."""
    with socket.create_server(("127.73.0.5", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    visitor, _ = listener.accept()
                except TimeoutError:
                    continue
                with visitor:
                    visitor.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.bind(("127.73.0.1", 0))
        return int(one.getsockname()[1])


def test_what_an_address_told_by_both_protocols_is_one_entry():
    finds = Finds()
    finds.take(Found("10.0.0.1", ("ssh",), "ssh", remarks=("SSH-2.0-x",)))
    finds.take(Found("10.0.0.1", ("snmp",), "snmp", "sw1", "cisco_ios"))

    assert finds.boxes() == [
        Found("10.0.0.1", ("snmp", "ssh"), "snmp+ssh", "sw1", "cisco_ios", remarks=("SSH-2.0-x",)),
    ]
