"""Workbooks beside .xlsx: read where the reader can, measured before it unpacks anything."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile import binary_sheet
from reconcile.errors import SheetError
from reconcile.sheet import read_sheet

KNOWN = ("serial", "contract_number")
ROWS = [["serial", "contract_number"], ["00123", "200000101"], ["FOC2145X0AB", "200000101"]]
_NAMES = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'  # noqa: E501  # three names


def ods(path: Path, rows: Sequence[Sequence[str]], *, repeat: int = 1, before: str = "") -> Path:
    def cell(text: str) -> str:
        times = f' table:number-columns-repeated="{repeat}"' if repeat > 1 else ""
        return f'<table:table-cell office:value-type="string"{times}><text:p>{text}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    body += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?>{before}<office:document-content {_NAMES}><office:body><office:spreadsheet>'
            f'<table:table table:name="List">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def _record(number: int, data: bytes = b"") -> bytes:
    """A BIFF12 record: its number and its length in seven bits a byte ([MS-XLSB] 2.1.4)."""
    kind = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 0x7F | 0x80, len(data) >> 7])
    return kind + size + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, rows: Sequence[Sequence[str]], *, last_row: int = 0, last_column: int = 0) -> Path:
    cells = b"".join(
        _record(0, struct.pack("<IIHB", row, 0, 300, 0) + bytes(6))
        + b"".join(_record(6, struct.pack("<II", column, 0) + _wide(text)) for column, text in enumerate(texts))
        for row, texts in enumerate(rows)
    )
    extent = struct.pack("<4I", 0, last_row or len(rows) - 1, 0, last_column or len(rows[0]) - 1)
    sheet = _record(129) + _record(148, extent) + _record(145) + cells + _record(146) + _record(130)
    bundle = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("List"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", _record(131) + _record(143) + bundle + _record(144) + _record(132))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1"'
            ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
            ' Target="worksheets/sheet1.bin"/></Relationships>',
        )
    return path


@pytest.mark.parametrize(("write", "suffix"), [(ods, "ods"), (xlsb, "xlsb"), (ods, "xlsx"), (xlsb, "xls")])
def test_it_is_read_by_its_content_whatever_its_ending(tmp_path: Path, write: object, suffix: str) -> None:
    path = write(tmp_path / f"list.{suffix}", ROWS)  # type: ignore[operator]  # one of the two writers above

    sheet = read_sheet(path, known=KNOWN)

    assert (sheet.header, sheet.encoding) == (("serial", "contract_number"), write.__name__)  # type: ignore[attr-defined]
    assert [list(row.values()) for _, row in sheet.rows] == ROWS[1:]
    assert [number for number, _ in sheet.rows] == [2, 3]
    assert bool(sheet.warnings) == (write is xlsb), "an error value in it cannot be told from an empty cell"


@pytest.mark.parametrize(("write", "suffix"), [(ods, "ods"), (xlsb, "xlsb")])
def test_it_is_refused_where_it_is_cut(tmp_path: Path, write: object, suffix: str) -> None:
    path = write(tmp_path / f"list.{suffix}", ROWS)  # type: ignore[operator]  # one of the two writers above
    whole = path.read_bytes()

    for length in range(1, len(whole), 3):
        path.write_bytes(whole[:length])
        with pytest.raises(SheetError):
            read_sheet(path, known=KNOWN)


def test_a_few_bytes_that_stand_for_many_cells_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binary_sheet, "CalamineWorkbook", None)

    for path, said in (
        (ods(tmp_path / "a.ods", ROWS, repeat=100_000_000), "its table has"),
        (xlsb(tmp_path / "a.xlsb", ROWS, last_row=1_000_000, last_column=16_000), "a cell far outside the list"),
        (ods(tmp_path / "b.ods", ROWS, before='<!DOCTYPE x [<!ENTITY a "b">]>'), "declares XML entities"),
    ):
        with pytest.raises(SheetError, match=said):
            read_sheet(path, known=KNOWN)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html><table><tr><td>serial</td></tr></table>", "is a web page and no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "the workbook is encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "this is an encrypted workbook, or a damaged .xls"),
    ],
)
def test_what_calls_itself_xls_and_is_none_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "list.xls").write_bytes(content)

    with pytest.raises(SheetError) as refused:
        read_sheet(tmp_path / "list.xls", known=KNOWN)

    assert refused.value.problem.startswith(problem)


def test_a_tab_separated_list_that_calls_itself_xls_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "list.xls").write_text("\n".join("\t".join(row) for row in ROWS) + "\n")

    sheet = read_sheet(tmp_path / "list.xls", known=KNOWN)

    assert (sheet.delimiter, sheet.columns["serial"]) == ("\t", ["00123", "FOC2145X0AB"])
