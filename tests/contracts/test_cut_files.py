"""The files of every layout, cut at every byte: refused, or whole rows from the top; never a row that says otherwise.

What is left of a file cut between two rows cannot be told from a whole file by itself: an import or an audit holds it,
because its source shrank (`tests/agent/test_import.py`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from reconcile.contracts import ContractFile, read_contracts
from reconcile.errors import ContractError
from reconcile.layouts import load

HERE = Path(__file__).parent
LAYOUTS = load()
CASES = sorted(path.parent for path in HERE.glob("*/*/expected.csv"))
FILES = [(case, file.name) for case in CASES for file in sorted(case.iterdir()) if file.name != "expected.csv"]


def lines(folder: Path) -> list[dict[str, str]]:
    files = [ContractFile(file) for file in sorted(folder.iterdir())]
    return [dict(row) for row in read_contracts(files, layouts=LAYOUTS).lines.to_dict("records")]


@pytest.mark.parametrize(("case", "name"), FILES, ids=[f"{c.parent.name}/{c.name}/{n}" for c, n in FILES])
def test_a_file_cut_at_any_byte_is_refused_or_gives_whole_rows(tmp_path: Path, case: Path, name: str) -> None:
    folder = tmp_path / "batch"
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns("expected.csv"))
    full, path = lines(folder), folder / name
    whole = path.read_bytes()
    refused = 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            read = lines(folder)
        except ContractError as error:
            assert error.cure
            refused += 1
            continue
        others = [row for row in full if row["source_file"] != name]
        assert [row for row in read if row["source_file"] != name] == others, f"cut at byte {length}"
        mine = [row for row in read if row["source_file"] == name]
        assert [row for row in full if row in mine] == mine, f"cut at byte {length}"
        assert path.suffix == ".csv" or read == full, f"cut at byte {length}: JSON has no row boundaries"
    assert refused > len(whole) * 0.8


def test_a_workbook_of_a_layout_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ([], [], [], ["Serial #", "Product Name", "Install City", "Status", "Contract End Date"],
                ["JN1234AB0AFA", "EX4300-48P", "OSLO", "Active", "2027-12-31"]):  # fmt: skip
        book.active.append(row)
    path = tmp_path / "juniper.xlsx"
    book.save(path)
    whole = path.read_bytes()
    assert len(lines(tmp_path)) == 1

    for length in range(1, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(ContractError):
            lines(tmp_path)
