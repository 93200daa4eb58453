"""`show module` and `show platform`: what sits in a chassis, and the members of a stack.

Four forms, one reader. Catalyst chassis print a table of cards with their serials, then hardware and software by slot,
then sub-modules; a pair of them does so for each switch. NX-OS prints cards, software and serials in three tables, and
all three again for fabric modules (Xbar, LFM), expansion modules (LEM) and accelerators (SAM). Stacks print one line a
member. ISR and ASR print slots without serials. Sources: the command references of the Catalyst 6500 and 9000 and of
Nexus 7000 and 9000, and recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from collectors.cli.found import BESIDE_INDEX, MEMBERS_INDEX, Found, doubt, unknown
from collectors.cli.tables import Row, Table, tables
from collectors.model import Part, Software
from collectors.serials import canonical

_TYPE: Final = re.compile(r"^\s*Chassis type\s*:\s*(\S+)", re.I | re.M)
_SWITCH: Final = re.compile(r"^\s*Switch Number:?\s+(\d+)", re.I)
_ROLE: Final = re.compile(
    r"\s*\*?(?P<number>\d+) +(?:Active|Standby|Member|Master|Slave) +(?:[0-9a-f.]{14} +)?\d+ +(?:[A-Z]?\d+ +)?"
    r"(?P<state>[A-Z]\S*(?: \S+)*)\s*$"
)
_MEMBER: Final = re.compile(r"^\s*\*?\d+ +(?:Active|Standby|Member|Master|Slave) ", re.M)
_PEER: Final = re.compile(r"^\s*(?:Local|Peer) switch number\s*:\s*(\d+)", re.M | re.I)
_ABSENT: Final = re.compile(r"un|provisioned|removed|invalid", re.I)
_KNOWN: Final = re.compile(
    r"[A-Z][\w /()#.,'-]{1,60}?\s*[:=](?:\s.*)?$|\* this terminal session.*|(?:Switch|Chassis)\# +Role .*|Current$"
    r"|(?:Chassis|Switch|Slot)(?: type)?\b[^:]*:.*|\*?\d+ +(?:Active|Standby|Member|Master|Slave) .*|Switch Number \d+$"
    r"|(?:Slot|Node) +(?:Type|CPLD Version) .*|\S+ +\S+ +(?:ok|N/A)\b.*"
)
_HEADING: Final = re.compile(
    r"(?:model|sub-module|serial|sw|mac\b|redundancy|online diag|operating|status|power|application|reason)\b"
)
"""One of these is in every table there is; without it something else stands where the headings should."""
_PRODUCT: Final = re.compile(r"[A-Z]{1,5}\d{0,2}-[A-Z0-9]+(?:-\S+)?")
"""A product id, where a serial should be."""
_SLOTS: Final = re.compile(r"^\s*Slot +(?:Type|CPLD Version) ", re.I | re.M)


@dataclass(slots=True)
class _Group:
    """The tables that speak of the same modules: cards, then what else is known of them."""

    word: str
    """How the device calls them: mod, xbar, lem, lfm, sam, switch."""
    switch: str
    rows: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def add(self, table: Table, keys: int) -> None:
        for row in table.rows:
            cells = list(row.values())
            self.rows.setdefault(tuple(cells[:keys]), {}).update({k: v for k, v in row.items() if v})


def modules(text: str) -> Found:
    """The modules, and the chassis where one is named: as a stack member, or as the only card of a fixed box."""
    if _SLOTS.search(text):
        return chassis_type(text)
    kind = _TYPE.search(text)
    whole = kind.group(1) if kind else ""
    found, rest = tables(text)
    groups, children = _grouped(found, rest)
    parts = [part for group in groups for part in _parts(group, whole)]
    parts += [_child(row, switch) for table, switch in children for row in table.rows]
    shifted = [part for part in parts if _shifted(part)]
    parts = [part for part in parts if part not in shifted]
    lines = [line for _, line in rest]
    bad = [f"{part.name}: {part.serial}" for part in shifted]
    bad += [" ".join(table.names).strip() for table in found if not any(map(_HEADING.match, table.names))]
    bad += [line for table in found for line in table.bad] + unknown(lines, _KNOWN)
    return Found(
        tuple(parts),
        doubt(bad) or ("" if parts or _said(found) else "no module in the answer"),
        whole,
        _members(lines, groups),
        _software(parts),
    )


def members(text: str) -> Found:
    """`show switch` and `show switch virtual`: which members are there, in whatever state.

    One that is only provisioned or was removed is not; one of another release (V-Mismatch) runs nothing and still
    stands in the rack.
    """
    lines = text.splitlines()
    rows = sum(1 for line in lines if _ROLE.match(line))
    expected = len(_MEMBER.findall(text))
    peers = tuple(dict.fromkeys(_PEER.findall(text)))
    if not rows and not peers:
        alone = re.search(r"standalone", text, re.I)
        return Found(doubt="" if alone else "no member in the answer")
    why = f"{expected} rows in the answer, {rows} understood" if rows != expected else ""
    return Found(doubt=why, members=_members(lines, ()) or peers)


def chassis_type(text: str) -> Found:
    """The chassis's product id alone, of commands that list slots without serials (`show platform diag`)."""
    kind = _TYPE.search(text)
    return Found(model=kind.group(1) if kind else "", doubt="" if kind else "it names no chassis type")


def _shifted(part: Part) -> bool:
    """Whether its serial is none: the columns of its row are shifted, or the next line stands behind it."""
    return bool(re.search(r"\S\s{2,}\S", part.serial)) or (
        not part.product_id and bool(_PRODUCT.fullmatch(part.serial))
    )


def _said(found: Sequence[Table]) -> bool:
    return any(table.rows for table in found)


def _grouped(found: Sequence[Table], rest: Sequence[tuple[int, str]]) -> tuple[list[_Group], list[tuple[Table, str]]]:
    """The groups, and the tables of sub-modules with the switch they are in."""
    heads = [(at, match.group(1)) for at, line in rest if (match := _SWITCH.match(line))]
    groups: list[_Group] = []
    children: list[tuple[Table, str]] = []
    for table in found:
        switch = next((number for at, number in reversed(heads) if at < table.line), "")
        if table.column("sub-module"):
            children.append((table, switch))
        elif table.column("model"):
            groups.append(_Group("sam" if "sam" in table.names else table.names[0], switch))
            groups[-1].add(table, _keys(table))
        elif groups and groups[-1].switch == switch:
            groups[-1].add(table, _keys(table))
    return groups, children


def _keys(table: Table) -> int:
    """How many columns it takes to name a row."""
    return 2 if table.names[1:2] == ("sam",) else 1


def _parts(group: _Group, chassis_type: str) -> Iterator[Part]:
    fixed = _fixed(group, chassis_type)
    for key, row in group.rows.items():
        number = "/".join(key).lstrip("*")
        part = Part(
            f"{BESIDE_INDEX}{group.switch}:{group.word}:{number}",
            cls="module",
            name=_place(group, number),
            descr=_cell(row, "card type", "module-type"),
            product_id=_cell(row, "model"),
            serial=_cell(row, "serial"),
            hardware=_cell(row, "hw"),
            software=_release(_cell(row, "sw")),
        )
        if group.word == "switch" or canonical(part.serial) in fixed:
            member = group.switch or (number if group.word == "switch" else "")
            name = f"Switch {member}" if member else "Chassis"
            part = replace(part, index=f"{MEMBERS_INDEX}{member or number}", cls="chassis", name=name)
        if part.product_id.upper() not in ("UNKNOWN", "N/A") or canonical(part.serial):
            yield part


def _fixed(group: _Group, chassis_type: str) -> set[str]:
    """Serials of cards that are the whole box: under the chassis's product id, or with a supervisor in software."""
    cards = group.rows.values()
    whole = [row for row in cards if chassis_type and _cell(row, "model") == chassis_type]
    virtual = [row for row in cards if re.match("virtual sup", _cell(row, "module-type"), re.I)]
    return {canonical(_cell(row, "serial")) for row in (*whole, *virtual)} - {""}


def _child(row: Row, switch: str) -> Part:
    """A daughter card sits in the module whose number its row begins with."""
    name = f"{_switch(switch)}Slot {next(iter(row.values()))} {row.get('sub-module', '')}"
    return Part(
        f"{BESIDE_INDEX}{switch}:sub:{name}",
        cls="module",
        name=name,
        descr=row.get("sub-module", ""),
        product_id=_cell(row, "model"),
        serial=_cell(row, "serial"),
        hardware=_cell(row, "hw"),
    )


def _place(group: _Group, number: str) -> str:
    word = "Slot" if group.word in ("mod", "m") else group.word.upper() if group.word != "xbar" else "Xbar"
    return f"{_switch(group.switch)}{word} {number}"


def _switch(number: str) -> str:
    return f"Switch {number} " if number else ""


def _cell(row: Row, *words: str) -> str:
    """The cell of the first heading that begins with one of *words*."""
    return next((row[name] for word in words for name in row if re.match(rf"{word}\b", name)), "")


def _release(said: str) -> str:
    """A software cell, unless it is a word for none or an image's name cut to the column."""
    return said.rstrip(",") if re.match(r"\d", said) else ""


def _members(lines: Sequence[str], groups: Sequence[_Group]) -> tuple[str, ...]:
    """Numbers of the switches that are there, by their roles or by a block of their own."""
    roles = [match for line in lines if (match := _ROLE.match(line))]
    there = [match["number"] for match in roles if not _ABSENT.match(match["state"])]
    return tuple(dict.fromkeys((*there, *(group.switch for group in groups if group.switch))))


def _software(parts: Sequence[Part]) -> tuple[Software, ...]:
    """The release of each member where they differ, else the one of all."""
    told = [part for part in parts if part.index.startswith(MEMBERS_INDEX) and part.software]
    if len({part.software for part in told}) > 1:
        return tuple(Software(part.software, canonical(part.serial)) for part in told)
    return (Software(told[0].software),) if told else ()
