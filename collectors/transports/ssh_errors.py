"""What netmiko, paramiko and the socket raise, as our errors."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from netmiko import exceptions as nm
from paramiko import ssh_exception as pm  # type: ignore[import-untyped]  # it ships no types

from collectors import errors

ERRORS: Final[Mapping[type[BaseException], type[errors.CollectError]]] = MappingProxyType(
    {
        # The first that fits, so the special ones stand first.
        pm.BadHostKeyException: errors.HostKey,
        pm.IncompatiblePeer: errors.CryptoMismatch,
        pm.AuthenticationException: errors.AuthFailed,  # never repeated: it may lock the account
        pm.NoValidConnectionsError: errors.Refused,
        ConnectionRefusedError: errors.Refused,
        ConnectionError: errors.Refused,  # reset or closed while greeting: all lines are busy
        socket.gaierror: errors.Unreachable,
        nm.ReadTimeout: errors.TimedOut,
        nm.NetmikoTimeoutException: errors.TimedOut,
        nm.ReadException: errors.TimedOut,
        nm.WriteException: errors.TimedOut,
        nm.ConnectionException: errors.Unreachable,
        TimeoutError: errors.TimedOut,
        EOFError: errors.TimedOut,
        OSError: errors.Unreachable,
        nm.NetmikoBaseException: errors.Malformed,
        pm.SSHException: errors.Malformed,
        ValueError: errors.Malformed,  # netmiko: "Router prompt not found"
    }
)


def translate(error: BaseException) -> errors.CollectError:
    """One of our errors for what netmiko, paramiko or the socket raised, by the chain's first cause."""
    chain = list(_causes(error))
    for cause in reversed(chain):
        if isinstance(cause, errors.CollectError):
            return cause
    text = "; ".join(dict.fromkeys(_first_line(cause) for cause in reversed(chain)))
    if any(isinstance(cause, pm.AuthenticationException) for cause in chain):
        return _login_error(text)
    if "SSH protocol banner" in text:
        silent = any(isinstance(cause, TimeoutError) for cause in chain) or "timed out" in text
        return (
            errors.TimedOut(f"no SSH greeting: {text}") if silent else errors.Refused(f"closed before greeting: {text}")
        )
    for cause in reversed(chain):
        for kind, ours in ERRORS.items():
            if isinstance(cause, kind):
                return ours(text)
    return errors.Malformed(text)


def _login_error(text: str) -> errors.CollectError:
    if "timeout" in text.lower():
        return errors.AuthTimedOut("the device did not answer the login in time")
    if "saw EOF" in text:
        return errors.HungUp("the device closed the connection before it answered the login")
    return errors.AuthFailed("the device refused the login")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
