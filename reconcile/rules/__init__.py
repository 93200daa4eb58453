"""The rules: short functions from the ledger to findings, listed in one tuple. The order here is the order of the
README.

A new rule is a function in one of these modules (its docstring is its documentation), a row of `RULES`, its severity in
``configs/policy.toml`` and a test that shows it fire and stay quiet.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconcile.findings import Finding
from reconcile.ledger import Ledger
from reconcile.rules import coverage, licences, lines, provenance, scan, smartoptics, software

Find = Callable[[Ledger], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, its class, what it needs to be evaluated and the verdicts its findings may stand beside."""

    code: str
    cls: str
    find: Find
    needs: tuple[str, ...] = ()
    """Inputs without which it is not evaluated."""
    verdicts: tuple[str, ...] = ()
    """Of the unit, else of the line; empty: any."""


_LINES: Final = ("lines",)
_REGISTER: Final = ("register",)

RULES: Final[tuple[Rule, ...]] = (
    Rule("COV-UNCOVERED", "uncovered", coverage.uncovered, _LINES, ("uncovered",)),
    Rule("COV-EXPIRED", "uncovered", coverage.expired, _LINES, ("expired",)),
    Rule("COV-EXPIRING", "uncovered", coverage.expiring, _LINES, ("covered",)),
    Rule("COV-PENDING", "uncovered", coverage.pending, _LINES, ("pending",)),
    Rule("COV-EOL", "uncovered", coverage.end_of_life),
    Rule("COV-REPLACED", "replaced", lines.replaced, _LINES),
    Rule("COV-NOT-SEEN", "data", lines.not_seen, _LINES, ("not_seen",)),
    Rule("COV-PID", "data", lines.product, _LINES),
    Rule("COV-NEAR", "data", lines.near_match, _LINES, ("not_seen", "unproven")),
    Rule("COV-DUP", "data", lines.duplicate, _LINES),
    Rule("COV-NOSERIAL", "data", scan.no_serial),
    Rule("MKT-UNLICENSED", "unlicensed", provenance.unlicensed, _REGISTER),
    Rule("MKT-UNCOVERABLE", "uncovered", provenance.uncoverable, _REGISTER, ("uncoverable",)),
    Rule("MKT-HOLD", "unlicensed", provenance.hold, _REGISTER),
    Rule("MKT-DAMAGED", "uncovered", provenance.damaged, _REGISTER),
    Rule("MKT-CERTS", "uncovered", provenance.environmental, _REGISTER),
    Rule("LIC-OOC", "unlicensed", licences.out_of_compliance),
    Rule("LIC-EVAL", "unlicensed", licences.evaluation),
    Rule("LIC-EVAL-EXPIRED", "unlicensed", licences.evaluation_expired),
    Rule("LIC-NOTAUTH", "unlicensed", licences.not_authorized),
    Rule("LIC-UNREG", "unlicensed", licences.unregistered),
    Rule(
        "LIC-SW-NEWER",
        "unlicensed",
        software.newer_than_entitled,
        ("lines", "software"),
        ("expired", "uncovered"),
    ),
    Rule("SO-UNCOVERED", "uncovered", smartoptics.uncovered, _LINES, ("uncovered",)),
    Rule("SO-EXPIRED", "uncovered", smartoptics.expired, _LINES, ("expired",)),
    Rule("SO-EXPIRING", "uncovered", smartoptics.expiring, _LINES, ("covered",)),
    Rule("SO-EWS-CAP", "uncovered", smartoptics.warranty_cap, ("lines", "register")),
    Rule("SCAN-INCOMPLETE", "data", scan.incomplete),
    Rule("SCAN-DUP-SERIAL", "data", scan.same_serial),
)
"""Every rule, once."""

CLASSES: Final[Mapping[str, str]] = {rule.code: rule.cls for rule in RULES}


def evaluate(ledger: Ledger) -> tuple[list[Finding], tuple[tuple[str, str], ...]]:
    """The findings of every rule whose inputs were supplied; and (rule, reason) of those that were not evaluated."""
    found: list[Finding] = []
    skipped: list[tuple[str, str]] = []
    for rule in RULES:
        lacking = [name for name in rule.needs if getattr(ledger.inputs, name) is None]
        if lacking:
            skipped.append((rule.code, " and ".join(_NAMES[name] for name in lacking)))
        else:
            found.extend(rule.find(ledger))
    return found, tuple(skipped)


def rule_documents() -> list[dict[str, str]]:
    """For each rule its code, class and documentation: `summary` (first sentence) and `text` (the whole docstring)."""
    documents = []
    for rule in RULES:
        text = inspect.getdoc(rule.find) or ""
        summary = " ".join(text.partition("\n\n")[0].split())
        needs = ", ".join(rule.needs)
        documents.append({"code": rule.code, "class": rule.cls, "needs": needs, "summary": summary, "text": text})
    return documents


_NAMES: Final = {
    "lines": "no contracts were given",
    "register": "no register of assets was given",
    "software": "no catalogue of software releases was given",
}
