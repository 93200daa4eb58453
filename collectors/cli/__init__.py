"""Answers of a command line in, rows out: parts, licences, releases and the state of each section.

A command is read by the TTP template its platform names, or by one of `READERS`. A section is complete when
all its needed commands were answered in full and every record in them became a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from collectors.cli import (
    access_points,
    boots,
    firewalls,
    inventory,
    licences,
    listings,
    modules,
    neighbours,
    nodes,
    small_business,
    software,
    template,
    version,
)
from collectors.cli.found import Found
from collectors.cli.rows import CliRows, Read
from collectors.cli.sections import sections
from collectors.cli.version import VERSION_INDEX
from collectors.errors import ConfigError
from collectors.model import LICENCES, SOFTWARE, Answer, Licence, Part, Software, State
from collectors.platforms import CliCommand, Platform, first_group
from collectors.serials import canonical

__all__ = ["READERS", "VERSION_INDEX", "CliRows", "read_cli"]

READERS: Final[Mapping[str, Callable[[str], Found]]] = MappingProxyType(
    {
        "records": inventory.records,
        "ruled_table": inventory.ruled_table,
        "modules": modules.modules,
        "members": modules.members,
        "chassis_type": modules.chassis_type,
        "extenders": listings.extenders,
        "power_supplies": listings.power_supplies,
        "transceivers": listings.transceivers,
        "memories": listings.memories,
        "boot_variables": boots.boot_variables,
        "install_summary": boots.install_summary,
        "redundancy": boots.redundancy,
        "packages": boots.packages,
        "xr_nodes": nodes.nodes,
        "xr_packages": nodes.packages,
        "asa_modules": firewalls.modules,
        "asa_failover": firewalls.failover,
        "ap_config": access_points.config,
        "ap_inventories": access_points.inventories,
        "ap_summary": access_points.summary,
        "sb_version": small_business.version,
        "sb_system": small_business.system,
        "sb_identity": small_business.identity,
    }
)
"""The Python readers of parts and releases that a platform.toml may name."""
NEIGHBOUR_READERS: Final[Mapping[str, Callable[[str], neighbours.Found]]] = MappingProxyType(
    {"cdp": neighbours.cdp, "lldp": neighbours.lldp}
)
"""Those of neighbours."""


LICENCE_READER: Final = "licences"
"""That of every licence answer, which tells its form by itself."""


_CLOSING: Final = '<group name="closing'
"""In a template whose answers end in a line of their own."""


def read_cli(
    platform: Platform, banner: str, answers: Sequence[Answer], via: str = "ssh", at: date | None = None
) -> CliRows:
    """The rows in the *answers* of a device of this platform; *banner* is what it said at login.

    *at* is the day of the answers, from which days that are left become dates; None where it is not known.
    Raises ConfigError where a template or reader of the platform is wrong.
    """
    if platform.ssh is None:
        return CliRows()
    by_command = {answer.command: answer for answer in answers}
    read = [_read(platform, c, by_command[c.send], at) for c in platform.ssh.command if c.send in by_command]
    greeted = first_group(platform.ssh.release, banner)
    facts = [one.facts for one in read]
    parts = tuple(_unrepeated([*(p for one in read for p in one.parts), *(p for fact in facts for p in fact.parts)]))
    found = _licences(read, parts)
    rows = CliRows(
        hostname=next((name for name in (*(f.hostname for f in facts), *(r.found.hostname for r in read)) if name), ""),
        model=next((model for model in (*(f.model for f in facts), *(one.found.model for one in read)) if model), ""),
        serials=tuple(dict.fromkeys((*(s for fact in facts for s in fact.serials), *licences.bound(found)))),
        parts=parts,
        licences=tuple(replace(licence, collected_via=via) for licence in found),
        software=tuple(replace(s, collected_via=via) for s in software.told(_said(read), _boots(read), parts, greeted)),
        neighbours=tuple(replace(one, collected_via=via) for r in read for one in r.neighbours),
    )
    return replace(rows, sections=tuple(sections(platform.ssh, rows, read, via)))


def _read(platform: Platform, command: CliCommand, answer: Answer, at: date | None) -> Read:
    if answer.state not in (State.COMPLETE, State.PARTIAL):
        return Read(command, answer)
    if command.reader == LICENCE_READER:
        said = licences.read(answer.text, at)
        return Read(command, answer, licences=said, found=Found(doubt=said.doubt))
    if command.reader in NEIGHBOUR_READERS:
        shown = NEIGHBOUR_READERS[command.reader](answer.text)
        return Read(command, answer, neighbours=shown.neighbours, found=Found(doubt=shown.doubt))
    if command.reader:
        if command.reader not in READERS:
            raise ConfigError(
                f"platform {platform.name}: {command.send!r} names the reader {command.reader!r}; "
                f"there are {', '.join((*READERS, LICENCE_READER, *NEIGHBOUR_READERS))}"
            )
        found = READERS[command.reader](answer.text)
        own = command.send == "show inventory"
        parts = tuple(
            part if own or ":" in part.index else replace(part, index=f"{command.send.partition(' ')[0]}:{part.index}")
            for part in found.parts
        )
        return Read(command, answer, parts=parts, found=found)
    if not command.template:
        raise ConfigError(f"platform {platform.name}: {command.send!r} names neither a template nor a reader")
    groups = template.rows(f"{platform.name}/{command.template}", platform.templates[command.template], answer.text)
    closed = "closing" in groups or _CLOSING not in platform.templates[command.template]
    facts = version.from_rows(groups, cut=answer.state is State.PARTIAL and not closed)
    return Read(
        command,
        answer,
        facts,
        licences=licences.beside(groups, answer.text if command.section == SOFTWARE else "", at),
        found=Found(doubt=_miscount(command, groups, answer.text)),
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
        counted = sum(len(group) for group in groups.values())
        if expected != counted:
            return f"{expected} rows in the answer, {counted} understood"
    return version.doubtful_extenders(groups.get("fex", ()), flat)


def _unrepeated(parts: Sequence[Part]) -> Iterator[Part]:
    """Without the rows that a second command, as the admin plane, repeats word for word."""
    seen: set[tuple[str, ...]] = set()
    for part in parts:
        key = (part.name.lower(), part.product_id, canonical(part.serial))
        own = ":" not in part.index
        if own or not key[2] or key not in seen:
            yield part
        seen.add(key)


def _licences(read: Sequence[Read], parts: Sequence[Part]) -> tuple[Licence, ...]:
    said = [(one.licences, one.command.section == LICENCES) for one in read if one.licences]
    return licences.of_device([one for one, own in said if own], [one for one, own in said if not own], parts)


def _said(read: Sequence[Read]) -> tuple[Software, ...]:
    """Every release that was named: what `show version` says first, whatever other commands say behind."""
    return tuple(
        dict.fromkeys((*(s for r in read for s in r.facts.software), *(s for r in read for s in r.found.software)))
    )


def _boots(read: Sequence[Read]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for one in read for pair in one.found.boots)
