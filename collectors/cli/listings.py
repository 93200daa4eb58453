"""Shorter lists of parts: fabric extenders, power supplies, transceivers and identity memories.

Sources: the NX-OS commands `show fex` and `show interface transceiver`, the Catalyst commands `show environment power
all`, `show idprom all` and `show interfaces transceiver detail`, and recorded answers of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from collectors.cli.found import BESIDE_INDEX, Found, doubt, unknown
from collectors.cli.tables import tables
from collectors.model import Part

_FEX: Final = re.compile(r"\s*(\d{1,3}) +(\S.*?) {2,}(\S.*?)(?: {2,}(\S+)(?: +(\S+))?)?\s*")
_FEX_HEAD: Final = re.compile(r"(?:FEX +)+FEX$|Number +Description +State +Model +Serial$", re.I)
_PORT: Final = re.compile(r"(?:Ethernet|fc|ext|vfc|mgmt)\d[\d/.]*(?=\s|$)", re.I)
_IS: Final = re.compile(
    r"(?P<key>cisco product id|cisco version id|manufacturer's part number|part number|serial number"
    r"|name|revision|type)"
    r" is\s*(?P<value>.*)",
    re.I,
)
_PRESENT: Final = re.compile(r"\b(?:transceiver|sfp) is present", re.I)
_IDPROM: Final = re.compile(
    r"^[ \t]*(?:IDPROM for transceiver (?P<port>\S+?):?|(?P<place>\S.*?) Idprom:?)[ \t]*$", re.I
)
_PAIR: Final = re.compile(r"^[ \t]*(?P<key>[A-Z][^:=\n]*?)[ \t]*[:=]+[ \t]*(?:=[ \t]*)?(?P<value>.*?)[ \t]*$", re.M)
_MEMBER: Final = re.compile(r"^[ \t]*Switch Number:?[ \t]+(\d+)", re.I)


def extenders(text: str) -> Found:
    """`show fex`: one line an extender; each is a chassis with a serial of its own."""
    parts: list[Part] = []
    rest: list[str] = []
    for line in text.splitlines():
        row = _FEX.fullmatch(line)
        if row is None:
            rest.append(line)
        else:
            number, descr, _, product, serial = row.groups("")
            name = f"FEX {number} CHASSIS"
            parts.append(
                Part(f"fex:{number}", cls="chassis", name=name, descr=descr, product_id=product, serial=serial)
            )
    bad = unknown(rest, _FEX_HEAD)
    return Found(tuple(parts), doubt(bad))


def power_supplies(text: str) -> Found:
    """`show environment power all`: one line a supply, named by switch and bay."""
    found, rest = tables(text)
    parts = tuple(
        Part(
            f"{BESIDE_INDEX}power:{row['sw']}",
            cls="powerSupply",
            name=_bay(row["sw"]),
            product_id="" if row["pid"].lower() in ("built-in", "unknown") else row["pid"],
            serial=row.get("serial#", ""),
        )
        for table in found
        if {"sw", "pid"} <= set(table.names)
        for row in table.rows
    )
    bad = [line for table in found for line in table.bad] + unknown(
        (line for _, line in rest), re.compile(r"[\w ]+:.*")
    )
    return Found(parts, doubt(bad) or ("" if parts else "no power supply in the answer"))


def transceivers(text: str) -> Found:
    """The optics and cables that `show interface transceiver` describes; readings without a serial are no parts.

    What it says of one is free text, so not its lines are counted but its ends: each optic has a serial number.
    """
    if any(_IDPROM.match(line) for line in text.splitlines()):
        return memories(text)
    parts: list[Part] = []
    for port, lines in _blocks(text):
        said = {m["key"].lower(): m["value"].strip() for line in lines if (m := _IS.match(line.strip()))}
        if port and said:
            parts.append(
                Part(
                    f"{BESIDE_INDEX}port:{port}",
                    cls="port",
                    name=port,
                    descr=said.get("type", ""),
                    product_id=_product(said),
                    serial=said.get("serial number", ""),
                    hardware=said.get("cisco version id", "") or said.get("revision", ""),
                    manufacturer=said.get("name", ""),
                )
            )
    there = len(_PRESENT.findall(text))
    numbered = len(re.findall(r"serial number is\b", text, re.I))
    why = f"{there} transceivers are present, {numbered} say their serial number" if there != numbered else ""
    return Found(tuple(parts), why)


def memories(text: str) -> Found:
    """`show idprom` and the memory of transceivers: blocks of ``label : value`` under a line that names the place."""
    parts: list[Part] = []
    for place, lines, switch in _places(text):
        said = {m["key"].lower(): m["value"] for m in _PAIR.finditer("\n".join(lines))}
        if place:
            parts.append(_memory(place, switch, said))
    bare = next((part.name for part in parts if not part.serial), "")
    return Found(tuple(parts), f"{bare} shows no serial number" if bare else "" if parts else "no memory in the answer")


def _product(said: Mapping[str, str]) -> str:
    """Cisco's product id; else what kind it claims to be, which is one where it looks so; else its maker's own."""
    claimed = said.get("type", "")
    named = claimed if re.fullmatch(r"[A-Z0-9]+(?:-[A-Z0-9.]+)+", claimed) else ""
    return (
        said.get("cisco product id", "")
        or named
        or said.get("part number", "")
        or said.get("manufacturer's part number", "")
    )


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each port's lines; what stands before the first port has the name ""."""
    port, lines = "", list[str]()
    for line in text.splitlines():
        if line[:1].strip() and (found := _PORT.match(line)):
            yield port, lines
            port, lines = found.group(), [line[found.end() :].strip()]
        else:
            lines.append(line)
    yield port, lines


def _places(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Each memory's place, its lines, and the switch it is in."""
    place, switch, lines = "", "", list[str]()
    for line in text.splitlines():
        if member := _MEMBER.match(line):
            yield place, lines, switch
            place, switch, lines = "", member.group(1), []
        elif found := _IDPROM.match(line):
            yield place, lines, switch
            place, lines = found["port"] or found["place"], []
        else:
            lines.append(line)
    yield place, lines, switch


def _memory(place: str, switch: str, said: Mapping[str, str]) -> Part:
    optic = "transceiver type" in said or "serial number (sn)" in said
    cls = "port" if optic else _class(place)
    keys = _SERIALS if cls != "chassis" else _SERIALS[:-1]
    serial = next((said[key] for key in keys if said.get(key)), "")
    return Part(
        f"{BESIDE_INDEX}{switch}:idprom:{place}",
        cls=cls,
        name=f"Switch {switch} {place}" if switch else place,
        descr=said.get("description", ""),
        product_id=said.get("product identifier (pid)", "") or said.get("product number", ""),
        serial=serial,
        hardware=said.get("version identifier (vid)", "") or said.get("vendor revision", ""),
        manufacturer=said.get("vendor name", ""),
    )


_SERIALS: Final = ("chassis serial number", "serial number (sn)", "serial number", "pcb serial number")
"""A chassis's memory holds the number of its board besides, in the last of these; contracts carry the chassis's."""


def _class(place: str) -> str:
    word = place.lower()
    if word.startswith("power"):
        return "powerSupply"
    return "fan" if word.startswith("fan") else "chassis" if word.startswith(("chassis", "switch")) else "module"


def _bay(key: str) -> str:
    number, bay = re.sub(r"\D", "", key), re.sub(r"\d", "", key)
    return f"Switch {number} - Power Supply {bay}".rstrip()
