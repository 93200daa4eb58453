# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""The contract files of the audit folder, computed from the fleet's serials: most units covered, one of each trouble.

Contracts know the fleet as it was before any swap, so a replacement leaves its old serial on its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from openpyxl import Workbook  # type: ignore[import-untyped]  # it ships no types

from tests.lab.fleet import SITES, Station, dead_unit
from tests.lab.units import TrueUnit, serial_of, smartoptics_serial

SITE_IDS: Final = {site: f"90010{number}" for number, site in enumerate(SITES, 1)}
SITE_NAMES: Final = {site: f"EXAMPLE ORG {site.upper()}" for site in SITES}
COUNTRIES: Final = {"Oslo": "NO", "Bergen": "NO", "Paris": "FR"}
OLD_MEMBER: Final = serial_of("127.10.1.1", "2", 9)
"""The stack member in Oslo that an RMA took out; its successor is in the stack, the contract names the old one."""
SPARE: Final = serial_of("127.10.250.2", "spare")
GONE: Final = serial_of("127.10.250.1", "1")

# Troubles by (address, slot); every other chassis and module of Cisco is covered.
UNCOVERED: Final = frozenset(
    {("127.10.2.2", "chassis"), ("127.10.2.2", "NIM1"), ("127.10.1.7", "2"), ("127.10.1.7", "2/NM")}
)
"""The second member of 127.10.1.7 is second-hand; the router is simply forgotten."""
EXPIRED: Final = ("127.10.2.3", "2")
EXPIRING: Final = ("127.10.3.2", "chassis")
PENDING: Final = ("127.10.1.5", "chassis")
NEAR: Final = ("127.10.1.3", "chassis")
WRONG_PRODUCT: Final = ("127.10.3.3", "chassis")
DUPLICATE: Final = ("127.10.1.2", "1")
REPLACED: Final = ("127.10.1.1", "2")

A_HEADERS: Final = (
    "Site", "Health", "PAK/Serial Number", "Contract Number", "Product Number", "Product Label", "End of Support",
    "Product Description", "Product Type", "Instance Number", "Product Relationship", "Parent Instance Number",
    "Start Date", "End Date", "Contract Line Status", "PO Number", "SO Number", "Maintenance PO Number",
    "Maintenance SO Number", "Do Not Renew Reason Code", "Warranty Type", "Warranty End Date", "Product Ship Date",
)  # fmt: skip
B_HEADERS: Final = (
    "Serial Number / PAK number", "Coverage", "Covered Line Status", "Business Entity", "Product Family", "Product ID",
    "Product Description", "Asset Type", "Product Type", "Item Quantity", "Covered Line Start Date",
    "Covered Line End Date", "Contract Type", "Service Brand Code", "Contract Number", "Subscription ID", "Ship Date",
    "Last Date of Support", "Warranty Type", "Warranty End Date", "Install Site GU Name", "Install Site Name",
    "Install Site ID", "Install Site Address 1", "Install Site City", "Install Site Country", "Instance ID",
    "Parent Instance ID", "Product SO", "Product PO", "Service SO", "Service PO", "Do Not Renew Reason", "Major/Minor",
)  # fmt: skip
SMARTOPTICS_HEADERS: Final = (
    "Agreement Number", "Line", "Part Number", "Description", "Serial Number", "Service Level", "Status", "Start Date",
    "End Date", "Node", "Site", "City", "Country", "Purchase Date", "Customer",
)  # fmt: skip
TEMPLATE_HEADERS: Final = (
    "vendor", "provider", "contract_number", "service_level", "line_number", "line_status", "line_start", "line_end",
    "serial", "product_id", "description", "quantity", "hostname", "site_name", "contact_email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One contract line before it takes a file's layout."""

    serial: str
    product_id: str
    site: str
    contract: str
    start: date
    end: date
    status: str = "ACTIVE"
    product_type: str = "CHASSIS"
    instance: str = ""
    parent: str = ""
    hostname: str = ""
    subscription: str = ""


def write_contracts(folder: Path, fleet: Sequence[Station], as_of: date) -> None:
    """Write the four files into *folder*; *fleet* is the one without swaps."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(cisco_rows(fleet, as_of))
    ccw_r = [row for row in rows if row.site != "Paris"]
    (folder / "ccw-r.csv").write_text(_layout_a(ccw_r, as_of), "utf-8")
    _layout_b(folder / "installed-base.xlsx", [row for row in rows if row.site == "Paris"], as_of)
    (folder / "smartoptics.csv").write_text(_smartoptics(fleet, as_of), "utf-8")
    (folder / "partner.csv").write_text(_template(as_of), "utf-8")


def typo(serial: str) -> str:
    """The serial as a tired person copies it: one sign taken for its look-alike.

    >>> typo("FDO2104CUB8")
    'FDO21O4CUB8'
    """
    for digit, letter in (("0", "O"), ("5", "S"), ("8", "B"), ("1", "I")):
        if digit in serial[3:7]:
            at = serial.index(digit, 3)
            return serial[:at] + letter + serial[at + 1 :]
    return serial[:-2] + serial[-1] + serial[-2]


def cisco_rows(fleet: Sequence[Station], as_of: date) -> Iterable[Row]:
    """Every Cisco line, troubles and all."""
    number = 0
    for station in fleet:
        chassis = ""
        for unit in (u for u in station.built.units if u.kind in ("chassis", "module") and _cisco(station)):
            place = (unit.address, unit.slot)
            if place in UNCOVERED:
                continue
            number += 1
            minor = unit.kind == "module"
            row = Row(
                unit.serial, unit.product_id, station.site, "209876543" if station.site == "Paris" else "201234567",
                as_of - timedelta(days=300), as_of + timedelta(days=430), product_type="MODULE" if minor else "CHASSIS",
                instance=f"{7_100_000 + number}", parent=chassis if minor else "", hostname=station.device.hostname,
            )  # fmt: skip
            chassis = chassis if minor else row.instance
            yield from _troubled(row, place, as_of)
    yield from _rows_without_units(as_of)


def _cisco(station: Station) -> bool:
    return station.device.platform.startswith("cisco")


def _troubled(row: Row, place: tuple[str, str], as_of: date) -> Iterable[Row]:
    """The line of a unit with the trouble its place is meant to have."""
    troubles: Mapping[tuple[str, str], Row] = {
        EXPIRED: replace(row, status="EXPIRED", end=as_of - timedelta(days=45)),
        EXPIRING: replace(row, end=as_of + timedelta(days=40)),
        PENDING: replace(row, status="SIGNED", start=as_of + timedelta(days=10)),
        NEAR: replace(row, serial=typo(row.serial)),
        WRONG_PRODUCT: replace(row, product_id="CISCO2951/K9"),
        REPLACED: replace(row, serial=OLD_MEMBER),
    }
    yield troubles.get(place, row)
    if place == DUPLICATE:
        yield replace(row, contract="201234999", instance=f"{row.instance}9", end=as_of + timedelta(days=700))


def _rows_without_units(as_of: date) -> Iterable[Row]:
    start, end = as_of - timedelta(days=200), as_of + timedelta(days=165)
    unread = dead_unit("127.10.2.7")
    yield Row(GONE, "WS-C2960X-24PS-L", "Oslo", "201234567", start, end, instance="7190001", hostname="osl-gone-1")
    yield Row(SPARE, "C9300-48P", "Oslo", "201234567", start, end, instance="7190002")
    yield Row(
        unread.serial,
        unread.product_id,
        "Bergen",
        "201234567",
        start,
        end,
        instance="7190003",
        hostname="bgo-old-1",
    )
    yield Row(
        "3J5A71F9K2B",
        "L-C3850-24-S-E",
        "Paris",
        "209876543",
        start,
        end,
        product_type="SOFTWARE",
        instance="7190004",
    )
    yield Row("", "C9300-DNA-A-48-3Y", "Paris", "209876543", start, end, product_type="SUBSCRIPTION", instance="7190005",
              subscription="Sub104417")  # fmt: skip
    yield Row(
        "4K7B82G1L3C",
        "FL-44-APP-K9",
        "Paris",
        "209876543",
        start,
        end,
        product_type="PAK",
        instance="7190006",
    )


def _layout_a(rows: Sequence[Row], as_of: date) -> str:
    cells = [
        {
            "Site": SITE_NAMES[row.site], "Health": "", "PAK/Serial Number": row.serial, "Contract Number": row.contract,
            "Product Number": row.product_id, "Product Description": f"^{row.product_id}, Cisco", "Product Type": row.product_type,
            "Instance Number": row.instance, "Product Relationship": "Minor" if row.parent else "Major",
            "Parent Instance Number": row.parent, "Start Date": _day(row.start), "End Date": _day(row.end),
            "Contract Line Status": row.status, "PO Number": "PO-4711", "SO Number": "104882211", "Maintenance PO Number": "PO-4712",
            "Maintenance SO Number": "104882212", "Warranty Type": "WARR-LTD-LIFE-HW", "Product Ship Date": _day(as_of - timedelta(days=800)),
        }
        for row in rows
    ]  # fmt: skip
    trailer = "\n\nReport created for Example Organisation\n"
    return _csv(A_HEADERS, cells).rstrip("\n") + trailer


def _layout_b(path: Path, rows: Sequence[Row], as_of: date) -> None:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError("a new workbook has no sheet")
    sheet.title = "Powered by Cisco Ready"
    sheet.append(["Installed base of Example Organisation"])
    sheet.append([f"Created {as_of.isoformat()}"])
    sheet.append([])
    sheet.append(list(B_HEADERS))
    for row in rows:
        cells: dict[str, object] = {
            "Serial Number / PAK number": row.serial, "Coverage": "COVERED", "Covered Line Status": row.status, "Product ID": row.product_id,
            "Product Description": row.product_id, "Product Type": row.product_type, "Item Quantity": 1,
            "Asset Type": "SOFTWARE" if row.product_type in ("SOFTWARE", "PAK", "SUBSCRIPTION") else "HARDWARE",
            "Covered Line Start Date": row.start, "Covered Line End Date": row.end, "Contract Type": "SNT", "Service Brand Code": "SNT",
            "Contract Number": float(row.contract), "Subscription ID": row.subscription, "Ship Date": as_of - timedelta(days=800),
            "Install Site GU Name": "EXAMPLE ORGANISATION", "Install Site Name": SITE_NAMES[row.site], "Install Site ID": SITE_IDS[row.site],
            "Install Site City": row.site, "Install Site Country": COUNTRIES[row.site], "Instance ID": row.instance,
            "Parent Instance ID": row.parent, "Product SO": "104990017", "Product PO": "PO-5200",
            "Major/Minor": "Minor" if row.parent else "Major",
        }  # fmt: skip
        sheet.append([cells.get(header) for header in B_HEADERS])
    book.save(path)


def _smartoptics(fleet: Sequence[Station], as_of: date) -> str:
    """Oslo under Complete Care, Paris beyond seven years from its purchase, Bergen's DCP-2 forgotten."""
    terms = {
        "127.10.1.6": (
            "SO-2024-118",
            "Complete Care",
            _years(as_of, -2),
            _years(as_of, 1),
            _years(as_of, -2),
        ),
        "127.10.3.4": ("SO-2023-071", "Smart Care", _years(as_of, -2), _years(as_of, 3), _years(as_of, -5)),
        "127.10.2.6": ("SO-2024-118", "Smart Care", _years(as_of, -2), _years(as_of, 1), _years(as_of, -2)),
    }
    cells: list[dict[str, str]] = []
    for station in fleet:
        units = [u for u in station.built.units if u.kind == "chassis" and u.address in terms]
        cells += [_agreement_line(station, unit, terms[unit.address], len(cells) + 1) for unit in units]
    gone = TrueUnit("127.10.250.3", "chassis", "chassis", "DCP-108", smartoptics_serial("127.10.250.3", "chassis"))
    cells.append(_agreement_line(fleet[0], gone, terms["127.10.1.6"], len(cells) + 1) | {"Node": "osl-dcp-8"})
    return _csv(SMARTOPTICS_HEADERS, cells)


def _agreement_line(
    station: Station, unit: TrueUnit, term: tuple[str, str, date, date, date], line: int
) -> dict[str, str]:
    agreement, level, start, end, bought = term
    return {
        "Agreement Number": agreement, "Line": str(line), "Part Number": unit.product_id, "Description": unit.product_id,
        "Serial Number": unit.serial, "Service Level": level, "Status": "In force", "Start Date": start.isoformat(),
        "End Date": (end - timedelta(days=1)).isoformat(), "Node": station.device.hostname, "Site": station.site, "City": station.site,
        "Country": COUNTRIES[station.site], "Purchase Date": bought.isoformat(), "Customer": "Example Organisation",
    }  # fmt: skip


def _template(as_of: date) -> str:
    """A partner's list in netcover's own template: a phone nobody polls and the line of a site not yet read."""
    base = {
        "vendor": "cisco", "provider": "Example Partner", "contract_number": "EP-77", "service_level": "SNT", "line_status": "Active",
        "line_start": (as_of - timedelta(days=100)).isoformat(), "line_end": (as_of + timedelta(days=265)).isoformat(),
        "quantity": "1", "contact_email": "noc@example.org",
    }  # fmt: skip
    return _csv(
        TEMPLATE_HEADERS,
        [
            base | {"line_number": "1", "serial": serial_of("127.10.250.9", "phone"), "product_id": "CP-8841-K9", "description": "IP phone",
                    "site_name": SITE_NAMES["Bergen"]},
            base | {"line_number": "2", "serial": "", "product_id": "GLC-SX-MMD", "description": "Optics, counted", "quantity": "4",
                    "site_name": SITE_NAMES["Bergen"]},
        ],
    )  # fmt: skip


def _csv(headers: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _day(day: date) -> str:
    return day.strftime("%d-%b-%Y")


def _years(day: date, years: int) -> date:
    """The same day so many years away; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
