"""What kind of line a row is: hardware, software, subscription or serial_less.

Only hardware can be missing from a network, so a licence key must never pass for a serial number; and a unit
taken for a licence would be reported as not covered, so hardware wins where a row says both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from reconcile.layouts import KindPatterns, KindWords, Layout, Shared

HARDWARE: Final = "hardware"
SOFTWARE: Final = "software"
SUBSCRIPTION: Final = "subscription"
SERIAL_LESS: Final = "serial_less"

Kind = Callable[[str, str, str, str], str]


def kinds(layout: Layout, shared: Shared) -> Kind:
    """A function from (product type, product id, subscription id, canonical serial) to the line's kind.

    The product type's word comes first, then a subscription id, the product id's pattern and the serial's (a
    product authorization key). What is left is hardware, or serial_less where there is no serial.
    """
    by_type = _words(shared.types) | _words(layout.types)
    by_product, by_serial = _matching(shared.products), _matching(shared.serials)

    def kind(product_type: str, product_id: str, subscription_id: str, serial: str) -> str:
        said = by_type.get(product_type.casefold(), "")
        if said != HARDWARE:
            if subscription_id:
                return SUBSCRIPTION
            guessed = by_product(product_id.upper())
            if found := said or guessed or ("" if product_type else by_serial(serial)):
                return found
        return HARDWARE if serial else SERIAL_LESS

    return kind


def like(shared: Shared) -> Callable[[str], str]:
    """A function from a serial to one of its kind, so that a million serials are a few: `kinds` tells them no apart."""
    by_serial = _matching(shared.serials)
    known: dict[tuple[bool, str], str] = {}
    return lambda serial: known.setdefault((bool(serial), by_serial(serial)), serial)


def _words(words: KindWords) -> dict[str, str]:
    pairs: Sequence[tuple[str, tuple[str, ...]]] = (
        (SUBSCRIPTION, words.subscription),
        (SOFTWARE, words.software),
        (HARDWARE, words.hardware),
    )
    return {word.casefold(): kind for kind, group in pairs for word in group}


def _matching(patterns: KindPatterns) -> Callable[[str], str]:
    groups = ((SUBSCRIPTION, patterns.subscription), (SOFTWARE, patterns.software))
    known = [(kind, re.compile(pattern)) for kind, group in groups for pattern in group]
    return lambda text: next((kind for kind, pattern in known if pattern.search(text)), "")
