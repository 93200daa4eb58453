"""What napalm can tell of a platform that has no templates here: one chassis, its name and its release.

napalm's `get_facts` lists no modules, so the inventory is partial and is expected to be: its units count, its
absences say nothing.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from collectors import errors
from collectors.gate import Knock
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
_BY_NETMIKO: Final = frozenset(("eos", "ios", "iosxr", "nxos_ssh"))
"""Drivers that log in through netmiko; eos does so where it is told to, in place of HTTPS."""
_BY_NCCLIENT: Final = frozenset(("junos",))
"""Drivers that speak NETCONF inside SSH and can be bound to one host key."""
_REFUSED: Final = {
    "nxos": "napalm:nxos speaks HTTPS and checks no certificate: use napalm:nxos_ssh, or the platform cisco_nxos",
    "iosxr_netconf": "napalm:iosxr_netconf logs in whatever host key it is shown (ncclient takes any for IOS XR): "
    "use the platform cisco_xr, or napalm:iosxr",
}
"""Drivers with which nothing proves who answers, and what to use in their place."""
_NO_SERIAL: Final = "get_facts gives no serial of its chassis"
_ONLY_CHASSIS: Final = "napalm tells the chassis only"


def read_facts(
    driver: str,
    endpoint: ssh.Endpoint,
    login: ssh.Login,
    known_hosts: hostkeys.KnownHosts,
    *,
    timeout: float = 60.0,
    knock: Knock | None = None,
) -> Reading:
    """The Reading of napalm's facts. Blocks; raises CollectError, or ConfigError for a driver napalm does not have.

    The device's host key is checked before napalm logs in, and the driver is bound to that very key: a peer that shows
    another one at the login gets no password. A driver that cannot be bound is refused. A *knock* is entered before the
    login.
    """
    from napalm import get_network_driver  # imported only by runs that need it: it is heavy
    from napalm.base.exceptions import ModuleImportError

    try:
        kind = get_network_driver(driver)
    except ModuleImportError as error:
        raise errors.ConfigError(f"platform napalm:{driver}: napalm has no driver of that name") from error
    if driver not in _BY_NETMIKO | _BY_NCCLIENT:
        known = ", ".join(sorted(_BY_NETMIKO | _BY_NCCLIENT))
        other = f"napalm:{driver} is not known to prove who answers; those that do: {known}"
        raise errors.HostKey(f"{_REFUSED.get(driver, other)}. No password was sent")
    line = hostkeys.checked_line(known_hosts, endpoint.key_names, endpoint.port, legacy=False, timeout=timeout)
    with tempfile.TemporaryDirectory(prefix="netcover-napalm-") as folder:
        options = _options(driver, endpoint.port, login, line, Path(folder))
        try:
            device = kind(endpoint.address, login.user, login.password, timeout=int(timeout), optional_args=options)
            if driver == "junos":
                _bind_junos(device.device)
            if knock:
                knock.enter()
            with _opened(device):
                if knock:
                    knock.let_in()
                return reading(driver, device.get_facts())
        except errors.CollectError:
            raise
        except Exception as error:  # each driver brings the exceptions of its own library
            raise translate(error) from error


@contextlib.contextmanager
def _opened(device: Any) -> Iterator[None]:  # napalm has no types
    """Open, and closed whatever happened: napalm's own way prints, and its close hides why an open failed."""
    device.open()
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            device.close()


def _options(driver: str, port: int, login: ssh.Login, line: str, folder: Path) -> dict[str, Any]:
    """What binds *driver* to the host key of the known_hosts *line*, in the words of the library under it."""
    known = folder / "known_hosts"
    known.write_text(line + "\n", "utf-8")
    if driver == "junos":
        config = folder / "config"
        config.write_text(f"Host *\n    UserKnownHostsFile {known}\n", "utf-8")
        return {"port": port, "ssh_config_file": str(config)}
    options: dict[str, Any] = {"port": port, "secret": login.enable} if login.enable else {"port": port}
    options |= {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": str(known), "allow_agent": False}
    return {**options, "transport": "ssh"} if driver == "eos" else options


def _bind_junos(device: Any) -> None:  # PyEZ has no types
    """PyEZ checks no host key unless told at its making, where napalm's driver does not pass it on."""
    for name, value in (("_hostkey_verify", True), ("_allow_agent", False), ("_look_for_keys", False)):
        if not hasattr(device, name):
            raise errors.HostKey(f"napalm:junos: this release of PyEZ has no {name}, so its host key goes unchecked")
        setattr(device, name, value)


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
    if isinstance(error, napalm.ConnectAuthError) or _named(error, "ConnectAuthError", "AuthenticationE"):
        return errors.AuthFailed(text)
    if _named(error, "SSHUnknownHostError"):
        return errors.HostKey(f"{text}; it is not the key that was checked, and no password was sent")
    if isinstance(error, (napalm.ConnectTimeoutError, napalm.CommandTimeoutException, TimeoutError)):
        return errors.TimedOut(text)
    if isinstance(error, (napalm.ConnectionException, socket.gaierror)):
        cause = ssh_errors.translate(error)
        return errors.Unreachable(text) if isinstance(cause, errors.Malformed) else cause
    if isinstance(error, (NotImplementedError, napalm.NapalmException)):
        return errors.Malformed(text)
    return ssh_errors.translate(error)


def _named(error: BaseException, *names: str) -> bool:
    """Whether the error, or one it came from, has a class name that begins so: the libraries are napalm's affair."""
    one: BaseException | None = error
    while one is not None:
        if type(one).__name__.startswith(names):
            return True
        one = one.__cause__ or one.__context__
    return False
