# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""An ASA 5516-X: the serial of `show version` is the board's, the contract carries the chassis's."""

from __future__ import annotations

from tests.lab.device import Access, Cli, Device
from tests.lab.tables import interfaces, neighbours_of_the_tables, system
from tests.lab.units import (
    CHASSIS,
    CPU,
    FAN,
    OTHER,
    PSU,
    Box,
    Built,
    Row,
    entity_table,
    inventory,
    true_units,
)

_RELEASE = "9.12(4)"

_FEATURES = """\
Licensed features for this platform:
Maximum Physical Interfaces       : Unlimited      perpetual
Maximum VLANs                     : 150            perpetual
Inside Hosts                      : Unlimited      perpetual
Failover                          : Active/Active  perpetual
Encryption-DES                    : Enabled        perpetual
Encryption-3DES-AES               : Enabled        perpetual
Security Contexts                 : 2              perpetual
AnyConnect Premium Peers          : 4              perpetual
AnyConnect Essentials             : Disabled       perpetual
Botnet Traffic Filter             : Enabled        34 days
Cluster                           : Enabled        perpetual

This platform has an ASA 5516 Security Plus license.
"""


def asa5516(box: Box, access: Access) -> Built:
    """Logs in unprivileged; one feature runs on a time-based key."""
    chassis, board = box.serial("chassis"), box.serial("board")
    rows = [
        Row(1, 0, CHASSIS, "Chassis", "ASA 5516-X with FirePOWER services, 8GE, AC, DES", "ASA5516", chassis, "V06", "1.1.8", _RELEASE,
            "cisco Systems Inc.", kind="chassis", slot="chassis"),
        Row(2, 1, CPU, "Processor 0/0", "ASA 5516 CPU", mfg="", cli=""),
        Row(12, 1, FAN, "Chassis Cooling Fan 1", mfg="", cli=""),
        Row(18, 1, PSU, "Power Supply 0", mfg="", fru=True, cli=""),
        Row(22, 1, OTHER, "Storage Device 1", "ASA 5516-X SSD", "N/A", f"MSA{box.serial('SSD')[3:]}", "N/A", mfg="", fru=True, kind="other",
            slot="SSD"),
    ]  # fmt: skip
    answers = {
        "show version": _version(box, board),
        "show inventory": inventory(rows, "asa"),
        "show activation-key": (
            f"Serial Number:  {board}\n"
            "Running Permanent Activation Key: 0x0000abcd 0x1111abcd 0x2222abcd 0x3333abcd 0x4444abcd\n"
            "Running Timebased Activation Key: 0x5555abcd 0x6666abcd 0x7777abcd 0x8888abcd 0x9999abcd\n\n"
            f"{_FEATURES}\nThe flash permanent activation key is the SAME as the running permanent key.\n\n"
            "Active Timebased Activation Key:\n0x5555abcd 0x6666abcd 0x7777abcd 0x8888abcd 0x9999abcd\n"
            "Botnet Traffic Filter             : Enabled    34 days\n"
        ),
    }
    mib = system(f"Cisco Adaptive Security Appliance Version {_RELEASE}", "1.3.6.1.4.1.9.1.2114", box.hostname)
    mib |= interfaces(8, "Adaptive Security Appliance 'port' ") | neighbours_of_the_tables(2) | entity_table(rows)
    device = Device(
        box.address, box.hostname, "cisco_asa", mib,
        Cli("asa", answers, "Type help or '?' for a list of available commands.\n", enabled=False), access,
    )  # fmt: skip
    return Built(device, true_units(box.address, rows))


def _version(box: Box, board: str) -> str:
    return (
        f"\nCisco Adaptive Security Appliance Software Version {_RELEASE} \nFirepower Extensible Operating System Version 2.6(1.166)\n"
        "Device Manager Version 7.12(2)\n\nCompiled on Fri 17-Apr-20 11:00 PDT by builders\n"
        f'System image file is "disk0:/asa9-12-4-lfbff-k8.SPA"\n\n{box.hostname} up 240 days 11 hours\n\n'
        "Hardware:   ASA5516, 8192 MB RAM, CPU Atom C2000 series 2416 MHz, 1 CPU (8 cores)\nInternal ATA Compact Flash, 8000MB\n\n"
        " 1: Ext: GigabitEthernet1/1  : address is 00c8.8b00.0001, irq 255\n\n"
        f"{_FEATURES}\nSerial Number: {board}\n"
        "Running Permanent Activation Key: 0x0000abcd 0x1111abcd 0x2222abcd 0x3333abcd 0x4444abcd \n"
        "Running Timebased Activation Key: 0x5555abcd 0x6666abcd 0x7777abcd 0x8888abcd 0x9999abcd \n"
        "Configuration register is 0x1\n\nImage type                : Release\nKey Version               : A\n\n"
        "Configuration has not been modified since last system restart.\n"
    )
