"""Logins that are tried at most once: the store's ledger behind the gate of a run.

A version of a credential is a keyed digest of its secrets; the key is the store's own. The digest is slow (scrypt,
RFC 7914), so that a stolen store is no quick way to a weak password.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from agent.errors import AgentError
from agent.folder import DEFAULT_OUT
from agent.places import ready, store_url
from agent.settings import Settings
from agent.settings_logins import Logins
from agent.store import Store, open_store
from agent.store import logins as rows
from agent.store.logins import Entering, Entry, Leaving
from collectors.collect import Login, Polling
from collectors.gate import Door, Ending, Gate
from collectors.model import Target
from collectors.transports import snmp

_LONGEST: Final = timedelta(minutes=15)
"""Nobody waits so long for the answer to a login, not even on another host whose processes cannot be seen from here."""
_MOST_CUT: Final = 1
"""Logins in a row that may be cut short before the device is left to a person."""
_SHOWN: Final = 3
"""Addresses that a reason names."""
_Step = tuple[Entering | Leaving, Future[str] | None]


@contextlib.contextmanager
def guarded(
    store: Store, polling: Polling, targets: Sequence[Target], settings: Settings, now: Callable[[], datetime]
) -> Iterator[Polling]:
    """*polling* with a gate that keeps its ledger in *store*. Raises StoreError where that cannot be read."""
    said = settings.logins
    versions = versions_of(polling.logins, store.write(rows.key, secrets.token_bytes(32), now()))
    known = store.read(rows.entries, set(versions.values()))
    names = {"": settings.collect.default_credential}
    shut, refused = _doubts(known, said, now())
    with _Ledger(store, known, said, now) as ledger:
        gate = Gate(
            ledger,
            versions,
            names=names,
            expected=_expected(targets, versions, polling.protocols),
            hopes=[entry.door for entry in known if entry.state == rows.WORKED],
            shut=shut,
            refused=refused,
            canary_above=said.canary_above,
            breaker=said.breaker,
        )
        yield replace(polling, gate=gate)
    store.write(rows.tidy)


@contextlib.contextmanager
def guarded_apart(
    polling: Polling, targets: Sequence[Target], settings: Settings, now: Callable[[], datetime]
) -> Iterator[Polling]:
    """The same for a command that keeps no run: the ledger is that of the settings' store, or of their folder's."""
    if not settings.store.url:
        ready(settings.folder / DEFAULT_OUT)
    url = settings.store.url or store_url("", settings.folder)
    with open_store(url, clock=now) as store, guarded(store, polling, targets, settings, now) as how:
        yield how


def versions_of(logins: Mapping[str, Login], key: bytes) -> dict[tuple[str, str], str]:
    """The version of each credential by its name and protocol; a community of SNMPv2c has none."""
    found = {}
    for name, login in logins.items():
        if login.ssh:
            found[name, "ssh"] = version("ssh", asdict(login.ssh), key)
        if isinstance(login.snmp, snmp.User):
            found[name, "snmp"] = version("snmp", asdict(login.snmp), key)
    return found


def version(protocol: str, secret: Mapping[str, str], key: bytes) -> str:
    """Sixteen hex digits that change when anything of the login does."""
    text = json.dumps([protocol, sorted(secret.items())]).encode()
    return hashlib.scrypt(text, salt=key, n=2**14, r=8, p=1, dklen=8).hex()


def refusal(entry: Entry, door: Door, said: Logins, now: datetime, *, proven: bool = False) -> str:
    """Why a door with this row is not to be tried, "" where it may be. *proven*: the version worked in this run."""
    if entry.state == rows.WORKED:
        return ""
    cure = f"correct it, or let it be tried again: netcover logins --clear {door.address}"
    name = f"credential {door.credential}" if door.credential else "the credential"
    at = entry.since.replace("T", " ").replace("Z", " UTC")
    if entry.state == rows.TRYING and not gone(entry, now):
        return f"another netcover is logging in with {name} since {at}; it was not tried"
    if _old(entry, said, now):
        return ""
    if entry.state == rows.FAILED:
        why = f": {entry.reason}" if entry.reason else ""
        return f"the login with {name} failed on {at}{why}; it is not tried again with this secret; {cure}"
    if entry.worked and said.retry_cut and proven and entry.cut + (entry.state == rows.TRYING) <= _MOST_CUT:
        return ""
    return f"the login with {name} on {at} was cut short, so it may have been refused; it is not tried again; {cure}"


def gone(entry: Entry, now: datetime) -> bool:
    """Whether the process that waits for an answer to this login is no more."""
    if now - _moment(entry.since) > _LONGEST:
        return True
    host, boot, pid, start = (*entry.holder.split("/"), "", "", "", "")[:4]
    if host != socket.gethostname() or not pid.isdecimal():
        return False  # it runs elsewhere: only its age tells
    return boot != _boot() or _start(int(pid)) != start


def holder() -> str:
    """The name of this process, by which another can tell whether it lives: host, boot, process and its start."""
    return f"{socket.gethostname()}/{_boot()}/{os.getpid()}/{_start(os.getpid())}"


class _Ledger:
    """`collectors.gate.Ledger` in the store. What many threads want to write at the same time is one transaction."""

    def __init__(self, store: Store, known: Iterable[Entry], said: Logins, now: Callable[[], datetime]) -> None:
        self._store, self._said, self._now = store, said, now
        self._known = {entry.door: entry for entry in known}
        self._holder = holder()
        self._todo: queue.SimpleQueue[_Step | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="login ledger", daemon=True)

    def __enter__(self) -> _Ledger:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._todo.put(None)
        self._thread.join()

    def refusal(self, door: Door) -> str:
        entry = self._known.get(door)
        return "" if entry is None or self.unsure(door) else refusal(entry, door, self._said, self._now())

    def unsure(self, door: Door) -> bool:
        entry = self._known.get(door)
        if entry is None or entry.state not in (rows.CUT, rows.TRYING):
            return False
        return (
            bool(entry.worked)
            and self._said.retry_cut
            and not refusal(entry, door, self._said, self._now(), proven=True)
        )

    def enter(self, door: Door, *, proven: bool) -> Future[str]:
        done: Future[str] = Future()
        self._todo.put((Entering(door, proven), done))
        return done

    def leave(self, door: Door, ending: Ending, why: str = "") -> None:
        self._todo.put((Leaving(door, ending, why), None))

    def _write(self) -> None:
        """Take what is there, write it in one go, answer; until there is no more."""
        while True:
            batch = [self._todo.get()]
            while not self._todo.empty():
                batch.append(self._todo.get())
            self._write_all([one for one in batch if one is not None])
            if None in batch:
                return

    def _write_all(self, batch: Sequence[_Step]) -> None:
        waiting = [done for _, done in batch if done is not None]
        now = self._now()

        def allowed(entry: Entry, step: Entering) -> str:
            return refusal(entry, step.door, self._said, now, proven=step.proven)

        try:
            steps = [step for step, _ in batch]
            answers = self._store.write(rows.settle, steps, holder=self._holder, now=now, allowed=allowed)
        except Exception as error:
            said = str(error) if isinstance(error, AgentError) else type(error).__name__
            answers = [f"the login could not be written down, so it was not tried: {said}"] * len(waiting)
        for done, answer in zip(waiting, answers, strict=True):
            done.set_result(answer)


def _doubts(known: Iterable[Entry], said: Logins, now: datetime) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The versions that worked nowhere and that so many devices refused that no further one is tried; and who refused
    the others since they last worked: one more may be tried of a version that has worked once."""
    by_version: dict[str, list[Entry]] = {}
    for entry in known:
        by_version.setdefault(entry.version, []).append(entry)
    shut, refused = {}, {}
    for version_, entries in by_version.items():
        worked = max(entry.worked for entry in entries)
        failed = [
            entry
            for entry in entries
            if entry.state != rows.WORKED and entry.since >= worked and refusal(entry, entry.door, said, now)
        ]
        if worked or len(failed) < said.breaker:
            last = sorted(failed, key=lambda entry: entry.since)
            refused[version_] = [entry.address for entry in last[-said.breaker + 1 :]] if said.breaker > 1 else []
        elif said.breaker:
            shut[version_] = _shut(failed)
    return shut, refused


def _shut(failed: Sequence[Entry]) -> str:
    first = failed[0]
    name = f"credential {first.credential}" if first.credential else "the credential"
    shown = [entry.address for entry in failed[:_SHOWN]]
    more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    return (
        f"{name} ({first.protocol.upper()}) was refused by {', '.join(shown)}{more} before and has worked nowhere; not"
        f" tried further; correct it, or: netcover logins --clear {'ADDRESS...' if more else ' '.join(shown)}"
    )


def _expected(
    targets: Sequence[Target], versions: Mapping[tuple[str, str], str], protocols: Sequence[str]
) -> Counter[str]:
    """How many targets may need each version."""
    return Counter(
        versions[target.credential, protocol]
        for target in targets
        for protocol in target.protocols or protocols
        if (target.credential, protocol) in versions
    )


def _old(entry: Entry, said: Logins, now: datetime) -> bool:
    return said.retry_after is not None and now - _moment(entry.since) >= timedelta(seconds=said.retry_after)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _boot() -> str:
    """What names this boot of the machine, "" where the system does not tell (not Linux)."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
    return ""


def _start(pid: int) -> str:
    """When the process started, in the system's own ticks (proc(5), field 22 of stat); "" where it is no more."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return _alive(pid)
    return said.rpartition(")")[2].split()[19]


def _alive(pid: int) -> str:
    """The same without /proc: only whether there is a process of that number."""
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
