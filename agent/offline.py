"""The observations of an audit that reads saved answers in place of the network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from agent.prepare import Prepared
from collectors.model import Observation, Outcome
from collectors.saved import read_captures


def observations(captures: Path, prepared: Prepared, now: Callable[[], datetime]) -> tuple[Observation, ...]:
    """What the folder *captures* holds. A listed target that it does not hold was not read, and is a row that says so:
    its contract lines must not pass for lines that nothing answers to."""
    seen = tuple(read_captures(captures, prepared.platforms, now, prepared.targets))
    held = {id(one.target) for one in seen}
    reason = f"{captures} holds no capture of it"
    missing = (target for target in prepared.targets if id(target) not in held)
    return (
        *seen,
        *(
            Observation(target, Outcome.UNREACHABLE, target.address, now(), hostname=target.hostname, reason=reason)
            for target in missing
        ),
    )
