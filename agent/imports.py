"""Contract batches in the store: taking one in, holding one that shrank, and reading them back for a run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from agent.errors import AgentError
from agent.prepare import Prepared, aged, paths_of, sourced
from agent.settings import ContractSource, Settings
from agent.store import ImportedSource, NewState, Store
from reconcile.batches import Difference, counts, difference, merged, shrunk
from reconcile.cells import Order, identifier
from reconcile.contracts import ContractBatch, ContractFile, FileReport, contract_file, extra_of, with_extra
from reconcile.layouts import Layouts
from reconcile.ledger import Source
from reconcile.tables import LINES


class HeldError(AgentError):
    """A batch that lost too many lines; nothing of it was used."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one source of a batch."""

    source: str
    before: int
    """Lines it had; 0 for a new source."""
    now: int
    batch: int
    """Lines of the batch."""
    difference: Difference
    same: bool
    """The batch says what the last one said: nothing changed."""
    newer: bool
    """Its files are newer than what was known, so that the source is fresh again."""
    others: tuple[str, ...]
    """Contracts of the source that the batch does not name; their lines stay."""


def contract_files(
    arguments: Sequence[str],
    settings: Settings,
    layouts: Layouts,
    *,
    source: str = "",
    layout: str = "",
    date_order: Order | None = None,
) -> list[ContractFile]:
    """The files to import, with what the settings know of their source: by its name, or by the paths it names."""
    found = []
    for argument in arguments:
        given = contract_file(argument, layouts)
        known = _known(source or given.source or given.provider, given.path, settings)
        if known:
            file = sourced(given.path, known)
        elif source:
            vendor = given.vendor or layouts.shared.vendor(source)
            file = replace(given, source=identifier(source), provider=given.provider or source, vendor=vendor)
        else:
            file = given
        found.append(
            replace(file, layout=layout or given.layout or file.layout, date_order=date_order or file.date_order)
        )
    return found


def take_in(
    store: Store, batch: ContractBatch, files: Sequence[ContractFile], settings: Settings, *, accept: bool
) -> list[Taken]:
    """Put *batch* into the store, all sources or none, in one transaction.

    Raises HeldError where a source loses more than a tenth of its lines and that was not accepted.
    """
    lines = with_extra(batch)
    known = {one.name: one for one in store.contract_sources()}
    taken, states, same = [], [], {}
    for name, group in lines.groupby("source", sort=True):
        source, dated, digest = str(name), _dated(group, files), _digest(group)
        before = store.contract_lines(source)
        if source in known and known[source].digest == digest and before is not None:
            same[source], none = dated, before.iloc[:0]
            taken.append(Taken(source, len(before), len(before), len(group), difference(none, none), True, False, ()))
            continue
        before = group.iloc[:0] if before is None else before
        after = merged(before, group, whole=_whole(source, settings))
        changes = difference(before, after)
        others = sorted(set(after["contract_number"]) - set(group["contract_number"]))
        taken.append(Taken(source, len(before), len(after), len(group), changes, False, False, tuple(others)))
        states.append(_state(source, after, group, digest, dated, batch, changes))
    _hold({one.source: one.before for one in taken}, {one.source: one.now for one in taken}, accept=accept)
    newer = store.save_contracts(states, same)
    return [replace(one, newer=one.source in newer) for one in taken]


def with_imported(store: Store, prepared: Prepared, day: date) -> Prepared:
    """*prepared* with the imported lines of sources for which no file was given: of all where there are no contract
    files, else of those that the settings name."""
    if prepared.contracts is not None and prepared.sources is None:
        return prepared  # files on the command line, or in contracts/, are the whole truth
    read = set(prepared.contracts.lines["source"]) if prepared.contracts is not None else set()
    named = {source.name: source for source in prepared.settings.contracts.source}
    wanted = [
        one for one in store.contract_sources()
        if one.name not in read and (prepared.contracts is None or one.name in named)
    ]  # fmt: skip
    if not wanted:
        return prepared
    batch = _batch(store, wanted)
    if prepared.contracts is not None:
        batch = _joined(prepared.contracts, batch)
    claims = {one.name: one for one in prepared.sources or ()}
    claims |= {one.name: _claim(one, named.get(one.name), day, prepared.settings) for one in wanted}
    return replace(prepared, contracts=batch, sources=tuple(claims.values()))


def hold_shrunk(store: Store, prepared: Prepared, *, accept: bool) -> None:
    """Compare the contract files of an audit with what their sources had before, in the same store.

    A source that is gone from a file it stood in counts as shrunk too. Raises HeldError.
    """
    if prepared.contracts is None:
        return
    lines, before = prepared.contracts.lines, store.last_counts()
    now = counts(lines)
    by_file = {str(name): int(rows) for name, rows in lines["source_file"].value_counts().items()}
    if gone := set(before) - set(now):
        stood = {source: store.last_files(source) for source in before}
        once = sum((Counter(files) for files in stood.values()), Counter())
        lost = {one.source for one in shrunk(once, {name: rows for name, rows in by_file.items() if name in once})}
        now |= {source: 0 for source in gone if lost & set(stood[source])}
    _hold(before, now, accept=accept)


def _hold(before: Mapping[str, int], now: Mapping[str, int], *, accept: bool) -> None:
    if not accept and (held := shrunk(before, now)):
        raise HeldError(
            f"held: {'; '.join(map(str, held))}; nothing was changed. If the file is whole, say --accept-shrink;"
            " if not, export it again"
        )


def _known(name: str, path: Path, settings: Settings) -> ContractSource | None:
    named = (one for one in settings.contracts.source if name and identifier(one.name) == identifier(name))
    by_path = (
        one
        for one in settings.contracts.source
        if not name and path.resolve() in {own.resolve() for own in paths_of(one, settings.folder)}
    )
    return next(named, None) or next(by_path, None)


def _whole(source: str, settings: Settings) -> bool:
    return any(one.name == source and one.complete for one in settings.contracts.source)


def _dated(group: pd.DataFrame, files: Sequence[ContractFile]) -> datetime:
    """When the newest of the files behind these lines was written."""
    names = set(group["source_file"])
    times = [file.path.stat().st_mtime for file in files if {file.path.name, str(file.path)} & names]
    return datetime.fromtimestamp(max(times, default=0), tz=UTC)


def _digest(group: pd.DataFrame) -> str:
    """Names the lines by what they say; the name of their file does not matter."""
    told = group.drop(columns="source_file")
    hashed = hashlib.blake2b("\x1f".join(map(str, told.columns)).encode(), digest_size=16)
    hashed.update(pd.util.hash_pandas_object(told, index=False).to_numpy().tobytes())
    return hashed.hexdigest()


def _state(
    source: str,
    after: pd.DataFrame,
    group: pd.DataFrame,
    digest: str,
    dated: datetime,
    batch: ContractBatch,
    changes: Difference,
) -> NewState:
    vendors, providers = set(after["vendor"]), set(after["provider"])
    names = set(group["source_file"])
    return NewState(
        source=source,
        provider=providers.pop() if len(providers) == 1 else "",
        vendor=vendors.pop() if len(vendors) == 1 else "",
        lines=after,
        batch_rows=len(group),
        digest=digest,
        dated=dated,
        files=[_plain(file) for file in batch.files if file.file in names],
        changes={"added": len(changes.added), "dropped": len(changes.dropped), "changed": len(changes.changed)},
    )


def _plain(report: FileReport) -> dict[str, Any]:
    return {one.name: getattr(report, one.name) for one in fields(report)}


def _batch(store: Store, sources: Sequence[ImportedSource]) -> ContractBatch:
    tables = [table for one in sources if (table := store.contract_lines(one.name)) is not None]
    lines = pd.concat(tables, ignore_index=True).fillna("").astype("str")
    return ContractBatch(lines[list(LINES)], extra_of(lines), tuple(_report(f) for one in sources for f in one.files))


def _report(kept: Mapping[str, Any]) -> FileReport:
    """A file's report as it was kept; lists of JSON are tuples again."""
    known = {one.name for one in fields(FileReport)}
    found: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in known
    }
    found["trailers"] = tuple((int(row), str(words)) for row, words in found.get("trailers", ()))
    return FileReport(**found)


def _joined(one: ContractBatch, other: ContractBatch) -> ContractBatch:
    lines = pd.concat([one.lines, other.lines], ignore_index=True)
    extra = pd.concat([one.extra, other.extra], ignore_index=True).fillna("").astype("str")
    return ContractBatch(lines, extra, (*one.files, *other.files))


def _claim(one: ImportedSource, known: ContractSource | None, day: date, settings: Settings) -> Source:
    """What an imported source claims; one that the settings do not know is the whole truth for its vendors."""
    if known is None:
        return Source(one.name, "", one.provider)
    written = datetime.fromisoformat(one.dated.replace("Z", "+00:00")).astimezone(settings.timezone).date()
    claim = Source(one.name, known.vendor, known.provider or one.provider, known.complete)
    return aged(claim, known.max_age_days, (day - written).days)
