"""The year itself: every day the world moves on, is polled and judged, and what netcover says is held to the truth."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

from agent.audit import Request, collect_only
from agent.folder import Given, locate
from agent.judging import judge, of_files
from agent.prepare import prepare
from agent.removals import confirm, list_waiting
from agent.store import open_store, removals
from collectors import collect as collecting
from tests.lab import Lab, running_lab
from tests.year.served import device, empty, write_contracts, write_settings, write_targets
from tests.year.world import World

START = datetime(2026, 1, 1, 2, tzinfo=UTC)


class Wrong(AssertionError):
    """netcover said something that is not so; the message holds the seed and the day."""


@dataclass(slots=True)
class Year:
    """What came of it."""

    days: int = 0
    boxes: int = 0
    replaced: int = 0
    closed: int = 0
    removed: int = 0
    returned: int = 0
    held: int = 0
    seen: set[str] = field(default_factory=set)
    """Every serial that netcover ever read: it cannot miss another."""
    came: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By serial the box it is in, and since when."""
    resources: list[tuple[int, int, int]] = field(default_factory=list)
    """Resident memory in KiB, threads, open files: after each day."""
    seconds: float = 0.0


def live(
    seed: int,
    folder: Path,
    *,
    boxes: int,
    days: int,
    quick: bool = False,
    busy: float = 1.0,
    told: Callable[[str], None] = lambda line: None,
) -> Year:
    """Live the year of *seed*. Raises Wrong with the seed and the day at the first untruth.

    With *quick* the answers are understood in this process: starting the workers takes longer than a small fleet.
    *busy* says how much more happens than in a usual year.
    """
    with patch.object(collecting, "workers", _no_workers) if quick else nullcontext():
        return _live(World(seed, boxes, busy=busy), seed, folder, days=days, told=told)


@contextmanager
def _no_workers(number: int) -> Iterator[Callable[..., Awaitable[Any]]]:
    async def parse(function: Callable[..., Any], *args: object) -> Any:
        return function(*args)

    yield parse


def _live(world: World, seed: int, folder: Path, *, days: int, told: Callable[[str], None]) -> Year:
    folder.mkdir(parents=True, exist_ok=True)
    year, started = Year(boxes=len(world.boxes)), time.monotonic()
    with _served(world) as lab:
        write_settings(folder, world, snmp_port=lab.snmp_port, ssh_port=lab.ssh_port)
        shown = {box.address: device(box, 0) for box in world.boxes}
        for day in range(1, days + 1):
            if day > 1:
                world.advance()
            shown = _serve(lab, world, shown)
            try:
                _day(folder, world, year)
            except Wrong as wrong:
                raise Wrong(f"seed {seed}, day {day}: {wrong}") from None
            year.resources.append(_resources())
            if day % 20 == 0:
                told(f"day {day}: {year.replaced} replaced, {year.removed} removed, {year.resources[-1]}")
    year.days, year.seconds = days, time.monotonic() - started
    told(f"{dict(world.happened)}")
    return year


@contextmanager
def _served(world: World) -> Iterator[Lab]:
    spare = [empty(address) for address in world.addresses[len(world.boxes) :]]
    with running_lab([*(device(b, 0) for b in world.boxes), *spare], snmp_port=0, ssh_port=0) as lab:
        yield lab


def _serve(lab: Lab, world: World, shown: dict) -> dict:
    """Put what changed since yesterday into the lab."""
    now = {box.address: device(box, world.day) for box in world.boxes}
    for address in sorted(shown.keys() - now.keys()):
        lab.replace(empty(address))
    for address, new in now.items():
        if shown.get(address) != new:
            lab.replace(new)
    return now


def _day(folder: Path, world: World, year: Year) -> None:
    moment = START + timedelta(days=world.day)
    write_targets(folder, world)
    write_contracts(folder, world)
    request = Request(given=Given(folder=folder), as_of=moment.date(), allow_incomplete=True)
    progress = lambda total: nullcontext(lambda seen: None)  # noqa: E731 - a bar nobody looks at
    run = collect_only(request, here=folder, now=lambda: moment, progress=progress).run
    place = folder / "out" / "netcover.db"
    with open_store(f"sqlite:///{place}", clock=lambda: moment) as store:
        prepared, today = prepare(locate(request.given, folder, polls=False), request.as_of, moment)
        results = judge(store, run, of_files(prepared, today), now=lambda: moment)
        before = store.last_reconciled(before=run)
        year.seen |= set(store.units(run)["serial"])
        day = _Day(
            world, year, run, results.findings, store.findings(before) if before else None, store.targets(run),
            store.read(removals.absent),
        )  # fmt: skip
        day.check()
        year.returned = int((store.read(removals.log)["event"] == "returned").sum())
        _operator(store, world, year, prepared.policy, moment)


def _operator(store, world: World, year: Year, policy, moment: datetime) -> None:
    """Whoever runs the network confirms what the brake holds, where it is true."""
    here = {unit.serial for _, _, unit in world.installed()}
    held = list_waiting(store)
    year.held += len(held)
    true = [serial for serial in held["serial"] if serial not in here]
    if true:
        confirm(store, true, everything=False, who="lab", reason="seen to", policy=policy, now=moment)


@dataclass(slots=True)
class _Day:
    """One judged run beside the truth."""

    world: World
    year: Year
    run: int
    findings: pd.DataFrame
    before: pd.DataFrame | None
    targets: pd.DataFrame
    absent: pd.DataFrame

    def check(self) -> None:
        for box, _, unit in self.world.installed():
            if self.year.came.get(unit.serial, (-1, 0))[0] != box.number:
                self.year.came[unit.serial] = (box.number, self.world.day)
        whole = self.targets["inventory_state"] == "complete"
        read = set(self.targets["address"][whole])
        self._removals(read)
        self._replacements(read)
        self._findings(read)
        for box in self.world.boxes:
            if box.address in read and not box.fault:
                box.shifted = False

    def _removals(self, read: set[str]) -> None:
        state = {row.serial: row for row in self.absent.itertuples(index=False)}
        here = {unit.serial: box for box, _, unit in self.world.installed()}
        for serial, box in here.items():
            if serial in state and state[serial].state != "missing":
                if box.shifted and box.address not in read:
                    continue  # it moved into a box that was not read since: nobody can know
                raise Wrong(f"{serial} is in {box.hostname} and was called {state[serial]}")
        for gone in self.world.gone.values():
            box = self.world.boxes[gone.box]
            if gone.serial not in self.year.seen:
                continue
            gone.readings += box.address in read
            told = state.get(gone.serial)
            done = told is not None and told.state in ("removed", "replaced")
            braked = bool((self.absent["brake"] != "").any())
            if gone.readings >= 2 and not done and not (told is not None and braked):
                raise Wrong(f"{gone.serial} left {box.hostname} on day {gone.day} and is {told}")
            if done and told.settled_run == str(self.run):
                self.year.removed += 1

    def _replacements(self, read: set[str]) -> None:
        told = self._of("COV-REPLACED", ("new", "open"))
        found = {(row["serial"], row["new_serial"]): row for row in told}
        for swap in self.world.swaps.values():
            box = self.world.boxes[swap.box]
            pair = (swap.old, swap.new)
            if not swap.found and pair in found:
                swap.found = self.run
                self.year.replaced += 1
            shown = box.address in read and swap.new in {unit.serial for unit in box.shown().values()}
            if pair not in found and swap.old in self.year.seen and (swap.found or shown):
                raise Wrong(f"{pair} in {box.hostname} since day {swap.day} is not found; {swap}; {self._about(pair)}")
        true = {(swap.old, swap.new) for swap in self.world.swaps.values()}
        seen = {unit.serial for box, _, unit in self.world.installed() if box.address in read}
        for pair in found:
            unsure = '"unconfirmed":true' in found[pair]["evidence"] or self._hidden(pair[0], read)
            if pair not in true and not unsure and (pair[0] in seen or pair[1] in seen) and not self._so(pair):
                raise Wrong(f"{found[pair]['message']}, which is not so; {self._about(pair)}")
        for swap in self.world.updated:
            rows = [r for r in self._of("COV-REPLACED", ("closed",)) if r["serial"] == swap.old]
            if swap.found and not rows:
                raise Wrong(f"the contract names {swap.new} and {swap.old} is not closed")
            self.year.closed += bool(rows)

    def _so(self, pair: tuple[str, str]) -> bool:
        """A place that stood empty and was filled later is a replacement too, though nobody meant it as one."""
        gone, (box, day) = self.world.gone.get(pair[0]), self.year.came.get(pair[1], (-1, 0))
        return gone is not None and gone.box == box and day >= gone.day

    def _hidden(self, serial: str, read: set[str]) -> bool:
        """It moved into a box that was not read since, or was never seen at all: nobody can know that it was not
        replaced but moved. Once that box is read the claim must be gone, which `_findings` sees to."""
        boxes = (box for box, _, unit in self.world.installed() if unit.serial == serial)
        return any((box.shifted or serial not in self.year.seen) and box.address not in read for box in boxes)

    def _findings(self, read: set[str]) -> None:
        standing = self.findings[self.findings["status"] != "closed"]
        if standing["key"].duplicated().any() or self.findings["key"].duplicated().any():
            raise Wrong(
                f"a finding stands twice: {self.findings[self.findings['key'].duplicated()].to_dict('records')}"
            )
        here = {unit.serial: box for box, _, unit in self.world.installed() if box.address in read and not box.fault}
        for row in standing.to_dict("records"):
            lost = row["rule"] in ("COV-NOT-SEEN", "COV-REPLACED") and row["serial"] in here
            if lost:
                raise Wrong(f"{row['serial']} is in {here[row['serial']].hostname}, and {row['message']}")
        pairs = standing[(standing["rule"] == "COV-REPLACED") & (standing["confidence"] != "low")]
        twice = standing[standing["rule"].isin(("COV-NOT-SEEN", "COV-UNCOVERED"))]
        both = set(twice["serial"]) & {*pairs["serial"], *pairs["new_serial"]}
        unsure = standing["evidence"].str.contains('"unconfirmed":true', regex=False)
        if both - set(standing["serial"][unsure]) - set(standing["new_serial"][unsure]):
            raise Wrong(f"{sorted(both)} are told as replaced and as something else too")
        if self.before is not None:
            was = set(self.before["key"][self.before["status"] != "closed"])
            strangers = set(self.findings["key"][self.findings["status"] == "closed"]) - was
            if strangers:
                raise Wrong(f"{sorted(strangers)} were closed twice")

    def _of(self, rule: str, states: tuple[str, ...]) -> list[dict[str, str]]:
        """The findings of a rule in these states, but for candidates, which claim nothing."""
        rows = self.findings[(self.findings["rule"] == rule) & self.findings["status"].isin(states)]
        rows = rows[rows["confidence"] != "low"]
        return rows.to_dict("records")

    def _about(self, pair: tuple[str, str]) -> str:
        rows = self.findings[self.findings["serial"].isin(pair) | self.findings["new_serial"].isin(pair)]
        where = [(b.hostname, s, u.serial, b.fault) for b, s, u in self.world.installed() if u.serial in pair]
        absent = self.absent[self.absent["serial"].isin(pair)].to_dict("records")
        return f"findings {rows[['rule', 'status', 'message', 'evidence']].to_dict('records')}, {where=}, {absent=}"


def _resources() -> tuple[int, int, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024, threading.active_count(), files
