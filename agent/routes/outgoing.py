"""What an adapter is given, and what it may say."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.errors import AgentError
from agent.notify_message import Message


class DeliveryError(AgentError):
    """The route does not work now; `rest` is how long it should be left alone at least."""

    def __init__(self, text: str, *, rest: timedelta = timedelta()) -> None:
        super().__init__(text)
        self.rest = rest


class RefusedError(DeliveryError):
    """The route works and did not take this message."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message with its name, by which a receiver knows a repeated one, and when it was written."""

    name: str
    created: datetime
    message: Message


def trust(ca_file: str, folder: Path) -> ssl.SSLContext:
    """A TLS context that verifies certificate and host name, by the system's certificates or those of *ca_file*."""
    path = folder / Path(ca_file).expanduser() if ca_file else None
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise DeliveryError(f"{path}: holds no certificates that can be read: {error.strerror or error}") from None


def why(error: OSError) -> str:
    """What went wrong on the way, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or type(error).__name__
