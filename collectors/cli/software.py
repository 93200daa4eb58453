"""The releases of a device and of its members, put together from all that was said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from collectors import releases
from collectors.model import Part, Software
from collectors.serials import canonical

_INSTALLED: Final = "packages.conf"
"""What the boot variable names where packages are installed: it says nothing of their release."""
_FILE: Final = re.compile(r":|/|\.(?:bin|conf)$")
_MEMBER: Final = re.compile(r"switch (\d+)", re.I)


def told(
    said: Sequence[Software], boots: Sequence[tuple[str, str]], parts: Sequence[Part], greeted: str
) -> tuple[Software, ...]:
    """The device's release, then that of each member that runs or boots another one.

    The first release *said* of the device counts. *boots* are (member number, image or release) from every command;
    *greeted* is the release that the login banner names.
    """
    device = next((one for one in said if not one.serial), Software(greeted) if greeted else None)
    members = {one.serial: one for one in said if one.serial and not (device and _same(one, device))}
    later = _later(boots)
    every = later.get("", "") or (next(iter(set(later.values()))) if len(set(later.values())) == 1 else "")
    found = [replace(one, boots_next=every) for one in ([device] if device else []) + list(members.values())]
    return tuple(_with_members(found, later, every, _numbers(parts), device))


def _same(one: Software, other: Software) -> bool:
    return releases.same(one.version, other.version)


def _later(boots: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What each member ("" the device) starts next.

    An image that the boot variable names wins over installed packages, which start only where it names their list.
    """
    files = _first(pair for pair in boots if _FILE.search(pair[1]))
    images = {number: file for number, file in files.items() if not file.endswith(_INSTALLED)}
    packages = _first(pair for pair in boots if not _FILE.search(pair[1]))
    return images if "" in images else {**packages, **images} or files


def _first(boots: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, image in boots:
        found.setdefault(number, image)
    return found


def _with_members(
    found: Sequence[Software], later: Mapping[str, str], every: str, serials: Mapping[str, str], device: Software | None
) -> Iterator[Software]:
    """*found*, and a row for each member that starts another release than the rest."""
    own = {serials[number]: image for number, image in later.items() if number in serials and image != every}
    for one in found:
        yield replace(one, boots_next=own.pop(one.serial)) if one.serial in own else one
    if device:
        for serial, image in own.items():
            yield Software(device.version, serial, boots_next=image)


def _numbers(parts: Sequence[Part]) -> dict[str, str]:
    """The serial of each member that a row calls "Switch N"."""
    found: dict[str, str] = {}
    for part in parts:
        if (named := _MEMBER.fullmatch(part.name.strip())) and canonical(part.serial):
            found.setdefault(named.group(1), canonical(part.serial))
    return found
