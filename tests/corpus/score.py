"""How much of the recordings netcover reads: `make corpus` prints the table and writes it into collectors/README.md.

Recall is the share of what the truth names that was read, as a unit or, of a board in `show version`, as evidence
beside; precision is the share of the units that the truth names.
Whatever differs is listed with the reason, from exceptions.toml, which lies in the recording itself.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from collectors import releases
from tests.corpus.recorded import CORPUS, MISSING, Found, expected, read, truths

README: Final = Path(__file__).resolve().parents[2] / "collectors" / "README.md"
REASONS: Final = Path(__file__).with_name("exceptions.toml")
BEGIN: Final = "<!-- corpus: written by `make corpus` -->"
END: Final = "<!-- end of corpus -->"


@dataclass(frozen=True, slots=True)
class Count:
    """How many of one thing the truth names, how many of those were read, and of what was read how many are true."""

    true: int = 0
    recalled: int = 0
    read: int = 0
    right: int = 0

    def plus(self, true: frozenset[str], found: frozenset[str], beside: frozenset[str] = frozenset()) -> Count:
        return Count(
            self.true + len(true),
            self.recalled + len(true & (found | beside)),
            self.read + len(found),
            self.right + len(true & found),
        )

    def __str__(self) -> str:
        return (
            f"{_share(self.recalled, self.true)} / {_share(self.right, self.read)} of {self.true}" if self.true else "-"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """One way into one operating system."""

    recordings: int = 0
    serials: Count = Count()
    chassis: Count = Count()
    releases: Count = Count()


@dataclass(frozen=True, slots=True)
class Difference:
    """What one recording holds otherwise than we read it."""

    file: str
    kind: str
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    what: str = "serials"
    reason: str = field(default="", compare=False)


def scores(pairs: Iterable[tuple[Mapping[str, Any], Found, Found]]) -> dict[tuple[str, str], Score]:
    """The score of each (operating system, ``SNMP`` or ``CLI``). *pairs* are truth, what it holds, what was read."""
    found: dict[tuple[str, str], Score] = {}
    for truth, true, seen in pairs:
        key = (truth["os"], "SNMP" if truth["kind"] == "snmp" else "CLI")
        held = found.get(key, Score())
        found[key] = Score(
            held.recordings + 1,
            held.serials.plus(true.serials, seen.serials, seen.beside),
            held.chassis.plus(true.chassis, seen.chassis) if true.chassis else held.chassis,
            held.releases.plus(*_release(true, seen)) if true.releases else held.releases,
        )
    return dict(sorted(found.items()))


def differences(pairs: Iterable[tuple[Mapping[str, Any], Found, Found]]) -> list[Difference]:
    """Everything that was read otherwise than the truth has it, each with its reason or ""."""
    reasons = tomllib.loads(REASONS.read_text("utf-8"))
    told = []
    for truth, true, seen in pairs:
        lists = [("serials", true.serials, seen.serials | (seen.beside & true.serials))]
        if true.chassis:
            lists.append(("chassis", true.chassis, seen.chassis))
        if true.releases:
            lists.append(("version", *_release(true, seen)))
        for what, one, other in lists:
            if one != other:
                missing, extra = tuple(sorted(one - other)), tuple(sorted(other - one))
                reason = reasons.get(what, {}).get(truth["file"], "")
                told.append(Difference(truth["file"], truth["kind"], missing, extra, what, reason))
    return sorted(told, key=lambda one: (one.file, one.what))


def table(found: Mapping[tuple[str, str], Score], differ: Sequence[Difference]) -> str:
    """The table as Markdown: a cell is recall / precision of the number that the truth names."""
    lines = ["| system | way | recordings | serials | chassis | versions |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {os} | {way} | {one.recordings} | {one.serials} | {one.chassis} | {one.releases} |"
        for (os, way), one in found.items()
    ]
    lines += ["", "A cell is recall / precision of the number that the recordings hold.", ""]
    lines += [f"- `{one.file}`, {one.what}: {one.reason or _unexplained(one)}" for one in differ]
    return "\n".join(lines).rstrip() + "\n"


def written(readme: str, body: str) -> str:
    """*readme* with *body* between the markers. Raises ValueError where they are not there."""
    before, begin, rest = readme.partition(BEGIN + "\n")
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README lacks the lines {BEGIN} and {END}")
    return f"{before}{begin}{body}{end}{after}"


def readings() -> list[tuple[Mapping[str, Any], Found, Found]]:
    """Every recording: its truth, what it holds, what netcover reads of it."""
    return [(truth, expected(truth), read(truth)) for truth in truths()]


def main() -> int:
    if not truths():
        print(MISSING, file=sys.stderr)
        return 2
    pairs = readings()
    differ = differences(pairs)
    body = table(scores(pairs), differ)
    print(f"{len(pairs)} recordings of {CORPUS}\n\n{body}", end="")
    README.write_text(written(README.read_text("utf-8"), body), "utf-8")
    return 1 if any(not one.reason for one in differ) else 0


def _release(true: Found, seen: Found) -> tuple[frozenset[str], frozenset[str]]:
    """A device runs one release, and its own sources may disagree: one of those it names is the right one."""
    right = any(releases.same(one, other) for one in true.releases for other in seen.releases)
    named = frozenset([", ".join(sorted(true.releases))])
    return named, named if right else frozenset(sorted(seen.releases)[:1])


def _share(part: int, whole: int) -> str:
    """A percentage that is 100 only where nothing is missing."""
    return "-" if not whole else "100 %" if part == whole else f"{min(part / whole * 100, 99.9):.1f} %"


def _unexplained(one: Difference) -> str:
    missing = f"not read: {', '.join(one.missing[:4])}" if one.missing else ""
    extra = f"read besides: {', '.join(one.extra[:4])}" if one.extra else ""
    return "; ".join(filter(None, (missing, extra))) + " (unexplained)"


if __name__ == "__main__":
    sys.exit(main())
