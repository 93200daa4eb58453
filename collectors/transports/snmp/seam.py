"""The seam between a walk and an engine: one request in, one response out.

A request can only read. `Kind` is closed and knows GET, GETNEXT and GETBULK; nothing below has a word for
SET.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from collectors.oids import Oid, Value

AUTHS: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
"""Authentication of SNMPv3: HMAC-96 of RFC 3414, HMAC-SHA-2 of RFC 7860."""
PRIVS: Final = (
    "des",
    "3des",
    "aes128",
    "aes192",
    "aes256",
    "aes192-blumenthal",
    "aes256-blumenthal",
)
"""Privacy of SNMPv3: DES of RFC 3414, AES-128 of RFC 3826; the longer AES keys as Cisco makes them (Reeder's
key extension), or by Blumenthal's draft as net-snmp's AES-192 and AES-256 do. 3DES by Reeder's draft."""
_SHORTEST_KEY: Final = 8

NO_SUCH_OBJECT: Final = 0x80
NO_SUCH_INSTANCE: Final = 0x81
END_OF_MIB_VIEW: Final = 0x82
EXCEPTIONS: Final = frozenset((NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW))
"""Tags that stand in a varbind in place of a value (RFC 3416 section 3)."""

TOO_BIG: Final = 1
NO_SUCH_NAME: Final = 2
ERRORS: Final = (
    "noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType",
    "wrongLength", "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable",
    "commitFailed", "undoFailed", "authorizationError", "notWritable", "inconsistentName",
)  # fmt: skip
"""Names of the error status by number (RFC 3416 section 3)."""


class Kind(Enum):
    """What may be asked, with the tag of its PDU."""

    GET = 0xA0
    GETNEXT = 0xA1
    GETBULK = 0xA5


@dataclass(frozen=True, slots=True)
class Community:
    """The credential of SNMPv2c."""

    community: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """The credential of SNMPv3 with the User-based Security Model.

    Empty `auth` and `priv` mean noAuthNoPriv and authNoPriv. Raises ValueError for a name or key that cannot
    work.
    """

    user: str
    auth: str = ""
    auth_key: str = field(default="", repr=False)
    priv: str = ""
    priv_key: str = field(default="", repr=False)
    context: str = ""

    def __post_init__(self) -> None:
        _check_key("auth", self.auth, self.auth_key, AUTHS)
        _check_key("priv", self.priv, self.priv_key, PRIVS)
        if self.priv and not self.auth:
            raise ValueError("SNMPv3 privacy needs authentication: give auth and auth_key too")
        if not 1 <= len(self.user.encode()) <= 32:
            raise ValueError("an SNMPv3 user name has 1 to 32 bytes")


Credential = Community | User


@dataclass(frozen=True, slots=True)
class Peer:
    """A device's agent: an IP address (names are resolved before), a UDP port, the one credential to use."""

    address: str
    port: int
    credential: Credential


@dataclass(frozen=True, slots=True)
class Request:
    """One PDU to send. The last two numbers count for GETBULK only (RFC 3416 section 4.2.3)."""

    kind: Kind
    oids: tuple[Oid, ...]
    non_repeaters: int = 0
    max_repetitions: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.kind, Kind):
            raise TypeError(f"an SNMP request reads: {self.kind!r} is none of {', '.join(Kind.__members__)}")


Varbind = tuple[Oid, int, Value]
"""An object's name, the BER tag of its value, and the value; the value of an exception tag is None."""


@dataclass(frozen=True, slots=True)
class Response:
    """One PDU received. `size` is the length of its datagram in bytes, or an estimate of it."""

    error_status: int
    error_index: int
    varbinds: list[Varbind]
    size: int = 0


class Engine(Protocol):
    """Asks one peer one thing."""

    async def meet(self, peer: Peer) -> None:
        """Find out that somebody is there, without a secret, where the protocol can (engine discovery of SNMPv3).

        Nothing is sent where it cannot. Errors as of `ask`.
        """
        ...

    async def ask(self, peer: Peer, request: Request) -> Response:
        """Answer the request, error status and all.

        Raises collectors.errors: Unreachable (never answered since the engine was opened), TimedOut (answered
        before), Refused, AuthFailed, Malformed.
        """
        ...


def error_name(status: int) -> str:
    """The name of an error status, or its number where RFC 3416 has none."""
    return ERRORS[status] if 0 <= status < len(ERRORS) else f"error {status}"


def _check_key(what: str, algorithm: str, key: str, known: tuple[str, ...]) -> None:
    if algorithm and algorithm not in known:
        raise ValueError(f"{what} {algorithm!r} is none of {', '.join(known)}")
    if algorithm and len(key.encode()) < _SHORTEST_KEY:
        raise ValueError(f"{what}_key has fewer than {_SHORTEST_KEY} characters (RFC 3414 section 11.2)")
    if key and not algorithm:
        raise ValueError(f"{what}_key is given without {what}")
