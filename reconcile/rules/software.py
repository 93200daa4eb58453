"""Rules of downloads: a release newer than the last day on which it could be had, and what cannot be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from collectors.releases import plain
from reconcile.blocks import asset
from reconcile.columns import NO_DAY, Ints, among, codes, days, first_told, key, records
from reconcile.findings import Finding, of_unit, place
from reconcile.ledger import Ledger, trust
from reconcile.products import mapped, matches
from reconcile.rules.rows import SMARTOPTICS, listed, many, unit_rows
from reconcile.standing import ACTIVE, PENDING, SOFTWARE

_READ: Final = ("vendor", "serial", "verdict", "address", "software_version", "asset")
"""What is read of the units."""
_UNCOVERED: Final = ("expired", "uncovered", "unknown")


def newer_than_entitled(ledger: Ledger) -> Iterator[Finding]:
    """A unit without cover runs a release that was published after its last day of entitlement to downloads.

    The last day is the latest end of its lines that entitle to software, else its purchase and the policy's days of
    warranty. At most a warning: a missing entitlement on record, judged serial by serial. A covered neighbour does not
    entitle a unit.

    Rests on: S4: updates are downloaded under an active contract (a critic, as witness that the policy exists) [S];
    device by device [V]. The days of warranty are a setting [?]. Not checked with the vendor.

    Exempt: products with free updates (S4, a list in the policy) [R]; a unit shipped, bought or come from an RMA on or
    after the release's day; a release published before the end and installed later. A security fix may be free case by
    case [V]: the action asks for it. An unknown date or an incomplete history is LIC-SW-UNPROVABLE.

    Action: Show what entitled to the download (contract, RMA, a free security fix), renew the contract, or go back a
    release.
    """
    facts = _facts(ledger)
    yield from _newer(
        ledger, facts, "LIC-SW-NEWER", ledger.units["vendor"] != SMARTOPTICS,
        "Show what entitled to the download (contract, RMA, a free security fix), renew the contract, "
        "or go back a release.",
    )  # fmt: skip


def newer_than_subscribed(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit without an agreement runs a release that was published after its last software subscription.

    As LIC-SW-NEWER, and at most a warning.

    Rests on: S3: the software subscription is part of the TAC service and gives the latest software [S]. Not checked
    with the vendor.

    Exempt: a unit shipped, bought or come from an RMA on or after the release's day; unknown dates.

    Action: Renew the software subscription, or show what entitled to the release.
    """
    yield from _newer(
        ledger, _facts(ledger), "SO-SW-NEWER", ledger.units["vendor"] == SMARTOPTICS,
        "Renew the software subscription, or show what entitled to the release.",
    )  # fmt: skip


def unprovable(ledger: Ledger) -> Iterator[Finding]:
    """Whether units without cover were entitled to the release they run cannot be told.

    The release's date is not in the catalogue, or the history of contracts is incomplete: a source of the vendor is
    not the whole truth or stale, or neither an earlier line nor a purchase date is on record. One finding a release.

    Rests on: Practice: what cannot be proved is not claimed [R]. Not checked with the vendor.

    Exempt: as LIC-SW-NEWER.

    Action: Add the release's date to the catalogue of software, and earlier contracts or purchase dates to the inputs.
    """
    facts = _facts(ledger)
    undated, unended = facts["released"] == NO_DAY, facts["last"] == NO_DAY
    unclear = ~facts["sourced"] | (facts["verdict"] == "unknown")
    fine = ~undated & ((~unended & (facts["released"] <= facts["last"])) | facts["arrived_with"])
    doubt = facts[(undated | unended | unclear) & ~fine]
    doubt = doubt.assign(
        why=first_told(
            [(doubt["released"] == NO_DAY, "its release date is not in the catalogue"),
             (~doubt["sourced"], "the contracts of its vendor are not known in full"),
             (doubt["verdict"] == "unknown", "its contract line does not tell whether it is in force")],
            doubt.index, default="no earlier contract or purchase date is on record",
        )
    )  # fmt: skip
    for (vendor, platform, version), group in doubt.groupby(["vendor", "platform", "version"]):
        units, they = ledger.units.loc[group.index], "it was" if len(group) == 1 else "they were"
        yield Finding(
            "LIC-SW-UNPROVABLE",
            f"{version} on {many(len(group), 'unit')} without cover: whether {they} entitled "
            f"to it cannot be told: {'; '.join(sorted(group['why'].unique()))}",
            "Add the release's date to the catalogue of software, "
            "and earlier contracts or purchase dates to the inputs.",
            {"version": version, "platform": platform, **listed("serials", units["serial"])},
            vendor=str(vendor), subject="\x1f".join((str(platform), str(version))),
        )  # fmt: skip


def _newer(ledger: Ledger, facts: pd.DataFrame, code: str, mine: pd.Series[bool], action: str) -> Iterator[Finding]:
    known = (facts["released"] != NO_DAY) & (facts["last"] != NO_DAY) & facts["sourced"]
    late = facts[known & (facts["released"] > facts["last"]) & ~facts["arrived_with"] & (facts["verdict"] != "unknown")]
    late = late[mine.reindex(late.index)]
    told = dict(zip(late.index, records(late), strict=True))
    for unit in unit_rows(ledger, ledger.units.index.to_series().isin(late.index)):
        fact = told[unit["row"]]
        released, last = (date.fromordinal(fact[name]).isoformat() for name in ("released", "last"))
        yield Finding(
            code,
            f"{unit['serial']} runs {unit['software_version']} ({released}); "
            f"no download entitlement on record after {last}",
            action,
            {"unit": place(unit), "version": unit["software_version"], "released": released, "last_entitled": last,
             "last_entitled_by": fact["last_by"]},
            confidence="medium" if fact["last_by"] == "contract" else "low", **of_unit(unit),
        )  # fmt: skip


def _facts(ledger: Ledger) -> pd.DataFrame:
    """Units without cover whose release is known, by the unit's row: `vendor, verdict, platform, version`, `released`
    and `last` (days), `last_by`, `arrived_with` (it came with that release or a later one) and `sourced`."""
    units, policy = ledger.units, ledger.policy
    chosen = (units["treatment"] == "require") & units["verdict"].isin(_UNCOVERED)
    chosen &= (units["software_version"] != "") & (units["serial"] != "")
    chosen &= ~matches(units["product_id"], policy.software.free_updates)
    rows = units.loc[chosen, list(_READ)]
    ends, live = _last_days(ledger, rows)
    rows = rows[~live]
    ended = ends[~live.to_numpy()]
    platforms = dict(zip(ledger.targets["address"], ledger.targets["platform"], strict=True))
    rows = rows.assign(
        platform=mapped(rows["address"], platforms),
        version=mapped(rows["software_version"], {v: plain(str(v)) for v in rows["software_version"].unique()}),
    )
    bought = days(asset(rows, ledger.register, "purchase_date"))
    warranted = np.where(bought == NO_DAY, NO_DAY, bought + policy.software.warranty_days)
    released = _released(ledger, rows)
    arrived = np.maximum.reduce([bought, days(asset(rows, ledger.register, "ship_date")), _swapped(ledger, rows)])
    faults = trust(ledger.inputs)
    return rows[["vendor", "verdict", "platform", "version"]].assign(
        released=released,
        last=np.where(ended == NO_DAY, warranted, ended),
        last_by=np.where(ended == NO_DAY, "purchase", "contract"),
        arrived_with=(released != NO_DAY) & (arrived >= released),
        sourced=rows["vendor"].map(lambda vendor: faults.get(vendor, "no source") == "").astype(bool),
    )


def _released(ledger: Ledger, rows: pd.DataFrame) -> Ints:
    """The day on which each unit's release was first published; where no platform is said it counts for all."""
    known = _catalogue(ledger.inputs.software)
    exact = mapped(key(rows, "vendor", "platform", "version"), known)
    anywhere = mapped(rows["vendor"] + "\x1f\x1f" + rows["version"], known)
    return days(exact.where(exact != "", anywhere))


def _catalogue(software: pd.DataFrame | None) -> Mapping[str, str]:
    """Vendor, platform ("" where none is said) and version as one key -> the first ISO date."""
    found: dict[str, str] = {}
    for row in records(software) if software is not None else ():
        named = "\x1f".join((row["vendor"].strip().lower(), row["platform"].strip(), plain(row["version"])))
        if row["released"] and (named not in found or row["released"] < found[named]):
            found[named] = row["released"]
    return found


def _last_days(ledger: Ledger, rows: pd.DataFrame) -> tuple[Ints, pd.Series[bool]]:
    """For each unit the last day on which a line entitled it to software, and whether one is in force or to come."""
    lines = ledger.lines
    fit = among(lines["serial"], rows["serial"]) & (lines["serial"] != "")
    mine = lines[["vendor", "serial", "line_end", "standing", "entitles"]][fit]
    mine = mine[mine["entitles"].str.contains(SOFTWARE, regex=False)]
    named, serial = key(rows, "vendor", "serial"), key(mine, "vendor", "serial")
    here, there = codes(named, serial)
    ends = np.full(int(max(here.max(initial=-1), there.max(initial=-1))) + 1, NO_DAY, dtype=np.int64)
    np.maximum.at(ends, there, days(mine["line_end"]))
    return ends[here], among(named, serial[mine["standing"].isin((ACTIVE, PENDING))])


def _swapped(ledger: Ledger, rows: pd.DataFrame) -> Ints:
    """The day on which each unit came from an RMA."""
    came: dict[str, str] = dict(zip(key(ledger.rma, "vendor", "new_serial"), ledger.rma["date"], strict=True))
    return days(mapped(key(rows, "vendor", "serial"), came))
