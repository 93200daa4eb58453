"""A recorded folder (`netcover record`) served again as a device of the lab."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from collectors.model import Observation
from collectors.saved.told import told
from tests.lab import NO_FAULTS, Access, Device, Faults, cli_device, snmprec
from tests.lab.recording import PLATFORM_DIALECTS

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/expected.txt"))
"""``tests/devices/PLATFORM/NAME``, each with ``devices/`` and ``expected.txt``."""


def files(case: Path) -> list[Path]:
    """The files of the one device of *case*."""
    return sorted(path for path in (case / "devices").rglob("*") if path.is_file())


def device(case: Path, address: str, faults: Faults = NO_FAULTS) -> Device:
    """What *case* recorded, at *address*: its objects over SNMP, its session over SSH."""
    platform = case.parent.name
    served = Device(address, hostname="replayed", platform=platform, access=Access(), faults=faults)
    for path in files(case):
        text = path.read_text("utf-8", errors="surrogateescape")
        if path.suffix == ".snmprec":
            served = replace(served, mib=snmprec(text, path.name))
        elif path.name == "session.log":
            banner, answers = session(text)
            made = cli_device(PLATFORM_DIALECTS[platform], answers, address, banner=banner)
            served = replace(served, cli=made.cli)
    return served


def session(text: str) -> tuple[str, dict[str, str]]:
    """The greeting and the answers of a session.log; its last line is the bare prompt, as the recorder writes it."""
    prompt = text.splitlines()[-1]
    greeting, *asked = text.removesuffix(f"{prompt}\n").split(f"\n{prompt}") if prompt else (text,)
    if greeting.startswith(prompt):
        greeting, asked = "", [greeting.removeprefix(prompt), *asked]
    pairs = (one.partition("\n") for one in asked)
    return (greeting + "\n" if greeting else ""), {command: f"{answer}\n" for command, _, answer in pairs}


def units(seen: Observation) -> list[str]:
    """The lines of expected.txt below the device's own."""
    return told([seen]).splitlines()[1:]
