"""Ours: devices polled the whole way, identified, walked or asked, proved, normalised, and sealed in a store.

``python -m tests.benchmarks.ours_poll PORT COUNT STORE [--protocol snmp|ssh] [--version 2c|3]`` prints JSON: the
seconds from the first packet to the sealed run, and how many units of how many devices were read in full.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

# The rest is imported where it is used, as in the program: the workers import this module, too.
if TYPE_CHECKING:
    from agent.store import Store
    from collectors.collect import Polling
    from collectors.model import Target
    from collectors.transports import snmp


def run(
    port: int, count: int, store: Path, known_hosts: Path, *, protocol: str = "snmp", version: str = "2c"
) -> dict[str, Any]:
    """Poll that many devices of the benchmark's fleet into a new store."""
    from agent.store import open_store
    from collectors import platforms
    from collectors.collect import Login, Polling
    from collectors.model import Target
    from collectors.scope import Scope
    from collectors.transports import ssh
    from collectors.transports.hostkeys import KnownHosts
    from tests.benchmarks.agents import ACCESS, address

    targets = [Target(address(number), protocols=(protocol,)) for number in range(count)]
    how = Polling(
        scope=Scope((ip_network("127.40.0.0/16"),)),
        platforms=platforms.load(),
        logins={"": Login(_snmp(version), ssh.Login(ACCESS.ssh_user, ACCESS.ssh_password))},
        known_hosts=KnownHosts(known_hosts),
        snmp_port=port,
        ssh_port=port,
    )
    with open_store(f"sqlite:///{store}") as kept:
        started = perf_counter()
        number = kept.begin_run(as_of=datetime.now(UTC).date(), version="benchmark", settings_digest="")
        complete, units = asyncio.run(_poll(targets, how, kept, number))
        kept.seal(number, {})
        return {"seconds": round(perf_counter() - started, 3), "complete": complete, "units": units}


async def _poll(targets: Sequence[Target], how: Polling, store: Store, run: int) -> tuple[int, int]:
    from collectors.collect import collect
    from collectors.model import Outcome

    complete = units = 0
    async with aclosing(collect(targets, how, now=lambda: datetime.now(UTC))) as seen:
        async for one in seen:
            await asyncio.to_thread(store.save_observation, run, one)
            complete += one.outcome is Outcome.COMPLETE
            units += len(one.units)
    return complete, units


def _snmp(version: str) -> snmp.Credential:
    from collectors.transports import snmp
    from tests.benchmarks.agents import ACCESS

    if version == "2c":
        return snmp.Community(ACCESS.community)
    return snmp.User(ACCESS.v3_user, ACCESS.auth, ACCESS.auth_key, ACCESS.priv, ACCESS.priv_key)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ours_poll", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("store", type=Path)
    parser.add_argument("--known-hosts", type=Path, default=Path("none"))
    parser.add_argument("--protocol", choices=("snmp", "ssh"), default="snmp")
    parser.add_argument("--version", choices=("2c", "3"), default="2c")
    asked = parser.parse_args()
    print(
        json.dumps(
            run(
                asked.port, asked.count, asked.store, asked.known_hosts,
                protocol=asked.protocol, version=asked.version,
            )
        )
    )  # fmt: skip
