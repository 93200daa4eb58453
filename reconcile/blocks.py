"""What keeps a unit from being covered at all: its provenance, its condition, a hold, or its product's end of life.

Advising to add such a unit to a contract would be wrong advice, whatever else is true of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from reconcile import tables
from reconcile.columns import NO_DAY, NONE, Bools, Text, cells_at, days, first_told, key, records
from reconcile.policy import Policy, bare
from reconcile.products import base_form, mapped
from reconcile.standing import UNLISTED

SECOND_HAND: Final = "second_hand"
DAMAGED: Final = "damaged"
ENVIRONMENTAL: Final = "environmental"
HOLD: Final = "hold"
END_OF_LIFE: Final = "end_of_life"
_NO: Final = ("", "no", "false", "0", "n", "none", "failed")


def blocks(
    units: pd.DataFrame,
    lines: pd.DataFrame,
    register: pd.DataFrame,
    eox: pd.DataFrame | None,
    as_of: date,
    policy: Policy,
) -> dict[str, Text]:
    """Columns for the units: `block` (which kind, "" for none), `block_reason`, `last_date_of_support`, and
    `end_of_life`: why its product keeps a unit from being covered, also where something else does too."""
    ends = _end_of_life(units, lines, eox, policy)
    today = as_of.toordinal()
    best = units["line"].to_numpy(dtype=np.int64)
    lined: Bools = best != NONE
    if len(lines):
        lined &= lines["standing"].to_numpy(dtype=object)[best] != UNLISTED
    support, attach, renewal = (days(ends[name]) for name in ("last_date_of_support", "last_attach", "last_renewal"))
    unproved = unlicensed(units, register, policy) | _uninspected(units, register, policy)
    cases: tuple[tuple[Bools, str, str | Text], ...] = (
        (_asset_is(units, register, "condition", ("damaged", "permanently damaged")), DAMAGED,
         "recorded as permanently damaged: it cannot be inspected or covered"),
        (_asset_is(units, register, "condition", ("environmental",)), ENVIRONMENTAL,
         "recorded as damaged by fire, water or weather: it goes through the return-to-service process first"),
        (said_yes(asset(units, register, "compliance_hold")).to_numpy(dtype=bool), HOLD,
         "its serial is recorded as on compliance hold"),
        (unproved, SECOND_HAND,
         "recorded as second-hand, without proof of relicensing and inspection on record under the vendor's policy"),
        ((support != NO_DAY) & (support <= today), END_OF_LIFE,
         "its last date of support was " + ends["last_date_of_support"]),
        (~lined & (attach != NO_DAY) & (attach < today), END_OF_LIFE,
         "a service could last be attached to this product on " + ends["last_attach"]),
        (lined & (renewal != NO_DAY) & (renewal <= today), END_OF_LIFE,
         "a service of this product could last be renewed on " + ends["last_renewal"]),
    )  # fmt: skip
    ended = [(holds, why) for holds, block, why in cases if block == END_OF_LIFE]
    return {
        "end_of_life": first_told(ended, units.index),
        "block": first_told([(holds, block) for holds, block, _ in cases], units.index),
        "block_reason": first_told([(holds, why) for holds, _, why in cases], units.index),
        "last_date_of_support": ends["last_date_of_support"],
    }


def unlicensed(units: pd.DataFrame, register: pd.DataFrame, policy: Policy) -> Bools:
    """Recorded as second-hand with neither proof of relicensing nor an exception of the transfer policy."""
    no_proof = (asset(units, register, "relicence_proof") == "") & (asset(units, register, "transfer_exception") == "")
    found: Bools = (
        second_hand(units, register, policy) & no_proof.to_numpy(dtype=bool) & policy.secondary.require_relicense
    )
    return found


def second_hand(units: pd.DataFrame, register: pd.DataFrame, policy: Policy) -> Bools:
    """By the register's word, which also outweighs a refurbished product id: what somebody else sold on is no longer
    the vendor's own refurbished sale."""
    said = asset(units, register, "provenance")
    provenance = mapped(said, {word: bare(str(word)) for word in said.unique()})
    known = provenance.isin({bare(p) for p in policy.secondary.provenances})
    found: Bools = (known & units["vendor"].isin(policy.secondary.vendors)).to_numpy(dtype=bool)
    return found


def asset(units: pd.DataFrame, register: pd.DataFrame, name: str) -> Text:
    """A column of the register for each unit, trimmed; "" where the unit is not in it."""
    if name not in register.columns:
        return pd.Series("", index=units.index, dtype="str")
    return cells_at(register[name].str.strip(), units["asset"].to_numpy(dtype=np.int64), units.index)


def _uninspected(units: pd.DataFrame, register: pd.DataFrame, policy: Policy) -> Bools:
    passed = said_yes(asset(units, register, "inspection_passed")).to_numpy(dtype=bool)
    found: Bools = second_hand(units, register, policy) & ~passed & policy.secondary.require_inspection
    return found


def said_yes(column: Text) -> pd.Series[bool]:
    """Whether a yes-or-no cell (or a date, a reference) says yes."""
    return ~column.str.strip().str.lower().isin(_NO)


def _asset_is(units: pd.DataFrame, register: pd.DataFrame, name: str, words: tuple[str, ...]) -> Bools:
    found: Bools = asset(units, register, name).str.lower().isin(words).to_numpy(dtype=bool)
    return found


def _end_of_life(units: pd.DataFrame, lines: pd.DataFrame, eox: pd.DataFrame | None, policy: Policy) -> pd.DataFrame:
    """The dates of each unit's product: by its exact id, else by base form; the best line's own date fills a gap."""
    names = ("last_date_of_support", "last_attach", "last_renewal")
    known = _by_product(eox, policy) if eox is not None else {}
    products, uniques = pd.factorize(key(units, "vendor", "product_id", "base"))
    found = [_row(str(words), known) for words in uniques]
    rows = np.array([*found, NONE], dtype=np.int64)[products]
    table = eox if eox is not None else tables.table(tables.EOX)
    ends = pd.DataFrame({name: cells_at(table[name], rows, units.index) for name in names})
    on_line = cells_at(lines["last_date_of_support"], units["line"].to_numpy(dtype=np.int64), units.index)
    support = ends["last_date_of_support"]
    return ends.assign(last_date_of_support=support.where(support != "", on_line))


def _row(words: str, known: Mapping[str, int]) -> int:
    """The row of vendor, product and base form as one text: by the exact product, else by its base form."""
    vendor, product, base = words.upper().split("\x1f")
    return known.get(f"{vendor}\x1f{product}", known.get(f"{vendor}\x1f{base}", NONE))


def _by_product(eox: pd.DataFrame, policy: Policy) -> Mapping[str, int]:
    known: dict[str, int] = {}
    for row, record in enumerate(records(eox)):
        vendors = (
            [record["vendor"].strip().upper()]
            if record["vendor"].strip()
            else [f.vendor.upper() for f in policy.family]
        )
        for vendor in vendors:
            product = record["product_id"].strip().upper()
            known.setdefault(f"{vendor}\x1f{base_form(product, policy)}", row)
            known[f"{vendor}\x1f{product}"] = row
    return known
