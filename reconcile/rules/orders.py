"""Rules of orders: shipped, and no contract to show for it yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from reconcile.columns import among, groups, key, of_serials, records, years_on
from reconcile.findings import Finding, of_line, origin
from reconcile.grants import granted_assets
from reconcile.ledger import Ledger
from reconcile.orders import NAMED, order_items, order_names, orders
from reconcile.policy import bare
from reconcile.rules.rows import contract_of, listed, speaks
from reconcile.standing import PENDING


def activation_late(ledger: Ledger) -> Iterator[Finding]:
    """A contract is signed for and still not active three weeks after the last item of its order was shipped.

    One finding an order. The days count from the last shipment of the whole request, else of the order; days of
    shipment come from lines and register. Where an item has none, nobody knows that all was shipped, and nothing is
    said.

    Rests on: S1: a contract is active within three weeks after all products of the request have been shipped [S].

    Exempt: lines that start later by their date: their contract is active already.

    Action: Ask the grant team why <contract> is not active: the last item of order <order> was shipped on <day>. / Ask
    the reseller why <contract> is not active: the last item of order <order> was shipped on <day>.
    """
    units, lines, policy = ledger.units, ledger.lines, ledger.policy
    words = {word for word in lines["line_status"].unique() if policy.line_status.get(bare(str(word))) == PENDING}
    chosen = lines["line_status"].isin(words) & (lines["verdict"] == "pending") & (lines["sales_order"] != "")
    waiting = lines[chosen & lines["unit"].isin(units.index[speaks(ledger, "pending")])]
    if waiting.empty:
        return
    waiting = waiting.assign(order=order_names(waiting, ledger))
    items = order_items(ledger)
    items = items[among(key(items, *NAMED), key(waiting, *NAMED))]
    waiting = waiting.merge(_late(items, ledger, policy.orders.activation_days), on=list(NAMED))
    waiting = waiting.sort_values(["vendor", "order", "contract_number", "source_file", "source_row"])
    for rows in groups(waiting, *NAMED):
        line = rows[0]
        last, name = date.fromordinal(int(line["last"])), line["sales_order"].strip()
        whom = "grant team" if line["granted"] else "reseller"
        yield Finding(
            "COV-ACTIVATION-LATE",
            f"Order {name} was shipped by {last}, and {contract_of(line)} is not active yet ({line['line_status']})",
            f"Ask the {whom} why {contract_of(line)} is not active: "
            f"the last item of order {name} was shipped on {last}.",
            {"order": name, "last_shipped": str(last), "line_status": line["line_status"],
             **listed("lines", map(origin, rows)), **listed("serials", (row["serial"] for row in rows))},
            **of_line(line) | {"line_number": ""}, vendor=line["vendor"], subject=line["order"],
        )  # fmt: skip


def kit_late(ledger: Ledger) -> Iterator[Finding]:
    """A granted order was shipped six weeks ago, and no contract number is known for any part of it.

    One finding an order, from the register: no line carries the order's number or a serial of it together with a
    contract number that is visible to you. The days count from the last shipment of the whole request.

    Rests on: S0: who has no welcome kit after four to six weeks looks the contract up by its number, a serial or the
    sales order [S]. From when the weeks count is not said: from the last shipment [?]. Not checked with the vendor.

    Exempt: grants whose term is over, and orders of which an item has no day of shipment.

    Action: Look the contract up by order <order> or by one of its serials, and confirm the install site and the contact
    address; if it cannot be found, write to the grant team.
    """
    if granted_assets(ledger).empty:
        return
    items = order_items(ledger)
    items = items[among(key(items, *NAMED), key(items[items["granted"]], *NAMED))]
    late = _late(items, ledger, ledger.policy.orders.kit_days)
    if late.empty:
        return
    numbered = _numbered(ledger)
    known = items[of_serials(items, numbered)]
    told = {*key(known, *NAMED), *(numbered["vendor"] + "\x1f" + order_names(numbered, ledger))}
    for order in records(late[~among(key(late, *NAMED), told)]):
        last = date.fromordinal(int(order["last"]))
        if years_on(last, ledger.policy.donations.term_years) <= ledger.as_of:
            continue
        mine = items[(items["vendor"] == order["vendor"]) & (items["order"] == order["order"])]
        name = order["order"].upper()
        yield Finding(
            "COV-KIT-LATE",
            f"Order {name} was shipped by {last}, and no contract number is known for it",
            f"Look the contract up by order {name} or by one of its serials, and confirm the install site and the "
            "contact address; if it cannot be found, write to the grant team.",
            {"order": name, "last_shipped": str(last), **listed("order_serials", mine["serial"]),
             **listed("register", map(origin, records(mine)))},
            vendor=order["vendor"], subject=order["order"],
        )  # fmt: skip


def _late(items: pd.DataFrame, ledger: Ledger, days: int) -> pd.DataFrame:
    """The orders of *items* of which so many days have passed since the last item was shipped."""
    known = orders(items)
    return known[known["whole"] & (known["last"] + days < ledger.as_of.toordinal())]


def _numbered(ledger: Ledger) -> pd.DataFrame:
    """The lines whose contract number is visible."""
    return ledger.lines[ledger.lines["visible"]]
