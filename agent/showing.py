"""What `netcover show` says of a serial, a device, a finding or a run: plain lines, from the store alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from agent.errors import StoreError, UsageError
from agent.judging import judgement, of_store
from agent.store import Run, Store
from collectors.model import Outcome
from collectors.serials import canonical
from reconcile.columns import Row, records
from reconcile.reconcile import Results

_LIST: Final = 40
_PLACE: Final = ("hostname", "address", "site", "slot", "parent_serial", "software_version", "product_id")


def serial_lines(store: Store, serial: str) -> Iterator[str]:
    """The history of a serial: where it was seen, its contract lines, what was found of it. Raises UsageError."""
    name = canonical(serial) or serial.strip()
    seen = store.sightings(name)
    found = store.findings_about(serial=name)
    results = _newest(store)
    mine = _lines_of(results, name)
    if seen.empty and found.empty and not mine:
        raise UsageError(f"{serial}: no run saw this serial, and no contract line of the newest run names it")
    last = seen.iloc[-1] if len(seen) else None
    yield name + (f"  {last['vendor']} {last['product_id']}, {last['kind']}" if last is not None else "  never seen")
    if len(seen):
        yield from _headed("seen", _spans(seen))
    yield from _headed("verdict", _verdicts(results, name))
    yield from _headed("lines", mine)
    yield from _headed("findings", _found(found))


def device_lines(store: Store, device: str) -> Iterator[str]:
    """A device: its runs, and what the newest of them found on it. Raises UsageError."""
    visits = store.visits(device.strip())
    if visits.empty:
        raise UsageError(
            f"{device}: no run had a device of this address or name; targets are in coverage.csv, skipped.csv"
        )
    last = visits.iloc[-1]
    run = int(last["run"])
    yield f"{last['hostname'] or last['address']}  {last['address']}  {last['vendor']} {last['platform']}".rstrip()
    if last["site"]:
        yield f"  site       {last['site']}"
    if last["release"]:
        yield f"  release    {last['release']}"
    yield from _headed("runs", _visits(visits))
    units = store.units(run)
    mine = units[units["address"] == last["address"]]
    verdicts = _verdict_by_serial(_newest(store))
    yield from _headed(
        f"units (run {run})",
        [
            _joined(row["kind"], row["product_id"], row["serial"] or "(no serial)", row["slot"],
                    verdicts.get((row["vendor"], row["serial"]), ""))
            for row in mine.to_dict("records")
        ],
    )  # fmt: skip
    licences = store.licences(run)
    yield from _headed(
        "licences",
        [
            _joined(row["feature"], row["state"].replace("_", " "), row["expires"])
            for row in licences[licences["address"] == last["address"]].to_dict("records")
        ],
    )
    before = store.last_reconciled()
    if before is not None:
        findings = store.findings(before)
        yield from _headed("findings", _messages(findings[findings["address"] == last["address"]]))


def finding_lines(store: Store, key: str) -> Iterator[str]:
    """One finding in full: what, why, since when, what to do. Raises UsageError."""
    found = store.findings_about(key=key.strip())
    if found.empty:
        raise UsageError(f"{key}: no run found this; findings.csv lists the keys")
    last = found.iloc[-1]
    newest = store.last_reconciled()
    here = newest is not None and str(newest) == last["run"]
    yield f"{last['key']}  {last['severity']}, {last['status'] if here else 'not in the newest run'}"
    yield f"  what       {last['message']}"
    yield f"  do         {last['action']}"
    facts = ("vendor", "serial", "new_serial", "product_id", "hostname", "address", "slot", "site", "owner", "provider",
             "contract_number", "confidence", "ticket", "comment", "accepted_until")  # fmt: skip
    for name in facts:
        if last[name]:
            yield f"  {name.replace('_', ' '):<16}{last[name]}"
    yield f"  first seen      {last['first_seen']}, last seen {last['last_seen']}, runs {_runs(found['run'])}"
    if last["source_file"]:
        yield f"  line            {last['source_file']}, row {last['source_row']}"
    held = store.acceptances()
    for row in held[held["key"] == last["key"]].to_dict("records"):
        yield f"  accepted        until {row['accepted_until']}: {row['reason']}"
    yield from _headed("evidence", _evidence(str(last["evidence"])))
    yield f"  netcover show rule {last['rule']} says when it fires"


def run_lines(store: Store, run: int | None) -> Iterator[str]:
    """One run, or without a number the newest ones in a line each. Raises StoreError."""
    if run is None:
        for about in store.recent_runs(_LIST):
            yield _run_line(about)
        return
    found = store.run(run)
    if found is None:
        raise StoreError(f"run {run} is not in the store; netcover show run lists them")
    yield _run_line(found)
    if found.state != "sealed":
        return
    targets = store.targets(run)
    whole = int((targets["outcome"] == str(Outcome.COMPLETE)).sum())
    yield f"  read       {whole} of {len(targets)} devices in full"
    short = targets[targets["outcome"] != str(Outcome.COMPLETE)]
    yield from _headed(
        "not read",
        [
            _joined(r["hostname"] or r["address"], r["outcome"].replace("_", " "), r["reason"])
            for r in short.to_dict("records")
        ],
    )
    yield from _headed("units", [_tally(store.units(run)["kind"])])
    if not found.reconciled:
        yield f"  not reconciled yet: netcover reconcile --run {run}"
        return
    yield f"  reconciled {found.reconciled}"
    results = judgement(store, run, of_store(store, run))
    of_units = results.coverage["kind"] != ""
    yield from _headed("coverage", [_tally(results.coverage["verdict"][of_units])])
    yield from _headed("lines", [_tally(results.lines["verdict"])])
    findings = store.findings(run)
    yield from _headed(
        "findings", [_tally(findings["status"]), _tally(findings["rule"])] if len(findings) else ["none"]
    )
    yield from _headed("changes", [_tally(results.changes["action"])] if len(results.changes) else ["none"])


def _newest(store: Store) -> Results | None:
    """The newest reconciled run judged as it was; None where there is none, or it was made by an older version."""
    run = store.last_reconciled()
    if run is None:
        return None
    try:
        return judgement(store, run, of_store(store, run))
    except StoreError:
        return None


def _lines_of(results: Results | None, serial: str) -> list[str]:
    if results is None:
        return []
    lines = results.lines
    mine = lines[(lines["serial"] == serial) | (lines["unit_serial"] == serial)]
    return [
        _joined(
            f"contract {row['contract_number'] or '(not said)'}", row["provider"], row["service_level"],
            row["line_status"], f"{row['line_start']} to {row['line_end']}".strip(), row["verdict"].replace("_", " "),
            f"{row['source_file']}, row {row['source_row']}",
        )
        for row in mine.to_dict("records")
    ]  # fmt: skip


def _verdicts(results: Results | None, serial: str) -> list[str]:
    if results is None:
        return []
    rows = results.coverage[results.coverage["serial"] == serial]
    return [
        _joined(row["verdict"].replace("_", " "), f"zone {row['zone']}", row["reason"])
        for row in rows.to_dict("records")
    ]


def _verdict_by_serial(results: Results | None) -> Mapping[tuple[str, str], str]:
    if results is None:
        return {}
    rows = results.coverage[results.coverage["kind"] != ""]
    return {
        (vendor, serial): verdict.replace("_", " ")
        for vendor, serial, verdict in zip(rows["vendor"], rows["serial"], rows["verdict"], strict=True)
    }


def _spans(seen: pd.DataFrame) -> list[str]:
    """Sightings in the same place with the same release, as one line with its runs."""
    spans: list[tuple[Row, list[str], list[str]]] = []
    for row in records(seen):
        if spans and all(spans[-1][0][name] == row[name] for name in _PLACE):
            spans[-1][1].append(row["run"])
            spans[-1][2].append(row["seen_at"][:10])
        else:
            spans.append((row, [row["run"]], [row["seen_at"][:10]]))
    return [
        _joined(
            f"runs {_runs(runs)}", _period(days), row["hostname"], row["address"], row["site"], row["slot"],
            f"release {row['software_version']}" if row["software_version"] else "",
            f"in {row['parent_serial']}" if row["parent_serial"] else "",
        )
        for row, runs, days in spans
    ]  # fmt: skip


def _visits(visits: pd.DataFrame) -> list[str]:
    return [
        _joined(f"run {row['run']}", row["seen_at"], row["outcome"].replace("_", " "), f"{row['units']} units",
                row["release"], row["reason"])
        for row in visits.tail(_LIST).to_dict("records")
    ]  # fmt: skip


def _found(found: pd.DataFrame) -> list[str]:
    last = found.drop_duplicates("key", keep="last")
    runs = {str(key): list(rows["run"]) for key, rows in found.groupby("key")}
    return [
        _joined(row["key"], row["severity"], row["status"], f"runs {_runs(runs[row['key']])}", row["message"])
        for row in last.to_dict("records")
    ]


def _messages(findings: pd.DataFrame) -> list[str]:
    return [_joined(row["key"], row["severity"], row["status"], row["message"]) for row in findings.to_dict("records")]


def _evidence(text: str) -> list[str]:
    try:
        said = json.loads(text)
    except ValueError:
        return [text]
    return [f"{name}: {_flat(value)}" for name, value in said.items()] if isinstance(said, dict) else [_flat(said)]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    return ", ".join(map(_flat, value)) if isinstance(value, list) else str(value)


def _run_line(about: Run) -> str:
    judged = "reconciled" if about.reconciled else "not reconciled"
    state = judged if about.state == "sealed" else about.state
    return f"run {about.id}  {about.started}  judged by {about.as_of}  {state}  netcover {about.version}"


def _headed(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield f"  {title}"
    for row in rows[:_LIST]:
        yield f"    {row}"
    if len(rows) > _LIST:
        yield f"    and {len(rows) - _LIST} more"


def _joined(*words: str) -> str:
    return "  ".join(word for word in words if word)


def _runs(numbers: Sequence[str] | pd.Series[str]) -> str:
    """Run numbers as spans.

    >>> _runs(["1", "2", "3", "5"])
    '1-3, 5'
    """
    spans: list[list[int]] = []
    for number in sorted({int(n) for n in numbers}):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _period(days: Sequence[str]) -> str:
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _tally(column: pd.Series[str]) -> str:
    return " · ".join(f"{n} {str(name).replace('_', ' ')}" for name, n in column.value_counts().items())
