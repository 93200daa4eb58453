"""Whom a run polls: who is due, who rests, and for whom a quick check may do; and whether it was the same device."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from agent.settings import Collect, Settings
from agent.store import Store, devices
from agent.store.devices import Device, Place, place
from agent.store.runs import utc
from agent.version import version
from collectors.model import Kind, Observation, Outcome, Stamp, Target
from collectors.quick import Known, confirmable
from reconcile.policy import Policy
from reconcile.products import base_form

_TROUBLE: Final = frozenset(
    (
        Outcome.UNREACHABLE, Outcome.REFUSED, Outcome.TIMEOUT, Outcome.AUTH_TIMEOUT, Outcome.CRYPTO_MISMATCH,
        Outcome.MALFORMED, Outcome.UNIDENTIFIED,
    )
)  # fmt: skip
"""Outcomes after which a device rests in the end. A refused login is none: the ledger keeps it from being tried, and
once the secret is corrected the device is to be read at once. Nor is a host key, which a person is to look at."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a run is to do."""

    targets: tuple[Target, ...]
    """To be polled now."""
    resting: tuple[Observation, ...] = ()
    """A row for each target that is left alone this time."""
    known: Mapping[Target, Known] = field(default_factory=dict)
    """The targets of which a quick check may confirm the last reading; the others are read in full."""
    before: Mapping[Place, Device] = field(default_factory=dict)
    """What was known of each target when the run began."""


def due(store: Store, targets: Sequence[Target], settings: Settings, now: datetime) -> Due:
    """For a scheduled run: devices that keep failing rest, those that prove that nothing moved are only confirmed."""
    before = store.read(devices.every)
    resting = {target: one for target in targets if (one := before.get(place(target))) and one.rest_until > utc(now)}
    known = {
        target: known
        for target in targets
        if target not in resting and (known := _known(store, before.get(place(target)), target, settings.collect))
    }
    return Due(
        targets=tuple(target for target in targets if target not in resting),
        resting=tuple(_resting(target, one, now) for target, one in resting.items()),
        known={} if settings.collect.neighbours else known,
        before=before,
    )


def everything(store: Store, targets: Sequence[Target]) -> Due:
    """For an audit: every target, in full."""
    return Due(tuple(targets), before=store.read(devices.every))


def identified(seen: Observation, before: Device | None, policy: Policy) -> Observation:
    """The observation, with the outcome `identity_changed` where another device answers at the target than last time.

    Its units count. A new chassis under the same host name with the same base product is a replacement, no other
    device; nor is one that only lacks what would tell.
    """
    if before is None or not seen.via or seen.confirmed or not _another(seen, before, policy):
        return seen
    was, now = (_called(one.hostname, serials) for one, serials in ((before, before.serials), (seen, _serials(seen))))
    reason = f"it answers as {now}, until {before.seen[:10]} it was {was}, which is no longer looked for there"
    return replace(seen, outcome=Outcome.IDENTITY_CHANGED, reason=f"{reason}; {seen.reason}" if seen.reason else reason)


def after(run: int, found: Iterable[tuple[Observation, Device | None]], collect: Collect) -> list[Device]:
    """What the next run is to know, from the observations of this one with what was known before."""
    return [_after(run, seen, before, collect) for seen, before in found]


def _known(store: Store, before: Device | None, target: Target, collect: Collect) -> Known | None:
    """What a quick check needs, None where the target is to be read in full."""
    if before is None or not before.stamp or before.quick >= collect.full_every - 1:
        return None
    told = json.loads(before.stamp)
    if told.pop("asked") != _asked(target, collect):
        return None
    stamp = Stamp(**{**told, "taken": datetime.fromisoformat(told["taken"])})
    return Known(stamp, lambda: store.read(devices.last_reading, before.place, before.last_run))


def _resting(target: Target, before: Device, now: datetime) -> Observation:
    until = before.rest_until[:16].replace("T", " ")
    reason = f"rests until {until} UTC after {before.failures} failures in a row; the last: {before.reason}"
    return Observation(target, Outcome(before.outcome), target.address, now, hostname=target.hostname, reason=reason)


def _after(run: int, seen: Observation, before: Device | None, collect: Collect) -> Device:
    last = before or Device(*place(seen.target))
    one = replace(last, outcome=str(seen.outcome), reason=seen.reason, last_run=run, stamp="", rest_until="")
    if seen.outcome in _TROUBLE and not seen.via:
        return _rested(one, seen, collect)
    one = replace(one, failures=0)
    if not seen.via:
        return one
    one = replace(
        one,
        hostname=seen.hostname or one.hostname,
        engine_id=seen.engine_id or one.engine_id,
        serials=_serials(seen) or one.serials,
        products=" ".join(_products(seen)) or one.products,
        seen=utc(seen.started),
        quick=one.quick + 1 if seen.confirmed else 0,
        full_run=one.full_run if seen.confirmed else run,
    )
    return replace(one, stamp=_stamp(seen, collect)) if confirmable(seen) else one


def _rested(one: Device, seen: Observation, collect: Collect) -> Device:
    failures = one.failures + 1
    if not collect.rest_after or failures < collect.rest_after:
        return replace(one, failures=failures)
    doublings = min(failures - collect.rest_after, 30)
    rest = timedelta(seconds=min(collect.rest * 2**doublings, collect.rest_longest))
    return replace(one, failures=failures, rest_until=utc(seen.started + rest))


def _stamp(seen: Observation, collect: Collect) -> str:
    assert seen.stamp is not None  # it is confirmable
    told = {**asdict(seen.stamp), "taken": seen.stamp.taken.astimezone(UTC).isoformat()}
    return json.dumps({**told, "asked": _asked(seen.target, collect)}, sort_keys=True)


def _asked(target: Target, collect: Collect) -> list[str]:
    """What else decides about a reading: another platform, way in or release of netcover needs one in full."""
    protocols = "+".join(target.protocols or collect.protocols)
    return [target.platform, target.credential or collect.default_credential, protocols, version()]


def _another(seen: Observation, before: Device, policy: Policy) -> bool:
    """Whether another device answers."""
    then, now = set(before.serials.split()), set(_serials(seen).split())
    if then & now or (bool(then) != bool(now)):
        return False
    engines = bool(before.engine_id and seen.engine_id and before.engine_id != seen.engine_id)
    names = _short(before.hostname) != _short(seen.hostname)
    if names or not then:
        return names and (bool(then) or engines)
    return engines and not _bases(before.products.split(), policy) & _bases(_products(seen), policy)


def _bases(products: Iterable[str], policy: Policy) -> set[str]:
    return {base_form(product, policy) for product in products}


def _chassis(seen: Observation) -> list[tuple[str, str]]:
    return [(one.serial, one.product_id) for one in seen.units if one.kind is Kind.CHASSIS and one.serial]


def _serials(seen: Observation) -> str:
    return " ".join(dict.fromkeys(serial for serial, _ in _chassis(seen)))


def _products(seen: Observation) -> list[str]:
    return list(dict.fromkeys("".join(product.split()) for _, product in _chassis(seen) if product))


def _short(name: str) -> str:
    """A host name as it compares: without its domain and in lower case."""
    return name.partition(".")[0].lower()


def _called(name: str, serials: str) -> str:
    first = serials.partition(" ")[0]
    return f"{name} ({first})" if name and first else name or first or "a device without a name"
