"""Everything that is read before the first packet, so that a bad file changes nothing: settings, targets, contracts
and the other tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Final

import pandas as pd

from agent.folder import Folder
from agent.settings import ContractSource, Settings
from agent.settings import load as load_settings
from agent.targets import load_targets
from collectors.model import Target
from collectors.platforms import Platform
from collectors.platforms import load as load_platforms
from reconcile.cells import Order
from reconcile.contracts import ContractBatch, ContractFile, contract_file, read_contracts
from reconcile.inputs import read_input
from reconcile.layouts import Layouts
from reconcile.layouts import load as load_layouts
from reconcile.ledger import Source
from reconcile.policy import Policy
from reconcile.policy import load as load_policy

_PATTERN: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """All inputs of an audit, read and checked."""

    settings: Settings
    platforms: Mapping[str, Platform]
    policy: Policy
    targets: tuple[Target, ...]
    contracts: ContractBatch | None
    """None: no contracts were given, the audit is an inventory."""
    sources: tuple[Source, ...] | None
    """What the settings' contract sources claim; None: the files given are the whole truth for their vendors."""
    tables: Mapping[str, pd.DataFrame]
    """The optional inputs by name."""


def prepare(
    folder: Folder, as_of: date | None, now: datetime, *, date_order: Order | None = None
) -> tuple[Prepared, date]:
    """Read all files of *folder*; the day of the audit is *as_of*, else today in the settings' time zone.
    *date_order* says how contract files write dates, where their source does not.

    Raises SettingsError, UsageError, ConfigError or SheetError, each with file, place and cure.
    """
    # what relative paths start from, also where it is not there
    beside = (folder.targets or folder.out).with_name("netcover.toml")
    settings = load_settings(folder.settings) if folder.settings else Settings(file=beside)
    day = as_of or now.astimezone(settings.timezone).date()
    platforms = load_platforms(settings.overlay)
    layouts = load_layouts(settings.overlay)
    empty_ok = folder.captures is not None
    targets = load_targets(folder.targets, settings, platforms, empty_ok=empty_ok) if folder.targets else ()
    files, sources = _contract_files(folder, settings, layouts, day)
    files = [replace(file, date_order=file.date_order or date_order) for file in files]
    read = {name: read_input(name, path, shared=layouts.shared) for name, path in folder.inputs}
    tables = {name: table for name, table in read.items() if len(table)}  # an empty template says nothing
    return Prepared(
        settings=settings,
        platforms=platforms,
        policy=load_policy(settings.overlay),
        targets=targets,
        contracts=read_contracts(files, layouts=layouts) if files else None,
        sources=sources,
        tables=tables,
    ), day


def _contract_files(
    folder: Folder, settings: Settings, layouts: Layouts, day: date
) -> tuple[list[ContractFile], tuple[Source, ...] | None]:
    """The files to read and what each source claims; a file of no source is the whole truth for its vendors."""
    if folder.explicit or not settings.contracts.source:
        return [contract_file(argument, layouts) for argument in folder.contracts], None
    files: list[ContractFile] = []
    sources: list[Source] = []
    for source in settings.contracts.source:
        paths = paths_of(source, settings.folder)
        files += [sourced(path, source) for path in paths]
        sources.append(_claim(source, paths, settings.folder, day, settings.timezone))
    known = {file.path.resolve() for file in files}
    for argument in folder.contracts:
        given = contract_file(argument, layouts)
        if given.path.resolve() not in known:
            files.append(replace(given, source=given.source or given.path.stem))
            sources.append(Source(files[-1].source, given.vendor, given.provider))
    return files, tuple(sources)


def sourced(path: Path, source: ContractSource) -> ContractFile:
    """A file of a source, with what the settings know of it."""
    return ContractFile(path, source.format, source.name, source.provider, source.vendor, source.date_order)


def paths_of(source: ContractSource, folder: Path) -> list[Path]:
    """The files that a source's paths and patterns name, relative to the settings file."""
    found: list[Path] = []
    for text in source.paths:
        path = _place(text, folder)
        found += [path] if path.is_file() else sorted(p for p in path.parent.glob(path.name) if p.is_file())
    return list(dict.fromkeys(found))


def _place(text: str, folder: Path) -> Path:
    """Where a path or pattern of the settings points; ``~`` is the user's own folder."""
    return folder / Path(text).expanduser()


def _claim(source: ContractSource, paths: Sequence[Path], folder: Path, day: date, zone: tzinfo) -> Source:
    """A source as reconciling sees it: incomplete where a file it names is not there, stale where all are too old."""
    claim = Source(source.name, source.vendor, source.provider, source.complete)
    if not source.paths:
        return replace(claim, complete=False, reason="it names no files and none were imported")
    if not paths:
        return replace(claim, complete=False, reason=f"no file matches {', '.join(source.paths)}")
    absent = [text for text in source.paths if not _PATTERN.search(text) and not _place(text, folder).is_file()]
    if absent:
        return replace(claim, complete=False, reason=f"{', '.join(absent)} is not there")
    newest = max(datetime.fromtimestamp(path.stat().st_mtime, tz=zone).date() for path in paths)
    return aged(claim, source.max_age_days, (day - newest).days)


def aged(claim: Source, allowed: int | None, age: int) -> Source:
    """The claim of a source whose newest file is *age* days old."""
    if allowed is None or age <= allowed:
        return claim
    return replace(claim, stale=True, reason=f"its newest file is {age} days old, {allowed} are allowed")
