"""One SSH session with a device, through netmiko: one login, the platform's commands, goodbye.

netmiko connects, logs in, switches paging off and learns the prompt in its own way for the platform's device
type; the answers are read by `shell`, which asks for more proof of an answer's end than a prompt. A watchdog
outside of the libraries aborts the socket when the device has had its time.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import netmiko
import paramiko  # type: ignore[import-untyped]  # it ships no types
from netmiko import exceptions as nm
from netmiko.base_connection import BaseConnection

from collectors import errors
from collectors.gate import Knock
from collectors.model import Answer, State
from collectors.platforms import Platform, by_cli
from collectors.transports import hostkeys
from collectors.transports.shell import Limits, Shell, hostname
from collectors.transports.ssh_errors import translate
from collectors.transports.ssh_watch import Greeting, Watch, watchdog

UNKNOWN_TYPE: Final = "terminal_server"
"""netmiko's device type without assumptions about prompt or paging."""
IDENTIFYING: Final = ("show version", "show inventory")
"""What a device of unknown platform is asked."""
DEFAULT_LIMITS: Final = Limits()
_LOGIN_PROMPT: Final = re.compile(r"(?:^|\n)\s*(?:user(?:name)?|login(?: as)?)\s*:\s*$", re.I)
_PASSWORD_PROMPT: Final = re.compile(r"password\s*:\s*$", re.I)
_PROMPT: Final = re.compile(r"\S.{0,120}[>#]$|^[>#]$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect: a resolved address that the scope allows, and the other names it is known by."""

    address: str
    port: int = 22
    names: tuple[str, ...] = ()

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names its key may stand under in known_hosts."""
        return (self.address, *self.names)


@dataclass(frozen=True, slots=True)
class Login:
    """A user and what opens the door; neither secret is ever shown."""

    user: str
    password: str = field(repr=False)
    enable: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """What one session learnt."""

    platform: str
    """"" where the device could not be told; `answers` then hold what it said."""
    banner: str
    """The SSH banner and all that was written before the first command."""
    prompt: str
    hostname: str
    answers: tuple[Answer, ...]
    syslog_lines: int = 0
    """Log messages taken out of the answers."""


def read_device(
    endpoint: Endpoint,
    login: Login,
    platform: Platform | None,
    *,
    known_hosts: hostkeys.KnownHosts,
    platforms: Mapping[str, Platform] = MappingProxyType({}),
    commands: Sequence[str] | None = None,
    legacy: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    stop: threading.Event | None = None,
    knock: Knock | None = None,
) -> Session:
    """Log in once, ask what the platform's allow-list holds (or *commands*, a part of it), log out. Blocks.

    Without a platform the device is told by its banner, `show version` and `show inventory`, in the same
    session. A *knock* is entered before the password is sent. Raises errors.CollectError until the prompt is learnt;
    later trouble is in the states of the answers.
    """
    sock = hostkeys.dial(endpoint.address, endpoint.port, limits.tcp)
    greeting = Greeting()
    undecided = knock.undecided if knock else lambda: False
    with watchdog(sock, limits.device, stop, undecided=undecided) as watch:
        try:
            connection = _connection(endpoint, login, platform, known_hosts, legacy, limits, sock, greeting)
            watch.connection = connection
            _log_in(connection, endpoint, known_hosts, knock)
            _prepare(connection, platform, login, limits)
            if knock and (platform or not login.enable):
                knock.let_in()  # of an unknown platform the enable secret is still to come
            prompt = _learn_prompt(connection, limits)
            session = _converse(
                watch, connection, platform, platforms, commands, prompt, login, limits, greeting, knock
            )
            return _explained(session, watch.why)
        except Exception as error:
            raise _translated(error, watch, endpoint, legacy=legacy) from error
        finally:
            greeting.closed_by_us = True
            if watch.connection is not None:
                _leave(watch.connection, wait=watch.in_step and not watch.why)


def _connection(
    endpoint: Endpoint,
    login: Login,
    platform: Platform | None,
    known_hosts: hostkeys.KnownHosts,
    legacy: bool,  # noqa: FBT001  # passed by position from one place
    limits: Limits,
    sock: socket.socket,
    greeting: io.BufferedIOBase,
) -> BaseConnection:
    return netmiko.ConnectHandler(
        device_type=platform.ssh.device_type if platform and platform.ssh else UNKNOWN_TYPE,
        host=endpoint.address,
        port=endpoint.port,
        username=login.user,
        password=login.password,
        secret=login.enable,
        use_keys=False,
        allow_agent=False,
        ssh_strict=True,
        disabled_algorithms=known_hosts.disabled(endpoint.key_names, endpoint.port, legacy=legacy),
        conn_timeout=limits.exchange,
        banner_timeout=limits.banner,
        auth_timeout=limits.auth,
        blocking_timeout=limits.command,
        read_timeout_override=limits.prompt,
        keepalive=10,
        sock=sock,
        session_log=greeting,
        auto_connect=False,
    )


def _log_in(
    connection: BaseConnection, endpoint: Endpoint, known_hosts: hostkeys.KnownHosts, knock: Knock | None
) -> None:
    then = knock.enter if knock else None
    connection.key_policy = hostkeys.Policy(known_hosts, endpoint.key_names, endpoint.port, then=then)
    connection.establish_connection()
    connection.write_channel(connection.RETURN)
    time.sleep(0.1)  # as netmiko does between the first return and its preparation


def _prepare(connection: BaseConnection, platform: Platform | None, login: Login, limits: Limits) -> None:
    """Prepare in netmiko's own way; a device type without one gets the platform's."""
    if connection.device_type != UNKNOWN_TYPE:
        connection.session_preparation()
        _enable(connection, platform, login)
        return
    shown = connection.read_channel_timing(last_read=1.0, read_timeout=limits.prompt)
    _second_login(connection, shown, login, limits)
    connection.set_base_prompt()
    _enable(connection, platform, login)
    if platform and platform.ssh and platform.ssh.paging:
        connection.disable_paging(command=platform.ssh.paging)


def _second_login(connection: BaseConnection, shown: str, login: Login, limits: Limits) -> None:
    """Some devices (AireOS) let any SSH user in and ask for the login inside: answered once, never again."""
    if not _LOGIN_PROMPT.search(shown):
        return
    connection.write_channel(login.user + connection.RETURN)
    connection.read_until_pattern(pattern=r"assword\s*:", read_timeout=limits.auth)
    connection.write_channel(login.password + connection.RETURN)
    shown = connection.read_channel_timing(last_read=1.0, read_timeout=limits.auth)
    if _LOGIN_PROMPT.search(shown) or _PASSWORD_PROMPT.search(shown):
        raise errors.AuthFailed("the device refused the login")


def _enable(connection: BaseConnection, platform: Platform | None, login: Login) -> None:
    """Ask for privileged mode once, where the platform has it, a secret is given and the prompt lacks it."""
    if not (login.enable and platform and platform.ssh and platform.ssh.enable):
        return
    if not connection.find_prompt().endswith(">"):
        return
    try:
        connection.enable(cmd="enable", enable_pattern="#", check_state=False)
    except (ValueError, nm.ReadException, nm.NetmikoTimeoutException) as error:
        raise errors.AuthFailed("the login works, but the device refused the enable secret") from error
    connection.set_base_prompt()


def _learn_prompt(connection: BaseConnection, limits: Limits) -> str:
    """The prompt that netmiko finds twice in a row: a slow message of the day cannot pose as one."""
    end = time.monotonic() + limits.prompt
    found = connection.find_prompt()
    while time.monotonic() < end:
        again = connection.find_prompt()
        if again == found and _PROMPT.search(found):
            return found
        found = again
    raise errors.Malformed(f"no steady prompt: it shows {found[:80]!r}")


def _converse(
    watch: Watch,
    connection: BaseConnection,
    platform: Platform | None,
    platforms: Mapping[str, Platform],
    commands: Sequence[str] | None,
    prompt: str,
    login: Login,
    limits: Limits,
    greeting: Greeting,
    knock: Knock | None,
) -> Session:
    banner = "\n".join(filter(None, (_ssh_banner(connection), greeting.text())))
    greeting.closed_by_us = True
    shell = Shell(_channel(connection), prompt, IDENTIFYING, limits)
    said: dict[str, Answer] = {}
    if platform is None:
        platform, said = _identify(shell, platforms, banner)
        if platform is None or platform.ssh is None:
            return _session(platform.name if platform else "", banner, shell, tuple(said.values()))
        shell = _turn_into(connection, platform, shell, login)
    if knock:
        knock.let_in()
    shell.allow = frozenset(platform.commands())
    answers = _asked(shell, platform, commands or platform.commands(), said, banner)
    if answers and answers[-1].state is State.COMPLETE and not shell.in_step():
        answers[-1] = replace(answers[-1], state=State.PARTIAL, reason="more text came after its prompt")
    watch.in_step = not shell.lost
    return _session(platform.name, banner, shell, tuple(_once_more(answers, shell)))


def _asked(
    shell: Shell, platform: Platform, commands: Sequence[str], said: Mapping[str, Answer], banner: str
) -> list[Answer]:
    """The answers to *commands*, without those that are for other models than what the device has told of itself."""
    answers: list[Answer] = []

    def told(earlier: str) -> str | None:
        heard = (answer for answer in answers if answer.command == earlier)
        return next((answer.text for answer in heard if answer.state in (State.COMPLETE, State.PARTIAL)), None)

    for command in commands:
        before = (banner, *(answer.text for answer in answers))
        if command not in shell.allow or (platform.wanted(command, before) and platform.due(command, told)):
            # what is not on the list is refused there, in the one place that sends
            answers.append(said.get(command) or shell.ask(command))
    return answers


def _identify(
    shell: Shell, platforms: Mapping[str, Platform], banner: str
) -> tuple[Platform | None, dict[str, Answer]]:
    """The platform by the banner, else by `show version`, else by the product ids of `show inventory`."""
    said: dict[str, Answer] = {}
    texts = [banner]
    for command in IDENTIFYING:
        if found := by_cli(platforms, texts):
            return found, said
        said[command] = shell.ask(command)
        texts.append(said[command].text if said[command].state in (State.COMPLETE, State.PARTIAL) else "")
    return by_cli(platforms, texts), said


def _turn_into(connection: BaseConnection, platform: Platform, shell: Shell, login: Login) -> Shell:
    """Go on in the same session as the platform's device type, prepared in netmiko's way."""
    assert platform.ssh is not None  # the caller looked
    if platform.ssh.device_type != UNKNOWN_TYPE:
        netmiko.redispatch(connection, platform.ssh.device_type)
        _enable(connection, platform, login)
    elif platform.ssh.paging:
        _enable(connection, platform, login)
        connection.disable_paging(command=platform.ssh.paging)
    return Shell(_channel(connection), _learn_prompt(connection, shell.limits), (), shell.limits, shell.syslog_lines)


def _once_more(answers: Sequence[Answer], shell: Shell) -> Iterator[Answer]:
    """An answer before which stray text came shows that the one before it was cut short."""
    for number, answer in enumerate(answers):
        follower = answers[number + 1] if number + 1 < len(answers) else None
        if follower and "out of step: text" in follower.reason and answer.state is State.COMPLETE:
            yield replace(answer, state=State.PARTIAL, reason="more text came after its prompt")
        else:
            yield answer


def _session(platform: str, banner: str, shell: Shell, answers: tuple[Answer, ...]) -> Session:
    return Session(platform, banner, shell.prompt, hostname(shell.prompt), answers, shell.syslog_lines)


def _channel(connection: BaseConnection) -> paramiko.Channel:
    channel = connection.remote_conn
    if not isinstance(channel, paramiko.Channel):
        raise errors.TimedOut("the session is gone")
    return channel


def _ssh_banner(connection: BaseConnection) -> str:
    transport = _channel(connection).get_transport()
    return (transport.get_banner() or b"").decode("utf-8", "replace")


def _leave(connection: BaseConnection, *, wait: bool) -> None:
    """Say goodbye, give the device a moment to hang up, and close: an open line fills the device's vty."""
    with contextlib.suppress(Exception):  # whatever happens here, the answers are in
        channel = connection.remote_conn
        if isinstance(channel, paramiko.Channel):
            end = time.monotonic() + 1.0
            channel.settimeout(1.0)
            channel.sendall(b"exit\n")
            while wait and time.monotonic() < end and channel.recv(65536):
                pass
    with contextlib.suppress(Exception):
        if connection.remote_conn is not None:
            connection.remote_conn.close()  # so that netmiko's goodbye cannot wait on a dead session
    connection.disconnect()


def _translated(
    error: Exception, watch: Watch, endpoint: Endpoint, *, legacy: bool
) -> errors.CollectError | errors.ConfigError:
    if isinstance(error, errors.ConfigError):
        return error
    if watch.why:
        return errors.TimedOut(watch.why)
    ours = translate(error)
    if isinstance(ours, errors.CryptoMismatch):
        return errors.CryptoMismatch(hostkeys.mismatch(endpoint.address, endpoint.port, legacy=legacy))
    return ours


def _explained(session: Session, why: str) -> Session:
    """The watchdog's words in place of the library's, where it cut the session."""
    if not why:
        return session
    cut = (State.PARTIAL, State.FAILED)
    answers = (replace(a, reason=why) if a.state in cut else a for a in session.answers)
    return replace(session, answers=tuple(answers))
