"""The watched folder of contract files: each is taken in and put away, or refused with the reason beside it.

A file in it is a batch of its own. A folder in it is one batch: the pages of one list, from the source of that name.
What was taken in goes to ``done/``, what was refused to ``refused/`` with a text file that holds the sentence. What is
still being written stays. A kill between taking in and putting away is harmless: the same lines again change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.errors import SettingsError, StoreError, ours
from agent.imports import Taken, contract_files, take_in
from agent.settings import Settings
from agent.store import Store
from reconcile.contracts import read_contracts
from reconcile.layouts import Layouts

DONE: Final = "done"
REFUSED: Final = "refused"
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one entry of the folder."""

    name: str
    state: str
    """`done`, `refused`, or `waiting` where it is still being written."""
    text: str
    """What changed, or why not."""


def empty(folder: Path, store: Store, settings: Settings, layouts: Layouts, now: datetime) -> list[Arrival]:
    """Take in every batch of *folder*, oldest first. Raises StoreError; what is wrong with one batch costs no other."""
    if not folder.is_dir():
        return []
    entries = [path for path in folder.iterdir() if path.name not in (DONE, REFUSED) and _meant(path)]
    return [_arrival(path, store, settings, layouts, now) for path in sorted(entries, key=_age)]


def _arrival(path: Path, store: Store, settings: Settings, layouts: Layouts, now: datetime) -> Arrival:
    files = _files(path)
    before = _stamps(files)
    if not files or any(abs(now.timestamp() - written) < settings.agent.settle for _, _, written in before):
        return Arrival(path.name, "waiting", "it is still being written" if files else "the folder is empty")
    try:
        source = path.name if path.is_dir() else ""
        given = contract_files([str(file) for file in files], settings, layouts, source=source)
        batch = read_contracts(given, layouts=layouts)
        if _stamps(_files(path)) != before:
            return Arrival(path.name, "waiting", "it was written to while it was read")
        taken = take_in(store, batch, given, settings, accept=False)
    except (StoreError, SettingsError):
        raise  # not the file's fault: it stays
    except Exception as error:
        return _refused(path, error, now)
    _put_away(path, path.parent / DONE, now)
    return Arrival(path.name, DONE, "; ".join(map(_told, taken)))


def _refused(path: Path, error: Exception, now: datetime) -> Arrival:
    text = str(error) if ours(error) or isinstance(error, OSError) else f"it could not be read: {type(error).__name__}"
    there = _put_away(path, path.parent / REFUSED, now)
    note = there.with_name(there.name + ".txt")
    note.write_text(f"{text}\n\nMend the file and put it into {path.parent} again.\n", "utf-8")
    return Arrival(path.name, REFUSED, text)


def _put_away(path: Path, folder: Path, now: datetime) -> Path:
    """Move *path* into *folder*, under another name where its own is taken."""
    folder.mkdir(exist_ok=True)
    there = folder / path.name
    number = 0
    while there.exists():
        number += 1
        there = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{number}-{path.name}"
    return path.rename(there)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.is_file() and _meant(one))
    return [path]


def _meant(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and path.suffix.lower() not in _UNFINISHED


def _stamps(files: Sequence[Path]) -> list[tuple[str, int, float]]:
    return [(file.name, (stat := file.stat()).st_size, stat.st_mtime) for file in files]


def _age(path: Path) -> tuple[float, str]:
    return max((file.stat().st_mtime for file in _files(path)), default=0.0), path.name


def _told(one: Taken) -> str:
    changes = one.difference
    if one.same:
        return f"{one.source}: nothing changed"
    counts = f"{len(changes.added)} added, {len(changes.dropped)} dropped, {len(changes.changed)} changed"
    return f"{one.source}: {one.now} lines, {counts}"
