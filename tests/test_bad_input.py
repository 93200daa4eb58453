"""Bad input is refused with exit 2 and one line that names file, place and cure, before anything is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.main import main

SETTINGS = """
scope = ["127.50.0.0/16"]
[credentials.lab]
snmp = { version = "2c", community = "file:community" }
[collect]
default_credential = "lab"
"""
CONTRACT = """vendor,provider,contract_number,line_status,line_start,line_end,serial,product_id
cisco,Example Partner,200000001,Active,2026-01-01,2027-12-31,FOC2145X0AB,C9300-48P
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "netcover.toml").write_text(SETTINGS)
    (tmp_path / "community").write_text("canary-community\n")
    (tmp_path / "community").chmod(0o600)
    (tmp_path / "targets.csv").write_text("address\n127.50.0.1\n")
    (tmp_path / "contracts" / "ours.csv").write_text(CONTRACT)
    return tmp_path


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return apply


def add(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text(text) and None


CASES = {
    "no serial column": (
        change("contracts/ours.csv", ",serial,", ",number,"),
        ["ours.csv, row 1", "serial"],
    ),
    "a file that ends in mid-row": (
        change("contracts/ours.csv", ",FOC2145X0AB,C9300-48P\n", ",FOC21"),
        ["ours.csv, row 2", "has 7 cells where the header has 8"],
    ),
    "a serial that became a number": (
        change("contracts/ours.csv", "FOC2145X0AB", "3.55813E+14"),
        ["ours.csv, row 2", "3.55813E+14"],
    ),
    "an impossible date": (
        change("contracts/ours.csv", "2027-12-31", "2027-13-31"),
        ["ours.csv, row 2", "2027-13-31"],
    ),
    "an empty contract file": (add("contracts/ours.csv", ""), ["ours.csv", "is empty"]),
    "an unknown key in settings": (
        change("netcover.toml", "[collect]", "[collect]\nconcurency = 5"),
        ["netcover.toml", "'concurency'", "did you mean 'concurrency'?"],
    ),
    "a literal secret": (
        change("netcover.toml", "file:community", "public"),
        ["netcover.toml", "credentials.lab.snmp.community", "env:NAME"],
    ),
    "a secret that others can read": (
        lambda folder: (folder / "community").chmod(0o644),
        ["community", "chmod 600"],
    ),
    "a target outside the scope": (
        change("targets.csv", "127.50.0.1", "127.51.0.1"),
        ["targets.csv:2", "127.51.0.1 is outside the scope", "widen scope"],
    ),
    "loopback without a scope": (
        change("netcover.toml", 'scope = ["127.50.0.0/16"]', ""),
        ["targets.csv:2", "127.50.0.1 is loopback", 'scope = ["127.50.0.1/32"]'],
    ),
    "an unknown platform": (
        add("targets.csv", "address,platform\n127.50.0.1,cisco_iosx\n"),
        ["targets.csv, row 2", "cisco_iosx", "cisco_ios"],
    ),
    "an unknown credential": (
        add("targets.csv", "address,credential\n127.50.0.1,core\n"),
        ["targets.csv, row 2", "core"],
    ),
    "a protocol without a login": (
        add("targets.csv", "address,protocols\n127.50.0.1,ssh\n"),
        ["targets.csv:2", "ssh", "no such login"],
    ),
    "an unknown column in the register": (
        add("register.csv", "vendor,serial,provenence\ncisco,FOC2145X0AB,new\n"),
        ["register.csv", "provenence", "provenance"],
    ),
    "a word that no register has": (
        add("register.csv", "vendor,serial,provenance\ncisco,FOC2145X0AB,borrowed\n"),
        ["register.csv, row 2", "borrowed"],
    ),
    "no target list": (lambda folder: (folder / "targets.csv").unlink(), ["no targets.csv", "netcover init"]),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_its_place_and_cure_and_nothing_is_written(folder, capsys, case):
    spoil, words = CASES[case]
    spoil(folder)

    code = main(["audit", str(folder)])

    said = capsys.readouterr()
    assert code == 2
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [word for word in words if word not in said.err] == []
    assert "canary" not in said.err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "2026-02-30"], ["--as-of '2026-02-30' is no day"]),
        (["--contracts", "absent.csv"], ["absent.csv"]),
        (["--settings", "absent.toml"], ["absent.toml", "no such file"]),
        (["--fail-on", "sometimes"], ["sometimes"]),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(folder, capsys, arguments, words):
    code = main(["audit", str(folder), *arguments])

    said = capsys.readouterr().err
    assert code == 2
    assert [word for word in words if word not in said] == []
    assert not (folder / "out").exists()


def test_a_folder_that_is_not_there_is_named_with_the_command_that_makes_one(tmp_path, capsys):
    assert main(["audit", str(tmp_path / "absent")]) == 2
    assert "netcover init" in capsys.readouterr().err
