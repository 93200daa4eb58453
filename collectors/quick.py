"""The quick check: whether a device is, part for part, what its last complete reading holds.

An agent tells two times in one GET: sysUpTime, which starts again with the device (SNMPv2-MIB, RFC 3418), and
entLastChangeTime, the sysUpTime at the last change of any row of ENTITY-MIB's tables (RFC 6933). Where the same device
was up all the time since it was read and that time is still the same, its inventory is the same.

Licences come and go without either, so they are read again each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collectors.model import LICENCES, Observation, Outcome, Section, Stamp, State
from collectors.oids import dotted
from collectors.readers import System

QUICK: Final = "quick"
_SHORTEST: Final = 3600
"""Seconds a device must have been up when it was read: a restart right afterwards then shows in its sysUpTime."""
_DRIFT: Final = 0.0005
"""How far two clocks may drift apart, as a share: forty seconds a day."""
_SLACK: Final = 30.0
"""Seconds besides, for a slow answer and a clock that was set."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target from its last complete reading."""

    stamp: Stamp
    recall: Callable[[], Observation | None]
    """Fetches that reading, None where it is gone; called only where nothing moved."""


def stamp(system: System, taken: datetime) -> Stamp:
    """What the system group said at that moment."""
    return Stamp(
        object_id=dotted(system.object_id),
        descr=hashlib.blake2b(system.descr.encode("utf-8", "replace"), digest_size=8).hexdigest(),
        name=system.name,
        engine_id=system.engine_id,
        up_time=system.up_time,
        changed=system.changed,
        taken=taken,
    )


def moved(before: Stamp, now: Stamp) -> str:
    """Why the last reading no longer stands, in words; "" where nothing moved since."""
    for what, old, new in (
        ("sysObjectID", before.object_id, now.object_id),
        ("sysDescr", before.descr, now.descr),
        ("sysName", before.name, now.name),
        ("the engine id", before.engine_id, now.engine_id),
    ):
        if old != new:
            return f"{what} is another"
    if before.changed is None or now.changed is None:
        return "it has no entLastChangeTime"
    if before.changed != now.changed:
        return "entLastChangeTime moved"
    return _restarted(before, now)


def confirmable(seen: Observation) -> bool:
    """Whether a later quick check of this reading is worth the try."""
    told = seen.stamp
    licences = seen.section(LICENCES)
    return (
        seen.outcome is Outcome.COMPLETE
        and told is not None
        and told.changed is not None
        and told.up_time is not None
        and told.up_time >= _SHORTEST * 100
        and licences.state in (State.COMPLETE, State.UNSUPPORTED)
    )


def unread_licences(section: Section) -> tuple[str, ...]:
    """The protocols that must tell the licences again; none where the device has none."""
    return tuple(section.via.split("+")) if section.state is State.COMPLETE else ()


def _restarted(before: Stamp, now: Stamp) -> str:
    if before.up_time is None or now.up_time is None:
        return "it has no sysUpTime"
    passed = (now.taken - before.taken).total_seconds()
    ran = (now.up_time - before.up_time) / 100
    if before.up_time < _SHORTEST * 100:
        return "it had started shortly before it was read"
    if passed < 0 or ran < 0 or abs(ran - passed) > min(_SLACK + _DRIFT * passed, _SHORTEST / 2):
        return "its sysUpTime does not fit: it restarted, or a clock was set"
    return ""
