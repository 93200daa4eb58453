"""Reading devices: SNMP beside three other ways to walk a table, SSH beside a bare pool, the sweep beside its floor."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.benchmarks.agents import ACCESS, address
from tests.benchmarks.bench import ROOT, Bench, Place, Results, Told, at_most, module
from tests.benchmarks.peers import system

_DEVICES: Final = 1000
_FEW: Final = 100
"""For the slow ones; rates are compared."""
_LATE: Final = 0.05
_SSH: Final = 300
_MANY: Final = 2000
_TABLE: Final = "1.3.6.1.2.1.47.1.1.1.1"
_NET_SNMP: Final = "snmpbulkwalk, 8 at a time"
_ADDRESSES: Final = 65_536
_ALIVE: Final = 500
_RATE: Final = 5000


def _served(place: Place, name: str, server: Sequence[object], *, told: str = "port") -> AbstractContextManager[None]:
    """A server of this folder, for as long as its input stays open; its port is kept for the commands."""

    @contextmanager
    def running() -> Iterator[None]:
        command = module(place, *map(str, server)) if isinstance(server[0], str) else list(map(str, server))
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None  # a pipe was asked for
            port = json.loads(process.stdout.readline())[told]
            (place.data / f"{name}.port").write_text(str(port))
            try:
                yield
            finally:
                process.terminate()

    return running()


def _port(place: Place, name: str) -> str:
    return (place.data / f"{name}.port").read_text()


def _store(place: Place, name: str) -> Path:
    """A place for a new store: what an earlier round left is removed."""
    folder = place.out / f"store-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder / "netcover.db"


# --- SNMP --------------------------------------------------------------------------------------------------


def _snmp(name: str, version: str, delay: float) -> Bench:
    def commands(place: Place) -> dict[str, list[str]]:
        port = _port(place, name)
        few = _FEW * 2 if delay else _DEVICES
        found = {
            "netcover": module(
                place, "ours_poll", port, _DEVICES, _store(place, name), "--protocol", "snmp", "--version", version
            ),
            "gufo-snmp": _gufo(place, port, version),
            "pysnmp": module(place, "theirs_pysnmp", port, _FEW, version),
        }
        if system(["snmpbulkwalk"], print):
            found[_NET_SNMP] = _net_snmp(place, port, version, few)
        return found

    late = f", each answer {delay * 1000:.0f} ms late" if delay else ""
    few = _FEW * 2 if delay else _DEVICES
    return Bench(
        name,
        f"{_DEVICES:,} SNMP v{version} agents of 60 rows and 18 columns{late}; ours the whole way into the store",
        commands,
        {
            "more devices a second than net-snmp's snmpbulkwalk": _faster(_NET_SNMP, few, 1.0),
            "less CPU a device than net-snmp's snmpbulkwalk": _cheaper(_NET_SNMP, few),
            "at least 15 times the rate of pysnmp's bulk walk": _faster("pysnmp", _FEW, 15.0),
            "at least a third of the rate of gufo-snmp": _faster("gufo-snmp", _DEVICES, 1 / 3),
        },
        prepare=_tell_peers,
        around=lambda place: _served(place, name, ("agents", "--delay", delay)),
        peers=("gufo-snmp",),
        rounds=1 if delay else 3,
    )


def _tell_peers(place: Place) -> None:
    told = {"access": asdict(ACCESS), "addresses": [address(number) for number in range(_DEVICES)]}
    (place.data / "agents.json").write_text(json.dumps(told))
    (place.data / "agents.txt").write_text("".join(f"{one}\n" for one in told["addresses"]))


def _gufo(place: Place, port: str, version: str) -> list[str]:
    script = Path(__file__).with_name("theirs_gufo.py")
    line = f'exec "{place.peers}" "{script}" {port} {version} < "{place.data}/agents.json"'
    return ["sh", "-c", line]


def _net_snmp(place: Place, port: str, version: str, count: int) -> list[str]:
    login = f"-v2c -c {ACCESS.community}"
    if version == "3":
        login = f"-v3 -l authPriv -u {ACCESS.v3_user} -a SHA-256 -A {ACCESS.auth_key} -x AES -X {ACCESS.priv_key}"
    walk = f"snmpbulkwalk {login} -Cr25 -On -t 5 {{}}:{port} {_TABLE}"
    return ["sh", "-c", f'head -n {count} "{place.data}/agents.txt" | xargs -P 8 -I{{}} {walk} > /dev/null']


def _seconds(results: Results, name: str) -> float:
    """Without the start of the process, where the command told; a shell's start is nothing beside its work."""
    return results[name].said.get("seconds", results[name].wall)


def _faster(other: str, count: int, times: float) -> Callable[[Results], Told]:
    def judge(results: Results) -> Told:
        if other not in results:
            return Told(False, "not installed here")
        ours = _DEVICES / _seconds(results, "netcover")
        theirs = count / _seconds(results, other)
        complete = results["netcover"].said.get("complete", 0)
        words = f"{ours:.0f} a second beside {theirs:.0f}: {ours / theirs:.2f} times; {complete:.0f} read in full"
        return Told(ours >= times * theirs and complete == _DEVICES, words)

    return judge


def _cheaper(other: str, count: int) -> Callable[[Results], Told]:
    def judge(results: Results) -> Told:
        if other not in results:
            return Told(False, "not installed here")
        ours, theirs = results["netcover"].cpu / _DEVICES * 1000, results[other].cpu / count * 1000
        return Told(ours < theirs, f"{ours:.1f} ms beside {theirs:.1f} ms, the start of each process counted")

    return judge


# --- the sweep ---------------------------------------------------------------------------------------------


def _sweep_commands(place: Place) -> dict[str, list[str]]:
    folder = place.out / "sweep"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "netcover.toml"
    settings.write_text(f'scope = ["127.20.0.0/16"]\n[collect]\nsnmp_port = {_port(place, "sweep")}\n')

    def sweep(name: str, rate: int) -> list[str]:
        return [
            *(str(place.python), "-m", "agent.main", "--quiet", "discover", "127.20.0.0/16", "--protocols", "snmp"),
            *("--settings", str(settings), "--rate", str(rate), "--out", str(folder / f"{name}.csv")),
        ]

    return {"5,000 a second": sweep("slow", _RATE), "100,000 a second": sweep("fast", 100_000)}


def _floor(results: Results) -> Told:
    """Two datagrams to each silent address, one and a report to each that answers, and the last wait."""
    packets = 2 * (_ADDRESSES - _ALIVE) + _ALIVE
    floor = packets / _RATE + 1.0
    return at_most(results["5,000 a second"].wall / floor, 1.15, f"times the floor of {floor:.1f} s")


SWEEP: Final = Bench(
    "sweep",
    f"A sweep of {_ADDRESSES:,} addresses, {_ALIVE} alive, 1 s timeout, one retry",
    _sweep_commands,
    {
        "within 15 % of the floor at 5,000 packets a second": _floor,
        "under 110 MB": lambda results: at_most(max(one.peak for one in results.values()), 110, "MB"),
    },
    around=lambda place: _served(place, "sweep", (place.python, "-m", "tests.lab.quiet"), told="snmp_port"),
    rounds=1,
)


# --- SSH ---------------------------------------------------------------------------------------------------


def _ssh(name: str, delay: float) -> Bench:
    late = f", each answer {delay * 1000:.0f} ms late" if delay else ""
    return Bench(
        name,
        f"{_SSH} devices over SSH{late}; theirs sends the same commands and parses nothing",
        lambda place: {"netcover": _visit(place, name, _SSH), "netmiko": _netmiko(place, name)},
        {"at least 0.9 of the rate of a bare pool of 100 netmiko threads": _pool},
        prepare=lambda place: _known_hosts(place).write_text(""),
        around=lambda place: _served(place, name, ("sshd", _SSH, _known_hosts(place), "--delay", delay)),
        rounds=1 if delay else 2,
    )


def _known_hosts(place: Place) -> Path:
    return place.data / "known_hosts"


def _visit(place: Place, name: str, count: int) -> list[str]:
    return module(
        place, "ours_poll", _port(place, name), count, _store(place, f"{name}-{count}"), "--protocol", "ssh",
        "--known-hosts", _known_hosts(place),
    )  # fmt: skip


def _netmiko(place: Place, name: str) -> list[str]:
    return module(place, "theirs_netmiko", _port(place, name), _SSH)


def _pool(results: Results) -> Told:
    share = _seconds(results, "netmiko") / _seconds(results, "netcover")
    complete = results["netcover"].said.get("complete", 0)
    rate = _SSH / _seconds(results, "netcover")
    words = f"{rate:.1f} devices a second, {share:.2f} of its rate; {complete:.0f} read in full"
    return Told(share >= 0.9 and complete == _SSH, words)


def _whole(results: Results) -> Told:
    complete = results[f"{_MANY:,} devices"].said.get("complete", 0)
    return Told(complete == _MANY, f"{complete:.0f} of {_MANY:,} read in full")


def _flat(results: Results) -> Told:
    more = results[f"{_MANY:,} devices"].peak / results[f"{_SSH} devices"].peak
    return at_most(more, 1.25, f"times the memory of {_SSH} devices")


MANY_OVER_SSH: Final = Bench(
    "ssh-2000",
    f"{_MANY:,} devices over SSH",
    lambda place: {f"{count:,} devices": _visit(place, "ssh-2000", count) for count in (_SSH, _MANY)},
    {"none lost, none cut short": _whole, "memory stays flat": _flat},
    prepare=lambda place: _known_hosts(place).write_text(""),
    around=lambda place: _served(place, "ssh-2000", ("sshd", _MANY, _known_hosts(place))),
    rounds=1,
)

POLLING: Final = (
    _snmp("snmp-2c", "2c", 0.0),
    _snmp("snmp-3", "3", 0.0),
    _snmp("snmp-2c-late", "2c", _LATE),
    _snmp("snmp-3-late", "3", _LATE),
    SWEEP,
    _ssh("ssh", 0.0),
    _ssh("ssh-late", 0.15),
    MANY_OVER_SSH,
)
