"""What Prometheus and a load balancer ask of the agent, over HTTP on loopback: figures, is it alive, is it ready.

The figures are read from the store when they are asked for, a few seconds old at most, so a restart loses none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET6
from time import monotonic
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agent.errors import AgentError, SettingsError
from agent.places import existing
from agent.settings import Settings, load
from agent.status import Status, gather
from agent.store import open_store, slots
from agent.version import version

_PREFIX: Final = "netcover_"
_REQUEST: Final = 10.0
"""Seconds that a request may take to arrive."""


class Watch:
    """The server while it runs. The scheduler's loop calls `beat` more often than ``watch.alive_within``."""

    def __init__(self, settings: Settings, store_url: str, now: Callable[[], datetime]) -> None:
        self._settings, self._url, self._now = settings, store_url, now
        self._beaten = monotonic()
        self._read_at = float("-inf")
        self._status: Status | None = None
        self._fault = ""
        self._lock = threading.Lock()
        self.address: tuple[str, int] | None = None
        """Where it answers; None where ``watch.enabled`` is false."""

    def beat(self) -> None:
        """The scheduler lives."""
        self._beaten = monotonic()

    def reload(self, settings: Settings) -> None:
        """Take new settings, for all but the address and the port."""
        with self._lock:
            self._settings, self._read_at = settings, float("-inf")

    @property
    def silence(self) -> float:
        """Seconds since the scheduler was heard of."""
        return monotonic() - self._beaten

    def alive(self) -> tuple[bool, str]:
        """Whether the scheduler was heard of lately, in words."""
        silence, allowed = self.silence, self._settings.watch.alive_within
        if silence <= allowed:
            return True, "ok"
        return False, f"the scheduler was not heard of for {silence:.0f} s"

    def ready(self) -> tuple[bool, str]:
        """Whether the store can be read and the settings file is good, in words."""
        _, fault = self.status()
        if fault:
            return False, fault
        try:
            if self._settings.file.is_file():
                load(self._settings.file)
        except SettingsError as error:
            return False, str(error)
        return True, "ok"

    def status(self) -> tuple[Status | None, str]:
        """The status, a little old perhaps, and why it could not be read ("" where it could)."""
        with self._lock:
            if monotonic() - self._read_at > self._settings.watch.cache:
                self._look()
            return self._status, self._fault

    def _look(self) -> None:
        try:
            with open_store(existing(self._url), clock=self._now) as store:
                self._status, self._fault = gather(store, self._settings, self._now()), ""
        except AgentError as error:
            self._status, self._fault = None, str(error)
        except Exception as error:  # whatever it is: a scrape must not end the agent's server
            self._status, self._fault = None, f"unexpected {type(error).__name__}"
        self._read_at = monotonic()


@contextmanager
def serve(settings: Settings, store_url: str, now: Callable[[], datetime]) -> Iterator[Watch]:
    """Answer ``/metrics``, ``/healthz`` and ``/readyz`` while the block runs.

    Raises SettingsError where the address is taken. With ``watch.enabled = false`` nothing listens.
    """
    watch = Watch(settings, store_url, now)
    if not settings.watch.enabled:
        yield watch
        return
    server = _listen(settings, watch)
    host, port = str(server.server_address[0]), server.server_address[1]
    watch.address = host, port
    thread = threading.Thread(target=server.serve_forever, name="watch", kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    structlog.get_logger().info("watch", address=host, port=port)
    try:
        yield watch
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def figures(watch: Watch) -> bytes:
    """The metrics in Prometheus' text form."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(watch))
    return generate_latest(registry)


class _Figures(Collector):
    """Reads the status once a scrape."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        found, _ = self._watch.status()
        yield _one("up", "Whether the store could be read.", int(found is not None))
        yield _many("build_info", "The version.", ("version",), [((version(),), 1)])
        yield _one("scheduler_silence_seconds", "Since the scheduler was heard of.", self._watch.silence)
        if found is None:
            return
        yield from _of_runs(found)
        yield from _of_findings(found)
        yield from _of_telling(found)
        yield from _of_jobs(found)


def _of_runs(found: Status) -> Iterator[Metric]:
    if last := found.last:
        counts = [((name,), number) for name, number in last.outcomes.items()]
        yield _many("devices", "Devices of the last run by what came of reading them.", ("outcome",), counts)
        yield _one(
            "fleet_read_ratio",
            "Share of the devices that the last run read in full.",
            last.read / last.targets if last.targets else 1.0,
        )
        yield _one("devices_confirmed_quick", "Of those, devices whose last reading was only confirmed.", last.quick)
        yield _one("last_run_number", "The last sealed run.", last.run)
        yield _one("last_run_age_seconds", "Since the last sealed run ended.", _age(found, last.finished))
    yield _one("devices_resting", "Devices that kept failing and are left alone for a while.", len(found.resting))
    if full := found.last_full:
        text = "Since the end of the last run that read every device in full."
        yield _one("last_full_run_age_seconds", text, _age(found, full.finished))


def _of_findings(found: Status) -> Iterator[Metric]:
    names = ("class", "severity", "status")
    counts = [((cls, severity, status), number) for cls, severity, status, number in found.findings]
    yield _many("findings", "Findings of the last reconciled run.", names, counts)
    yield _one("removals_held", "Units whose removal waits for a person.", found.held)
    yield _one("fleet_brake", "Whether the fleet brake holds removals.", int(bool(found.brake)))
    yield _one("sources_held", "Contract sources that verdicts could not rest on.", len(found.sources))
    yield _one("logins_failed", "Devices' logins that failed and are not tried again.", len(found.failed_logins))
    yield _one("login_breakers", "Credentials that the last run stopped using.", len(found.broken))
    yield _one("needs_a_hand", "Things that netcover status says need a hand.", len(found.needs))


def _of_telling(found: Status) -> Iterator[Metric]:
    routes = found.routes
    route = ("route",)
    ages = [((one.name,), _age(found, one.oldest) if one.oldest else 0) for one in routes]
    yield _many("outbox_messages", "Messages that wait.", route, [((one.name,), one.messages) for one in routes])
    yield _many("outbox_oldest_seconds", "Age of the oldest message that waits.", route, ages)
    yield _many("outbox_notices", "Findings that wait for a digest.", route, [((r.name,), r.notices) for r in routes])
    failures = [((one.name,), one.failures) for one in routes]
    yield _many("route_failures", "Tries in a row that failed.", route, failures)


def _of_jobs(found: Status) -> Iterator[Metric]:
    job = ("job",)
    ran = [one for one in found.jobs if one.state]
    yield _many("job_duration_seconds", "What the job took last.", job, [((one.job,), one.seconds) for one in ran])
    ages = [((one.job,), _age(found, one.finished)) for one in ran]
    yield _many("job_age_seconds", "Since the job ended last.", job, ages)
    good = [((one.job,), int(one.state in (slots.DONE, slots.SKIPPED))) for one in ran]
    yield _many("job_success", "Whether the job's last run was good.", job, good)
    over = [((one.job,), one.overruns) for one in ran]
    yield _many("job_overruns", "Slots that took too long, or were skipped because the one before did.", job, over)


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, text, value=value)


def _many(name: str, text: str, labels: tuple[str, ...], values: Sequence[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, text, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family


def _age(found: Status, moment: str) -> float:
    """Seconds from *moment* to the time of the status; a clock that was set back makes it 0."""
    return max(0.0, (datetime.fromisoformat(found.at) - datetime.fromisoformat(moment)).total_seconds())


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that does not let go must not hold up the agent's end

    def __init__(self, address: tuple[str, int], watch: Watch) -> None:
        self.watch = watch
        if ip_address(address[0]).version == 6:
            self.address_family = AF_INET6
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST
    server_version, sys_version = "netcover", ""

    def do_GET(self) -> None:
        """One of the three pages, or 404."""
        page = _PAGES.get(self.path.partition("?")[0])
        if page is None:
            self._answer(404, b"there is /metrics, /healthz and /readyz\n")
            return
        try:
            answer = page(self.server.watch)
        except Exception as error:  # `handle_error` is for clients that went away: this must be seen
            structlog.get_logger().error("watch failed", page=self.path, said=type(error).__name__)
            answer = 500, b"unexpected error; the agent's log has it\n"
        self._answer(*answer)

    do_HEAD = do_GET  # noqa: N815  # the name that http.server looks for

    def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged: there is one every few seconds."""


def _metrics(watch: Watch) -> tuple[int, bytes, str]:
    return 200, figures(watch), CONTENT_TYPE_LATEST


def _healthz(watch: Watch) -> tuple[int, bytes]:
    good, text = watch.alive()
    return (200 if good else 503), f"{text}\n".encode()


def _readyz(watch: Watch) -> tuple[int, bytes]:
    good, text = watch.ready()
    return (200 if good else 503), f"{text}\n".encode()


_PAGES: Final[dict[str, Callable[[Watch], Any]]] = {"/metrics": _metrics, "/healthz": _healthz, "/readyz": _readyz}


def _listen(settings: Settings, watch: Watch) -> _Server:
    address = settings.watch.address, settings.watch.port
    try:
        return _Server(address, watch)
    except OSError as error:
        text = f"{settings.file}: watch.address: cannot listen on {address[0]} port {address[1]}: {error.strerror}"
        raise SettingsError(f"{text}; set another watch.port, or watch.enabled = false") from None
