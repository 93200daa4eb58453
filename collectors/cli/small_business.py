"""Small-business switches (SG, SF, CBS, Catalyst 1200 and 1300): `show version`, `show system` and `show system id`.

Sources: the CLI guides of the 300, 350 and CBS series, and recorded answers. A stack prints one row a unit in a table,
a single switch one line.
"""

from __future__ import annotations

import re
from typing import Final

from collectors.cli.found import MEMBERS_INDEX, Found
from collectors.model import Part, Software
from collectors.serials import canonical

_ACTIVE: Final = re.compile(r"^[ \t]*Active-image:.*\n(?:[ \t]+.*\n)*?[ \t]+Version:[ \t]*(?P<release>\d\S*)", re.M)
_SOFTWARE: Final = re.compile(r"^[ \t]*SW [Vv]ersion[ \t:]+(?P<release>\d\S*)", re.M)
_UNIT: Final = re.compile(r"^[ \t]*(?P<unit>\d)[ \t]+(?P<release>\d+(?:\.\d+){2,})[ \t]", re.M)
_NAME: Final = re.compile(r"^[ \t]*System Name[ \t]*:[ \t]*(?P<name>\S+)", re.M)
_SYSTEM: Final = re.compile(r"^[ \t]*System (?:Description|Object ID|Up Time)\b", re.M)
_ONE: Final = re.compile(r"^[ \t]*(?:System ID:[ \t]*)?serial number[ \t]*:?[ \t]+(?P<serial>\S+)[ \t]*$", re.M | re.I)
_MANY: Final = re.compile(r"^[ \t]*(?P<unit>\d)[ \t]+(?P<serial>[A-Z0-9]{8,})[ \t]*$", re.M)


def version(text: str) -> Found:
    """The release of the active image."""
    found = _ACTIVE.search(text) or _SOFTWARE.search(text) or _UNIT.search(text)
    return Found(software=(Software(found["release"]),)) if found else Found(doubt="no release in the answer")


def system(text: str) -> Found:
    """The host name."""
    name = _NAME.search(text)
    return Found(hostname=name["name"] if name else "", doubt="" if _SYSTEM.search(text) else "no system in the answer")


def identity(text: str) -> Found:
    """Each unit's serial: chassis, where the inventory names none."""
    rows = [("1", m["serial"]) for m in _ONE.finditer(text)] + [(m["unit"], m["serial"]) for m in _MANY.finditer(text)]
    parts = tuple(
        Part(f"{MEMBERS_INDEX}{unit}", cls="chassis", name=f"Unit {unit}", serial=serial)
        for unit, serial in rows
        if canonical(serial)
    )
    return Found(parts, doubt="" if parts else "no serial in the answer")
