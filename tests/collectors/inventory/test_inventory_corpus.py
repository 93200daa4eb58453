from __future__ import annotations

from typing import Any

import pytest

from collectors.cli.inventory import records
from collectors.model import Kind
from collectors.normalise import Known, units
from collectors.platforms import by_system, load
from collectors.readers import READERS, facts
from collectors.reading import read_snmp
from collectors.serials import canonical
from tests.collectors.inventory.recordings import CORPUS, MISSING, snmprec, truths, walk, walks

PLATFORMS = load()
WALKS = truths("snmp")
ANSWERS = [
    truth
    for kind in ("cli:ShowInventory", "cli:show_inventory", "cli:admin_show_inventory")
    for truth in truths(kind)
    if not truth["kind"].endswith("json_pretty")
]


def name(truth: dict[str, Any]) -> str:
    return str(truth["file"])


def real(serials: object) -> set[str]:
    """The serials that are not masked, in our writing."""
    return {canonical(serial) for serial in ([serials] if isinstance(serials, str) else serials)} - {""}  # type: ignore[attr-defined]  # text or a list of it


@pytest.mark.skipif(not WALKS, reason=MISSING)
@pytest.mark.parametrize("truth", WALKS, ids=name)
def test_a_recorded_walk_gives_every_real_serial_once_and_no_other(truth: dict[str, Any]) -> None:
    cells = snmprec(CORPUS / truth["file"])
    system = facts(walk(cells, READERS["system"]))
    platform = by_system(PLATFORMS, system.object_id, system.descr) or PLATFORMS["generic_entity"]
    asked = dict.fromkeys((*platform.snmp.inventory, *platform.snmp.software, *platform.snmp.licences))

    got = read_snmp(platform, system, walks(cells, map(READERS.__getitem__, asked)))

    expected = real(truth["serials"]).union(*map(real, truth["other_serial_oids"].values()))
    serials = [unit.serial for unit in got.units if unit.serial]
    assert sorted(serials) == sorted(expected)

    heads = [unit for unit in got.units if unit.kind in (Kind.CHASSIS, Kind.ACCESS_POINT)]
    if truth["chassis_serials"]:
        assert {unit.serial for unit in heads} == set(truth["chassis_serials"])

    releases = {*truth["sw_candidates"].values(), truth["sw_version"]} - {None}
    if releases and heads:
        assert {unit.software_version for unit in heads} <= releases


@pytest.mark.skipif(not ANSWERS, reason=MISSING)
@pytest.mark.parametrize("truth", ANSWERS, ids=name)
def test_a_recorded_inventory_answer_gives_every_real_serial_once_and_no_other(truth: dict[str, Any]) -> None:
    parts = records((CORPUS / truth["file"]).read_text("utf-8", "replace")).parts

    got, _ = units(parts, vendor="cisco", via="capture", known=Known())

    assert sorted(unit.serial for unit in got if unit.serial) == sorted(real(truth["serials"]))
    chassis = [item["sn"] for item in truth.get("items") or () if str(item.get("path")).startswith("main/chassis")]
    assert real(chassis) <= {unit.serial for unit in got if unit.kind is Kind.CHASSIS}
