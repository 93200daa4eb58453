"""Telling people: what is queued, delivered, kept, and never told twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.notify import deliver, event, next_digest, queue, wait_after
from agent.store import Store, open_store, outbox
from tests.agent.parts import HOME, NOON
from tests.agent.telling import finding, free_port, hook_server, judged, mail_server, route, settings_of

LATER = NOON + timedelta(days=1)
TOLD = "COV-UNCOVERED-0123456789ab"
OTHER = "COV-DUP-0123456789ab"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def told(folder: Path, name: str = "told") -> list[str]:
    """The titles of the messages that arrived in a folder, in the order they were made."""
    return [json.loads(path.read_text())["title"] for path in sorted((folder / name).glob("*.json"))]


def keys(folder: Path) -> list[list[tuple[str, str]]]:
    """The findings of each message that arrived: (key, change)."""
    messages = [json.loads(path.read_text()) for path in sorted((folder / "told").glob("*.json"))]
    return [[(one["key"], one["change"]) for one in message["findings"]] for message in messages]


def introduced(store: Store, folder: Path, *given: dict[str, object], **changed: object):
    """Settings whose routes had their first message, of no finding."""
    settings = settings_of(folder, *given, **changed)
    queue(store, judged(store), settings, NOON)
    return settings


def test_the_first_message_is_one_summary(store, tmp_path):
    settings = settings_of(tmp_path)
    many = [finding(f"COV-UNCOVERED-{n:012x}", site=f"site {n}") for n in range(400)]

    assert queue(store, judged(store, *many), settings, NOON) == 1
    assert deliver(store, settings, NOON) == "told: 1 delivered"
    assert told(tmp_path) == ["netcover: 400 findings to start with (400 errors)"]


def test_a_new_finding_is_told_once(store, tmp_path):
    settings = introduced(store, tmp_path)
    run = judged(store, finding())

    assert [queue(store, run, settings, NOON) for _ in range(3)] == [1, 0, 0]
    for run in (judged(store, finding(status="open")), judged(store, finding(status="open"))):
        assert queue(store, run, settings, LATER) == 0
    deliver(store, settings, LATER)
    deliver(store, settings, LATER)

    assert told(tmp_path) == ["netcover: 1 new finding at Ghent (1 error)"]


def test_what_a_killed_process_did_not_queue_is_told_after_the_next_run(store, tmp_path):
    settings = introduced(store, tmp_path)
    judged(store, finding())  # killed here

    queue(store, judged(store, finding(status="open")), settings, LATER)
    deliver(store, settings, LATER)

    assert keys(tmp_path) == [[(TOLD, "new")]]


def test_a_run_that_is_over_is_no_news(store, tmp_path):
    settings = introduced(store, tmp_path)
    old = judged(store, finding())
    judged(store)

    assert queue(store, old, settings, NOON) == 0


@pytest.mark.parametrize("between", [finding(status="closed"), finding(status="accepted")])
def test_a_finding_that_returns_is_told_again(store, tmp_path, between):
    settings = introduced(store, tmp_path)
    for number, found in enumerate((finding(), between, finding(status="open"), finding(status="open"))):
        queue(store, judged(store, found), settings, NOON + minutes(number))
        deliver(store, settings, NOON + minutes(number))

    assert keys(tmp_path) == [[(TOLD, "new")], [(TOLD, "returned")]]


def test_a_finding_that_is_no_more_in_the_run_has_ended(store, tmp_path):
    settings = introduced(store, tmp_path)
    for number, found in enumerate(([finding()], [], [finding()])):
        queue(store, judged(store, *found), settings, NOON + minutes(number))
        deliver(store, settings, NOON + minutes(number))

    assert keys(tmp_path) == [[(TOLD, "new")], [(TOLD, "returned")]]


def test_a_finding_that_gets_worse_is_told_again_and_one_that_gets_better_is_not(store, tmp_path):
    settings = introduced(store, tmp_path)
    for number, severity in enumerate(("warning", "error", "warning", "warning")):
        queue(store, judged(store, finding(severity=severity)), settings, NOON + minutes(number))
        deliver(store, settings, NOON + minutes(number))

    assert keys(tmp_path) == [[(TOLD, "new")], [(TOLD, "worse")]]


def test_a_closed_finding_is_told_where_that_is_wanted(store, tmp_path):
    settings = introduced(store, tmp_path, {"closed": True})
    for number, status in enumerate(("new", "closed")):
        queue(store, judged(store, finding(status=status)), settings, NOON + minutes(number))
        deliver(store, settings, NOON + minutes(number))

    assert told(tmp_path) == ["netcover: 1 new finding at Ghent (1 error)", "netcover: 1 finding closed at Ghent"]


def test_an_accepted_finding_is_not_told(store, tmp_path):
    settings = introduced(store, tmp_path)

    assert queue(store, judged(store, finding(status="accepted")), settings, NOON) == 0


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, True),
        ({"severity": "error"}, True),
        ({"classes": ["uncovered", "data"]}, True),
        ({"classes": ["replaced"]}, False),
        ({"vendors": ["CISCO"]}, True),
        ({"vendors": ["smartoptics"]}, False),
        ({"sites": ["gh*"]}, True),
        ({"sites": ["Antwerp"]}, False),
        ({"rules": ["COV-*"]}, True),
        ({"rules": ["LIC-*", "MKT-*"]}, False),
        ({"rules": ["!SCAN-*"]}, True),
        ({"rules": ["COV-*", "!COV-UNCOVERED"]}, False),
    ],
)
def test_a_route_is_told_what_its_filter_lets_through(store, tmp_path, changed, wanted):
    settings = introduced(store, tmp_path, changed)

    assert queue(store, judged(store, finding()), settings, NOON) == int(wanted)


def test_a_route_is_not_told_what_is_less_severe_than_it_asks_for(store, tmp_path):
    settings = introduced(store, tmp_path, {"severity": "warning"})
    found = [finding(f"{severity}-1", severity=severity) for severity in ("info", "warning", "error")]

    queue(store, judged(store, *found), settings, NOON)
    deliver(store, settings, NOON)

    assert keys(tmp_path) == [[("error-1", "new"), ("warning-1", "new")]]


def test_messages_group_findings_by_site(store, tmp_path):
    settings = introduced(store, tmp_path)
    found = [finding("a"), finding("b", site="Antwerp", severity="warning"), finding("c"), finding("d", site="")]

    queue(store, judged(store, *found), settings, NOON)
    deliver(store, settings, NOON)

    assert told(tmp_path) == [
        "netcover: 1 new finding at Antwerp",
        "netcover: 2 new findings at Ghent (2 errors)",
        "netcover: 1 new finding at a site not known (1 error)",
    ]


def test_messages_group_findings_by_contract(store, tmp_path):
    settings = introduced(store, tmp_path, {"group": "contract"})
    found = [finding("a", provider="Acme", contract_number="77"), finding("b")]

    queue(store, judged(store, *found), settings, NOON)
    deliver(store, settings, NOON)

    assert told(tmp_path) == [
        "netcover: 1 new finding (1 error)",
        "netcover: 1 new finding under Acme 77 (1 error)",
    ]


def test_a_flood_of_groups_becomes_one_message(store, tmp_path):
    settings = introduced(store, tmp_path)
    found = [finding(f"COV-UNCOVERED-{n:012x}", site=f"site {n}") for n in range(130)]

    queue(store, judged(store, *found), settings, NOON)
    deliver(store, settings, NOON)

    (message,) = [json.loads(path.read_text()) for path in (tmp_path / "told").iterdir()]
    assert message["title"] == "netcover: 130 new findings (130 errors)"
    assert (len(message["findings"]), message["more"]) == (100, 30)


def test_a_digest_waits_for_its_time_and_holds_what_came_meanwhile(store, tmp_path):
    settings = introduced(store, tmp_path, {"digest": "08:00", "group": "none"}, timezone=ZoneInfo("Europe/Berlin"))
    steps = ([finding("a"), finding("b")], [finding("a", status="open"), finding("b", status="closed"), finding("c")])
    for number, found in enumerate(steps):
        queue(store, judged(store, *found), settings, NOON + minutes(number))
    seven = datetime(2026, 3, 2, 7, tzinfo=UTC)

    assert deliver(store, settings, seven - timedelta(seconds=1)) == ""
    assert deliver(store, settings, seven) == "told: 1 delivered"
    assert deliver(store, settings, seven + timedelta(days=1)) == ""
    assert keys(tmp_path) == [[("a", "new"), ("b", "new"), ("c", "new")]]


def test_what_came_and_went_before_the_digest_is_not_told(store, tmp_path):
    settings = introduced(store, tmp_path, {"digest": "daily", "closed": True})
    for number, status in enumerate(("new", "closed")):
        queue(store, judged(store, finding(status=status)), settings, NOON + minutes(number))

    assert deliver(store, settings, LATER) == ""
    assert store.read(outbox.states)[0].notices == 0


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        ("08:00", datetime(2026, 3, 2, 6, 59, tzinfo=UTC), datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("08:00", datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 3, 7, tzinfo=UTC)),
        ("daily", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        ("02:30", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 2, 6, tzinfo=UTC), datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 30, 6, tzinfo=UTC)),
    ],
)
def test_a_digest_is_due_at_its_time_in_the_zone(digest, now, due):
    assert next_digest(digest, now, BERLIN) == due


def test_a_dead_route_keeps_its_messages_and_is_tried_at_growing_intervals(store, tmp_path):
    people = {"sender": "netcover@example.net", "to": ["noc@example.net"], "tls": "none"}
    dead = route("mail", host="127.0.0.1", port=free_port(), **people)
    settings = introduced(store, tmp_path, dead, {})
    queue(store, judged(store, finding("a"), finding("b", site="Antwerp")), settings, NOON)

    said = deliver(store, settings, NOON)
    tries = []
    for minute in range(130):
        before = store.read(outbox.failures, "mail")
        deliver(store, settings, NOON + minutes(minute))
        tries += [minute] if store.read(outbox.failures, "mail") > before else []

    where = f"mail server 127.0.0.1:{dead['port']}: Connection refused"
    assert said == f"mail: 0 delivered, 2 wait, next try in 1 min: {where}; told: 2 delivered"
    assert tries == [1, 3, 7, 15, 31, 63, 123]
    (state,) = [state for state in store.read(outbox.states) if state.name == "mail"]
    assert (state.messages, state.failures, state.error) == (2, 8, where)


def test_a_route_that_comes_back_gets_all_that_waited_in_order(store, tmp_path):
    with hook_server() as hook:
        hook.status = 503
        settings = introduced(store, tmp_path, route("webhook", url=f"http://127.0.0.1:{hook.port}/"))
        queue(store, judged(store, finding("a")), settings, NOON)
        deliver(store, settings, NOON)
        queue(store, judged(store, finding("a", status="open"), finding("b")), settings, NOON)
        hook.status = 200
        deliver(store, settings, NOON + minutes(1))

    bodies = [json.loads(request.body) for request in hook.requests]
    assert [[one["key"] for one in body["findings"]] for body in bodies] == [["a"], ["a"], ["b"]]
    assert bodies[0] == bodies[1]  # a try that failed is repeated under its name
    assert store.read(outbox.states)[0].messages == 0


def test_a_message_that_is_refused_does_not_keep_the_others_back(store, tmp_path):
    with mail_server() as box:
        people = {"sender": "netcover@example.net", "to": ["noc@example.net"], "tls": "none"}
        settings = introduced(store, tmp_path, route("mail", host="127.0.0.1", port=box.port, **people))
        queue(store, judged(store, finding("a")), settings, NOON)
        box.answer = "554 looks like spam"
        assert deliver(store, settings, NOON) == "mail: 0 delivered, 1 refused and kept"
        box.answer = "250 OK"
        queue(store, judged(store, finding("a", status="open"), finding("b")), settings, NOON)
        assert deliver(store, settings, NOON + minutes(1)) == "mail: 1 delivered"
        assert deliver(store, settings, NOON + minutes(61)) == "mail: 1 delivered"

    assert len(box.mails) == 2


def test_a_clock_that_is_set_back_does_not_silence_a_route(store, tmp_path):
    with hook_server() as hook:
        hook.status = 503
        settings = introduced(store, tmp_path, route("webhook", url=f"http://127.0.0.1:{hook.port}/"))
        queue(store, judged(store, finding("a")), settings, NOON)
        deliver(store, settings, NOON + timedelta(days=365))
        hook.status = 200

        assert deliver(store, settings, NOON) == "webhook: 1 delivered"


def test_an_event_is_told_at_once_also_on_a_digest_route_and_only_once_a_day(store, tmp_path):
    settings = introduced(
        store, tmp_path, {"digest": "daily"}, {"name": "other", "path": "other", "events": ["overrun"]}
    )
    for moment in (NOON, NOON + minutes(5)):
        event(store, "job_failed", "collect: no route to host", moment)
        deliver(store, settings, moment)
    event(store, "job_failed", "collect: no route to host", LATER)
    deliver(store, settings, LATER)

    assert told(tmp_path) == ["netcover: a job failed"] * 2
    assert told(tmp_path, "other") == []
    texts = [json.loads(path.read_text())["text"] for path in (tmp_path / "told").glob("*.json")]
    assert texts == ["collect: no route to host.\n"] * 2


def test_an_event_of_no_known_kind_is_told_as_other(store, tmp_path):
    settings = introduced(store, tmp_path)

    event(store, "surprise", "something happened", NOON)
    deliver(store, settings, NOON)

    assert told(tmp_path) == ["netcover: something needs a look"]


def test_the_fleet_brake_is_told_once_while_it_is_set(store, tmp_path):
    import pandas as pd

    from agent.store import removals
    from reconcile.tables import ABSENT

    settings = introduced(store, tmp_path)
    run = judged(store)
    why = "9 units went missing in run 2, more than 3 of 40"
    row = {**dict.fromkeys(ABSENT, ""), "vendor": "cisco", "serial": "X", "state": "missing", "brake": why, "runs": "1"}
    no_events = pd.DataFrame(columns=["vendor", "serial", "event", "reason"])
    store.write(removals.save, run, NOON, rows=pd.DataFrame([row], dtype="str"), events=no_events)
    for day in range(3):
        queue(store, judged(store), settings, NOON + timedelta(days=day))
        deliver(store, settings, NOON + timedelta(days=day))

    texts = [json.loads(path.read_text())["text"] for path in (tmp_path / "told").glob("*.json")]
    assert texts == [f"{why}; no unit counts as removed until you look: netcover confirm-removals --list.\n"]


def test_two_processes_do_not_send_the_same_message(store, tmp_path, url):
    settings = introduced(store, tmp_path)
    queue(store, judged(store, finding()), settings, NOON)

    assert store.write(outbox.claim, "told", "elsewhere:1", NOON)
    assert deliver(store, settings, NOON) == ""
    assert deliver(store, settings, NOON + outbox.CLAIM) == "told: 1 delivered"


KILLED = """
import json, os, signal, sys
from datetime import datetime
from pathlib import Path
import agent.notify as notify
from agent.store import open_store
from tests.agent.telling import route, settings_of

url, folder, port = sys.argv[1:]
settings = settings_of(Path(folder), route("webhook", url=f"http://127.0.0.1:{port}/"))
send = notify.send

def sent_then_killed(*given):
    send(*given)
    os.kill(os.getpid(), signal.SIGKILL)

notify.send = sent_then_killed
with open_store(url) as store:
    notify.deliver(store, settings, datetime.fromisoformat("2026-03-01T12:00:00+00:00"))
"""


def test_a_process_killed_between_sending_and_marking_repeats_the_message_under_its_name(tmp_path, url):
    with hook_server() as hook:
        settings = settings_of(tmp_path, route("webhook", url=f"http://127.0.0.1:{hook.port}/"))
        with open_store(url, clock=lambda: NOON, wait=0) as store:
            queue(store, judged(store), settings, NOON)
            queue(store, judged(store, finding()), settings, NOON)
        environment = {**os.environ, "PYTHONPATH": str(HOME)}
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, url, tmp_path, str(hook.port)], env=environment, timeout=60
        )
        with open_store(url, clock=lambda: NOON, wait=0) as store:
            deliver(store, settings, NOON + outbox.CLAIM)
            assert deliver(store, settings, NOON + outbox.CLAIM) == ""

    assert killed.returncode == -signal.SIGKILL
    first, second = hook.requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_nothing_secret_is_kept_in_the_store(tmp_path, url, monkeypatch):
    port = free_port()
    monkeypatch.setenv("T_URL", f"http://127.0.0.1:{port}/Kanarie-hook")
    settings = settings_of(tmp_path, route("webhook", url="env:T_URL"))
    with open_store(url, clock=lambda: NOON, wait=0) as store:
        queue(store, judged(store, finding()), settings, NOON)
        said = deliver(store, settings, NOON)

    assert said == (f"webhook: 0 delivered, 1 wait, next try in 1 min: http://127.0.0.1:{port}: Connection refused")
    files = [path.read_bytes() for path in tmp_path.glob("netcover.db*")]
    assert b"Kanarie-hook" not in b"".join(files)


def test_a_route_that_is_gone_can_be_dropped(store, tmp_path):
    settings = introduced(store, tmp_path, {"name": "gone", "digest": "daily"}, {})
    queue(store, judged(store, finding("a"), finding("b")), settings, NOON)

    assert store.write(outbox.drop, "gone") == 2
    assert [(state.name, state.messages) for state in store.read(outbox.states)] == [("told", 1)]


def test_the_wait_grows_to_an_hour():
    assert [wait_after(failures) for failures in (1, 2, 5, 6, 7, 10_000)] == [
        minutes(number) for number in (1, 2, 16, 32, 60, 60)
    ]
