"""A daily run: recorded observations into the store, reconciled, written; and the store after a year of them."""

from __future__ import annotations

from typing import Final

from tests.benchmarks.bench import Bench, Place, Results, Told, at_most, module

_AIM_MB: Final = 400


def _run(place: Place, devices: int) -> list[str]:
    return module(place, "ours_daily", devices, 1, place.out / f"daily-{devices}")


def _peak(results: Results) -> Told:
    return at_most(results["10,000 devices"].peak, _AIM_MB, "MB")


def _linear(results: Results) -> Told:
    return at_most(results["10,000 devices"].cpu / results["1,000 devices"].cpu, 10, "times the CPU time")


def _changes_only(results: Results) -> Told:
    """Two hundred more runs may add to the time of all what 200 runs are of 400, and no more."""
    return at_most(results["400 runs"].cpu / results["200 runs"].cpu, 2.2, "times the CPU time")


DAILY: Final = Bench(
    "daily",
    "A daily run over 10,000 devices and 600,000 units, polling left out",
    lambda place: {"10,000 devices": _run(place, 10_000), "1,000 devices": _run(place, 1_000)},
    {"no more than 400 MB": _peak, "from 1,000 to 10,000 devices no worse than linear": _linear},
    rounds=1,
)
YEAR: Final = Bench(
    "store",
    "The store after 400 daily runs over 100 devices with 1 % churn",
    lambda place: {
        f"{runs} runs": module(place, "ours_daily", 100, runs, place.out / f"store-{runs}") for runs in (200, 400)
    },
    {"the 400th run costs what the 200th did": _changes_only},
    rounds=1,
)
