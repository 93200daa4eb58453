"""The ledger: units, lines and what ties them, with one verdict each. The rules read it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

import numpy as np
import pandas as pd

from reconcile import matching, removed, replaced, standing, tables, verdicts, whereabouts
from reconcile import near as nearness
from reconcile.blocks import blocks
from reconcile.columns import NONE, Bools, Ints, Text, among, codes, first_row, key, of_serials, records, serials, whole
from reconcile.ignored import ignored_lines, ignored_units, of_hosts
from reconcile.lists import only_vendors, owned
from reconcile.policy import Policy
from reconcile.products import base_forms, mapped, matches
from reconcile.quantities import counted
from reconcile.sites import contract_sites, located, shown


@dataclass(frozen=True, slots=True)
class Source:
    """Where contract lines come from, and whether it is the whole truth about a vendor."""

    name: str
    vendor: str = ""
    """"" stands for the vendors of its lines."""
    provider: str = ""
    complete: bool = True
    stale: bool = False
    reason: str = ""
    """Why it is incomplete or stale, for people."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that reconciling needs; None means "not supplied"."""

    as_of: date
    policy: Policy
    units: pd.DataFrame
    licences: pd.DataFrame
    targets: pd.DataFrame
    """TARGETS, and LICENCE_STATES where known."""
    lines: pd.DataFrame | None = None
    """None: no contracts were given, the run is an inventory."""
    sources: tuple[Source, ...] | None = None
    """None: the lines are the whole truth for the vendors they name."""
    history: pd.DataFrame | None = None
    previous_findings: pd.DataFrame | None = None
    register: pd.DataFrame | None = None
    spares: pd.DataFrame | None = None
    rma: pd.DataFrame | None = None
    entitlements: pd.DataFrame | None = None
    software: pd.DataFrame | None = None
    eox: pd.DataFrame | None = None
    sites: pd.DataFrame | None = None
    profile: pd.DataFrame | None = None
    accepted: pd.DataFrame | None = None
    absent: pd.DataFrame | None = None
    """What became of known units that were not seen (`tables.ABSENT`); `history` holds their last sightings too."""
    arrived: pd.DataFrame | None = None
    """Since when units are on their device (`tables.ARRIVED`); None: not known of any."""
    lives: pd.DataFrame | None = None
    """Findings that were closed before (`tables.LIVES`)."""
    notes: pd.DataFrame | None = None
    """What people wrote beside findings (`tables.NOTES`)."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything matched and judged. Row numbers tie the tables: a unit's `line`, `parent`, `asset`; a line's `unit`.

    `units` has the columns of UNITS (row number as index) and `treatment, ignored, group, base, parent, line,
    matched_by, verdict, reason, entitles, last_date_of_support, asset, block, block_reason, end_of_life, counted`;
    `lines` those of LINES and `above, own_site, site, ignored, visible, standing, entitles, hardware, base, unit,
    matched_by, own, spare, verdict, reason`. A line's `site` is the operator's own where it maps (`own_site`, in lower
    case), else the contract's; `above` is the serial of its parent, `visible` whether its contract number can be read.
    """

    inputs: Inputs
    units: pd.DataFrame
    lines: pd.DataFrame
    pairs: pd.DataFrame
    near: pd.DataFrame
    register: pd.DataFrame
    """Empty where none was supplied."""
    rma: pd.DataFrame
    targets: pd.DataFrame
    fleet: whereabouts.Polled
    licences: pd.DataFrame
    spares: pd.DataFrame
    history: pd.DataFrame

    @property
    def as_of(self) -> date:
        """The day on which everything is judged."""
        return self.inputs.as_of

    @property
    def policy(self) -> Policy:
        """The judgements as data."""
        return self.inputs.policy


def build(inputs: Inputs) -> Ledger:
    """Match and judge. Pure: the clock is `inputs.as_of`."""
    policy = inputs.policy
    units = _units(inputs)
    lines = _lines(inputs)
    vendors = cache(partial(only_vendors, units, lines))
    register = owned(inputs.register, tables.REGISTER, vendors)
    rma = owned(inputs.rma, tables.RMA, vendors)
    spares = owned(inputs.spares, tables.SPARES, vendors)
    history = owned(inputs.history, tables.HISTORY, vendors)
    targets = _at_sites(inputs.targets, inputs.sites)
    targets = targets.assign(**{name: "" for name in tables.LICENCE_STATES if name not in targets.columns})
    fleet = whereabouts.polled(targets, units, history, policy)
    lines = matching.take(units, lines, policy)
    pairs = replaced.pairs(
        units, lines, history=history, fleet=fleet, rma=rma, spares=spares, sites=inputs.sites, policy=policy,
        arrived=inputs.arrived, absent=inputs.absent, recorded=inputs.previous_findings,
    )  # fmt: skip
    near = nearness.near(units, lines.loc[~_parted_with(lines, rma, register), list(nearness.READ)], pairs, policy)
    pairs = pairs[~_explained(pairs, near)]
    lines = _with_pairs(lines, pairs)
    units = _with_best_lines(units, lines, pairs)
    units = units.assign(parent=matching.parents(units), asset=_assets(units, pairs, register))
    units = units.assign(**blocks(units, lines, register, inputs.eox, inputs.as_of, policy))
    uncounted, counts = counted(units, lines, fleet, policy)
    units = units.assign(counted=counts)
    units = verdicts.judge_units(units, lines, pairs, register, trust(inputs), inputs.as_of, policy)
    lines = lines.assign(spare=of_serials(lines, spares))
    held, gone = _removals(lines, inputs.absent)
    unproven = held.where(gone != "", _unproven(lines, history, fleet, policy).where(held == "", held))
    hints = nearness.told(lines, units, near) + gone
    lines = verdicts.judge_lines(lines, unproven.where(unproven != "", uncounted), hints)
    return Ledger(
        inputs,
        units,
        lines,
        pairs,
        near,
        register,
        rma,
        targets,
        fleet,
        inputs.licences[~of_hosts(inputs.licences["hostname"], policy)].reset_index(drop=True),
        spares,
        history,
    )


def _units(inputs: Inputs) -> pd.DataFrame:
    policy = inputs.policy
    units = whole(_at_sites(inputs.units, inputs.sites))
    units = units.assign(serial=serials(units["serial"]))
    units = units.assign(ignored=ignored_units(units, policy))
    treatment = mapped(units["kind"], {k: policy.components.get(str(k), "ignore") for k in units["kind"].unique()})
    treatment = treatment.where(~units["ignored"], "ignore")
    return units.assign(
        group=matching.serial_groups(units),
        parent_serial=serials(units["parent_serial"]),
        treatment=treatment,
        coverable=mapped(treatment, {"require": "yes", "inherit": "yes", "ignore": "no"}),
        base=base_forms(units["product_id"], policy),
    )


def _lines(inputs: Inputs) -> pd.DataFrame:
    policy = inputs.policy
    given = inputs.lines if inputs.lines is not None else tables.table(tables.LINES)
    lines = whole(given.reset_index(drop=True))
    lines = lines.assign(**{name: serials(lines[name]) for name in ("serial", "parent_serial", "replacement_serial")})
    no_serial: Bools = ((lines["line_kind"] == "hardware") & (lines["serial"] == "")).to_numpy(dtype=bool)
    kind = lines["line_kind"].where(~no_serial, "serial_less").where(lines["line_kind"] != "", "hardware")
    own_site = contract_sites(lines, inputs.sites)
    lines = lines.assign(line_kind=kind, base=base_forms(lines["product_id"], policy), own_site=own_site)
    entitles = standing.entitlements(lines, policy)
    return lines.assign(
        standing=standing.standings(lines, inputs.as_of, policy),
        entitles=entitles,
        hardware=matching.hardware(entitles),
        above=matching.above(lines),
        site=shown(lines, own_site, inputs.sites),
        ignored=ignored_lines(lines, policy),
        visible=~matches(lines["contract_number"], policy.lines.masked) & (lines["contract_number"] != ""),
    )


def _at_sites(given: pd.DataFrame, sites: pd.DataFrame | None) -> pd.DataFrame:
    """The rows with their sites, by the site table where they say none."""
    table = given.reset_index(drop=True)
    return table.assign(site=located(table, sites))


def _parted_with(lines: pd.DataFrame, rma: pd.DataFrame, register: pd.DataFrame) -> pd.Series[bool]:
    """Lines of serials that no unit has and that are on record as returned or disposed of: no typing errors."""
    disposed = register[register["disposed"].str.strip() != ""]
    gone = of_serials(lines, rma, by="old_serial") | of_serials(lines, disposed)
    return (lines["unit"] == NONE) & gone


def _explained(pairs: pd.DataFrame, near: pd.DataFrame) -> pd.Series[bool]:
    """Candidates that are near matches too: one typing error is likelier than two units, and told once."""
    candidate: pd.Series[bool] = pairs["confidence"] == replaced.LOW
    return candidate & among(key(pairs, "vendor", "old_serial"), key(near, "vendor", "line_serial"))


def _with_pairs(lines: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The lines, those of a replaced serial taken by the unit in its place."""
    sure = pairs[pairs["confidence"] != replaced.LOW]
    asked = np.flatnonzero((lines["unit"] == NONE) & among(lines["serial"], sure["old_serial"]))
    named = lines[["vendor", "serial"]].iloc[asked]
    line_codes, pair_codes = codes(key(named, "vendor", "serial"), key(sure, "vendor", "old_serial"))
    size = int(max(line_codes.max(initial=-1), pair_codes.max(initial=-1))) + 1
    pair: Ints = np.full(len(lines), NONE, dtype=np.int64)
    pair[asked] = first_row(pair_codes, np.arange(len(sure)), size)[line_codes]
    paired: Bools = pair != NONE
    if not paired.any():
        return lines
    unit: Ints = lines["unit"].to_numpy(dtype=np.int64).copy()
    how = lines["matched_by"].to_numpy(dtype=object).copy()
    unit[paired] = sure["unit"].to_numpy(dtype=np.int64)[pair[paired]]
    how[paired] = sure["method"].to_numpy(dtype=object)[pair[paired]]
    return lines.assign(unit=unit, matched_by=pd.Series(how, index=lines.index, dtype="str"))


def _with_best_lines(units: pd.DataFrame, lines: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The units with their best line: their own, else the best of the unit whose place they took."""
    order = matching.preference(lines)
    best = matching.best_lines(units, lines, order)
    of_pairs: Ints = np.full(len(units), NONE, dtype=np.int64)
    inherited = order[lines["matched_by"].isin(set(pairs["method"])).to_numpy(dtype=bool)[order]]
    of_pairs[lines["unit"].to_numpy()[inherited[::-1]]] = inherited[::-1]
    own_standing = lines["standing"].to_numpy(dtype=object)[best] if len(lines) else np.full(len(units), "", object)
    weak: Bools = (best == NONE) | (own_standing == standing.UNLISTED)
    line = np.where(weak & (of_pairs != NONE), of_pairs, best)
    return units.assign(line=line)


def _assets(units: pd.DataFrame, pairs: pd.DataFrame, register: pd.DataFrame) -> Ints:
    """The register's row of each unit; a replacement inherits the row of the serial whose place it took."""
    asked = np.flatnonzero((units["serial"] != "") & among(units["serial"], register["serial"]))
    named = units[["vendor", "serial"]].iloc[asked]
    unit_codes, rows, olds = codes(
        key(named, "vendor", "serial"), key(register, "vendor", "serial"), key(pairs, "vendor", "old_serial")
    )
    size = int(max(c.max(initial=-1) for c in (unit_codes, rows, olds))) + 1
    by_serial = first_row(rows, np.arange(len(register)), size)
    asset: Ints = np.full(len(units), NONE, dtype=np.int64)
    asset[asked] = by_serial[unit_codes]
    sure: Bools = (pairs["confidence"] != replaced.LOW).to_numpy(dtype=bool)
    heirs = pairs["unit"].to_numpy(dtype=np.int64)[sure]
    asset[heirs] = np.where(asset[heirs] == NONE, by_serial[olds[sure]], asset[heirs])
    return asset


def trust(inputs: Inputs) -> Mapping[str, str]:
    """By vendor why *uncovered* cannot be claimed; "" where its sources are loaded, complete and fresh."""
    if inputs.lines is None:
        return {str(vendor): "no contracts were given" for vendor in inputs.units["vendor"].unique()}
    if inputs.sources is None:
        return {str(vendor): "" for vendor in inputs.lines["vendor"].unique() if vendor}
    faults: dict[str, str] = {}
    for source in inputs.sources:
        fault = "" if source.complete and not source.stale else _fault(source)
        told = inputs.lines["vendor"][inputs.lines["source"] == source.name].unique()
        for vendor in (source.vendor,) if source.vendor else told:
            faults[str(vendor)] = faults.get(str(vendor), "") or fault
    return faults


def _fault(source: Source) -> str:
    what = "stale" if source.stale else "not the whole truth"
    return f"the contract source {source.name} is {what}" + (f" ({source.reason})" if source.reason else "")


def _removals(lines: pd.DataFrame, absent: pd.DataFrame | None) -> tuple[Text, Text]:
    """For every line why a person must look before its unit is called missing, and what is known of its removal, which
    later silence of its device does not undo; "" for neither."""
    rows = records(absent) if absent is not None else []
    if not rows:
        nothing = pd.Series("", index=lines.index, dtype="str")
        return nothing, nothing
    named = key(lines, "vendor", "serial")
    names = {f"{r['vendor']}\x1f{r['serial']}": r for r in rows}
    told = {name: names[name] for name in (named[among(named, names)].unique() if names else ())}
    held = {name: removed.doubt(row) for name, row in told.items()}
    gone = {name: f"; {removed.fate(row)}" if removed.fate(row) else "" for name, row in told.items()}
    return mapped(named, held), mapped(named, gone)


def _unproven(lines: pd.DataFrame, history: pd.DataFrame, fleet: whereabouts.Polled, policy: Policy) -> Text:
    """For every line why it cannot be called missing; asked only of hardware lines that no unit took."""
    asked = lines[(lines["unit"] == NONE) & (lines["line_kind"] == "hardware") & ~lines["spare"]]
    seen = whereabouts.last_seen(asked, history)
    reasons = pd.Series("", index=lines.index, dtype="str")
    reasons.loc[asked.index] = whereabouts.unproven(asked, seen, fleet, policy)
    return reasons
