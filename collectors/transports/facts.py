"""What napalm can tell of a platform that has no templates here: one chassis, its name and its release.

napalm's `get_facts` lists no modules, so the inventory is partial and is expected to be: its units count, its
absences say nothing.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Mapping
from typing import Any, Final

from collectors import errors
from collectors.model import (
    IDENTITY,
    INVENTORY,
    LICENCES,
    SOFTWARE,
    Kind,
    Reading,
    Section,
    Software,
    State,
    Unit,
)
from collectors.serials import canonical
from collectors.transports import hostkeys, ssh, ssh_errors

_VIA: Final = "napalm"
_OVER_SSH: Final = frozenset(("ios", "iosxr", "iosxr_netconf", "junos", "nxos_ssh"))
"""Drivers whose peer shows an SSH host key."""
_NO_SERIAL: Final = "get_facts gives no serial of its chassis"
_ONLY_CHASSIS: Final = "napalm tells the chassis only"


def read_facts(
    driver: str, endpoint: ssh.Endpoint, login: ssh.Login, known_hosts: hostkeys.KnownHosts, *, timeout: float = 60.0
) -> Reading:
    """The Reading of napalm's facts. Blocks; raises CollectError, or ConfigError for a driver napalm does not have.

    The device's host key is checked before napalm logs in, and handed to the drivers that check it themselves. A
    driver that speaks HTTPS is refused: no certificate is checked there.
    """
    from napalm import get_network_driver  # imported only by runs that need it: it is heavy
    from napalm.base.exceptions import ModuleImportError

    try:
        kind = get_network_driver(driver)
    except ModuleImportError as error:
        raise errors.ConfigError(f"platform napalm:{driver}: napalm has no driver of that name") from error
    if driver not in _OVER_SSH:
        known = ", ".join(sorted(_OVER_SSH))
        raise errors.HostKey(f"napalm:{driver} does not log in over SSH, so nothing proves who answers; known: {known}")
    line = hostkeys.checked_line(known_hosts, endpoint.key_names, endpoint.port, legacy=False, timeout=timeout)
    with tempfile.NamedTemporaryFile("w", suffix=".known_hosts") as trusted:
        trusted.write(line + "\n")
        trusted.flush()
        options = {"port": endpoint.port, **({"secret": login.enable} if login.enable else {})}
        options |= {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": trusted.name, "allow_agent": False}
        try:
            with kind(
                hostname=endpoint.address,
                username=login.user,
                password=login.password,
                timeout=int(timeout),
                optional_args=options,
            ) as device:
                return reading(driver, device.get_facts())
        except errors.CollectError:
            raise
        except Exception as error:  # each driver brings the exceptions of its own library
            raise translate(error) from error


def reading(driver: str, facts: Mapping[str, Any]) -> Reading:
    """What *facts* say, as a Reading."""
    said = {key: str(value).strip() for key, value in facts.items() if isinstance(value, (str, int, float))}
    serial = canonical(said.get("serial_number", ""))
    version = "" if said.get("os_version", "").lower() in ("unknown", "none") else said.get("os_version", "")
    vendor = said.get("vendor", "").lower().split(" ")[0] or driver
    unit = Unit(
        vendor=vendor,
        serial=serial,
        product_id=said.get("model", ""),
        kind=Kind.CHASSIS,
        software_version=version,
        manufacturer=said.get("vendor", ""),
        serial_raw=said.get("serial_number", ""),
        collected_via=_VIA,
    )
    return Reading(
        via=_VIA,
        hostname=said.get("hostname", ""),
        sections=(
            Section(IDENTITY, State.COMPLETE, _VIA),
            Section(INVENTORY, State.PARTIAL, _VIA, _ONLY_CHASSIS if serial else _NO_SERIAL, expected=True),
            Section(
                SOFTWARE,
                State.COMPLETE if version else State.PARTIAL,
                _VIA,
                "" if version else "no release in the facts",
                expected=True,
            ),
            Section(LICENCES, State.UNSUPPORTED, _VIA, "napalm reads no licences", expected=True),
        ),
        units=(unit,),
        software=(Software(version, collected_via=_VIA),) if version else (),
    )


def translate(error: BaseException) -> errors.CollectError:
    """One of our errors for what napalm or the library under its driver raised."""
    from napalm.base import exceptions as napalm

    text = f"napalm: {str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__}"
    if isinstance(error, napalm.ConnectAuthError):
        return errors.AuthFailed(text)
    if isinstance(error, (napalm.ConnectTimeoutError, napalm.CommandTimeoutException, TimeoutError)):
        return errors.TimedOut(text)
    if isinstance(error, (napalm.ConnectionException, socket.gaierror)):
        cause = ssh_errors.translate(error)
        return errors.Unreachable(text) if isinstance(cause, errors.Malformed) else cause
    if isinstance(error, (NotImplementedError, napalm.NapalmException)):
        return errors.Malformed(text)
    return ssh_errors.translate(error)
