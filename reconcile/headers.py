"""How headers are compared."""

from __future__ import annotations

import re
import unicodedata


def plain(header: str) -> str:
    """A header without case, spaces and punctuation; a lone `#` means number.

    >>> plain("Serial Number / PAK number") == plain("serialnumber_pakNumber")
    True
    """
    folded = unicodedata.normalize("NFKC", header).casefold().replace("#", "number")
    return re.sub(r"[\W_]+", "", folded)
