"""Saved answers in place of a network: a folder in, the observations that a poll would have made out.

A device is a folder, or one file, or the files that share a name before their command (``core1_show_version.txt``,
``core1_show_inventory.txt``). No file is passed over in silence: one that holds nothing known is an observation of
its own, `malformed` with the reason. Hidden files are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

from collectors.errors import Malformed
from collectors.model import Observation, Outcome, Target
from collectors.platforms import Platform
from collectors.saved import commands
from collectors.saved.device import Saved, allowed, observe, read_file

__all__ = ["devices", "read_captures"]


def devices(folder: Path, allow: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """The files of each device by its name: that of its folder, or what its files' names say before a command."""
    found: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            found.setdefault(entry.name, []).extend(_below(entry))
        else:
            name, _ = commands.of_name(commands.stem(entry), allow)
            found.setdefault(name or folder.resolve().name, []).append(entry)
    return {name: tuple(paths) for name, paths in found.items()}


def read_captures(
    folder: Path,
    platforms: Mapping[str, Platform],
    now: Callable[[], datetime],
    targets: Sequence[Target] = (),
    *,
    neighbours: bool = False,
) -> Iterator[Observation]:
    """One observation for each device in *folder*, and one for each file that holds nothing known.

    *targets* give address, site and platform of the device whose host name or address they name; the address of any
    other device is the name of its folder or file. Nothing is contacted. Raises nothing for what a file holds.
    Without *neighbours* what CDP and LLDP show is passed over.
    """
    if not neighbours:
        platforms = {name: platform.without_neighbours() for name, platform in platforms.items()}
    lookup = _Lookup(folder.resolve().name, _by_name(targets), set())
    allow = allowed(platforms)
    for name, paths in devices(folder, allow).items():
        held: list[Saved] = []
        for path in paths:
            try:
                held.append(read_file(path, allow))
            except Malformed as error:
                yield _malformed(lookup.stray(path.relative_to(folder)), now(), str(error))
        if held:
            yield _device(lookup.target(name, held), held, platforms, now())
        elif not paths:
            yield _malformed(lookup.stray(Path(name)), now(), f"{folder / name}: the folder is empty")


def _device(target: Target, held: Sequence[Saved], platforms: Mapping[str, Platform], started: datetime) -> Observation:
    seen = Observation(target, Outcome.MALFORMED, target.address, started, hostname=target.hostname)
    try:
        return observe(seen, held, platforms)
    except Exception as error:
        # a defect of ours on one device: the run goes on, and the row says what to report
        return replace(seen, reason=f"netcover could not make sense of it: {type(error).__name__}: {error}")


def _malformed(target: Target, started: datetime, reason: str) -> Observation:
    return Observation(target, Outcome.MALFORMED, target.address, started, hostname=target.hostname, reason=reason)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Which target a device is; no two devices get the same address."""

    folder: str
    targets: Mapping[str, Target]
    taken: set[str]

    def target(self, name: str, held: Sequence[Saved]) -> Target:
        """The listed target of that name, or of the host name in the prompts; else one made of the name."""
        shown = [hostname for saved in held for hostname in saved.hostnames]
        short = [key.partition(".")[0] for key in (name, *shown) if not _is_address(key)]
        for key in (name, *shown, *short):
            known = self.targets.get(key.casefold())
            if known and known.address not in self.taken:
                self.taken.add(known.address)
                return known
        return self._own(name, hostname="" if _is_address(name) else name)

    def stray(self, path: Path) -> Target:
        """The target that stands for a file."""
        return self._own(str(path))

    def _own(self, name: str, hostname: str = "") -> Target:
        address = name if name not in self.taken else f"{self.folder}/{name}"
        while address in self.taken:
            address += "'"
        self.taken.add(address)
        return Target(address, hostname=hostname, origin=name)


def _by_name(targets: Sequence[Target]) -> dict[str, Target]:
    """Targets by address, host name and host name without its domain; a name of two targets is nobody's."""
    found: dict[str, Target] = {}
    twice: set[str] = set()
    for target in targets:
        names = {target.address, target.hostname}
        names |= {name.partition(".")[0] for name in names if not _is_address(name)}
        for name in {name.casefold() for name in names} - {""}:
            if name in found:
                twice.add(name)
            found[name] = target
    return {name: target for name, target in found.items() if name not in twice}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _below(folder: Path) -> Iterator[Path]:
    """Every file below *folder* but the hidden ones."""
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
