"""SNMP readers: what to ask for a table, and pure functions from the walk to rows.

A reader has one MIB for its subject. It asks nothing itself: the transport walks `scalars` and `columns`,
the reader says what the answer holds and how far it can be trusted. To add one, write a module here that ends
in a `Reader` and list it below; name it in a platform's `[snmp]` section to have it asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from collectors.readers import (
    airespace,
    cisco_asset,
    cisco_chassis,
    cisco_licences,
    entity,
    neighbours,
    smart_licence,
    smartoptics_t,
    system,
)
from collectors.readers.rows import Reader, Rows
from collectors.readers.system import System, facts

__all__ = ["READERS", "Reader", "Rows", "System", "facts"]

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        reader.name: reader
        for reader in (
            system.READER,
            entity.READER,
            cisco_chassis.OLD_CHASSIS,
            cisco_chassis.CISCO_STACK,
            cisco_chassis.CISCO_IMAGE,
            cisco_chassis.SMALL_BUSINESS,
            cisco_asset.READER,
            airespace.CONTROLLER,
            airespace.ACCESS_POINT_TABLE,
            smartoptics_t.READER,
            smart_licence.READER,
            cisco_licences.LICENCE_MGMT,
            cisco_licences.LICENCE_MGR,
            neighbours.CDP,
            neighbours.LLDP,
        )
    }
)
"""Every reader by the name that a platform's `[snmp]` section uses."""
