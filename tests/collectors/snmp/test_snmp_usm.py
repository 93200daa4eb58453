"""Known answers: RFC 3414 appendix A.3, RFC 2202 and 4231 (the HMACs of RFC 7860); else pysnmp."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.type import univ
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto.secmod.eso.priv import aes192, aes256, des3
from pysnmp.proto.secmod.rfc3414.priv import des
from pysnmp.proto.secmod.rfc3826.priv import aes

from collectors.errors import Malformed
from collectors.transports.snmp import usm
from collectors.transports.snmp.seam import AUTHS, PRIVS, User

ENGINE = bytes.fromhex("000000000000000000000002")
PASSWORD = b"maplesyrup"
JEFE = (b"Jefe", b"what do ya want for nothing?")
ORACLES: dict[str, Any] = {
    "des": des.Des(),
    "3des": des3.Des3(),
    "aes128": aes.Aes(),
    "aes192": aes192.Aes192(),
    "aes256": aes256.Aes256(),
    "aes192-blumenthal": aes192.AesBlumenthal192(),
    "aes256-blumenthal": aes256.AesBlumenthal256(),
}
PYSNMP_AUTH = {
    "md5": hlapi.usmHMACMD5AuthProtocol,
    "sha1": hlapi.usmHMACSHAAuthProtocol,
    "sha224": hlapi.usmHMAC128SHA224AuthProtocol,
    "sha256": hlapi.usmHMAC192SHA256AuthProtocol,
    "sha384": hlapi.usmHMAC256SHA384AuthProtocol,
    "sha512": hlapi.usmHMAC384SHA512AuthProtocol,
}


@pytest.mark.parametrize(
    ("auth", "master", "local"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_rfc_3414_appendix_a_3(auth: str, master: str, local: str) -> None:
    assert usm.master_key(PASSWORD, auth).hex() == master
    assert usm.localise(bytes.fromhex(master), auth, ENGINE).hex() == local


@pytest.mark.parametrize(
    ("auth", "digest"),
    [
        ("md5", "750c783e6ab0b503eaa86e31"),
        ("sha1", "effcdf6ae5eb2fa2d27416d5"),
        ("sha224", "a30e01098bc6dbbf45690f3a7e9e6d0f"),
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d273983"),
        ("sha384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"),
        (
            "sha512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd",
        ),
    ],
)
def test_signatures_are_the_hmacs_of_the_standards_cut_to_length(auth: str, digest: str) -> None:
    assert usm.sign(auth, *JEFE).hex() == digest


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("priv", PRIVS)
def test_privacy_keys_are_those_of_pysnmp(auth: str, priv: str) -> None:
    oracle, protocol = ORACLES[priv], PYSNMP_AUTH[auth]
    expected = oracle.localize_key(protocol, oracle.hash_passphrase(protocol, PASSWORD), univ.OctetString(ENGINE))

    keys = usm.Keyring().keys(User("u", auth, "another key", priv, PASSWORD.decode()), ENGINE)

    assert keys.priv == bytes(expected)


def test_a_password_is_hashed_once_however_many_engines_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []
    real = usm.master_key
    monkeypatch.setattr(usm, "master_key", lambda word, auth: hashed.append(word) or real(word, auth))
    ring, user = usm.Keyring(), User("u", "sha1", "authentic", "aes128", "in private")

    found = {ring.keys(user, bytes([number] * 8)).priv for number in range(5)}

    assert (len(found), hashed) == (5, [b"authentic", b"in private"])


@given(st.sampled_from(PRIVS), st.binary(max_size=200), st.integers(0, 2**64 - 1), st.integers(0, 2**31 - 1))
def test_what_is_encrypted_is_decrypted(priv: str, plain: bytes, counter: int, time: int) -> None:
    key = usm.extend(b"k" * 64, "sha1", priv, ENGINE)
    secret, salt = usm.encrypt(priv, key, 3, time, counter, plain)

    back = usm.decrypt(priv, key, 3, time, salt, secret)

    assert back[: len(plain)] == plain
    assert not any(back[len(plain) :])


def test_a_salt_of_the_wrong_length_and_a_broken_block_are_malformed() -> None:
    for salt, secret in ((b"short", bytes(16)), (bytes(8), bytes(15))):
        with pytest.raises(Malformed):
            usm.decrypt("des", bytes(16), 1, 1, salt, secret)


def test_a_signature_holds_for_its_message_only() -> None:
    message = b"head" + bytes(12) + b"tail"
    signed = b"head" + usm.sign("sha1", b"key", message) + b"tail"

    assert usm.signature_holds("sha1", b"key", signed, 4, 16)
    assert not usm.signature_holds("sha1", b"kez", signed, 4, 16)
    assert not usm.signature_holds("sha1", b"key", signed[:-1] + b"?", 4, 16)
    assert not usm.signature_holds("sha1", b"key", signed, 4, 4), "an empty signature signs nothing"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("u", "sha3", "longenough"), "auth 'sha3' is none of"),
        (("u", "sha1", "short"), "auth_key has fewer than 8"),
        (("u", "", "longenough"), "auth_key is given without auth"),
        (("u", "sha1", "longenough", "rot13", "longenough"), "priv 'rot13' is none of"),
        (("u", "", "", "aes128", "longenough"), "privacy needs authentication"),
        (("", "sha1", "longenough"), "1 to 32 bytes"),
        (("u" * 33,), "1 to 32 bytes"),
    ],
)
def test_a_user_that_cannot_work_is_refused(fields: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        User(*fields)


def test_keys_do_not_show_in_a_repr() -> None:
    user = User("u", "sha1", "canary-auth", "aes128", "canary-priv")
    assert "canary" not in repr(user) + repr(usm.Keyring().keys(user, ENGINE))
