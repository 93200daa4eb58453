"""What an ASA's activation keys and the `show version` of any system tell of licences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from collectors.cli.classic_licences import Rows, lines, running
from collectors.licence_words import days_in, days_left, ends
from collectors.model import Licence, LicenceState

_TERM: Final = re.compile(
    r"(?P<feature>[A-Z0-9][^:]*?)\s*:\s*(?P<value>\S.*?)\s+(?P<term>perpetual|\d+ days|expired.*|time-?based)", re.I
)
_BARE: Final = re.compile(r"(?P<feature>[A-Z0-9][^:]*?)\s*:\s*(?P<value>Enabled|Unlimited|Active/\S+|\d+)", re.I)
"""A feature of a release before 8.2, and of a PIX: it has no term, as all of them were perpetual."""
_BARE_ENDS: Final = re.compile(r"This platform has |Serial Number|Failover cluster", re.I)
_SMART: Final = re.compile(r"License mode\s*:\s*Smart Licensing", re.I)
"""What follows are the limits of the platform then, whatever is licensed."""
_OTHER_LIST: Final = re.compile(r"Failover cluster licensed features.*", re.I)
_OWN_LIST: Final = re.compile(r"Licensed features for this platform.*|Active Timebased Activation Key.*", re.I)
_KEY_NOISE: Final = re.compile(
    r"Serial Number\s*:.*|(?:Running|Flash|Active|Backup) .*Activation Key\b.*|(?:0x[0-9a-f]+\s*)+|This platform has .*"
    r"|The (?:flash|running) .*|No active .*|License mode\s*:.*|The Running Activation Key .*|Not available.*"
    r"|[A-Z0-9][^:]*\s*:\s*\S.*",
    re.I,
)


def keys(text: str, at: date | None) -> Rows:
    """`show activation-key` of an ASA: the box's own features; what is disabled or zero is no licence.

    A feature on a time-based key is an evaluation: it ends, and the feature with it.
    """
    found, doubts = terms(lines(text), at)
    return Rows(tuple((one, "") for one in found), tuple(doubts))


def terms(shown: Iterable[str], at: date | None) -> tuple[list[Licence], list[str]]:
    """The features in the lines shown, and the lines that were not understood."""
    rows: dict[str, Licence] = {}
    doubts: list[str] = []
    own, listed, smart = True, False, False
    for line in shown:
        smart = smart or bool(_SMART.fullmatch(line))
        listed = (listed or bool(_OWN_LIST.fullmatch(line))) and not (smart or _BARE_ENDS.match(line))
        if _OTHER_LIST.fullmatch(line) or _OWN_LIST.fullmatch(line):
            own = bool(_OWN_LIST.fullmatch(line))
        elif match := _TERM.fullmatch(line):
            if own and match["value"].lower() not in ("disabled", "0"):
                rows.setdefault(match["feature"], _term(match, at))
        elif listed and (match := _BARE.fullmatch(line)):
            if match["value"] != "0":
                rows.setdefault(match["feature"], _bare(match))
        elif not _KEY_NOISE.fullmatch(line):
            doubts.append(line)
    return list(rows.values()), doubts


def _term(match: re.Match[str], at: date | None) -> Licence:
    value, term = match["value"], match["term"]
    days = days_in(term)
    if re.match(r"expired|0 days", term, re.I):
        state, days = LicenceState.AUTHORIZATION_EXPIRED, None
    else:
        state = LicenceState.IN_USE if term.lower() == "perpetual" else LicenceState.EVALUATION
    return Licence(
        match["feature"],
        state,
        detail="; ".join(filter(None, (f"{value} {term}", days_left(days)))),
        quantity=value if value.isdigit() else "",
        expires=ends(at, days),
    )


def _bare(match: re.Match[str]) -> Licence:
    value = match["value"]
    return Licence(match["feature"], LicenceState.IN_USE, detail=value, quantity=value if value.isdigit() else "")


def in_version(text: str, at: date | None) -> tuple[Licence, ...]:
    """What `show version` tells of licences: levels, technology packages, an ASA's features. It is no licence answer,
    so nothing here is doubted."""
    shown = tuple(lines(text))
    switch_or_router = re.search(r"\bIOS\b|NX-OS", text)
    own = [] if switch_or_router else terms(shown, at)[0]
    return (*_levels(shown), *_packages(text), *own)


def _levels(shown: Iterable[str]) -> Iterator[Licence]:
    """``License Level: ipservices  Type: Permanent``, or the type and the next level on lines of their own."""
    level, kind, following = "", "", ""
    for line in shown:
        if match := re.fullmatch(r"License Level: (.+?)(?:\s+Type: (.+))?", line, re.I):
            if level:
                yield running(level, kind, following)
            level, kind, following = match[1], match[2] or "", ""
        elif match := re.fullmatch(r"License Type: (.+)", line, re.I):
            kind = kind or match[1]
        elif match := re.fullmatch(r"Next (?:reload|reboot) license Level: (.+)", line, re.I):
            following = match[1]
    if level:
        yield running(level, kind, following)


_PACKAGED: Final = re.compile(
    r"(?:\S+\s+)??(?P<current>\S+)\s+"
    r"(?P<type>Permanent|Right ?To ?Use|Eval\w*|(?:Subscription )?Smart License|Subscription)\s+(?P<next>\S+)",
    re.I,
)


def _packages(text: str) -> Iterator[Licence]:
    """The rows of ``Technology Package License Information``: [technology,] current, type, next reboot."""
    inside = ruled = False
    for raw in text.replace("\t", "  ").splitlines():
        line = raw.strip()
        if re.match(r"Technology(?: |-)package|Technology Package License Information", line, re.I):
            inside, ruled = True, False
        elif inside and re.fullmatch(r"-{20,}", line):
            ruled = True
        elif inside and ruled and not line:
            inside = False
        elif inside and ruled:
            match = _PACKAGED.fullmatch(line)
            if match and match["current"].lower() != "none":
                yield running(match["current"], match["type"], match["next"])
