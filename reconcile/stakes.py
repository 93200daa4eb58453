"""The money of a serial that is paid for more than once: what each of its lines lists, as far as they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def stakes(lines: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """For each line of one serial (by place) what to add to the reason: the line that ends last is the one to keep,
    any other may end, and its list price is what that is about. The price is as the file wrote it.

    >>> stakes([{"line_end": "2027-01-31"}, {"line_end": "2026-01-31", "list_price": "1200.50", "currency": "EUR"}])
    {0: '; it ends last: the one to keep', 1: '; it may end: list price 1200.50 EUR'}
    """
    keep = max(range(len(lines)), key=lambda n: (str(lines[n]["line_end"]) or "9999", -n))
    return {
        place: "; it ends last: the one to keep" if place == keep else _ended(lines[place])
        for place in range(len(lines))
    }


def _ended(line: Mapping[str, Any]) -> str:
    price = str(line.get("list_price", "")).strip()
    currency = str(line.get("currency", "")).strip()
    known = any(digit in price for digit in "123456789")
    return "; it may end" + (f": list price {price} {currency}".rstrip() if known else "")
