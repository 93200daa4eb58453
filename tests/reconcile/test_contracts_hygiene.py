"""What spreadsheets and portals do to cells: mended without a guess, or refused with the row."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile.cells import Order
from reconcile.contracts import ContractBatch, ContractFile, extra_of, read_contracts, with_extra
from reconcile.errors import ContractError, OpenDatesError
from reconcile.layouts import load
from reconcile.money import price
from reconcile.preview import preview

LAYOUTS = load()
HEADER = "vendor,contract_number,serial,product_id,line_end\n"


def put(folder: Path, text: str, name: str = "list.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def read(*paths: Path, order: Order | None = None) -> ContractBatch:
    return read_contracts([ContractFile(path, date_order=order) for path in paths], layouts=LAYOUTS)


@pytest.mark.parametrize(
    ("cell", "serial"),
    [("'00123456", "00123456"), ('"=""00123456"""', "00123456"), (" foc2145x0ab ", "FOC2145X0AB"),
     ("12345678.0", "12345678"), ("12345678.00", "12345678"), ("1.05", "1.05")],
)  # fmt: skip
def test_what_only_forces_text_or_a_number_is_taken_off_a_serial(tmp_path: Path, cell: str, serial: str) -> None:
    batch = read(put(tmp_path, f"{HEADER}cisco,'200000101,{cell},C9300-48P,2027-12-31\n"))

    assert batch.lines[["serial", "contract_number"]].to_numpy().tolist() == [[serial, "200000101"]]
    flagged = any("end in .0 as numbers do" in warning for warning in batch.files[0].warnings)
    assert flagged == cell.startswith("12345678.")


@pytest.mark.parametrize("cell", ["1.23E+14", "1.23457E+16", "1234567890123456.0", "12345678901234567890.0"])
@pytest.mark.parametrize("column", ["serial", "contract_number"])
def test_digits_that_are_lost_are_refused_with_their_row(tmp_path: Path, column: str, cell: str) -> None:
    good = {"serial": "FOC2145X0AB", "contract_number": "1"}
    row = good | {column: cell}
    text = "".join(f"cisco,{r['contract_number']},{r['serial']},X,2027-12-31\n" for r in (good, row))

    with pytest.raises(ContractError, match="has lost its digits to a spreadsheet") as refused:
        read(put(tmp_path, HEADER + text))

    assert refused.value.row == 3


@pytest.mark.parametrize(
    ("order", "cell", "day"),
    [("dmy", "05/04/2027", "2027-04-05"), ("mdy", "05/04/2027", "2027-05-04"), ("ymd", "27/05/04", "2027-05-04"),
     ("dmy", "5 April 2027", "2027-04-05"), ("mdy", "2027-04-05", "2027-04-05"), ("dmy", "05.04.27", "2027-04-05")],
)  # fmt: skip
def test_a_said_order_of_dates_holds_for_the_file(tmp_path: Path, order: Order, cell: str, day: str) -> None:
    path = put(tmp_path, f"{HEADER}cisco,1,FOC2145X0AB,X,{cell}\n")

    batch = read(path, order=order)

    assert (batch.lines["line_end"].tolist(), batch.files[0].date_order) == ([day], order)


@pytest.mark.parametrize(("order", "cell"), [("mdy", "31/12/2027"), ("ymd", "31/12/2027"), ("dmy", "12/31/2027")])
def test_a_said_order_that_the_file_contradicts_is_refused(tmp_path: Path, order: Order, cell: str) -> None:
    with pytest.raises(ContractError, match=f"{cell!r} is no date"):
        read(put(tmp_path, f"{HEADER}cisco,1,FOC2145X0AB,X,{cell}\n"), order=order)


def test_an_open_order_names_the_option_that_says_it(tmp_path: Path) -> None:
    with pytest.raises(OpenDatesError, match="--date-order dmy, mdy or ymd"):
        read(put(tmp_path, f"{HEADER}cisco,1,FOC2145X0AB,X,05/04/2027\n"))


@pytest.mark.parametrize(
    ("cell", "found"),
    [("1234.5", ("1234.5", "")), ("1,234.50", ("1234.50", "")), ("1.234,50", ("1234.50", "")),
     ("EUR 1.234,50", ("1234.50", "EUR")), ("99 NOK", ("99", "NOK")), ("£1'200", ("1200", "GBP")), ("$99", ("99", "")),
     ("1,234,567", ("1234567", "")), ("12345.678", ("12345.678", "")), ("0,125", ("0.125", "")),
     ("1,234", None), ("on request", None), ("1.2.3,4,5", None)],
)  # fmt: skip
def test_a_price_is_an_amount_and_a_currency_or_is_left_alone(cell: str, found: tuple[str, str] | None) -> None:
    assert price(cell) == found


def test_two_numbers_above_a_table_are_refused(tmp_path: Path) -> None:
    text = "Contract Number: 1\nContract Number: 2\nVendor,Serial Number\nCisco,FOC2145X0AB\n"

    with pytest.raises(ContractError, match="row 2: says contract_number '2', row 1 says '1'"):
        read(put(tmp_path, text))


def test_an_unknown_column_of_dates_is_pointed_at_where_no_column_says_the_end(tmp_path: Path) -> None:
    text = "Vendor,Contract Number,Serial Number,Slutt\nCisco,1,FOC2145X0AB,2027-12-31\n"

    (report,) = read(put(tmp_path, text)).files

    assert report.warnings == (
        "list.csv: no column says when lines end; 'Slutt' holds dates: if it is that, name it as line_end in a copy of"
        " the layout contract_list",
    )


def test_what_one_provider_sent_is_kept_beside_its_own_lines_only(tmp_path: Path) -> None:
    one = put(tmp_path, "vendor,provider,contract_number,serial,Article\ncisco,a,1,FOC2145X0AB,7\n", "one.csv")
    two = put(tmp_path, "vendor,provider,contract_number,serial,Margin\ncisco,b,2,FOC2145X0AC,9\n", "two.csv")

    lines = with_extra(read(one, two))

    assert [extra_of(lines[lines["provider"] == name]).to_dict("records") for name in ("a", "b")] == [
        [{"source_file": "one.csv", "source_row": "2", "Article": "7"}],
        [{"source_file": "two.csv", "source_row": "2", "Margin": "9"}],
    ]


def test_a_maintainers_columns_do_not_go_back_to_the_vendor(tmp_path: Path) -> None:
    header = "host,sr_no,is_covered,coverage_end_date,service_contract_number,tss_contract,tss_ticket\n"
    batch = read(put(tmp_path, header + "sw1,FOC2145X0AB,NO,,,TSS-1,44\n"))

    assert batch.lines[["provider", "contract_number"]].to_numpy().tolist() == [["cisco", ""], ["IBM TSS", "TSS-1"]]
    assert "tss_contract" not in batch.extra.columns


def test_a_preview_names_the_next_layout_and_what_it_would_read_otherwise(tmp_path: Path) -> None:
    text = "Serial #,Product Name,Install City,Status,Contract End Date\nJN1234AB0AFA,EX4300,OSLO,Active,2027-12-31\n"

    (found,) = preview([ContractFile(put(tmp_path, text))], LAYOUTS)

    assert (found.layout, found.mapping["line_end"], found.last_row, found.statuses) == (
        "juniper", "Contract End Date", 2, {"Active": 1},
    )  # fmt: skip
    assert found.first == (
        {"row": "2", "vendor": "juniper", "provider": "juniper", "line_status": "Active", "line_end": "2027-12-31",
         "serial": "JN1234AB0AFA", "product_id": "EX4300", "site_city": "OSLO", "line_kind": "hardware"},
    )  # fmt: skip
    assert found.otherwise == ("no other layout fits this file",)
