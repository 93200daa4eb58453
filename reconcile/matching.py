"""Which unit takes which line, by serial, and which unit stands for which component.

Identity is (vendor, serial); the product id is only a check, made by a rule. One line is taken by one unit; one unit
may take many lines. Row numbers tie the tables together: a line's `unit` and a unit's `line`, `parent`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from reconcile.columns import (
    NO_DAY,
    NONE,
    Bools,
    Ints,
    Text,
    codes,
    days,
    first_row,
    first_told,
    key,
    numbers,
)
from reconcile.policy import Policy
from reconcile.products import mapped, matches
from reconcile.standing import HARDWARE, ranks

BY_SERIAL: Final = "serial"
BY_PARENT: Final = "parent"
_DEPTH: Final = 8
"""No part sits deeper in a chassis."""


def take(units: pd.DataFrame, lines: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The lines with `unit` (row of the unit that takes them), `matched_by` and `own` (speaks for the unit itself).

    A line with a serial belongs to the unit of that serial. A line with only a parent's serial belongs to the
    parent, but speaks for it only where it names the parent's product, a service or nothing: a power supply's line
    does not cover the chassis.
    """
    sought = lines["serial"].where(lines["serial"] != "", lines["above"])
    unit_codes, line_codes = codes(key(units, "vendor", "serial"), lines["vendor"] + "\x1f" + sought)
    size = int(max(unit_codes.max(initial=-1), line_codes.max(initial=-1))) + 1
    taken = first_row(unit_codes, _settled_order(units), size)[line_codes]
    taken[(sought == "").to_numpy()] = NONE
    by_parent: Bools = ((lines["serial"] == "") & (lines["above"] != "")).to_numpy(dtype=bool)
    found: Bools = taken != NONE
    names_other = by_parent & found & _other_product(units, lines, taken, policy)
    return lines.assign(
        unit=taken,
        matched_by=first_told([(found & by_parent, BY_PARENT), (found, BY_SERIAL)], lines.index),
        own=found & ~names_other,
    )


def above(lines: pd.DataFrame) -> Text:
    """The serial of each line's parent: what the line says, else that of the line whose instance number it names.

    An instance number that two serials carry tells nothing.
    """
    own, asked = lines["instance_number"].str.strip(), lines["parent_instance_number"].str.strip()
    wanted = (lines["parent_serial"] == "") & (asked != "") & (asked != own)
    if not bool(wanted.any()):
        return lines["parent_serial"]
    known = lines[(own != "") & (lines["serial"] != "")].drop_duplicates(["vendor", "instance_number", "serial"])
    names = known["vendor"] + "\x1f" + known["instance_number"].str.strip()
    single = ~names.duplicated(keep=False)
    found = mapped(lines["vendor"] + "\x1f" + asked, dict(zip(names[single], known["serial"][single], strict=True)))
    return lines["parent_serial"].where(~wanted, found)


def best_lines(units: pd.DataFrame, lines: pd.DataFrame, order: Ints) -> Ints:
    """For each unit its best line: hardware before the rest, active with the latest end, then pending, then the rest;
    ties by file and row. Units that share a vendor and serial share their lines. *order* is the `preference`."""
    unit_codes = units["group"].to_numpy(dtype=np.int64)
    size = int(unit_codes.max(initial=-1)) + 1
    mine = order[(lines["own"].to_numpy(dtype=bool) & (lines["unit"].to_numpy() != NONE))[order]]
    best = np.full(size, NONE, dtype=np.int64)
    best[unit_codes[lines["unit"].to_numpy()[mine[::-1]]]] = mine[::-1]
    return best[unit_codes] if len(units) else np.empty(0, dtype=np.int64)


def preference(lines: pd.DataFrame) -> Ints:
    """The row numbers of *lines*, the best line first, the same whatever order the rows came in."""
    ends = days(lines["line_end"])
    latest_first = -np.where(ends == NO_DAY, 2**40, ends)
    files, _ = pd.factorize(lines["source_file"], sort=True)
    not_hardware = ~lines["hardware"].to_numpy(dtype=bool)
    keys = (numbers(lines["source_row"]), files, latest_first, ranks(lines["standing"]), not_hardware)
    return np.lexsort(keys).astype(np.int64)


def serial_groups(units: pd.DataFrame) -> Ints:
    """A number for each (vendor, serial); a unit without a serial is a group of its own."""
    found = codes(key(units, "vendor", "serial"))[0].copy()
    alone = np.flatnonzero(units["serial"] == "")
    found[alone] = int(found.max(initial=-1)) + 1 + np.arange(len(alone))
    return found


def parents(units: pd.DataFrame) -> Ints:
    """For each unit that inherits, the row of the nearest unit above it that has a verdict of its own, or NONE.

    Where no parent is named or found, a device's only such unit is the parent.
    """
    (places,) = codes(key(units, "vendor", "address"))
    own, named = codes(units["serial"], units["parent_serial"])
    # a serial of a device as one number: three million texts of both would have to be told apart
    several = int(max(own.max(initial=-1), named.max(initial=-1))) + 1
    joined, _ = pd.factorize(np.concatenate([places * several + own, places * several + named]))
    here, above = np.split(joined.astype(np.int64), 2)
    order = _settled_order(units)
    size = int(joined.max(initial=-1)) + 1
    holder = first_row(here, order, size)[above]
    holder[(units["parent_serial"] == "").to_numpy()] = NONE
    holder[holder == np.arange(len(units))] = NONE
    requires: Bools = (units["treatment"] == "require").to_numpy(dtype=bool)
    for _ in range(_DEPTH):
        climb: Bools = (holder != NONE) & ~requires[holder]
        holder = np.where(climb, holder[holder], holder)
    holder[(holder != NONE) & ~requires[holder]] = NONE
    required = np.flatnonzero(requires)
    devices = int(places.max(initial=-1)) + 1
    only = first_row(places, required, devices)
    only[np.bincount(places[required], minlength=devices) != 1] = NONE
    holder = np.where(holder == NONE, only[places], holder)
    inherits: Bools = (units["treatment"] == "inherit").to_numpy(dtype=bool)
    return np.where(inherits, holder, NONE).astype(np.int64)


def _settled_order(units: pd.DataFrame) -> Ints:
    """Row numbers in an order that does not hang on the rows' own: by address and slot."""
    addresses, _ = pd.factorize(units["address"], sort=True)
    slots, _ = pd.factorize(units["slot"], sort=True)
    hosts, _ = pd.factorize(units["hostname"], sort=True)
    return np.lexsort((hosts, slots, addresses)).astype(np.int64)


def _other_product(units: pd.DataFrame, lines: pd.DataFrame, taken: Ints, policy: Policy) -> Bools:
    if not len(units):
        return np.zeros(len(lines), dtype=bool)
    line_base: Text = lines["base"]
    unit_base = units["base"].to_numpy(dtype=object)[taken]
    service = matches(lines["product_id"], policy.lines.service_product_ids)
    other: Bools = ((line_base != "") & ~service).to_numpy(dtype=bool) & (line_base.to_numpy(dtype=object) != unit_base)
    return other


def hardware(entitles: Text) -> Bools:
    """Whether each line entitles to hardware replacement."""
    found: Bools = entitles.str.startswith(HARDWARE).to_numpy(dtype=bool)
    return found
