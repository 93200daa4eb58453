"""Licence words of the vendors' command lines in our words.

Sources: answers of the smart agent (IOS-XE, NX-OS 10, ASA, IOS-XR), of classic IOS licensing and of the
NX-OS licence manager. A dormant evaluation right that nobody uses is no evaluation; "IN USE" says nothing
about a purchase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from collectors.cli.template import Row
from collectors.model import Licence, LicenceState

_SMART: Final = (
    (r"NOT IN USE", LicenceState.DORMANT),
    (r"IN USE", LicenceState.IN_USE),
    (r"NOT AUTHORI[SZ]ED", LicenceState.NOT_AUTHORIZED),
    (r"AUTH(?:ORI[SZ]ATION)? EXPIRED", LicenceState.AUTHORIZATION_EXPIRED),
    (r"(?:RESERVED )?AUTHORI[SZ]ED", LicenceState.AUTHORIZED),
    (r"EVAL(?:UATION)?(?: PERIOD| MODE)? EXPIRED", LicenceState.EVALUATION_EXPIRED),
    (r"EVAL(?:UATION)?\b", LicenceState.EVALUATION),
    (r"OUT OF COMPLIANCE|OOC\b", LicenceState.OUT_OF_COMPLIANCE),
    (r"UNREGISTERED|NOT REGISTERED|REGISTRATION (?:FAILED|PENDING)|UNIDENTIFIED", LicenceState.UNREGISTERED),
    (r"UNLICENSED", LicenceState.NOT_AUTHORIZED),
    (r"GRACE", LicenceState.GRACE),
    (r"REGISTERED\b", LicenceState.AUTHORIZED),
)
_NOTHING: Final = re.compile(r"not applicable|no licenses? in use|n/a|$", re.I)
AGENT: Final = "smart licensing"
"""The feature of the row that holds the device's own registration and authorisation."""


def from_rows(groups: dict[str, list[Row]]) -> tuple[Licence, ...]:
    """The licences in the groups that a template fills: smart, feature, manager, right, term."""
    found = [
        *(_smart(row) for row in groups.get("smart", ())),
        *(_classic(row) for row in groups.get("feature", ())),
        *(_manager(row) for row in groups.get("manager", ())),
        *(_right(row) for row in groups.get("right", ())),
        *(licence for row in groups.get("term", ()) if (licence := _term(row))),
        *_agent(groups),
    ]
    return tuple(found)


def smart_state(words: str) -> LicenceState:
    """The state in the smart agent's words, ``IN USE(15)`` or ``AUTHORIZED on Dec 03 ...``.

    >>> smart_state("EVAL MODE")
    <LicenceState.EVALUATION: 'evaluation'>
    """
    said = words.strip().upper()
    return next((state for pattern, state in _SMART if re.match(pattern, said)), LicenceState.UNKNOWN)


def without_repeats(licences: Iterable[Licence]) -> tuple[Licence, ...]:
    """One row a feature and entitlement: what `usage` says in full, `summary` repeats cut short."""
    kept: list[Licence] = []
    for licence in sorted(licences, key=lambda one: one.entitlement.endswith("...")):
        if not any(_same(licence, other) for other in kept):
            kept.append(licence)
    return tuple(kept)


def _same(one: Licence, other: Licence) -> bool:
    cut = one.entitlement.removesuffix("...")
    short = len(cut) < len(one.entitlement)
    return one.feature == other.feature and (
        other.entitlement.startswith(cut) if short else one.entitlement == other.entitlement
    )


def _smart(row: Row) -> Licence:
    words = row.get("words", "")
    detail = "; ".join(filter(None, (words, row.get("type", ""), row.get("enforcement", ""))))
    entitlement = row.get("entitlement", "")
    return Licence(
        row.get("feature", "") or entitlement,
        smart_state(words),
        entitlement,
        detail,
        row.get("quantity", ""),
    )


def _classic(row: Row) -> Licence:
    words, kind, left = row.get("words", ""), row.get("type", ""), row.get("left", "")
    trial = re.search(r"eval|demo|extension", kind, re.I)
    if not words and not kind:
        state = LicenceState.UNKNOWN if "activated" not in left.lower() else LicenceState.DORMANT
    elif re.search(r"not\s+in\s+use|inactive|not activated", words, re.I):
        state = LicenceState.DORMANT
    elif not re.search(r"in\s+use", words, re.I):
        state = LicenceState.UNKNOWN
    elif re.search(r"expired", words, re.I) or (trial and re.match(r"0\s+minute\s+0\s+second|expired", left, re.I)):
        state = LicenceState.EVALUATION_EXPIRED if trial else LicenceState.AUTHORIZATION_EXPIRED
    elif re.search(r"grace", kind, re.I):
        state = LicenceState.GRACE
    else:
        state = LicenceState.EVALUATION if trial else LicenceState.IN_USE
    detail = "; ".join(filter(None, (kind, words, f"period left: {left}" if left else "")))
    count = row.get("quantity", "")
    return Licence(row.get("feature", ""), state, "", detail, count if count[:1].isdigit() else "")


def _manager(row: Row) -> Licence:
    """NX-OS: ``Ins`` says whether a licence file is there, ``Status`` whether the feature runs."""
    installed, words, comments = (
        row.get("installed", "").lower() == "yes",
        row.get("words", ""),
        row.get("comments", ""),
    )
    if words.lower() != "in use":
        state = LicenceState.DORMANT
    elif re.search(r"expired", comments, re.I):
        state = LicenceState.AUTHORIZATION_EXPIRED
    elif installed:
        state = LicenceState.IN_USE
    else:
        state = LicenceState.GRACE if re.search(r"grace", comments, re.I) else LicenceState.NOT_AUTHORIZED
    detail = "; ".join(filter(None, (words, "installed" if installed else "not installed", comments.strip(" -"))))
    count = row.get("quantity", "")
    return Licence(row.get("feature", ""), state, "", detail, count if count.isdigit() else "", _date(comments))


def _right(row: Row) -> Licence:
    """A level that `show version` or `show license right-to-use` says is running."""
    kind = row.get("type", "")
    trial = re.search(r"eval", kind, re.I)
    return Licence(row.get("feature", ""), LicenceState.EVALUATION if trial else LicenceState.IN_USE, "", kind)


def _term(row: Row) -> Licence | None:
    """ASA: a licensed feature, its value and how long it lasts; what is disabled or zero is no licence."""
    value, term = row.get("value", ""), row.get("words", "")
    if value.lower() in ("disabled", "0", ""):
        return None
    state = LicenceState.AUTHORIZATION_EXPIRED if re.search(r"expired|^0 days", term, re.I) else LicenceState.IN_USE
    return Licence(row.get("feature", ""), state, "", f"{value} {term}", value if value.isdigit() else "")


def _agent(groups: dict[str, list[Row]]) -> Iterator[Licence]:
    """The device's registration (first) and authorisation with the vendor's cloud, as one row."""
    words = [
        row["words"] for row in (*groups.get("registration", ()), *groups.get("authorization", ())) if row.get("words")
    ]
    words = list(
        dict.fromkeys(
            part.strip() for said in words for part in said.split("/") if not _NOTHING.fullmatch(part.strip())
        )
    )
    words = [said for said in words if smart_state(said) is not LicenceState.UNKNOWN]
    if words:
        worst = next((said for said in words if smart_state(said) is LicenceState.UNREGISTERED), words[-1])
        yield Licence(AGENT, smart_state(worst), "", "; ".join(words))


def _date(text: str) -> str:
    """The ISO date in NX-OS's ``21 Nov 2026``, or ""."""
    match = re.search(r"\b(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})\b", text)
    if not match:
        return ""
    try:
        return datetime.strptime(match.group(), "%d %b %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""
