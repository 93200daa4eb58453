"""What a benchmark is, and how its commands are measured: each in a fresh process, in turn, medians of the rounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """The medians of a command's rounds."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of user and system time, of the process and those it waited for."""
    peak: float
    """MB of resident memory, the largest of the rounds."""
    said: Mapping[str, float] = field(default_factory=dict)
    """What the command printed about itself, as JSON on its last line: ``seconds`` without the start of its process."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a benchmark finds what it needs."""

    data: Path
    """A folder for made-up data, kept between the commands of one run."""
    out: Path
    python: Path
    """The interpreter that netcover is installed in."""
    peers: Path
    """That of the peers' own environment."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a promise."""

    holds: bool
    figure: str
    """The figure that decides, in words."""


Results = Mapping[str, Measured]
"""By the names of a benchmark's commands."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One thing that is measured: commands that run in turn, and the promises their medians are held against."""

    name: str
    title: str
    commands: Callable[[Place], Mapping[str, Sequence[str]]]
    """The commands by name, ours first."""
    promises: Mapping[str, Callable[[Results], Told]]
    """What is promised, in words, and what a run says of it."""
    prepare: Callable[[Place], None] = lambda place: None
    """Makes the data; not measured."""
    around: Callable[[Place], AbstractContextManager[object]] = nullcontext
    """What is there while the commands run: the devices that they visit."""
    peers: tuple[str, ...] = ()
    """Packages that the other side needs, by name."""
    rounds: int = 3


def measure(bench: Bench, place: Place, say: Callable[[str], None]) -> dict[str, Measured]:
    """Run every command of *bench* once a round, in turn, so that a busy machine is busy for all of them."""
    bench.prepare(place)
    found: dict[str, list[Measured]] = {}
    with bench.around(place):
        for number in range(bench.rounds):
            for name, command in bench.commands(place).items():
                one = once(command)
                say(f"{bench.name} {number + 1}/{bench.rounds}: {name}: {one.wall:.2f} s, {one.cpu:.2f} s of CPU")
                found.setdefault(name, []).append(one)
    return {name: _medians(rounds) for name, rounds in found.items()}


def _medians(rounds: Sequence[Measured]) -> Measured:
    said = {key: median(one.said[key] for one in rounds) for key in rounds[0].said}
    return Measured(
        median(one.wall for one in rounds), median(one.cpu for one in rounds), max(one.peak for one in rounds), said
    )


def once(command: Sequence[str]) -> Measured:
    """Run *command* in a process of its own. Raises RuntimeError with its last words where it fails.

    A process starts with the memory of the one that made it on its account: this one imports nothing large.
    """
    start = perf_counter()
    with (
        tempfile.TemporaryFile() as printed,
        subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=subprocess.PIPE, env=_environment()) as process,
    ):
        assert process.stderr is not None  # a pipe was asked for
        words = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = perf_counter() - start
        said = _said(printed)
    if process.returncode:
        message = f"{' '.join(command)} ended with {process.returncode}: {words.decode(errors='replace')[-2000:]}"
        raise RuntimeError(message)
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def _said(printed: IO[bytes]) -> dict[str, float]:
    """The numbers of a last line that is JSON."""
    printed.seek(0)
    last = (printed.read().splitlines() or [b""])[-1]
    found = json.loads(last) if last.startswith(b"{") else {}
    return {key: float(value) for key, value in found.items() if isinstance(value, int | float)}


def module(place: Place, name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this folder under netcover's interpreter."""
    return [str(place.python), "-m", f"tests.benchmarks.{name}", *map(str, arguments)]


def at_most(figure: float, limit: float, unit: str) -> Told:
    """A promise of the form "no more than"."""
    return Told(figure <= limit, f"{figure:.2f} {unit} of at most {limit:g}")


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def own_python() -> Path:
    """The interpreter that runs the benchmarks."""
    return Path(sys.executable)
