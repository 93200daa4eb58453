"""CISCO-SMART-LIC-MIB (revision 2021-07-27): smart licensing and Smart Licensing Using Policy.

The MIB puts its objects under 1.3.6.1.4.1.9.9.831.0; a published OID list drops the 0. Both are asked, the first that
answers is read, and never one's rows beside the other's scalars: what stands under 831.0 is in some agents the arc of
the notifications. "In use" is a report of use, never a proof of purchase. Registration and authorisation say nothing
where the device licenses by policy: that is told by modes that only a policy has, or by an agent of version 5 or later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from collectors.licence_words import AGENT, UDI, days_left, smart_state, written
from collectors.model import LICENCES, Licence, LicenceState
from collectors.oids import Oid, Walk, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, trimmed
from collectors.serials import canonical

_ROOTS: Final = (oid("1.3.6.1.4.1.9.9.831.0"), oid("1.3.6.1.4.1.9.9.831"))
_COUNT: Final = (5, 1, 1, 2)
_TAG: Final = (5, 1, 1, 3)
_MODE: Final = (5, 1, 1, 5)
_DESCRIPTION: Final = (5, 1, 1, 6)
_FEATURE: Final = (5, 1, 1, 7)
_TABLE: Final = (_COUNT, _TAG, _MODE, _DESCRIPTION, _FEATURE)
_UDI: Final = (2, 0)
_VERSION: Final = (3, 0)
_ENABLED: Final = (4, 0)
_REGISTRATION: Final = (6, 1, 0)
_CERTIFICATE_UNTIL: Final = (6, 3, 0)
_AUTHORISED_UNTIL: Final = (7, 1, 0)
_COMPLIANCE: Final = (7, 2, 0)
_EVALUATION_LEFT: Final = (7, 4, 3, 0)
_UNACKNOWLEDGED: Final = (12, 1, 0)
_REPORT_WITHIN: Final = (12, 2, 0)
_SCALARS: Final = (
    _UDI, _VERSION, _ENABLED, _REGISTRATION, _CERTIFICATE_UNTIL, _AUTHORISED_UNTIL, _COMPLIANCE, _EVALUATION_LEFT,
    _UNACKNOWLEDGED, _REPORT_WITHIN,
)  # fmt: skip
_NOT_REGISTERED: Final = 1
_REGISTRATIONS: Final = (
    "", "UNREGISTERED", "REGISTRATION PENDING", "REGISTRATION FAILED", "REGISTRATION PENDING", "REGISTERED",
)  # fmt: skip
"""ciscoSlaRegistrationStatus by number, in the command line's words."""
_FALSE: Final = 2
_BY_POLICY: Final = (15, 16)
_FIRST_POLICY_AGENT: Final = 5

MODES: Final[tuple[tuple[str, LicenceState], ...]] = (
    ("", LicenceState.UNKNOWN),
    ("initialized", LicenceState.UNKNOWN),
    ("waiting", LicenceState.UNKNOWN),
    ("authorized", LicenceState.AUTHORIZED),
    ("outOfCompliance", LicenceState.OUT_OF_COMPLIANCE),
    ("overage", LicenceState.AUTHORIZED),
    ("evaluationPeriod", LicenceState.EVALUATION),
    ("evaluationExpired", LicenceState.EVALUATION_EXPIRED),
    ("authorizationExpired", LicenceState.AUTHORIZATION_EXPIRED),
    ("gracePeriodExpired", LicenceState.AUTHORIZATION_EXPIRED),
    ("disabled", LicenceState.DORMANT),
    ("reservedAuthorized", LicenceState.AUTHORIZED),
    ("invalidTag", LicenceState.NOT_AUTHORIZED),
    ("notAuthorized", LicenceState.NOT_AUTHORIZED),
    ("notApplicable", LicenceState.UNKNOWN),
    ("inUse", LicenceState.IN_USE),
    ("notInUse", LicenceState.DORMANT),
)
"""ciscoSlaEntitlementEnforceMode by number: the MIB's word and our state."""


def read(walk: Walk) -> Rows:
    """One licence an entitlement, then how the device licenses (README of collectors, "Licences")."""
    root = _root(walk)
    rows = indexes(walk, ((*root, *column) for column in _TABLE))
    scalars = any((*r, *scalar) in walk.scalars for r in _ROOTS for scalar in _SCALARS)
    gaps = () if not rows or walk.columns.get((*root, *_MODE)) else ("no enforcement mode column",)
    state, reason = judged(walk, found=bool(rows) or scalars, gaps=gaps)
    policy = _by_policy(walk, root, rows)
    serial = _serial(walk, root)
    licences = (_licence(walk, root, index, serial, policy=policy) for index in rows)
    return Rows(state, reason, licences=(*licences, *_agent(walk, root, serial, policy=policy)))


def _root(walk: Walk) -> Oid:
    """The tree that has rows, else the one that has scalars."""
    with_rows = (r for r in _ROOTS if any(walk.columns.get((*r, *column)) for column in _TABLE))
    with_scalars = (r for r in _ROOTS if any((*r, *scalar) in walk.scalars for scalar in _SCALARS))
    return next(with_rows, next(with_scalars, _ROOTS[0]))


def _by_policy(walk: Walk, root: Oid, rows: tuple[Oid, ...]) -> bool:
    modes = {number(cell(walk, (*root, *_MODE), index)) for index in rows}
    version = re.match(r"(\d+)\.", trimmed(walk.scalars.get((*root, *_VERSION))))
    return bool(modes & set(_BY_POLICY)) or bool(version and int(version[1]) >= _FIRST_POLICY_AGENT)


def _serial(walk: Walk, root: Oid) -> str:
    """The serial in the device's UDI, "" where the agent gives none."""
    match = re.search(r"SN\s*[:=]\s*([A-Z0-9-]+)", trimmed(walk.scalars.get((*root, *_UDI))), re.I)
    return canonical(match[1]) if match else ""


def _agent(walk: Walk, root: Oid, serial: str, *, policy: bool) -> Iterator[Licence]:
    def told(scalar: Oid) -> int | None:
        return number(walk.scalars.get((*root, *scalar)))

    if told(_ENABLED) == _FALSE:
        return
    if policy and any((*root, *scalar) in walk.scalars for scalar in (_VERSION, _UNACKNOWLEDGED, _REPORT_WITHIN)):
        silent, within = told(_UNACKNOWLEDGED), told(_REPORT_WITHIN)
        facts = {"mode": "policy", "ack_missing_days": _text(silent), "report_within_days": _text(within)}
        acknowledged = silent is not None and within is not None and silent <= within
        yield Licence(AGENT, _POLICY_STATES[acknowledged], "", written(facts), serial=serial)
    elif not policy and (code := told(_REGISTRATION)) is not None:
        registration = _REGISTRATIONS[code] if 0 < code < len(_REGISTRATIONS) else str(code)
        compliance = trimmed(walk.scalars.get((*root, *_COMPLIANCE)))
        said = smart_state(compliance)
        registered = smart_state(registration)
        left = told(_EVALUATION_LEFT) if said is LicenceState.EVALUATION else None
        facts = {
            "mode": "registration",
            "registration": registration,
            "authorization": compliance if said is not LicenceState.UNKNOWN else "",
            "days_left": _text(left // 86400 if left else None),
        }
        unregistered = registered is LicenceState.UNREGISTERED or said is LicenceState.UNKNOWN
        state = registered if unregistered else said
        end = _day(told(_AUTHORISED_UNTIL)) or _day(told(_CERTIFICATE_UNTIL))
        yield Licence(AGENT, state, "", written(facts), expires=end, serial=serial)
    if serial:
        yield Licence(AGENT, LicenceState.DORMANT, UDI, serial=serial)


_POLICY_STATES: Final = (LicenceState.DORMANT, LicenceState.AUTHORIZED)


def _text(count: int | None) -> str:
    return "" if count is None else str(count)


def _licence(walk: Walk, root: Oid, index: Oid, serial: str, *, policy: bool) -> Licence:
    def said(column: Oid) -> str:
        return trimmed(cell(walk, (*root, *column), index))

    code = number(cell(walk, (*root, *_MODE), index)) or 0
    word, state = MODES[code] if code < len(MODES) else (str(code), LicenceState.UNKNOWN)
    unregistered = number(walk.scalars.get((*root, *_REGISTRATION))) == _NOT_REGISTERED
    if state is LicenceState.UNKNOWN and unregistered and not policy:
        state = LicenceState.UNREGISTERED
    return Licence(
        feature=said(_FEATURE) or said(_DESCRIPTION) or said(_TAG),
        state=state,
        entitlement=said(_TAG),
        detail=_detail(walk, root, word, state),
        quantity=said(_COUNT),
        expires=_day(number(walk.scalars.get((*root, *_AUTHORISED_UNTIL)))) if state is LicenceState.AUTHORIZED else "",
        serial=serial,
    )


def _detail(walk: Walk, root: Oid, word: str, state: LicenceState) -> str:
    left = number(walk.scalars.get((*root, *_EVALUATION_LEFT)))
    return f"{word}; {days_left(left // 86400)}" if state is LicenceState.EVALUATION and left else word


def _day(seconds: int | None) -> str:
    """The day of an epoch second, "" for none and for the MIB's "never"."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds and seconds < 2**32 - 1 else ""


READER: Final = Reader(
    name="smart_licence",
    section=LICENCES,
    read=read,
    scalars=tuple((*root, *scalar) for root in _ROOTS for scalar in _SCALARS),
    columns=tuple((*root, *column) for root in _ROOTS for column in _TABLE),
)
