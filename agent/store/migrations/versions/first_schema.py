"""The first tables. Written out, not taken from the schema, which moves on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables of version 0.1."""
    _runs()
    _contents()
    _observations()
    _evidence()
    _findings()


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names.split()]


def _integers(names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names.split()]


def _reference(table: str, column: str, to: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE" if cascade else None)


def _digest(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("digest", name=f"uq_{table}_digest"),
    ]


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.Column("finished", sa.Text(), server_default="", nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("settings_digest", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("reconciled", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('open', 'sealed', 'aborted')", name=op.f("ck_runs_state")),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sqlite_autoincrement=True,
    )


def _contents() -> None:
    op.create_table("contents", *_digest("contents"))
    op.create_table("section_sets", *_digest("section_sets"))
    lists = {
        "units": "vendor serial product_id kind slot parent_serial software_version hardware_version"
        " manufacturer description serial_raw collected_via",
        "licences": "serial feature entitlement state detail quantity expires collected_via",
        "software": "version serial collected_via",
    }
    for table, columns in lists.items():
        op.create_table(
            table,
            *_integers("content_id position"),
            *_texts(columns),
            _reference(table, "content_id", "contents", cascade=True),
            sa.PrimaryKeyConstraint("content_id", "position", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_units_vendor_serial", "units", ["vendor", "serial"])
    op.create_table(
        "sections",
        *_integers("set_id position"),
        *_texts("name state via reason"),
        *_integers("expected"),
        _reference("sections", "set_id", "section_sets", cascade=True),
        sa.PrimaryKeyConstraint("set_id", "position", name="pk_sections"),
        sqlite_with_rowid=False,
    )


def _observations() -> None:
    op.create_table(
        "observations",
        *_integers("id run_id"),
        *_texts("context target"),
        *_integers("snmp_port ssh_port"),
        *_texts("address hostname site vendor platform outcome reason engine_id via"),
        *_integers("attempts"),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        *_integers("dropped content_id set_id"),
        _reference("observations", "run_id", "runs", cascade=True),
        _reference("observations", "content_id", "contents"),
        _reference("observations", "set_id", "section_sets"),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
        sa.UniqueConstraint("run_id", "context", "target", "snmp_port", "ssh_port", name="uq_observations_device"),
    )
    op.create_index("ix_observations_content_id_run_id", "observations", ["content_id", "run_id"])


def _evidence() -> None:
    op.create_table("blobs", *_digest("blobs"), sa.Column("data", sa.LargeBinary(), nullable=False))
    op.create_table(
        "captures",
        *_integers("id run_id"),
        *_texts("context target"),
        *_integers("snmp_port ssh_port"),
        *_texts("section name via state taken"),
        *_integers("complete cut blob_id"),
        _reference("captures", "run_id", "runs", cascade=True),
        _reference("captures", "blob_id", "blobs"),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.UniqueConstraint(
            *("context", "target", "snmp_port", "ssh_port", "section", "name", "via", "complete", "run_id"),
            name="uq_captures_place",
        ),
    )
    op.create_index("ix_captures_run_id", "captures", ["run_id"])
    op.create_index("ix_captures_blob_id", "captures", ["blob_id"])
    op.create_table(
        "run_lines",
        *_integers("run_id"),
        sa.Column("source", sa.Text(), nullable=False),
        *_integers("rows blob_id"),
        _reference("run_lines", "run_id", "runs", cascade=True),
        _reference("run_lines", "blob_id", "blobs"),
        sa.PrimaryKeyConstraint("run_id", "source", name="pk_run_lines"),
    )
    op.create_index("ix_run_lines_blob_id", "run_lines", ["blob_id"])


def _findings() -> None:
    op.create_table(
        "finding_rows",
        *_digest("finding_rows"),
        *_texts(
            "key rule class severity confidence status vendor serial new_serial product_id hostname address"
            " slot site owner provider contract_number message evidence action accepted_until ticket comment"
            " source_file source_row"
        ),
    )
    op.create_table(
        "run_findings",
        *_integers("run_id position row_id"),
        *_texts("first_seen last_seen"),
        _reference("run_findings", "run_id", "runs", cascade=True),
        _reference("run_findings", "row_id", "finding_rows"),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_run_findings"),
    )
    op.create_index("ix_run_findings_row_id", "run_findings", ["row_id"])
