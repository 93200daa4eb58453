"""Every recording of real devices, read as a capture, gives the serials of the truth. Nothing is copied from there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.platforms import load
from collectors.saved import read_captures
from collectors.serials import canonical
from tests.collectors.inventory.recordings import CORPUS, MISSING, truths

PLATFORMS = load()
INVENTORIES = ("cli:ShowInventory", "cli:show_inventory", "cli:admin_show_inventory")
TRUTHS = [
    truth for kind in ("snmp", *INVENTORIES) for truth in truths(kind) if not truth["kind"].endswith("json_pretty")
]


def real(serials: Any) -> set[str]:
    """The serials that are not masked, in our writing."""
    return {canonical(serial) for serial in ([serials] if isinstance(serials, str) else serials)} - {""}


@pytest.mark.skipif(not TRUTHS, reason=MISSING)
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth["file"])
def test_a_real_recording_gives_every_serial_once_and_no_other(truth: dict[str, Any], tmp_path: Path) -> None:
    file = CORPUS / truth["file"]
    (tmp_path / file.name).symlink_to(file)
    seen = list(read_captures(tmp_path, PLATFORMS, lambda: datetime(2031, 3, 9, tzinfo=UTC)))

    expected = real(truth["serials"]).union(*map(real, truth.get("other_serial_oids", {}).values()))
    assert sorted(unit.serial for one in seen for unit in one.units if unit.serial) == sorted(expected)
