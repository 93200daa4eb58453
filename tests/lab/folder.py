# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""A complete audit folder for the standard fleet: settings, targets, trusted keys, contracts and the optional tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.lab.contracts import OLD_MEMBER, SITE_IDS, SITE_NAMES, SPARE, write_contracts
from tests.lab.device import Access
from tests.lab.fleet import CREDENTIALS, SCOPE, SITES, V2C, Station
from tests.lab.hostkeys import known_hosts_line


def write_folder(
    folder: Path,
    fleet: Sequence[Station],
    as_of: date,
    *,
    contracted: Sequence[Station],
    snmp_port: int,
    ssh_port: int,
) -> None:
    """Write everything `netcover audit FOLDER` reads; *contracted* is the fleet as the contracts know it."""
    folder.mkdir(parents=True, exist_ok=True)
    _secrets(folder / "secrets")
    (folder / "netcover.toml").write_text(_settings(snmp_port, ssh_port), "utf-8")
    keys = (known_hosts_line(station.device, ssh_port) for station in fleet if station.device.cli)
    (folder / "known_hosts").write_text("".join(f"{key}\n" for key in keys), "utf-8")
    _table(folder / "targets.csv", (_target(station) for station in fleet))
    write_contracts(folder / "contracts", contracted, as_of)
    _table(folder / "sites.csv", (
        {"subnet": subnet, "hostname": "", "site": site, "site_id": SITE_IDS[site], "contract_site_name": SITE_NAMES[site]}
        for site, subnet in SITES.items()
    ))  # fmt: skip
    now = _serials(contracted)
    _table(folder / "rma.csv", [{
        "vendor": "cisco", "rma_number": "800123456", "old_serial": OLD_MEMBER, "new_serial": now["127.10.1.1", "2"],
        "date": (as_of - timedelta(days=20)).isoformat(),
    }])  # fmt: skip
    _table(folder / "spares.csv", [
        {"vendor": "cisco", "serial": SPARE, "product_id": "C9300-48P", "site": "Oslo"},
        {"vendor": "smartoptics", "serial": "S2140SPARE0001", "product_id": "DCP-2", "site": "Oslo"},
    ])  # fmt: skip
    _table(folder / "register.csv", _register(contracted, as_of))
    _table(folder / "software.csv", _software(as_of))


def _serials(fleet: Sequence[Station]) -> dict[tuple[str, str], str]:
    return {(unit.address, unit.slot): unit.serial for station in fleet for unit in station.built.units}


def _target(station: Station) -> dict[str, str]:
    device = station.device
    return {
        "address": device.address, "hostname": device.hostname, "site": station.site, "platform": station.platform,
        "credential": station.credential, "protocols": "" if device.cli or not device.mib else "snmp",
        "legacy_ssh": "yes" if device.old_algorithms else "",
    }  # fmt: skip


def _secrets(folder: Path) -> None:
    """One file a secret, for its owner's eyes only."""
    folder.mkdir(exist_ok=True, mode=0o700)
    for name, access in CREDENTIALS.items():
        for field, secret in _fields(access, v2c=name in V2C).items():
            path = folder / f"{name}-{field}"
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_text(secret + "\n", "utf-8")


def _fields(access: Access, *, v2c: bool) -> dict[str, str]:
    snmp = {"community": access.community} if v2c else {"auth_key": access.auth_key, "priv_key": access.priv_key}
    return snmp | {"ssh_password": access.ssh_password, "enable": access.enable}


def _settings(snmp_port: int, ssh_port: int) -> str:
    lines = [
        "# The simulated fleet of tests/lab: every login here is invented and works nowhere else.",
        f'scope = ["{SCOPE}"]', "",
    ]  # fmt: skip
    for name, access in CREDENTIALS.items():
        lines += [f"[credentials.{name}]", _snmp(name, access), _ssh(name, access), ""]
    lines += [
        "[collect]", 'default_credential = "core"', 'protocols = ["snmp", "ssh"]', "concurrency = 20",
        f"snmp_port = {snmp_port}", f"ssh_port = {ssh_port}", 'device_deadline = "90s"', 'snmp_timeout = "1s"', "snmp_retries = 1", "",
        "[ssh]", 'known_hosts = "known_hosts"', "",
    ]  # fmt: skip
    sources = (
        ("ccw-r", "Cisco", "cisco", ("contracts/ccw-r.csv", "contracts/installed-base.xlsx")),
        ("smartoptics", "Smartoptics", "smartoptics", ("contracts/smartoptics.csv",)),
        ("partner", "Example Partner", "cisco", ("contracts/partner.csv",)),
    )
    for name, provider, vendor, paths in sources:
        quoted = ", ".join(f'"{path}"' for path in paths)
        lines += [
            "[[contracts.source]]", f'name = "{name}"', f'provider = "{provider}"', f'vendor = "{vendor}"', f"paths = [{quoted}]",
            "complete = true", "max_age_days = 90", "",
        ]  # fmt: skip
    return "\n".join(lines)


def _snmp(name: str, access: Access) -> str:
    if name in V2C:
        return f'snmp = {{ version = "2c", community = "file:secrets/{name}-community" }}'
    return (
        f'snmp = {{ version = "3", user = "{access.v3_user}", auth = "{access.auth}", auth_key = "file:secrets/{name}-auth_key", '
        f'priv = "{access.priv}", priv_key = "file:secrets/{name}-priv_key" }}'
    )


def _ssh(name: str, access: Access) -> str:
    return (
        f'ssh = {{ user = "{access.ssh_user}", password = "file:secrets/{name}-ssh_password", '
        f'enable = "file:secrets/{name}-enable" }}'
    )


def _register(fleet: Sequence[Station], as_of: date) -> list[dict[str, str]]:
    """All chassis bought new, but one second-hand without proof and one optical unit five years old."""
    rows = []
    for station in fleet:
        for unit in station.built.units:
            if unit.kind != "chassis" or not unit.serial or station.device.platform == "generic_entity":
                continue
            optical = station.device.platform.startswith("smartoptics")
            bought = as_of - timedelta(days=5 * 365 + 1 if unit.address == "127.10.3.4" else 2 * 365)
            row = {
                "vendor": "smartoptics" if optical else "cisco", "serial": unit.serial, "product_id": unit.product_id,
                "provenance": "new", "purchase_date": bought.isoformat(), "seller": "Example Partner", "relicence_proof": "",
                "inspection_passed": "", "condition": "ok", "in_use": "yes", "owner": "Example Organisation",
            }  # fmt: skip
            if (unit.address, unit.slot) == ("127.10.1.7", "2"):
                row |= {
                    "provenance": "secondary",
                    "seller": "Second Hand Networks",
                    "inspection_passed": "no",
                }
            rows.append(row)
    return rows


def _software(as_of: date) -> list[dict[str, str]]:
    releases = (
        ("cisco", "cisco_ios", "17.9.4a", 900), ("cisco", "cisco_ios", "17.09.04a", 900), ("cisco", "cisco_ios", "16.12.8", 1500),
        ("cisco", "cisco_ios", "16.12.5", 1900), ("cisco", "cisco_ios", "16.09.08", 20), ("cisco", "cisco_nxos", "9.3(8)", 1800),
        ("cisco", "cisco_xr", "6.4.2", 3000), ("cisco", "cisco_asa", "9.12(4)", 2300),
        ("smartoptics", "smartoptics_dcp", "dcp-release-13.0.0", 400), ("smartoptics", "smartoptics_dcp", "dcp-release-12.1.0", 700),
    )  # fmt: skip
    return [
        {
            "vendor": vendor,
            "platform": platform,
            "version": version,
            "released": (as_of - timedelta(days=age)).isoformat(),
        }
        for vendor, platform, version, age in releases
    ]


def _table(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
