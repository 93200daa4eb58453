"""Made-up files of a large network and its contracts: units of a run, contract files, the user's lists. Seeded.

Every serial is a function of the unit's number, so no two are equal by chance; one in twenty is written in a contract
as people write them (lower case, blanks, a label, a spreadsheet's guard). Of the lines some have ended, end soon, start
later, name another product, stand twice, name what is not there, hold software, or name no serial at all.

``python -m tests.benchmarks.fleet FOLDER COUNT`` writes so many units and as many lines.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

AS_OF: Final = "2026-06-15"
_PER_DEVICE: Final = 20
_PRODUCTS: Final = {
    "chassis": ("C9300-48P", "C9300-24UX", "C9500-48Y4C", "ISR4331", "C9200L-24P-4G"),
    "module": ("C9300-NM-8X", "C9400-LC-48U", "A9K-24X10GE-TR", "NIM-2T", "C9300-NM-2Y", "WS-X6848-TX-2T"),
    "power_supply": ("PWR-C1-715WAC", "PWR-C1-1100WAC", "C3KX-PWR-350WAC"),
    "fan": ("FAN-T3", "C9K-T1-FANTRAY"),
    "transceiver": ("SFP-10G-SR", "SFP-10G-LR", "GLC-TE", "QSFP-100G-SR4-S", "SFP-25G-SR-S"),
    "access_point": ("C9120AXI-E", "AIR-AP2802I-E-K9"),
}
_OLD: Final = "WS-C2960X-48FPD-L"
_OPTICAL: Final = "DCP-M40-PAM4-ZR"
_SHARES: Final = {
    "module": 0.27, "power_supply": 0.12, "fan": 0.06, "transceiver": 0.50, "access_point": 0.05,
}  # fmt: skip
"""Of what sits in a device beside its chassis."""
_CHASSIS: Final = 6
"""Of the units of a device: a stack."""
_HEX: Final = np.frombuffer(b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ", dtype="S1")
_LEVELS: Final = ("8X5XNBD", "24X7X4", "SNT", "Smart Care")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    units: int
    lines: int
    seed: int = 1


def write(folder: Path, size: Size) -> None:
    """Write `units.csv, targets.csv, licences.csv, contracts-*.csv` and the user's lists into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(size.seed)
    units = _units(size.units, rng)
    _csv(units, folder / "units.csv")
    devices = units.drop_duplicates("address")[["address", "hostname", "site", "vendor"]]
    _csv(_targets(devices, rng), folder / "targets.csv")
    _csv(_licences(units, rng), folder / "licences.csv")
    lines = _lines(units, size.lines, rng)
    for provider, rows in lines.groupby("provider"):
        _csv(rows, folder / f"contracts-{provider}.csv")
    for name, table in _lists(units, lines, rng).items():
        _csv(table, folder / f"{name}.csv")


def serials(numbers: Any, maker: str = "FOC") -> Any:
    """Serials as the field writes them (maker, year, week, four signs), one for each number."""
    n = np.asarray(numbers, dtype=np.int64)
    signs = len(_HEX)
    cells = np.empty((len(n), 11), dtype="S1")
    cells[:, 0], cells[:, 1], cells[:, 2] = (letter.encode() for letter in maker)
    block, low = n // signs**3, n % signs**3
    weeks = block % (10 * 50)
    for place, digit in enumerate((1 + weeks // 500, weeks // 50 % 10, weeks % 50 // 10, weeks % 10), start=3):
        cells[:, place] = _HEX[digit]
    rest = low + signs**3 * (block // 500)
    for place in range(4):
        cells[:, 10 - place] = _HEX[rest % signs]
        rest = rest // signs
    return cells.view("S11").ravel().astype(str)


def _units(count: int, rng: np.random.Generator) -> pd.DataFrame:
    number = np.arange(count)
    device = number // _PER_DEVICE
    slot = number % _PER_DEVICE
    others = rng.choice(list(_SHARES), size=count, p=list(_SHARES.values()))
    kind = np.where(slot < _CHASSIS, "chassis", others)
    product = np.empty(count, dtype=object)
    for name, known in _PRODUCTS.items():
        mine = kind == name
        product[mine] = rng.choice(np.array(known, dtype=object), size=int(mine.sum()))
    product[(number % 50 == 3) & (slot < _CHASSIS)] = _OLD
    optical = (device % 20 == 7) & (kind == "module")
    product[optical] = _OPTICAL
    serial = serials(number)
    chassis = serials(device * _PER_DEVICE + slot % _CHASSIS)
    site = _words("site-", device % 400)
    frame = pd.DataFrame(
        {
            "vendor": np.where(device % 20 == 7, "smartoptics", "cisco"),
            "serial": serial,
            "product_id": product,
            "kind": kind,
            "coverable": "",
            "hostname": _words("sw", device) + ".example.net",
            "address": _addresses(device),
            "site": site,
            "slot": slot.astype(str),
            "parent_serial": np.where(slot < _CHASSIS, "", chassis),
            "software_version": np.where(slot < _CHASSIS, "17.9.4", ""),
            "hardware_version": "V02",
            "manufacturer": np.where(rng.random(count) < 0.02, "FS", "CISCO"),
            "description": pd.Series(product, dtype="str") + " as the device describes it, in some words",
            "serial_raw": serial,
            "collected_via": "snmp",
            "seen_at": f"{AS_OF}T02:00:00Z",
        }
    )
    return frame.astype("str")


def _lines(units: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    lined = {"chassis": 0.94, "access_point": 0.94, "module": 0.7}
    chance = units["kind"].map(lined).fillna(0.85).to_numpy(dtype=float)
    taken = np.flatnonzero(rng.random(len(units)) < chance * min(1.0, count / len(units)))
    extra = count - len(taken)
    again = rng.choice(taken, size=int(extra * 0.1))
    software = rng.choice(taken, size=int(extra * 0.7))
    left = extra - len(again) - len(software)
    counted = int(left * 0.15)
    unit = np.concatenate([taken, again, software, rng.choice(len(units), size=left)])
    size = len(unit)
    kinds = np.repeat(["hardware", "again", "software", "gone", "counted"],
                      [len(taken), len(again), len(software), left - counted, counted])  # fmt: skip
    rows = units.iloc[unit].reset_index(drop=True)
    serial = rows["serial"].to_numpy(dtype=object).copy()
    gone = kinds == "gone"
    serial[gone] = serials(np.arange(int(gone.sum())), "FDO")
    serial[kinds == "counted"] = ""
    serial = _odd(serial, rng)
    product = rows["product_id"].to_numpy(dtype=object).copy()
    wrong = rng.random(size) < 0.004
    product[wrong] = "WS-C3850-48P"
    spare = rng.random(size) < 0.05
    product[spare] = product[spare] + "="
    product[kinds == "software"] = "C9300-DNA-A-48-3Y"
    vendor = rows["vendor"].to_numpy(dtype=object)
    provider = np.where(vendor == "smartoptics", "smartoptics", np.where(unit % 7 == 0, "acme", "cisco"))
    start, end, status = _dates(size, (vendor == "smartoptics"), rng)
    number = np.arange(size)
    contract = (200_000 + unit // 300).astype(str)
    frame = pd.DataFrame(
        {
            "vendor": vendor, "provider": provider, "contract_number": contract,
            "service_level": rng.choice(np.array(_LEVELS, dtype=object), size=size),
            "line_number": (number % 900 + 1).astype(str), "instance_number": (9_000_000_000 + number).astype(str),
            "line_status": status, "line_start": start, "line_end": end, "serial": serial, "product_id": product,
            "product_type": np.where(
                kinds == "software", "SOFTWARE", np.where(rows["kind"] == "chassis", "CHASSIS", "")
            ),
            "description": "as the order had it, with a comma", "quantity": np.where(kinds == "counted", "12", "1"),
            "hostname": np.where(number % 5 == 0, rows["hostname"], ""), "site_id": _words("7", unit % 400),
            "site_name": "Customer " + rows["site"], "site_city": "Oslo", "site_country": "NO",
            "customer": np.where(unit // 300 % 200 == 3, "Another Company", "Example AS"),
            "contact_email": np.where(unit // 300 % 100 == 5, "", "net@example.net"),
            "sales_order": (80_000_000 + unit // 40).astype(str), "purchase_order": _words("PO-", unit // 40),
            "ship_date": "2023-01-20", "list_price": "1250.00", "currency": "EUR",
        }
    )  # fmt: skip
    return frame.astype("str").iloc[rng.permutation(size)].reset_index(drop=True)


def _dates(size: int, optical: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    months = rng.integers(6, 48, size=size)
    day = np.datetime64(AS_OF)
    end = (day.astype("datetime64[M]") + months + 1).astype("datetime64[D]") - 1
    draw = rng.random(size)
    end = np.where(draw < 0.04, day - rng.integers(1, 300, size=size), end)
    end = np.where((draw > 0.96) & (draw < 0.99), day + rng.integers(1, 90, size=size), end)
    start = np.where(draw > 0.99, day + rng.integers(1, 60, size=size), day - rng.integers(100, 900, size=size))
    start = np.where(optical, end - 3 * 365, start)
    status = np.where(draw < 0.04, "EXPIRED", np.where(draw > 0.99, "SIGNED", "ACTIVE"))
    return start.astype(str), end.astype(str), status


def _odd(serial: Any, rng: np.random.Generator) -> Any:
    """One serial in twenty as people write it, and a few with a typing error."""
    odd = np.flatnonzero((rng.random(len(serial)) < 0.05) & (serial != ""))
    way = rng.integers(0, 5, size=len(odd))
    text = serial[odd]
    for number, change in enumerate(
        (str.lower, lambda s: f" {s} ", lambda s: f"S/N: {s}", lambda s: f'="{s}"', lambda s: f"{s[:3]} {s[3:]}")
    ):
        mine = way == number
        text[mine] = [change(s) for s in text[mine]]
    serial[odd] = text
    typo = np.flatnonzero((rng.random(len(serial)) < 0.001) & (serial != ""))
    serial[typo] = [s[:-1] + ("0" if s[-1] != "0" else "1") for s in serial[typo]]
    return serial


def _targets(devices: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    failed = rng.random(len(devices)) < 0.005
    optical = (devices["vendor"] == "smartoptics").to_numpy()
    return devices.assign(
        platform=np.where(optical, "smartoptics_dcp", "cisco_ios"),
        outcome=np.where(failed, "partial", "complete"),
        inventory_state=np.where(failed, "partial", "complete"),
        inventory_reason=np.where(failed, "one row of the table is missing", ""),
        reason="", attempts="1", seconds="0.5",
    )  # fmt: skip


def _licences(units: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    first = units[units["slot"] == "0"]
    return first[["vendor", "hostname", "address", "serial"]].assign(
        feature="network-advantage", entitlement="C9300 Network Advantage",
        state=np.where(rng.random(len(first)) < 0.01, "evaluation", "in_use"), detail="", quantity="1", expires="",
        collected_via="ssh", seen_at=f"{AS_OF}T02:00:00Z",
    )  # fmt: skip


def _lists(units: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """The user's lists: small beside the rest, so that every rule has its inputs."""
    small = min(len(units) // 50, 20_000)
    owned = units.iloc[rng.choice(len(units), size=small, replace=False)]
    shelf = serials(np.arange(small // 4), "FDO")
    provenance = rng.choice(
        ["new", "grant", "secondary", "refresh", "unknown"], size=small, p=[0.9, 0.04, 0.02, 0.02, 0.02]
    )
    old = serials(np.arange(small // 20) + small, "FDO")
    return {
        "register": owned[["vendor", "serial", "product_id"]].assign(
            provenance=provenance, purchase_date="2023-01-15",
            grant_date=np.where(provenance == "grant", "2023-01-15", ""),
            owner="networks",
        ),
        "spares": pd.DataFrame({"vendor": "cisco", "serial": shelf, "product_id": "C9300-48P", "site": "site-1"}),
        "rma": pd.DataFrame({"vendor": "cisco", "rma_number": (7_000_000 + np.arange(len(old))).astype(str),
                             "old_serial": old, "new_serial": units["serial"].to_numpy()[: len(old)],
                             "date": "2026-05-01"}),
        "entitlements": pd.DataFrame({"vendor": "cisco", "account": "example", "feature": "network-advantage",
                                      "quantity": [str(len(units) // _PER_DEVICE)], "expires": "2027-01-01"}),
        "software": pd.DataFrame({"vendor": "cisco", "platform": "cisco_ios", "version": ["17.9.4"],
                                  "released": "2025-09-01"}),
        "eox": pd.DataFrame({"vendor": "cisco", "product_id": [_OLD], "end_of_sale": "2022-10-31",
                             "last_date_of_support": "2027-10-31"}),
        "sites": pd.DataFrame({"hostname": "nowhere*", "site": _words("site-", np.arange(400)),
                               "contract_site_name": "Customer " + _words("site-", np.arange(400))}),
        "profile": pd.DataFrame({"contract_number": sorted(set(lines["contract_number"]))[1:]}),
    }  # fmt: skip


def _words(prefix: str, numbers: Any) -> Any:
    return np.char.add(prefix, np.asarray(numbers).astype(str)).astype(object)


def _addresses(device: Any) -> Any:
    parts = (device >> 16 & 255, device >> 8 & 255, device & 255)
    text = np.full(len(device), "10", dtype=object)
    for part in parts:
        text = text + "." + part.astype(str).astype(object)
    return text


def _csv(table: pd.DataFrame, path: Path) -> None:
    columns = [pa.array(table[name], type=pa.string()) for name in table.columns]
    options = pacsv.WriteOptions(quoting_style="needed")
    pacsv.write_csv(pa.table(columns, names=list(table.columns)), path, options)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Size(int(sys.argv[2]), int(sys.argv[2])))
