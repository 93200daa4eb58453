"""The files of one device, understood as what the network would have answered."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

from collectors import captures, reading
from collectors.cli import read_cli
from collectors.cli.inventory import records, ruled_table
from collectors.errors import ConfigError, Malformed, Unidentified
from collectors.model import Answer, Observation, Outcome, State
from collectors.platforms import GENERIC, Platform, by_cli, by_system
from collectors.readers import READERS, facts
from collectors.saved import commands, objects, terminal
from collectors.saved.walks import Agent, recorded
from collectors.serials import canonical
from collectors.ways import Way, judge

VIA: Final = "capture"
_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file, unpacked."""
_ANSWER: Final = 4 * 1024 * 1024
_INVENTORY: Final = "show inventory"
_IDENTIFYING: Final = ("show version", "show sysinfo", "show inventory")


@dataclass(frozen=True, slots=True)
class Saved:
    """What the files of one device hold, before it is understood."""

    logs: tuple[terminal.Log, ...] = ()
    agents: tuple[objects.Objects, ...] = ()

    @property
    def hostnames(self) -> tuple[str, ...]:
        """The hosts whose prompts the logs show; a domain and the case of letters make no other host."""
        names = (name for log in self.logs for name in log.hostnames)
        return tuple({name.partition(".")[0].casefold(): name for name in names}.values())

    def answers(self) -> tuple[Answer, ...]:
        """The last complete answer to each command, else the last one."""
        best: dict[str, Answer] = {}
        for answer in (answer for log in self.logs for answer in log.answers):
            held = best.get(answer.command)
            if held is None or answer.state is State.COMPLETE or held.state is not State.COMPLETE:
                best[answer.command] = answer
        return tuple(best.values())

    def strangers(self) -> bool:
        """Whether two inventories have no serial in common: two devices whose prompts are alike.

        Threat Defense shows no name in its prompt, and many a switch is called "Switch".
        """
        texts = (
            answer.text
            for log in self.logs
            for answer in log.answers
            if answer.command == _INVENTORY and answer.state in (State.COMPLETE, State.PARTIAL)
        )
        held = [serials for text in texts if (serials := _serials(text))]
        return any(one.isdisjoint(other) for one, other in pairwise(held))


def read_file(path: Path, allowed: Sequence[str]) -> Saved:
    """What one file holds. Raises Malformed, whose text says why it holds nothing."""
    data = _content(path)
    if not data.strip():
        raise Malformed(f"{path}: the file is empty")
    if objects.is_snmprec(data):
        return Saved(agents=(objects.snmprec(data),))
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Malformed(f"{path}: it is no text")
    text = _text(data)
    screen = terminal.clean(text)
    log = terminal.read_log(screen, allowed)
    if log and log.answers:
        return Saved(logs=(log,))
    if objects.is_walk(text):
        return Saved(agents=(objects.snmpwalk(text.replace("\r\n", "\n")),))
    if log:
        asked = ", ".join(log.others[:3])
        raise Malformed(f"{path}: none of the commands that are read is answered in it, only {asked}")
    command = commands.of_file(commands.stem(path), screen, allowed)
    if command is None:
        raise Malformed(
            f"{path}: neither a terminal log, nor a command's answer, nor snmpwalk text, nor snmprec;"
            " name it after its command, as in show_inventory.txt, or remove it"
        )
    return Saved(logs=(terminal.Log(answers=(terminal.bare(screen, command),)),))


def observe(seen: Observation, found: Sequence[Saved], platforms: Mapping[str, Platform]) -> Observation:
    """*seen* with what the files hold; `collected_via` is capture everywhere."""
    saved = Saved(tuple(log for one in found for log in one.logs), tuple(a for one in found for a in one.agents))
    names = saved.hostnames
    if len(names) > 1:
        reason = f"it shows the prompts of {', '.join(names)}; save one file or one folder for each device"
        return replace(seen, outcome=Outcome.MALFORMED, reason=reason)
    if saved.strangers():
        reason = f"it holds {_INVENTORY!r} of two devices; save one file or one folder for each device"
        return replace(seen, outcome=Outcome.MALFORMED, reason=reason)
    named = platforms.get(seen.target.platform)
    ways = []
    if saved.agents:
        ways.append(_by_snmp(recorded(saved.agents), named, platforms))
    if saved.logs:
        ways.append(_by_cli(saved, named, platforms))
    told = judge(seen, _agreed(ways))
    return _relabelled(replace(told, hostname=told.hostname or seen.hostname))


def _content(path: Path) -> bytes:
    """The bytes of a file, unpacked where it is packed, up to a limit: a small file may unpack to any size."""
    if not path.is_file():
        raise Malformed(f"{path}: not a file that can be read")
    try:
        packed = path.read_bytes() if path.stat().st_size <= _LARGEST else None
        if packed is None:
            raise Malformed(f"{path}: larger than {_LARGEST // 1024 // 1024} MiB")
        data = _unpacked(packed)
    except (OSError, EOFError) as error:
        raise Malformed(f"{path}: cannot be read: {error}") from error
    if len(data) > _LARGEST:
        raise Malformed(f"{path}: larger than {_LARGEST // 1024 // 1024} MiB once unpacked")
    return data


def _unpacked(data: bytes) -> bytes:
    if data.startswith(b"BZh"):
        return bz2.BZ2File(io.BytesIO(data)).read(_LARGEST + 1)
    if data.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=io.BytesIO(data)).read(_LARGEST + 1)
    return data


def _text(data: bytes) -> str:
    """UTF-16 where a byte-order mark says so, as some terminal programs write; else UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _by_snmp(agent: Agent, named: Platform | None, platforms: Mapping[str, Platform]) -> Way:
    system = facts(agent.walk(READERS["system"]))
    platform = named or by_system(platforms, system.object_id, system.descr) or platforms[GENERIC]
    tables = platform.for_agent(system.descr).snmp
    asked = dict.fromkeys((*tables.inventory, *tables.software, *tables.licences, *tables.neighbours))
    walks = {name: agent.walk(READERS[name]) for name in asked}
    return Way("snmp", platform, reading.read_snmp(platform, system, walks))


def _by_cli(saved: Saved, named: Platform | None, platforms: Mapping[str, Platform]) -> Way:
    answers = saved.answers()
    banner = "\n".join(log.banner for log in saved.logs if log.banner)
    texts = {answer.command: answer.text for answer in answers}
    hints = [texts[command] for command in _IDENTIFYING if command in texts]
    others = [text for command, text in texts.items() if command not in _IDENTIFYING]
    platform = named or by_cli(platforms, [*hints, banner, *others])
    if platform is None or platform.ssh is None:
        return Way("ssh", platform, error=Unidentified("no platform fits its answers; name it in the targets file"))
    own = [
        replace(answer, text=answer.text[:_ANSWER], state=State.PARTIAL, reason=f"cut at {_ANSWER} characters")
        if len(answer.text) > _ANSWER
        else answer
        for answer in answers
        if answer.command in platform.understood()
    ]
    try:
        rows = read_cli(platform, banner, own)
    except ConfigError as error:
        return Way("ssh", platform, error=Unidentified(str(error)))
    rows = replace(rows, hostname=rows.hostname or next(iter(saved.hostnames), ""))
    seen = reading.read_ssh(platform, rows)
    return Way("ssh", platform, replace(seen, captures=captures.of_answers(platform, own, seen.via)))


def _serials(inventory: str) -> frozenset[str]:
    """The serials that an inventory names, in either of its forms."""
    read = (ruled_table if "NAME" not in inventory.upper() else records)(inventory)
    return frozenset(filter(None, (canonical(part.serial) for part in read.parts)))


def _agreed(ways: Iterable[Way]) -> list[Way]:
    """Without a way that could not tell the platform, where the other one read something."""
    held = list(ways)
    return [way for way in held if way.reading] or held


def _relabelled(seen: Observation) -> Observation:
    """Everything as read from captures, whichever protocol once answered."""
    return replace(
        seen,
        sections=tuple(replace(one, via=VIA if one.via else "") for one in seen.sections),
        units=tuple(replace(one, collected_via=VIA) for one in seen.units),
        licences=tuple(replace(one, collected_via=VIA) for one in seen.licences),
        software=tuple(replace(one, collected_via=VIA) for one in seen.software),
        neighbours=tuple(replace(one, collected_via=VIA) for one in seen.neighbours),
        captures=tuple(replace(one, via=VIA) for one in seen.captures),
        via=(VIA,) if seen.via else (),
    )


def allowed(platforms: Mapping[str, Platform]) -> tuple[str, ...]:
    """The allow-lists of all platforms."""
    return tuple(dict.fromkeys(_commands(platforms.values())))


def _commands(platforms: Iterable[Platform]) -> Iterator[str]:
    return (command for platform in platforms for command in platform.understood())
