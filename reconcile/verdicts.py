"""The decision tables: exactly one verdict for every coverable unit and for every line.

A table is data: its rows are read from the top, the first whose conditions hold gives the verdict. A condition is the
name of a fact, a leading ``!`` means that the fact does not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from reconcile.blocks import asset, second_hand
from reconcile.columns import NONE, Bools, Ints, Text, cells_at, days, first_told, text
from reconcile.columns import Case as Told
from reconcile.matching import BY_PARENT, BY_SERIAL
from reconcile.policy import Policy, bare
from reconcile.products import mapped, matches
from reconcile.standing import ACTIVE, ENDED, PENDING, UNCLEAR, UNLISTED, flags, words


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a decision table."""

    verdict: str
    conditions: tuple[str, ...]


UNIT_CASES: Final = (
    Case("covered", ("active",)),
    Case("covered", ("part", "parent_active")),
    Case("pending", ("pending",)),
    Case("pending", ("part", "parent_pending")),
    Case("replaced", ("paired",)),
    Case("uncoverable", ("blocked",)),
    Case("expired", ("ended", "!unclear")),
    Case("warranty_only", ("warranty",)),
    Case("uncovered", ("serial", "sourced", "!unclear", "!inherits")),
    Case("unknown", ()),
)
"""Facts of a unit: `active`, `pending`, `ended`, `unclear`: a hardware-entitling line of its own in that standing
(`ended` also: of the unit whose place it took); `paired`: it took the place of a unit whose line is not ended; `part`:
its chassis's line covers it; `inherits`: it is a part without a line of its own and takes its chassis's verdict;
`blocked`: it cannot be covered; `warranty`: a warranty runs, and it is not second-hand; `sourced`: the vendor's
contract sources are loaded, complete and fresh; `serial`: its serial is known."""

LINE_CASES: Final = (
    Case("replaced", ("taken", "by_replacement", "!ended")),
    Case("covered", ("taken", "active")),
    Case("pending", ("taken", "pending")),
    Case("expired", ("taken", "ended")),
    Case("uncovered", ("taken", "unlisted")),
    Case("unknown", ("taken",)),
    Case("not_applicable", ("!hardware_kind", "!serial_less")),
    Case("not_applicable", ("ignored",)),
    Case("spare", ("spare",)),
    Case("unproven", ("serial_less",)),
    Case("unproven", ("could_be_unread",)),
    Case("not_seen", ()),
)
"""Facts of a line: `taken` by a unit, `by_replacement` because the unit took its unit's place; its standing;
`hardware_kind` and `serial_less` by `line_kind`; `ignored` by the policy; `spare`: listed as one; `could_be_unread`:
an unread target could hold its unit, or no target that was read could."""


_REASONED: Final = ("vendor", "serial", "verdict", "matched_by", "line", "counted", "block_reason")
"""What is read of the units for their reasons."""


def decide(cases: Sequence[Case], facts: Mapping[str, Bools]) -> Text:
    """The verdict of each row: the first case whose every condition holds there."""
    size = len(next(iter(facts.values())))
    return first_told([(_holds(case, facts, size), case.verdict) for case in cases], pd.RangeIndex(size))


def judge_units(
    units: pd.DataFrame,
    lines: pd.DataFrame,
    pairs: pd.DataFrame,
    register: pd.DataFrame,
    trust: Mapping[str, str],
    as_of: date,
    policy: Policy,
) -> pd.DataFrame:
    """The units with `matched_by`, `entitles`, `verdict` and `reason`; the ignored ones have no verdict ("").

    *trust* says by vendor why *uncovered* cannot be claimed ("" where it can); a vendor it does not name has no source.
    """
    facts = _unit_facts(units, lines, pairs, register, trust, as_of, policy)
    verdict = decide(UNIT_CASES, facts).set_axis(units.index)
    parent: Ints = units["parent"].to_numpy(dtype=np.int64)
    heirs: Bools = (
        facts["inherits"] & (parent != NONE) & ~np.isin(verdict.to_numpy(dtype=object), ("replaced", "uncoverable"))
    )
    verdict = _through(verdict, heirs, parent)
    ignored: Bools = (units["treatment"] == "ignore").to_numpy(dtype=bool)
    via_parent: Bools = (heirs | ((parent != NONE) & facts["by_parent"])) & ~ignored
    line: Ints = np.where(
        via_parent, units["line"].to_numpy(dtype=np.int64)[parent], units["line"].to_numpy(dtype=np.int64)
    )
    units = units.assign(line=line, verdict=verdict.where(~ignored, ""))
    matched = _cells(lines["matched_by"], line, units.index)
    matched = matched.where(matched != BY_PARENT, BY_SERIAL)  # a line that names it as a parent is its own
    matched = matched.where(~via_parent, BY_PARENT)
    units = units.assign(matched_by=matched.where(~ignored & ((line != NONE) | via_parent), ""))
    units = units.assign(entitles=_unit_entitles(units, lines, via_parent, policy))
    return units.assign(reason=_unit_reasons(units, lines, trust, as_of, policy))


def judge_lines(lines: pd.DataFrame, unproven: Text, near: Text) -> pd.DataFrame:
    """The lines with `verdict` and `reason`; *unproven* says why a line cannot be called missing ("" where it can),
    *near* which unit's serial it is probably another writing of ("" where none)."""
    state = lines["standing"].to_numpy(dtype=object)
    by = lines["matched_by"]
    facts: dict[str, Bools] = {
        "taken": (lines["unit"] != NONE).to_numpy(dtype=bool),
        "by_replacement": (~by.isin(("", BY_SERIAL, BY_PARENT))).to_numpy(dtype=bool),
        "active": state == ACTIVE,
        "pending": state == PENDING,
        "ended": state == ENDED,
        "unlisted": state == UNLISTED,
        "hardware_kind": (lines["line_kind"] == "hardware").to_numpy(dtype=bool),
        "serial_less": (lines["line_kind"] == "serial_less").to_numpy(dtype=bool),
        "ignored": lines["ignored"].to_numpy(dtype=bool),
        "spare": lines["spare"].to_numpy(dtype=bool),
        "could_be_unread": (unproven != "").to_numpy(dtype=bool),
    }
    verdict = decide(LINE_CASES, facts).set_axis(lines.index)
    reasons: dict[str, str | Text] = {
        "replaced": "its unit was replaced; the unit named here took its place",
        "covered": "in force for the unit named here",
        "pending": "not in force yet for the unit named here",
        "expired": "ended for the unit named here",
        "uncovered": "listed by the vendor on no contract",
        "unknown": "its status or dates do not tell whether it is in force",
        "not_applicable": first_told(
            [(facts["ignored"], "left out by the policy's ignore list")], lines.index, default="no hardware line"
        ),
        "spare": "in the list of spares",
        "unproven": unproven,
        "not_seen": "every target that could hold it was read in full, none has it",
    }
    told = first_told([(verdict == v, reason) for v, reason in reasons.items()], lines.index)
    told = told.where(~verdict.isin(("not_seen", "unproven")), told + near)
    return lines.assign(verdict=verdict, reason=told)


def _holds(case: Case, facts: Mapping[str, Bools], size: int) -> Bools:
    holds = np.ones(size, dtype=bool)
    for condition in case.conditions:
        holds &= ~facts[condition[1:]] if condition.startswith("!") else facts[condition]
    return holds


def _unit_facts(
    units: pd.DataFrame,
    lines: pd.DataFrame,
    pairs: pd.DataFrame,
    register: pd.DataFrame,
    trust: Mapping[str, str],
    as_of: date,
    policy: Policy,
) -> dict[str, Bools]:
    parent: Ints = units["parent"].to_numpy(dtype=np.int64)
    serial: Bools = (units["serial"] != "").to_numpy(dtype=bool)
    own = {state: _has(units, lines, state) & serial for state in (ACTIVE, PENDING, ENDED, UNCLEAR)}
    lined = own[ACTIVE] | own[PENDING] | own[ENDED] | own[UNCLEAR]
    paired, paired_ended = _paired(units, lines, pairs)
    module: Bools = (units["treatment"] == "inherit").to_numpy(dtype=bool)
    above = {
        state: np.where(parent != NONE, own[state][parent], False) if len(units) else own[state]
        for state in (ACTIVE, PENDING)
    }
    first_owner: Bools = ~second_hand(units, register, policy)
    sourced: Bools = units["vendor"].isin([v for v, fault in trust.items() if not fault]).to_numpy(dtype=bool)
    return {
        "active": own[ACTIVE],
        "pending": own[PENDING],
        "ended": own[ENDED] | (paired_ended & ~lined),
        "unclear": own[UNCLEAR],
        "part": module & serial,
        "inherits": module & ~lined & serial,
        "parent_active": above[ACTIVE],
        "parent_pending": above[PENDING],
        "by_parent": module & serial & ~own[ACTIVE] & (above[ACTIVE] | (above[PENDING] & ~own[PENDING])),
        "paired": paired & ~lined,
        "blocked": (units["block"] != "").to_numpy(dtype=bool),
        "warranty": (days(warranty_end(units, lines, register)) >= as_of.toordinal()) & first_owner,
        "sourced": sourced,
        "serial": serial,
    }


def _has(units: pd.DataFrame, lines: pd.DataFrame, state: str) -> Bools:
    """Whether the unit's own hardware-entitling lines hold one in *state*; units of one serial share them."""
    mine: Bools = (lines["own"] & lines["hardware"] & (lines["standing"] == state)).to_numpy(dtype=bool)
    groups = units["group"].to_numpy(dtype=np.int64)
    marked = np.zeros(int(groups.max(initial=-1)) + 1, dtype=bool)
    marked[groups[lines["unit"].to_numpy(dtype=np.int64)[mine]]] = True
    return np.asarray(marked[groups], dtype=bool)


def _paired(units: pd.DataFrame, lines: pd.DataFrame, pairs: pd.DataFrame) -> tuple[Bools, Bools]:
    """Units that took the place of another: with a line that is not ended, and with none but ended ones."""
    by_pair: Bools = (lines["matched_by"].isin(set(pairs["method"])) & lines["hardware"]).to_numpy(dtype=bool)
    live: Bools = lines["standing"].isin((ACTIVE, PENDING, UNCLEAR)).to_numpy(dtype=bool)
    unit = lines["unit"].to_numpy(dtype=np.int64)
    paired, ended = np.zeros(len(units), dtype=bool), np.zeros(len(units), dtype=bool)
    paired[unit[by_pair & live]] = True
    ended[unit[by_pair & ~live]] = True
    return paired, ended & ~paired


def _through(verdict: Text, heirs: Bools, parent: Ints) -> Text:
    words = verdict.to_numpy(dtype=object).copy()
    words[heirs] = words[parent[heirs]]
    return text(words, verdict.index)


def warranty_end(units: pd.DataFrame, lines: pd.DataFrame, register: pd.DataFrame) -> Text:
    """The end of each unit's warranty: the register's word, else its best line's; "" where none is on record."""
    recorded = asset(units, register, "warranty_end")
    own = units["line"].to_numpy(dtype=np.int64)
    return recorded.where(recorded != "", _cells(lines["warranty_end"], own, units.index))


def _cells(column: Text, rows: Ints, index: pd.Index) -> Text:
    """The cells at *rows*, "" for NONE."""
    return cells_at(column, rows, index)


def _unit_entitles(units: pd.DataFrame, lines: pd.DataFrame, via_parent: Bools, policy: Policy) -> Text:
    """What the active lines of a unit entitle to together; a warranty's word where only that runs."""
    groups = units["group"].to_numpy(dtype=np.int64)
    mine: Bools = ((lines["unit"] != NONE) & lines["own"] & (lines["standing"] == ACTIVE)).to_numpy(dtype=bool)
    bits = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
    np.bitwise_or.at(bits, groups[lines["unit"].to_numpy(dtype=np.int64)[mine]], flags(lines["entitles"][mine]))
    own = text(words(bits[groups]), units.index)
    parent = units["parent"].to_numpy(dtype=np.int64)
    inherited = _cells(own, np.where(via_parent, parent, NONE), units.index)
    found = own.where(~via_parent, inherited)
    return found.where(units["verdict"] != "warranty_only", " ".join(policy.entitles.warranty)).where(
        units["verdict"] != "", ""
    )


def _unit_reasons(
    units: pd.DataFrame, lines: pd.DataFrame, trust: Mapping[str, str], as_of: date, policy: Policy
) -> Text:
    """Why each unit has its verdict, in words; verdict by verdict, for a text of each kind for every unit would be
    built ten times over."""
    read = units[list(_REASONED)].assign(
        above=_cells(units["block_reason"], units["parent"].to_numpy(dtype=np.int64), units.index)
    )
    groups = read.groupby("verdict", sort=False).indices
    told = [_reasons_of(str(v), read.iloc[rows], lines, trust, as_of, policy) for v, rows in groups.items()]
    if not told:
        return pd.Series("", index=units.index, dtype="str")
    places = np.argsort(np.concatenate([np.asarray(rows) for rows in groups.values()]))
    return pd.concat(told).take(places)


def _reasons_of(
    verdict: str, units: pd.DataFrame, lines: pd.DataFrame, trust: Mapping[str, str], as_of: date, policy: Policy
) -> Text:
    """The reasons of units that all have *verdict*."""
    line = units["line"].to_numpy(dtype=np.int64)

    def of(name: str) -> Text:
        return _cells(lines[name], line, units.index)

    def contract() -> Text:
        number = of("contract_number")
        return ("contract " + number).where(~matches(number, policy.lines.masked), "a contract not visible to you")

    def covered() -> Text:
        end = of("line_end")
        return "on " + contract() + (" until " + end).where(end != "", ", no end date on its line")

    def pending() -> Text:
        start = of("line_start")
        return "its line on " + contract() + (" starts on " + start).where(start != "", " is not in force yet")

    def expired() -> Text:
        end = of("line_end")
        over = (end != "") & (end < as_of.isoformat())  # else it is its status that ends it
        return "its line on " + contract() + (" ended on " + end).where(over, " has the status " + of("line_status"))

    def uncovered() -> Text:
        cases: list[Told] = [
            (units["counted"] != "", "on no line of any contract by its serial; by count: " + units["counted"]),
            (line == NONE, "on no line of any contract"),
            (of("standing") == UNLISTED, "listed by the vendor, but on no contract"),
        ]
        return first_told(cases, units.index, default="on a line that does not cover hardware, and on no other")

    def unknown() -> Text:
        start, end = of("line_start"), of("line_end")
        blame = mapped(units["vendor"], trust, "no contract source of this vendor is loaded")
        unclear = "the status " + of("line_status") + " of its line does not tell whether it is in force"
        cases: list[Told] = [
            (units["serial"] == "", "its serial could not be read"),
            ((start > end) & (end != ""), "its line ends before it starts"),
            ((line != NONE) & (end != ""), unclear),
            (line != NONE, "its line has neither a known status nor an end date"),
            (blame != "", blame),
        ]
        return first_told(cases, units.index, default="its chassis is not known, and it has no line of its own")

    reasons: dict[str, Callable[[], Text]] = {
        "covered": covered,
        "pending": pending,
        "replaced": lambda: "it took the place of " + of("serial") + " on " + contract(),
        "uncoverable": lambda: units["block_reason"].where(units["block_reason"] != "", units["above"]),
        "expired": expired,
        "warranty_only": lambda: _same("on no contract; a warranty runs", units.index),
        "uncovered": uncovered,
        "unknown": unknown,
    }
    if verdict not in reasons:
        return _same("", units.index)
    via = _same("", units.index).where(units["matched_by"] != BY_PARENT, "through its chassis: ")
    return via + reasons[verdict]()


def _same(word: str, index: pd.Index) -> Text:
    return pd.Series(word, index=index, dtype="str")


def statuses_unknown(lines: pd.DataFrame, policy: Policy) -> list[str]:
    """The status words that the policy does not know: their lines neither cover nor fail to."""
    return sorted(str(s) for s in lines["line_status"].unique() if bare(str(s)) not in policy.line_status)
