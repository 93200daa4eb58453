"""Smartoptics rules of agreements: their term and their payment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from reconcile.columns import Row, day, records, years_on
from reconcile.findings import Finding, of_line, origin
from reconcile.ledger import Ledger
from reconcile.policy import bare
from reconcile.rules.rows import SMARTOPTICS
from reconcile.standing import ACTIVE, PENDING


def term(ledger: Ledger) -> Iterator[Finding]:
    """A Smartoptics agreement's term is none of those for which it is signed.

    Tests the agreement, not a line: a unit that joined later ends with the others. An agreement's term begins with the
    first of its lines that have one end, so a renewal under the old number is a term of its own.

    Rests on: S3: the service is signed for 1, 3, 5 or 7 years [S]; a day more or less is let pass [R]. Not checked
    with the vendor.

    Exempt: agreements that have ended; those without a number that is visible to you, a start or an end.

    Action: Compare the dates with the signed agreement and have the wrong one corrected.
    """
    for lines in _agreements(ledger):
        first = min(lines, key=lambda row: str(row["line_start"]))
        start, end = day(first["line_start"]), day(first["line_end"])
        if start is None or end is None or _is_a_term(start, end, ledger):
            continue
        yield Finding(
            "SO-TERM",
            f"Agreement {first['contract_number']} runs from {start} to {end}, which is a term of none of "
            f"{', '.join(map(str, ledger.policy.smartoptics.terms))} years",
            "Compare the dates with the signed agreement and have the wrong one corrected.",
            {"lines": [origin(row) for row in lines[:20]], "line_start": str(start), "line_end": str(end)},
            vendor=SMARTOPTICS, **of_line(first) | {"line_number": ""}, subject=str(end),
        )  # fmt: skip


def payment(ledger: Ledger) -> Iterator[Finding]:
    """An agreement for several years has a status that speaks of an open payment.

    Told by the status of its lines, the only column of a contract file that can carry it; the words are a setting. A
    file without such words says nothing of payments, and nothing is said here.

    Rests on: S3: an agreement is paid for year by year or in advance [S]. What happens to one that is not paid was not
    found [?]. Not checked with the vendor.

    Exempt: agreements for one year, and lines that have ended.

    Action: Confirm with the vendor that the agreement is still active, and pay the open year.
    """
    lines, words = ledger.lines, ledger.policy.smartoptics.unpaid
    unpaid = {word for word in lines["line_status"].unique() if bare(str(word)) in words}
    chosen = (lines["vendor"] == SMARTOPTICS) & lines["line_status"].isin(unpaid) & (lines["standing"] == ACTIVE)
    seen: set[tuple[str, str]] = set()
    for line in records(lines[chosen]):
        start, end = day(line["line_start"]), day(line["line_end"])
        if start is None or end is None or end <= years_on(start, 1) or (named := _named(line)) in seen:
            continue
        seen.add(named)
        yield Finding(
            "SO-PAYMENT",
            f"{_agreement(line)} runs to {end} and its status is {line['line_status']}",
            "Confirm with the vendor that the agreement is still active, and pay the open year.",
            {"line": origin(line), "line_status": line["line_status"]},
            vendor=SMARTOPTICS, **of_line(line) | {"line_number": ""},
        )  # fmt: skip


def _agreements(ledger: Ledger) -> Iterator[list[Row]]:
    """The lines of each agreement that end on one day, where each says its start."""
    lines = ledger.lines
    dated = lines[(lines["vendor"] == SMARTOPTICS) & lines["visible"] & (lines["line_end"] != "")]
    dated = dated[dated["standing"].isin((ACTIVE, PENDING))]
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in records(dated):
        groups.setdefault((row["provider"], row["contract_number"], row["line_end"]), []).append(row)
    yield from (rows for rows in groups.values() if all(row["line_start"] for row in rows))


def _named(line: Row) -> tuple[str, str]:
    return line["provider"], line["contract_number"] if line["visible"] else origin(line)


def _agreement(line: Row) -> str:
    return f"Agreement {line['contract_number']}" if line["visible"] else f"The agreement of {origin(line)}"


def _is_a_term(start: date, end: date, ledger: Ledger) -> bool:
    policy = ledger.policy.smartoptics
    last_days = (years_on(start, years) - timedelta(days=1) for years in policy.terms)
    return any(abs((end - last).days) <= policy.term_tolerance_days for last in last_days)
