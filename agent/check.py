"""What `netcover check` looks at: everything an audit reads before its first packet, and no packet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from agent import poll
from agent.errors import AgentError
from agent.folder import Folder, Given, locate
from agent.prepare import prepare
from agent.settings import Settings, load, references
from agent.settings_notify import Route
from agent.targets import load_targets
from collectors import platforms
from collectors.collect import Login
from collectors.errors import ConfigError
from collectors.transports.hostkeys import KnownHosts
from reconcile import inputs, layouts, policy
from reconcile.errors import SheetError

OK: Final = "ok"
WARNING: Final = "warning"
FAULT: Final = "fault"
_EXPECTED: Final = (AgentError, ConfigError, SheetError)


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at."""

    state: Literal["ok", "warning", "fault"]
    subject: str
    text: str


@dataclass(slots=True)
class _Found:
    """What later checks need of the earlier ones; None where those failed."""

    settings: Settings
    folder: Folder | None = None
    platforms: dict[str, platforms.Platform] | None = None
    layouts: layouts.Layouts | None = None
    logins: dict[str, Login] = field(default_factory=dict)


def check_folder(folder: Path, settings_file: Path) -> Iterator[Result]:
    """Check an audit folder and its settings; what cannot be judged after a fault is left out."""
    try:
        settings = load(settings_file)
    except AgentError as error:
        yield Result(FAULT, "settings", str(error))
        return
    found = _Found(settings)
    yield Result(OK, "settings", f"{settings_file}, {_scope(settings)}")
    if settings.allow_plaintext_secrets and settings_file.stat().st_mode & 0o077:
        yield Result(WARNING, "settings", f"{settings_file} may hold secrets; run: chmod 600 {settings_file}")
    yield from _credentials(found)
    yield from _configs(found)
    yield _known_hosts(settings)
    yield from _routes(settings)
    yield from _jobs(settings)
    yield _try("folder", lambda: _locate(found, folder, settings_file))
    if found.folder:
        yield from _files(found, found.folder)


def _scope(settings: Settings) -> str:
    return f"scope {', '.join(map(str, settings.scope))}" if settings.scope else "no scope: listed targets only"


def _try(subject: str, step: Callable[[], str]) -> Result:
    try:
        return Result(OK, subject, step())
    except _EXPECTED as error:
        return Result(FAULT, subject, str(error))


def _credentials(found: _Found) -> Iterator[Result]:
    """Each credential with all its references followed and its keys long enough."""
    settings = found.settings
    for name in settings.credentials:

        def step(name: str = name) -> str:
            login = poll.login(settings.credential(name), str(settings.file))
            found.logins[name] = login
            keys = [key for key, _ in references(settings) if key.startswith(f"credentials.{name}.")]
            return f"{len(keys)} secrets found"

        yield _try(f"credential {name}", step)
    if not settings.credentials:
        yield Result(WARNING, "credentials", "there are none; an audit needs --ask-credentials")
    default = settings.collect.default_credential
    if default in found.logins:
        found.logins[""] = found.logins[default]


def _routes(settings: Settings) -> Iterator[Result]:
    """Each way to tell people, with its secrets looked up; nobody is told anything."""
    from agent import routes

    for route in settings.notify.route:

        def step(route: Route = route) -> str:
            routes.check(route, settings)
            return f"{route.kind}; try it with: netcover notify --test"

        yield _try(f"route {route.name}", step)


def _jobs(settings: Settings) -> Iterator[Result]:
    """When each job would run next, and what follows it."""
    from agent.schedule import following, plan

    for job in plan(settings):
        ahead = following(job, datetime.now(UTC))
        at = f"next at {ahead.start.astimezone(job.zone):%Y-%m-%d %H:%M %Z}" if ahead else "never"
        then = f", then {', '.join(job.chain[1:])}" if job.chain[1:] else ""
        yield Result(OK if ahead else WARNING, f"job {job.name}", f"{at}{then}")


def _configs(found: _Found) -> Iterator[Result]:
    overlay = found.settings.overlay
    if overlay and not overlay.is_dir():
        yield Result(FAULT, "configs", f"paths.configs: {overlay} is no folder; make it or remove the setting")
        return

    def load_platforms() -> str:
        found.platforms = platforms.load(overlay)
        return f"{len(found.platforms)} read"

    def load_layouts() -> str:
        found.layouts = layouts.load(overlay)
        return f"{len(found.layouts.by_name)} read"

    def load_policy() -> str:
        policy.load(overlay)
        return "read"

    yield _try("platforms", load_platforms)
    yield _try("contract layouts", load_layouts)
    yield _try("policy", load_policy)


def _known_hosts(settings: Settings) -> Result:
    path = settings.known_hosts
    if not path.exists() and not settings.ssh.trust_on_first_use and "ssh" in settings.collect.protocols:
        cure = "SSH is refused until host keys are enrolled: netcover trust ADDRESS..."
        return Result(WARNING, "known_hosts", f"{path} is not there; {cure}")

    def step() -> str:
        KnownHosts(path)
        return f"{path}, new keys are learnt" if settings.ssh.trust_on_first_use else str(path)

    return _try("known_hosts", step)


def _locate(found: _Found, folder: Path, settings_file: Path) -> str:
    found.folder = locate(Given(folder=folder, settings=settings_file), folder)
    return str(folder)


def _files(found: _Found, folder: Folder) -> Iterator[Result]:
    """Every file of the folder by itself, then the contract files as the batch an audit would read."""
    listed = folder.targets
    if listed is None:
        return  # only an audit of captures has none
    targets = _try("targets", lambda: _targets(found, listed))
    yield targets
    if found.layouts is None:
        return
    shared = found.layouts.shared
    for name, path in folder.inputs:

        def step(name: str = name, path: Path = path) -> str:
            return f"{path}, {len(inputs.read_input(name, path, shared=shared))} rows"

        yield _try(name, step)
    if targets.state == OK:
        yield from _contracts(folder)


def _contracts(folder: Folder) -> Iterator[Result]:
    try:
        prepared, _ = prepare(replace(folder, inputs=()), None, datetime.now(UTC))
    except _EXPECTED as error:
        yield Result(FAULT, "contracts", str(error))
        return
    for file in prepared.contracts.files if prepared.contracts else ():
        yield Result(OK, "contracts", f"{file.file}, {file.title}, {file.lines} lines of {file.contracts} contracts")
        yield from (Result(WARNING, "contracts", text) for text in file.warnings)
    if prepared.contracts is None:
        yield Result(WARNING, "contracts", "there are none; an audit will be an inventory")


def _targets(found: _Found, path: Path) -> str:
    settings, known = found.settings, found.platforms or {}
    targets = load_targets(path, settings, known)
    if all(target.credential in found.logins for target in targets):
        poll.check_targets(targets, poll.polling(settings, known, found.logins))
    return f"{path}, {len(targets)} targets"
