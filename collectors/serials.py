"""The canonical serial: how two writings of one serial are told to be the same.

Covers EEPROM padding, Excel text guards and the null words that agents send. Matching never goes further than
this; anything looser is a suggestion (near match), made elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f]"
)
_EXCEL_GUARD: Final = re.compile(r'^=\s*"(?P<inner>[^"]*)"$')
_LABEL: Final = re.compile(
    r"^(?:S\s*/\s*N|SN|SERIAL(?:\s+(?:NO\.?|NUMBER))?)\s*[:#]\s*|^(?:S\s*/\s*N|SERIAL\s+(?:NO\.|NUMBER))\s+",
    re.I,
)
_PART_NUMBER: Final = re.compile(r"^\d{2}-\d{4,6}-\d{2}$")
_ONE_CHARACTER: Final = re.compile(r"(.)\1{5,}")
_CABLE_END: Final = re.compile(r"(?<=.{6})(?:-[AB]|-CH\d{1,2}|\([AB]\))$")
_LONGEST: Final = 64
_NULLS: Final = frozenset(
    (
        "",
        "N/A",
        "NA",
        "N.A.",
        "NONE",
        "NULL",
        "UNKNOWN",
        "UNSPECIFIED",
        "UNDEFINED",
        "<PRIVATE>",
        "<REMOVED>",
        "<REDACTED>",
        "NOTAVAILABLE",
        "NOTAPPLICABLE",
        "NOTPRESENT",
        "NOTSPECIFIED",
        "TBD",
        "BUILTIN",
        "BUILT-IN",
    )
)


def canonical(text: str) -> str:
    """Return the canonical serial in *text*, or "" if it holds none.

    NFKC, invisible characters out, Excel guards and label prefixes off, upper case, no inner white space; a
    dash stays. Null words, masks, one character over and over, an unprogrammed EEPROM and bare part numbers
    (12-3456-01) are no serials.

    >>> canonical(" foc2145x0ab ")
    'FOC2145X0AB'
    >>> canonical('="00123"')
    '00123'
    >>> canonical("n/a")
    ''
    """
    return _remembered(text) if len(text) <= _LONGEST else _canonical(text)


def _canonical(text: str) -> str:
    cleaned = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    if guarded := _EXCEL_GUARD.match(cleaned):
        cleaned = guarded["inner"].strip()
    cleaned = _LABEL.sub("", cleaned.strip("'\"").strip())
    serial = re.sub(r"\s+", "", cleaned).upper()
    return "" if _is_none(serial) else serial


_remembered = lru_cache(maxsize=4096)(_canonical)
"""A row's serial is asked for more than once."""


def cable(serial: str) -> str:
    """A cable's serial without the mark of one end, to find its other end; never to be stored or matched.

    >>> cable("APF2637Q0AB-B")
    'APF2637Q0AB'
    >>> cable("APF2637Q0AB")
    'APF2637Q0AB'
    """
    return _CABLE_END.sub("", serial)


def _is_none(serial: str) -> bool:
    if serial in _NULLS or "***" in serial or _PART_NUMBER.match(serial) or _ONE_CHARACTER.fullmatch(serial):
        return True
    filler = not serial.strip("0*.-?#_") or (len(serial) > 3 and not serial.strip("X"))
    return filler or not any(letter.isascii() and letter.isalnum() for letter in serial)
