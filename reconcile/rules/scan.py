"""Rules of the scan itself: what could not be read, and what was read that cannot be right."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.columns import Row, records
from reconcile.findings import Finding, of_unit, place
from reconcile.ledger import Ledger
from reconcile.rules.rows import unit_rows
from reconcile.whereabouts import COMPLETE


def incomplete(ledger: Ledger) -> Iterator[Finding]:
    """A target's inventory was not read in full: nothing of it is called missing, removed or replaced.

    A safety rule of our own. Info where the way in can give no more (a complete poll with a partial inventory).
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
            {"outcome": target["outcome"], "inventory": target["inventory_state"], "reason": why},
            severity="info" if whole else "",
            vendor=target["vendor"], hostname=target["hostname"], address=target["address"], site=target["site"],
        )  # fmt: skip


def no_serial(ledger: Ledger) -> Iterator[Finding]:
    """A chassis gave no usable serial, so no contract can be looked up for it: a contract lists serials (S1)."""
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
    """One serial was read on more than one device: two addresses of one device, a clone, or a placeholder."""
    units = ledger.units
    named = units[(units["serial"] != "") & (units["treatment"] != "ignore")].drop_duplicates(
        ["vendor", "serial", "address"]
    )
    several = named[named.duplicated(["vendor", "serial"], keep=False)]
    groups: dict[tuple[str, str], list[Row]] = {}
    for unit in unit_rows(ledger, units.index.to_series().isin(several.index)):
        groups.setdefault((unit["vendor"], unit["serial"]), []).append(unit)
    for group in groups.values():
        held = sorted(group, key=lambda u: (str(u["address"]), str(u["slot"])))
        where = ", ".join(str(u["hostname"] or u["address"]) for u in held)
        yield Finding(
            "SCAN-DUP-SERIAL",
            f"{held[0]['serial']} was read on {len(held)} devices: {where}",
            "If they are one device, keep one of its addresses on the target list; else read the labels.",
            {"units": [place(u) for u in held]},
            confidence="medium", **of_unit(held[0]),
        )  # fmt: skip
