"""The quick reader of large CSV files says what the strict reader says, or leaves the file to it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import csv_sheet, plain_csv
from reconcile.coded import Coded, coded, distinct, mapped, odd, rowwise
from reconcile.errors import SheetError
from reconcile.sheet import read_sheet

HEADER = "serial,product,note\n"
PIECES = ("a", "B7", '"', '""', ",", "\n", "\r\n", " ", "FOC1", '="X"', '"FOC1"', '"a,b"', '"a""b"', "\r", "é", "\0")


def quick(path, width=3):
    text = csv_sheet.examine(path, path.name)
    return plain_csv.columns(text, ",", 1, width, worth=0)


def strict(path):
    """The rows below the header; a blank line is a row of empty cells to the quick reader."""
    found = [cells for _, cells in csv_sheet.records(csv_sheet.examine(path, path.name), ",", 0)][1:]
    return [cells or ["", "", ""] for cells in found]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_what_the_quick_reader_takes_the_strict_one_reads_alike(tmp_path, body):
    path = tmp_path / "list.csv"
    path.write_bytes((HEADER + body).encode())

    found = quick(path)

    if found is not None:
        assert [list(row) for row in zip(*(column.to_pylist() for column in found), strict=True)] == strict(path)


@pytest.mark.parametrize(
    "body",
    [
        'a,b,"c\nd"\n',  # a cell of two lines
        'a,"b"x,c\n',  # text after a closing quote
        '"a,"b,c,d\n",x",y,z\n',  # the same, and a cell that begins as a closed one ends
        "a,b\n",  # a short row
        "a,b,c,d\n",  # a long row
        "a,\0,c\n",
        "a,b\rc,d\n",
        "a,b,c",  # no line break at the end
    ],
)
def test_a_file_that_is_not_plainly_whole_is_left_to_the_strict_reader(tmp_path, body):
    path = tmp_path / "list.csv"
    path.write_bytes((HEADER + body).encode())

    assert quick(path) is None


@pytest.mark.parametrize(
    "body",
    ["a,b,c\n", '"a","b","c"\n', 'a,"b, c",d\r\n', '"=""00123""",b,c\n' + "a,b,c\n" * 9, ",,\n", "a,b,c\n\nd,e,f\n"],
)
def test_a_plain_file_is_read_at_once(tmp_path, body):
    path = tmp_path / "list.csv"
    path.write_bytes((HEADER + body).encode())

    found = quick(path)

    assert found is not None
    assert [list(row) for row in zip(*(column.to_pylist() for column in found), strict=True)] == strict(path)


def large(tmp_path, *rows):
    path = tmp_path / "large.csv"
    body = "".join(f'FOC{n:08},C9300-48P,"row {n}, as it is"\n' for n in range(40_000))
    path.write_text("A title\n" + HEADER + body + "".join(rows))
    return path


def sheet(path):
    return read_sheet(path, known=("serial", "product"), is_trailer=lambda cells: cells[0].startswith("Total"))


def test_a_large_file_is_the_same_sheet_by_either_reader(tmp_path, monkeypatch):
    path = large(tmp_path, ",,\n", "\n", " ,\t,\n", "FOC1,,\n", "Total,40000,\n")

    at_once = sheet(path)
    monkeypatch.setattr(plain_csv, "columns", lambda *_: None)
    by_row = sheet(path)

    assert isinstance(at_once.columns["serial"], Coded)
    assert not isinstance(by_row.columns["serial"], Coded)
    assert at_once.rows == by_row.rows
    assert (at_once.trailers, at_once.first_blank, at_once.above) == (by_row.trailers, by_row.first_blank, by_row.above)
    assert (at_once.header, at_once.header_row, at_once.digest) == (by_row.header, by_row.header_row, by_row.digest)


def test_a_large_file_with_a_fault_names_its_row(tmp_path):
    with pytest.raises(SheetError, match="40003"):
        sheet(large(tmp_path, "FOC1,only two\n", "a,b,c\n"))


def test_a_column_by_its_distinct_cells_is_the_column():
    import pyarrow as pa

    cells = ["b", "", "a", "b", "x y"]
    column = coded(pa.chunked_array([cells[:2], cells[2:]], type=pa.large_string()))

    assert list(column) == cells
    assert (column[0], list(column[1:3]), len(column)) == ("b", ["", "a"], 5)
    assert list(column.array()) == cells
    assert distinct(column) == distinct(cells) == ["b", "", "a", "x y"]
    assert odd(column) == ["", "x y"]
    assert list(mapped(str.upper, column)) == mapped(str.upper, cells)
    assert list(rowwise("{}-{}".format, column, column)) == rowwise("{}-{}".format, cells, cells)
