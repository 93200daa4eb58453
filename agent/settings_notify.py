"""The settings of who is told what: ``[[notify.route]]``, one section a mailbox, hook, folder or log."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from agent.fields import Duration, Port, SecretText

EVENTS: Final = (
    "job_failed", "incomplete", "overrun", "missed", "import_refused", "source_stale", "fleet_brake",
    "credential_breaker", "other",
)  # fmt: skip
"""What can happen to the agent itself."""
_COMMON: Final = frozenset(
    (*("name", "kind", "severity", "classes", "rules", "vendors", "sites", "closed", "events", "digest"),
     *("group", "timeout"))
)  # fmt: skip
_OWN: Final = {
    "mail": frozenset(("host", "port", "tls", "user", "password", "sender", "to", "ca_file")),
    "webhook": frozenset(("url", "authorization", "ca_file")),
    "slack": frozenset(("url", "ca_file")),
    "teams": frozenset(("url", "ca_file")),
    "folder": frozenset(("path", "format")),
    "syslog": frozenset(("host", "port", "transport", "path", "facility")),
}
_NEEDED: Final = {
    "mail": ("host", "sender", "to"),
    "webhook": ("url",),
    "slack": ("url",),
    "teams": ("url",),
    "folder": ("path",),
    "syslog": (),
}
_MAIL_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def _digest(value: str) -> str:
    if value in ("", "daily", "weekly"):
        return value
    try:
        return time.fromisoformat(value).strftime("%H:%M") if re.fullmatch(r"\d\d:\d\d", value) else _no_digest(value)
    except ValueError:
        return _no_digest(value)


def _no_digest(value: str) -> str:
    raise ValueError(f'{value!r} is no digest; write "daily", "weekly" or a time such as "08:00"')


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^\s<>@,;:\"]+@[A-Za-z0-9.-]+", value):
        raise ValueError(f"{value!r} is no mail address; write one such as noc@example.net")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class Route(BaseModel):
    """One way to tell people, and which findings go that way."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)

    name: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Literal["mail", "webhook", "slack", "teams", "folder", "syslog"]
    severity: Literal["info", "warning", "error"] = "warning"
    """The least that is told."""
    classes: tuple[Literal["unlicensed", "uncovered", "replaced", "data"], ...] = ()
    """Empty: all, here and in the next three, which are patterns: ``COV-*``, and ``!COV-EXPIRING`` for all but that."""
    rules: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    closed: bool = False
    """Whether it is also told that a finding is no more."""
    events: tuple[Literal[EVENTS], ...] = EVENTS  # type: ignore[valid-type]  # a tuple of literals is one at run time
    digest: Annotated[str, AfterValidator(_digest)] = ""
    """"" tells at once; else once a day, or a week, in the settings' zone."""
    group: Literal["site", "contract", "none"] = "site"
    """What a message is about."""
    timeout: Duration = 20.0

    host: str = ""
    port: Port | None = None
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: SecretText | None = None
    sender: Mailbox | None = None
    to: tuple[Mailbox, ...] = ()
    ca_file: str = ""
    """Certificates trusted in place of the system's."""
    url: SecretText | None = None
    authorization: SecretText | None = None
    """The value of a webhook's Authorization header, such as ``Bearer ...``."""
    path: str = ""
    """A folder of messages, or syslog's socket."""
    format: Literal["json", "text"] = "json"
    transport: Literal["udp", "tcp", "unix"] = "udp"
    facility: Annotated[int, Field(ge=0, le=23)] = 16
    """RFC 5424's number; 16 is local0."""

    @model_validator(mode="after")
    def _whole(self) -> Route:
        own = _OWN[self.kind]
        if strange := sorted(self.model_fields_set - _COMMON - own):
            raise ValueError(f"a {self.kind} route takes no {strange[0]}; it takes {', '.join(sorted(own))}")
        if missing := [name for name in _NEEDED[self.kind] if not getattr(self, name)]:
            raise ValueError(f"a {self.kind} route needs {missing[0]}")
        if self.kind == "mail":
            self._check_login()
        if self.kind == "syslog":
            self._check_syslog()
        return self

    @property
    def smtp_port(self) -> int:
        """The port of the mail server: 25, 587 for STARTTLS, 465 for TLS, unless another is set."""
        return self.port or _MAIL_PORTS[self.tls]

    @property
    def syslog_port(self) -> int:
        """514 over UDP (RFC 5426), 601 over TCP (RFC 3195), unless another is set."""
        return self.port or (601 if self.transport == "tcp" else 514)

    def _check_login(self) -> None:
        if bool(self.user) != (self.password is not None):
            raise ValueError("user goes with password")
        if self.user and self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError('a password is not sent in the clear; set tls = "starttls" or "tls"')

    def _check_syslog(self) -> None:
        if self.transport == "unix" and (self.host or self.port):
            raise ValueError("transport unix takes a path, no host or port")
        if self.transport != "unix" and (self.path or not self.host):
            raise ValueError(f"transport {self.transport} takes a host and a port, no path")


class Notify(BaseModel):
    """Whom to tell. Without a route nobody is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    most: Annotated[int, Field(ge=1, le=1000)] = 20
    """Messages that one run may bring a route; where there would be more, they become one."""
    route: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Notify:
        names = [route.name for route in self.route]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two routes are called {twice[0]!r}; give each its own name")
        return self
