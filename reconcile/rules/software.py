"""The rule of downloads: a release newer than the last day on which it could be had."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pandas as pd

from collectors.releases import plain
from reconcile.blocks import asset
from reconcile.columns import day, key, records
from reconcile.findings import Finding, of_unit, place
from reconcile.ledger import Ledger
from reconcile.rules.rows import unit_rows
from reconcile.standing import ACTIVE, PENDING, SOFTWARE


def newer_than_entitled(ledger: Ledger) -> Iterator[Finding]:
    """A unit without cover runs a release that was published after its last day of entitlement to downloads.

    At most a warning: "no download entitlement on record". Updates need an active agreement for the very device (S4
    attests the policy, as a critic). Silent for products with free updates, for a unit that was shipped or came from an
    RMA after the release, where the release's date is unknown, and where neither an earlier line nor a purchase date is
    on record. A security fix may be free case by case. Not checked with the vendor.
    """
    units = ledger.units
    chosen = (units["treatment"] == "require") & units["verdict"].isin(("expired", "uncovered"))
    chosen &= (units["software_version"] != "") & (units["serial"] != "")
    released = _release_dates(ledger)
    platforms = dict(zip(ledger.targets["address"], ledger.targets["platform"], strict=True))
    ends, active = _last_days(ledger, chosen)
    free = re.compile("|".join(ledger.policy.software.free_updates) or r"(?!)", re.I)
    assets = {name: asset(units, ledger.register, name) for name in ("purchase_date", "ship_date")}
    swapped = {(r["vendor"], r["new_serial"]): r["date"] for r in records(ledger.rma)}
    for unit in unit_rows(ledger, chosen):
        serial = (unit["vendor"], unit["serial"])
        version = (unit["vendor"], platforms.get(unit["address"], ""), plain(unit["software_version"]))
        out = released.get(version) or released.get((version[0], "", version[2]))
        came = [
            assets["ship_date"].iloc[unit["row"]],
            swapped.get(serial, ""),
            assets["purchase_date"].iloc[unit["row"]],
        ]
        last = ends.get(serial) or _warranty_days(assets["purchase_date"].iloc[unit["row"]], ledger)
        if out is None or last is None or out <= last or serial in active or free.search(unit["product_id"]):
            continue
        if any((arrived := day(text)) and arrived >= out for text in came):
            continue
        yield Finding(
            "LIC-SW-NEWER",
            f"{unit['serial']} runs {unit['software_version']} ({out}); "
            f"no download entitlement on record after {last}",
            "Show what entitled to the download (contract, RMA, free fix), renew the contract, or go back a release.",
            {"unit": place(unit), "version": unit["software_version"], "released": out.isoformat(),
             "last_entitled": last.isoformat()},
            confidence="medium", **of_unit(unit),
        )  # fmt: skip


def _release_dates(ledger: Ledger) -> Mapping[tuple[str, str, str], date]:
    """(vendor, platform, version) -> its first date; platform "" where the catalogue says none."""
    catalogue = ledger.inputs.software
    found: dict[tuple[str, str, str], date] = {}
    for row in records(catalogue) if catalogue is not None else ():
        named = (row["vendor"].strip().lower(), row["platform"].strip(), plain(row["version"]))
        out = day(row["released"])
        if out and (named not in found or out < found[named]):
            found[named] = out
    return found


def _last_days(ledger: Ledger, chosen: pd.Series[bool]) -> tuple[Mapping[tuple[str, str], date], set[tuple[str, str]]]:
    """(vendor, serial) -> the last day that a line entitles to software; and the serials with one in force."""
    serials = set(key(ledger.units[chosen], "vendor", "serial"))
    lines = ledger.lines
    mine = lines[key(lines, "vendor", "serial").isin(serials) & lines["entitles"].str.contains(SOFTWARE, regex=False)]
    live = mine[mine["standing"].isin((ACTIVE, PENDING))]
    ends: dict[tuple[str, str], date] = {}
    for line in records(mine):
        end, serial = day(line["line_end"]), (line["vendor"], line["serial"])
        if end:
            ends[serial] = max(end, ends.get(serial, end))
    return ends, set(zip(live["vendor"], live["serial"], strict=True))


def _warranty_days(purchased: str, ledger: Ledger) -> date | None:
    bought = day(purchased)
    return bought + timedelta(days=ledger.policy.software.warranty_days) if bought else None
