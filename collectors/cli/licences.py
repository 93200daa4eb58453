"""Licence answers of a command line as rows: which form each answer has, and what all answers of a device make.

"IN USE" says nothing about a purchase. What `show version` says of licences counts only where no licence command gave a
row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from collectors.cli import classic_licences as classic
from collectors.cli import smart_agent, version_licences
from collectors.cli.smart_agent import Block, Told
from collectors.licence_words import AGENT, NONE, UDI, ends, smart_state, written
from collectors.model import Licence, LicenceState, Part
from collectors.serials import canonical

__all__ = ["Found", "beside", "bound", "of_device", "read"]

_SHOWN: Final = 80
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What one answer tells of licences."""

    licences: tuple[tuple[Licence, str], ...] = ()
    """Each with the slot it is counted on, "" where none is named."""
    told: Told | None = None
    """What the smart agent said."""
    at: date | None = None
    doubt: str = ""
    """The lines that were not understood."""


_FORMS: Final = (
    (re.compile(r"^\s*(?:Store)?Index:?\s*\d+:?\s+Feature:", re.I | re.M), classic.classic),
    (re.compile(r"^\s*(?:License Level In Use|License Name|Slot#\s+License Name)\b|right-to-use", re.I | re.M),
     classic.right_to_use),
    (re.compile(r"^\s*Feature\s+Ins\s|^\S+\s+(?:Yes|No)\s+(?:-|\d+)\s+(?:Unused|In use)", re.I | re.M),
     classic.managed),
    (re.compile(r"Licensed features for this platform|Activation Key", re.I), version_licences.keys),
    (re.compile(r"^\s*Feature/Area\s", re.M), classic.consumed),
)  # fmt: skip


def read(text: str, at: date | None) -> Found:
    """Read one answer by its form. *at* is its day, unless a stamp in it says another."""
    at = _stamped(text) or at
    for form, reader in _FORMS:
        if form.search(text):
            found = reader(text, at)
            return Found(found.licences, None, at, _named(found.doubts))
    told = smart_agent.read(text)
    if not (told.blocks or told.facts or told.serials or told.authorized or told.doubts) and not _says_none(text):
        told.doubts.append(next((line.strip() for line in text.splitlines() if line.strip()), "an empty answer"))
    return Found((), told, at, _named(told.doubts))


def beside(groups: Mapping[str, Sequence[Mapping[str, str]]], version: str, at: date | None) -> Found | None:
    """What *version*, the text of `show version`, tells of licences, else the groups of an operator's own template."""
    own = tuple((one, "") for one in _from_rows(groups))
    told = _in_version(version, at)
    return replace(told, licences=told.licences or own) if told.licences or told.told or own else None


def _in_version(text: str, at: date | None) -> Found:
    at = _stamped(text) or at
    told = Told()
    for line in text.splitlines():
        if match := re.fullmatch(r"\s*(?:Smart Licensing Status|ASAv Platform License State): (.+?)\s*", line):
            _status(match[1], told)
    return Found(tuple((one, "") for one in version_licences.in_version(text, at)), told if told.facts else None, at)


def _status(words: str, told: Told) -> None:
    """``UNREGISTERED/EVAL EXPIRED``; "Not Applicable" on both sides is licensing by policy, not its absence."""
    parts = [part.strip() for part in words.split("/")]
    if all(re.search(r"not applicable|using policy", part, re.I) for part in parts):
        told.facts["mode"] = "policy"
    for name, part in zip(("registration", "authorization"), parts, strict=False):
        if smart_state(part) is not LicenceState.UNKNOWN and not re.search(r"using policy", part, re.I):
            told.facts[name if len(parts) > 1 else "authorization"] = part


def of_device(asked: Sequence[Found], beside: Sequence[Found], parts: Sequence[Part]) -> tuple[Licence, ...]:
    """The rows of a device: its licences, then how it licenses.

    What is told *beside* the licence commands counts only where those say nothing of the kind. *parts* tell the serial
    of a stack member by its number.
    """
    slots = {
        match[1]: canonical(part.serial)
        for part in parts
        if (match := re.fullmatch(r"(?:switch\s*)?(\d+)", part.name.strip(), re.I))
    }
    found, weak = _rows(asked, slots), _rows(beside, slots)
    agent = any(one.feature == AGENT for one in found)
    some = any(one.feature != AGENT for one in found)
    return (*found, *(one for one in weak if not (agent if one.feature == AGENT else some)))


def bound(found: Iterable[Licence]) -> tuple[str, ...]:
    """The serials that the licence agent calls the device's own."""
    return tuple(one.serial for one in found if one.feature == AGENT and one.serial)


def _rows(found: Sequence[Found], slots: Mapping[str, str]) -> tuple[Licence, ...]:
    placed = [replace(one, serial=one.serial or slots.get(slot, "")) for f in found for one, slot in f.licences]
    agent = _agent([f.told for f in found if f.told])
    at = next((f.at for f in found if f.at), None)
    serial = next(iter(agent.serials)) if len(agent.serials) == 1 else ""
    smart = [_block(block, agent, serial, at) for block in agent.blocks]
    return (*_without_repeats([*placed, *smart, *_codes(agent, smart, serial)]), *_device(agent, at), *_udis(agent))


def _without_repeats(licences: Iterable[Licence]) -> tuple[Licence, ...]:
    """One row a feature, entitlement and serial: what one answer says in full, others repeat, or cut short by dots."""
    kept: list[Licence] = []
    for licence in sorted(licences, key=lambda one: one.entitlement.endswith("...")):
        at = next((at for at, other in enumerate(kept) if _same(licence, other)), None)
        if at is None:
            kept.append(licence)
        else:
            other = kept[at]
            state = licence.state if other.state is LicenceState.UNKNOWN else other.state
            kept[at] = replace(
                other, state=state, serial=other.serial or licence.serial, expires=other.expires or licence.expires
            )
    return tuple(kept)


def _from_rows(groups: Mapping[str, Sequence[Mapping[str, str]]]) -> tuple[Licence, ...]:
    """The licences in the groups of a template: `feature` (feature, type, words, left) and `right` (feature, type)."""
    return (
        *(
            Licence(
                row.get("feature", ""),
                classic.classic_state(row.get("type", ""), row.get("words", ""), row.get("left", "")),
                detail="; ".join(filter(None, (row.get("type", ""), row.get("words", ""), row.get("left", "")))),
            )
            for row in groups.get("feature", ())
        ),
        *(classic.running(row.get("feature", ""), row.get("type", "")) for row in groups.get("right", ())),
    )


def _same(one: Licence, other: Licence) -> bool:
    if one.serial and other.serial and one.serial != other.serial:
        return False
    cut = one.entitlement.removesuffix("...")
    short = len(cut) < len(one.entitlement)
    return one.feature == other.feature and (
        other.entitlement.startswith(cut) if short else one.entitlement == other.entitlement
    )


def _agent(told: Sequence[Told]) -> Told:
    """All answers of the agent as one; the first to say a thing wins, and a serial's cells are filled from each."""
    whole = Told()
    for one in told:
        whole.blocks += one.blocks
        whole.own = whole.own or one.own
        for key, value in one.facts.items():
            whole.facts.setdefault(key, value)
        for feature, words in one.authorized.items():
            whole.authorized[feature] = whole.authorized.get(feature, "") or words
        for serial, known in one.serials.items():
            held = whole.serials.setdefault(serial, known)
            for name in ("role", "product_id", "trust", "trust_ends", "authorization"):
                setattr(held, name, getattr(held, name) or getattr(known, name))
    return whole


def _block(block: Block, agent: Told, serial: str, at: date | None) -> Licence:
    state = smart_state(block.words)
    left = agent.facts.get("days_left", "") if state is LicenceState.EVALUATION else ""
    code = agent.authorized.get(block.feature, "")
    words = (block.words, block.kind, block.enforcement, code, f"days_left={left}" if left else "")
    return Licence(
        block.feature,
        state,
        block.entitlement,
        "; ".join(filter(None, words)),
        block.quantity if block.quantity.isdigit() else "",
        block.ends or ends(at, int(left) if left else None),
        serial,
    )


def _codes(agent: Told, smart: Sequence[Licence], serial: str) -> Iterator[Licence]:
    """What an authorisation code is installed for and nothing uses."""
    used = {one.feature for one in smart}
    for feature, words in agent.authorized.items():
        if feature not in used and _installed(words):
            yield Licence(feature, LicenceState.AUTHORIZED, "", words, serial=serial)


def _device(agent: Told, at: date | None) -> Iterator[Licence]:
    """The row that tells how the device licenses (README, "Licences")."""
    facts = agent.facts
    said = [facts[name] for name in ("registration", "authorization") if facts.get(name)]
    known = [words for words in said if smart_state(words) is not LicenceState.UNKNOWN]
    policy = facts.get("mode") == "policy" and not facts.get("registration")
    if not policy and not said:
        return
    active = next((serial for serial, one in agent.serials.items() if one.role == "active"), "")
    names = ("registration", "authorization", "days_left", "ack_required", "last_ack", "next_ack", "first_report_days",
             "report_days")  # fmt: skip
    detail = written({"mode": "policy" if policy else "registration", **{n: facts.get(n, "") for n in names}})
    if policy:
        acknowledged = facts.get("last_ack", NONE) != NONE or facts.get("ack_required") == "no"
        state, day = LicenceState.AUTHORIZED if acknowledged else LicenceState.DORMANT, facts.get("next_ack", "")
    else:
        worst = next((w for w in known if smart_state(w) is LicenceState.UNREGISTERED), known[-1] if known else "")
        state, day = smart_state(worst), _ends(facts, at)
    yield Licence(AGENT, state, "", detail, "", "" if day == NONE else day, agent.own or active)


def _ends(facts: Mapping[str, str], at: date | None) -> str:
    left = facts.get("days_left", "")
    told = ("evaluation period expired on", "communication deadline", "registration expires")
    return ends(at, int(left) if left else None) or next((facts[name] for name in told if facts.get(name)), "")


def _udis(agent: Told) -> Iterator[Licence]:
    for serial, known in agent.serials.items():
        own = serial == agent.own and len(agent.serials) == 1
        trust = known.trust or (agent.facts.get("trust", "") if own else "")
        code = NONE if re.fullmatch(r"not installed", known.authorization, re.I) else known.authorization
        detail = {"role": known.role, "product_id": known.product_id, "trust": trust, "authorization": code}
        state = LicenceState.AUTHORIZED if trust not in ("", NONE) or _installed(code) else LicenceState.DORMANT
        yield Licence(AGENT, state, UDI, written(detail), "", known.trust_ends, serial)


def _installed(words: str) -> bool:
    """Whether an authorisation's words say that its code is there."""
    return bool(re.search(r"\binstalled\b", words, re.I)) and not re.search(r"\bnot installed\b", words, re.I)


def _says_none(text: str) -> bool:
    return not text.strip() or bool(re.search(r"no licenses?\b|not enabled|disabled", text, re.I))


def _named(doubts: Sequence[str]) -> str:
    if not doubts:
        return ""
    shown = "; ".join(repr(doubt[:_SHOWN]) for doubt in doubts[:_NAMED])
    more = f" and {len(doubts) - _NAMED} more" if len(doubts) > _NAMED else ""
    return f"not understood: {shown}{more}"


def _stamped(text: str) -> date | None:
    """The day in ``Time source is NTP, 15:09:55.102 UTC Wed Nov 10 2021``, which some sessions print over answers."""
    match = re.search(r"^\s*Time source is .*\b([A-Z][a-z]{2}) (\d{1,2}) (\d{4})\s*$", text, re.M)
    try:
        return datetime.strptime(" ".join(match.groups()), "%b %d %Y").replace(tzinfo=UTC).date() if match else None
    except ValueError:
        return None
