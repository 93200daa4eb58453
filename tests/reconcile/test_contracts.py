"""Contract files become lines as one batch, or nothing of them is used."""

from __future__ import annotations

import csv
import io
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import ConfigError
from reconcile.contracts import ContractBatch, ContractFile, contract_file, find_layout, read_contracts
from reconcile.errors import ContractError
from reconcile.layouts import Layouts, load
from reconcile.tables import LINES

LAYOUTS = load()
HEADER = ["vendor", "contract_number", "serial", "product_id", "line_start", "line_end", "quantity"]
ROWS = [
    ["cisco", "200000101", "FCW2501X0A1", "C9300-48P", "2026-01-01", "2027-12-31", "1"],
    ["cisco", "200000101", "FCW2501X0A2", 'Catalyst, "new"\nmodel', "2026-01-01", "2027-12-31", "10"],
    ["cisco", "200000102", "00123", "Løsning", "2026-01-01", "2027-12-31", "1"],
]


def put(folder: Path, rows: list[list[str]], name: str = "contracts.csv") -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return folder / name


def read(*paths: Path, layouts: Layouts = LAYOUTS, **known: Any) -> ContractBatch:
    return read_contracts([ContractFile(path, **known) for path in paths], layouts=layouts)


def refusal(*paths: Path, **known: Any) -> ContractError:
    with pytest.raises(ContractError) as refused:
        read(*paths, **known)
    assert str(refused.value).endswith(refused.value.cure)
    return refused.value


def test_the_lines_table_has_exactly_its_columns_all_text(tmp_path: Path) -> None:
    batch = read(put(tmp_path, [HEADER, *ROWS]))

    assert tuple(batch.lines.columns) == LINES
    assert {str(kind) for kind in batch.lines.dtypes} == {"str"}
    assert batch.lines["source_row"].tolist() == ["2", "3", "5"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_cut_at_any_byte_is_refused_or_gives_whole_rows_from_the_top(
    tmp_path: Path, codec: str, end: str
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows([HEADER, *ROWS])
    whole = text.getvalue().encode(codec)
    path = tmp_path / "contracts.csv"
    path.write_bytes(whole)
    full = read(path).lines.to_dict("records")
    read_as = set()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            rows = read(path).lines.to_dict("records")
        except ContractError as error:
            assert str(error).startswith("contracts.csv") and error.cure
            continue
        assert rows == full[: len(rows)], f"cut at byte {length}"
        read_as.add(len(rows))
    assert read_as >= {1, 2}, "cuts between rows are whole files"


@pytest.mark.parametrize(
    ("last", "cell"),
    [
        ("serial", "FOC2145X0A"),
        ("serial", "S2545000101"[:-1]),
        ("contract_number", "20012345"),
        ("product_id", "C9300-48"),
        ("line_end", "2027-12-3"),
        ("line_end", "31-Dec-20"),
        ("line_end", ""),
        ("warranty_end", ""),
    ],
)
def test_a_last_cell_that_could_pass_for_another_one_needs_its_line_break(tmp_path: Path, last: str, cell: str) -> None:
    names = [name for name in ("vendor", "contract_number", "serial") if name != last] + [last]
    given = {"vendor": "cisco", "contract_number": "20012345", "serial": "FOC2145X0AB", last: cell}
    path = tmp_path / "contracts.csv"
    path.write_text(",".join(names) + "\n" + ",".join(given[name] for name in names))

    error = refusal(path)

    assert (error.row, error.problem) == (2, f"the file ends without a line break, so its {last!r} may be cut")


@pytest.mark.parametrize(
    ("last", "cells"),
    [
        ("serial", ("S1", "FOC2145X0AB")),
        ("vendor", ("smartoptics", "cisco")),
        ("product_id", ("C9300-48P", "C9300-48P")),
        ("line_end", ("", "31-Dec-2027")),
    ],
)
def test_a_last_cell_that_shows_itself_to_be_whole_needs_no_line_break(
    tmp_path: Path, last: str, cells: tuple[str, ...]
) -> None:
    names = [name for name in ("vendor", "contract_number", "serial") if name != last] + [last]
    given = {"vendor": "cisco", "contract_number": "20012345", "serial": "FOC2145X0AA"}
    path = tmp_path / "contracts.csv"
    path.write_text(
        "\n".join([",".join(names), *(",".join((given | {last: cell})[n] for n in names) for cell in cells)])
    )

    assert len(read(path).lines) == 2


def test_a_product_that_another_row_writes_out_may_be_its_beginning(tmp_path: Path) -> None:
    rows = [[*row, product] for row, product in zip(ROWS, ("C9300-48", "C9300-48P", "C9300-48"), strict=True)]
    path = put(tmp_path, [[*HEADER, "product_type"], *rows])
    path.write_text(path.read_text().rstrip("\n"))

    assert "may be cut" in refusal(path).problem


def test_a_file_that_ends_in_a_date_may_lack_its_line_break_and_says_its_last_row(tmp_path: Path) -> None:
    path = tmp_path / "contracts.csv"
    path.write_text("vendor,contract_number,serial,line_end\ncisco,20012345,FOC2145X0AB,2027-01-31")

    batch = read(path)

    assert batch.lines["line_end"].tolist() == ["2027-01-31"]
    assert batch.files[0].warnings == ("contracts.csv: ends without a line break: see that row 2 is its last",)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_cut_of_any_file_never_changes_a_row(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    cell = st.text(st.sampled_from('aZ09 ",\n-'), max_size=6)
    rows = data.draw(
        st.lists(st.tuples(st.from_regex(r"[A-Z]{3}[0-9]{8}", fullmatch=True), cell, cell), min_size=1, max_size=5)
    )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [["vendor", "contract_number", "description", "customer", "serial"]]
    )
    csv.writer(text, lineterminator="\n").writerows([["cisco", "1", *row[1:], row[0]] for row in rows])
    whole = text.getvalue().encode()
    path = tmp_path_factory.mktemp("cut") / "contracts.csv"
    path.write_bytes(whole)
    try:
        full = read(path).lines.to_dict("records")
    except ContractError:
        return

    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        rows_read = read(path).lines.to_dict("records")
    except ContractError:
        return
    assert rows_read == full[: len(rows_read)]


def workbook(folder: Path, rows: list[list[object]], name: str = "installed_base.xlsx") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Powered by somebody"
    for row in rows:
        page.append(row)
    book.save(folder / name)
    return folder / name


BASE = [
    "Serial Number / PAK number",
    "Coverage",
    "Covered Line Status",
    "Covered Line Start Date",
    "Covered Line End Date",
    "Contract Number",
    "Product ID",
    "Product Type",
    "Item Quantity",
    "Instance ID",
]


def test_the_installed_base_workbook_is_read_from_its_fourth_row(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["Powered by somebody"],
            [],
            [],
            list(BASE),
            [
                "FCW2501X0A1",
                "COVERED",
                "ACTIVE",
                date(2026, 1, 1),
                46752,
                200000101.0,
                "C9300-48P-A",
                "CHASSIS",
                1,
                4100000001,
            ],
            [
                12345678.0,
                "COVERED",
                "ACTIVE",
                date(2026, 1, 1),
                date(2027, 12, 31),
                200000101.0,
                "C2960",
                "CHASSIS",
                1.0,
                "",
            ],
        ],
    )

    batch = read(path)

    kept = ["serial", "line_start", "line_end", "contract_number", "quantity", "source_row"]
    assert batch.lines[kept].to_numpy().tolist() == [
        ["FCW2501X0A1", "2026-01-01", "2027-12-31", "200000101", "1", "5"],
        ["12345678", "2026-01-01", "2027-12-31", "200000101", "1", "6"],
    ]
    (report,) = batch.files
    assert (report.layout, report.encoding, report.first_row, report.last_row) == ("cisco_b", "xlsx", 5, 6)
    assert report.warnings == ("installed_base.xlsx: 1 serials were numbers (rows 6): leading zeros may be lost",)


@pytest.mark.parametrize(
    ("serial", "problem"),
    [
        (123456789012345678, "'1.23456789012346E+17' has lost its digits to a spreadsheet"),
        (date(2026, 3, 1), "the spreadsheet has made a date of it (2026-03-01)"),
        ("#N/A", "'#N/A' is a spreadsheet's error, not a value"),
    ],
)
def test_a_serial_that_a_spreadsheet_spoilt_is_refused_at_its_row(tmp_path: Path, serial: object, problem: str) -> None:
    good = ["FCW2501X0A1", "", "ACTIVE", "2026-01-01", "2027-12-31", "1", "X", "CHASSIS", 1, ""]
    error = refusal(workbook(tmp_path, [list(BASE), good, [serial, *good[1:]]]))

    assert (error.row, error.problem) == (3, f"column 'Serial Number / PAK number': {problem}")


def test_unknown_columns_come_along_by_row(tmp_path: Path) -> None:
    one = put(tmp_path, [[*HEADER, "Article"], [*ROWS[0], "112917"]], "one.csv")
    two = put(tmp_path, [[*HEADER, "source_row"], [*ROWS[2], "mine"]], "two.csv")

    batch = read(one, two)

    assert batch.extra.to_dict("records") == [
        {"source_file": "one.csv", "source_row": "2", "Article": "112917", "source_row (file)": ""},
        {"source_file": "two.csv", "source_row": "2", "Article": "", "source_row (file)": "mine"},
    ]
    assert [report.unknown for report in batch.files] == [("Article",), ("source_row",)]


def test_equal_rows_stay_two_lines(tmp_path: Path) -> None:
    lines = read(put(tmp_path, [HEADER, ROWS[0], ROWS[0]])).lines

    assert lines["source_row"].tolist() == ["2", "3"]
    assert lines.drop(columns="source_row").drop_duplicates().shape[0] == 1


def test_the_same_file_or_the_same_bytes_twice_are_refused(tmp_path: Path) -> None:
    one, two = put(tmp_path, [HEADER, *ROWS], "one.csv"), put(tmp_path, [HEADER, *ROWS], "two.csv")

    assert refusal(one, one).problem == "is named twice"
    assert (refusal(one, two).file, refusal(one, two).problem) == (
        "two.csv",
        "holds exactly what one.csv holds",
    )


def test_files_of_one_name_are_told_by_their_path(tmp_path: Path) -> None:
    for place, row in zip(("a", "b"), ROWS, strict=False):
        (tmp_path / place).mkdir()
        put(tmp_path / place, [HEADER, row])
    paths = [tmp_path / place / "contracts.csv" for place in ("a", "b")]

    assert read(*paths).lines["source_file"].tolist() == list(map(str, paths))


def test_a_batch_of_no_files_has_no_lines() -> None:
    batch = read_contracts([], layouts=LAYOUTS)

    assert (len(batch.lines), tuple(batch.lines.columns), batch.files) == (0, LINES, ())


@pytest.mark.parametrize(
    ("layout", "problem"),
    [
        ("nonesuch", "there is no layout 'nonesuch'"),
        (
            "smartoptics",
            "layout smartoptics needs 'Agreement Number', 'Part Number', 'Serial Number', 'Service Level', 'End Date'",
        ),
    ],
)
def test_a_forced_layout_must_exist_and_fit(tmp_path: Path, layout: str, problem: str) -> None:
    assert refusal(put(tmp_path, [HEADER, *ROWS]), layout=layout).problem == problem


def test_two_layouts_that_fit_equally_well_are_refused(tmp_path: Path) -> None:
    overlay(tmp_path, "twin", (resources.files("configs") / "contracts" / "netcover.toml").read_text("utf-8"))

    with pytest.raises(LookupError, match="fit equally well"):
        find_layout(HEADER, load(tmp_path))


def test_two_columns_for_one_field_are_refused(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        [["Vendor", "SN", "Serial #", "Contract", "End Date"], ["cisco", "1", "2", "3", "2027-12-31"]],
    )

    assert refusal(path).problem == "columns 'SN' and 'Serial #' both say serial"


def test_a_note_among_the_lines_is_refused_not_read_as_a_line(tmp_path: Path) -> None:
    path = put(tmp_path, [HEADER, ROWS[0], ["See also the second agreement", *[""] * 6], ROWS[2]])

    assert (refusal(path).row, refusal(path).problem) == (
        3,
        "holds only 'See also the second agreement': neither a line nor a known end",
    )


@pytest.mark.parametrize(
    ("cell", "column", "problem"),
    [
        ("two", "quantity", "column 'quantity': 'two' is no whole number"),
        ("1,000", "quantity", "column 'quantity': '1,000' is no whole number"),
        ("2027-13-01", "line_end", "column 'line_end': '2027-13-01' is no date (read are 2026-12-31 and 31-Dec-2026)"),
        ("0207-03-01", "line_end", "column 'line_end': '0207-03-01' is before 1980"),
        (
            "1.2E+9",
            "contract_number",
            "column 'contract_number': '1.2E+9' has lost its digits to a spreadsheet",
        ),
    ],
)
def test_a_cell_that_would_need_a_guess_is_refused(tmp_path: Path, cell: str, column: str, problem: str) -> None:
    bad = [cell if name == column else value for name, value in zip(HEADER, ROWS[0], strict=True)]

    assert (
        refusal(put(tmp_path, [HEADER, ROWS[2], bad])).row,
        refusal(put(tmp_path, [HEADER, ROWS[2], bad])).problem,
    ) == (
        3,
        problem,
    )


LIST = ["Serial Number", "Contract Number", "Start Date", "End Date"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("31/12/2025", "05/04/2027", ("2025-12-31", "2027-04-05")),
        ("12/31/2025", "05/04/2027", ("2025-12-31", "2027-05-04")),
        ("05.05.2026", "06-Apr-27", ("2026-05-05", "2027-04-06")),
        ("2026-05-05T10:00:00Z", "April 6, 2027", ("2026-05-05", "2027-04-06")),
        ("", "N/A", ("", "")),
    ],
)
def test_one_order_of_dates_holds_for_the_whole_file(
    tmp_path: Path, start: str, end: str, expected: tuple[str, str]
) -> None:
    lines = read(put(tmp_path, [LIST, ["FCW2501X0A1", "1", start, end]]), vendor="cisco").lines

    assert (lines["line_start"][0], lines["line_end"][0]) == expected


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        ("31/12/2025", "12/31/2027", "'31/12/2025' puts the day first, '12/31/2027' the month"),
        ("", "05/04/2027", "'05/04/2027' may have day or month first, and no date of the file tells"),
        ("", "31/12/27", "'31/12/27' has a year of two digits"),
    ],
)
def test_an_unclear_order_of_dates_is_refused(tmp_path: Path, start: str, end: str, problem: str) -> None:
    error = refusal(put(tmp_path, [LIST, ["FCW2501X0A1", "1", start, end]]), vendor="cisco")

    assert error.row == 2 and error.problem.endswith(problem)


def test_the_order_of_dates_can_be_said(tmp_path: Path) -> None:
    path = put(tmp_path, [LIST, ["FCW2501X0A1", "1", "", "05/04/2027"]])

    assert read(path, vendor="cisco", date_order="mdy").lines["line_end"][0] == "2027-05-04"


@pytest.mark.parametrize(
    ("product_type", "product_id", "subscription", "serial", "kind"),
    [
        ("CHASSIS", "C9300-48P", "", "FCW2501X0A1", "hardware"),
        ("CHASSIS", "L-ODD", "Sub1", "FCW2501X0A1", "hardware"),
        ("", "C9300-48P", "", "FCW2501X0A1", "hardware"),
        ("Software", "C9300-48P", "", "FCW2501X0A1", "software"),
        ("", "L-C3850-48-S-E", "", "4XCH7A0Q1ZP", "software"),
        ("", "", "", "4XCH7A0Q1ZP", "software"),
        ("Odd", "", "", "4XCH7A0Q1ZP", "hardware"),
        ("", "C9300-DNA-A-48-3Y", "", "", "software"),
        ("", "A-FLEX-P", "", "", "subscription"),
        ("", "X", "Sub100200", "SUB0000", "subscription"),
        ("SUBSCRIPTION", "X", "", "", "subscription"),
        ("CHASSIS", "C9300-48P", "", "N/A", "serial_less"),
        ("", "C9300-48P", "", "", "serial_less"),
    ],
)
def test_a_line_has_one_kind(
    tmp_path: Path, product_type: str, product_id: str, subscription: str, serial: str, kind: str
) -> None:
    header = ["vendor", "contract_number", "serial", "product_type", "product_id", "subscription_id"]
    path = put(tmp_path, [header, ["cisco", "1", serial, product_type, product_id, subscription]])

    assert read(path).lines["line_kind"].tolist() == [kind]


@pytest.mark.parametrize("cell", ["FCW2501X0A1;FCW2501X0A2", "FCW2501X0A1 FCW2501X0A2", "7720321 / 7720322"])
def test_two_serials_in_one_cell_are_refused(tmp_path: Path, cell: str) -> None:
    error = refusal(put(tmp_path, [HEADER, [*ROWS[0][:2], cell, *ROWS[0][3:]]]))

    assert (error.row, error.problem) == (2, f"column 'serial': {cell!r} holds two serials")


def test_a_closing_line_in_a_workbook_is_not_a_unit(tmp_path: Path) -> None:
    good = ["FCW2501X0A1", "", "ACTIVE", "2026-01-01", "2027-12-31", "1", "X", "CHASSIS", 1, ""]

    (report,) = read(workbook(tmp_path, [list(BASE), good, [], ["Applied filters: none"]])).files

    assert (report.lines, report.trailers) == (1, ((4, "Applied filters: none"),))


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("x.csv", ContractFile(Path("x.csv"))),
        ("cisco_a=x.csv", ContractFile(Path("x.csv"), layout="cisco_a")),
        ("Cisco=x.csv", ContractFile(Path("x.csv"), source="cisco", provider="Cisco", vendor="cisco")),
        ("My Partner=x=1.csv", ContractFile(Path("x=1.csv"), source="my_partner", provider="My Partner")),
    ],
)
def test_the_name_before_a_file_is_a_layout_or_else_the_source(argument: str, expected: ContractFile) -> None:
    assert contract_file(argument, LAYOUTS) == expected


def test_a_file_whose_own_name_has_an_equals_sign_is_a_file(tmp_path: Path) -> None:
    path = put(tmp_path, [HEADER, *ROWS], "a=b.csv")

    assert contract_file(str(path), LAYOUTS) == ContractFile(path)


def overlay(folder: Path, name: str, text: str) -> Path:
    (folder / "contracts").mkdir(exist_ok=True)
    (folder / "contracts" / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_an_operators_layout_wins_over_the_shipped_one_and_may_map_status_words(tmp_path: Path) -> None:
    overlay(
        tmp_path,
        "smartoptics",
        'title = "ours"\nvendor = "smartoptics"\nrequired = ["Serienummer"]\n'
        '[columns]\nserial = ["Serienummer"]\nline_status = ["Status"]\n[status_words]\ngyldig = "Active"\n',
    )
    path = put(tmp_path, [["Serienummer", "Status"], ["S2545000101", "Gyldig"], ["S2545000102", "Expired"]])

    lines = read(path, layouts=load(tmp_path)).lines

    assert lines[["vendor", "serial", "line_status"]].to_numpy().tolist() == [
        ["smartoptics", "S2545000101", "Active"],
        ["smartoptics", "S2545000102", "Expired"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\nrequired = ["a"]\nfoo = 1\n[columns]\nserial = ["a"]\n', "foo"),
        ('title = "x"\nrequired = ["a"]\n[columns]\nserial = ["a"]\nserail = ["b"]\n', "serail"),
        ('title = "x"\nrequired = ["a"]\n[columns]\nvendor = ["a"]\n', "names its serial column"),
        ('title = "x"\nrequired = []\n[columns]\nserial = ["a"]\n', "required"),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_wrong_layout_file_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        load(overlay(tmp_path, "mine", text))
    assert "mine.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31-Dec-2026", "2026-12-31"), ("2026/12/31", "2026-12-31"), ("2026-12-31T00:00:00.000Z", "2026-12-31"),
        ("31/12/2026", "2026-12-31"), ("12/31/2026 12:00:00 AM", "2026-12-31"), ("31.12.2026", "2026-12-31"),
        ("46387", "2026-12-31"), ("46387.0", "2026-12-31"),
    ],
)  # fmt: skip
def test_our_own_template_takes_dates_as_spreadsheets_leave_them(tmp_path: Path, written: str, day: str) -> None:
    batch = read(put(tmp_path, [["vendor", "serial", "contract_number", "line_end"], ["cisco", "F1", "2", written]]))

    assert (batch.files[0].layout, batch.lines["line_end"].tolist()) == ("netcover", [day])


@pytest.mark.parametrize("written", ["05/06/2026", "12/31/26", "20261", "1234", "99999"])
def test_a_date_that_could_be_another_one_is_refused(tmp_path: Path, written: str) -> None:
    file = put(tmp_path, [["vendor", "serial", "contract_number", "line_end"], ["cisco", "F1", "2", written]])

    assert refusal(file).row == 2


@pytest.mark.parametrize(
    ("header", "layout"),
    [
        (" VENDOR ;Serial; Contract_Number;line end", "netcover"),
        ("vendor;serial;line_end;Notes", "netcover"),
        ("Vendor;Serial Number;Contract Number;Line End", "generic"),
        ("OEM;S/N;Contract #;Valid until", "generic"),
    ],
)
def test_headers_are_known_however_they_are_written(tmp_path: Path, header: str, layout: str) -> None:
    cells = {"S/N": "FOC2145X0AB", "SE": "FOC2145X0AB", "VE": "Cisco", "OE": "Cisco", "CO": "00200"}
    row = [cells.get(h.strip().upper()[:3], cells.get(h.strip().upper()[:2], "2027-12-31")) for h in header.split(";")]
    path = tmp_path / "contracts.csv"
    path.write_bytes(f"{header}\r\n{';'.join(row)}\r\n;;;\r\n\r\n".encode("cp1252"))

    batch = read(path)

    names = ["vendor", "serial", "line_end"]
    assert (batch.files[0].layout, batch.lines[names].to_numpy().tolist()) == (
        layout, [["cisco", "FOC2145X0AB", "2027-12-31"]],
    )  # fmt: skip


def test_a_list_of_serials_with_neither_contracts_nor_ends_is_refused(tmp_path: Path) -> None:
    error = refusal(put(tmp_path, [["vendor", "serial", "line_status"], ["cisco", "FOC2145X0AB", "Active"]]))

    assert error.problem == "no layout fits; the nearest, netcover, misses 'contract_number or line_end'"


def test_the_name_before_a_file_says_the_vendor_of_a_list_that_does_not(tmp_path: Path) -> None:
    path = put(tmp_path, [["serial", "contract_number", "line_end"], ["00123", "SO-1", "2027-12-31"]])
    found = {
        name: read_contracts([contract_file(f"{name}={path}", LAYOUTS)], layouts=LAYOUTS).lines["vendor"].tolist()
        for name in ("cisco", "Cisco Systems", "smartoptics")
    }

    assert found == {"cisco": ["cisco"], "Cisco Systems": ["cisco"], "smartoptics": ["smartoptics"]}
    assert "--contracts VENDOR=FILE" in refusal(path).cure


@pytest.mark.parametrize("first", ["Totals", "Sub-Total:", "SUM", "Grand total"])
def test_a_row_of_totals_is_no_line(tmp_path: Path, first: str) -> None:
    batch = read(put(tmp_path, [HEADER, *ROWS, ["", "", first, "", "", "", "12"]]))

    assert (len(batch.lines), batch.files[0].trailers) == (3, ((6, first),))
