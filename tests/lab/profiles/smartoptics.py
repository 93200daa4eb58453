# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""Smartoptics: two DCP shelves, a T-Series transponder, an M-Series unit.

The DCP rows follow the one real ENTITY-MIB walk that is public (release 6.1.2); cards in a DCP-2, the complete
`show inventory` and the T-Series answers are synthetic, made from format facts.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.lab import ber
from tests.lab.device import Access, Cli, Device
from tests.lab.tables import interfaces, system
from tests.lab.units import (
    CHASSIS,
    CONTAINER,
    FAN,
    MODULE,
    PORT,
    PSU,
    STACK,
    Box,
    Built,
    Row,
    entity_table,
    true_units,
)

_MAKER = "Smartoptics"
_SL_ENTITY = (1, 3, 6, 1, 4, 1, 4515, 1, 3, 6, 1, 1, 1)


def dcp_m40(box: Box, access: Access, *, release: str = "dcp-release-13.0.0") -> Built:
    """A DCP-M40 open line system."""
    pid = "DCP-M40-PAM4-ZR"
    rows = [
        Row(1, 0, STACK, "", mfg=_MAKER, cli=""),
        _chassis(box, pid, "40 channel DWDM Open Line System", release),
        Row(11, 10, MODULE, "NBI", "NBI", mfg=_MAKER, cli=""),
        *_power_and_fan(box),
        Row(50, 10, CONTAINER, "eth4", "SFP ETH4 slot", mfg=_MAKER, cli=""),
        Row(60, 10, PORT, "if-1/line", "if-1/line", mfg=_MAKER, cli=""),
        Row(61, 10, PORT, "if-1/9210", "if-1/9210", mfg=_MAKER, cli=""),
    ]
    return _dcp(box, access, rows, pid, "40 channel DWDM Open Line System", release)


def dcp_2(box: Box, access: Access, *, release: str = "dcp-release-12.1.0") -> Built:
    """A two-slot DCP-2 with a DCP-404 and a DCP-1610, and one optic."""
    rows = [
        Row(1, 0, STACK, "", mfg=_MAKER, cli=""),
        _chassis(box, "DCP-2", "1U 2 slot chassis", release),
        *_power_and_fan(box),
    ]
    cards = {1: ("DCP-404", "4x100G muxponder"), 2: ("DCP-1610", "16x10G multi-service muxponder")}
    for slot, (pid, descr) in cards.items():
        rows.append(Row(100 * slot, 10, CONTAINER, f"slot {slot}", f"Slot {slot}", mfg=_MAKER, cli=""))
        rows.append(
            Row(100 * slot + 1, 100 * slot, MODULE, f"slot-1/{slot}", descr, pid, box.smartoptics(f"slot-1/{slot}"), "R1C", "1.4",
                mfg=_MAKER, fru=True, kind="module", slot=f"slot-1/{slot}", cli=f" slot-1/{slot}")
        )  # fmt: skip
    rows.append(
        Row(110, 101, PORT, "if-1/1/1", "QSFP28 LR4", "TQP28-LR4-SO", box.smartoptics("if-1/1/1"), "A", mfg=_MAKER, fru=True,
            kind="transceiver", slot="if-1/1/1", cli="  if-1/1/1")
    )  # fmt: skip
    return _dcp(box, access, rows, "DCP-2", "2 slot chassis", release)


def t_4906(box: Box, access: Access) -> Built:
    """A T-Series unit: an SL-ENTITY-MIB and no command line."""
    serial = f"{int(box.smartoptics('unit')[1:5]):04}{sum(box.smartoptics('unit').encode()):05}"
    texts = {
        2: "T-4906",
        4: "1.1",
        5: "1.6.33-A2-A001",
        6: "1.6.33",
        7: serial,
        21: "",
        22: "T4906-2AC-00",
        23: serial,
        24: "2021-06-14",
    }
    mib = system("T-4906", "1.3.6.1.4.1.4515.100.1.1000.5", box.hostname) | interfaces(4, "LINK ")
    mib |= {(*_SL_ENTITY, column, 0): ber.octets(text) for column, text in texts.items()}
    mib |= {(*_SL_ENTITY, column, 0): ber.integer(number) for column, number in ((3, 3), (20, 1))}
    mib[(1, 3, 6, 1, 4, 1, 4515, 1, 3, 1, 11, 0)] = ber.integer(1)
    mib |= {
        (1, 3, 6, 1, 4, 1, 4515, 1, 3, 1, 12, 1, 3, bank): ber.octets(name)
        for bank, name in ((1, "1.6.33"), (2, "1.6.20"))
    }
    device = Device(box.address, box.hostname, "smartoptics_t", mib, None, access)
    return Built(
        device,
        true_units(box.address, [Row(1, 0, CHASSIS, "unit", "", "T4906-2AC-00", serial, kind="chassis", slot="unit")]),
    )


def m_1601(box: Box, access: Access) -> Built:
    """An M-Series unit: model, revision and release in sysDescr, a serial nowhere."""
    descr = "SmartOptics, M-Series M-1601-D1000C1 R2A, SmartOS v2.4.14 (Compiled on Thu Jun  2 14:21:33 CEST 2016)"
    mib = system(descr, "1.3.6.1.4.1.30826.1", box.hostname) | interfaces(2, "port ")
    device = Device(box.address, box.hostname, "smartoptics_m", mib, None, access)
    return Built(
        device,
        true_units(box.address, [Row(1, 0, CHASSIS, "unit", "", "M-1601-D1000C1", "", kind="chassis", slot="unit")]),
    )


def _chassis(box: Box, pid: str, descr: str, release: str) -> Row:
    return Row(
        10, 1, CHASSIS, "chassis", descr, pid, box.smartoptics("chassis"), "R2A", "", release, _MAKER, fru=True,
        kind="chassis", slot="chassis",
    )  # fmt: skip


def _power_and_fan(box: Box) -> list[Row]:
    rows = []
    for bay in (1, 2):
        slot = f"psu-1/{bay}"
        rows += [
            Row(10 + 10 * bay, 10, CONTAINER, f"psu slot {bay}", f"PSU slot {bay}", mfg=_MAKER, cli=""),
            Row(11 + 10 * bay, 10 + 10 * bay, PSU, slot, "AC power supply, front-to-back airflow", "DCP-2-PSU-AC-FB",
                box.smartoptics(slot), "CP", mfg=_MAKER, fru=True, kind="power_supply", slot=slot, cli=f" {slot}"),
        ]  # fmt: skip
    fan = Row(
        41,
        10,
        FAN,
        "fan-1/1",
        "Fan module, front-to-back airflow",
        "DCP-2-FAN-FB",
        "n/a",
        "R1B",
        mfg=_MAKER,
        fru=True,
        cli=" fan-1/1",
    )
    return [*rows, fan]


def _dcp(box: Box, access: Access, rows: list[Row], pid: str, descr: str, release: str) -> Built:
    mib = (
        system(f"Smartoptics, {pid}", "1.3.6.1.4.1.30826.2", box.hostname) | interfaces(4, "if-1/") | entity_table(rows)
    )
    banner = f"{pid}, {descr[0].upper()}{descr[1:]}\nSoftware version: {release}\n\n"
    device = Device(
        box.address,
        box.hostname,
        "smartoptics_dcp",
        mib,
        Cli("dcp", {"show inventory": _inventory(rows)}, banner),
        access,
    )
    return Built(device, true_units(box.address, rows))


def _inventory(rows: Iterable[Row]) -> str:
    """The fixed-width table of a DCP; a part number that is too long runs into the description."""
    widths = (11, 17, 39, 7, 11)
    rule = [10, 16, 38, 6, 10, 14]
    head = ("Location", "Part number", "Description", "HW rev", "FW rev", "Serial number")

    def line(cells: Iterable[str]) -> str:
        texts = list(cells)
        return "  " + "".join(f"{text:<{w}} " for text, w in zip(texts, widths, strict=False)) + texts[-1]

    shown = [
        (row.cli or row.name, row.pid, row.descr, row.hw or "n/a", row.fw or "n/a", row.serial or "n/a")
        for row in rows
        if row.cli != "" and row.pid
    ]
    return "\n".join([line(head), line("-" * n for n in rule), *map(line, shown)]) + "\n"
