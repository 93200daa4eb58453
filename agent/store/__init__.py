"""The store: what runs saw, and what was found. One writer, many readers; readers see sealed runs only.

with open_store("sqlite:///netcover.db") as store:
    run = store.begin_run(as_of=today, version="0.1.0", settings_digest=settings.digest)
    for observation in observations:
        store.save_observation(run, observation)
    store.seal(run, {"targets": 3})
    units = store.units(run)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import pandas as pd
from sqlalchemy import Connection, Engine

from agent.store import acceptances, captures, contracts, findings, inputs, lines, observations, past, runs, sightings
from agent.store.captures import StoredCapture
from agent.store.contracts import ImportedSource, NewState
from agent.store.database import Magic, connect, filesystem, place, reading, writing
from agent.store.migrate import upgrade
from agent.store.runs import Run
from agent.store.schema import SEALED
from agent.store.sightings import NEIGHBOURS, RELEASES, SECTIONS
from agent.store.writer import WriterLock
from collectors.model import Observation

__all__ = [
    "NEIGHBOURS",
    "RELEASES",
    "SECTIONS",
    "ImportedSource",
    "NewState",
    "Run",
    "Store",
    "StoredCapture",
    "open_store",
]

P = ParamSpec("P")
T = TypeVar("T")
WAIT: Final = 30.0
"""Seconds that a second writer waits before it gives up."""


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def open_store(
    url: str, *, clock: Callable[[], datetime] = now, wait: float = WAIT, magic: Magic = filesystem
) -> Store:
    """Open the store at *url* and bring it to this version's schema; use it in a ``with`` block.

    *wait* is how long, in seconds, `begin_run` waits for another writer. Raises StoreError: no such place,
    not a netcover store, written by a newer netcover, on a network file system.
    """
    engine = connect(url, magic=magic)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, clock, wait)


class Store:
    """An open store. Every method is one transaction and raises StoreError."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], wait: float) -> None:
        self._engine = engine
        self._clock = clock
        self._wait = wait
        self._writer = WriterLock(engine)

    @property
    def place(self) -> str:
        """The store's name in messages."""
        return place(self._engine)

    def read(self, what: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a reading function of a module of this package gives: ``store.read(slots.open_ones, job)``."""
        with reading(self._engine) as connection:
            return what(connection, *args, **kwargs)

    def write(self, what: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a function that writes; all of it happens, or nothing."""
        with writing(self._engine) as connection:
            return what(connection, *args, **kwargs)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the writer's lock: no run is open meanwhile. Raises StoreBusyError as `begin_run` does."""
        self._writer.acquire(self._wait)
        try:
            yield
        finally:
            self._writer.release()

    def begin_run(self, *, as_of: date, version: str, settings_digest: str) -> int:
        """Open a run and return its number; aborts what a killed netcover left open.

        Raises StoreBusyError where another process is in a run of its own and does not end it in time.
        """
        self._writer.acquire(self._wait)
        try:
            with writing(self._engine) as connection:
                return runs.begin(connection, self._clock(), as_of, version, settings_digest)
        except BaseException:
            self._writer.release()
            raise

    def save_observation(self, run: int, observation: Observation) -> None:
        """Write what the open run saw of one target; on the disk for good once the run is sealed."""
        with writing(self._engine, durable=False) as connection:
            observations.save(connection, run, observation)

    def seal(self, run: int, counts: Mapping[str, Any]) -> None:
        """Make the run visible. *counts* is anything JSON can write."""
        with writing(self._engine) as connection:
            runs.seal(connection, run, self._clock(), counts)
        self._writer.release()

    def abort(self, run: int) -> None:
        """Throw the open run away."""
        with writing(self._engine) as connection:
            runs.drop(connection, run, self._clock())
        self._writer.release()

    def last_sealed(self, before: int | None = None) -> int | None:
        """The newest sealed run, or the newest before that one."""
        with reading(self._engine) as connection:
            return runs.last(connection, before=before, reconciled=False)

    def last_reconciled(self, before: int | None = None) -> int | None:
        """The newest sealed run that has findings saved (none may be open), or the newest before that one."""
        with reading(self._engine) as connection:
            return runs.last(connection, before=before, reconciled=True)

    def run(self, run: int) -> Run | None:
        """What is known of a run, in any state."""
        with reading(self._engine) as connection:
            return runs.get(connection, run)

    def recent_runs(self, limit: int = 20) -> tuple[Run, ...]:
        """The latest runs in any state, newest first."""
        with reading(self._engine) as connection:
            return runs.recent(connection, limit)

    def units(self, run: int) -> pd.DataFrame:
        """`reconcile.tables.UNITS` of a sealed run, `coverable` empty."""
        return self._read(run, sightings.units_of)

    def licences(self, run: int) -> pd.DataFrame:
        """`reconcile.tables.LICENCES` of a sealed run."""
        return self._read(run, sightings.licences_of)

    def software(self, run: int) -> pd.DataFrame:
        """`RELEASES` of a sealed run."""
        return self._read(run, sightings.software_of)

    def neighbours(self, run: int) -> pd.DataFrame:
        """`NEIGHBOURS` of a sealed run."""
        return self._read(run, sightings.neighbours_of)

    def targets(self, run: int) -> pd.DataFrame:
        """`reconcile.tables.TARGETS` of a sealed run: every target, read or not."""
        return self._read(run, sightings.targets_of)

    def sections(self, run: int) -> pd.DataFrame:
        """`SECTIONS` of a sealed run."""
        return self._read(run, sightings.sections_of)

    def history(self, before_run: int) -> pd.DataFrame:
        """`reconcile.tables.HISTORY`: each unit's latest sighting in sealed runs before that one."""
        with reading(self._engine) as connection:
            return sightings.history_before(connection, before_run)

    def captures(
        self, *, target: str | None = None, section: str | None = None, run: int | None = None
    ) -> tuple[StoredCapture, ...]:
        """The kept answers of devices, by the target's address as listed."""
        with reading(self._engine) as connection:
            return captures.find(connection, target=target, section=section, run=run)

    def save_lines(self, run: int, batch: pd.DataFrame) -> None:
        """Keep the contract lines (`reconcile.tables.LINES` and more) a sealed run is reconciled with."""
        with writing(self._engine) as connection:
            runs.require(connection, run, SEALED)
            lines.save(connection, run, batch)

    def lines(self, run: int) -> pd.DataFrame:
        """The contract lines saved for a sealed run."""
        return self._read(run, lines.lines_of)

    def contract_sources(self) -> tuple[ImportedSource, ...]:
        """The sources whose contract lines were imported."""
        with reading(self._engine) as connection:
            return contracts.sources(connection)

    def contract_lines(self, source: str) -> pd.DataFrame | None:
        """The imported lines of a source now (`reconcile.contracts.with_extra`); None where there are none."""
        with reading(self._engine) as connection:
            return contracts.lines(connection, source)

    def save_contracts(self, states: Sequence[NewState], same: Mapping[str, datetime]) -> tuple[str, ...]:
        """Take in a batch, all sources or none; *same* are sources whose lines did not change, with the time of their
        files. Returns those of them that are newer now."""
        with writing(self._engine) as connection:
            contracts.save(connection, states, self._clock())
            return tuple(name for name, dated in same.items() if contracts.refresh(connection, name, dated))

    def last_counts(self) -> dict[str, int]:
        """Lines by source, as last reconciled, else as imported."""
        with reading(self._engine) as connection:
            return contracts.last_counts(connection)

    def last_files(self, source: str) -> dict[str, int]:
        """The lines of a source by file, as last reconciled."""
        with reading(self._engine) as connection:
            return contracts.last_files(connection, source)

    def save_findings(self, run: int, found: pd.DataFrame) -> None:
        """Keep the findings (`reconcile.tables.FINDINGS`) of a sealed run, in place of those it had."""
        with writing(self._engine) as connection:
            runs.require(connection, run, SEALED)
            findings.save(connection, run, found, self._clock())

    def findings(self, run: int) -> pd.DataFrame:
        """The findings saved for a sealed run."""
        return self._read(run, findings.findings_of)

    def sightings(self, serial: str) -> pd.DataFrame:
        """`past.SIGHTINGS`: every sealed run's sighting of a canonical serial, oldest first."""
        with reading(self._engine) as connection:
            return past.sightings(connection, serial)

    def visits(self, device: str) -> pd.DataFrame:
        """`past.VISITS`: the sealed runs that had the device of this address or host name as a target."""
        with reading(self._engine) as connection:
            return past.visits_of_device(connection, device)

    def findings_about(self, *, key: str = "", serial: str = "") -> pd.DataFrame:
        """``run`` and `FINDINGS` of one key, or of one serial, in every reconciled run, oldest first."""
        with reading(self._engine) as connection:
            return past.findings_of(connection, key=key, serial=serial)

    def save_inputs(self, run: int, tables: Mapping[str, pd.DataFrame]) -> None:
        """Keep what a sealed run is judged by beside its contract lines: text tables by name."""
        with writing(self._engine) as connection:
            runs.require(connection, run, SEALED)
            inputs.save(connection, run, tables)

    def inputs(self, run: int) -> dict[str, pd.DataFrame]:
        """What a sealed run was judged by; empty where it was only collected."""
        with reading(self._engine) as connection:
            runs.require(connection, run, SEALED)
            return inputs.inputs_of(connection, run)

    def accept(self, keys: Sequence[str], *, until: date, reason: str) -> None:
        """Accept the findings of these keys, in every run to come, until the end of that day."""
        with writing(self._engine) as connection:
            acceptances.save(connection, keys, until, reason, self._clock())

    def withdraw(self, keys: Sequence[str]) -> None:
        """Accept the findings of these keys no longer."""
        with writing(self._engine) as connection:
            acceptances.withdraw(connection, keys)

    def acceptances(self) -> pd.DataFrame:
        """`schema.ACCEPTANCE`: every acceptance, also those whose day has passed."""
        with reading(self._engine) as connection:
            return acceptances.every(connection)

    def close(self) -> None:
        """Close the database; an open run stays open and is aborted by the next one to begin."""
        self._writer.release()
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, run: int, of: Callable[[Any, int], pd.DataFrame]) -> pd.DataFrame:
        with reading(self._engine) as connection:
            runs.require(connection, run, SEALED)
            return of(connection, run)
