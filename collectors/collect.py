"""Read a fleet: every target becomes exactly one Observation, whatever happened to it.

One asyncio loop asks SNMP, a pool of threads talks SSH, worker processes with a deadline understand the answers (a
hung pattern costs its device, not the run). A device that fails costs nobody else anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, TypeVar

from collectors import captures, quick, reading
from collectors.cli import read_cli
from collectors.errors import AuthFailed, CollectError, ConfigError, Malformed, TimedOut, Unidentified
from collectors.gate import Gate, Knock
from collectors.line import Line
from collectors.model import LICENCES, Observation, Outcome, State, Target
from collectors.platforms import GENERIC, Platform, by_system
from collectors.quick import Known
from collectors.readers import READERS, System, entity, facts
from collectors.scope import Scope, resolve
from collectors.transports import shell, snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.ways import Way, confirm, judge
from collectors.workers import threads, workers

_NAPALM: Final = "napalm:"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Login:
    """What one credential name opens; None for a protocol it does not serve."""

    snmp: snmp.Credential | None = None
    ssh: ssh.Login | None = None


@dataclass(frozen=True, slots=True)
class Polling:
    """How a run polls. Times are in seconds."""

    scope: Scope
    platforms: Mapping[str, Platform]
    logins: Mapping[str, Login]
    """By credential name; "" is the one for targets that name none."""
    known_hosts: KnownHosts
    protocols: tuple[str, ...] = ("snmp", "ssh")
    snmp_port: int = 161
    ssh_port: int = 22
    concurrency: int = 200
    """Devices at a time."""
    ssh_sessions: int = 150
    deadline: float = 90.0
    """For each way into a device, from its first packet to its last."""
    engine: Literal["fast", "pysnmp"] = "fast"
    snmp_options: Mapping[str, Any] = field(default_factory=dict)
    """Timeout, retries and packet rate of the SNMP engine."""
    max_repetitions: int = 20
    ssh_limits: shell.Limits = ssh.DEFAULT_LIMITS
    parsers: int = 2
    """Worker processes."""
    neighbours: bool = False
    """Whether devices are asked for the neighbours that CDP and LLDP show them."""
    record: bool = False
    """Whether all that was said is kept, as `netcover record` needs it: objects, banner, prompt and refusals."""
    gate: Gate | None = None
    """Guards the logins; None lets every one through."""
    known: Mapping[Target, Known] = field(default_factory=dict)
    """The targets that a quick check may do for; all others are read in full."""


async def collect(
    targets: Sequence[Target], polling: Polling, *, now: Callable[[], datetime]
) -> AsyncGenerator[Observation, None]:
    """Poll *targets* and yield each observation as it is ready, in no order. *now* tells UTC.

    Closing the iterator stops the polling: sessions are logged out and the workers ended.
    """
    stop = threading.Event()
    if polling.gate:
        polling.gate.open()
    if not polling.neighbours:
        plain = {name: platform.without_neighbours() for name, platform in polling.platforms.items()}
        polling = replace(polling, platforms=plain)
    with workers(polling.parsers) as parse, threads(polling.ssh_sessions) as talkers:
        async with snmp.open_engine(polling.engine, **polling.snmp_options) as engine:
            gate = asyncio.Semaphore(polling.concurrency)
            run = _Run(polling, engine, parse, talkers, stop, now)
            tasks = [asyncio.create_task(_gated(gate, run, target)) for target in targets]
            try:
                for done in asyncio.as_completed(tasks):
                    yield await done
            finally:
                stop.set()
                if polling.gate:
                    polling.gate.close()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Run:
    """What every device of a run shares."""

    polling: Polling
    engine: snmp.Engine
    parse: Callable[..., Awaitable[Any]]
    threads: ThreadPoolExecutor
    stop: threading.Event
    now: Callable[[], datetime]


async def _gated(gate: asyncio.Semaphore, run: _Run, target: Target) -> Observation:
    async with gate:
        started, clock = run.now(), time.monotonic()
        seen = Observation(target, Outcome.MALFORMED, target.address, started, hostname=target.hostname)
        try:
            seen = await _observe(run, target, seen)
        except CollectError as error:
            seen = replace(seen, outcome=error.outcome, reason=str(error))
        except ConfigError as error:
            seen = replace(seen, outcome=Outcome.UNIDENTIFIED, reason=str(error))
        except Exception as error:
            # a defect of ours on one device: the run goes on, and the row says what to report
            seen = replace(seen, reason=f"netcover could not make sense of it: {type(error).__name__}: {error}")
        return replace(seen, seconds=round(time.monotonic() - clock, 3))


async def _observe(run: _Run, target: Target, seen: Observation) -> Observation:
    address = await resolve(target.address)
    seen = replace(seen, address=address)
    if not run.polling.scope.allows(address):
        reason = f"{address} is outside the scope; it was not contacted"
        return replace(seen, outcome=Outcome.OUT_OF_SCOPE, reason=reason)
    seen = replace(seen, attempts=1)
    if target.platform.startswith(_NAPALM):
        return judge(seen, [await _by_napalm(run, target, address)])
    return await _by_protocols(run, target, address, seen)


async def _by_protocols(run: _Run, target: Target, address: str, seen: Observation) -> Observation:
    """SNMP first, since it tells the platform without a login; SSH beside its walks once the platform is known."""
    named = run.polling.platforms.get(target.platform)
    login = run.polling.logins[target.credential]
    wanted = target.protocols or run.polling.protocols
    by_ssh = partial(_by_ssh, run, target, address, login.ssh) if "ssh" in wanted and login.ssh else None
    ways = []
    if "snmp" in wanted and login.snmp:
        peer = snmp.Peer(address, target.snmp_port or run.polling.snmp_port, login.snmp)
        way, facts_ = await _system(run, target, peer, named)
        if way.error is None and facts_ is not None:
            seen = replace(seen, stamp=quick.stamp(facts_, run.now()))
            platform = way.platform if way.platform and way.platform.name != GENERIC else None
            by_ssh = by_ssh if platform is None or platform.ssh else None
            if same := await _confirmed(run, target, peer, facts_, way.platform, by_ssh, seen):
                return same
            beside = asyncio.create_task(by_ssh(platform)) if by_ssh else None
            ways.append(await _walks(run, peer, facts_, way.platform))
            return judge(seen, [*ways, *([await beside] if beside else [])])
        ways.append(way)
    if by_ssh and (named is None or named.ssh):
        ways.append(await by_ssh(named))
    return judge(seen, ways)


async def _confirmed(
    run: _Run,
    target: Target,
    peer: snmp.Peer,
    system: System,
    platform: Platform | None,
    by_ssh: Callable[[Platform | None], Coroutine[Any, Any, Way]] | None,
    seen: Observation,
) -> Observation | None:
    """The last reading of a device that did not move, with its licences as they are now; None where all is to be read
    again."""
    known = run.polling.known.get(target)
    if known is None or platform is None or seen.stamp is None or quick.moved(known.stamp, seen.stamp):
        return None
    last = await asyncio.to_thread(known.recall)
    if last is None:
        return None
    again = quick.unread_licences(last.section(LICENCES))
    only = platform.licences_only()
    if "ssh" in again and by_ssh is None:
        return None  # the login that told them is gone
    beside = asyncio.create_task(by_ssh(only)) if "ssh" in again and by_ssh else None
    ways = [await _walks(run, peer, system, only, holders=True)] if "snmp" in again else []
    return confirm(seen, last, [*ways, *([await beside] if beside else [])])


async def _system(run: _Run, target: Target, peer: snmp.Peer, named: Platform | None) -> tuple[Way, System | None]:
    """Who answers over SNMP, and which platform that is. The first signed request is a login."""
    gate = run.polling.gate
    knock = gate.knock(target, "snmp", peer.address, peer.port) if gate else None
    try:
        with _knocking(knock):
            if knock:
                await run.engine.meet(peer)
                await knock.enter_soon()
            walk = await _line(run, peer).walk(READERS["system"])
            if knock and walk.state is State.FAILED:
                knock.ended(TimedOut(walk.reason))  # never answered: neither let in nor refused
    except CollectError as error:
        return Way("snmp", error=error), None
    if not walk.scalars:
        return Way("snmp", error=Malformed(f"no system group: {walk.reason}")), None
    system = facts(walk)
    platform = named or by_system(run.polling.platforms, system.object_id, system.descr)
    return Way("snmp", platform or run.polling.platforms.get(GENERIC)), system


@contextlib.contextmanager
def _knocking(knock: Knock | None) -> Iterator[None]:
    """One login: not even begun where the gate forbids it, and its end told to the gate whatever it is."""
    if knock is None:
        yield
        return
    try:
        knock.check()
        yield
        knock.let_in()
    except BaseException as error:
        knock.ended(error)
        raise


async def _walks(
    run: _Run, peer: snmp.Peer, system: System, platform: Platform | None, *, holders: bool = False
) -> Way:
    """Every table the platform's readers need, understood; with *holders* the chassis that licences are counted on."""
    assert platform is not None  # generic_entity is always there
    line = _line(run, peer)
    tables = platform.for_agent(system.descr).snmp
    asked = dict.fromkeys((*tables.inventory, *tables.software, *tables.licences, *tables.neighbours))
    try:
        none = await line.survey([READERS[name] for name in asked if name != entity.READER.name])
        walks = {name: none.get(name) or await line.walk(READERS[name]) for name in asked}
        if holders and any(walk.columns and any(walk.columns.values()) for walk in walks.values()):
            walks[entity.READER.name] = await line.walk(entity.HOLDERS)
            platform = platform.model_copy(update={"snmp": platform.snmp.model_copy(update={"inventory": ("entity",)})})
        seen = await run.parse(reading.read_snmp, platform, system, walks, run.now().date())
        if run.polling.record:
            walks["system"] = await line.walk(READERS["system"])
            objects = {name: (*READERS[name].scalars, *READERS[name].columns) for name in walks}
            seen = replace(seen, captures=captures.of_walks(walks, objects, seen.via))
        return Way("snmp", platform, seen)
    except CollectError as error:
        return Way("snmp", platform, error=error)


def _line(run: _Run, peer: snmp.Peer) -> Line:
    return Line(run.engine, peer, run.polling.deadline, run.polling.max_repetitions)


async def _by_ssh(run: _Run, target: Target, address: str, login: ssh.Login, platform: Platform | None) -> Way:
    """One login; what the platform's allow-list asks, understood."""
    endpoint, gate = _endpoint(run, target, address), run.polling.gate
    knock = gate.knock(target, "ssh", address, endpoint.port) if gate else None
    talk = partial(
        _knocked, knock, ssh.read_device, endpoint, login, platform, knock=knock,
        known_hosts=run.polling.known_hosts, platforms=run.polling.platforms, legacy=target.legacy_ssh,
        limits=replace(run.polling.ssh_limits, device=run.polling.deadline), stop=run.stop,
    )  # fmt: skip
    try:
        session = await asyncio.get_running_loop().run_in_executor(run.threads, talk)
        found = platform or run.polling.platforms.get(session.platform)
        if found is None:
            said = f"{session.prompt!r} answers, but no platform fits; name it in the targets file"
            return Way("ssh", error=Unidentified(said))
        at = run.now().date()
        rows = await run.parse(read_cli, found, session.banner, session.answers, "ssh", at)
        rows = replace(rows, hostname=rows.hostname or session.hostname)
        seen = reading.read_ssh(found, rows)
        kept = captures.of_answers(found, session.answers, seen.via)
        if run.polling.record:
            kept = captures.of_session(session.banner, session.prompt, session.answers, seen.via)
        return Way("ssh", found, replace(seen, captures=kept))
    except CollectError as error:
        return Way("ssh", platform, error=error)


async def _by_napalm(run: _Run, target: Target, address: str) -> Way:
    """Facts of a platform that has no templates here: the chassis, and that is all."""
    from collectors.transports import facts as napalm_facts  # a second of imports that few fleets need

    login = run.polling.logins[target.credential].ssh
    if login is None:
        return Way("napalm", error=AuthFailed(f"{target.platform} needs an ssh login in its credential"))
    driver = target.platform.removeprefix(_NAPALM)
    endpoint, gate = _endpoint(run, target, address), run.polling.gate
    knock = gate.knock(target, "ssh", address, endpoint.port) if gate else None
    ask = partial(
        _knocked, knock, napalm_facts.read_facts, driver, endpoint, login, run.polling.known_hosts,
        timeout=run.polling.deadline, knock=knock,
    )  # fmt: skip
    try:
        return Way("napalm", None, await asyncio.get_running_loop().run_in_executor(run.threads, ask))
    except CollectError as error:
        return Way("napalm", error=error)


def _knocked(knock: Knock | None, talk: Callable[..., T], /, *arguments: Any, **options: Any) -> T:
    """A talk that begins with a login, in its thread."""
    with _knocking(knock):
        return talk(*arguments, **options)


def _endpoint(run: _Run, target: Target, address: str) -> ssh.Endpoint:
    names = tuple(filter(None, (target.hostname, target.address)))
    return ssh.Endpoint(address, target.ssh_port or run.polling.ssh_port, names)
