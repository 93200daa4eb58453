"""The standard fleet: three sites with one of everything, one dead address and one that refuses the login."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from tests.lab.device import Access, Device
from tests.lab.profiles import (
    asa5516,
    asr9006,
    c2960,
    c3850,
    c9300_stack,
    c9407r,
    c9500_svl,
    dcp_2,
    dcp_m40,
    generic_switch,
    isr2911,
    isr4331,
    m_1601,
    n9k_with_fex,
    t_4906,
)
from tests.lab.units import Box, Built, TrueUnit, serial_of

CORE: Final = Access(
    community="lab-core-unused",
    auth="sha256",
    auth_key="lab-core-auth-7Rk2mQ",
    priv_key="lab-core-priv-9Tz4wX",
    ssh_password="lab-core-ssh-3Hn8vB",
    enable="lab-core-enable-5Yc1pD",
)
OLD: Final = replace(
    CORE, community="lab-old-ro-6Gd2sL", ssh_password="lab-old-ssh-8Wf5kJ", enable="lab-old-enable-2Mb9xN"
)
OPTICAL: Final = replace(
    CORE, community="lab-optical-ro-4Pv7cR", ssh_user="netops", ssh_password="lab-optical-ssh-1Qs6hZ"
)
CREDENTIALS: Final = {"core": CORE, "old": OLD, "optical": OPTICAL}
"""What the settings of the audit folder know, by name. Old and optical gear is read with version 2c."""
V2C: Final = frozenset({"old", "optical"})
LOCKED: Final = replace(CORE, auth_key="another-auth-key", community="another", ssh_password="another-password")
"""What the device that refuses the login really takes."""

SITES: Final = {"Oslo": "127.10.1.0/24", "Bergen": "127.10.2.0/24", "Paris": "127.10.3.0/24"}
SCOPE: Final = "127.10.0.0/16"
DAC: Final = serial_of("127.10.1.1", "DAC")
"""The copper cable between the stack and the core in Oslo."""


@dataclass(frozen=True, slots=True)
class Station:
    """A device with what the target list says of it."""

    built: Built
    site: str
    credential: str
    """A name of `CREDENTIALS`: what the audit will try."""
    platform: str = ""
    """Only where the target list names it; most platforms are left to be identified."""

    @property
    def device(self) -> Device:
        return self.built.device


_Profile = Callable[[Box, Access], Built]
_FLEET: Final[tuple[tuple[str, str, str, str, _Profile], ...]] = (
    ("127.10.1.1", "osl-acc-1", "Oslo", "core", partial(c9300_stack, dac=DAC)),
    ("127.10.1.2", "osl-core-1", "Oslo", "core", partial(c9500_svl, dac=DAC)),
    ("127.10.1.3", "osl-dist-1", "Oslo", "core", c9407r),
    ("127.10.1.4", "osl-fw-1", "Oslo", "core", asa5516),
    ("127.10.1.5", "osl-rtr-1", "Oslo", "core", partial(isr4331, licence="AUTHORIZED")),
    ("127.10.1.6", "osl-dcp-1", "Oslo", "optical", dcp_m40),
    ("127.10.1.7", "osl-acc-2", "Oslo", "core", partial(c9300_stack, members=2)),
    ("127.10.2.1", "bgo-dc-1", "Bergen", "core", n9k_with_fex),
    ("127.10.2.2", "bgo-rtr-1", "Bergen", "core", partial(isr4331, licence="EVAL MODE")),
    ("127.10.2.3", "bgo-acc-1", "Bergen", "core", c3850),
    ("127.10.2.4", "bgo-acc-2", "Bergen", "old", c2960),
    ("127.10.2.5", "bgo-dcp-1", "Bergen", "optical", dcp_2),
    ("127.10.2.6", "bgo-t-1", "Bergen", "optical", t_4906),
    ("127.10.2.7", "bgo-old-1", "Bergen", "old", lambda box, access: dead(box)),
    ("127.10.3.1", "par-pe-1", "Paris", "core", asr9006),
    ("127.10.3.2", "par-rtr-1", "Paris", "core", partial(isr4331, licence="EVAL EXPIRED")),
    ("127.10.3.3", "par-vpn-1", "Paris", "old", isr2911),
    ("127.10.3.4", "par-dcp-1", "Paris", "optical", dcp_m40),
    ("127.10.3.5", "par-m-1", "Paris", "optical", m_1601),
    ("127.10.3.6", "par-sw-9", "Paris", "optical", generic_switch),
    ("127.10.3.7", "par-acc-9", "Paris", "core", lambda box, access: c9300_stack(box, LOCKED, members=1)),
)
_NAMED_PLATFORMS: Final = {"127.10.2.4": "cisco_ios", "127.10.3.1": "cisco_xr"}


def standard_fleet(swaps: Collection[tuple[str, str]] = frozenset()) -> tuple[Station, ...]:
    """The fleet; each (address, slot) of *swaps* holds a replacement with another serial.

    Raises ValueError for a swap that names no unit of the fleet.
    """
    fleet = tuple(
        Station(
            profile(Box(address, name, swaps), CREDENTIALS[credential]),
            site,
            credential,
            _NAMED_PLATFORMS.get(address, ""),
        )
        for address, name, site, credential, profile in _FLEET
    )
    slots = {(unit.address, unit.slot) for station in fleet for unit in station.built.units}
    if strangers := sorted(set(swaps) - slots):
        known = ", ".join(slot for address, slot in sorted(slots) if address == strangers[0][0])
        raise ValueError(f"no unit at {'/'.join(strangers[0])}; that address has: {known or 'no units'}")
    return fleet


def dead(box: Box) -> Built:
    """An address where nothing listens; what once stood there is known to the contracts only."""
    return Built(Device(box.address, box.hostname), ())


def dead_unit(address: str) -> TrueUnit:
    """The switch that stands at a dead address, as the contracts know it."""
    return TrueUnit(address, "1", "chassis", "WS-C2960X-48TS-L", serial_of(address, "1"))
