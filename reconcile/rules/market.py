"""Rules of provenance that speak of many units at once: what proofs will cost, what is fine, what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reconcile.blocks import SECOND_HAND, asset, said_yes
from reconcile.columns import NONE, Text, among, key, records
from reconcile.findings import Finding, origin
from reconcile.ledger import Ledger
from reconcile.policy import bare
from reconcile.products import mapped, matches
from reconcile.rules.rows import listed, many


def fees(ledger: Ledger) -> Iterator[Finding]:
    """What bringing a site's uncoverable second-hand chassis under a contract will cost, in fees to count on.

    One finding for each site, with the number of chassis: one inspection fee for each of them, not one for the site,
    due also where it fails; the licences; then the contract. No warranty comes with it.

    Rests on: S2: inspections are charged by the chassis, whatever the number at a site, and whatever their outcome; a
    licence fee and the contract come beside them [S].

    Exempt: modules: the fee is the chassis's. Chassis whose product is past its end of life: no fee would bring them
    under a contract. Chassis that were inspected count for the licence only.

    Action: Count on <inspection fees and licences> before asking for contracts (they come with no warranty); compare
    with the vendor's own refurbished units.
    """
    units, policy = ledger.units, ledger.policy.secondary
    chosen = (units["block"] == SECOND_HAND) & (units["verdict"] == "uncoverable") & (units["kind"] == "chassis")
    chosen &= units["end_of_life"] == ""
    rows = units[chosen].assign(
        inspected=said_yes(asset(units, ledger.register, "inspection_passed")[chosen]),
        proof=asset(units, ledger.register, "relicence_proof")[chosen]
        + asset(units, ledger.register, "transfer_exception")[chosen],
    )
    rows = rows.drop_duplicates(["vendor", "serial"])
    for (vendor, site), group in rows.groupby(["vendor", "site"]):
        inspections = int((~group["inspected"]).sum()) if policy.require_inspection else 0
        licences = int((group["proof"] == "").sum()) if policy.require_relicense else 0
        lack = "lacks" if len(group) == 1 else "lack"
        costs = " and ".join(
            many(count, fee) for count, fee in ((inspections, "inspection fee"), (licences, "licence")) if count
        )
        yield Finding(
            "MKT-FEES",
            f"{len(group)} second-hand chassis{f' at {site}' if site else ''} {lack} inspection or relicensing",
            f"Count on {costs} before asking for contracts (they come with no warranty); compare with the vendor's own "
            "refurbished units.",
            {"chassis": len(group), "inspections": inspections, "licences": licences,
             **listed("serials", group["serial"])},
            vendor=str(vendor), site=str(site), subject=str(site),
        )  # fmt: skip


def refreshed(ledger: Ledger) -> Iterator[Finding]:
    """Units are the vendor's own refurbished sale: warranty and contracts are as for new ones.

    By the register's word, or by a refurbished product id where the register does not say where it came from. One
    finding for all of a vendor's, so that nobody takes them for second-hand.

    Rests on: S2: the vendor's own refurbished equipment is the way that needs no relicensing and no inspection [S].
    The marks in product ids are a setting [R]. Not checked with the vendor.

    Exempt: units that the register calls second-hand: a refurbished unit that somebody else sold on is second-hand.

    Action: Nothing; keep the invoices as proof.
    """
    units, policy = ledger.units, ledger.policy
    told = _provenance(ledger)
    chosen = units["vendor"].isin(policy.secondary.vendors) & (units["treatment"] == "require")
    chosen &= (told == "refresh") | (_marked(ledger) & told.isin(("", "unknown", "new")))
    for vendor, group in units[chosen].drop_duplicates(["vendor", "serial"]).groupby("vendor"):
        yield Finding(
            "MKT-REFRESH-OK",
            f"{many(len(group), 'unit is', 'units are')} the vendor's own refurbished sale: "
            "warranty and contracts are as for new ones",
            "Nothing; keep the invoices as proof.",
            listed("serials", group["serial"]),
            vendor=str(vendor),
        )  # fmt: skip


def unknown(ledger: Ledger) -> Iterator[Finding]:
    """Nobody recorded where units came from, and neither an order nor a contract tells.

    A question, not a suspicion. One finding for each site.

    Rests on: S2: what used and secondary-market equipment is, is told by who owned it and who sold it [S].

    Exempt: a unit with a line of its own, an order, a seller, a grant or a purchase date on record.

    Action: Find out where they came from and record it in the register; nothing is claimed until then.
    """
    units, register = ledger.units, ledger.register
    names = ("sales_order", "request_number", "seller", "purchase_date", "grant_id", "grant_date")
    chosen = units["vendor"].isin(ledger.policy.secondary.vendors) & (units["treatment"] == "require")
    chosen &= (units["serial"] != "") & (units["line"] == NONE) & _provenance(ledger).isin(("", "unknown"))
    for name in names:
        chosen &= asset(units, register, name) == ""
    chosen &= ~_marked(ledger)
    for (vendor, site), group in units[chosen].drop_duplicates(["vendor", "serial"]).groupby(["vendor", "site"]):
        yield Finding(
            "MKT-UNKNOWN",
            f"Where {many(len(group), 'unit')}{f' at {site}' if site else ''} came from is not "
            "on record, and no order or contract tells",
            "Find out where they came from and record it in the register; nothing is claimed until then.",
            listed("serials", group["serial"]),
            vendor=str(vendor), site=str(site), subject=str(site),
        )  # fmt: skip


def previous_owner(ledger: Ledger) -> Iterator[Finding]:
    """A unit was given to somebody else, and its licence with us ended with that.

    By the register's `disposed`. With a list of entitlements only those that still name the serial are told.

    Rests on: S2: a transfer ends the licence of the previous owner [S].

    Exempt: units returned to the vendor or scrapped: nobody else uses them.

    Action: Take <the serial> off the list of entitlements; the new owner needs a licence of their own.
    """
    register, policy = ledger.register, ledger.policy.secondary
    gone = register[register["disposed"].str.strip().isin(policy.transferred) & register["vendor"].isin(policy.vendors)]
    entitlements = ledger.inputs.entitlements
    if entitlements is not None:
        gone = gone[among(key(gone, "vendor", "serial"), key(entitlements, "vendor", "serial"))]
    for row in records(gone):
        yield Finding(
            "MKT-PREVOWNER",
            f"{row['product_id']} {row['serial']} was {row['disposed'].strip()}: our licence for it has ended".strip(),
            f"Take {row['serial']} off the list of entitlements; the new owner needs a licence of their own.",
            {"register": origin(row), "disposed": row["disposed"].strip()},
            vendor=row["vendor"], serial=row["serial"], product_id=row["product_id"], owner=row["owner"],
            source_file=row["source_file"], source_row=row["source_row"],
        )  # fmt: skip


def _marked(ledger: Ledger) -> pd.Series[bool]:
    """Units whose product id, on the device or in the register, is that of a refurbished one."""
    patterns = ledger.policy.product_id.refurbished
    recorded = asset(ledger.units, ledger.register, "product_id")
    return matches(ledger.units["product_id"], patterns) | matches(recorded, patterns)


def _provenance(ledger: Ledger) -> Text:
    said = asset(ledger.units, ledger.register, "provenance")
    return mapped(said, {word: bare(str(word)) for word in said.unique()})
