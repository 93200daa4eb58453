"""A story: audits of one small network, one after another, and exactly the files that come out of the last.

A folder here holds ``README.md`` (what happened, in a sentence or two), one folder for each audit named after its day
(``2026-03-02``), and ``expected/``. An audit's folder is what `netcover audit` takes, with ``devices/`` in place of a
network; what it does not hold is taken from the audit before it, file by file, so that a second audit holds only what
changed (an empty file takes one away).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from agent.audit import Request, audit
from agent.folder import Given
from collectors.model import Observation

HERE: Final = Path(__file__).parent
STORIES: Final = sorted(path.parent for path in HERE.glob("*/expected"))
TABLES: Final = ("units", "licences", "coverage", "lines", "findings", "changes", "skipped")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def outcome(story: Path, scratch: Path) -> dict[str, str]:
    """The tables of the story's last audit by file name, and the rules that could not be evaluated."""
    folder, out = scratch / "audit", scratch / "out"
    days = sorted(path for path in story.iterdir() if _DAY.fullmatch(path.name))
    for day in days:
        _lay(day, folder)
        noon = datetime.combine(date.fromisoformat(day.name), time(12), UTC)
        given = Given(folder=folder, captures=folder / "devices", out=out)
        request = Request(given, as_of=noon.date(), workbook=False, allow_incomplete=True)
        done = audit(request, here=scratch, now=lambda noon=noon: noon, progress=_quiet)
    found = {f"{name}.csv": (out / f"{name}.csv").read_text("utf-8") for name in TABLES}
    silent = "".join(f"{rule}: {why}\n" for rule, why in done.results.not_evaluated)
    return {name: text.replace(str(scratch), "") for name, text in found.items()} | {"not_evaluated.txt": silent}


def _lay(day: Path, folder: Path) -> None:
    for source in sorted(path for path in day.rglob("*") if path.is_file()):
        place = folder / source.relative_to(day)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.stat().st_size:
            shutil.copyfile(source, place)
        else:
            place.unlink(missing_ok=True)
    (folder / "devices").mkdir(parents=True, exist_ok=True)


@contextmanager
def _quiet(total: int) -> Iterator[object]:
    def tick(seen: Observation) -> None:
        pass

    yield tick
