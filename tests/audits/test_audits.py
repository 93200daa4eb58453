"""Every story gives exactly its expected files. ``make update`` writes them anew; read what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audits.told import STORIES, outcome


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_the_story_ends_as_expected(story: Path, tmp_path: Path) -> None:
    assert outcome(story, tmp_path) == {path.name: path.read_text("utf-8") for path in (story / "expected").iterdir()}


def test_every_story_says_what_happened() -> None:
    assert [story.name for story in STORIES if not (story / "README.md").is_file()] == []
