"""Who answers: SNMPv2-MIB system group, ENTITY-MIB's change time and the SNMP engine id.

Sources: RFC 3418 (system), RFC 6933 (entLastChangeTime), RFC 3411 (snmpEngineID).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from collectors.model import IDENTITY
from collectors.oids import Oid, Walk, oid
from collectors.readers.rows import Reader, Rows, judged, number, trimmed

SYS_DESCR: Final = oid("1.3.6.1.2.1.1.1.0")
SYS_OBJECT_ID: Final = oid("1.3.6.1.2.1.1.2.0")
SYS_UP_TIME: Final = oid("1.3.6.1.2.1.1.3.0")
SYS_NAME: Final = oid("1.3.6.1.2.1.1.5.0")
ENT_LAST_CHANGE: Final = oid("1.3.6.1.2.1.47.1.4.1.0")
ENGINE_ID: Final = oid("1.3.6.1.6.3.10.2.1.1.0")


@dataclass(frozen=True, slots=True)
class System:
    """The system group of one agent; "" , () and None where it does not say."""

    descr: str = ""
    object_id: Oid = ()
    name: str = ""
    up_time: int | None = None
    """Hundredths of a second since the agent started."""
    changed: int | None = None
    """The sysUpTime at the last change of the entity tables."""
    engine_id: str = ""
    """In hex."""


def facts(walk: Walk) -> System:
    """Read the system group; a sysDescr of many lines stays one text, without quotes around it."""
    object_id = walk.scalars.get(SYS_OBJECT_ID)
    engine = walk.scalars.get(ENGINE_ID)
    return System(
        descr=trimmed(walk.scalars.get(SYS_DESCR)),
        object_id=object_id if isinstance(object_id, tuple) else (),
        name=trimmed(walk.scalars.get(SYS_NAME)),
        up_time=number(walk.scalars.get(SYS_UP_TIME)),
        changed=number(walk.scalars.get(ENT_LAST_CHANGE)),
        engine_id=engine.hex() if isinstance(engine, bytes) else "",
    )


def _read(walk: Walk) -> Rows:
    state, reason = judged(walk, found=SYS_DESCR in walk.scalars or SYS_OBJECT_ID in walk.scalars)
    return Rows(state, reason)


READER: Final = Reader(
    name="system",
    section=IDENTITY,
    read=_read,
    scalars=(SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME, SYS_NAME, ENT_LAST_CHANGE, ENGINE_ID),
)
