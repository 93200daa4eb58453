"""The summary on the terminal: how much was read comes first, then verdicts, the worst findings and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from agent.logs import printable
from agent.report.worst import SEVERITIES, open_ones, worst_first
from collectors.model import Kind
from reconcile.reconcile import Results

_WORST: Final = 12
_UNREAD: Final = 6
_NAMED: Final = 3
_STYLES: Final = {
    "error": "bold red", "warning": "yellow", "info": "dim",
    "covered": "green", "uncovered": "bold red", "expired": "bold red", "uncoverable": "red", "replaced": "magenta",
    "pending": "yellow", "warranty_only": "yellow", "unknown": "yellow", "not_seen": "yellow", "unproven": "yellow",
}  # fmt: skip


def show(console: Console, record: Mapping[str, Any], results: Results, skipped: pd.DataFrame, out: Path) -> None:
    """Print the summary of a run to *console*."""
    console.print(Group(*_parts(record, results, skipped, out)))


def show_reading(console: Console, record: Mapping[str, Any], skipped: pd.DataFrame) -> None:
    """Print how much of the fleet a run read."""
    console.print(Group(_lead(record), *_unread(skipped)))


def _parts(record: Mapping[str, Any], results: Results, skipped: pd.DataFrame, out: Path) -> Iterable[RenderableType]:
    yield _lead(record)
    yield from _unread(skipped)
    yield Text()
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Units", _tally({kind: n for kind in Kind if (n := record["units"].get(kind))}))
    for place, text in enumerate(_contracts(record)):
        facts.add_row("" if place else "Contracts", text)
    if len(results.lines):
        of_units = results.coverage["kind"] != ""
        facts.add_row("Coverage", _tally(_by_size(results.coverage["verdict"][of_units])))
        facts.add_row("Unmatched lines", _tally(_by_size(results.coverage["verdict"][~of_units])))
    facts.add_row("Findings", _tally(_by_severity(results.findings)) if len(results.findings) else "none")
    facts.add_row("Changes", _tally(record["changes"]) if record["changes"] else "none")
    for line in _not_evaluated(results):
        facts.add_row(*line)
    yield facts
    yield Text()
    yield from _worst(results.findings)
    yield Text.assemble("The files are in ", (f"{out}/", "bold"), f": {', '.join(sorted(_files(out)))}")


def _lead(record: Mapping[str, Any]) -> Text:
    whole = record["read"] == record["targets"]
    share = f"Read {record['read']} of {record['targets']} devices in full ({record['read_percent']:g} %)"
    rest = "" if whole else "; what was not read is not called missing"
    return Text(f"{share}{rest}.", style="bold green" if whole else "bold yellow")


def _contracts(record: Mapping[str, Any]) -> Iterable[Text]:
    """Each contract file with its layout, its count and its last row, by which a person sees a cut; then doubts."""
    for file in record["contracts"]:
        lines = "1 line" if file["lines"] == 1 else f"{file['lines']} lines"
        counted = f"{lines} to row {file['last_row']}, read as {file['layout']}"
        yield Text.assemble(printable(file["file"]), (f"  {counted}", "dim"))
    for file in record["contracts"]:
        yield from (Text(printable(warning), style="yellow") for warning in file["warnings"])
    if record["unknown_statuses"]:
        words = ", ".join(map(repr, record["unknown_statuses"]))
        yield Text(printable(f"policy.toml does not know the line status {words}"), style="yellow")


def _unread(skipped: pd.DataFrame) -> Iterable[RenderableType]:
    """The first devices that were not read in full, one line each."""
    once = skipped.drop_duplicates("address")
    table = Table.grid(padding=(0, 2))
    for row in once.head(_UNREAD).to_dict("records"):
        name = row["hostname"] or row["address"]
        table.add_row(
            Text(f"  {printable(name)}"),
            Text(str(row["outcome"]).replace("_", " "), style="yellow"),
            Text(printable(str(row["reason"]))),
        )
    if len(once):
        yield table
    if len(once) > _UNREAD:
        yield Text(f"  and {len(once) - _UNREAD} more in skipped.csv")


def _worst(findings: pd.DataFrame) -> Iterable[RenderableType]:
    """The findings to look at first: errors, then warnings, those of the network's state before those of the scan."""
    order = worst_first(findings)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for row in order.head(_WORST).to_dict("records"):
        rule = Text(str(row["rule"]), style=_STYLES[str(row["severity"])])
        table.add_row(rule, Text(printable(str(row["message"]))))
    if table.row_count:
        yield Text("What to look at first", style="bold")
        yield table
        rest = len(order) - table.row_count
        yield Text(f"and {rest} more in findings.csv" if rest > 0 else "")
        yield Text()


def _not_evaluated(results: Results) -> Iterable[tuple[str, Text]]:
    by_reason: dict[str, list[str]] = {}
    for rule, reason in results.not_evaluated:
        by_reason.setdefault(reason, []).append(rule)
    for place, (reason, rules) in enumerate(by_reason.items()):
        named = ", ".join(rules) if len(rules) <= _NAMED else f"{len(rules)} rules"
        yield ("" if place else "Not evaluated"), Text(f"{named}: {reason}", style="dim")


def _tally(counts: Mapping[str, int]) -> Text:
    parts = [
        Text.assemble(f"{count} ", (name.replace("_", " "), _STYLES.get(name, ""))) for name, count in counts.items()
    ]
    return Text(" · ").join(parts)


def _by_size(column: pd.Series[str]) -> dict[str, int]:
    return {str(name): int(count) for name, count in column.value_counts().items()}


def _by_severity(findings: pd.DataFrame) -> dict[str, int]:
    """The open ones by severity, and how many a person accepted."""
    counts = open_ones(findings)["severity"].value_counts()
    found = {severity: int(counts[severity]) for severity in SEVERITIES if severity in counts}
    accepted = int((findings["status"] == "accepted").sum())
    return found | ({"accepted": accepted} if accepted else {})


def _files(out: Path) -> Iterable[str]:
    ours = {".csv", ".json", ".html", ".xlsx"}
    return (path.name for path in out.iterdir() if path.suffix in ours and not path.name.startswith("netcover-"))
