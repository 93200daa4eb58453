"""What a Python reader finds in one answer, and the lines that every answer may hold besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from collectors.model import Part, Software

MEMBERS_INDEX: Final = "members:"
"""Begins the index of a chassis that a table beside the inventory names; it counts where the inventory lacks it."""
BESIDE_INDEX: Final = "module:"
"""Begins the index of a part that another command than `show inventory` lists; the inventory says where it sits."""
_AROUND: Final = re.compile(
    r"""^\s*(?:
      \S*[>\#]\s*(?:(?:admin\s+)?sho?w?\s+\S.*)?            # the prompt, alone or before the command
    | (?:admin\s+)?sho?w?\s+[a-z]\S*(?:\s+[\w/.|-]+)*       # the echo
    | [+=-]{2,}(?:\s+-{2,})*
    | Load\ for\ five\ secs:.*|Time\ source\ is\ .*|No\ time\ source.*  # `terminal exec prompt timestamp`
    | [A-Z][a-z]{2}\s+[A-Z][a-z]{2}\s+\d+\s+[\d:.]+.*       # a time stamp
    )?\s*$""",
    re.X,
)


@dataclass(frozen=True, slots=True)
class Found:
    """The parts of one answer, and why there might be more of them."""

    parts: tuple[Part, ...] = ()
    doubt: str = ""
    model: str = ""
    """The chassis's product id, where the answer names it."""
    members: tuple[str, ...] = ()
    """Numbers of the stack members that are there."""
    software: tuple[Software, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    """What this answer says is there: words for it, and a pattern that finds the name of its row in the inventory."""
    hostname: str = ""
    boots: tuple[tuple[str, str], ...] = ()
    """What starts at the next reload, by member number; "" is the device as a whole."""


NOTHING: Final = Found()


def unknown(lines: Iterable[str], known: re.Pattern[str] | None = None) -> list[str]:
    """The lines that are neither *known* nor found around any answer (blank, prompt, echo, ruler, time stamp)."""
    return [line.strip() for line in lines if not _AROUND.match(line) and not (known and known.match(line.strip()))]


def doubt(bad: Sequence[str]) -> str:
    """The first line of *bad* in words, "" where there is none."""
    return f"line not understood: {bad[0][:120]!r}" if bad else ""
