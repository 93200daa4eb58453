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
from reconcile.policy import Policy
from reconcile.rules import (
    agreements,
    components,
    contracts,
    coverage,
    donated_terms,
    donations,
    duplicates,
    entitled,
    licences,
    lines,
    market,
    optics,
    orders,
    places,
    provenance,
    scan,
    smartoptics,
    software,
    stock,
    subscriptions,
)

Find = Callable[[Ledger], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's code, its class, what it needs to be evaluated and the verdicts its findings may stand beside."""

    code: str
    cls: str
    find: Find
    needs: tuple[str, ...] = ()
    """Inputs, and settings of the policy (`_SETTINGS`), without which it is not evaluated."""
    verdicts: tuple[str, ...] = ()
    """Of the unit, else of the line; empty: any."""


_LINES: Final = ("lines",)
_REGISTER: Final = ("register",)
_LINES_REGISTER: Final = ("lines", "register")
_CATALOGUE: Final = ("lines", "software")
_BOUGHT: Final = ("entitlements",)
_OUT_OF_FORCE: Final = ("replaced", "uncoverable", "expired", "warranty_only", "uncovered", "unknown")
_NO_WARRANTY: Final = tuple(verdict for verdict in _OUT_OF_FORCE if verdict != "warranty_only")

RULES: Final[tuple[Rule, ...]] = (
    Rule("COV-UNCOVERED", "uncovered", coverage.uncovered, _LINES, ("uncovered",)),
    Rule("COV-EXPIRED", "uncovered", coverage.expired, _LINES, ("expired",)),
    Rule("COV-EXPIRING", "uncovered", coverage.expiring, _LINES, ("covered",)),
    Rule("COV-PENDING", "uncovered", coverage.pending, _LINES, ("pending",)),
    Rule("COV-ACTIVATION-LATE", "uncovered", orders.activation_late, _LINES, ("pending",)),
    Rule("COV-KIT-LATE", "data", orders.kit_late, _LINES_REGISTER),
    Rule("COV-EOL", "uncovered", coverage.end_of_life),
    Rule("COV-REPLACED", "replaced", lines.replaced, _LINES),
    Rule("COV-RMA-OLD-STILL-SEEN", "replaced", stock.returned_still_seen, ("rma",)),
    Rule("COV-NOT-SEEN", "data", lines.not_seen, _LINES, ("not_seen",)),
    Rule("COV-PID", "data", lines.product, _LINES),
    Rule("COV-NEAR", "data", lines.near_match, _LINES, ("not_seen", "unproven")),
    Rule("COV-DUP", "data", duplicates.duplicate, _LINES),
    Rule("COV-SPARE", "data", stock.spare, ("lines", "spares"), ("spare",)),
    Rule("COV-SPARE-UNCOVERED", "uncovered", stock.spare_uncovered, ("lines", "spares", "spare cover")),
    Rule("COV-SITE", "data", places.site, ("lines", "sites")),
    Rule("COV-CONTACT", "data", contracts.contact, _LINES),
    Rule("COV-PROFILE", "data", contracts.profile, ("lines", "profile")),
    Rule("COV-OWNER", "uncovered", contracts.owner, ("lines", "organisation"), ("covered", "pending")),
    Rule("COV-COMPONENT", "data", components.component, _LINES, ("covered",)),
    Rule("COV-NOSERIAL", "data", scan.no_serial),
    Rule("DON-RETURN", "data", donations.to_return, _REGISTER),
    Rule("DON-DISPOSED", "data", donations.disposed, _REGISTER),
    Rule("DON-FOREIGN", "uncovered", donations.foreign, _LINES_REGISTER),
    Rule("DON-MISSING", "uncovered", donations.missing, _LINES_REGISTER),
    Rule("DON-TERM", "data", donated_terms.term, _LINES),
    Rule("DON-ENDED", "uncovered", donations.ended, _LINES_REGISTER, ("expired", "uncovered")),
    Rule("MKT-UNLICENSED", "unlicensed", provenance.unlicensed, _REGISTER),
    Rule("MKT-UNCOVERABLE", "uncovered", provenance.uncoverable, _REGISTER, ("uncoverable",)),
    Rule("MKT-NOWARRANTY", "uncovered", provenance.no_warranty, _REGISTER, _NO_WARRANTY),
    Rule("MKT-CHANNEL", "data", provenance.channel, _REGISTER),
    Rule("MKT-ON-CONTRACT", "unlicensed", provenance.on_contract, _REGISTER, ("covered", "pending")),
    Rule("MKT-HOLD", "unlicensed", provenance.hold, _REGISTER),
    Rule("MKT-DAMAGED", "uncovered", provenance.damaged, _REGISTER, ("uncoverable", "covered", "pending")),
    Rule("MKT-CERTS", "uncovered", provenance.environmental, _REGISTER, ("uncoverable",)),
    Rule("MKT-FEES", "data", market.fees, _REGISTER, ("uncoverable",)),
    Rule("MKT-REFRESH-OK", "data", market.refreshed, _REGISTER),
    Rule("MKT-UNKNOWN", "data", market.unknown, _REGISTER),
    Rule("MKT-PREVOWNER", "data", market.previous_owner, _REGISTER),
    Rule("LIC-FEATURE", "unlicensed", entitled.feature_level),
    Rule("LIC-SW-NEWER", "unlicensed", software.newer_than_entitled, _CATALOGUE, ("expired", "uncovered")),
    Rule("LIC-SW-UNPROVABLE", "data", software.unprovable, _CATALOGUE, ("expired", "uncovered", "unknown")),
    Rule("LIC-OOC", "unlicensed", licences.out_of_compliance),
    Rule("LIC-EVAL", "unlicensed", licences.evaluation),
    Rule("LIC-EVAL-EXPIRED", "unlicensed", licences.evaluation_expired),
    Rule("LIC-NOTAUTH", "unlicensed", licences.not_authorized),
    Rule("LIC-UNREG", "unlicensed", licences.unregistered),
    Rule("LIC-UNVERIFIED", "unlicensed", entitled.unverified, _BOUGHT),
    Rule("LIC-COUNT", "unlicensed", entitled.pool_count, _BOUGHT),
    Rule("LIC-SUB-EXPIRED", "unlicensed", subscriptions.expired, _BOUGHT),
    Rule("LIC-SUB-EXPIRING", "unlicensed", subscriptions.expiring, _BOUGHT),
    Rule("LIC-REPORT", "unlicensed", licences.unreported),
    Rule("LIC-UDI", "replaced", licences.bound_elsewhere),
    Rule("LIC-UNKNOWN", "data", licences.unreadable),
    Rule("SO-UNCOVERED", "uncovered", smartoptics.uncovered, _LINES, ("uncovered",)),
    Rule("SO-EXPIRED", "uncovered", smartoptics.expired, _LINES, ("expired",)),
    Rule("SO-EXPIRING", "uncovered", smartoptics.expiring, _LINES, ("covered",)),
    Rule("SO-EWS-CAP", "uncovered", smartoptics.warranty_cap, ("lines", "register"), ("covered", "pending")),
    Rule("SO-EWS-NOEXT", "uncovered", smartoptics.warranty_over, ("lines", "register"), _OUT_OF_FORCE),
    Rule("SO-EWS-NODATE", "data", smartoptics.no_purchase_date, ("lines", "register"), ("covered", "pending")),
    Rule("SO-SPARE", "uncovered", smartoptics.spare_missing, ("lines", "spares"), ("covered",)),
    Rule("SO-TERM", "data", agreements.term, _LINES),
    Rule("SO-PAYMENT", "data", agreements.payment, _LINES),
    Rule("SO-SW-NEWER", "unlicensed", software.newer_than_subscribed, _CATALOGUE, ("expired", "uncovered")),
    Rule("SO-SW-MAJOR", "unlicensed", smartoptics.major_release, ("lines", "entitlements")),
    Rule("OPTIC-THIRDPARTY", "data", optics.third_party),
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
        lacking = [name for name in rule.needs if not _supplied(name, ledger)]
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


def _supplied(name: str, ledger: Ledger) -> bool:
    setting = _SETTINGS.get(name)
    return setting(ledger.policy) if setting else getattr(ledger.inputs, name) is not None


_SETTINGS: Final[Mapping[str, Callable[[Policy], bool]]] = {
    "organisation": lambda policy: bool(policy.organisation.names),
    "spare cover": lambda policy: policy.spares.require_cover,
}
_NAMES: Final = {
    "lines": "no contracts were given",
    "register": "no register of assets was given",
    "software": "no catalogue of software releases was given",
    "entitlements": "no list of entitlements was given",
    "spares": "no list of spares was given",
    "rma": "no list of RMAs was given",
    "sites": "no list of sites was given",
    "profile": "no list of the account's contract numbers was given",
    "organisation": "the policy names no organisation (organisation.names)",
    "spare cover": "the policy does not ask for it (spares.require_cover)",
}
