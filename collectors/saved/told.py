"""What a folder of captures gave, as plain lines: the `expected.txt` beside a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.model import INVENTORY, Observation


def told(seen: Iterable[Observation]) -> str:
    """A line for each device (``address outcome platform inventory-state release``), and below it, indented, one for
    each unit (``serial product_id kind slot parent``) and licence (``licence: feature state serial``); "-" is nothing.
    """
    return "".join(f"{line.rstrip()}\n" for one in seen for line in _lines(one))


def _lines(seen: Observation) -> Iterator[str]:
    release = ",".join(said.version for said in seen.software)
    yield " ".join(map(_cell, (seen.address, seen.outcome, seen.platform, seen.section(INVENTORY).state, release)))
    for unit in seen.units:
        cells = (unit.serial, unit.product_id, unit.kind, unit.slot, unit.parent_serial)
        yield "    " + " ".join(map(_cell, cells))
    for licence in seen.licences:
        yield "    licence: " + " ".join(map(_cell, (licence.feature, licence.state, licence.serial)))


def _cell(text: str) -> str:
    return str(text).replace(" ", "_") or "-"
