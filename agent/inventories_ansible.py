"""An Ansible inventory, INI or YAML: groups, their children and variables, as far as they say where a host is.

Sources of the form: Ansible's documentation, "How to build your inventory" (groups, ranges, precedence of variables).
Variables in `group_vars` and `host_vars` beside the inventory are not read.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from agent.inventories import Host, platform_of
from agent.yaml_text import Node
from collectors.errors import ConfigError

_ALL: Final = "all"
_OUT: Final = ("local", "docker", "winrm", "psrp")
"""Connections that lead to no network device."""
_COLUMNS: Final = {
    "ansible_host": "address",
    "ansible_port": "ssh_port",
    "ansible_network_os": "platform",
    "site": "site",
    "netcover_site": "site",
    "netcover_platform": "platform",
    "netcover_credential": "credential",
    "netcover_protocols": "protocols",
    "netcover_snmp_port": "snmp_port",
    "netcover_legacy_ssh": "legacy_ssh",
}
"""The only variables that are read, and the column of our list each fills; a later one wins."""
_CONNECTION: Final = "ansible_connection"
_READ: Final = frozenset((*_COLUMNS, _CONNECTION))
_RANGE: Final = re.compile(r"\[([0-9]+|[A-Za-z]):([0-9]+|[A-Za-z])(?::([0-9]+))?\]")
_MOST_HOSTS: Final = 1 << 17
_DEEPEST: Final = 50


@dataclass(slots=True)
class _Group:
    hosts: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """By name: the line, and the variables that are read."""
    children: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


def hosts_of_ini(text: str, name: str) -> Iterator[Host]:
    """The hosts of an inventory in INI form. Raises ConfigError that names file and line."""
    groups: dict[str, _Group] = {}
    group, part = "ungrouped", "hosts"
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            group, part = _section(line, f"{name}, line {number}")
            groups.setdefault(group, _Group())
            continue
        _ini_line(groups.setdefault(group, _Group()), part, line, number, name)
    return _hosts(groups, name)


def hosts_of_groups(tree: Mapping[str, Node], name: str) -> Iterator[Host]:
    """The hosts of an inventory in YAML form. Raises ConfigError that names file and group."""
    groups: dict[str, _Group] = {}
    for group, content in tree.items():
        _take(groups, group, content, name, 0)
    return _hosts(groups, name)


def _section(line: str, where: str) -> tuple[str, str]:
    found = re.fullmatch(r"\[([^\]:]+)(?::([a-z]+))?\]\s*(?:[#;].*)?", line)
    if not found or (found[2] or "hosts") not in ("hosts", "vars", "children"):
        raise ConfigError(f"{where}: is no section; write [group], [group:vars] or [group:children]")
    return found[1].strip(), found[2] or "hosts"


def _ini_line(group: _Group, part: str, line: str, number: int, name: str) -> None:
    where = f"{name}, line {number}"
    if part == "vars":
        key, _, value = line.partition("=")
        if key.strip() in _READ:
            group.values[key.strip()] = value.strip().strip("'\"")
        return
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        raise ConfigError(f"{where}: a quote is not closed") from None
    if not words:
        return
    if part == "children":
        group.children.append(words[0])
        return
    pairs = (word.partition("=") for word in words[1:])
    values = {key: value for key, _, value in pairs if key in _READ}
    for host in _expanded(words[0], where):
        group.hosts.setdefault(host, (number, {}))[1].update(values)


def _take(groups: dict[str, _Group], name: str, content: Node, file: str, depth: int) -> None:
    """Enter a group of the YAML form and the groups inside it."""
    group = groups.setdefault(name, _Group())
    where = f"{file}, group {name}"
    if not content:
        return
    if not isinstance(content, dict) or depth > _DEEPEST:
        raise ConfigError(f"{where}: is no group; give it hosts, children or vars")
    group.values |= _variables(content.get("vars", ""))
    hosts = content.get("hosts", "")
    children = content.get("children", "")
    if (hosts and not isinstance(hosts, dict)) or (children and not isinstance(children, dict)):
        raise ConfigError(f"{where}: its hosts and children must be mappings, each name with a colon")
    for pattern, values in (hosts or {}).items() if isinstance(hosts, dict) else ():
        for host in _expanded(pattern, where):
            group.hosts.setdefault(host, (0, {}))[1].update(_variables(values))
    for child, inside in children.items() if isinstance(children, dict) else ():
        if child not in group.children:
            group.children.append(child)
        _take(groups, child, inside, file, depth + 1)


def _variables(node: Node) -> dict[str, str]:
    """Those that are read; nothing else is looked at."""
    if not isinstance(node, dict):
        return {}
    return {key: value for key, value in node.items() if key in _READ and isinstance(value, str)}


def _hosts(groups: Mapping[str, _Group], name: str) -> Iterator[Host]:
    """Every host once, with what its groups say below what it says itself."""
    depth = _depths(groups, name)
    inherited: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    own: dict[str, dict[str, str]] = {}
    # Ansible's precedence: the deeper group wins, among equals the later in the alphabet.
    ranked = sorted(groups, key=lambda group: (group != _ALL, depth[group], group))
    for top in ranked:
        for member in _members(groups, top):
            inherited.setdefault(member, {}).update(groups[top].values)
    for group in groups.values():
        for host, (line, values) in group.hosts.items():
            lines.setdefault(host, line)
            own.setdefault(host, {}).update(values)
    for host, values in own.items():
        known = {**groups.get(_ALL, _Group()).values, **inherited.get(host, {}), **values}
        if known.get(_CONNECTION, "").rpartition(".")[2] in _OUT:
            continue
        yield Host(host, lines[host], _cells(host, known, name))


def _depths(groups: Mapping[str, _Group], name: str) -> dict[str, int]:
    """How far below its topmost parent each group stands; a group that is its own child is refused."""
    depth = dict.fromkeys(groups, 0)
    for _ in groups:
        moved = False
        for parent, group in groups.items():
            for child in group.children:
                if child not in groups:
                    raise ConfigError(
                        f"{name}, group {parent}: its child {child!r} is no group of the file; add [{child}]"
                    )
                if depth[child] <= depth[parent]:
                    depth[child], moved = depth[parent] + 1, True
        if not moved:
            return depth
    raise ConfigError(f"{name}: a group is its own child; take one of the two out of the other's children")


def _members(groups: Mapping[str, _Group], top: str) -> set[str]:
    """The hosts of a group and of all below it."""
    found: set[str] = set()
    waiting, met = [top], {top}
    while waiting:
        group = groups[waiting.pop()]
        found.update(group.hosts)
        waiting.extend(child for child in group.children if child not in met)
        met.update(group.children)
    return found


def _cells(host: str, values: Mapping[str, str], name: str) -> dict[str, str]:
    cells = {"address": host, "hostname": host}
    for variable, column in _COLUMNS.items():
        if text := values.get(variable, "").strip():
            if "{{" in text or "{%" in text:
                raise ConfigError(
                    f"{name}, host {host}: {variable} is a template, and none is run here; write its value"
                )
            cells[column] = platform_of(text) if column == "platform" else text
    return cells


def _expanded(pattern: str, where: str) -> Sequence[str]:
    """The hosts of ``sw[01:20].example.net`` or ``sw-[a:d]``; without a range the name itself."""
    pieces: list[Sequence[str]] = []
    count, at = 1, 0
    for match in _RANGE.finditer(pattern):
        steps = _steps(match, where)
        pieces += [(pattern[at : match.start()],), steps]
        count, at = count * len(steps), match.end()
        if count > _MOST_HOSTS:
            raise ConfigError(f"{where}: {pattern[:60]!r} means more than {_MOST_HOSTS:,} hosts")
    return ["".join(name) for name in product(*pieces, (pattern[at:],))]


def _steps(match: re.Match[str], where: str) -> list[str]:
    low, high, step = match[1], match[2], int(match[3] or 1)
    digits = low.isdigit() and high.isdigit()
    if not step or low.isdigit() != high.isdigit() or len(high) > 9:
        raise ConfigError(f"{where}: {match[0]} is no range; write one such as [01:20] or [a:d]")
    first, last = (int(low), int(high)) if digits else (ord(low), ord(high))
    if last < first or last - first > _MOST_HOSTS:
        raise ConfigError(f"{where}: {match[0]} is backwards or too long")
    return [str(number).zfill(len(low)) if digits else chr(number) for number in range(first, last + 1, step)]
