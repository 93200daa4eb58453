"""Parts that the agent's tests build with: a settings file, units, observations, runs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import agent
from agent.store import Store
from collectors.model import (
    Capture,
    Kind,
    Licence,
    LicenceState,
    Observation,
    Outcome,
    Section,
    Software,
    State,
    Target,
    Unit,
)

HOME = Path(agent.__file__).resolve().parent.parent
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 1)
CANARY = "Kanarie-7f3a91c2d4e8b605"
"""A secret that must be found nowhere but where a test put it."""
_V3 = 'auth = "sha256", auth_key = "env:T_AUTH", priv = "aes128", priv_key = "env:T_PRIV"'
CORE = f"""
scope = ["10.20.0.0/16"]
[credentials.core]
snmp = {{ version = "3", user = "audit", {_V3} }}
ssh = {{ user = "audit", password = "env:T_PASSWORD", enable = "env:T_ENABLE" }}
[credentials.lab]
snmp = {{ version = "2c", community = "env:T_COMMUNITY" }}
[collect]
default_credential = "core"
"""

Netcover = Callable[..., subprocess.CompletedProcess[str]]


def begin(store: Store, **changed: object) -> int:
    return store.begin_run(**{"as_of": TODAY, "version": "0.1.0", "settings_digest": "d1", **changed})  # type: ignore[arg-type]


def a_unit(serial: str = "FOC1111A0A1", **changed: object) -> Unit:
    return Unit(**{"vendor": "cisco", "serial": serial, "kind": Kind.CHASSIS, "collected_via": "snmp", **changed})  # type: ignore[arg-type]


def seen(address: str = "10.20.0.1", *units: Unit, **changed: object) -> Observation:
    """A switch that was read in full, with all that an observation can hold."""
    values: dict[str, object] = {
        "target": Target(address, site="Ghent"),
        "outcome": Outcome.COMPLETE,
        "address": address,
        "started": NOON,
        "hostname": f"sw-{address}",
        "vendor": "cisco",
        "platform": "cisco_ios",
        "sections": (
            Section("inventory", State.COMPLETE, "snmp"),
            Section("software", State.COMPLETE, "snmp"),
        ),
        "units": units or (a_unit(f"SN{address.replace('.', 'D')}"),),
        "licences": (Licence("network-advantage", LicenceState.IN_USE, collected_via="ssh"),),
        "software": (Software("17.9.4", collected_via="snmp"),),
        "captures": (Capture("inventory", "show inventory", f"NAME: {address}", State.COMPLETE, "ssh"),),
        "attempts": 1,
        "seconds": 0.25,
        "via": ("snmp", "ssh"),
    }
    return Observation(**{**values, **changed})  # type: ignore[arg-type]


def a_run(store: Store, *observations: Observation) -> int:
    run = begin(store)
    for observation in observations:
        store.save_observation(run, observation)
    store.seal(run, {"targets": len(observations)})
    return run
