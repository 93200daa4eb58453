"""The target list: what a row may be, and the sentence for every other."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from agent.settings import Settings
from agent.targets import COLUMNS, load_targets
from collectors.errors import ConfigError
from collectors.model import Target
from collectors.platforms import load
from reconcile.errors import SheetError

PLATFORMS = ("cisco_ios", "cisco_nxos", "smartoptics_dcp")
SETTINGS = Settings.model_validate({"credentials": {"core": {"ssh": {"user": "a", "password": "env:A"}}}})


def targets(tmp_path: Path, text: str, name: str = "targets.csv") -> tuple[Target, ...]:
    path = tmp_path / name
    path.write_text(text)
    return load_targets(path, SETTINGS, PLATFORMS)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        targets(tmp_path, text)
    return str(caught.value)


def test_every_column_is_read(tmp_path):
    text = (
        "address,hostname,site,platform,credential,protocols,snmp_port,ssh_port,legacy_ssh\n"
        '192.0.2.1,sw1,Ghent,cisco_ios,core,"ssh,snmp",10161,10022,yes\n'
        "2001:DB8::0:1,,,,,,,,\n"
    )

    assert targets(tmp_path, text) == (
        Target(
            "192.0.2.1",
            "sw1",
            "Ghent",
            "cisco_ios",
            "core",
            ("ssh", "snmp"),
            10161,
            10022,
            True,
            origin="targets.csv:2",
        ),
        Target("2001:db8::1", origin="targets.csv:3"),
    )


def test_headers_and_delimiters_are_read_as_people_write_them(tmp_path):
    found = targets(tmp_path, "Address;Host Name;Legacy SSH;our note\nsw1.example.net;sw1;No;core ring\n")

    assert found == (Target("sw1.example.net", hostname="sw1", origin="targets.csv:2"),)


def test_a_netbox_device_export_is_read(tmp_path):
    text = (
        "Name,Status,Site,Platform,IPv4 Address,IPv6 Address\n"
        "sw1,Active,Ghent,Cisco IOS,192.0.2.1/24,\n"
        "sw2,Active,Ghent,Cisco NX-OS 9,,2001:db8::2/64\n"
        "panel,Active,Ghent,,,\n"
    )

    assert targets(tmp_path, text) == (
        Target("192.0.2.1", "sw1", "Ghent", "cisco_ios", origin="targets.csv:2"),
        Target("2001:db8::2", "sw2", "Ghent", origin="targets.csv:3"),
    )


def test_a_netbox_export_of_all_data_is_read(tmp_path):
    found = targets(tmp_path, "name,site,primary_ip,primary_ip4\nsw1,Ghent,2001:db8::1/64,192.0.2.1/24\n")

    assert found == (Target("192.0.2.1", "sw1", "Ghent", origin="targets.csv:2"),)


def test_the_row_number_is_the_one_people_see(tmp_path):
    text = "address,site\n192.0.2.1,Ghent\n\n192.0.2.x,Ghent\n"

    assert refusal(tmp_path, text).startswith("targets.csv, row 4: ")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "has no address; fill it in or remove the row"),
        ("10.0.0.300", "'10.0.0.300' is no IP address or host name; write one such as 192.0.2.10"),
        ("0177.0.0.1", "'0177.0.0.1' is no IP address or host name; write one such as 192.0.2.10"),
        ("2130706433", "'2130706433' is no IP address or host name; write one such as 192.0.2.10"),
        ("0x7f.1", "'0x7f.1' is no IP address or host name; write one such as 192.0.2.10"),
        ("sw 1", "'sw 1' is no IP address or host name; write one such as 192.0.2.10"),
        (
            "-oProxyCommand=x",
            "'-oProxyCommand=x' is no IP address or host name; write one such as 192.0.2.10",
        ),
        ("sw1:22", "'sw1:22' is no IP address or host name; write one such as 192.0.2.10"),
        (
            "10.0.0.0/24",
            "'10.0.0.0/24' is a range; list its devices, one a row",
        ),
    ],
)
def test_a_bad_address_is_refused(tmp_path, address, sentence):
    assert refusal(tmp_path, f"address,site\n{address},Ghent\n") == f"targets.csv, row 2: {sentence}"


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("ssh_port", "0", "ssh_port: '0' is no port; write a number from 1 to 65535, or leave it empty"),
        ("snmp_port", "65536", "snmp_port: '65536' is no port; write a number from 1 to 65535, or leave it empty"),
        ("snmp_port", "١٦١", "snmp_port: '١٦١' is no port; write a number from 1 to 65535, or leave it empty"),
        ("protocols", "snmp telnet", "protocols: 'snmp telnet' must be snmp, ssh, or both as \"snmp,ssh\""),
        ("protocols", "ssh+ssh", "protocols: 'ssh+ssh' must be snmp, ssh, or both as \"snmp,ssh\""),
        ("legacy_ssh", "maybe", "legacy_ssh: 'maybe' must be yes, no or empty"),
        ("credential", "cor", "credential: 'cor' is not in netcover.toml; did you mean 'core'?"),
        ("credential", "xyz", "credential: 'xyz' is not in netcover.toml; it has: core"),
        ("platform", "cisco-iso", "platform: 'cisco-iso' is no known platform; did you mean 'cisco_ios'? (empty lets the device tell)"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_refused_with_its_cure(tmp_path, column, cell, sentence):
    assert refusal(tmp_path, f"address,{column}\nsw1,{cell}\n") == f"targets.csv, row 2, {sentence}"


def test_a_napalm_driver_is_a_platform(tmp_path):
    assert targets(tmp_path, "address,platform\nsw1,napalm:eos\n")[0].platform == "napalm:eos"


@pytest.mark.parametrize("twin", ["192.0.2.1", " 192.0.2.1 "])
def test_an_address_is_listed_once(tmp_path, twin):
    said = refusal(tmp_path, f"address,site\n192.0.2.1,a\nsw2,b\n{twin},c\n")

    assert said == "targets.csv, row 4: 192.0.2.1 is listed in row 2 already; remove one of the rows"


def test_names_are_told_apart_without_case_and_addresses_by_their_ports(tmp_path):
    assert len(targets(tmp_path, "address,ssh_port\n192.0.2.1,22\n192.0.2.1,2222\n")) == 2
    assert "is listed in row 2" in refusal(tmp_path, "address,site\nsw1,\nSW1,\n")


def test_a_misspelt_column_is_not_taken_for_the_users_own(tmp_path):
    said = refusal(tmp_path, "address,legacy shh\nsw1,yes\n")

    assert said.startswith("targets.csv: unknown column 'legacy shh'; did you mean 'legacyssh'?")


def test_a_list_without_addresses_is_refused(tmp_path):
    assert refusal(tmp_path, "hostname,site\nsw1,Ghent\n") == (
        "targets.csv: has no column address; its first row must name the columns"
    )
    assert refusal(tmp_path, "name,primary_ip4\nsw1,\n") == (
        "targets.csv: no row has an address; fill the column primary_ip4"
    )


def test_the_template_has_every_column_and_no_target(tmp_path):
    text = (resources.files("configs") / "examples" / "targets.csv").read_text("utf-8")

    assert text == ",".join(COLUMNS) + "\n"
    assert refusal(tmp_path, text) == "targets.csv: lists no target; add a row with an address below the header"


def test_a_missing_list_is_refused(tmp_path):
    with pytest.raises(SheetError, match=r"nowhere\.csv"):
        load_targets(tmp_path / "nowhere.csv", SETTINGS, PLATFORMS)


def test_the_shipped_platforms_are_names_a_list_may_use(tmp_path):
    shipped = load()
    path = tmp_path / "targets.csv"
    path.write_text("address,platform\n" + "".join(f"sw{n},{name}\n" for n, name in enumerate(shipped)))

    assert [target.platform for target in load_targets(path, SETTINGS, shipped)] == list(shipped)


def test_a_row_that_people_typed_may_be_the_bare_address(tmp_path) -> None:
    path = tmp_path / "targets.csv"
    path.write_text("address,hostname,site,platform,credential,protocols,snmp_port,ssh_port,legacy_ssh\n10.20.0.1\n")

    (target,) = load_targets(path, Settings(), ())

    assert (target.address, target.hostname, target.snmp_port) == ("10.20.0.1", "", None)
