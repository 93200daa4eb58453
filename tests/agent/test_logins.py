"""The login ledger: at most one failed login a device and secret, whatever happens to the program."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import logins
from agent.audit import Collected, Request, collect_only
from agent.errors import StoreError
from agent.folder import Given
from agent.settings_logins import Logins
from agent.store import Store, open_store
from agent.store import logins as rows
from agent.store.logins import Entering, Entry, Leaving
from collectors.collect import Login
from collectors.gate import NARROW, Door
from collectors.transports import snmp, ssh
from tests.agent.parts import CANARY, HOME, NOON
from tests.lab import Access, Device, Faults, Lab, cli_device, known_hosts_line
from tests.lab.profiles import generic_switch
from tests.lab.units import Box

DOOR = Door("", "10.20.0.1", 22, "ssh", "v1", "core")
KEY = bytes(32)
PRIVACY = 'priv = "aes128", priv_key = "env:T_PRIV"'
SOAK = bool(os.environ.get("NETCOVER_SOAK"))


def ssh_only(address: str, **access: str) -> Device:
    """A box that takes one password and says nothing."""
    device = cli_device("cisco_ios", {}, address, hostname=f"r-{address}")
    return replace(device, access=Access(**access)) if access else device


def audit_folder(
    home: Path, lab: Lab, *, password: str = "T_PASSWORD", more: str = "", protocols: str = '"ssh"'
) -> Path:
    """An audit folder for the lab's devices, whose host keys are known."""
    home.mkdir(exist_ok=True)
    (home / "netcover.toml").write_text(
        f"""
scope = ["127.0.0.0/8"]
[credentials.core]
snmp = {{ version = "3", user = "audit", auth = "sha1", auth_key = "env:T_AUTH", {PRIVACY} }}
ssh = {{ user = "audit", password = "env:{password}" }}
[collect]
default_credential = "core"
protocols = [{protocols}]
snmp_port = {lab.snmp_port}
ssh_port = {lab.ssh_port}
snmp_timeout = "1s"
{more}
"""
    )
    (home / "targets.csv").write_text("address\n" + "".join(f"{address}\n" for address in lab.devices))
    keys = (known_hosts_line(device, lab.ssh_port) for device in lab.devices.values() if device.cli)
    (home / "known_hosts").write_text("".join(f"{key}\n" for key in keys))
    return home


@contextmanager
def silent(total: int) -> Iterator[object]:
    del total
    yield lambda seen: None


def collect(folder: Path, *, incremental: bool = True) -> Collected:
    request = Request(Given(folder=folder), incremental=incremental)
    return collect_only(request, here=folder, now=lambda: datetime.now(UTC), progress=silent)  # type: ignore[arg-type]


def failed(lab: Lab) -> dict[str, int]:
    return {address: score.failed_logins for address, score in lab.scores().items()}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch):
    for name, value in {
        "T_PASSWORD": "wrong-" + CANARY, "T_RIGHT": "lab-ssh-secret", "T_AUTH": "lab-auth-secret",
        "T_PRIV": "lab-priv-secret",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_a_refused_login_is_one_attempt_and_is_not_tried_again_until_the_secret_changes(serve, tmp_path, monkeypatch):
    lab = serve(ssh_only("127.62.0.1"))
    folder = audit_folder(tmp_path / "a", lab)

    first, second = collect(folder), collect(folder, incremental=False)

    assert failed(lab) == {"127.62.0.1": 1}
    row = second.skipped.iloc[0]
    assert (row["address"], row["outcome"]) == ("127.62.0.1", "auth_failed")
    assert first.skipped.iloc[0]["reason"] == "SSH: the device refused the login"
    assert "failed on 2" in row["reason"]
    assert "it is not tried again with this secret" in row["reason"]
    assert row["reason"].endswith("netcover logins --clear 127.62.0.1")
    monkeypatch.setenv("T_PASSWORD", "another-wrong-one")
    collect(folder)
    assert failed(lab) == {"127.62.0.1": 2}


def test_the_command_lists_failed_logins_and_lets_them_be_tried_again(serve, tmp_path, netcover_here):
    lab = serve(ssh_only("127.62.0.2"))
    folder = audit_folder(tmp_path / "a", lab)
    collect(folder)

    listed = netcover_here("logins", "--folder", folder)
    nothing = netcover_here("logins", "--clear", "--folder", folder)
    cleared = netcover_here("logins", "--clear", "127.62.0.2", "--folder", folder)
    after = netcover_here("logins", "--folder", folder)

    assert f"127.62.0.2:{lab.ssh_port}  ssh  core  failed" in listed.stdout
    assert nothing.returncode == 2
    assert cleared.stdout.endswith("1 login cleared\n")
    assert "127.62.0.2" not in after.stdout
    collect(folder)
    assert failed(lab) == {"127.62.0.2": 2}


def test_a_recording_honours_what_a_run_met_and_a_run_what_a_recording_met(serve, tmp_path, netcover_here):
    lab = serve(ssh_only("127.62.0.4"), ssh_only("127.62.0.5"))
    folder = audit_folder(tmp_path / "a", lab)
    (folder / "targets.csv").write_text("address\n127.62.0.4\n")
    collect(folder)

    said = [
        netcover_here("record", f"127.62.0.{n}", "--to", tmp_path / f"r{n}", "--settings", folder / "netcover.toml")
        for n in (4, 5)
    ]
    (folder / "targets.csv").write_text("address\n127.62.0.4\n127.62.0.5\n")
    collect(folder)

    assert [one.returncode for one in said] == [3, 3]
    assert failed(lab) == {"127.62.0.4": 1, "127.62.0.5": 1}


def test_a_login_that_cannot_be_written_down_is_not_tried(store, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with logins._Ledger(store, (), Logins(), lambda: NOON) as ledger:
        monkeypatch.setattr(rows, "settle", full)
        answer = ledger.enter(DOOR, proven=True).result(5)

    assert answer == "the login could not be written down, so it was not tried: the disk is full"


def test_no_secret_and_no_plain_digest_of_one_is_in_the_store(serve, tmp_path):
    lab = serve(ssh_only("127.62.0.3"))
    folder = audit_folder(tmp_path / "a", lab)
    collect(folder)

    content = b"".join(path.read_bytes() for path in (folder / "out").iterdir() if path.is_file())

    assert CANARY.encode() not in content
    one = {("core", "ssh"): Login(ssh=ssh.Login("audit", CANARY))}
    mine = logins.versions_of({"core": one["core", "ssh"]}, KEY)
    assert mine != logins.versions_of({"core": one["core", "ssh"]}, b"1" * 32)  # the key of another store


def test_a_version_is_the_account_and_all_its_secrets():
    def version(**changed: str) -> str:
        login = ssh.Login(**{"user": "audit", "password": "secret", "enable": "more", **changed})
        return logins.versions_of({"core": Login(ssh=login)}, KEY)["core", "ssh"]

    assert len({version(), version(user="other"), version(password="other"), version(enable="other")}) == 4
    assert version() == version()
    assert logins.versions_of({"lab": Login(snmp=snmp.Community("public"))}, KEY) == {}


def test_a_wrong_password_on_many_devices_is_tried_on_three(serve, tmp_path):
    lab = serve(*(ssh_only(f"127.62.1.{n}") for n in range(1, 13)))
    folder = audit_folder(tmp_path / "a", lab)

    first, second = collect(folder), collect(folder)

    assert sum(failed(lab).values()) == 3
    assert set(first.skipped["outcome"]) == set(second.skipped["outcome"]) == {"auth_failed"}
    assert len(second.skipped) == 12
    assert sum("not tried further in this run" in text for text in first.skipped["reason"]) == 9
    assert sum("and has worked nowhere" in text for text in second.skipped["reason"]) == 9


class Rotating(Access):
    """A password that is changed on all devices at once, after so many logins."""

    left = 4

    def __getattribute__(self, name: str) -> object:
        if name != "ssh_password":
            return super().__getattribute__(name)
        Rotating.left -= 1
        return "lab-ssh-secret" if Rotating.left >= 0 else "rotated"


def test_a_password_that_is_changed_in_mid_run_costs_no_more_than_the_logins_under_way_and_three(serve, tmp_path):
    Rotating.left = 4
    lab = serve(*(replace(ssh_only(f"127.62.4.{n}"), access=Rotating()) for n in range(1, 31)))
    folder = audit_folder(tmp_path / "a", lab, password="T_RIGHT")

    done = collect(folder)

    assert sum(score.logins for score in lab.scores().values()) == 4
    assert 3 <= sum(failed(lab).values()) <= NARROW + 3
    assert sum("not tried further in this run" in text for text in done.skipped["reason"]) >= 30 - 4 - NARROW - 3


def test_a_wrong_key_of_snmp_v3_is_tried_once_too(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("T_AUTH", "not-the-auth-key")
    lab = serve(generic_switch(Box("127.62.2.1", "sw1"), Access()).device)
    folder = audit_folder(tmp_path / "a", lab, protocols='"snmp"')

    done = [collect(folder) for _ in range(3)][-1]

    assert lab.score("127.62.2.1").snmp_refused == 1
    assert (done.skipped.iloc[0]["outcome"], "not tried again" in done.skipped.iloc[0]["reason"]) == (
        "auth_failed",
        True,
    )


def test_a_device_that_never_answers_a_signed_request_has_neither_let_in_nor_refused(serve, tmp_path):
    built = generic_switch(Box("127.62.2.2", "sw2"), Access())
    lab = serve(replace(built.device, faults=Faults(silent_after=0)))
    folder = audit_folder(tmp_path / "a", lab, protocols='"snmp"')

    collect(folder)

    assert lab.score("127.62.2.2").snmp_packets > 1
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}") as store:
        assert store.read(rows.entries) == ()


def test_a_changed_host_key_gets_no_password_in_a_scheduled_run_and_snmp_goes_on(serve, tmp_path):
    device = generic_switch(Box("127.62.3.1", "sw1"), Access()).device
    lab = serve(replace(device, cli=ssh_only("127.62.3.1").cli))
    folder = audit_folder(tmp_path / "a", lab, protocols='"snmp", "ssh"', password="T_RIGHT")
    lab.replace(replace(lab.devices["127.62.3.1"], faults=Faults(new_host_key=True)))

    done = collect(folder)

    assert done.skipped.iloc[0]["outcome"] == "host_key"
    assert (lab.score("127.62.3.1").failed_logins, lab.score("127.62.3.1").logins) == (0, 0)
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}") as store:
        assert len(store.units(done.run))
        assert store.read(rows.entries) == tuple(
            one for one in store.read(rows.entries) if one.protocol == "snmp"
        )  # nothing was tried over SSH


def test_a_device_that_hangs_up_on_the_login_is_not_asked_each_day(store):
    written = lived(store, "hung up")

    assert (written.state, written.reason) == ("failed", "why")
    assert lived(store, "hung up", worked=True).state == "worked"


@pytest.mark.parametrize(
    ("ending", "worked", "state"),
    [
        ("worked", False, "worked"),
        ("failed", False, "failed"),
        ("failed", True, "failed"),
        ("cut", False, "failed"),
        ("cut", True, "cut"),
        ("unanswered", True, "worked"),
        ("unanswered", False, None),
    ],
)
def test_what_is_left_of_a_login(store, ending, worked, state):
    left = lived(store, ending, worked=worked)

    assert (left.state if left else None) == state


def lived(store: Store, ending: str, *, worked: bool = False) -> Entry | None:
    """The row of a door after a login that ended so, where it had *worked* before or not."""
    door = replace(DOOR, version=f"{ending}{worked}")
    steps: list[Entering | Leaving] = [Entering(door, proven=False), Leaving(door, ending, "why")]  # type: ignore[arg-type]
    before: list[Entering | Leaving] = [Entering(door, proven=False), Leaving(door, "worked")] if worked else []
    store.write(rows.settle, [*before, *steps], holder="me", now=NOON, allowed=lambda entry, step: "")
    found = store.read(rows.entries, {door.version})
    return found[0] if found else None


def tried(store: Store, holder: str, *, at: datetime = NOON) -> Entry:
    """The row of a login that nobody has settled."""
    store.write(rows.settle, [Entering(DOOR, proven=False)], holder=holder, now=at, allowed=lambda entry, step: "")
    return store.read(rows.entries)[0]


def test_what_another_living_process_tries_is_left_to_it_and_what_a_dead_one_tried_has_failed(store):
    alive = tried(store, logins.holder())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        host, boot, *_ = logins.holder().split("/")
        name = f"{host}/{boot}/{other.pid}/{logins._start(other.pid)}"
        assert not logins.gone(replace(alive, holder=name), NOON)
        other.communicate(b"\n")
    dead = replace(alive, holder=name)

    said = Logins()
    assert "another netcover is logging in" in logins.refusal(alive, DOOR, said, NOON)
    assert "was cut short, so it may have been refused" in logins.refusal(dead, DOOR, said, NOON)
    assert logins.gone(replace(alive, holder="elsewhere/b/1/1"), NOON + timedelta(minutes=16))
    assert not logins.gone(replace(alive, holder="elsewhere/b/1/1"), NOON + timedelta(minutes=14))


def test_of_two_processes_that_want_in_at_the_same_time_one_is_told_to_stay_out(store):
    with logins._Ledger(store, (), Logins(), lambda: NOON) as ledger:
        assert ledger.enter(DOOR, proven=True).result(5) == ""
    with logins._Ledger(store, (), Logins(), lambda: NOON) as other:
        answer = other.enter(DOOR, proven=True).result(5)

    assert answer.startswith("another netcover is logging in with credential core")


def test_what_many_write_at_once_is_in_their_order(store):
    doors = [replace(DOOR, address=f"10.20.0.{n}") for n in range(1, 41)]
    with logins._Ledger(store, (), Logins(), lambda: NOON) as ledger:
        waiting = [ledger.enter(door, proven=False) for door in doors]
        assert {one.result(5) for one in waiting} == {""}
        for number, door in enumerate(doors):
            ledger.leave(door, "worked" if number % 2 else "failed", "no")
            again = ledger.enter(door, proven=True)
        assert "failed on" in ledger.enter(doors[0], proven=True).result(5)
        assert again.result(5) == ""

    states = {entry.address: entry.state for entry in store.read(rows.entries)}
    assert (states["10.20.0.1"], states["10.20.0.2"]) == ("failed", "trying")


def test_a_cut_login_is_tried_once_more_where_the_secret_had_worked_and_works_elsewhere_now(store):
    cut = replace(tried(store, "gone/b/1/1"), state="cut", worked="2026-02-01T00:00:00Z", cut=1)
    said = Logins()

    assert logins.refusal(cut, DOOR, said, NOON, proven=True) == ""
    assert logins.refusal(cut, DOOR, said, NOON, proven=False)
    assert logins.refusal(replace(cut, cut=2), DOOR, said, NOON, proven=True)
    assert logins.refusal(replace(cut, worked=""), DOOR, said, NOON, proven=True)
    assert logins.refusal(cut, DOOR, replace_setting(said, retry_cut=False), NOON, proven=True)


def test_a_failed_login_may_be_told_to_age(store):
    lost = replace(tried(store, "x"), state="failed")
    said = replace_setting(Logins(), retry_after=3600.0)

    assert logins.refusal(lost, DOOR, said, NOON + timedelta(minutes=59))
    assert logins.refusal(lost, DOOR, said, NOON + timedelta(minutes=61)) == ""
    assert logins.refusal(lost, DOOR, Logins(), NOON + timedelta(days=3650))


def replace_setting(said: Logins, **changed: object) -> Logins:
    return said.model_copy(update=changed)


def test_the_newest_secret_that_worked_takes_the_place_of_older_ones(store):
    new = replace(DOOR, version="v2")
    steps = [Entering(DOOR, proven=False), Leaving(DOOR, "worked"), Entering(new, proven=False), Leaving(new, "worked")]
    for number, step in enumerate(steps):
        at = NOON + timedelta(seconds=number)
        store.write(rows.settle, [step], holder="me", now=at, allowed=lambda entry, step: "")
    store.write(rows.tidy)

    assert [one.version for one in store.read(rows.entries)] == ["v2"]


@contextmanager
def killable() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.agent.killed"]
    environment = {**os.environ, "PYTHONPATH": str(HOME)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=HOME, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process
        with suppress(OSError):
            process.stdin.close()
        process.wait(30)


def killed_and_started_again(lab: Lab, folder: Path, times: int) -> None:
    """Runs that are killed a moment after a device refused the login, or a little while after that, drawn at random."""
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    with killable() as process:
        for _ in range(times):
            before = sum(failed(lab).values())
            process.stdin.write(f"{folder}\n")
            process.stdin.flush()
            pid = int(process.stdout.readline())
            end = time.monotonic() + 10
            while sum(failed(lab).values()) == before and time.monotonic() < end and Path(f"/proc/{pid}/fd").exists():
                time.sleep(0.005)  # until the lab has refused a login: it tells nobody
                if _over(pid):
                    break
            time.sleep(draw.choice((0.0, 0.0, 0.01, 0.1, 0.3)))  # the moment of the kill is the point of the test
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            process.stdout.readline()


def _over(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


@pytest.mark.parametrize("breaker", [3, 0])
def test_a_wrong_password_and_a_program_that_is_killed_and_started_again_is_one_failed_login_each(
    serve, tmp_path, breaker
):
    devices, kills = (500, 20) if SOAK else (10, 4)
    lab = serve(*(ssh_only(f"127.63.{n // 200}.{n % 200 + 1}") for n in range(devices)))
    folder = audit_folder(tmp_path / "a", lab, more=f"[logins]\nbreaker = {breaker}\n")

    killed_and_started_again(lab, folder, kills)
    done = collect(folder)

    counted = failed(lab)
    assert max(counted.values()) == 1
    assert sum(counted.values()) <= (breaker or devices)
    assert set(done.skipped["outcome"]) == {"auth_failed"}
    assert len(done.skipped) == devices
