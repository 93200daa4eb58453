"""The changes that mend the contracts: one row an action, made from the findings.

What a line says of itself (contract, line and instance numbers, service level, orders) is passed through untouched:
the vendor's tools key on it. REMOVE, and a REPLACE without a person's confirmation, need the vendor's word or a
disposal on record. What a unit on no line is to be put on is suggested from its neighbours' lines (`offers`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from reconcile import tables
from reconcile.blocks import asset
from reconcile.columns import NONE, Row, among, day, records
from reconcile.findings import Finding
from reconcile.ledger import Ledger
from reconcile.memory import give_back
from reconcile.offers import Offer, Offers, offers
from reconcile.renewals import with_hints
from reconcile.stakes import stakes

ACTIONS: Final = (
    "ADD", "REMOVE", "REPLACE", "MOVE_SITE", "CHANGE_PID", "RENEW", "DO_NOT_RENEW", "RETURN", "RELICENSE", "REVIEW",
)  # fmt: skip
_UNTOUCHED: Final = (
    "vendor", "provider", "contract_number", "service_level", "line_number", "instance_number", "parent_serial",
    "serial", "product_id", "quantity", "sales_order", "purchase_order", "site_name", "site_address", "site_city",
    "site_country", "contact_email", "source_file", "source_row",
)  # fmt: skip
_OF_LINES: Final = (*_UNTOUCHED, "line_start", "line_end", "site_id", "hostname", "list_price", "currency")
_OF_UNITS: Final = (
    "vendor", "serial", "product_id", "hostname", "address", "slot", "site", "parent_serial", "software_version",
    "last_date_of_support", "base",
)  # fmt: skip
"""What is read of lines and units: rows of all their columns cost several times as much."""
_PIECE: Final = 20_000
"""The rows of so many findings are made at a time."""
_OF_THE_OLD: Final = ("line_number", "instance_number", "parent_serial", "sales_order", "purchase_order", "begin_date")
"""What belongs to a line that is ended and means nothing for the one asked for in its place."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a change is written from, beside its finding."""

    as_of: str
    offers: Offers
    returned: Mapping[tuple[str, str], str]
    """(vendor, serial) -> the day of its RMA."""


def changes(findings: Sequence[Finding], table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The rows of changes.csv. *table* holds the status of *findings*: an accepted one asks for no change."""
    accepted = set(table["key"][table["status"] == "accepted"])
    keys = table["key"].to_numpy(dtype=object)[: len(findings)].tolist()  # the findings stand first, in their order
    wanted = [(f, key) for f, key in zip(findings, keys, strict=True) if f.change and key not in accepted]
    made = _made(wanted, ledger)
    asked = table[["key", "evidence"]][among(table["key"], {key for _, key in wanted})]
    evidence = dict(zip(asked["key"], map(_without_money, asked["evidence"]), strict=True))
    for row in made:
        row |= {"evidence": evidence[row["finding_key"]], "as_of": ledger.as_of.isoformat()}
    told = tables.table(tables.CHANGES, made)
    del made, evidence
    give_back()
    return with_hints(told, ledger.lines)


def _made(wanted: Sequence[tuple[Finding, str]], ledger: Ledger) -> list[dict[str, str]]:
    """The rows that *wanted* (findings with their keys) ask for, without their evidence."""
    placed = any(f.change in ("ADD", "MOVE_SITE") for f, _ in wanted)
    desk = _Desk(ledger.as_of.isoformat(), offers(ledger) if placed else Offers(), _returned(ledger))
    give_back()
    all_lines, all_units = ledger.lines[list(_OF_LINES)], _units(ledger)
    made: list[dict[str, str]] = []
    for start in range(0, len(wanted), _PIECE):
        piece = wanted[start : start + _PIECE]
        lines = _rows(all_lines, (row for f, _ in piece for row in f.lines))
        units = _rows(all_units, (f.unit for f, _ in piece if f.unit != NONE))
        for finding, key in piece:
            unit = units.get(finding.unit, {})
            made += _of_finding(finding, key, unit, [lines[row] for row in finding.lines], desk)
    return made


def _without_money(evidence: str) -> str:
    """The evidence less the sum of COV-DUP: it adds up what several providers ask, and a change goes to one of them."""
    if '"at_stake"' not in evidence:
        return evidence
    told = {name: value for name, value in json.loads(evidence).items() if name != "at_stake"}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def expanded(changes: pd.DataFrame) -> pd.DataFrame:
    """*changes* with each REPLACE as a REMOVE of the old serial and an ADD of the new one, tied by `finding_key`."""
    both = changes[changes["action"] == "REPLACE"]
    if both.empty:
        return changes
    sure = both["needs_confirmation"] == "no"
    day = both["as_of"].where(sure, "")
    gone = both.assign(action="REMOVE", new_serial="", new_product_id="", termination_date=day)
    new = both.assign(
        action="ADD", serial=both["new_serial"], product_id=both["new_product_id"], new_serial="", new_product_id="",
        **dict.fromkeys(_OF_THE_OLD, ""),
    )  # fmt: skip
    new = new.assign(begin_date=day)
    return pd.concat([changes[changes["action"] != "REPLACE"], gone, new], ignore_index=True)


def _of_finding(finding: Finding, key: str, unit: Row, lines: list[Row], desk: _Desk) -> Iterator[dict[str, str]]:
    guessed = finding.change == "REMOVE" and finding.confirm  # nobody's word: a removal is never a guess
    action = "REVIEW" if guessed else finding.change
    said = {
        "action": action,
        "finding_key": key,
        "rule": finding.rule,
        "confidence": finding.confidence,
        "needs_confirmation": "yes" if finding.confirm else "no",
        "reason": finding.message,
        **{name: str(unit.get(name, "")) for name in ("hostname", "address", "slot", "software_version")},
    }
    if not lines:
        yield {**said, **_unlisted(finding, unit, desk)}
    at_stake = stakes(lines) if finding.rule == "COV-DUP" else {}
    for place, line in enumerate(lines):
        own = {name: str(line[name]) for name in _UNTOUCHED}
        dates = {
            "begin_date": line["line_start"],
            "end_date": line["line_end"],
            "source_site_id": line["site_id"],
        }
        hostname = said["hostname"] or finding.hostname or line["hostname"]
        reason = said["reason"] + at_stake.get(place, "")
        yield {**said, **own, **dates, "hostname": hostname, "reason": reason, **_instead(finding, unit, line, desk)}


def _unlisted(finding: Finding, unit: Row, desk: _Desk) -> dict[str, str]:
    """What is asked for a unit that is on no line, or for one that only a list of the user's names."""
    names = ("vendor", "serial", "product_id", "hostname", "address", "slot")
    named = {name: str(unit.get(name) or getattr(finding, name)) for name in names}
    told = {**named, **{name: str(unit.get(name, "")) for name in ("parent_serial", "sales_order")}, "quantity": "1"}
    if not unit:  # a row of the user's own list speaks for it
        told |= {"source_file": finding.source_file, "source_row": finding.source_row}
    site = str(unit.get("site") or finding.site)
    if finding.change != "ADD":
        return {**told, "site_name": site, "provider": finding.provider, "contract_number": finding.contract_number}
    offer = desk.offers.of(unit or {"vendor": finding.vendor, "site": finding.site})
    place = desk.offers.site(named["vendor"], offer.provider if offer else "", site)
    return {**told, "site_name": site, **place, **_suggested(finding, unit, offer, desk)}


def _suggested(finding: Finding, unit: Row, offer: Offer | None, desk: _Desk) -> dict[str, str]:
    if offer is None:
        return {}
    last = str(unit.get("last_date_of_support", ""))
    end = last if last and offer.line_end > last else offer.line_end
    lines = "the line" if offer.count == 1 else f"most lines ({offer.count})"
    clipped = f", clipped to its last date of support {last}" if end != offer.line_end else ""
    like = f"as {lines} {offer.where}" if offer.count == 1 else f"as {lines} {offer.where} have"
    return {
        "provider": offer.provider,
        "contract_number": offer.contract_number,
        "service_level": offer.service_level,
        "begin_date": desk.as_of,
        "end_date": end,
        "reason": f"{finding.message}; suggested: co-term with contract {offer.contract_number} to"
        f" {offer.line_end}{clipped}, {like}",
    }


def _instead(finding: Finding, unit: Row, line: Row, desk: _Desk) -> dict[str, str]:
    """What is to stand on the line in place of what it says."""
    product = str(unit.get("product_id", ""))
    if finding.change == "CHANGE_PID":
        return {"new_product_id": product}
    if finding.change in {"REPLACE", "REVIEW"} and finding.new_serial:
        return {"new_serial": finding.new_serial, "new_product_id": product}
    if finding.change == "RENEW" and unit.get("serial") and unit["serial"] != line["serial"] and line["serial"]:
        return {"new_serial": str(unit["serial"]), "new_product_id": product}  # its line names the one it replaced
    if finding.change == "REMOVE" and not finding.confirm:
        return {"termination_date": desk.returned.get((line["vendor"], line["serial"]), desk.as_of)}
    if finding.change == "MOVE_SITE":
        return {
            **dict.fromkeys(("site_name", "site_address", "site_city", "site_country"), ""),
            **{name: told for name, told in _moved_to(finding, unit, line, desk).items() if name != "contact_email"},
        }
    return {}


def _moved_to(finding: Finding, unit: Row, line: Row, desk: _Desk) -> dict[str, str]:
    """The place the unit is at, as the line's provider writes it."""
    return desk.offers.site(line["vendor"], line["provider"], str(unit.get("site") or finding.site))


def _units(ledger: Ledger) -> pd.DataFrame:
    """What is read of the units, with the `sales_order` that the register has of them."""
    units = ledger.units[list(_OF_UNITS)]
    return units.assign(sales_order=asset(ledger.units[["asset"]], ledger.register, "sales_order"))


def _returned(ledger: Ledger) -> dict[tuple[str, str], str]:
    dated = ((row, day(str(row["date"]))) for row in records(ledger.rma))
    return {(r["vendor"], r["old_serial"]): d.isoformat() for r, d in dated if d and d <= ledger.as_of}


def _rows(frame: pd.DataFrame, numbers: Iterable[int]) -> dict[int, Row]:
    chosen = frame.loc[sorted(set(numbers))]
    return dict(zip(chosen.index.tolist(), records(chosen), strict=True))
