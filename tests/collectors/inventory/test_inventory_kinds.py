from __future__ import annotations

import pytest

from collectors import kinds
from collectors.errors import ConfigError
from collectors.kinds import Look, shipped
from tests.collectors.inventory.walked import part


@pytest.mark.parametrize(
    ("cls", "name", "descr", "product_id", "kind"),
    [
        ("chassis", "2", "WS-C2960X-24PS-L", "WS-C2960X-24PS-L", "chassis"),
        ("chassis", "AP", "Cisco Catalyst 9120AX Access Point", "C9120AXI-E", "chassis"),
        ("module", "module R0", "Cisco ISR4321 Route Processor", "ISR4321/K9", "module"),
        (
            "module",
            "Transceiver(slot:1-port:25)",
            "Transceiver(slot:1-port:25)",
            "LTF8501-BC+",
            "transceiver",
        ),
        (
            "module",
            "GigabitEthernet0/7/1/6",
            "Non-Cisco SFP 1G Pluggable Optics Module",
            "S125-W55/31",
            "transceiver",
        ),
        ("module", "module mau 0/0/1/18", "GE T", "", "transceiver"),
        ("module", "8", "WS-X6724-SFP CEF720 24 port 1000mb SFP Rev. 5.0", "WS-X6724-SFP", "module"),
        ("module", "Switch 1 Slot 2", "Series 48-Port 10 Gigabit Ethernet (SFP+)", "C9400-LC-48XS", "module"),
        ("port", "Te1/0/3", "SFP-10GBase-SR", "", "transceiver"),
        ("port", "HundredGigE2/0/6", "10GE CU1M", "SFP-H10GB-CU1M", "cable"),
        ("other", "StackPort1/1", "StackPort1/1", "STACK-T1-50CM", "cable"),
        ("module", "Hu1/0/1", "QSFP 40GE AOC3M", "QSFP-H40G-AOC3M", "cable"),
        ("container", "Te1/1/1", "SFP container", "SFP-10G-LR", "transceiver"),
        ("container", "Te1/1/2", "10G pluggable optics", "FTLX1471D3BCL-C9", "transceiver"),
        ("container", "Hu1/0/3", "cage", "QSFP-100G-CU3M", "cable"),
        ("container", "Te1/1/3", "SFP container", "", "other"),
        ("container", "Slot 1", "Power supply bay", "PowerSupplyBay-1", "other"),
        ("port", "Linecard-1 Port-1", "", "Linecard-Port", "other"),
        ("sensor", "Temp", "Fan sensor", "", "other"),
        ("chassis", "Chassis", "Virtual", "ASAv", "virtual"),
        ("", "Slot 33", "Nexus7000 C7009 (9 Slot) Chassis Power Supply", "N7K-AC-6.0KW", "power_supply"),
        ("", "Slot 38", "Nexus7700 C7706 (6 Slot) Chassis Fan Module", "N77-C7706-FAN", "fan"),
        ("", "Switch 1 - Power Supply A", "Switch 1 - Power Supply A", "", "power_supply"),
        ("", "0/FB0", "Cisco 8000 Series Fan Controller Board", "8202-32FH-M[FB]", "module"),
        ("", "if-1/1/1", "Line", "TQD013-TUNC-SO", "transceiver"),
        ("", "psu-1/1", "AC supply", "DCP-2-PSU-AC-FB", "power_supply"),
        ("", "fan-1/1", "", "DCP-2-FAN-FB", "fan"),
        ("", "slot-1/1", "Muxponder", "DCP-404", "module"),
        ("", "Hu1/0/3 Module Temperature Sensor", "Hu1/0/3 Module Temperature Sensor", "", "other"),
        ("", "CBW240", "Business 200AC Series (IEEE 802.11ac) Access Point", "CBW240AC-B", "access_point"),
    ],
)
def test_a_row_is_told_by_product_class_and_words(cls: str, name: str, descr: str, product_id: str, kind: str) -> None:
    assert kinds.kind(Look(cls, name, descr, product_id), shipped()) == kind


@pytest.mark.parametrize(
    ("name", "descr"),
    [
        ("Chassis", "Cisco ISR4321 Chassis"),
        ("CHASSIS-1", ""),
        ("Chassis 1", ""),
        ("chassis ASR-9010-AC-V2", "ASR 9010 8 Line Card Slot Chassis with V2 AC PEM"),
        ("Switch 1", "C9300-48UXM"),
        ("Switch 2 Chassis", "Cisco Catalyst 9600 Series 6 Slot Chassis"),
        ("Rack 0", "NCS55A2 Fixed Base Chassis"),
        ("3825 chassis", "3825 chassis"),
        ("1841 chassis", "1841 chassis, Hw Serial#: FTX1111X0AB, Hw Revision: 6.0"),
        ("FEX 106 CHASSIS", "N2K-C2248TP-E-1GE  CHASSIS"),
        ("Nexus5548 Chassis", "Nexus5548 Chassis"),
        ("CISCO7606", "Cisco Systems Cisco 7600 6-slot Chassis System"),
    ],
)
def test_a_chassis_without_a_class_is_told_by_its_words(name: str, descr: str) -> None:
    assert kinds.is_chassis(Look("", name, descr, "X"), shipped())


@pytest.mark.parametrize(
    ("name", "descr"),
    [
        ("Backplane", "Nexus7000 C7010 (10 Slot) Chassis"),
        ("Chassis Slot", "A901-6CZ-FT-A Chassis Slot"),
        ("Backplane", "Cisco Catalyst 9400 Series 7 Slot Chassis Backplane"),
        ("Switch 1 Fan Tray", "Cisco Catalyst 9600 Series C9606 Chassis Fan Tray"),
        ("c93xx Stack", "c93xx Stack"),
        ("Rack 0-IDPROM", "NCS55A2 Fixed Base Chassis"),
        ("module R0", "Cisco ISR4321 Route Processor"),
        ("0/RP0/CPU0", "Cisco 8200 2RU"),
    ],
)
def test_what_only_speaks_of_a_chassis_is_none(name: str, descr: str) -> None:
    assert not kinds.is_chassis(Look("", name, descr, "X"), shipped())


def test_a_member_named_by_its_number_may_be_a_chassis_and_a_power_supply_may_not() -> None:
    member, supply = Look("", "2", "WS-C2960X-24PS-L", "WS-C2960X-24PS-L"), Look("", "2", "", "PWR-C1-715WAC")

    assert [kinds.may_be_chassis(seen, shipped()) for seen in (member, supply)] == [True, False]


def test_words_that_say_nothing_are_nothing() -> None:
    seen = kinds.look(part("1", name=" Te1/0/1\0\0", descr="N/A", product_id='"GLC-TE   "', serial="X"))

    assert seen == Look("", "Te1/0/1", "", "GLC-TE")


def test_a_reseller_that_calls_itself_cisco_is_not_genuine() -> None:
    makers = ("CISCO-FINISAR   ", "CISCO", "CISCOSOLIDOPTICS", "CISCO-Skylane", "FLEXOPTIX", "")

    assert [kinds.genuine(maker, shipped()) for maker in makers] == [True, True, False, False, False, False]


def test_a_device_without_a_platform_takes_its_vendor_from_its_enterprise_number_or_its_maker() -> None:
    cisco, other = (1, 3, 6, 1, 4, 1, 9, 1, 1), (1, 3, 6, 1, 4, 1, 65000, 1)

    assert [
        kinds.vendor(cisco, (), shipped()),
        kinds.vendor((), ("", "Cisco Systems Inc"), shipped()),
        kinds.vendor(other, ("Acme",), shipped()),
    ] == ["cisco", "cisco", "unknown"]


def test_a_word_list_with_an_unknown_key_or_a_bad_pattern_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"own\.toml: names\.chasis"):
        kinds.words("[products]\n[names]\nchasis = []\n[descriptions]\n", "own.toml")
    with pytest.raises(ConfigError, match=r"own\.toml: .*unterminated"):
        kinds.words("[products]\n[names]\nfan = ['(']\n[descriptions]\n", "own.toml")
