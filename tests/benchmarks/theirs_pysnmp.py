"""Theirs: pysnmp's own bulk walk of the whole table under asyncio.

``python -m tests.benchmarks.theirs_pysnmp PORT COUNT 2c|3`` prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter

from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_walk_cmd,
    usmAesCfb128Protocol,
    usmHMAC192SHA256AuthProtocol,
)

from tests.benchmarks.agents import ACCESS, address

AT_ONCE = 40
"""More keep it busy for longer than its own time-outs."""


async def walk(engine: SnmpEngine, login: CommunityData | UsmUserData, number: int, port: int) -> int:
    """The cells of one device."""
    target = await UdpTransportTarget.create((address(number), port), timeout=5, retries=2)
    table = ObjectType(ObjectIdentity("1.3.6.1.2.1.47.1.1.1.1"))
    cells = 0
    async for error, status, _, found in bulk_walk_cmd(
        engine, login, target, ContextData(), 0, 25, table, lexicographicMode=False, lookupMib=False
    ):
        if error or status:
            raise RuntimeError(f"{address(number)}: {error or status}")
        cells += len(found)
    return cells


async def main(port: int, count: int, version: str) -> None:
    """Walk that many devices."""
    login: CommunityData | UsmUserData = CommunityData(ACCESS.community, mpModel=1)
    if version == "3":
        login = UsmUserData(
            ACCESS.v3_user, ACCESS.auth_key, ACCESS.priv_key,
            authProtocol=usmHMAC192SHA256AuthProtocol, privProtocol=usmAesCfb128Protocol,
        )  # fmt: skip
    gate, engine = asyncio.Semaphore(AT_ONCE), SnmpEngine()

    async def one(number: int) -> int:
        async with gate:
            return await walk(engine, login, number, port)

    started = perf_counter()
    cells = await asyncio.gather(*map(one, range(count)))
    print(json.dumps({"seconds": round(perf_counter() - started, 3), "cells": sum(cells)}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
