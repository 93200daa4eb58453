"""``python -m tests.audits.update [STORY...]``: write ``expected/`` anew from what comes out now."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.audits.told import HERE, STORIES, outcome

if __name__ == "__main__":
    for story in [HERE / name for name in sys.argv[1:]] or STORIES:
        with tempfile.TemporaryDirectory() as scratch:
            found = outcome(story, Path(scratch))
        (story / "expected").mkdir(exist_ok=True)
        for name, text in found.items():
            (story / "expected" / name).write_text(text, "utf-8")
