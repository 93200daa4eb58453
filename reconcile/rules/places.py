"""The rule of sites: a unit stands elsewhere than its contract says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from reconcile.columns import NONE, Row, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.ledger import Ledger
from reconcile.matching import BY_SERIAL
from reconcile.rules.rows import contract_of, line_groups, many, unit_rows
from reconcile.sites import Names, names, plain
from reconcile.standing import ACTIVE, PENDING

_SAID: Final = "\x1f"
_PLACES: Final = ("site_id", "site_name", "unit", "matched_by")


def site(ledger: Ledger) -> Iterator[Finding]:
    """A unit stands at another site than its contract line says, by the site table that knows both.

    A provider's site is known by its number, else by its name; a name that stands for several sites of yours fits each
    of them. A provider's site that the table does not know is one finding of its own (info), with the sites at which
    its units were seen.

    Rests on: S0: the install site is to be confirmed, for parts are sent there [S]. Parts cannot be sent to a site that
    the contract does not list [V].

    Exempt: units whose own site is not in the table; lines that name no site.

    Action: Have the install site of <serial> on contract <number> changed to <site>. / Add a row with
    contract_site_name <name> and your own name of that site to the list of sites.
    """
    lines, units = ledger.lines, ledger.units
    known = names(ledger.inputs.sites)
    holds = lines["standing"].isin((ACTIVE, PENDING)) & lines["hardware"] & ~lines["ignored"]
    live = lines[[*_PLACES]][holds]
    live = live[(live["site_id"].str.strip() != "") | (live["site_name"].str.strip() != "")]
    asked = records(live[["site_id", "site_name"]].drop_duplicates())
    own = {_SAID.join((r["site_id"], r["site_name"])): _own(r, known) for r in asked}
    said = live["site_id"] + _SAID + live["site_name"]
    mapped = said.isin({words for words, sites in own.items() if sites})
    yield from _unmapped(lines.loc[live.index[~mapped]], units)
    live = live[mapped & (live["unit"] != NONE) & (live["matched_by"] == BY_SERIAL)]
    at = units["site"].reindex(live["unit"]).set_axis(live.index)
    both = at + _SAID + said[live.index]
    differ = {words for words in both.unique() if _differ(str(words), own, known)}
    away = lines.loc[live.index[both.isin(differ)]]
    chosen = units.index.to_series().isin(away["unit"]) & (units["treatment"] != "ignore")
    held = {u["row"]: u for u in unit_rows(ledger, chosen)}
    for rows in line_groups(away[away["unit"].isin(held)]):
        yield _elsewhere(held[rows[0]["unit"]], rows, known)


def _differ(both: str, own: Mapping[str, frozenset[str]], known: Names) -> bool:
    """Whether the table knows the unit's site, and the contract's (after it in *both*) is another one."""
    at, _, said = both.partition(_SAID)
    return plain(at) in known.spelled and plain(at) not in own[said]


def _elsewhere(unit: Row, rows: list[Row], known: Names) -> Finding:
    line, here = rows[0], known.spelled[plain(unit["site"])]
    said = line["site_name"] or line["site_id"]
    ours = f" (your {line['site']})" if line["own_site"] and plain(said) != line["own_site"] else ""
    return Finding(
        "COV-SITE",
        f"{unit['product_id']} {unit['serial']} stands at {here}, {contract_of(line)} says {said}{ours}",
        f"Have the install site of {unit['serial']} on {contract_of(line)} changed to {here}.",
        {"unit": {**place(unit), "site": here}, "lines": [origin(row) for row in rows], "site_name": line["site_name"],
         "site_id": line["site_id"]},
        **of_unit(unit), **of_line(line), lines=tuple(row["row"] for row in rows), change="MOVE_SITE",
    )  # fmt: skip


def _own(line: Row, known: Names) -> frozenset[str]:
    nothing: frozenset[str] = frozenset()
    by_id = known.by_id.get(plain(line["site_id"]), nothing) if line["site_id"].strip() else nothing
    return by_id or known.by_name.get(plain(line["site_name"]), nothing)


def _unmapped(lines: pd.DataFrame, units: pd.DataFrame) -> Iterator[Finding]:
    """One finding for each provider's site that the table does not know."""
    if lines.empty:
        return
    said = lines["site_name"].where(lines["site_name"].str.strip() != "", lines["site_id"])
    words: Mapping[object, str] = {cell: plain(str(cell)) for cell in said.unique()}
    at = units["site"].reindex(lines["unit"]).fillna("").set_axis(lines.index)
    number = pd.to_numeric(lines["source_row"], errors="coerce")
    rows = lines.assign(said=said, plain=said.map(words), at=at, number=number)
    rows = rows.sort_values(["vendor", "plain", "source_file", "number"])
    for (vendor, name), group in rows.groupby(["vendor", "plain"]):
        line = records(group.head(1))[0]
        seen = Counter(cell for cell in group["at"] if cell)
        yield Finding(
            "COV-SITE",
            f"The contracts' site {line['said']} ({many(len(group), 'line')}) is mapped to no site of yours",
            f"Add a row with contract_site_name {line['said']} and your own name of that site to the list of sites.",
            {"line": origin(line), "lines_count": len(group), "site_id": line["site_id"],
             "units_seen_at": dict(sorted(seen.most_common(10)))},
            severity="info", vendor=str(vendor), site=line["said"], subject=str(name),
            source_file=line["source_file"], source_row=line["source_row"],
        )  # fmt: skip
