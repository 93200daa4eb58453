"""Orders: what was shipped under one request, or one order where no request is known, and when the last of it was."""

from __future__ import annotations

from typing import Final

import pandas as pd

from reconcile.columns import NO_DAY, Text, days
from reconcile.grants import granted_assets
from reconcile.ledger import Ledger
from reconcile.products import changed, mapped
from reconcile.tables import ORIGIN

NAMED: Final = ("vendor", "order")


def orders(items: pd.DataFrame) -> pd.DataFrame:
    """One row an order of *items* (`order_items`): `vendor, order, last, whole, granted`.

    `order` is the request's number, else the sales order's, in lower case; `last` the day number of its last shipment;
    `whole` whether every item has one, told by line or register; `granted` whether the register has a grant in it.
    """
    items = items.assign(day=days(items["ship_date"]))
    single = items.groupby([*NAMED, "serial"], as_index=False).agg(day=("day", "max"), granted=("granted", "max"))
    found = single.groupby(list(NAMED), as_index=False).agg(
        last=("day", "max"), first=("day", "min"), granted=("granted", "max")
    )
    return found.assign(whole=found["first"] != NO_DAY)


def order_items(ledger: Ledger) -> pd.DataFrame:
    """The items of every order, from register and hardware lines: `vendor, order, serial, ship_date, granted` and their
    file and row."""
    register, lines = ledger.register, ledger.lines
    own = register[register["disposed"].str.strip().isin(("", "returned"))]
    names = ["vendor", "order", "serial", "ship_date", "granted", *ORIGIN]
    recorded = own.assign(order=_names(own), granted=own.index.isin(granted_assets(ledger).index))
    ordered = (lines["line_kind"] == "hardware") & (lines["sales_order"].str.strip() != "")
    parts = lines[["vendor", "serial", "ship_date", "sales_order", *ORIGIN]][ordered]
    listed = parts.assign(order=order_names(parts, ledger), granted=False)
    items = pd.concat([recorded[recorded["order"] != ""][names], listed[names]], ignore_index=True)
    return items.astype({"granted": bool})


def order_names(lines: pd.DataFrame, ledger: Ledger) -> Text:
    """The order of each line: the request that its sales order belongs to by the register, else the sales order."""
    register = ledger.register
    both = register[(register["request_number"].str.strip() != "") & (register["sales_order"].str.strip() != "")]
    requests = dict(zip(_of(both, "sales_order"), _plain(both["request_number"]), strict=True))
    numbers = _plain(lines["sales_order"])
    found = mapped(_of(lines, "sales_order"), requests)
    return found.where(found != "", numbers)


def _names(register: pd.DataFrame) -> Text:
    requests, numbers = _plain(register["request_number"]), _plain(register["sales_order"])
    both = register[(requests != "") & (numbers != "")]
    known = mapped(_of(register, "sales_order"), dict(zip(_of(both, "sales_order"), requests[both.index], strict=True)))
    return requests.where(requests != "", known.where(known != "", numbers))


def _of(frame: pd.DataFrame, name: str) -> Text:
    return frame["vendor"] + "\x1f" + _plain(frame[name])


def _plain(column: Text) -> Text:
    return changed(column, lambda cell: cell.strip().lower())
