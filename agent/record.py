"""`netcover record`: what one device says, saved so that it replays as a test or goes into a bug report.

The folder is one that `--captures` reads: ``devices/NAME/`` with the session and the objects, and ``expected.txt``
with what they give. Only answers of the allow-list are ever asked for; no configuration is among them.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from agent.errors import UsageError
from agent.logins import guarded_apart
from agent.poll import check_targets, logins, polling
from agent.settings import Settings, load
from agent.targets import load_targets
from collectors import captures
from collectors.cli.access_points import NARROWEST
from collectors.collect import Polling, collect
from collectors.model import Answer, Capture, Kind, Observation, Target, Unit
from collectors.platforms import Platform
from collectors.platforms import load as load_platforms
from collectors.recordings import loose, session
from collectors.redact import Redactor
from collectors.saved import read_captures
from collectors.saved.told import told
from collectors.scope import plain

_SESSION = "session.log"
_OBJECTS = "objects.snmprec"
_TARGETS = ("targets.csv", "targets.xlsx")
_NAMELESS = "device"
_CONTEXT = re.compile(
    r"(?m)^(?!RP/|LC/)[\w.-]+(?:/(?:pri|sec)/(?:act|stby)\w*)?/(?!pri|sec|act|stby|admin)(?P<name>[\w-]+)[#>]\s*\Z"
)
"""The context of a firewall in its prompt: people name it after a customer."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a recording."""

    seen: Observation
    """As the poll saw the device."""
    files: tuple[Path, ...]
    """None where the device could not be read at all."""
    differs: str = ""
    """How the saved answers read otherwise than the device did, "" where they give the same units."""


def record(
    address: str, to: Path, *, settings_file: Path, credential: str, redact: bool, now: Callable[[], datetime]
) -> Recorded:
    """Read the device at *address* once and save all it said below *to*, which must not hold a recording yet.

    Raises UsageError, SettingsError and the like before anything is contacted, and UsageError where a redacted
    recording would still hold what was to be replaced: then nothing is written.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UsageError(f"{to} is there already and not empty; name a new folder with --to")
    settings = load(settings_file)
    platforms = load_platforms(settings.overlay)
    target = _target(address, credential, settings, platforms)
    how = replace(polling(settings, platforms, logins(settings, [target])), record=True)
    check_targets([target], how)
    with guarded_apart(how, [target], settings, now) as guarded:
        seen = asyncio.run(_read(target, guarded, now))
    files = texts(seen, platforms, redact=redact)
    if not files:
        return Recorded(seen, ())
    name = _NAMELESS if redact else re.sub(r"[^\w.-]", "_", seen.hostname or seen.address)
    folder = to / "devices" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8", errors="surrogateescape")
    again = tuple(read_captures(to / "devices", platforms, now))
    (to / "expected.txt").write_text(told(again), "utf-8")
    written = (*(folder / file for file in files), to / "expected.txt")
    return Recorded(seen, written, _difference(seen, again))


def texts(seen: Observation, platforms: Mapping[str, Platform], *, redact: bool) -> dict[str, str]:
    """The files of a recording by name: what a poll with `Polling.record` kept, redacted where that is asked."""
    kept = {one.name: one for one in seen.captures}
    files = _files(kept, platforms.get(seen.platform) if redact else None)
    return redacted(files, seen) if redact else files


def _target(address: str, credential: str, settings: Settings, platforms: Iterable[str]) -> Target:
    """The listed target of that address or name, else a new one with the credential given."""
    listed: Sequence[Target] = ()
    found = next((path for name in _TARGETS if (path := settings.folder / name).is_file()), None)
    if found:
        listed = load_targets(found, settings, list(platforms), empty_ok=True)
    known = next((one for one in listed if address in (one.address, one.hostname)), None)
    target = known or Target(_plain(address), origin="the command line")
    return replace(target, credential=credential) if credential else target


def _plain(address: str) -> str:
    try:
        return str(plain(address))
    except ValueError:
        return address  # a name


async def _read(target: Target, how: Polling, now: Callable[[], datetime]) -> Observation:
    async with aclosing(collect([target], how, now=now)) as seen:
        return await anext(seen)


def _files(kept: dict[str, Capture], platform: Platform | None) -> dict[str, str]:
    """The texts to write by file name; with *platform* only those lines of the greeting that it reads."""
    special = (captures.BANNER, captures.PROMPT, captures.OBJECTS)
    answers = [Answer(one.name, one.text, one.state) for name, one in kept.items() if name not in special]
    files = loose(answers)
    if captures.PROMPT in kept:
        prompt = kept[captures.PROMPT].text
        files[_SESSION] = session(prompt, _greeting(kept[captures.BANNER].text, prompt, platform), answers)
    if captures.OBJECTS in kept:
        files[_OBJECTS] = kept[captures.OBJECTS].text
    return {name: text for name, text in sorted(files.items()) if text}


def _greeting(banner: str, prompt: str, platform: Platform | None) -> str:
    """What came before the first prompt; of a message of the day, which may say anything, a stranger gets nothing."""
    lines = banner.splitlines()
    first = next((at for at, line in enumerate(lines) if line.startswith(prompt)), len(lines))
    if platform is None:
        return "\n".join(lines[:first])
    read = (*platform.identify.cli, *(platform.ssh.release if platform.ssh else ()))
    return "\n".join(line for line in lines[:first] if any(re.search(pattern, line) for pattern in read))


def redacted(files: dict[str, str], seen: Observation) -> dict[str, str]:
    """The texts with everything replaced that tells whose they are."""
    names = {seen.hostname, seen.hostname.partition(".")[0], seen.target.hostname, seen.target.address}
    names |= {name.partition(".")[2] for name in (seen.hostname, seen.target.hostname)}
    points = {unit.slot for unit in seen.units if unit.kind is Kind.ACCESS_POINT}
    names |= points
    names |= {match["name"] for text in files.values() if (match := _CONTEXT.search(text))}
    redactor = Redactor(
        key=secrets.token_bytes(32),
        serials={text for unit in seen.units for text in (unit.serial, unit.serial_raw.strip()) if text},
        names=names - {""},
        releases=frozenset(said.version for said in seen.software),
    )
    for point in points:
        redactor.shorten(point, NARROWEST)
    redactor.learn(files.values())
    new = {name: redactor.objects(text) if name == _OBJECTS else redactor.text(text) for name, text in files.items()}
    for name, text in new.items():
        if left := redactor.left(text):
            raise UsageError(f"{name} would still hold {len(left)} of what was to be replaced; nothing was written")
    return new


def _difference(seen: Observation, again: Sequence[Observation]) -> str:
    """Whether the saved answers give what the device gave: as many units of each kind, and the same releases."""
    if len(again) != 1:
        return f"it reads as {len(again)} devices"
    one = again[0]
    before, after = (sorted(map(_place, o.units)) for o in (seen, one))
    if before != after:
        return f"it gives {len(after)} units, the device gave {len(before)}"
    if {said.version for said in seen.software} != {said.version for said in one.software}:
        return "it gives another release"
    return ""


def _place(unit: Unit) -> tuple[str, str, str]:
    """What must be the same; an access point's place is its name, which may have been replaced."""
    return unit.kind, unit.product_id, "" if unit.kind is Kind.ACCESS_POINT else unit.slot
