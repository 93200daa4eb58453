"""What one walk may spend, and the stamps by which it sees a device restart or change under it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from collectors.errors import CollectError, Malformed, TimedOut
from collectors.oids import Oid, Value, dotted
from collectors.transports.snmp.seam import Request, Response, error_name

Ask = Callable[[Request], Awaitable[Response]]
"""`functools.partial(engine.ask, peer)`."""

UPTIME: Final = (1, 3, 6, 1, 2, 1, 1, 3, 0)
LAST_CHANGE: Final = (1, 3, 6, 1, 2, 1, 47, 1, 4, 1, 0)
STAMPS: Final = (UPTIME, LAST_CHANGE)
"""sysUpTime (SNMPv2-MIB) and entLastChangeTime (ENTITY-MIB)."""
DENIALS: Final = ("noAccess", "authorizationError")


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a walk stops by itself. What a cap cuts off is partial."""

    rows: int = 20_000
    """In one column."""
    bytes: int = 8 * 1024 * 1024
    requests: int = 10_000
    seconds: float = 60.0
    repetitions: int = 25
    """Rows a request may ask for; agents pay for each (the SNMP ENGINE process of IOS)."""


class Stop(Exception):
    """Ends a walk early; what was read stays."""

    def __init__(self, reason: str, *, denied: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.denied = denied


@dataclass(slots=True)
class Reading:
    """The budget of one walk, and the stamps it has seen."""

    ask: Ask
    limits: Limits
    clock: Callable[[], float]
    deadline: float
    requests: int = 0
    received: int = 0
    first: dict[Oid, Value] = field(default_factory=dict)
    last: dict[Oid, Value] = field(default_factory=dict)

    async def send(self, request: Request) -> Response:
        """Ask within the caps. Before anything was answered a failure is the caller's, later it is a Stop.

        TimedOut and Malformed pass even then: the answer may have been too large for its way.
        """
        if self.requests >= self.limits.requests:
            raise Stop(f"stopped after {self.requests} requests")
        if self.clock() >= self.deadline:
            raise Stop(f"stopped after {self.limits.seconds:g} seconds")
        if self.received >= self.limits.bytes:
            raise Stop(f"stopped after {self.received} bytes")
        self.requests += 1
        try:
            response = await self.ask(request)
        except (TimedOut, Malformed):
            raise
        except CollectError as error:
            if not self.received:
                raise
            raise Stop(str(error)) from error
        self.received += max(response.size, 1)
        return response

    def see(self, stamps: dict[Oid, Value]) -> None:
        """Compare stamps with those before. Raises Stop where the device restarted or changed."""
        for oid in STAMPS:
            value = stamps.get(oid)
            if not isinstance(value, int):
                continue
            before = self.last.get(oid)
            if oid == UPTIME and isinstance(before, int) and value < before:
                raise Stop("sysUpTime went back: the device restarted while it was read")
            if oid == LAST_CHANGE and before is not None and value != before:
                raise Stop("entLastChangeTime moved: the hardware changed while it was read")
            self.first.setdefault(oid, value)
            self.last[oid] = value


def refusal(status: int, oid: Oid) -> Stop:
    """The end that an error status makes."""
    name = error_name(status)
    return Stop(f"{name} at {dotted(oid)}", denied=name in DENIALS)
