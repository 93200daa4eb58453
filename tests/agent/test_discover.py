"""`netcover discover`: the list it writes, the one it keeps, what it refuses, and how it stops."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.settings import load
from agent.targets import load_targets
from collectors.platforms import load as platforms
from tests.agent.parts import Netcover
from tests.lab import Access, Device, Lab, running_lab
from tests.lab.links import Link
from tests.lab.profiles import isr4331
from tests.lab.quiet import QuietNetwork, quiet_network
from tests.lab.units import Box

NETWORK = "127.74.0.0/24"
ALIVE = ("127.74.0.0", "127.74.0.65", "127.74.0.130", "127.74.0.195")
A, B, STRAY = "127.74.1.1", "127.74.1.2", "127.75.1.1"
HEADER = "address,hostname,site,platform,credential,protocols,found_by,also,remark\n"
ACCESS = Access()


@pytest.fixture(scope="module")
def quiet() -> Iterator[QuietNetwork]:
    """A /24 with four switches."""
    with quiet_network(4, network=NETWORK) as net:
        yield net


@pytest.fixture(scope="module")
def routers() -> Iterator[Lab]:
    def a_router(address: str, name: str, *links: Link) -> Device:
        return replace(isr4331(Box(address, name), ACCESS).device, cli=None, links=links)

    to_b, away = Link("Gi0/0/1", "b", B, protocols=("cdp",)), Link("Gi0/0/2", "stray", STRAY, protocols=("lldp",))
    devices = (a_router(A, "a", to_b, away), a_router(B, "b"), a_router(STRAY, "stray"))
    with running_lab(devices, snmp_port=0, ssh_port=0) as lab:
        yield lab


def settings(folder: Path, snmp_port: int, *, scope: str = "127.74.0.0/16", **collect: object) -> Path:
    file = folder / "netcover.toml"
    more = "\n".join(f"{name} = {value}" for name, value in collect.items())
    file.write_text(f"""
        {f'scope = ["{scope}"]' if scope else ""}
        allow_plaintext_secrets = true
        [credentials.lab]
        snmp = {{ version = "2c", community = "{ACCESS.community}" }}
        [credentials.shell]
        ssh = {{ user = "audit", password = "x" }}
        [collect]
        default_credential = "lab"
        protocols = ["snmp"]
        snmp_port = {snmp_port}
        snmp_timeout = "1s"
        snmp_retries = 0
        packets_per_second = 5000
        {more}
    """)
    return file


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_sweep_writes_a_list_that_an_audit_reads(netcover_here: Netcover, tmp_path, quiet):
    file = settings(tmp_path, quiet.port)

    done = netcover_here("discover", NETWORK, "--site", "Ghent")

    assert (done.returncode, done.stdout.splitlines()) == (0, [
        "probed 256 of 256 addresses: 4 answered (4 SNMP, 0 SSH)",
        "4 devices, 4 identified; 4 written to targets.csv",
    ])  # fmt: skip
    listed = rows(tmp_path / "targets.csv")
    assert listed[0] == {
        "address": "127.74.0.0", "hostname": "q-127-74-0-0", "site": "Ghent", "platform": "cisco_ios", "credential": "",
        "protocols": "snmp", "found_by": "snmp", "also": "", "remark": "",
    }  # fmt: skip
    found = load_targets(tmp_path / "targets.csv", load(file), platforms())
    assert [(target.address, target.hostname, target.protocols) for target in found] == [
        (address, device.hostname, ("snmp",)) for address, device in quiet.devices.items()
    ]
    assert sum(score.snmp_refused for score in quiet.scores.values()) == 0


def test_a_credential_that_is_named_stands_in_the_list(netcover_here: Netcover, tmp_path, quiet):
    settings(tmp_path, quiet.port, default_credential='"shell"  #').write_text(
        (tmp_path / "netcover.toml").read_text().replace('default_credential = "lab"', "")
    )

    assert netcover_here("discover", "127.74.0.0", "--credential", "lab").returncode == 0
    assert [row["credential"] for row in rows(tmp_path / "targets.csv")] == ["lab"]


def test_without_settings_devices_are_found_and_not_identified(netcover_here: Netcover, tmp_path):
    done = netcover_here("discover", "127.74.0.9", "--out", "found.csv")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0 devices, 0 identified; 0 written to found.csv")
    assert (tmp_path / "found.csv").read_text() == HEADER


def test_a_list_that_is_there_is_not_touched(netcover_here: Netcover, tmp_path, quiet):
    settings(tmp_path, quiet.port)
    listed = tmp_path / "targets.csv"
    listed.write_text("address\n127.74.0.9\n")
    before = sum(quiet.packets)

    done = netcover_here("discover", NETWORK)

    assert (done.returncode, done.stderr) == (2, "netcover: targets.csv lists 1 targets already; add the new devices below them with --update, or write to another file with --out FILE\n")  # fmt: skip
    assert listed.read_text() == "address\n127.74.0.9\n"
    assert sum(quiet.packets) == before


def test_a_template_without_a_row_is_filled(netcover_here: Netcover, tmp_path, quiet):
    settings(tmp_path, quiet.port)
    (tmp_path / "targets.csv").write_text("address,hostname,site\n")

    assert netcover_here("discover", *ALIVE).returncode == 0
    assert len(rows(tmp_path / "targets.csv")) == 4


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"\xef\xbb\xbfIP;Our Note;Host name;site\r\n127.74.0.0;kept  as is;core;Oslo",
            b"\xef\xbb\xbfIP;Our Note;Host name;site\r\n127.74.0.0;kept  as is;core;Oslo\n",
        ),
        (b"address,also,found_by\n10.0.0.1,127.74.0.0 10.0.0.2,snmp\n", None),
    ],
)
def test_an_update_adds_below_what_a_person_wrote(netcover_here: Netcover, tmp_path, quiet, before, after):
    settings(tmp_path, quiet.port)
    listed = tmp_path / "targets.csv"
    listed.write_bytes(before.replace(b"IP;", b"address;"))
    kept = (after or before).replace(b"IP;", b"address;")

    done = netcover_here("discover", *ALIVE, "--update")

    assert done.stdout.splitlines()[-1] == "4 devices, 4 identified; 3 written to targets.csv, 1 were listed already"
    assert listed.read_bytes().startswith(kept)
    new = listed.read_bytes()[len(kept) :].decode().splitlines()
    assert [row.replace(";", ",").split(",")[0] for row in new] == ["127.74.0.65", "127.74.0.130", "127.74.0.195"]
    assert (
        netcover_here("discover", *ALIVE, "--update")
        .stdout.splitlines()[-1]
        .endswith("0 written to targets.csv, 4 were listed already")
    )
    assert [target.address for target in load_targets(listed, load(tmp_path / "netcover.toml"), platforms())][
        -1
    ] == "127.74.0.195"


def test_what_a_device_says_of_itself_harms_no_spreadsheet_and_no_terminal(netcover_here: Netcover, tmp_path):
    from tests.lab import ber

    def evil(device: Device) -> Device:
        return replace(
            device, mib={**device.mib, (1, 3, 6, 1, 2, 1, 1, 5, 0): ber.octets(b"=cmd()\x1b[31m\r\n,x\xe2\x80\xae")}
        )

    with quiet_network(1, network="127.74.9.0/30", change=evil) as net:
        settings(tmp_path, net.port)
        done = netcover_here("discover", "127.74.9.0")

    assert done.returncode == 0
    assert rows(tmp_path / "targets.csv")[0]["hostname"] == "'=cmd() ,x"


def test_a_crawl_lists_neighbours_and_names_those_outside(netcover_here: Netcover, tmp_path, routers):
    settings(tmp_path, routers.snmp_port)

    done = netcover_here("discover", A, "--crawl")

    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, [
        "read 2 devices, 1 hops from where it began",
        "2 devices, 2 identified; 2 written to targets.csv",
    ])  # fmt: skip
    assert "1 neighbours were not read; targets-not-read.csv lists them with the reasons" in done.stderr
    assert [(row["address"], row["hostname"], row["platform"], row["found_by"]) for row in rows(tmp_path / "targets.csv")] == [
        (A, "a", "cisco_ios", "snmp"), (B, "b", "cisco_ios", f"neighbour of {A} Gi0/0/1 (cdp)"),
    ]  # fmt: skip
    assert rows(tmp_path / "targets-not-read.csv") == [{
        "hostname": "stray", "addresses": STRAY, "platform": "cisco C9300-48P software",
        "seen_by": f"{A} Gi0/0/2 (lldp)", "reason": "outside the scope, not contacted",
    }]  # fmt: skip
    assert routers.score(STRAY).snmp_packets == 0


def test_a_crawl_starts_from_a_list_and_adds_to_it(netcover_here: Netcover, tmp_path, routers):
    settings(tmp_path, routers.snmp_port)
    (tmp_path / "targets.csv").write_text(f"address,site\n{A},Ghent\n")

    done = netcover_here("discover", "--crawl", "--targets", "targets.csv", "--update")

    assert done.returncode == 0
    assert (tmp_path / "targets.csv").read_text() == f"address,site\n{A},Ghent\n{B},\n"


def test_a_device_that_cannot_be_read_makes_a_crawl_incomplete(netcover_here: Netcover, tmp_path, routers):
    file = settings(tmp_path, routers.snmp_port)
    file.write_text(file.read_text().replace(ACCESS.community, "wrong-community"))

    done = netcover_here("discover", A, "--crawl")

    assert done.returncode == 3
    assert "1 devices could not be read; their remark in targets.csv says why" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "nothing to discover; name a range such as 10.20.0.0/16, or seeds: --crawl --targets FILE"),
        (("10.0.0.0/24",), "10.0.0.0/24 is outside the scope of netcover.toml; widen scope there, or name a smaller range"),
        (("127.74.0.0/16", "127.75.0.1"), "127.75.0.1/32 is outside the scope of netcover.toml; widen scope there, or name a smaller range"),
        (("10.0.0.0/8",), "the ranges hold 16,777,216 addresses, more than a /15 (131,072); name smaller ones, or say --yes-large if that many probes are meant"),
        (("2001:db8::/64",), "2001:db8::/64 is too large to sweep, devices are too thin in it; the largest IPv6 range is a /112. Name the devices, or follow their neighbours with --crawl"),
        (("127.74.0.1/24",), "'127.74.0.1/24' is no range; its host bits are set; write 127.74.0.0/24"),
        (("no-such-name.invalid",), "'no-such-name.invalid' is no range; write one such as 10.20.0.0/16, 10.20.0.1-10.20.0.99 or 10.20.0.1"),
        (("127.74.0.0/24", "--targets", "t.csv"), "--targets names the seeds of a crawl; add --crawl, or name ranges to sweep"),
        (("127.74.0.0/24", "--credential", "nosuch"), "netcover.toml: no credential is called 'nosuch'; the file has: lab, shell"),
        (("127.74.0.0/24", "--crawl", "--credential", "shell"), "a crawl reads the devices, so it needs a credential for snmp; name one with --credential, or set collect.default_credential in the settings"),
        (("127.74.0.0/24", "--out", "nowhere/t.csv"), "nowhere: no such folder; make it, or correct --out"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_before_a_packet_leaves(
    netcover_here: Netcover, tmp_path, quiet, arguments, sentence
):
    settings(tmp_path, quiet.port)
    before = sum(quiet.packets) + quiet.outside.total()

    done = netcover_here("discover", *arguments)

    assert (done.returncode, done.stderr) == (2, f"netcover: {sentence}\n")
    assert not (tmp_path / "targets.csv").exists()
    assert sum(quiet.packets) + quiet.outside.total() == before


def test_without_a_scope_the_ranges_are_the_scope(netcover_here: Netcover, tmp_path, routers):
    settings(tmp_path, routers.snmp_port, scope="")

    done = netcover_here("discover", A, "--crawl")

    assert done.returncode == 0
    assert [row["address"] for row in rows(tmp_path / "targets.csv")] == [A]
    assert {row["reason"] for row in rows(tmp_path / "targets-not-read.csv")} == {"outside the scope, not contacted"}


def test_ctrl_c_keeps_what_was_found_so_far(tmp_path):
    with quiet_network(32, network="127.76.0.0/24") as net:
        settings(tmp_path, net.port, scope="127.76.0.0/24")
        command = [str(Path(sys.executable).with_name("netcover")), "discover", "127.76.0.0/24", "--rate", "20"]
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            wait_until(lambda: sum(net.packets) > 12)
            os.kill(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=30)

    assert process.returncode == 130
    assert said.splitlines()[-2:] == ["netcover: targets.csv has what was found so far", "netcover: stopped"]
    assert "Traceback" not in said
    found = [row["address"] for row in rows(tmp_path / "targets.csv")]
    assert found == list(net.devices)[: len(found)]
    assert len(found) >= 1


def wait_until(holds, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
