"""How many probes may leave in a second, over all addresses together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_BURST: Final = 0.05
"""Seconds that may be caught up with after a pause; what was missed before is lost, not sent at once."""
_NAP: Final = 0.004
"""Seconds of sleep at least: waking up for every probe would cost more than sending it."""


class Pace:
    """`await pace.turn()` before each probe keeps to *rate* probes a second, whoever of many tasks sends them."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._gap = 1 / rate
        self._clock = clock
        self._slot = clock() - self._gap
        self._turns = 0

    async def turn(self) -> None:
        """Return once one more probe may leave."""
        self._turns += 1
        now = self._clock()
        self._slot = max(self._slot + self._gap, now - _BURST)
        if self._slot > now:
            await asyncio.sleep(max(self._slot - now, _NAP))
        elif not self._turns % 64:
            await asyncio.sleep(0)  # behind its time or not, answers want to be read
