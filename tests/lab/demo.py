"""``python -m tests.lab.demo DIR``: what `make audit` runs. Serve the standard fleet, audit it into DIR, stop it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

from cryptography.utils import CryptographyDeprecationWarning

from tests.lab.fleet import standard_fleet
from tests.lab.folder import write_folder
from tests.lab.running import running_lab

OPTIONS = ("--fail-on", "never", "--allow-incomplete")


def main(out: Path) -> int:
    """Run it; the exit code is that of `netcover audit`."""
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # the old switch's algorithms are meant
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a visitor that hangs up is no news
    fleet = standard_fleet()
    folder = out / "input"
    with running_lab((station.device for station in fleet), snmp_port=0, ssh_port=0) as lab:
        today = datetime.now(UTC).date()
        ports = {"snmp_port": lab.snmp_port, "ssh_port": lab.ssh_port}
        write_folder(folder, fleet, today, contracted=fleet, **ports)
        command = ("netcover", "audit", str(folder), "--out", str(out), *OPTIONS)
        print(f"{len(fleet)} simulated devices listen on loopback, their targets and contracts are in {folder}/.")
        print(f"$ {' '.join(command)}\n", flush=True)
        beside = Path(sys.executable).with_name("netcover")
        code = subprocess.run([str(beside), *command[1:]], env=_environment(), check=False).returncode
        lab.wait_sessions_closed()
        scores = lab.scores().values()
    print(
        f"\nThe fleet counted {sum(score.logins for score in scores)} logins,"
        f" {sum(score.snmp_requests for score in scores)} SNMP requests,"
        f" {sum(score.snmp_sets for score in scores)} SETs and no SSH session left open."
        if not any(score.open_sessions for score in scores)
        else "\nAn SSH session was left open."
    )
    print(
        f"{' '.join(OPTIONS)} keeps the exit code 0 here: the findings, the dead device and the wrong password are\n"
        f"the point of the demonstration. Without them netcover tells a scheduler: 1 findings, 3 too little read."
    )
    return code


def _environment() -> dict[str, str]:
    """The caller's, less what would colour or steer the program's own Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
