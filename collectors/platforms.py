"""Platforms as data: what tells one, what to ask it and which reader understands the answer.

A platform is a folder in ``configs/platforms`` (or the operator's own folder, which wins file by file) with a
``platform.toml`` and the TTP templates it names. Data holds nouns; the first `if` is in Python.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from collectors.errors import ConfigError
from collectors.model import IDENTITY, LICENCES, NEIGHBOURS, SOFTWARE
from collectors.oids import Oid, oid

GENERIC: Final = "generic_entity"
"""Read where no platform fits: whatever has an ENTITY-MIB."""
SectionName = Literal["identity", "inventory", "software", "licences", "neighbours"]


def _pattern(text: str) -> str:
    re.compile(text)
    return text


def _plain_command(text: str) -> str:
    """An exact, harmless line: letters, digits, spaces and a few signs, never a pipe, redirect or control byte."""
    if not re.fullmatch(r"(?:admin )?show [A-Za-z0-9 ._/-]+", text):
        msg = f"{text!r} is not a plain show command"
        raise ValueError(msg)
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
Command = Annotated[str, AfterValidator(_plain_command)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identify(_Data):
    """What tells this platform from the others."""

    sys_object_ids: tuple[str, ...] = ()
    """Subtrees of sysObjectID; the longest match of all platforms wins."""
    sys_descr: tuple[Pattern, ...] = ()
    """Any of these in sysDescr; with `sys_object_ids` both must hold, unless the agent gave no sysObjectID."""
    not_sys_descr: tuple[Pattern, ...] = ()
    cli: tuple[Pattern, ...] = ()
    """Any of these in the login banner or in the answer to `show version` or `show inventory`."""
    release: tuple[Pattern, ...] = ()
    """Where sysDescr names the software release: the first group that matches."""
    release_wins: bool = False
    """True where the chassis's row tells another program's release, as the ASA engine inside Threat Defense."""
    model: tuple[Pattern, ...] = ()
    """Where sysDescr names the chassis's product id."""


class Snmp(_Data):
    """The readers (`collectors.readers`) that understand this platform's tables, by section, in order of trust."""

    inventory: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    """Asked only by a run that wants neighbours."""
    only: Mapping[str, Pattern] = Field(default_factory=dict)
    """Readers for some models alone: asked where this is found in sysDescr."""
    chassis_only: bool = False
    """True where no table of parts is known: without one, what sysDescr tells of the chassis is all there is."""
    no_release: bool = False
    """True where no object is known to name the release: that it is not there is then no fault of the reading."""


class CliCommand(_Data):
    """One line we may send, and how to read what comes back."""

    section: SectionName
    send: Command
    template: str = ""
    """A TTP file of this folder; "" where the command has a Python reader of its own."""
    needed: bool = True
    """False for a command that not every model or release has: its rejection leaves the section complete."""
    ask: bool = True
    """False for a command that is never sent and only understood where a saved capture holds its answer."""
    only: Pattern = ""
    """Asked only where this is found in the login banner or in an answer before it; "" asks every device."""
    after: tuple[str, ...] = ()
    """Asked only where one of these earlier commands was answered (and not with the words of its `none`)."""
    unless: tuple[str, ...] = ()
    """Not asked where one of these earlier commands was answered so."""
    reader: str = ""
    """The Python reader (`collectors.cli.READERS`) of a command that has no template."""
    record: Pattern = ""
    """Found once in the answer for every row that the template must give; "" where rows are not counted."""
    none: Pattern = ""
    """The words by which the device says that it has no such rows."""


class Ssh(_Data):
    """How to log in and the whole allow-list of commands."""

    device_type: str
    """netmiko's name of the platform."""
    enable: bool = False
    """Whether `enable` may be asked for, where a secret is given."""
    paging: str = ""
    """The line that switches paging off, where netmiko's device type does not do it."""
    release: tuple[Pattern, ...] = ()
    """Where the login banner names the software release: the first group that matches."""
    command: tuple[CliCommand, ...] = ()


class Platform(_Data):
    """One platform folder, checked."""

    name: str
    vendor: str
    title: str
    priority: int = 0
    """Between platforms that match equally well the higher one wins."""
    identify: Identify = Field(default_factory=Identify)
    snmp: Snmp = Field(default_factory=Snmp)
    ssh: Ssh | None = None
    proof: Mapping[str, str] = Field(default_factory=dict)
    """What proves a section complete, in words, for the reader of this file and of `collectors/README.md`."""
    templates: Mapping[str, str] = Field(default_factory=dict)
    """The text of each template by file name, filled in by `load`."""

    def commands(self) -> tuple[str, ...]:
        """The allow-list: nothing else is ever sent to a device of this platform."""
        return tuple(command.send for command in self.ssh.command if command.ask) if self.ssh else ()

    def understood(self) -> tuple[str, ...]:
        """The allow-list, and what is read besides in saved captures."""
        return tuple(command.send for command in self.ssh.command) if self.ssh else ()

    def for_agent(self, descr: str) -> Platform:
        """The same platform without the tables that an agent of this sysDescr is not to be asked."""
        skip = {name for name, pattern in self.snmp.only.items() if not re.search(pattern, descr)}
        if not skip:
            return self
        inventory = tuple(name for name in self.snmp.inventory if name not in skip)
        return self.model_copy(update={"snmp": self.snmp.model_copy(update={"inventory": inventory})})

    def wanted(self, send: str, told: Iterable[str]) -> bool:
        """Whether a device that has *told* this much is to be asked *send* as well."""
        only = next((c.only for c in self.ssh.command if c.send == send), "") if self.ssh else ""
        return not only or any(re.search(only, text, re.M) for text in told)

    def due(self, send: str, answered: Callable[[str], str | None]) -> bool:
        """Whether a command is to be asked, by its `after` and `unless`.

        *answered* tells the text of an earlier command's answer, None where it has none.
        """
        own = {command.send: command for command in self.ssh.command} if self.ssh else {}
        command = own[send]

        def told(earlier: str) -> bool:
            text, none = answered(earlier), own[earlier].none if earlier in own else ""
            return text is not None and not (none and re.search(none, text, re.M))

        return not any(map(told, command.unless)) and (not command.after or any(map(told, command.after)))

    def wants_neighbours(self) -> bool:
        """Whether this run asks a device of this platform for its neighbours."""
        commands = self.ssh.command if self.ssh else ()
        return bool(self.snmp.neighbours) or any(command.section == NEIGHBOURS for command in commands)

    def licences_only(self) -> Platform:
        """The same platform for a device of which only the licences are asked; what tells the release comes along,
        since some commands are asked by it."""
        ssh = self.ssh
        if ssh:
            kept = (LICENCES, SOFTWARE, IDENTITY)
            ssh = ssh.model_copy(update={"command": tuple(one for one in ssh.command if one.section in kept)})
        return self.model_copy(update={"snmp": Snmp(licences=self.snmp.licences, only=self.snmp.only), "ssh": ssh})

    def without_neighbours(self) -> Platform:
        """The same platform for a run that does not ask for neighbours: neither tables nor commands of theirs."""
        ssh = self.ssh
        if ssh:
            own = tuple(command for command in ssh.command if command.section != NEIGHBOURS)
            ssh = ssh.model_copy(update={"command": own})
        return self.model_copy(update={"snmp": self.snmp.model_copy(update={"neighbours": ()}), "ssh": ssh})


def load(overlay: Path | None = None) -> dict[str, Platform]:
    """Read every shipped platform, with the operator's folder laid over it file by file.

    Raises ConfigError that names the file and what is wrong with it.
    """
    shipped = resources.files("configs") / "platforms"
    own = overlay / "platforms" if overlay else None
    names = {entry.name for entry in shipped.iterdir() if entry.is_dir() and not entry.name.startswith("_")}
    if own and own.is_dir():
        names |= {entry.name for entry in own.iterdir() if entry.is_dir()}
    return {name: _platform(name, _layers(name, shipped, own)) for name in sorted(names)}


def by_system(platforms: Mapping[str, Platform], object_id: Oid, descr: str) -> Platform | None:
    """The platform that sysObjectID and sysDescr tell, or None."""
    ranked = [(score, p.priority, p.name) for p in platforms.values() if (score := _score(p, object_id, descr))]
    return platforms[max(ranked)[2]] if ranked else None


def by_cli(platforms: Mapping[str, Platform], texts: Iterable[str]) -> Platform | None:
    """The platform whose patterns are found in the first of *texts* (banner, answers) that tells one."""
    ordered = sorted(platforms.values(), key=lambda p: (-p.priority, p.name))
    for text in texts:
        for platform in ordered:
            if _any(platform.identify.cli, text):
                return platform
    return None


def first_group(patterns: Sequence[str], text: str) -> str:
    """The first group of the first pattern found in *text*, or ""."""
    found = (re.search(pattern, text, re.M) for pattern in patterns)
    return next((match.group(1).strip() for match in found if match), "")


def _score(platform: Platform, object_id: Oid, descr: str) -> int:
    tell = platform.identify
    if _any(tell.not_sys_descr, descr):
        return 0
    arcs = max((len(o) for text in tell.sys_object_ids if object_id[: len(o := oid(text))] == o), default=0)
    said = _any(tell.sys_descr, descr)
    if tell.sys_object_ids and tell.sys_descr and object_id:
        return 2 * arcs + 1 if arcs and said else 0
    if arcs:
        return 2 * arcs
    return 1 if said else 0


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(re.search(pattern, text, re.M) for pattern in patterns)


def _layers(name: str, shipped: Traversable, own: Path | None) -> dict[str, Traversable]:
    """The files of a platform by name, the operator's over the shipped ones."""
    folders: list[Traversable] = [shipped / name, *([own / name] if own else [])]
    return {f.name: f for folder in folders if folder.is_dir() for f in folder.iterdir() if f.is_file()}


def _platform(name: str, files: Mapping[str, Traversable]) -> Platform:
    source = files.get("platform.toml")
    if source is None:
        raise ConfigError(f"platform {name}: the folder has no platform.toml")
    templates = {file: files[file].read_text("utf-8") for file in files if file.endswith(".ttp")}
    try:
        data = tomllib.loads(source.read_text("utf-8"))
        platform = Platform.model_validate({**data, "name": name, "templates": templates})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{source}: {where}: {first['msg']}") from error
    for command in platform.ssh.command if platform.ssh else ():
        if command.template and command.template not in templates:
            raise ConfigError(f"{source}: {command.send!r} names the template {command.template}, which is not there")
    return platform
