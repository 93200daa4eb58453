"""The program: how long it takes to say what it can do, beside the imports that no such program can do without."""

from __future__ import annotations

from typing import Final

from tests.benchmarks.bench import Bench, Place, Results, Told, at_most

_TIMES: Final = 2


def _commands(place: Place) -> dict[str, list[str]]:
    python = str(place.python)
    return {
        "netcover --help": [python, "-m", "agent.main", "--help"],
        "import typer, rich": [python, "-c", "import typer, rich"],
    }


def _help(results: Results) -> Told:
    return at_most(results["netcover --help"].cpu / results["import typer, rich"].cpu, _TIMES, "times the CPU time")


HELP: Final = Bench(
    "help",
    "netcover --help",
    _commands,
    {"within twice the time of importing Typer and Rich alone": _help},
    rounds=9,
)
