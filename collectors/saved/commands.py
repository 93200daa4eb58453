"""Which command of the allow-list a typed line, a file's name or a file's content stands for."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePath
from typing import Final

_SHORTEST: Final = (2, 3, 2, 2)
"""Letters of each word that an abbreviation must give: `sh`, `inv`, `us`; `show in` may be interfaces."""
_CONTENT: Final = (
    ("show inventory", r"^[ \t]*NAME[ \t]*:.*\bDESCR[ \t]*:|^ *Location +Part number +Description"),
    ("show sysinfo", r"^Product Name\.{3,} *Cisco Controller"),
    (
        "show version",
        r"^ *(?:Cisco IOS(?: XE| XR)? Software|Cisco Internetwork Operating System|Cisco Nexus Operating System"
        r"|IOS \(tm\)|Cisco Adaptive Security Appliance|-+\[ .* \]-+$)",
    ),
)
SUFFIXES: Final = frozenset(
    (".txt", ".log", ".out", ".cap", ".capture", ".raw", ".cli", ".snmprec", ".snmpwalk", ".walk", ".bz2", ".gz")
)


def spelled(line: str, allowed: Collection[str]) -> str | None:
    """The one command of *allowed* that *line* is, in full or abbreviated; None where it is none, or several.

    >>> spelled("sh ver", ("show version", "show license"))
    'show version'
    """
    words = line.lower().split()
    if " ".join(words) in allowed:
        return " ".join(words)
    found = [command for command in allowed if _stands_for(words, command.split())]
    return found[0] if len(found) == 1 else None


def of_content(text: str, allowed: Collection[str]) -> str | None:
    """The command whose answer *text* looks like."""
    return next((name for name, mark in _CONTENT if name in allowed and re.search(mark, text, re.M | re.I)), None)


def of_file(stem: str, text: str, allowed: Collection[str]) -> str | None:
    """The command whose answer a bare file is: what *text* shows, unless the name says one that cannot be seen in it.

    An answer to `show redundancy` also begins like `show version`, and `show inventory raw` like `show inventory`.
    """
    named = of_name(stem, allowed)[1]
    shown = of_content(text, allowed)
    return named if named and named not in {name for name, _ in _CONTENT} else shown or named


def of_name(stem: str, allowed: Collection[str]) -> tuple[str, str | None]:
    """What stands before the command in a file's name, and the command: ``core1_show_inventory``.

    >>> of_name("core1-show version", ("show version",))
    ('core1', 'show version')
    """
    for command in sorted(allowed, key=len, reverse=True):
        words = r"[ _.+-]+".join(map(re.escape, command.split()))
        if match := re.fullmatch(rf"(?P<device>.*?)(?:^|[ _.+-]+){words}(?P<more>[ _.+(-]+\d*\)?)?", stem, re.I | re.S):
            return match["device"], command
    return stem, None


def stem(path: PurePath) -> str:
    """The file's name without the endings of captures; a name like ``10.1.1.1`` has none.

    >>> stem(PurePath("a/core1.example.snmprec.bz2"))
    'core1.example'
    """
    name = path.name
    while (ending := PurePath(name).suffix).lower() in SUFFIXES:
        name = name[: -len(ending)]
    return name


def _stands_for(words: list[str], command: list[str]) -> bool:
    if command[:1] == ["admin"]:
        return (
            bool(words)
            and words[0].startswith("ad")
            and "admin".startswith(words[0])
            and _stands_for(words[1:], command[1:])
        )
    return len(words) == len(command) and all(
        whole == word or (len(word) >= least and whole.startswith(word))
        for word, whole, least in zip(words, command, (*_SHORTEST, 2, 2), strict=False)
    )
