"""The access points of a wireless controller, as AireOS and IOS-XE 9800 list them.

`show ap config general` is one block an access point (AireOS pads its labels with dots and wants a name, IOS-XE writes
colons and gives them all), `show ap inventory all` of AireOS is Cisco's inventory under a line for each, and `show ap
summary` counts them and names each one without its serial. Sources: the command references and recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from collectors.apart import ACCESS_POINTS
from collectors.cli import inventory
from collectors.cli.found import Found
from collectors.model import Part

_LABEL: Final = re.compile(
    r"^[ \t]*(?P<label>[A-Za-z][\w /().-]*?)[ .]*(?:\.{2,}|[ \t]:)[ \t]*(?P<value>.*?)[ \t]*$", re.M
)
_STARTS: Final = re.compile(r"^[ \t]*Cisco AP Identifier[ .]*\.{2,}.*$|^[ \t]*Cisco AP Name[ \t]*:.*$", re.M)
_INVENTORY_OF: Final = re.compile(r"^[ \t]*Inventory for[ \t]+(?P<name>.*?)[ \t]*$", re.M)
_COUNT: Final = re.compile(r"^[ \t]*Number of APs[ .:]+(?P<count>\d+)", re.M)
_RULER: Final = re.compile(r"^[ \t]*-{10,}.*$|^[ \t]*-{3,}(?:[ \t]+-{3,})+[ \t]*$", re.M)
_LAST: Final = frozenset(("ap serial number",))
"""The labels without which a block was cut."""
NARROWEST: Final = 18
"""Characters of the narrowest column of names that is known."""
_NONE: Final = re.compile(r"^[ \t]*(?:No APs?\b.*|Number of APs[ .:]+0)[ \t]*$", re.M | re.I)


def config(text: str) -> Found:
    """One part a block of `show ap config general`."""
    starts = [match.start() for match in _STARTS.finditer(text)]
    parts = []
    cut = ""
    for number, (start, end) in enumerate(zip(starts, [*starts, len(text)][1:], strict=True), 1):
        said = {m["label"].strip().lower(): m["value"] for m in _LABEL.finditer(text, start, end)}
        name = said.get("cisco ap name", "")
        serial = said.get("ap serial number", "")
        if not said.keys() >= _LAST or re.search(r"\s{2,}|:", serial):  # its line, or the end of it, is lost
            serial = ""
            cut = cut or f"access point {name or number} has no serial line"
        parts.append(
            Part(
                f"{ACCESS_POINTS}{name or number}",
                name=name,
                descr="access point",
                product_id=said.get("ap model", ""),
                serial=serial,
                software=said.get("s/w  version") or said.get("s/w version") or said.get("software version", ""),
            )
        )
    return Found(tuple(parts), cut or ("" if parts or _NONE.search(text) else "no access point in the answer"))


def inventories(text: str) -> Found:
    """The access point itself of each `Inventory for NAME`: its first row. Radios and the like are parts of it."""
    starts = list(_INVENTORY_OF.finditer(text))
    ends = [*(one.start() for one in starts), len(text)][1:]
    parts: list[Part] = []
    doubts: list[str] = []
    for match, end in zip(starts, ends, strict=True):
        found = inventory.records(text[match.end() : end])
        doubts += [f"{match['name']}: {found.doubt}"] if found.doubt else []
        parts += [
            replace(row, index=f"{ACCESS_POINTS}{match['name']}", name=match["name"], hardware=row.hardware)
            for row in found.parts[:1]
        ]
    if not starts and not _NONE.search(text):
        doubts.append("no access point in the answer")
    return Found(tuple(parts), "; ".join(doubts[:1]))


def summary(text: str) -> Found:
    """Which access points have joined. A long name may be cut to its column: it is looked for as a beginning."""
    count = _COUNT.search(text)
    names = list(_names(text))
    if count is None:
        return Found(doubt="it does not say how many access points there are")
    why = "" if int(count["count"]) == len(names) else f"{count['count']} access points, {len(names)} understood"
    patterns = {name: f"^{re.escape(name)}" + ("$" if len(name) < NARROWEST else "") for name in names}
    return Found(doubt=why, wanted=tuple((f"access point {name} has joined", p) for name, p in patterns.items()))


def _names(text: str) -> Iterator[str]:
    lines: Sequence[str] = text.splitlines()
    ruler = next((at for at, line in enumerate(lines) if _RULER.match(line)), len(lines))
    slots = next((line.find(" Slots ") + 1 for line in lines[:ruler] if " Slots " in line), 0)
    for line in lines[ruler + 1 :]:
        if found := re.match(r"[ \t]*(\S.*?)[ \t]+\d{1,2}[ \t]+\S", line):
            apart = 0 < slots < len(line) and line[slots - 1] == " "  # a long name pushes what follows to the right
            yield line[:slots].strip() if apart and re.match(r" *\d{1,2} +\S", line[slots:]) else found[1]
