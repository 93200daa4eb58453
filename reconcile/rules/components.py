"""The rule of parts: what sits in a covered chassis and is on no line of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconcile.columns import NONE, groups
from reconcile.findings import Finding, of_line, of_unit, place
from reconcile.ledger import Ledger
from reconcile.matching import BY_PARENT
from reconcile.products import matches
from reconcile.rules.rows import best_lines, contract_of, listed, many, unit_rows

_TOLD: Final = ("parent", "product_id", "serial", "slot", "major")


def component(ledger: Ledger) -> Iterator[Finding]:
    """Parts of a covered chassis are on no line of their own.

    One finding a chassis. The chassis's line covers them, yet the vendor may not know them: a warning where supervisors
    or line cards are among them, else info. Which kinds and products count is a setting.

    Rests on: Practice: parts that are not registered may be replaced by planned delivery in place of the two or four
    hours that the service level promises [V]; that a chassis's line covers its parts is practice [R]. Not checked with
    the vendor.

    Exempt: parts that took the place of others, and those that a near match names: their own findings say so.

    Action: Have <count> parts of <chassis> registered under it on <contract>.
    """
    units, policy = ledger.units, ledger.policy.component_lines
    inside = units["kind"].isin(policy.kinds) & (units["treatment"] == "inherit") & (units["serial"] != "")
    inside &= (units["matched_by"] == BY_PARENT) & (units["verdict"] == "covered") & (units["parent"] != NONE)
    inside &= ~units.index.to_series().isin({*ledger.pairs["unit"], *ledger.near["unit"]})
    listed_once = ledger.lines["unit"][(ledger.lines["unit"] != NONE) & ledger.lines["own"]]
    inside &= ~units["group"].isin(units["group"].loc[listed_once])  # the vendor knows it, be its line ended
    parts = units[inside].drop_duplicates("group")
    parts = parts.assign(major=matches(parts["product_id"] + "\n" + parts["description"], policy.major))
    chosen = units.index.to_series().isin(parts["parent"])
    held = best_lines(ledger, chosen)
    grouped = {rows[0]["parent"]: rows for rows in groups(parts[[*_TOLD]], "parent")}
    for unit in unit_rows(ledger, chosen):
        line, mine = held[unit["line"]], grouped[unit["row"]]
        count = len(mine)
        named = f"{unit['product_id'] or unit['kind']} {unit['serial']}"
        yield Finding(
            "COV-COMPONENT",
            f"{many(count, 'part')} of {named} in {unit['hostname'] or unit['address']} "
            f"{'are' if count > 1 else 'is'} on no line of {'their' if count > 1 else 'its'} own",
            f"Have {many(count, 'part')} of {named} registered under it on {contract_of(line)}.",
            {"unit": place(unit),
             **listed("parts", (f"{p['product_id']} {p['serial']} {p['slot']}".strip() for p in mine))},
            severity="" if any(p["major"] for p in mine) else "info", **of_unit(unit), **of_line(line),
        )  # fmt: skip
