"""Rules of the scan itself: what could not be read, and what was read that cannot be right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconcile.columns import Row, records
from reconcile.findings import Finding, of_unit, place
from reconcile.ledger import Ledger
from reconcile.rules.rows import listed, unit_rows
from reconcile.whereabouts import COMPLETE

_NAMED: Final = 5
"""So many devices stand in a message."""
_LISTED: Final = 50


def incomplete(ledger: Ledger) -> Iterator[Finding]:
    """A target's inventory was not read in full: nothing of it is called missing, removed or replaced.

    One finding a target. Info where the way in can give no more (a complete poll with a partial inventory).

    Rests on: Practice: a safety rule of our own, for what was not read is not gone [R]. Not checked with the vendor.

    Action: See to the cause and run again; until then nothing on it is called missing. / Nothing on it is called
    missing; read its labels where you need to know.
    """
    targets = ledger.targets
    unread = targets[targets["inventory_state"] != COMPLETE].drop_duplicates("address")
    for target in records(unread):
        why = target["inventory_reason"] or target["reason"] or target["outcome"].replace("_", " ")
        name = f"{target['hostname']} ({target['address']})" if target["hostname"] else target["address"]
        whole = target["outcome"] == COMPLETE  # nothing failed: this way in gives no more
        yield Finding(
            "SCAN-INCOMPLETE",
            f"{name} {'cannot tell all of its parts' if whole else 'was not read in full'}: {why}",
            "Nothing on it is called missing; read its labels where you need to know."
            if whole
            else "See to the cause and run again; until then nothing on it is called missing.",
            {"address": target["address"], "outcome": target["outcome"], "inventory": target["inventory_state"],
             "reason": why},
            severity="info" if whole else "",
            vendor=target["vendor"], hostname=target["hostname"], address=target["address"], site=target["site"],
        )  # fmt: skip


def no_serial(ledger: Ledger) -> Iterator[Finding]:
    """A chassis gave no usable serial, so no contract can be looked up for it.

    One finding a device; the evidence holds what stood in the serial's place.

    Rests on: S1: a contract lists what it covers by serial [S].

    Exempt: parts of a chassis, which it speaks for.

    Action: Read the serial from its label, and find its line by that.
    """
    units = ledger.units
    chosen = (units["serial"] == "") & (units["treatment"] == "require")
    for unit in unit_rows(ledger, chosen & ~units[chosen].duplicated("address").reindex(units.index, fill_value=False)):
        yield Finding(
            "COV-NOSERIAL",
            f"A {unit['product_id'] or unit['kind']} in {unit['hostname'] or unit['address']} gave no usable serial",
            "Read the serial from its label, and find its line by that.",
            {"unit": place(unit), "raw": unit["serial_raw"]},
            **of_unit(unit),
        )  # fmt: skip


def same_serial(ledger: Ledger) -> Iterator[Finding]:
    """One serial was read on more than one device: two addresses of one device, a clone, or a placeholder.

    One finding for all serials that the same devices share, under that of a chassis where one is among them. Such units
    are not merged: each keeps its verdict.

    Rests on: Practice: one box polled under two addresses, a virtual device that was copied, and parts that all carry
    one number are seen in the field [V]. Not checked with the vendor.

    Exempt: parts that need no cover, such as power supplies and optics.

    Action: If they are one device, keep one of its addresses on the target list; else read the labels.
    """
    units = ledger.units
    # a firewall names the other box of its pair, which is polled at an address of its own as well
    own = (units["serial"] != "") & (units["treatment"] != "ignore") & (units["slot"] != "failover mate")
    named = units[own].drop_duplicates(["vendor", "serial", "address"])
    several = named[named.duplicated(["vendor", "serial"], keep=False)]
    serials: dict[tuple[str, str], list[Row]] = {}
    for unit in unit_rows(ledger, units.index.to_series().isin(several.index)):
        serials.setdefault((unit["vendor"], unit["serial"]), []).append(unit)
    devices: dict[tuple[str, ...], list[list[Row]]] = {}
    for (vendor, _), group in sorted(serials.items()):
        held = sorted(group, key=lambda u: (str(u["address"]), str(u["slot"])))
        devices.setdefault((vendor, *(str(u["address"]) for u in held)), []).append(held)
    for groups in devices.values():
        yield _shared(groups)


def _shared(groups: list[list[Row]]) -> Finding:
    """The finding for the serials (each with its units) that the same devices share."""
    first = min(groups, key=lambda held: (held[0]["kind"] != "chassis", str(held[0]["serial"])))
    where = ", ".join(str(u["hostname"] or u["address"]) for u in first[:_NAMED])
    more = f" and {len(first) - _NAMED} more" if len(first) > _NAMED else ""
    said = f"{first[0]['serial']} was" if len(groups) == 1 else f"{first[0]['serial']} and {len(groups) - 1} more were"
    return Finding(
        "SCAN-DUP-SERIAL",
        f"{said} read on {len(first)} devices: {where}{more}",
        "If they are one device, keep one of its addresses on the target list; else read the labels.",
        {"units": [place(u) for u in first[:_LISTED]], **listed("shared", (held[0]["serial"] for held in groups))},
        confidence="medium", **of_unit(first[0]),
    )  # fmt: skip
