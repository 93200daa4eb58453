"""Licences before smart licensing: CISCO-LICENSE-MGMT-MIB (IOS) and CISCO-LICENSE-MGR-MIB (NX-OS, MDS)."""

from __future__ import annotations

from typing import Final

from collectors.licence_words import days_left
from collectors.model import LICENCES, Licence, LicenceState
from collectors.oids import Oid, Walk, oid
from collectors.readers.rows import Reader, Rows, cell, date, indexes, judged, number, trimmed

_INFO: Final = oid("1.3.6.1.4.1.9.9.543.1.2.3.1")
_FEATURE: Final = (*_INFO, 3)
_TYPE: Final = (*_INFO, 5)
_REMAINING: Final = (*_INFO, 8)
_MAXIMUM: Final = (*_INFO, 10)
_STATUS: Final = (*_INFO, 14)
_END: Final = (*_INFO, 16)
_INFO_COLUMNS: Final = (_FEATURE, _TYPE, _REMAINING, _MAXIMUM, _STATUS, _END)
_INFO_SPARSE: Final = (_REMAINING, _MAXIMUM, _END)
_UNLIMITED: Final = 2**32 - 1

_TYPES: Final = (
    "",
    "demo",
    "extension",
    "grace",
    "permanent",
    "paidSubscription",
    "evalSubscription",
    "extSubscription",
    "evalRightToUse",
    "rightToUse",
    "permanentRightToUse",
)
_STATUSES: Final = (
    "",
    "inactive",
    "notInUse",
    "inUse",
    "expiredInUse",
    "expiredNotInUse",
    "usageCountConsumed",
)
_EVALUATIONS: Final = ("demo", "extension", "evalSubscription", "extSubscription", "evalRightToUse")

_USAGE: Final = oid("1.3.6.1.4.1.9.9.369.1.3.4.1")
_FLAGS: Final = (*_USAGE, 2)
_USAGE_MAXIMUM: Final = (*_USAGE, 3)
_CURRENT: Final = (*_USAGE, 5)
_USAGE_EXPIRY: Final = (*_USAGE, 6)
_GRACE_LEFT: Final = (*_USAGE, 9)
_USAGE_SPARSE: Final = (_USAGE_MAXIMUM, _USAGE_EXPIRY, _GRACE_LEFT)
_USAGE_COLUMNS: Final = (_FLAGS, _CURRENT, *_USAGE_SPARSE)
_BITS: Final = ("demo", "permanent", "counted", "unlicensed", "inGracePeriod", "inHonorPeriod")


def _mgmt(walk: Walk) -> Rows:
    rows = indexes(walk, _INFO_COLUMNS)
    gaps = [
        f"no {name} column" for name, column in (("type", _TYPE), ("status", _STATUS)) if not walk.columns.get(column)
    ]
    state, reason = judged(walk, found=bool(rows), gaps=gaps)
    holders = tuple(str(index[0]) if index else "" for index in rows)
    return Rows(state, reason, licences=tuple(_info(walk, index) for index in rows), holders=holders)


def _info(walk: Walk, index: Oid) -> Licence:
    kind = _word(_TYPES, number(cell(walk, _TYPE, index)))
    status = _word(_STATUSES, number(cell(walk, _STATUS, index)))
    remaining = number(cell(walk, _REMAINING, index))
    ending = kind in (*_EVALUATIONS, "grace")
    days = days_left(remaining // 86400) if remaining and ending else ""
    counted = number(cell(walk, _MAXIMUM, index))
    return Licence(
        feature=trimmed(cell(walk, _FEATURE, index)),
        state=_info_state(kind, status),
        entitlement=kind,
        detail="; ".join(word for word in (kind, status, days) if word),
        quantity=str(counted) if counted and counted != _UNLIMITED else "",
        expires=date(cell(walk, _END, index)),
    )


def _info_state(kind: str, status: str) -> LicenceState:
    """A dormant evaluation licence that nobody uses is not a shortfall, so use is looked at first."""
    if status in ("inactive", "notInUse", "expiredNotInUse"):
        return LicenceState.DORMANT
    if status == "expiredInUse":
        paid = kind in ("paidSubscription", "permanent", "rightToUse", "permanentRightToUse")
        return LicenceState.AUTHORIZATION_EXPIRED if paid else LicenceState.EVALUATION_EXPIRED
    if status not in ("inUse", "usageCountConsumed"):
        return LicenceState.UNKNOWN
    if kind == "grace":
        return LicenceState.GRACE
    return LicenceState.EVALUATION if kind in _EVALUATIONS else LicenceState.IN_USE


def _mgr(walk: Walk) -> Rows:
    rows = indexes(walk, _USAGE_COLUMNS)
    gaps = () if walk.columns.get(_FLAGS) else ("no flag column (clmLicenseFeatureUsageTable)",)
    state, reason = judged(walk, found=bool(rows), gaps=gaps)
    return Rows(state, reason, licences=tuple(_usage(walk, index) for index in rows))


def _usage(walk: Walk, index: Oid) -> Licence:
    flags = _flags(walk, index)
    current = number(cell(walk, _CURRENT, index)) or 0
    maximum = number(cell(walk, _USAGE_MAXIMUM, index))
    state = _usage_state(flags, current)
    return Licence(
        feature=_feature(index),
        state=state,
        detail="; ".join((*flags, f"{current} in use", *_grace(walk, index, state))),
        quantity=str(maximum) if maximum and "counted" in flags else "",
        expires=date(cell(walk, _USAGE_EXPIRY, index)),
    )


def _usage_state(flags: tuple[str, ...], current: int) -> LicenceState:
    if not current:
        return LicenceState.DORMANT
    if "inGracePeriod" in flags or "inHonorPeriod" in flags:
        return LicenceState.GRACE
    if "unlicensed" in flags:
        return LicenceState.NOT_AUTHORIZED
    return LicenceState.EVALUATION if "demo" in flags else LicenceState.IN_USE


def _grace(walk: Walk, index: Oid, state: LicenceState) -> tuple[str, ...]:
    left = number(cell(walk, _GRACE_LEFT, index))
    return (days_left(left // 86400),) if left and state is LicenceState.GRACE else ()


def _flags(walk: Walk, index: Oid) -> tuple[str, ...]:
    """BITS: the first bit is the highest of the first octet (RFC 2578, 7.1.4)."""
    value = cell(walk, _FLAGS, index)
    octets = value if isinstance(value, bytes) else b""
    return tuple(word for at, word in enumerate(_BITS) if at // 8 < len(octets) and octets[at // 8] & (0x80 >> at % 8))


def _feature(index: Oid) -> str:
    """The feature's name, which is the row's index: its length, then its characters."""
    letters = index[1:] if index and index[0] == len(index) - 1 else index
    return "".join(chr(letter) for letter in letters if 32 <= letter < 127)


def _word(words: tuple[str, ...], code: int | None) -> str:
    return words[code] if code is not None and 0 <= code < len(words) else ""


LICENCE_MGMT: Final = Reader(
    name="licence_mgmt",
    section=LICENCES,
    read=_mgmt,
    columns=_INFO_COLUMNS,
    required=(_TYPE, _STATUS),
    sparse=_INFO_SPARSE,
)
LICENCE_MGR: Final = Reader(
    name="licence_mgr", section=LICENCES, read=_mgr, columns=_USAGE_COLUMNS, required=(_FLAGS,), sparse=_USAGE_SPARSE
)
