"""The vendor's own donations: which units are granted, and whether the coverage that came with the grant still runs."""

from __future__ import annotations

from typing import Final

import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import Text, day, years_on
from reconcile.ledger import Ledger
from reconcile.policy import bare
from reconcile.products import mapped, matches

GRANT: Final = "grant"
RUNNING: Final = "running"
OVER: Final = "over"
UNDATED: Final = "undated"


def terms(ledger: Ledger) -> Text:
    """For each unit `running`, `over` or `undated` for the term of its grant; "" where the register records none.

    A term begins with the grant, else with the shipment.
    """
    units, register = ledger.units, ledger.register
    granted = (provenances(ledger) == GRANT) & units["vendor"].isin(ledger.policy.donations.vendors)
    begun = asset(units, register, "grant_date")
    begun = begun.where(begun != "", asset(units, register, "ship_date"))
    told = mapped(begun, {text: _term(str(text), ledger) for text in begun.unique()})
    return told.where(granted, "")


def provenances(ledger: Ledger) -> Text:
    """The register's provenance of each unit, "" where it says none or does not know."""
    said = asset(ledger.units, ledger.register, "provenance")
    return mapped(said, {word: "" if bare(str(word)) == "unknown" else bare(str(word)) for word in said.unique()})


def granted_assets(ledger: Ledger) -> pd.DataFrame:
    """The rows of the register that are the vendor's own donations."""
    register, policy = ledger.register, ledger.policy.donations
    return register[(register["provenance"].map(bare) == GRANT) & register["vendor"].isin(policy.vendors)]


def donated(lines: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    """Lines whose programme says that the vendor donated them."""
    policy = ledger.policy.donations
    return matches(lines["programme"], policy.programmes) & lines["vendor"].isin(policy.vendors)


def _term(begun: str, ledger: Ledger) -> str:
    start = day(begun)
    if start is None:
        return UNDATED
    return RUNNING if years_on(start, ledger.policy.donations.term_years) > ledger.as_of else OVER
