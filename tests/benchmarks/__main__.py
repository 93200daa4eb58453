"""``python -m tests.benchmarks [NAME...]``: measure the pairs, print the table, keep it in README.md."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.benchmarks import daily, polling, program, reconciling
from tests.benchmarks.bench import Bench, Measured, Place, measure, own_python
from tests.benchmarks.peers import install

BENCHES: Final[tuple[Bench, ...]] = (
    program.HELP,
    *polling.POLLING,
    reconciling.MILLION,
    reconciling.FIVE,
    daily.DAILY,
    daily.YEAR,
)
"""Every benchmark, once; a new one is a `Bench` of a module here and a row of this tuple."""
_README: Final = Path(__file__).with_name("README.md")
_BEGIN: Final = "<!-- measured: begin -->"
_END: Final = "<!-- measured: end -->"


def main(names: list[str]) -> int:
    """Measure the benchmarks of these names, all where none is given. 1 where a promise does not hold."""
    known = {bench.name: bench for bench in BENCHES}
    if unknown := [name for name in names if name not in known]:
        print(f"no benchmark {unknown[0]!r}; known are {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in names] or list(BENCHES)
    cells: list[str] = []
    kept = True
    with tempfile.TemporaryDirectory(prefix="netcover-bench-") as scratch:
        place = _place(Path(os.environ.get("NETCOVER_BENCH") or scratch), chosen)
        for bench in chosen:
            found = measure(bench, place, lambda words: print(words, file=sys.stderr))
            told, holds = _told(bench, found, place)
            cells += told
            kept = kept and holds
    table = "\n".join([_machine(), "", *cells])
    print(table)
    if not names:
        _keep(table)
    return 0 if kept else 1


def _place(folder: Path, chosen: list[Bench]) -> Place:
    data, out = folder / "data", folder / "out"
    for made in (data, out):
        made.mkdir(parents=True, exist_ok=True)
    wanted = [package for bench in chosen for package in bench.peers]
    return Place(data, out, own_python(), install(wanted, folder / "peers"))


def _told(bench: Bench, found: dict[str, Measured], place: Place) -> tuple[list[str], bool]:
    rows = [f"**{bench.title}** (`{bench.name}`, rounds: {bench.rounds})", ""]
    rows += ["| command | wall s | CPU s | peak MB |", "|---|---|---|---|"]
    rows += [f"| {name} | {one.wall:.2f} | {one.cpu:.2f} | {one.peak:.0f} |" for name, one in found.items()]
    rows += ["", "| promise | measured | holds |", "|---|---|---|"]
    kept = True
    for words, judge in bench.promises.items():
        told = judge(found)
        kept = kept and told.holds
        rows.append(f"| {words} | {told.figure} | {'yes' if told.holds else '**no**'} |")
    for figures in sorted(place.out.glob("*/figures.json")) if bench.name in ("daily", "store") else ():
        said = json.loads(figures.read_text())
        if figures.parent.name.startswith(bench.name):
            rows += ["", f"{figures.parent.name}: {json.dumps(said)}"]
    return [*rows, ""], kept


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    day = datetime.now(UTC).date()
    return f"{day}, {os.cpu_count()} cores of {model}, Python {platform.python_version()}, load {load:.1f} at the end"


def _keep(table: str) -> None:
    text = _README.read_text()
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    _README.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
