"""A recording of the corpus, read by the product's own parsers, beside what its truth says it holds.

SNMP recordings are read as saved captures; an answer of a command line as a login would have brought it, on the
platform it came from. What a command names of chassis is not in truth.jsonl: `named_chassis` finds it in the text by
itself, so that the product's parsers are not asked to judge themselves.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from collectors.cli import read_cli
from collectors.model import Answer, Kind, Observation, Outcome, Reading, Target
from collectors.platforms import Platform, load
from collectors.reading import read_ssh
from collectors.saved import terminal
from collectors.saved.device import allowed, observe, read_file
from collectors.serials import canonical
from collectors.transports.shell import judge

CORPUS: Final = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")
MISSING: Final = f"no recordings in {CORPUS}; NETCOVER_CORPUS may name the folder"
SNMP: Final = "snmp"
PLATFORMS: Final = {
    "ios": "cisco_ios",
    "iosxe": "cisco_ios",
    "nxos": "cisco_nxos",
    "iosxr": "cisco_xr",
    "asa": "cisco_asa",
    "ciscowlc": "cisco_wlc",
    "ciscosb": "cisco_sb",
}
COMMANDS: Final = {
    "get_facts": "show version",
    "show_inventory_pipe_json_pretty": "show inventory",
    "ShowVersionRp": "show version rp active running",
    "ShowIdprom": "show idprom all",
    "show_license_all": "show license all",
}
"""Kinds whose command is not in their name, word for word."""
_BOXES: Final = (Kind.CHASSIS, Kind.VIRTUAL)
_SOFTWARE_RUNNERS: Final = (Kind.CHASSIS, Kind.ACCESS_POINT, Kind.VIRTUAL)


@dataclass(frozen=True, slots=True)
class Found:
    """What a recording holds: by its truth, or by our reading of it. Serials are canonical."""

    serials: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    """Read as evidence of identity and no unit: boards in `show version`, what a licence is counted on."""
    chassis: frozenset[str] = frozenset()
    releases: frozenset[str] = frozenset()


def truths() -> list[dict[str, Any]]:
    """The lines of truth.jsonl; none where there is no corpus."""
    file = CORPUS / "truth.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def command(truth: Mapping[str, Any]) -> str:
    """The command a CLI recording answers.

    >>> command({"kind": "cli:ShowInventoryRaw"}), command({"kind": "cli:show_fex_detail"})
    ('show inventory raw', 'show fex detail')
    """
    kind = str(truth["kind"]).removeprefix("cli:")
    if kind in COMMANDS:
        return COMMANDS[kind]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", kind).replace("_", " ").lower()


def expected(truth: Mapping[str, Any]) -> Found:
    """What the recording holds by its truth. `releases` are the ones that sources of the device itself name."""
    others = truth.get("other_serial_oids", {}).values()
    serials = [*truth["serials"], *(one for found in others for one in ([found] if isinstance(found, str) else found))]
    said = {*truth.get("sw_candidates", {}).values(), truth.get("sw_version")}
    named = truth.get("chassis_serials", ()) if truth["kind"] == SNMP else named_chassis(truth)
    return Found(_real(serials), frozenset(), _real(named), frozenset(one for one in said if one and one != "n/a"))


def read(truth: Mapping[str, Any]) -> Found:
    """What netcover reads of the recording."""
    if truth["kind"] == SNMP:
        return _of(_by_snmp(CORPUS / truth["file"]))
    platform = platforms().get(PLATFORMS.get(truth["os"], ""))
    if platform is None or platform.ssh is None:
        return Found()
    rows = read_cli(platform, "", answers(platform, truth))
    found = _of(read_ssh(platform, rows))
    counted = (*rows.serials, *(licence.serial for licence in rows.licences))
    return replace(found, beside=_real(counted) - found.serials)


def answers(platform: Platform, truth: Mapping[str, Any]) -> tuple[Answer, ...]:
    """The recording as answers: cut at its own prompts where it shows them, else the whole as one answer."""
    screen = terminal.clean(text(truth))
    log = terminal.read_log(screen, platform.understood())
    return log.answers if log and log.answers else (judge(command(truth), screen),)


def text(truth: Mapping[str, Any]) -> str:
    """The recording as text."""
    return (CORPUS / truth["file"]).read_text("utf-8", "replace")


@cache
def platforms() -> Mapping[str, Platform]:
    """The shipped platforms."""
    return load()


def named_chassis(truth: Mapping[str, Any]) -> list[str]:
    """The serials that a recording's own words give a chassis; none where it names none."""
    asked, said = command(truth), text(truth)
    if asked.startswith(("show inventory", "admin show inventory")):
        return re.findall(_CHASSIS_ROW, said, re.M | re.I)
    if asked == "show version":
        systems = re.findall(r"^ *System serial number *: *(\S+)", said, re.M | re.I)
        return systems or re.findall(r"^ *Processor board ID:? +([^\s,]+)", said, re.M | re.I)[:1]
    return re.findall(r"Extender Serial: *(\S+)", said) if asked == "show fex detail" else []


_CHASSIS_ROW: Final = (
    r'^ *NAME: *"(?:Chassis|Switch \d+|(?:Switch \d+ )?Chassis(?: \d)?|Rack \d+)" *,? *DESCR:.*\n'
    r"\s*PID:[^\n]*?\bSN: *(\S+)"
)


def _by_snmp(path: Path) -> Observation:
    saved = read_file(path, allowed(platforms()))
    blank = Observation(Target("recording"), Outcome.MALFORMED, "recording", datetime(2031, 3, 9, tzinfo=UTC))
    return observe(blank, [saved], platforms())


def _of(seen: Observation | Reading) -> Found:
    return Found(
        frozenset(unit.serial for unit in seen.units if unit.serial),
        frozenset(),
        frozenset(unit.serial for unit in seen.units if unit.serial and unit.kind in _BOXES and not unit.parent_serial),
        frozenset(
            {said.version for said in seen.software}
            | {unit.software_version for unit in seen.units if unit.kind in _SOFTWARE_RUNNERS}
        )
        - {""},
    )


def _real(serials: Any) -> frozenset[str]:
    return frozenset(canonical(serial) for serial in serials) - {""}
