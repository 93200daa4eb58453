"""The device list that the vendor's own inventory portal takes: host, address, serial and product, chassis first."""

from __future__ import annotations

from typing import Final

import pandas as pd

COLUMNS: Final = ("hostname", "ipAddress", "serialNumber", "productId")
LENGTHS: Final = {"hostname": 255, "ipAddress": 64, "serialNumber": 50, "productId": 255}
"""What the portal takes of each column; a value that is longer is no such value, and its row is left out."""
_FROM: Final = {"hostname": "hostname", "address": "ipAddress", "serial": "serialNumber", "product_id": "productId"}
_ORDER: Final = {"chassis": 0, "module": 1}
"""Every chassis before any module: a module is hung on a chassis that is there already. Other parts are not for it."""


def sntc(units: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS` of the Cisco units (`tables.UNITS`) that have a serial, a product id and an address.

    Every chassis, then the modules, each serial once."""
    mine = units[(units["vendor"] == "cisco") & units["kind"].isin(list(_ORDER)) & (units["serial"] != "")]
    mine = mine[(mine["product_id"] != "") & (mine["address"] != "")]
    ranked = mine.assign(
        rank=mine["kind"].map(_ORDER), host=mine["hostname"].where(mine["hostname"] != "", mine["address"])
    )
    ranked = ranked.sort_values(["rank", "host", "address", "slot", "serial"], kind="stable").drop_duplicates("serial")
    rows = ranked.assign(hostname=ranked["host"])[list(_FROM)].rename(columns=_FROM)
    fit = pd.Series(data=True, index=rows.index)
    for name, longest in LENGTHS.items():
        fit &= rows[name].str.len() <= longest
    return rows[fit].reset_index(drop=True)
