"""What an agent that runs for years keeps. Written out, not taken from the schema, which moves on."""

from __future__ import annotations

revision = "third"
down_revision = "second"


def upgrade() -> None:
    """Add the tables of version 0.3."""
