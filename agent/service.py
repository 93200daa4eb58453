"""The long-running agent: signals, children, heartbeat, and the settings it lives by.

Each slot is a `netcover run` in a process of its own. So memory does not grow over the years, a library that crashes or
hangs costs one slot, and a stop is a signal with a deadline. The child gets SIGTERM when the agent dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from agent import sd_notify
from agent.child import run
from agent.errors import AgentError, SettingsError, sentence
from agent.folder import Given
from agent.locks import AGENT, held, state_folder
from agent.places import ready, settings_of, store_url
from agent.schedule import Job, Slot, plan
from agent.scheduler import BEAT, Ended, Scheduler, Tell
from agent.settings import Settings
from agent.state import copied, say, unsay
from agent.store import Store, open_store, slots
from agent.store.runs import utc
from agent.version import version

if TYPE_CHECKING:
    from agent.metrics import Watch

_TELL_EVERY: Final = 60.0
_DONE: Final = (0, 1, 3)
"""Exit codes of a run that did its work."""
T = TypeVar("T")


@dataclass(slots=True)
class Service:
    """One agent."""

    given: Given
    settings: Settings
    """The last that were good."""
    copy: Path | None
    """The same as a file: what runs are given, whatever becomes of the user's file. None where there is none."""
    store: str
    """As on the command line, else ""."""
    url: str
    now: Callable[[], datetime]
    options: Sequence[str] = ()
    """Of the program, for its children: the form of logs."""
    started: str = ""
    reloads: int = 0
    refused: str = ""
    """Why the settings of the last reload were not taken."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)


def serve(given: Given, here: Path, now: Callable[[], datetime], options: Sequence[str], store: str = "") -> None:
    """Run until SIGTERM or SIGINT. Raises AgentError before anything is begun: bad settings, another agent."""
    settings = settings_of(given.folder or here, given.settings)
    url = store_url(store or settings.store.url, given.folder or here, given.settings)
    ready(settings.folder / Path(settings.agent.out).expanduser())
    with held(state_folder(settings) / AGENT, "another netcover agent", now()):
        settings, copy = copied(settings)
        asyncio.run(_serve(Service(given, settings, copy, store, url, now, options)))


async def _serve(me: Service) -> None:
    loop = asyncio.get_running_loop()
    reload = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, me.stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    me.started = utc(me.now())
    async with contextlib.AsyncExitStack() as stack:
        store = stack.enter_context(open_store(me.url, clock=me.now))
        watch = stack.enter_context(_Watch(me.url, me.now))
        watch.open(me.settings)
        tell = _teller(store, me.now)
        scheduler = Scheduler(store, lambda job, slot: _perform(me, tell, job, slot), tell, me.now)
        await stack.enter_async_context(scheduler)
        scheduler.plan(plan(me.settings))
        structlog.get_logger().info("agent started", pid=os.getpid(), store=store.place, version=version())
        _say_state(me, scheduler)
        sd_notify.ready(_status(scheduler))
        tasks = [
            asyncio.create_task(_beat(me, scheduler, watch), name="heartbeat"),
            asyncio.create_task(_reload(me, reload, scheduler, watch), name="reload"),
            asyncio.create_task(_tell(me), name="tell"),
        ]
        stack.push_async_callback(_cancel, tasks)
        stop = asyncio.create_task(me.stop.wait(), name="stop")
        ended, _ = await asyncio.wait((stop, *tasks), return_when=asyncio.FIRST_COMPLETED)
        if stop not in ended:
            stop.cancel()
            raise AgentError(f"a part of the agent ended by itself ({_why(ended)}); start it again")
        sd_notify.stopping()
        structlog.get_logger().info("agent is stopping")
    unsay(me.settings)


async def _beat(me: Service, scheduler: Scheduler, watch: _Watch) -> None:
    """While the loop turns and slots are run, systemd and the health page hear of it."""
    asked = sd_notify.watchdog_seconds()
    while scheduler.lives:
        try:
            scheduler.beat()
            _say_state(me, scheduler)
        except (AgentError, OSError) as error:
            structlog.get_logger().error("heartbeat", said=str(error))
        watch.beat()
        sd_notify.alive()
        sd_notify.status(_status(scheduler))
        await asyncio.sleep(min(BEAT, (asked or BEAT * 2) / 2, me.settings.watch.alive_within / 3))


async def _reload(me: Service, asked: asyncio.Event, scheduler: Scheduler, watch: _Watch) -> None:
    """Take new settings where they are good; else keep the old ones and say why."""
    while True:
        await asked.wait()
        asked.clear()
        sd_notify.reloading()
        log = structlog.get_logger()
        try:
            fresh, copy = copied(_good(me))
            scheduler.plan(plan(fresh))
            me.settings, me.copy, me.refused = fresh, copy, ""
            watch.open(fresh)
            log.info("settings read again", file=str(fresh.file), digest=fresh.digest)
        except Exception as error:
            me.refused = sentence(error)
            log.warning("settings were not taken, those before go on", said=me.refused)
        me.reloads += 1
        _say_state(me, scheduler)
        sd_notify.ready(_status(scheduler))


def _good(me: Service) -> Settings:
    """The settings as they are in the file now. Raises SettingsError."""
    fresh = settings_of(me.given.folder or Path(), me.given.settings)
    if fresh.store.url != me.settings.store.url or state_folder(fresh) != state_folder(me.settings):
        raise SettingsError(f"{fresh.file}: the store or the state folder changed; restart the agent for that")
    return fresh


async def _tell(me: Service) -> None:
    """Deliver what waits, in a thread that nobody waits for: a mail server may take its time."""
    from agent.notify import deliver

    while True:
        await asyncio.sleep(_TELL_EVERY)
        if not me.settings.notify.route:
            continue

        def deliver_now(settings: Settings = me.settings) -> str:
            with open_store(me.url, clock=me.now) as store:
                return deliver(store, settings, me.now())

        try:
            if said := await _in_thread(deliver_now):
                structlog.get_logger().info("told", said=said)
        except Exception as error:
            structlog.get_logger().error("not told", said=sentence(error))


async def _perform(me: Service, tell: Tell, job: Job, slot: Slot) -> Ended:
    """The jobs of a slot, in a child."""
    code, text = await run(_words(me, job, slot))
    if code in _DONE:
        return Ended(slots.DONE, text or f"exit {code}")
    why = text or (f"it was ended by signal {-code}" if code < 0 else f"it ended with {code}")
    if not text.startswith("job "):  # the child itself tells of its jobs
        tell("job_failed", f"{job.name} of {slot.key}: {why}")
    return Ended(slots.FAILED, why)


def _words(me: Service, job: Job, slot: Slot) -> list[str]:
    given = [str(me.given.folder)] if me.given.folder else []
    given += ["--settings", str(me.copy)] if me.copy else []
    given += ["--store", me.store] if me.store else []
    asked = [word for name in job.chain for word in ("--job", name)]
    return [*me.options, "run", *given, "--slot", slot.key, "--parent", str(os.getpid()), *asked]


class _Watch:
    """The health page, opened anew when its settings change."""

    def __init__(self, url: str, now: Callable[[], datetime]) -> None:
        self._url, self._now = url, now
        self._stack = contextlib.ExitStack()
        self._shown: Settings | None = None
        self._page: Watch | None = None

    def open(self, settings: Settings) -> None:
        """Serve by these settings. A port that is taken is said, and the agent goes on without the page."""
        from agent import metrics

        if self._page and self._shown and self._shown.watch == settings.watch:
            self._page.reload(settings)
            return
        self._stack.close()
        self._shown, self._page = settings, None
        try:
            self._page = self._stack.enter_context(metrics.serve(settings, self._url, self._now))
        except (AgentError, OSError) as error:
            structlog.get_logger().error("no health page", said=str(error))

    def beat(self) -> None:
        """The loop turns."""
        if self._page:
            self._page.beat()

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


def _say_state(me: Service, scheduler: Scheduler) -> None:
    ahead = scheduler.next_start()
    state = {
        "pid": os.getpid(),
        "version": version(),
        "started": me.started,
        "beat": utc(me.now()),
        "settings": str(me.settings.file),
        "settings_digest": me.settings.digest,
        "reloads": me.reloads,
        "refused": me.refused,
        "running": scheduler.running,
        "next_job": ahead[0] if ahead else "",
        "next_start": utc(ahead[1]) if ahead else "",
    }
    say(me.settings, state)


def _teller(store: Store, now: Callable[[], datetime]) -> Callable[[str, str], None]:
    from agent.notify import event

    def tell(kind: str, text: str) -> None:
        try:
            event(store, kind, text, now())
        except AgentError as error:
            structlog.get_logger().error("not told", said=str(error))

    return tell


def _status(scheduler: Scheduler) -> str:
    if scheduler.running:
        return f"running {scheduler.running}"
    ahead = scheduler.next_start()
    return f"next: {ahead[0]} at {utc(ahead[1])}" if ahead else "no job has a time"


async def _in_thread(work: Callable[[], T]) -> T:
    """What *work* gives, from a thread that does not keep the program alive."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def done(set_: Callable[[Any], None], value: object) -> None:
        if not future.done():
            set_(value)

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants it any more
            try:
                value = work()
            except Exception as error:
                loop.call_soon_threadsafe(done, future.set_exception, error)
            else:
                loop.call_soon_threadsafe(done, future.set_result, value)

    threading.Thread(target=run, name="tell", daemon=True).start()
    return await future


def _why(ended: Iterable[asyncio.Task[Any]]) -> str:
    failed = (error for task in ended if not task.cancelled() and (error := task.exception()))
    return next((sentence(error) for error in failed), "no slot is run any more")


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
