"""Keeping a store for years: old runs go, backups are written and proved."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.errors import StoreError
from agent.settings import Settings
from agent.store import Store
from agent.store import backup as backups
from agent.store.retention import prune as prune_runs

_NAME: Final = "netcover-%Y-%m-%dT%H%M%SZ.db"
_EVERY: Final = "netcover-????-??-??T??????Z.db"
_PARTIAL: Final = ".netcover-backup.partial"


def prune(store: Store, settings: Settings, now: datetime) -> str:
    """Throw away the runs past the retention of ``[upkeep]``; what was done, as a sentence.

    Raises StoreBusyError while another process is in a run.
    """
    upkeep = settings.upkeep
    with store.alone():
        done = store.write(prune_runs, keep_runs=upkeep.keep_runs, keep_days=upkeep.keep_days, now=now)
    kept = f"{_counted(done.kept, 'run')} kept" + (f", the oldest is run {done.oldest}" if done.oldest else "")
    if not done.runs:
        return f"nothing to prune; {kept}"
    span = f"run {done.runs[0]}" + (f" to run {done.runs[-1]}" if len(done.runs) > 1 else "")
    with_them = ", ".join(
        (
            _counted(done.observations, "observation"),
            _counted(done.findings, "finding"),
            _counted(done.blobs, "stored answer or list"),
        )
    )
    return f"{_counted(len(done.runs), 'run')} pruned ({span}), with {with_them}; {kept}"


def backup(store: Store, folder: Path, keep: int, now: datetime) -> Path:
    """Write a backup of the store into *folder*, read it back, and keep the newest *keep* of them; its path.

    It gets its name when it was proved, and no older one goes before: a failure costs no backup that was good.
    Raises StoreError: not SQLite, nowhere to write, a copy that is not what was copied.
    """
    partial = folder / _PARTIAL
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError(f"{folder}: the backup cannot be written: {error.strerror}; name another folder") from error
    path = folder / now.astimezone(UTC).strftime(_NAME)
    try:
        state = store.read(backups.copy, partial)
        backups.check(partial, state)
        _settle(partial, path)
    except OSError as error:
        raise StoreError(f"{folder}: the backup cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    for old in sorted(set(folder.glob(_EVERY)) - {path}, reverse=True)[max(keep, 1) - 1 :]:
        old.unlink(missing_ok=True)
    return path


def _settle(partial: Path, path: Path) -> None:
    """Give the file its name once its bytes are on the disk."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _counted(number: int, noun: str) -> str:
    plural = noun if number == 1 else noun.replace("answer or list", "answers or lists") if " " in noun else f"{noun}s"
    return f"{number:,} {plural}"
