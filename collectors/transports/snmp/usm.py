"""Keys, authentication and privacy of SNMPv3's User-based Security Model.

RFC 3414 (MD5, SHA-1, DES), RFC 7860 (SHA-2), RFC 3826 (AES-128). AES-192, AES-256 and 3DES never became
standards: drafts of Reeder (3DES, and the key extension Cisco uses for AES) and of Blumenthal (AES).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from collectors.errors import Malformed
from collectors.transports.snmp.seam import User

DIGEST_SIZES: Final = {"md5": 12, "sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}
"""Length of the authentication parameter in the message."""
_PASSWORD_STREAM: Final = 1024 * 1024
_BLOCK: Final = 8


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys at one SNMP engine; empty where the user has none."""

    auth: bytes = field(default=b"", repr=False)
    priv: bytes = field(default=b"", repr=False)


class Keyring:
    """Makes localised keys and remembers the costly half: a password's hash over 1 MiB (Ku).

    It lives and dies with its engine, so that no secret outlasts it.
    """

    def __init__(self) -> None:
        self._masters: dict[tuple[str, str], bytes] = {}

    def keys(self, user: User, engine_id: bytes) -> Keys:
        """The user's keys at that engine (RFC 3414 section 2.6)."""
        if not user.auth:
            return Keys()
        auth = localise(self._master(user.auth, user.auth_key), user.auth, engine_id)
        if not user.priv:
            return Keys(auth)
        priv = localise(self._master(user.auth, user.priv_key), user.auth, engine_id)
        return Keys(auth, extend(priv, user.auth, user.priv, engine_id))

    def _master(self, auth: str, password: str) -> bytes:
        master = self._masters.get((auth, password))
        if master is None:
            master = self._masters[auth, password] = master_key(password.encode(), auth)
        return master


def master_key(password: bytes, auth: str) -> bytes:
    """Ku: the digest of the password repeated to 1 MiB (RFC 3414 appendix A.2). Costs about a millisecond."""
    stream = password * (_PASSWORD_STREAM // len(password) + 1)
    return _hash(auth, memoryview(stream)[:_PASSWORD_STREAM])


def localise(master: bytes, auth: str, engine_id: bytes) -> bytes:
    """Kul: the master key bound to one engine (RFC 3414 section 2.6)."""
    return _hash(auth, master + engine_id + master)


def extend(key: bytes, auth: str, priv: str, engine_id: bytes) -> bytes:
    """Stretch a localised key to the length the privacy protocol needs, and cut it there."""
    need = _CIPHERS[priv].key_size
    while len(key) < need:
        if priv.endswith("-blumenthal"):
            key += _hash(auth, key)
        else:
            # Reeder's draft: the key so far is the password of the next piece.
            key += localise(master_key(key, auth), auth, engine_id)
    return key[:need]


def sign(auth: str, key: bytes, message: bytes) -> bytes:
    """The authentication parameter of a message whose own place is filled with zeros."""
    return hmac.digest(key, message, auth)[: DIGEST_SIZES[auth]]


def signature_holds(auth: str, key: bytes, message: bytes, start: int, stop: int) -> bool:
    """Whether bytes `start` to `stop` of the message are its own signature."""
    blank = message[:start] + bytes(stop - start) + message[stop:]
    return hmac.compare_digest(sign(auth, key, blank), message[start:stop])


def encrypt(priv: str, key: bytes, boots: int, time: int, counter: int, plain: bytes) -> tuple[bytes, bytes]:
    """Encrypt a scoped PDU; return the ciphertext and the privacy parameter (the salt).

    `counter` has 64 bits and is never used twice with one key.
    """
    cipher = _CIPHERS[priv]
    salt = cipher.salt(boots, counter)
    padding = bytes(-len(plain) % cipher.block)
    encryptor = cipher.make(key, salt, boots, time).encryptor()
    return encryptor.update(plain + padding) + encryptor.finalize(), salt


def decrypt(priv: str, key: bytes, boots: int, time: int, salt: bytes, secret: bytes) -> bytes:
    """Decrypt a scoped PDU; padding may follow it. Raises Malformed where salt or length are impossible."""
    cipher = _CIPHERS[priv]
    if len(salt) != _BLOCK or len(secret) % cipher.block:
        raise Malformed("the privacy parameter or the length of the ciphertext is wrong")
    decryptor = cipher.make(key, salt, boots, time).decryptor()
    return decryptor.update(secret) + decryptor.finalize()


Mode = CBC | CFB


@dataclass(frozen=True, slots=True)
class _Privacy:
    key_size: int
    """Bytes of localised key it takes, with what RFC 3414 calls the pre-IV."""
    block: int
    """Plaintext is padded to a multiple of this."""
    salt: Callable[[int, int], bytes]
    make: Callable[[bytes, bytes, int, int], Cipher[Mode]]


def _block_salt(boots: int, counter: int) -> bytes:
    return (boots & 0xFFFFFFFF).to_bytes(4, "big") + (counter & 0xFFFFFFFF).to_bytes(4, "big")


def _stream_salt(_boots: int, counter: int) -> bytes:
    return (counter & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")


def _des(key: bytes, salt: bytes, _boots: int, _time: int) -> Cipher[Mode]:
    return Cipher(TripleDES(key[:8] * 3), CBC(_xor(key[8:16], salt)))  # three equal keys are single DES


def _triple_des(key: bytes, salt: bytes, _boots: int, _time: int) -> Cipher[Mode]:
    return Cipher(TripleDES(key[:24]), CBC(_xor(key[24:32], salt)))


def _aes(key: bytes, salt: bytes, boots: int, time: int) -> Cipher[Mode]:
    return Cipher(AES(key), CFB(boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _hash(auth: str, data: bytes | memoryview) -> bytes:
    return hashlib.new(auth, data, usedforsecurity=False).digest()


_CIPHERS: Final = {
    "des": _Privacy(16, _BLOCK, _block_salt, _des),
    "3des": _Privacy(32, _BLOCK, _block_salt, _triple_des),
    "aes128": _Privacy(16, 1, _stream_salt, _aes),
    "aes192": _Privacy(24, 1, _stream_salt, _aes),
    "aes256": _Privacy(32, 1, _stream_salt, _aes),
    "aes192-blumenthal": _Privacy(24, 1, _stream_salt, _aes),
    "aes256-blumenthal": _Privacy(32, 1, _stream_salt, _aes),
}
