"""Nornir's SimpleInventory: hosts.yaml, with the groups.yaml and defaults.yaml that stand beside it.

A value comes from the host, else from its groups in their order, else from the defaults (Nornir's documentation,
"Inventory"). User names, passwords and connection options are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from agent.inventories import Host, platform_of
from agent.yaml_text import MAX_BYTES, Node, read_yaml
from collectors.errors import ConfigError

_COLUMNS: Final = {"hostname": "address", "port": "ssh_port", "platform": "platform"}
_DATA: Final = {
    "site": "site",
    "netcover_credential": "credential",
    "netcover_protocols": "protocols",
    "netcover_snmp_port": "snmp_port",
    "netcover_legacy_ssh": "legacy_ssh",
}
"""Keys below `data`."""


def hosts_of_nornir(tree: Mapping[str, Node], path: Path) -> Iterator[Host]:
    """The hosts of *tree*, read from *path*. Raises ConfigError that names file, host and cure."""
    groups = _beside(path, "groups")
    defaults = _beside(path, "defaults")
    for name, content in tree.items():
        where = f"{path.name}, host {name}"
        chain = [*_chain(content, groups, where, ()), _mapping(defaults, "defaults.yaml")]
        cells = {"address": name, "hostname": name}
        for key, column in (*_COLUMNS.items(), *_DATA.items()):
            if text := _first(chain, key, data=key in _DATA):
                cells[column] = platform_of(text) if column == "platform" else text
        yield Host(name, 0, cells)


def _beside(path: Path, stem: str) -> dict[str, Node]:
    """The mapping of groups.yaml or defaults.yaml in the same folder; empty where there is none."""
    for suffix in (path.suffix or ".yaml", ".yaml", ".yml"):
        file = path.with_name(f"{stem}{suffix}")
        if not file.is_file():
            continue
        if file.stat().st_size > MAX_BYTES:
            raise ConfigError(f"{file.name}: an inventory of more than {MAX_BYTES >> 20} MiB is not read; split it")
        try:
            return _mapping(read_yaml(file.read_text("utf-8-sig"), file.name), file.name)
        except UnicodeDecodeError:
            raise ConfigError(f"{file.name} is not UTF-8 text; save it as UTF-8") from None
    return {}


def _chain(
    content: Node, groups: Mapping[str, Node], where: str, above: tuple[str, ...]
) -> Iterator[Mapping[str, Node]]:
    """The host, then its groups and theirs, first come first served."""
    own = _mapping(content, where)
    yield own
    named = own.get("groups", [])
    for group in named if isinstance(named, list) else [named]:
        if not isinstance(group, str) or not group:
            continue
        if group not in groups:
            raise ConfigError(f"{where}: its group {group!r} is not in groups.yaml beside the file; add it there")
        if group in above:
            raise ConfigError(f"{where}: its group {group!r} is a group of itself; take it out of groups.yaml")
        yield from _chain(groups[group], groups, where, (*above, group))


def _first(chain: list[Mapping[str, Node]], key: str, *, data: bool) -> str:
    for link in chain:
        place = link.get("data", "") if data else link
        value = place.get(key, "") if isinstance(place, dict) else ""
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _mapping(node: Node, where: str) -> dict[str, Node]:
    if isinstance(node, dict):
        return node
    if node:
        raise ConfigError(f"{where}: is no mapping; write its values as key: value")
    return {}
