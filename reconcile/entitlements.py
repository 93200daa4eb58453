"""Licences that were bought, and the names under which features are compared.

A feature has many spellings (``network-advantage``, ``C9300 48P Network Advantage``, ``ipbasek9``). Compared is its
name: the step of a ladder that the words end in, else the words without case, punctuation and suffix. Ladders and
suffixes are the policy's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from reconcile import tables
from reconcile.columns import NO_DAY, Text, days, numbers, serials
from reconcile.ledger import Ledger
from reconcile.policy import Policy, bare
from reconcile.products import mapped, matches


def bought(ledger: Ledger) -> pd.DataFrame:
    """The entitlements with `name`, `covers` (every name that it licenses), `count`, `counted`, and the booleans
    `started` and `ended`.

    `counted` is false where no quantity is said, or the words are those of an enterprise agreement. End dates are
    inclusive.
    """
    given = ledger.inputs.entitlements
    rows = tables.table((*tables.ENTITLEMENTS, *tables.ORIGIN)) if given is None else given.reset_index(drop=True)
    policy, today = ledger.policy, ledger.as_of.toordinal()
    starts, ends = days(rows["starts"]), days(rows["expires"])
    said = rows["feature"] + " " + rows["level"] + " " + rows["account"] + " " + rows["order"]
    unlimited = matches(said, policy.licences.unlimited) if policy.licences.unlimited else pd.Series(False, rows.index)
    name = names((rows["feature"], rows["feature"] + " " + rows["level"], rows["level"]), policy)
    return rows.assign(
        vendor=rows["vendor"].str.strip().str.lower(),
        serial=serials(rows["serial"]),
        name=name,
        covers=covers(name, policy),
        count=numbers(rows["quantity"]),
        counted=(rows["quantity"] != "") & ~unlimited,
        started=np.asarray((starts == NO_DAY) | (starts <= today), dtype=bool),
        ended=np.asarray((ends != NO_DAY) & (ends < today), dtype=bool),
    )


def in_force(rows: pd.DataFrame) -> pd.DataFrame:
    """Those of `bought` that have started and not ended, one row for each name in `covers`."""
    return rows[rows["started"] & ~rows["ended"]].explode("covers", ignore_index=True)


def names(columns: Sequence[Text], policy: Policy) -> Text:
    """Row by row the name of the first column that ends in a step of a ladder, else of the first that is not blank."""
    told = [mapped(c, {words: feature_name(str(words), policy) for words in c.unique()}) for c in columns]
    steps = {step for ladder in ladders(policy) for step in ladder}
    found = pd.Series("", index=columns[0].index, dtype="str")
    for name in (*(t.where(t.isin(steps), "") for t in told), *told):
        found = found.where(found != "", name)
    return found


def covers(name: Text, policy: Policy) -> pd.Series[str]:
    """For each name the tuple of names that its licence covers."""
    known = {str(word): covered(str(word), policy) for word in name.unique()}
    return pd.Series([known[str(word)] for word in name], index=name.index, dtype=object)


def covered(name: str, policy: Policy) -> tuple[str, ...]:
    """The names that a licence of *name* covers: itself, and the steps below it on every ladder that has it.

    >>> from reconcile.policy import load
    >>> covered("networkadvantage", load())
    ('networkadvantage', 'networkessentials')
    """
    below = [step for ladder in ladders(policy) if name in ladder for step in ladder[: ladder.index(name)]]
    return (name, *dict.fromkeys(below))


def in_words(features: Text, levels: Text) -> Text:
    """Each feature with its level, for people; what both say is said once.

    >>> list(in_words(pd.Series(["ipbase", "network"]), pd.Series(["IPBASE", "advantage"])))
    ['ipbase', 'network advantage']
    """
    pairs = zip(features.str.strip(), levels.str.strip(), strict=True)
    told = [f if bare(f).endswith(bare(level)) else level if bare(level).startswith(bare(f)) else f"{f} {level}"
            for f, level in pairs]  # fmt: skip
    return pd.Series(told, index=features.index, dtype="str")


def feature_name(words: str, policy: Policy) -> str:
    """The name under which a feature is compared.

    >>> from reconcile.policy import load
    >>> feature_name("C9300 48P Network Advantage", load()), feature_name("securityk9", load())
    ('networkadvantage', 'security')
    """
    plain = words.strip()
    for suffix in policy.licences.suffixes:
        plain = re.sub(suffix, "", plain, flags=re.I)
    plain = bare(plain)
    steps = [step for ladder in ladders(policy) for step in ladder if plain.endswith(step)]
    return max(steps, key=len, default=plain)


def ladders(policy: Policy) -> list[list[str]]:
    """The ladders' steps as names, lowest first."""
    return [[bare(step) for step in ladder] for ladder in policy.feature_ladders.values()]


def spellings(policy: Policy) -> dict[str, str]:
    """The ladders' steps as the policy writes them, by name."""
    return {bare(step): step for ladder in policy.feature_ladders.values() for step in ladder}
