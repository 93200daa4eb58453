"""What devices say of their licences, tied to the chassis it is said of.

The rows of the ledger's `licences` are features in a state. Those of the feature `AGENT` tell how the device licenses
instead: how it reports, and to which serials its codes are bound. Their form is that of `collectors.licence_words`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from collectors.licence_words import AGENT, facts_of
from collectors.licence_words import NONE as NOTHING
from reconcile.columns import NO_DAY, NONE, Ints, Row, among, day, days, numbers, serials, text
from reconcile.entitlements import names
from reconcile.ledger import Ledger
from reconcile.products import mapped

IN_USE: Final = ("in_use", "authorized", "out_of_compliance")
"""States in which a licence is drawn."""
_FROM_UNIT: Final = ("product_id", "slot", "line")


def features(ledger: Ledger, states: Collection[str]) -> pd.DataFrame:
    """The licence rows of features in *states*, with `name` and `quantity` as a number (1 where none is said)."""
    licences = ledger.licences
    rows = licences[licences["state"].isin(states) & (licences["feature"] != AGENT)]
    rows = rows[rows["feature"] + rows["entitlement"] != ""]
    return rows.assign(
        name=names((rows["feature"], rows["entitlement"]), ledger.policy),
        quantity=np.maximum(numbers(rows["quantity"]), 1),
        licence=rows.index,
    )


def placed(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Licence rows with the chassis meant: `unit` (NONE where it is none or not one), its `serial`, `product_id` and
    `slot`; `hostname` and `site` of the device where the row does not say them."""
    here = _chassis(ledger, rows)
    first = here.drop_duplicates("address").set_index("address")
    single = here[~here["address"].duplicated(keep=False)].set_index("address")
    named = here.drop_duplicates(["address", "serial"]).set_index(["address", "serial"])
    own = (rows["serial"] != "") & (rows["feature"] != AGENT)
    rows = rows.assign(serial=rows["serial"].where(own, ""))
    by_serial = named["row"].reindex(pd.MultiIndex.from_frame(rows[["address", "serial"]])).to_numpy()
    by_address = single["row"].reindex(rows["address"]).to_numpy()
    unit = np.nan_to_num(np.where(own, by_serial, by_address), nan=NONE).astype(np.int64)
    host = pd.Series(first["hostname"].reindex(rows["address"]).fillna("").to_numpy(), index=rows.index, dtype="str")
    site = pd.Series(first["site"].reindex(rows["address"]).fillna("").to_numpy(), index=rows.index, dtype="str")
    return _of_units(
        rows.assign(hostname=rows["hostname"].where(rows["hostname"] != "", host), site=site), unit, ledger
    )


def by_chassis(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """As `placed`, but a row that names no serial is repeated for every chassis of its device."""
    here = _chassis(ledger, rows)[["address", "serial", "row"]].rename(columns={"serial": "of", "row": "unit"})
    spread = rows.merge(here, on="address", how="left")
    spread = spread[(spread["serial"] == "") | (spread["serial"] == spread["of"])]
    lost = rows[~rows["licence"].isin(spread["licence"])].assign(of="", unit=NONE)
    both = pd.concat([spread, lost], ignore_index=True)
    unit = both["unit"].fillna(NONE).to_numpy(dtype=np.int64)
    site = mapped(both["address"], {str(at): site for at, site in _sites(ledger).items()})
    return _of_units(both.drop(columns=["of"]).assign(site=site), unit, ledger)


def reporting(ledger: Ledger) -> pd.DataFrame:
    """How devices that license by policy report, in days where -1 stands for "not said": `next_ack` (the day by which a
    report must be acknowledged), `missing` (days without an acknowledgement), `first` (days for the first report),
    `within` (days between reports); and `required`, `never` (nothing was ever acknowledged)."""
    agent = ledger.licences[(ledger.licences["feature"] == AGENT) & (ledger.licences["entitlement"] == "")]
    rows = agent[agent["detail"].str.contains("mode=policy", regex=False)]
    said = [facts_of(str(detail)) for detail in rows["detail"]]

    def of(name: str) -> list[str]:
        return [facts.get(name, "") for facts in said]

    next_ack = days(text(of("next_ack"), rows.index))
    return placed(rows, ledger).assign(
        next_ack=np.where(next_ack == NO_DAY, -1, next_ack),
        missing=[_number(cell) for cell in of("ack_missing_days")],
        first=[_number(cell) for cell in of("first_report_days")],
        within=[_number(cell) for cell in of("report_within_days")],
        required=[cell != "no" for cell in of("ack_required")],
        never=[cell == NOTHING for cell in of("last_ack")],
    )


def bindings(ledger: Ledger) -> pd.DataFrame:
    """The serials that licences and codes on a device are bound to: `bound_to`, `role` ("" but for members of a pair
    or stack) and `what` is bound. One row a device and serial."""
    rows = ledger.licences[ledger.licences["serial"] != ""]
    agent = rows["feature"] == AGENT
    facts = {detail: facts_of(str(detail)) for detail in rows["detail"][agent].unique()}
    role = mapped(rows["detail"], {detail: told.get("role", "") for detail, told in facts.items()})
    code = mapped(rows["detail"], {detail: _code(told) for detail, told in facts.items()}, "its licensing")
    bound = rows.assign(bound_to=serials(rows["serial"]), role=role, what=code.where(agent, rows["feature"]), serial="")
    # what names a code says more than the row of the device as a whole
    order = bound["what"].eq("its licensing").sort_values(kind="stable").index
    return placed(bound.loc[order].drop_duplicates(["address", "bound_to"]).sort_index(), ledger)


def days_left(row: Row, ledger: Ledger) -> int | None:
    """Days until a licence row's own end, by its date, else as counted when it was read; None where neither is told."""
    if end := day(row["expires"]):
        return (end - ledger.as_of).days
    left = _number(facts_of(row["detail"]).get("days_left", ""))
    return None if left < 0 else left


def _code(told: Mapping[str, str]) -> str:
    if told.get("trust", NOTHING) != NOTHING:
        return "its trust code"
    return "its authorisation code" if told.get("authorization", NOTHING) != NOTHING else "its licensing"


def _number(cell: str) -> int:
    return int(cell) if cell.isdecimal() else -1


def _of_units(rows: pd.DataFrame, unit: Ints, ledger: Ledger) -> pd.DataFrame:
    cells = ledger.units[["serial", *_FROM_UNIT, "software_version"]]
    blank = pd.DataFrame([{**dict.fromkeys(cells.columns, ""), "line": NONE}])
    of_unit = pd.concat([cells, blank], ignore_index=True).take(unit).set_axis(rows.index)
    serial = rows["serial"].where(rows["serial"] != "", of_unit["serial"])
    return rows.assign(unit=unit, **{name: of_unit[name] for name in _FROM_UNIT}).assign(serial=serial)


def _chassis(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    units = ledger.units
    chosen = (units["kind"] == "chassis") & (units["serial"] != "")
    here = units.loc[chosen, ["address", "serial", "hostname", "site"]]
    here = here[among(here["address"], rows["address"])]
    return here.assign(row=here.index)


def _sites(ledger: Ledger) -> pd.Series[str]:
    units = ledger.units
    chassis = units.loc[units["kind"] == "chassis", ["address", "site"]].drop_duplicates("address")
    return chassis.set_index("address")["site"]
