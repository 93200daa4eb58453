"""Watching the agent over HTTP: figures, is it alive, is it ready."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from agent.errors import SettingsError
from agent.metrics import Watch, serve
from agent.notify import deliver, queue
from agent.settings import Settings
from agent.settings_watch import Watch as WatchSettings
from agent.store import devices, open_store, slots
from agent.version import version
from collectors.model import Outcome, Target
from reconcile import tables
from tests.agent.parts import NOON, begin, seen
from tests.agent.telling import finding, free_port, judged, route, settings_of


def watched(folder, *routes, **changed) -> Settings:
    said = WatchSettings.model_validate({"port": 0, "cache": "1ms", **changed})
    given = routes or ({"severity": "info"},)
    return settings_of(folder, *given, watch=said)


def asked(watch: Watch, path: str, method: str = "GET") -> tuple[int, str]:
    assert watch.address
    connection = http.client.HTTPConnection(*watch.address, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def figures(watch: Watch) -> dict[str, float]:
    """Every sample by name and labels, but for those that depend on the wall clock."""
    status, text = asked(watch, "/metrics")
    assert status == 200
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            found[f"{sample.name.removeprefix('netcover_')}{{{labels}}}" if labels else sample.name.removeprefix("netcover_")] = sample.value  # fmt: skip # noqa: E501
    found.pop("scheduler_silence_seconds")
    return found


def test_the_figures_say_what_the_store_holds(tmp_path, url):
    settings = watched(tmp_path, route("webhook", url=f"http://127.0.0.1:{free_port()}/"))
    with open_store(url, clock=lambda: NOON, wait=0) as store:
        queue(store, judged(store), settings, NOON)
        run = begin(store)
        store.save_observation(run, seen("10.20.0.1"))
        store.save_observation(run, seen("10.20.0.2", outcome=Outcome.TIMEOUT, sections=()))
        store.save_observation(run, seen("10.20.0.3", target=Target("10.20.0.3"), outcome=Outcome.TIMEOUT, sections=()))
        store.seal(run, {"outcomes": {"complete": 1, "timeout": 2}})
        found = (finding("a"), finding("b"), finding("c", status="accepted", severity="warning"))
        store.save_findings(run, tables.table(tables.FINDINGS, found))
        queue(store, run, settings, NOON)
        deliver(store, settings, NOON)
        ended = NOON + timedelta(seconds=90)
        store.write(slots.note_job, "collect", "2026-03-01", NOON, ended, 90.0, slots.DONE, "run 2")
        rests = devices.Device("", "10.20.0.3", 0, 0, outcome="timeout", rest_until="2026-03-02T00:00:00Z", failures=5)
        store.write(devices.save, [rests])
        store.write(slots.note_job, "export", "2026-03-01", ended, ended, 0.0, slots.FAILED, "disk full")
    later = NOON + timedelta(hours=2)

    with serve(settings, url, lambda: later) as watch:
        got = figures(watch)

    assert got == {
        "up": 1,
        f"build_info{{version={version()}}}": 1,
        "devices{outcome=complete}": 1,
        "devices{outcome=timeout}": 2,
        "fleet_read_ratio": pytest.approx(1 / 3),
        "devices_confirmed_quick": 0,
        "devices_resting": 1,
        "last_run_number": 2,
        "last_run_age_seconds": 7200,
        "findings{class=uncovered,severity=error,status=new}": 2,
        "findings{class=uncovered,severity=warning,status=accepted}": 1,
        "removals_held": 0,
        "fleet_brake": 0,
        "sources_held": 0,
        "logins_failed": 0,
        "login_breakers": 0,
        "needs_a_hand": 2,
        "outbox_messages{route=webhook}": 1,
        "outbox_oldest_seconds{route=webhook}": 7200,
        "outbox_notices{route=webhook}": 0,
        "route_failures{route=webhook}": 1,
        "job_duration_seconds{job=collect}": 90,
        "job_duration_seconds{job=export}": 0,
        "job_age_seconds{job=collect}": 7110,
        "job_age_seconds{job=export}": 7110,
        "job_success{job=collect}": 1,
        "job_success{job=export}": 0,
        "job_overruns{job=collect}": 0,
        "job_overruns{job=export}": 0,
    }


def test_the_last_full_run_has_an_age_of_its_own(tmp_path, url):
    clock = [NOON]
    with open_store(url, clock=lambda: clock[0], wait=0) as store:
        for outcomes in ({"complete": 3}, {"complete": 2, "timeout": 1}):
            run = begin(store)
            store.seal(run, {"outcomes": outcomes})
            clock[0] += timedelta(hours=1)

    with serve(watched(tmp_path), url, lambda: clock[0]) as watch:
        got = figures(watch)

    assert (got["last_full_run_age_seconds"], got["last_run_age_seconds"]) == (7200, 3600)


def test_nothing_is_registered_for_the_whole_process(tmp_path, url, store):
    with serve(watched(tmp_path), url, lambda: NOON) as watch, serve(watched(tmp_path), url, lambda: NOON) as other:
        assert figures(watch) == figures(other)

    assert [name for name in REGISTRY._names_to_collectors if name.startswith("netcover")] == []


def test_the_agent_is_alive_while_its_scheduler_is_heard_of(tmp_path, url, store):
    with serve(watched(tmp_path, alive_within="50ms"), url, lambda: NOON) as watch:
        watch._beaten = float("-inf")
        dead = asked(watch, "/healthz")
        watch._settings = watched(tmp_path)
        watch.beat()
        alive = asked(watch, "/healthz")

    assert (dead[0], alive) == (503, (200, "ok\n"))
    assert re.fullmatch(r"the scheduler was not heard of for inf s\n", dead[1])


def test_the_agent_is_ready_while_the_store_can_be_read_and_the_settings_are_good(tmp_path, url):
    settings = watched(tmp_path)
    with serve(settings, url, lambda: NOON) as watch:
        no_store = asked(watch, "/readyz")
        empty = figures(watch)
        open_store(url).close()
        ready = asked(watch, "/readyz")
        settings.file.write_text("colect = 1")
        bad_settings = asked(watch, "/readyz")

    assert no_store[0] == 503
    assert no_store[1].startswith(f"{tmp_path / 'netcover.db'}: there is no store")
    assert not (tmp_path / "x").exists()
    assert empty == {"up": 0, f"build_info{{version={version()}}}": 1}
    assert ready == (200, "ok\n")
    assert bad_settings == (
        503,
        f"{settings.file}: unknown key 'colect' in the top of the file; did you mean 'collect'?\n",
    )


def test_figures_are_read_from_the_store_only_so_often(tmp_path, url, store):
    with serve(watched(tmp_path, cache="1h"), url, lambda: NOON) as watch:
        before = figures(watch)
        judged(store, finding())

        assert figures(watch) == before
        watch.reload(watched(tmp_path))
        assert figures(watch)["last_run_number"] == 1


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/metrics/..", 404), ("/metrics?x=1", 200)])
def test_there_are_three_pages(tmp_path, url, store, path, status):
    with serve(watched(tmp_path), url, lambda: NOON) as watch:
        assert asked(watch, path)[0] == status
        assert asked(watch, "/healthz", "HEAD") == (200, "")
        assert asked(watch, "/healthz", "POST")[0] == 501


def test_a_page_that_fails_is_an_answer_and_the_next_one_comes(tmp_path, url, store, capsys):
    with serve(watched(tmp_path), url, lambda: NOON) as watch:
        watch.status = lambda: 1 / 0
        failed = asked(watch, "/readyz")
        del watch.status
        ready = asked(watch, "/readyz")

    assert (failed, ready) == ((500, "unexpected error; the agent's log has it\n"), (200, "ok\n"))


def test_a_port_that_is_taken_is_one_sentence(tmp_path, url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as caught, serve(watched(tmp_path, port=port), url, lambda: NOON):
            pass

    assert str(caught.value) == (
        f"{tmp_path / 'netcover.toml'}: watch.address: cannot listen on 127.0.0.1 port {port}: Address already in use;"
        " set another watch.port, or watch.enabled = false"
    )


def test_nothing_listens_where_that_is_not_wanted(tmp_path, url):
    threads = threading.active_count()
    with serve(watched(tmp_path, enabled=False), url, lambda: NOON) as watch:
        assert (watch.address, threading.active_count()) == (None, threads)
        watch.beat()


def test_a_client_that_says_nothing_does_not_hold_up_the_end(tmp_path, url, store):
    with serve(watched(tmp_path), url, lambda: NOON) as watch:
        assert watch.address
        client = socket.create_connection(watch.address)
        assert asked(watch, "/healthz")[0] == 200
    with client:
        pass


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_an_address_that_others_reach_is_refused_unless_that_is_said(address):
    with pytest.raises(ValueError, match="there is no login"):
        WatchSettings.model_validate({"address": address})

    assert WatchSettings.model_validate({"address": address, "allow_remote": True}).address == address
