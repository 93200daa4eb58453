"""The settings of watching the agent: ``[watch]``."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.fields import Duration


class Watch(BaseModel):
    """Where the agent answers ``/metrics``, ``/healthz`` and ``/readyz``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = True
    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9680
    """0 takes a free one."""
    allow_remote: bool = False
    """Whether an address that others reach is allowed. There is no login and no TLS."""
    alive_within: Duration = 90.0
    """``/healthz`` fails when the scheduler was not heard of for longer."""
    cache: Duration = 15.0
    """How old the figures of ``/metrics`` may be."""

    @model_validator(mode="after")
    def _loopback(self) -> Watch:
        try:
            address = ip_address(self.address)
        except ValueError:
            raise ValueError(f"address: {self.address!r} is no IP address; write 127.0.0.1 or ::1") from None
        if not (address.is_loopback or self.allow_remote):
            raise ValueError(
                f"address: others reach {self.address}, and there is no login; keep 127.0.0.1, or allow_remote = true"
            )
        return self
