"""A short year in the suite; `python -m tests.year SEED BOXES DAYS` lives a whole one."""

from __future__ import annotations

import random

from tests.year.run import live
from tests.year.world import RATES, World


def test_what_is_said_of_replacements_and_removals_holds_on_every_day(tmp_path):
    year = live(2, tmp_path, boxes=14, days=20, quick=True, busy=4)

    assert min(year.replaced, year.closed, year.removed) > 0
    threads, files = ([sizes[n] for sizes in year.resources] for n in (1, 2))
    half = len(threads) // 2
    assert max(threads[half:]) <= max(threads[:half])
    assert max(files[half:]) <= max(files[:half]) + 4  # sockets of a lab device that was put in another's place


def test_a_world_of_one_seed_is_always_the_same():
    def lived(seed: int) -> list[tuple[object, ...]]:
        world = World(seed, 20)
        for _ in range(30):
            world.advance()
        return [(box.address, box.hostname, box.fault, *sorted(box.slots.items())) for box in world.boxes]

    random.seed(1)
    first = lived(7)
    random.seed(2)

    assert first == lived(7) != lived(8)


def test_everything_that_can_happen_does():
    world = World(3, 300, busy=4)
    for _ in range(60):
        world.advance()
        for box in world.boxes:
            box.shifted = False

    assert set(world.happened) == set(RATES)
