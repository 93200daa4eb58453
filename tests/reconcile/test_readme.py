"""The README of reconcile says what the code does."""

from __future__ import annotations

from pathlib import Path

import reconcile
from reconcile.rules.document import table
from tests.reconcile.story import POLICY

FOLDER = Path(reconcile.__file__).parent


def test_the_table_of_rules_is_the_one_the_docstrings_make():
    text = (FOLDER / "README.md").read_text("utf-8")

    assert text.partition("## The rules\n\n")[2] == table(POLICY.severity)


def test_the_modules_it_names_are_there():
    text = (FOLDER / "README.md").read_text("utf-8")
    named = {
        word.strip("`/ ") for row in text.splitlines() if row.startswith("| `") for word in row.split("|")[1].split(",")
    }

    assert [n for n in named if not (FOLDER / f"{n.partition(' ')[0].strip('`')}.py").exists() and n != "rules"] == []
