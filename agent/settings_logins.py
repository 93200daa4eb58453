"""The settings of logins: how carefully credentials are used."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agent.fields import Duration


class Logins(BaseModel):
    """What keeps accounts from being locked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    canary_above: Annotated[int, Field(ge=0)] = 3
    """A credential of more targets is tried on one device first; more devices only once it has worked."""
    breaker: Annotated[int, Field(ge=0)] = 3
    """Refusals in a row after which a credential is not used further in a run; 0 takes canary and breaker out."""
    retry_after: Duration | None = None
    """How old a failed login must be to be tried again with the same secret; None for never."""
    retry_cut: bool = True
    """Whether a login that was cut short is tried once more where the same secret had worked before."""
