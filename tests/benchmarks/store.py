"""A store of many runs, built with the store's own functions, and what a user waits for when asking it.

``python -m tests.benchmarks.store FOLDER [--runs 400] [--devices 10000] [--units 4] [--churn 0.01]``

Each run changes a share of the devices (a unit swapped), and saves findings that change at the same rate and contract
lines that change every thirty runs. Prints the size after each hundredth of the runs, then the seconds of each query.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from agent.life import serial_lines
from agent.settings import Settings
from agent.showing import device_lines, finding_lines, run_lines
from agent.store import Store, life, observations, open_store
from agent.store.schema import PLACE, visits
from agent.store.schema import observations as spans
from agent.upkeep import backup, prune
from collectors.model import Capture, Kind, Observation, Outcome, Section, Software, State, Target, Unit
from reconcile.tables import FINDINGS, LINES, table

START = datetime(2026, 1, 1, 2, tzinfo=UTC)


def build(
    folder: Path, *, runs: int, devices: int, units: int = 4, churn: float = 0.01, say: Callable[[str], None] = print
) -> str:
    """A store of *runs* in *folder*; its URL."""
    url = f"sqlite:///{folder / 'netcover.db'}"
    chance = random.Random(1)  # the fleet is drawn anew from its seed
    fleet = [[f"FOC{n:05d}{m:02d}A" for m in range(units)] for n in range(devices)]
    now = [START]
    began = time.perf_counter()
    with open_store(url, clock=lambda: now[0]) as store:
        for day in range(runs):
            now[0] = START + timedelta(days=day)
            changed = sorted(chance.sample(range(devices), round(devices * churn))) if day else list(range(devices))
            for n in changed if day else ():
                fleet[n][chance.randrange(units)] = f"FOX{n:05d}{day:03d}B"
            run = store.begin_run(as_of=now[0].date(), version="0.3.0", settings_digest="bench")
            seen = [_observation(n, fleet[n], now[0], chance) for n in changed]
            store.write(_poll, run, seen, now[0])
            store.seal(run, {"targets": devices})
            store.save_lines(run, _lines(fleet, day - day % 30))
            store.save_findings(run, _findings(fleet, day))
            if (day + 1) % max(1, runs // 10) == 0:
                size = sum(path.stat().st_size for path in folder.glob("netcover.db*"))
                say(f"{day + 1} runs  {size / 1e6:.1f} MB  {time.perf_counter() - began:.0f} s")
    return url


def questions(store: Store, fleet: int, folder: Path) -> Iterator[tuple[str, float, float]]:
    """What a user may ask: the slowest of three in seconds, and the least processor time it took."""
    newest = store.last_reconciled() or 0
    moved = store.history(newest + 1)
    serial = str(moved["serial"][moved["run"] != str(newest)].iloc[0])
    key = str(store.findings(newest)["key"].iloc[0])
    settings = Settings()
    asked: dict[str, Callable[[], Any]] = {
        "units of the newest run": lambda: store.units(newest),
        "units of a run in the middle": lambda: store.units(newest // 2),
        "targets of the newest run": lambda: store.targets(newest),
        "history before the newest run": lambda: store.history(newest),
        "findings of the newest run": lambda: store.findings(newest),
        "places of a serial": lambda: store.read(life.places, serial),
        "contract lines of a serial": lambda: store.read(life.lines, serial),
        "each sighting of a serial": lambda: store.sightings(str(moved["serial"].iloc[0])),
        "show serial": lambda: list(serial_lines(store, serial)),
        "show device": lambda: list(device_lines(store, f"10.{fleet // 65536}.{fleet // 256 % 256}.7")),
        "show finding": lambda: list(finding_lines(store, key)),
        "show run (list)": lambda: list(run_lines(store, None)),
        "backup": lambda: backup(store, folder / "backups", 1, START),
        "prune (nothing to do)": lambda: prune(store, settings, START),
    }
    for name, ask in asked.items():
        times, work = [], []
        for _ in range(3):
            began, busy = time.perf_counter(), time.process_time()
            ask()
            times.append(time.perf_counter() - began)
            work.append(time.process_time() - busy)
        yield name, max(times), min(work)


def _poll(connection: Connection, run: int, changed: Sequence[Observation], now: datetime) -> None:
    """Save the devices that changed one by one; the others are another visit to what they were, as `save` makes it."""
    for seen in changed:
        observations.save(connection, run, seen)
    polled = sa.select(*(visits.c[name] for name in PLACE)).where(visits.c.run_id == run)
    fresh = {tuple(row) for row in connection.execute(polled)}
    last = connection.scalar(sa.select(sa.func.max(spans.c.last_run)).where(spans.c.last_run < run))
    query = sa.select(spans.c.id, *(spans.c[name] for name in PLACE)).where(spans.c.last_run == last)
    rows = [
        {"run_id": run, "observation_id": row[0], **dict(zip(PLACE, row[1:], strict=True)), "attempts": 1,
         "started": (now + timedelta(seconds=row[0] % 900)).strftime("%Y-%m-%dT%H:%M:%SZ"),
         "seconds": round(1 + row[0] * 7919 % 4001 / 1000, 3)}
        for row in connection.execute(query)
        if tuple(row[1:]) not in fresh
    ]  # fmt: skip
    random.Random(run).shuffle(rows)  # devices answer in any order
    if rows:
        connection.execute(visits.insert(), rows)


def _observation(n: int, serials: Sequence[str], now: datetime, chance: random.Random) -> Observation:
    address = f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"
    held = tuple(
        Unit(vendor="cisco", serial=serial, kind=Kind.CHASSIS if not place else Kind.MODULE, slot=str(place),
             product_id="C9300-48P", collected_via="snmp", description="a part of a switch", software_version="")
        for place, serial in enumerate(serials)
    )  # fmt: skip
    return Observation(
        Target(address, site=f"site {n % 40}"), Outcome.COMPLETE, address, now + timedelta(seconds=n % 900),
        hostname=f"sw-{n}", vendor="cisco", platform="cisco_ios", units=held, attempts=1,
        seconds=round(chance.uniform(1, 5), 3), via=("snmp", "ssh"), software=(Software("17.9.4"),),
        sections=tuple(Section(name, State.COMPLETE, "snmp") for name in ("inventory", "software")),
        captures=(Capture("inventory", "show inventory", f"{serials}", State.COMPLETE, "ssh"),),
    )  # fmt: skip


def _lines(fleet: Sequence[Sequence[str]], day: int) -> pd.DataFrame:
    rows = [
        {"source": "cisco", "vendor": "cisco", "contract_number": f"{n % 50}", "serial": serials[0],
         "line_kind": "hardware", "line_start": "2025-01-01", "line_end": f"20{28 + day % 2}-12-31",
         "line_status": "Active", "source_file": "c.csv", "source_row": str(n + 2)}
        for n, serials in enumerate(fleet)
    ]  # fmt: skip
    return table(LINES, rows)


def _findings(fleet: Sequence[Sequence[str]], day: int) -> pd.DataFrame:
    """One finding a device; a hundredth of them are new each day."""
    dated = (START + timedelta(days=day)).date().isoformat()
    rows = [
        {"key": f"COV-UNCOVERED-{n:012x}", "rule": "COV-UNCOVERED", "class": "uncovered", "severity": "error",
         "status": "open", "vendor": "cisco", "serial": serials[-1], "message": f"{serials[-1]} is on no contract",
         "action": "Add it.", "first_seen": "2026-01-01", "last_seen": dated, "evidence": '{"searched":["c.csv"]}'}
        for n, serials in enumerate(fleet)
    ]  # fmt: skip
    return table(FINDINGS, rows)


def main() -> None:
    """Build, then ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--units", type=int, default=4)
    parser.add_argument("--churn", type=float, default=0.01)
    said = parser.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{said.folder / 'netcover.db'}"
    if not (said.folder / "netcover.db").exists():
        url = build(said.folder, runs=said.runs, devices=said.devices, units=said.units, churn=said.churn)
    with open_store(url) as store:
        for name, seconds, busy in questions(store, said.devices, said.folder):
            print(f"{seconds:8.3f} s  {busy:8.3f} s processor  {name}", flush=True)


if __name__ == "__main__":
    main()
