"""The store's tables. What runs have in common is written once and found by its content.

* runs 1—n observations n—1 contents 1—n units, licences, software, neighbours
* observations n—1 section_sets 1—n sections
* observations' captures and a run's lines point at blobs by content
* runs n—n finding_rows, through run_findings
* run_inputs: what a run was judged by; acceptances hold for every run
* contract_sources: imported contract lines as they are now; contract_batches: what made them so

A device that did not change costs one row of `observations`. Texts are never null: "" means "not said". Times
are ISO 8601 in UTC with ``Z``. A change here needs a migration in ``migrations/versions`` and a new `HEAD`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

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

from reconcile.tables import FINDINGS

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
    CheckConstraint("state IN ('open', 'sealed', 'aborted')", name="state"),
    sqlite_autoincrement=True,  # a number is never given twice, also after a run was deleted
)

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

observations: Final = Table(
    "observations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    *_texts(("context", "target")),
    Column("snmp_port", Integer, nullable=False),
    Column("ssh_port", Integer, nullable=False),
    *_texts(("address", "hostname", "site", "vendor", "platform", "outcome", "reason", "engine_id", "via")),
    Column("attempts", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("started", Text, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("content_id", Integer, ForeignKey("contents.id"), nullable=False),
    Column("set_id", Integer, ForeignKey("section_sets.id"), nullable=False),
    UniqueConstraint("run_id", "context", "target", "snmp_port", "ssh_port", name="uq_observations_device"),
    Index(None, "content_id", "run_id"),
)

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
)
run_findings: Final = Table(
    "run_findings",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("row_id", Integer, ForeignKey("finding_rows.id"), nullable=False),
    *_texts(DATED),
    Index(None, "row_id"),
)

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
