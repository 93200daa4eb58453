"""Product ids: the base form in which two writings of one product are equal, and what the product tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from reconcile.policy import Policy


def base_form(product_id: str, policy: Policy) -> str:
    """The product without spare mark, licence suffix and bundle, or "" if *product_id* names none.

    What is taken off is ``[product_id]`` of the policy. ``WIC-1T=`` and ``WIC-1T`` are one product here, though the
    vendor's end-of-life service treats them as two.
    """
    product = "".join(product_id.split()).upper()
    if product in policy.product_id.null:
        return ""
    for suffix in policy.product_id.suffixes:
        product = re.sub(suffix, "", product)
    return policy.product_id.aliases.get(product, product)


def base_forms(product_ids: pd.Series[str], policy: Policy) -> pd.Series[str]:
    """`base_form` of a column, each distinct product worked out once."""
    return mapped(product_ids, {product: base_form(product, policy) for product in product_ids.unique()})


def matches(product_ids: pd.Series[str], patterns: Iterable[str]) -> pd.Series[bool]:
    """Whether any of *patterns* is found in each product id (any case)."""
    found = re.compile("|".join(f"(?:{p})" for p in patterns) or r"(?!)", re.I)
    hits = {product for product in product_ids.unique() if found.search(product.strip())}
    return product_ids.isin(hits)


def family(product: str, vendor: str, policy: Policy) -> str:
    """The name of the family that a base form belongs to, or ""."""
    return next((f.name for f in policy.family if f.vendor == vendor and re.search(f.pattern, product, re.I)), "")


def series(product: str, policy: Policy) -> str:
    """The series of chassis that a base form belongs to, as `whereabouts.chassis_series` finds it; "" for all else.

    >>> from reconcile.policy import load
    >>> series("WS-C2960X-48FPD-L", load()), series("C9300-NM-8X", load())
    ('WS-C2960', '')
    """
    found = (re.match(pattern, product) for pattern in policy.whereabouts.chassis_series)
    return next((match[0] for match in found if match), "")


def outside(product: str, vendor: str, policy: Policy) -> str:
    """The name of the kind of product that no poll can see, or ""."""
    return next((o.name for o in policy.outside if o.vendor == vendor and re.search(o.pattern, product, re.I)), "")


def mapped(column: pd.Series[str], words: Mapping[str, str], default: str = "") -> pd.Series[str]:
    """Each cell's word; factorised, so that a million cells cost a million look-ups of an integer."""
    codes, uniques = pd.factorize(column)
    values = pd.Series([words.get(str(unique), default) for unique in uniques], dtype="str")
    taken = values.take(codes)
    taken.index = column.index
    return taken
