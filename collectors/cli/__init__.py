"""Answers of a command line in, rows out: parts, licences, releases and the state of each section.

A command is read by the TTP template its platform names, or by one of `READERS`. A section is complete when
all its needed commands were answered in full and every record in them became a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from collectors.cli import inventory, licences, template, version
from collectors.cli.version import VERSION_INDEX
from collectors.errors import ConfigError
from collectors.model import (
    IDENTITY,
    INVENTORY,
    LICENCES,
    SECTIONS,
    SOFTWARE,
    Answer,
    Licence,
    Part,
    Section,
    Software,
    State,
)
from collectors.platforms import CliCommand, Platform, Ssh, first_group
from collectors.serials import canonical

__all__ = ["READERS", "VERSION_INDEX", "CliRows", "read_cli"]

READERS: Final[Mapping[str, Callable[[str], inventory.Found]]] = MappingProxyType(
    {"records": inventory.records, "ruled_table": inventory.ruled_table}
)
"""The Python readers that a platform.toml may name."""


_BESIDE: Final = ("registration", "authorization")
"""Groups that are said of the device, not of a row."""


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
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """One command's answer, read."""

    command: CliCommand
    answer: Answer
    facts: version.Facts = version.NOTHING
    parts: tuple[Part, ...] = ()
    licences: tuple[Licence, ...] = ()
    members: tuple[str, ...] = ()
    doubt: str = ""


def read_cli(platform: Platform, banner: str, answers: Sequence[Answer], via: str = "ssh") -> CliRows:
    """The rows in the *answers* of a device of this platform; *banner* is what it said at login.

    Raises ConfigError where a template or reader of the platform is wrong.
    """
    if platform.ssh is None:
        return CliRows()
    by_command = {answer.command: answer for answer in answers}
    read = [_read(platform, c, by_command[c.send]) for c in platform.ssh.command if c.send in by_command]
    greeted = first_group(platform.ssh.release, banner)
    facts = [one.facts for one in read]
    parts = tuple(_unrepeated([*(p for one in read for p in one.parts), *(p for fact in facts for p in fact.parts)]))
    found = licences.without_repeats(licence for one in read for licence in one.licences)
    rows = CliRows(
        hostname=next((fact.hostname for fact in facts if fact.hostname), ""),
        model=next((fact.model for fact in facts if fact.model), ""),
        serials=tuple(dict.fromkeys(serial for fact in facts for serial in fact.serials)),
        parts=parts,
        licences=tuple(replace(licence, collected_via=via) for licence in _strongest(found, read)),
        software=tuple(replace(s, collected_via=via) for s in _releases(facts, greeted)),
    )
    return replace(rows, sections=tuple(_sections(platform.ssh, rows, read, via)))


def _read(platform: Platform, command: CliCommand, answer: Answer) -> _Read:
    if answer.state not in (State.COMPLETE, State.PARTIAL):
        return _Read(command, answer)
    if command.reader:
        if command.reader not in READERS:
            raise ConfigError(
                f"platform {platform.name}: {command.send!r} names the reader {command.reader!r}; "
                f"there are {', '.join(READERS)}"
            )
        found = READERS[command.reader](answer.text)
        prefix = "" if command.send == "show inventory" else f"{command.send.partition(' ')[0]}:"
        parts = tuple(replace(part, index=prefix + part.index) for part in found.parts)
        return _Read(command, answer, parts=parts, doubt=found.doubt)
    if not command.template:
        raise ConfigError(f"platform {platform.name}: {command.send!r} names neither a template nor a reader")
    groups = template.rows(f"{platform.name}/{command.template}", platform.templates[command.template], answer.text)
    facts = version.from_rows(groups)
    members = tuple(row["number"] for row in groups.get("ready", ()) if row.get("number"))
    return _Read(
        command,
        answer,
        facts,
        (),
        licences.from_rows(groups),
        members,
        _miscount(command, groups, answer.text),
    )


def _miscount(command: CliCommand, groups: Mapping[str, Sequence[template.Row]], text: str) -> str:
    """Why the template may have missed rows, "" where the counts agree."""
    flat = template.flat(text)
    if command.none and re.search(command.none, flat, re.M):
        return ""
    rows = sum(len(group) for group in groups.values())
    if not rows:
        first = next((line for line in flat.splitlines() if line), "")[:80]
        return f"nothing in the answer was understood: {first!r}"
    if command.record:
        expected = len(re.findall(command.record, flat, re.M))
        counted = sum(len(group) for name, group in groups.items() if name not in _BESIDE)
        if expected != counted:
            return f"{expected} rows in the answer, {counted} understood"
    return ""


def _unrepeated(parts: Sequence[Part]) -> Iterator[Part]:
    """Without the rows that a second command, as the admin plane, repeats word for word."""
    seen: set[tuple[str, ...]] = set()
    for part in parts:
        key = (part.name.lower(), part.product_id, canonical(part.serial))
        own = ":" not in part.index
        if own or not key[2] or key not in seen:
            yield part
        seen.add(key)


def _strongest(found: tuple[Licence, ...], read: Sequence[_Read]) -> tuple[Licence, ...]:
    """What `show version` says of licences counts only where no licence command gave a row."""
    asked = {(one.feature, one.entitlement) for r in read if r.command.section == LICENCES for one in r.licences}
    return tuple(one for one in found if (one.feature, one.entitlement) in asked) if asked else found


def _releases(facts: Sequence[version.Facts], greeted: str) -> tuple[Software, ...]:
    said = tuple(dict.fromkeys(one for fact in facts for one in fact.software))
    return said or ((Software(greeted),) if greeted else ())


def _sections(ssh: Ssh, rows: CliRows, read: Sequence[_Read], via: str) -> Iterator[Section]:
    inventories = [part for part in rows.parts if not part.index.startswith(VERSION_INDEX)]
    has = {
        IDENTITY: bool(rows.hostname or rows.parts),
        INVENTORY: bool(inventories),
        SOFTWARE: bool(rows.software),
        LICENCES: bool(rows.licences),
    }
    for name in SECTIONS:
        own = [one for one in read if one.command.section == name]
        asked = name == IDENTITY or any(command.section == name for command in ssh.command)
        section = _section(name, own, has_rows=has[name], asked=asked, via=via)
        if name == INVENTORY and section.state is State.COMPLETE and (why := _missing_members(rows, own)):
            section = Section(name, State.PARTIAL, via, why)
        yield section


def _section(name: str, own: Sequence[_Read], *, has_rows: bool, asked: bool, via: str) -> Section:
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


def _trouble(one: _Read) -> str:
    """Why this command leaves its section incomplete, or ""."""
    if one.answer.state is State.UNSUPPORTED:
        return one.answer.reason or "the device does not know it" if one.command.needed else ""
    if one.answer.state is not State.COMPLETE:
        return one.answer.reason or one.answer.state.value
    return one.doubt


def _alone(one: _Read, own: Sequence[_Read]) -> State:
    """The state where no command of the section gave a row."""
    if one.answer.state is State.COMPLETE:
        return State.PARTIAL
    states = {other.answer.state for other in own}
    some_read = bool(states & {State.PARTIAL, State.COMPLETE})
    return State.PARTIAL if some_read and State.DENIED not in states else one.answer.state


def _missing_members(rows: CliRows, own: Sequence[_Read]) -> str:
    """The stack members that `show switch` counts as ready and no row names."""
    names = [part.name.strip() for part in rows.parts]
    members = [number for one in own for number in one.members]
    if len(members) < 2:
        return ""
    missing = [
        n
        for n in members
        if not any(re.match(rf"(?:switch\s*)?{n}(?:\s+(?:chassis|system))?$", name, re.I) for name in names)
    ]
    return f"stack members {', '.join(missing)} are ready and not in the inventory" if missing else ""
