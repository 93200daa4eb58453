"""Smartoptics rules: they take the place of the coverage rules for its units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from reconcile.blocks import asset
from reconcile.columns import day
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.rules.coverage import expired_units, expiring_units, uncovered_units
from reconcile.rules.rows import SMARTOPTICS, best_lines, unit_rows
from reconcile.standing import HARDWARE


def uncovered(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit is on no service agreement and no warranty is on record.

    Smart Care (TAC, software subscription, extended warranty) or Complete Care covers it (S3). The length of the
    standard warranty is not published: it counts only where the register or a line gives its end.
    """
    yield from uncovered_units(ledger, "SO-UNCOVERED", ledger.units["vendor"] == SMARTOPTICS)


def expired(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit is in the network and its service agreement has ended (S3)."""
    yield from expired_units(ledger, "SO-EXPIRED", ledger.units["vendor"] == SMARTOPTICS)


def expiring(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics unit's service agreement ends within the policy's days and none follows (S3)."""
    yield from expiring_units(ledger, "SO-EXPIRING", ledger.units["vendor"] == SMARTOPTICS)


def warranty_cap(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics agreement runs past seven years from the original purchase.

    The extended warranty ends at that cap (S3); TAC and the software subscription go on. Needs the register's
    purchase date.
    """
    units = ledger.units
    chosen = (units["vendor"] == SMARTOPTICS) & (units["treatment"] == "require") & (units["line"] >= 0)
    bought = asset(units, ledger.register, "purchase_date")
    chosen &= (bought != "") & units["verdict"].isin(("covered", "pending"))
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        purchased, end = day(bought.iloc[unit["row"]]), day(line["line_end"])
        if purchased is None or end is None or HARDWARE not in line["entitles"]:
            continue
        cap = _years_on(purchased, ledger.policy.smartoptics.ews_cap_years)
        if end > cap:
            yield Finding(
                "SO-EWS-CAP",
                f"{unit['product_id']} {unit['serial']}: its agreement runs to {end}, the extended warranty to {cap}",
                f"Have the extended warranty end on {cap} and plan the unit's replacement; TAC and software may go on.",
                {"unit": place(unit), "line": origin(line), "purchase_date": str(purchased), "cap": str(cap)},
                **of_unit(unit), **of_line(line), lines=(unit["line"],), change="REVIEW",
            )  # fmt: skip


def _years_on(start: date, years: int) -> date:
    """The same day so many years on; the last of February stays the last.

    >>> _years_on(date(2020, 2, 29), 7)
    datetime.date(2027, 2, 28)
    """
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)
