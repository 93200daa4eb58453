"""The rule of a donated contract's term and level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pandas as pd

from reconcile.columns import Row, day, records, years_on
from reconcile.findings import Finding, of_line, origin
from reconcile.grants import donated
from reconcile.ledger import Ledger
from reconcile.products import matches
from reconcile.rules.rows import contract_of, listed
from reconcile.standing import ACTIVE, PENDING


def term(ledger: Ledger) -> Iterator[Finding]:
    """A donated contract in force has another term than five years, or another level than 8x5xNBD.

    One finding a contract, with its lines that differ. A longer term may be an extension that the vendor announced.

    Rests on: S1: donations include a five-year 8x5xNBD contract; S0 knows notices of an extension [S]. How levels are
    written, and a day more or less, are settings [R]. Not checked with the vendor.

    Exempt: a term whose line gives no start or no end, a level that is not given.

    Action: Compare <contract> with the grant's papers, and have what is wrong corrected.
    """
    lines = ledger.lines
    live = lines["standing"].isin((ACTIVE, PENDING)) & (lines["line_kind"] == "hardware")
    given = lines[donated(lines, ledger) & live]
    if given.empty:
        return
    fit = matches(given["service_level"], ledger.policy.donations.service_levels) | (given["service_level"] == "")
    spans = set(zip(given["line_start"], given["line_end"], strict=True))
    odd = {span for span in spans if not _is_a_term(*span, ledger)}
    differ = pd.Series([span in odd for span in zip(given["line_start"], given["line_end"], strict=True)], given.index)
    wrong = given.assign(number=pd.to_numeric(given["source_row"], errors="coerce"), level=~fit, span=differ)
    wrong = wrong[wrong["level"] | wrong["span"]].sort_values(["vendor", "contract_number", "source_file", "number"])
    for _, group in wrong.groupby(["vendor", "provider", "contract_number"]):
        rows = records(group)
        line = rows[0]
        yield Finding(
            "DON-TERM",
            f"The donated {contract_of(line)} {_says(line, ledger)}",
            f"Compare {contract_of(line)} with the grant's papers, and have what is wrong corrected.",
            {**{name: line[name] for name in ("line_start", "line_end", "service_level")},
             **listed("lines", map(origin, rows)), **listed("serials", (row["serial"] for row in rows))},
            **of_line(line) | {"line_number": ""}, vendor=line["vendor"],
        )  # fmt: skip


def _says(line: Row, ledger: Ledger) -> str:
    years = ledger.policy.donations.term_years
    term = f"runs from {line['line_start']} to {line['line_end']}, not for {years} years" if line["span"] else ""
    level = f"has the level {line['service_level']}" if line["level"] else ""
    return " and ".join(said for said in (term, level) if said)


def _is_a_term(start: str, end: str, ledger: Ledger) -> bool:
    """Whether the two days are a term apart: its last day is the one before the anniversary, or that day."""
    begun, until = day(start), day(end)
    if begun is None or until is None:
        return True
    anniversary = years_on(begun, ledger.policy.donations.term_years)
    slack = timedelta(days=ledger.policy.donations.term_tolerance_days)
    return anniversary - timedelta(days=1) - slack <= until <= anniversary + slack
