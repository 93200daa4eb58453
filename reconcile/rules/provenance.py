"""Rules of provenance: second-hand equipment under the vendor's policy. Nobody is accused: a proof is missing."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.blocks import DAMAGED, ENVIRONMENTAL, HOLD, SECOND_HAND
from reconcile.blocks import unlicensed as without_proof
from reconcile.columns import Row, records
from reconcile.findings import Finding, of_unit, place
from reconcile.ledger import Ledger
from reconcile.rules.rows import unit_rows


def unlicensed(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as second-hand has no proof of relicensing, and no exception of the transfer policy, on record.

    A new licence is to be acquired before the software of used or secondary-market equipment is used (S2); the policy
    and the law know exceptions (`transfer_exception`). Equipment that the vendor itself refurbished is exempt.
    Evaluated only with a register of assets.
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

    Also where a channel partner sold it (S2). Such a unit is never advised to be added. One inspection fee is due for
    each chassis.
    """
    yield from _blocked(
        ledger, "MKT-UNCOVERABLE", SECOND_HAND,
        "Have it relicensed and inspected (one fee for each chassis, even if it fails); only then ask for a quote.",
    )  # fmt: skip


def hold(ledger: Ledger) -> Iterator[Finding]:
    """A unit's serial is recorded as on the vendor's compliance hold (S2, questions and answers).

    Also of a unit that is on a contract: the hold is to be settled whatever its cover.
    """
    settle = "Settle the hold with the vendor before asking for any quote."
    yield from _blocked(ledger, "MKT-HOLD", HOLD, settle, also_covered=True)


def damaged(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as permanently damaged can neither be inspected nor put under a contract (S2)."""
    yield from _blocked(ledger, "MKT-DAMAGED", DAMAGED, "Take it out of use.")


def environmental(ledger: Ledger) -> Iterator[Finding]:
    """A unit recorded as damaged by fire, flood or the like goes through the return-to-service process (S2)."""
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
