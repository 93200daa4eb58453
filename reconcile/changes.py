"""The changes that mend the contracts: one row an action, made from the findings.

What a line says of itself (contract, line and instance numbers, service level, orders) is passed through untouched:
the vendor's tools key on it. REMOVE, and a REPLACE without a person's confirmation, need the vendor's word or a
disposal on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pandas as pd

from reconcile import tables
from reconcile.blocks import asset
from reconcile.columns import NONE, Row, records
from reconcile.findings import Finding
from reconcile.ledger import Ledger

ACTIONS: Final = (
    "ADD", "REMOVE", "REPLACE", "MOVE_SITE", "CHANGE_PID", "RENEW", "DO_NOT_RENEW", "RETURN", "RELICENSE", "REVIEW",
)  # fmt: skip
_UNTOUCHED: Final = (
    "vendor", "provider", "contract_number", "service_level", "line_number", "instance_number", "parent_serial",
    "serial", "product_id", "quantity", "sales_order", "purchase_order", "site_name", "site_address", "site_city",
    "site_country", "contact_email", "source_file", "source_row",
)  # fmt: skip


def changes(findings: Sequence[Finding], table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The rows of changes.csv. *table* holds the status of *findings*: an accepted one asks for no change."""
    accepted = set(table["key"][table["status"] == "accepted"])
    wanted = [f for f in findings if f.change and f.key not in accepted]
    lines = _rows(ledger.lines, (row for f in wanted for row in f.lines))
    units = _rows(ledger.units, (f.unit for f in wanted if f.unit != NONE))
    orders = asset(ledger.units, ledger.register, "sales_order")
    made: list[dict[str, str]] = []
    for finding in wanted:
        unit = units.get(finding.unit, {})
        order = str(orders.iloc[finding.unit]) if finding.unit != NONE else ""
        made += _of_finding(finding, unit, [lines[row] for row in finding.lines], order)
    for row in made:
        row["as_of"] = ledger.as_of.isoformat()
    evidence = dict(zip(table["key"], table["evidence"], strict=True))
    return tables.table(tables.CHANGES, ({**row, "evidence": evidence[row["finding_key"]]} for row in made))


def _of_finding(finding: Finding, unit: Row, lines: list[Row], order: str) -> Iterator[dict[str, str]]:
    said = {
        "action": finding.change,
        "finding_key": finding.key,
        "rule": finding.rule,
        "confidence": finding.confidence,
        "needs_confirmation": "yes" if finding.confirm else "no",
        "reason": finding.message,
        **{name: str(unit.get(name, "")) for name in ("hostname", "address", "slot", "software_version")},
    }
    if not lines:
        yield {**said, **_new(unit, order)}
    for line in lines:
        own = {name: str(line[name]) for name in _UNTOUCHED}
        dates = {
            "begin_date": line["line_start"],
            "end_date": line["line_end"],
            "source_site_id": line["site_id"],
        }
        hostname = said["hostname"] or line["hostname"]
        yield {**said, **own, **dates, "hostname": hostname, **_instead(finding, unit, line)}


def _new(unit: Row, order: str) -> dict[str, str]:
    """What is asked for a unit that is on no line."""
    named = {name: str(unit[name]) for name in ("vendor", "serial", "product_id", "parent_serial")}
    return {**named, "quantity": "1", "sales_order": order, "site_name": unit["site"]}


def _instead(finding: Finding, unit: Row, line: Row) -> dict[str, str]:
    """What is to stand on the line in place of what it says."""
    product = str(unit.get("product_id", ""))
    if finding.change == "CHANGE_PID":
        return {"new_product_id": product}
    if finding.change in {"REPLACE", "REVIEW"} and finding.new_serial:
        return {"new_serial": finding.new_serial, "new_product_id": product}
    if finding.change == "RENEW" and unit.get("serial") and unit["serial"] != line["serial"] and line["serial"]:
        return {"new_serial": str(unit["serial"]), "new_product_id": product}  # its line names the one it replaced
    return {}


def _rows(frame: pd.DataFrame, numbers: Iterable[int]) -> dict[int, Row]:
    chosen = frame.loc[sorted(set(numbers))]
    rows = records(chosen)
    return {int(number): {str(k): v for k, v in row.items()} for number, row in zip(chosen.index, rows, strict=True)}
