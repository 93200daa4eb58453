"""Smartoptics rules of units: they take the place of the coverage rules for its units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import NONE, Row, Text, cells_at, day, days, key, records, years_on
from reconcile.entitlements import bought
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.products import mapped
from reconcile.rules.coverage import expired_units, expiring_units, uncovered_units
from reconcile.rules.rows import SMARTOPTICS, best_lines, listed, many, unit_rows
from reconcile.spares import EVERYWHERE, OTHERS, spare_stock
from reconcile.standing import HARDWARE, SOFTWARE

_IN_FORCE: Final = ("covered", "pending")
_SITES: Final = 5
"""So many sites stand in a message."""


def uncovered(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit is on no service agreement that repairs or replaces it, and no warranty is on record.

    The length of the standard warranty is not published: it counts only where the register or a line gives its end. A
    unit on an agreement for TAC and software alone is told too, as info once no extended warranty can be had.

    Rests on: S3: Smart Care (TAC, software subscription, extended warranty) or Complete Care covers a unit [S]; the
    length of the standard warranty was not found [?]. Not checked with the vendor.

    Action: Have Smart Care or Complete Care quoted for <product and serial>. / Have Smart Care quoted for <product and
    serial> without the extended warranty, which ended on <the cap>: TAC and software may still be sold, ask. / First
    settle what the contract's <serial> is; if it is another unit, <have it quoted>. / Have its agreement raised to
    Smart Care or Complete Care, or record that it is to run without a warranty. / Plan its replacement: its agreement
    gives TAC and software, and its extended warranty ended for good on <the cap>. / Nothing, if it is still to run
    unsupported.
    """
    caps, entitles = _caps(ledger), ledger.units["entitles"]
    for finding in uncovered_units(ledger, "SO-UNCOVERED", ledger.units["vendor"] == SMARTOPTICS):
        if finding.evidence.get("suggestion") or not finding.change:
            yield finding
            continue
        named, cap = f"{finding.product_id} {finding.serial}".strip(), day(caps.loc[finding.unit])
        served, capped = bool(entitles.loc[finding.unit]), cap is not None and cap <= ledger.as_of
        if served and capped:
            action = (
                f"Plan its replacement: its agreement gives TAC and software, and its extended warranty ended for good "
                f"on {cap}."
            )
            yield replace(finding, action=action, severity="info", change="")
            continue
        if served:
            action = (
                "Have its agreement raised to Smart Care or Complete Care, "
                "or record that it is to run without a warranty."
            )
            finding = replace(finding, confirm=True)
        elif capped:
            action = (
                f"Have Smart Care quoted for {named} without the extended warranty, which ended on {cap}: "
                "TAC and software may still be sold, ask."
            )
        else:
            action = f"Have Smart Care or Complete Care quoted for {named}."
        yield replace(finding, action=action)


def expired(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit is in the network and its service agreement has ended.

    Rests on: S3: the service is signed for a term; support, subscription and extended warranty are within it, the last
    to seven years from the original purchase at most [S].

    Action: Have the agreement renewed before asking for support, or record that the unit is to run unsupported. / Have
    the agreement renewed without the extended warranty, which ended for good on <the cap>, or record that the unit is
    to run unsupported. / Nothing, if it is still to run unsupported.
    """
    caps = _caps(ledger)
    for finding in expired_units(ledger, "SO-EXPIRED", ledger.units["vendor"] == SMARTOPTICS):
        if not finding.change:
            yield finding
            continue
        cap = day(caps.loc[finding.unit])
        how = "before asking for support"
        if cap and cap <= ledger.as_of:
            how = f"without the extended warranty, which ended for good on {cap}"
        yield replace(
            finding, action=f"Have the agreement renewed {how}, or record that the unit is to run unsupported."
        )


def expiring(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit's service agreement ends within the policy's days and none follows.

    Rests on: S3: the service is signed for a term [S]; the days of notice are a setting [R]. Not checked with the
    vendor.

    Exempt: an agreement on which a renewal follows the day after.

    Action: Extend it through a reseller before <its end>. / Extend it through a reseller today, the last day of its
    line. / Settle first what keeps it from being renewed: <why>. / Nothing, if that is still meant. / Plan
    for it to run unsupported or to be replaced, it cannot be renewed: <why>.
    """
    yield from expiring_units(ledger, "SO-EXPIRING", ledger.units["vendor"] == SMARTOPTICS)


def warranty_cap(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics agreement runs past seven years from the original purchase, where its extended warranty ends.

    A warning: TAC and the software subscription go on. The purchase date is the register's, else the agreement's.

    Rests on: S3: the extended warranty goes to seven years from the date of the original purchase at most [S].

    Exempt: agreements without the warranty (TAC or software only).

    Action: Have the extended warranty end on <the cap> and plan the unit's replacement; TAC and software may go on.
    """
    units, caps = ledger.units, _caps(ledger)
    ends, entitles = (_of_lines(ledger, name) for name in ("line_end", "entitles"))
    chosen = _mine(ledger) & (caps != "") & (ends > caps) & units["verdict"].isin(_IN_FORCE)
    chosen &= entitles.str.contains(HARDWARE, regex=False)
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line, cap = held[unit["line"]], caps.loc[unit["row"]]
        end = line["line_end"]
        yield Finding(
            "SO-EWS-CAP",
            f"{unit['product_id']} {unit['serial']}: its agreement runs to {end}, the extended warranty to {cap}",
            f"Have the extended warranty end on {cap} and plan the unit's replacement; TAC and software may go on.",
            {"unit": place(unit), "line": origin(line), "cap": cap},
            **of_unit(unit), **of_line(line), lines=(unit["line"],), change="REVIEW",
        )  # fmt: skip


def warranty_over(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit without an agreement in force was bought so long ago that no extended warranty can be had.

    Rests on: S3: the extended warranty goes to seven years from the date of the original purchase at most [S]. That
    TAC and software are sold beyond it is an inference [I]. Not checked with the vendor.

    Exempt: units on an agreement in force, be it for TAC and software alone (SO-EWS-CAP, SO-UNCOVERED).

    Action: Ask whether TAC and software are still sold for it, and plan its replacement.
    """
    units, caps = ledger.units, _caps(ledger)
    over = pd.Series(days(caps) <= ledger.as_of.toordinal(), index=units.index) & (caps != "")
    served = units["verdict"].isin(_IN_FORCE) | ((units["entitles"] != "") & (units["verdict"] != "warranty_only"))
    for unit in unit_rows(ledger, _mine(ledger) & over & ~served):
        yield Finding(
            "SO-EWS-NOEXT",
            f"{unit['product_id']} {unit['serial']}: its extended warranty ended for good on {caps.loc[unit['row']]}",
            "Ask whether TAC and software are still sold for it, and plan its replacement.",
            {"unit": place(unit), "cap": caps.loc[unit["row"]]},
            **of_unit(unit),
        )  # fmt: skip


def no_purchase_date(ledger: Ledger) -> Iterator[Finding]:
    """The purchase dates of Smartoptics units under an extended warranty are not on record, so its cap is not known.

    One finding for each agreement. The register's purchase date counts, else the agreement's own.

    Rests on: S3: the cap counts from the date of the original purchase [S].

    Exempt: agreements without the warranty (TAC or software only).

    Action: Put the purchase dates into the register.
    """
    units, caps = ledger.units, _caps(ledger)
    chosen = _mine(ledger) & (units["line"] != NONE) & (caps == "") & units["verdict"].isin(_IN_FORCE)
    chosen &= _of_lines(ledger, "entitles").str.contains(HARDWARE, regex=False)
    held = best_lines(ledger, chosen)
    groups: dict[tuple[str, str], list[Row]] = {}
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        groups.setdefault((line["provider"], line["contract_number"]), []).append(unit)
    for (_, number), members in groups.items():
        line = held[members[0]["line"]]
        yield Finding(
            "SO-EWS-NODATE",
            f"No purchase date is on record for {many(len(members), 'unit')} of {_agreement(line)}",
            "Put the purchase dates into the register.",
            listed("serials", [unit["serial"] for unit in members]),
            vendor=SMARTOPTICS, provider=line["provider"], contract_number=number,
            source_file=line["source_file"], source_row=line["source_row"],
        )  # fmt: skip


def spare_missing(ledger: Ledger) -> Iterator[Finding]:
    """Units are under an agreement without advance replacement, and fewer spares of their kind are held than wanted.

    Counted by base part number and group of sites, over chassis and cards. A spare that a device holds is in use.

    Rests on: S3: Smart Care has no advance replacement and is meant for customers with spares of their own [S]. How
    many, and which sites share a shelf, are settings [R]. Not checked with the vendor.

    Exempt: units under Complete Care, and those on no agreement in force.

    Action: Stock <number> more <product>, or move its units to Complete Care.
    """
    stock = spare_stock(ledger)
    for row in records(stock[stock["shortfall"] != "0"]):
        yield Finding(
            "SO-SPARE",
            f"{row['units']} {row['product_id']}{_where(row)} and {many(int(row['spares']), 'spare')} on the shelf, "
            f"where {row['wanted']} {'is' if row['wanted'] == '1' else 'are'} wanted",
            f"Stock {row['shortfall']} more {row['product_id']}, or move its units to Complete Care.",
            {name: row[name] for name in ("units", "spares", "wanted", "sites", "site_group")},
            vendor=row["vendor"], product_id=row["product_id"], site=row["sites"] if ";" not in row["sites"] else "",
            subject=f"{row['product_id']}\x1f{OTHERS if row['site_group'] == EVERYWHERE else row['site_group']}",
        )  # fmt: skip


def major_release(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit without a software subscription runs a major release above the node licence on record.

    The node licence is an entitlement of the serial, or a line that names it, whose words hold its part number.

    Rests on: S3: newer software comes with the subscription that is part of TAC [S]; that a node licence names the
    major it was sold for is read from part numbers [V2]. Not checked with the vendor.

    Exempt: units whose line in force entitles to software; units without a node licence on record.

    Action: Ask whether the node licence covers major release <number>, and record the order that shows it.
    """
    policy, units = ledger.policy.smartoptics, ledger.units
    running = _majors(units["software_version"], policy.release_major)
    licensed = _licensed_majors(ledger)
    held = mapped(key(units, "vendor", "serial"), licensed)
    chosen = _mine(ledger) & (running != "") & (held != "") & ~units["entitles"].str.contains(SOFTWARE, regex=False)
    both = running[chosen].astype(int) > held[chosen].astype(int)
    for unit in unit_rows(ledger, chosen & both.reindex(units.index, fill_value=False)):
        major = running.loc[unit["row"]]
        yield Finding(
            "SO-SW-MAJOR",
            f"{unit['product_id']} {unit['serial']} runs {unit['software_version']}; "
            f"its node licence on record is for {held.loc[unit['row']]}.x",
            f"Ask whether the node licence covers major release {major}, and record the order that shows it.",
            {"unit": place(unit), "running": major, "licensed": held.loc[unit["row"]]},
            confidence="medium", **of_unit(unit),
        )  # fmt: skip


def _where(row: Row) -> str:
    """Where the units of a row of the spare stock stand: their sites, under the group's name where they have one."""
    sites = row["sites"].split("; ")
    named = ", ".join(sites[:_SITES]) + (f" and {len(sites) - _SITES} more" if len(sites) > _SITES else "")
    if row["site_group"] in (OTHERS, EVERYWHERE):
        return f" at {named}" if named else ""
    return f" at {row['site_group']} ({named})" if named else f" at {row['site_group']}"


def _agreement(line: Row) -> str:
    return f"agreement {line['contract_number']}" if line["visible"] else f"the agreement of {line['source_file']}"


def _mine(ledger: Ledger) -> pd.Series[bool]:
    units = ledger.units
    found: pd.Series[bool] = (units["vendor"] == SMARTOPTICS) & (units["treatment"] == "require")
    return found & (units["serial"] != "")


def _caps(ledger: Ledger) -> Text:
    """The day on which each Smartoptics unit's extended warranty ends for good; "" where its purchase is unknown."""
    units = ledger.units
    bought_on = asset(units, ledger.register, "purchase_date")
    bought_on = bought_on.where(bought_on != "", _of_lines(ledger, "ship_date"))
    bought_on = bought_on.where(units["vendor"] == SMARTOPTICS, "")
    years = ledger.policy.smartoptics.ews_cap_years
    return mapped(bought_on, {d: str(years_on(start, years)) for d in bought_on.unique() if (start := day(str(d)))})


def _of_lines(ledger: Ledger, name: str) -> Text:
    """A column of each unit's line, "" where it has none."""
    return cells_at(ledger.lines[name], ledger.units["line"].to_numpy(dtype=np.int64), ledger.units.index)


def _majors(words: Text, pattern: str) -> Text:
    """The major release that *pattern* finds in each cell, "" for none."""
    found = {w: match[1] for w in words.unique() if (match := re.search(pattern, str(w), re.I))}
    return mapped(words, found)


def _licensed_majors(ledger: Ledger) -> dict[str, str]:
    """Vendor and serial -> the highest major of a node licence that an entitlement or a line names."""
    owned, lines, pattern = bought(ledger), ledger.lines, ledger.policy.smartoptics.node_licence
    said = pd.concat(
        [
            owned[["vendor", "serial"]].assign(words=owned["feature"] + " " + owned["level"] + " " + owned["order"]),
            lines[["vendor", "serial"]].assign(words=lines["product_id"] + " " + lines["description"]),
        ],
        ignore_index=True,
    )
    said = said.assign(major=_majors(said["words"], pattern))
    found: dict[str, str] = {}
    for row in records(said[(said["major"] != "") & (said["serial"] != "")]):
        named = f"{row['vendor']}\x1f{row['serial']}"
        found[named] = str(max(int(row["major"]), int(found.get(named, "0"))))
    return found
