"""Rules of what lies on the shelf, and of what should have gone back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd

from reconcile.blocks import blocks
from reconcile.columns import NONE, Row, among, codes, day, first_row, groups, key, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger, trust
from reconcile.products import base_forms
from reconcile.rules.rows import contract_of, gone_back, listed, unit_rows
from reconcile.standing import ACTIVE, PENDING


def spare(ledger: Ledger) -> Iterator[Finding]:
    """A contract in force lists serials that lie on the shelf by the list of spares.

    One finding a contract, so that a person can see that they are meant to be covered.

    Rests on: Practice: spares may be under contract like what they stand in for [R]. Not checked with the vendor.

    Action: Nothing, if the spares are meant to be on <contract>; else take them off at renewal.
    """
    lines = ledger.lines
    chosen = lines[(lines["verdict"] == "spare") & lines["standing"].isin((ACTIVE, PENDING))]
    if chosen.empty:
        return
    rows = chosen.assign(number=pd.to_numeric(chosen["source_row"], errors="coerce"))
    rows = rows.sort_values(["vendor", "provider", "contract_number", "source_file", "number"])
    for group in groups(rows, "vendor", "provider", "contract_number"):
        line = group[0]
        count = len({row["serial"] for row in group})
        yield Finding(
            "COV-SPARE",
            f"{count} of the serials on {contract_of(line)} {'lie' if count > 1 else 'lies'} on the shelf",
            f"Nothing, if the spares are meant to be on {contract_of(line)}; else take them off at renewal.",
            {"line": origin(line), **listed("serials", (row["serial"] for row in group))},
            **of_line(line) | {"line_number": ""}, vendor=line["vendor"],
        )  # fmt: skip


def spare_uncovered(ledger: Ledger) -> Iterator[Finding]:
    """A spare is on no line in force, and the policy asks for one.

    Off unless `[spares] require_cover` is set. Said only where the vendor's contract sources are loaded, complete and
    fresh.

    Rests on: Practice: a spare without a contract cannot be exchanged when it fails in turn [R]. Not checked with the
    vendor.

    Exempt: spares that cannot be covered, and serials that were seen in a device: they are units.

    Action: Ask a reseller for a quote with its serial, product and site.
    """
    lines, spares = ledger.lines, ledger.spares
    live = key(lines, "vendor", "serial")[lines["standing"].isin((ACTIVE, PENDING)) & lines["hardware"]]
    mine = key(spares, "vendor", "serial")
    known = among(mine, live) | among(mine, key(ledger.units, "vendor", "serial"))
    sound = [vendor for vendor, fault in trust(ledger.inputs).items() if not fault]
    chosen = (spares["serial"] != "") & spares["vendor"].isin(sound) & ~known
    left = spares[chosen].reset_index(drop=True)
    for row in records(left[_coverable(left, ledger)]):
        yield Finding(
            "COV-SPARE-UNCOVERED",
            f"The spare {row['product_id']} {row['serial']} is on no line in force",
            "Ask a reseller for a quote with its serial, product and site.",
            {"spares": origin(row)},
            vendor=row["vendor"], serial=row["serial"], product_id=row["product_id"], site=row["site"],
            source_file=row["source_file"], source_row=row["source_row"], change="ADD",
        )  # fmt: skip


def returned_still_seen(ledger: Ledger) -> Iterator[Finding]:
    """The RMA list says that a serial went back, and it is still in a device.

    Info in the days that the policy allows for the exchange.

    Rests on: S0: after an exchange the old serial is the one that was returned [S]. In how many days it must be back is
    a setting [R]. Not checked with the vendor.

    Exempt: a serial that a later RMA sent to you again.

    Action: Send <old> back, <new> is in use already; or correct the RMA list. / Put <new> in the place of <old> and
    send <old> back; or correct the RMA list.
    """
    units, back = ledger.units, gone_back(ledger)
    named = among(units["serial"], {serial for _, serial in back}) & ~units["ignored"]
    held: dict[tuple[str, str], Row] = {}
    for unit in unit_rows(ledger, named):
        held.setdefault((unit["vendor"], unit["serial"]), unit)
    seen = set(key(units[among(units["serial"], {row["new_serial"] for row in back.values()})], "vendor", "serial"))
    for serial, row in back.items():
        if found := held.get(serial):
            yield _still_there(row, found, seen, ledger)


def _still_there(row: Row, unit: Row, seen: set[str], ledger: Ledger) -> Finding:
    old, where = row["old_serial"], unit["hostname"] or unit["address"]
    new = row["new_serial"] or "the new unit"
    sent = day(row["date"])
    waiting = sent is not None and ledger.as_of <= sent + timedelta(days=ledger.policy.rma.swap_days)
    swap = f"Put {new} in the place of {old} and send {old} back"
    if f"{row['vendor']}\x1f{new}" in seen:
        swap = f"Send {old} back, {new} is in use already"
    return Finding(
        "COV-RMA-OLD-STILL-SEEN",
        f"{old} went back under RMA {row['rma_number']}{f' of {sent}' if sent else ''}, yet it is in {where}",
        f"{swap}; or correct the RMA list.",
        {"unit": place(unit), "rma": origin(row), "date": row["date"]},
        severity="info" if waiting else "", confidence="high" if sent else "medium",
        **of_unit(unit, new_serial=row["new_serial"]),
    )  # fmt: skip


def _coverable(spares: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    """Whether nothing keeps each spare from a contract: judged as a unit on no line."""
    register = ledger.register
    mine, known = codes(key(spares, "vendor", "serial"), key(register, "vendor", "serial"))
    size = int(max(mine.max(initial=-1), known.max(initial=-1))) + 1
    asset = first_row(known, np.arange(len(register)), size)[mine]
    base = base_forms(spares["product_id"], ledger.policy)
    judged = spares.assign(asset=asset, line=NONE, base=base)
    found = blocks(judged, ledger.lines, register, ledger.inputs.eox, ledger.as_of, ledger.policy)
    return found["block"] == ""
