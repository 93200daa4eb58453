"""What `netcover show serial` says: where a unit was and when, its contract lines, what was found and became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import pandas as pd

from agent.errors import StoreError, UsageError
from agent.judging import judgement, of_store
from agent.store import Store, life, removals
from agent.wording import headed, in_runs, in_spans, joined, period
from collectors.serials import canonical
from reconcile.columns import Row, records
from reconcile.reconcile import Results

_PLACE: Final = ("hostname", "address", "site", "slot", "parent_serial", "software_version", "product_id")
_WHERE: Final = ("hostname", "address", "slot")


def serial_lines(store: Store, serial: str) -> Iterator[str]:
    """The whole life of a serial, as it is written on the label. Raises UsageError where nothing is known of it."""
    name = canonical(serial) or serial.strip()
    seen = store.read(life.places, name)
    held = store.read(life.lines, name)
    found = store.findings_about(serial=name)
    became = store.read(removals.log, name)
    if seen.empty and held.empty and found.empty and became.empty:
        raise UsageError(f"{serial}: no run saw this serial, and no contract line of a stored run names it")
    last = seen.iloc[-1] if len(seen) else None
    yield name + (f"  {last['vendor']} {last['product_id']}, {last['kind']}" if last is not None else "  never seen")
    places = _spans(seen)
    yield from headed("seen", [_place(spans) for spans in places])
    yield from headed("moves", list(_moves(places)))
    results = newest(store)
    yield from headed("verdict", _verdicts(results, name))
    yield from headed("lines", _lines(results, name))
    yield from headed("contracts", [_held(row) for row in records(held)])
    yield from headed("replacements", _replacements(found, name))
    yield from headed("became", [joined(r["at"][:10], r["event"], r["who"], r["reason"]) for r in records(became)])
    yield from headed("findings", _found(found))


def newest(store: Store) -> Results | None:
    """The newest reconciled run judged as it was; None where there is none, or it was made by an older version."""
    run = store.last_reconciled()
    if run is None:
        return None
    try:
        return judgement(store, run, of_store(store, run))
    except StoreError:
        return None


def _spans(seen: pd.DataFrame) -> list[list[Row]]:
    """Rows that follow each other in one place with one release belong together."""
    spans: list[list[Row]] = []
    for row in records(seen):
        if spans and all(spans[-1][-1][name] == row[name] for name in _PLACE):
            spans[-1].append(row)
        else:
            spans.append([row])
    return spans


def _place(spans: Sequence[Row]) -> str:
    row = spans[-1]
    return joined(
        f"runs {in_spans((int(r['first_run']), int(r['last_run'])) for r in spans)}",
        period(min(r["first_seen"] for r in spans)[:10], max(r["last_seen"] for r in spans)[:10]),
        row["hostname"], row["address"], row["site"], row["slot"],
        f"release {row['software_version']}" if row["software_version"] else "",
        f"in {row['parent_serial']}" if row["parent_serial"] else "",
    )  # fmt: skip


def _moves(places: Sequence[Sequence[Row]]) -> Iterator[str]:
    """Each change of device or slot; a serial seen in two places by one run did not move, it is there twice."""
    for before, after in pairwise(places):
        old, new = before[-1], after[0]
        if all(old[name] == new[name] for name in _WHERE):
            continue
        if int(new["first_run"]) <= int(old["last_run"]):
            yield f"also on {_there(new)}, first on {new['first_seen'][:10]} (run {new['first_run']})"
        else:
            day, run, last = new["first_seen"][:10], new["first_run"], old["last_seen"][:10]
            yield f"moved from {_there(old)} to {_there(new)} on {day} (run {run}), last seen there on {last}"


def _there(row: Row) -> str:
    device = str(row["hostname"] or row["address"])
    return f"{device} slot {row['slot']}" if row["slot"] else device


def _verdicts(results: Results | None, serial: str) -> list[str]:
    if results is None:
        return []
    rows = results.coverage[results.coverage["serial"] == serial]
    return [joined(row["verdict"].replace("_", " "), f"zone {row['zone']}", row["reason"]) for row in records(rows)]


def _lines(results: Results | None, serial: str) -> list[str]:
    if results is None:
        return []
    lines = results.lines
    mine = lines[(lines["serial"] == serial) | (lines["unit_serial"] == serial)]
    return [
        joined(
            f"contract {row['contract_number'] or '(not said)'}", row["provider"], row["service_level"],
            row["line_status"], f"{row['line_start']} to {row['line_end']}".strip(), row["verdict"].replace("_", " "),
            f"{row['source_file']}, row {row['source_row']}",
        )
        for row in records(mine)
    ]  # fmt: skip


def _held(row: Row) -> str:
    return joined(
        f"runs {in_spans([(int(row['first_run']), int(row['last_run']))])}",
        period(row["first_seen"], row["last_seen"]),
        f"contract {row['contract_number'] or '(not said)'}",
        f"line {row['line_number']}" if row["line_number"] else "",
        row["provider"] or row["source"], row["service_level"], row["line_status"],
        f"{row['line_start']} to {row['line_end']}" if row["line_start"] or row["line_end"] else "",
        f"replaced by {row['replacement_serial']}" if row["replacement_serial"] else "",
    )  # fmt: skip


def _replacements(found: pd.DataFrame, serial: str) -> list[str]:
    """The other half of each pair that a finding names, once."""
    pairs = found[(found["serial"] != "") & (found["new_serial"] != "") & (found["serial"] != found["new_serial"])]
    said = []
    for row in records(pairs.drop_duplicates(["serial", "new_serial"])):
        old, new = row["serial"], row["new_serial"]
        told = f"took the place of {old}" if new == serial else f"{new} took its place"
        said.append(joined(row["first_seen"], told, row["hostname"] or row["address"], row["slot"], row["key"]))
    return said


def _found(found: pd.DataFrame) -> list[str]:
    last = found.drop_duplicates("key", keep="last")
    runs = {str(key): list(rows["run"]) for key, rows in found.groupby("key")}
    return [
        joined(
            row["key"], row["severity"], row["status"], f"runs {in_runs(runs[row['key']])}",
            period(row["first_seen"], row["last_seen"]), row["message"],
        )
        for row in records(last)
    ]  # fmt: skip
