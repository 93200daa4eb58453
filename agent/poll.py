"""From settings to polling: the values that `collectors.collect` takes, with every secret looked up.

Anything that could not work is found here, before the first packet: a target outside the scope, a credential that
is missing or does not serve the target's protocol, a key that is too short.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from agent.errors import SettingsError, UsageError
from agent.secrets import Credential, SnmpCredential
from agent.settings import Settings
from collectors.collect import Login, Polling
from collectors.model import Target
from collectors.platforms import Platform
from collectors.scope import LISTED, Scope, plain
from collectors.transports import shell, snmp, ssh
from collectors.transports.hostkeys import KnownHosts

_PYSNMP_AT_ONCE: Final = 40
"""More walks in one loop keep pysnmp busy for longer than its own time-outs."""


def polling(settings: Settings, platforms: Mapping[str, Platform], logins: Mapping[str, Login]) -> Polling:
    """The settings' way of polling, with *logins* by credential name ("" for targets that name none)."""
    collect, phases = settings.collect, settings.ssh
    return Polling(
        scope=scope(settings),
        platforms=platforms,
        logins=logins,
        known_hosts=KnownHosts(settings.known_hosts, learn=phases.trust_on_first_use),
        protocols=collect.protocols,
        snmp_port=collect.snmp_port,
        ssh_port=collect.ssh_port,
        concurrency=min(collect.concurrency, _PYSNMP_AT_ONCE) if collect.engine == "pysnmp" else collect.concurrency,
        ssh_sessions=collect.ssh_sessions,
        deadline=collect.device_deadline,
        engine=collect.engine,
        snmp_options={
            "timeout": collect.snmp_timeout,
            "retries": collect.snmp_retries,
            "rate": float(collect.packets_per_second),
        },
        max_repetitions=collect.max_repetitions,
        neighbours=collect.neighbours,
        ssh_limits=shell.Limits(
            tcp=phases.connect_timeout,
            banner=phases.banner_timeout,
            auth=phases.auth_timeout,
            command=phases.command_timeout,
            device=collect.device_deadline,
        ),
    )


def scope(settings: Settings) -> Scope:
    """The scope of the settings, or the target list itself where they have none."""
    return Scope(settings.scope) if settings.scope else LISTED


def logins(settings: Settings, targets: Iterable[Target]) -> dict[str, Login]:
    """Every credential that a target needs. Raises SettingsError naming the target that wants a missing one."""
    found: dict[str, Login] = {}
    for target in targets:
        if target.credential in found:
            continue
        if not (target.credential or settings.collect.default_credential):
            raise SettingsError(
                f"{target.origin}: {target.address} names no credential and {settings.file} has no default;"
                " set collect.default_credential, fill the credential column, or run with --ask-credentials"
            )
        found[target.credential] = login(settings.credential(target.credential), str(settings.file))
    return found


def login(credential: Credential, origin: str) -> Login:
    """The transports' form of a credential. Raises SettingsError for a key that cannot work."""
    try:
        return Login(
            snmp=_snmp(credential.snmp) if credential.snmp else None,
            ssh=ssh.Login(credential.ssh.user, credential.ssh.password.reveal(), credential.ssh.enable.reveal())
            if credential.ssh
            else None,
        )
    except ValueError as error:
        raise SettingsError(f"{origin}: credentials.{credential.name}.snmp: {error}") from None


def check_targets(targets: Sequence[Target], polling: Polling) -> None:
    """Refuse what cannot be polled: an address outside the scope, or a login for none of the target's protocols."""
    for target in targets:
        _check_scope(target, polling.scope)
        wanted = target.protocols or polling.protocols
        login = polling.logins[target.credential]
        if not any(getattr(login, protocol) for protocol in wanted):
            name = target.credential or "the default credential"
            raise UsageError(
                f"{target.origin}: {target.address} is to be read over {' and '.join(wanted)}, but {name} has no"
                " such login; add one to the settings or change the protocols column"
            )


def _check_scope(target: Target, scope: Scope) -> None:
    try:
        address = plain(target.address)
    except ValueError:
        return  # a name: judged by what it resolves to, when it does
    if scope.allows(str(address)):
        return
    if scope is LISTED:
        kind = "loopback" if address.is_loopback else "not a device's address"
        raise UsageError(
            f"{target.origin}: {target.address} is {kind}; it is polled only where scope names it,"
            f' as in scope = ["{ipaddress.ip_network(address)}"]'
        )
    raise UsageError(
        f"{target.origin}: {target.address} is outside the scope; widen scope in the settings or remove the row"
    )


def _snmp(credential: SnmpCredential) -> snmp.Credential:
    if credential.version != "3":
        return snmp.Community(credential.community.reveal())
    return snmp.User(
        credential.user,
        credential.auth,
        credential.auth_key.reveal(),
        credential.priv,
        credential.priv_key.reveal(),
        credential.context,
    )
