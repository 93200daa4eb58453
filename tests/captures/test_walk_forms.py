"""What an agent said gives the same units in every form that net-snmp writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors import platforms
from collectors.oids import Oid, dotted, oid
from collectors.saved import names, read_captures
from tests.devices.replay import CASES
from tests.lab import ber, snmprec

PLATFORMS = platforms.load()
NOW = datetime(2031, 3, 9, tzinfo=UTC)
RECORDED = [path for case in CASES if (path := case / "devices" / "device" / "objects.snmprec").is_file()]
LABELS = {number: name for name, number in names.NAMES.items()}
CLASSES = (
    "",
    "other",
    "unknown",
    "chassis",
    "backplane",
    "container",
    "powerSupply",
    "fan",
    "sensor",
    "module",
    "port",
)


def units(text: str, folder: Path) -> list[tuple[str, ...]]:
    (folder / "device").mkdir(parents=True, exist_ok=True)
    (folder / "device" / "walk.txt").write_text(text, "utf-8")
    return [told for seen in read_captures(folder, PLATFORMS, lambda: NOW) for told in _units(seen.units)]


def _units(found: Iterable[object]) -> list[tuple[str, ...]]:
    return sorted(tuple(str(getattr(one, name)) for name in ("serial", "product_id", "kind", "slot")) for one in found)


def numeric(name: Oid) -> str:
    return f".{dotted(name)}"


def short(name: Oid) -> str:
    return f"iso.{dotted(name[1:])}"


def symbolic(name: Oid) -> str:
    at = next((at for at in range(len(name) - 1, 4, -1) if name[:at] in LABELS), 0)
    return f"SOME-MIB::{LABELS[name[:at]]}.{dotted(name[at:])}" if at else numeric(name)


def hexed(octets: bytes) -> str:
    lines = [octets[at : at + 16].hex(" ").upper() for at in range(0, len(octets), 16)]
    return "Hex-STRING: " + " \n".join(lines) + " "


def quoted(octets: bytes) -> str:
    text = octets.decode("latin-1").replace("\\", "\\\\").replace('"', '\\"')
    return f'STRING: "{text}"' if octets.isascii() and all(o > 31 or o in b"\r\n\t" for o in octets) else hexed(octets)


def plain(octets: bytes) -> str:
    return f"STRING: {octets.decode()}" if octets.isascii() and octets.decode().isprintable() else hexed(octets)


def walk(objects: dict[Oid, bytes], label: Callable[[Oid], str], text: Callable[[bytes], str], *, named: bool) -> str:
    lines: list[str] = []
    for name in sorted(objects):
        tag, content, _ = ber.read(objects[name])
        if tag == ber.OBJECT_ID:
            value = f"OID: {numeric(ber.read_oid(content))}"
        elif tag in (ber.OCTETS, ber.OPAQUE):
            value = text(content)
        elif tag == ber.TIME_TICKS:
            value = f"Timeticks: ({ber.read_integer(content)}) 1:02:03.04"
        else:
            number = ber.read_integer(content)
            word = named and name[:-1] == oid("1.3.6.1.2.1.47.1.1.1.1.5") and number < len(CLASSES)
            value = f"INTEGER: {CLASSES[number]}({number})" if word else f"INTEGER: {number}"
        lines.append(f"{label(name)} = {value}\n")
    return "".join(lines)


FORMS: Sequence[tuple[str, Callable[[Oid], str], Callable[[bytes], str], bool]] = (
    ("numeric", numeric, quoted, False),
    ("enumerated_as_numbers", symbolic, plain, False),
    ("with_mibs", symbolic, plain, True),
    ("without_mibs", short, quoted, False),
    ("all_in_hex", numeric, hexed, False),
)


@pytest.mark.parametrize(("form", "label", "text", "named"), FORMS, ids=[form[0] for form in FORMS])
def test_every_recording_gives_its_units_in_every_form(
    form: str, label: Callable[[Oid], str], text: Callable[[bytes], str], named: bool, tmp_path: Path
) -> None:
    wrong = {}
    for path in RECORDED:
        recorded = path.read_text("utf-8")
        (tmp_path / path.parents[2].name / "device").mkdir(parents=True)
        (tmp_path / path.parents[2].name / "device" / "objects.snmprec").write_text(recorded, "utf-8")
        (seen,) = read_captures(tmp_path / path.parents[2].name, PLATFORMS, lambda: NOW)
        written = walk(snmprec(recorded), label, text, named=named)
        got = units(written, tmp_path / f"{path.parents[2].name}-{form}")
        if got != _units(seen.units):
            wrong[path.parents[2].name] = (got, _units(seen.units))
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('LLDP-MIB::lldpRemManAddrIfSubtype.0.2.1.ipV4."0A 00 00 01 "', "1.0.8802.1.1.2.1.4.2.1.3.0.2.1.1.4.10.0.0.1"),
        ("LLDP-MIB::lldpRemChassisId.0.2.1", "1.0.8802.1.1.2.1.4.1.1.5.0.2.1"),
        ("CISCO-CDP-MIB::cdpCacheDeviceId.10101.3", "1.3.6.1.4.1.9.9.23.1.2.1.1.6.10101.3"),
        ("cdpCachePrimaryMgmtAddr.7.1", "1.3.6.1.4.1.9.9.23.1.2.1.1.20.7.1"),
        ("IF-MIB::ifName.10101", "1.3.6.1.2.1.31.1.1.1.1.10101"),
        ("ceAssetOrderablePartNumber.1", "1.3.6.1.4.1.9.9.92.1.1.1.3.1"),
    ],
)
def test_a_name_of_a_neighbours_table_is_its_number(text: str, name: str) -> None:
    assert names.numeric(text) == oid(name)
