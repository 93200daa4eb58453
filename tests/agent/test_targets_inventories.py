"""Inventories of Ansible and Nornir as target lists: what is read, what is passed over, and what is refused."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import Settings
from agent.targets import load_targets
from collectors.errors import ConfigError
from collectors.model import Target
from tests.agent.parts import CANARY

PLATFORMS = ("cisco_ios", "cisco_nxos", "cisco_xr", "smartoptics_dcp")
SETTINGS = Settings.model_validate({"credentials": {"core": {"ssh": {"user": "a", "password": "env:A"}}}})

INI = f"""# the network
[core]
sw[08:10].example.net ansible_network_os=cisco.ios.ios
rtr1 ansible_host=192.0.2.1 ansible_port=2222 ansible_password={CANARY}  # the old one

[dc]
n9k ansible_host=192.0.2.2 ansible_network_os=nxos site="Ghent north" netcover_credential=core

[dc:vars]
ansible_network_os=cisco.iosxr.iosxr
ansible_become_password={CANARY}
site=Bruges

[network:children]
core
dc

[network:vars]
netcover_protocols=snmp

[all:vars]
site=nowhere

[here]
localhost ansible_connection=local
"""
YAML = f"""
all:
  vars:
    ansible_user: admin
    ansible_password: {CANARY}
  children:
    network:
      vars: {{site: NO}}
      hosts:
        rtr1:
          ansible_host: 192.0.2.1
          ansible_network_os: cisco.ios.ios
          ansible_port: 0022
        rtr2: {{ansible_host: "2001:db8::2", site: Ghent}}
      children:
        dc:
          hosts:
            n9k[1:2].example.net:
          vars:
            ansible_network_os: cisco.nxos.nxos
    empty:
"""
HOSTS = f"""---
rtr1:
  hostname: 192.0.2.1
  username: admin
  password: {CANARY}
  platform: ios
  port: 2222
  groups: [bruges, base]
n9k:
  hostname: 192.0.2.2
  groups:
    - base
  data:
    site: Ghent
    netcover_credential: core
lonely.example.net: {{}}
"""
GROUPS = f"""
bruges:
  data: {{site: Bruges}}
  groups: [root]
base:
  platform: cisco_nxos
  connection_options: {{netmiko: {{extras: {{secret: {CANARY}}}}}}}
root:
  port: 99
"""


def targets(tmp_path: Path, text: str | bytes, name: str) -> tuple[Target, ...]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_targets(path, SETTINGS, PLATFORMS)


def refusal(tmp_path: Path, text: str | bytes, name: str = "hosts.yaml") -> str:
    with pytest.raises(ConfigError) as caught:
        targets(tmp_path, text, name)
    assert CANARY not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["hosts.ini", "hosts", "inventory.txt"])
def test_an_ansible_inventory_in_ini_form_is_read(tmp_path, name):
    def switch(number: str) -> Target:
        host = f"sw{number}.example.net"
        return Target(host, host, "nowhere", "cisco_ios", protocols=("snmp",), origin=f"{name}:3")

    assert targets(tmp_path, INI, name) == (
        switch("08"),
        switch("09"),
        switch("10"),
        Target("192.0.2.1", "rtr1", "nowhere", protocols=("snmp",), ssh_port=2222, origin=f"{name}:4"),
        Target("192.0.2.2", "n9k", "Ghent north", "cisco_nxos", "core", ("snmp",), origin=f"{name}:7"),
    )


@pytest.mark.parametrize("name", ["inventory.yml", "inventory"])
def test_an_ansible_inventory_in_yaml_form_is_read_as_it_is_written(tmp_path, name):
    """`NO` is a site in Norway and no boolean; 0022 is a port and no octal number."""
    text = YAML.lstrip()

    assert targets(tmp_path, text, name) == (
        Target("192.0.2.1", "rtr1", "NO", "cisco_ios", ssh_port=22, origin=f"{name}:rtr1"),
        Target("2001:db8::2", "rtr2", "Ghent", origin=f"{name}:rtr2"),
        Target("n9k1.example.net", "n9k1.example.net", "NO", "cisco_nxos", origin=f"{name}:n9k1.example.net"),
        Target("n9k2.example.net", "n9k2.example.net", "NO", "cisco_nxos", origin=f"{name}:n9k2.example.net"),
    )


def test_a_nornir_inventory_is_read_with_its_groups_and_defaults(tmp_path):
    (tmp_path / "groups.yaml").write_text(GROUPS)
    (tmp_path / "defaults.yaml").write_text("data: {site: Oslo}\nport: 22\n")

    assert targets(tmp_path, HOSTS, "hosts.yaml") == (
        Target("192.0.2.1", "rtr1", "Bruges", "cisco_ios", ssh_port=2222, origin="hosts.yaml:rtr1"),
        Target("192.0.2.2", "n9k", "Ghent", "cisco_nxos", "core", ssh_port=22, origin="hosts.yaml:n9k"),
        Target("lonely.example.net", "lonely.example.net", "Oslo", ssh_port=22, origin="hosts.yaml:lonely.example.net"),
    )


def test_no_secret_of_an_inventory_is_kept(tmp_path):
    (tmp_path / "groups.yaml").write_text(GROUPS)
    found = [
        *targets(tmp_path, INI, "hosts.ini"),
        *targets(tmp_path, YAML, "a.yaml"),
        *targets(tmp_path, HOSTS, "hosts.yaml"),
    ]

    assert CANARY not in repr(found)


def test_an_anchor_and_a_merge_are_followed(tmp_path):
    text = "x: &x {vars: {site: Ghent, ansible_network_os: ios}}\nlab:\n  <<: *x\n  hosts:\n    192.0.2.1:\n"

    assert targets(tmp_path, text, "i.yaml") == (
        Target("192.0.2.1", "192.0.2.1", "Ghent", "cisco_ios", origin="i.yaml:192.0.2.1"),
    )


def test_a_table_with_a_title_is_still_a_table(tmp_path):
    assert targets(tmp_path, "Our devices:\naddress,site\n192.0.2.1,Ghent\n", "targets.csv") == (
        Target("192.0.2.1", site="Ghent", origin="targets.csv:3"),
    )


BOMB = "a: &a {hosts: {h: {}}}\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 12)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = "a: &a {k: v}\n" + "".join(
    f"{name}: &{name}\n  <<: [{', '.join([f'*{before}'] * 12)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("all: !!python/object/apply:os.system ['id']\n", "hosts.yaml, line 1: a tag (of its own) is not read; write the plain value"),
        ("all:\n  vars:\n    p: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n", "hosts.yaml, line 3: holds a secret (!vault), which a target list has no use for; keep secrets in group_vars, or give a CSV"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "hosts.yaml is encrypted by ansible-vault; give an inventory without secrets, or a CSV"),
        ("all: &a\n  children: *a\n", "hosts.yaml, line 1: an anchor holds itself; write it out"),
        (BOMB, "hosts.yaml, line 6: its anchors multiply it to more than 1,000,000 values; write them out"),
        (MERGE_BOMB, "hosts.yaml, line 13: its anchors multiply it to more than 1,000,000 values; write them out"),
        ("a: " + "[" * 200_000, "hosts.yaml, line 1: nested more than 50 deep; no inventory is"),
        ("a: [1\nb: 2\n", "hosts.yaml, line 2: is not valid YAML: did not find expected ',' or ']'"),
        ("- 192.0.2.1\n", "hosts.yaml: holds no hosts; an inventory in YAML is a mapping of groups or hosts"),
        ("", "hosts.yaml: holds no hosts; an inventory in YAML is a mapping of groups or hosts"),
        ("rtr1: {ip: 192.0.2.1}\n", "hosts.yaml: is neither an Ansible inventory (groups with hosts, children and vars) nor Nornir's hosts.yaml (hosts with hostname, platform, groups and data); a list of your own is best given as CSV"),
        ("all:\n  hosts: [rtr1]\n", "hosts.yaml, group all: its hosts and children must be mappings, each name with a colon"),
        ("all:\n  hosts:\n    r1: {ansible_host: '{{ x }}'}\n", "hosts.yaml, host r1: ansible_host is a template, and none is run here; write its value"),
        ("all:\n  hosts:\n    r1: {ansible_host: 10.0.0.300}\n", "hosts.yaml, host r1: '10.0.0.300' is no IP address or host name; write one such as 192.0.2.10"),
        ("all:\n  hosts:\n    r1: {ansible_port: 99999}\n", "hosts.yaml, host r1, ssh_port: '99999' is no port; write a number from 1 to 65535, or leave it empty"),
        ("all:\n  hosts:\n    r1: {netcover_credential: cor}\n", "hosts.yaml, host r1, credential: 'cor' is not in netcover.toml; did you mean 'core'?"),
        ("all:\n  hosts:\n    r1: {ansible_host: 192.0.2.1}\n    r2: {ansible_host: 192.0.2.1}\n", "hosts.yaml, host r2: 192.0.2.1 is listed in host r1 already; remove one of the rows"),
        ("a: {children: {b: }}\nb: {children: {a: }}\n", "hosts.yaml: a group is its own child; take one of the two out of the other's children"),
        ("r1: {groups: [core]}\n", "hosts.yaml, host r1: its group 'core' is not in groups.yaml beside the file; add it there"),
        ("all: {}\n", "hosts.yaml: lists no host"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_yaml_is_refused_with_the_place_and_the_cure(tmp_path, text, sentence):
    assert refusal(tmp_path, text) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[core\nsw1\n", "hosts.ini, line 1: is no section; write [group], [group:vars] or [group:children]"),
        (f"[a]\nsw1 ansible_password='{CANARY}\n", "hosts.ini, line 2: a quote is not closed"),
        ("[a]\nsw[1:999999]\n", "hosts.ini, line 2: [1:999999] is backwards or too long"),
        ("[a]\nsw[1:999][1:999]\n", "hosts.ini, line 2: 'sw[1:999][1:999]' means more than 131,072 hosts"),
        ("[a:children]\nb\n", "hosts.ini, group a: its child 'b' is no group of the file; add [b]"),
        ("[a]\n", "hosts.ini: lists no host"),
    ],
)
def test_what_cannot_be_read_as_ini_is_refused_with_the_place_and_the_cure(tmp_path, text, sentence):
    assert refusal(tmp_path, text, "hosts.ini") == sentence


def test_a_huge_inventory_is_not_even_parsed(tmp_path):
    assert (
        refusal(tmp_path, b"a:\n" + b" " * (8 << 20))
        == "hosts.yaml: an inventory of more than 8 MiB is not read; split it"
    )


def test_two_ranges_in_one_name_mean_every_pair(tmp_path):
    found = targets(tmp_path, "[a]\nsw[9:10]-[a:c:2].example.net\n", "hosts.ini")

    assert [target.address for target in found] == [f"sw{n}-{x}.example.net" for n in (9, 10) for x in "ac"]
