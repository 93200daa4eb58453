"""Product ids: the base form in which two writings of one product are equal, and what the product tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
    return changed(product_ids, lambda product: base_form(product, policy))


def matches(product_ids: pd.Series[str], patterns: Iterable[str]) -> pd.Series[bool]:
    """Whether any of *patterns* is found in each product id (any case)."""
    found = re.compile("|".join(f"(?:{p})" for p in patterns) or r"(?!)", re.I)
    codes, uniques = pd.factorize(product_ids)
    hits = [bool(found.search(cell.strip())) for cell in np.asarray(uniques, dtype=object).tolist()]
    return pd.Series(np.array([*hits, False])[codes], index=product_ids.index)


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
    """Each cell's word, looked up by Arrow: a million cells cost no object of Python each."""
    cells = pa.array(column, type=pa.large_string())
    found = pc.index_in(cells, value_set=pa.array(list(words), type=pa.large_string()))
    told = pa.array([*words.values(), default], type=pa.large_string())
    return pd.Series(
        pd.array(told.take(pc.fill_null(found, len(words))), dtype="str"),
        index=column.index,
    )


def changed(column: pd.Series[str], change: Callable[[str], str]) -> pd.Series[str]:
    """*change* of each cell, worked out once for equal ones."""
    codes, uniques = pd.factorize(column)
    cells = np.asarray(uniques, dtype=object).tolist()  # an Arrow array gives its cells out one by one, and slowly
    taken = pd.Series([change(cell) for cell in cells], dtype="str").take(codes)
    taken.index = column.index
    return taken
