"""An audit folder: which file is which, as `netcover init` lays it out and the command line overrides it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.errors import UsageError

INPUTS: Final = (
    "register",
    "spares",
    "rma",
    "entitlements",
    "software",
    "eox",
    "sites",
    "profile",
    "accepted",
)
"""The optional tables: ``--NAME FILE``, else ``NAME.csv`` or ``NAME.xlsx`` in the folder."""
CONTRACT_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsb", ".json")
DEFAULT_OUT: Final = "out"


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line said; None and empty mean "look in the folder"."""

    folder: Path | None = None
    settings: Path | None = None
    targets: Path | None = None
    captures: Path | None = None
    """A folder of saved answers, read in place of the network."""
    contracts: tuple[str, ...] = ()
    """``FILE`` or ``NAME=FILE``."""
    out: Path | None = None
    inputs: tuple[tuple[str, Path], ...] = ()
    """(name of the input, file), names of `INPUTS`."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one audit. All of them exist; None where there is none."""

    settings: Path | None
    targets: Path | None
    """None only where captures stand in for the network."""
    contracts: tuple[str, ...]
    """``FILE`` or ``NAME=FILE``, as given or as found in ``contracts/``."""
    explicit: bool
    """Whether the command line named the contracts: they take the place of the settings' sources."""
    inputs: tuple[tuple[str, Path], ...]
    out: Path
    captures: Path | None = None


def locate(given: Given, here: Path, *, polls: bool = True) -> Folder:
    """Find the files of an audit; without *polls* no target list is asked for. Without a folder *here* is it.

    Raises UsageError that names what is missing and how to make it.
    """
    if given.folder and not given.folder.is_dir():
        raise UsageError(f"{given.folder}: no such folder; make one with: netcover init {given.folder}")
    folder = given.folder or here
    _check_captures(given)
    targets = given.targets or _first(folder, "targets", (".csv", ".xlsx"))
    if polls and targets is None and given.captures is None:
        raise UsageError(f"{folder}: no targets.csv; name a file with --targets, or make a folder with: netcover init")
    settings = given.settings or _first(folder, "netcover", (".toml",))
    found = {name: path for name in INPUTS if (path := _first(folder, name, (".csv", ".xlsx")))} | dict(given.inputs)
    contracts = given.contracts or _contracts(folder / "contracts")
    for path in (targets, settings, *found.values()):
        if path and not path.is_file():
            raise UsageError(f"{path}: no such file; correct the name on the command line")
    out = given.out or folder / DEFAULT_OUT
    inputs = tuple(sorted(found.items()))
    return Folder(settings, targets, contracts, bool(given.contracts), inputs, out, given.captures)


def _check_captures(given: Given) -> None:
    """Saved answers are of whatever devices they are of: there is nothing to poll, and so no list of it."""
    captures = given.captures
    if captures is None:
        return
    if given.targets:
        raise UsageError(
            f"--captures {captures} and --targets {given.targets}: give one of them; sites and host names for captures"
            " come from the targets.csv in the folder"
        )
    if not captures.is_dir():
        raise UsageError(
            f"{captures}: no such folder; --captures names a folder with one file or folder for each device"
        )
    if not any(not entry.name.startswith(".") for entry in captures.iterdir()):
        raise UsageError(f"{captures}: holds no captures; put one file or folder for each device there")


def _first(folder: Path, stem: str, suffixes: tuple[str, ...]) -> Path | None:
    return next((path for suffix in suffixes if (path := folder / f"{stem}{suffix}").is_file()), None)


def _contracts(folder: Path) -> tuple[str, ...]:
    """The contract files of a folder by name; hidden files and what a spreadsheet program locks are left out."""
    if not folder.is_dir():
        return ()
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith((".", "~$")))
    return tuple(str(path) for path in files if path.suffix.lower() in CONTRACT_SUFFIXES)
