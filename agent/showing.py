"""What `netcover show` says of a device, a finding or a run: plain lines, from the store alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from agent.errors import StoreError, UsageError
from agent.judging import judgement, of_store
from agent.life import newest
from agent.store import Run, Store, notes
from agent.wording import LIST, count, headed, in_runs, joined, tally
from collectors.model import Outcome
from collectors.quick import QUICK
from reconcile.reconcile import Results

_CONFIRMED: Final = {"": "", QUICK: "not read again: nothing had moved"}
"""What `Observation.confirmed` says, for a person."""


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
    yield from headed("runs", _visits(visits))
    units = store.units(run)
    mine = units[units["address"] == last["address"]]
    verdicts = _verdict_by_serial(newest(store))
    yield from headed(
        f"units (run {run})",
        [
            joined(row["kind"], row["product_id"], row["serial"] or "(no serial)", row["slot"],
                    verdicts.get((row["vendor"], row["serial"]), ""))
            for row in mine.to_dict("records")
        ],
    )  # fmt: skip
    licences = store.licences(run)
    yield from headed(
        "licences",
        [
            joined(row["feature"], row["state"].replace("_", " "), row["expires"])
            for row in licences[licences["address"] == last["address"]].to_dict("records")
        ],
    )
    before = store.last_reconciled()
    if before is not None:
        findings = store.findings(before)
        yield from headed("findings", _messages(findings[findings["address"] == last["address"]]))


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
    yield f"  first seen      {last['first_seen']}, last seen {last['last_seen']}, runs {in_runs(found['run'])}"
    for life in store.read(notes.lives, str(last["key"])).to_dict("records"):
        until = f"closed on {life['closed']}, run {life['closed_run']}" if life["closed"] else "not closed since"
        yield f"  found           from {life['opened']}, run {life['opened_run']}; {until}"
    if last["source_file"]:
        yield f"  line            {last['source_file']}, row {last['source_row']}"
    held = store.acceptances()
    for row in held[held["key"] == last["key"]].to_dict("records"):
        yield f"  accepted        until {row['accepted_until']}: {row['reason']}"
    yield from headed("evidence", _evidence(str(last["evidence"])))
    yield f"  netcover show rule {last['rule']} says when it fires"


def run_lines(store: Store, run: int | None) -> Iterator[str]:
    """One run, or without a number the newest ones in a line each. Raises StoreError."""
    if run is None:
        for about in store.recent_runs(LIST):
            yield _run_line(about)
        return
    found = store.run(run)
    if found is None:
        raise StoreError(f"run {run} is not in the store; netcover show run lists them")
    yield _run_line(found)
    if found.state != "sealed" or found.pruned:
        return
    targets = store.targets(run)
    whole = int((targets["outcome"] == str(Outcome.COMPLETE)).sum())
    yield f"  read       {whole} of {len(targets)} devices in full"
    short = targets[targets["outcome"] != str(Outcome.COMPLETE)]
    yield from headed(
        "not read",
        [
            joined(r["hostname"] or r["address"], r["outcome"].replace("_", " "), r["reason"])
            for r in short.to_dict("records")
        ],
    )
    yield from headed("units", [tally(store.units(run)["kind"])])
    if not found.reconciled:
        yield f"  not reconciled yet: netcover reconcile --run {run}"
        return
    yield f"  reconciled {found.reconciled}"
    results = judgement(store, run, of_store(store, run))
    of_units = results.coverage["kind"] != ""
    yield from headed("coverage", [tally(results.coverage["verdict"][of_units])])
    yield from headed("lines", [tally(results.lines["verdict"])])
    findings = store.findings(run)
    yield from headed("findings", [tally(findings["status"]), tally(findings["rule"])] if len(findings) else ["none"])
    yield from headed("changes", [tally(results.changes["action"])] if len(results.changes) else ["none"])


def _verdict_by_serial(results: Results | None) -> Mapping[tuple[str, str], str]:
    if results is None:
        return {}
    rows = results.coverage[results.coverage["kind"] != ""]
    return {
        (vendor, serial): verdict.replace("_", " ")
        for vendor, serial, verdict in zip(rows["vendor"], rows["serial"], rows["verdict"], strict=True)
    }


def _visits(visits: pd.DataFrame) -> list[str]:
    return [
        joined(f"run {row['run']}", row["seen_at"], row["outcome"].replace("_", " "), count(int(row["units"]), "unit"),
                _CONFIRMED[row["confirmed"]],
                row["release"], row["reason"])
        for row in visits.tail(LIST).to_dict("records")
    ]  # fmt: skip


def _messages(findings: pd.DataFrame) -> list[str]:
    return [joined(row["key"], row["severity"], row["status"], row["message"]) for row in findings.to_dict("records")]


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
    state = f"pruned on {about.pruned[:10]}" if about.pruned else state
    return f"run {about.id}  {about.started}  judged by {about.as_of}  {state}  netcover {about.version}"
