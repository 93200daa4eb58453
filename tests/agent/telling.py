"""Parts of the tests of telling people: findings, judged runs, a certificate, and servers that keep what they get."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent.settings import Settings
from agent.settings_notify import Notify, Route
from agent.store import Store
from reconcile import tables
from tests.agent.parts import a_run, seen

USER, PASSWORD = "netcover", "Kanarie-mail-5d1f"
DEFAULTS = {
    "rule": "COV-UNCOVERED",
    "class": "uncovered",
    "severity": "error",
    "confidence": "high",
    "status": "new",
    "vendor": "cisco",
    "serial": "FOC1111A0A1",
    "product_id": "C9300-48P",
    "hostname": "sw-1",
    "address": "10.20.0.1",
    "slot": "1",
    "site": "Ghent",
    "message": "C9300-48P FOC1111A0A1 in sw-1 is on no line of any contract",
    "action": "Ask a reseller for a quote with its serial, product and site",
    "first_seen": "2026-03-01",
    "last_seen": "2026-03-01",
}


def finding(key: str = "COV-UNCOVERED-0123456789ab", **changed: str) -> dict[str, str]:
    return {**dict.fromkeys(tables.FINDINGS, ""), **DEFAULTS, "key": key, **changed}


def judged(store: Store, *found: dict[str, str]) -> int:
    """A sealed run with these findings."""
    run = a_run(store, seen())
    store.save_findings(run, tables.table(tables.FINDINGS, found))
    return run


def settings_of(folder: Path, *routes: dict[str, Any], **changed: Any) -> Settings:
    """Settings with these routes, by default a folder called ``told``."""
    given = routes or ({},)
    here = {"name": "told", "kind": "folder", "path": "told"}
    made = tuple(Route.model_validate(route if "kind" in route else {**here, **route}) for route in given)
    return Settings(file=folder / "netcover.toml", notify=Notify(route=made), **changed)


def route(kind: str, **changed: Any) -> dict[str, Any]:
    """A route that is no folder."""
    return {"kind": kind, "name": kind, **changed}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that signs itself, as files."""

    cert: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.cert, self.key)
        return made


def certificate(folder: Path, host: str = "127.0.0.1") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "cert.pem", folder / "key.pem")
    found.cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return found


@dataclass
class Mailbox:
    """A mail server's memory, and what it answers."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    refuse: tuple[str, ...] = ()
    """Recipients."""
    encrypted: list[bool] = field(default_factory=list)

    # the names that aiosmtpd calls
    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        if address in self.refuse:
            return "550 nobody here is called that"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        if self.answer.startswith("250"):
            self.mails.append(envelope)
        return self.answer

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.password)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(tls: Certificate | None = None, *, implicit: bool = False, login: bool = False) -> Iterator[Mailbox]:
    """A real SMTP server: plain, with STARTTLS, or with TLS from the first byte."""
    box = Mailbox(free_port())
    options: dict[str, Any] = {}
    if tls and implicit:
        options["ssl_context"] = tls.context()
    elif tls:
        options |= {"tls_context": tls.context(), "require_starttls": True}
    if login:
        options |= {"authenticator": box.login, "auth_required": True, "auth_require_tls": not implicit}
    server = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    server.start()
    try:
        yield box
    finally:
        server.stop()


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Hook:
    """An HTTP server's memory, and what it answers."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fail_after: int = 10**9
    """Requests after which it answers 503."""


@contextmanager
def hook_server(tls: Certificate | None = None) -> Iterator[Hook]:
    """A real HTTP server."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.requests.append(Request(self.path, dict(self.headers), body))
            self.send_response(503 if len(hook.requests) > hook.fail_after else hook.status)
            for name, value in {"Content-Length": "2", **hook.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a client that hangs up is meant
    if tls:
        server.socket = tls.context().wrap_socket(server.socket, server_side=True)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
