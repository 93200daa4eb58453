"""What a run shows of the agent itself: a set brake, stale sources, a credential that is refused everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent.store import Run, Store, logins, removals
from agent.store.logins import Entry
from reconcile.removed import waiting

_BROKEN: Final = "; not tried further"
"""How the reason ends of a device that the breaker kept from being logged in to (`collectors.gate`)."""
_REFUSED: Final = "auth_failed"


@dataclass(frozen=True, slots=True)
class Brake:
    """Removals that wait for a person."""

    held: int
    """Units."""
    why: tuple[str, ...]
    """Why the fleet brake was set; none where only devices changed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A contract source that the last verdicts could not rest on."""

    name: str
    reason: str


def brake(store: Store) -> Brake:
    """What is held now."""
    held = waiting(store.read(removals.absent))
    return Brake(len(held), tuple(sorted(set(held["brake"]) - {""})))


def weak_sources(store: Store, run: int) -> tuple[Source, ...]:
    """The sources that were stale, or could not be read whole, when the run was judged."""
    table = store.inputs(run).get("sources")
    if table is None:
        return ()
    rows = table[table["reason"] != ""].to_dict("records")
    return tuple(Source(str(row["name"]), str(row["reason"])) for row in rows)


def broken_credentials(store: Store, run: Run) -> tuple[str, ...]:
    """Which credentials the breaker stopped in a sealed run, as sentences; none where its tables are pruned."""
    if not _any_refused(run):
        return ()
    reasons = store.targets(run.id)["reason"]
    found = {reason.partition(_BROKEN)[0] for reason in reasons if _BROKEN in reason}
    return tuple(sorted(found))


def failed_logins(store: Store) -> tuple[Entry, ...]:
    """Logins that failed and are not tried again, by address; one that worked since with another secret is none."""
    newest: dict[tuple[str, str, int, str], Entry] = {}
    for entry in store.read(logins.entries):
        door = entry.context, entry.address, entry.port, entry.protocol
        if door not in newest or max(entry.since, entry.worked) >= max(newest[door].since, newest[door].worked):
            newest[door] = entry
    return tuple(entry for entry in newest.values() if entry.state in (logins.FAILED, logins.CUT))


def of_run(store: Store, run: int) -> Iterator[tuple[str, str]]:
    """The events of a run that was just judged, as (kind, text). The text lasts as long as the state does."""
    for why in brake(store).why:
        cure = "no unit counts as removed until you look: netcover confirm-removals --list"
        yield "fleet_brake", f"{why}; {cure}"
    for source in weak_sources(store, run):
        cure = "import newer files; until then its verdicts are unknown"
        yield "source_stale", f"the contract source {source.name} cannot be relied on; {cure}"
    about = store.run(run)
    for text in broken_credentials(store, about) if about else ():
        yield "credential_breaker", f"{text}; a corrected credential is tried again by itself; see netcover logins"


def _any_refused(run: Run) -> bool:
    outcomes = run.counts.get("outcomes")
    return not isinstance(outcomes, dict) or _REFUSED in outcomes
