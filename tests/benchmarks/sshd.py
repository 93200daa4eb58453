"""A fleet of access switches that speak SSH, in one process: what it costs is the same for whoever visits.

``python -m tests.benchmarks.sshd COUNT KNOWN_HOSTS --delay 0.15`` serves until its input ends, then prints the score.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.agents import ACCESS, address
from tests.lab import Device, Faults, known_hosts_line, running_lab
from tests.lab.profiles.classic import c2960
from tests.lab.units import Box


def device(number: int, delay: float) -> Device:
    """An access switch at the address of that number, with serials of its own."""
    made = c2960(Box(address(number), f"bench-{number}"), ACCESS).device
    return replace(made, mib={}, old_algorithms=False, key="ed25519", faults=Faults(command_delay=delay))


def main() -> None:
    """Serve; the first line out is JSON with the port, the last one the score."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sshd", description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("known_hosts", type=Path)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    asked = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a visitor that hangs up is no news
    devices = [device(number, asked.delay) for number in range(asked.count)]
    with running_lab(devices, snmp_port=0, ssh_port=0) as lab:
        lines = "".join(f"{known_hosts_line(one, lab.ssh_port)}\n" for one in devices)
        asked.known_hosts.write_text(lines, "utf-8")
        print(json.dumps({"port": lab.ssh_port}), flush=True)
        os.read(sys.stdin.fileno(), 1)
        scores = lab.scores().values()
        told = {
            name: sum(getattr(one, name) for one in scores) for name in ("logins", "failed_logins", "open_sessions")
        }
        print(json.dumps({**told, "commands": sum(len(one.commands) for one in scores)}), flush=True)


if __name__ == "__main__":
    main()
