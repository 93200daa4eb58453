"""The changes that go back to one provider: with the columns its own file had, without a word of another's.

What one provider sent never goes to another. Rows are parted by provider (`export.split`); here the evidence loses what
points at another's files, a reason that names another's contract is put in plain words, and the columns that no target
field took come back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd

from reconcile import tables
from reconcile.columns import records
from reconcile.export import split

_BETWEEN: Final = re.compile(r"[\s,;:()\"'\[\]{}]+")
_PLAIN: Final = {
    "ADD": "put this unit on the contract",
    "REMOVE": "take this line off the contract",
    "REPLACE": "put the new serial in the place of the old one on this line",
    "MOVE_SITE": "correct the site of this line",
    "CHANGE_PID": "correct the product of this line",
    "RENEW": "renew this line",
    "DO_NOT_RENEW": "do not renew this line",
    "RETURN": "this unit is to be returned",
    "RELICENSE": "this unit needs a licence of its own",
    "REVIEW": "look at this line with us",
}


def parts(
    changes: pd.DataFrame, by: Sequence[str], lines: pd.DataFrame, extra: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """The parts of *changes* by the stem of their file. *lines* (with `tables.LINES`) tell whose is what, *extra* holds
    the columns beside them, by file and row."""
    found = {}
    told: dict[str, frozenset[str]] = {}
    for stem, rows in split(changes, by).items():
        provider = str(rows["provider"].iloc[0])
        if provider not in told:
            told[provider] = _others_words(lines, provider)
        found[stem] = _with_own_columns(_discreet(rows, told[provider]), extra)
    return found


def _others_words(lines: pd.DataFrame, provider: str) -> frozenset[str]:
    """Words that only the lines of other providers hold: their names, contracts, files and sources."""
    columns = [name for name in ("provider", "contract_number", "source_file", "source") if name in lines.columns]
    mine = lines["provider"] == provider
    ours = _words(str(cell) for name in columns for cell in lines[name][mine].unique())
    theirs = _words(str(cell) for name in columns for cell in lines[name][~mine].unique())
    return frozenset(word for word in theirs - ours if len(word) > 1)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _BETWEEN.split(text.lower()) if word}


def _discreet(rows: pd.DataFrame, others: frozenset[str]) -> pd.DataFrame:
    if not others:
        return rows
    reasons, evidence = [], []
    for row in records(rows[["action", "reason", "evidence"]]):
        reasons.append(_PLAIN[row["action"]] if _tells(row["reason"], others) else row["reason"])
        evidence.append(_without(row["evidence"], others))
    return rows.assign(
        reason=pd.Series(reasons, index=rows.index, dtype="str"),
        evidence=pd.Series(evidence, index=rows.index, dtype="str"),
    )


def _tells(text: str, others: frozenset[str]) -> bool:
    return not others.isdisjoint(_words((text,)))


def _without(evidence: str, others: frozenset[str]) -> str:
    if not _tells(evidence, others):
        return evidence
    try:
        return json.dumps(_pruned(json.loads(evidence), others), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return ""


def _pruned(value: Any, others: frozenset[str]) -> Any:
    """The evidence less every text that holds another's word, and what that leaves empty."""
    if isinstance(value, dict):
        kept = {name: _pruned(inner, others) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in ("", [], {})}
    if isinstance(value, list):
        return [kept for inner in value if (kept := _pruned(inner, others)) not in ("", [], {})]
    return "" if _tells(str(value), others) else value


def _with_own_columns(rows: pd.DataFrame, extra: pd.DataFrame | None) -> pd.DataFrame:
    """The rows and, behind them, the columns of their own files that no target field took."""
    if extra is None or extra.empty:
        return rows
    mine = extra[extra["source_file"].isin(set(rows["source_file"]) - {""})]
    used = [name for name in mine.columns if name not in tables.ORIGIN and bool((mine[name] != "").any())]
    if not used:
        return rows
    named = {name: name if name not in rows.columns else f"{name} (file)" for name in used}
    joined = rows.merge(mine[[*tables.ORIGIN, *used]].rename(columns=named), on=list(tables.ORIGIN), how="left")
    return joined.fillna("").astype("str")
