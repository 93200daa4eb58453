"""CDP and LLDP tables of real devices, read in place."""

from __future__ import annotations

import bz2
import os
from pathlib import Path

import pytest

from collectors import neighbours
from collectors.model import Neighbour, State
from collectors.readers import READERS
from collectors.saved import objects
from collectors.saved.walks import Agent, recorded

CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).parents[4] / "shared" / "corpus") / "snmpsim-data"


def agent(name: str) -> Agent:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"no corpus in {CORPUS.parent}")
    return recorded([objects.snmprec(bz2.decompress(path.read_bytes()))])


def found(device: Agent) -> tuple[Neighbour, ...]:
    read = [READERS[name].read(device.walk(READERS[name])) for name in ("cdp", "lldp")]
    assert {one.state for one in read} <= {State.COMPLETE, State.UNSUPPORTED}
    return neighbours.merged(neighbour for one in read for neighbour in one.neighbours)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ios/cisco-c3560.snmprec.bz2", 9),
        ("ios/cisco-unknown-01.snmprec.bz2", 9),
        ("nxos/cisco-n5000-uk9.snmprec.bz2", 11),
        ("nxos/cisco-n5000.snmprec.bz2", 9),
    ],
)
def test_every_recorded_cable_is_one_neighbour(name: str, count: int) -> None:
    told = found(agent(name))

    assert len(told) == count
    assert all(one.hostname and one.local_interface and one.chassis_id + one.protocol for one in told)


def test_cdp_and_lldp_of_one_recorded_cable_are_one_row_with_the_serial() -> None:
    told = found(agent("nxos/cisco-n5000-uk9.snmprec.bz2"))

    both = [one for one in told if one.protocol == "cdp+lldp"]
    assert [one.local_interface for one in both] == [
        "mgmt0", "Ethernet1/21", "Ethernet1/22", "Ethernet1/23", "Ethernet1/24",
    ]  # fmt: skip
    assert all(not neighbours.is_mac(one.chassis_id) and one.addresses for one in both)
