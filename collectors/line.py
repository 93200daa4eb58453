"""One device's SNMP agent, and the time that is left for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from collectors.errors import TimedOut
from collectors.model import State
from collectors.oids import Walk
from collectors.readers import Reader
from collectors.transports import snmp


@dataclass(slots=True)
class Line:
    """Walks one agent, table by table; once it falls silent it is not asked again."""

    engine: snmp.Engine
    peer: snmp.Peer
    seconds: float
    """For all walks together, from now on."""
    repetitions: int
    silent: bool = False
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    async def survey(self, readers: Sequence[Reader]) -> dict[str, Walk]:
        """The walks of those readers that the device has nothing for. Where it does not take that well, all are walked:
        some agents drop what asks for much."""
        ask = partial(self.engine.ask, self.peer)
        tables = {reader.name: (reader.scalars, reader.columns) for reader in readers}
        return await snmp.survey(ask, tables) if len(tables) > 1 else {}

    async def walk(self, reader: Reader) -> Walk:
        """One reader's objects. Silence and the end of the device's time fail this walk and those after it only."""
        left = self._end - time.monotonic()
        if left <= 0:
            return Walk(State.FAILED, f"the device took longer than {self.seconds:g} s")
        if self.silent:
            return Walk(State.FAILED, "not asked: the device had stopped answering")
        limits = snmp.Limits(seconds=left, repetitions=self.repetitions)
        try:
            return await snmp.walk(self._ask, reader.scalars, reader.columns, limits=limits, sparse=reader.sparse)
        except TimedOut as error:
            return Walk(State.FAILED, str(error))

    async def _ask(self, request: snmp.Request) -> snmp.Response:
        self.silent = True
        response = await self.engine.ask(self.peer, request)
        self.silent = False
        return response
