"""Which findings to look at first."""

from __future__ import annotations

from typing import Final

import pandas as pd

SEVERITIES: Final = ("error", "warning", "info")
_CLASSES: Final = ("unlicensed", "uncovered", "replaced", "data")
_SCAN: Final = "SCAN-INCOMPLETE"


def open_ones(findings: pd.DataFrame) -> pd.DataFrame:
    """The findings that are neither accepted nor closed."""
    return findings[findings["status"].isin(("new", "open"))]


def worst_first(findings: pd.DataFrame) -> pd.DataFrame:
    """The open findings by severity; of one severity what the contracts are about before what the data is about. What
    could not be read stands elsewhere."""
    found = open_ones(findings)
    found = found[found["rule"] != _SCAN]
    rank = found["severity"].map({name: n for n, name in enumerate(SEVERITIES)})
    about = found["class"].map({name: n for n, name in enumerate(_CLASSES)})
    return found.assign(rank=rank, about=about).sort_values(["rank", "about", "rule", "serial", "key"])
