"""The money of a serial that is paid for more than once: what each of its lines lists, as far as they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any


def stakes(lines: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """For each line of one serial (by place) what to add to the reason: the line that ends last is the one to keep,
    any other may end, and its list price is what that is about. The price is as the file wrote it.

    >>> stakes([{"line_end": "2027-01-31"}, {"line_end": "2026-01-31", "list_price": "1200.50", "currency": "EUR"}])
    {0: '; it ends last: the one to keep', 1: '; it may end: list price 1200.50 EUR'}
    """
    keep = _kept(lines)
    return {
        place: "; it ends last: the one to keep" if place == keep else _ended(lines[place])
        for place in range(len(lines))
    }


def money(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Currency -> what the lines of one serial list that may end; empty where none of them says a price.

    >>> money([{"line_end": "2027-01-31"}, {"line_end": "2026-01-31", "list_price": "1200.50", "currency": "EUR"}])
    {'EUR': '1200.50'}
    """
    keep = _kept(lines)
    return total({str(line.get("currency", "")): str(line.get("list_price", ""))}
                 for place, line in enumerate(lines) if place != keep)  # fmt: skip


def total(sums: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Amounts by currency added up; what is no amount counts for nothing.

    >>> total([{"EUR": "1200.50"}, {"EUR": "99.50", "USD": "5"}, {"": "on request"}])
    {'EUR': '1300.00', 'USD': '5'}
    """
    added: dict[str, Decimal] = {}
    for one in sums:
        for currency, amount in one.items():
            if worth := _amount(amount):
                added[currency.strip()] = added.get(currency.strip(), Decimal()) + worth
    return {currency: str(amount) for currency, amount in sorted(added.items())}


def in_words(sums: Mapping[str, str]) -> str:
    """Sums by currency for people.

    >>> in_words({"EUR": "1300.00", "": "5"})
    '1300.00 EUR and 5'
    """
    return " and ".join(f"{amount} {currency}".strip() for currency, amount in sums.items())


def _kept(lines: Sequence[Mapping[str, Any]]) -> int:
    """The place of the line to keep: the one that ends last."""
    return max(range(len(lines)), key=lambda n: (str(lines[n]["line_end"]) or "9999", -n))


def _amount(words: str) -> Decimal | None:
    try:
        found = Decimal(words.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and found > 0 else None


def _ended(line: Mapping[str, Any]) -> str:
    price = str(line.get("list_price", "")).strip()
    currency = str(line.get("currency", "")).strip()
    known = any(digit in price for digit in "123456789")
    return "; it may end" + (f": list price {price} {currency}".rstrip() if known else "")
