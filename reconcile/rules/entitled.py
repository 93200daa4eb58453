"""Rules of licences in use beside licences bought: levels, pools, and purchases that are not on record."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import Row, among, key, records
from reconcile.entitlements import bought, covered, covers, in_force, in_words, ladders, names, spellings
from reconcile.findings import Finding, origin
from reconcile.ledger import Ledger
from reconcile.licence_facts import IN_USE, by_chassis, features
from reconcile.products import mapped
from reconcile.rules.rows import listed, many, of_device


def feature_level(ledger: Ledger) -> Iterator[Finding]:
    """A chassis runs a feature level that ranks above the level on record for it.

    The record is an entitlement in force for its serial; without one it is the level that its product id was sold with
    (device, line or register), and the finding is a warning, for upgrades are bought apart from the product id.

    Rests on: S4: updates are one thing, upgrades such as ipbase to ipservices are another, and the feature set is what
    is paid for [S]. The ladders and the levels of product ids are settings [R]. Not checked with the vendor.

    Exempt: features that are on no ladder (securityk9, uck9 and the like are sets); levels that a pool of licences
    covers (LIC-COUNT counts those); a chassis for which neither record tells a level.

    Action: Buy the upgrade and put it on the list of entitlements, or set the level back to <the level on record>.
    """
    used = _beside_record(ledger, IN_USE)
    above = used[used["held"] != ""].sort_values(["vendor", "serial", "address", "feature"])
    for group in _grouped(above, "vendor", "serial", "address"):
        first = group[0]
        runs = ", ".join(dict.fromkeys(r["feature"] for r in group))
        held = ", ".join(dict.fromkeys(r["held"] for r in group))
        recorded = any(r["held_by"] == "entitlement" for r in group)
        yield Finding(
            "LIC-FEATURE",
            f"{first['hostname'] or first['address']} runs {runs}; on record is {held}",
            f"Buy the upgrade and put it on the list of entitlements, or set the level back to {held}.",
            {"address": first["address"], "record": sorted({r["held_by"] for r in group}),
             "licences": [{n: r[n] for n in ("feature", "state", "detail") if r[n]} for r in group]},
            severity="" if recorded else "warning", confidence="high" if recorded else "medium",
            **of_device(first),
        )  # fmt: skip


def unverified(ledger: Ledger) -> Iterator[Finding]:
    """A licence is in use on trust and no purchase of it is on record.

    Licensing by policy and right-to-use licences ask for no proof at the time of use. One finding for each feature,
    with the devices in its evidence.

    Rests on: Practice: "in use" says nothing about a purchase, which the vendor verifies later [V]. Not checked with
    the vendor.

    Exempt: features with a licence file or key on the device itself; what an entitlement, a pool or the product id
    covers; what LIC-FEATURE tells.

    Action: Attach the order or the export of the licence account that shows the purchase, or turn the feature off.
    """
    used = _beside_record(ledger, ("in_use",))
    proof = re.compile("|".join(f"(?:{p})" for p in ledger.policy.licences.proven) or r"(?!)", re.I)
    proven = used["detail"].isin({d for d in used["detail"].unique() if proof.search(str(d))})
    trusted = used[~used["covered"] & (used["held"] == "") & ~proven]
    for (vendor, _), rows in trusted.groupby(["vendor", "name"]):
        hosts = rows["hostname"].where(rows["hostname"] != "", rows["address"])
        feature, devices = str(rows["feature"].iloc[0]), rows["address"].nunique()
        yield Finding(
            "LIC-UNVERIFIED",
            f"{feature} is in use on {many(devices, 'device')} without a purchase on record",
            "Attach the order or the export of the licence account that shows the purchase, or turn the feature off.",
            {"feature": feature, **listed("devices", hosts), **listed("serials", rows["serial"])},
            confidence="medium", vendor=str(vendor), subject=str(rows["name"].iloc[0]),
        )  # fmt: skip


def pool_count(ledger: Ledger) -> Iterator[Finding]:
    """More licences of a feature are in use than its pool holds.

    A pool is what entitlements without a serial add up to. A higher level of a ladder can serve a lower one, so each
    level is compared with what is bought of it and of the levels above.

    Rests on: S4: the feature set that is used is the one to be paid for [S]; how pools add up is practice [R]. Not
    checked with the vendor.

    Exempt: chassis with an entitlement of their own; pools without a quantity; enterprise agreements, which are
    unlimited.

    Action: Buy <the number short> more, or free as many; if the pool's list is old, bring it up to date.
    """
    owned = in_force(bought(ledger))
    pool = owned[owned["serial"] == ""]
    counted = pool.groupby(["vendor", "covers"]).agg(bought=("count", "sum"), counted=("counted", "all"))
    counted = counted[counted["counted"]]
    if counted.empty:
        return
    used = _drawn(ledger, owned)
    used = used.assign(covers=covers(used["name"], ledger.policy)).explode("covers")
    taken = used.groupby(["vendor", "covers"]).agg(used=("draw", "sum"), feature=("feature", "first"))
    short = counted.join(taken, how="inner").reset_index()
    short = short.assign(short=short["used"] - short["bought"])
    for row in records(_by_themselves(short[short["short"] > 0], ledger)):
        rows = pool[(pool["vendor"] == row["vendor"]) & (pool["covers"] == row["covers"])]
        mine = used[(used["vendor"] == row["vendor"]) & (used["covers"] == row["covers"])]
        yield Finding(
            "LIC-COUNT",
            f"{many(int(row['used']), 'licence')} of {row['feature']} {'is' if row['used'] == 1 else 'are'} in use, "
            f"{row['bought']} {'is' if row['bought'] == 1 else 'are'} bought",
            f"Buy {row['short']} more, or free as many; if the pool's list is old, bring it up to date.",
            {"used": int(row["used"]), "bought": int(row["bought"]), "entitlements": [origin(r) for r in records(rows)],
             **listed("devices", mine["hostname"].where(mine["hostname"] != "", mine["address"]))},
            confidence="medium", vendor=row["vendor"], subject=row["covers"],
        )  # fmt: skip


def _beside_record(ledger: Ledger, states: tuple[str, ...]) -> pd.DataFrame:
    """Features in use by chassis with `covered` (by an entitlement, a pool or the product id), and where they are not,
    the lower level on record: `held` and `held_by` ("entitlement", "product_id")."""
    used = by_chassis(features(ledger, states), ledger)
    if used.empty:
        return used.assign(covered=False, held="", held_by="")
    owned = in_force(bought(ledger))
    own, pool = owned[owned["serial"] != ""], owned[owned["serial"] == ""]
    sold = _sold_with(used, ledger)
    granted = among(key(used, "vendor", "serial", "name"), key(own, "vendor", "serial", "covers"))
    granted |= among(key(used, "vendor", "name"), key(pool, "vendor", "covers"))
    granted |= _relation(used["name"], sold, ledger) == "covers"
    lower = used[["vendor", "serial", "name"]].assign(place=used.index)
    lower = lower[(~granted).to_numpy() & (used["serial"] != "").to_numpy()]
    levels = own[own["covers"] == own["name"]][["vendor", "serial", "name", "feature", "level"]]
    lower = lower.merge(levels.rename(columns={"name": "bought"}), on=["vendor", "serial"])
    lower = lower[(_relation(lower["name"], lower["bought"], ledger) == "below").to_numpy()].drop_duplicates("place")
    said = in_words(lower["feature"], lower["level"])
    held = said.set_axis(lower["place"]).reindex(used.index).fillna("").astype("str")
    by_product = ~granted & (held == "") & (_relation(used["name"], sold, ledger) == "below")
    return used.assign(
        covered=granted,
        held=held.where(~by_product, mapped(sold, spellings(ledger.policy))),
        held_by=pd.Series("", index=used.index, dtype="str")
        .mask(held != "", "entitlement")
        .mask(by_product, "product_id"),
    )


def _sold_with(used: pd.DataFrame, ledger: Ledger) -> pd.Series[str]:
    """The highest level that the chassis's product id names: as the device, its line or the register writes it."""
    policy = ledger.policy
    lines = pd.concat([ledger.lines["product_id"], pd.Series([""], dtype="str")], ignore_index=True)
    on_line = lines.take(used["line"].to_numpy(dtype=np.int64)).set_axis(used.index)
    recorded = pd.concat(
        [asset(ledger.units, ledger.register, "product_id"), pd.Series([""], dtype="str")], ignore_index=True
    )
    in_register = recorded.take(used["unit"].to_numpy(dtype=np.int64)).set_axis(used.index)

    def level(product: str) -> str:
        found = (known.level for known in policy.licences.product_level if re.search(known.pattern, product, re.I))
        return next(found, "")

    sold = pd.Series("", index=used.index, dtype="str")
    for column in (in_register, on_line, used["product_id"]):
        told = mapped(column, {p: level(str(p)) for p in column.unique()})
        told = names((told,), policy)
        higher = (told != "") & ((sold == "") | (_relation(told, sold, ledger) == "below"))
        sold = sold.where(~higher, told)
    return sold


def _relation(used: pd.Series[str], held: pd.Series[str], ledger: Ledger) -> pd.Series[str]:
    """Row by row: does a licence of *held* cover *used* ("covers"), is it a lower step ("below"), or neither ("")."""
    both = used + "\x1f" + held

    def told(pair: str) -> str:
        wanted, _, has = pair.partition("\x1f")
        if not (wanted and has):
            return ""
        if wanted in covered(has, ledger.policy):
            return "covers"
        return "below" if has in covered(wanted, ledger.policy) else ""

    return mapped(both, {pair: told(str(pair)) for pair in both.unique()})


def _drawn(ledger: Ledger, owned: pd.DataFrame) -> pd.DataFrame:
    """One row a licence in use, with `draw`: how many of it are taken from a pool."""
    used = by_chassis(features(ledger, IN_USE), ledger)
    own = owned[owned["serial"] != ""]
    served = among(key(used, "vendor", "serial", "name"), key(own, "vendor", "serial", "covers"))
    many = served.groupby(used["licence"]).sum()
    rows = used.drop_duplicates("licence")
    left = rows["quantity"].to_numpy() - many.reindex(rows["licence"]).to_numpy()
    return rows.assign(draw=np.maximum(left, 0))


def _by_themselves(short: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Levels that are short by more than the levels above them are: those explain the rest."""
    steps = ladders(ledger.policy)
    kept = []
    for row in records(short):
        above = {
            step for ladder in steps if row["covers"] in ladder for step in ladder[ladder.index(row["covers"]) + 1 :]
        }
        higher = short[(short["vendor"] == row["vendor"]) & short["covers"].isin(above)]["short"]
        kept.append(higher.empty or row["short"] > higher.max())
    return short[kept] if kept else short


def _grouped(rows: pd.DataFrame, *by: str) -> Iterator[list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in records(rows):
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    yield from groups.values()
