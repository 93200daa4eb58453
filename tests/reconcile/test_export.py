"""Files out: comparable with diff, harmless in a spreadsheet, whole or not there."""

from __future__ import annotations

import csv
import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile import export
from reconcile.export import SORT_KEYS, guarded, split, write_json, write_parquet, write_table, write_text


def text_table(**columns):
    return pd.DataFrame(columns, dtype="str")


def test_csv_has_one_header_commas_and_bare_line_feeds(tmp_path):
    write_table(text_table(a=["1", 'say "x"', "a,b"], b=["é", "two\r\nlines", ""]), tmp_path / "x.csv")

    assert (tmp_path / "x.csv").read_bytes() == 'a,b\n1,é\n"a,b",\n"say ""x""",two lines\n'.encode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_looks_like_a_formula_is_guarded(tmp_path, start):
    cell = f"{start}cmd|' /C calc'!A0"
    write_table(text_table(a=[cell]), tmp_path / "x.csv")

    assert (tmp_path / "x.csv").read_text() == f"a\n{guarded(cell)}\n"
    assert guarded(cell).startswith("'")


def test_a_number_below_zero_is_no_formula_in_a_column_of_numbers(tmp_path):
    write_table(text_table(days_left=["-5", "-5+1"], slot=["-5", "x"]), tmp_path / "x.csv")

    assert (tmp_path / "x.csv").read_text() == "days_left,slot\n-5,'-5\n'-5+1,x\n"


def test_the_columns_as_a_whole_are_guarded_as_each_cell_is(tmp_path):
    cells = ["", "a", "=a", "-", "'a", 'a"b', "a,b", "\ta", "a\nb", "\r\n", "@", "Ω=", "a\0b", "\n=x"]
    written = list(export.csv_bytes(text_table(a=cells, b="x")))[1].decode().splitlines()
    plain = [guarded(c) for c in cells]

    assert written == [('"' + c.replace('"', '""') + '"' if set(c) & {",", '"'} else c) + ",x" for c in plain]


@given(st.lists(st.text(), min_size=1, max_size=8))
def test_no_text_makes_a_cell_that_a_spreadsheet_would_run(cells):
    """And a reader of CSV gets every cell back, but for the mark in front and the line breaks."""
    body = b"".join(
        list(export.csv_bytes(text_table(a=[c.encode("utf-8", "replace").decode() for c in cells], b="x")))[1:]
    )
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))

    assert [row[0][:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows] == [False] * len(cells)
    assert [row[0] for row in rows] == [guarded(c.encode("utf-8", "replace").decode()) for c in cells]
    assert {len(row) for row in rows} == {2}


def test_the_excel_dialect_adds_a_byte_order_mark(tmp_path):
    write_table(text_table(a=["1"]), tmp_path / "x.csv", dialect="excel")

    assert (tmp_path / "x.csv").read_bytes() == b"\xef\xbb\xbfa\n1\n"


def test_rows_are_sorted_whatever_order_they_came_in(tmp_path):
    lines = text_table(source_file=["b", "a", "a", "a"], source_row=["2", "10", "9", "9"], serial=["1", "2", "4", "3"])
    write_table(lines, tmp_path / "lines.csv")
    one = (tmp_path / "lines.csv").read_text()
    write_table(lines.iloc[::-1], tmp_path / "lines.csv")

    assert one == "source_file,source_row,serial\na,9,3\na,9,4\na,10,2\nb,2,1\n"
    assert (tmp_path / "lines.csv").read_text() == one


def test_json_and_parquet_hold_the_raw_cells(tmp_path):
    raw = text_table(a=["=1", "two\nlines"], key=["1", "2"])
    write_json(raw, tmp_path / "x.json")
    write_parquet(raw, tmp_path / "x.parquet")

    assert json.loads((tmp_path / "x.json").read_text()) == raw.to_dict("records")
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == raw.to_dict("records")


def test_an_empty_table_is_a_header_and_an_empty_list(tmp_path):
    write_table(text_table(a=[]), tmp_path / "x.csv")
    write_json(text_table(a=[]), tmp_path / "x.json")

    assert (tmp_path / "x.csv").read_text() == "a\n"
    assert json.loads((tmp_path / "x.json").read_text()) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_scraps(tmp_path):
    write_text(tmp_path / "x.txt", "old")

    def pieces():
        yield b"new"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        export.write_bytes(tmp_path / "x.txt", pieces())
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("x.txt", "old")]


def test_changes_are_parted_by_provider_and_contract_under_safe_names():
    changes = text_table(
        provider=["Acme", "Acme", "../../etc", ""], contract_number=["1", "2", "1", ""], serial=list("abcd")
    )

    assert {name: list(part["serial"]) for name, part in split(changes, ("provider", "contract")).items()} == {
        "changes-none-none": ["d"], "changes-etc-1": ["c"], "changes-Acme-1": ["a"], "changes-Acme-2": ["b"],
    }  # fmt: skip
    assert list(split(text_table(provider=["a/b", "a b"], contract_number=["", ""]), ("provider",))) == [
        "changes-a-b", "changes-a-b-2",
    ]  # fmt: skip


def test_two_providers_are_in_one_part_not_even_by_contract():
    changes = text_table(provider=["Acme", "Bolt"], contract_number=["1", "1"], serial=["a", "b"])

    assert {name: list(part["serial"]) for name, part in split(changes, ("contract",)).items()} == {
        "changes-1": ["a"], "changes-1-2": ["b"],
    }  # fmt: skip


def test_a_files_name_is_short_and_stays_in_its_folder():
    changes = text_table(provider=["x" * 300, "..", "a\x00b\n/c", "CON"], contract_number=[""] * 4)
    names = list(split(changes, ("provider",)))

    assert sorted(names) == ["changes-CON", "changes-a-b-c", "changes-none", f"changes-{'x' * 60}"]


def test_a_table_whose_order_means_something_keeps_it(tmp_path):
    write_table(text_table(hostname=["b", "a"]), tmp_path / "sntc.csv")

    assert (tmp_path / "sntc.csv").read_text() == "hostname\nb\na\n"


def test_every_table_has_its_order():
    assert set(SORT_KEYS) == {
        "units", "licences", "coverage", "lines", "findings", "changes", "skipped", "diff", "sntc",
    }  # fmt: skip
