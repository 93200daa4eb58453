"""The settings of keeping the store: ``[upkeep]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Upkeep(BaseModel):
    """How long runs are kept, and where backups of the store go."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    keep_days: Annotated[int, Field(ge=1)] = 730
    """A run goes when it is older than this, counted from the newest run."""
    keep_runs: Annotated[int, Field(ge=1)] = 30
    """So many newest runs stay, however old they are."""
    backup_folder: Annotated[str, Field(min_length=1)] = "backups"
    """Relative to the settings file."""
    keep_backups: Annotated[int, Field(ge=1)] = 7
    """Older ones go once a newer one was written and read back."""
