"""`python -m tests.year [SEED] [BOXES] [DAYS]`: live a year and say what came of it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main(seed: int = 1, boxes: int = 300, days: int = 400) -> None:
    from tests.year.run import live  # here: every worker process imports this module anew

    with tempfile.TemporaryDirectory() as folder:
        year = live(seed, Path(folder), boxes=boxes, days=days, told=lambda line: print(line, flush=True))
    half = len(year.resources) // 2
    peaks = [max(part, key=lambda r: r[0]) for part in (year.resources[:half], year.resources[half:])]
    print(f"seed {seed}: {year.days} days of {year.boxes} boxes in {year.seconds:.0f} s")
    print(f"replaced {year.replaced}, closed {year.closed}, removed {year.removed}, returned {year.returned}")
    print(f"peaks of the two halves (KiB, threads, files): {peaks}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
