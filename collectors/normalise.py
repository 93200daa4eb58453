"""From the rows of an inventory to units: each physical part once, whatever number of rows repeats it.

Works on rows of either protocol. Rows of the CLI have no class and no parent, so both are told from names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collectors import apart, kinds, places
from collectors.kinds import Words, said
from collectors.model import Kind, Part, Unit
from collectors.releases import release_of
from collectors.serials import cable, canonical

HINTS = ("version:", "members:", "board:", "old_chassis:", "cisco_stack:0", "small_business:", "airespace:0")
"""Indexes of rows that know a chassis serial from elsewhere: used only for what the inventory lacks."""
_ASSET = "asset:"
"""Index of rows that know a serial of the inventory's row of that number (CISCO-ENTITY-ASSET-MIB)."""
_COMMAND = "show version"
_BESIDE = ("cisco_stack:", "beside:")
"""Indexes of rows that repeat the inventory's modules without saying where they sit."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a device beside its inventory rows."""

    model: str = ""
    release: str = ""
    description: str = ""
    expected: bool = True
    """An identified device is a chassis even where no row says so."""


@dataclass(frozen=True, slots=True)
class Row:
    """A part with its canonical serial and its kind."""

    part: Part
    seen: kinds.Look
    serial: str
    kind: Kind
    head: bool
    """A chassis, or what stands in for one: something that holds other parts and is held by none."""
    depth: int


def units(
    parts: Iterable[Part], *, vendor: str, via: str, known: Known | None = None, words: Words | None = None
) -> tuple[tuple[Unit, ...], int]:
    """The units among *parts*, chassis first, and how many real parts were left out for want of a serial.

    A chassis without a usable serial is a unit with serial "". A device whose rows show no chassis gets one
    from what is known of it (`known.expected`), but never beside a real one.
    """
    known, lists = known or Known(), words or kinds.shipped()
    there = _with_assets(part for part in parts if not kinds.is_absent(kinds.look(part)))
    given, beside = apart.split(there)
    hints = tuple(part for part in given if part.index.startswith(HINTS))
    rows = _rows([part for part in given if not part.index.startswith(HINTS)], lists)
    stacks = tuple(row for row in rows if kinds.is_stack(row.seen, lists))
    rows = _with_heads([row for row in rows if not kinds.is_stack(row.seen, lists)], stacks, hints, lists)
    rows = _completed(rows, stacks, hints, known)
    chosen = _own_boards_apart(_chosen(rows, lists))
    find = places.holder(rows, {row.serial for row in chosen if row.serial})
    ends = _twin_cables(chosen)
    found = [
        _unit(row, rows, find, vendor=vendor, via=via, known=known, cable_end=row.serial in ends) for row in chosen
    ]
    joined, lost = apart.joined(beside, found, vendor=vendor, via=via)
    listed = tuple(sorted((*found, *joined), key=lambda unit: unit.kind is not Kind.CHASSIS))
    return listed, _dropped(rows, chosen) + lost


def _with_assets(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The rows with the serials and product ids that another table knows by their number, where they have none."""
    given = tuple(parts)
    known = {part.index.removeprefix(_ASSET): part for part in given if part.index.startswith(_ASSET)}
    rows = (part for part in given if not part.index.startswith(_ASSET))
    return tuple(_mixed(part, known[part.index]) if part.index in known else part for part in rows)


def _rows(parts: Sequence[Part], lists: Words) -> list[Row]:
    parents = {part.index: part.parent for part in parts}
    rows = []
    for part in parts:
        seen = kinds.look(part)
        kind, head = kinds.sort(seen, lists)
        rows.append(
            Row(
                part=part,
                seen=seen,
                serial=canonical(said(part.serial)),
                kind=kind,
                head=head,
                depth=len(places.ancestors(part.index, parents)),
            )
        )
    return rows


def _with_heads(rows: list[Row], stacks: Sequence[Row], hints: Sequence[Part], lists: Words) -> list[Row]:
    """Where no row is a chassis for certain, take the likely ones: stack members, those whose serial another table
    gives as a chassis's, else the row on top.
    """
    if any(row.head for row in rows):
        return rows
    inside = {row.part.index for row in stacks}
    told = {canonical(said(hint.serial)) for hint in hints if hint.cls == "chassis"} - {""}
    heads = [row for row in rows if kinds.may_be_chassis(row.seen, lists)]
    heads = heads or [row for row in rows if row.part.parent in inside and row.serial and _could_hold(row)]
    heads = heads or [row for row in rows if row.serial in told and _could_hold(row)]
    heads = heads or [row for row in rows if row.kind is Kind.ACCESS_POINT and _outermost(row, rows)]
    heads = heads or sorted((row for row in rows if _on_top(row, rows)), key=lambda row: not row.serial)[:1]
    chosen = {row.part.index for row in heads}
    return [_as_head(row) if row.part.index in chosen else row for row in rows]


def _on_top(row: Row, rows: Sequence[Row]) -> bool:
    """A row that nothing contains and that could be bought; without any place only where it has no name, or comes
    first and is named after its product: an inventory may also begin with a module.
    """
    if not _could_hold(row) or not (row.seen.product_id or row.part.serial.strip()):
        return False
    if row.part.parent:
        return row.part.parent == "0"
    nameless = not (row.seen.name or row.seen.descr or row.seen.cls)
    named_after = bool(row.seen.name) and row.seen.product_id.startswith(row.seen.name)
    return (nameless or (named_after and row is rows[0])) and all(not other.part.parent for other in rows)


def _outermost(row: Row, rows: Sequence[Row]) -> bool:
    return row.part.parent == "0" or (not row.part.parent and row is rows[0])


def _could_hold(row: Row) -> bool:
    return row.kind in (Kind.MODULE, Kind.OTHER, Kind.VIRTUAL)


def _as_head(row: Row) -> Row:
    kind = row.kind if row.kind in (Kind.ACCESS_POINT, Kind.VIRTUAL) else Kind.CHASSIS
    return replace(row, head=True, kind=kind)


def _completed(rows: list[Row], stacks: Sequence[Row], hints: Sequence[Part], known: Known) -> list[Row]:
    """Give the chassis what other tables know of them, and add the chassis that only those know."""
    heads = [row for row in rows if row.head]
    taken = {row.serial for row in rows if row.serial}
    spare = [row for row in stacks if row.serial and row.serial not in taken]
    extra = [*(_hint(row.part) for row in spare), *map(_hint, hints)]
    blank = [row for row in heads if not row.serial]
    if blank and not any(row.serial for row in heads):
        filled = _filled(blank, [hint for hint in extra if hint.serial and hint.serial not in taken])
        return [filled.get(row.part.index, row) for row in rows]
    if heads:
        return [*rows, *_missing_members(heads, extra, taken)]
    fresh = _first_source([hint for hint in extra if hint.serial and hint.serial not in taken])
    if fresh:
        return [*rows, *fresh]
    if not known.expected:
        return rows
    nameless = next((hint for hint in extra if not hint.serial), None)
    return [*rows, nameless or _hint(Part("known:1", cls="chassis"))]


def _hint(part: Part) -> Row:
    """A chassis that another table or `show version` knows; the name of a command is no place, a member's is."""
    part = replace(part, cls="chassis", name="" if part.name == _COMMAND else part.name)
    return Row(part, kinds.look(part), canonical(said(part.serial)), Kind.CHASSIS, head=True, depth=0)


def _first_source(hints: Sequence[Row]) -> list[Row]:
    """The rows of the most trusted table alone: two tables may write one chassis in two ways."""
    sources = [hint.part.index.partition(":")[0] for hint in hints]
    return [hint for hint, source in zip(hints, sources, strict=True) if source == sources[0]]


def _filled(blank: Sequence[Row], hints: Sequence[Row]) -> dict[str, Row]:
    """Chassis rows without a serial take those of one other table, in order, where it has as many."""
    source = _first_source(hints)
    if len(source) != len(blank):
        source = source[:1] if len(blank) == 1 else []
    pairs = zip(blank, source, strict=False)
    return {row.part.index: replace(row, serial=hint.serial, part=_mixed(row.part, hint.part)) for row, hint in pairs}


def _missing_members(heads: Sequence[Row], extra: Sequence[Row], taken: set[str]) -> list[Row]:
    """Members that another table lists beside those of the inventory.

    Only where that table agrees on one member and knows more: some releases print a supervisor's or a board's
    serial in place of the chassis one, which must not become a second chassis.
    """
    known = {row.serial for row in heads if row.serial}
    added: list[Row] = []
    for name in dict.fromkeys(hint.part.index.partition(":")[0] for hint in extra):
        table = [hint for hint in extra if hint.part.index.partition(":")[0] == name and hint.serial]
        if len({hint.serial for hint in table}) > len(known) and any(hint.serial in known for hint in table):
            added += [hint for hint in table if hint.serial not in taken]
            taken |= {hint.serial for hint in table}
    return added


def _chosen(rows: Sequence[Row], lists: Words) -> list[Row]:
    """One row for each serial, filled from the rows that repeat it, and the chassis that have none."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.serial:
            groups.setdefault(row.serial, []).append(row)
    chosen = [_best(group, lists) for group in groups.values()]
    certain = any(row.head for row in chosen)
    blank = [row for row in rows if row.head and not row.serial and (row.seen.product_id or not certain)]
    return [*blank, *chosen]


def _own_boards_apart(chosen: Sequence[Row]) -> list[Row]:
    """A fixed box's own board repeats its product id under another serial (R0 of an ISR 4000): listed, no module.

    As a module it would be advised to be covered, and no contract ever names it.
    """
    boxes = {row.seen.product_id for row in chosen if row.head} - {""}
    return [
        replace(row, kind=Kind.OTHER) if row.kind is Kind.MODULE and row.seen.product_id in boxes else row
        for row in chosen
    ]


def _best(group: Sequence[Row], lists: Words) -> Row:
    """The chassis, else the outermost row that is no shadow, with the gaps filled from the rest.

    The product id is the best row's own, so a board's never replaces the chassis's.
    """

    def rank(row: Row) -> tuple[bool, bool, bool, int, bool]:
        beside = row.part.index.startswith(_BESIDE)
        return (not row.head, beside, kinds.is_shadow(row.seen, lists), row.depth, not row.seen.product_id)

    best, *others = sorted(group, key=rank) if len(group) > 1 else group
    if not others:
        return best
    part = best.part
    for other in others:
        part = _mixed(part, other.part)
    seen = kinds.look(part)
    kind = best.kind if best.head else kinds.kind(replace(seen, name=best.seen.name, descr=best.seen.descr), lists)
    return replace(best, part=part, seen=seen, kind=kind)


def _mixed(part: Part, other: Part) -> Part:
    """*part* with its empty cells filled from *other*; place and name stay its own."""
    return replace(
        part,
        descr=part.descr if said(part.descr) else other.descr,
        product_id=part.product_id if said(part.product_id) else other.product_id,
        serial=part.serial if canonical(said(part.serial)) else other.serial,
        hardware=part.hardware if said(part.hardware) else other.hardware,
        software=part.software if said(part.software) else other.software,
        manufacturer=part.manufacturer if said(part.manufacturer) else other.manufacturer,
    )


def _twin_cables(rows: Sequence[Row]) -> set[str]:
    """Serials of which this device also shows the other end."""
    ends: dict[str, list[str]] = {}
    for row in rows:
        if cable(row.serial) != row.serial:
            ends.setdefault(cable(row.serial), []).append(row.serial)
    return {serial for both in ends.values() if len(both) > 1 for serial in both}


def _unit(
    row: Row,
    rows: Sequence[Row],
    find: places.Holder,
    *,
    vendor: str,
    via: str,
    known: Known,
    cable_end: bool,
) -> Unit:
    part, seen = row.part, row.seen
    alone = row.head and sum(other.head for other in rows) == 1
    return Unit(
        vendor=vendor,
        serial=row.serial,
        product_id=seen.product_id or (known.model if alone else ""),
        kind=Kind.CABLE if cable_end and row.kind is Kind.TRANSCEIVER else row.kind,
        slot=places.slot(seen),
        parent_serial="" if row.head else find(row),
        software_version=_software(row, rows, known),
        hardware_version=said(part.hardware),
        manufacturer=said(part.manufacturer),
        description=seen.descr or (known.description if row.head else ""),
        serial_raw=part.serial,
        collected_via=via,
    )


def _software(row: Row, rows: Sequence[Row], known: Known) -> str:
    """A chassis runs what its own rows say, else the device's release, else what its first board runs."""
    own = release_of(said(row.part.software), known.release)
    if own or not row.head:
        return own
    if known.release:
        return known.release
    parents: Mapping[str, str] = {other.part.index: other.part.parent for other in rows}
    inside = (
        said(other.part.software)
        for other in rows
        if other.kind is Kind.MODULE and row.part.index in places.ancestors(other.part.index, parents)
    )
    return next((release for release in inside if release), "")


def _dropped(rows: Sequence[Row], chosen: Sequence[Row]) -> int:
    """Real parts without a usable serial: with a product id, or something unusable for a serial."""
    listed = {row.part.index for row in chosen}
    parts = (row for row in rows if not row.serial and row.kind is not Kind.OTHER)
    return sum(row.part.index not in listed for row in parts if row.seen.product_id or row.part.serial.strip("\0 "))
