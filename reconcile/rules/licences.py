"""Licence rules: what the device itself says of its licences, one finding a rule and serial."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.columns import Row, records
from reconcile.findings import Finding
from reconcile.ledger import Ledger


def out_of_compliance(ledger: Ledger) -> Iterator[Finding]:
    """A device reports more licences in use than its account holds.

    The state is the device's own (outOfCompliance of CISCO-SMART-LIC-MIB, or the same words on the command line).
    """
    yield from _in_states(
        ledger, "LIC-OOC", ("out_of_compliance",), "reports licences out of compliance",
        "Buy the licences that are short, or free some in the licence account.",
    )  # fmt: skip


def evaluation(ledger: Ledger) -> Iterator[Finding]:
    """A licence in use is for evaluation or in its grace period, and will end.

    A dormant evaluation licence that is not in use is no finding.
    """
    yield from _in_states(
        ledger, "LIC-EVAL", ("evaluation", "grace"), "runs on evaluation or grace",
        "Buy and register the licence before the period ends, or turn the feature off.",
    )  # fmt: skip


def evaluation_expired(ledger: Ledger) -> Iterator[Finding]:
    """A licence's evaluation period is over and the feature is still in use."""
    yield from _in_states(
        ledger, "LIC-EVAL-EXPIRED", ("evaluation_expired",), "runs on an evaluation that is over",
        "Buy and register the licence, or turn the feature off.",
    )  # fmt: skip


def not_authorized(ledger: Ledger) -> Iterator[Finding]:
    """A device reports that a feature in use is not authorised, or that its authorisation has run out."""
    yield from _in_states(
        ledger, "LIC-NOTAUTH", ("not_authorized", "authorization_expired"), "is not authorised for",
        "Renew the authorisation: install the code, or bring the device back in touch with its licence account.",
    )  # fmt: skip


def unregistered(ledger: Ledger) -> Iterator[Finding]:
    """Smart licensing is on and the device is registered with no account."""
    yield from _in_states(
        ledger, "LIC-UNREG", ("unregistered",), "is registered with no licence account",
        "Register it with the licence account.",
    )  # fmt: skip


def _in_states(ledger: Ledger, code: str, states: tuple[str, ...], says: str, action: str) -> Iterator[Finding]:
    licences = ledger.licences
    rows = licences[licences["state"].isin(states)]
    if rows.empty:
        return
    rows = rows.sort_values(["vendor", "serial", "address", "feature"])
    devices = _devices(ledger, set(rows["address"]))
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in records(rows):
        named = row["serial"] or devices.get(row["address"], {}).get("serial", "")
        groups.setdefault((row["vendor"], named or row["address"]), []).append({**row, "serial": named})
    for group in groups.values():
        first = group[0]
        unit = devices.get(first["address"], {})
        mine = unit if unit.get("serial") == first["serial"] else {}
        features = sorted({r["feature"] for r in group if r["feature"]})
        yield Finding(
            code,
            f"{first['hostname'] or first['address']} {says}: {', '.join(features) or 'the device as a whole'}",
            action,
            {"address": first["address"],
             "licences": [{n: r[n] for n in ("feature", "state", "detail", "expires") if r[n]} for r in group]},
            vendor=first["vendor"], serial=first["serial"], hostname=first["hostname"], address=first["address"],
            product_id=mine.get("product_id", ""), site=mine.get("site", ""), slot=mine.get("slot", ""),
        )  # fmt: skip


def _devices(ledger: Ledger, addresses: set[str]) -> dict[str, Row]:
    """By address the device's chassis, where it has just one: its serial lasts longer than an address."""
    units = ledger.units
    chassis = units[(units["treatment"] == "require") & (units["serial"] != "") & units["address"].isin(addresses)]
    single = chassis[~chassis["address"].duplicated(keep=False)]
    return {row["address"]: row for row in records(single)}
