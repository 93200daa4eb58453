"""A box of the world as a device of the lab, and the files an operator would keep of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.lab.device import Access, Cli, Device
from tests.lab.faults import Faults
from tests.lab.hostkeys import known_hosts_line
from tests.lab.profiles import catalyst
from tests.lab.tables import system
from tests.lab.units import CHASSIS, CONTAINER, MODULE, PSU, STACK, Row, entity_table, inventory, raw_inventory
from tests.year.world import CARD, POWER, Box, World

ACCESS = Access(community="year-readonly", ssh_password="year-ssh-secret", enable="year-enable")
_DESCR = (
    "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)"
)
_OBJECT = {"stack": "1.3.6.1.4.1.9.1.2494", "modular": "1.3.6.1.4.1.9.1.2500"}


def device(box: Box, day: int) -> Device:
    """What stands at the box's address on that day; without a MIB nothing answers."""
    if box.dark(day):
        return Device(box.address, box.hostname)
    rows = _rows(box)
    mib = system(_DESCR, _OBJECT[box.shape], box.hostname) | entity_table(rows)
    number = box.number * 64 + box.body
    return Device(
        box.address, box.hostname, "cisco_ios", mib, _cli(box, rows) if box.ssh else None, ACCESS,
        Faults(error_at_row=len(rows) // 2 if box.fault == "partial" else None, new_host_key=bool(box.body % 2)),
        engine=f"800000090300{number:012x}",
    )  # fmt: skip


def empty(address: str) -> Device:
    return Device(address)


def write_targets(folder: Path, world: World) -> None:
    rows = (
        {
            "address": box.address,
            "hostname": box.hostname,
            "site": box.site,
            "protocols": "" if box.ssh and (world.day % 10 == 1 or box.body) else "snmp",
        }
        for box in world.boxes
    )
    _table(folder / "targets.csv", rows)


def write_contracts(folder: Path, world: World) -> None:
    (folder / "contracts").mkdir(exist_ok=True)
    _table(
        folder / "contracts" / "acme.csv",
        (
            {
                "vendor": "cisco", "provider": "Acme", "contract_number": line.contract, "service_level": "8X5XNBD",
                "line_status": "Active", "line_start": "2025-01-01", "line_end": "2031-12-31", "serial": line.serial,
                "product_id": line.product, "hostname": line.hostname,
            }
            for line in sorted(world.lines.values(), key=lambda line: line.serial)
        ),
    )  # fmt: skip


def write_settings(folder: Path, world: World, *, snmp_port: int, ssh_port: int) -> None:
    net = world.addresses[0].split(".")[1]
    keys = [known_hosts_line(replace(device(b, 0), faults=Faults()), ssh_port) for b in world.boxes if b.ssh]
    (folder / "known_hosts").write_text("".join(f"{key}\n" for key in keys))
    (folder / "netcover.toml").write_text(f"""
scope = ["127.{net}.0.0/16"]
allow_plaintext_secrets = true
[credentials.lab]
snmp = {{ version = "2c", community = "{ACCESS.community}" }}
ssh = {{ user = "audit", password = "{ACCESS.ssh_password}", enable = "{ACCESS.enable}" }}
[collect]
default_credential = "lab"
protocols = ["snmp", "ssh"]
concurrency = 60
packets_per_second = 20000
snmp_port = {snmp_port}
ssh_port = {ssh_port}
snmp_timeout = "1s"
snmp_retries = 0
[ssh]
known_hosts = "known_hosts"
""")


def _rows(box: Box) -> list[Row]:
    shown = box.shown()
    members = sorted({slot.split("/")[0] for slot in shown})
    rows = []
    if box.shape == "stack":
        rows.append(
            Row(1, 0, STACK, "c93xx Stack", "c93xx Stack", "C9300-48P", shown[members[0]].serial, "V02", mfg="")
        )
    for member in members:
        base = int(member) * 1000
        unit = shown[member]
        name = f"Switch {member}" if box.shape == "stack" else "Chassis"
        rows.append(
            Row(
                base,
                1 if box.shape == "stack" else 0,
                CHASSIS,
                name,
                unit.product,
                unit.product,
                unit.serial,
                "V02",
                "17.9.1r",
                "17.09.04a",
                fru=True,
                kind="chassis",
                slot=member,
            )
        )
        for slot, part in sorted(shown.items()):
            if slot.startswith(f"{member}/"):
                rows += _part(box, slot, base, name, part.kind, part.product, part.serial)
    return rows


def _part(box: Box, slot: str, base: int, name: str, kind: str, product: str, serial: str) -> Iterable[Row]:
    if kind == POWER:
        yield Row(base + 20, base, PSU, f"{name} - Power Supply A", "", product, serial, "V01", fru=True, slot=slot)
        return
    assert kind == CARD
    number = 1 if box.shape == "stack" else int(slot.split("/")[1])
    title = f"{name} FRU Uplink Module 1" if box.shape == "stack" else f"Slot {number} Linecard"
    yield Row(base + 100 + number, base, CONTAINER, f"{name} Slot {number} Container", cli="")
    yield Row(
        base + 200 + number, base + 100 + number, MODULE, title, title, product, serial, "V02", fru=True, slot=slot
    )


def _cli(box: Box, rows: Sequence[Row]) -> Cli:
    """The command line of a stack, in the words of the lab's own."""
    serials = [row.serial for row in rows if row.cls == CHASSIS]
    smart = catalyst.Smart((), policy=True)

    class Labels:
        hostname = box.hostname

        @staticmethod
        def serial(slot: str) -> str:
            return f"FOC0000{abs(hash(slot)) % 10000:04}"

    answers: Mapping[str, str] = {
        "show version": catalyst._stack_version(Labels, serials, smart),  # type: ignore[arg-type]  # all it asks of a box
        "show inventory": inventory(rows),
        "show inventory raw": raw_inventory(rows),
        "show switch": catalyst._show_switch(len(serials)),
        **catalyst.smart_answers(smart, "C9300-48P", *serials),
    }
    return Cli("ios", answers)


def _table(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    given = list(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(given[0]))
        writer.writeheader()
        writer.writerows(given)
