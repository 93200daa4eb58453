"""What the rules say of themselves: their docstrings and rows of `RULES` as documents, and the README's table of them.

``python -m reconcile.rules.document`` writes the table to standard output.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconcile.policy import Severity, load
from reconcile.rules import RULES, Rule

_LABELS: Final = ("Rests on:", "Exempt:", "Action:")


@dataclass(frozen=True, slots=True)
class Document:
    """One rule in words, each field a text in one line."""

    code: str
    cls: str
    severity: str
    """The policy's; a story may lower it."""
    needs: str
    """Inputs without which it is reported once as not evaluated."""
    condition: str
    """What must hold: the docstring's first sentence or paragraph."""
    more: tuple[str, ...]
    """Further paragraphs on what must hold."""
    rests_on: str
    """The sentence of policy (S0 to S4), or practice; with its mark, and whether the vendor was asked."""
    exempt: str
    action: str
    """The sentence of findings.csv; words in <angle brackets> are filled in."""
    verdicts: str
    """Verdicts that its findings may stand beside."""


def documents(severity: Mapping[str, Severity]) -> list[Document]:
    """Every rule in the order of `RULES`."""
    return [_document(rule, severity[rule.code]) for rule in RULES]


def table(severity: Mapping[str, Severity]) -> str:
    """The rules as a Markdown table: code, class, severity, what must be supplied, the first sentence."""
    rows = [f"| {d.code} | {d.cls} | {d.severity} | {d.needs} | {d.condition} |\n" for d in documents(severity)]
    return "| rule | class | severity | needs | what must hold |\n|---|---|---|---|---|\n" + "".join(rows)


def _document(rule: Rule, severity: str) -> Document:
    paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(rule.find) or "").split("\n\n")]
    told = {
        label: part.removeprefix(label).strip() for part in paragraphs for label in _LABELS if part.startswith(label)
    }
    plain = [part for part in paragraphs if not part.startswith(_LABELS)]
    return Document(
        code=rule.code,
        cls=rule.cls,
        severity=severity,
        needs=", ".join(rule.needs) or "-",
        condition=plain[0] if plain else "",
        more=tuple(plain[1:]),
        rests_on=told.get("Rests on:", ""),
        exempt=told.get("Exempt:", "nothing"),
        action=told.get("Action:", ""),
        verdicts=", ".join(rule.verdicts) or "any",
    )


if __name__ == "__main__":
    sys.stdout.write(table(load().severity))
