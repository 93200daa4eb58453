from __future__ import annotations

import re
from pathlib import Path

from collectors.cli import read_cli
from collectors.model import Answer, State
from collectors.platforms import by_cli, by_system, load
from collectors.reading import read_ssh

README = Path(__file__).parents[2] / "collectors" / "README.md"


def test_the_platform_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "platforms" / "acme_os"
    folder.mkdir(parents=True)
    files = re.findall(r"`platforms/acme_os/([\w.]+)`[^\n]*\n\n```\w*\n(.*?)```\n", README.read_text("utf-8"), re.S)
    for name, text in files:
        (folder / name).write_text(text, "utf-8")

    platforms = load(tmp_path)
    acme = platforms["acme_os"]
    version = "Acme OS release 7.1\nring1 is up 3 weeks\n"
    inventory = 'NAME: "Chassis", DESCR: "Ring"\nPID: RING-1 , VID: V01 , SN: ACM2201X001\n'
    rows = read_cli(
        acme,
        "",
        [Answer("show version", version, State.COMPLETE), Answer("show inventory", inventory, State.COMPLETE)],
    )
    got = read_ssh(acme, rows)

    assert [name for name, _ in files] == ["platform.toml", "show_version.ttp"]
    assert by_system(platforms, (1, 3, 6, 1, 4, 1, 99999, 1, 4), "Acme OS 7.1, ring") == acme
    assert by_cli(platforms, [version]) == acme
    assert (got.hostname, [(u.vendor, u.serial, u.kind, u.software_version) for u in got.units]) == (
        "ring1",
        [("acme", "ACM2201X001", "chassis", "7.1")],
    )
    assert {s.name: s.state for s in got.sections if s.name in ("inventory", "software")} == {
        "inventory": State.COMPLETE,
        "software": State.COMPLETE,
    }


def test_every_platform_says_what_proves_its_inventory() -> None:
    silent = [name for name, platform in load().items() if not platform.proof.get("inventory_snmp")]
    without_cli = [name for name, p in load().items() if p.ssh and not p.proof.get("inventory_cli")]

    assert (silent, without_cli) == ([], [])
