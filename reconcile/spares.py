"""The shelf: how many spares stand beside the units whose agreement sends no replacement in advance."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import NONE, of_serials
from reconcile.ledger import Ledger
from reconcile.policy import Policy
from reconcile.products import base_forms, mapped, matches
from reconcile.standing import ACTIVE

SPARE_STOCK: Final = ("vendor", "product_id", "site_group", "sites", "units", "spares", "wanted", "shortfall")
OTHERS: Final = "other sites"
"""The group of every site that the policy puts in none."""
EVERYWHERE: Final = "all sites"
"""The one group of a policy that names none."""
_VENDOR: Final = "smartoptics"


def spare_stock(ledger: Ledger) -> pd.DataFrame:
    """One row a base part number and group of sites with units under such an agreement (`SPARE_STOCK`, all text).

    `sites` are parted by "; ". `spares` are those of the list of spares that no device holds in this run; `wanted` is
    the policy's number, `shortfall` what is missing to it. Empty where there are no such units.
    """
    units = ledger.units
    chosen = _kept_by_owner(ledger)
    rows = units[chosen].drop_duplicates(["vendor", "serial"])
    rows = rows.assign(site_group=_groups(rows["site"], ledger.policy), product_id=rows["base"])
    found = (
        rows.groupby(["vendor", "product_id", "site_group"])
        .agg(
            sites=("site", lambda sites: "; ".join(sorted({str(site) for site in sites if site}))),
            units=("serial", "size"),
        )
        .reset_index()
    )
    shelf = _shelf(ledger).groupby(["vendor", "product_id", "site_group"]).size()
    held = shelf.reindex(pd.MultiIndex.from_frame(found[["vendor", "product_id", "site_group"]])).fillna(0)
    wanted = ledger.policy.smartoptics.spares_per_model
    spares = held.to_numpy(dtype=np.int64)
    found = found.assign(spares=spares, wanted=wanted, shortfall=np.maximum(wanted - spares, 0))
    return found[list(SPARE_STOCK)].astype("str").sort_values(["vendor", "product_id", "site_group"], ignore_index=True)


def _kept_by_owner(ledger: Ledger) -> pd.Series[bool]:
    """Units covered by a line in force whose service level leaves the spares to their owner."""
    units, lines = ledger.units, ledger.lines
    own = matches(lines["service_level"], ledger.policy.smartoptics.own_spares) & (lines["standing"] == ACTIVE)
    flags = np.append(own.to_numpy(dtype=bool), False)  # the place of NONE, which is the last
    on_line = pd.Series(flags[units["line"].to_numpy(dtype=np.int64)], index=units.index)
    chosen: pd.Series[bool] = (units["vendor"] == _VENDOR) & (units["treatment"] != "ignore") & (units["serial"] != "")
    return chosen & on_line & (units["verdict"] == "covered") & (units["line"] != NONE) & (units["base"] != "")


def _shelf(ledger: Ledger) -> pd.DataFrame:
    spares = ledger.spares.assign(
        product_id=base_forms(ledger.spares["product_id"], ledger.policy),
        site_group=_groups(ledger.spares["site"], ledger.policy),
    ).drop_duplicates(["vendor", "serial"])
    return spares[~of_serials(spares, ledger.units)]


def _groups(sites: pd.Series[str], policy: Policy) -> pd.Series[str]:
    """The group of each site: the first of the policy's whose names or patterns (``Bergen*``) fit it."""

    rest = OTHERS if policy.smartoptics.site_groups else EVERYWHERE

    def group(site: str) -> str:
        plain = site.strip().casefold()
        return next(
            (
                name
                for name, patterns in policy.smartoptics.site_groups.items()
                if any(fnmatchcase(plain, pattern.strip().casefold()) for pattern in patterns)
            ),
            rest,
        )

    return mapped(sites, {site: group(str(site)) for site in sites.unique()})
