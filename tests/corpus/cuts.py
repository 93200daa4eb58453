"""Recorded answers cut short, as a broken session or a full disk leaves them.

However an answer is cut, if its closing prompt is lost its section is not complete, and no serial comes out that the
whole does not give. The suite tries some cuts of each recording; `every` tries them all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from collectors.model import Observation, Outcome, State, Target
from collectors.saved import terminal
from collectors.saved.device import Saved, allowed, observe
from tests.corpus.recorded import MISSING, PLATFORMS, SNMP, answers, platforms, truths

PROMPT: Final = "recorded#"


def session(truth: Mapping[str, Any]) -> str:
    """A CLI recording as a terminal log that ends with its prompt; "" where the platform reads nothing of it."""
    platform = platforms().get(PLATFORMS.get(truth["os"], ""))
    if platform is None:
        return ""
    known = set(platform.understood())
    asked = [answer for answer in answers(platform, truth) if answer.command in known and answer.text.strip()]
    body = "".join(f"{PROMPT}{answer.command}\n{answer.text.rstrip()}\n" for answer in asked[:1])
    return f"{body}{PROMPT}\n" if body else ""


def line_ends(text: str) -> list[int]:
    """Where *text* can be cut after a line, its echo and its closing prompt left out."""
    ends = [at + 1 for at, letter in enumerate(text) if letter == "\n"]
    return ends[1:-1]


def faults(truth: Mapping[str, Any], cuts: Iterable[int] | None = None) -> Iterator[str]:
    """What goes wrong where the session of *truth* is cut at *cuts* (default: after every line), in words."""
    text = session(truth)
    if not text:
        return
    whole = _read(text, truth)
    given = _serials(whole)
    for cut in line_ends(text) if cuts is None else cuts:
        seen = _read(text[:cut], truth)
        if more := _serials(seen) - given:
            yield f"{truth['file']}, cut at {cut}: {', '.join(sorted(more))} is not in the whole"
        if claimed := _claimed(seen, text):
            yield f"{truth['file']}, cut at {cut}: {claimed} is complete"


def every(*, byte: bool = False) -> Iterator[str]:
    """The faults of every CLI recording cut after every line, or at every byte (hours)."""
    for truth in truths():
        if truth["kind"] != SNMP:
            text = session(truth)
            yield from faults(truth, range(len(text) - len(PROMPT) - 1) if byte else None)


def _read(text: str, truth: Mapping[str, Any]) -> Observation:
    log = terminal.read_log(terminal.clean(text), allowed(platforms()))
    target = Target("recording", platform=PLATFORMS[truth["os"]])
    blank = Observation(target, Outcome.MALFORMED, "recording", datetime(2031, 3, 9, tzinfo=UTC))
    return observe(blank, [Saved(logs=(log,))], platforms()) if log and log.answers else blank


def _serials(seen: Observation) -> set[str]:
    return {unit.serial for unit in seen.units if unit.serial}


def _claimed(seen: Observation, text: str) -> str:
    """The section of the one command that was asked, where it is called complete."""
    platform = platforms().get(seen.platform)
    asked = text.partition("\n")[0].removeprefix(PROMPT)
    sections = [c.section for c in platform.ssh.command if c.send == asked] if platform and platform.ssh else []
    return next((name for name in sections if seen.section(name).state is State.COMPLETE), "")


def main() -> int:
    if not truths():
        print(MISSING, file=sys.stderr)
        return 2
    count = 0
    for fault in every(byte="--bytes" in sys.argv):
        print(fault)
        count += 1
    print(f"{count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
