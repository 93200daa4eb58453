from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import paramiko
import pytest

from collectors.errors import ConfigError, HostKey
from collectors.transports.hostkeys import SHA1, KnownHosts, append, shown_key


@pytest.fixture(scope="module")
def keys() -> list[paramiko.PKey]:
    return [paramiko.ECDSAKey.generate(bits=256) for _ in range(3)]


def trusted(path: Path, text: str, name: str, key: paramiko.PKey, port: int = 22) -> bool:
    path.write_text(text)
    try:
        KnownHosts(path).check([name], port, key)
    except HostKey:
        return False
    return True


def body(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


@pytest.mark.parametrize(
    ("names", "name", "port", "expected"),
    [
        ("10.0.0.1", "10.0.0.1", 22, True),
        ("10.0.0.1", "10.0.0.1", 2222, False),
        ("[10.0.0.1]:2222", "10.0.0.1", 2222, True),
        ("sw1,10.0.0.1", "10.0.0.1", 22, True),
        ("SW1", "sw1", 22, True),
        ("10.0.0.*", "10.0.0.9", 22, True),
        ("10.0.0.?,!10.0.0.9", "10.0.0.9", 22, False),
        ("[10.0.0.*]:2222", "10.0.0.9", 2222, True),
        ("10.0.0.10", "10.0.0.1", 22, False),
    ],
)
def test_names_match_as_in_openssh(
    tmp_path: Path, keys: list[paramiko.PKey], names: str, name: str, port: int, expected: bool
) -> None:
    assert trusted(tmp_path / "k", f"# trusted\n\n{names} {body(keys[0])} comment\n", name, keys[0], port) is expected


def test_names_that_ssh_keygen_hashed_match(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    hashed = paramiko.HostKeys.hash_host("10.0.0.1")
    assert trusted(tmp_path / "k", f"{hashed} {body(keys[0])}\n", "10.0.0.1", keys[0])
    assert not trusted(tmp_path / "k", f"{hashed} {body(keys[0])}\n", "10.0.0.2", keys[0])


def test_another_key_is_a_changed_one_even_where_new_ones_are_learnt(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    path = tmp_path / "k"
    append(path, (shown_key("10.0.0.1", keys[0]).line,))
    with pytest.raises(HostKey, match=r"has changed.*netcover trust 10\.0\.0\.1"):
        KnownHosts(path, learn=True).check(["10.0.0.1"], 22, keys[1])
    assert path.read_text() == shown_key("10.0.0.1", keys[0]).line + "\n"


def test_a_revoked_key_is_refused(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    text = f"10.0.0.1 {body(keys[0])}\n@revoked * {body(keys[0])}\n"
    assert not trusted(tmp_path / "k", text, "10.0.0.1", keys[0])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text("# fine\n10.0.0.1 ssh-ed25519 not/base64!\n")
    with pytest.raises(ConfigError, match=r"k:2: not a known_hosts line"):
        KnownHosts(path)


def test_keys_learnt_by_many_threads_are_all_whole_lines(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    path = tmp_path / "k"
    path.write_text("10.9.9.9 " + body(keys[2]))  # without its newline
    known = KnownHosts(path, learn=True)
    names = [f"10.0.1.{n}" for n in range(40)]
    threads = [threading.Thread(target=known.check, args=([name], 22, keys[0])) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().splitlines()) == sorted(
        ["10.9.9.9 " + body(keys[2]), *(f"{name} {body(keys[0])}" for name in names)]
    )
    again = KnownHosts(path)
    for name in names:
        again.check([name], 22, keys[0])


def test_only_key_types_on_file_are_asked_for(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    path = tmp_path / "k"
    path.write_text(f"10.0.0.1 {body(keys[0])}\n10.0.0.2 ssh-rsa {keys[1].get_base64()}\n")
    known = KnownHosts(path)
    assert "ecdsa-sha2-nistp256" not in known.disabled(["10.0.0.1"], 22, legacy=False)["keys"]
    rsa = known.disabled(["10.0.0.2"], 22, legacy=False)["keys"]
    assert ("rsa-sha2-512" in rsa, "ssh-rsa" in rsa, "ssh-ed25519" in rsa) == (False, True, True)
    assert known.disabled(["10.0.0.3"], 22, legacy=False) == SHA1
    assert known.disabled(["10.0.0.3"], 22, legacy=True) == {}


def test_a_fingerprint_is_the_one_ssh_keygen_prints(tmp_path: Path, keys: list[paramiko.PKey]) -> None:
    path = tmp_path / "key.pub"
    path.write_text(body(keys[0]) + "\n")
    try:
        said = subprocess.run(["ssh-keygen", "-lf", str(path)], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("ssh-keygen is not installed")
    assert shown_key("x", keys[0]).fingerprint == said.stdout.split()[1]
