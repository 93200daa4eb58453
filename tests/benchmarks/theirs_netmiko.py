"""Theirs: a bare pool of netmiko threads that sends the same commands and parses nothing.

``python -m tests.benchmarks.theirs_netmiko PORT COUNT`` prints JSON.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from netmiko import ConnectHandler

from tests.benchmarks.agents import ACCESS, address

THREADS = 100
COMMANDS = (
    "show version", "show inventory", "show switch", "show license usage", "show license summary", "show license",
    "show license right-to-use summary", "show boot",
)  # fmt: skip
"""What netcover asks such a switch."""


def visit(number: int, port: int) -> int:
    """The characters of one device's answers."""
    with ConnectHandler(
        device_type="cisco_ios", host=address(number), port=port, username=ACCESS.ssh_user,
        password=ACCESS.ssh_password, secret=ACCESS.enable, allow_agent=False, use_keys=False,
    ) as session:  # fmt: skip
        if not session.check_enable_mode():
            session.enable()
        return sum(len(str(session.send_command(command, read_timeout=30))) for command in COMMANDS)


def main(port: int, count: int) -> None:
    """Visit that many devices."""
    started = perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        characters = list(pool.map(lambda number: visit(number, port), range(count)))
    print(json.dumps({"seconds": round(perf_counter() - started, 3), "characters": sum(characters)}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
