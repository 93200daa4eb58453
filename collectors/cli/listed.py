"""An inventory that NX-OS was asked for in JSON (``show inventory | json-pretty``).

Each row is an object of its own, so a cut answer still gives its whole rows; it is whole where the text is one JSON
value.
"""

from __future__ import annotations

import json
import re
from typing import Final

from collectors.cli.found import Found
from collectors.model import Part

_ROW: Final = re.compile(r'\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}', re.S)
_KEYS: Final = ("name", "desc", "productid", "vendorid", "serialnum")


def is_json(text: str) -> bool:
    """Whether the answer is JSON instead of text."""
    return bool(re.match(r"\s*[{\[]\s*(?:\"|\{)", text))


def rows(text: str) -> Found:
    """The parts of an inventory in JSON."""
    parts: list[Part] = []
    unread = 0
    for match in _ROW.finditer(text):
        cells = _cells(match.group())
        if cells is None:
            unread += 1
            continue
        name, descr, product_id, hardware, serial = (str(cells.get(key, "")).strip().strip('"') for key in _KEYS)
        parts.append(
            Part(
                str(len(parts) + 1),
                name=name,
                descr=descr,
                product_id=product_id,
                serial=serial,
                hardware=hardware,
            )
        )
    return Found(tuple(parts), _doubt(text, len(parts), unread))


def _cells(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "serialnum" in found else None


def _doubt(text: str, read: int, unread: int) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        return f"the JSON is not whole: {error}"
    return f"{unread} objects are no rows of an inventory" if unread else "" if read else "no row in the JSON"
