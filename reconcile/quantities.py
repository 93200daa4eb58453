"""Hardware lines without serials, compared by count: so many of a product are paid for at a site, so many were seen.

A count proves no unit covered and none missing, for a contract covers the serials it lists (S1): such a line stays
`unproven`, and its reason tells the counts. What has a line of its own serial in force is not counted. A product of
which some line maps to no site of the operator's is counted over all sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NONE, Bools, Text, key, numbers
from reconcile.matching import BY_SERIAL
from reconcile.policy import Policy
from reconcile.products import mapped, outside
from reconcile.sites import plain
from reconcile.standing import ACTIVE, PENDING, UNCLEAR
from reconcile.whereabouts import COMPLETE, Polled

_LIVE: Final = (ACTIVE, PENDING, UNCLEAR)
_ANYWHERE: Final = "*"


def counted(units: pd.DataFrame, lines: pd.DataFrame, fleet: Polled, policy: Policy) -> tuple[Text, Text]:
    """What the counts say: for each line without a serial that no unit took why it stays unproven, and for each unit of
    such a product how many are paid for; "" for all others."""
    reasons = pd.Series("", index=lines.index, dtype="str")
    notes = pd.Series("", index=units.index, dtype="str")
    loose = lines[(lines["line_kind"] == "serial_less") & (lines["unit"] == NONE)]
    if loose.empty:
        return reasons, notes
    reasons[loose.index] = _uncounted(loose, policy)
    live = loose[(reasons[loose.index] == "").to_numpy() & loose["standing"].isin(_LIVE).to_numpy()]
    live = live.assign(place=_places(live))
    free = _free(units, lines, live)
    told = _told(live, free, fleet)
    reasons[live.index] = "it names no serial: " + mapped(key(live, "vendor", "base", "place"), told)
    notes[free.index] = mapped(key(free, "vendor", "base", "place"), told)
    return reasons.where((reasons != "") | ~lines.index.isin(loose.index), "it names no serial"), notes


def _uncounted(loose: pd.DataFrame, policy: Policy) -> Text:
    """Why a line is not counted; "" where it is."""
    asked = key(loose, "vendor", "base")
    kinds = {a: outside(str(a).split("\x1f")[1], str(a).split("\x1f")[0], policy) for a in asked.unique()}
    told = mapped(asked, {a: f"{kind} are outside what is collected" if kind else "" for a, kind in kinds.items()})
    told = told.where(loose["base"] != "", "it names neither a serial nor a product")
    belongs = "it belongs to " + loose["above"] + ", which no device has"
    return told.where(loose["above"] == "", belongs)


def _places(live: pd.DataFrame) -> Text:
    """The own site of each line, or anywhere for all lines of a product of which one maps to none."""
    product = key(live, "vendor", "base")
    somewhere = product.isin(set(product[live["own_site"] == ""]))
    return live["own_site"].where(~somewhere, _ANYWHERE)


def _free(units: pd.DataFrame, lines: pd.DataFrame, live: pd.DataFrame) -> pd.DataFrame:
    """The units of the lines' products that no line of their own serial in force pays for, with `place`."""
    live_own = (lines["matched_by"] == BY_SERIAL) & lines["hardware"] & lines["standing"].isin(_LIVE)
    own = lines["unit"].to_numpy(dtype=np.int64)[(live_own & (lines["unit"] != NONE)).to_numpy(dtype=bool)]
    paid = units["group"].to_numpy()[own]
    product = key(units, "vendor", "base")
    chosen: Bools = product.isin(set(key(live, "vendor", "base"))).to_numpy(dtype=bool)
    free = units[chosen & ~units["group"].isin(paid).to_numpy(dtype=bool)].drop_duplicates("group")
    anywhere = product[free.index].isin(set(key(live[live["place"] == _ANYWHERE], "vendor", "base")))
    here = mapped(free["site"], {site: plain(str(site)) for site in free["site"].unique()})
    return free.assign(place=here.where(~anywhere, _ANYWHERE))


def _told(live: pd.DataFrame, free: pd.DataFrame, fleet: Polled) -> Mapping[str, str]:
    """The counts in words, by vendor, product and place."""
    seen = free.groupby(["vendor", "base", "place"]).size().to_dict()
    quantity = np.maximum(numbers(live["quantity"]), 1)
    bought = live.assign(bought=quantity).groupby(["vendor", "base", "place"], as_index=False)["bought"].sum()
    unread = {plain(str(s)) for s in fleet.targets["site"][fleet.targets["inventory_state"] != COMPLETE].unique()}
    told = {}
    for vendor, base, place, paid in bought.itertuples(index=False):
        found = int(seen.get((vendor, base, place), 0))
        where = "" if place == _ANYWHERE else f" at site {place}"
        more = f", {found - paid} more than are paid for" if found > paid else ""
        partly = bool(unread) if place == _ANYWHERE else not unread.isdisjoint((place, ""))
        doubt = ", though not every device there was read in full" if partly else ""
        told[f"{vendor}\x1f{base}\x1f{place}"] = f"{paid} of {base} bought, {found} seen{where}{more}{doubt}"
    return told
