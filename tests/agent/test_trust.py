"""`netcover trust` against real SSH servers on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, cli_device, known_hosts_line, running_lab

ONE, TWO = "127.71.3.1", "127.71.3.2"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    devices = [cli_device("cisco_ios", {}, address) for address in (ONE, TWO)]
    with running_lab(devices, snmp_port=0, ssh_port=0) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, lab: Lab) -> Path:
    (tmp_path / "netcover.toml").write_text(f'scope = ["127.71.3.0/30"]\n[collect]\nssh_port = {lab.ssh_port}\n')
    return tmp_path


def keys(lab: Lab, *addresses: str) -> list[str]:
    return [known_hosts_line(lab.devices[address], lab.ssh_port) for address in addresses]


def on_file(folder: Path) -> list[str]:
    path = folder / "known_hosts"
    return path.read_text().splitlines() if path.exists() else []


def test_keys_are_shown_and_written_once_agreed(netcover, folder, lab):
    done = netcover("trust", ONE, TWO, stdin="y\n")

    assert done.returncode == 0
    assert on_file(folder) == keys(lab, ONE, TWO)
    assert (folder / "known_hosts").stat().st_mode & 0o777 == 0o600
    assert "Trust 2 keys? [y/N] " in done.stderr
    first, second, last = done.stdout.splitlines()
    assert first.startswith(f"{ONE}  ssh-")
    assert "  SHA256:" in second
    assert last == f"added 2 keys to {Path('known_hosts')}"


@pytest.mark.parametrize("answer", ["n\n", "", "\n", "yess\n"])
def test_nothing_is_written_without_a_yes(netcover_here, folder, answer):
    done = netcover_here("trust", ONE, stdin=answer)

    assert done.returncode == 2
    assert on_file(folder) == []
    assert done.stderr.endswith("netcover: nothing was written to known_hosts\n")


def test_yes_beforehand_asks_nothing(netcover_here, folder, lab):
    done = netcover_here("trust", "--yes", ONE)

    assert (done.returncode, done.stderr) == (0, "")
    assert on_file(folder) == keys(lab, ONE)


def test_a_key_on_file_is_not_asked_about_again(netcover_here, folder, lab):
    netcover_here("trust", "--yes", ONE)

    done = netcover_here("trust", ONE)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("(trusted already)\n")
    assert on_file(folder) == keys(lab, ONE)


def test_a_changed_key_is_never_overwritten(netcover_here, folder, lab):
    other = keys(lab, TWO)[0].split()[1:]
    line = f"[{ONE}]:{lab.ssh_port} {' '.join(other)}"
    (folder / "known_hosts").write_text(line + "\n")

    done = netcover_here("trust", "--yes", ONE)

    assert done.returncode == 2
    assert f"netcover: {ONE}: the key has changed to ssh-" in done.stderr
    assert on_file(folder) == [line]


def test_an_address_outside_the_scope_stops_everything_before_the_first_packet(netcover_here, folder, lab):
    before = [lab.score(address).logins for address in (ONE, TWO)]

    done = netcover_here("trust", "--yes", ONE, "127.99.0.1")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("netcover: 127.99.0.1 is outside the scope of netcover.toml; widen scope, or leave it out\n")
    assert on_file(folder) == []
    assert [lab.score(address).logins for address in (ONE, TWO)] == before


def test_without_a_scope_only_listed_targets_are_contacted(netcover_here, folder, lab):
    (folder / "netcover.toml").write_text("")

    unlisted = netcover_here("trust", "--yes", "192.0.2.1")

    assert unlisted.returncode == 2
    assert unlisted.stderr.startswith("netcover: 192.0.2.1 is in no scope and not in targets.csv beside netcover.toml")


def test_a_name_is_trusted_under_name_and_address(netcover_here, folder, lab):
    (folder / "netcover.toml").write_text('scope = ["127.0.0.0/8"]\n')
    (folder / "targets.csv").write_text(f"address,ssh_port\nlocalhost,{lab.ssh_port}\n")
    with running_lab([cli_device("cisco_ios", {}, "127.0.0.1")], snmp_port=0, ssh_port=0) as own:
        done = netcover_here("trust", "--yes", "localhost", "--port", str(own.ssh_port))
        port = own.ssh_port

    assert done.returncode == 0
    (line,) = on_file(folder)
    assert line.split()[0] == f"[localhost]:{port},[127.0.0.1]:{port}"


def test_a_device_that_does_not_answer_is_named_and_the_others_are_enrolled(netcover_here, folder, lab):
    done = netcover_here("trust", "--yes", "127.71.3.0", ONE)

    assert done.returncode == 2
    assert done.stderr == f"netcover: 127.71.3.0: 127.71.3.0:{lab.ssh_port} refuses connections\n"
    assert on_file(folder) == keys(lab, ONE)


def test_no_login_is_tried(netcover_here, folder, lab):
    before = lab.score(TWO)
    netcover_here("trust", "--yes", TWO)

    assert (before.logins, before.failed_logins) == (lab.score(TWO).logins, lab.score(TWO).failed_logins)
    assert lab.score(TWO).logins == 0
