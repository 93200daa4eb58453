"""An audit folder whose store holds a run that was polled, for the commands that read stored runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from agent.main import main
from agent.store import open_store
from collectors.model import Kind, Licence, LicenceState, Observation, Outcome, Target
from tests.agent.parts import NOON, a_run, a_unit, seen

HEADER = (
    "vendor,provider,contract_number,service_level,line_status,line_start,line_end,serial,product_id,instance_number,"
    "site_name,Their Key"
)
ACME = (
    "cisco,Acme,00200100,8X5XNBD,Active,2025-01-01,2028-12-31,FOC2145X0AA,C9300-48P,0071,GHENT DC,k1",
    "cisco,Acme,00200100,8X5XNBD,Active,2025-01-01,2026-04-30,FOC2145X0AB,C9300-48P,0072,GHENT DC,k2",
    "cisco,Acme,00200100,8X5XNBD,Active,2025-01-01,2028-12-31,FOC2145X0AC,C9300-48P,0073,GHENT DC,k3",
)
BOLT = ("cisco,Bolt,B-77,8X5XNBD,Active,2025-01-01,2029-12-31,FOC2145X0AA,C9300-48P,9,GHENT,b1",)


def switch(address: str, *serials: str, **changed: object) -> Observation:
    """A switch read in full: a chassis for each serial, and a module in the first."""
    chassis = tuple(
        a_unit(serial, product_id="C9300-48P", slot=str(n), software_version="17.9.4")
        for n, serial in enumerate(serials, start=1)
    )
    module = a_unit(f"M{serials[0]}", kind=Kind.MODULE, slot="1/1", parent_serial=serials[0], product_id="C9300-NM-8X")
    return seen(address, *chassis, module, **changed)


def dead(address: str) -> Observation:
    """A switch that did not answer."""
    return Observation(Target(address, site="Ghent"), Outcome.TIMEOUT, address, NOON, reason="no answer")


EVALUATION = (Licence("dna-advantage", LicenceState.EVALUATION, collected_via="ssh"),)


def contracts(folder: Path, *lines: str, name: str = "acme.csv") -> None:
    """Put the lines into the folder's contracts."""
    (folder / "contracts").mkdir(exist_ok=True)
    (folder / "contracts" / name).write_text("\n".join((HEADER, *lines)) + "\n")


def poll(folder: Path, *observations: Observation) -> int:
    """A new sealed run in the folder's store, not judged yet."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}", clock=lambda: NOON, wait=0) as store:
        return a_run(store, *observations)


def judged_now(folder: Path, *more: str) -> None:
    """Judge the folder's newest run, or the one *more* names, by the folder's contracts."""
    given = ("--store", f"sqlite:///{folder / 'out' / 'netcover.db'}", "--fail-on", "never", "--allow-incomplete")
    assert main(["--quiet", "reconcile", str(folder), *given, *more]) == 0


def copied(folder: Path, to: Path) -> Path:
    """A copy of the folder, for a test to change."""
    return Path(shutil.copytree(folder, to, dirs_exist_ok=True))
