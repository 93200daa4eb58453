"""Mail by SMTP (RFC 5321), with STARTTLS or TLS and a login where set. Text only: nothing in it is markup."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from agent.logs import printable
from agent.notify_message import plain
from agent.routes.outgoing import DeliveryError, Outgoing, RefusedError, trust, why
from agent.secrets import Secret
from agent.settings_notify import Route

_AFTER_BAD_LOGIN: Final = timedelta(hours=6)
"""A refused login is not repeated soon: accounts lock."""
_PERMANENT: Final = 500


def send_mail(route: Route, password: Secret, outgoing: Outgoing, folder: Path) -> str:
    """Send one mail to all of the route's recipients; says which of them the server did not take."""
    where = f"mail server {route.host}:{route.smtp_port}"
    with _translated(where), _connected(route, folder) as server:
        if route.user:
            _login(server, route.user, password)
        # not send_message: it would write ">From" where a line begins with "From"
        refused = server.sendmail(str(route.sender), list(route.to), mail(route, outgoing).as_bytes())
    told = ", ".join(f"{who} ({_said(code, text)})" for who, (code, text) in sorted(refused.items()))
    return f"{where} did not take {told}" if told else ""


def mail(route: Route, outgoing: Outgoing) -> EmailMessage:
    """The mail itself. Its Message-ID is the message's name, so a repeated one is known as such."""
    made = EmailMessage(policy=SMTP)
    made["From"] = route.sender
    made["To"] = ", ".join(route.to)
    made["Subject"] = printable(outgoing.message.title)
    made["Date"] = format_datetime(outgoing.created)
    made["Message-ID"] = f"<{outgoing.name}@{str(route.sender).partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    made["X-Netcover"] = f"{outgoing.message.kind} {outgoing.message.severity}"
    made.set_content(plain(outgoing.message), cte="quoted-printable")
    return made


def _login(server: smtplib.SMTP, user: str, password: Secret) -> None:
    """One login by one method: `smtplib`'s own goes on to the next method, which is a second failed login."""
    server.ehlo_or_helo_if_needed()
    offered = server.esmtp_features.get("auth", "").upper().split()
    server.user, server.password = user, password.reveal()  # where smtplib's methods take them from
    if "PLAIN" in offered:
        server.auth("PLAIN", server.auth_plain)
    elif "LOGIN" in offered:
        server.auth("LOGIN", server.auth_login)
    else:
        raise smtplib.SMTPNotSupportedError("it offers no login by PLAIN or LOGIN")


@contextmanager
def _connected(route: Route, folder: Path) -> Iterator[smtplib.SMTP]:
    context = trust(route.ca_file, folder) if route.tls != "none" else None
    if route.tls == "tls":
        with smtplib.SMTP_SSL(route.host, route.smtp_port, timeout=route.timeout, context=context) as server:
            yield server
        return
    with smtplib.SMTP(route.host, route.smtp_port, timeout=route.timeout) as server:
        if route.tls == "starttls":
            server.starttls(context=context)
        yield server


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        text = f"{where} refused the login: {_said(error.smtp_code, error.smtp_error)}"
        raise DeliveryError(text, rest=_AFTER_BAD_LOGIN) from None
    except smtplib.SMTPRecipientsRefused as error:
        told = ", ".join(f"{who}: {_said(code, text)}" for who, (code, text) in sorted(error.recipients.items()))
        raise RefusedError(f"{where} took none of the recipients: {told}") from None
    except smtplib.SMTPSenderRefused as error:
        raise DeliveryError(f"{where} refused the sender: {_said(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPDataError as error:
        kind = RefusedError if error.smtp_code >= _PERMANENT else DeliveryError
        raise kind(f"{where} refused the mail: {_said(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(f"{where}: {printable(str(error))} (tls in the route's settings)") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"{where}: {_said(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPException as error:
        raise DeliveryError(f"{where}: {printable(str(error)) or type(error).__name__}") from None
    except OSError as error:
        raise DeliveryError(f"{where}: {why(error)}") from None


def _said(code: int, text: bytes | str) -> str:
    """The server's answer on one line."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {printable(words)}"[:200]
