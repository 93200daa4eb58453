# ruff: noqa: E501  # what devices print is wide
"""Extenders, power supplies, transceivers, identity memories and inventories in JSON; all serials are invented."""

from __future__ import annotations

import json

import pytest

from collectors.cli.inventory import records
from collectors.cli.listings import extenders, memories, power_supplies, transceivers
from collectors.model import Part

FEX = """  FEX         FEX                         FEX                    FEX
Number    Description                    State          Model            Serial
------------------------------------------------------------------------------------
101       rack 7 left                   Online   N2K-C2248TP-E-1GE   FOX9901A001
102       FEX0102                      Offline   N2K-C2232PP-10GE   FOX9901A002
103       FEX0103                      Offline
"""
POWER = """ SW  PID                 Serial#     Status           Sys Pwr  PoE Pwr  Watts
---  ------------------  ----------  ---------------  -------  -------  -----
1A   PWR-C1-1100WAC      DCB9901A001  OK              Good     Good     1100
1B   Unknown             Unknown      No Input Power  Bad      Bad      235
 2   Built-in                                         Good
"""
NEXUS = """Ethernet1/1
    transceiver is present
    type is QSFP-DD-400G-FR4
    name is CISCO-INNOLIGHT
    part number is T-DQ4CNT-NC2
    revision is 3C
    serial number is IND990102DJ
    near-end lanes used none
    cisco product id is QDD-400G-FR4-S
    cisco version id is V01

Ethernet1/2
    transceiver is not present

Ethernet1/3
    transceiver is present
    type is SFP-H10GB-CU1M
    name is OEM
    part number is AB12
    serial number is 7522046139(A)
fc1/4 sfp is present
    Name is CISCO-FINISAR
    Manufacturer's part number is FTLF8528P2BCV-CS
    Serial number is FNS9901168F
"""
MEMORY = """IDPROM for transceiver Te0/0/5:
  Description                               = SFP+ optics (type 130)
  Transceiver Type:                         = SFP+ 10GBASE-SR (273)
  Product Identifier (PID)                  = SFP-10G-SR
  Vendor Revision                           = G4.1
  Serial Number (SN)                        = AGD9901A001
  Vendor Name                               = CISCO-AVAGO

Socket Verification

  SFP-Plus IDPROM Page 0xA0:
        000:        00 00 00 00 00 00 00 00 00 00
"""
IDPROM = """   Switch Number: 1

        Chassis Idprom:
            PCB Serial Number        : FDO9901B001
            Chassis Serial Number    : FXS9901B002
            Product Identifier (PID) : C9606R
        Power Supply 0 Idprom:
            PCB Serial Number        : QCS9901B003
            Product Identifier (PID) : C9600-PWR-2KWAC
            Version Identifier (VID) : V01
        Fantray 0 Idprom:
            PCB Serial Number        : ACI9901B004
            Product Identifier (PID) : C9606-FAN
"""
JSON = {
    "TABLE_inv": {
        "ROW_inv": [
            {"name": '"Chassis"', "desc": '"Nexus {9000} chassis"', "productid": "N9K-C93180YC-FX", "vendorid": "V02", "serialnum": "FDO9901C001"},
            {"name": '"Fan 1"', "desc": '"Fan"', "productid": "NXA-FAN-30CFM-F", "vendorid": "V01", "serialnum": "N/A"},
        ]
    }
}  # fmt: skip


def test_each_extender_is_a_chassis_of_its_own() -> None:
    assert extenders(FEX).doubt == ""
    assert extenders(FEX).parts == (
        Part("fex:101", "", "chassis", "FEX 101 CHASSIS", "rack 7 left", "N2K-C2248TP-E-1GE", "FOX9901A001"),
        Part("fex:102", "", "chassis", "FEX 102 CHASSIS", "FEX0102", "N2K-C2232PP-10GE", "FOX9901A002"),
        Part("fex:103", "", "chassis", "FEX 103 CHASSIS", "FEX0103"),
    )


def test_power_supplies_are_named_by_switch_and_bay() -> None:
    found = power_supplies(POWER)

    assert found.doubt == ""
    assert [(part.cls, part.name, part.product_id, part.serial) for part in found.parts] == [
        ("powerSupply", "Switch 1 - Power Supply A", "PWR-C1-1100WAC", "DCB9901A001"),
        ("powerSupply", "Switch 1 - Power Supply B", "", "Unknown"),
        ("powerSupply", "Switch 2 - Power Supply", "", ""),
    ]


def test_a_nexus_transceiver_has_cisco_s_product_id_else_its_maker_s() -> None:
    found = transceivers(NEXUS)

    assert found.doubt == ""
    assert [(part.name, part.product_id, part.serial, part.manufacturer) for part in found.parts] == [
        ("Ethernet1/1", "QDD-400G-FR4-S", "IND990102DJ", "CISCO-INNOLIGHT"),
        ("Ethernet1/3", "SFP-H10GB-CU1M", "7522046139(A)", "OEM"),
        ("fc1/4", "FTLF8528P2BCV-CS", "FNS9901168F", "CISCO-FINISAR"),
    ]


def test_a_transceiver_that_says_no_serial_is_doubted() -> None:
    text = NEXUS.replace("    serial number is IND990102DJ\n", "")

    assert transceivers(text).doubt == "3 transceivers are present, 2 say their serial number"


def test_readings_alone_are_no_parts() -> None:
    text = "Transceiver is internally calibrated.\n Port   (Celsius)\n -----  -----\n Te1/1  25.5\n"

    assert (transceivers(text).parts, transceivers(text).doubt) == ((), "")


def test_the_memory_of_a_transceiver_is_read() -> None:
    (part,) = transceivers(MEMORY).parts

    assert (part.cls, part.name, part.product_id, part.serial, part.manufacturer) == (
        "port", "Te0/0/5", "SFP-10G-SR", "AGD9901A001", "CISCO-AVAGO",
    )  # fmt: skip


def test_a_chassis_s_memory_gives_its_own_serial_and_not_its_board_s() -> None:
    assert [(part.cls, part.name, part.product_id, part.serial) for part in memories(IDPROM).parts] == [
        ("chassis", "Switch 1 Chassis", "C9606R", "FXS9901B002"),
        ("powerSupply", "Switch 1 Power Supply 0", "C9600-PWR-2KWAC", "QCS9901B003"),
        ("fan", "Switch 1 Fantray 0", "C9606-FAN", "ACI9901B004"),
    ]
    cut = memories(IDPROM[: IDPROM.index("            Chassis Serial")])
    assert ([part.serial for part in cut.parts], cut.doubt) == ([""], "Switch 1 Chassis shows no serial number")


@pytest.mark.parametrize(("reader", "text"), [(extenders, FEX), (power_supplies, POWER)])
def test_an_unknown_line_of_a_list_is_named(reader, text: str) -> None:
    assert reader(text + "zorgh blub\n").doubt == "line not understood: 'zorgh blub'"


@pytest.mark.parametrize("indent", [None, 4])
def test_an_inventory_in_json_gives_the_rows_of_its_text(indent: int | None) -> None:
    found = records(json.dumps(JSON, indent=indent))

    assert (found.doubt, found.parts) == (
        "",
        (
            Part("1", name="Chassis", descr="Nexus {9000} chassis", product_id="N9K-C93180YC-FX", serial="FDO9901C001", hardware="V02"),
            Part("2", name="Fan 1", descr="Fan", product_id="NXA-FAN-30CFM-F", serial="N/A", hardware="V01"),
        ),
    )  # fmt: skip


def test_an_inventory_of_one_row_in_json_is_read() -> None:
    one = {"TABLE_inv": {"ROW_inv": JSON["TABLE_inv"]["ROW_inv"][0]}}

    assert [part.serial for part in records(json.dumps(one)).parts] == ["FDO9901C001"]


def test_no_cut_of_an_inventory_in_json_is_whole_or_gives_half_a_serial() -> None:
    text = json.dumps(JSON, indent=2)
    for end in range(text.index('"name"'), len(text)):
        found = records(text[:end])
        assert {part.serial for part in found.parts} <= {"FDO9901C001", "N/A"}
        assert found.doubt


def test_json_of_another_kind_is_doubted() -> None:
    assert records('{"a": {"b": 1}}').doubt == "1 objects are no rows of an inventory"
