"""Theirs: gufo-snmp walks the whole table and throws it away.

``python theirs_gufo.py PORT 2c|3`` in the peers' own environment, logins and addresses as JSON on its input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter

from gufo.snmp import Aes128Key, Sha256Key, SnmpVersion, User
from gufo.snmp.aio import SnmpSession

TABLE = "1.3.6.1.2.1.47.1.1.1.1"
AT_ONCE = 200


async def main(port: int, version: str, access: dict[str, str], addresses: list[str]) -> None:
    """Walk those devices."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(address: str) -> int:
        login = {"community": access["community"], "version": SnmpVersion.v2c}
        if version == "3":
            user = User(
                access["v3_user"],
                auth_key=Sha256Key(access["auth_key"].encode()),
                priv_key=Aes128Key(access["priv_key"].encode()),
            )
            login = {"user": user, "version": SnmpVersion.v3}
        cells = 0
        async with gate, SnmpSession(addr=address, port=port, timeout=5, **login) as session:
            if version == "3":
                await session.refresh()
            async for _ in session.getbulk(TABLE, max_repetitions=25):
                cells += 1
        return cells

    started = perf_counter()
    cells = await asyncio.gather(*map(one, addresses))
    print(json.dumps({"seconds": round(perf_counter() - started, 3), "cells": sum(cells)}))


if __name__ == "__main__":
    told = json.load(sys.stdin)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], told["access"], told["addresses"]))
