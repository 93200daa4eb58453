"""`netcover audit --ask-credentials`: one login is typed, host keys are shown before any password is sent."""

import csv
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from tests.lab import Access
from tests.lab.profiles import isr4331
from tests.lab.units import Box


def converse(command: list[str], answers: list[tuple[str, str]], folder: Path) -> tuple[int, str]:
    """Run *command* on a terminal of its own; each (question, answer) is answered when its question shows whole.

    An answer that comes before its question is thrown away by the terminal, as a person's typing ahead would be.
    """
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, close_fds=True)
    os.close(slave)
    said = ""
    pending = list(answers)
    while True:
        try:
            said += os.read(master, 4096).decode("utf-8", "replace")
        except OSError:  # the terminal's other end is gone: the command ended
            break
        if pending and re.search(pending[0][0], said):
            said = re.sub(pending[0][0], "(asked)", said, count=1)
            os.write(master, (pending.pop(0)[1] + "\n").encode())
    os.close(master)
    return process.wait(), said


def test_an_audit_without_settings_asks_for_a_login_and_for_trust_in_new_host_keys(serve, tmp_path):
    built = isr4331(Box("127.60.0.1", "r1"), Access())
    lab = serve(built.device)
    (tmp_path / "targets.csv").write_text(f"address,snmp_port,ssh_port\n127.60.0.1,{lab.snmp_port},{lab.ssh_port}\n")
    (tmp_path / "netcover.toml").write_text('scope = ["127.60.0.0/24"]\n')
    netcover = str(Path(sys.executable).with_name("netcover"))
    answers = [
        (r"SSH user \(empty: no SSH\): ", "audit"),
        (r"SSH password: ", "lab-ssh-secret"),
        (r"Enable secret \(empty: none\): ", ""),
        (r"community \(empty: v3 or none\): ", "lab-readonly"),
        (r"Trust 1 key\? \[y/N\] ", "y"),
    ]

    code, said = converse([netcover, "audit", "--ask-credentials", "--fail-on", "never"], answers, tmp_path)

    assert code == 0, said
    assert "SHA256:" in said
    assert "lab-ssh-secret" not in said
    with (tmp_path / "out" / "units.csv").open(newline="") as file:
        told = {row["serial"] for row in csv.DictReader(file)}
    assert {unit.serial for unit in built.units if unit.serial} <= told
    assert "127.60.0.1" in (tmp_path / "known_hosts").read_text()


def test_a_refused_key_gets_no_password(serve, tmp_path):
    lab = serve(isr4331(Box("127.60.0.2", "r2"), Access()).device)
    (tmp_path / "targets.csv").write_text(f"address,protocols,ssh_port\n127.60.0.2,ssh,{lab.ssh_port}\n")
    (tmp_path / "netcover.toml").write_text('scope = ["127.60.0.0/24"]\n')
    netcover = str(Path(sys.executable).with_name("netcover"))
    answers = [
        (r"SSH user \(empty: no SSH\): ", "audit"),
        (r"SSH password: ", "lab-ssh-secret"),
        (r"Enable secret \(empty: none\): ", ""),
        (r"community \(empty: v3 or none\): ", ""),
        (r"v3 user \(empty: no SNMP\): ", ""),
        (r"Trust 1 key\? \[y/N\] ", "n"),
    ]

    code, said = converse([netcover, "audit", "--ask-credentials"], answers, tmp_path)

    assert code == 3, said
    assert (lab.score("127.60.0.2").logins, lab.score("127.60.0.2").failed_logins) == (0, 0)
