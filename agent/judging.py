"""Judging a sealed run: by files just read or by what the store kept of it; what came of it is kept in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from agent.errors import StoreError
from agent.folder import INPUTS
from agent.prepare import Prepared
from agent.removals import count_removals
from agent.store import Store, notes, removals
from agent.store import now as utc_now
from collectors.model import LICENCES
from reconcile.columns import numbers
from reconcile.ledger import Inputs, Source
from reconcile.policy import Policy
from reconcile.policy import load as load_policy
from reconcile.reconcile import Results, reconcile
from reconcile.tables import HISTORY, LICENCE_STATES

_JUDGED: Final = "judged"
"""One row: the day, the policy and the contract files of the judgement."""
_SOURCES: Final = "sources"
_EXTRA: Final = "extra"
_ACCEPTANCES: Final = "acceptances"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run is judged by."""

    policy: Policy
    day: date
    lines: pd.DataFrame | None = None
    """None: no contracts were given, the run is an inventory."""
    sources: tuple[Source, ...] | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """The user's lists by name."""
    extra: pd.DataFrame | None = None
    """What the contract files hold beside the known columns, by file and row."""
    files: Sequence[Mapping[str, Any]] = ()
    """How each contract file was understood."""
    acceptances: pd.DataFrame | None = None
    """What was accepted in the store, beside the list of accepted findings."""


def of_files(prepared: Prepared, day: date) -> Basis:
    """The files of an audit as a basis."""
    contracts = prepared.contracts
    if contracts is None:
        return Basis(prepared.policy, day, tables=prepared.tables)
    return Basis(
        prepared.policy,
        day,
        contracts.lines,
        prepared.sources,
        prepared.tables,
        contracts.extra,
        [asdict(file) for file in contracts.files],
    )


def of_store(store: Store, run: int) -> Basis:
    """What the run was judged by when it was last judged. Raises StoreError where it never was."""
    kept = store.inputs(run)
    if _JUDGED not in kept:
        raise StoreError(f"run {run} was not reconciled by this version; do it with: netcover reconcile --run {run}")
    judged = kept[_JUDGED].iloc[0]
    lines = store.lines(run)
    return Basis(
        _policy(str(judged["policy"])),
        date.fromisoformat(str(judged["as_of"])),
        lines if len(lines) else None,
        _claims(kept[_SOURCES]) if _SOURCES in kept else None,
        {name: table for name, table in kept.items() if name in INPUTS},
        kept.get(_EXTRA),
        json.loads(str(judged["files"])),
        kept.get(_ACCEPTANCES),
    )


def judge(store: Store, run: int, basis: Basis, *, now: Callable[[], datetime] = utc_now) -> Results:
    """Verdicts and findings of the sealed run, which the store keeps together with what they rest on.

    Its acceptances are those the store holds now.
    """
    basis = replace(basis, acceptances=store.acceptances())
    count_removals(store, run, basis.policy, now=now)
    results = judgement(store, run, basis)
    store.save_inputs(run, _kept(basis))
    if basis.lines is not None:
        store.save_lines(run, basis.lines)
    store.save_findings(run, results.findings)
    if store.last_reconciled() == run:
        store.write(notes.keep, run, results.findings, basis.day.isoformat())
    return results


def _with_licence_states(targets: pd.DataFrame, sections: pd.DataFrame) -> pd.DataFrame:
    """The targets with what came of asking for their licences (`tables.LICENCE_STATES`)."""
    asked = sections[sections["section"] == LICENCES].drop_duplicates("address").set_index("address")
    told = {
        name: asked[column].reindex(targets["address"]).fillna("").set_axis(targets.index).astype("str")
        for name, column in zip(LICENCE_STATES, ("state", "reason"), strict=True)
    }
    return targets.assign(**told)


def judgement(store: Store, run: int, basis: Basis) -> Results:
    """Verdicts and findings of the sealed run, with the earlier runs of the store as history. Writes nothing."""
    before = store.last_reconciled(before=run)
    absent = known_absent(store, run)
    return reconcile(
        Inputs(
            as_of=basis.day,
            policy=basis.policy,
            units=store.units(run),
            licences=store.licences(run),
            targets=_with_licence_states(store.targets(run), store.sections(run)),
            lines=basis.lines,
            sources=basis.sources if basis.lines is not None else None,
            history=_history(store.history(run), absent, run),
            absent=absent,
            arrived=store.read(removals.arrived),
            lives=store.read(notes.past, run),
            notes=store.read(notes.notes),
            previous_findings=store.findings(before) if before else None,
            **_lists(basis),
        )
    )


def known_absent(store: Store, run: int) -> pd.DataFrame:
    """`reconcile.tables.ABSENT` without what only later runs know."""
    rows = store.read(removals.absent)
    return rows[numbers(rows["since_run"]) <= run].reset_index(drop=True)


def _history(seen: pd.DataFrame, absent: pd.DataFrame, run: int) -> pd.DataFrame:
    """What was seen before, with the last sightings of units whose runs were pruned since."""
    last = absent.loc[numbers(absent["run"]) < run, list(HISTORY)]
    return pd.concat([seen, last], ignore_index=True).drop_duplicates(["vendor", "serial"], ignore_index=True)


def _lists(basis: Basis) -> Mapping[str, pd.DataFrame]:
    """The lists, with the store's acceptances before the list of accepted findings: of one key the list counts."""
    ours, given = basis.acceptances, basis.tables.get("accepted")
    if ours is None or ours.empty:
        return basis.tables
    both = ours if given is None else pd.concat([ours, given], ignore_index=True).fillna("").astype("str")
    return {**basis.tables, "accepted": both}


def _kept(basis: Basis) -> dict[str, pd.DataFrame]:
    """The basis as text tables, but for the lines, which the store keeps by source."""
    judged = {
        "as_of": basis.day.isoformat(),
        "policy": basis.policy.model_dump_json(),
        "files": json.dumps([*map(dict, basis.files)]),
    }
    kept = {**basis.tables, _JUDGED: pd.DataFrame([judged], dtype="str")}
    if basis.sources is not None:
        names = [one.name for one in fields(Source)]
        rows = [[str(getattr(source, name)) for name in names] for source in basis.sources]
        kept[_SOURCES] = pd.DataFrame(rows, columns=names, dtype="str")
    for name, table in ((_EXTRA, basis.extra), (_ACCEPTANCES, basis.acceptances)):
        if table is not None and len(table):
            kept[name] = table
    return kept


def _claims(rows: pd.DataFrame) -> tuple[Source, ...]:
    flags = ("complete", "stale")
    return tuple(
        Source(**{str(name): (cell == "True" if name in flags else cell) for name, cell in row.items()})
        for row in rows.to_dict("records")
    )


def _policy(text: str) -> Policy:
    """The policy as it was; what this version's policy holds beyond it is as it is shipped."""
    try:
        return Policy.model_validate({**load_policy().model_dump(), **json.loads(text)})
    except ValueError:
        return load_policy()  # a policy of another version: its words are no longer these
