"""A small network and its contracts as text tables, for the tests of reconciling. All serials are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from reconcile import tables
from reconcile.ledger import build
from reconcile.policy import load
from reconcile.reconcile import Inputs, Results, reconcile
from reconcile.rules import RULES

TODAY = date(2026, 6, 15)
POLICY = load()


def unit(serial="FOC2201A0AA", **more):
    """A chassis in sw1."""
    row = {
        "vendor": "cisco", "serial": serial, "product_id": "C9300-48P", "kind": "chassis", "hostname": "sw1",
        "address": "10.0.0.1", "site": "North", "slot": "1", "seen_at": "2026-06-15T02:00:00Z",
    }  # fmt: skip
    return row | more


def line(serial="FOC2201A0AA", **more):
    """A hardware line in force for years."""
    row = {
        "vendor": "cisco", "provider": "Acme", "contract_number": "200100", "service_level": "8X5XNBD",
        "line_status": "ACTIVE", "line_start": "2025-01-01", "line_end": "2028-12-31", "serial": serial,
        "product_id": "C9300-48P", "line_kind": "hardware", "source": "acme", "source_file": "acme.csv",
    }  # fmt: skip
    return row | more


def target(address="10.0.0.1", hostname="sw1", **more):
    """A switch that was read in full."""
    row = {
        "address": address, "hostname": hostname, "site": "North", "vendor": "cisco", "platform": "cisco_ios",
        "outcome": "complete", "inventory_state": "complete",
    }  # fmt: skip
    return row | more


def unread(address="10.0.0.9", hostname="sw9", **more):
    """A switch that did not answer."""
    return target(address, hostname, outcome="timeout", inventory_state="failed", reason="no answer") | more


def seen(serial, run="1", **more):
    """An earlier sighting of a unit in sw1."""
    return unit(serial, run=run) | more


def dormant(address, hostname):
    """A licence nobody uses, which shows that the device's licences could be read."""
    return {"vendor": "cisco", "address": address, "hostname": hostname, "feature": "network-plus", "state": "dormant"}


def rows(columns, given):
    return None if given is None else tables.table((*columns, *tables.ORIGIN), given)


SWITCH = target()


def inputs(units=(), lines=(), targets=(SWITCH,), **more) -> Inputs:
    """Inputs of plain rows; the lists of the user are None unless given."""
    numbered = [{"source_row": str(n), **row} for n, row in enumerate(lines, start=2)] if lines is not None else None
    lists = {
        "register": tables.REGISTER, "spares": tables.SPARES, "rma": tables.RMA, "software": tables.SOFTWARE,
        "entitlements": tables.ENTITLEMENTS, "eox": tables.EOX, "sites": tables.SITES, "profile": tables.PROFILE,
        "accepted": tables.FINDINGS[:-2],
    }  # fmt: skip
    given = {name: rows(columns, more.pop(name)) for name, columns in lists.items() if name in more}
    history = more.pop("history", None)
    licences = more.pop("licences", [dormant(u["address"], u["hostname"]) for u in units])
    return replace(
        Inputs(
            as_of=TODAY,
            policy=POLICY,
            units=tables.table(tables.UNITS, units),
            licences=tables.table(tables.LICENCES, licences),
            targets=tables.table((*tables.TARGETS, *tables.LICENCE_STATES), targets),
            lines=None if numbered is None else tables.table(tables.LINES, numbered),
            history=None if history is None else tables.table(tables.HISTORY, history),
        ),
        **given,
        **more,
    )


def results(*args, **more) -> Results:
    return reconcile(inputs(*args, **more))


def fire(code, *args, **more):
    """The findings of one rule alone, as it gives them."""
    (find,) = (rule.find for rule in RULES if rule.code == code)
    return list(find(build(inputs(*args, **more))))


def verdict(found: Results, serial: str) -> str:
    """The verdict of a serial in coverage.csv."""
    (only,) = found.coverage[found.coverage["serial"] == serial]["verdict"]
    return only


def rules(found: Results) -> list[str]:
    return list(standing(found)["rule"])


def standing(found: Results) -> pd.DataFrame:
    """The findings that are found now: all but the closed ones."""
    return found.findings[found.findings["status"] != "closed"]


def finding(found: Results, rule: str) -> dict[str, str]:
    (only,) = standing(found)[standing(found)["rule"] == rule].to_dict("records")
    return only


def change(found: Results, action: str) -> dict[str, str]:
    (only,) = found.changes[found.changes["action"] == action].to_dict("records")
    return only


def policy(**more):
    """The shipped policy with some values changed."""
    return POLICY.model_copy(update=more)


def cells(table: pd.DataFrame, *names: str) -> list[tuple[str, ...]]:
    return list(table[list(names)].itertuples(index=False, name=None))
