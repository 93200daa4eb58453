"""What came of each way into a device, and the one observation it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from collectors.errors import CollectError
from collectors.merge import Merged, merge
from collectors.model import LICENCES, NEIGHBOURS, SECTIONS, Observation, Outcome, Reading, Section, State
from collectors.platforms import GENERIC, Platform
from collectors.quick import QUICK


@dataclass(frozen=True, slots=True)
class Way:
    """What came of one protocol: a reading, or why there is none."""

    via: str
    platform: Platform | None = None
    reading: Reading | None = None
    error: CollectError | None = None


def judge(seen: Observation, ways: Sequence[Way]) -> Observation:
    """One observation of what the ways found. A way that failed shows in the sections, and in the outcome."""
    errors = [(way.via, way.error) for way in ways if way.error]
    reason = "; ".join(f"{via.upper()}: {error}" for via, error in errors)
    if not any(way.reading for way in ways):
        outcome = min((error.outcome for _, error in errors), key=_WORST.index, default=Outcome.UNIDENTIFIED)
        return replace(seen, outcome=outcome, reason=reason)
    merged = merge([way.reading or _unread(way) for way in ways if way.reading or not _idle(way, ways)])
    platform = next((way.platform for way in ways if way.platform and way.platform.name != GENERIC), None)
    platform = platform or next((way.platform for way in ways if way.platform), None)
    if platform and platform.name == GENERIC and not merged.units:
        return replace(seen, outcome=Outcome.UNIDENTIFIED, reason=_nobody_knows(reason), sections=merged.sections)
    vendor = platform.vendor if platform and platform.name != GENERIC else _vendor(merged)
    outcome, why = _outcome(merged.sections, [error for _, error in errors])
    return replace(
        seen,
        outcome=outcome,
        reason=why if outcome is Outcome.PARTIAL else reason if outcome is not Outcome.COMPLETE else "",
        hostname=merged.hostname or seen.hostname,
        vendor=vendor,
        platform=platform.name if platform else seen.target.platform,
        engine_id=merged.engine_id,
        sections=merged.sections,
        units=merged.units,
        licences=merged.licences,
        software=merged.software,
        neighbours=merged.neighbours,
        captures=merged.captures,
        dropped=merged.dropped,
        via=tuple(way.via for way in ways if way.reading),
    )


def confirm(seen: Observation, last: Observation, ways: Sequence[Way]) -> Observation:
    """The last reading of a device that did not move since, with the licences that *ways* told again."""
    errors = [way.error for way in ways if way.error]
    told = merge([way.reading or _unread(way) for way in ways]) if ways else None
    licences = next((s for s in told.sections if s.name == LICENCES), None) if told else last.section(LICENCES)
    sections = tuple(licences if s.name == LICENCES and licences else s for s in last.sections)
    outcome, why = _outcome(sections, errors)
    reason = "; ".join(map(str, errors))
    return replace(
        last,
        target=seen.target,
        address=seen.address,
        started=seen.started,
        stamp=seen.stamp,
        attempts=seen.attempts,
        outcome=outcome,
        reason=why if outcome is Outcome.PARTIAL else reason,
        sections=sections,
        licences=told.licences if told else last.licences,
        neighbours=(),
        captures=(),
        confirmed=QUICK,
    )


_WORST: Final = (
    Outcome.HOST_KEY, Outcome.AUTH_FAILED, Outcome.CRYPTO_MISMATCH, Outcome.AUTH_TIMEOUT, Outcome.MALFORMED,
    Outcome.UNIDENTIFIED, Outcome.TIMEOUT, Outcome.REFUSED, Outcome.UNREACHABLE,
)  # fmt: skip
"""Where no way in worked, the outcome that tells a person most."""
_TRUST: Final = (Outcome.HOST_KEY, Outcome.AUTH_FAILED, Outcome.CRYPTO_MISMATCH, Outcome.AUTH_TIMEOUT)
"""A login that was asked for and refused is never passed over, also where SNMP said everything."""


def _outcome(sections: Sequence[Section], errors: Sequence[CollectError]) -> tuple[Outcome, str]:
    """Complete where every section is, or is not to be had; a refused login always shows."""
    open_sections = [s for s in sections if s.state is not State.COMPLETE and not _good_enough(s)]
    refused = [error.outcome for error in errors if error.outcome in _TRUST]
    if refused:
        return min(refused, key=_WORST.index), ""
    if not open_sections:
        return Outcome.COMPLETE, ""
    return Outcome.PARTIAL, "; ".join(f"{s.name} {s.state}: {s.reason}" for s in open_sections)


def _good_enough(section: Section) -> bool:
    """Not complete, but all there is to be had: a device without licences, a way in that never gives more."""
    return section.expected or (section.state is State.UNSUPPORTED and section.name in (LICENCES, NEIGHBOURS))


def _idle(way: Way, ways: Sequence[Way]) -> bool:
    """A command line that does not answer, of a device no platform fits: there would have been nothing to ask it."""
    assert way.error is not None  # asked of ways without a reading only
    generic = any(other.reading and other.platform and other.platform.name == GENERIC for other in ways)
    return generic and way.error.outcome not in _TRUST


def _unread(way: Way) -> Reading:
    """A way that gave nothing, as a reading that says so; of neighbours only where the run asks for them."""
    wanted = way.platform is not None and way.platform.wants_neighbours()
    names = (name for name in SECTIONS if name != NEIGHBOURS or wanted)
    return Reading(way.via, sections=tuple(Section(name, State.FAILED, way.via, str(way.error)) for name in names))


def _vendor(merged: Merged) -> str:
    return next((unit.vendor for unit in merged.units if unit.vendor), "")


def _nobody_knows(reason: str) -> str:
    said = "it answers SNMP, but no platform fits and it has no ENTITY-MIB"
    return f"{said}; {reason}" if reason else said
