"""The store's tables. What runs have in common is written once and found by its content.

* observations n—1 contents 1—n units, licences, software, neighbours
* observations n—1 section_sets 1—n sections
* an observation is a span: what a device held from its first to its last run. Which runs really polled it, when and
  how long, says the packed list of each sealed run (run_visits), so a run a device was left out of is no visit
* visits: those of the open run, a row a device; its seal packs them
* captures and a run's lines point at blobs by content
* finding_rows: what was found; the packed list of each reconciled run (run_findings) says which held
* run_inputs: what a run was judged by; acceptances hold for every run
* contract_sources: imported contract lines as they are now; contract_batches: what made them so

A device that did not change costs a few bytes a run. Texts are never null: "" means "not said". Times
are ISO 8601 in UTC with ``Z``. A change here needs a migration in ``migrations/versions`` and a new `HEAD`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from reconcile.tables import ABSENT, FINDINGS

HEAD: Final = "third"
"""The migration that makes exactly these tables."""

OPEN: Final = "open"
SEALED: Final = "sealed"
ABORTED: Final = "aborted"

UNIT: Final = (
    "vendor", "serial", "product_id", "kind", "slot", "parent_serial", "software_version", "hardware_version",
    "manufacturer", "description", "serial_raw", "collected_via",
)  # fmt: skip
"""Fields of `collectors.model.Unit`."""
LICENCE: Final = (
    "serial", "feature", "entitlement", "state", "detail", "quantity", "expires", "collected_via",
)  # fmt: skip
"""Fields of `collectors.model.Licence`."""
SOFTWARE: Final = ("version", "serial", "collected_via")
"""Fields of `collectors.model.Software`."""
NEIGHBOUR: Final = (
    "local_interface", "hostname", "addresses", "platform", "remote_interface", "chassis_id", "protocol",
    "collected_via",
)  # fmt: skip
"""Fields of `collectors.model.Neighbour`; `addresses` are joined by a space."""
SECTION: Final = ("name", "state", "via", "reason")
"""Text fields of `collectors.model.Section`."""
DATED: Final = ("first_seen", "last_seen")
"""What changes of a finding from run to run; all else is a `finding_rows` row."""
FINDING: Final = tuple(column for column in FINDINGS if column not in DATED)

ACCEPTANCE: Final = ("key", "accepted_until", "reason", "accepted_at")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _texts(names: Iterable[str]) -> list[Column[str]]:
    return [Column(name, Text, nullable=False, server_default="") for name in names]


runs: Final = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("started", Text, nullable=False),
    Column("finished", Text, nullable=False, server_default=""),
    Column("as_of", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("settings_digest", Text, nullable=False),
    Column("counts", Text, nullable=False, server_default="{}"),
    Column("reconciled", Text, nullable=False, server_default=""),
    Column("pruned", Text, nullable=False, server_default=""),
    CheckConstraint("state IN ('open', 'sealed', 'aborted')", name="state"),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""A sealed run past its retention keeps its row, with the time it was pruned; its tables cannot be read any more."""

contents: Final = Table(
    "contents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
)


def _list_of_content(name: str, columns: Iterable[str]) -> Table:
    return Table(
        name,
        metadata,
        Column("content_id", Integer, ForeignKey("contents.id", ondelete="CASCADE"), primary_key=True),
        Column("position", Integer, primary_key=True),
        *_texts(columns),
        sqlite_with_rowid=False,
    )


units: Final = _list_of_content("units", UNIT)
licences: Final = _list_of_content("licences", LICENCE)
software: Final = _list_of_content("software", SOFTWARE)
neighbours: Final = _list_of_content("neighbours", NEIGHBOUR)
Index(None, units.c.vendor, units.c.serial)
Index(None, units.c.serial)

section_sets: Final = Table(
    "section_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
)
sections: Final = Table(
    "sections",
    metadata,
    Column("set_id", Integer, ForeignKey("section_sets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    *_texts(SECTION),
    Column("expected", Integer, nullable=False),
    sqlite_with_rowid=False,
)

PLACE: Final = ("context", "target", "snmp_port", "ssh_port")
"""What tells one device of a run from another: the target as listed."""
FACTS: Final = (
    "address", "hostname", "site", "vendor", "platform", "outcome", "reason", "engine_id", "via", "dropped",
    "content_id", "set_id",
)  # fmt: skip
"""What a run saw of a device and the next may see again: an observation lasts while none of it changes."""


def _place() -> list[Column[Any]]:
    ports = [Column(name, Integer, nullable=False) for name in PLACE[2:]]
    return [*_texts(PLACE[:2]), *ports]


observations: Final = Table(
    "observations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first_run", Integer, ForeignKey("runs.id"), nullable=False),
    Column("last_run", Integer, ForeignKey("runs.id"), nullable=False),
    *_texts(("first_seen", "last_seen")),
    Column("last_position", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    *_place(),
    *_texts(FACTS[:9]),
    Column("dropped", Integer, nullable=False),
    Column("content_id", Integer, ForeignKey("contents.id"), nullable=False),
    Column("set_id", Integer, ForeignKey("section_sets.id"), nullable=False),
    UniqueConstraint("first_run", *PLACE, name="uq_observations_device"),
    Index(None, *PLACE, "last_run"),
    Index(None, "last_run", "first_run"),
    Index(None, "content_id"),
    Index(None, "set_id"),
)
"""`last_position` is the device's place in its last run's list, `visits` the number of runs that polled it."""

visits: Final = Table(
    "visits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    *_place(),
    Column("observation_id", Integer, ForeignKey("observations.id"), nullable=False),
    *_texts(("started", "confirmed")),
    Column("seconds", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("run_id", *PLACE, name="uq_visits_device"),
    Index(None, "observation_id"),
)
run_visits: Final = Table(
    "run_visits",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""`packed.VISITS` of each sealed run, in the order of polling."""

blobs: Final = Table(
    "blobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
)

captures: Final = Table(
    "captures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    *_texts(("context", "target")),
    Column("snmp_port", Integer, nullable=False),
    Column("ssh_port", Integer, nullable=False),
    *_texts(("section", "name", "via", "state", "taken")),
    Column("complete", Integer, nullable=False),
    Column("cut", Integer, nullable=False),
    Column("blob_id", Integer, ForeignKey("blobs.id"), nullable=False),
    UniqueConstraint(
        "context", "target", "snmp_port", "ssh_port", "section", "name", "via", "complete", "run_id",
        name="uq_captures_place",
    ),
    Index(None, "run_id"),
    Index(None, "blob_id"),
)  # fmt: skip

run_lines: Final = Table(
    "run_lines",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("blob_id", Integer, ForeignKey("blobs.id"), nullable=False),
    Index(None, "blob_id"),
)

finding_rows: Final = Table(
    "finding_rows",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    *_texts(FINDING),
    Index(None, "key"),
    Index(None, "serial"),
    Index(None, "new_serial"),
)
run_findings: Final = Table(
    "run_findings",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
"""`packed.FOUND` of each reconciled run, in the order of its findings."""

run_inputs: Final = Table(
    "run_inputs",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("blob_id", Integer, ForeignKey("blobs.id"), nullable=False),
    Index(None, "blob_id"),
)

acceptances: Final = Table(
    "acceptances",
    metadata,
    Column("key", Text, primary_key=True),
    *_texts(ACCEPTANCE[1:]),
)

contract_sources: Final = Table(
    "contract_sources",
    metadata,
    Column("name", Text, primary_key=True),
    *_texts(("provider", "vendor", "dated", "imported", "digest", "files")),
    Column("rows", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""The imported lines of each source as they are now."""
contract_batches: Final = Table(
    "contract_batches",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts(("source", "dated", "imported", "digest", "files", "changes")),
    Column("rows", Integer, nullable=False),
    Index(None, "source"),
)

notices: Final = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts(("route", "key", "change", "due", "data")),
    Index(None, "route", "due"),
)
"""What a route is to be told and no message holds yet: `outbox` makes messages of them when they are due."""
messages: Final = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *_texts(("route", "name", "created", "title", "body", "next_try", "sent", "error")),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index(None, "route", "sent"),
    sqlite_autoincrement=True,  # a message's number is in its name, which receivers remember
)
told: Final = Table(
    "told",
    metadata,
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    *_texts(("state", "severity")),
)
"""What each route was last told of each finding: nothing is announced twice."""
route_states: Final = Table(
    "route_states",
    metadata,
    Column("name", Text, primary_key=True),
    *_texts(("introduced", "next_try", "tried", "delivered", "error", "holder", "claimed")),
    Column("failures", Integer, nullable=False, server_default="0"),
)
events: Final = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts(("kind", "text", "at", "last", "routed")),
    Column("times", Integer, nullable=False, server_default="1"),
    Index(None, "routed"),
)
"""What happened to the agent itself and people are told."""

absences: Final = Table(
    "absences",
    metadata,
    Column("vendor", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    *_texts(ABSENT[2:]),
)
"""Known units that a complete reading of their device did not show, with what became of each; the rest is present."""
removal_log: Final = Table(
    "removal_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    *_texts(("at", "vendor", "serial", "event", "who", "reason")),
    Index(None, "vendor", "serial"),
)
"""When units were removed, replaced, held, released and seen again. It outlives the runs it names."""
arrivals: Final = Table(
    "arrivals",
    metadata,
    Column("vendor", Text, primary_key=True),
    Column("serial", Text, primary_key=True),
    Column("run_id", Integer, nullable=False),
)
"""The run in which a unit came to the device it is in; one that was there when the counting began has no row."""
tracking: Final = Table(
    "tracking",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("first_run", Integer, nullable=False),
    Column("last_run", Integer, nullable=False),
)
"""One row: from which run on absences are counted, and the newest run that was."""
finding_lives: Final = Table(
    "finding_lives",
    metadata,
    Column("key", Text, primary_key=True),
    Column("opened_run", Integer, primary_key=True),
    Column("closed_run", Integer, nullable=False, server_default="0"),
    *_texts(("opened", "closed")),
)
"""From when to when a finding was found; one that returned has several. It outlives the runs it names."""
finding_notes: Final = Table(
    "finding_notes",
    metadata,
    Column("key", Text, primary_key=True),
    *_texts(("owner", "ticket", "comment", "noted")),
)
"""What people wrote beside a finding: it goes into every run's findings."""

slots: Final = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *_texts(("job", "slot", "due", "started", "finished", "state", "reason")),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("overran", Integer, nullable=False, server_default="0"),
    UniqueConstraint("job", "slot", name="uq_slots_job_slot"),
    sqlite_autoincrement=True,  # the order in which slots were claimed, also after old ones were dropped
)
"""Each time at which a job was to run, once."""
slot_schedules: Final = Table(
    "slot_schedules",
    metadata,
    Column("job", Text, primary_key=True),
    *_texts(("schedule", "since")),
)
"""From when on a job has the schedule it has."""
job_runs: Final = Table(
    "job_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *_texts(("job", "slot", "started", "finished", "state", "reason")),
    Column("seconds", Float, nullable=False, server_default="0"),
    Index(None, "job"),
    sqlite_autoincrement=True,
)

login_keys: Final = Table(
    "login_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    *_texts(("made",)),
)
"""One row: the key of the digests that name versions of credentials in `logins`."""
logins: Final = Table(
    "logins",
    metadata,
    Column("context", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("port", Integer, primary_key=True, autoincrement=False),
    Column("protocol", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    *_texts(("credential", "state", "since", "worked", "reason", "holder")),
    Column("cut", Integer, nullable=False, server_default="0"),
)
"""The login ledger (`store.logins`)."""
devices: Final = Table(
    "devices",
    metadata,
    Column("context", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("snmp_port", Integer, primary_key=True, autoincrement=False),
    Column("ssh_port", Integer, primary_key=True, autoincrement=False),
    *_texts(("hostname", "engine_id", "serials", "products", "seen", "stamp", "outcome", "reason", "rest_until")),
    *(
        Column(name, Integer, nullable=False, server_default="0")
        for name in ("full_run", "last_run", "quick", "failures")
    ),
)
"""What is known of each target for the next run: who answered last, what a quick check compares with, how long it
rests (`store.devices`)."""
