"""Licences of a device: one description, told over SNMP and by the command line of each generation.

The words are those of `domain` facts on Smart Licensing, classic IOS activation, right-to-use and NX-OS licences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.lab import ber
from tests.lab.ber import Oid
from tests.lab.tables import CISCO

MODES: Final = {
    "AUTHORIZED": 3, "OUT OF COMPLIANCE": 4, "EVAL MODE": 6, "EVAL EXPIRED": 7, "AUTHORIZATION EXPIRED": 8,
    "NOT AUTHORIZED": 13, "IN USE": 15, "NOT IN USE": 16,
}  # fmt: skip
"""enforceMode of CISCO-SMART-LIC-MIB by the words of the command line."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One smart licence."""

    feature: str
    tag: str
    count: int
    status: str
    subscription: bool = False


@dataclass(frozen=True, slots=True)
class Smart:
    """Smart Licensing of a device: with registration (16.x) or by policy (17.3.2 and later)."""

    entitlements: tuple[Entitlement, ...]
    policy: bool
    registration: str = ""
    authorization: str = ""
    last_ack: str = "Oct 01 12:00:00 2026 UTC"
    """By policy, when the last report was acknowledged, as the device prints it; "" for never."""
    next_ack: str = "Oct 01 12:00:00 2027 UTC"
    trust: str = "Oct 01 11:58:00 2026 UTC"
    """By policy, when the trust code was installed; "" for none."""


def smart_mib(smart: Smart) -> dict[Oid, bytes]:
    """CISCO-SMART-LIC-MIB (revision 2021-07-27) under 831.0."""
    base = (*CISCO, 9, 831, 0)
    registered = 5 if smart.registration == "REGISTERED" else 1
    evaluating, expired = (int(smart.authorization == words) for words in ("EVAL MODE", "EVAL EXPIRED"))
    mib = {
        (*base, 3, 0): ber.octets("5.6.16_rel/45" if smart.policy else "4.11.6_rel/25"),
        (*base, 4, 0): ber.integer(1),
        (*base, 6, 1, 0): ber.integer(registered),
        (*base, 6, 2, 0): ber.octets("Default" if registered == 5 else ""),
        (*base, 7, 1, 0): ber.integer(0, ber.GAUGE32),
        (*base, 7, 2, 0): ber.octets(smart.authorization or "Not Applicable"),
        (*base, 7, 4, 1, 0): ber.integer(1 if evaluating else 2),
        (*base, 7, 4, 2, 0): ber.integer(1 if expired else 2),
        (*base, 7, 4, 3, 0): ber.integer(42 * 86400 if evaluating else 0, ber.GAUGE32),
        (*base, 12, 1, 0): ber.integer(0, ber.GAUGE32),
        (*base, 12, 2, 0): ber.integer(365, ber.GAUGE32),
    }
    for number, one in enumerate(smart.entitlements, 1):
        entry = (*base, 5, 1, 1)
        mib |= {
            (*entry, 2, number): ber.integer(one.count, ber.GAUGE32),
            (*entry, 3, number): ber.octets(f"regid.2017-01.com.cisco.{one.feature},1.0"),
            (*entry, 4, number): ber.octets("1.0"),
            (*entry, 5, number): ber.integer(MODES[one.status]),
            (*entry, 6, number): ber.octets(one.tag),
            (*entry, 7, number): ber.octets(one.feature),
            (*entry, 8, number): ber.integer(2),
        }
    return mib


def smart_answers(smart: Smart, product_id: str, *serials: str) -> dict[str, str]:
    """`show license summary`, `usage`, `status`, `udi`, `authorization` and `all`; the first serial is the active's."""
    usage = _usage(smart)
    members = _members(product_id, serials)
    status = _status(smart, members)
    udi = f"UDI: PID:{product_id},SN:{serials[0]}\n"
    if len(serials) > 1:
        udi += "\nHA UDI List:\n" + "".join(f"    {role}:{told}\n" for role, told in members)
    codes = (
        "Overall status:\n"
        + "".join(f"  {role}: {told}\n      Status: NOT INSTALLED\n" for role, told in members)
        + "\nPurchased Licenses:\n  No Purchase Information Available\n\n"
    )
    by_policy = {"show license authorization": codes} if smart.policy else {}
    return by_policy | {
        "show license summary": _summary(smart),
        "show license usage": usage,
        "show license status": status,
        "show license udi": udi,
        "show license all": (
            f"Smart Licensing Status\n======================\n\n{status}\nLicense Usage\n=============\n\n{usage}\n"
            f"Product Information\n===================\n{udi}\n"
            "Agent Version\n=============\nSmart Agent for Licensing: "
            f"{'5.6.16_rel/45' if smart.policy else '4.11.6_rel/25'}\n"
            + (f"\nLicense Authorizations\n======================\n{codes}" if smart.policy else "")
        ),
    }


def _members(product_id: str, serials: Sequence[str]) -> list[tuple[str, str]]:
    """Each serial with its role, as the agent writes it."""
    roles = ("Active", "Standby", *("Member" for _ in serials[2:]))
    return [(role, f"PID:{product_id},SN:{serial}") for role, serial in zip(roles, serials, strict=False)]


def version_line(smart: Smart) -> str:
    """The last word of `show version` on licences."""
    if smart.policy:
        return "Smart Licensing Status: Smart Licensing Using Policy\n"
    return f"Smart Licensing Status: {smart.registration}/{smart.authorization}\n"


def _summary(smart: Smart) -> str:
    rule = "-" * 77
    lines = [f"  {'License':<23} {'Entitlement Tag':<29} Count Status", f"  {rule}"]
    for one in smart.entitlements:
        shown = f"({one.tag if len(one.tag) <= 24 else one.tag[:19] + '...'})"
        lines.append(f"  {one.feature:<23} {shown:<29} {one.count:>5} {one.status}")
    table = "License Usage:\n" + "\n".join(lines) + "\n"
    if smart.policy:
        return table
    return f"Smart Licensing is ENABLED\n\n{_registration(smart)}\n{_authorization(smart)}\n{table}"


def _registration(smart: Smart) -> str:
    if smart.registration != "REGISTERED":
        return "Registration:\n  Status: UNREGISTERED\n  Export-Controlled Functionality: NOT ALLOWED\n"
    return (
        "Registration:\n  Status: REGISTERED\n  Smart Account: Example Organisation\n  Virtual Account: Default\n"
        "  Export-Controlled Functionality: ALLOWED\n  Last Renewal Attempt: None\n"
        "  Next Renewal Attempt: Mar 04 08:00:00 2027 UTC\n"
    )


def _authorization(smart: Smart) -> str:
    text = f"License Authorization: \n  Status: {smart.authorization}\n"
    if smart.authorization == "EVAL MODE":
        return f"{text}  Evaluation Period Remaining: 42 days, 3 hours, 11 minutes, 5 seconds\n"
    if smart.authorization == "EVAL EXPIRED":
        return f"{text}  Evaluation Period Expired On: Sep 02 09:11:31 2026 UTC\n"
    return f"{text}  Last Communication Attempt: SUCCEEDED\n  Next Communication Attempt: Dec 12 09:00:00 2026 UTC\n"


def _usage(smart: Smart) -> str:
    head = f"License Authorization: \n  Status: {smart.authorization or 'Not Applicable'}\n"
    return head + "".join(_usage_block(one, policy=smart.policy) for one in smart.entitlements)


def _usage_block(one: Entitlement, *, policy: bool) -> str:
    lines = [
        "", f"{one.feature} ({one.tag}):", f"  Description: {one.tag}", f"  Count: {one.count}", "  Version: 1.0",
        f"  Status: {one.status}", "  Export status: NOT RESTRICTED",
    ]  # fmt: skip
    if policy:
        lines += [
            f"  Feature Name: {one.feature}", f"  Feature Description: {one.tag}", "  Enforcement type: NOT ENFORCED",
            f"  License type: {'Subscription' if one.subscription else 'Perpetual'}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _status(smart: Smart, members: Sequence[tuple[str, str]]) -> str:
    if smart.policy:
        trusted = "".join(f"  {role}: {told}\n    INSTALLED on {smart.trust}\n" for role, told in members)
        return (
            "Utility:\n  Status: DISABLED\n\nSmart Licensing Using Policy:\n  Status: ENABLED\n\n"
            "Data Privacy:\n  Sending Hostname: yes\n\nTransport:\n  Type: cslu\n\n"
            "Policy:\n  Policy in use: Merged from multiple sources.\n  Reporting ACK required: yes (CISCO default)\n"
            "  Unenforced/Non-Export Perpetual Attributes:\n    First report requirement (days): 365 (CISCO default)\n"
            "    Reporting frequency (days): 0 (CISCO default)\n    Report on change (days): 90 (CISCO default)\n\n"
            f"Usage Reporting:\n  Last ACK received: {smart.last_ack or '<none>'}\n"
            f"  Next ACK deadline: {smart.next_ack or '<none>'}\n\n"
            f"Trust Code Installed:{chr(10) + trusted if smart.trust else ' <none>'}\n"
        )
    return (
        f"Smart Licensing is ENABLED\n\nUtility:\n  Status: DISABLED\n\n{_registration(smart)}\n{_authorization(smart)}"
    )


@dataclass(frozen=True, slots=True)
class Classic:
    """One licence of an IOS with activation keys (`show license`)."""

    feature: str
    kind: str
    """Permanent or EvalRightToUse."""
    state: str
    period: str = "Life time"
    mib: tuple[int, int] = (4, 3)
    """clmgmtLicenseType and clmgmtLicenseStatus."""


def classic_answer(licences: Sequence[Classic]) -> str:
    return "".join(
        f"Index {number} Feature: {one.feature:<31}\n        Period left: {one.period}\n"
        f"        License Type: {one.kind}\n        License State: {one.state}\n"
        "        License Count: Non-Counted\n        License Priority: Medium\n"
        for number, one in enumerate(licences, 1)
    )


def classic_mib(licences: Sequence[Classic], entity: int = 1) -> dict[Oid, bytes]:
    """CISCO-LICENSE-MGMT-MIB clmgmtLicenseInfoTable; index: entPhysicalIndex, store, licence."""
    entry = (*CISCO, 9, 543, 1, 2, 3, 1)
    mib: dict[Oid, bytes] = {}
    for number, one in enumerate(licences, 1):
        index = (entity, 1, number)
        mib |= {
            (*entry, 3, *index): ber.octets(one.feature),
            (*entry, 4, *index): ber.octets("1.0"),
            (*entry, 5, *index): ber.integer(one.mib[0]),
            (*entry, 6, *index): ber.integer(2),
            (*entry, 7, *index): ber.integer(0, ber.GAUGE32),
            (*entry, 8, *index): ber.integer(0, ber.GAUGE32),
            (*entry, 12, *index): ber.integer(1),
            (*entry, 13, *index): ber.octets(""),
            (*entry, 14, *index): ber.integer(one.mib[1]),
        }
    return mib


@dataclass(frozen=True, slots=True)
class Nexus:
    """One feature licence of NX-OS 7 or 9."""

    feature: str
    installed: bool
    used: bool
    comment: str = "-"
    """"Grace 10D 1H" while the grace period runs."""


def nexus_answer(licences: Sequence[Nexus]) -> str:
    rule = "-" * 80
    lines = ["Feature                      Ins  Lic   Status Expiry Date Comments", f"{'Count':>39}", rule]
    for one in licences:
        ins, status = ("Yes" if one.installed else "No"), ("In use" if one.used else "Unused")
        expiry = "Never" if one.installed else ""
        lines.append(f"{one.feature:<29} {ins:<3}   -   {status:<6} {expiry:<11} {one.comment}".rstrip())
    return "\n".join((*lines, rule)) + "\n"


def nexus_mib(licences: Sequence[Nexus], host_id: str) -> dict[Oid, bytes]:
    """CISCO-LICENSE-MGR-MIB clmLicenseFeatureUsageTable; index: the feature's name with its length."""
    entry = (*CISCO, 9, 369, 1, 3, 4, 1)
    mib: dict[Oid, bytes] = {(*CISCO, 9, 369, 1, 1, 1, 0): ber.octets(f"VDH={host_id}")}
    for one in licences:
        index = (len(one.feature), *one.feature.encode())
        grace = one.comment.startswith("Grace")
        flags = 0x40 * one.installed | 0x10 * (not one.installed) | 0x08 * grace
        mib |= {
            (*entry, 2, *index): ber.octets(bytes((flags,))),
            (*entry, 3, *index): ber.integer(0, ber.GAUGE32),
            (*entry, 4, *index): ber.integer(0, ber.GAUGE32),
            (*entry, 5, *index): ber.integer(int(one.used), ber.GAUGE32),
            (*entry, 6, *index): ber.octets(b""),
            (*entry, 8, *index): ber.integer(1 if one.used else 2),
            (*entry, 9, *index): ber.integer(868_000 if grace else 0, ber.GAUGE32),
        }
    return mib
