"""How a contract line stands on a day: in force or not, and what it entitles to.

The line's own status and dates decide, not the contract's header: the vendor's coverage checker calls a serial
covered only on an active contract whose line has not expired. End dates are inclusive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NO_DAY, Bools, Ints, Text, days, first_told
from reconcile.policy import Policy, bare
from reconcile.products import mapped, matches

ACTIVE: Final = "active"
PENDING: Final = "pending"
ENDED: Final = "ended"
UNLISTED: Final = "none"
UNCLEAR: Final = "unclear"
STANDINGS: Final = (ACTIVE, PENDING, UNCLEAR, ENDED, UNLISTED)
"""Best first: the order in which the lines of one unit are preferred."""
HARDWARE: Final = "hardware"
SOFTWARE: Final = "software"
WORDS: Final = (HARDWARE, "tac", SOFTWARE)
"""What a line can entitle to, in the order in which it is written."""


def standings(lines: pd.DataFrame, as_of: date, policy: Policy) -> Text:
    """`active`, `pending`, `ended`, `none` (listed on no contract) or `unclear`, for each line."""
    words = mapped(lines["line_status"], {w: _word(w, policy) for w in lines["line_status"].unique()})
    today = as_of.toordinal()
    starts, ends = days(lines["line_start"]), days(lines["line_end"])
    over: Bools = (ends != NO_DAY) & (ends < today)
    backwards: Bools = (starts != NO_DAY) & (ends != NO_DAY) & (starts > ends)
    ahead: Bools = (starts != NO_DAY) & (starts > today)
    grace = policy.overdue_grace_days
    in_grace: Bools = (grace > 0) & (ends != NO_DAY) & (ends + grace >= today)
    bare_line: Bools = ((lines["line_status"] == "") & (lines["line_end"] == "")).to_numpy(dtype=bool)
    word = words.to_numpy(dtype=object)
    return first_told(
        [
            (word == UNCLEAR, UNCLEAR),
            ((word == PENDING) & ~over, PENDING),
            ((word == ENDED) | (word == PENDING), ENDED),
            ((word == UNLISTED) & over, ENDED),
            (word == UNLISTED, UNLISTED),
            ((word == "overdue") & in_grace, ACTIVE),
            (word == "overdue", ENDED),
            (over, ENDED),
            (backwards, UNCLEAR),
            (ahead, PENDING),
            (bare_line & (policy.lines.undated == UNCLEAR), UNCLEAR),
        ],
        lines.index,
        default=ACTIVE,
    )


def entitlements(lines: pd.DataFrame, policy: Policy) -> Text:
    """What each line entitles to, in words parted by a blank: of hardware, tac and software."""
    service = matches(lines["product_id"], policy.lines.service_product_ids)
    said = lines["line_kind"] + "\x1f" + lines["service_level"] + " " + lines["product_id"].where(service, "")
    return mapped(said, {s: _entitles(str(s), policy) for s in said.unique()})


def flags(entitles: Text) -> Ints:
    """Entitlements as bits, so that the lines of a unit are merged by a bitwise or."""
    codes, uniques = pd.factorize(entitles)
    bits = [sum(1 << place for place, word in enumerate(WORDS) if word in str(said).split()) for said in uniques]
    return np.array(bits, dtype=np.int64)[codes] if bits else np.empty(0, dtype=np.int64)


def words(bits: Ints) -> list[str]:
    """The words of `flags`, in their fixed order."""
    told = [" ".join(word for place, word in enumerate(WORDS) if n >> place & 1) for n in range(1 << len(WORDS))]
    return [told[n] for n in bits]


def ranks(standing: Text) -> Ints:
    """The place of each standing in `STANDINGS`."""
    order = {word: place for place, word in enumerate(STANDINGS)}
    codes, uniques = pd.factorize(standing)
    return np.array([*(order[str(word)] for word in uniques), 0], dtype=np.int64)[codes]


def _word(status: str, policy: Policy) -> str:
    return policy.line_status.get(bare(status), UNCLEAR)


def _entitles(said: str, policy: Policy) -> str:
    kind, _, level = said.partition("\x1f")
    for known in policy.service_level if kind in {"hardware", "serial_less", ""} else ():
        if re.search(known.pattern, level, re.I):
            return _in_order(known.entitles)
    defaults = policy.entitles
    chosen = {"software": defaults.software, "subscription": defaults.subscription}.get(kind, defaults.hardware)
    return _in_order(chosen)


def _in_order(entitlements: Sequence[str]) -> str:
    return " ".join(word for word in WORDS if word in entitlements)
