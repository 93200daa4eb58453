"""The lab's SSH servers, read by netmiko as the product reads devices, and each SSH fault."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko  # type: ignore[import-untyped]  # it ships no types
import pytest
from netmiko import ConnectHandler
from netmiko.base_connection import BaseConnection

from tests.lab import ALL, Access, Device, Faults, Lab, cli_device, known_hosts_line

Serve = Callable[..., Lab]
LONG = "\n".join(f"line {number} of a long answer" for number in range(1, 61))
ANSWERS = {"show version": LONG, "show inventory": 'NAME: "1"\nPID: X , VID: V01 , SN: FOC2033ABCD'}
TYPES = {
    "ios": "cisco_ios",
    "nxos": "cisco_nxos",
    "xr": "cisco_xr",
    "asa": "cisco_asa",
    "dcp": "smartoptics_dwdm",
}
IOS = cli_device("cisco_ios", ANSWERS, "127.10.241.1", hostname="sw1")
OLD = replace(IOS, key="rsa", old_algorithms=True)
BANNER = "DCP-M40, Open Line System\nSoftware version: dcp-release-13.0.0\n\n"


@contextmanager
def login(lab: Lab, device: Device, device_type: str = "cisco_ios", **options: Any) -> Iterator[BaseConnection]:
    arguments = {
        "device_type": device_type, "host": device.address, "port": lab.ssh_port, "username": "audit",
        "password": "lab-ssh-secret", "secret": "lab-enable-secret", **options,
    }  # fmt: skip
    with ConnectHandler(**arguments) as session:
        yield session


class Raw:
    """A visitor with no manners of its own: paramiko's shell, read octet by octet."""

    def __init__(self, lab: Lab, device: Device) -> None:
        self._client = paramiko.SSHClient()
        self._client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self._client.connect(
            device.address,
            lab.ssh_port,
            "audit",
            "lab-ssh-secret",
            look_for_keys=False,
            allow_agent=False,
            timeout=10,
        )
        self._channel = self._client.invoke_shell(width=511)
        self._channel.settimeout(10)
        self.seen = b""

    def until(self, text: bytes) -> bytes:
        """Read to *text*; what came since the last call, which must be there."""
        while text not in self.seen:
            got = self._channel.recv(65536)
            assert got, f"closed before {text!r}, after {self.seen!r}"
            self.seen += got
        found, _, self.seen = self.seen.partition(text)
        return found + text

    def rest(self) -> bytes:
        while got := self._channel.recv(65536):
            self.seen += got
        return self.seen

    def send(self, data: bytes) -> None:
        self._channel.sendall(data)

    def nothing_comes(self, seconds: float) -> bool:
        self._channel.settimeout(seconds)
        with pytest.raises(TimeoutError):
            self._channel.recv(1)
        return True

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def visit() -> Iterator[Callable[[Lab, Device], Raw]]:
    visitors: list[Raw] = []

    def start(lab: Lab, device: Device) -> Raw:
        visitors.append(Raw(lab, device))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.close()


Visit = Callable[[Lab, Device], Raw]


# --- the vendors' manners --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", TYPES)
def test_netmiko_reads_answers_whole_and_sees_refusals(serve: Serve, dialect: str) -> None:
    device = cli_device(dialect, ANSWERS, "127.10.241.2", hostname="box-1", banner=BANNER if dialect == "dcp" else "")
    lab = serve(device)

    with login(lab, device, TYPES[dialect]) as session:
        version, inventory, refusal = (
            str(session.send_command(c)) for c in ("show version", "show inventory", "show bananas")
        )

    assert version.splitlines()[-60:] == LONG.splitlines()
    assert inventory.splitlines()[-2:] == ANSWERS["show inventory"].splitlines()
    assert ("unknown command" if dialect == "dcp" else "at '^' marker") in refusal
    assert lab.wait_sessions_closed()


def test_ios_and_asa_are_enabled_with_the_right_password(serve: Serve) -> None:
    for dialect in ("ios", "asa"):
        device = cli_device(dialect, ANSWERS, "127.10.241.3", hostname="box-1")
        assert device.cli
        device = replace(device, cli=replace(device.cli, enabled=False))
        lab = serve(device)
        with login(lab, device, TYPES[dialect]) as session:
            before = session.find_prompt()
            session.enable()
            after = session.find_prompt()
        assert (before if dialect == "ios" else "box-1>", after) == ("box-1>", "box-1#")
        assert lab.score(device.address).enables == 1


def test_a_wrong_enable_password_is_counted(serve: Serve, visit: Visit) -> None:
    assert IOS.cli
    lab = serve(device := replace(IOS, cli=replace(IOS.cli, enabled=False)))
    shell = visit(lab, device)
    shell.until(b"sw1>")
    shell.send(b"enable\n")
    shell.until(b"Password: ")
    shell.send(b"guess\n")

    assert shell.until(b"sw1>") == b"\r\n% Access denied\r\nsw1>"
    assert lab.score(IOS.address).failed_enables == 1


def test_the_shell_echoes_and_answers_one_command_after_the_other(serve: Serve, visit: Visit) -> None:
    shell = visit(serve(IOS), IOS)
    shell.until(b"sw1#")
    shell.send(b"show inventory\nterminal length 0\r\n")  # typed ahead

    answer = b'show inventory\r\nNAME: "1"\r\nPID: X , VID: V01 , SN: FOC2033ABCD\r\nsw1#'
    assert shell.until(b"sw1#") == answer
    assert shell.until(b"sw1#") == b"terminal length 0\r\nsw1#"


def test_long_answers_stop_at_the_pager_until_it_is_switched_off(serve: Serve, visit: Visit) -> None:
    shell = visit(serve(IOS), IOS)
    shell.until(b"sw1#")
    shell.send(b"show version\n")
    assert shell.until(b" --More-- ").count(b"\r\n") == 24  # the echo and 23 lines
    shell.send(b"q")
    shell.until(b"sw1#")
    shell.send(b"terminal length 0\n")
    shell.until(b"sw1#")
    shell.send(b"show version\n")

    assert b"--More--" not in shell.until(b"sw1#")


def test_the_pager_can_be_stuck(serve: Serve, visit: Visit) -> None:
    lab = serve(device := replace(IOS, faults=Faults(pager_stuck=True)))
    shell = visit(lab, device)
    shell.until(b"sw1#")
    shell.send(b"terminal length 0\nshow version\n")
    first = shell.until(b" --More-- ")
    shell.send(b" ")
    second = shell.until(b" --More-- ")
    shell.send(b" ")

    pages = first + second + shell.until(b"60 of a long answer\r\nsw1#")
    assert all(line.encode() in pages for line in LONG.splitlines())


def test_xr_puts_the_time_before_an_answer(serve: Serve, visit: Visit) -> None:
    device = cli_device("cisco_xr", ANSWERS, "127.10.241.4", hostname="pe1")
    shell = visit(serve(device), device)
    shell.until(b"RP/0/RSP0/CPU0:pe1#")
    shell.send(b"show inventory\n")

    assert shell.until(b"pe1#").startswith(b'show inventory\r\nFri Nov 20 10:15:02.123 UTC\r\nNAME: "1"\r\n')


def test_a_dcp_greets_with_product_and_release(serve: Serve, visit: Visit) -> None:
    device = cli_device("smartoptics_dcp", ANSWERS, "127.10.241.5", hostname="DCP---10", banner=BANNER)

    greeting = visit(serve(device), device).until(b"> ")

    assert greeting == BANNER.replace("\n", "\r\n").encode() + b"audit@DCP---10> "


# --- logins, keys, algorithms ------------------------------------------------------------------------------------


def test_the_score_counts_logins_failures_sessions_and_commands(serve: Serve) -> None:
    lab = serve(IOS, allowed={"cisco_ios": {"show version"}})
    with login(lab, IOS) as first, login(lab, IOS):
        assert lab.score(IOS.address).open_sessions == 2
        first.send_command("show version")
        first.send_command("show running-config")
    with pytest.raises(Exception, match="Authentication"), login(lab, IOS, password="guess"):
        pass
    assert lab.wait_sessions_closed()

    score = lab.score(IOS.address)
    assert (score.logins, score.failed_logins, score.open_sessions, score.peak_sessions) == (2, 1, 0, 2)
    assert [c for c in score.commands if c.startswith("show")] == ["show version", "show running-config"]
    assert score.outside == ["show running-config"]


def test_the_host_key_is_the_one_in_known_hosts_until_it_changes(serve: Serve, tmp_path: Path) -> None:
    lab = serve(IOS)
    known = tmp_path / "known_hosts"
    known.write_text(known_hosts_line(IOS, lab.ssh_port) + "\n")
    strict: dict[str, Any] = {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": str(known)}
    with login(lab, IOS, **strict) as session:
        assert session.find_prompt() == "sw1#"

    lab.replace(changed := replace(IOS, faults=Faults(new_host_key=True)))
    with pytest.raises(paramiko.SSHException, match="Host key for server"), login(lab, changed, **strict):
        pass
    assert lab.score(IOS.address).logins == 1


def test_an_rsa_host_key_is_the_same_every_time() -> None:
    assert known_hosts_line(OLD, 22) == known_hosts_line(replace(OLD), 22)
    assert known_hosts_line(OLD, 22).startswith("127.10.241.1 ssh-rsa AAAA")


def test_paramiko_4_logs_in_to_a_device_with_sha1_algorithms_only(serve: Serve) -> None:
    lab = serve(OLD)

    with login(lab, OLD) as session:
        channel: Any = session.remote_conn
        transport = channel.get_transport()
        assert transport.host_key_type == "ssh-rsa"
        assert transport.remote_cipher in ("aes128-cbc", "3des-cbc")
        assert str(session.send_command("show inventory")).endswith("FOC2033ABCD")


def test_a_modern_client_finds_no_algorithm_in_common_with_it(serve: Serve) -> None:
    lab = serve(OLD)
    modern = {
        "kex": ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
        "keys": ["ssh-rsa"],
    }

    for what, algorithms in modern.items():
        with (
            pytest.raises(Exception, match="Incompatible ssh peer"),
            login(lab, OLD, disabled_algorithms={what: algorithms}),
        ):
            pass
    assert lab.score(OLD.address).logins == 0


# --- faults ------------------------------------------------------------------------------------------------------


def faulty(serve: Serve, visit: Visit, faults: Faults) -> tuple[Lab, Raw]:
    device = replace(IOS, faults=faults)
    lab = serve(device)
    shell = visit(lab, device)
    shell.until(b"sw1#")
    shell.send(b"terminal length 0\n")
    shell.until(b"sw1#")
    return lab, shell


def test_a_silent_port_accepts_and_says_nothing(serve: Serve) -> None:
    lab = serve(replace(IOS, faults=Faults(tcp_silent=True)))
    with (
        socket.create_connection((IOS.address, lab.ssh_port), timeout=0.3) as visitor,
        pytest.raises(TimeoutError),
    ):
        visitor.recv(1)


def test_a_busy_device_closes_at_once(serve: Serve) -> None:
    lab = serve(replace(IOS, faults=Faults(tcp_close=True)))
    with socket.create_connection((IOS.address, lab.ssh_port), timeout=5) as visitor:
        assert visitor.recv(1) == b""


def test_a_login_can_stay_without_an_answer(serve: Serve) -> None:
    lab = serve(replace(IOS, faults=Faults(no_auth_answer=True)))

    with pytest.raises(Exception, match="Authentication timeout"), login(lab, IOS, auth_timeout=0.5):
        pass
    assert (lab.score(IOS.address).logins, lab.score(IOS.address).failed_logins) == (0, 0)


def test_a_session_can_stay_without_a_prompt(serve: Serve, visit: Visit) -> None:
    lab = serve(device := replace(IOS, faults=Faults(no_prompt=True)))
    shell = visit(lab, device)
    shell.send(b"\n\n")

    assert shell.nothing_comes(0.3)
    assert lab.score(IOS.address).logins == 1


def test_the_connection_breaks_within_an_answer(serve: Serve, visit: Visit) -> None:
    lab, shell = faulty(serve, visit, Faults(cut=("show inventory", 12)))
    shell.send(b"show inventory\n")

    assert shell.rest() == b'show inventory\r\nNAME: "1"\r\nP'
    assert lab.wait_sessions_closed()


def test_an_answer_can_be_endless(serve: Serve, visit: Visit) -> None:
    lab, shell = faulty(serve, visit, Faults(endless_output="show version"))
    shell.send(b"show version\n")

    for _ in range(2000):
        shell.until(b"line protocol is up\r\n")
    shell.close()
    assert lab.wait_sessions_closed()


def test_an_answer_can_drip(serve: Serve, visit: Visit) -> None:
    _, shell = faulty(serve, visit, Faults(drip=("show inventory", 0.001)))
    shell.send(b"show inventory\n")

    assert shell.until(b"sw1#").endswith(b"FOC2033ABCD\r\nsw1#")


def test_an_answer_can_hold_a_line_like_the_prompt(serve: Serve, visit: Visit) -> None:
    _, shell = faulty(serve, visit, Faults(prompt_inside="show inventory"))
    shell.send(b"show inventory\n")

    assert shell.until(b"FOC2033ABCD") == b'show inventory\r\nNAME: "1"\r\nsw1#\r\nPID: X , VID: V01 , SN: FOC2033ABCD'


def test_log_lines_come_between_the_lines_of_an_answer(serve: Serve, visit: Visit) -> None:
    _, shell = faulty(serve, visit, Faults(syslog=ALL))
    shell.send(b"show inventory\n")

    assert shell.until(b"sw1#").count(b"%LINK-3-UPDOWN") == 2


def test_a_command_can_be_denied(serve: Serve, visit: Visit) -> None:
    _, shell = faulty(serve, visit, Faults(denied=frozenset({"show inventory"})))
    shell.send(b"show inventory\n")

    assert shell.until(b"sw1#") == b"show inventory\r\n% Authorization failed.\r\n\r\nsw1#"


def test_a_message_of_the_day_may_look_like_anything(serve: Serve, visit: Visit) -> None:
    motd = b"\x1b[2J router# \xff\xfe\r\n"
    lab = serve(device := replace(IOS, faults=Faults(motd=motd)))

    assert visit(lab, device).until(b"sw1#") == motd + b"sw1#"


def test_a_device_takes_only_its_own_password(serve: Serve) -> None:
    lab = serve(device := replace(IOS, access=Access(ssh_password="another")))

    with pytest.raises(Exception, match="Authentication"), login(lab, device):
        pass
    assert lab.score(IOS.address).failed_logins == 1
