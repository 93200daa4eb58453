"""Who may log in, and when: a login that may be refused is written down first, tried alone first, and never twice.

Three guards, all per *version* of a credential (the account and its secret at this moment):

* the ledger, which the caller brings: one failed login a device and version, for good;
* the canary: a version that has not worked in this run is tried on one device at a time;
* the breaker: after three refusals in a row the version is not sent to any further device of the run.

A `Knock` is one login. It is entered between the key exchange and the password (SSH), or between engine discovery
and the first signed request (SNMPv3), so that a dead host or a changed host key never costs an entry. A community of
SNMPv2c is no login: nobody refuses it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, Protocol

from collectors.errors import AuthFailed, AuthTimedOut, CollectError, HungUp, TimedOut
from collectors.model import Target

NARROW: Final = 10
"""Logins over SSH that wait for an answer at a time, ..."""
WIDE: Final = 50
"""... and once `NARROW` * 5 in a row have worked."""
LENT: Final = 3.0
"""Seconds after which a login that is not answered no longer counts against the others of a proven version."""
PATIENCE: Final = 2.0
"""Seconds for which a device where it never worked lets one go first where it did."""
_UNSURE: Final = 15.0
"""Seconds for which a device whose last login was cut short waits for the version to prove itself elsewhere."""
_STOPPED: Final = "the run was stopped before the login"

Ending = Literal["worked", "failed", "hung up", "unanswered", "cut"]
"""How a login ended: let in, refused, the connection closed in place of an answer, never answered, or cut short by us,
so that nobody knows."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where one login goes, and with what."""

    context: str
    address: str
    """Resolved."""
    port: int
    protocol: str
    """``ssh`` or ``snmp``."""
    version: str
    """A keyed digest of the protocol, the account and its secrets; never a secret."""
    credential: str = field(compare=False)
    """The name of the credential, for people."""


class Ledger(Protocol):
    """What is known of earlier logins. Every method may be called from any thread."""

    def refusal(self, door: Door) -> str:
        """Why the door is not to be tried, "" where nothing speaks against it."""
        ...

    def unsure(self, door: Door) -> bool:
        """Whether it worked there once and the login after that was cut short: to be tried only once it is proven."""
        ...

    def enter(self, door: Door, *, proven: bool) -> Future[str]:
        """Write that the door is tried now. Done when that is kept: "", or why it must not be tried."""
        ...

    def leave(self, door: Door, ending: Ending, why: str = "") -> None:
        """How an entered login ended."""
        ...


@dataclass(slots=True)
class _Account:
    """One version of a credential in this run."""

    expected: int = 0
    """Targets that may need it."""
    hopes: set[Door] = field(default_factory=set)
    """Doors it opened before and was not tried on yet."""
    inside: dict[Door, float] = field(default_factory=dict)
    """Logins that wait for their answer, with the time they were sent."""
    proven: bool = False
    straight: int = 0
    refused: list[str] = field(default_factory=list)
    """Addresses that refused it, since the last that did not."""
    unanswered: list[str] = field(default_factory=list)
    broken: CollectError | None = None
    """Why it is not tried any further."""

    @property
    def sure(self) -> bool:
        return self.proven and not self.refused


class Gate:
    """The doors of one run."""

    def __init__(
        self,
        ledger: Ledger,
        versions: Mapping[tuple[str, str], str],
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        expected: Mapping[str, int] = MappingProxyType({}),
        hopes: Iterable[Door] = (),
        shut: Mapping[str, str] = MappingProxyType({}),
        refused: Mapping[str, Sequence[str]] = MappingProxyType({}),
        canary_above: int = 3,
        breaker: int = 3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """*versions* are by credential name and protocol; a login without one is not guarded. *names* are what people
        call a credential, *expected* counts the targets of a version, *hopes* are doors that it opened before. Versions
        in *shut* are not tried, for that reason; *refused* are addresses that refused a version since it last worked.
        Up to *canary_above* targets need no canary; a *breaker* of 0 takes all that out."""
        self._ledger, self._versions, self._names = ledger, versions, names
        self._canary_above, self._breaker, self._clock = canary_above, breaker, clock
        self._accounts = {version: _Account(number) for version, number in expected.items()}
        for version, why in shut.items() if breaker else ():
            self._accounts.setdefault(version, _Account()).broken = AuthFailed(why)
        for version, addresses in refused.items():
            self._accounts.setdefault(version, _Account()).refused = list(addresses)
        self._changed = threading.Condition()
        self._sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._closed = False
        for door in hopes:
            self._account(door).hopes.add(door)

    def knock(self, target: Target, protocol: str, address: str, port: int) -> Knock | None:
        """The login of a target, None where it is not guarded."""
        version = self._versions.get((target.credential, protocol))
        if version is None:
            return None
        name = self._names.get(target.credential, target.credential)
        return Knock(self, Door(target.context, address, port, protocol, version, name))

    def open(self) -> None:
        """Begin a round of logins; what the rounds before it met with still counts."""
        self._closed = False

    def close(self) -> None:
        """Let nobody in any more, and wake those that wait."""
        with self._changed:
            self._closed = True
            self._wake()

    def barred(self, door: Door) -> CollectError | None:
        """Why the door is not even to be walked up to, None where it may be."""
        if why := self._ledger.refusal(door):
            return AuthFailed(why)
        with self._changed:
            return self._account(door).broken

    def enter(self, door: Door) -> None:
        """Wait for the turn of this login and write it down. Blocks. Raises CollectError where it must not be."""
        since = self._clock()
        with self._changed:
            while not self._may(door, self._clock() - since):
                self._changed.wait(0.5)
            proven = self._take(door)
        self._written(door, self._ledger.enter(door, proven=proven).result())

    async def enter_soon(self, door: Door) -> None:
        """The same in an event loop."""
        since = self._clock()
        sleeper = (asyncio.get_running_loop(), asyncio.Event())
        while True:
            with self._changed:
                if self._may(door, self._clock() - since):
                    proven = self._take(door)
                    break
                sleeper[1].clear()
                self._sleepers.add(sleeper)
            try:
                async with asyncio.timeout(0.5):
                    await sleeper[1].wait()
            except TimeoutError:
                continue
            finally:
                with self._changed:
                    self._sleepers.discard(sleeper)
        try:
            why = await asyncio.wrap_future(self._ledger.enter(door, proven=proven))
        except asyncio.CancelledError:
            self.leave(door, "cut")
            raise
        self._written(door, why)

    def leave(self, door: Door, ending: Ending, why: str = "") -> None:
        """How an entered login ended."""
        if self._closed and ending in ("unanswered", "hung up"):
            ending = "cut"  # it was we who hung up
        self._ledger.leave(door, ending, why)
        with self._changed:
            self._settle(door, ending)

    def forget(self, door: Door) -> None:
        """The door was walked up to and never knocked at: nobody needs to wait for it."""
        with self._changed:
            self._account(door).hopes.discard(door)
            self._wake()

    def _may(self, door: Door, waited: float) -> bool:
        """Whether the login may be sent now; False to wait. Raises CollectError where it never may."""
        if self._closed:
            raise TimedOut(_STOPPED)
        account = self._account(door)
        if account.broken:
            raise type(account.broken)(str(account.broken))
        if self._ledger.unsure(door) and not account.proven and waited < _UNSURE:
            return False
        if not self._breaker:
            return True
        if account.sure:
            return door.protocol != "ssh" or self._waiting(account) < (
                WIDE if account.straight >= 5 * NARROW else NARROW
            )
        if not account.proven and account.expected <= self._canary_above:
            return len(account.inside) + len(account.refused) < self._breaker
        if account.inside:
            return False
        return door in account.hopes or not account.hopes or account.proven or waited >= PATIENCE

    def _waiting(self, account: _Account) -> int:
        now = self._clock()
        return sum(now - sent < LENT for sent in account.inside.values())

    def _take(self, door: Door) -> bool:
        """Hold the turn; whether the version is proven."""
        account = self._account(door)
        account.hopes.discard(door)
        account.inside[door] = self._clock()
        return account.proven

    def _written(self, door: Door, why: str) -> None:
        """The ledger has spoken: go on, or give the turn back. Raises AuthFailed."""
        if not why:
            return
        with self._changed:
            self._account(door).inside.pop(door, None)
            self._wake()
        raise AuthFailed(why)

    def _settle(self, door: Door, ending: Ending) -> None:
        account = self._account(door)
        account.inside.pop(door, None)
        if ending == "worked":
            account.proven, account.straight = True, account.straight + 1
            account.refused, account.unanswered = [], []
        elif ending == "failed":
            account.straight = 0
            account.refused.append(door.address)
        elif ending != "cut" and not account.proven:
            account.unanswered.append(door.address)
        self._break(account, door)
        self._wake()

    def _break(self, account: _Account, door: Door) -> None:
        """Stop using a version that three devices in a row refused, or that the first three never answered."""
        if not self._breaker or account.broken:
            return
        name = f"credential {door.credential}" if door.credential else "the credential"
        if len(account.refused) >= self._breaker:
            said = f"{name} ({door.protocol.upper()}) was refused by {_listed(account.refused)}"
            account.broken = AuthFailed(f"{said}; not tried further in this run")
        elif len(account.unanswered) >= self._breaker:
            said = f"{_listed(account.unanswered)} did not answer the login of {name} ({door.protocol.upper()})"
            account.broken = AuthTimedOut(f"{said}; not tried further in this run")

    def _account(self, door: Door) -> _Account:
        return self._accounts.setdefault(door.version, _Account())

    def _wake(self) -> None:
        self._changed.notify_all()
        for loop, event in self._sleepers:
            loop.call_soon_threadsafe(event.set)


@dataclass(slots=True)
class Knock:
    """One login of a run: `check`, then `enter`, then `let_in` or `ended`."""

    _gate: Gate
    door: Door
    _state: Literal["before", "inside", "over"] = "before"

    def check(self) -> None:
        """Raise CollectError where the device is not even to be contacted."""
        if why := self._gate.barred(self.door):
            self._state = "over"
            self._gate.forget(self.door)
            raise type(why)(str(why))

    def enter(self) -> None:
        """Call right before the secret is sent. Blocks; raises CollectError where it must not be sent."""
        self._gate.enter(self.door)
        self._state = "inside"

    async def enter_soon(self) -> None:
        """The same in an event loop."""
        await self._gate.enter_soon(self.door)
        self._state = "inside"

    def undecided(self) -> bool:
        """Whether the secret was sent and the device has not answered yet."""
        return self._state == "inside"

    def let_in(self) -> None:
        """The device took the login, and all that goes with it (enable)."""
        if self._state == "inside":
            self._gate.leave(self.door, "worked")
        self._state = "over"

    def ended(self, error: BaseException | None = None) -> None:
        """It is over, whatever came of it. Calling it again changes nothing."""
        state, self._state = self._state, "over"
        if state == "before":
            self._gate.forget(self.door)
        elif state == "inside":
            self._gate.leave(self.door, _ending(error), str(error or ""))


def _ending(error: BaseException | None) -> Ending:
    if isinstance(error, AuthFailed | HungUp):
        return "hung up" if isinstance(error, HungUp) else "failed"
    return "unanswered" if isinstance(error, CollectError) else "cut"


def _listed(addresses: Sequence[str]) -> str:
    *most, last = addresses
    return f"{', '.join(most)} and {last}" if most else last
