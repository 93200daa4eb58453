"""What net-snmp's text means, and which command an abbreviation stands for."""

from __future__ import annotations

import pytest

from collectors.oids import Oid, Value, oid
from collectors.platforms import load
from collectors.saved.commands import spelled
from collectors.saved.device import allowed
from collectors.saved.objects import snmpwalk

FEATURE = oid("1.3.6.1.4.1.9.9.369.1.3.4.1")
FOO = (3, 70, 79, 79)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        (".1.3.6.1.2.1.1.3.0 = Timeticks: (123456) 0:20:34.56", oid("1.3.6.1.2.1.1.3.0"), 123456),
        ('iso.3.6.1.2.1.1.5.0 = STRING: "a \\"b\\"\nc"', oid("1.3.6.1.2.1.1.5.0"), b'a "b"\nc'),
        (".iso.org.dod.internet.mgmt.mib-2.system.sysLocation.0 = STRING: x = y", oid("1.3.6.1.2.1.1.6.0"), b"x = y"),
        (
            "SNMPv2-MIB::sysDescr.0 = STRING: Cisco IOS\nCompiled Mon",
            oid("1.3.6.1.2.1.1.1.0"),
            b"Cisco IOS\nCompiled Mon",
        ),
        (
            "sysObjectID.0 = OID: SNMPv2-SMI::enterprises.9.1.1208",
            oid("1.3.6.1.2.1.1.2.0"),
            oid("1.3.6.1.4.1.9.1.1208"),
        ),
        ("ENTITY-MIB::entPhysicalClass.7 = INTEGER: chassis(3)", oid("1.3.6.1.2.1.47.1.1.1.1.5.7"), 3),
        ("ENTITY-MIB::entPhysicalClass.7 = INTEGER: 3", oid("1.3.6.1.2.1.47.1.1.1.1.5.7"), 3),
        ('.1.3.6.1.2.1.47.1.1.1.1.11.7 = ""', oid("1.3.6.1.2.1.47.1.1.1.1.11.7"), b""),
        (".1.3.6.1.2.1.1.5.0 = Hex-STRING: 00 01 \n02 FF", oid("1.3.6.1.2.1.1.5.0"), b"\0\1\2\xff"),
        ('CISCO-LICENSE-MGR-MIB::clmLicenseFlag."FOO" = BITS: 40 permanent(1)', (*FEATURE, 2, *FOO), b"\x40"),
        (
            'clmLicenseExpiryDate."FOO" = STRING: 2031-3-9,12:0:0.0',
            (*FEATURE, 6, *FOO),
            bytes((7, 239, 3, 9, 12, 0, 0, 0)),
        ),
        (".1.3.6.1.2.1.1.5.0 = IpAddress: 10.0.0.1", oid("1.3.6.1.2.1.1.5.0"), b"\n\0\0\1"),
        (".1.3.6.1.2.1.1.5.0 = Wrong Type (should be STRING): INTEGER: 5", oid("1.3.6.1.2.1.1.5.0"), 5),
    ],
)
def test_a_value_of_snmpwalk_is_what_the_agent_sent(text: str, name: Oid, value: Value) -> None:
    read = snmpwalk(f"{text}\nIF-MIB::ifNumber.0 = INTEGER: 3\n")
    assert (read.cells[0], read.doubt) == ((name, value), "")


@pytest.mark.parametrize("text", ["Timeout: No Response from 192.0.2.1", "Error in packet", 'sysName.0 = STRING: "r1'])
def test_a_line_that_is_no_object_leaves_a_doubt(text: str) -> None:
    assert snmpwalk(f".1.3.6.1.2.1.1.7.0 = INTEGER: 6\n{text}\n").doubt


def test_an_object_the_agent_does_not_have_is_none() -> None:
    text = ".1.3.6.1.2.1.1.5.0 = No Such Object available on this agent at this OID\n"
    assert snmpwalk(text).cells == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sh ver", "show version"),
        ("sh inv", "show inventory"),
        ("SHOW INVENTORY", "show inventory"),
        ("admin sh inv", "admin show inventory"),
        ("show lic us", "show license usage"),
        ("show lic", "show license"),
        ("show lic s", None),
        ("show in", None),
        ("sh inv raw", "show inventory raw"),
        ("show inventory fru", None),
        ("show versions", None),
        ("show inventory | include SN", None),
        ("show clock", None),
    ],
)
def test_an_abbreviation_stands_for_one_command_or_none(typed: str, meant: str | None) -> None:
    assert spelled(typed, allowed(load())) == meant
