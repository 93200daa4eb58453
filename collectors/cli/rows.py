"""What was read: one command's answer, and all answers of a device."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.cli import licences, version
from collectors.cli.found import NOTHING, Found
from collectors.model import Answer, Licence, Neighbour, Part, Section, Software
from collectors.platforms import CliCommand


@dataclass(frozen=True, slots=True)
class CliRows:
    """What the answers of one device hold."""

    hostname: str = ""
    model: str = ""
    serials: tuple[str, ...] = ()
    """Every serial named beside the inventory, boards included: evidence of identity, not units."""
    parts: tuple[Part, ...] = ()
    """Rows; those whose index begins with `VERSION_INDEX` count only where the inventory lacks them."""
    licences: tuple[Licence, ...] = ()
    software: tuple[Software, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """One command's answer, read."""

    command: CliCommand
    answer: Answer
    facts: version.Facts = version.NOTHING
    parts: tuple[Part, ...] = ()
    licences: licences.Found | None = None
    neighbours: tuple[Neighbour, ...] = ()
    found: Found = NOTHING

    @property
    def members(self) -> tuple[str, ...]:
        """Numbers of the stack members that this answer calls present."""
        return self.found.members

    @property
    def doubt(self) -> str:
        """Why there may be more in the answer than was understood."""
        return self.found.doubt
