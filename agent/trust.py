"""Enrolling SSH host keys: look at the keys that devices show, let a person compare, write them down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.errors import UsageError
from agent.poll import scope
from agent.screen import Screen
from agent.settings import Settings, load
from agent.targets import load_targets
from collectors import platforms
from collectors.errors import CollectError
from collectors.model import Target
from collectors.scope import plain, resolve
from collectors.transports.hostkeys import KnownHosts, ShownKey, append, scan_host_key

_AT_ONCE: Final = 16
_TARGETS: Final = ("targets.csv", "targets.xlsx")


@dataclass(frozen=True, slots=True)
class Host:
    """A device to be trusted: how it was named, where that is, and how to speak to it."""

    name: str
    address: str
    port: int
    legacy: bool = False


def enrol(
    addresses: Sequence[str],
    settings_file: Path,
    screen: Screen,
    *,
    port: int | None = None,
    ask: bool = True,
) -> bool:
    """Show the keys of the devices and, once agreed, add them to known_hosts.

    True where every device is trusted afterwards. Raises UsageError for an address outside the scope: then
    nothing was contacted.
    """
    settings = load(settings_file)
    listed = _listed(settings)
    hosts = [_host(name, settings, listed, port) for name in dict.fromkeys(addresses)]
    return trust_hosts(hosts, settings, screen, ask=ask)


def enrol_new(targets: Iterable[Target], settings: Settings, screen: Screen) -> None:
    """The same for those of *targets* that have no key on file; what is out of reach is left for the poll to report."""
    known = KnownHosts(settings.known_hosts)
    hosts = [host for target in targets if (host := _new_host(target, settings, known))]
    if hosts:
        trust_hosts(hosts, settings, screen)


def trust_hosts(hosts: Sequence[Host], settings: Settings, screen: Screen, *, ask: bool = True) -> bool:
    """Show the keys of *hosts*, all inside the scope, and add those agreed to; True where all are trusted then."""
    known = KnownHosts(settings.known_hosts)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        shown = list(pool.map(_scan, hosts))
    lines, complete = _new_lines(zip(hosts, shown, strict=True), known, settings.known_hosts, screen)
    if lines and ask and not screen.ask(f"Do the devices themselves show the same? Trust {_keys(len(lines))}?"):
        screen.warn(f"nothing was written to {settings.known_hosts}")
        return False
    if lines:
        append(settings.known_hosts, lines)
        screen.remark(f"added {_keys(len(lines))} to {settings.known_hosts}")
    return complete


def _new_lines(
    shown: Iterable[tuple[Host, ShownKey | CollectError]], known: KnownHosts, path: Path, screen: Screen
) -> tuple[list[str], bool]:
    """Show every key: the lines to write, and False where a device showed none that can be trusted."""
    on_file = set(path.read_text("utf-8").split()) if path.exists() else set()
    lines: list[str] = []
    complete = True
    for host, key in shown:
        if isinstance(key, CollectError):
            screen.warn(f"{host.name}: {key}")
            complete = False
            continue
        names, blob = (host.name, host.address), key.line.split()[2]
        if known.types(names, host.port) and blob not in on_file:
            screen.warn(
                f"{host.name}: the key has changed to {key.type} {key.fingerprint};"
                f" if the device was replaced, delete its line in {path} and run this again"
            )
            complete = False
        elif known.types(names, host.port):
            screen.remark(f"{host.name}  {key.type}  {key.fingerprint}  (trusted already)")
        else:
            screen.say(f"{host.name}  {key.type}  {key.fingerprint}")
            lines.append(_line(host, key))
    return lines, complete


def _scan(host: Host) -> ShownKey | CollectError:
    try:
        return scan_host_key(host.address, host.port, legacy=host.legacy)
    except CollectError as error:
        return error


def _line(host: Host, key: ShownKey) -> str:
    """The line of known_hosts under the address and, where it differs, the name."""
    place, kind, blob = key.line.split()
    own = host.name if host.port == 22 else f"[{host.name}]:{host.port}"
    return f"{place if own == place else f'{own},{place}'} {kind} {blob}"


def _listed(settings: Settings) -> dict[str, Target]:
    """The targets beside the settings, by address; none where there is no list."""
    path = next((path for name in _TARGETS if (path := settings.folder / name).is_file()), None)
    if path is None:
        return {}
    found = load_targets(path, settings, platforms.load(settings.overlay))
    return {target.address.lower(): target for target in found}


def _host(name: str, settings: Settings, listed: dict[str, Target], port: int | None) -> Host:
    target = listed.get(_plain(name).lower())
    if not settings.scope and target is None:
        raise UsageError(
            f"{name} is in no scope and not in targets.csv beside {settings.file};"
            " add it there, or set scope in the settings"
        )
    try:
        address = asyncio.run(resolve(name))
    except CollectError as error:
        raise UsageError(f"{error}; correct the name") from error
    if not scope(settings).allows(address):
        where = name if name == address else f"{name} ({address})"
        raise UsageError(f"{where} is outside the scope of {settings.file}; widen scope, or leave it out")
    usual = (target.ssh_port if target else None) or settings.collect.ssh_port
    return Host(name, address, port or usual, legacy=target is not None and target.legacy_ssh)


def _new_host(target: Target, settings: Settings, known: KnownHosts) -> Host | None:
    """A numeric target inside the scope that SSH would meet for the first time."""
    port = target.ssh_port or settings.collect.ssh_port
    address = _plain(target.address)
    protocols = target.protocols or settings.collect.protocols
    if "ssh" not in protocols or known.types((target.address, target.hostname), port):
        return None
    try:
        inside = scope(settings).allows(address)
    except ValueError:
        return None  # a name: enrolled with netcover trust, which resolves it
    return Host(target.address, address, port, legacy=target.legacy_ssh) if inside else None


def _plain(name: str) -> str:
    try:
        return str(plain(name))
    except ValueError:
        return name


def _keys(count: int) -> str:
    return f"{count} key" if count == 1 else f"{count} keys"
