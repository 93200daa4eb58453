"""JSON becomes rows of text with the digits it was written with, or is refused whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconcile import json_sheet
from reconcile.contracts import ContractFile, read_contracts
from reconcile.errors import ContractError, SheetError
from reconcile.layouts import load
from reconcile.sheet import read_sheet
from reconcile.xlsx_sheet import NUMBER, TEXT

KNOWN = ("serial", "contract.number", "devices.serial")


def put(folder: Path, document: Any, name: str = "list.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_nested_keys_are_joined_and_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = '[{"serial": 00123, "contract": {"number": 12345678901234567890}, "ok": true, "none": null}]'
    path = put(tmp_path, text.replace("00123", "1.50"))

    sheet = read_sheet(path, known=KNOWN)

    assert sheet.rows == [(1, {"serial": "1.50", "contract.number": "12345678901234567890", "ok": "true", "none": ""})]
    assert (sheet.encoding, list(sheet.marks["serial"]), list(sheet.marks["ok"])) == ("json", [NUMBER], [TEXT])


def test_the_list_with_most_known_keys_is_read_wherever_it_lies(tmp_path: Path) -> None:
    document = {"meta": {"tags": [{"a": 1}]}, "data": {"items": [{"serial": "A1"}, {"serial": "A2", "more": "x"}]}}

    sheet = read_sheet(put(tmp_path, document), known=KNOWN)

    assert [row for _, row in sheet.rows] == [{"serial": "A1", "more": ""}, {"serial": "A2", "more": "x"}]


def test_a_list_inside_speaks_by_its_primary_entry_or_is_spread_over_rows(tmp_path: Path) -> None:
    entries = [{"serial": "A1", "item_position": "S"}, {"serial": "A2", "item_position": "P"}]
    path = put(tmp_path, [{"serial": "x", "devices": entries}])

    def found(**how: Any) -> list[str]:
        return list(read_sheet(path, known=KNOWN, **how).columns["devices.serial"])

    assert (found(), found(spread=("devices",))) == (["A2"], ["A1", "A2"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"serial": "A1", "serial": "A2"}]', "the key 'serial' stands twice"),
        ('[{"serial": NaN}]', "holds NaN, which is no JSON"),
        ('[{"serial": "A1"}', "is no whole JSON file (Expecting ',' delimiter, line 1, character 18)"),
        ('{"serial": "A1"}', "holds no list of records"),
        ("[" * 20 + "]" * 20, "is nested deeper than 12 levels"),
        ("[" * 200_000, "is nested deeper than 12 levels"),
        ('[{"serial": "A\\u0000"}]', "holds a NUL character"),
        ('{"a": [{"serial": "1"}], "b": [{"serial": "2"}]}', "'a' and 'b' both look like the list"),
        ('[{"serial": "1", "Serial": "2"}]', "'serial' and 'Serial' are one name"),
    ],
)
def test_json_that_would_need_a_guess_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SheetError) as refused:
        read_sheet(put(tmp_path, text), known=KNOWN)

    assert refused.value.problem == problem


def test_a_large_file_is_refused_before_it_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_sheet, "MAX_BYTES", 10)

    with pytest.raises(SheetError, match="is larger than"):
        read_sheet(put(tmp_path, [{"serial": "A1"}]), known=KNOWN)


def summary(*serials: str, **page: int) -> dict[str, Any]:
    records = [{"sr_no": s, "is_covered": "YES", "service_contract_number": "1"} for s in serials]
    return {"serial_numbers": records, "pagination_response_record": page}


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        ([summary("A1", page_index=1, last_index=1, page_records=2, total_records=2)],
         "says that it holds 2 records and holds 1"),
        ([summary("A1", page_index=2, last_index=2, page_records=1, total_records=2)],
         "is page 2 of 2; not given: page 1"),
        ([summary("A1", page_index=1, last_index=1, page_records=1, total_records=9)], "1 of 9 records are here"),
        ([summary("A1", page_index=4, last_index=3, page_records=1, total_records=3)], "says that it is page 4 of 3"),
        ([summary("A1", page_index=1, last_index=2, page_records=1, total_records=2),
          summary("A2", page_index=1, last_index=2, page_records=1, total_records=2)],
         "is page 1 of 2; not given: page 2"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_all_there_is_refused(tmp_path: Path, pages: list[Any], problem: str) -> None:
    files = [ContractFile(put(tmp_path, page, f"{n}.json")) for n, page in enumerate(pages)]

    with pytest.raises(ContractError) as refused:
        read_contracts(files, layouts=load())

    assert refused.value.problem == problem


def test_two_whole_answers_with_equal_pages_are_both_read(tmp_path: Path) -> None:
    pages = [
        summary(serial, page_index=page, last_index=2, page_records=1, total_records=2)
        for page, serial in ((1, "FOC2145XA01"), (2, "FOC2145XA02"), (1, "FOC2145XB01"), (2, "FOC2145XB02"))
    ]
    files = [ContractFile(put(tmp_path, page, f"{n}.json")) for n, page in enumerate(pages)]

    assert len(read_contracts(files, layouts=load()).lines) == 4
