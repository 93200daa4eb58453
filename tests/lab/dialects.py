# ruff: noqa: E501 - rows of tables and lines of device output read better whole
"""How the operating systems talk: prompts, refusals, paging. Facts of format only, words as short as theirs.

What a DCP says to a command it does not know is not public; its refusal here is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Prompt = Callable[[str, str, bool], str]
"""(host name, user, privileged) to prompt."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One operating system's manners. Lines of text end in LF; the shell turns them into CRLF."""

    prompt: Prompt
    reject: Callable[[int], str]
    """The refusal of a line, given how many columns the prompt and the line's first word take."""
    denied: str
    log_line: str
    pager: str = " --More-- "
    pages: bool = True
    """Whether long answers stop at a pager until paging is switched off."""
    paging_off: frozenset[str] = frozenset({"terminal length 0"})
    silent: frozenset[str] = frozenset({"terminal width 511", "terminal no monitor"})
    """Accepted, nothing printed."""
    leave: frozenset[str] = frozenset({"exit", "quit", "logout"})
    bad_enable: str = "% Access denied\n"
    stamp: str = ""
    """Printed before every answer."""
    configure: frozenset[str] = frozenset()
    """Lines that enter configuration mode (`end` and `exit` leave it)."""
    own: tuple[tuple[str, str], ...] = ()
    """Answers every device of the system gives."""


def _caret(words: str) -> Callable[[int], str]:
    return lambda column: f"{' ' * column}^\n{words}\n\n"


DIALECTS: Final = {
    "ios": Dialect(
        prompt=lambda host, user, privileged: f"{host}{'#' if privileged else '>'}",
        reject=_caret("% Invalid input detected at '^' marker."),
        denied="% Authorization failed.\n\n",
        log_line="*Nov 20 10:15:02.123: %LINK-3-UPDOWN: Interface GigabitEthernet1/0/7, changed state to up",
    ),
    "nxos": Dialect(
        prompt=lambda host, user, privileged: f"{host}# ",
        reject=_caret("% Invalid command at '^' marker."),
        denied="% Permission denied for the role\n",
        log_line="2026 Nov 20 10:15:02 switch %ETHPORT-5-IF_UP: Interface Ethernet1/7 is up in mode trunk",
        pager="--More--",
    ),
    "xr": Dialect(
        prompt=lambda host, user, privileged: f"RP/0/RSP0/CPU0:{host}#",
        reject=_caret("% Invalid input detected at '^' marker."),
        denied="% This command is not authorized\n",
        log_line="RP/0/RSP0/CPU0:Nov 20 10:15:02.123 UTC: ifmgr[155]: %PKT_INFRA-LINK-3-UPDOWN : Interface Gi0/0/0/7, up",
        pager=" --More-- ",
        stamp="Fri Nov 20 10:15:02.123 UTC\n",
    ),
    "asa": Dialect(
        prompt=lambda host, user, privileged: f"{host}{'#' if privileged else '>'} ",
        reject=lambda column: f"{' ' * column}^\nERROR: % Invalid input detected at '^' marker.\n",
        denied="ERROR: Command authorization failed\n",
        log_line="%ASA-5-111008: User 'enable_15' executed the 'logging monitor' command.",
        pager="<--- More --->",
        paging_off=frozenset({"terminal pager 0", "terminal pager lines 0"}),
        bad_enable="Invalid password\n",
        configure=frozenset({"configure terminal"}),
        own=(("show curpriv", "Username : audit\nCurrent privilege level : 15\nCurrent Mode/s : P_PRIV\n"),),
    ),
    "eos": Dialect(
        prompt=lambda host, user, privileged: f"{host}{'#' if privileged else '>'}",
        reject=lambda column: "% Invalid input\n",
        denied="% Authorization denied for command\n",
        log_line="Nov 20 10:15:02 leaf Ebra: %LINEPROTO-5-UPDOWN: Line protocol on Interface Ethernet7, changed state to up",
        pages=False,
        paging_off=frozenset(),
        silent=frozenset(),
        own=(("terminal width 511", "Width set to 511 columns.\n"), ("terminal length 0", "Pagination disabled.\n")),
    ),
    "aireos": Dialect(
        prompt=lambda host, user, privileged: f"({host}) >",
        reject=lambda column: "\nIncorrect usage.  Use the '?' or <TAB> key to list commands.\n\n",
        denied="\nIncorrect usage.  Use the '?' or <TAB> key to list commands.\n\n",
        log_line="*spamApTask1: Nov 20 10:15:02.123: %CAPWAP-6-AP_UP: AP joined",
        pages=False,
        paging_off=frozenset(),
        silent=frozenset(),
    ),
    "sb": Dialect(
        prompt=lambda host, user, privileged: f"{host}#",
        reject=lambda column: "% Unrecognized command\n",
        denied="% Not authorized\n",
        log_line="20-Nov-2030 10:15:02 %LINK-I-Up:  gi1/0/7",
        pager="More: <space>,  Quit: q or CTRL+Z, One line: <return> ",
        paging_off=frozenset({"terminal datadump"}),
        silent=frozenset(),
    ),
    "ftd": Dialect(
        prompt=lambda host, user, privileged: "> ",
        reject=lambda column: "Syntax error: Illegal command line\n",
        denied="ERROR: Command authorization failed\n",
        log_line="%FTD-5-111008: User 'audit' executed the 'show version' command.",
        pager="<--- More --->",
        pages=False,
        paging_off=frozenset(),
        silent=frozenset(),
        bad_enable="",
    ),
    "dcp": Dialect(
        prompt=lambda host, user, privileged: f"{user}@{host}> ",
        reject=lambda column: "Error: unknown command\n",
        denied="Error: permission denied\n",
        log_line="ALARM minor if-1/1/1 loss of signal raised",
        pager="--More-- Press any key",
        pages=False,
        paging_off=frozenset(),
        silent=frozenset(),
    ),
}


def setup_lines(dialect: Dialect) -> frozenset[str]:
    """Lines that are no question to the device: paging, width, enabling, leaving."""
    own = (command for command, _ in dialect.own)
    netmiko = ("terminal length 0", "terminal width 511")
    return frozenset({"", "enable", *netmiko, *own}) | dialect.paging_off | dialect.silent | dialect.leave
