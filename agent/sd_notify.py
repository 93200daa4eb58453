"""What a service tells systemd: datagrams to the socket that NOTIFY_SOCKET names (sd_notify(3)).

Without that variable nothing is sent. A datagram that cannot be sent is dropped: the service goes on.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping


def send(*lines: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send ``NAME=value`` lines as one datagram; whether there was somebody to send them to."""
    name = environ.get("NOTIFY_SOCKET", "")
    if name[:1] not in ("/", "@"):
        return False
    address = "\0" + name[1:] if name.startswith("@") else name  # an abstract socket (unix(7))
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.setblocking(False)
        out.sendto("\n".join(lines).encode(), address)
        return True
    return False


def ready(status: str) -> bool:
    """The service is up, or has read its settings again."""
    return send("READY=1", _status(status))


def reloading() -> bool:
    """Settings are being read; `ready` says when that is over. systemd wants the time of its own clock in it."""
    return send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


def stopping() -> bool:
    """The service is on its way out."""
    return send("STOPPING=1", "STATUS=stopping")


def status(text: str) -> bool:
    """One line for `systemctl status`."""
    return send(_status(text))


def alive() -> bool:
    """The loop turns: keeps the watchdog quiet."""
    return send("WATCHDOG=1")


def watchdog_seconds(environ: Mapping[str, str] = os.environ, pid: int | None = None) -> float | None:
    """How often systemd wants to hear of this process, None where it does not."""
    asked, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not asked.isdigit() or not int(asked) or (whose and whose != str(os.getpid() if pid is None else pid)):
        return None
    return int(asked) / 1e6


def _status(text: str) -> str:
    return "STATUS=" + " ".join(text.split())
