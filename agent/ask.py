"""Asking a person: one credential for all targets, and trust in the host keys that are not on file yet."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import typer

from agent import poll
from agent.errors import UsageError
from agent.screen import Screen
from agent.secrets import Credential, Secret, SnmpCredential, SshCredential
from agent.settings import Settings
from agent.trust import enrol_new
from collectors.collect import Login
from collectors.model import Target


def ask(settings: Settings, targets: Sequence[Target], screen: Screen) -> Mapping[str, Login]:
    """One login for every target, and the host keys that the person trusts now."""
    if not sys.stdin.isatty():
        raise UsageError("--ask-credentials asks on a terminal, and there is none; put references into the settings")
    login = poll.login(_credential(), "the answers given")
    if login.ssh and not settings.ssh.trust_on_first_use:
        enrol_new(targets, settings, screen)
    return {target.credential: login for target in targets}


def _credential() -> Credential:
    """Ask for an SSH login and an SNMP community or user; an empty answer leaves that way in out."""
    user = _plain("SSH user (empty: no SSH)")
    ssh = SshCredential(user, _hidden("SSH password"), _hidden("Enable secret (empty: none)")) if user else None
    snmp = _snmp()
    if ssh is None and snmp is None:
        raise UsageError("neither an SSH login nor an SNMP community was given; there is no way to read anything")
    return Credential("asked", snmp, ssh)


def _snmp() -> SnmpCredential | None:
    community = _hidden("SNMP v2c community (empty: v3 or none)")
    if community:
        return SnmpCredential("2c", community)
    user = _plain("SNMP v3 user (empty: no SNMP)")
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


def _plain(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False, err=True))


def _hidden(question: str) -> Secret:
    return Secret(typer.prompt(question, default="", show_default=False, hide_input=True, err=True))
