"""Each folder below is a test: contract files, and the lines expected of them or the words of their refusal.

`expected.csv` names the columns it compares; every other column must be empty in every line. `refused.txt` is
the whole message. The folder above names the layout that must be found from the headers, of the first file where
several are needed.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reconcile.contracts import ContractFile, read_contracts
from reconcile.errors import ContractError
from reconcile.layouts import load

HERE = Path(__file__).parent
CASES = sorted(path.parent for name in ("expected.csv", "refused.txt") for path in HERE.glob(f"*/*/{name}"))


def inputs(case: Path) -> list[ContractFile]:
    return [ContractFile(file) for file in sorted(case.iterdir()) if file.name not in {"expected.csv", "refused.txt"}]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_contract_file_gives_exactly_the_expected_lines_or_refusal(case: Path) -> None:
    if (case / "refused.txt").exists():
        with pytest.raises(ContractError) as refused:
            read_contracts(inputs(case), layouts=load())
        assert str(refused.value) == (case / "refused.txt").read_text("utf-8").strip()
        return
    batch = read_contracts(inputs(case), layouts=load())
    with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        expected, named = list(reader), list(reader.fieldnames or ())

    assert batch.lines[named].to_dict("records") == expected
    assert batch.lines.drop(columns=named).to_numpy().ravel().tolist() == [""] * (
        len(expected) * (len(batch.lines.columns) - len(named))
    )
    assert batch.files[0].layout == case.parent.name


def test_every_shipped_layout_has_a_file_that_it_reads() -> None:
    layouts = load()
    read = {
        report.layout
        for case in CASES
        if (case / "expected.csv").exists()
        for report in read_contracts(inputs(case), layouts=layouts).files
    }
    refused = {name for name, layout in layouts.by_name.items() if layout.refused}

    assert read | refused == set(layouts.by_name)
    assert refused <= {case.parent.name for case in CASES if (case / "refused.txt").exists()}


def test_no_folder_of_cases_lacks_its_expectation() -> None:
    assert {folder for folder in HERE.glob("*/*") if folder.is_dir() and folder.parent.name != "__pycache__"} == set(
        CASES
    )
