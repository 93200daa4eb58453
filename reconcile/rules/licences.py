"""Licence rules: what the device itself says of its licences, one finding a rule and chassis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from collectors.licence_words import AGENT
from reconcile.columns import Row, among, key, records
from reconcile.findings import Finding
from reconcile.ledger import Ledger
from reconcile.licence_facts import bindings, days_left, placed, reporting
from reconcile.products import matches
from reconcile.rules.rows import listed, many, of_device
from reconcile.whereabouts import COMPLETE

_REASONS: Final = 5
"""So many different reasons stand in one finding's evidence."""


def out_of_compliance(ledger: Ledger) -> Iterator[Finding]:
    """A device reports more licences in use than its account holds.

    The state is the device's own: outOfCompliance of CISCO-SMART-LIC-MIB, or the same words on the command line.

    Rests on: S4: the feature set that is used is the one to be paid for [S]; the state's meaning is the MIB's own [V].

    Action: Buy the licences that are short, or free some in the licence account.
    """
    yield from _in_states(
        ledger, "LIC-OOC", ("out_of_compliance",), "reports licences out of compliance",
        "Buy the licences that are short, or free some in the licence account.",
    )  # fmt: skip


def evaluation(ledger: Ledger) -> Iterator[Finding]:
    """A licence in use is for evaluation or in its grace period, and will end.

    The message gives the days left where the device says them.

    Rests on: S4: the feature set that is used is the one to be paid for [S]; the states are the device's own [V].

    Exempt: a dormant evaluation licence that nobody uses.

    Action: Buy and register the licence before the period ends, or turn the feature off.
    """
    yield from _in_states(
        ledger, "LIC-EVAL", ("evaluation", "grace"), "runs on evaluation or grace",
        "Buy and register the licence before the period ends, or turn the feature off.",
    )  # fmt: skip


def evaluation_expired(ledger: Ledger) -> Iterator[Finding]:
    """A licence's evaluation period is over and the feature is still in use.

    Rests on: S4: the feature set that is used is the one to be paid for [S]; the state is the device's own [V].

    Action: Buy and register the licence, or turn the feature off.
    """
    yield from _in_states(
        ledger, "LIC-EVAL-EXPIRED", ("evaluation_expired",), "runs on an evaluation that is over",
        "Buy and register the licence, or turn the feature off.",
    )  # fmt: skip


def not_authorized(ledger: Ledger) -> Iterator[Finding]:
    """A device reports that a feature in use is not authorised, or that its authorisation has run out.

    Rests on: S4: the feature set that is used is the one to be paid for [S]; the states are the device's own [V].

    Action: Renew the authorisation: install the code, or bring the device back in touch with its licence account.
    """
    yield from _in_states(
        ledger, "LIC-NOTAUTH", ("not_authorized", "authorization_expired"), "is not authorised for",
        "Renew the authorisation: install the code, or bring the device back in touch with its licence account.",
    )  # fmt: skip


def unregistered(ledger: Ledger) -> Iterator[Finding]:
    """Smart licensing is on and the device is registered with no account.

    Releases that license by policy register nowhere: they do not show this state.

    Rests on: Practice: a device that reports to no account draws on no licence [R]. Not checked with the vendor.

    Action: Register it with the licence account.
    """
    yield from _in_states(
        ledger, "LIC-UNREG", ("unregistered",), "is registered with no licence account",
        "Register it with the licence account.",
    )  # fmt: skip


def unreported(ledger: Ledger) -> Iterator[Finding]:
    """A device that licenses by policy has not reported its use by the day it must.

    The day by which a report was to be acknowledged has passed; or none was acknowledged within the device's own days
    between reports; or none ever was, and the days for the first report (the device's, else a setting) are over.
    Nothing is said where the device tells none of these.

    Rests on: Practice: the device's own words on its duty to report; the days for the first report are a setting [R].
    Not checked with the vendor.

    Exempt: devices whose policy asks for no report.

    Action: Send its usage report to the licence account (directly, through the on-site server, or as a file) and
    install the acknowledgement.
    """
    facts = reporting(ledger)
    facts = facts.assign(first=facts["first"].where(facts["first"] >= 0, ledger.policy.licences.first_report_days))
    late = (facts["next_ack"] >= 0) & (facts["next_ack"] < ledger.as_of.toordinal())
    long_ago = (facts["within"] > 0) & (facts["missing"] > facts["within"])
    never = facts["never"] & (facts["missing"] > facts["first"])
    why = {"late": late, "long_ago": long_ago, "never": never}
    for fact in records(facts.assign(**why)[facts["required"] & (late | long_ago | never)]):
        told = f"no report was acknowledged in {many(fact['missing'], 'day')}"
        if fact["late"]:
            told = f"a report was to be acknowledged by {date.fromordinal(int(fact['next_ack']))}"
        yield Finding(
            "LIC-REPORT",
            f"{fact['hostname'] or fact['address']}: {told}",
            "Send its usage report to the licence account (directly, through the on-site server, or as a file) and "
            "install the acknowledgement.",
            {"address": fact["address"], "reporting": fact["detail"]},
            **of_device(fact),
        )  # fmt: skip


def bound_elsewhere(ledger: Ledger) -> Iterator[Finding]:
    """A licence or a code on a device is bound to a serial that the device does not have, or that was returned.

    After an exchange the licence is still the old chassis's: it has to be issued anew for the new one.

    Rests on: S0: after an RMA the returned serial is to be taken off and the new one put in its place [S]; that
    licences follow the same way is practice [R]. Not checked with the vendor.

    Exempt: devices that were not read in full, or whose chassis gave no serial; the other members of a pair or stack,
    which another device may hold, unless the serial was returned.

    Action: Have the licence issued anew for <the chassis's serial> (rehost it in the licence account).
    """
    bound, units, targets = bindings(ledger), ledger.units, ledger.targets
    returned = set(key(ledger.rma, "vendor", "old_serial"))
    chassis = units[(units["kind"] == "chassis") & (units["serial"] != "")]
    whole = set(targets["address"][targets["inventory_state"] == COMPLETE]) & set(chassis["address"])
    elsewhere = among(bound["address"], whole) & bound["role"].isin(("", "active"))
    elsewhere &= ~among(key(bound, "address", "bound_to"), key(units, "address", "serial"))
    gone = among(key(bound, "vendor", "bound_to"), returned)
    for fact in records(bound.assign(gone=gone)[elsewhere | gone]):
        note = ", which was returned under an RMA" if fact["gone"] else ""
        yield Finding(
            "LIC-UDI",
            f"{fact['hostname'] or fact['address']}: {fact['what']} is bound to {fact['bound_to']}{note}",
            f"Have the licence issued anew for {fact['serial'] or 'the chassis in use'} "
            "(rehost it in the licence account).",
            {"address": fact["address"], "bound_to": fact["bound_to"], "detail": fact["detail"]},
            **of_device(fact) | {"serial": fact["bound_to"], "new_serial": fact["serial"]},
        )  # fmt: skip


def unreadable(ledger: Ledger) -> Iterator[Finding]:
    """A device's platform supports licensing, the device was read, and no licence state came of it.

    One finding for each platform, with the devices in its evidence, by what came of asking for their licences: denied,
    failed and so on, as far as the run tells.

    Rests on: Practice: a state that cannot be read is not one that is in order [R]. Not checked with the vendor.

    Exempt: products that the policy lists as having no licences to report.

    Action: Let the login run the platform's licence commands, or allow its licence MIB in the SNMP view. / See why
    the licences were not read, and run again. / Have the answers looked at, they held no licence; if the products
    have none to report, add them to the policy's list (licences.without).
    """
    targets, licences, policy = ledger.targets, ledger.licences, ledger.policy.licences
    told = set(licences["address"][(licences["state"] != "unknown") | (licences["feature"] == AGENT)])
    chassis = ledger.units[(ledger.units["kind"] == "chassis") & ~ledger.units["ignored"]]
    plain = chassis[matches(chassis["product_id"], policy.without)] if policy.without else chassis[:0]
    read = targets["outcome"].isin((COMPLETE, "partial")) & targets["platform"].isin(policy.platforms)
    read &= among(targets["address"], chassis["address"]) & ~among(targets["address"], told | set(plain["address"]))
    for platform, group in targets[read].drop_duplicates("address").groupby("platform"):
        named = group["hostname"].where(group["hostname"] != "", group["address"])
        states = group["licences_state"]
        counts = states[states != ""].value_counts().sort_index()
        said = ", ".join(f"{count} {str(state).replace('_', ' ')}" for state, count in counts.items())
        why = sorted({str(reason) for reason in group["licences_reason"] if reason})[:_REASONS]
        yield Finding(
            "LIC-UNKNOWN",
            f"{many(len(group), 'device')} on {platform} gave no licence state{f' ({said})' if said else ''}",
            _to_read(set(states)),
            {"platform": str(platform), **listed("devices", named), **({"reasons": why} if why else {}),
             **{f"devices_{state}": listed(str(state), named[states == state])[str(state)] for state in counts.index}},
            confidence="medium", vendor=str(group["vendor"].iloc[0]), subject=str(platform),
        )  # fmt: skip


def _to_read(states: set[str]) -> str:
    """What to do where asking for the licences ended in just these states."""
    if states <= {"failed", "partial", "not_attempted"}:
        return "See why the licences were not read, and run again."
    if states <= {COMPLETE, "unsupported"}:
        return (
            "Have the answers looked at, they held no licence; if the products have none to report, add them to the "
            "policy's list (licences.without)."
        )
    return "Let the login run the platform's licence commands, or allow its licence MIB in the SNMP view."


def _in_states(ledger: Ledger, code: str, states: tuple[str, ...], says: str, action: str) -> Iterator[Finding]:
    rows = ledger.licences[ledger.licences["state"].isin(states)]
    if rows.empty:
        return
    rows = placed(rows, ledger).sort_values(["vendor", "serial", "address", "feature"])
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in records(rows):
        groups.setdefault((row["vendor"], row["serial"] or row["address"]), []).append(row)
    for group in groups.values():
        first = group[0]
        features = list(dict.fromkeys(_with_days(row, ledger) for row in group if row["feature"]))
        yield Finding(
            code,
            f"{first['hostname'] or first['address']} {says}: {', '.join(features) or 'the device as a whole'}",
            action,
            {"address": first["address"],
             "licences": [{n: r[n] for n in ("feature", "state", "detail", "expires") if r[n]} for r in group]},
            **of_device(first),
        )  # fmt: skip


def _with_days(row: Row, ledger: Ledger) -> str:
    left = days_left(row, ledger) if row["state"] in ("evaluation", "grace") else None
    if left is None:
        return str(row["feature"])
    told = f"{many(left, 'day')} left" if left >= 0 else f"ended on {row['expires']}"
    return f"{row['feature']} ({told})"
