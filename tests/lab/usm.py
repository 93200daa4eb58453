"""The user-based security model of SNMPv3 on the agent's side (RFC 3414, 3826, 7860).

AES-192 and AES-256 follow Cisco's practice: keys are stretched as in draft-reeder-snmpv3-usm-3desede.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # before cryptography 47 both lived with the modern ones
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers.modes import CBC

DIGESTS: Final = {
    "md5": ("md5", 12),
    "sha1": ("sha1", 12),
    "sha224": ("sha224", 16),
    "sha256": ("sha256", 24),
    "sha384": ("sha384", 32),
    "sha512": ("sha512", 48),
}
"""hashlib's name and the length of the truncated digest on the wire."""
PRIVACY: Final = {"des": 16, "aes128": 16, "aes192": 24, "aes256": 32}
"""Octets of key each cipher takes (DES: 8 of key, 8 of pre-IV)."""


@dataclass(frozen=True, slots=True)
class User:
    """A v3 user of one agent with its localised keys; "" for *auth* or *priv* means the level is not used."""

    name: str
    auth: str
    auth_key: bytes
    priv: str
    priv_key: bytes


def localised(name: str, auth: str, auth_password: str, priv: str, priv_password: str, engine_id: bytes) -> User:
    """Turn passwords into the keys of the agent with *engine_id*."""
    digest = DIGESTS[auth][0] if auth else "sha1"
    auth_key = _localise(digest, auth_password, engine_id) if auth else b""
    priv_key = _localise(digest, priv_password, engine_id) if priv else b""
    while priv and len(priv_key) < PRIVACY[priv]:
        priv_key += _localise_octets(digest, priv_key, engine_id)
    return User(name, auth, auth_key, priv, priv_key[: PRIVACY[priv]] if priv else b"")


def digest_size(user: User) -> int:
    return DIGESTS[user.auth][1] if user.auth else 0


def digest(user: User, message: bytes) -> bytes:
    """The digest of a whole message whose digest field is zeros."""
    name, size = DIGESTS[user.auth]
    return hmac.digest(user.auth_key, message, name)[:size]


def encrypt(user: User, boots: int, time: int, salt: bytes, plain: bytes) -> bytes:
    cipher = _cipher(user, boots, time, salt).encryptor()
    padded = plain + bytes(-len(plain) % 8) if user.priv == "des" else plain
    return bytes(cipher.update(padded) + cipher.finalize())


def decrypt(user: User, boots: int, time: int, salt: bytes, secret: bytes) -> bytes:
    cipher = _cipher(user, boots, time, salt).decryptor()
    return bytes(cipher.update(secret) + cipher.finalize())


def _cipher(user: User, boots: int, time: int, salt: bytes) -> Cipher[CBC] | Cipher[CFB]:
    if user.priv == "des":
        pre_iv = user.priv_key[8:16]
        iv = bytes(a ^ b for a, b in zip(pre_iv, salt, strict=True))
        return Cipher(TripleDES(user.priv_key[:8] * 3), CBC(iv))
    iv = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
    return Cipher(algorithms.AES(user.priv_key), CFB(iv))


@lru_cache(maxsize=64)
def _stretched(name: str, password: bytes) -> bytes:
    """Ku: the password repeated to a mebibyte, hashed. The slow step, the same for every agent."""
    repeated = password * (1048576 // len(password) + 1)
    return hashlib.new(name, repeated[:1048576]).digest()


def _localise(name: str, password: str, engine_id: bytes) -> bytes:
    key = _stretched(name, password.encode())
    return hashlib.new(name, key + engine_id + key).digest()


def _localise_octets(name: str, octets: bytes, engine_id: bytes) -> bytes:
    key = _stretched(name, octets)
    return hashlib.new(name, key + engine_id + key).digest()
