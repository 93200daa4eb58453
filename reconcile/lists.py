"""The user's own lists (register, spares, RMA) and the history with canonical serials and a vendor in each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from reconcile import tables
from reconcile.columns import serials
from reconcile.products import mapped

_SERIAL_COLUMNS: Final = ("serial", "old_serial", "new_serial")


def only_vendors(units: pd.DataFrame, lines: pd.DataFrame) -> Mapping[str, str]:
    """The vendor of each serial that only one vendor uses, for lists that do not say the vendor."""
    both = pd.concat([units[["vendor", "serial"]], lines[["vendor", "serial"]]]).drop_duplicates()
    single = both[~both["serial"].duplicated(keep=False) & (both["serial"] != "")]
    return dict(zip(single["serial"], single["vendor"], strict=True))


def owned(
    given: pd.DataFrame | None, columns: tuple[str, ...], vendors: Callable[[], Mapping[str, str]]
) -> pd.DataFrame:
    """A list of the user's with canonical serials and a vendor in lower case, filled in where it does not say one."""
    if given is None or given.empty:
        return tables.table((*columns, *tables.ORIGIN))
    table = given.reset_index(drop=True)
    names = [name for name in _SERIAL_COLUMNS if name in table.columns]
    table = table.assign(**{name: serials(table[name]) for name in names})
    vendor = table["vendor"].str.strip().str.lower()
    unsaid = vendor == ""
    if bool(unsaid.any()):
        for name in names:
            vendor = vendor.where(vendor != "", mapped(table[name], vendors()))
    return table.assign(vendor=vendor)
