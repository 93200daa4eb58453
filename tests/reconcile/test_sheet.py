"""CSV and XLSX become text with the row numbers people see, or are refused with file, row and cure."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile import sheet as sheet_module
from reconcile import xlsx_sheet
from reconcile.errors import SheetError
from reconcile.headers import plain
from reconcile.sheet import read_sheet
from reconcile.xlsx_sheet import DATE, ERROR, NUMBER, TEXT

KNOWN = ("serial", "contract_number", "note")


def put(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, **how: object) -> SheetError:
    with pytest.raises(SheetError) as refused:
        read_sheet(path, known=KNOWN, **how)  # type: ignore[arg-type]
    error = refused.value
    assert str(error).startswith(path.name), "the message names the file"
    assert error.cure and str(error).endswith(error.cure), "the message ends with the cure"
    assert (f", row {error.row}:" in str(error)) == bool(error.row)
    return error


ENCODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8-sig": ("utf-8-sig", b""),
    "utf-16-le": ("utf-16-le", b"\xff\xfe"),
    "utf-16-be": ("utf-16-be", b"\xfe\xff"),
}
CELL = st.text(
    st.sampled_from("ab0NA\"\n\r\t,;|= 'ø€") | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=12,
)


@given(
    encoding=st.sampled_from(sorted(ENCODINGS)),
    delimiter=st.sampled_from(",;\t|"),
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150, deadline=None)
def test_what_was_written_is_read_in_every_encoding_and_delimiter(
    tmp_path_factory: pytest.TempPathFactory,
    encoding: str,
    delimiter: str,
    rows: list[tuple[str, str, str]],
    end: str,
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([KNOWN, *rows])
    codec, mark = ENCODINGS[encoding]
    path = put(tmp_path_factory.mktemp("csv"), mark + text.getvalue().encode(codec))
    swallowed = any(cell.count(delimiter) > 1 and ("\n" in cell or "\r" in cell) for row in rows for cell in row)

    try:
        sheet = read_sheet(path, known=KNOWN)
    except SheetError as error:
        assert swallowed, str(error)
        return

    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert (sheet.encoding, sheet.delimiter, sheet.header) == (encoding, delimiter, KNOWN)
    assert [tuple(row.values()) for _, row in sheet.rows] == kept


def test_cp1252_is_told_and_said(tmp_path: Path) -> None:
    sheet = read_sheet(put(tmp_path, "serial,note\n1,Malmö €\n".encode("cp1252")), known=KNOWN)

    assert sheet.rows == [(2, {"serial": "1", "note": "Malmö €"})]
    assert (sheet.encoding, sheet.warnings) == ("cp1252", ("list.csv: read as cp1252",))


def test_utf16_without_a_mark_is_told_by_its_zero_bytes(tmp_path: Path) -> None:
    assert read_sheet(put(tmp_path, "serial,note\n1,x\n".encode("utf-16-le")), known=KNOWN).encoding == "utf-16-le"


def test_two_encodings_in_one_file_are_refused_at_the_odd_row(tmp_path: Path) -> None:
    error = refusal(put(tmp_path, b"serial,note\n1,Malm\xc3\xb6\n2,Malm\xf6\n"))

    assert (error.row, error.problem) == (3, "UTF-8 and cp1252 are mixed in one file")


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    assert refusal(put(tmp_path, b"serial,note\n1,\x81\x8d\n")).row == 2


def test_a_sep_line_sets_the_delimiter_and_counts_as_a_row(tmp_path: Path) -> None:
    sheet = read_sheet(put(tmp_path, "sep=|\r\nserial|note\r\n1|a,b\r\n"), known=KNOWN)

    assert (sheet.delimiter, sheet.header_row, sheet.rows) == ("|", 2, [(3, {"serial": "1", "note": "a,b"})])


def test_text_stays_text(tmp_path: Path) -> None:
    sheet = read_sheet(put(tmp_path, "serial,note\n00123,NA\n1E5,\nNA1234, null\n"), known=KNOWN)

    assert [list(row.values()) for _, row in sheet.rows] == [
        ["00123", "NA"],
        ["1E5", ""],
        ["NA1234", " null"],
    ]


def test_the_header_is_found_below_titles_and_rows_keep_their_physical_lines(tmp_path: Path) -> None:
    sheet = read_sheet(
        put(tmp_path, 'A title, with a comma\n\n"Serial";Note;Contract  Number\n1;"two\nlines";c\n2;;c\n'),
        known=KNOWN,
    )

    assert (sheet.header_row, sheet.header) == (3, ("Serial", "Note", "Contract Number"))
    assert [number for number, _ in sheet.rows] == [4, 6]


def test_blank_rows_are_no_rows_and_the_first_is_remembered(tmp_path: Path) -> None:
    sheet = read_sheet(put(tmp_path, "serial,note\n1,a\n,\n\n2,b\n"), known=KNOWN)

    assert ([number for number, _ in sheet.rows], sheet.first_blank) == ([2, 5], 3)


def test_closing_lines_are_kept_apart(tmp_path: Path) -> None:
    sheet = read_sheet(
        put(tmp_path, "serial,note\n1,a\nTotal 1\n"),
        known=KNOWN,
        is_trailer=lambda cells: cells[0].startswith("Total"),
    )

    assert (len(sheet.rows), sheet.trailers) == (1, ((3, "Total 1"),))


@pytest.mark.parametrize(
    ("content", "row", "problem"),
    [
        ("serial,note\n1,a\n2\n", 3, "has 1 cells where the header has 2"),
        ("serial,note\n1,a,b\n", 2, "has 3 cells where the header has 2"),
        (
            "serial,note\n1,a\n2",
            3,
            "has 1 cells where the header has 2; the file ends without a line break, so it may be cut",
        ),
        ('serial,note\n1,a\n2,"b\n3,c\n', 3, "the file ends inside a quoted cell"),
        ('serial,note\n1,"a"b\n', 2, "text follows a closing quote"),
        ("serial,note\n1,a\n2,b\0\n", 3, "holds a NUL character"),
        (
            "serial,note\n1," + "x" * 200_000 + "\n",
            2,
            "a cell has over 131,072 characters: a quote is not closed",
        ),
        ("serial,Note,note\n1,a,b\n", 1, "'Note' and 'note' are one name"),
        ("serial,note,note\n1,a,b\n", 1, "two columns are called 'note'"),
        ("serial,,note\n1,a,b\n", 2, "column 2 has cells but no header"),
        (
            'serial,note,a,b\n1,"x,1,2\n2,y,1,2\n3,z",1,2\n',
            2,
            "a quoted cell holds whole rows: a quote is not closed",
        ),
        ("", 0, "is empty"),
        ("\n\n\n", 0, "no header row in the first ten rows"),
    ],
)
def test_damage_is_refused_at_its_row(tmp_path: Path, content: str, row: int, problem: str) -> None:
    error = refusal(put(tmp_path, content))

    assert (error.row, error.problem) == (row, problem)


def test_a_file_without_its_last_line_break_says_so(tmp_path: Path) -> None:
    assert read_sheet(put(tmp_path, "serial,note\n1,a\n2,b"), known=KNOWN).ends_open
    assert not read_sheet(put(tmp_path, "serial,note\n1,a\n2,b\n"), known=KNOWN).ends_open


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).problem == "is not a file"
    assert "cannot be read" in refusal(tmp_path / "absent.csv").problem


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "serial,note\n1,a\nTotal\n")

    def grow(cells: object) -> bool:
        with path.open("a") as file:
            file.write("3,c\n")
        os.utime(path, ns=(1, 1))
        return True

    assert refusal(path, is_trailer=grow).problem == "the file changed while it was read"


def workbook(folder: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def test_a_workbook_is_text_with_a_mark_for_what_was_no_text(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        List=[
            ["Powered by somebody"],
            [],
            [],
            ["serial", "contract_number", "note"],
            ["00123", 912345678, date(2027, 3, 31)],
            [12345678.0, 355813070074072, datetime(2027, 3, 31, 4, 5)],  # noqa: DTZ001 - cells have no zone
            [12345678901234567, 1.5, True],
        ],
    )

    sheet = read_sheet(path, known=KNOWN)

    assert (sheet.encoding, sheet.header_row) == ("xlsx", 4)
    assert [(row, *cells.values()) for row, cells in sheet.rows] == [
        (5, "00123", "912345678", "2027-03-31"),
        (6, "12345678", "355813070074072", "2027-03-31T04:05:00"),
        (7, "1.23456789012346E+16", "1.5", "TRUE"),
    ]
    assert list(sheet.marks["serial"]) == [TEXT, NUMBER, NUMBER]
    assert list(sheet.marks["note"]) == [DATE, DATE, TEXT]


def test_an_excel_error_is_not_an_empty_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path, List=[["x", "serial", "note"], [None, "#N/A", "a"], [None, "1", "b"]])

    sheet = read_sheet(path, known=KNOWN)

    assert sheet.rows[0] == (2, {"x": "", "serial": "#N/A", "note": "a"})
    assert list(sheet.marks["serial"]) == [ERROR, TEXT]


def test_hidden_sheets_are_not_read_and_are_said(tmp_path: Path) -> None:
    path = workbook(tmp_path, Old=[["serial", "note"], ["9", "z"]], List=[["serial", "note"], ["1", "a"]])
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.active = 1
    book.save(path)

    sheet = read_sheet(path, known=KNOWN)

    assert [row for _, row in sheet.rows] == [{"serial": "1", "note": "a"}]
    assert sheet.warnings == ("list.xlsx: read sheet 'List'; not read: 'Old'",)


def test_two_sheets_that_look_alike_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, A=[["serial", "note"], ["9", "z"]], B=[["serial", "note"], ["1", "a"]])

    assert "both look like the list" in refusal(path).problem


def test_a_formula_without_a_value_is_refused_at_its_cell(tmp_path: Path) -> None:
    error = refusal(workbook(tmp_path, List=[["serial", "note"], ["1", "=1+1"]]))

    assert (error.row, error.problem) == (2, "cell B2 is a formula that was never calculated")


def test_a_bomb_is_refused_before_it_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, List=[["serial", "note"], ["1", "a"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/more.xml", b" " * (xlsx_sheet.RATIO_FROM + 1))
    monkeypatch.setattr(xlsx_sheet, "CalamineWorkbook", None)

    assert "would unpack to" in refusal(path).problem


def test_a_cell_far_outside_the_list_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, List=[["serial", "note"], ["1", "a"]])
    book = openpyxl.load_workbook(path)
    book.active["ZZ900000"] = "x"
    book.save(path)
    monkeypatch.setattr(xlsx_sheet, "CalamineWorkbook", None)

    assert "spans 900,000 rows by 702 columns" in refusal(path).problem


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, List=[["serial", "note"], ["1", "a" * 3000]])
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    entry = raw.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert raw[entry : entry + 4] == b"PK\x01\x02"
    raw[entry + 24 : entry + 28] = (size // 2).to_bytes(4, "little")
    path.write_bytes(raw)

    assert "no whole Excel workbook" in refusal(path).problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 and no more", "this is no whole Excel workbook (File is not a zip file)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "this is an encrypted workbook, or a damaged .xls"),
        (b"serial,note\n", "this is no whole Excel workbook (no ZIP archive)"),
    ],
)
def test_what_is_no_open_workbook_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    assert refusal(put(tmp_path, content, "list.xlsx")).problem.startswith(problem)


def test_another_zip_archive_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("a.csv", "serial,note\n")

    assert refusal(tmp_path / "list.zip").problem == "this is a ZIP archive but no Excel workbook"


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path, List=[["serial", "note"], ["1", "a"]]).read_bytes()

    for end in range(1, len(whole), 97):
        refusal(put(tmp_path, whole[:end], "list.xlsx"))


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_module, "MAX_BYTES", 10)

    assert "is larger than" in refusal(put(tmp_path, "serial,note\n1,a\n")).problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Covered Line EndDate", "Covered Line End Date"),
        ("Serial #", "serial_number"),
        ("PAK/Serial Number ", "pakSerialNumber"),
    ],
)
def test_headers_compare_without_case_spaces_and_punctuation(one: str, other: str) -> None:
    assert plain(one) == plain(other)
