"""Accepting findings: the ones named, those a filter names today, or all of day one. Never more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pandas as pd

from agent.errors import UsageError
from agent.store import Store

FILTERS: Final = {
    "rule": "rule", "severity": "severity", "vendor": "vendor", "site": "site", "product": "product_id",
    "serial": "serial", "device": "", "contract": "contract_number", "owner": "owner",
}  # fmt: skip
"""Options -> columns of the findings; `device` is a host name or an address."""
NEVER: Final = "SCAN-INCOMPLETE"
"""What was not read is not known: a person can live with a finding, not with a blind spot called one."""


def named(findings: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The findings of these keys, each of which must be there. Raises UsageError."""
    known = set(findings["key"])
    for key in keys:
        if key.upper().startswith(NEVER):
            raise UsageError(f"{key}: {NEVER} cannot be accepted; mend the login or take the device off the list")
        if key not in known:
            raise UsageError(
                f"{key}: no finding of the run has this key; findings.csv lists them; nothing was accepted"
            )
    return findings[findings["key"].isin(set(keys))]


def filtered(findings: pd.DataFrame, filters: Mapping[str, str]) -> pd.DataFrame:
    """The findings that fit every one of *filters* (of `FILTERS`) to the letter, but for case. Raises UsageError."""
    if filters.get("rule", "").upper() == NEVER:
        raise UsageError(f"{NEVER} cannot be accepted; mend the login or take the device off the list")
    found = findings[findings["rule"] != NEVER]
    for name, wanted in filters.items():
        word = wanted.strip().casefold()
        if name == "device":
            found = found[(found["hostname"].str.casefold() == word) | (found["address"].str.casefold() == word)]
        else:
            found = found[found[FILTERS[name]].str.casefold() == word]
    return found


def accept(store: Store, chosen: pd.DataFrame, *, until: date, reason: str, today: date) -> None:
    """Keep the acceptance of the *chosen* findings. Raises UsageError where it says no reason or has no time to run."""
    if not reason.strip():
        raise UsageError("--reason is empty; say why, for whoever reads it when the day has come")
    if until < today:
        raise UsageError(f"--until {until} is in the past; name a day from {today} on")
    if (chosen["rule"] == NEVER).any():
        raise UsageError(f"{NEVER} cannot be accepted; mend the login or take the device off the list")
    store.accept(list(chosen["key"]), until=until, reason=reason.strip())


def withdrawn(store: Store, chosen: Sequence[str]) -> pd.DataFrame:
    """Accept these keys no longer; the acceptances taken back."""
    held = store.acceptances()
    gone = held[held["key"].isin(set(chosen))]
    store.withdraw(list(gone["key"]))
    return gone
