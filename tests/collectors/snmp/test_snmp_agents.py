"""Both engines on real agents: the lab's, every recording of the corpus, and net-snmp's snmpd."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from collectors.model import State
from collectors.oids import Oid, Value, Walk
from collectors.transports.snmp import (
    Community,
    Credential,
    Kind,
    Limits,
    Peer,
    Request,
    User,
    open_engine,
    walk,
)
from tests.lab import Access, Device, Faults, running_lab, snmprec_device
from tests.lab import ber as lab_ber

ENTRY = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
COLUMNS = tuple((*ENTRY, column) for column in (2, 4, 5, 7, 8, 9, 10, 11, 12, 13))
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
SCALARS = tuple((*SYSTEM, number, 0) for number in (1, 2, 5))
ROWS = 12
ALL = Limits()
CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).parents[4] / "shared" / "corpus")
RECORDINGS = sorted(CORPUS.rglob("*.snmprec"))
Name = Literal["fast", "pysnmp"]
LAB = Community(Access().community)
AUDIT = User("audit", "sha1", Access().auth_key, "aes128", Access().priv_key)


def a_mib() -> dict[Oid, bytes]:
    mib = {
        (*SYSTEM, 1, 0): lab_ber.octets("Invented OS, Version 1.2"),
        (*SYSTEM, 2, 0): lab_ber.octets("1.3"),
        (*SYSTEM, 3, 0): lab_ber.integer(1, lab_ber.TIME_TICKS),
        (*SYSTEM, 5, 0): lab_ber.octets("sw1"),
        (1, 3, 6, 1, 2, 1, 47, 1, 4, 1, 0): lab_ber.integer(9, lab_ber.TIME_TICKS),
    }
    for column in COLUMNS:
        for row in range(ROWS):
            number = column[-1] in (4, 5)
            mib[(*column, 1001 + row)] = lab_ber.integer(row) if number else lab_ber.octets(f"{column[-1]}-{row}")
    return mib


def expected(column: Oid, rows: int = ROWS) -> dict[Oid, Value]:
    number = column[-1] in (4, 5)
    return {(1001 + row,): row if number else f"{column[-1]}-{row}".encode() for row in range(rows)}


def read(
    name: Name,
    peers: Sequence[Peer],
    *,
    timeout: float = 5.0,
    columns: Sequence[Oid] = COLUMNS,
    limits: Limits = ALL,
) -> list[Walk]:
    async def work() -> list[Walk]:
        async with open_engine(name, timeout=timeout, retries=1) as engine:
            return [await walk(partial(engine.ask, peer), SCALARS, columns, limits=limits) for peer in peers]

    return asyncio.run(work())


def in_the_lab(device: Device, *credentials: Credential, name: Name = "fast", **more: Any) -> list[Walk]:
    with running_lab([device], snmp_port=0, ssh_port=0) as lab:
        peers = [Peer(device.address, lab.snmp_port, credential) for credential in credentials]
        found = read(name, peers, **more)
        assert lab.score(device.address).snmp_sets == 0
        return found


@pytest.mark.parametrize("name", ["fast", "pysnmp"])
@pytest.mark.parametrize("credential", [LAB, AUDIT], ids=["v2c", "v3"])
def test_a_device_is_read_whole(name: Name, credential: Credential) -> None:
    [found] = in_the_lab(Device("127.12.0.1", mib=a_mib()), credential, name=name)

    assert found.state is State.COMPLETE, found.reason
    assert found.columns == {column: expected(column) for column in COLUMNS}
    assert found.scalars[(*SYSTEM, 5, 0)] == b"sw1"


@pytest.mark.parametrize("row", range(ROWS + 1))
@pytest.mark.parametrize("fault", ["end_at_row", "error_at_row", "repeat_at_row", "cycle_rows"])
def test_a_table_that_breaks_at_any_row_is_never_complete(fault: str, row: int) -> None:
    if (fault, row) in (("cycle_rows", 0), ("end_at_row", ROWS), ("repeat_at_row", ROWS)):
        pytest.skip("no such fault: a cycle of no rows, an end or a repetition behind the last row")
    faults: Faults = replace(Faults(), **{fault: row})
    [found] = in_the_lab(Device("127.12.0.2", mib=a_mib(), faults=faults), LAB)

    assert found.state is State.PARTIAL
    for column, rows in found.columns.items():
        assert rows.items() <= expected(column).items()


@pytest.mark.parametrize("answers", range(1, 4))
def test_an_agent_that_falls_silent_leaves_a_partial_table(answers: int) -> None:
    device = Device("127.12.0.3", mib=a_mib(), faults=Faults(silent_after=answers))
    [found] = in_the_lab(device, LAB, timeout=0.05)
    assert (found.state, "no answer in time" in found.reason) == (State.PARTIAL, True)


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (Faults(max_repetitions=1), State.COMPLETE),
        (Faults(duplicate=True), State.COMPLETE),
        (Faults(late_copy=0.01), State.COMPLETE),
        (Faults(empty_bindings=True), State.PARTIAL),
        (Faults(endless=True), State.PARTIAL),
        (Faults(reboot_after=3), State.PARTIAL),
    ],
    ids=["tooBig", "duplicates", "late copies", "empty", "endless", "reboot"],
)
def test_a_fault_ends_as_it_should(faults: Faults, state: State) -> None:
    device = Device("127.12.0.4", mib=a_mib(), faults=faults)
    for found in in_the_lab(device, LAB, limits=Limits(rows=500)):
        assert found.state is state, found.reason
        if state is State.COMPLETE:
            assert found.columns == {column: expected(column) for column in COLUMNS}


def test_a_v3_device_that_restarts_in_mid_walk_is_partial() -> None:
    device = Device("127.12.0.5", mib=a_mib(), faults=Faults(reboot_after=3))
    [found] = in_the_lab(device, AUDIT)
    assert (found.state, "restarted" in found.reason) == (State.PARTIAL, True)


@pytest.mark.skipif(not RECORDINGS, reason=f"no recordings in {CORPUS} (NETCOVER_CORPUS may name another folder)")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_both_engines_read_the_same_from_a_recording(path: Path) -> None:
    try:
        device = snmprec_device(path, "127.12.0.6")
    except ValueError as error:
        pytest.skip(f"the lab cannot serve this recording: {error}")

    with running_lab([device], snmp_port=0, ssh_port=0) as lab:
        peer = Peer(device.address, lab.snmp_port, LAB)
        [fast] = read("fast", [peer])
        [secure] = read("fast", [replace(peer, credential=AUDIT)])
        [slow] = read("pysnmp", [peer])

    for other in (secure, slow):
        # How many rows fit a request differs with the message around them.
        assert replace(other, requests=0) == replace(fast, requests=0)


SNMPD = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIG = """
agentaddress udp:127.0.0.1:{port}
rocommunity inventedro 127.0.0.1
createUser shades SHA "invented-auth" AES "invented-priv"
createUser md5des MD5 "invented-auth" DES "invented-priv"
createUser noprivs SHA-256 "invented-auth"
createUser sha256 SHA-256 "invented-auth" AES "invented-priv"
createUser sha512 SHA-512 "invented-auth" AES "invented-priv"
createUser cisco SHA "invented-auth" AES-256-C "invented-priv"
createUser blumenthal SHA "invented-auth" AES-256 "invented-priv"
rouser shades priv
rouser md5des priv
rouser noprivs auth
rouser sha256 priv
rouser sha512 priv
rouser cisco priv
rouser blumenthal priv
sysName invented
sysLocation nowhere
"""
LOGINS = {
    "v2c": Community("inventedro"),
    "sha1-aes128": User("shades", "sha1", "invented-auth", "aes128", "invented-priv"),
    "md5-des": User("md5des", "md5", "invented-auth", "des", "invented-priv"),
    "sha256": User("noprivs", "sha256", "invented-auth"),
    "sha256-aes128": User("sha256", "sha256", "invented-auth", "aes128", "invented-priv"),
    "sha1-aes256": User("cisco", "sha1", "invented-auth", "aes256", "invented-priv"),
    "sha1-aes256-blumenthal": User("blumenthal", "sha1", "invented-auth", "aes256-blumenthal", "invented-priv"),
    "sha512-aes128": User("sha512", "sha512", "invented-auth", "aes128", "invented-priv"),
}
OR_ENTRY = (1, 3, 6, 1, 2, 1, 1, 9, 1)
OR_COLUMNS = tuple((*OR_ENTRY, column) for column in (2, 3, 4))


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """net-snmp's agent on a free port of 127.0.0.1."""
    if SNMPD is None:
        pytest.skip("net-snmp's snmpd is not installed")
    folder = tmp_path_factory.mktemp("snmpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    config = folder / "snmpd.conf"
    config.write_text(CONFIG.format(port=port))
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [
            SNMPD,
            "-f",
            "-Lo",
            "-C",
            "-c",
            str(config),
            "-p",
            str(folder / "pid"),
        ],
        env={
            **os.environ,
            "SNMP_PERSISTENT_DIR": str(folder / "state"),
            "SNMPCONFPATH": str(folder),
            "MIBS": "",
        },
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20

    async def answers() -> bool:
        async with open_engine("fast", timeout=0.2, retries=0) as engine:
            request = Request(Kind.GET, ((*SYSTEM, 5, 0),))
            try:
                return bool((await engine.ask(Peer("127.0.0.1", port, LOGINS["v2c"]), request)).varbinds)
            except Exception:
                return False

    while time.monotonic() < deadline and process.poll() is None:
        if asyncio.run(answers()):
            return
        time.sleep(0.05)
    pytest.skip(f"snmpd does not start here: {log.read_text(errors='replace')[-300:]}")


@pytest.mark.parametrize("login", LOGINS)
def test_net_snmp_is_read_by_both_engines_alike(snmpd: int, login: str) -> None:
    peer = Peer("127.0.0.1", snmpd, LOGINS[login])

    [fast] = read("fast", [peer], columns=OR_COLUMNS)
    [slow] = read("pysnmp", [peer], columns=OR_COLUMNS)

    assert fast.state is State.COMPLETE, fast.reason
    assert fast.scalars[(*SYSTEM, 5, 0)] == b"invented"
    assert len(fast.columns[OR_COLUMNS[0]]) >= 3
    assert replace(slow, requests=0) == replace(fast, requests=0)
