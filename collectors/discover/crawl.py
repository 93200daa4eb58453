"""Follow the neighbours: from seeds outwards, hop by hop, each device once and none outside the scope.

Each hop first looks who answers at the new addresses, without a login. That tells the boxes that were read already
under another address; the others are read the ordinary way (`collectors.collect`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Final

from collectors.collect import Polling, collect
from collectors.discover.boxes import Found, same_engine
from collectors.discover.look import Finds, Looking, look
from collectors.discover.ranges import ranges, read_range
from collectors.errors import CollectError
from collectors.model import LICENCES, Kind, Neighbour, Observation, Outcome, Target
from collectors.platforms import GENERIC, Platform
from collectors.redact import FACTORY_NAMES
from collectors.scope import Scope, plain, resolve
from collectors.serials import canonical

OUTSIDE: Final = "outside the scope, not contacted"
NO_ADDRESS: Final = "announces no address, not contacted"
SILENT: Final = "answers neither SNMP nor SSH"
TOO_FAR: Final = "more hops away than --depth allows, not contacted"
TOO_MANY: Final = "beyond --limit, not contacted"


@dataclass(frozen=True, slots=True)
class Seed:
    """Where a crawl starts."""

    target: Target
    found: Found | None = None
    """What a sweep told of it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A neighbour that was announced and not read."""

    neighbour: Neighbour
    seen_by: str
    """``10.0.0.1 Gi0/1 (cdp)``"""
    reason: str


@dataclass(slots=True)
class Crawled:
    """What a crawl found so far; it grows while the crawl runs."""

    found: dict[str, Found] = field(default_factory=dict)
    """One entry a device, by the address it was read at."""
    failed: set[str] = field(default_factory=set)
    """Those of `found` that could not be read: a refused login, an unknown host key, silence."""
    announced: dict[tuple[str, ...], Unread] = field(default_factory=dict)
    hops: int = 0
    cut: bool = False
    """True where `limit` ended the crawl."""

    def unread(self) -> list[Unread]:
        """The neighbours that nobody read, under whatever address.

        One that bears the name of a device that was read is that device, unless the name is one of the factory's or
        their domains differ: then it is another one, and told.
        """
        names = {name for found in self.found.values() if (name := found.hostname.lower())}
        return [one for one in self.announced.values() if not _among(one.neighbour.hostname.lower(), names)]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A device to be read next: the addresses it may have, all inside the scope, best first."""

    target: Target
    addresses: tuple[str, ...]
    found_by: str = "listed"
    neighbour: Neighbour | None = None
    found: Found | None = None

    @property
    def seen_by(self) -> str:
        return self.found_by.removeprefix(_BY)


@dataclass(frozen=True, slots=True)
class _Crawl:
    polling: Polling
    looking: Looking
    crawled: Crawled
    now: Callable[[], datetime]
    tick: Callable[[Observation], None]
    met: set[str] = field(default_factory=set)
    """Addresses that were contacted."""


_BY: Final = "neighbour of "


async def crawl(
    seeds: Sequence[Seed],
    polling: Polling,
    looking: Looking,
    crawled: Crawled,
    *,
    depth: int,
    limit: int,
    now: Callable[[], datetime],
    tick: Callable[[Observation], None] = lambda seen: None,
) -> None:
    """Read *seeds*, then their neighbours, and so on for *depth* hops or until *limit* devices were read.

    *polling* and *looking* share one scope. What is found goes into *crawled*; *tick* gets every observation.
    Neighbours are contacted with the credential `looking.credential_name`.
    """
    lean = {name: _lean(platform) for name, platform in polling.platforms.items()}
    polling = replace(polling, platforms=lean, neighbours=True)
    run = _Crawl(polling, replace(looking, identify=False), crawled, now, tick)
    queue = [await _seed(seed, polling.scope) for seed in {seed.target.address: seed for seed in seeds}.values()]
    while queue:
        room = max(0, limit - len(crawled.found))
        if queue[room:]:
            crawled.cut = True
            _leave(crawled, queue[room:], TOO_MANY)
        observations = await _read(run, await _strangers(run, queue[:room]))
        queue = list(_next_hop(run, observations))
        if queue and crawled.hops >= depth:
            _leave(crawled, queue, TOO_FAR)
            return
        crawled.hops += bool(queue)


def _lean(platform: Platform) -> Platform:
    """The platform without its licences: a third of what an audit asks, and no use to a crawl."""
    ssh = platform.ssh
    if ssh:
        ssh = ssh.model_copy(update={"command": tuple(one for one in ssh.command if one.section != LICENCES)})
    return platform.model_copy(update={"snmp": platform.snmp.model_copy(update={"licences": ()}), "ssh": ssh})


async def _seed(seed: Seed, scope: Scope) -> _Candidate:
    """A seed as a candidate; one that does not resolve or is outside the scope is left for the reading to judge."""
    target = seed.target
    try:
        address = await resolve(target.address)
    except CollectError:
        address = ""
    addresses = (address,) if address and scope.allows(address) else ()
    found_by = seed.found.found_by if seed.found else "listed"
    return _Candidate(target, addresses, found_by, found=seed.found)


async def _strangers(run: _Crawl, queue: Sequence[_Candidate]) -> list[_Candidate]:
    """Those of *queue* that were not read yet, each once, at an address that answers."""
    new = [one for one in chain.from_iterable(c.addresses for c in queue if c.found is None) if one not in run.met]
    finds = Finds()
    if new:
        await look(ranges(network for one in new for network in read_range(one)), run.looking, finds)
    kept: list[_Candidate] = []
    for candidate in queue:
        answered = [finds.by_address[one] for one in candidate.addresses if one in finds.by_address]
        answered = [candidate.found] if candidate.found else answered
        run.met.update(candidate.addresses)
        if known := _known(run.crawled, kept, candidate, answered):
            _alias(run.crawled, kept, known, answered)
        elif answered and candidate.neighbour:
            target = replace(candidate.target, address=answered[0].address)
            kept.append(replace(candidate, target=target, found=_joined(answered)))
        elif answered:
            kept.append(replace(candidate, found=_joined(answered)))
        elif candidate.neighbour is None:
            kept.append(candidate)  # a person listed it: the reading says what is wrong with it
        else:
            _leave(run.crawled, [candidate], SILENT)
    return kept


def _known(
    crawled: Crawled, kept: Sequence[_Candidate], candidate: _Candidate, answered: Sequence[Found]
) -> Found | None:
    """The box, read before or about to be, that *candidate* is another address of."""
    name = _short(candidate.neighbour.hostname if candidate.neighbour else "")
    boxes = [*crawled.found.values(), *(one.found for one in kept if one.found)]
    for box in boxes:
        for one in answered:
            same_key = bool(one.host_key) and one.host_key == box.host_key and bool(name)
            if same_engine(box, one) or (same_key and name == _short(box.hostname)):
                return box
    return None


def _alias(crawled: Crawled, kept: list[_Candidate], known: Found, answered: Sequence[Found]) -> None:
    more = (one for one in (address for found in answered for address in found.addresses) if one != known.address)
    box = replace(known, also=tuple(dict.fromkeys((*known.also, *more))))
    if known.address in crawled.found:
        crawled.found[known.address] = box
    for place, candidate in enumerate(kept):
        if candidate.found is known:
            kept[place] = replace(candidate, found=box)


def _joined(answered: Sequence[Found]) -> Found:
    """What several addresses of one announced neighbour told, under the first of them."""
    more = tuple(address for one in answered[1:] for address in one.addresses)
    return replace(answered[0], also=(*answered[0].also, *more))


async def _read(run: _Crawl, candidates: Sequence[_Candidate]) -> list[Observation]:
    """Poll *candidates* and enter what they are; an address of a device read before becomes its `also`."""
    by_target = {one.target: one for one in candidates}
    read: list[Observation] = []
    if not candidates:
        return read
    async with aclosing(collect(list(by_target), run.polling, now=run.now)) as seen:
        async for observation in seen:
            run.tick(observation)
            read.append(observation)
            _enter(run.crawled, by_target[observation.target], observation)
    return read


def _enter(crawled: Crawled, candidate: _Candidate, seen: Observation) -> None:
    told = candidate.found or Found(seen.address)
    chassis = frozenset(unit.serial for unit in seen.units if unit.kind is Kind.CHASSIS and unit.serial)
    failed = not seen.via
    found = replace(
        told,
        address=seen.address,
        protocols=seen.via or told.protocols,
        found_by=candidate.found_by,
        hostname=seen.hostname or candidate.target.hostname,
        platform="" if seen.platform == GENERIC else seen.platform,
        credential=seen.target.credential,
        site=seen.target.site,
        engine_id=told.engine_id or seen.engine_id,
        serials=chassis,
        remarks=(*told.remarks, *([f"{seen.outcome}: {seen.reason}"] if seen.outcome is not Outcome.COMPLETE else [])),
    )
    twin = next((box for box in crawled.found.values() if chassis & box.serials), None)
    if twin is not None:
        _alias(crawled, [], twin, [found])
        return
    crawled.found[found.address] = found
    if failed:
        crawled.failed.add(found.address)


def _next_hop(run: _Crawl, observations: Sequence[Observation]) -> Iterator[_Candidate]:
    """The neighbours that are worth a look: inside the scope and not met; the others are written down."""
    serials = {serial for found in run.crawled.found.values() for serial in found.serials}
    coming: set[str] = set()
    for seen in sorted(observations, key=lambda one: one.address):
        for neighbour in seen.neighbours:
            addresses = tuple(filter(None, map(_numeric, neighbour.addresses)))
            inside = tuple(one for one in addresses if run.polling.scope.allows(one))
            found_by = f"{_BY}{seen.address} {neighbour.local_interface} ({neighbour.protocol})"
            target = Target(inside[0] if inside else "", credential=run.looking.credential_name, origin=found_by)
            candidate = _Candidate(target, inside, found_by, neighbour)
            if canonical(neighbour.chassis_id) in serials or {*addresses} & (run.met | coming):
                continue
            if not inside:
                _leave(run.crawled, [candidate], OUTSIDE if addresses else NO_ADDRESS)
                continue
            coming.update(inside)
            yield candidate


def _leave(crawled: Crawled, candidates: Sequence[_Candidate], reason: str) -> None:
    """Write down neighbours that are not read, each once whoever sees it."""
    for candidate in candidates:
        neighbour = candidate.neighbour or Neighbour("", addresses=(candidate.target.address,))
        key = (neighbour.hostname.lower(), *sorted(neighbour.addresses)) if neighbour.addresses else (
            neighbour.hostname.lower(), neighbour.chassis_id,
        )  # fmt: skip
        crawled.announced.setdefault(key, Unread(neighbour, candidate.seen_by, reason))


def _numeric(text: str) -> str:
    """An announced address in its usual form, "" where it is none."""
    try:
        return str(plain(text))
    except ValueError:
        return ""


def _among(name: str, names: Collection[str]) -> bool:
    """Whether one of *names* is *name*, with its domain or without."""
    short, dot, _ = name.partition(".")
    if not short or short in FACTORY_NAMES:
        return False
    alike = (one for one in names if _short(one) == short)
    return any(one == name or not dot or "." not in one for one in alike)


def _short(hostname: str) -> str:
    return hostname.lower().partition(".")[0]
