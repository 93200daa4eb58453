"""`netcover audit` from end to end: the standard fleet over real SSH and SNMP, files in to files out."""

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from agent.main import main
from collectors.platforms import load
from tests.lab import Faults, Lab, running_lab
from tests.lab.fleet import standard_fleet
from tests.lab.folder import write_folder

AS_OF = date(2026, 3, 2)
FLEET = standard_fleet()
DEAD, LOCKED = "127.10.2.7", "127.10.3.7"
STACK, ROUTER = "127.10.1.1", "127.10.3.2"
OPTIONS = ("--as-of", AS_OF.isoformat())
VOLATILE = {"seen_at", "seconds", "first_seen", "last_seen", "status", "attempts"}


@dataclass(frozen=True)
class Ran:
    """One audit: its exit code and its tables."""

    code: int
    out: Path

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.out / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [{key: cell for key, cell in row.items() if key not in VOLATILE} for row in rows]

    def record(self) -> dict:
        return json.loads((self.out / "run.json").read_text("utf-8"))


def run(folder: Path, out: Path, *more: str) -> Ran:
    """Audit *folder* into *out*, and keep a copy of what it wrote: the next run overwrites it."""
    code = main(["--quiet", "audit", str(folder), "--out", str(out), *OPTIONS, *more])
    kept = out.with_name(f"{out.name}-{len(list(out.parent.glob(f'{out.name}-*')))}")
    shutil.copytree(out, kept)
    return Ran(code, kept)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    allowed = {name: platform.commands() for name, platform in load().items()}
    devices = [station.device for station in FLEET]
    with running_lab(devices, snmp_port=0, ssh_port=0, allowed=allowed) as running:
        yield running


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "input"
    ports = {"snmp_port": lab.snmp_port, "ssh_port": lab.ssh_port}
    write_folder(path, FLEET, AS_OF, contracted=FLEET, **ports)
    return path


@pytest.fixture(scope="module")
def first(folder) -> Ran:
    return run(folder, folder.parent / "out")


@pytest.fixture(scope="module")
def second(folder, first) -> Ran:
    """The run after which nothing that is not seen is news any more."""
    return run(folder, folder.parent / "out")


@pytest.fixture
def store(second, folder, tmp_path) -> Path:
    """An output folder that knows two healthy runs."""
    shutil.copytree(second.out, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def healthy(lab) -> Iterator[None]:
    """Puts every device back as it was."""
    yield
    for station in FLEET:
        if lab.devices[station.device.address] is not station.device:
            lab.replace(station.device)


def differences(before: Sequence[dict], after: Sequence[dict]) -> tuple[list[dict], list[dict]]:
    """The rows that went and the rows that came."""
    return [row for row in before if row not in after], [row for row in after if row not in before]


def test_every_device_but_the_two_sick_ones_is_read_in_full(first):
    assert first.code == 3
    assert {row["address"]: row["outcome"] for row in first.table("skipped")} == {
        DEAD: "refused",
        LOCKED: "auth_failed",
    }
    assert first.record()["read"] == len(FLEET) - 2


def test_every_unit_of_the_fleet_is_listed_once_with_its_serial_and_kind(first):
    own_boards = {("ISR4331/K9", "other")}  # a fixed router's processor: listed, and never to be covered
    listed = [
        row for row in first.table("units") if row["serial"] and (row["product_id"], row["kind"]) not in own_boards
    ]
    told = {(row["address"], row["serial"]): row["kind"] for row in listed}
    truth = {
        (unit.address, unit.serial): unit.kind
        for station in FLEET
        for unit in station.built.units
        if unit.serial and unit.address not in (DEAD, LOCKED)
    }
    assert told == truth
    assert len(told) == len(listed)


def test_no_command_outside_the_allow_list_no_set_one_login_a_device_and_every_session_closed(lab, first):
    assert lab.wait_sessions_closed()
    scores = lab.scores()
    assert {address: score.outside for address, score in scores.items() if score.outside} == {}
    assert sum(score.snmp_sets for score in scores.values()) == 0
    assert scores[LOCKED].failed_logins == 1
    assert max(score.peak_sessions for score in scores.values()) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "COV-UNCOVERED", "COV-EXPIRED", "COV-EXPIRING", "COV-PENDING", "COV-REPLACED", "COV-NOT-SEEN", "COV-PID",
        "COV-NEAR", "COV-DUP", "MKT-UNLICENSED", "LIC-OOC", "LIC-EVAL", "LIC-EVAL-EXPIRED", "LIC-SW-NEWER",
        "SO-UNCOVERED", "SO-EWS-CAP", "SCAN-INCOMPLETE",
    ],
)  # fmt: skip
def test_the_demonstration_fleet_shows_each_rule_with_evidence_and_an_action(first, rule):
    found = [row for row in first.table("findings") if row["rule"] == rule]
    assert found
    assert all(json.loads(row["evidence"]) and row["action"] and row["message"] for row in found)


def test_software_and_subscription_lines_are_never_missing_hardware(first):
    soft = [row for row in first.table("lines") if row["line_kind"] in ("software", "subscription")]
    assert soft
    assert {row["verdict"] for row in soft if not row["unit_serial"]} == {"not_applicable"}
    assert not [row for row in first.table("changes") if row["action"] == "REMOVE"]


def test_a_later_audit_of_an_unchanged_fleet_writes_the_same_tables(folder, second):
    again = run(folder, folder.parent / "out")
    for name in ("units", "licences", "coverage", "lines", "findings", "changes", "skipped"):
        assert differences(second.table(name), again.table(name)) == ([], []), name


@pytest.mark.parametrize(("address", "slot"), [(STACK, "3"), (ROUTER, "chassis")], ids=["stack member", "whole box"])
def test_an_rma_between_two_audits_is_one_finding_and_one_replace_row(
    lab, folder, second, store, healthy, address, slot
):
    swapped = next(s for s in standard_fleet({(address, slot)}) if s.device.address == address)
    old, new = (
        next(u.serial for u in s.built.units if u.slot == slot and u.kind == "chassis")
        for s in (next(s for s in FLEET if s.device.address == address), swapped)
    )

    lab.replace(swapped.device)
    after = run(folder, store)

    went, came = differences(second.table("changes"), after.table("changes"))
    replaces = [row for row in came if row["action"] == "REPLACE"]
    assert [(row["serial"], row["new_serial"], row["needs_confirmation"]) for row in replaces] == [(old, new, "yes")]
    assert [row for row in came if row not in replaces and old not in row.values()] == []
    assert [row for row in went if row["serial"] != old] == []
    found_went, found_came = differences(second.table("findings"), after.table("findings"))
    assert [(row["rule"], row["serial"], row["new_serial"]) for row in found_came if row["new_serial"]] == [
        ("COV-REPLACED", old, new)
    ]
    assert [row for row in found_went if old not in (row["serial"], row["new_serial"])] == []
    verdicts = {row["serial"]: row["verdict"] for row in after.table("coverage")}
    assert verdicts[new] == "replaced"
    others = [row for row in second.table("coverage") if row["serial"] != old and row["address"] != address]
    assert differences(others, after.table("coverage"))[0] == []


@pytest.mark.parametrize("history", [True, False], ids=["after good runs", "in the first run"])
def test_a_device_cut_off_in_mid_answer_costs_no_unit_and_no_other_row(
    lab, folder, first, second, store, tmp_path, healthy, history
):
    before, out = (second, store) if history else (first, tmp_path / "fresh")
    station = next(s for s in FLEET if s.device.address == STACK)
    cut = Faults(silent_after=4, cut=("show inventory", 700))
    lab.replace(replace(station.device, faults=cut))

    after = run(folder, out)

    assert after.code == 3
    assert {row["outcome"] for row in after.table("skipped") if row["address"] == STACK} == {"partial"}
    held = {unit.serial for unit in station.built.units}
    for row in after.table("lines"):
        if row["serial"] in held and not row["unit_serial"] and row["line_kind"] == "hardware":
            assert (row["serial"], row["verdict"]) == (row["serial"], "unproven")
    gone = {row["key"] for row in after.table("findings") if row["rule"] in ("COV-NOT-SEEN", "COV-REPLACED")}
    assert gone <= {row["key"] for row in before.table("findings")}
    for name in ("units", "coverage", "lines", "findings", "changes"):
        kept = [row for row in before.table(name) if not of_device(row, STACK, held)]
        assert differences(kept, after.table(name))[0] == [], name


def of_device(row: dict[str, str], address: str, serials: set[str]) -> bool:
    named = {row.get("serial"), row.get("new_serial"), row.get("unit_serial")}
    return row.get("address") == address or bool(serials & named)
