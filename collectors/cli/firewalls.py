"""ASA: `show module` and `show failover`.

Sources: the ASA command reference and recorded answers. The first module is the box itself; on most models its serial
is the board's, as in `show version`, so it counts only where no inventory names the chassis. A module that is software
bears the serial of the box.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors.apart import MATE
from collectors.cli.found import BESIDE_INDEX, Found, doubt, unknown
from collectors.model import Part
from collectors.serials import canonical

BOARD_INDEX: Final = "board:"
"""Begins the index of the box as its boards tell it: a hint, where the inventory names no chassis."""
_RULER: Final = re.compile(r"[ \t]*-{3,}(?:[ \t]+-{3,})+[ \t]*")
_HEAD: Final = re.compile(r"\s*Mod\b.*")
_SSP: Final = re.compile(r"SSP|WS-SVC|-SM-", re.I)
"""A module that holds the firewall, in a chassis of its own."""
_SERIALS: Final = re.compile(r"^\s*Serial Number: Ours (?P<ours>[^\s,]+), Mate (?P<mate>\S+)", re.M)
_VERSION: Final = re.compile(r"^\s*Version: Ours [^,\n]+, Mate (?P<mate>\S+)", re.M)
_OTHER: Final = re.compile(r"^\s*Other host: (?P<role>\w+)[\s\S]*?^\s*slot 0: (?P<model>\S+)", re.M)
_STATE: Final = re.compile(r"^\s*Failover (?:On|Off)\b", re.M)

Row = tuple[str, ...]


def modules(text: str) -> Found:
    """The box as module 0 tells it, and the cards beside it."""
    tables = list(_tables(text))
    cards = next((rows for names, rows in tables if "serial no." in names), None)
    if not cards:
        return Found(doubt="no table of modules with their serials")
    revisions = {row[0]: row for names, rows in tables if "hw version" in names for row in rows}
    first = "0" if any(row[0] == "0" for row in cards) else cards[0][0]  # a Firepower counts itself as module 1
    box = next((canonical(row[3]) for row in cards if row[0] == first), "")
    parts = []
    for mod, descr, model, serial, *_ in cards:
        hardware = revisions[mod][2] if mod in revisions and len(revisions[mod]) > 2 else ""
        if mod == first and not _SSP.search(model):
            parts.append(Part(f"{BOARD_INDEX}0", "", "chassis", "Chassis", descr, model, serial))
        elif mod == first or canonical(serial) != box:
            parts.append(
                Part(f"{BESIDE_INDEX}module:{mod}", "", "module", f"module {mod}", descr, model, serial, hardware)
            )
    torn = sorted({row[0] for row in cards} ^ set(revisions))
    bad = unknown(_strays(text))
    return Found(tuple(parts), doubt(bad) or (f"module {torn[0]} is not in both tables" if torn else ""))


def failover(text: str) -> Found:
    """The other box of the pair, where both serials are named. `collectors.apart` decides whether it is a unit."""
    if not _STATE.search(text):
        return Found(doubt="it does not say whether failover is on")
    serials = _SERIALS.search(text)
    if serials is None or not canonical(serials["mate"]):
        return Found()
    release = _VERSION.search(text)
    other = _OTHER.search(text)
    mate = Part(
        f"{MATE}{serials['ours']}",
        cls="chassis",
        name="failover mate",
        descr=f"the {other['role'].lower()} of the failover pair" if other else "",
        product_id=other["model"] if other else "",
        serial=serials["mate"],
        software=release["mate"] if release else "",
    )
    return Found((mate,))


def _tables(text: str) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Each table's headings in lower case and its rows, cut at the ruler."""
    lines = [line.expandtabs().rstrip() for line in text.splitlines()]
    for at, line in enumerate(lines):
        if not at or not _RULER.fullmatch(line) or not _HEAD.fullmatch(lines[at - 1]):
            continue
        starts = [match.start() for match in re.finditer("-+", line)]
        rows = []
        for row in lines[at + 1 :]:
            if not row.strip() or _HEAD.fullmatch(row):
                break
            rows.append(_cut(row, starts))
        yield tuple(name.lower() for name in _cut(lines[at - 1], starts)), rows


def _cut(line: str, starts: list[int]) -> Row:
    return tuple(line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True))


def _strays(text: str) -> Iterator[str]:
    """The lines that belong to no table: a table runs from its heading to the next empty line."""
    inside = False
    for line in text.splitlines():
        inside = bool(line.strip()) and (inside or bool(_HEAD.fullmatch(line)))
        if not inside:
            yield line
