"""The other files in become tables of known columns, or are refused with file, row and cure."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from reconcile.contracts import ContractFile, read_contracts
from reconcile.errors import InputError
from reconcile.input_kinds import ACCEPTED, INPUTS
from reconcile.inputs import read_input
from reconcile.layouts import load
from reconcile.tables import ENTITLEMENTS, EOX, ORIGIN, PROFILE, REGISTER, RMA, SITES, SOFTWARE, SPARES

EXAMPLES = Path(str(resources.files("configs") / "examples"))
SHARED = load().shared
COLUMNS = {
    "register": REGISTER,
    "spares": SPARES,
    "rma": RMA,
    "entitlements": ENTITLEMENTS,
    "software": SOFTWARE,
    "eox": EOX,
    "sites": SITES,
    "profile": PROFILE,
    "accepted": ACCEPTED,
}


def put(folder: Path, text: str, name: str = "list.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def refusal(kind: str, path: Path) -> InputError:
    with pytest.raises(InputError) as refused:
        read_input(kind, path, shared=SHARED)
    assert str(refused.value).startswith(path.name) and str(refused.value).endswith(refused.value.cure)
    return refused.value


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_every_kind_of_file_reads_its_example(kind: str) -> None:
    found = read_input(kind, EXAMPLES / f"{kind}.csv", shared=SHARED)

    assert tuple(found.columns) == (*COLUMNS[kind], *ORIGIN)
    assert {str(dtype) for dtype in found.dtypes} == {"str"}
    assert found["source_row"].tolist() == [str(row) for row in range(2, 2 + len(found))]
    assert len(found) and set(found["source_file"]) == {f"{kind}.csv"}


def test_the_example_contract_names_every_target_field() -> None:
    (report,) = read_contracts([ContractFile(EXAMPLES / "contracts.csv")], layouts=load()).files

    assert (report.layout, report.unknown, report.vendors) == ("netcover", (), ("cisco", "smartoptics"))


def test_there_is_one_example_for_each_kind_of_file() -> None:
    shipped = {path.stem for path in EXAMPLES.glob("*.csv")}

    assert shipped >= {"contracts", *INPUTS} and set(INPUTS) == set(COLUMNS)


def test_the_register_is_read_in_canonical_form(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "Vendor;Serial;Provenance;Purchase Date;In Use;Inspection passed;Grant ID;Owner\n"
        "Cisco Systems; fcw2501x0a1 ;Lease-Return;31/12/2025;Y;yes;;'=cmd\n"
        "Cisco;00123;donated;;N;2025-01-31;G-1;\n"
        "Cisco;00124;Donated;;;;;\n",
    )

    rows = read_input("register", path, shared=SHARED)

    kept = [
        "vendor",
        "serial",
        "provenance",
        "purchase_date",
        "in_use",
        "inspection_passed",
        "grant_id",
        "owner",
        "source_row",
    ]
    assert rows[kept].to_numpy().tolist() == [
        ["cisco", "FCW2501X0A1", "lease_return", "2025-12-31", "yes", "yes", "", "=cmd", "2"],
        ["cisco", "00123", "grant", "", "no", "2025-01-31", "G-1", "", "3"],
        ["cisco", "00124", "unknown", "", "", "", "", "", "4"],
    ]
    assert set(rows.drop(columns=[*kept, "source_file"]).to_numpy().ravel()) == {""}


def test_a_workbook_serves_as_well(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (
        ["vendor", "serial", "purchase_date"],
        ["cisco", 12345678, date(2025, 12, 31)],
        ["cisco", "00123", 46022],
    ):
        page.append(row)
    book.save(tmp_path / "register.xlsx")

    rows = read_input("register", tmp_path / "register.xlsx")

    assert rows[["serial", "purchase_date"]].to_numpy().tolist() == [
        ["12345678", "2025-12-31"],
        ["00123", "2025-12-31"],
    ]


def test_a_serial_that_became_a_date_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["vendor", "serial"])
    page.append(["cisco", date(2026, 3, 1)])
    book.save(tmp_path / "register.xlsx")

    assert (
        refusal("register", tmp_path / "register.xlsx").problem
        == "serial: the spreadsheet has made a date of it (2026-03-01)"
    )


def test_an_empty_list_is_a_table_without_rows(tmp_path: Path) -> None:
    assert tuple(read_input("spares", put(tmp_path, "vendor,serial\n")).columns) == (*SPARES, *ORIGIN)


def test_a_list_without_a_line_break_at_its_end_is_read_whole(tmp_path: Path) -> None:
    assert read_input("profile", put(tmp_path, "contract_number\n0012"))["contract_number"].tolist() == ["0012"]


def test_a_subnet_is_normalised_and_a_host_name_pattern_kept(tmp_path: Path) -> None:
    rows = read_input("sites", put(tmp_path, "Subnet,Hostname pattern,Site\n10.20.1.7/16,,Oslo\n,sw-*,Bergen\n"))

    assert rows[["subnet", "hostname", "site"]].to_numpy().tolist() == [
        ["10.20.0.0/16", "", "Oslo"],
        ["", "sw-*", "Bergen"],
    ]


@pytest.mark.parametrize(
    ("kind", "text", "row", "problem"),
    [
        ("register", "vendor,serail\ncisco,1\n", 1, "unknown column 'serail'"),
        ("register", "vendor,product_id\ncisco,1\n", 1, "has no column 'serial'"),
        ("register", "vendor,serial\ncisco,1\n,2\n", 3, "vendor is empty"),
        ("register", "vendor,serial\ncisco,n/a\n", 2, "serial: 'n/a' is no serial"),
        (
            "register",
            "vendor,serial\ncisco,1.2E+14\n",
            2,
            "serial: '1.2E+14' has lost its digits to a spreadsheet",
        ),
        (
            "register",
            "vendor,serial\ncisco,#N/A\n",
            2,
            "serial: '#N/A' is a spreadsheet's error, not a value",
        ),
        (
            "profile",
            "contract_number\n2.00000E+08\n",
            2,
            "contract_number: '2.00000E+08' has lost its digits to a spreadsheet",
        ),
        ("register", "vendor,serial\ncisco,ab1\ncisco,AB1\n", 3, "cisco AB1 is in row 2 already"),
        (
            "register",
            "vendor,serial,provenance\ncisco,1,secondry\n",
            2,
            "provenance: 'secondry' is not known; did you mean 'secondary'?",
        ),
        ("register", "vendor,serial,in_use\ncisco,1,maybe\n", 2, "in_use: 'maybe' is neither yes nor no"),
        (
            "register",
            "vendor,serial,purchase_date\ncisco,1,2025-02-30\n",
            2,
            "purchase_date: '2025-02-30' is no date (read are 2026-12-31 and 31-Dec-2026)",
        ),
        (
            "register",
            "vendor,serial,purchase_date\ncisco,1,01/02/2025\n",
            2,
            "'01/02/2025' may have day or month first, and no date of the file tells",
        ),
        ("register", "vendor,serial,Serial \ncisco,1,2\n", 1, "'serial' and 'Serial' are one name"),
        ("rma", "vendor,old_serial,new_serial\ncisco,1a,1A\n", 2, "the old and the new serial are the same"),
        ("entitlements", "vendor,feature\ncisco,dna\n", 1, "has no column serial or account"),
        ("entitlements", "vendor,serial,account\ncisco,,\n", 2, "says neither serial nor account"),
        ("entitlements", "vendor,serial,quantity\ncisco,1,many\n", 2, "quantity: 'many' is no whole number"),
        (
            "sites",
            "subnet,site\n10.20.0.0/99,Oslo\n",
            2,
            "subnet: '10.20.0.0/99' is no subnet such as 10.20.0.0/16",
        ),
        ("software", "vendor,platform,version\ncisco,cisco_ios,17.1\n", 1, "has no column 'released'"),
        ("spares", "vendor,serial\ncisco\n", 2, "has 1 cells where the header has 2"),
    ],
)
def test_a_wrong_list_is_refused_at_its_row(tmp_path: Path, kind: str, text: str, row: int, problem: str) -> None:
    error = refusal(kind, put(tmp_path, text))

    assert (error.row, error.problem) == (row, problem)


def test_an_unknown_column_names_the_nearest_known_one(tmp_path: Path) -> None:
    assert refusal("register", put(tmp_path, "vendor,serail\ncisco,1\n")).cure == "Did you mean 'serial'?"


def test_an_exported_list_may_bring_its_origin_columns_along(tmp_path: Path) -> None:
    path = put(tmp_path, "key,rule,accepted_until,source_file,source_row\nk1,COV-SITE,2027-01-01,old.csv,77\n")

    rows = read_input("accepted", path)

    assert rows[["key", "accepted_until", "source_file", "source_row"]].to_numpy().tolist() == [
        ["k1", "2027-01-01", "list.csv", "2"]
    ]


def test_an_asset_export_of_netbox_is_a_register(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(
        "name,asset_tag,serial,status,hardware_kind,manufacturer,model_name,part_number,supplier,purchase_date,"
        "warranty_end,owner,tags\nsw1,A1,FOC2145X0AB,used,device,Cisco,C9300,C9300-48P,Acme,2025-01-02,2030-01-02,IT,\n"
    )

    (row,) = read_input("register", path).to_dict("records")

    assert {name: cell for name, cell in row.items() if cell} == {
        "vendor": "cisco", "serial": "FOC2145X0AB", "product_id": "C9300-48P", "seller": "Acme",
        "purchase_date": "2025-01-02", "warranty_end": "2030-01-02", "owner": "IT",
        "source_file": "register.csv", "source_row": "2",
    }  # fmt: skip
