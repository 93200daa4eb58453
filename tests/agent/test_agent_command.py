"""`netcover agent` and `netcover reload` as processes against the lab, waiting for events and not for time."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.locks import AGENT, RUN, holder
from agent.main import main
from tests.agent.scheduled import PATIENCE, events, folder, router, rows, started, wait_until
from tests.lab import Faults

OFF = "".join(
    f"[agent.jobs.{name}]\nenabled = false\n" for name in ("import", "reconcile", "export", "prune", "backup")
)
EVERY_SECOND = f'[agent.jobs.collect]\nevery = "1s"\n{OFF}'
NEVER = f'[agent.jobs.collect]\ncron = "0 0 29 2 *"\n{OFF}'


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE)
        yield listening


def hear(systemd: socket.socket, word: str) -> list[str]:
    """Datagrams until one begins with *word*, which is the last."""
    heard = [""]
    while not heard[-1].startswith(word):
        heard.append(systemd.recv(2000).decode())
    return heard[1:]


def state(home: Path) -> dict[str, object]:
    try:
        return json.loads((home / "out" / "netcover-agent.json").read_text())
    except FileNotFoundError:
        return {}


def slots(home: Path) -> list[tuple[str, str]]:
    return rows(home, "SELECT state, reason FROM slots ORDER BY id")


def test_the_agent_survives_runs_that_fail_and_a_file_half_edited_tells_systemd_and_ends_at_sigterm(
    serve, tmp_path, systemd
):
    device = replace(router("127.63.0.1"), cli=None)
    home = folder(tmp_path / "audit", serve(device), EVERY_SECOND)
    targets = (home / "targets.csv").read_text()
    (home / "targets.csv").unlink()
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}

    with started("agent", home, env=env) as process:
        assert hear(systemd, "READY=1")[0].startswith("READY=1\nSTATUS=next: collect at ")
        wait_until(lambda: [state for state, _ in slots(home)][:1] == ["failed"])
        (home / "targets.csv").write_text(targets)
        wait_until(lambda: ("done",) in rows(home, "SELECT state FROM slots"))
        (home / "netcover.toml").write_text("somebody is editing this")
        wait_until(lambda: rows(home, "SELECT count(*) FROM slots WHERE state = 'done'") >= [(2,)])
        assert "STATUS=running collect" in hear(systemd, "WATCHDOG=1") + hear(systemd, "STATUS=running")
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)

    assert process.returncode == 0, log
    assert hear(systemd, "STOPPING=1")
    assert "targets.csv; name a file with --targets" in slots(home)[0][1]
    assert ("sealed",) in rows(home, "SELECT state FROM runs")
    assert all(count == 1 for (count,) in rows(home, "SELECT count(*) FROM slots GROUP BY job, slot"))
    told = events(log)
    assert "agent started" in {one["event"] for one in told}
    slot = next(one["slot"] for one in told if one["event"] == "slot done")
    assert {one["run"] for one in told if one["event"] == "device" and one.get("run")} >= {1}
    assert slot in {one["slot"] for one in told if one["event"] == "job done"}
    assert (state(home), holder(home / "out" / AGENT)) == ({}, None)


def test_a_reload_takes_good_settings_and_keeps_the_old_ones_where_they_are_bad(serve, tmp_path, systemd, capsys):
    home = folder(tmp_path / "audit", serve(replace(router("127.63.0.2"), cli=None)), NEVER)
    file = home / "netcover.toml"
    good = file.read_text()

    with started("agent", home, env={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as process:
        hear(systemd, "READY=1")
        first = state(home)
        assert main(["agent", str(home)]) == 2
        file.write_text(good.replace("0 0 29 2 *", "0 0 1 1 *"))
        assert main(["reload", str(home)]) == 0
        hear(systemd, "RELOADING=1\nMONOTONIC_USEC=")
        hear(systemd, "READY=1")
        second = state(home)
        file.write_text(good.replace("cron", "corn"))
        assert main(["reload", str(home)]) == 2
        os.kill(process.pid, signal.SIGHUP)
        wait_until(lambda: state(home)["refused"])
        third = state(home)
        file.write_text(good)
        os.kill(process.pid, signal.SIGHUP)
        wait_until(lambda: state(home)["reloads"] == 3)
        file.write_text(good.replace("[watch]", '[store]\nurl = "sqlite:///elsewhere.db"\n[watch]'))
        assert main(["reload", str(home)]) == 2
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    said = capsys.readouterr()
    assert process.returncode == 0
    assert [str(one["next_start"])[4:] for one in (first, second, third)] == [
        "-02-29T00:00:00Z", "-01-01T00:00:00Z", "-01-01T00:00:00Z",
    ]  # fmt: skip
    assert [(one["reloads"], bool(one["refused"])) for one in (first, second, third)] == [
        (0, False), (1, False), (2, True),
    ]  # fmt: skip
    assert "unknown key 'corn' in [agent.jobs.collect]; did you mean 'cron'?" in str(third["refused"])
    assert f"another netcover agent is at work already: process {process.pid} since " in said.err
    assert "the store or the state folder changed; restart the agent for that" in said.err
    assert f"the agent (process {process.pid}) reads" in said.out


def test_a_killed_agent_leaves_no_session_and_its_slot_runs_again_until_sigterm_stops_it_in_time(serve, tmp_path):
    faults = Faults(drip=("show inventory", 0.2))
    address = "127.63.0.3"
    lab = serve(router(address, faults))
    home = folder(tmp_path / "audit", lab, EVERY_SECOND)
    lock = home / "out" / RUN

    with started("agent", home) as process:
        wait_until(lambda: "show inventory" in lab.score(address).commands)
        process.kill()
        process.communicate()
    wait_until(lambda: holder(lock) is None)
    assert lab.wait_sessions_closed()
    assert rows(home, "SELECT state FROM runs") == [("aborted",)]
    assert [state for state, _ in slots(home) if state != "skipped"] == ["started"]

    with started("agent", home) as process:
        wait_until(lambda: lab.score(address).commands.count("show inventory") == 2)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        _, log = process.communicate(timeout=30)

    assert time.monotonic() - begun < 5  # what is promised, not a measurement
    assert process.returncode == 0, log
    assert lab.wait_sessions_closed()
    assert rows(home, "SELECT state FROM runs") == [("aborted",), ("aborted",)]
    assert {state for state, _ in slots(home)} <= {"stopped", "skipped"}
    assert holder(lock) is None


def test_reload_without_an_agent_says_so(tmp_path, capsys):
    (tmp_path / "netcover.toml").write_text("")

    assert main(["reload", str(tmp_path)]) == 2
    assert "no agent is running" in capsys.readouterr().err
