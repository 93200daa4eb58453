# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""``python -m tests.lab FOLDER``: write a complete audit folder, serve the standard fleet until SIGTERM, print the score."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import warnings
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.utils import CryptographyDeprecationWarning

from collectors.platforms import load
from tests.lab.fleet import standard_fleet
from tests.lab.folder import write_folder
from tests.lab.running import SNMP_PORT, SSH_PORT, running_lab


def main(arguments: list[str] | None = None) -> int:
    """Run in the foreground; 0 after SIGTERM or SIGINT, 2 for bad arguments or ports in use."""
    asked = _arguments(arguments)
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # the old switch's algorithms are meant
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a visitor that hangs up is no news
    stopped = _stop_signal()
    try:
        fleet = standard_fleet(frozenset(asked.swap))
    except ValueError as error:
        print(f"--swap: {error}", file=sys.stderr)
        return 2
    allowed = {name: platform.commands() for name, platform in load().items()}
    try:
        with running_lab(
            (station.device for station in fleet),
            snmp_port=asked.snmp_port,
            ssh_port=asked.ssh_port,
            allowed=allowed,
        ) as lab:
            ports = {"snmp_port": lab.snmp_port, "ssh_port": lab.ssh_port}
            write_folder(asked.folder, fleet, asked.as_of, contracted=standard_fleet(), **ports)
            print(f"{len(fleet)} devices on loopback, folder {asked.folder}, ports {ports}", flush=True)
            if asked.ready_file:
                _write_whole(asked.ready_file, json.dumps(ports) + "\n")
            os.read(stopped, 1)
            score = {address: found.as_dict() for address, found in lab.scores().items()}
    except OSError as error:
        print(f"the lab could not start: {error}; is another one running on these ports?", file=sys.stderr)
        return 2
    text = json.dumps(score, indent=1)
    if asked.score_file:
        asked.score_file.write_text(text + "\n", "utf-8")
    else:
        print(text)
    return 0


def _stop_signal() -> int:
    """A file descriptor that can be read once SIGTERM or SIGINT came, whichever thread of a library it interrupts."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return readable


def _write_whole(path: Path, text: str) -> None:
    """Whoever waits for the file finds all of it."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the audit folder is written")
    parser.add_argument(
        "--swap",
        type=_swap,
        action="append",
        default=[],
        metavar="ADDRESS/SLOT",
        help="put a replacement into this slot",
    )
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        metavar="YYYY-MM-DD",
        help="the day that the contracts' dates lie around (default today)",
    )
    parser.add_argument("--ready-file", type=Path, help="written once every port listens")
    parser.add_argument("--score-file", type=Path, help="where the score goes at the end, instead of the screen")
    parser.add_argument("--snmp-port", type=int, default=SNMP_PORT, help="0 takes a free one")
    parser.add_argument("--ssh-port", type=int, default=SSH_PORT, help="0 takes a free one")
    return parser.parse_args(arguments)


def _swap(text: str) -> tuple[str, str]:
    address, slash, slot = text.partition("/")
    if not (address and slash and slot):
        raise argparse.ArgumentTypeError(f"{text!r} is not ADDRESS/SLOT, such as 127.10.1.1/3")
    return address, slot


if __name__ == "__main__":
    sys.exit(main())
