"""Prices as files write them: an amount with a point, and a currency. What is unclear stays as it was written."""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = {"€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD"}
"""A bare $ is the money of a dozen countries."""
_FORM: Final = re.compile(
    r"(?P<before>[A-Z]{3}|US\$|[$€£¥])?\s*(?P<amount>\d[\d.,' \u00a0]*)\s*(?P<after>[A-Z]{3}|US\$|[$€£¥])?", re.I
)


def price(words: str) -> tuple[str, str] | None:
    """The amount and the currency ("" where it does not say) of a cell; None where it is not clear.

    >>> price("1,234.50"), price("EUR 1.234,50"), price("$99"), price("1,234")
    (('1234.50', ''), ('1234.50', 'EUR'), ('99', ''), None)
    """
    match = _FORM.fullmatch(words)
    if not match:
        return None
    amount = _amount(re.sub(r"['\s]", "", match["amount"]))
    said = (match["before"] or match["after"] or "").upper()
    return (amount, _SIGNS.get(said, said if said.isalpha() else "")) if amount else None


def _amount(digits: str) -> str:
    """The number with a point for its decimals; "" where one mark could be either."""
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return digits
    if len(set(marks)) == 2:
        return _parted(digits, marks[-1]) if marks.count(marks[-1]) == 1 else ""
    if len(marks) > 1:
        return _whole(digits)
    whole, _, rest = digits.partition(marks[0])
    return "" if len(rest) == 3 and len(whole) <= 3 and whole != "0" else f"{whole}.{rest}" if rest else ""


def _parted(digits: str, mark: str) -> str:
    whole, _, decimals = digits.rpartition(mark)
    return f"{_whole(whole)}.{decimals}" if decimals and _whole(whole) else ""


def _whole(digits: str) -> str:
    groups = re.split(r"[.,]", digits)
    return "".join(groups) if all(len(group) == 3 for group in groups[1:]) and groups[0] else ""
