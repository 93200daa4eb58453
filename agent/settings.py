"""The settings: one TOML file, checked whole before anything is contacted.

Unknown keys are refused with the nearest known name, a literal secret is refused unless the file allows it.
Durations are text with a unit (``"90s"``, ``"2m"``) and become seconds; paths are relative to the file.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.complaints import nearest, sentence, unknown
from agent.errors import SettingsError
from agent.fields import AuthName, Duration, Network, Port, PrivName, Protocols, SecretText, Zone
from agent.secrets import (
    NO_SECRET,
    Credential,
    Secret,
    SnmpCredential,
    SshCredential,
    is_reference,
    resolve,
)
from agent.settings_agent import AgentSettings
from agent.settings_logins import Logins
from agent.settings_notify import Notify
from agent.settings_upkeep import Upkeep
from agent.settings_watch import Watch

TRUST_ON_FIRST_USE: Final = "trust-on-first-use"
"""In the place of a known_hosts file: learn each host's key when it is first met."""
COPY: Final = ".copy"
"""The suffix of the agent's copy of settings that were good, which says in `file` what it is a copy of."""
_URL_PASSWORD: Final = re.compile(r"^[^:/]+://[^/@]*:(?P<password>[^@]*)@")


_Found = Callable[[Secret | None, str], Secret]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class SnmpSettings(_Section):
    """How to sign SNMP requests: a community for 2c, a user and keys for 3."""

    version: Literal["2c", "3"]
    community: SecretText | None = None
    user: str = ""
    auth: AuthName | None = None
    auth_key: SecretText | None = None
    priv: PrivName | None = None
    priv_key: SecretText | None = None
    context: str = ""

    @model_validator(mode="after")
    def _whole(self) -> SnmpSettings:
        if self.version != "3":
            return self._community_only()
        if self.community is not None or not self.user:
            raise ValueError("version 3 takes a user (and auth, auth_key, priv, priv_key), no community")
        if (self.auth is None) != (self.auth_key is None) or (self.priv is None) != (self.priv_key is None):
            raise ValueError("auth goes with auth_key, and priv with priv_key")
        if self.priv and not self.auth:
            raise ValueError("priv needs auth: SNMPv3 does not encrypt what it does not sign")
        return self

    def _community_only(self) -> SnmpSettings:
        if self.community is None or self.user or self.auth or self.auth_key or self.priv or self.priv_key:
            raise ValueError(f"version {self.version} takes a community and nothing of version 3")
        return self


class SshSettings(_Section):
    """A login; `enable` only where the account does not start privileged."""

    user: Annotated[str, Field(min_length=1)]
    password: SecretText
    enable: SecretText | None = None


class CredentialSettings(_Section):
    """What one credential name offers each protocol."""

    snmp: SnmpSettings | None = None
    ssh: SshSettings | None = None

    @model_validator(mode="after")
    def _something(self) -> CredentialSettings:
        if self.snmp is None and self.ssh is None:
            raise ValueError("has neither snmp nor ssh; give it at least one")
        return self


class Collect(_Section):
    """How devices are polled."""

    default_credential: str = ""
    """Used for targets that name none."""
    protocols: Protocols = ("snmp", "ssh")
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Devices at a time."""
    ssh_sessions: Annotated[int, Field(ge=1, le=500)] = 150
    """SSH sessions at a time, each a thread."""
    snmp_port: Port = 161
    ssh_port: Port = 22
    device_deadline: Duration = 90.0
    engine: Literal["fast", "pysnmp"] = "fast"
    packets_per_second: Annotated[int, Field(ge=1, le=100_000)] = 2000
    """SNMP requests a second, all devices together."""
    snmp_timeout: Duration = 3.0
    snmp_retries: Annotated[int, Field(ge=0, le=10)] = 2
    max_repetitions: Annotated[int, Field(ge=1, le=100)] = 20
    """Rows asked for in one GETBULK."""
    neighbours: bool = False
    """Whether devices are also asked for the neighbours that CDP and LLDP show them."""
    full_every: Annotated[int, Field(ge=1)] = 7
    """Of so many scheduled runs one reads a device in full though it proves that nothing moved; 1: each of them."""
    rest_after: Annotated[int, Field(ge=0)] = 3
    """Scheduled runs that read nothing of a device before it rests; 0 for never."""
    rest: Duration = 36 * 3600.0
    """How long it rests at first; twice as long each time after that, ..."""
    rest_longest: Duration = 7 * 24 * 3600.0
    """... and no longer than this."""


class Ssh(_Section):
    """Trust in host keys, and how long each phase of a login may take."""

    known_hosts: Annotated[str, Field(min_length=1)] = "known_hosts"
    connect_timeout: Duration = 5.0
    banner_timeout: Duration = 10.0
    auth_timeout: Duration = 10.0
    command_timeout: Duration = 30.0

    @property
    def trust_on_first_use(self) -> bool:
        """True where an unattended run may learn the key of a host it never met."""
        return self.known_hosts == TRUST_ON_FIRST_USE


class ContractSource(_Section):
    """Where contract files come from and how far they are the whole truth."""

    name: Annotated[str, Field(min_length=1)]
    provider: str = ""
    vendor: str = ""
    paths: tuple[str, ...] = ()
    """Files or patterns, relative to the settings file; none where its files are imported."""
    format: str = ""
    """A contract layout's name; "" finds it from the headers."""
    complete: bool = False
    """True where this source lists every line the provider holds for the vendor."""
    max_age_days: Annotated[int, Field(ge=1)] | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    """Which of day, month and year its files put first, where their own dates do not tell."""


class Contracts(_Section):
    """The contract sources."""

    source: tuple[ContractSource, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Contracts:
        names = [source.name for source in self.source]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two sources are called {twice[0]!r}; give each its own name")
        return self


class Paths(_Section):
    """Folders of the operator's own."""

    configs: str = ""
    """Laid over the shipped configs, file by file."""


class StoreSettings(_Section):
    """Where runs are kept; "" is ``netcover.db`` in the output folder."""

    url: str = ""


class Settings(_Section):
    """Everything the settings file may say, with its defaults."""

    scope: tuple[Network, ...] = ()
    """Nothing outside is ever contacted; empty means the listed targets and no more."""
    timezone: Zone = ZoneInfo("UTC")
    allow_plaintext_secrets: bool = False
    credentials: Mapping[str, CredentialSettings] = Field(default_factory=dict)
    collect: Collect = Field(default_factory=Collect)
    ssh: Ssh = Field(default_factory=Ssh)
    logins: Logins = Field(default_factory=Logins)
    contracts: Contracts = Field(default_factory=Contracts)
    paths: Paths = Field(default_factory=Paths)
    store: StoreSettings = Field(default_factory=StoreSettings)
    notify: Notify = Field(default_factory=Notify)
    watch: Watch = Field(default_factory=Watch)
    upkeep: Upkeep = Field(default_factory=Upkeep)
    agent: AgentSettings = Field(default_factory=AgentSettings)
    file: Path = Field(default=Path("netcover.toml"), exclude=True)
    """Where it was read from; `load` sets it, the file itself may not."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent

    @property
    def known_hosts(self) -> Path:
        """The file of trusted host keys, also of those learnt by trust on first use."""
        name = "known_hosts" if self.ssh.trust_on_first_use else self.ssh.known_hosts
        return self.folder / Path(name).expanduser()

    @property
    def overlay(self) -> Path | None:
        """The operator's folder over `configs`, or None."""
        return self.folder / Path(self.paths.configs).expanduser() if self.paths.configs else None

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change when a setting changes; no secret goes into them."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def credential(self, name: str = "", environ: Mapping[str, str] | None = None) -> Credential:
        """The credential called *name* (or the default one) with its secrets looked up.

        Raises SettingsError where the name or a secret is missing.
        """
        chosen = name or self.collect.default_credential
        if chosen not in self.credentials:
            known = ", ".join(sorted(self.credentials)) or "none"
            raise SettingsError(f"{self.file}: no credential is called {chosen!r}; the file has: {known}")
        section = self.credentials[chosen]

        def found(secret: Secret | None, field: str) -> Secret:
            if secret is None:
                return NO_SECRET
            key = f"{self.file}: credentials.{chosen}.{field}"
            return resolve(secret.reveal(), key=key, folder=self.folder, environ=environ)

        return Credential(
            chosen,
            snmp=_snmp(section.snmp, found) if section.snmp else None,
            ssh=_ssh(section.ssh, found) if section.ssh else None,
        )


def load(path: Path) -> Settings:
    """Read and check the settings in *path*; references are not followed yet.

    Raises SettingsError that names the file, the key and the cure.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        cure = "; write one with: netcover init" if isinstance(error, FileNotFoundError) else ""
        raise SettingsError(f"{path} cannot be read: {error.strerror}{cure}") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    origin = data.pop("file", path) if path.suffix == COPY else path
    if "file" in data:
        raise SettingsError(f"{path}: {unknown(('file',), Settings)}")
    try:
        settings = Settings.model_validate({**data, "file": origin})
        _check(settings)
    except ValidationError as error:
        raise SettingsError(f"{path}: {sentence(error, Settings)}") from None
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
    return settings


def references(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each secret as (key, reference), literals as "": what `netcover check` goes through."""
    for key, secret in _secrets(settings):
        yield key, secret.reveal() if is_reference(secret.reveal()) else ""


def _check(settings: Settings) -> None:
    """What needs more than one section to judge."""
    default = settings.collect.default_credential
    if default and default not in settings.credentials:
        near = nearest(default, settings.credentials)
        raise SettingsError(f"collect.default_credential: no credential is called {default!r}{near}")
    if settings.allow_plaintext_secrets:
        return
    for key, secret in _secrets(settings):
        if not is_reference(secret.reveal()):
            raise SettingsError(
                f'{key} holds the secret itself; refer to it as "env:NAME", "file:PATH",'
                ' "keyring:SERVICE/USER" or "systemd:NAME", or set allow_plaintext_secrets = true'
            )
    password = _URL_PASSWORD.match(settings.store.url)
    if password and password["password"]:
        raise SettingsError(
            "store.url holds the password itself; leave it out and use the database's own password file,"
            " or set allow_plaintext_secrets = true"
        )


def _secrets(settings: Settings) -> Iterator[tuple[str, Secret]]:
    for name, credential in settings.credentials.items():
        for protocol in ("snmp", "ssh"):
            section = getattr(credential, protocol)
            for field, value in section or ():
                if isinstance(value, Secret):
                    yield f"credentials.{name}.{protocol}.{field}", value
    for route in settings.notify.route:
        for field, value in route:
            if isinstance(value, Secret):
                yield f"notify.route.{route.name}.{field}", value


def _snmp(section: SnmpSettings, found: _Found) -> SnmpCredential:
    return SnmpCredential(
        version=section.version,
        community=found(section.community, "snmp.community"),
        user=section.user,
        auth=section.auth or "",
        auth_key=found(section.auth_key, "snmp.auth_key"),
        priv=section.priv or "",
        priv_key=found(section.priv_key, "snmp.priv_key"),
        context=section.context,
    )


def _ssh(section: SshSettings, found: _Found) -> SshCredential:
    return SshCredential(section.user, found(section.password, "ssh.password"), found(section.enable, "ssh.enable"))
