"""What `show version` and its like tell of a device: name, release, and chassis that no inventory lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collectors.cli.template import Row
from collectors.model import Part, Software

VERSION_INDEX = "version:"
"""Begins the index of a chassis row that only `show version` gave; it counts where the inventory lacks it."""
_SERIALS: Final = re.compile(r"\bExtender Serial: *[A-Z0-9]", re.I)
_SHORTEST: Final = 6
"""Characters of an extender's serial: fewer are what is left of one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The device facts of one answer."""

    hostname: str = ""
    model: str = ""
    serials: tuple[str, ...] = ()
    """Every serial that was named, boards included: evidence, not units."""
    parts: tuple[Part, ...] = ()
    software: tuple[Software, ...] = ()


NOTHING: Final = Facts()


def from_rows(groups: dict[str, list[Row]], *, cut: bool = False) -> Facts:
    """The facts in the groups that a template fills: release, host, processor, board, member, fex, part.

    *cut* says that the answer may go on: a processor board does not stand for a chassis that may follow.
    """
    boards = tuple(_boards(groups.get("board", ())))
    processor = groups.get("processor", ())
    model = _first(processor, "model") or _first(boards, "model")
    active = next((row["number"] for row in groups.get("member", ()) if row.get("active")), "")
    chassis = tuple(_chassis(boards, () if cut else processor, model, active))
    serials = [row.get(key, "") for row in (*boards, *processor) for key in ("serial", "motherboard", "daughterboard")]
    parts = (*chassis, *_listed(groups))
    return Facts(
        hostname=_first(groups.get("host", ()), "hostname"),
        model=model,
        serials=tuple(dict.fromkeys(filter(None, (*serials, *(part.serial for part in parts))))),
        parts=parts,
        software=tuple(_software(groups, chassis)),
    )


def _boards(rows: list[Row] | tuple[()]) -> Iterator[Row]:
    """Join a line ``Switch 02`` with the board table below it."""
    number = ""
    for row in rows:
        if row.get("number") and not row.get("serial") and not row.get("motherboard"):
            number = row["number"]
        else:
            yield {**row, "number": row.get("number", "") or number}
            number = ""


def _chassis(boards: tuple[Row, ...], processor: list[Row] | tuple[()], model: str, active: str) -> Iterator[Part]:
    """Each system serial number is a chassis; where none is said, the processor board id stands for it.

    The first table has no heading: it is the active member's, whose number the table of members marks with a
    star.
    """
    systems = [board for board in boards if board.get("serial")]
    for board in systems:
        number = (board.get("number", "") or active).lstrip("0")
        yield Part(
            f"{VERSION_INDEX}{number or 0}",
            cls="chassis",
            name=f"Switch {number}" if number else "show version",
            product_id=board.get("model", "") or model,
            serial=board["serial"],
        )
    if not systems and (serial := _first(processor, "serial")):
        yield Part(f"{VERSION_INDEX}0", cls="chassis", name="show version", product_id=model, serial=serial)


def _listed(groups: dict[str, list[Row]]) -> Iterator[Part]:
    """Fabric extenders by their own serial."""
    for row in groups.get("fex", ()):
        if len(row.get("serial", "")) >= _SHORTEST:
            number = row.get("number", "")
            name = f"FEX {number} CHASSIS"
            yield Part(
                f"fex:{number}",
                "",
                "chassis",
                name,
                row.get("descr", ""),
                row.get("model", ""),
                row["serial"],
            )


def doubtful_extenders(rows: Sequence[Row], text: str) -> str:
    """Why the extenders of `show fex detail` may not be all there, "" where each one that is there names its serial.

    One that was never connected has neither model nor serial.
    """
    lost = next((row for row in rows if row.get("model") and len(row.get("serial", "")) < _SHORTEST), None)
    if lost:
        return f"extender {lost.get('number', '')} names no serial"
    told, read = len(_SERIALS.findall(text)), sum(1 for row in rows if row.get("serial"))
    return f"{told} serials of extenders, {read} understood" if rows and told != read else ""


def _software(groups: dict[str, list[Row]], chassis: tuple[Part, ...]) -> Iterator[Software]:
    """The release, and that of each member that runs another one than the active member, whose release it is."""
    release = groups.get("release", ())
    version = _first(release, "version")
    if version:
        yield Software(version)
    by_number = {part.index.removeprefix(VERSION_INDEX): part.serial for part in chassis}
    members = groups.get("member", ())
    active = next((row.get("version", "") for row in members if row.get("active")), "")
    for row in members:
        serial = by_number.get(row.get("number", "").lstrip("0"), "")
        if serial and row.get("version") and row["version"] not in (version, active, _first(release, "package")):
            yield Software(row["version"], serial)


def _first(rows: list[Row] | tuple[Row, ...] | tuple[()], key: str) -> str:
    return next((row[key] for row in rows if row.get(key)), "")
