"""The table of rules for the README: ``python -m reconcile.rules.document`` writes it to standard output."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from reconcile.policy import Severity, load
from reconcile.rules import rule_documents


def table(severity: Mapping[str, Severity]) -> str:
    """The rules as a Markdown table: code, class, severity, what must be supplied, the first sentence."""
    rows = [
        f"| {d['code']} | {d['class']} | {severity[d['code']]} | {d['needs'] or '-'} | {d['summary']} |\n"
        for d in rule_documents()
    ]
    return "| rule | class | severity | needs | what must hold |\n|---|---|---|---|---|\n" + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table(load().severity))
