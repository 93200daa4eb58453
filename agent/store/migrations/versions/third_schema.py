"""What an agent that runs for years keeps. Written out, not taken from the schema, which moves on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agent.store.migrations import third_spans as spans

revision = "third"
down_revision = "second"


def upgrade() -> None:
    """Add the tables of version 0.3."""
    spans.upgrade()
    _slots()
    _outbox()
    _removals()
    _finding_lives()
    _logins()
    _devices()


def _outbox() -> None:
    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        *texts("route", "key", "change", "due", "data"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_route_due", "notices", ["route", "due"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *texts("route", "name", "created", "title", "body", "next_try", "sent", "error"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_route_sent", "messages", ["route", "sent"])
    op.create_table(
        "told",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        *texts("state", "severity"),
        sa.PrimaryKeyConstraint("route", "key", name="pk_told"),
    )
    op.create_table(
        "route_states",
        sa.Column("name", sa.Text(), nullable=False),
        *texts("introduced", "next_try", "tried", "delivered", "error", "holder", "claimed"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_route_states"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        *texts("kind", "text", "at", "last", "routed"),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_routed", "events", ["routed"])


def _removals() -> None:
    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]

    op.create_table(
        "absences",
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        *texts("run", "seen_at", "product_id", "kind", "hostname", "address", "site", "slot", "parent_serial"),
        *texts(
            "at",
            "at_host",
            "chassis",
            "since_run",
            "since",
            "runs",
            "counted_run",
            "state",
            "hold",
            "brake",
            "successor",
        ),
        *texts("settled_run", "settled", "who", "reason"),
        sa.PrimaryKeyConstraint("vendor", "serial", name="pk_absences"),
    )
    op.create_table(
        "removal_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        *texts("at", "vendor", "serial", "event", "who", "reason"),
        sa.PrimaryKeyConstraint("id", name="pk_removal_log"),
    )
    op.create_index("ix_removal_log_vendor_serial", "removal_log", ["vendor", "serial"])
    op.create_table(
        "arrivals",
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("vendor", "serial", name="pk_arrivals"),
    )
    op.create_table(
        "tracking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_run", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracking"),
    )


def _finding_lives() -> None:
    op.create_table(
        "finding_lives",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opened_run", sa.Integer(), nullable=False),
        sa.Column("closed_run", sa.Integer(), server_default="0", nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("opened", "closed")),
        sa.PrimaryKeyConstraint("key", "opened_run", name="pk_finding_lives"),
    )
    op.create_table(
        "finding_notes",
        sa.Column("key", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("owner", "ticket", "comment", "noted")
        ),
        sa.PrimaryKeyConstraint("key", name="pk_finding_notes"),
    )


def _slots() -> None:
    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]

    op.create_table(
        "slots",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *texts("job", "slot", "due", "started", "finished", "state", "reason"),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("overran", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slots"),
        sa.UniqueConstraint("job", "slot", name="uq_slots_job_slot"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "slot_schedules",
        sa.Column("job", sa.Text(), nullable=False),
        *texts("schedule", "since"),
        sa.PrimaryKeyConstraint("job", name="pk_slot_schedules"),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *texts("job", "slot", "started", "finished", "state", "reason"),
        sa.Column("seconds", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_runs_job", "job_runs", ["job"])


def _logins() -> None:
    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]

    op.create_table(
        "login_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        *texts("made"),
        sa.PrimaryKeyConstraint("id", name="pk_login_keys"),
    )
    place = ("context", "address", "port", "protocol", "version")
    op.create_table(
        "logins",
        *(sa.Column(name, sa.Integer() if name == "port" else sa.Text(), nullable=False) for name in place),
        *texts("credential", "state", "since", "worked", "reason", "holder"),
        sa.Column("cut", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint(*place, name="pk_logins"),
    )


def _devices() -> None:
    facts = ("hostname", "engine_id", "serials", "products", "seen", "stamp", "outcome", "reason", "rest_until")
    place = ("context", "target", "snmp_port", "ssh_port")
    op.create_table(
        "devices",
        *(sa.Column(name, sa.Text() if at < 2 else sa.Integer(), nullable=False) for at, name in enumerate(place)),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in facts),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("full_run", "last_run", "quick", "failures")
        ),
        sa.PrimaryKeyConstraint(*place, name="pk_devices"),
    )
