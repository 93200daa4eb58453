"""Read a fleet: every target becomes exactly one Observation, whatever happened to it.

One asyncio loop asks SNMP, a pool of threads talks SSH, worker processes with a deadline understand the answers (a
hung pattern costs its device, not the run). A device that fails costs nobody else anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from typing import Any, Final, Literal, TypeVar

from pebble import ProcessExpired, ProcessPool

from collectors import captures, reading
from collectors.cli import read_cli
from collectors.errors import AuthFailed, CollectError, ConfigError, Malformed, TimedOut, Unidentified
from collectors.model import Observation, Outcome, State, Target
from collectors.oids import Walk
from collectors.platforms import GENERIC, Platform, by_system
from collectors.readers import READERS, Reader, System, facts
from collectors.scope import Scope, resolve
from collectors.transports import shell, snmp, ssh
from collectors.transports.hostkeys import KnownHosts
from collectors.ways import Way, judge

_PARSE_SECONDS: Final = 20.0
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
    ssh_sessions: int = 100
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


async def collect(
    targets: Sequence[Target], polling: Polling, *, now: Callable[[], datetime]
) -> AsyncGenerator[Observation, None]:
    """Poll *targets* and yield each observation as it is ready, in no order. *now* tells UTC.

    Closing the iterator stops the polling: sessions are logged out and the workers ended.
    """
    stop = threading.Event()
    if not polling.neighbours:
        plain = {name: platform.without_neighbours() for name, platform in polling.platforms.items()}
        polling = replace(polling, platforms=plain)
    with _workers(polling) as parse, _threads(polling) as threads:
        async with snmp.open_engine(polling.engine, **polling.snmp_options) as engine:
            gate = asyncio.Semaphore(polling.concurrency)
            run = _Run(polling, engine, parse, threads, stop, now)
            tasks = [asyncio.create_task(_gated(gate, run, target)) for target in targets]
            try:
                for done in asyncio.as_completed(tasks):
                    yield await done
            finally:
                stop.set()
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
    if target.platform.startswith(_NAPALM):
        ways = [await _by_napalm(run, target, address)]
    else:
        ways = await _by_protocols(run, target, address)
    return judge(replace(seen, attempts=1), ways)


async def _by_protocols(run: _Run, target: Target, address: str) -> list[Way]:
    """SNMP first, since it tells the platform without a login; SSH beside its walks once the platform is known."""
    named = run.polling.platforms.get(target.platform)
    login = run.polling.logins[target.credential]
    wanted = target.protocols or run.polling.protocols
    by_ssh = partial(_by_ssh, run, target, address, login.ssh) if "ssh" in wanted and login.ssh else None
    ways = []
    if "snmp" in wanted and login.snmp:
        peer = snmp.Peer(address, target.snmp_port or run.polling.snmp_port, login.snmp)
        way, facts_ = await _system(run, peer, named)
        if way.error is None and facts_ is not None:
            known = way.platform if way.platform and way.platform.name != GENERIC else None
            beside = asyncio.create_task(by_ssh(known)) if by_ssh and (known is None or known.ssh) else None
            ways.append(await _walks(run, peer, facts_, way.platform))
            return [*ways, *([await beside] if beside else [])]
        ways.append(way)
    if by_ssh and (named is None or named.ssh):
        ways.append(await by_ssh(named))
    return ways


async def _system(run: _Run, peer: snmp.Peer, named: Platform | None) -> tuple[Way, System | None]:
    """Who answers over SNMP, and which platform that is."""
    try:
        walk = await _Line(run, peer, time.monotonic() + run.polling.deadline).walk(READERS["system"])
    except CollectError as error:
        return Way("snmp", error=error), None
    if not walk.scalars:
        return Way("snmp", error=Malformed(f"no system group: {walk.reason}")), None
    system = facts(walk)
    platform = named or by_system(run.polling.platforms, system.object_id, system.descr)
    return Way("snmp", platform or run.polling.platforms.get(GENERIC)), system


async def _walks(run: _Run, peer: snmp.Peer, system: System, platform: Platform | None) -> Way:
    """Every table the platform's readers need, understood."""
    assert platform is not None  # generic_entity is always there
    line = _Line(run, peer, time.monotonic() + run.polling.deadline)
    tables = platform.for_agent(system.descr).snmp
    asked = dict.fromkeys((*tables.inventory, *tables.software, *tables.licences, *tables.neighbours))
    try:
        walks = {name: await line.walk(READERS[name]) for name in asked}
        seen = await run.parse(reading.read_snmp, platform, system, walks, run.now().date())
        if run.polling.record:
            walks["system"] = await line.walk(READERS["system"])
            objects = {name: (*READERS[name].scalars, *READERS[name].columns) for name in walks}
            seen = replace(seen, captures=captures.of_walks(walks, objects, seen.via))
        return Way("snmp", platform, seen)
    except CollectError as error:
        return Way("snmp", platform, error=error)


@dataclass(slots=True)
class _Line:
    """One device's agent and the time it has left; once it falls silent it is not asked again."""

    run: _Run
    peer: snmp.Peer
    end: float
    silent: bool = False

    async def walk(self, reader: Reader) -> Walk:
        """One reader's objects. Silence and the end of the device's time fail this walk and those after it only."""
        left = self.end - time.monotonic()
        if left <= 0:
            return Walk(State.FAILED, f"the device took longer than {self.run.polling.deadline:g} s")
        if self.silent:
            return Walk(State.FAILED, "not asked: the device had stopped answering")
        limits = snmp.Limits(seconds=left, repetitions=self.run.polling.max_repetitions)
        try:
            return await snmp.walk(self._ask, reader.scalars, reader.columns, limits=limits, sparse=reader.sparse)
        except TimedOut as error:
            return Walk(State.FAILED, str(error))

    async def _ask(self, request: snmp.Request) -> snmp.Response:
        self.silent = True
        response = await self.run.engine.ask(self.peer, request)
        self.silent = False
        return response


async def _by_ssh(run: _Run, target: Target, address: str, login: ssh.Login, platform: Platform | None) -> Way:
    """One login; what the platform's allow-list asks, understood."""
    talk = partial(
        ssh.read_device, _endpoint(run, target, address), login, platform,
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
    ask = partial(
        napalm_facts.read_facts, driver, _endpoint(run, target, address), login, run.polling.known_hosts,
        timeout=run.polling.deadline,
    )  # fmt: skip
    try:
        return Way("napalm", None, await asyncio.get_running_loop().run_in_executor(run.threads, ask))
    except CollectError as error:
        return Way("napalm", error=error)


def _endpoint(run: _Run, target: Target, address: str) -> ssh.Endpoint:
    names = tuple(filter(None, (target.hostname, target.address)))
    return ssh.Endpoint(address, target.ssh_port or run.polling.ssh_port, names)


@contextlib.contextmanager
def _workers(polling: Polling) -> Iterator[Callable[..., Awaitable[Any]]]:
    """Processes that understand answers, each call with a deadline; a call that overruns raises TimedOut."""
    # spawned, not forked: the parent has threads and open sessions
    pool = ProcessPool(max_workers=polling.parsers, context=get_context("spawn"))

    async def parse(function: Callable[..., T], *args: object) -> T:
        try:
            future = pool.schedule(function, args=args, timeout=_PARSE_SECONDS)
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise TimedOut(f"its answers could not be understood within {_PARSE_SECONDS:g} s") from error
        except ProcessExpired as error:
            raise Malformed(f"the worker that read its answers died: {error}") from error

    try:
        yield parse
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble types its futures only
        pool.join()


@contextlib.contextmanager
def _threads(polling: Polling) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(polling.ssh_sessions, thread_name_prefix="ssh")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
