"""Messages: what a person is told, and how. Pure: no store, no route, no clock.

A message is kept as JSON and turned into text when it is sent. Sentences are short: what, where, what to do, and how
to accept it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from agent.logs import printable
from agent.wording import count

NEW: Final = "new"
RETURNED: Final = "returned"
WORSE: Final = "worse"
CLOSED: Final = "closed"
SEVERITIES: Final = ("error", "warning", "info")
SHOWN: Final = 100
"""Findings that one message holds in full; a mail of more is not read."""
FIELDS: Final = (
    "key", "rule", "class", "severity", "confidence", "status", "vendor", "serial", "new_serial", "product_id",
    "hostname", "address", "slot", "site", "owner", "provider", "contract_number", "message", "action", "first_seen",
)  # fmt: skip
"""What a message says of a finding."""
_CHANGES: Final = {
    NEW: ("new finding", "new findings"),
    RETURNED: ("finding that is back", "findings that are back"),
    WORSE: ("finding that got worse", "findings that got worse"),
    CLOSED: ("finding closed", "findings closed"),
}
_EVENTS: Final = {
    "job_failed": "a job failed",
    "incomplete": "too little of the fleet was read",
    "overrun": "a job takes too long",
    "missed": "a scheduled run was missed",
    "import_refused": "a contract file was refused",
    "source_stale": "a contract source is too old",
    "fleet_brake": "removals wait for a person",
    "credential_breaker": "a credential was refused and is no longer used",
    "other": "something needs a look",
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `kind` is ``findings``, ``summary``, ``event`` or ``test``."""

    kind: str
    title: str
    lead: tuple[str, ...] = ()
    """Sentences that come first."""
    findings: tuple[Mapping[str, str], ...] = ()
    """`FIELDS` and ``change`` of each finding, worst first."""
    more: int = 0
    """Findings beyond `findings`."""
    severity: str = "info"
    """The worst of what it holds."""
    run: int | None = None
    event: str = ""
    group: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Findings by rule, of a summary."""

    def to_json(self) -> str:
        """The message as the store keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Message:
    """The message that the store kept."""
    told: dict[str, Any] = json.loads(text)
    told["lead"], told["findings"] = tuple(told["lead"]), tuple(told["findings"])
    return Message(**told)


def about_findings(found: Sequence[Mapping[str, str]], *, group: str = "", about: str = "site") -> Message:
    """A message of findings of one *group*, a site's or contract's name; each has ``change`` and ``run``."""
    ordered = sorted(found, key=_rank)
    changes = Counter(one["change"] for one in found)
    said = ", ".join(f"{n} {_CHANGES[change][n != 1]}" for change in _CHANGES if (n := changes[change]))
    live = [one for one in found if one["change"] != CLOSED]
    errors = sum(one["severity"] == "error" for one in live)
    where = f" {'under' if about == 'contract' else 'at'} {group}" if group else ""
    worst = f" ({count(errors, 'error')})" if errors else ""
    runs = [int(one["run"]) for one in found if one.get("run")]
    return Message(
        kind="findings",
        title=f"netcover: {said}{where}{worst}",
        findings=tuple({name: one.get(name, "") for name in (*FIELDS, "change")} for one in ordered[:SHOWN]),
        more=max(0, len(ordered) - SHOWN),
        severity=_worst(live),
        run=max(runs, default=None),
        group=group,
    )


def first(found: Sequence[Mapping[str, str]], run: int) -> Message:
    """The one summary that a route gets first, however much there is: later only changes are told."""
    by_rule = Counter(one["rule"] for one in found)
    by_severity = Counter(one["severity"] for one in found)
    counts = ", ".join(
        (count(n, severity) if severity != "info" else f"{n} info")
        for severity in SEVERITIES
        if (n := by_severity[severity])
    )
    lead = (
        "This is the first message to this route. It sums up what is open now.",
        "From now on you are told only what is new, what comes back and what gets worse.",
        "All of it is in findings.csv and report.html. What you can live with: netcover baseline accepts it at once.",
    )
    return Message(
        kind="summary",
        title=f"netcover: {count(len(found), 'finding')} to start with" + (f" ({counts})" if counts else ""),
        lead=lead,
        severity=_worst(found),
        run=run,
        counts=dict(sorted(by_rule.items(), key=lambda item: (-item[1], item[0]))),
    )


def about_event(kind: str, text: str) -> Message:
    """A message of something that happened to the agent."""
    what = _EVENTS.get(kind, _EVENTS["other"])
    return Message(
        kind="event", title=f"netcover: {what}", lead=(_sentence(text),), severity="error", event=kind
    )  # whoever is told of these has to look


def trial(route: str, host: str) -> Message:
    """A message that says it is a test."""
    lead = (
        f"This is a test of the route {route}, sent by netcover on {host}.",
        "Nothing is wrong, and nothing needs to be done.",
    )
    return Message(kind="test", title="netcover: test message", lead=lead)


def plain(message: Message) -> str:
    """The message as text for a person, without its title; every line is printable."""
    parts = ["\n".join(map(printable, message.lead))] if message.lead else []
    if message.counts:
        width = len(str(max(message.counts.values())))
        parts.append("\n".join(f"  {count:>{width}}  {printable(rule)}" for rule, count in message.counts.items()))
    parts += ["\n".join(lines(finding)) for finding in message.findings]
    if message.more:
        parts.append(f"And {message.more} more: see findings.csv or report.html.")
    return "\n\n".join(parts) + "\n"


def lines(finding: Mapping[str, str]) -> list[str]:
    """One finding for a person: what, where, what to do, how to accept it."""
    change = finding["change"]
    head = f"{finding['severity'].upper()} {finding['rule']}" + ("" if change == NEW else f" ({change})")
    told = [f"{head}: {_sentence(finding['message'])}"]
    if where := _where(finding):
        told.append(f"  Where:  {where}")
    if change == CLOSED:
        return told
    if finding["action"]:
        told.append(f"  Do:     {_sentence(finding['action'])}")
    if not finding["rule"].startswith("SCAN-"):  # never accepted: see reconcile.findings
        told.append(f'  Accept: netcover accept {printable(finding["key"])} --reason "..." --until YYYY-MM-DD')
    return told


def _where(finding: Mapping[str, str]) -> str:
    host, address = printable(finding["hostname"]), printable(finding["address"])
    device = f"{host} ({address})" if host and address and host != address else host or address
    slot = f"slot {printable(finding['slot'])}" if finding["slot"] else ""
    contract = " ".join(filter(None, (printable(finding["provider"]), printable(finding["contract_number"]))))
    parts = (printable(finding["site"]), device, slot, f"contract {contract}" if contract else "")
    return ", ".join(filter(None, parts))


def _sentence(text: str) -> str:
    plain_text = printable(text).strip()
    return plain_text if plain_text.endswith((".", "!", "?")) or not plain_text else f"{plain_text}."


def _rank(finding: Mapping[str, str]) -> tuple[int, int, str, str]:
    severity = finding["severity"]
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return int(finding["change"] == CLOSED), rank, finding["rule"], finding["key"]


def _worst(found: Sequence[Mapping[str, str]]) -> str:
    there = {one["severity"] for one in found}
    return next((severity for severity in SEVERITIES if severity in there), "info")
