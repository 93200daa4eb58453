"""A small fleet, an audit folder for it, and the program started as a process: for tests of `run` and `agent`."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.agent.parts import HOME
from tests.lab import Access, Device, Faults, Lab
from tests.lab.profiles import isr4331
from tests.lab.units import Box

PATIENCE = 40.0
"""Seconds until a test gives up waiting for an event."""


def router(address: str, faults: Faults | None = None) -> Device:
    """A router that speaks both protocols, or, with faults, SSH that hangs and no SNMP."""
    device = isr4331(Box(address, f"r-{address.rpartition('.')[2]}"), Access()).device
    return device if faults is None else replace(device, mib={}, faults=faults)


def folder(path: Path, lab: Lab, text: str = "") -> Path:
    """An audit folder for the lab's devices; *text* goes to the end of its settings."""
    path.mkdir(exist_ok=True)
    (path / "netcover.toml").write_text(f"""
        scope = ["127.0.0.0/8"]
        allow_plaintext_secrets = true
        [credentials.lab]
        snmp = {{ version = "2c", community = "lab-readonly" }}
        ssh = {{ user = "audit", password = "lab-ssh-secret", enable = "lab-enable-secret" }}
        [collect]
        default_credential = "lab"
        snmp_port = {lab.snmp_port}
        ssh_port = {lab.ssh_port}
        snmp_timeout = "200ms"
        snmp_retries = 0
        [ssh]
        known_hosts = "trust-on-first-use"
        [watch]
        port = 0
        {text}
    """)
    (path / "targets.csv").write_text("address\n" + "".join(f"{address}\n" for address in lab.devices))
    return path


@contextmanager
def started(*words: str | Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """`netcover` with these words as a process; killed at the end where it still runs."""
    command = [sys.executable, "-P", "-m", "agent.main", "--log-format", "json", *map(str, words)]
    clean = {**os.environ, "PYTHONPATH": str(HOME), **(env or {})}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


def events(stderr: str) -> list[dict[str, Any]]:
    """The log's events."""
    return [json.loads(line) for line in stderr.splitlines() if line.startswith("{")]


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the folder's store; nothing where there is none yet."""
    path = home / "out" / "netcover.db"
    if not path.is_file():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        try:
            return store.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []  # its tables are being made


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for an event that can only be looked for."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
