"""Rules of the vendor's own donations: the units, and the contracts that came with them.

`grant` in the register is the vendor's donation. A unit that went back under an RMA has been returned, and the unit
that came in its place is granted like it: neither end of a replacement is called foreign, missing or to be returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from reconcile.blocks import asset
from reconcile.columns import NONE, Row, Text, among, days, key, of_serials, records
from reconcile.findings import Finding, of_line, of_unit, origin, place
from reconcile.grants import GRANT, OVER, RUNNING, granted_assets, provenances, terms
from reconcile.grants import donated as donated_lines
from reconcile.ledger import Ledger, trust
from reconcile.policy import bare
from reconcile.products import base_forms, mapped
from reconcile.rules.rows import best_lines, contract_of, line_groups, unit_rows
from reconcile.standing import ACTIVE, PENDING
from reconcile.whereabouts import last_seen, unproven

_LIVE: Final = (ACTIVE, PENDING)
_LOCATE: Final = (
    "Find it: if it is in use, put its device on the target list; if it is not, record in_use=no and return it."
)


def to_return(ledger: Ledger) -> Iterator[Finding]:
    """A granted unit is recorded as no longer used and not as returned; or nobody can find it.

    Not seen is not "no longer used": a granted unit that no device has, though every device that could hold it was read
    in full, is a warning to locate it (info until a second complete run agrees). With `in_use` no in the register it is
    an error to return it, seen or not.

    Rests on: S0, S1: granted equipment that is no longer used goes back to the vendor through its takeback programme
    [S]. How many runs must agree is a setting [R]. Not checked with the vendor.

    Exempt: spares, units recorded as disposed of, both ends of a replacement.

    Action: Return it through the vendor's takeback and recycling programme; do not sell, exchange or scrap it. / Find
    it: if it is in use, put its device on the target list; if it is not, record in_use=no and return it.
    """
    assets = granted_assets(ledger)
    assets = assets[(assets["disposed"].str.strip() == "") & ~among(key(assets, "vendor", "serial"), _swapped(ledger))]
    unused = assets["in_use"].map(bare).isin(("no", "n", "false", "0"))
    yield from _unused(assets[unused], ledger)
    yield from _lost(assets[~unused], ledger)


def disposed(ledger: Ledger) -> Iterator[Finding]:
    """A granted unit is recorded as sold, exchanged or scrapped.

    Rests on: S0, S1: an organisation that receives a grant does not sell, exchange or otherwise dispose of the
    equipment; it returns it [S].

    Exempt: units recorded as returned, and those that went back under an RMA.

    Action: Tell whoever answers for the grant, and settle it with the grant team; if the record is wrong, correct it.
    """
    assets = granted_assets(ledger)
    gone = assets[~assets["disposed"].map(bare).isin(("", "returned"))]
    back = set(key(ledger.rma, "vendor", "old_serial"))
    for row in records(gone[~among(key(gone, "vendor", "serial"), back)]):
        yield Finding(
            "DON-DISPOSED",
            f"{_named(row)} was granted and is recorded as {row['disposed'].strip()}",
            "Tell whoever answers for the grant, and settle it with the grant team; "
            "if the record is wrong, correct it.",
            {"register": origin(row), "disposed": row["disposed"].strip(), "grant_id": row["grant_id"]},
            **_of_asset(row),
        )  # fmt: skip


def foreign(ledger: Ledger) -> Iterator[Finding]:
    """A serial is on a donated contract, and the register says that it came from elsewhere than a grant.

    Rests on: S0: donated support goes with an eligible product grant only; owners get agreements for their other
    equipment themselves [S]. By which words a line tells its programme is a list of the policy [R]. Not checked with
    the vendor.

    Exempt: serials of unknown provenance, and both ends of a replacement.

    Action: Have it taken off <contract> and get an agreement of your own for it; if it was granted, correct the
    register.
    """
    lines, units = ledger.lines, ledger.units
    given = lines[donated_lines(lines, ledger) & lines["standing"].isin(_LIVE) & (lines["serial"] != "")]
    given = given[(given["line_kind"] == "hardware") & ~among(key(given, "vendor", "serial"), _swapped(ledger))]
    if given.empty:
        return
    came = _provenance_of(given, ledger)
    wrong = given.assign(came=came)[~came.isin(("", GRANT))]
    held = {u["row"]: u for u in unit_rows(ledger, units.index.to_series().isin(wrong["unit"]))}
    for rows in line_groups(wrong):
        line = rows[0]
        unit = held.get(line["unit"])
        named = {name: line[name] for name in ("vendor", "serial", "product_id", "hostname", "site")}
        yield Finding(
            "DON-FOREIGN",
            f"{_named(line)} is on the donated {contract_of(line)}, and the register calls it {line['came']}",
            f"Have it taken off {contract_of(line)} and get an agreement of your own for it; "
            "if it was granted, correct the register.",
            {"lines": [origin(row) for row in rows], "programme": line["programme"], "provenance": line["came"]},
            **(of_unit(unit) if unit else named), **of_line(line), lines=tuple(row["row"] for row in rows),
            change="REVIEW",
        )  # fmt: skip


def missing(ledger: Ledger) -> Iterator[Finding]:
    """A granted unit is within the term of its grant and on no donated contract in force or to come.

    Where no line of a serial tells its programme, any line in force will do. The term begins with the grant, else with
    the shipment. Said only where the vendor's contract sources are loaded, complete and fresh, and not before the
    contract of its shipment is due.

    Rests on: S1: donations include five years of 8x5xNBD support, found by request, serial or order [S].

    Exempt: units that cannot be covered, both ends of a replacement, and grants without a date.

    Action: Look its contract up by the order or the serial; if it is on none, write to the grant team.
    """
    if granted_assets(ledger).empty:
        return
    units, lines = ledger.units, ledger.lines
    sound = [vendor for vendor, fault in trust(ledger.inputs).items() if not fault]
    chosen = (terms(ledger) == RUNNING) & (units["treatment"] == "require") & units["vendor"].isin(sound)
    chosen &= (
        (units["block"] == "") & (units["serial"] != "") & ~among(key(units, "vendor", "serial"), _swapped(ledger))
    )
    if not bool(chosen.any()):
        return
    paid = (lines["programme"].str.strip() != "") & ~donated_lines(lines, ledger)
    fit = lines["standing"].isin(_LIVE) & lines["own"] & ~paid & (lines["unit"] != NONE)
    groups = units["group"].reindex(lines["unit"][fit])
    chosen &= ~units["group"].isin(groups)
    due = ledger.as_of.toordinal() - ledger.policy.orders.activation_days
    shipped = days(asset(units, ledger.register, "ship_date"))
    for unit in unit_rows(ledger, chosen & (shipped <= due)):
        row = _asset(unit, ledger)
        yield Finding(
            "DON-MISSING",
            f"{_named(unit)} was granted ({row['grant_date'] or row['ship_date']}) and is on no donated contract",
            "Look its contract up by the order or the serial; if it is on none, write to the grant team.",
            {"unit": place(unit), "register": origin(row),
             **{n: row[n] for n in ("grant_id", "request_number", "sales_order") if row[n]}},
            **of_unit(unit),
        )  # fmt: skip


def ended(ledger: Ledger) -> Iterator[Finding]:
    """The term of a granted unit's support is over and the unit is still in use.

    By its line that has ended, or by the date of the grant where it is on no line. Stands beside the finding that asks
    for cover, and says that it will not be another donation.

    Rests on: S0, S1: when the donated coverage ends, further coverage is bought through a reseller, year by year [S].

    Exempt: units that cannot be covered anew.

    Action: Buy its further coverage through a reseller: the vendor donates no second term.
    """
    if granted_assets(ledger).empty:
        return
    units = ledger.units
    term = terms(ledger)
    chosen = (units["treatment"] == "require") & (
        ((units["verdict"] == "expired") & (term != "")) | ((units["verdict"] == "uncovered") & (term == OVER))
    )
    held = best_lines(ledger, chosen)
    for unit in unit_rows(ledger, chosen):
        line, row = held[unit["line"]], _asset(unit, ledger)
        when = f"granted {row['grant_date'] or row['ship_date']}"
        if line["line_end"]:
            over = line["line_end"] < ledger.as_of.isoformat()
            when = f"its line ended on {line['line_end']}" if over else f"its line has the status {line['line_status']}"
        yield Finding(
            "DON-ENDED",
            f"The donated term of {_named(unit)} is over ({when}), and it is in use",
            "Buy its further coverage through a reseller: the vendor donates no second term.",
            {"unit": place(unit), "register": origin(row), **({"line": origin(line)} if line["source_file"] else {})},
            **of_unit(unit), **of_line(line),
        )  # fmt: skip


def _unused(assets: pd.DataFrame, ledger: Ledger) -> Iterator[Finding]:
    if assets.empty:
        return
    units = ledger.units
    named = of_serials(units, assets) & (units["serial"] != "")
    seen = {(u["vendor"], u["serial"]): u for u in unit_rows(ledger, named)}
    for row in records(assets):
        unit = seen.get((row["vendor"], row["serial"]))
        where = f"; it is still in {unit['hostname'] or unit['address']}" if unit else ""
        yield Finding(
            "DON-RETURN",
            f"{_named(row)} was granted and is recorded as no longer used{where}",
            "Return it through the vendor's takeback and recycling programme; do not sell, exchange or scrap it.",
            {"register": origin(row), "in_use": row["in_use"], **({"unit": place(unit)} if unit else {})},
            **(of_unit(unit) | {"source_file": row["source_file"], "source_row": row["source_row"]}
               if unit else _of_asset(row)),
            change="RETURN", confirm=False,
        )  # fmt: skip


def _lost(assets: pd.DataFrame, ledger: Ledger) -> Iterator[Finding]:
    held = of_serials(assets, ledger.units) | of_serials(assets, ledger.spares)
    asked = assets[~(held | of_serials(assets, ledger.near, by="line_serial"))]
    if asked.empty:
        return
    asked = asked.assign(base=base_forms(asked["product_id"], ledger.policy), hostname="", own_site="")
    why = unproven(asked, last_seen(asked, ledger.history), ledger.fleet, ledger.policy)
    before = ledger.inputs.previous_findings
    known = set() if before is None else set(before["key"][before["status"] != "closed"])
    for row in records(asked[why == ""]):
        finding = Finding(
            "DON-RETURN",
            f"{_named(row)} was granted and was not found, though every device that could hold it was read in full",
            _LOCATE, {"register": origin(row), "in_use": row["in_use"]},
            severity="warning", **_of_asset(row),
        )  # fmt: skip
        settled = ledger.policy.not_seen_runs == 1 or finding.key in known
        yield finding if settled else replace(finding, severity="info")


def _swapped(ledger: Ledger) -> set[str]:
    """Both ends of every replacement: of the RMA list, of the lines' own replacement serials, and of the pairs."""
    lines, pairs = ledger.lines, ledger.pairs
    said = lines[lines["replacement_serial"] != ""]
    return {
        *key(ledger.rma, "vendor", "old_serial"), *key(ledger.rma, "vendor", "new_serial"),
        *key(said, "vendor", "serial"), *key(said, "vendor", "replacement_serial"),
        *key(pairs, "vendor", "old_serial"),
        *key(ledger.units.loc[pairs["unit"].to_numpy()], "vendor", "serial"),
    }  # fmt: skip


def _provenance_of(lines: pd.DataFrame, ledger: Ledger) -> Text:
    """The provenance of each line's unit, else of its serial in the register; "" where it is not known."""
    register = ledger.register
    words = register["provenance"].map(lambda word: "" if bare(word) == "unknown" else bare(word))
    by_serial = dict(zip(key(register, "vendor", "serial"), words, strict=True))
    own = mapped(key(lines, "vendor", "serial"), by_serial)
    of_units = provenances(ledger).reindex(lines["unit"]).fillna("").set_axis(lines.index)
    return of_units.where(of_units != "", own)


def _asset(unit: Row, ledger: Ledger) -> Row:
    return records(ledger.register.iloc[[unit["asset"]]])[0]


def _of_asset(row: Row) -> dict[str, Any]:
    names = ("vendor", "serial", "product_id", "owner", "source_file", "source_row")
    return {name: row[name] for name in names}


def _named(row: Row) -> str:
    return f"{row['product_id']} {row['serial']}".strip()
