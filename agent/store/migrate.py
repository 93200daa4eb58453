"""Brings a store to this version's tables, or says why not. One transaction: old or new, never between."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from agent.errors import StoreError
from agent.store.database import place, reading, writing
from agent.store.schema import HEAD

_version = sa.table("alembic_version", sa.column("version_num"))


def upgrade(engine: Engine) -> None:
    """Make or mend the tables. Raises StoreError where the store was written by a newer netcover."""
    with reading(engine) as connection:
        if _current(connection) == HEAD:
            return
    with writing(engine) as connection:  # looked at again: another process may have been quicker
        if (current := _current(connection)) != HEAD:
            _migrate(connection, current, place(engine))


def _current(connection: Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.scalar(sa.select(_version.c.version_num)) or ""


def _migrate(connection: Connection, current: str, name: str) -> None:
    # here and not above: a store that is up to date does not pay for the import
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "agent.store:migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current and current not in known:
        raise StoreError(
            f"{name} was written by a newer netcover (schema {current}, this one knows {HEAD});"
            " use that version, or name another store"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
