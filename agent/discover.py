"""Discovery from files in to the target list out: everything is checked before the first packet leaves."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from agent import poll
from agent.errors import UsageError
from agent.settings import Settings, load
from agent.target_file import Listed, free_name, read_listed, write_targets, write_unread
from agent.targets import load_targets
from collectors import platforms
from collectors.collect import Login, Polling
from collectors.discover.boxes import Found, boxes
from collectors.discover.crawl import Crawled, Seed, crawl
from collectors.discover.look import Finds, Looking, look
from collectors.discover.ranges import Ranges, outside, ranges, read_range, too_large
from collectors.errors import CollectError, ConfigError
from collectors.model import Target
from collectors.scope import Network, Scope, resolve
from reconcile.errors import SheetError

DONE: Final = 0
INCOMPLETE: Final = 3
_SETTINGS: Final = Path("netcover.toml")
_OUT: Final = "targets.csv"
_BEAT: Final = 0.25
"""Seconds between two looks at how far a sweep is."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line."""

    ranges: Sequence[str] = ()
    settings: Path | None = None
    out: Path | None = None
    update: bool = False
    crawl: bool = False
    targets: Path | None = None
    """Seeds of a crawl."""
    credential: str = ""
    protocols: tuple[str, ...] = ()
    site: str = ""
    rate: int | None = None
    depth: int = 16
    limit: int = 5000
    large: bool = False


@dataclass(slots=True)
class Discovered:
    """What came of it."""

    out: Path
    finds: Finds = field(default_factory=Finds)
    crawled: Crawled = field(default_factory=Crawled)
    addresses: int = 0
    """Addresses of the ranges."""
    found: list[Found] = field(default_factory=list)
    """One entry a device."""
    new: int = 0
    """Rows written."""
    unread: Path | None = None
    unread_count: int = 0
    stopped: bool = False
    """True where a person stopped it before its end."""

    @property
    def exit_code(self) -> int:
        """3 where something that is there could not be looked at, else 0."""
        cut = self.crawled.cut or bool(self.crawled.failed) or self.finds.snmp.unsendable > 0
        return INCOMPLETE if cut else DONE


Progress = Callable[[str, int], AbstractContextManager[Callable[[int, str], None]]]
"""Given what is done and out of how many, something to call with how many are done and how they are called."""


@dataclass(frozen=True, slots=True)
class _Plan:
    request: Request
    settings: Settings
    out: Path
    places: Ranges
    looking: Looking
    polling: Polling | None
    seeds: tuple[Target, ...]


def discover(request: Request, *, now: Callable[[], datetime], progress: Progress) -> Discovered:
    """Do it. Ctrl-C ends the search, not the writing: what was found until then is in the file."""
    plan = _plan(request)
    done = Discovered(plan.out, addresses=len(plan.places))
    try:
        asyncio.run(_search(plan, done, now, progress))
    except KeyboardInterrupt:
        done.stopped = True
    _write(plan, done)
    return done


def _plan(request: Request) -> _Plan:
    """Everything that could be wrong is found here. Raises errors that name the cure."""
    if request.targets and not request.crawl:
        raise UsageError("--targets names the seeds of a crawl; add --crawl, or name ranges to sweep")
    if not request.ranges and not (request.crawl and request.targets):
        raise UsageError("nothing to discover; name a range such as 10.20.0.0/16, or seeds: --crawl --targets FILE")
    settings = _settings(request.settings)
    known = platforms.load(settings.overlay)
    seeds = load_targets(request.targets, settings, known) if request.targets else ()
    networks = _networks(request.ranges)
    places = ranges(networks)
    if why := too_large(places, large=request.large):
        raise UsageError(why)
    scope = _scope(settings, networks, seeds)
    if (stray := outside(places.networks, scope)) is not None:
        raise UsageError(_astray(stray, settings))
    name = request.credential or settings.collect.default_credential
    login = poll.login(settings.credential(name), str(settings.file)) if name else Login()
    out = request.out or settings.folder / _OUT
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent}: no such folder; make it, or correct --out")
    looking = Looking(
        scope=scope,
        platforms=known,
        protocols=request.protocols or settings.collect.protocols,
        credential=login.snmp,
        credential_name=name,
        snmp_port=settings.collect.snmp_port,
        ssh_port=settings.collect.ssh_port,
        rate=float(request.rate or settings.collect.packets_per_second),
        identify=not request.crawl,
    )
    polling = _polling(settings, looking, login, seeds) if request.crawl else None
    read_listed(out, settings, known, update=request.update)  # refuses here what it would refuse in the end
    return _Plan(request, settings, out, places, looking, polling, seeds)


def _settings(path: Path | None) -> Settings:
    """The settings given, those of this folder, or none: finding devices takes no login."""
    if path is None and not _SETTINGS.exists():
        return Settings(file=_SETTINGS)
    return load(path or _SETTINGS)


def _networks(texts: Sequence[str]) -> list[Network]:
    found: list[Network] = []
    for text in texts:
        try:
            found.extend(read_range(text))
        except ValueError as error:
            address = _named(text)
            if not address:
                raise UsageError(str(error)) from None
            found.append(ipaddress.ip_network(address))
    return found


def _named(text: str) -> str:
    """The address of a host name, "" where *text* is none or does not resolve."""
    if "/" in text or ":" in text or not any(sign.isalpha() for sign in text):
        return ""
    try:
        return asyncio.run(resolve(text))
    except CollectError:
        return ""


def _scope(settings: Settings, networks: Sequence[Network], seeds: Sequence[Target]) -> Scope:
    """The scope of the settings; without one, what was named is the scope and no neighbour is inside."""
    if settings.scope:
        return Scope(settings.scope)
    named = list(networks)
    for seed in seeds:
        try:
            named.append(ipaddress.ip_network(asyncio.run(resolve(seed.address))))
        except CollectError:
            continue  # reading it will say so
    return Scope(tuple(named))


def _astray(network: Network, settings: Settings) -> str:
    if settings.scope:
        return f"{network} is outside the scope of {settings.file}; widen scope there, or name a smaller range"
    return f"{network} holds addresses that are never swept (multicast, link-local, ...); name a smaller range"


def _polling(settings: Settings, looking: Looking, login: Login, seeds: Sequence[Target]) -> Polling:
    """How the devices of a crawl are read."""
    if not any(getattr(login, protocol) for protocol in looking.protocols):
        raise UsageError(
            f"a crawl reads the devices, so it needs a credential for {' or '.join(looking.protocols)}; name one with"
            " --credential, or set collect.default_credential in the settings"
        )
    logins = {**poll.logins(settings, seeds), looking.credential_name: login}
    polling = poll.polling(settings, looking.platforms, logins)
    polling = replace(
        polling,
        scope=looking.scope,
        protocols=looking.protocols,
        neighbours=True,
        snmp_options={**polling.snmp_options, "rate": looking.rate},
    )
    poll.check_targets(seeds, polling)
    return polling


async def _search(plan: _Plan, done: Discovered, now: Callable[[], datetime], progress: Progress) -> None:
    if plan.places:
        await _sweep(plan, done, progress)
    if plan.polling is None:
        return
    from agent.logins import guarded_apart  # here: a sweep alone needs no store, and none of its hundred megabytes

    seeds = [Seed(target) for target in plan.seeds]
    listed = {seed.target.address for seed in seeds}
    for found in done.finds.boxes():
        if not listed.intersection(found.addresses):
            target = Target(found.address, credential=plan.looking.credential_name, origin="the sweep")
            seeds.append(Seed(target, found))
    guarded = guarded_apart(plan.polling, plan.seeds, plan.settings, now)
    with progress("reading neighbours", 0) as show, guarded as polling:
        await crawl(
            seeds, polling, plan.looking, done.crawled,
            depth=plan.request.depth, limit=plan.request.limit, now=now,
            tick=lambda seen: show(len(done.crawled.found), f"{seen.address} {seen.hostname} {seen.outcome}"),
        )  # fmt: skip


async def _sweep(plan: _Plan, done: Discovered, progress: Progress) -> None:
    """Look at every address of the ranges, and show how far that is."""
    snmp, ssh = done.finds.snmp, done.finds.ssh
    probes = len(plan.places) * sum(2 if protocol == "snmp" else 1 for protocol in plan.looking.protocols)
    with progress("probing", probes) as show:
        async with _beating(lambda: show(snmp.packets + ssh.connects, f"{len(done.finds.by_address)} answered")):
            await look(plan.places, plan.looking, done.finds)
        show(probes, f"{len(done.finds.by_address)} answered")


@asynccontextmanager
async def _beating(beat: Callable[[], None]) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            beat()
            await asyncio.sleep(_BEAT)

    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()


def _write(plan: _Plan, done: Discovered) -> None:
    """One row a device, whichever way it was found."""
    crawled = done.crawled.found
    met = {address for found in crawled.values() for address in found.addresses}
    swept = [found for found in done.finds.boxes() if not met.intersection(found.addresses)]
    done.found = [replace(found, site=found.site or plan.request.site) for found in boxes([*crawled.values(), *swept])]
    done.out, listed = _place(plan)
    done.new = write_targets(done.out, done.found, listed, default_credential=plan.settings.collect.default_credential)
    if plan.request.crawl:
        done.unread = done.out.with_name(f"{done.out.stem}-not-read.csv")
        done.unread_count = write_unread(done.unread, done.crawled.unread())


def _place(plan: _Plan) -> tuple[Path, Listed | None]:
    """Where the list goes: a file that a person made or broke while the search ran is left to that person."""
    try:
        return plan.out, read_listed(plan.out, plan.settings, plan.looking.platforms, update=plan.request.update)
    except (UsageError, ConfigError, SheetError):
        return free_name(plan.out), None
