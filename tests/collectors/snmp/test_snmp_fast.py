"""The engine against agents that answer late, twice, from elsewhere, wrongly or never."""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from collectors.errors import AuthFailed, CollectError, Malformed, Refused, TimedOut, Unreachable
from collectors.transports.snmp import Community, Credential, Engine, Kind, Peer, Request, User, open_engine
from collectors.transports.snmp.ber import INTEGER
from collectors.transports.snmp.fast import Dropped, FastEngine
from collectors.transports.snmp.wire import canonical
from tests.collectors.snmp.scripted import answer, asked, listening, same
from tests.lab import Access, Device, Faults, running_lab
from tests.lab import ber as lab_ber

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
GET = Request(Kind.GET, (UPTIME,))
PUBLIC = Community("public")


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def values(response: Any) -> list[Any]:
    return [value for _, _, value in response.varbinds]


async def outcome(engine: Engine, peer: Peer, request: Request = GET) -> Any:
    """The values of the answer, or the class of the error."""
    try:
        return values(await engine.ask(peer, request))
    except CollectError as error:
        return type(error)


def test_a_late_answer_to_the_first_try_counts() -> None:
    seen: list[bytes] = []

    def react(data: bytes) -> list[bytes]:
        seen.append(data)
        return [same(asked(seen[0]), 1)] if len(seen) == 2 else []

    async def work() -> Any:
        async with FastEngine(timeout=0.05, retries=3) as engine, listening(react) as port:
            return await outcome(engine, Peer("127.0.0.1", port, PUBLIC))

    assert run(work()) == [1]
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_the_answer_to_an_earlier_request_is_not_taken_for_this_one() -> None:
    earlier: list[bytes] = []

    def react(data: bytes) -> list[bytes]:
        request = asked(data)
        replies = [*earlier, same(request, len(earlier))]
        earlier.append(same(request, 99))
        return replies

    async def work() -> Any:
        async with FastEngine(timeout=1) as engine, listening(react) as port:
            peer = Peer("127.0.0.1", port, PUBLIC)
            return [await outcome(engine, peer) for _ in range(3)], engine.dropped

    assert run(work()) == ([[0], [1], [2]], Dropped(late=3))


def test_an_answer_that_comes_twice_counts_once() -> None:
    async def work() -> Any:
        async with (
            FastEngine(timeout=1) as engine,
            listening(lambda data: [same(asked(data))] * 2) as port,
        ):
            peer = Peer("127.0.0.1", port, PUBLIC)
            found = [await outcome(engine, peer) for _ in range(2)]
            return found, engine.dropped.late >= 1

    assert run(work()) == ([[7], [7]], True)


@pytest.mark.parametrize("other", ["another address", "another port"])
def test_an_answer_from_elsewhere_is_dropped(other: str) -> None:
    caller: list[Any] = []

    async def work() -> Any:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.77" if other == "another address" else "127.0.0.1", 0))

            def react(data: bytes) -> list[bytes]:
                stranger.sendto(same(asked(data), 666), ("127.0.0.1", caller[0]))
                return []

            async with FastEngine(timeout=0.1, retries=0) as engine, listening(react) as port:
                caller.append(engine._wire._sockets[socket.AF_INET].getsockname()[1])
                return await outcome(engine, Peer("127.0.0.1", port, PUBLIC)), engine.dropped

    assert run(work()) == (Unreachable, Dropped(foreign=1))


def test_many_devices_on_one_socket_get_each_its_own_answer() -> None:
    async def work() -> Any:
        async with FastEngine(timeout=5) as engine, AsyncExitStack() as agents:
            asks = []
            for number in range(1, 41):
                react = partial(_numbered, number)
                port = await agents.enter_async_context(listening(react, f"127.0.0.{number}"))
                asks.append(outcome(engine, Peer(f"127.0.0.{number}", port, PUBLIC)))
            return await asyncio.gather(*asks)

    assert run(work()) == [[number] for number in range(1, 41)]


def _numbered(number: int, data: bytes) -> list[bytes]:
    return [same(asked(data), number)]


def test_silence_is_unreachable_at_first_and_a_time_out_later() -> None:
    answers = 1

    def react(data: bytes) -> list[bytes]:
        nonlocal answers
        answers -= 1
        return [same(asked(data))] if answers >= 0 else []

    async def work() -> Any:
        async with (
            FastEngine(timeout=0.05, retries=0) as engine,
            listening(react) as port,
            listening(lambda _: []) as silent,
        ):
            peer = Peer("127.0.0.1", port, PUBLIC)
            first, second = await outcome(engine, peer), await outcome(engine, peer)
            return first, second, await outcome(engine, Peer("127.0.0.1", silent, PUBLIC))

    assert run(work()) == ([7], TimedOut, Unreachable)


def test_a_closed_port_is_refused_at_once_and_only_for_its_own_device() -> None:
    async def work() -> Any:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.9", 0))
            gone = closed.getsockname()[1]
        async with (
            FastEngine(timeout=30, retries=0) as engine,
            listening(lambda data: [same(asked(data))]) as port,
        ):
            return await asyncio.gather(
                outcome(engine, Peer("127.0.0.9", gone, PUBLIC)),
                *(outcome(engine, Peer("127.0.0.1", port, PUBLIC)) for _ in range(5)),
            )

    assert run(work()) == [Refused] + [[7]] * 5


@pytest.mark.parametrize("address", ["switch.example", "127.1", "10.0.0.256", "fe80::g"])
def test_a_name_is_not_resolved(address: str) -> None:
    async def work() -> Any:
        async with FastEngine() as engine:
            return await outcome(engine, Peer(address, 161, PUBLIC))

    assert run(work()) is Unreachable


def test_addresses_are_compared_as_the_kernel_writes_them() -> None:
    assert canonical("2001:DB8:0:0::1") == "2001:db8::1"
    assert canonical("fe80:0::1%eth0") == "fe80::1%eth0"


def test_ipv6_is_asked_over_its_own_socket() -> None:
    async def work() -> Any:
        try:
            async with (
                FastEngine(timeout=1) as engine,
                listening(lambda data: [same(asked(data))], "::1") as port,
            ):
                return await outcome(engine, Peer("0:0::1", port, PUBLIC))
        except OSError:
            pytest.skip("this host has no IPv6 loopback")

    assert run(work()) == [7]


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(lambda request: b"\x00junk", id="junk"),
        pytest.param(lambda request: same(request)[:-1], id="cut"),
        pytest.param(lambda request: answer(request, [], community=b"other"), id="another community"),
    ],
)
def test_rubbish_is_malformed_and_not_a_time_out(packet: Any) -> None:
    async def work() -> Any:
        async with (
            FastEngine(timeout=0.05, retries=1) as engine,
            listening(lambda data: [packet(asked(data))]) as port,
        ):
            return await outcome(engine, Peer("127.0.0.1", port, PUBLIC))

    assert run(work()) is Malformed


def test_rubbish_before_the_answer_does_no_harm() -> None:
    async def work() -> Any:
        async with (
            FastEngine(timeout=1) as engine,
            listening(lambda data: [b"\x00junk", same(asked(data))]) as port,
        ):
            return await outcome(engine, Peer("127.0.0.1", port, PUBLIC)), engine.dropped

    assert run(work()) == ([7], Dropped(malformed=1))


def test_an_error_status_is_an_answer() -> None:
    async def work() -> Any:
        async with (
            FastEngine(timeout=1) as engine,
            listening(lambda data: [answer(asked(data), [], status=5, index=1)]) as port,
        ):
            response = await engine.ask(Peer("127.0.0.1", port, PUBLIC), GET)
            return response.error_status, response.error_index, response.varbinds

    assert run(work()) == (5, 1, [])


def test_the_rate_holds_for_all_peers_together() -> None:
    async def work() -> Any:
        loop = asyncio.get_running_loop()
        async with (
            FastEngine(timeout=5, rate=100) as engine,
            listening(lambda data: [same(asked(data))]) as port,
        ):
            start = loop.time()
            await asyncio.gather(*(outcome(engine, Peer("127.0.0.1", port, PUBLIC)) for _ in range(11)))
            return loop.time() - start

    assert run(work()) >= 0.099  # ten gaps of 10 ms: a floor, however slow the machine is


def test_closing_ends_what_is_still_asked() -> None:
    async def work() -> Any:
        async with listening(lambda _: []) as port:
            async with FastEngine(timeout=60) as engine:
                task = asyncio.create_task(outcome(engine, Peer("127.0.0.1", port, PUBLIC)))
                await asyncio.sleep(0)
            return (await asyncio.gather(task, return_exceptions=True))[0]

    assert isinstance(run(work()), asyncio.CancelledError)


# SNMPv3, against the lab's agent

MIB = {UPTIME: lab_ber.integer(1, lab_ber.TIME_TICKS), NAME: lab_ber.octets("sw1")}
AUDIT = User("audit", "sha1", "lab-auth-secret", "aes128", "lab-priv-secret")
ASK_NAME = Request(Kind.GET, (NAME,))


def asking(device: Device, *users: Credential, timeout: float = 1.0, name: str = "fast") -> Any:
    """What each user gets from the lab's device, one after the other, and the device's score."""

    async def work(port: int) -> Any:
        async with open_engine(name, timeout=timeout, retries=0) as engine:  # type: ignore[arg-type]
            return [await outcome(engine, Peer(device.address, port, user), ASK_NAME) for user in users]

    with running_lab([device], snmp_port=0, ssh_port=0) as lab:
        return run(work(lab.snmp_port)), lab.score(device.address)


@pytest.mark.parametrize("auth", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("priv", ["", "des", "aes128", "aes256"])
def test_a_v3_user_reads(auth: str, priv: str) -> None:
    access = Access(auth=auth, priv=priv)
    user = User("audit", auth, access.auth_key, priv, access.priv_key if priv else "")

    found, _ = asking(Device("127.0.0.1", mib=MIB, access=access), user)

    assert found == [[b"sw1"]]


def test_a_v3_user_without_authentication_reads() -> None:
    found, _ = asking(Device("127.0.0.1", mib=MIB, access=Access(auth="", priv="")), User("audit"))
    assert found == [[b"sw1"]]


def test_an_engine_is_discovered_once_and_its_clock_set_once() -> None:
    found, score = asking(Device("127.0.0.1", mib=MIB), AUDIT, AUDIT, AUDIT)

    assert found == [[b"sw1"]] * 3
    assert score.snmp_packets == 1 + 1 + 3


@pytest.mark.parametrize("name", ["fast", "pysnmp"])
@pytest.mark.parametrize(
    "user",
    [
        pytest.param(User("nobody", "sha1", "lab-auth-secret", "aes128", "lab-priv-secret"), id="user"),
        pytest.param(User("audit", "sha1", "wrong-secret", "aes128", "lab-priv-secret"), id="auth key"),
        pytest.param(User("audit", "sha256", "lab-auth-secret", "aes128", "lab-priv-secret"), id="auth"),
    ],
)
def test_a_wrong_v3_credential_is_refused_after_one_try(user: User, name: str) -> None:
    found, score = asking(Device("127.0.0.1", mib=MIB), user, name=name)

    assert found == [AuthFailed]
    assert (score.snmp_refused, score.snmp_requests) == (1, 0)


def test_a_wrong_privacy_key_is_refused() -> None:
    wrong = User("audit", "sha1", "lab-auth-secret", "aes128", "wrong-secret")
    assert asking(Device("127.0.0.1", mib=MIB), wrong)[0] == [AuthFailed]


@pytest.mark.parametrize("name", ["fast", "pysnmp"])
def test_a_wrong_community_is_silence(name: str) -> None:
    found, score = asking(Device("127.0.0.1", mib=MIB), Community("guess"), timeout=0.2, name=name)

    assert found == [Unreachable]
    assert score.snmp_refused == 1


def test_a_restarted_agent_is_followed_with_one_correction() -> None:
    device = Device("127.0.0.1", mib=MIB, faults=Faults(reboot_after=2))

    found, score = asking(device, AUDIT, AUDIT, AUDIT, AUDIT)

    assert found == [[b"sw1"]] * 4
    # Discovery, first clock, four answers. The third leaves with the new boots counter, or is asked again.
    assert score.snmp_packets <= 1 + 1 + 4 + 2


def test_an_agent_that_changed_its_engine_id_is_discovered_again() -> None:
    old = Device("127.0.0.1", mib=MIB)

    class Exchanged(Device):
        engine_id = b"\x80\x00\x00\x09\x01\x7f\x00\x00\xff"  # type: ignore[assignment]

    async def work(lab: Any) -> Any:
        async with FastEngine(timeout=1, retries=0) as engine:
            peer = Peer(old.address, lab.snmp_port, AUDIT)
            before = await outcome(engine, peer, ASK_NAME)
            await asyncio.to_thread(lab.replace, Exchanged("127.0.0.1", mib=MIB))
            return before, await outcome(engine, peer, ASK_NAME)

    with running_lab([old], snmp_port=0, ssh_port=0) as lab:
        assert run(work(lab)) == ([b"sw1"], [b"sw1"])


def test_a_request_from_the_list_of_kinds_is_all_an_agent_ever_sees() -> None:
    _, score = asking(Device("127.0.0.1", mib=MIB), AUDIT, Community("lab-readonly"))
    assert (score.snmp_sets, score.snmp_requests) == (0, 2)


def test_a_number_keeps_its_tag() -> None:
    async def work() -> Any:
        async with (
            FastEngine(timeout=1) as engine,
            listening(lambda data: [answer(asked(data), [(UPTIME, INTEGER, -3)])]) as port,
        ):
            return (await engine.ask(Peer("127.0.0.1", port, PUBLIC), GET)).varbinds

    assert run(work()) == [(UPTIME, INTEGER, -3)]
