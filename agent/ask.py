"""Asking a person: one credential for all targets, and trust in the host keys that are not on file yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import typer

from agent import poll
from agent.errors import UsageError
from agent.secrets import Credential, Secret, SnmpCredential, SshCredential
from agent.settings import Settings
from collectors.collect import Login
from collectors.errors import CollectError
from collectors.model import Target
from collectors.scope import Scope, plain
from collectors.transports.hostkeys import KnownHosts, ShownKey, append, scan_host_key

_SCANS: Final = 32


def ask(settings: Settings, targets: Sequence[Target]) -> Mapping[str, Login]:
    """One login for every target, and the host keys that the person trusts now."""
    login = poll.login(_credential(), "the answers given")
    if login.ssh and not settings.ssh.trust_on_first_use:
        trust_unknown(targets, settings, poll.scope(settings), KnownHosts(settings.known_hosts))
    return {target.credential: login for target in targets}


def _credential() -> Credential:
    """Ask for an SSH login and an SNMP community or user; an empty answer leaves that way in out."""
    user = typer.prompt("SSH user (empty: no SSH)", default="", show_default=False)
    ssh = SshCredential(user, _hidden("SSH password"), _hidden("Enable secret (empty: none)")) if user else None
    snmp = _snmp()
    if ssh is None and snmp is None:
        raise UsageError("neither an SSH login nor an SNMP community was given; there is no way to read anything")
    return Credential("asked", snmp, ssh)


def trust_unknown(
    targets: Sequence[Target], settings: Settings, scope: Scope, known: KnownHosts
) -> tuple[ShownKey, ...]:
    """Show the keys of the targets that are not on file, and write those down that the person accepts, all or none.

    Only numeric addresses inside the scope are asked. A device that shows no key is left for the poll to report.
    """
    strangers = [t for t in targets if _scannable(t, scope) and not known.types(names(t), port(t, settings))]
    with ThreadPoolExecutor(_SCANS) as pool:
        scan = partial(_scan, settings=settings)
        shown = [(target, key) for target, key in zip(strangers, pool.map(scan, strangers), strict=True) if key]
    if not shown:
        return ()
    typer.echo("These devices are new; compare the fingerprints with what you know:")
    for target, key in shown:
        typer.echo(f"  {target.address:<24} {key.type:<20} {key.fingerprint}")
    if not typer.confirm(f"Trust these {len(shown)} host keys and keep them in {settings.known_hosts}?"):
        return ()
    append(settings.known_hosts, [key.line for _, key in shown])
    return tuple(key for _, key in shown)


def names(target: Target) -> tuple[str, ...]:
    """What a target's key may stand under in known_hosts."""
    return tuple(filter(None, (target.address, target.hostname)))


def port(target: Target, settings: Settings) -> int:
    """The target's SSH port."""
    return target.ssh_port or settings.collect.ssh_port


def _scan(target: Target, *, settings: Settings) -> ShownKey | None:
    try:
        return scan_host_key(target.address, port(target, settings), legacy=target.legacy_ssh)
    except CollectError:
        return None


def _scannable(target: Target, scope: Scope) -> bool:
    try:
        return scope.allows(str(plain(target.address)))
    except ValueError:
        return False


def _snmp() -> SnmpCredential | None:
    community = _hidden("SNMP v2c community (empty: v3 or none)")
    if community:
        return SnmpCredential("2c", community)
    user = typer.prompt("SNMP v3 user (empty: no SNMP)", default="", show_default=False)
    if not user:
        return None
    auth_key = _hidden("SNMP v3 authentication key (SHA-256; empty: none)")
    priv_key = _hidden("SNMP v3 privacy key (AES-128; empty: none)") if auth_key else Secret("")
    return SnmpCredential(
        "3",
        user=user,
        auth="sha256" if auth_key else "",
        auth_key=auth_key,
        priv="aes128" if priv_key else "",
        priv_key=priv_key,
    )


def _hidden(question: str) -> Secret:
    return Secret(typer.prompt(question, default="", show_default=False, hide_input=True))
