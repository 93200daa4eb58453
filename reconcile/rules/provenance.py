"""Rules of provenance, one finding a unit: second-hand equipment under the vendor's policy, and what cannot be covered.

Nobody is accused: a proof is missing on record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconcile.blocks import DAMAGED, ENVIRONMENTAL, HOLD, SECOND_HAND, asset, second_hand
from reconcile.blocks import unlicensed as without_proof
from reconcile.columns import Row, days, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.products import matches
from reconcile.rules.rows import best_lines, contract_of, unit_rows
from reconcile.verdicts import warranty_end

_IN_FORCE = ("covered", "pending")


def unlicensed(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as second-hand has no proof of relicensing, and no exception of the transfer policy, on record.

    Second-hand are the provenances that the policy lists: secondary market, a gift of used gear, the end of a lease.

    Rests on: S2: a new licence is to be acquired before the software of used or secondary-market equipment is used;
    the transfer policy and the law know exceptions [S]. S2 says both "required" and "possibly": the strict reading is
    a setting. Not checked with the vendor.

    Exempt: a unit with `relicence_proof` or `transfer_exception` in the register; the vendor's own refurbished sale
    and its donations. Only the user's register makes a unit second-hand.

    Action: Record the proof of relicensing or the exception that applies; else have it relicensed (the account
    manager, or tss-inspections@cisco.com).
    """
    chosen = (ledger.units["treatment"] != "ignore") & without_proof(ledger.units, ledger.register, ledger.policy)
    for unit in unit_rows(ledger, chosen):
        yield Finding(
            "MKT-UNLICENSED",
            f"{_named(unit)}: no relicence proof on record under the vendor's policy",
            "Record the proof of relicensing or the exception that applies; else have it relicensed "
            "(the account manager, or tss-inspections@cisco.com).",
            {"unit": place(unit), "register": _origin(ledger, unit)},
            **of_unit(unit), change="RELICENSE",
        )  # fmt: skip


def uncoverable(ledger: Ledger) -> Iterator[Finding]:
    """A second-hand unit cannot be put on a contract until it is relicensed and has passed the vendor's inspection.

    Also where a channel partner sold it. Such a unit is never advised to be added.

    Rests on: S2: equipment that is not relicensed and has not passed the inspection cannot be put under a contract; a
    requester shows proof of a licence and has it inspected [S].

    Exempt: a unit with both on record; a unit on a line in force (MKT-ON-CONTRACT).

    Action: Have it relicensed and inspected (one fee for each chassis, even if it fails); only then ask for a quote. /
    Plan its replacement; relicensing and inspection would not bring it under a contract: <why>.
    """
    for finding in _blocked(
        ledger, "MKT-UNCOVERABLE", SECOND_HAND,
        "Have it relicensed and inspected (one fee for each chassis, even if it fails); only then ask for a quote.",
    ):  # fmt: skip
        ended = ledger.units["end_of_life"].loc[finding.unit]
        instead = f"Plan its replacement; relicensing and inspection would not bring it under a contract: {ended}."
        yield replace(finding, action=instead) if ended else finding


def on_contract(ledger: Ledger) -> Iterator[Finding]:
    """A second-hand unit is on a line in force or to come, and the register lacks its relicensing or its inspection.

    The verdict stays: the line is in force. What the vendor may ask for is missing.

    Rests on: S2: before such equipment is put under a contract, a valid licence is shown and it is inspected [S]. That
    a contract without them may not hold is an inference [I]. Not checked with the vendor.

    Action: Collect the proof of relicensing and the report of the inspection, and record them.
    """
    chosen = (ledger.units["block"] == SECOND_HAND) & ledger.units["verdict"].isin(_IN_FORCE)
    chosen &= (ledger.units["treatment"] != "ignore") & (ledger.units["matched_by"] != "parent")
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        yield Finding(
            "MKT-ON-CONTRACT",
            f"{_named(unit)} is on a line {'in force' if unit['verdict'] == 'covered' else 'to come'}; "
            "its relicensing and inspection are not both on record",
            "Collect the proof of relicensing and the report of the inspection, and record them.",
            {"unit": place(unit), "line": origin(line), "register": _origin(ledger, unit)},
            **of_unit(unit), **of_line(line), lines=(unit["line"],),
        )  # fmt: skip


def no_warranty(ledger: Ledger) -> Iterator[Finding]:
    """A second-hand unit has a warranty on record that runs: it holds for the first owner only.

    Guards the verdict: such a unit is never `warranty_only`, also after relicensing and inspection.

    Rests on: S2: the warranty is given to the original end user and is not transferable; an inspection brings none
    [S].

    Exempt: units on a line in force.

    Action: Do not count on the warranty; take its end out of the record.
    """
    units = ledger.units
    ends = warranty_end(units, ledger.lines, ledger.register)
    chosen = (units["treatment"] != "ignore") & ~units["verdict"].isin(_IN_FORCE)
    chosen &= second_hand(units, ledger.register, ledger.policy) & (days(ends) >= ledger.as_of.toordinal())
    for unit in unit_rows(ledger, chosen):
        yield Finding(
            "MKT-NOWARRANTY",
            f"{_named(unit)} is second-hand: the warranty on record until {ends.loc[unit['row']]} is not its owner's",
            "Do not count on the warranty; take its end out of the record.",
            {"unit": place(unit), "warranty_end": ends.loc[unit["row"]], "register": _origin(ledger, unit)},
            **of_unit(unit),
        )  # fmt: skip


def channel(ledger: Ledger) -> Iterator[Finding]:
    """A second-hand unit was bought through a partner or distributor of the vendor, which does not make it coverable.

    Told by the register's `seller`; the words of a channel are a setting.

    Rests on: S2: used or secondary-market equipment is not eligible even if a channel partner or distributor sold it
    [S]. The words are [R]. Not checked with the vendor.

    Exempt: a unit whose relicensing and inspection are on record.

    Action: Treat it as any second-hand unit, or record it as new or refresh if that is what the partner sold.
    """
    units = ledger.units
    seller = asset(units, ledger.register, "seller")
    chosen = (units["block"] == SECOND_HAND) & (units["treatment"] != "ignore") & (seller != "")
    chosen &= matches(seller, ledger.policy.secondary.channel_sellers)
    for unit in unit_rows(ledger, chosen):
        yield Finding(
            "MKT-CHANNEL",
            f"{_named(unit)} was bought from {seller.loc[unit['row']]} and is second-hand all the same",
            "Treat it as any second-hand unit, or record it as new or refresh if that is what the partner sold.",
            {"unit": place(unit), "seller": seller.loc[unit["row"]], "register": _origin(ledger, unit)},
            **of_unit(unit),
        )  # fmt: skip


def hold(ledger: Ledger) -> Iterator[Finding]:
    """A unit's serial is recorded as on the vendor's compliance hold.

    Also of a unit that is on a contract: the hold is to be settled whatever its cover.

    Rests on: S2, questions and answers: the vendor marks serials with a compliance hold [S]. What it keeps from being
    quoted is general knowledge [R]. Not checked with the vendor.

    Action: Settle the hold with the vendor before asking for any quote.
    """
    settle = "Settle the hold with the vendor before asking for any quote."
    yield from _blocked(ledger, "MKT-HOLD", HOLD, settle, also_covered=True)


def damaged(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as permanently damaged can neither be inspected nor put under a contract.

    A warning where a line in force still pays for it.

    Rests on: S2: what was declared permanently damaged, out of commission or unusable is not inspected and not put
    under a contract [S].

    Action: Take it out of use. / Take it out of use, and off <its contract> at renewal; if it is sound, correct the
    register.
    """
    yield from _blocked(ledger, "MKT-DAMAGED", DAMAGED, "Take it out of use.")
    chosen = (ledger.units["block"] == DAMAGED) & ledger.units["verdict"].isin(_IN_FORCE)
    chosen &= (ledger.units["treatment"] != "ignore") & (ledger.units["matched_by"] != "parent")
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line = held[unit["line"]]
        yield Finding(
            "MKT-DAMAGED",
            f"{_named(unit)}: {unit['block_reason']}, and {contract_of(line)} pays for it",
            f"Take it out of use, and off {contract_of(line)} at renewal; if it is sound, correct the register.",
            {"unit": place(unit), "line": origin(line), "register": _origin(ledger, unit)},
            severity="warning", **of_unit(unit), **of_line(line), lines=(unit["line"],),
        )  # fmt: skip


def environmental(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as damaged by fire, flood or the like goes through the return-to-service process.

    Rests on: S2: such damage is not a matter of the inspections; the vendor's CERtS process tells whether the unit can
    be covered again [S].

    Exempt: a unit on a line in force.

    Action: Ask for the return-to-service process (certs-engage@cisco.com).
    """
    yield from _blocked(
        ledger, "MKT-CERTS", ENVIRONMENTAL, "Ask for the return-to-service process (certs-engage@cisco.com)."
    )


def _blocked(ledger: Ledger, code: str, block: str, action: str, *, also_covered: bool = False) -> Iterator[Finding]:
    """Units under *block* that are therefore uncoverable, or all of them."""
    chosen = (ledger.units["block"] == block) & (also_covered | (ledger.units["verdict"] == "uncoverable"))
    for unit in unit_rows(ledger, chosen & (ledger.units["treatment"] != "ignore")):
        yield Finding(
            code, f"{_named(unit)}: {unit['block_reason']}", action,
            {"unit": place(unit), "register": _origin(ledger, unit)}, **of_unit(unit),
        )  # fmt: skip


def _origin(ledger: Ledger, unit: Row) -> str:
    row = records(ledger.register.iloc[[unit["asset"]]])[0]
    return f"{row.get('source_file', '')}:{row.get('source_row', '')}"


def _named(unit: Row) -> str:
    return f"{unit['product_id'] or unit['kind']} {unit['serial']}"
