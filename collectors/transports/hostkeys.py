"""SSH host keys: which key a device may show, and which key it shows.

The file is OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain, bracketed, wildcard and
hashed names, `@revoked` lines. A key is checked during the key exchange, so no password has been sent when
one is refused.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import paramiko  # type: ignore[import-untyped]  # it ships no types

from collectors.errors import (
    CollectError,
    ConfigError,
    CryptoMismatch,
    HostKey,
    Malformed,
    Refused,
    TimedOut,
    Unreachable,
)

_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")
_ALL_TYPES: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    *_RSA,
)
_KEXINIT: Final = 20
_KEXINIT_LISTS: Final = ("key exchange", "host key", "cipher", "", "MAC", "", "", "")
"""The name-lists of RFC 4253 section 7.1 in order; those without a name here are told to nobody."""

SHA1: Final = {
    "kex": [
        "diffie-hellman-group1-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    ],
    "keys": ["ssh-rsa"],
    "macs": ["hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
    "ciphers": ["3des-cbc"],
}
"""Algorithms that only a target marked `legacy_ssh` may use."""


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The key a device showed."""

    type: str
    fingerprint: str
    """``SHA256:...`` as OpenSSH prints it."""
    line: str
    """A line for known_hosts."""


class _Entry(NamedTuple):
    names: tuple[str, ...]
    type: str
    blob: str


class KnownHosts:
    """The keys on file; opened once a run and shared by all sessions.

    With *learn* a device that has no key on file is trusted at first sight and written down; a changed key
    never is.
    """

    def __init__(self, path: Path, *, learn: bool = False) -> None:
        """Read *path*; a missing file holds no keys. Raises ConfigError for a line that is no key."""
        self._path = path
        self._learn = learn
        self._lock = threading.Lock()
        self._plain: dict[str, list[_Entry]] = {}
        self._odd: list[_Entry] = []
        self._revoked: set[str] = set()
        for number, line in enumerate(path.read_text("utf-8").splitlines() if path.exists() else (), 1):
            self._add(line.strip(), f"{path}:{number}")

    def types(self, names: Sequence[str], port: int) -> frozenset[str]:
        """The key types on file for a device; empty where it is unknown."""
        return frozenset(entry.type for entry in self._entries(names, port))

    def disabled(self, names: Sequence[str], port: int, *, legacy: bool) -> dict[str, list[str]]:
        """What paramiko must not use: old algorithms, and key types that are not on file for the device."""
        off = {} if legacy else {kind: list(algorithms) for kind, algorithms in SHA1.items()}
        known = self.types(names, port)
        if known:
            wanted = {name for kind in known for name in (_RSA if kind == "ssh-rsa" else (kind,))}
            off["keys"] = sorted({*off.get("keys", ()), *(name for name in _ALL_TYPES if name not in wanted)})
        return off

    def check(self, names: Sequence[str], port: int, key: paramiko.PKey) -> None:
        """Return if the key may be trusted. Raises HostKey where it is unknown, changed or revoked."""
        shown = shown_key(_name(names[0], port), key)
        blob = shown.line.split()[2]
        with self._lock:
            if blob in self._revoked:
                raise HostKey(f"the host key {shown.type} {shown.fingerprint} is marked @revoked in {self._path}")
            entries = list(self._entries(names, port))
            if any(entry.blob == blob for entry in entries):
                return
            if entries:
                raise HostKey(
                    f"the host key has changed: it is now {shown.type} {shown.fingerprint}; no password "
                    f"was sent. If the device was replaced, delete its line in {self._path} "
                    f"and run `netcover trust {names[0]}`"
                )
            if not self._learn:
                raise HostKey(
                    f"the host key {shown.type} {shown.fingerprint} is not in {self._path}; no password "
                    f"was sent. Compare it on the device, then run `netcover trust {names[0]}`"
                )
            append(self._path, (shown.line,))
            self._add(shown.line, str(self._path))

    def _entries(self, names: Sequence[str], port: int) -> Iterator[_Entry]:
        for name in dict.fromkeys(_name(name, port) for name in names if name):
            yield from self._plain.get(name.lower(), ())
            yield from (entry for entry in self._odd if _matches(entry.names, name))

    def _add(self, line: str, where: str) -> None:
        fields = line.split()
        if not fields or line.startswith("#"):
            return
        marker = fields.pop(0) if fields[0].startswith("@") else ""
        if len(fields) < 3 or not _is_base64(fields[2]):
            raise ConfigError(f"{where}: not a known_hosts line (names, key type, key in base64)")
        entry = _Entry(tuple(fields[0].split(",")), fields[1], fields[2])
        if marker == "@revoked":
            self._revoked.add(entry.blob)
        elif not marker and any(name[0] in "|!" or "*" in name or "?" in name for name in entry.names if name):
            self._odd.append(entry)
        elif not marker:
            for name in entry.names:
                self._plain.setdefault(name.lower(), []).append(entry)


class Policy(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko ships no types for it
    """paramiko asks it during the key exchange; what it raises ends the connection before any password."""

    def __init__(
        self, known: KnownHosts, names: Sequence[str], port: int, *, then: Callable[[], None] | None = None
    ) -> None:
        """*then* is called once the key is found good, right before the login; what it raises ends the connection."""
        self._known, self._names, self._port, self._then = known, names, port, then

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Let the known hosts decide, under the names of the target, not the one paramiko made up."""
        del client, hostname
        self._known.check(self._names, self._port, key)
        if self._then is not None:
            self._then()


def append(path: Path, lines: Sequence[str]) -> None:
    """Add lines to a known_hosts file in one write, so that two writers never share a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        unfinished = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if unfinished else b"") + data)
    finally:
        os.close(handle)


def shown_key(name: str, key: paramiko.PKey) -> ShownKey:
    """A key with its fingerprint and its line for *name*."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return ShownKey(key.get_name(), f"SHA256:{digest}", f"{name} {key.get_name()} {key.get_base64()}")


def scan_host_key(address: str, port: int = 22, *, legacy: bool = False, timeout: float = 10.0) -> ShownKey:
    """The key a device shows, learnt without a login. Raises CollectError."""
    return shown_key(_name(address, port), _remote_key(address, port, legacy=legacy, timeout=timeout))


def checked_line(known: KnownHosts, names: Sequence[str], port: int, *, legacy: bool, timeout: float) -> str:
    """The known_hosts line of the key that the device at ``names[0]`` shows and *known* trusts.

    For libraries that log in by themselves: asked without a login. Raises CollectError, HostKey above all.
    """
    key = _remote_key(names[0], port, legacy=legacy, timeout=timeout)
    known.check(names, port, key)
    return shown_key(_name(names[0], port), key).line


def _remote_key(address: str, port: int, *, legacy: bool, timeout: float) -> paramiko.PKey:
    sock = dial(address, port, min(timeout, 5.0))
    transport = paramiko.Transport(sock, disabled_algorithms=None if legacy else SHA1)
    transport.banner_timeout = timeout
    try:
        transport.start_client(timeout=timeout)
        return transport.get_remote_server_key()
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise CryptoMismatch(mismatch(address, port, legacy=legacy)) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise TimedOut(
            f"{address}:{port} did not finish the SSH key exchange: {error or type(error).__name__}"
        ) from error
    finally:
        transport.close()
        sock.close()


def dial(address: str, port: int, timeout: float) -> socket.socket:
    """A TCP connection with keep-alive. Raises Refused or Unreachable."""
    try:
        sock = socket.create_connection((address, port), timeout)
    except ConnectionRefusedError as error:
        raise Refused(f"{address}:{port} refuses connections") from error
    except TimeoutError as error:
        raise Unreachable(f"{address}:{port} does not answer within {timeout:g} s") from error
    except OSError as error:
        raise Unreachable(f"{address}:{port}: {error.strerror or error}") from error
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock


def mismatch(address: str, port: int, *, legacy: bool) -> str:
    """Why no algorithm is in common, with what the device offers: it is asked once more, without a login."""
    try:
        offered = offers(address, port)
        listed = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in offered.items())
    except CollectError as error:
        listed = f"(could not be read again: {error})"
    cure = "" if legacy else "; `legacy_ssh = yes` in the target list allows old algorithms for this device alone"
    return f"no SSH algorithm in common; the device offers {listed}{cure}"


def offers(address: str, port: int, timeout: float = 5.0) -> dict[str, tuple[str, ...]]:
    """The algorithms in a server's SSH_MSG_KEXINIT (RFC 4253 sections 4.2, 6, 7.1). Raises CollectError."""
    with dial(address, port, timeout) as sock, sock.makefile("rb") as stream:
        try:
            sock.sendall(b"SSH-2.0-netcover\r\n")
            greeting = (stream.readline(1024) for _ in range(50))
            if not any(line.startswith(b"SSH-") for line in greeting):
                raise Malformed("it does not greet as an SSH server")
            length = int.from_bytes(stream.read(4), "big")
            packet = stream.read(length) if 0 < length <= 35000 else b""
        except OSError as error:
            raise TimedOut(f"{address}:{port}: {error}") from error
    if len(packet) < 18 or packet[1] != _KEXINIT:
        raise Malformed("it sends no list of algorithms")
    return _name_lists(packet[18:])


def _name_lists(body: bytes) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for kind in _KEXINIT_LISTS:
        length = int.from_bytes(body[:4], "big")
        names, body = body[4 : 4 + length], body[4 + length :]
        if kind:
            found[kind] = tuple(name for name in names.decode("ascii", "replace").split(",") if name.isprintable())
    return found


def _name(host: str, port: int) -> str:
    return host if port == 22 else f"[{host}]:{port}"


def _matches(patterns: Sequence[str], name: str) -> bool:
    """OpenSSH's rule: one pattern must match and no `!` pattern may."""
    if any(pattern.startswith("!") and _matches((pattern[1:],), name) for pattern in patterns):
        return False
    return any(
        _hashed(pattern, name)
        if pattern.startswith("|1|")
        else fnmatch.fnmatchcase(name.lower(), _literal(pattern.lower()))
        for pattern in patterns
        if not pattern.startswith("!")
    )


def _literal(pattern: str) -> str:
    """The brackets of ``[host]:port`` mean themselves."""
    return pattern.replace("[", "[[]")


def _hashed(pattern: str, name: str) -> bool:
    """Match a hashed name, ``|1|salt|hmac-sha1`` in base64."""
    salt, _, digest = pattern[3:].partition("|")
    if not (_is_base64(salt) and _is_base64(digest)):
        return False
    made = hmac.new(base64.b64decode(salt), name.encode(), "sha1").digest()
    return hmac.compare_digest(made, base64.b64decode(digest))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
