# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Another vendor's switch, known by its ENTITY-MIB alone."""

from __future__ import annotations

from tests.lab.device import Access, Device
from tests.lab.tables import interfaces, system
from tests.lab.units import CHASSIS, CONTAINER, MODULE, PSU, Box, Built, Row, entity_table, true_units


def generic_switch(box: Box, access: Access) -> Built:
    """A switch under IANA's example enterprise number 32473; no SSH."""
    maker = "Example Networks"
    rows = [
        Row(1, 0, CHASSIS, "Chassis", "EX-4800 switch", "EX-4800-48T", box.serial("chassis"), "A1", "2.1", "7.4.1", maker,
            kind="chassis", slot="chassis"),
        Row(2, 1, CONTAINER, "PSU bay 1", mfg=maker, cli=""),
        Row(3, 2, PSU, "PSU 1", "450 W AC", "EX-PS-450", box.serial("PSU1"), "A0", mfg=maker, fru=True, kind="power_supply", slot="PSU1"),
        Row(4, 1, MODULE, "Uplink module", "4x10G uplink", "EX-UM-4X", box.serial("uplink"), "A2", mfg=maker, fru=True,
            kind="module", slot="uplink"),
    ]  # fmt: skip
    mib = system("Example Networks EX-4800, release 7.4.1", "1.3.6.1.4.1.32473.1.4800", box.hostname)
    device = Device(box.address, box.hostname, "generic_entity", mib | interfaces(4) | entity_table(rows), None, access)
    return Built(device, true_units(box.address, rows))
