"""Which devices were read in full, and which unread one could hold a serial that nobody saw.

A line is *not seen* only where every target that could hold its unit was read in full. What could hold it:

1. The device it was last seen on, and the host its line names: unread, or (for the first) not polled this time, makes
   the line unproven. Read in full, it settles the matter: other unread devices then say nothing.
2. Where neither is known, any unread target of the line's vendor whose platform can hold the product's family. A
   platform nobody knows can hold anything. A target of another site is let off only where the operator's site table
   maps the line's site: providers write the head office on every line. A target whose chassis are known, seen in this
   run or else in an earlier one at its address, can hold no chassis of another series. And some target that was read
   must have been able to hold it: a network that was never polled cannot miss anything.
3. Products outside collection (phones and such) are never seen, so never missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from reconcile import tables
from reconcile.columns import (
    Bools,
    Ints,
    Row,
    Text,
    among,
    codes,
    first_row,
    first_told,
    hosts,
    key,
    of_serials,
    records,
)
from reconcile.policy import Policy
from reconcile.products import base_forms, family, mapped, outside, series
from reconcile.sites import plain

ABSENT: Final = 0
READ: Final = 1
UNREAD: Final = 2
COMPLETE: Final = "complete"
_OTHER_DEVICE: Final = "identity_changed"
_OPEN: Final = "?"


@dataclass(frozen=True, slots=True)
class Polled:
    """The run's targets, and which of them were read in full, by address and by name."""

    targets: pd.DataFrame
    by_address: Mapping[str, int]
    by_name: Mapping[str, int]
    series: Mapping[str, frozenset[str]]
    """By address of an unread target the series of its chassis; none where one of them is of no known series."""
    whole: tuple[Row, ...]
    """What the targets that were read in full are, each `vendor`, `platform` and `site` once."""


def polled(targets: pd.DataFrame, units: pd.DataFrame, history: pd.DataFrame, policy: Policy) -> Polled:
    """READ only where every target of that address or name was read in full. *units* and *history* tell the chassis."""
    addresses, read = targets["address"], targets["inventory_state"] == COMPLETE
    by_name = {**_states(hosts(addresses), read), **_states(hosts(targets["hostname"]), read)}
    whole = records(targets.loc[read, ["vendor", "platform", "site"]].drop_duplicates())
    known = _known_series(targets[~read], units, history, policy)
    return Polled(targets, _states(addresses, read), by_name, known, tuple(whole))


def reach(addresses: Text, hostnames: Text, fleet: Polled) -> Ints:
    """For each device, told by address or else by name: READ in full, UNREAD, or ABSENT from the run's targets."""
    found = addresses.map(fleet.by_address)
    lost = found.isna()
    if bool(lost.any()):
        found[lost] = hosts(hostnames[lost]).map(fleet.by_name)
    return np.asarray(found.fillna(ABSENT), dtype=np.int64)


def site_read(sites: Text, products: Text, fleet: Polled, policy: Policy) -> Bools:
    """Whether a site (in lower case) has targets, and no unread one but of other series than the product's."""
    named = {plain(site) for site in fleet.targets["site"].unique()} - {""}
    unread: dict[str, list[Row]] = {}
    for target in records(fleet.targets[fleet.targets["inventory_state"] != COMPLETE]):
        unread.setdefault(plain(target["site"]), []).append(target)
    asked = sites + "\x1f" + products
    kinds = {str(product): series(str(product), policy) for product in products.unique()}
    whole = set()
    for text in asked.unique():
        site, product = str(text).split("\x1f")
        kind = kinds[product]
        if site in named and all(_of_other_series(t, kind, fleet) for t in unread.get(site, ())):
            whole.add(text)
    return np.asarray(asked.isin(whole), dtype=bool)


def last_seen(lines: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The last earlier sighting (`tables.HISTORY`) of each of *lines* (`vendor, serial`); blanks where it was never
    seen."""
    asked, known = codes(key(lines, "vendor", "serial"), key(history, "vendor", "serial"))
    size = int(max(asked.max(initial=-1), known.max(initial=-1))) + 1
    row = first_row(known, np.arange(len(history)), size)[asked]
    blank = tables.table(tables.HISTORY, [{}])
    return pd.concat([history[list(tables.HISTORY)], blank], ignore_index=True).iloc[row].set_axis(lines.index)


def unproven(lines: pd.DataFrame, seen: pd.DataFrame, fleet: Polled, policy: Policy) -> Text:
    """Why each of *lines* (hardware with a serial, taken by no unit) cannot be called missing; "" where it can.

    *seen* holds the last earlier sighting of each line, row by row, with `address`, `hostname` and `run` ("" where
    it was never seen). *lines* carry `base` (product base form) and `own_site` (`contract_sites`).
    """
    if READ not in fleet.by_address.values():
        return pd.Series("no device was read in full", index=lines.index, dtype="str")
    last = reach(seen["address"], seen["hostname"], fleet)
    named = reach(pd.Series("", index=lines.index, dtype="str"), lines["hostname"], fleet)
    known: Bools = (seen["run"] != "").to_numpy(dtype=bool)
    settled: Bools = (known & (last == READ)) | (named == READ)
    where = seen["hostname"].where(seen["hostname"] != "", seen["address"])
    last_seen = "last seen on " + where + " in run " + seen["run"]
    told = first_told(
        [
            (known & (last == UNREAD), last_seen + ", which was not read in full this time"),
            (known & (last == ABSENT), last_seen + ", which was not a target this time"),
            (named == UNREAD, "its line names " + lines["hostname"] + ", which was not read in full"),
            (settled, ""),
        ],
        lines.index,
        default=_OPEN,
    )
    undecided = told == _OPEN
    told[undecided] = _by_product(lines[undecided], fleet, policy)
    away = _outside(lines, policy)
    return away.where(away != "", told)


@dataclass(frozen=True, slots=True)
class _Holders:
    """Targets that could hold one family: of the unread how many and the first, by site; of the read their sites."""

    by_site: Mapping[str, tuple[int, str]]
    total: tuple[int, str]
    read: frozenset[str]

    def told(self, site: str, kind: str) -> str:
        here, anywhere = self.by_site.get(site, (0, "")), self.by_site.get("", (0, ""))
        count, first = (here[0] + anywhere[0], here[1] or anywhere[1]) if site else self.total
        if not count:
            able = not self.read.isdisjoint((site, "")) if site else bool(self.read)
            where, what = f" of site {site}" if site else "", f" ({kind})" if kind else ""
            return "" if able else f"no target{where} on the list could hold it{what}"
        if count == 1:
            return f"{first} was not read in full and could hold it"
        return f"{count} targets that were not read in full could hold it, among them {first.rstrip(',')}"


def _by_product(lines: pd.DataFrame, fleet: Polled, policy: Policy) -> Text:
    targets = fleet.targets
    unread = records(targets[targets["inventory_state"] != COMPLETE].sort_values(["hostname", "address"]))
    asked = key(lines, "vendor", "base", "own_site")
    holders: dict[tuple[str, str, str], _Holders] = {}
    kinds: dict[tuple[str, str], tuple[str, str, str]] = {}
    told: dict[str, str] = {}
    for text in asked.unique():
        vendor, product, site = str(text).split("\x1f")
        if (vendor, product) not in kinds:
            kinds[vendor, product] = (vendor, family(product, vendor, policy), series(product, policy))
        kind = kinds[vendor, product]
        if kind not in holders:
            able = [t for t in unread if not _of_other_series(t, kind[2], fleet) and _could_hold(t, *kind[:2], policy)]
            holders[kind] = _holders(able, [t for t in fleet.whole if _could_hold(t, *kind[:2], policy)])
        told[str(text)] = holders[kind].told(site, kind[1])
    return mapped(asked, told)


def _holders(unread: list[Row], read: list[Row]) -> _Holders:
    by_site: dict[str, tuple[int, str]] = {}
    for target in unread:
        count, first = by_site.get(plain(target["site"]), (0, ""))
        by_site[plain(target["site"])] = (count + 1, first or _name(target))
    total = (len(unread), _name(unread[0]) if unread else "")
    return _Holders(by_site, total, frozenset(plain(t["site"]) for t in read))


def _could_hold(target: Row, vendor: str, kind: str, policy: Policy) -> bool:
    platform = target["platform"]
    if platform in policy.whereabouts.any_platform or platform.startswith("napalm"):
        return not target["vendor"] or target["vendor"] == vendor
    vendors = {f.vendor for f in policy.family}
    maker = target["vendor"] or next((v for v in vendors if platform.startswith(f"{v}_")), "")
    if maker and maker != vendor:
        return False
    holding = next((f.platforms for f in policy.family if f.name == kind and f.vendor == vendor), ())
    return not platform or not holding or platform in holding


def _of_other_series(target: Row, kind: str, fleet: Polled) -> bool:
    """Whether all chassis of *target* are known and none is of the series *kind*; no series could be anything."""
    known = fleet.series.get(target["address"])
    return bool(kind and known and kind not in known)


def _known_series(
    targets: pd.DataFrame, units: pd.DataFrame, history: pd.DataFrame, policy: Policy
) -> Mapping[str, frozenset[str]]:
    """A chassis that was seen elsewhere this time no longer tells what its old address holds."""
    now = units[(units["kind"] == "chassis") & among(units["address"], targets["address"])]
    same = targets["address"][targets["outcome"] != _OTHER_DEVICE]
    before = history[(history["kind"] == "chassis") & among(history["address"], same)]
    elsewhere = units[among(units["serial"], before["serial"])]
    before = before[~of_serials(before, elsewhere)]
    told = pd.concat([now, before[~among(before["address"], now["address"])]])[["address", "product_id"]]
    base = base_forms(told["product_id"], policy)
    found = mapped(base, {product: series(str(product), policy) for product in base.unique()})
    sets = {str(address): frozenset(group) for address, group in found.groupby(told["address"])}
    return {address: known for address, known in sets.items() if "" not in known}


def _outside(lines: pd.DataFrame, policy: Policy) -> Text:
    asked = key(lines, "vendor", "base")
    kinds = {str(a): outside(str(a).split("\x1f")[1], str(a).split("\x1f")[0], policy) for a in asked.unique()}
    told = {a: f"{kind} are outside what is collected" if kind else "" for a, kind in kinds.items()}
    return mapped(asked, told)


def _states(names: Text, read: pd.Series[bool]) -> dict[str, int]:
    said = names != ""
    states = dict.fromkeys(names[said & read], READ)
    return states | dict.fromkeys(names[said & ~read], UNREAD)


def _name(target: Row) -> str:
    named = f"{target['hostname']} ({target['address']})" if target["hostname"] else target["address"]
    return f"{named}, {target['outcome'].replace('_', ' ')}," if target["outcome"] not in {"", COMPLETE} else named
