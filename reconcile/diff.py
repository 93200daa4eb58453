"""What became of the fleet between two runs: one row an event, with a key that does not hang on either run's order.

Verdicts are compared unit by unit, licences by the findings about them. Nothing is said of a unit that was not read:
one that is no longer seen is an event only where its device was read in full without it, and is still no removal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from reconcile import tables
from reconcile.columns import among, key, records

DIFF: Final = (
    "event", "since_run", "run", "vendor", "serial", "new_serial", "product_id", "kind", "hostname", "address", "site",
    "slot", "was", "now", "provider", "contract_number", "line_end", "rule", "key", "reason",
)  # fmt: skip
EVENTS: Final = (
    "uncovered", "covered", "replaced", "expired", "licensed", "unlicensed", "pending", "uncoverable", "warranty_only",
    "unknown", "appeared", "not_seen", "moved",
)  # fmt: skip
"""The verdict a unit came to, `licensed` and `unlicensed` by its findings, or what became of the unit itself."""
_READ: Final = "complete"


@dataclass(frozen=True, slots=True)
class Judged:
    """One run as it is compared."""

    run: int
    coverage: pd.DataFrame
    findings: pd.DataFrame
    targets: pd.DataFrame
    units: pd.DataFrame


def diff(before: Judged, after: Judged) -> pd.DataFrame:
    """`DIFF`: what became different from *before* to *after*."""
    rows = [*_verdicts(before, after), *_replaced(before, after), *_licences(before, after), *_gone(before, after)]
    runs = {"since_run": str(before.run), "run": str(after.run)}
    table = tables.table(DIFF, ({**row, **runs} for row in rows))
    return table.drop_duplicates(["event", "vendor", "serial", "new_serial", "address", "rule", "key"])


def _units(coverage: pd.DataFrame) -> pd.DataFrame:
    """The rows of units, each serial once."""
    units = coverage[(coverage["kind"] != "") & (coverage["serial"] != "")]
    return units.assign(named=key(units, "vendor", "serial")).drop_duplicates("named").set_index("named")


def _verdicts(before: Judged, after: Judged) -> list[dict[str, str]]:
    """Units whose verdict is another one, whose place is another one, or which are new."""
    old, new = _units(before.coverage), _units(after.coverage)
    was = old["verdict"].reindex(new.index).fillna("")
    place = (old["address"] + "\x1f" + old["slot"]).reindex(new.index).fillna("")
    here = new["address"] + "\x1f" + new["slot"]
    changed = (was != "") & (was != new["verdict"])
    moved = (place != "") & (place != here)
    fresh = was == ""
    common = _columns(new)
    rows = []
    for event, which, now in (
        (None, changed, new["verdict"]),
        ("moved", moved, here),
        ("appeared", fresh, new["verdict"]),
    ):
        for row, said, then in zip(
            records(common[which]), was[which] if event != "moved" else place[which], now[which], strict=True
        ):
            shown = {"was": said.replace("\x1f", " "), "now": then.replace("\x1f", " ")}
            rows.append({**row, "event": event or then, **shown})
    return rows


def _columns(units: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in DIFF if name in units.columns]
    return units[names]


def _replaced(before: Judged, after: Judged) -> list[dict[str, str]]:
    """Replacements that the earlier run did not report."""
    return [
        {**row, "event": "replaced", "reason": row["message"]}
        for row in _opened(before, after)
        if row["rule"] == "COV-REPLACED"
    ]


def _licences(before: Judged, after: Judged) -> list[dict[str, str]]:
    """Findings of the class *unlicensed* that are new, and those that are gone from a device that was read."""
    opened = [row for row in _opened(before, after) if row["class"] == "unlicensed"]
    gone = before.findings[
        (before.findings["class"] == "unlicensed")
        & (before.findings["status"] != "closed")
        & ~before.findings["key"].isin(set(_open(after)["key"]))
    ]
    read = set(after.targets["address"][after.targets["outcome"] == _READ])
    closed = [row for row in records(gone) if row["address"] in read]
    return [
        *({**row, "event": "unlicensed", "reason": row["message"]} for row in opened),
        *({**row, "event": "licensed", "reason": f"no longer found: {row['message']}"} for row in closed),
    ]


def _opened(before: Judged, after: Judged) -> list[dict[str, str]]:
    known = set(before.findings["key"][before.findings["status"] != "closed"])
    found = _open(after)
    return [dict(row) for row in records(found[~found["key"].isin(known)])]


def _open(judged: Judged) -> pd.DataFrame:
    return judged.findings[judged.findings["status"] != "closed"]


def _gone(before: Judged, after: Judged) -> list[dict[str, str]]:
    """Units of devices that were read in full this time, on no device now."""
    old = _units(before.coverage)
    here = set(key(after.units, "vendor", "serial"))
    read = set(after.targets["address"][after.targets["inventory_state"] == _READ])
    gone = old[~old.index.isin(here) & among(old["address"], read)]
    reason = "its device was read in full without it; a removal needs a second run that agrees"
    return [
        {**row, "event": "not_seen", "was": was, "now": "", "reason": reason}
        for row, was in zip(records(_columns(gone)), gone["verdict"], strict=True)
    ]
