"""The MIB names of the objects that the readers ask for, as net-snmp prints them where it has the MIB.

Sources: SNMPv2-MIB (RFC 3418), ENTITY-MIB (RFC 6933), OLD-CISCO-CHASSIS-MIB, CISCO-STACK-MIB, CISCO-IMAGE-MIB,
CISCO-LICENSE-MGMT-MIB, CISCO-LICENSE-MGR-MIB, CISCO-CDP-MIB, LLDP-MIB, IF-MIB (ifName), CISCO-ENTITY-ASSET-MIB,
AIRESPACE-SWITCHING-MIB, AIRESPACE-WIRELESS-MIB, CISCO-LWAPP-SYS-MIB, CISCOSB-Physicaldescription-MIB.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from collectors.oids import Oid, oid

_SINGLE: Final = {
    "iso": "1", "org": "1.3", "dod": "1.3.6", "internet": "1.3.6.1", "mgmt": "1.3.6.1.2", "mib-2": "1.3.6.1.2.1",
    "enterprises": "1.3.6.1.4.1", "private": "1.3.6.1.4", "snmpV2": "1.3.6.1.6", "snmpModules": "1.3.6.1.6.3",
    "system": "1.3.6.1.2.1.1", "interfaces": "1.3.6.1.2.1.2", "transmission": "1.3.6.1.2.1.10",
    "zeroDotZero": "0.0", "cisco": "1.3.6.1.4.1.9", "ciscoProducts": "1.3.6.1.4.1.9.1", "ciscoMgmt": "1.3.6.1.4.1.9.9",
    "agentInventoryManufacturerName": "1.3.6.1.4.1.14179.1.1.1.8",
    "agentInventoryProductVersion": "1.3.6.1.4.1.14179.1.1.1.14", "bsnAPName": "1.3.6.1.4.1.14179.2.2.1.1.3",
    "bsnAPSoftwareVersion": "1.3.6.1.4.1.14179.2.2.1.1.8", "bsnAPModel": "1.3.6.1.4.1.14179.2.2.1.1.16",
    "bsnAPSerialNumber": "1.3.6.1.4.1.14179.2.2.1.1.17", "clsSysApConnectCount": "1.3.6.1.4.1.9.9.618.1.8.4",
    "chassisSerialNumberString": "1.3.6.1.4.1.9.5.1.2.19", "moduleSerialNumberString": "1.3.6.1.4.1.9.5.1.3.1.1.26",
}  # fmt: skip
_GROUPS: Final = {
    "1.3.6.1.2.1.1": ("sysDescr sysObjectID sysUpTime sysContact sysName sysLocation sysServices sysORLastChange", 1),
    "1.3.6.1.2.1.1.9.1": ("sysORID sysORDescr sysORUpTime", 2),
    "1.3.6.1.2.1.2": ("ifNumber", 1),
    "1.3.6.1.2.1.47.1.1.1.1": (
        "entPhysicalDescr entPhysicalVendorType entPhysicalContainedIn entPhysicalClass entPhysicalParentRelPos"
        " entPhysicalName entPhysicalHardwareRev entPhysicalFirmwareRev entPhysicalSoftwareRev entPhysicalSerialNum"
        " entPhysicalMfgName entPhysicalModelName entPhysicalAlias entPhysicalAssetID entPhysicalIsFRU"
        " entPhysicalMfgDate entPhysicalUris entPhysicalUUID",
        2,
    ),
    "1.3.6.1.2.1.47.1.2.1.1": (
        "entLogicalDescr entLogicalType entLogicalCommunity entLogicalTAddress entLogicalTDomain"
        " entLogicalContextEngineID entLogicalContextName",
        2,
    ),
    "1.3.6.1.2.1.47.1.3.2.1": ("entAliasMappingIdentifier", 2),
    "1.3.6.1.2.1.47.1.3.3.1": ("entPhysicalChildIndex", 1),
    "1.3.6.1.2.1.47.1.4": ("entLastChangeTime", 1),
    "1.3.6.1.4.1.9.3.6": ("chassisType chassisVersion chassisId", 1),
    "1.3.6.1.4.1.9.5.1.2": ("chassisModel", 16),
    "1.3.6.1.4.1.9.5.1.3.1.1": ("moduleModel moduleHwVersion", 17),
    "1.3.6.1.4.1.9.9.25.1.1.1": ("ciscoImageString", 2),
    "1.3.6.1.4.1.9.9.369.1.3.4.1": (
        "clmLicenseFlag clmNoOfLicenseMaxUsages clmNoOfMissingUsageLicenses clmNoOfLicenseCurrentUsages"
        " clmLicenseExpiryDate clmLicenseEnabled",
        2,
    ),
    "1.3.6.1.4.1.9.9.543.1.2.3.1": (
        "clmgmtLicenseStoreUsed clmgmtLicenseFeatureName clmgmtLicenseFeatureVersion clmgmtLicenseType"
        " clmgmtLicenseCounted clmgmtLicenseValidityPeriod clmgmtLicenseValidityPeriodRemaining"
        " clmgmtLicenseExpiredPeriod clmgmtLicenseMaxUsageCount clmgmtLicenseUsageCountRemaining"
        " clmgmtLicenseEulaStatus clmgmtLicenseComments clmgmtLicenseStatus clmgmtLicenseStartDate"
        " clmgmtLicenseEndDate",
        2,
    ),
    "1.3.6.1.2.1.31.1.1.1": ("ifName", 1),
    "1.3.6.1.4.1.9.9.23.1.2.1.1": (
        "cdpCacheAddressType cdpCacheAddress cdpCacheVersion cdpCacheDeviceId cdpCacheDevicePort cdpCachePlatform"
        " cdpCacheCapabilities cdpCacheVTPMgmtDomain cdpCacheNativeVLAN cdpCacheDuplex cdpCacheApplianceID"
        " cdpCacheVlanID cdpCachePowerConsumption cdpCacheMTU cdpCacheSysName cdpCacheSysObjectID"
        " cdpCachePrimaryMgmtAddrType cdpCachePrimaryMgmtAddr cdpCacheSecondaryMgmtAddrType"
        " cdpCacheSecondaryMgmtAddr cdpCachePhysLocation cdpCacheLastChange",
        3,
    ),
    "1.0.8802.1.1.2.1.3.7.1": ("lldpLocPortIdSubtype lldpLocPortId lldpLocPortDesc", 2),
    "1.0.8802.1.1.2.1.4.1.1": (
        "lldpRemChassisIdSubtype lldpRemChassisId lldpRemPortIdSubtype lldpRemPortId lldpRemPortDesc lldpRemSysName"
        " lldpRemSysDesc lldpRemSysCapSupported lldpRemSysCapEnabled",
        4,
    ),
    "1.0.8802.1.1.2.1.4.2.1": ("lldpRemManAddrIfSubtype lldpRemManAddrIfId lldpRemManAddrOID", 3),
    "1.3.6.1.4.1.9.9.92.1.1.1": ("ceAssetSerialNumber ceAssetOrderablePartNumber", 2),
    "1.3.6.1.4.1.14179.1.1.1": ("agentInventoryMachineModel agentInventorySerialNumber", 3),
    "1.3.6.1.4.1.9.6.1.101.53.14.1": (
        "rlPhdUnitGenParamSoftwareVersion rlPhdUnitGenParamFirmwareVersion rlPhdUnitGenParamHardwareVersion"
        " rlPhdUnitGenParamSerialNum",
        2,
    ),
    "1.3.6.1.6.3.10.2.1": ("snmpEngineID snmpEngineBoots snmpEngineTime snmpEngineMaxMessageSize", 1),
}
NAMES: Final = MappingProxyType(
    {name: oid(number) for name, number in _SINGLE.items()}
    | {
        name: (*oid(group), at)
        for group, (names, first) in _GROUPS.items()
        for at, name in enumerate(names.split(), first)
    }
)
_FAMILIES: Final = MappingProxyType({"ipV4": "1", "ipV6": "2"})
"""AddressFamilyNumbers (IANA), as the index of LLDP's management addresses writes them."""
_OCTETS: Final = re.compile(r"(?:[0-9A-Fa-f]{2} )+(?:[0-9A-Fa-f]{2})?")
_INDEX: Final = re.compile(r"\.?(?:(\d+)|\"([^\"]*)\"|'([^']*)'|\[([^\]]*)\])")


def numeric(text: str) -> Oid:
    """The OID that net-snmp wrote as *text*, () where a name is not known.

    >>> numeric("ENTITY-MIB::entPhysicalSerialNum.1001")
    (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11, 1001)
    """
    text = text.strip().rpartition("::")[2].lstrip(".")
    if re.fullmatch(r"\d+(?:\.\d+)*", text):
        return oid(text)
    match = re.match(r"(?:[A-Za-z][\w-]*\.)*?(?P<label>[A-Za-z][\w-]*)(?P<index>(?:[.\[](?![A-Za-z]).*)?)$", text)
    if not match or match["label"] not in NAMES:
        return ()
    return (*NAMES[match["label"]], *_index(match["index"]))


def _index(text: str) -> Oid:
    """An index: numbers, and quoted text or octets as their length and characters ('...' without the length)."""
    arcs: list[int] = []
    text = re.sub(r"(?<=\.)ipV[46](?=\.)", lambda family: _FAMILIES[family[0]], text)
    for number, counted, implied, bracketed in _INDEX.findall(text):
        letters = counted or implied
        if number or bracketed.isdecimal():
            arcs.append(int(number or bracketed))
        else:
            octets = bytes.fromhex(letters) if _OCTETS.fullmatch(letters) else letters.encode("latin-1", "replace")
            arcs += [len(octets)] if counted else []
            arcs += list(octets)
    return tuple(arcs)
