"""Recordings served as devices: `.snmprec` files over SNMP, saved CLI answers over SSH."""

from __future__ import annotations

import bz2
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.device import Access, Cli, Device
from tests.lab.dialects import DIALECTS

_NUMBERS: Final = {2: ber.INTEGER, 65: ber.COUNTER32, 66: ber.GAUGE32, 67: ber.TIME_TICKS, 70: ber.COUNTER64}
_TEXTS: Final = {4: ber.OCTETS, 68: ber.OPAQUE}
_KNOWN: Final = frozenset((*_NUMBERS, *_TEXTS, 5, 6, 64))


def snmprec(text: str, origin: str = "snmprec") -> dict[Oid, bytes]:
    """Read ``OID|TYPE|VALUE`` lines; ``4x`` means that the octets are in hex.

    Objects of a type that SNMP does not have are left out, as no agent could send them. Lines that
    are none, and those with a variation module (``4:numeric``), are refused with their number.
    """
    mib: dict[Oid, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            oid, kind, value = line.split("|", 2)
            if kind.strip().isdecimal() and int(kind) not in _KNOWN:
                continue
            mib[tuple(int(arc) for arc in oid.strip().strip(".").split("."))] = _value(kind.strip(), value)
        except (ValueError, KeyError) as error:
            raise ValueError(f"{origin}:{number}: {line[:60]!r}: {error}") from error
    return mib


def snmprec_text(mib: Mapping[Oid, bytes]) -> str:
    """Write objects as a recording; what is no plain text goes as hex."""
    lines = []
    for oid in sorted(mib):
        tag, content, _ = ber.read(mib[oid])
        lines.append(f"{'.'.join(map(str, oid))}|{_recorded(tag, content)}")
    return "\n".join(lines) + "\n"


def snmprec_device(path: Path, address: str, *, access: Access | None = None, hostname: str = "") -> Device:
    """Serve a recording (also ``.bz2``) as the device at *address*, over v2c and v3."""
    octets = bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()
    mib = snmprec(octets.decode("utf-8", "surrogateescape"), path.name)
    return Device(address, hostname=hostname, mib=mib, access=access or Access())


def cli_device(
    platform: str,
    answers: Mapping[str, str],
    address: str,
    *,
    hostname: str = "device",
    banner: str = "",
    access: Access | None = None,
) -> Device:
    """Serve saved answers with the platform's prompt; any other command is refused in that system's words."""
    cli = Cli(PLATFORM_DIALECTS.get(platform, platform), answers, banner)
    if cli.dialect not in DIALECTS:
        raise ValueError(f"no dialect for the platform {platform!r}; there are {sorted(DIALECTS)}")
    return Device(address, hostname=hostname, platform=platform, cli=cli, access=access or Access())


PLATFORM_DIALECTS: Final = {
    "cisco_ios": "ios",
    "cisco_nxos": "nxos",
    "cisco_xr": "xr",
    "cisco_asa": "asa",
    "cisco_wlc": "aireos",
    "cisco_sb": "sb",
    "cisco_ftd": "ftd",
    "smartoptics_dcp": "dcp",
}


def _value(kind: str, value: str) -> bytes:
    hexed = kind.endswith("x")
    number = int(kind.removesuffix("x"))
    if number in _TEXTS:
        return ber.tlv(_TEXTS[number], bytes.fromhex(value) if hexed else value.encode("utf-8", "surrogateescape"))
    if number == 6:
        return ber.object_id(tuple(int(arc) for arc in value.strip().strip(".").split(".")))
    if number == 64:
        return ber.tlv(ber.IP_ADDRESS, bytes.fromhex(value) if hexed else bytes(map(int, value.split("."))))
    if number == 5:
        return ber.tlv(ber.NULL, b"")
    return ber.integer(int(value), _NUMBERS[number])


def _recorded(tag: int, content: bytes) -> str:
    by_tag = {tlv: kind for kind, tlv in {**_NUMBERS, **_TEXTS}.items()}
    if tag in (ber.OCTETS, ber.OPAQUE):
        plain = content.isascii() and all(32 <= octet < 127 for octet in content)
        return f"{by_tag[tag]}|{content.decode()}" if plain else f"{by_tag[tag]}x|{content.hex()}"
    if tag == ber.OBJECT_ID:
        return f"6|{'.'.join(map(str, ber.read_oid(content)))}"
    if tag == ber.IP_ADDRESS:
        return f"64|{'.'.join(map(str, content))}"
    return "5|" if tag == ber.NULL else f"{by_tag[tag]}|{ber.read_integer(content)}"
