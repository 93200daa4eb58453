"""SSH host keys that are a pure function of the address, so that two runs of the lab show the same ones."""

from __future__ import annotations

import hashlib
import math
import random
from functools import lru_cache

import asyncssh
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.lab.device import Device


def host_key(device: Device) -> asyncssh.SSHKey:
    """The key the device shows now; `Faults.new_host_key` gives another."""
    return _key(device.key, f"{device.address}/{int(device.faults.new_host_key)}")


def known_hosts_line(device: Device, port: int) -> str:
    """The OpenSSH known_hosts line of the key the device ought to show, whatever its faults."""
    public = _key(device.key, f"{device.address}/0").export_public_key("openssh").decode().split()
    name = device.address if port == 22 else f"[{device.address}]:{port}"
    return f"{name} {public[0]} {public[1]}"


@lru_cache(maxsize=4096)
def _key(kind: str, seed: str) -> asyncssh.SSHKey:
    digest = hashlib.sha256(f"lab host key {seed}".encode()).digest()
    private = Ed25519PrivateKey.from_private_bytes(digest) if kind == "ed25519" else _rsa(random.Random(digest))
    return asyncssh.import_private_key(private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))


def _rsa(source: random.Random) -> RSAPrivateKey:
    """RSA-2048 from a seeded source: fit for a lab and for nothing else."""
    e = 65537
    p, q = _prime(source, e), _prime(source, e)
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    numbers = RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), RSAPublicNumbers(e, p * q))
    return numbers.private_key()


def _prime(source: random.Random, e: int) -> int:
    small = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2)))
    while True:
        candidate = source.getrandbits(1024) | 3 << 1022 | 1
        if math.gcd(candidate, small) == 1 and candidate % e != 1 and _probably_prime(candidate, source):
            return candidate


def _probably_prime(n: int, source: random.Random) -> bool:
    """Miller-Rabin, twenty rounds."""
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = (n - 1) >> twos
    for _ in range(20):
        x = pow(source.randrange(2, n - 1), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True
