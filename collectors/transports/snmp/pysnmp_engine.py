"""The same seam over pysnmp 7: complete, slow, and the oracle for the fast engine.

One SnmpEngine serves all peers (one a host costs memory and file handles), and no MIB is looked up. Keep it
to about fifty devices at a time: its own processing is so slow that more make it miss answers that are
there. This is the one module that imports pysnmp.
"""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from pysnmp.error import PySnmpError  # type: ignore[import-untyped]  # pysnmp ships no types
from pysnmp.hlapi.v3arch import asyncio as hlapi  # type: ignore[import-untyped]  # the same
from pysnmp.proto import errind  # type: ignore[import-untyped]  # the same

from collectors.errors import AuthFailed, CollectError, Malformed, TimedOut, Unreachable
from collectors.oids import Oid, Value
from collectors.transports.snmp.ber import INTEGER, NULL, OBJECT, OCTETS
from collectors.transports.snmp.seam import EXCEPTIONS, Kind, Peer, Request, Response, User, Varbind
from collectors.transports.snmp.wire import canonical

_AUTH: Final = {
    "": hlapi.usmNoAuthProtocol,
    "md5": hlapi.usmHMACMD5AuthProtocol,
    "sha1": hlapi.usmHMACSHAAuthProtocol,
    "sha224": hlapi.usmHMAC128SHA224AuthProtocol,
    "sha256": hlapi.usmHMAC192SHA256AuthProtocol,
    "sha384": hlapi.usmHMAC256SHA384AuthProtocol,
    "sha512": hlapi.usmHMAC384SHA512AuthProtocol,
}
_PRIV: Final = {
    "": hlapi.usmNoPrivProtocol,
    "des": hlapi.usmDESPrivProtocol,
    "3des": hlapi.usm3DESEDEPrivProtocol,
    "aes128": hlapi.usmAesCfb128Protocol,
    "aes192": hlapi.usmAesCfb192Protocol,
    "aes256": hlapi.usmAesCfb256Protocol,
    "aes192-blumenthal": hlapi.usmAesBlumenthalCfb192Protocol,
    "aes256-blumenthal": hlapi.usmAesBlumenthalCfb256Protocol,
}
_REFUSALS: Final = (
    errind.UnknownUserName,
    errind.WrongDigest,
    errind.AuthenticationError,
    errind.AuthenticationFailure,
    errind.DecryptionError,
    errind.UnsupportedSecurityLevel,
    errind.UnknownSecurityName,
    errind.NoSuchContext,
)
_COMMANDS: Final = {Kind.GET: hlapi.get_cmd, Kind.GETNEXT: hlapi.next_cmd}
_OVERHEAD: Final = 50  # bytes of a message without varbinds, for the estimate of its size
_VARBIND: Final = 8


class PysnmpEngine:
    """Opened with `async with`; asks a few dozen peers at a time."""

    def __init__(self, *, timeout: float = 2.0, retries: int = 2) -> None:
        self._timeout = timeout
        self._retries = retries
        self._targets: dict[Peer, Any] = {}
        self._met: set[Peer] = set()

    async def __aenter__(self) -> Self:
        self._engine = hlapi.SnmpEngine()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close_dispatcher()

    async def meet(self, peer: Peer) -> None:
        """Nothing: pysnmp discovers engines by itself, as part of a request."""

    async def ask(self, peer: Peer, request: Request) -> Response:
        """Send one request, wait for its answer. Errors as `seam.Engine` says; a closed port is silence."""
        try:
            indication, status, index, varbinds = await self._send(peer, request)
        except PySnmpError as error:
            raise Malformed(f"pysnmp: {error}") from error
        if indication:
            raise self._error(peer, indication)
        self._met.add(peer)
        plain = [_plain(name, value) for name, value in varbinds]
        return Response(int(status), int(index), plain, _OVERHEAD + sum(map(_weight, plain)))

    async def _send(self, peer: Peer, request: Request) -> Any:
        target = await self._target(peer)
        context = hlapi.ContextData(contextName=getattr(peer.credential, "context", "").encode())
        objects = [hlapi.ObjectType(hlapi.ObjectIdentity(oid)) for oid in request.oids]
        who = (self._engine, _login(peer), target, context)
        if request.kind is Kind.GETBULK:
            counts = (request.non_repeaters, request.max_repetitions)
            return await hlapi.bulk_cmd(*who, *counts, *objects, lookupMib=False)
        return await _COMMANDS[request.kind](*who, *objects, lookupMib=False)

    async def _target(self, peer: Peer) -> Any:
        if peer not in self._targets:
            kind = hlapi.Udp6TransportTarget if ":" in peer.address else hlapi.UdpTransportTarget
            where = (canonical(peer.address), peer.port)
            self._targets[peer] = await kind.create(where, timeout=self._timeout, retries=self._retries)
        return self._targets[peer]

    def _error(self, peer: Peer, indication: Any) -> CollectError:
        if isinstance(indication, _REFUSALS):
            return AuthFailed(str(indication))
        if not isinstance(indication, errind.RequestTimedOut):
            return Malformed(str(indication))
        if peer in self._met:
            return TimedOut("no answer in time")
        return Unreachable("no answer to SNMP: no such host, filtered, or another credential")


def _login(peer: Peer) -> Any:
    who = peer.credential
    if isinstance(who, User):
        return hlapi.UsmUserData(
            who.user,
            authKey=who.auth_key or None,
            privKey=who.priv_key or None,
            authProtocol=_AUTH[who.auth],
            privProtocol=_PRIV[who.priv],
        )
    return hlapi.CommunityData(who.community, mpModel=1)  # noqa: S508 - the user chose v2c


def _plain(name: Any, value: Any) -> Varbind:
    oid: Oid = tuple(name)
    tag = value.tagSet.superTags[-1]
    number = tag.tagClass | tag.tagFormat | tag.tagId
    return oid, number, _value(number, value)


def _value(tag: int, value: Any) -> Value:
    if tag in EXCEPTIONS or tag == NULL:
        return None
    if tag == OBJECT:
        return tuple(value)
    if tag != OCTETS and tag != INTEGER:
        with suppress(TypeError, ValueError):  # IpAddress and Opaque are octets under tags of their own
            return int(value)
    return int(value) if tag == INTEGER else bytes(value)


def _weight(varbind: Varbind) -> int:
    oid, _, value = varbind
    return _VARBIND + len(oid) + (len(value) if isinstance(value, bytes | tuple) else 4)
