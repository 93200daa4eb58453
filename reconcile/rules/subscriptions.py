"""Rules of entitlements that end by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NO_DAY, Row, among, days, key, records
from reconcile.entitlements import bought, covers, in_words, ladders
from reconcile.findings import Finding, origin
from reconcile.ledger import Ledger
from reconcile.licence_facts import by_chassis, features
from reconcile.rules.rows import in_days

_TODAY: Final = "Renew it today, its last day."
_NEVER: Final = 2**40
"""The end of an entitlement without an end."""


def expired(ledger: Ledger) -> Iterator[Finding]:
    """An entitlement has ended, nothing follows on it, and its unit is still there.

    Rests on: Practice: what was bought for a term ends with it, whatever the device still shows [R]. Not checked with
    the vendor.

    Exempt: entitlements of serials that this run did not see; levels whose use the device no longer reports; what a
    later or a higher entitlement of the same holder covers.

    Action: Renew it, or turn the feature off and take the entitlement off the list.
    """
    for row, end in _ending(ledger, -_NEVER, -1):
        yield _of_entitlement(
            "LIC-SUB-EXPIRED", row, f"ended on {end}",
            "Renew it, or turn the feature off and take the entitlement off the list.",
        )  # fmt: skip


def expiring(ledger: Ledger) -> Iterator[Finding]:
    """An entitlement ends within the policy's days and nothing follows on it.

    Rests on: Practice: as for contracts, which are to be extended before their end (S1) [R]. Not checked with the
    vendor.

    Exempt: as LIC-SUB-EXPIRED.

    Action: Renew it before <its end>. / Renew it today, its last day.
    """
    for row, end in _ending(ledger, 0, ledger.policy.expiring_days):
        left = (end - ledger.as_of).days
        yield _of_entitlement(
            "LIC-SUB-EXPIRING", row, f"ends on {end}, {in_days(left)}", f"Renew it before {end}." if left else _TODAY
        )  # fmt: skip


def _ending(ledger: Ledger, since: int, until: int) -> Iterator[tuple[Row, date]]:
    """Entitlements whose holder's last end for them lies between so many days from now, with that end."""
    rows = bought(ledger)
    ends = days(rows["expires"])
    holder = key(rows, "vendor", "serial", "account")
    rows = rows.assign(holder=holder, words=in_words(rows["feature"], rows["level"]))
    rows = rows.assign(end=np.where(ends == NO_DAY, _NEVER, ends))
    each = rows.explode("covers", ignore_index=True)
    last = each.groupby(["holder", "covers"])["end"].max()
    lasts = last.reindex(pd.MultiIndex.from_frame(rows[["holder", "name"]])).to_numpy()
    left = lasts - ledger.as_of.toordinal()
    due = rows[(left >= since) & (left <= until) & (rows["end"].to_numpy() == lasts)]
    if due.empty:
        return
    for row in records(due[_still_there(due, ledger)].drop_duplicates(["holder", "name"])):
        yield row, date.fromordinal(int(row["end"]))


def _still_there(rows: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    """Entitlements whose unit was seen, and whose level (if it is one) is in use where devices told their licences."""
    units = ledger.units[ledger.units["serial"] != ""]
    seen = (rows["serial"] == "") | among(key(rows, "vendor", "serial"), key(units, "vendor", "serial"))
    told = by_chassis(features(ledger, set(ledger.licences["state"].unique()) - {"unknown"}), ledger)
    used = told[told["state"] != "dormant"]
    used = used.assign(covers=covers(used["name"], ledger.policy)).explode("covers")
    step = rows["name"].isin({step for ladder in ladders(ledger.policy) for step in ladder})
    own = rows["serial"] != ""
    spoke = (
        key(rows, "vendor", "serial")
        .isin(set(key(told, "vendor", "serial")))
        .where(own, rows["vendor"].isin(set(told["vendor"])))
    )
    uses = (
        key(rows, "vendor", "serial", "name")
        .isin(set(key(used, "vendor", "serial", "covers")))
        .where(own, among(key(rows, "vendor", "name"), key(used, "vendor", "covers")))
    )
    return seen & ~(step & spoke & ~uses)


def _of_entitlement(code: str, row: Row, says: str, action: str) -> Finding:
    feature = row["words"] or "licence"
    return Finding(
        code,
        f"{feature} of {row['serial'] or row['account']} {says}",
        action,
        {"entitlement": origin(row), **{n: row[n] for n in ("account", "quantity", "order", "expires") if row[n]}},
        vendor=row["vendor"], serial=row["serial"], subject="\x1f".join((row["account"], row["name"])).strip("\x1f"),
        source_file=row["source_file"], source_row=row["source_row"],
    )  # fmt: skip
