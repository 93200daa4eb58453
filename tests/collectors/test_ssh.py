from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import netmiko.exceptions
import pytest

from collectors import errors
from collectors.model import Answer, State
from collectors.platforms import CliCommand, Platform, Ssh, load
from collectors.transports import ssh, ssh_errors
from collectors.transports.hostkeys import KnownHosts, scan_host_key
from collectors.transports.shell import Limits, without_syslog
from tests.lab import NO_FAULTS, Access, Device, Faults, Lab, cli_device, known_hosts_line, running_lab

ACCESS = Access()
LOGIN = ssh.Login(ACCESS.ssh_user, ACCESS.ssh_password)
VERSION = "Cisco IOS Software, C2960 Software, Version 15.0(2)SE11, RELEASE SOFTWARE\nsw1 uptime is 1 day\n"
INVENTORY = 'NAME: "1", DESCR: "WS-C2960-24TT-L"\nPID: WS-C2960-24TT-L  , VID: V02  , SN: FOC1234A0B1\n'
ANSWERS = {"show version": VERSION, "show inventory": INVENTORY}
ASKED = ("show version", "show inventory")
QUICK = Limits(tcp=2, banner=1, exchange=4, auth=1, prompt=2, command=2, quiet=0.1, device=20)
IOS = Platform(
    name="cisco_ios",
    vendor="cisco",
    title="IOS",
    ssh=Ssh(
        device_type="cisco_ios",
        enable=True,
        command=tuple(CliCommand(section="inventory", send=line, reader="records") for line in ASKED),
    ),
)
Start = Callable[..., Lab]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a lab of one device; its known_hosts line is what `read` trusts."""
    running: list[tuple[object, Lab]] = []

    def begin(device: Device) -> Lab:
        context = running_lab([device], snmp_port=0, ssh_port=0)
        lab = context.__enter__()
        running.append((context, lab))
        return lab

    yield begin
    for context, _ in running:
        context.__exit__(None, None, None)  # type: ignore[attr-defined]  # a context manager has it


def switch(address: str, faults: Faults = NO_FAULTS, **more: object) -> Device:
    device = cli_device("cisco_ios", ANSWERS, address, hostname="sw1")
    return replace(device, faults=faults, **more)  # type: ignore[arg-type]  # fields of Device by name


def read(
    lab: Lab,
    tmp_path: Path,
    *,
    login: ssh.Login = LOGIN,
    platform: Platform | None = IOS,
    limits: Limits = QUICK,
    trust: bool = True,
    learn: bool = False,
    **more: object,
) -> ssh.Session:
    (device,) = lab.devices.values()
    path = tmp_path / "known_hosts"
    if trust:
        path.write_text(known_hosts_line(device, lab.ssh_port) + "\n")
    return ssh.read_device(
        ssh.Endpoint(device.address, lab.ssh_port),
        login,
        platform,
        known_hosts=KnownHosts(path, learn=learn),
        limits=limits,
        **more,  # type: ignore[arg-type]  # options of read_device by name
    )


def score(lab: Lab) -> tuple[int, int]:
    (address,) = lab.devices
    seen = lab.score(address)
    return seen.logins, seen.failed_logins


def test_one_login_asks_the_allow_list_and_leaves(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.1"))
    session = read(lab, tmp_path)
    assert session.answers == tuple(Answer(line, ANSWERS[line], State.COMPLETE) for line in ASKED)
    assert (session.platform, session.prompt, session.hostname) == ("cisco_ios", "sw1#", "sw1")
    assert lab.wait_sessions_closed()
    assert score(lab) == (1, 0)
    assert lab.score("127.30.1.1").commands[-1] == "exit"


def test_a_wrong_password_is_tried_once(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.2"))
    with pytest.raises(errors.AuthFailed):
        read(lab, tmp_path, login=ssh.Login(ACCESS.ssh_user, "not-it"))
    assert score(lab) == (0, 1)


@pytest.mark.parametrize(
    ("faults", "trust"), [(Faults(), False), (Faults(new_host_key=True), True)], ids=["unknown", "changed"]
)
def test_no_password_goes_to_a_key_that_is_not_on_file(
    start: Start, tmp_path: Path, faults: Faults, trust: bool
) -> None:
    lab = start(switch("127.30.1.3", faults))
    with pytest.raises(errors.HostKey, match="no password was sent"):
        read(lab, tmp_path, trust=trust)
    assert score(lab) == (0, 0)


def test_trust_on_first_use_learns_a_key_and_then_holds_to_it(start: Start, tmp_path: Path) -> None:
    device = switch("127.30.1.4")
    lab = start(device)
    read(lab, tmp_path, trust=False, learn=True)
    assert (tmp_path / "known_hosts").read_text().split() == known_hosts_line(device, lab.ssh_port).split()[:3]
    lab.replace(replace(device, faults=Faults(new_host_key=True)))
    with pytest.raises(errors.HostKey, match="has changed"):
        read(lab, tmp_path, trust=False, learn=True)
    assert score(lab) == (1, 0)


def test_a_key_scan_needs_no_login(start: Start) -> None:
    device = switch("127.30.1.5")
    lab = start(device)
    shown = scan_host_key(device.address, lab.ssh_port)
    assert shown.line.split() == known_hosts_line(device, lab.ssh_port).split()[:3]
    assert (shown.type, shown.fingerprint[:7]) == ("ssh-ed25519", "SHA256:")
    assert score(lab) == (0, 0)


def test_old_algorithms_are_refused_by_name_and_used_where_the_target_allows_them(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.6", old_algorithms=True, key="rsa"))
    with pytest.raises(errors.CryptoMismatch, match=r"device offers key exchange: .*diffie-hellman-group14-sha1"):
        read(lab, tmp_path)
    assert score(lab) == (0, 0)
    assert [answer.state for answer in read(lab, tmp_path, legacy=True).answers] == [State.COMPLETE] * 2


def test_a_line_off_the_allow_list_is_never_sent(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.7"))
    with pytest.raises(errors.ConfigError, match="not on the allow-list"):
        read(lab, tmp_path, commands=("show version", "show running-config"))
    assert "show running-config" not in lab.score("127.30.1.7").commands
    assert lab.wait_sessions_closed()


def test_a_prompt_inside_an_answer_does_not_end_it(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.8", Faults(prompt_inside="show inventory")))
    first, newline, second = INVENTORY.partition("\n")
    assert read(lab, tmp_path).answers[1] == Answer("show inventory", f"{first}{newline}sw1#\n{second}", State.COMPLETE)


def test_log_lines_in_an_answer_are_taken_out_and_counted(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.9", Faults(syslog="show inventory")))
    session = read(lab, tmp_path)
    assert session.answers[1] == Answer("show inventory", INVENTORY, State.COMPLETE)
    assert session.syslog_lines == 2


def test_a_record_is_not_thrown_away_with_the_log_message_that_broke_into_it() -> None:
    text = "PID: C9300-NM-8X , VID: V01 , SN: FOC2201X001*Nov 21 11:21:34: %SYS-5-CONFIG_I: Configured\n"
    assert without_syslog(text) == (text, 0)


def test_an_answer_one_octet_at_a_time_is_whole(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.10", Faults(drip=("show inventory", 0.001))))
    assert read(lab, tmp_path).answers[1] == Answer("show inventory", INVENTORY, State.COMPLETE)


@pytest.mark.parametrize("octets", [0, 1, 40, len(INVENTORY)])
def test_a_cut_answer_is_partial_and_what_follows_was_not_read(start: Start, tmp_path: Path, octets: int) -> None:
    lab = start(switch("127.30.1.11", Faults(cut=("show version", octets))))
    first, second = read(lab, tmp_path).answers
    assert (first.state, second.state) == (State.PARTIAL, State.FAILED)
    assert VERSION.startswith(first.text.rstrip("\n"))


def test_an_endless_answer_is_capped(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.12", Faults(endless_output="show inventory")))
    answer = read(lab, tmp_path, limits=replace(QUICK, answer_bytes=200_000, command=20)).answers[1]
    assert (answer.state, answer.reason) == (State.PARTIAL, "cut at 200000 bytes")
    assert len(answer.text) <= 200_000


def test_an_answer_that_drips_for_ever_ends_with_the_device_s_time(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.13", Faults(endless_output="show inventory")))
    limits = replace(QUICK, answer_bytes=10**12, command=600, device=3)
    answer = read(lab, tmp_path, limits=limits).answers[1]
    assert (answer.state, answer.reason) == (State.PARTIAL, "the device took longer than 3 s")


def test_pages_are_answered_where_paging_cannot_be_switched_off(start: Start, tmp_path: Path) -> None:
    text = "".join(f'NAME: "{n}", DESCR: "part {n}"\nPID: P-{n} , VID: V01, SN: FOC1234{n:04}\n\n' for n in range(40))
    device = replace(
        switch("127.30.1.14", Faults(pager_stuck=True)),
        cli=cli_device("cisco_ios", {**ANSWERS, "show inventory": text}, "127.30.1.14").cli,
    )
    lab = start(device)
    assert read(lab, tmp_path).answers[1] == Answer("show inventory", text, State.COMPLETE)
    few = read(lab, tmp_path, limits=replace(QUICK, pages=2)).answers[1]
    assert (few.state, few.reason) == (State.PARTIAL, "more than 2 pages")


def test_refusals_are_told_apart(start: Start, tmp_path: Path) -> None:
    device = switch("127.30.1.15", Faults(denied=frozenset({"show version"})))
    lab = start(replace(device, cli=replace(device.cli, answers={"show version": VERSION})))  # type: ignore[type-var]  # it has one
    assert [(a.state, a.reason) for a in read(lab, tmp_path).answers] == [
        (State.DENIED, "% Authorization failed."),
        (State.UNSUPPORTED, "% Invalid input detected at '^' marker."),
    ]


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(tcp_silent=True), errors.TimedOut),
        (Faults(tcp_close=True), errors.Refused),
        (Faults(no_auth_answer=True), errors.AuthTimedOut),
    ],
    ids=["silent", "busy", "no answer to the login"],
)
def test_a_session_that_never_begins_is_named(
    start: Start, tmp_path: Path, faults: Faults, error: type[Exception]
) -> None:
    lab = start(switch("127.30.1.16", faults))
    with pytest.raises(error):
        read(lab, tmp_path)


def test_a_device_without_prompt_costs_its_time_and_no_more(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.17", Faults(no_prompt=True)))
    with pytest.raises(errors.TimedOut, match="longer than 2 s"):
        read(lab, tmp_path, limits=replace(QUICK, device=2))
    assert lab.wait_sessions_closed()


def test_a_stopped_run_leaves_at_once(start: Start, tmp_path: Path) -> None:
    lab = start(switch("127.30.1.18", Faults(no_prompt=True)))
    stop = threading.Event()
    stop.set()
    with pytest.raises(errors.TimedOut, match="stopped"):
        read(lab, tmp_path, stop=stop)
    assert lab.wait_sessions_closed()


def test_a_closed_port_is_refused(tmp_path: Path) -> None:
    with running_lab([], snmp_port=0, ssh_port=0), pytest.raises(errors.Refused):
        ssh.read_device(
            ssh.Endpoint("127.30.1.19", 9),
            LOGIN,
            IOS,
            known_hosts=KnownHosts(tmp_path / "none"),
            limits=QUICK,
        )


@pytest.mark.parametrize(
    "motd", [b"#### keep out ####\r\n# > $\r\n" * 20, b"\x1b[2J\x1b[1;31msw9#\xff\xfe> \x1b[0m\r\n"]
)
def test_a_message_of_the_day_cannot_pose_as_the_prompt(start: Start, tmp_path: Path, motd: bytes) -> None:
    lab = start(switch("127.30.1.20", Faults(motd=motd)))
    session = read(lab, tmp_path)
    assert session.prompt == "sw1#"
    assert [answer.state for answer in session.answers] == [State.COMPLETE] * 2


def test_enable_is_asked_for_once_and_only_with_a_secret(start: Start, tmp_path: Path) -> None:
    device = switch("127.30.1.21")
    lab = start(replace(device, cli=replace(device.cli, enabled=False)))  # type: ignore[type-var]  # it has one
    assert read(lab, tmp_path).prompt == "sw1>"
    assert "enable" not in lab.score("127.30.1.21").commands
    assert read(lab, tmp_path, login=replace(LOGIN, enable=ACCESS.enable)).prompt == "sw1#"
    with pytest.raises(errors.AuthFailed, match="enable"):
        read(lab, tmp_path, login=replace(LOGIN, enable="wrong"), limits=replace(QUICK, device=40))
    seen = lab.score("127.30.1.21")
    assert (seen.enables, seen.failed_enables) == (1, 1)


@pytest.mark.parametrize(
    ("platform", "answers"),
    [
        ("cisco_ios", ANSWERS),
        ("cisco_ios", {"show inventory": INVENTORY}),
        (
            "cisco_nxos",
            {"show inventory": 'NAME: "Chassis",  DESCR: "Nexus"\nPID: N9K-C93180YC ,  SN: FDO22360AAA\n'},
        ),
        ("cisco_xr", {"show version": "Cisco IOS XR Software, Version 7.5.2\n", "show inventory": "x\n"}),
        (
            "cisco_asa",
            {"show inventory": 'Name: "Chassis", DESCR: "ASA 5516-X"\nPID: ASA5516 , SN: JMX2211AAAA\n'},
        ),
    ],
)
def test_an_unknown_device_is_told_and_read_in_one_login(
    start: Start, tmp_path: Path, platform: str, answers: dict[str, str]
) -> None:
    lab = start(cli_device(platform, answers, "127.30.1.22", hostname="box1"))
    session = read(lab, tmp_path, platform=None, platforms=load())
    assert session.platform == platform
    texts = {a.command: a.text for a in session.answers if a.state is State.COMPLETE}
    assert {command: text.split("UTC\n")[-1] for command, text in texts.items()} == answers  # XR stamps its answers
    assert score(lab) == (1, 0)
    commands = lab.score("127.30.1.22").commands
    assert all(commands.count(line) <= 1 for line in ASKED)


def test_every_exception_of_netmiko_becomes_one_of_ours() -> None:
    public = [
        kind for _, kind in inspect.getmembers(netmiko.exceptions, inspect.isclass) if issubclass(kind, Exception)
    ]
    assert public
    assert [kind for kind in public if not any(issubclass(kind, key) for key in ssh_errors.ERRORS)] == []
    assert isinstance(ssh_errors.translate(netmiko.exceptions.NetmikoAuthenticationException("no")), errors.AuthFailed)
    assert isinstance(ssh_errors.translate(netmiko.exceptions.ReadTimeout("no")), errors.TimedOut)


def test_secrets_are_not_in_the_login_s_text() -> None:
    assert "hunter2" not in repr(ssh.Login("audit", "hunter2", "hunter2"))
