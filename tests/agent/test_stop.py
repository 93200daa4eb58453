"""Ctrl-C in the middle of a run: the sessions are closed, the run is thrown away, and the next one starts unaided."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.lab import Access, Faults
from tests.lab.profiles import isr4331
from tests.lab.units import Box


def test_ctrl_c_logs_out_leaves_no_visible_run_and_says_one_word(serve, tmp_path):
    built = isr4331(Box("127.61.0.1", "r1"), Access())
    lab = serve(replace(built.device, faults=Faults(drip=("show inventory", 0.2))))
    (tmp_path / "netcover.toml").write_text(f"""
        scope = ["127.61.0.0/24"]
        allow_plaintext_secrets = true
        [credentials.lab]
        ssh = {{ user = "audit", password = "lab-ssh-secret" }}
        [collect]
        default_credential = "lab"
        ssh_port = {lab.ssh_port}
        [ssh]
        known_hosts = "trust-on-first-use"
    """)
    (tmp_path / "targets.csv").write_text("address\n127.61.0.1\n")
    command = [str(Path(sys.executable).with_name("netcover")), "audit", str(tmp_path)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_until(lambda: "show inventory" in lab.score("127.61.0.1").commands)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said.splitlines()[-1]) == (130, "netcover: stopped")
    assert "Traceback" not in said
    assert lab.wait_sessions_closed()
    with sqlite3.connect(tmp_path / "out" / "netcover.db") as store:
        assert [state for (state,) in store.execute("SELECT state FROM runs")] == ["aborted"]
    store.close()


def wait_until(holds, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
