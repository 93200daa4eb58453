"""What the policy's `[ignore]` leaves out: units that need no cover, lines that are not missed."""

from __future__ import annotations

import re
from fnmatch import translate

import pandas as pd

from collectors.serials import canonical
from reconcile.columns import Bools, Text, among, hosts
from reconcile.policy import Policy
from reconcile.products import matches


def ignored_units(units: pd.DataFrame, policy: Policy) -> Bools:
    """Units left out by serial, by product id, or by the host or address they sit in."""
    named = _named(units, policy)
    found: Bools = named | of_hosts(units["hostname"], policy) | of_hosts(units["address"], policy)
    return found


def ignored_lines(lines: pd.DataFrame, policy: Policy) -> Bools:
    """Lines left out by serial, by product id, or by the host they name."""
    found: Bools = _named(lines, policy) | of_hosts(lines["hostname"], policy)
    return found


def of_hosts(column: Text, policy: Policy) -> Bools:
    """Whether each host name (whole, or without its domain) or address is one of `[ignore] hosts`, in any case."""
    globs = [translate(glob.strip().lower()) for glob in policy.ignore.hosts if glob.strip()]
    one = re.compile("|".join(globs) or r"(?!)")
    whole = column.str.strip().str.lower() if globs else column
    said = {name for name in whole.unique() if one.match(str(name))}
    bare = hosts(column) if globs else column
    said_bare = {name for name in bare.unique() if one.match(str(name))}
    found: Bools = ((whole.isin(said) | bare.isin(said_bare)) & (column != "")).to_numpy(dtype=bool)
    return found


def _named(frame: pd.DataFrame, policy: Policy) -> Bools:
    serials = set(map(canonical, policy.ignore.serials)) - {""}
    by_product = matches(frame["product_id"], policy.ignore.product_ids)
    found: Bools = (among(frame["serial"], serials) | by_product).to_numpy(dtype=bool)
    return found
