"""CISCO-SMART-LIC-MIB (revision 2021-07-27): smart licensing and Smart Licensing Using Policy.

The MIB puts its objects under 1.3.6.1.4.1.9.9.831.0; a published OID list drops the 0. Both are asked, the
first that answers is read. "In use" is a report of use, never a proof of purchase.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from collectors.model import LICENCES, Licence, LicenceState
from collectors.oids import Oid, Walk, oid
from collectors.readers.rows import Reader, Rows, cell, indexes, judged, number, trimmed

_ROOTS: Final = (oid("1.3.6.1.4.1.9.9.831.0"), oid("1.3.6.1.4.1.9.9.831"))
_COUNT: Final = (5, 1, 1, 2)
_TAG: Final = (5, 1, 1, 3)
_MODE: Final = (5, 1, 1, 5)
_DESCRIPTION: Final = (5, 1, 1, 6)
_FEATURE: Final = (5, 1, 1, 7)
_TABLE: Final = (_COUNT, _TAG, _MODE, _DESCRIPTION, _FEATURE)
_ENABLED: Final = (4, 0)
_REGISTRATION: Final = (6, 1, 0)
_AUTHORISED_UNTIL: Final = (7, 1, 0)
_EVALUATION_LEFT: Final = (7, 4, 3, 0)
_SCALARS: Final = (_ENABLED, _REGISTRATION, _AUTHORISED_UNTIL, _EVALUATION_LEFT)
_NOT_REGISTERED: Final = 1

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
    """One licence an entitlement."""
    root = next((r for r in _ROOTS if any(walk.columns.get((*r, *column)) for column in _TABLE)), _ROOTS[0])
    rows = indexes(walk, ((*root, *column) for column in _TABLE))
    scalars = any((*r, *scalar) in walk.scalars for r in _ROOTS for scalar in _SCALARS)
    gaps = () if not rows or walk.columns.get((*root, *_MODE)) else ("no enforcement mode column",)
    state, reason = judged(walk, found=bool(rows) or scalars, gaps=gaps)
    return Rows(state, reason, licences=tuple(_licence(walk, root, index) for index in rows))


def _licence(walk: Walk, root: Oid, index: Oid) -> Licence:
    def said(column: Oid) -> str:
        return trimmed(cell(walk, (*root, *column), index))

    code = number(cell(walk, (*root, *_MODE), index)) or 0
    word, state = MODES[code] if code < len(MODES) else (str(code), LicenceState.UNKNOWN)
    if state is LicenceState.UNKNOWN and number(walk.scalars.get((*root, *_REGISTRATION))) == _NOT_REGISTERED:
        state = LicenceState.UNREGISTERED
    return Licence(
        feature=said(_FEATURE) or said(_DESCRIPTION) or said(_TAG),
        state=state,
        entitlement=said(_TAG),
        detail=_detail(walk, root, word, state),
        quantity=said(_COUNT),
        expires=_expires(walk, root) if state is LicenceState.AUTHORIZED else "",
    )


def _detail(walk: Walk, root: Oid, word: str, state: LicenceState) -> str:
    left = number(walk.scalars.get((*root, *_EVALUATION_LEFT)))
    return f"{word}, {left // 86400} days left" if state is LicenceState.EVALUATION and left else word


def _expires(walk: Walk, root: Oid) -> str:
    seconds = number(walk.scalars.get((*root, *_AUTHORISED_UNTIL)))
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds and seconds < 2**32 else ""


READER: Final = Reader(
    name="smart_licence",
    section=LICENCES,
    read=read,
    scalars=tuple((*root, *scalar) for root in _ROOTS for scalar in _SCALARS),
    columns=tuple((*root, *column) for root in _ROOTS for column in _TABLE),
)
