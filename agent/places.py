"""Where a command reads and writes: the store and the output folder, found and tried before anything is contacted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from agent.errors import StoreError, UsageError
from agent.folder import DEFAULT_OUT
from agent.settings import Settings
from agent.settings import load as load_settings
from agent.store import Store

STORE_NAME: Final = "netcover.db"
_SQLITE: Final = "sqlite:///"


def store_url(store: str, folder: Path, settings: Path | None = None) -> str:
    """The URL of an audit folder's store: *store* (a URL, or the path of a file), else what the settings say, else
    ``out/netcover.db`` in *folder*."""
    if store:
        return store if "://" in store else f"{_SQLITE}{store}"
    return settings_of(folder, settings).store.url or default_url(folder)


def default_url(folder: Path) -> str:
    """Where the store of an audit folder is, unless somebody says otherwise."""
    return f"{_SQLITE}{folder / DEFAULT_OUT / STORE_NAME}"


def settings_of(folder: Path, settings: Path | None = None) -> Settings:
    """The settings named, else those of an audit folder; all defaults where it has no file. Raises SettingsError."""
    path = settings or folder / "netcover.toml"
    return load_settings(path) if settings or path.is_file() else Settings(file=path)


def existing(url: str) -> str:
    """The URL, where its store is there already: a command that only reads makes none. Raises UsageError."""
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).expanduser()
        if not path.is_file():
            raise UsageError(
                f"{path}: there is no store; netcover audit and netcover run make one; name its folder, or with --store"
                " another place"
            )
    return url


def chosen_run(store: Store, run: int | None, *, reconciled: bool = True) -> int:
    """The run that was asked for, else the newest. Raises StoreError where there is none."""
    if run is not None:
        about = store.run(run)
        if about is None or about.state != "sealed":
            raise StoreError(f"run {run} is not in the store, or was never ended; netcover show run lists the runs")
        return run
    newest = store.last_reconciled() if reconciled else store.last_sealed()
    if newest is None:
        raise StoreError(f"{store.place} holds no run yet; make one with: netcover audit")
    return newest


def ready(out: Path, names: Iterable[str] = ()) -> Path:
    """Make the folder *out*, prove that files can be written there, and that none of *names* is a folder.

    Raises UsageError that names the cure.
    """
    cure = "name another folder with --out"
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is a file, not a folder; {cure}")
    probe = out / f".netcover-{os.getpid()}.probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror}; {cure}") from None
    for name in names:
        if (out / name).is_dir():
            raise UsageError(f"{out / name}: is a folder, and a file of that name is to be written; {cure}")
    return out
