"""audit.xlsx: text and nothing but text, as Excel and our own reader see it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import python_calamine

from agent.report.workbook import write_workbook
from reconcile.export import write_table

NASTY = [
    "=1+1", "+1", "-1", "@x", "\tx", "00123", "1E5", "20010010001234567890", "http://x.example", "mailto:a@b", "TRUE",
    "2026-03-01", "", "NA", "'x", "{=1}", "_x0041_", " a ", "two\nlines",
]  # fmt: skip


def test_every_cell_comes_back_as_the_text_it_was(tmp_path: Path):
    table = pd.DataFrame({"serial": NASTY, "n": [str(n) for n in range(len(NASTY))]}, dtype="str")
    write_workbook({"x": table}, tmp_path / "audit.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "audit.xlsx")["x"]
    cells = {row[1].value: row[0] for row in sheet.iter_rows(min_row=2)}
    told = {n: (cell.value or "").replace("_x005F_", "_") for n, cell in cells.items()}  # as Excel reads an escape
    assert told == {str(n): text for n, text in enumerate(NASTY)}
    assert {cell.data_type for cell in cells.values() if cell.value} <= {"s", "inlineStr"}
    assert {cell.number_format for cell in cells.values() if cell.value} == {"@"}
    assert all(cell.hyperlink is None for cell in cells.values())


def test_no_part_of_the_file_is_a_formula_or_a_link(tmp_path: Path):
    write_workbook({"x": pd.DataFrame({"a": NASTY}, dtype="str")}, tmp_path / "audit.xlsx")

    with zipfile.ZipFile(tmp_path / "audit.xlsx") as book:
        text = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets"))
    assert b"<f>" not in text
    assert b"hyperlink" not in text.lower()


def test_the_header_is_frozen_and_filtered_and_columns_are_wide_enough(tmp_path: Path):
    table = pd.DataFrame({"serial": ["FOC2145X0AA"], "message": ["m" * 500]}, dtype="str")
    write_workbook({"findings": table}, tmp_path / "audit.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "audit.xlsx")["findings"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B2"
    assert 12 <= sheet.column_dimensions["A"].width < 16
    assert 55 < sheet.column_dimensions["B"].width < 65


def test_a_table_larger_than_a_sheet_goes_on_in_the_next(tmp_path: Path):
    table = pd.DataFrame({"serial": [f"S{n}" for n in range(7)]}, dtype="str")
    write_workbook({"units": table, "skipped": table[:0]}, tmp_path / "audit.xlsx", sheet_rows=4)

    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "audit.xlsx"))
    assert {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names} == {
        "units": [["serial"], ["S0"], ["S1"], ["S2"]], "units 2": [["serial"], ["S3"], ["S4"], ["S5"]],
        "units 3": [["serial"], ["S6"]], "skipped": [["serial"]],
    }  # fmt: skip


def test_a_sheet_holds_its_rows_in_the_files_order(tmp_path: Path):
    table = pd.DataFrame({"rule": ["B", "A"], "vendor": "", "serial": ["1", "2"], "key": ["x", "y"]}, dtype="str")
    write_workbook({"findings": table}, tmp_path / "audit.xlsx")
    write_table(table, tmp_path / "findings.csv")

    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "audit.xlsx"))
    rows = book.get_sheet_by_name("findings").to_python()
    assert [",".join(map(str, row)) for row in rows] == (tmp_path / "findings.csv").read_text().splitlines()


def test_what_a_sheet_cannot_hold_is_marked_and_cut(tmp_path: Path):
    table = pd.DataFrame({"a": ["x\0\x1b\ud800y", "z" * 40_000]}, dtype=object)
    write_workbook({"x": table}, tmp_path / "audit.xlsx")

    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "audit.xlsx"))
    (_, (first,), (second,)) = book.get_sheet_by_name("x").to_python()
    assert (first, len(second)) == ("x\ufffd\ufffd\ufffdy", 32_767)


def test_a_workbook_that_cannot_be_written_leaves_the_old_one_and_no_scraps(tmp_path: Path, monkeypatch):
    (tmp_path / "audit.xlsx").write_bytes(b"old")
    monkeypatch.setattr("agent.report.workbook._write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_workbook({"x": pd.DataFrame({"a": ["1"]}, dtype="str")}, tmp_path / "audit.xlsx")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("audit.xlsx", b"old")]
