# ruff: noqa: E501 - a command line reads better whole
"""The lab's agent, judged by net-snmp and pysnmp, and each of its faults by the octets on the wire."""

from __future__ import annotations

import asyncio
import bz2
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pysnmp.hlapi.v3arch.asyncio import (  # type: ignore[import-untyped]  # it ships no types
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
    usmAesCfb128Protocol,
    usmHMAC192SHA256AuthProtocol,
)

from tests.lab import Access, Device, Faults, Lab, ber, snmprec, snmprec_device, snmprec_text
from tests.lab.agent import GET, GETBULK, GETNEXT, SET
from tests.lab.faults import ENT_PHYSICAL_ENTRY as ENTRY

Serve = Callable[..., Lab]
ROWS = 12
MIB = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): ber.octets("a device"),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.integer(0, ber.TIME_TICKS),
    **{(*ENTRY, column, row): ber.octets(f"{column}/{row}") for column in (7, 11) for row in range(1, ROWS + 1)},
    (1, 3, 6, 1, 2, 1, 99, 1): ber.integer(-1),
}
DEVICE = Device("127.10.240.1", mib=MIB)
Bindings = list[tuple[ber.Oid, int, bytes]]


def request(
    tag: int,
    *oids: ber.Oid,
    first: int = 0,
    second: int = 0,
    number: int = 77,
    community: str = "lab-readonly",
) -> bytes:
    bindings = ber.sequence(*(ber.sequence(ber.object_id(oid), b"\x05\x00") for oid in oids))
    pdu = ber.tlv(tag, ber.integer(number) + ber.integer(first) + ber.integer(second) + bindings)
    return ber.sequence(ber.integer(1), ber.octets(community), pdu)


def read(packet: bytes) -> tuple[int, int, int, Bindings]:
    """Request id, error status, error index, bindings."""
    *_, pdu = ber.expect(ber.read(packet)[1], (ber.INTEGER, ber.OCTETS, 0))
    number, status, index, bindings = ber.expect(pdu, (ber.INTEGER, ber.INTEGER, ber.INTEGER, ber.SEQUENCE))
    found: Bindings = []
    for _, binding in ber.read_all(bindings):
        (_, oid), (tag, value) = ber.read_all(binding)
        found.append((ber.read_oid(oid), tag, value))
    return ber.read_integer(number), ber.read_integer(status), ber.read_integer(index), found


def ask(lab: Lab, packet: bytes, *, answers: int = 1, wait: float = 5.0) -> list[bytes]:
    """Send a packet and take so many answers, fewer where they do not come in time."""
    got: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as visitor:
        visitor.bind(("127.0.0.1", 0))
        visitor.settimeout(wait)
        visitor.sendto(packet, (DEVICE.address, lab.snmp_port))
        try:
            while len(got) < answers:
                got.append(visitor.recv(65535))
        except TimeoutError:
            pass
    return got


def silent(lab: Lab, packet: bytes) -> bool:
    return ask(lab, packet, wait=0.2) == []


def walk(lab: Lab, column: int, *, most: int = 40) -> list[str]:
    """GETNEXT down a column: its values, "end", "error N", "empty" or "silence" last where the walk stopped so."""
    at: ber.Oid = (*ENTRY, column)
    got: list[str] = []
    while len(got) < most:
        answer = ask(lab, request(GETNEXT, at), wait=0.3)
        if not answer:
            return [*got, "silence"]
        _, status, _, bindings = read(answer[0])
        if status or not bindings:
            return [*got, f"error {status}" if status else "empty"]
        oid, tag, value = bindings[0]
        if tag == 0x82:
            return [*got, "end"]
        if oid[: len(ENTRY) + 1] != (*ENTRY, column):
            return got
        got.append(value.decode())
        at = oid
    return got


def column(number: int, rows: int = ROWS) -> list[str]:
    return [f"{number}/{row}" for row in range(1, rows + 1)]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    if not (path := shutil.which(program)):
        pytest.skip(f"{program} of net-snmp is not installed")
    return subprocess.run([path, *arguments], capture_output=True, text=True, timeout=30, check=False)


# --- other programs read it ------------------------------------------------------------------------------------


def expected_walk() -> list[str]:
    table = ".1.3.6.1.2.1.47.1.1.1.1"
    return [f'{table}.{column}.{row} = STRING: "{column}/{row}"' for column in (7, 11) for row in range(1, ROWS + 1)]


def test_net_snmp_walks_the_table_with_v2c(serve: Serve) -> None:
    lab = serve(DEVICE)

    done = run(
        "snmpbulkwalk",
        "-v2c",
        "-c",
        "lab-readonly",
        "-On",
        f"{DEVICE.address}:{lab.snmp_port}",
        "1.3.6.1.2.1.47",
    )

    assert done.stdout.splitlines() == expected_walk()


@pytest.mark.parametrize(
    ("auth", "priv", "names"),
    [
        ("md5", "des", ("MD5", "DES")),
        ("sha1", "aes128", ("SHA", "AES")),
        ("sha256", "aes128", ("SHA-256", "AES")),
        ("sha512", "aes128", ("SHA-512", "AES")),
    ],
)
def test_net_snmp_walks_the_table_with_v3(serve: Serve, auth: str, priv: str, names: tuple[str, str]) -> None:
    lab = serve(replace(DEVICE, access=Access(auth=auth, priv=priv)))

    done = run(
        "snmpbulkwalk", "-v3", "-l", "authPriv", "-u", "audit", "-a", names[0], "-A", "lab-auth-secret", "-x", names[1],
        "-X", "lab-priv-secret", "-On", f"{DEVICE.address}:{lab.snmp_port}", "1.3.6.1.2.1.47",
    )  # fmt: skip

    assert done.stdout.splitlines() == expected_walk(), done.stderr


@pytest.mark.parametrize(
    ("user", "auth_key", "priv_key", "said"),
    [
        ("audit", "wrong-auth-key", "lab-priv-secret", "Authentication failure"),
        ("audit", "lab-auth-secret", "wrong-priv-key", "Decryption error"),
        ("stranger", "lab-auth-secret", "lab-priv-secret", "Unknown user name"),
    ],
)
def test_a_wrong_v3_login_gets_the_report_that_names_it(
    serve: Serve, user: str, auth_key: str, priv_key: str, said: str
) -> None:
    lab = serve(DEVICE)

    done = run(
        "snmpget", "-v3", "-l", "authPriv", "-u", user, "-a", "SHA", "-A", auth_key, "-x", "AES", "-X", priv_key,
        "-r0", "-t2", f"{DEVICE.address}:{lab.snmp_port}", "1.3.6.1.2.1.1.1.0",
    )  # fmt: skip

    assert said in done.stderr
    assert lab.score(DEVICE.address).snmp_requests == 0


def test_a_v3_user_of_a_private_group_gets_nothing_unencrypted(serve: Serve) -> None:
    lab = serve(DEVICE)

    done = run(
        "snmpget", "-v3", "-l", "authNoPriv", "-u", "audit", "-a", "SHA", "-A", "lab-auth-secret",
        f"{DEVICE.address}:{lab.snmp_port}", "1.3.6.1.2.1.1.1.0",
    )  # fmt: skip

    assert "authorizationError" in done.stderr


def test_a_message_outside_the_time_window_is_answered_with_the_right_boots_and_time(serve: Serve) -> None:
    lab = serve(DEVICE)
    engine = DEVICE.engine_id.hex()

    done = run(  # boots and time are given so wrong that a client that would not listen to the report fails
        "snmpget", "-v3", "-l", "authPriv", "-u", "audit", "-a", "SHA", "-A", "lab-auth-secret", "-x", "AES", "-X",
        "lab-priv-secret", "-e", f"0x{engine}", "-Z", "1,1", "-On", f"{DEVICE.address}:{lab.snmp_port}", "1.3.6.1.2.1.1.1.0",
    )  # fmt: skip

    assert done.stdout == '.1.3.6.1.2.1.1.1.0 = STRING: "a device"\n'
    assert lab.score(DEVICE.address).snmp_packets > lab.score(DEVICE.address).snmp_requests == 1


@pytest.mark.parametrize("version", ["2c", "3"])
def test_pysnmp_reads_it(serve: Serve, version: str) -> None:
    lab = serve(replace(DEVICE, access=Access(auth="sha256")))
    login = (
        CommunityData("lab-readonly", mpModel=1)
        if version == "2c"
        else UsmUserData(
            "audit", "lab-auth-secret", "lab-priv-secret",
            authProtocol=usmHMAC192SHA256AuthProtocol, privProtocol=usmAesCfb128Protocol,
        )
    )  # fmt: skip

    async def first_rows() -> list[str]:
        engine = SnmpEngine()
        target = await UdpTransportTarget.create((DEVICE.address, lab.snmp_port), timeout=5, retries=0)
        about = ObjectType(ObjectIdentity(".".join(map(str, (*ENTRY, 11)))))
        error, status, _, bindings = await bulk_cmd(engine, login, target, ContextData(), 0, 3, about, lookupMib=False)
        engine.close_dispatcher()
        return [str(error or status or "")] + [str(value) for _, value in bindings]

    assert asyncio.run(first_rows()) == ["", "11/1", "11/2", "11/3"]


# --- manners -----------------------------------------------------------------------------------------------------


def test_a_wrong_community_is_met_with_silence_and_counted(serve: Serve) -> None:
    lab = serve(DEVICE)

    assert silent(lab, request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 0), community="public"))
    assert lab.score(DEVICE.address).snmp_refused == 1


def test_a_set_is_refused_and_counted(serve: Serve) -> None:
    lab = serve(DEVICE)

    assert read(ask(lab, request(SET, (1, 3, 6, 1, 2, 1, 1, 1, 0)))[0])[1] == 6  # noAccess
    assert lab.score(DEVICE.address).snmp_sets == 1


def test_get_tells_a_missing_object_from_a_missing_instance(serve: Serve) -> None:
    lab = serve(DEVICE)

    bindings = read(ask(lab, request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 9), (1, 3, 6, 1, 9, 9, 0)))[0])[3]

    assert [tag for _, tag, _ in bindings] == [0x81, 0x80]


def test_getbulk_takes_columns_side_by_side(serve: Serve) -> None:
    lab = serve(DEVICE)

    bindings = read(ask(lab, request(GETBULK, (*ENTRY, 7), (*ENTRY, 11), second=2))[0])[3]

    assert [value for _, _, value in bindings] == [b"7/1", b"11/1", b"7/2", b"11/2"]


def test_an_answer_is_cut_to_one_frame(serve: Serve) -> None:
    wide = {(*ENTRY, 7, row): ber.octets("x" * 200) for row in range(1, 30)}
    lab = serve(replace(DEVICE, mib=wide))

    answer = ask(lab, request(GETBULK, (*ENTRY, 7), second=25))[0]

    assert len(answer) <= 1472
    assert len(read(answer)[3]) == 6  # 6 x 222 octets fit, a seventh does not


def test_one_binding_that_does_not_fit_is_too_big(serve: Serve) -> None:
    lab = serve(replace(DEVICE, mib={(*ENTRY, 7, 1): ber.octets("x" * 2000)}))

    assert read(ask(lab, request(GETBULK, (*ENTRY, 7), second=25))[0])[1] == 1


def test_uptime_goes_on_between_requests(serve: Serve) -> None:
    lab = serve(DEVICE)
    uptime = request(GET, (1, 3, 6, 1, 2, 1, 1, 3, 0))

    first, second = (int.from_bytes(read(ask(lab, uptime)[0])[3][0][2], "big") for _ in range(2))

    assert 8_640_000 <= first <= second < 8_640_000 + 6000


# --- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "walked"),
    [
        (Faults(), column(11)),
        (Faults(silent_after=3), [*column(11, 3), "silence"]),
        (Faults(silent_from=(*ENTRY, 11, 5)), [*column(11, 4), "silence"]),
        (Faults(end_at_row=4), [*column(11, 4), "end"]),
        (Faults(end_at_row=0), ["end"]),
        (Faults(end_at_row=4, column=7), column(11)),
        (Faults(error_at_row=2), [*column(11, 2), "error 5"]),
        (Faults(error_at_row=2, error_status=16), [*column(11, 2), "error 16"]),
        (Faults(repeat_at_row=1), [*column(11, 2), *["11/2"] * 38]),
        (Faults(cycle_rows=3), [*column(11, 3) * 13, "11/1"]),
        (Faults(empty_bindings=True), ["empty"]),
        (Faults(endless=True), [*column(11), *["endless"] * 28]),
    ],
)
def test_a_walk_meets_the_fault(serve: Serve, faults: Faults, walked: list[str]) -> None:
    lab = serve(replace(DEVICE, faults=faults))

    assert walk(lab, 11) == walked


def test_an_endless_table_has_increasing_indexes(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(endless=True)))

    bindings = read(ask(lab, request(GETBULK, (*ENTRY, 11, ROWS), second=3))[0])[3]

    assert [oid[-1] for oid, _, _ in bindings] == [ROWS + 1, ROWS + 2, ROWS + 3]


def test_too_big_until_few_enough_repetitions_are_asked_for(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(max_repetitions=2)))

    statuses = [read(ask(lab, request(GETBULK, (*ENTRY, 7), second=n))[0])[1] for n in (4, 3, 2)]

    assert statuses == [1, 1, 0]


def test_wrong_request_ids_duplicates_and_cut_packets(serve: Serve) -> None:
    get = request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 0))
    lab = serve(replace(DEVICE, faults=Faults(wrong_request_id=True)))
    assert read(ask(lab, get)[0])[0] != 77

    lab.replace(replace(DEVICE, faults=Faults(duplicate=True)))
    assert len(set(ask(lab, get, answers=2))) == 1

    whole = ask(lab, get)[0]
    lab.replace(replace(DEVICE, faults=Faults(truncate=5)))
    assert ask(lab, get) == [whole[:-5]]


def test_a_late_copy_follows_the_answer(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(late_copy=0.05)))

    first, second = ask(lab, request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 0)), answers=2)

    assert first == second


def test_a_delayed_answer_is_the_answer(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(delay=0.5)))
    get = request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 0))

    assert silent(lab, get)
    assert read(ask(lab, get)[0])[3][0][2] == b"a device"


def test_an_answer_can_come_from_another_address(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(reply_from="127.10.240.99")))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as visitor:
        visitor.settimeout(5)
        visitor.sendto(request(GET, (1, 3, 6, 1, 2, 1, 1, 1, 0)), (DEVICE.address, lab.snmp_port))
        _, (sender, _port) = visitor.recvfrom(65535)

    assert sender == "127.10.240.99"


def test_a_reboot_in_the_middle_sets_uptime_back_and_counts_up_the_boots(serve: Serve) -> None:
    lab = serve(replace(DEVICE, faults=Faults(reboot_after=1)))
    both = request(GET, (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0))

    (up, boots), (up_later, boots_later) = (
        [int.from_bytes(value, "big") for _, _, value in read(ask(lab, both)[0])[3]] for _ in range(2)
    )

    assert (boots, boots_later) == (7, 8)
    assert up_later < 6000 < up


# --- recordings --------------------------------------------------------------------------------------------------

RECORDING = """\
1.3.6.1.2.1.1.1.0|4|Some device, with | a bar
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1
1.3.6.1.2.1.1.3.0|67|5
1.3.6.1.2.1.4.20.1.1|64|10.1.2.3
1.3.6.1.2.1.47.1.1.1.1.11.1|4x|00ff1b
1.3.6.1.2.1.47.1.1.1.1.11.2|4|
1.3.6.1.2.1.99.1|2|-7
1.3.6.1.2.1.99.2|65|4294967295
1.3.6.1.2.1.99.3|66|7
1.3.6.1.2.1.99.4|70|18446744073709551615
"""


def test_a_recording_round_trips() -> None:
    assert snmprec_text(snmprec(RECORDING)) == RECORDING


def test_a_compressed_recording_is_served_as_it_was_recorded(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "some.snmprec.bz2"
    path.write_bytes(bz2.compress(RECORDING.encode()))
    lab = serve(snmprec_device(path, DEVICE.address))

    bindings = read(ask(lab, request(GETBULK, (1, 3, 6, 1, 2, 1, 4), second=7))[0])[3]

    later = {oid: value for oid, value in snmprec(RECORDING).items() if oid > (1, 3, 6, 1, 2, 1, 4)}
    assert {oid: ber.tlv(tag, value) for oid, tag, value in bindings} == later


def test_a_bad_line_of_a_recording_is_named() -> None:
    with pytest.raises(ValueError, match=r"x\.snmprec:2: '1\.3\.6\.1\|4:numeric\|"):
        snmprec("1.3|2|1\n1.3.6.1|4:numeric|min=1\n", "x.snmprec")


def test_objects_of_types_that_no_agent_sends_are_left_out() -> None:
    assert snmprec("1.3.1|2|1\n1.3.2|130|\n") == {(1, 3, 1): ber.integer(1)}
