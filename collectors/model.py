"""The words of collecting: targets, sections, units, licences, observations.

All are frozen values. A poll that failed is an `Observation` with another outcome, never a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Final


class Kind(StrEnum):
    """What a unit is. A stack member is a chassis."""

    CHASSIS = "chassis"
    MODULE = "module"
    POWER_SUPPLY = "power_supply"
    FAN = "fan"
    TRANSCEIVER = "transceiver"
    CABLE = "cable"
    ACCESS_POINT = "access_point"
    VIRTUAL = "virtual"
    OTHER = "other"


class State(StrEnum):
    """How far a section could be read. Only a complete one may say that a unit is gone."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DENIED = "denied"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    NOT_ATTEMPTED = "not_attempted"


class Outcome(StrEnum):
    """What came of one target. All but `complete` are rows of skipped.csv."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    AUTH_FAILED = "auth_failed"
    AUTH_TIMEOUT = "auth_timeout"
    HOST_KEY = "host_key"
    CRYPTO_MISMATCH = "crypto_mismatch"
    UNIDENTIFIED = "unidentified"
    IDENTITY_CHANGED = "identity_changed"
    MALFORMED = "malformed"
    OUT_OF_SCOPE = "out_of_scope"


class LicenceState(StrEnum):
    """The normal form of every vendor's licence words."""

    IN_USE = "in_use"
    AUTHORIZED = "authorized"
    EVALUATION = "evaluation"
    EVALUATION_EXPIRED = "evaluation_expired"
    OUT_OF_COMPLIANCE = "out_of_compliance"
    NOT_AUTHORIZED = "not_authorized"
    AUTHORIZATION_EXPIRED = "authorization_expired"
    GRACE = "grace"
    DORMANT = "dormant"
    UNREGISTERED = "unregistered"
    UNKNOWN = "unknown"


IDENTITY: Final = "identity"
INVENTORY: Final = "inventory"
SOFTWARE: Final = "software"
LICENCES: Final = "licences"
NEIGHBOURS: Final = "neighbours"
"""Read only where a run asks for it; else it is in no observation."""
SECTIONS: Final = (IDENTITY, INVENTORY, SOFTWARE, LICENCES, NEIGHBOURS)


@dataclass(frozen=True, slots=True)
class Target:
    """An address we may poll, as the target list gives it; empty text and None mean "not said"."""

    address: str
    hostname: str = ""
    site: str = ""
    platform: str = ""
    credential: str = ""
    protocols: tuple[str, ...] = ()
    snmp_port: int | None = None
    ssh_port: int | None = None
    legacy_ssh: bool = False
    context: str = ""
    origin: str = ""
    """Where it was written, as ``file:row``."""


@dataclass(frozen=True, slots=True)
class Section:
    """One thing asked of a device by one protocol, and how far the answer can be trusted."""

    name: str
    state: State
    via: str = ""
    """``snmp``, ``ssh``, ``capture`` or ``napalm``; ``snmp+ssh`` once merged."""
    reason: str = ""
    """Why it is not complete, in words for the person who must act."""
    expected: bool = False
    """True where partial is the best this way in can give (napalm): no exit code 3 for it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One command's answer as text, without its echo and without the prompt after it."""

    command: str
    text: str
    state: State
    """complete: echo, text and closing prompt were all seen; denied, unsupported: the device said so."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One raw row of an inventory, from either protocol, before it is judged to be a unit.

    Text is as the device gave it (outer padding and all); "" where the device gave none.
    """

    index: str
    """The row's own name: entPhysicalIndex, or its number in the CLI answer."""
    parent: str = ""
    """The index of the row that contains it, "" at the top or where unknown."""
    cls: str = ""
    """entPhysicalClass as a word (chassis, module, powerSupply, port, stack ...), "" where unknown."""
    name: str = ""
    descr: str = ""
    product_id: str = ""
    serial: str = ""
    hardware: str = ""
    software: str = ""
    manufacturer: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One physical (or virtual) part. Its identity is (vendor, serial); where it sits is an attribute."""

    vendor: str
    serial: str
    """Canonical (`collectors.serials`); "" only for a chassis whose serial could not be read."""
    product_id: str = ""
    kind: Kind = Kind.OTHER
    slot: str = ""
    parent_serial: str = ""
    """The chassis, or the part, that holds it; "" for a chassis."""
    software_version: str = ""
    hardware_version: str = ""
    manufacturer: str = ""
    description: str = ""
    serial_raw: str = ""
    collected_via: str = ""

    def __reduce__(self) -> tuple[type[Unit], tuple[str, ...]]:
        """Units cross from one process to another by the thousand: as their fields, built again by the class."""
        return Unit, _UNIT_FIELDS(self)


_UNIT_FIELDS = attrgetter(*(field.name for field in fields(Unit)))


@dataclass(frozen=True, slots=True)
class Licence:
    """One licensed feature of a device and its state in our words."""

    feature: str
    state: LicenceState
    entitlement: str = ""
    detail: str = ""
    """The device's own words."""
    quantity: str = ""
    expires: str = ""
    """ISO date, or "" where it does not end or is not said."""
    serial: str = ""
    """The chassis it is counted on, "" for the device as a whole."""
    collected_via: str = ""


@dataclass(frozen=True, slots=True)
class Software:
    """The release that runs on a device, or on the member with this chassis serial."""

    version: str
    serial: str = ""
    collected_via: str = ""
    boots_next: str = ""
    """The release or image file that starts at the next reload, as the device writes it; "" where it is not said."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a device knows of the one at the other end of a cable, as that one announces itself."""

    local_interface: str
    hostname: str = ""
    """As announced, without the serial or the domain some systems put beside it where they are told apart."""
    addresses: tuple[str, ...] = ()
    """IPv4 and IPv6 in their usual writing, management addresses first; () where none was announced."""
    platform: str = ""
    """The remote product in its own words: ``cisco WS-C3850-24T``, or a system description."""
    remote_interface: str = ""
    chassis_id: str = ""
    """What names the remote chassis: its serial where it was announced, else its MAC address or other id."""
    protocol: str = ""
    """``cdp`` or ``lldp``; ``cdp+lldp`` once merged."""
    collected_via: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """What a device answered, kept as evidence."""

    section: str
    name: str
    """The command, or the name of the SNMP reader."""
    text: str
    state: State
    via: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one protocol said of one device."""

    via: str
    hostname: str = ""
    sections: tuple[Section, ...] = ()
    units: tuple[Unit, ...] = ()
    licences: tuple[Licence, ...] = ()
    software: tuple[Software, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    captures: tuple[Capture, ...] = ()
    dropped: int = 0
    """Parts other than a chassis that have no usable serial: counted, not listed."""
    engine_id: str = ""
    """SNMP engine id in hex, where it was learnt."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an agent said of itself while it was read: enough to tell later whether anything has moved since."""

    object_id: str
    """sysObjectID, dotted."""
    descr: str
    """A digest of sysDescr."""
    name: str
    """sysName."""
    engine_id: str
    up_time: int | None
    """sysUpTime in hundredths of a second; None where it was not told."""
    changed: int | None
    """entLastChangeTime, likewise."""
    taken: datetime
    """When it said so, UTC."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw of one target. It exists for every target, whatever happened."""

    target: Target
    outcome: Outcome
    address: str
    """The resolved address that was contacted, or the target's own text where it did not resolve."""
    started: datetime
    """UTC."""
    hostname: str = ""
    vendor: str = ""
    platform: str = ""
    engine_id: str = ""
    reason: str = ""
    sections: tuple[Section, ...] = ()
    units: tuple[Unit, ...] = ()
    licences: tuple[Licence, ...] = ()
    software: tuple[Software, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    """Only of a run that asked for them."""
    captures: tuple[Capture, ...] = ()
    dropped: int = 0
    attempts: int = 0
    seconds: float = 0.0
    via: tuple[str, ...] = ()
    """The protocols that answered."""
    stamp: Stamp | None = None
    """None where SNMP did not answer."""
    confirmed: str = ""
    """``quick`` where the tables were not read again: the device proved that nothing moved since its last reading."""

    def section(self, name: str) -> Section:
        """The merged section of that name; `not_attempted` where the run never got to it."""
        return next((s for s in self.sections if s.name == name), Section(name, State.NOT_ATTEMPTED))
