"""What a device starts at its next reload: boot variables, installed packages, and the pair of supervisors.

Sources: the commands `show boot` (IOS, IOS-XE, NX-OS), `show install summary` (IOS-XE) and `show redundancy` (IOS,
IOS-XE), and recorded answers. IOS-XE marks a package C once it is committed; one that is only activated (U) gives way
to the committed one at a reload, and one that was deactivated without a commit (D) comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors.cli.found import Found
from collectors.model import Software

_SWITCH: Final = re.compile(r"^[ \t]*Switch (\d+)[ \t]*$", re.M | re.I)
_NEXT: Final = re.compile(r"^[ \t]*Boot Variables on next reload:?[ \t]*$", re.M | re.I)
_VARIABLE: Final = re.compile(
    r"^[ \t]*(?:BOOT path-list|BOOT variable|NXOS variable|system variable|BOOT)[ \t]*[:=][ \t]*(\S*)", re.M | re.I
)
_GROUP: Final = re.compile(r"^\[ (?P<who>[^\]]+?) \] Installed Package\(s\) Information:", re.M)
_PACKAGE: Final = re.compile(r"^IMG[ \t]+(?P<state>[IUCD])[ \t]+(?P<release>\S+)[ \t]*$", re.M)
_IMAGE: Final = re.compile(r"[ \t]*Image Version = (?P<image>.*(?:\n(?!.*=|\s*(?:Technical|Copyright|Compiled)).*)*)")
_VERSION: Final = re.compile(r"Version ([^\s,\[]+)")
_RUNNING: Final = re.compile(r"^[ \t]*Package: [^,\n]+, version: ([^,\s]+), status: active", re.M)
_COMMITTED: Final = "CDU"
"""The states of an image, the one that starts next first."""
_WIDTH: Final = 79


def boot_variables(text: str) -> Found:
    """The image that the boot variable names, by switch where the answer has a block for each."""
    heads = [(match.start(), match.group(1)) for match in _SWITCH.finditer(text)]
    blocks = [("", 0)] if not heads else [(number, at) for at, number in heads]
    ends = [*(at for _, at in blocks[1:]), len(text)]
    found = [(number, _next_image(text[at:end])) for (number, at), end in zip(blocks, ends, strict=True)]
    return Found(boots=tuple((number, image) for number, image in found if image))


def install_summary(text: str) -> Found:
    """The image that is committed, for the device or for each of its switches."""
    heads = list(_GROUP.finditer(text))
    ends = [*(match.start() for match in heads[1:]), len(text)][: len(heads)]
    boots: list[tuple[str, str]] = []
    for head, end in zip(heads, ends, strict=True):
        images = {m["state"]: m["release"] for m in _PACKAGE.finditer(text, head.end(), end)}
        release = next((images[state] for state in _COMMITTED if state in images), "")
        stacked = head["who"].lower().startswith(("switch", "chassis"))
        numbers = re.findall(r"\b\d+\b", head["who"]) if stacked else [""]
        boots += [(number, release) for number in numbers if release]
    doubt = "" if heads else "no list of installed packages in the answer"
    return Found(boots=tuple(boots), doubt=doubt)


def redundancy(text: str) -> Found:
    """`show redundancy`: the release of the active supervisor, and what it boots."""
    releases = [version for image in _images(text) if (version := _version(image))]
    boots = [file for match in _VARIABLE.finditer(text) if (file := _first_file(match.group(1)))]
    return Found(
        software=tuple(Software(release) for release in releases[:1]),
        boots=tuple(("", file) for file in boots[:1]),
        doubt="" if "Redundan" in text else "nothing in the answer was understood",
    )


def packages(text: str) -> Found:
    """`show version running` of IOS-XE: the release of the packages that run, where they are of one."""
    said = [match.group(1) for match in _RUNNING.finditer(text) if match.group(1) != "n/a"]
    doubt = "" if said else "no package that runs in the answer"
    return Found(software=tuple(Software(release) for release in said[:1]), doubt=doubt)


def _next_image(text: str) -> str:
    """The last variable of those for the next reload, else of all; a list begins with what is tried first."""
    later = _NEXT.search(text)
    block = text[later.end() :] if later else text
    return next((file for match in _VARIABLE.finditer(block) if (file := _first_file(match.group(1)))), "")


def _first_file(said: str) -> str:
    """The first file of a boot list without the count of tries behind it.

    >>> _first_file("bootflash:one.bin,12;bootflash:two.bin,12;")
    'bootflash:one.bin'
    """
    return re.sub(r",\d+$", "", said.partition(";")[0]).strip(' "')


def _images(text: str) -> Iterator[str]:
    """What stands behind "Image Version =", lines that a terminal broke joined again."""
    for match in _IMAGE.finditer(text):
        yield re.sub(rf"(?m)^(.{{{_WIDTH},}})\n[ \t]*", r"\1", match.group()).replace("\n", " ").partition(" = ")[2]


def _version(image: str) -> str:
    found = _VERSION.search(image)
    return found.group(1) if found else ""
