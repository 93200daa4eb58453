"""What to ask for when a unit is to be put on a contract, or moved on one: taken from the lines its neighbours have.

A suggestion, never a match: the contract, service level and end date that most lines in force have on the same
device, else for the same product at the site, else at the site; and the site as that provider writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from reconcile.columns import NONE, Text, alike, cells_at, days, records, tally
from reconcile.ledger import Ledger
from reconcile.sites import contract_sites
from reconcile.standing import ACTIVE

_OFFER: Final = ("provider", "contract_number", "service_level", "line_end")
_SITE: Final = ("site_id", "site_name", "site_address", "site_city", "site_country", "contact_email")
_DONATED: Final = r"(?i)donat|grant"
"""Programmes of a vendor's donation, which takes no equipment that was bought (S0)."""
_NEAREST: Final = (
    ("on this device", ("vendor", "address")),
    ("of this product at this site", ("vendor", "own_site", "base")),
    ("at this site", ("vendor", "own_site")),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """The contract that a unit's neighbours are on."""

    provider: str
    contract_number: str
    service_level: str
    line_end: str
    count: int
    where: str
    """How near those neighbours are, for people."""


@dataclass(frozen=True, slots=True)
class Offers:
    """What the lines of neighbours suggest; built once a ledger."""

    by_place: tuple[tuple[str, tuple[str, ...], dict[tuple[str, ...], dict[str, Any]]], ...] = ()
    sites: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    """(vendor, provider, site) and (vendor, "*", site) -> the site's words on most lines."""
    listed: dict[str, dict[str, str]] = field(default_factory=dict)
    """Site -> its row of the user's list of sites, where the list has but one name or number for it."""

    def of(self, unit: dict[str, Any]) -> Offer | None:
        """The contract to put *unit* (a row of the ledger) on, None where no neighbour has a line in force."""
        values = {**unit, "own_site": _plain(unit.get("site", ""))}
        for where, names, table in self.by_place:
            told = tuple(str(values.get(name, "")) for name in names)
            if all(told) and (row := table.get(told)):
                return Offer(**{name: row[name] for name in _OFFER}, count=int(row["count"]), where=where)
        return None

    def site(self, vendor: str, provider: str, site: str) -> dict[str, str]:
        """How the provider writes the user's *site*: `target_site_id` and the columns of the site; the user's name for
        it where no line tells more."""
        plain = _plain(site)
        if not plain:
            return {}
        listed = self.listed.get(plain, {})
        told = self.sites.get((vendor, provider, plain)) or (
            self.sites.get((vendor, "*", plain), {}) if not provider else {}
        )
        named = {name: str(told.get(name, "")) for name in _SITE}
        found = {"target_site_id": named.pop("site_id") or listed.get("site_id", ""), **named}
        return {**found, "site_name": found["site_name"] or listed.get("contract_site_name", "") or site}


def offers(ledger: Ledger) -> Offers:
    """What the lines in force suggest."""
    lines, units = ledger.lines, ledger.units
    if lines.empty:
        return Offers(listed=_listed(ledger.inputs.sites))
    held = lines["unit"] != NONE
    rows = lines["unit"][held].to_numpy(dtype=np.int64)
    said = lines.loc[held, ["site_id", "site_name"]]
    mapped = contract_sites(said, ledger.inputs.sites)
    seen = cells_at(units["site"].str.strip().str.lower(), rows, said.index)
    own_site = mapped.where(mapped != "", seen)
    sites = _sites(lines.loc[held, ["vendor", "provider", *_SITE]].assign(own_site=own_site))
    address = cells_at(units["address"], rows, said.index)
    del said, mapped, seen
    return Offers(_by_place(held, address, own_site, ledger), sites, _listed(ledger.inputs.sites))


def _by_place(held: pd.Series[bool], address: Text, own_site: Text, ledger: Ledger) -> tuple[Any, ...]:
    lines = ledger.lines
    fit = held & (lines["standing"] == ACTIVE) & lines["hardware"] & (lines["line_kind"] == "hardware")
    fit &= ~lines["programme"].str.contains(_DONATED, regex=True) & (lines["contract_number"] != "")
    live = lines.loc[fit, ["vendor", "base", *_OFFER]]
    far = days(live["line_end"]) > ledger.as_of.toordinal() + ledger.policy.expiring_days
    live = live.assign(address=address[fit[held]], own_site=own_site[fit[held]], lasting=far)
    return tuple((where, names, _commonest(live, names, _OFFER)) for where, names in _NEAREST)


def _commonest(lines: pd.DataFrame, names: tuple[str, ...], what: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
    """By the values of *names* the commonest of *what*; one that lasts before one that ends soon, then the later."""
    wanted = list(dict.fromkeys((*names, *what)))
    alike_rows = alike(lines, *wanted)  # the end of a line decides whether it is lasting
    count = np.bincount(alike_rows)[alike_rows]
    ends, _ = pd.factorize(lines["line_end"], sort=True)
    # the likeliest of each place by one number, so that few rows are left to be sorted
    rank = (lines["lasting"].to_numpy(dtype=np.int64) * (len(lines) + 1) + count) * (len(lines) + 1) + ends
    place = alike(lines, *names)
    best = np.zeros(len(lines), dtype=np.int64)
    np.maximum.at(best, place, rank)
    likeliest = np.flatnonzero(rank == best[place])
    first = lines[wanted].iloc[likeliest].assign(count=count[likeliest])
    first = first.sort_values(list(what), kind="stable").drop_duplicates(list(names))
    return {tuple(str(row[name]) for name in names): row for row in records(first)}


def _sites(held: pd.DataFrame) -> dict[tuple[str, ...], dict[str, Any]]:
    named = (held[list(_SITE[:-1])] != "").any(axis=1)
    told = held[named & (held["own_site"] != "")]
    counts = tally(told, "vendor", "provider", "own_site", *_SITE).sort_values(
        ["vendor", "provider", "own_site", *_SITE], kind="stable"
    )
    counts = counts.sort_values("count", ascending=False, kind="stable")
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in records(counts):
        found.setdefault((row["vendor"], row["provider"], row["own_site"]), row)
        found.setdefault((row["vendor"], "*", row["own_site"]), row)
    return found


def _listed(sites: pd.DataFrame | None) -> dict[str, dict[str, str]]:
    if sites is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for site, rows in sites.groupby(sites["site"].str.strip().str.lower()):
        names = {name: {cell for cell in rows[name] if cell} for name in ("site_id", "contract_site_name")}
        found[str(site)] = {name: min(cells) if len(cells) == 1 else "" for name, cells in names.items()}
    return found


def _plain(site: str) -> str:
    return site.strip().lower()
