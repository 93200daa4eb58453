"""The ways to tell people. Each adapter sends one message, or raises an error whose text is one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.routes.outgoing import DeliveryError, Outgoing, RefusedError

if TYPE_CHECKING:
    from agent.secrets import Secret
    from agent.settings import Settings
    from agent.settings_notify import Route

__all__ = ["DeliveryError", "Outgoing", "RefusedError", "check", "send"]


def send(route: Route, settings: Settings, message: Outgoing, environ: Mapping[str, str] | None = None) -> str:
    """Send *message* by *route*; returns what was not quite right, "" where all was.

    Raises DeliveryError where the route does not work, RefusedError where it works and does not take this message.
    """
    secrets = _secrets(route, settings, environ)
    if route.kind == "mail":
        from agent.routes.mail import send_mail

        return send_mail(route, secrets["password"], message, settings.folder)
    if route.kind == "folder":
        from agent.routes.folder import write_message

        return write_message(route, message, settings.folder)
    if route.kind == "syslog":
        from agent.routes.syslog import send_syslog

        return send_syslog(route, message)
    from agent.routes.webhook import post

    return post(route, secrets["url"], secrets["authorization"], message, settings.folder)


def check(route: Route, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
    """Look a route over without contacting anybody: its secrets, its address, its certificates.

    Raises DeliveryError.
    """
    from agent.routes.outgoing import trust

    secrets = _secrets(route, settings, environ)
    if route.ca_file:
        trust(route.ca_file, settings.folder)
    if secrets["url"]:
        from agent.routes.webhook import address

        address(secrets["url"])


def _secrets(route: Route, settings: Settings, environ: Mapping[str, str] | None) -> dict[str, Secret]:
    """The route's secrets, looked up; an empty one where it has none."""
    from agent.errors import SettingsError
    from agent.secrets import NO_SECRET, resolve

    found = dict.fromkeys(("password", "url", "authorization"), NO_SECRET)
    for field in found:
        if (secret := getattr(route, field)) is not None:
            key = f"{settings.file}: notify.route.{route.name}.{field}"
            try:
                found[field] = resolve(secret.reveal(), key=key, folder=settings.folder, environ=environ)
            except SettingsError as error:
                raise DeliveryError(str(error)) from None
    return found
