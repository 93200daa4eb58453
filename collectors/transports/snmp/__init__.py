"""SNMP: an engine behind a seam of one request and one response, and a walk on top of it.

    async with open_engine("fast") as engine:
        ask = partial(engine.ask, Peer("192.0.2.1", 161, Community("...")))
        table = await walk(ask, scalars, columns)

`fast` is ours and serves thousands of devices from one socket; `pysnmp` is slow, complete, and what `fast` is
compared with. Requests only read: there is no way to send a SET through either.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from collectors.transports.snmp.budget import Ask, Limits
from collectors.transports.snmp.fast import FastEngine
from collectors.transports.snmp.seam import (
    AUTHS,
    PRIVS,
    Community,
    Credential,
    Engine,
    Kind,
    Peer,
    Request,
    Response,
    User,
)
from collectors.transports.snmp.survey import survey
from collectors.transports.snmp.walk import walk

__all__ = [
    "AUTHS",
    "PRIVS",
    "Ask",
    "Community",
    "Credential",
    "Engine",
    "Kind",
    "Limits",
    "Peer",
    "Request",
    "Response",
    "User",
    "open_engine",
    "survey",
    "walk",
]


@asynccontextmanager
async def open_engine(
    name: Literal["fast", "pysnmp"] = "fast",
    *,
    timeout: float = 2.0,
    retries: int = 2,
    rate: float | None = None,
) -> AsyncIterator[Engine]:
    """Open the engine of that name; all its sockets and keys go with it.

    `timeout` is the wait for each try in seconds, `retries` the tries after the first. `rate` caps the
    requests a second over all devices (fast only: pysnmp is never that quick).
    """
    if name == "pysnmp":
        # Half a megabyte of modules that a run on the fast engine never needs.
        from collectors.transports.snmp.pysnmp_engine import PysnmpEngine

        async with PysnmpEngine(timeout=timeout, retries=retries) as slow:
            yield slow
    else:
        async with FastEngine(timeout=timeout, retries=retries, rate=rate) as fast:
            yield fast
