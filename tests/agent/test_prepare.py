"""Which contract files an audit reads, and what their sources may claim."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agent.folder import Given, locate
from agent.prepare import Prepared, prepare

HEADER = "vendor,contract_number,serial,line_end\n"


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "a.csv").write_text(HEADER + "cisco,1,FOC2145X0AB,2027-12-31\n")
    (tmp_path / "contracts" / "b.csv").write_text(HEADER + "cisco,1,FOC2145X0AC,2027-12-31\n")
    (tmp_path / "targets.csv").write_text("address\n10.20.0.1\n")
    (tmp_path / "netcover.toml").write_text("""
        [[contracts.source]]
        name = "ours"
        vendor = "cisco"
        paths = ["contracts/a.csv", "contracts/b.csv", "contracts/*.xlsx"]
        complete = true
    """)
    return tmp_path


def read(folder: Path, **given) -> Prepared:
    prepared, _ = prepare(
        locate(Given(folder=folder, **given), folder), date(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)
    )
    return prepared


def test_a_source_whose_every_file_is_there_may_be_complete_and_a_pattern_may_match_nothing(folder):
    assert [(source.complete, source.reason) for source in read(folder).sources] == [(True, "")]


def test_a_source_that_lacks_a_file_it_names_is_not_the_whole_truth(folder):
    (folder / "contracts" / "b.csv").unlink()

    (source,) = read(folder).sources

    assert (source.complete, source.reason) == (False, "contracts/b.csv is not there")


def test_contracts_on_the_command_line_take_the_place_of_the_sources(folder):
    prepared = read(folder, contracts=(str(folder / "contracts" / "b.csv"),))

    assert prepared.sources is None
    assert [file.file for file in prepared.contracts.files] == ["b.csv"]


def test_a_source_may_name_a_file_of_the_users_own_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "contracts"))
    settings = folder / "netcover.toml"
    settings.write_text(settings.read_text().replace('"contracts/b.csv"', '"~/b.csv"'))

    assert [(source.complete, source.reason) for source in read(folder).sources] == [(True, "")]
