"""Renewals put together: by contract and end date, and the day the rest of the contract ends, to bring them to."""

from __future__ import annotations

from typing import Final

import pandas as pd

from reconcile import tables
from reconcile.columns import tally
from reconcile.standing import ACTIVE

COLUMNS: Final = (
    "vendor", "provider", "contract_number", "service_level", "end_date", "renewals", "days_left", "co_term",
)  # fmt: skip
"""One row a contract, service level and end date; `co_term` is the day most of its other lines end."""
_CONTRACT: Final = ["vendor", "provider", "contract_number"]


def renewals(changes: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS` of the RENEW rows of *changes*; *lines* are those of the ledger or of the file, with their standing or
    their verdict."""
    asked = changes[changes["action"] == "RENEW"]
    if asked.empty:
        return tables.table(COLUMNS)
    found = asked.groupby([*_CONTRACT, "service_level", "end_date"], sort=True).size().reset_index(name="renewals")
    found = _with_co_term(found, lines)
    left = (pd.to_datetime(found["end_date"], errors="coerce") - pd.Timestamp(changes["as_of"].iloc[0])).dt.days
    told = [str(int(n)) if n == n else "" for n in left]
    return found.assign(days_left=told)[list(COLUMNS)].astype("str")


def with_hints(changes: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """*changes* whose RENEW rows say how many renewals of their contract fall on the same day, and what to bring them
    to. *lines* are those of the ledger."""
    renew = changes["action"] == "RENEW"
    if not bool(renew.any()):
        return changes
    asked = changes[renew]
    day = [*_CONTRACT, "end_date"]
    same = asked.groupby(day)["action"].transform("size")
    ends = _with_co_term(asked[day], lines)["co_term"].to_numpy()
    hints = []
    for count, end, contract in zip(same, ends, asked["contract_number"], strict=True):
        hint = f"; one of {count} renewals of contract {contract} on that day" if count > 1 and contract else ""
        hints.append(hint + (f"; most of that contract ends on {end}: ask to co-term" if end and contract else ""))
    reasons = changes["reason"].copy()
    reasons.loc[asked.index] = asked["reason"] + pd.Series(hints, index=asked.index, dtype="str")
    return changes.assign(reason=reasons)


def _with_co_term(asked: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The rows with `co_term`: the commonest end of the contract's hardware lines in force, where it is later."""
    holds = lines["standing"] == ACTIVE if "standing" in lines.columns else lines["verdict"] == "covered"
    live = lines[[*_CONTRACT, "line_end"]][holds & (lines["line_kind"] == "hardware") & (lines["line_end"] != "")]
    counts = tally(live, *_CONTRACT, "line_end").sort_values(["count", "line_end"], ascending=False, kind="stable")
    counts = counts.drop_duplicates(_CONTRACT)
    joined = asked.reset_index(drop=True).merge(
        counts.rename(columns={"line_end": "co_term"})[[*_CONTRACT, "co_term"]], on=_CONTRACT, how="left"
    )
    end = joined["co_term"].fillna("").astype("str")
    later = end > joined["end_date"]
    return joined.assign(co_term=end.where(later, ""))
