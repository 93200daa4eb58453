"""A simulated device as a value: where it listens, what its MIB and its command line hold, who may log in."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.faults import NO_FAULTS, Faults
from tests.lab.links import Link

Mib = Mapping[Oid, bytes]
"""Objects by OID, each a whole BER value (`tests.lab.ber`)."""


@dataclass(frozen=True, slots=True)
class Access:
    """The logins a device takes. All invented."""

    community: str = "lab-readonly"
    v3_user: str = "audit"
    auth: str = "sha1"
    """md5, sha1, sha224 ... sha512, or "" for noAuthNoPriv."""
    auth_key: str = "lab-auth-secret"
    priv: str = "aes128"
    """des, aes128, aes192, aes256, or "" for none."""
    priv_key: str = "lab-priv-secret"
    ssh_user: str = "audit"
    ssh_password: str = "lab-ssh-secret"
    enable: str = "lab-enable-secret"


@dataclass(frozen=True, slots=True)
class Cli:
    """What a command line answers. `dialect` is a name of `tests.lab.dialects`."""

    dialect: str
    answers: Mapping[str, str]
    """By command, in full words and single spaces."""
    banner: str = ""
    """Printed between login and the first prompt."""
    enabled: bool = True
    """Whether the login lands in privileged mode; else `enable` asks for a password."""


@dataclass(frozen=True, slots=True)
class Device:
    """One address of the lab. Without a MIB no SNMP is spoken, without a `cli` no SSH: a dead host."""

    address: str
    hostname: str = ""
    platform: str = ""
    """netcover's name of it: what the judge takes the allow-list of commands from."""
    mib: Mib = field(default_factory=dict)
    cli: Cli | None = None
    access: Access = Access()
    faults: Faults = NO_FAULTS
    engine: str = ""
    """SnmpEngineID in hex where it is not made of the address: one box behind several, or a copied one."""
    boots: int = 7
    uptime: int = 8_640_000
    """sysUpTime when the lab starts, in hundredths of a second."""
    key: str = "ed25519"
    """The kind of SSH host key: ed25519 or rsa."""
    old_algorithms: bool = False
    """Only SHA-1 era SSH: group14/group1-sha1, ssh-rsa, aes128-cbc and 3des-cbc, hmac-sha1."""
    links: tuple[Link, ...] = ()
    """Cables, told by CDP and LLDP (`tests.lab.links`)."""

    @property
    def engine_id(self) -> bytes:
        """SnmpEngineID of this address: Cisco's enterprise number, format IPv4 (RFC 3411 section 5)."""
        if self.engine:
            return bytes.fromhex(self.engine)
        return bytes.fromhex("8000000901") + ipaddress.IPv4Address(self.address).packed


@dataclass(slots=True)
class Score:
    """What a device saw of its visitors."""

    connections: int = 0
    logins: int = 0
    failed_logins: int = 0
    enables: int = 0
    failed_enables: int = 0
    open_sessions: int = 0
    peak_sessions: int = 0
    commands: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Commands that are on no allow-list (and no part of switching paging off, enabling or leaving)."""
    snmp_packets: int = 0
    snmp_requests: int = 0
    """GET, GETNEXT and GETBULK with the right community or user; discovery and reports not counted."""
    snmp_refused: int = 0
    """Wrong community, wrong digest, unknown user."""
    snmp_sets: int = 0

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


Clock = Callable[[], float]
"""Seconds, monotonic."""

SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SNMP_ENGINE: Oid = (1, 3, 6, 1, 6, 3, 10, 2, 1)


def engine_group(device: Device) -> dict[Oid, bytes]:
    """The snmpEngine group (SNMP-FRAMEWORK-MIB); boots and time are put in live by the agent."""
    return {
        (*SNMP_ENGINE, 1, 0): ber.octets(device.engine_id),
        (*SNMP_ENGINE, 2, 0): ber.integer(device.boots),
        (*SNMP_ENGINE, 3, 0): ber.integer(0),
        (*SNMP_ENGINE, 4, 0): ber.integer(1500),
    }
