"""report.html: one page that needs nothing beside it, no script and no network.

Every value goes through Jinja's autoescape and loses what could steer a reader's eye (control characters, text
direction). Each list is cut to a few rows with its count and the file that holds the rest, so that the page of a large
fleet opens as quickly as that of a small one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agent.logs import printable
from agent.report.charts import VERDICTS, bar, months
from agent.report.worst import SEVERITIES, open_ones, worst_first
from collectors.model import Kind
from reconcile.changes import ACTIONS
from reconcile.columns import records
from reconcile.reconcile import Results

LIMIT: Final = 25
"""Rows of a list."""
_LONGEST: Final = 400
"""Characters of one value."""
_TELLS: Final = {
    "ADD": "Have quoted and put on a contract",
    "REMOVE": "Take off the contract: returned or disposed of",
    "REPLACE": "Put the new serial in the place of the old one",
    "MOVE_SITE": "Correct the site on the contract",
    "CHANGE_PID": "Correct the product on the contract",
    "RENEW": "Renew before, or after, its line ended",
    "DO_NOT_RENEW": "Do not renew",
    "RETURN": "Return to the vendor",
    "RELICENSE": "Acquire a licence of one's own",
    "REVIEW": "Look at it: nothing is certain enough to be sent",
}


def page(record: Mapping[str, Any], found: Mapping[str, pd.DataFrame], results: Results) -> str:
    """The page of a run. *found* holds the tables of its files by stem, *record* is what run.json holds."""
    environment = Environment(
        loader=PackageLoader("agent.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        record=record,
        limit=LIMIT,
        reading=_reading(record, found["skipped"]),
        units=_units(record),
        coverage=_coverage(found["coverage"], record),
        findings=_findings(found["findings"]),
        changes=_changes(found["changes"]),
        renewals=_list(results.renewals.sort_values(["end_date", "contract_number"])),
        spares=_list(results.spares),
        not_evaluated=_not_evaluated(record),
    )


def _shown(value: Any) -> Any:
    """What every value becomes before it is escaped."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")


def _reading(record: Mapping[str, Any], skipped: pd.DataFrame) -> dict[str, Any]:
    once = skipped.drop_duplicates("address")
    share = record["read"] / record["targets"] if record["targets"] else 1.0
    return {
        "width": round(100 * share, 2),
        "whole": record["read"] == record["targets"],
        "outcomes": [(name, n) for name, n in once["outcome"].value_counts().items()],
        **_list(once),
    }


def _units(record: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(str(kind), record["units"][str(kind)]) for kind in Kind if record["units"].get(str(kind))]


def _coverage(coverage: pd.DataFrame, record: Mapping[str, Any]) -> dict[str, Any]:
    """Verdicts of units: all, by vendor, by site; of lines that no unit took; and when lines end."""
    of_units = coverage[coverage["kind"] != ""]
    of_lines = coverage[coverage["kind"] == ""]
    verdicts = _counts(of_units["verdict"])
    ended = of_units[(of_units["line_end"] != "") & (of_units["matched_by"] != "parent")]
    day = date.fromisoformat(record["as_of"])
    return {
        "total": len(of_units),
        "verdicts": [(name, verdicts[name]) for name in VERDICTS if name in verdicts],
        "bar": bar(verdicts),
        "vendors": _groups(of_units, "vendor"),
        "sites": _groups(of_units, "site"),
        "lines": sorted(_counts(of_lines["verdict"]).items()),
        "ends": months(_counts(ended["line_end"]), day) if len(ended) else (),
    }


def _groups(of_units: pd.DataFrame, name: str) -> dict[str, Any]:
    """The verdicts by *name*, those with most units that are not covered first."""
    table = pd.crosstab(of_units[name], of_units["verdict"]) if len(of_units) else pd.DataFrame()
    if table.empty:
        return {"rows": [], "rest": 0}
    covered = table["covered"] if "covered" in table.columns else 0
    total = table.sum(axis=1)
    order = (total - covered).sort_values(ascending=False, kind="stable").index
    rows = []
    for group in order[:LIMIT]:
        counts = {str(verdict): int(n) for verdict, n in table.loc[group].items() if n}
        rows.append(
            {
                "name": str(group) or "not said",
                "total": int(total[group]),
                "covered": counts.get("covered", 0),
                "bar": bar(counts),
            }
        )
    return {"rows": rows, "rest": max(0, len(order) - LIMIT)}


def _findings(findings: pd.DataFrame) -> dict[str, Any]:
    still = open_ones(findings)
    severities = _counts(still["severity"])
    rules = still.groupby(["rule", "severity", "class"], sort=True).size().reset_index(name="count")
    order = rules.assign(rank=rules["severity"].map({name: n for n, name in enumerate(SEVERITIES)}))
    return {
        "total": len(still),
        "accepted": int((findings["status"] == "accepted").sum()),
        "new": int((findings["status"] == "new").sum()),
        "severities": [(name, severities[name]) for name in SEVERITIES if name in severities],
        "rules": records(order.sort_values(["rank", "count"], ascending=[True, False])),
        **_list(worst_first(findings)),
    }


def _changes(changes: pd.DataFrame) -> dict[str, Any]:
    unsure = changes["action"][changes["needs_confirmation"] == "yes"].value_counts()
    counts = changes["action"].value_counts()
    return {
        "total": len(changes),
        "actions": [
            {"name": name, "tells": _TELLS[name], "count": int(counts[name]), "unsure": int(unsure.get(name, 0))}
            for name in ACTIONS
            if name in counts
        ],
        "providers": sorted(_counts(changes["provider"]).items(), key=lambda pair: (-pair[1], pair[0]))[:LIMIT],
    }


def _not_evaluated(record: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    by_reason: dict[str, list[str]] = {}
    for row in record["not_evaluated"]:
        by_reason.setdefault(row["reason"], []).append(row["rule"])
    return sorted(by_reason.items())


def _list(table: pd.DataFrame) -> dict[str, Any]:
    """The first rows of a table and how many more there are."""
    return {"rows": records(table.head(LIMIT)), "rest": max(0, len(table) - LIMIT)}


def _counts(column: pd.Series[str]) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().items()}
