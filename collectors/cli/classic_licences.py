"""Licences before the smart agent: classic IOS activation, right-to-use, the NX-OS licence manager, IOS XR's counts.

Each function takes one answer and names the lines it does not understand. A dormant evaluation right that nobody uses
is no evaluation. Sources: recordings, but for `show license right-to-use` (vendor's configuration guides of the 3850
and 2960-X) and `show license platform summary` of IOS XR (vendor's command reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from collectors.licence_words import day_in, days_in, days_left, ends
from collectors.model import Licence, LicenceState
from collectors.serials import canonical


@dataclass(frozen=True, slots=True)
class Rows:
    """The licences of one answer, each with its slot (stack member) where one is named, and what was not understood."""

    licences: tuple[tuple[Licence, str], ...] = ()
    doubts: tuple[str, ...] = ()


Said = dict[str, str]
_NOISE: Final = re.compile(
    r"[-=*\s]*|(?:\S+[#>])?\s*(?:show (?:license|activation-key)\b.*)?|Load for five secs.*|(?:No t|T)ime source.*",
    re.I,
)

_INDEX: Final = re.compile(
    r"(?:Store)?Index:?\s*\d+:?\s+Feature:\s*(?P<feature>\S+)(?:\s+Version:\s*(?P<version>\S+))?\s*", re.I
)
_CLASSIC_LABELS: Final = (
    "period left", "period used", "license type", "license state", "license count", "license priority", "lock type",
    "vendor info", "license addition", "license generation version", "store index", "store name", "start date",
    "end date", "expiry date", "evaluation total period", "evaluation period left", "total period",
    "validity period", "comment", "comments", "edition", "total evaluation period", "version", "license store",
    "usage count", "max count", "in-use", "violation", "eula status", "transition", "expired period",
)  # fmt: skip
_TRIAL: Final = re.compile(r"eval|demo|extension", re.I)
_OVER: Final = re.compile(r"0\s+minutes?\s+0\s+seconds?|expired", re.I)


def classic(text: str, at: date | None) -> Rows:
    """`show license`, `show license detail` and `show license all` of IOS with activation keys: a block a feature."""
    blocks: list[Said] = []
    doubts: list[str] = []
    for line in lines(text):
        label, colon, value = (part.strip() for part in line.partition(":"))
        if match := _INDEX.fullmatch(line):
            blocks.append({"feature": match["feature"]})
        elif re.fullmatch(r"License Store:.*|No licenses.*", line, re.I):
            continue
        elif blocks and colon and label.lower() in _CLASSIC_LABELS:
            blocks[-1][label.lower()] = value
        else:
            doubts.append(line)
    return Rows(tuple((_classic(block, at), "") for block in blocks), tuple(doubts))


def _classic(said: Said, at: date | None) -> Licence:
    words, kind = said.get("license state", ""), said.get("license type", "")
    left = said.get("period left", "") or said.get("evaluation period left", "")
    state = classic_state(kind, words, left)
    days = days_in(left) if state in (LicenceState.EVALUATION, LicenceState.GRACE) else None
    detail = "; ".join(filter(None, (kind, words, f"period left: {left}" if left else "", days_left(days))))
    count = said.get("license count", "")
    bound = re.search(r"<SN>([^<]+)</SN>", said.get("vendor info", ""))
    return Licence(
        said["feature"],
        state,
        detail=detail or "no licence for it",
        quantity=number[0] if (number := re.match(r"\d+", count)) else "",
        expires=day_in(said.get("end date", "") or said.get("expiry date", "")) or ends(at, days),
        serial=canonical(bound[1]) if bound else "",
    )


def classic_state(kind: str, words: str, left: str) -> LicenceState:
    """The state in a classic licence's type, state and period left.

    A feature that is listed and has neither type nor state has no licence. Words that are masked or cut are unknown.
    """
    if not words and not kind:
        return LicenceState.DORMANT
    if re.search(r"not\s+in\s+use|inactive|not activated", words, re.I):
        return LicenceState.DORMANT
    if not re.search(r"in\s+use\b", words, re.I):
        return LicenceState.UNKNOWN
    if re.search(r"expired", words, re.I) or (_TRIAL.search(kind) and _OVER.match(left)):
        return LicenceState.EVALUATION_EXPIRED if _TRIAL.search(kind) else LicenceState.AUTHORIZATION_EXPIRED
    if re.search(r"grace", kind, re.I):
        return LicenceState.GRACE
    if _TRIAL.search(kind):
        return LicenceState.EVALUATION
    known = re.search(r"permanent|right\s*to\s*use|subscription|paid", kind, re.I)
    return LicenceState.IN_USE if known else LicenceState.UNKNOWN


_RTU_ROW: Final = re.compile(
    r"(?:(?P<slot>\d+)\s+)?(?P<feature>[a-z][\w-]*)\s+(?P<type>permanent|evaluation|base|adder|eval|right-to-use)\s+"
    r"(?:(?P<count>\d+|N/A)\s+)?(?P<left>Life\s?time|\d+(?:\s*(?:days?|weeks?).*)?|expired|not activated)",
    re.I,
)
_RTU_USAGE: Final = re.compile(
    r"(?P<slot>\d+)\s+(?P<feature>[a-z][\w-]*)\s+(?P<type>permanent|evaluation|base|adder)\s+"
    r"(?P<age>\d+\s*:\s*\d+\s*:\s*\d+)\s+(?P<used>yes|no)\s+(?P<eula>yes|no)",
    re.I,
)
_RTU_LEVEL: Final = re.compile(r"License Level In Use\s*:\s*(?P<feature>\S+)\s*(?P<type>.*)", re.I)
_RTU_NOISE: Final = re.compile(
    r"License Level on Reboot\s*:.*|Evaluation AP-Count\s*:.*|(?:Total )?AP[- ]Count Licenses.*|License Name\s+Type.*"
    r"|Slot#\s+License Name.*|Index\s*\d*:?",
    re.I,
)
_RTU_LABELS: Final = ("period left", "license type", "license state", "license count", "license location",
                      "license name", "license feature", "eula", "license version", "license priority")  # fmt: skip


def right_to_use(text: str, at: date | None) -> Rows:
    """`show license right-to-use summary`, `usage` or `detail` of the 3850, 3650 and 2960-X.

    The level in use is one row, whatever the table says of it; access point counts are rows of their own.
    """
    level: re.Match[str] | None = None
    rows: list[tuple[Said, str]] = []
    doubts: list[str] = []
    for line in lines(text):
        label, colon, value = (part.strip() for part in line.partition(":"))
        if match := _RTU_LEVEL.fullmatch(line):
            level = match
        elif match := _RTU_USAGE.fullmatch(line) or _RTU_ROW.fullmatch(line):
            rows.append(({k: v or "" for k, v in match.groupdict().items()}, match["slot"] or ""))
        elif colon and label.lower() in ("license name", "license feature"):
            rows.append(({"feature": value}, ""))
        elif rows and colon and label.lower() in _RTU_LABELS:
            rows[-1] = _detailed(rows[-1], label.lower(), value)
        elif not _RTU_NOISE.fullmatch(line):
            doubts.append(line)
    found = [(_right(said, level["feature"] if level else "", at), slot) for said, slot in rows]
    if level and not any(one.feature.lower() == level["feature"].lower() for one, _ in found):
        found.append((running(level["feature"], level["type"].strip()), ""))
    return Rows(tuple(found), tuple(doubts))


_RTU_CELLS: Final = {
    "license type": "type", "period left": "left", "license state": "state", "license count": "count",
}  # fmt: skip


def _detailed(row: tuple[Said, str], label: str, value: str) -> tuple[Said, str]:
    said, slot = row
    if label == "license location":
        number = re.search(r"\d+", value)
        return said, number[0] if number else slot
    name = _RTU_CELLS.get(label)
    return ({**said, name: value} if name else said), slot


def _right(said: Said, level: str, at: date | None) -> Licence:
    kind, left = said.get("type", ""), said.get("left", "")
    words = said.get("state", "") or said.get("used", "")
    trial = bool(re.match("eval", kind, re.I))
    over = trial and bool(re.match(r"expired|0$", left, re.I))
    unused = re.search(r"not", words, re.I) or words.lower() == "no"
    own = not level or said["feature"].lower() == level.lower() or "count" in said["feature"]
    used = not unused and (bool(words) or own)
    days = (int(left) if left.isdigit() else days_in(left)) if trial and used else None
    if not used:
        state = LicenceState.DORMANT
    elif trial:
        state = LicenceState.EVALUATION_EXPIRED if over else LicenceState.EVALUATION
    else:
        state = LicenceState.IN_USE if kind else LicenceState.UNKNOWN
    count = said.get("count", "")
    detail = ("RightToUse", kind, words, f"period left: {left}" if left else "", days_left(days))
    return Licence(
        said["feature"],
        state,
        detail="; ".join(filter(None, detail)),
        quantity=count if count.isdigit() else "",
        expires=ends(at, days),
    )


def running(feature: str, kind: str, next_level: str = "") -> Licence:
    """A level that runs, with its type where the device says it: ``RightToUse, Permanent``."""
    trial = _TRIAL.search(kind)
    other = next_level.lower() not in ("", "none", feature.lower())
    words = [kind, f"next_reload={next_level}" if other else ""]
    return Licence(
        feature, LicenceState.EVALUATION if trial else LicenceState.IN_USE, detail="; ".join(filter(None, words))
    )


_MANAGED: Final = re.compile(
    r"(?P<feature>\S+)\s+(?P<installed>Yes|No)\s+(?P<count>-|\d+|N/?A)\s+(?P<words>Unused|In use|[A-Z][\w*]*(?: \w+)?)"
    r"(?:\s+(?P<rest>.*))?",
    re.I,
)


def managed(text: str, at: date | None) -> Rows:
    """`show license usage` of NX-OS up to 9: a table; ``Ins`` says whether a licence file is there."""
    rows: list[tuple[Licence, str]] = []
    doubts: list[str] = []
    for line in lines(text):
        if re.fullmatch(r"Feature\s+Ins\s.*|Count|\*+ ?WARNING.*", line, re.I):
            continue
        if match := _MANAGED.fullmatch(line):
            one = _managed(match, at)
            rows.append((one, ""))
            if one.state is LicenceState.UNKNOWN:
                doubts.append(line)
        else:
            doubts.append(line)
    return Rows(tuple(rows), tuple(doubts))


def _managed(match: re.Match[str], at: date | None) -> Licence:
    installed, words, rest = match["installed"].lower() == "yes", match["words"], match["rest"] or ""
    expiry = day_in(rest)
    days = days_in(rest) if re.search(r"grace", rest, re.I) and not expiry else None
    if words.lower() == "unused":
        state = LicenceState.DORMANT
    elif words.lower() != "in use":
        state = LicenceState.UNKNOWN
    elif re.search(r"expired", rest, re.I):
        state = LicenceState.AUTHORIZATION_EXPIRED
    elif installed:
        state = LicenceState.IN_USE
    else:
        state = LicenceState.GRACE if re.search(r"grace|honou?r", rest, re.I) else LicenceState.NOT_AUTHORIZED
    counting = days if state is LicenceState.GRACE else None
    comments = re.sub(r"^(?:never|\d{1,2} [A-Z][a-z]{2} \d{4})\s*|^-$", "", rest, flags=re.I).strip(" -")
    detail = (words, "installed" if installed else "not installed", comments, days_left(counting))
    return Licence(
        match["feature"],
        state,
        detail="; ".join(filter(None, detail)),
        quantity=match["count"] if match["count"].isdigit() else "",
        expires=expiry or ends(at, counting),
    )


_CONSUMED: Final = re.compile(r"(?P<area>\S.*?)\s{2,}(?P<feature>\S.*?)\s{2,}(?P<last>\d+)\s+(?P<next>\d+)")
_CONSUMED_NOISE: Final = re.compile(
    r"Current state\s*:.*|Collection\s*:.*|Reporting\s*:.*|Parameters\s*:.*|(?:NEXT|LAST)\s*:.*|.* interval\s*:.*"
    r"|Throughput gauge\s*:.*|Feature/Area\s.*|Count|Last\s+Next|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:.]+ .*"
    r"|Consumption Model.*|Total Consumption.*",
    re.I,
)


def consumed(text: str, at: date | None) -> Rows:
    """`show license platform summary` of IOS XR: what was counted last is in use."""
    rows: list[tuple[Licence, str]] = []
    doubts: list[str] = []
    for line in lines(text):
        if match := _CONSUMED.fullmatch(line):
            state = LicenceState.IN_USE if int(match["last"]) else LicenceState.DORMANT
            rows.append((Licence(match["feature"], state, detail=match["area"], quantity=match["last"]), ""))
        elif not _CONSUMED_NOISE.fullmatch(line):
            doubts.append(line)
    return Rows(tuple(rows), tuple(doubts))


def lines(text: str) -> Iterator[str]:
    """The lines that may say something."""
    flat = (line.strip() for line in text.replace("\t", "  ").splitlines())
    return (line for line in flat if not _NOISE.fullmatch(line))
