"""Ours: daily runs into a store.

``python -m tests.benchmarks.ours_daily DEVICES RUNS OUT``: each run writes an observation a device (60 units), is
sealed, reconciled against the contracts and exported. One unit in a hundred is another one each day. What came of it
is written to OUT/figures.json.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import pandas as pd

from agent.judging import Basis, judge
from agent.store import Store, open_store
from collectors.model import Kind, Observation, Outcome, Section, State, Target, Unit
from reconcile import export, tables
from reconcile.policy import load
from tests.benchmarks.fleet import serials

_PER_DEVICE: Final = 60
_FIRST: Final = date(2025, 6, 1)
_CHURN: Final = 100
_KINDS: Final = (
    (Kind.CHASSIS, "C9300-48P"), (Kind.MODULE, "C9300-NM-8X"), (Kind.POWER_SUPPLY, "PWR-C1-715WAC"),
    (Kind.FAN, "FAN-T3"), (Kind.TRANSCEIVER, "SFP-10G-SR"),
)  # fmt: skip


def main(devices: int, runs: int, out: Path) -> dict[str, Any]:
    """So many runs over so many devices; seconds and sizes."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    figures: dict[str, Any] = {"devices": devices, "units": devices * _PER_DEVICE, "runs": runs}
    lines = _lines(devices)
    with open_store(f"sqlite:///{out / 'netcover.db'}") as store:
        for number in range(runs):
            day = _FIRST + timedelta(days=number)
            start = perf_counter()
            run = _collected(store, devices, number, day)
            stored = perf_counter()
            results = judge(store, run, Basis(load(), day, lines=lines))
            judged = perf_counter()
            for name in ("units", "coverage", "lines", "findings", "changes"):
                export.write_table(getattr(results, name), out / f"{name}.csv")
            figures["last run"] = {
                "stored": round(stored - start, 2),
                "judged": round(judged - stored, 2),
                "written": round(perf_counter() - judged, 2),
            }
        figures["queries"] = _queries(store, results.units)
    figures["store MB"] = round(sum(path.stat().st_size for path in out.glob("netcover.db*")) / 1e6, 1)
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _collected(store: Store, devices: int, number: int, day: date) -> int:
    run = store.begin_run(as_of=day, version="bench", settings_digest="bench")
    at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    for device in range(devices):
        store.save_observation(run, _observation(device, devices, number, at))
    store.seal(run, {"targets": devices})
    return run


def _observation(device: int, devices: int, number: int, at: datetime) -> Observation:
    address = f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}"
    return Observation(
        Target(address, hostname=f"sw{device}", site=f"site-{device % 400}", platform="cisco_ios"),
        Outcome.COMPLETE, address, at, hostname=f"sw{device}", vendor="cisco", platform="cisco_ios",
        sections=(Section("identity", State.COMPLETE, "snmp"), Section("inventory", State.COMPLETE, "snmp")),
        units=tuple(_units(device, devices, number)), attempts=1, seconds=0.5, via=("snmp",),
    )  # fmt: skip


def _units(device: int, devices: int, number: int) -> Iterator[Unit]:
    own = device * _PER_DEVICE
    names = serials([own + place + devices * _PER_DEVICE * _swaps(own + place, number) for place in range(_PER_DEVICE)])
    for place, serial in enumerate(map(str, names)):
        kind, product = _KINDS[0 if place < 4 else 1 + place % 4]
        parent = "" if kind is Kind.CHASSIS else str(names[place % 4])
        yield Unit(
            "cisco", serial, product, kind, slot=str(place), parent_serial=parent, serial_raw=serial,
            software_version="17.9.4" if kind is Kind.CHASSIS else "", manufacturer="CISCO",
            description=f"{product} in words", collected_via="snmp",
        )  # fmt: skip


def _swaps(unit: int, number: int) -> int:
    """How often the unit in this place was exchanged by that run: one place in a hundred each day, in turn."""
    return (number + unit % _CHURN) // _CHURN


def _lines(devices: int) -> pd.DataFrame:
    """A line for each chassis and module of the first day, but for one in twenty."""
    count = devices * _PER_DEVICE
    wanted = [n for n in range(count) if n % _PER_DEVICE < 4 or n % 4 == 0]
    wanted = [n for n in wanted if n * 7919 % 20]
    names = serials(wanted)
    size = len(wanted)
    told = {
        "vendor": "cisco", "provider": "cisco", "service_level": "8X5XNBD", "line_status": "ACTIVE",
        "line_start": "2025-01-01", "line_end": "2028-12-31", "product_id": "", "line_kind": "hardware",
        "source": "cisco", "source_file": "contracts.csv", "quantity": "1",
    }  # fmt: skip
    frame = {name: pd.Series([told.get(name, "")] * size, dtype="str") for name in tables.LINES}
    frame["serial"] = pd.Series(names, dtype="str")
    frame["contract_number"] = pd.Series([str(200_000 + n // 300) for n in wanted], dtype="str")
    frame["source_row"] = pd.Series([str(row) for row in range(2, size + 2)], dtype="str")
    return pd.DataFrame(frame)


def _queries(store: Store, units: pd.DataFrame) -> dict[str, float]:
    """Seconds of what a user asks of the store."""
    run = store.last_sealed() or 0
    serial, key = str(units["serial"].iloc[0]), str(store.findings(run)["key"].iloc[0])
    asked: dict[str, Callable[[], object]] = {
        "a serial's history": lambda: store.sightings(serial),
        "a device's visits": lambda: store.visits("sw0"),
        "a finding": lambda: store.findings_about(key=key),
        "the units of the last run": lambda: store.units(run),
        "all units ever seen": lambda: store.history(run),
    }
    found = {}
    for name, ask in asked.items():
        start = perf_counter()
        ask()
        found[name] = round(perf_counter() - start, 3)
    return found


if __name__ == "__main__":
    print(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
