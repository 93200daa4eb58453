"""Findings: one problem under one rule, with a key that lasts, its status and its evidence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pandas as pd

from reconcile import tables
from reconcile.columns import NONE, Bools, Row, Text, among, day, key, records
from reconcile.ledger import Ledger
from reconcile.whereabouts import READ, reach

CLASSES: Final = ("unlicensed", "uncovered", "replaced", "data")
SEVERITIES: Final = ("error", "warning", "info")
_ASKS_COVER: Final = ("COV-UNCOVERED", "SO-UNCOVERED")
"""Rules that fall silent, and prove nothing by it, where the contract sources can be trusted no longer."""
_NEVER_ACCEPTED: Final = "SCAN-INCOMPLETE-"
"""Keys of what could not be read: nobody can live with not knowing and call it settled."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `serial` is the old one where two are meant."""

    rule: str
    message: str
    action: str
    """One exact sentence for the person who must act."""
    evidence: Mapping[str, object] = field(default_factory=dict)
    severity: str = ""
    """"" stands for the policy's."""
    confidence: str = "high"
    vendor: str = ""
    serial: str = ""
    new_serial: str = ""
    product_id: str = ""
    hostname: str = ""
    address: str = ""
    slot: str = ""
    site: str = ""
    owner: str = ""
    provider: str = ""
    contract_number: str = ""
    line_number: str = ""
    subject: str = ""
    """What tells the finding apart where serials cannot: a release, a feature, a group of sites. Part of the key."""
    source_file: str = ""
    source_row: str = ""
    unit: int = NONE
    """The unit's row in the ledger."""
    lines: tuple[int, ...] = ()
    """The lines' rows in the ledger; a change is written for each."""
    change: str = ""
    """The action of changes.csv, "" for none."""
    confirm: bool = True
    """Whether a person must confirm the change first."""

    @property
    def key(self) -> str:
        """The rule and twelve hex digits over rule, vendor and serials; over the address, or the contract's line, where
        there is no serial; and over its subject. Never over a run, host name, slot or row, so that it lasts."""
        if self.serial or self.new_serial:
            parts = [self.vendor, self.serial, self.new_serial]
        else:
            parts = [self.address] if self.address else [self.vendor, self.contract_number, self.line_number]
        parts += [self.subject] if self.subject else []
        return f"{self.rule}-{blake2b(chr(31).join([self.rule, *parts]).encode(), digest_size=6).hexdigest()}"


def of_unit(unit: Row, **more: object) -> dict[str, Any]:
    """The fields of a `Finding` that say which unit is meant; *unit* is a row of the ledger as `unit_rows` gives it."""
    said = {
        name: unit[name] for name in ("vendor", "serial", "product_id", "hostname", "address", "slot", "site", "owner")
    }
    return {**said, "unit": unit["row"], **more}


def of_line(line: Row) -> dict[str, Any]:
    """The fields of a `Finding` that say on which line it rests."""
    names = ("provider", "contract_number", "line_number", "source_file", "source_row")
    return {name: line[name] for name in names}


def place(unit: Row) -> dict[str, str]:
    """Where a unit sits, for the evidence."""
    return {name: unit[name] for name in ("address", "hostname", "slot") if unit[name]}


def origin(line: Row) -> str:
    """The line's own file and row, for the evidence."""
    return f"{line['source_file']}:{line['source_row']}"


def settle(
    found: Iterable[Finding], ledger: Ledger, classes: Mapping[str, str], unjudged: Collection[str] = ()
) -> tuple[pd.DataFrame, Sequence[Finding]]:
    """The table of findings (`FINDINGS`), each key once, with status; and the findings themselves in its order.

    Findings of the last reconciled run whose device was not read in full this time, or whose rule is among *unjudged*
    because its input was not supplied, are carried over as they were, marked unconfirmed in their evidence. All others
    that are found no longer stand at the end, once, as closed. *classes* says the class of each rule.
    """
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(finding.key, finding)
    kept = sorted(once.items(), key=lambda pair: _order(pair[1]))
    sites = dict(zip(ledger.targets["address"], ledger.targets["site"], strict=True))
    rows = [_row(finding, key, ledger, classes) for key, finding in kept]
    for row in rows:
        row["site"] = row["site"] or sites.get(row["address"], "")
    rows += records(_carried(ledger, set(once), unjudged))
    closed = _closed(ledger, {row["key"] for row in rows})
    told = pd.concat([_with_status(rows, ledger), closed], ignore_index=True)
    return told, [finding for _, finding in kept]


def _order(finding: Finding) -> tuple[str, ...]:
    return (
        finding.rule,
        finding.vendor,
        finding.serial,
        finding.address,
        finding.contract_number,
        finding.line_number,
        finding.subject,
    )


def _row(finding: Finding, key: str, ledger: Ledger, classes: Mapping[str, str]) -> dict[str, str]:
    names = (
        "rule", "message", "action", "confidence", "vendor", "serial", "new_serial", "product_id", "hostname",
        "address", "slot", "site", "owner", "provider", "contract_number", "source_file", "source_row",
    )  # fmt: skip
    return {
        **{name: str(getattr(finding, name)) for name in names},
        "key": key,
        "class": classes[finding.rule],
        "severity": finding.severity or ledger.policy.severity[finding.rule],
        "evidence": json.dumps(finding.evidence, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
    }


def _closed(ledger: Ledger, now: set[str]) -> pd.DataFrame:
    """The last run's findings that are found no longer, with what people wrote beside them."""
    before = ledger.inputs.previous_findings
    if before is None or before.empty:
        return tables.table(tables.FINDINGS)
    gone = before[~before["key"].isin(now) & (before["status"] != "closed")]
    noted = _noted(ledger)
    rows = ({**row, **noted.get(row["key"], {}), "status": "closed", "accepted_until": ""} for row in records(gone))
    return tables.table(tables.FINDINGS, rows)


def _carried(ledger: Ledger, now: set[str], unjudged: Collection[str]) -> pd.DataFrame:
    """The last run's findings of devices that could not be read this time, but for what the contracts settle; and
    those that could not be judged, for want of an input or of a contract source to trust."""
    before = ledger.inputs.previous_findings
    if before is None or before.empty:
        return tables.table(tables.FINDINGS)
    again = before["key"].isin(now) | (before["status"] == "closed") | (before["rule"] == "SCAN-INCOMPLETE")
    left = before[~again]
    told = left["address"] != ""
    unread = told & (reach(left["address"], left["hostname"], ledger.fleet) != READ)
    lines = ledger.lines
    unproven = set(key(lines[lines["verdict"] == "unproven"], "vendor", "serial"))
    unsure = unread | (~told & (left["serial"] != "") & among(key(left, "vendor", "serial"), unproven))
    unsure |= ~told & (left["serial"] == "") & _names_unread(left["evidence"], ledger)
    kept = (unsure & ~_settled(left, lines) & ~_seen_now(left, ledger)) | left["rule"].isin(set(unjudged))
    unknown = ledger.units[ledger.units["verdict"] == "unknown"]
    kept |= left["rule"].isin(_ASKS_COVER) & among(key(left, "vendor", "serial"), key(unknown, "vendor", "serial"))
    kept |= left["rule"].str.startswith("LIC-") & _of_part(left, ledger)
    left = left[list(tables.FINDINGS)][kept]
    evidence = [_unconfirmed(text) for text in left["evidence"]]
    carried: pd.DataFrame = left.assign(evidence=pd.Series(evidence, index=left.index, dtype="str"))
    return carried


def _of_part(left: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    """Findings of devices that were not read in full: their units may all be known, and yet not what only one of their
    protocols tells, licences for one."""
    part = ledger.targets[ledger.targets["outcome"] != "complete"]
    many = (left["address"] == "") & left["rule"].str.startswith("LIC-")
    found = among(left["address"], part["address"])
    found[many] = _lists(left["evidence"][many], {*part["hostname"], *part["address"]} - {""})
    return found


def _names_unread(evidence: Text, ledger: Ledger) -> Bools:
    """Findings for many units whose evidence names a serial or device that could not be read this time."""
    before = ledger.history
    unread = before[reach(before["address"], before["hostname"], ledger.fleet) != READ]
    return _lists(
        evidence, {*unread["serial"], *unread["hostname"], *unread["address"]} - {"", *ledger.units["serial"]}
    )


def _lists(evidence: Text, names: set[str]) -> Bools:
    """Whether the evidence of findings for many units lists one of *names*."""
    cells = [json.loads(told) if told.startswith("{") else {} for told in evidence] if names else [{}] * len(evidence)
    many = ([*told.get("serials", ()), *told.get("devices", ())] for told in cells)
    return np.array([not names.isdisjoint(map(str, listed)) for listed in many], dtype=bool)


def _seen_now(left: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    """Findings whose unit was read this time, wherever: the rules have spoken of it anew."""
    here = set(key(ledger.units[ledger.units["serial"] != ""], "vendor", "serial"))
    return among(key(left, "vendor", "serial"), here) | among(key(left, "vendor", "new_serial"), here)


def _settled(left: pd.DataFrame, lines: pd.DataFrame) -> pd.Series[bool]:
    """Findings that a changed contract answers: the serial is on a line in force now, or off every line."""
    named = key(left, "vendor", "serial")
    in_force = named.isin(set(key(lines[lines["standing"].isin(("active", "pending"))], "vendor", "serial")))
    asks_cover = left["rule"].str.contains("UNCOVERED|EXPIRED$", regex=True) & ~left["rule"].str.startswith("LIC-")
    of_line = left["rule"].isin(("COV-REPLACED", "COV-NOT-SEEN", "COV-NEAR", "COV-DUP"))
    gone = ~named.isin(set(key(lines, "vendor", "serial")))
    return (asks_cover & in_force) | (of_line & gone)


def _unconfirmed(evidence: str) -> str:
    try:
        said = json.loads(evidence or "{}")
    except ValueError:
        said = {"was": evidence}
    return json.dumps({**said, "unconfirmed": True}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _with_status(rows: list[Row], ledger: Ledger) -> pd.DataFrame:
    """The table of *rows*, which are filled in."""
    today = ledger.as_of.isoformat()
    before = ledger.inputs.previous_findings
    known = {} if before is None else {r["key"]: r for r in records(before[before["status"] != "closed"])}
    accepted, heirs, noted = _accepted(ledger), _heirs(ledger), _noted(ledger)
    past = ledger.inputs.lives
    lives = {} if past is None else dict(zip(past["key"], past["first_seen"], strict=True))
    for row in rows:
        old = known.get(row["key"], {})
        unseen = '"unconfirmed":true' in row["evidence"]
        row["first_seen"] = old.get("first_seen") or lives.get(row["key"]) or row.get("first_seen") or today
        row["last_seen"] = row.get("last_seen", "") if unseen else today
        row["status"] = "open" if old else "new"
        row["ticket"], row["comment"] = old.get("ticket", ""), old.get("comment", "")
        row |= noted.get(row["key"], {})
        taken = accepted.get(row["key"]) or accepted.get(_inherited_key(row, heirs))
        if taken:
            row |= {"status": "accepted", "accepted_until": taken[0], "comment": taken[1] or row["comment"]}
    return tables.table(tables.FINDINGS, rows)


def _noted(ledger: Ledger) -> Mapping[str, Mapping[str, str]]:
    """Key -> what people wrote beside the finding, as columns of `FINDINGS`."""
    notes = ledger.inputs.notes
    names = tables.NOTES[1:]
    rows = records(notes) if notes is not None else ()
    return {row["key"]: {name: row[name] for name in names if row[name]} for row in rows}


def _accepted(ledger: Ledger) -> Mapping[str, tuple[str, str]]:
    """Key -> (until, reason) of the acceptances that still hold."""
    given = ledger.inputs.accepted
    found: dict[str, tuple[str, str]] = {}
    for row in records(given) if given is not None else ():
        until = str(row.get("accepted_until") or row.get("until") or "").strip()
        end = day(until)
        if (end is None or end >= ledger.as_of) and not str(row["key"]).startswith(_NEVER_ACCEPTED):
            found[str(row["key"]).strip()] = (
                until,
                str(row.get("reason") or row.get("comment") or "").strip(),
            )
    return found


def _heirs(ledger: Ledger) -> Mapping[tuple[str, str], str]:
    """(vendor, serial of a replacement) -> the serial whose place it took: it inherits its acceptances."""
    sure = ledger.pairs[ledger.pairs["confidence"] != "low"]
    serials = ledger.units["serial"].reindex(sure["unit"])
    return dict(zip(zip(sure["vendor"], serials, strict=True), sure["old_serial"], strict=True))


def _inherited_key(row: Row, heirs: Mapping[tuple[str, str], str]) -> str:
    old = heirs.get((row["vendor"], row["serial"]))
    return (
        replace(Finding(row["rule"], "", ""), vendor=row["vendor"], serial=old).key
        if old and not row["new_serial"]
        else ""
    )
