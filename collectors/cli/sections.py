"""The state of each section of a device, from what came of the commands that make it up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from collectors import kinds
from collectors.cli import firewalls
from collectors.cli.found import MEMBERS_INDEX
from collectors.cli.rows import CliRows, Read
from collectors.cli.version import VERSION_INDEX
from collectors.model import IDENTITY, INVENTORY, LICENCES, NEIGHBOURS, SECTIONS, SOFTWARE, Section, State
from collectors.platforms import Ssh
from collectors.serials import canonical

_NAMED: Final = r"(?:switch\s*|chassis[\s-]*)?{}(?:\s+(?:chassis|system))?$"
"""How an inventory calls a member: ``1``, ``Switch 1``, ``Switch1 System``, ``Chassis 1``."""


def sections(ssh: Ssh, rows: CliRows, read: Sequence[Read], via: str) -> Iterator[Section]:
    """One section of each name, neighbours only where they were asked for."""
    inventories = [part for part in rows.parts if not part.index.startswith((VERSION_INDEX, firewalls.BOARD_INDEX))]
    has = {
        IDENTITY: bool(rows.hostname or rows.parts),
        INVENTORY: bool(inventories),
        SOFTWARE: bool(rows.software),
        LICENCES: bool(rows.licences),
        NEIGHBOURS: bool(rows.neighbours),
    }
    for name in SECTIONS:
        own = [one for one in read if one.command.section == name]
        if name == NEIGHBOURS and not own:
            continue
        asked = name == IDENTITY or any(command.section == name for command in ssh.command)
        section = _section(name, own, has_rows=has[name], asked=asked, via=via)
        if section.state is State.COMPLETE and (lacking := _unanswered(ssh, name, own)):
            section = Section(name, State.PARTIAL, via, f"{lacking}: there is no answer to it")
        if (
            name == INVENTORY
            and section.state is State.COMPLETE
            and (why := _missing_members(rows, own) or _missing_rows(rows, own))
        ):
            section = Section(name, State.PARTIAL, via, why)
        yield section


def _section(name: str, own: Sequence[Read], *, has_rows: bool, asked: bool, via: str) -> Section:
    """The state of one section from the states of its commands."""
    if not own and has_rows:
        return Section(name, State.COMPLETE, via)
    if not own:
        state = State.NOT_ATTEMPTED if asked else State.UNSUPPORTED
        return Section(name, state, via, "not asked" if asked else "no command for it is known")
    for one in own:
        if why := _trouble(one):
            state = State.PARTIAL if has_rows else _alone(one, own)
            return Section(name, state, via, f"{one.command.send}: {why}")
    if not has_rows and all(one.answer.state is State.UNSUPPORTED for one in own):
        return Section(name, State.UNSUPPORTED, via, f"{own[0].command.send}: {own[0].answer.reason}")
    if not has_rows and name in (INVENTORY, SOFTWARE):
        return Section(name, State.PARTIAL, via, f"{own[0].command.send}: the answer holds no rows")
    return Section(name, State.COMPLETE, via)


def _unanswered(ssh: Ssh, name: str, own: Sequence[Read]) -> str:
    """A needed command of the section that nothing answered, as in a folder of captures; "" where none is."""
    answered = {one.command.send for one in own}
    needed = (command.send for command in ssh.command if command.section == name and command.needed and command.ask)
    return next((send for send in needed if send not in answered), "") if name != IDENTITY else ""


def _trouble(one: Read) -> str:
    """Why this command leaves its section incomplete, or "".

    What boots next is no proof of what runs: that command may be denied.
    """
    if one.answer.state is State.UNSUPPORTED:
        return one.answer.reason or "the device does not know it" if one.command.needed else ""
    if one.answer.state is State.DENIED and one.command.section == SOFTWARE and not one.command.needed:
        return ""
    if one.answer.state is not State.COMPLETE:
        return one.answer.reason or one.answer.state.value
    return one.doubt


def _alone(one: Read, own: Sequence[Read]) -> State:
    """The state where no command of the section gave a row."""
    if one.answer.state is State.COMPLETE:
        return State.PARTIAL
    states = {other.answer.state for other in own}
    some_read = bool(states & {State.PARTIAL, State.COMPLETE})
    return State.PARTIAL if some_read and State.DENIED not in states else one.answer.state


def _missing_members(rows: CliRows, own: Sequence[Read]) -> str:
    """The stack members that `show switch` and its like count as present and no row of the inventory names."""
    members = list(dict.fromkeys(number for one in own for number in one.members))
    if len(members) < 2:
        return ""
    listed = [part for part in rows.parts if not part.index.startswith((VERSION_INDEX, MEMBERS_INDEX))]
    held = {canonical(part.serial) for part in listed} - {""}
    hints = [part for part in rows.parts if part not in listed and canonical(part.serial) in held]
    names = [part.name.strip() for part in (*listed, *hints)]
    missing = [number for number in members if not any(re.match(_NAMED.format(number), name, re.I) for name in names)]
    chassis = {canonical(part.serial) for part in listed if kinds.is_chassis(kinds.look(part), kinds.shipped())} - {""}
    if not missing or len(chassis) >= len(members):
        return ""
    return f"stack members {', '.join(missing)} are ready and not in the inventory"


def _missing_rows(rows: CliRows, own: Sequence[Read]) -> str:
    """What another command says is there and no row of the inventory names."""
    names = [part.name.strip() for part in rows.parts]
    missing = [
        words
        for one in own
        for words, pattern in one.found.wanted
        if not any(re.search(pattern, name) for name in names)
    ]
    more = f" ({len(missing)} such)" if len(missing) > 1 else ""
    return f"{missing[0]} and the inventory has no row for it{more}" if missing else ""
