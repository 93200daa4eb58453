"""Syslog, RFC 5424: a line for the message and one for each finding, over UDP, TCP or a socket of this machine.

UDP and a local socket confirm nothing, TCP confirms what the other end's system took: a line can be lost on the way.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Final

from agent.logs import printable
from agent.notify_message import Message
from agent.routes.outgoing import DeliveryError, Outgoing, why
from agent.settings_notify import Route

_SEVERITY: Final = {"error": 3, "warning": 4, "info": 6}
_LONGEST: Final = 1800
"""Bytes of a line: below what every receiver takes (RFC 5424 section 6.1) and fits in most datagrams."""
_LOCAL: Final = "/dev/log"
_BOM: Final = b"\xef\xbb\xbf"


def send_syslog(route: Route, outgoing: Outgoing) -> str:
    """Send the message's lines."""
    where = (route.path or _LOCAL) if route.transport == "unix" else f"{route.host}:{route.syslog_port}"
    rows = list(lines(route.facility, outgoing, socket.gethostname(), os.getpid()))
    try:
        if route.transport == "tcp":
            with socket.create_connection((route.host, route.syslog_port), timeout=route.timeout) as stream:
                stream.sendall(b"".join(b"%d %s" % (len(row), row) for row in rows))  # RFC 6587, 3.4.1
                stream.shutdown(socket.SHUT_WR)
        else:
            _datagrams(route, where, rows)
    except OSError as error:
        raise DeliveryError(f"syslog {where}: {why(error)}") from None
    return ""


def lines(facility: int, outgoing: Outgoing, host: str, process: int) -> Iterator[bytes]:
    """The lines: PRI, version, time, host, program, process, kind of message, no structured data, text."""
    time = outgoing.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = "".join(letter for letter in host if "!" <= letter <= "~")[:255] or "-"
    for severity, text in _texts(outgoing.message):
        priority = facility * 8 + _SEVERITY.get(severity, 6)
        kind = outgoing.message.kind.upper()
        head = f"<{priority}>1 {time} {name} netcover {process} {kind} - ".encode() + _BOM
        body = f"id={outgoing.name} {printable(text)}".encode()
        yield head + body[: _LONGEST - len(head)].decode("utf-8", "ignore").encode()


def _texts(message: Message) -> Iterator[tuple[str, str]]:
    yield message.severity, " ".join((f"{message.title}.", *message.lead))
    for finding in message.findings:
        pairs = " ".join(
            f'{name}="{_quoted(finding[name])}"'
            for name in ("change", "key", "severity", "vendor", "serial", "hostname", "address", "site")
            if finding[name]
        )
        yield finding["severity"], f"{finding['message']} {pairs}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _datagrams(route: Route, where: str, rows: list[bytes]) -> None:
    if route.transport == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
            local.settimeout(route.timeout)
            local.connect(where)
            for row in rows:
                local.send(row)
        return
    family, kind, protocol, _, address = socket.getaddrinfo(route.host, route.syslog_port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as remote:
        for row in rows:
            remote.sendto(row, address)
