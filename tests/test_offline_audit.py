"""`netcover audit --captures`: files in to files out, without a network, a credential or a target list."""

from __future__ import annotations

import csv
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.main import main

SAVED = Path(__file__).parent / "captures"
OPTIONS = ("--as-of", "2031-03-09")
CONTRACTS = (
    "contract_number,serial,product_id,line_status,line_start,line_end,service_level,vendor\n"
    "900100,FCW2501A0B1,C9300-48P,Active,2030-01-01,2032-01-01,SNT,cisco\n"
    "900100,FCW2599A0ZZ,C9300-48P,Active,2030-01-01,2032-01-01,SNT,cisco\n"
)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a socket was opened")

    for name in ("socket", "socketpair", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    yield


def rows(out: Path, name: str) -> list[dict[str, str]]:
    with (out / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def audit(*words: str | Path) -> int:
    return main(["--quiet", "audit", *OPTIONS, *map(str, words)])


def case(folder: Path, *names: str) -> Path:
    """A folder with the captures of those cases."""
    for name in names:
        shutil.copytree(SAVED / name / "devices", folder, dirs_exist_ok=True)
    return folder


@pytest.mark.usefixtures("no_network")
def test_captures_alone_are_an_inventory_without_network_credentials_or_targets(tmp_path):
    saved, out = case(tmp_path / "saved", "ios_session", "optical"), tmp_path / "out"

    assert audit("--captures", saved, "--out", out) == 0

    listed = {(row["serial"], row["hostname"], row["address"], row["collected_via"]) for row in rows(out, "units")}
    assert listed == {
        ("FCW2501A0B1", "core1", "core1", "capture"),
        ("DCC2502B0C2", "core1", "core1", "capture"),
        ("FNS25030D3E", "core1", "core1", "capture"),
        ("S2131DCP20001", "dcp-1", "dcp-1", "capture"),
        ("S2131DCP40402", "dcp-1", "dcp-1", "capture"),
    }
    assert json.loads((out / "run.json").read_text("utf-8"))["read_percent"] == 100.0


@pytest.mark.usefixtures("no_network")
def test_the_folders_target_list_gives_address_and_site_and_shows_what_was_not_captured(tmp_path):
    (tmp_path / "targets.csv").write_text(
        "address,hostname,site\n192.0.2.1,core1,Oslo\n192.0.2.7,gone1,Bergen\n", "utf-8"
    )
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "lines.csv").write_text(CONTRACTS, "utf-8")

    assert audit(tmp_path, "--captures", case(tmp_path / "saved", "ios_session")) == 3

    out = tmp_path / "out"
    assert {(row["address"], row["site"]) for row in rows(out, "units")} == {("192.0.2.1", "Oslo")}
    skipped = [(row["address"], row["outcome"]) for row in rows(out, "skipped")]
    assert skipped == [("192.0.2.7", "unreachable")]
    verdicts = {row["serial"]: row["verdict"] for row in rows(out, "coverage") if row["serial"]}
    assert verdicts["FCW2501A0B1"] == "covered"
    assert verdicts["FCW2599A0ZZ"] == "unproven"


def test_a_target_list_with_a_header_alone_is_no_obstacle(tmp_path):
    (tmp_path / "targets.csv").write_text("address,hostname,site\n", "utf-8")
    assert audit(tmp_path, "--captures", case(tmp_path / "saved", "ios_session")) == 0


def test_a_file_that_holds_nothing_known_is_a_row_of_skipped_with_its_reason(tmp_path):
    out = tmp_path / "out"
    assert audit("--captures", case(tmp_path / "saved", "strays"), "--out", out) == 3
    reasons = {row["address"]: row["reason"] for row in rows(out, "skipped")}
    assert {row["outcome"] for row in rows(out, "skipped")} == {"malformed"}
    assert set(reasons) == {"clock.log", "empty.log", "notes.txt", "picture.txt", "two"}
    assert "show clock" in reasons["clock.log"]
    assert "the file is empty" in reasons["empty.log"]
    assert "r1, r2" in reasons["two"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--captures", "saved", "--targets", "targets.csv"), "give one of them"),
        (("--captures", "nowhere"), "no such folder"),
        (("--captures", "empty"), "holds no captures"),
    ],
)
def test_captures_that_cannot_be_read_end_with_one_sentence(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    case(tmp_path / "saved", "ios_session")
    (tmp_path / "empty").mkdir()
    (tmp_path / "targets.csv").write_text("address\n192.0.2.1\n", "utf-8")

    assert audit(*words) == 2

    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
