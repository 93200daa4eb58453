"""Inventories of other tools as targets: Ansible (INI and YAML) and Nornir's SimpleInventory, told by their content.

Only the variables that say where a device is and what it is are read. Passwords, keys and everything else in an
inventory are passed over: they are neither kept nor repeated in a message. Nothing in these files is run: no Jinja,
no lookups, no YAML tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.yaml_text import MAX_BYTES, Node, read_yaml
from collectors.errors import ConfigError

_ANSIBLE_GROUP: Final = frozenset(("hosts", "children", "vars"))
_NORNIR_HOST: Final = frozenset(
    ("hostname", "port", "username", "password", "platform", "groups", "data", "connection_options")
)
_INI_SUFFIXES: Final = (".ini", ".cfg")
_YAML_SUFFIXES: Final = (".yaml", ".yml")
_INI_GROUP: Final = re.compile(r"^\s*\[[^\]\n,;]+\]\s*(?:[#;].*)?$", re.M)
_INI_VARIABLE: Final = re.compile(r"^[^\n,#;]*\sansible_[a-z_]+\s*=", re.M)
_YAML_KEY: Final = re.compile(r"---|[^\s,;|#\[{][^,;|\t]*:")
_TABLES: Final = (".csv", ".tsv", ".xlsx", ".xls", ".xlsm")
_SYSTEMS: Final = {
    "ios": "cisco_ios", "iosxe": "cisco_ios", "cisco_iosxe": "cisco_ios", "cisco_xe": "cisco_ios",
    "nxos": "cisco_nxos", "nxos_ssh": "cisco_nxos", "iosxr": "cisco_xr", "cisco_iosxr": "cisco_xr",
    "iosxr_netconf": "cisco_xr", "asa": "cisco_asa", "ftd": "cisco_ftd", "aireos": "cisco_wlc",
    "cisco_wlc_ssh": "cisco_wlc", "cisco_s300": "cisco_sb", "smartoptics_dwdm": "smartoptics_dcp",
}  # fmt: skip
"""The names of Ansible's collections, of netmiko and of napalm for platforms that we know under our own."""


@dataclass(frozen=True, slots=True)
class Host:
    """One host of an inventory, in the columns of our own target list; no other variable is kept."""

    name: str
    line: int
    """Where it stands in the file, 0 where that is not known."""
    cells: Mapping[str, str] = field(default_factory=dict)


def read_inventory(path: Path) -> list[Host] | None:
    """The hosts in *path*, or None where it is no inventory but a table.

    Raises ConfigError that names the file, the host and the cure.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError:
        return None  # reading it as a table says so
    kind = _kind(path, raw)
    if kind is None:
        return None
    if size > MAX_BYTES:
        raise ConfigError(f"{path.name}: an inventory of more than {MAX_BYTES >> 20} MiB is not read; split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} is not UTF-8 text; save it as UTF-8") from None
    if text.startswith("$ANSIBLE_VAULT"):
        raise ConfigError(f"{path.name} is encrypted by ansible-vault; give an inventory without secrets, or a CSV")
    if kind == "ini":
        from agent.inventories_ansible import hosts_of_ini

        return list(hosts_of_ini(text, path.name))
    return list(_hosts_of_yaml(read_yaml(text, path.name), path))


def platform_of(system: str) -> str:
    """Our name for what another tool calls a device's system; as it is where we have none.

    >>> platform_of("cisco.ios.ios")
    'cisco_ios'
    """
    name = system.strip().lower().rpartition(".")[2]
    return _SYSTEMS.get(name, name)


def _kind(path: Path, raw: bytes) -> str | None:
    """``ini`` or ``yaml``; None for a table, which has a header row and delimiters."""
    suffix = path.suffix.lower()
    if suffix in _TABLES or raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff")):
        return None
    if suffix in _YAML_SUFFIXES:
        return "yaml"
    head = raw[:65536].decode("utf-8-sig", "replace")
    lines = [line.rstrip() for line in head.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]
    if raw.startswith(b"$ANSIBLE_VAULT"):
        return "yaml"
    if suffix in _INI_SUFFIXES or _INI_VARIABLE.search(head) or (lines and _INI_GROUP.match(lines[0])):
        return "ini"
    return "yaml" if lines and _YAML_KEY.fullmatch(lines[0]) else None


def _hosts_of_yaml(tree: Node, path: Path) -> Iterator[Host]:
    """Ansible's groups or Nornir's hosts: each has keys of its own."""
    if not isinstance(tree, dict) or not tree:
        raise ConfigError(f"{path.name}: holds no hosts; an inventory in YAML is a mapping of groups or hosts")
    tops = [top for top in tree.values() if top]
    keys = {key for top in tops for key in (top if isinstance(top, dict) else ("",))}
    if keys <= _ANSIBLE_GROUP and (tops or "all" in tree):
        from agent.inventories_ansible import hosts_of_groups

        return hosts_of_groups(tree, path.name)
    if keys <= _NORNIR_HOST:
        from agent.inventories_nornir import hosts_of_nornir

        return hosts_of_nornir(tree, path)
    raise ConfigError(
        f"{path.name}: is neither an Ansible inventory (groups with hosts, children and vars) nor Nornir's hosts.yaml"
        f" (hosts with hostname, platform, groups and data); a list of your own is best given as CSV"
    )
