"""An Arista leaf, which only napalm knows: three questions answered in JSON over SSH, no SNMP."""

from __future__ import annotations

import json

from tests.lab.device import Access, Cli, Device
from tests.lab.units import CHASSIS, Box, Built, Row, true_units


def eos_leaf(box: Box, access: Access, *, release: str = "4.28.3M") -> Built:
    """A fixed switch."""
    serial = box.serial("chassis")
    told = {
        "modelName": "DCS-7050TX-64-R",
        "serialNumber": serial,
        "version": release,
        "internalVersion": f"{release}-2801",
    }
    answers = {
        "show version": json.dumps({**told, "bootupTimestamp": 1767225600.0}),
        "show hostname": json.dumps({"hostname": box.hostname, "fqdn": f"{box.hostname}.example.net"}),
        "show interfaces": json.dumps({"interfaces": {"Ethernet1": {}, "Management1": {}}}),
    }
    cli = Cli("eos", {f"{command} | json": text + "\n" for command, text in answers.items()})
    device = Device(box.address, box.hostname, "napalm:eos", {}, cli, access)
    rows = [Row(1, 0, CHASSIS, "chassis", "", "DCS-7050TX-64-R", serial, kind="chassis", slot="chassis")]
    return Built(device, true_units(box.address, rows))
