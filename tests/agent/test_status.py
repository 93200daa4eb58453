"""`netcover status` and `netcover notify`: what a person is told of the agent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from agent.locks import AGENT, held
from agent.notify import deliver, queue
from agent.settings import load
from agent.state import copied, in_use, say, unsay
from agent.status import gather
from agent.status_lines import lines
from agent.store import Store, devices, logins, open_store, removals, slots
from collectors.gate import Door
from reconcile import tables
from reconcile.tables import ABSENT
from tests.agent.parts import NOON, a_run, begin, seen
from tests.agent.telling import finding, free_port, judged

QUIET = """\
[agent.jobs.prune]
enabled = false
[agent.jobs.backup]
enabled = false
[agent.jobs.collect]
cron = "0 2 * * *"
jitter = "1ms"
"""
TOMORROW = "2026-03-02T00:00:00Z"
FOLDER = '[[notify.route]]\nname = "told"\nkind = "folder"\npath = "told"\n'


def settings_in(folder: Path, text: str = QUIET):
    (folder / "netcover.toml").write_text(text)
    (folder / "out").mkdir(exist_ok=True)
    return load(folder / "netcover.toml")


def job(store: Store, name: str, state: str = slots.DONE, said: str = "", minute: int = 0) -> None:
    begun = NOON + timedelta(minutes=minute)
    store.write(slots.note_job, name, "", begun, begun + timedelta(seconds=30), 30.0, state, said)


def failed_login() -> list[logins.Entering | logins.Leaving]:
    door = Door("", "10.20.0.1", 22, "ssh", "v1", "core")
    return [logins.Entering(door, proven=False), logins.Leaving(door, "failed", "permission denied")]


def test_all_is_well(store, tmp_path):
    settings = settings_in(tmp_path, QUIET + FOLDER)
    run = judged(store)
    for name in ("collect", "import", "reconcile", "export"):
        job(store, name)
    queue(store, run, settings, NOON)

    with held(tmp_path / "out" / AGENT, "an agent", NOON):
        found = gather(store, settings, NOON + timedelta(hours=1))

    pid = found.agent.pid if found.agent else 0
    assert lines(found) == [
        f"agent     running since 2026-03-01T12:00:00Z (process {pid})",
        "job       collect   done 2026-03-01T12:00:30Z in 30 s, next 2026-03-02T02:00:00Z",
        "job       import    done 2026-03-01T12:00:30Z in 30 s, after collect",
        "job       reconcile done 2026-03-01T12:00:30Z in 30 s, after import",
        "job       export    done 2026-03-01T12:00:30Z in 30 s, after reconcile",
        "last run  1, ended 2026-03-01T12:00:00Z: 1 of 1 devices read in full (100.0 %)",
        "telling   told: nothing delivered yet",
        "",
        "Nothing needs a hand.",
    ]
    assert found.needs == ()


def test_what_needs_a_hand_is_listed_the_worst_first(store, tmp_path):
    hook = '[[notify.route]]\nname = "hook"\nkind = "webhook"\nurl = "file:url"\ntimeout = "2s"\n'
    settings = settings_in(tmp_path, QUIET + hook)
    port = free_port()
    (tmp_path / "url").write_text(f"http://127.0.0.1:{port}/")
    (tmp_path / "url").chmod(0o600)
    a_run(store, seen())
    run = begin(store)
    store.seal(run, {"outcomes": {"timeout": 2}})
    store.save_findings(run, tables.table(tables.FINDINGS, [finding()]))
    sources = pd.DataFrame(
        [["acme", "True", "its newest file is 60 days old, 35 are allowed", "True"]],
        columns=["name", "complete", "reason", "stale"],
        dtype="str",
    )
    store.save_inputs(run, {"sources": sources})
    queue(store, run, settings, NOON)
    deliver(store, settings, NOON)
    row = {**dict.fromkeys(ABSENT, ""), "vendor": "cisco", "serial": "X", "state": "missing", "brake": "9 are missing"}
    events = pd.DataFrame(columns=["vendor", "serial", "event", "reason"])
    store.write(removals.save, run, NOON, rows=pd.DataFrame([row], dtype="str"), events=events)
    job(store, "collect", slots.FAILED, "disk full")
    refused = tmp_path / "incoming" / "refused"
    refused.mkdir(parents=True)
    for name in ("a.csv", "a.csv.txt"):
        (refused / name).write_text("")

    store.write(logins.settle, failed_login(), holder="h", now=NOON, allowed=lambda *_: "")
    store.write(devices.save, [devices.Device("", "10.20.0.7", 0, 0, outcome="timeout", rest_until=TOMORROW)])

    found = gather(store, settings, NOON)

    assert [line for line in lines(found) if line.startswith(("resting", "logins", "removals", "source"))] == [
        "resting   1 device until 2026-03-02T00:00:00Z at the latest: 10.20.0.7",
        "removals  1 waits for a person: 9 are missing",
        "source    acme: its newest file is 60 days old, 35 are allowed",
        "logins    1 device refused: 10.20.0.1",
    ]
    assert found.needs == (
        "the job collect failed: disk full",
        "run 2 read none of 2 devices; see skipped.csv",
        "1 removal waits for a person; see them with: netcover confirm-removals --list",
        "1 failed login: not tried again until you look with: netcover logins",
        f"the route hook keeps 2 messages: http://127.0.0.1:{port}: Connection refused",
        "the contract source acme: its newest file is 60 days old, 35 are allowed",
        f"1 contract file was refused; the reason lies beside it in {refused}",
    )


def test_the_command_ends_with_1_where_something_needs_a_hand(tmp_path, netcover_here):
    settings_in(tmp_path)
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path / 'out' / 'netcover.db'}", clock=lambda: now) as store:
        empty = netcover_here("status", tmp_path)
        judged(store)

    done = netcover_here("status", tmp_path, "--json")

    assert empty.returncode == 1
    assert "  1. no run was made yet; make one with: netcover run\n" in empty.stdout
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["needs"], told["last"]["read"], told["agent"]) == ([], 1, None)


def test_status_without_a_store_makes_none(tmp_path, netcover_here):
    settings_in(tmp_path)

    done = netcover_here("status", tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no store" in done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_test_message_goes_by_each_route_and_each_has_its_line(tmp_path, netcover_here):
    dead = '[[notify.route]]\nname = "dead"\nkind = "webhook"\nurl = "env:T_URL"\n'
    settings_in(tmp_path, FOLDER + dead)
    port = free_port()
    env = {"T_URL": f"http://127.0.0.1:{port}/Kanarie"}

    done = netcover_here("notify", "--test", "--folder", tmp_path, env=env)
    one = netcover_here("notify", "--test", "told", "--folder", tmp_path)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f"ok      told (folder): sent\nFAILED  dead (webhook): http://127.0.0.1:{port}: Connection refused\n"
    )
    assert (one.returncode, one.stdout) == (0, "ok      told (folder): sent\n")
    (message, *_) = [json.loads(path.read_text()) for path in (tmp_path / "told").iterdir()]
    assert (message["kind"], message["title"]) == ("test", "netcover: test message")
    assert message["text"].startswith("This is a test of the route told, sent by netcover on ")


@pytest.mark.parametrize(
    ("words", "text", "sentence"),
    [
        (["--test", "tole"], FOLDER, "no route is called 'tole'; did you mean 'told'?"),
        (["--test"], "", "has no [[notify.route]]; netcover init writes an example of each kind"),
        (["told"], FOLDER, "routes are named with --test"),
    ],
)
def test_a_wrong_word_is_refused(tmp_path, netcover_here, words, text, sentence):
    settings_in(tmp_path, text)

    done = netcover_here("notify", *words, "--folder", tmp_path)

    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.replace("│", " ").split())


def test_the_queue_is_shown_delivered_and_dropped(tmp_path, netcover_here):
    settings = settings_in(tmp_path, FOLDER)
    (tmp_path / "told").write_text("in the way")
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path / 'out' / 'netcover.db'}", clock=lambda: NOON) as store:
        queue(store, judged(store, finding()), settings, now)
        deliver(store, settings, now)
    waits = netcover_here("notify", "--folder", tmp_path)
    (tmp_path / "told").unlink()
    sent = netcover_here("notify", "--send", "--folder", tmp_path)
    (tmp_path / "netcover.toml").write_text("")
    with open_store(f"sqlite:///{tmp_path / 'out' / 'netcover.db'}", clock=lambda: NOON) as store:
        queue(store, judged(store, finding("b")), settings, now)
    gone = netcover_here("status", tmp_path)
    dropped = netcover_here("notify", "--drop", "told", "--folder", tmp_path)

    first, second = waits.stdout.splitlines()
    assert waits.returncode == 1
    assert first.startswith("told: 1 message waiting, nothing delivered yet; 1 try failed, next ")
    assert second.endswith("told: netcover: 1 finding to start with (1 error) (waits)")
    assert sent.returncode == 0
    assert sent.stdout.splitlines()[0].startswith("told: last delivered ")
    assert (
        "1 message for the route told, which the settings name no longer: netcover notify --drop 'told'" in gone.stdout
    )
    assert dropped.stdout == "told: 1 thrown away\n"


def test_an_agent_that_is_silent_or_kept_its_old_settings_needs_a_hand(store, tmp_path):
    settings = settings_in(tmp_path)
    judged(store)
    said = {"beat": "2026-03-01T11:54:00Z", "refused": "netcover.toml: unknown key 'colect'"}
    (tmp_path / "out" / "netcover-agent.json").write_text(json.dumps(said))

    with held(tmp_path / "out" / AGENT, "an agent", NOON):
        running = gather(store, settings, NOON).needs
    ended = gather(store, settings, NOON).needs

    assert running == (
        "the agent was not heard of since 2026-03-01T11:54:00Z; restart it",
        "the agent goes on with its old settings: netcover.toml: unknown key 'colect'",
    )
    assert ended == (
        "the agent ended without being stopped, soon after 2026-03-01T11:54:00Z; see its log, and start it again",
    )


@pytest.mark.parametrize(("hours", "overdue"), [(14, ""), (37, ""), (39, "2026-03-02T02:00:00Z")])
def test_a_run_is_overdue_when_a_whole_period_passed_without_one(store, tmp_path, hours, overdue):
    settings = settings_in(tmp_path)
    judged(store)

    found = gather(store, settings, NOON + timedelta(hours=hours))

    assert found.overdue == overdue
    assert len(found.needs) == bool(overdue)


def test_an_agent_that_was_stopped_leaves_nothing_behind(store, tmp_path):
    settings = settings_in(tmp_path, QUIET)
    judged(store)

    say(settings, {"beat": "2026-03-01T11:59:50Z"})
    assert gather(store, settings, NOON).died == "2026-03-01T11:59:50Z"
    unsay(settings)
    assert gather(store, settings, NOON).died == ""


def test_a_status_goes_by_the_settings_that_the_agent_uses_while_its_file_is_bad(store, tmp_path):
    settings = settings_in(tmp_path, QUIET)
    a_run(store)
    (tmp_path / "out").mkdir(exist_ok=True)
    copied(settings)
    settings.file.write_text("bogus = 1\n")

    assert in_use(settings.file) is None
    with held(tmp_path / "out" / AGENT, "an agent", NOON):
        used = in_use(settings.file)
    assert used is not None and used.agent == settings.agent
    assert "the agent goes on with its old settings: it is bad" in gather(store, used, NOON, "it is bad").needs
