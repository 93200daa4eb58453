"""What a run was judged by, and what a person accepted. Written out, not taken from the schema, which moves on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "second"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables of version 0.2."""
    _run_inputs()
    _acceptances()
    _neighbours()
    _contracts()


def _run_inputs() -> None:
    op.create_table(
        "run_inputs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_inputs_run_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name="fk_run_inputs_blob_id"),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_run_inputs"),
    )
    op.create_index("ix_run_inputs_blob_id", "run_inputs", ["blob_id"])


def _acceptances() -> None:
    op.create_table(
        "acceptances",
        sa.Column("key", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("accepted_until", "reason", "accepted_at")
        ),
        sa.PrimaryKeyConstraint("key", name="pk_acceptances"),
    )


def _neighbours() -> None:
    op.create_table(
        "neighbours",
        sa.Column("content_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in (
                *("local_interface", "hostname", "addresses", "platform", "remote_interface", "chassis_id"),
                *("protocol", "collected_via"),
            )
        ),
        sa.ForeignKeyConstraint(["content_id"], ["contents.id"], name="fk_neighbours_content_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("content_id", "position", name="pk_neighbours"),
        sqlite_with_rowid=False,
    )


def _contracts() -> None:
    op.create_table(
        "contract_sources",
        sa.Column("name", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("provider", "vendor", "dated", "imported", "digest", "files")
        ),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_contract_sources"),
    )
    op.create_table(
        "contract_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("source", "dated", "imported", "digest", "files", "changes")
        ),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contract_batches"),
    )
    op.create_index("ix_contract_batches_source", "contract_batches", ["source"])
