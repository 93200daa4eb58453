"""Which unit took the place of which serial on a contract: strongest evidence first, one to one.

1. The vendor's word: a line's own `replacement_serial`, or the RMA list. High.
2. An earlier run saw the old serial on the same device in the same slot. High; another product there means the model
   changed, and the old line cannot simply carry the new serial.
3. The line, or an earlier run, names the host, and just one such product is missing and one is new there. Medium.
4. Just one of a product is missing and one is new at a site. Low: a candidate to look at, never a fact.

Nothing but the vendor's word pairs a serial whose lines have ended or whose host was not read in full, and nothing
pairs across vendors. A serial in the list of spares lies on a shelf: it neither was replaced nor replaces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NONE, Bools, Ints, Row, Text, among, hosts, key, numbers, of_serials, records
from reconcile.policy import Policy
from reconcile.products import mapped
from reconcile.sites import contract_sites, plain
from reconcile.standing import ENDED, UNLISTED
from reconcile.whereabouts import READ, UNREAD, Polled, reach, site_read

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"
WORD: Final = ("rma", "replacement")
"""The methods that rest on the vendor's own word."""
PAIRS: Final = (
    "vendor",
    "old_serial",
    "unit",
    "method",
    "confidence",
    "model_changed",
    "reference",
    "guarded",
)
"""`guarded` is "yes" where a host of the pair was not read in full (only the vendor's word pairs then)."""
_HOPS: Final = 10
_RULE: Final = "COV-REPLACED"
_SEEN: Final = ("history", "host")
"""The methods that rest on where units were seen."""
_UNKNOWN: Final = 2**40
"""In place of a run's number: after every run."""


def pairs(
    units: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    history: pd.DataFrame,
    fleet: Polled,
    rma: pd.DataFrame | None,
    spares: pd.DataFrame | None,
    sites: pd.DataFrame | None,
    policy: Policy,
    arrived: pd.DataFrame | None = None,
    absent: pd.DataFrame | None = None,
    recorded: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The pairs (`PAIRS`), each old serial and each unit at most once; those of low confidence are candidates.

    *units* carry `base` and `treatment`; *lines* carry `unit`, `base`, `hardware` and `standing`. *arrived*
    (`tables.ARRIVED`) tells since when units are on their device: one that stood beside the old one did not take its
    place; *absent* (`tables.ABSENT`) since when the old ones are known to be gone: what came to another slot of the
    host only after that did not either. *recorded* (`tables.FINDINGS`) are the findings of the run before: a pair that
    was found is kept until the contract or the network says otherwise, wherever its unit has gone since.
    """
    missing, fresh = _missing(lines), _fresh(units, lines)
    if missing.empty or fresh.empty:
        return _frame([])
    told = _by_word(missing, fresh, lines, rma)
    if len(told):
        told["guarded"] = _unread_ends(told, missing, units, history, fleet)
        missing, fresh = _without(missing, fresh, told)
    stock = _stock(spares)
    missing = missing[missing["live"] & ~among(key(missing, "vendor", "serial"), stock)]
    fresh = fresh[~among(key(fresh, "vendor", "serial"), stock)]
    kept = _by_record(missing, fresh, recorded)
    missing, fresh = _without(missing, fresh, kept)
    places = _placed(missing, history, fleet)
    fresh = fresh.assign(arrived=_arrivals(fresh, arrived))
    places = places.assign(since=_since(places, absent))
    fresh = fresh[reach(fresh["address"], fresh["hostname"], fleet) == READ]
    found = [told, kept]
    for stage in (_by_slot, _by_host, _by_chassis):
        if places.empty or fresh.empty:
            break
        found.append(stage(places, fresh))
        places, fresh = _without(places[~places["doubtful"]], fresh, found[-1])
    else:
        found.append(_by_site(places, fresh, contract_sites(places, sites), fleet, policy))
    return pd.concat(found, ignore_index=True)


def _missing(lines: pd.DataFrame) -> pd.DataFrame:
    """One row a serial that hardware lines name and no unit has; `live` where one of them has not ended."""
    left = (lines["unit"] == NONE) & (lines["line_kind"] == "hardware") & (lines["serial"] != "") & ~lines["ignored"]
    names = ["vendor", "serial", "product_id", "base", "hostname", "site_id", "site_name"]
    rows = lines.loc[left & (lines["standing"] != UNLISTED), [*names, "standing"]]
    rows = rows.assign(live=rows.pop("standing") != ENDED)
    rows = rows.sort_values(["live", *names], ascending=[False, *(True for _ in names)])
    return rows.drop_duplicates(["vendor", "serial"])


def _fresh(units: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The units that could have come in place of another: coverable, and on no hardware line of their own."""
    lined = np.zeros(len(units), dtype=bool)
    own: Bools = (
        (lines["unit"] != NONE) & lines["own"] & lines["hardware"] & (lines["standing"] != UNLISTED)
    ).to_numpy(bool)
    lined[lines["unit"].to_numpy()[own]] = True
    groups = units["group"].to_numpy(dtype=np.int64)
    on_line = np.isin(groups, groups[lined])
    free = units[(units["treatment"] != "ignore").to_numpy() & (units["serial"] != "").to_numpy() & ~on_line]
    rows = free.assign(unit=free.index.to_numpy(), host=hosts(free["hostname"]))
    return rows.sort_values(["vendor", "serial", "address", "slot"]).drop_duplicates(["vendor", "serial"])


def _by_word(missing: pd.DataFrame, fresh: pd.DataFrame, lines: pd.DataFrame, rma: pd.DataFrame | None) -> pd.DataFrame:
    """Pairs by the vendor's word; a chain of replacements is followed to the serial that is there now."""
    words = _words(lines, rma)
    if not words:
        return _frame([])
    asked = missing[among(key(missing, "vendor", "serial"), {f"{vendor}\x1f{serial}" for vendor, serial in words})]
    new_serials = {word[0] for word in words.values()}
    rows = fresh[among(fresh["serial"], new_serials)]
    present = {(r["vendor"], r["serial"]): r for r in records(rows)}
    chains = [chain for old in records(asked) if (chain := _chain(old, words, present))]
    found, used = [], set()
    for old, new, method, references in sorted(chains, key=lambda chain: len(chain[3])):  # its own line is the nearest
        if new["unit"] not in used:
            used.add(new["unit"])
            found.append(_pair(old, new, method, HIGH, ", then ".join(references)))
    return _frame(found)


def _chain(
    old: Row, words: Mapping[tuple[str, str], tuple[str, str, str]], present: Mapping[tuple[str, str], Row]
) -> tuple[Row, Row, str, list[str]] | None:
    """The old serial, the first unit there is on its chain of replacements, the last word's kind, and all the words."""
    serial, references = old["serial"], list[str]()
    for _ in range(_HOPS):
        word = words.get((old["vendor"], serial))
        if word is None:
            return None
        serial, method, reference = word
        references.append(reference)
        if new := present.get((old["vendor"], serial)):
            return old, new, method, references
    return None


def _by_record(missing: pd.DataFrame, fresh: pd.DataFrame, recorded: pd.DataFrame | None) -> pd.DataFrame:
    """Pairs that the run before found in places or by hosts, whose two ends are still as they were."""
    if recorded is None:
        return _frame([])
    still = (recorded["rule"] == _RULE) & (recorded["status"] != "closed") & (recorded["confidence"] != LOW)
    olds = {(r["vendor"], r["serial"]): r for r in records(missing)}
    news = {(r["vendor"], r["serial"]): r for r in records(fresh)}
    found = []
    for row in records(recorded[still]):
        said = json.loads(row["evidence"] or "{}")
        old, new = olds.get((row["vendor"], row["serial"])), news.get((row["vendor"], row["new_serial"]))
        if old is None or new is None or said.get("method") not in _SEEN:
            continue
        pair = _pair(old, new, said["method"], row["confidence"], said.get("reference", ""))
        found.append({**pair, "model_changed": "yes" if said.get("model_changed") else ""})
    return _frame(found).drop_duplicates("unit").drop_duplicates(["vendor", "old_serial"])


def _arrivals(fresh: pd.DataFrame, arrived: pd.DataFrame | None) -> Ints:
    """The run in which each unit came to its device; far in the future where that is not known."""
    if arrived is None or arrived.empty:
        return np.full(len(fresh), _UNKNOWN, dtype=np.int64)
    runs = dict(zip(key(arrived, "vendor", "serial"), numbers(arrived["run"]), strict=True))
    since = runs.get("\x1f", _UNKNOWN)
    return np.array([runs.get(name, since) for name in key(fresh, "vendor", "serial")], dtype=np.int64)


def _since(places: pd.DataFrame, absent: pd.DataFrame | None) -> Ints:
    """The first complete run without each of *places*; far in the future where that is not known."""
    rows = absent if absent is not None else pd.DataFrame(columns=["vendor", "serial", "since_run"], dtype="str")
    runs = dict(zip(key(rows, "vendor", "serial"), numbers(rows["since_run"]), strict=True))
    return np.array([runs.get(name, _UNKNOWN) for name in key(places, "vendor", "serial")], dtype=np.int64)


def _words(lines: pd.DataFrame, rma: pd.DataFrame | None) -> dict[tuple[str, str], tuple[str, str, str]]:
    """(vendor, old serial) -> (new serial, method, where it is written); the RMA list wins over the line."""
    said = lines[(lines["replacement_serial"] != "") & (lines["serial"] != "")]
    said = said[said["replacement_serial"] != said["serial"]].sort_values(
        ["source_file", "source_row"], ascending=False
    )
    words = {
        (r["vendor"], r["serial"]): (
            r["replacement_serial"],
            "replacement",
            f"{r['source_file']}:{r['source_row']}",
        )
        for r in records(said)
    }
    if rma is not None:
        said = rma[(rma["old_serial"] != "") & (rma["new_serial"] != "") & (rma["old_serial"] != rma["new_serial"])]
        for r in records(said.sort_values(["date", "rma_number"])):
            where = f"{r.get('source_file', '')}:{r.get('source_row', '')}"
            words[(r["vendor"], r["old_serial"])] = (
                r["new_serial"],
                "rma",
                f"RMA {r['rma_number']} ({where})",
            )
    return words


def _unread_ends(
    told: pd.DataFrame,
    missing: pd.DataFrame,
    units: pd.DataFrame,
    history: pd.DataFrame,
    fleet: Polled,
) -> list[str]:
    """Whether an end of each pair (the old one's last or named host, the new one's) was not read in full."""
    ends = units.loc[told["unit"].to_numpy(dtype=np.int64)]
    there = reach(ends["address"], ends["hostname"], fleet) != READ
    placed = told.rename(columns={"old_serial": "serial"})[["vendor", "serial"]].merge(
        missing, how="left", on=["vendor", "serial"]
    )
    homes = _homes(placed, history, fleet)
    away = homes["unread"].to_numpy(bool) | homes["doubtful"].to_numpy(bool)
    return ["yes" if unread else "" for unread in there | away]


def _homes(missing: pd.DataFrame, history: pd.DataFrame, fleet: Polled) -> pd.DataFrame:
    """*missing* with where each was last seen (`last_*`); `unread`: that place was not read in full; `doubtful`: the
    host that its line names was not."""
    relevant = history[of_serials(history, missing)]
    last = relevant.rename(
        columns={c: f"last_{c}" for c in ("run", "kind", "hostname", "address", "site", "slot", "product_id")}
    ).drop(columns=["seen_at", "parent_serial"])
    last = last.drop_duplicates(["vendor", "serial"])
    rows = missing.merge(last, how="left", on=["vendor", "serial"]).fillna("")
    seen = reach(rows["last_address"], rows["last_hostname"], fleet)
    named = reach(pd.Series("", index=rows.index, dtype="str"), rows["hostname"], fleet)
    known = ((rows["last_address"] != "") | (rows["last_hostname"] != "")).to_numpy()
    return rows.assign(unread=known & (seen != READ), doubtful=named == UNREAD)


def _placed(missing: pd.DataFrame, history: pd.DataFrame, fleet: Polled) -> pd.DataFrame:
    """The missing serials whose last place, where known, was read in full, with `host`: the last or the named one.

    One that was never seen is asked for at the host its line names. That host is what the provider once heard: where a
    unit was seen elsewhere since, it speaks against all but the proof of the place itself.
    """
    rows = _homes(missing, history, fleet)
    rows = rows[~rows["unread"] & ((rows["last_run"] != "") | ~rows["doubtful"])]
    named = rows["hostname"].where(reach(rows["hostname"], rows["hostname"], fleet) == READ, "")
    return rows.assign(host=hosts(named.where(named != "", rows["last_hostname"])), run=numbers(rows["last_run"]))


def _by_slot(places: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Same device, same slot, same kind: the same product first, then another one (the model changed)."""
    at = places[places["last_kind"] != ""].assign(last_host=hosts(places["last_hostname"]))
    by_address = at[at["last_address"] != ""].merge(
        fresh, left_on=["vendor", "last_address", "last_slot", "last_kind"],
        right_on=["vendor", "address", "slot", "kind"], suffixes=("", "_new"),
    )  # fmt: skip
    by_name = at[at["last_host"] != ""].merge(
        fresh, left_on=["vendor", "last_host", "last_slot", "last_kind"], right_on=["vendor", "host", "slot", "kind"],
        suffixes=("", "_new"),
    )  # fmt: skip
    both = _later(pd.concat([by_address, by_name])).drop_duplicates(["vendor", "serial", "unit"])
    newest = both[both["run"] == both.groupby("unit")["run"].transform("max")]
    same = _alone(newest[newest["base"] == newest["base_new"]], ["vendor", "serial"], ["unit"])
    rest = newest[~newest["unit"].isin(same["unit"]) & ~among(newest["serial"], same["serial"])]
    changed = _alone(rest[rest["last_slot"] != ""], ["vendor", "serial"], ["unit"])
    return _frame(_found(pd.concat([same, changed]), "history", HIGH))


def _by_host(places: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """The named or last host, same product, just one of each, and no complete reading between the two."""
    olds = places[(places["host"] != "") & (places["base"] != "")]
    by_name = olds.merge(fresh, on=["vendor", "host", "base"], suffixes=("", "_new"))
    by_address = olds.merge(
        fresh,
        left_on=["vendor", "host", "base"],
        right_on=["vendor", "address", "base"],
        suffixes=("", "_new"),
    )
    both = _at_once(pd.concat([by_name, by_address])).drop_duplicates(["vendor", "serial", "unit"])
    return _frame(_found(_alone(both, ["vendor", "serial"], ["unit"]), "host", MEDIUM))


def _by_chassis(places: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Same device by an earlier run, both a chassis, just one of each, another product: the model changed."""
    olds = places[(places["last_kind"] == "chassis") & (places["last_address"] != "")]
    news = fresh[fresh["kind"] == "chassis"]
    both = olds.merge(news, left_on=["vendor", "last_address"], right_on=["vendor", "address"], suffixes=("", "_new"))
    return _frame(_found(_alone(_at_once(both), ["vendor", "serial"], ["unit"]), "history", MEDIUM))


def _by_site(places: pd.DataFrame, fresh: pd.DataFrame, told: Text, fleet: Polled, policy: Policy) -> pd.DataFrame:
    """Same site and product, just one missing and one new, every target of the site read in full that could hold it."""
    own = told.where(told != "", _plain(places["last_site"]))
    own = own.where(own != "", _plain(places["site_name"]))
    olds = places.assign(own_site=own)[
        (places["base"] != "").to_numpy() & site_read(own, places["base"], fleet, policy)
    ]
    news = fresh.assign(own_site=_plain(fresh["site"]))
    both = olds.merge(news, on=["vendor", "own_site", "base"], suffixes=("", "_new"))
    return _frame(_found(_alone(_later(both), ["vendor", "serial"], ["unit"]), "site", LOW))


def _later(both: pd.DataFrame) -> pd.DataFrame:
    """The pairs whose unit came after the old one was last seen: what stood beside it did not take its place."""
    return both[both["arrived"] > both["run"]]


def _at_once(both: pd.DataFrame) -> pd.DataFrame:
    """Of those the pairs without a complete reading between the two, that showed neither."""
    return _later(both[(both["arrived"] <= both["since"]) | (both["arrived"] == _UNKNOWN)])


def _alone(both: pd.DataFrame, old: list[str], new: list[str]) -> pd.DataFrame:
    """The pairs whose old serial and whose unit stand in no other pair."""
    return both[~both.duplicated(old, keep=False) & ~both.duplicated(new, keep=False)]


def _found(both: pd.DataFrame, method: str, confidence: str) -> list[dict[str, object]]:
    rows = records(both.rename(columns={"base_new": "new_base"}))
    return [
        _pair(
            r,
            {**r, "base": r.get("new_base", r["base"])},
            method,
            confidence,
            f"run {r['last_run']}" if r["last_run"] else "",
        )
        for r in rows
    ]


def _pair(old: Row, new: Row, method: str, confidence: str, reference: str) -> dict[str, object]:
    changed = old["base"] != "" and new["base"] != "" and old["base"] != new["base"]
    return {
        "vendor": old["vendor"], "old_serial": old["serial"], "unit": new["unit"], "method": method,
        "confidence": confidence, "model_changed": "yes" if changed else "", "reference": reference, "guarded": "",
    }  # fmt: skip


def _frame(found: list[dict[str, object]]) -> pd.DataFrame:
    rows = pd.DataFrame(found, columns=list(PAIRS))
    return rows.astype({name: "int64" if name == "unit" else "str" for name in PAIRS})


def _without(missing: pd.DataFrame, fresh: pd.DataFrame, taken: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    gone = key(taken, "vendor", "old_serial")
    return missing[~among(key(missing, "vendor", "serial"), gone)], fresh[~fresh["unit"].isin(taken["unit"])]


def _plain(sites: Text) -> Text:
    return mapped(sites, {site: plain(str(site)) for site in sites.unique()})


def _stock(spares: pd.DataFrame | None) -> set[str]:
    if spares is None:
        return set()
    return set(key(spares, "vendor", "serial"))
