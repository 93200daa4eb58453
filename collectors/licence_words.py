"""Days, dates and states in the words of licences, and the facts that a row about a device's licensing holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from collectors.model import Licence, LicenceState

AGENT: Final = "smart licensing"
"""The feature of rows that tell how a device licenses; they are no licences (README, "Licences")."""
UDI: Final = "udi"
"""The entitlement of those about one serial."""
NONE: Final = "none"

_SMART: Final = (
    (r"NOT IN USE", LicenceState.DORMANT),
    (r"IN USE", LicenceState.IN_USE),
    (r"NOT AUTHORI[SZ]ED", LicenceState.NOT_AUTHORIZED),
    (r"AUTH(?:ORI[SZ]ATION)? EXPIRED", LicenceState.AUTHORIZATION_EXPIRED),
    (r"(?:RESERVED )?AUTHORI[SZ]ED", LicenceState.AUTHORIZED),
    (r"EVAL(?:UATION)?(?: PERIOD| MODE)? EXPIRED", LicenceState.EVALUATION_EXPIRED),
    (r"EVAL(?:UATION)?(?: PERIOD| MODE)?", LicenceState.EVALUATION),
    (r"OUT OF COMPLIANCE|OOC", LicenceState.OUT_OF_COMPLIANCE),
    (r"UNREGISTERED|NOT REGISTERED|REGISTRATION (?:FAILED|PENDING)|UNIDENTIFIED", LicenceState.UNREGISTERED),
    (r"UNLICENSED", LicenceState.NOT_AUTHORIZED),
    (r"(?:IN )?GRACE(?: PERIOD)? EXPIRED", LicenceState.AUTHORIZATION_EXPIRED),
    (r"(?:IN )?GRACE(?: PERIOD)?", LicenceState.GRACE),
    (r"REGISTERED", LicenceState.AUTHORIZED),
)
_LEFT: Final = re.compile(r"(\d+)\s*(year|week|day|hour|minute|second|[WDHM]\b)", re.I)
_HOURS: Final = {"year": 365 * 24, "week": 7 * 24, "w": 7 * 24, "day": 24, "d": 24, "hour": 1, "h": 1}
_STAMP: Final = re.compile(r"\b([A-Z][a-z]{2})\s+(\d{1,2})\s+\d\d:\d\d:\d\d(?:\.\d+)?\s+(\d{4})\b")
_PLAIN: Final = re.compile(r"\b(\d{1,2})[ -]([A-Z][a-z]{2})[ -](\d{4})\b")
_ISO: Final = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


def smart_state(words: str) -> LicenceState:
    """The state in the smart agent's words, ``IN USE(15)`` or ``AUTHORIZED on Dec 03 ...``; UNKNOWN for others.

    >>> smart_state("EVAL MODE")
    <LicenceState.EVALUATION: 'evaluation'>
    """
    said = words.strip().upper()
    found = (state for pattern, state in _SMART if re.match(rf"(?:{pattern})(?![A-Z*])", said))
    return next(found, LicenceState.UNKNOWN)


def days_in(text: str) -> int | None:
    """Whole days in ``8 weeks 4 days``, ``89 days, 1 hours`` or ``Grace 10D 1H``; None where no time is named.

    >>> days_in("8  weeks 4  days")
    60
    """
    found = _LEFT.findall(text)
    return sum(int(count) * _HOURS.get(unit.lower(), 0) for count, unit in found) // 24 if found else None


def day_in(text: str) -> str:
    """The ISO date in ``Oct 14 12:10:32 2021 UTC``, ``21 Nov 2026`` or ``2026-11-21``, "" where none is.

    >>> day_in("Valid until Oct 14 12:10:32 2021 UTC")
    '2021-10-14'
    """
    if match := _STAMP.search(text):
        said = f"{match[2]} {match[1]} {match[3]}"
    elif match := _PLAIN.search(text):
        said = " ".join(match.groups())
    else:
        match = _ISO.search(text)
        return match[0] if match else ""
    try:
        return datetime.strptime(said, "%d %b %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def ends(at: date | None, days: int | None) -> str:
    """The ISO date *days* after *at*, "" where either is not known."""
    if at is None or days is None or days > 365_000:
        return ""
    return (at + timedelta(days=days)).isoformat()


def days_left(days: int | None) -> str:
    """The days a licence still has, as a `detail` says them."""
    return "" if days is None else f"days_left={days}"


def dated(licence: Licence, at: date | None) -> Licence:
    """*licence* with the day on which the days in its `detail` are over, where it says no day itself."""
    said = re.search(r"\bdays_left=(\d+)", licence.detail)
    return licence if licence.expires or not said else replace(licence, expires=ends(at, int(said[1])))


def written(facts: Mapping[str, str]) -> str:
    """Facts as the `detail` of a row about a device's licensing; those without a value are left out."""
    return "; ".join(f"{key}={re.sub(r'[;=]', ' ', value).strip()}" for key, value in facts.items() if value)


def facts_of(detail: str) -> dict[str, str]:
    """What `written` wrote.

    >>> facts_of("mode=policy; last_ack=none")
    {'mode': 'policy', 'last_ack': 'none'}
    """
    pairs = (part.partition("=") for part in detail.split("; "))
    return {key: value for key, sign, value in pairs if sign}


def joined(one: str, other: str) -> str:
    """Two details of one row; what *one* does not tell is taken from *other*."""
    return written(facts_of(one) | {key: said for key, said in facts_of(other).items() if key not in facts_of(one)})
