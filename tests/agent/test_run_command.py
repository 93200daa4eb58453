"""`netcover run` as a process against the lab: what it leaves, its exit codes, one at a time, and its end in time."""

from __future__ import annotations

import signal
import time

import pytest

from agent.main import main
from tests.agent.scheduled import events, folder, router, rows, started, wait_until
from tests.lab import Faults

SLOW = {
    "127.62.1.1": Faults(drip=("show inventory", 0.2)),
    "127.62.1.2": Faults(tcp_silent=True),
    "127.62.1.3": Faults(no_auth_answer=True),
    "127.62.1.4": Faults(no_prompt=True),
}
"""Devices that hang in each phase of a session."""


def test_a_run_reads_judges_exports_and_logs_under_its_number(serve, tmp_path):
    home = folder(tmp_path / "audit", serve(router("127.62.0.1")))
    (home / "incoming").mkdir()

    with started("run", home, "--fail-on", "never") as process:
        said, log = process.communicate(timeout=60)

    assert process.returncode == 0, log
    assert rows(home, "SELECT state, reconciled <> '' FROM runs") == [("sealed", 1)]
    assert [one[0] for one in rows(home, "SELECT job FROM job_runs WHERE state = 'done' ORDER BY id")] == [
        "collect", "import", "reconcile", "export",
    ]  # fmt: skip
    assert "collect: run 1: 1 of 1 devices read in full" in said.splitlines()
    told = events(log)
    assert [one["job"] for one in told if one["event"] == "job done"] == ["collect", "import", "reconcile", "export"]
    assert {one["run"] for one in told if one["event"] == "device"} == {1}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 3, "netcover: exit 3: 1 of 2 devices were read in full, --min-read asks for 100 %"),
        (("--min-read", "50"), 0, ""),
        (("--job", "colect"), 2, "netcover: --job: no job is called 'colect'; jobs: collect, import,"),
        (("--settings", "nowhere.toml"), 2, "netcover: nowhere.toml cannot be read"),
    ],
)
def test_exit_codes_are_those_of_an_audit(serve, tmp_path, capsys, words, code, said):
    home = folder(tmp_path / "audit", serve(router("127.62.0.1")))
    (home / "targets.csv").write_text("address\n127.62.0.1\n127.62.0.2\n")

    assert main(["--log-format", "json", "run", str(home), "--job", "collect", *words]) == code

    log = capsys.readouterr().err
    assert log.splitlines()[-1].startswith(said or "{")


def test_a_second_run_says_who_is_at_work_and_changes_nothing(serve, tmp_path):
    lab = serve(router("127.62.1.1", SLOW["127.62.1.1"]))
    home = folder(tmp_path / "audit", lab)

    with started("run", home) as first:
        wait_until(lambda: "show inventory" in lab.score("127.62.1.1").commands)
        with started("run", home) as second:
            _, log = second.communicate(timeout=60)
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)

    assert second.returncode == 2
    assert f"another netcover run is at work already: process {first.pid} since " in log
    assert [state for (state,) in rows(home, "SELECT state FROM runs")] == ["aborted"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_within_five_seconds_with_devices_logged_out_and_the_run_aborted(serve, tmp_path, number):
    lab = serve(*(router(address, faults) for address, faults in SLOW.items()))
    home = folder(tmp_path / "audit", lab)

    with started("run", home) as process:
        wait_until(lambda: "show inventory" in lab.score("127.62.1.1").commands)
        wait_until(lambda: all(lab.score(address).connections for address in ("127.62.1.3", "127.62.1.4")))
        process.send_signal(number)
        begun = time.monotonic()
        _, log = process.communicate(timeout=30)

    assert time.monotonic() - begun < 5  # what is promised, not a measurement
    assert process.returncode in (130, 143)
    assert "Traceback" not in log
    assert lab.wait_sessions_closed()
    assert rows(home, "SELECT state FROM runs") == [("aborted",)]
