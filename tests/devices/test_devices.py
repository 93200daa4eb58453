"""Every recording of `tests/devices` gives its expected units: as a file, over the wire, octet by octet, and cut.

To add one: ``netcover record ADDRESS --to tests/devices/PLATFORM/NAME --redact``, and look at its expected.txt.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from collectors import platforms
from collectors.collect import Login, Polling, collect
from collectors.model import INVENTORY, Observation, State, Target
from collectors.saved import read_captures
from collectors.saved.told import told
from collectors.scope import Scope
from collectors.transports import snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from tests.devices.replay import CASES, device, files, units
from tests.lab import NO_FAULTS, Access, Faults, known_hosts_line, running_lab

PLATFORMS = platforms.load()
NOW = datetime(2031, 3, 9, tzinfo=UTC)
ACCESS = Access()
EACH = pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.name}")


def saved(folder: Path) -> Observation:
    (seen,) = read_captures(folder, PLATFORMS, lambda: NOW)
    return seen


def over_the_wire(faults: Faults, folder: Path) -> dict[Path, Observation]:
    """Every case, polled once over both protocols in one run."""
    served = {case: device(case, f"127.30.{n // 200}.{n % 200 + 1}", faults) for n, case in enumerate(CASES)}
    with running_lab(served.values(), snmp_port=0, ssh_port=0) as lab:
        known = folder / "known_hosts"
        known.write_text("".join(f"{known_hosts_line(one, lab.ssh_port)}\n" for one in served.values() if one.cli))
        how = Polling(
            scope=Scope((ip_network("127.30.0.0/16"),)),
            platforms=PLATFORMS,
            logins={"": Login(snmp.Community(ACCESS.community), ssh.Login(ACCESS.ssh_user, ACCESS.ssh_password))},
            known_hosts=KnownHosts(known),
            snmp_port=lab.snmp_port,
            ssh_port=lab.ssh_port,
        )
        targets = {
            case: Target(one.address, platform=one.platform, protocols=tuple(_spoken(one.mib, one.cli)))
            for case, one in served.items()
        }
        by_address = {one.address: one for one in asyncio.run(_read(list(targets.values()), how))}
    return {case: by_address[target.address] for case, target in targets.items()}


async def _read(targets: list[Target], how: Polling) -> list[Observation]:
    async with aclosing(collect(targets, how, now=lambda: NOW)) as seen:
        return [one async for one in seen]


def _spoken(mib: object, cli: object) -> Iterator[str]:
    yield from (("snmp",) if mib else ())
    yield from (("ssh",) if cli else ())


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Observation]:
    return over_the_wire(NO_FAULTS, tmp_path_factory.mktemp("wire"))


@pytest.fixture(scope="module")
def dripped(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Observation]:
    return over_the_wire(Faults(drip=("show inventory", 0.0)), tmp_path_factory.mktemp("drip"))


@EACH
def test_the_saved_files_give_the_expected_units(case: Path) -> None:
    assert told([saved(case / "devices")]) == (case / "expected.txt").read_text("utf-8")


@EACH
def test_over_the_wire_it_gives_the_same(case: Path, polled: dict[Path, Observation]) -> None:
    assert units(polled[case]) == (case / "expected.txt").read_text("utf-8").splitlines()[1:]


@EACH
def test_octet_by_octet_it_gives_the_same(case: Path, dripped: dict[Path, Observation]) -> None:
    assert units(dripped[case]) == (case / "expected.txt").read_text("utf-8").splitlines()[1:]


@EACH
def test_cut_after_a_line_it_is_not_complete_and_gives_no_wrong_serial(case: Path, tmp_path: Path) -> None:
    assert list(itertools.chain.from_iterable(wrong_cuts(path, tmp_path, _cuts(path)) for path in files(case))) == []


def _cuts(path: Path, most: int = 25) -> Sequence[int]:
    """Where the lines of a file end; of a long one at most so many, spread over it; in a soak at every octet."""
    if os.environ.get("NETCOVER_SOAK"):
        return range(1, path.stat().st_size - 1)
    ends = [at + 1 for at, octet in enumerate(path.read_bytes()) if octet == 10][:-1]
    return ends[:: -(-len(ends) // most) or 1]


def wrong_cuts(path: Path, scratch: Path, cuts: Iterable[int]) -> Iterator[tuple[str, int, set[str]]]:
    """The cuts of *path*, alone, that give a serial which the whole file does not hold, or pass for whole and are not.

    A serial that only a cut gives must at least be a word of the file: some are read where a better source is missing.
    """
    data = path.read_bytes()
    words = {word.upper() for word in re.split(r"[^\w.-]+", data.decode("utf-8", "replace"))}
    whole = _serials(_alone(path.name, data, scratch))
    for cut in cuts:
        seen = _alone(path.name, data[:cut], scratch)
        held = _serials(seen)
        claims = seen.section(INVENTORY).state is State.COMPLETE
        if held - words - whole or (claims and whole - held):
            yield path.name, cut, (held - words - whole) | (whole - held if claims else set())


def _alone(name: str, data: bytes, scratch: Path) -> Observation:
    folder = scratch / "cut" / "device"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_bytes(data)
    return saved(scratch / "cut")


def _serials(seen: Observation) -> set[str]:
    return {unit.serial for unit in seen.units if unit.serial}
