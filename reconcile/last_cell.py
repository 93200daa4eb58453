"""The last cell of a file that has no line break at its end: whole, or the beginning of a longer one.

Half a serial passes for a serial, `2027-12-3` for a date. Where the cell itself does not show that it is whole, the
file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reconcile.layouts import Shared

DATES: Final = ("line_start", "line_end", "ship_date", "warranty_end", "last_date_of_support")
_WORDS: Final = (
    *("vendor", "provider", "product_id", "product_type", "service_level", "line_status", "programme", "currency"),
    *("site_id", "site_name", "site_address", "site_city", "site_country", "customer", "warranty_type"),
)
"""Fields that say one of a few words: one that stands in another row too was not cut."""
_CLASSIC: Final = re.compile(r"[A-Z]{3}\d{4}[A-Z0-9]{4}", re.I)
"""A whole serial of eleven signs (LLLYYWWSSSS): nothing longer begins so but a cable's end."""
_WHOLE_DATE: Final = re.compile(r"\d{4}[-/.]\d\d[-/.]\d\d([T ].*)?|\d{8}|\d{5}(\.\d+)?|.*[^\d]\d{4}([T ,].*)?", re.A)


def is_whole(field: str, column: Sequence[str], shared: Shared) -> bool:
    """Whether the last cell of *column* cannot be the beginning of a longer one."""
    *others, last = (cell.strip() for cell in column)
    if field == "serial":
        return bool(_CLASSIC.fullmatch(last))
    if field in DATES:
        return bool(_WHOLE_DATE.fullmatch(last))
    if field == "vendor" and shared.vendor(last):
        return True
    return field in _WORDS and last in others and not any(o != last and o.startswith(last) for o in others)
