"""What can be made to go wrong on one simulated device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from tests.lab.ber import Oid

ENT_PHYSICAL_ENTRY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
GEN_ERR: Final = 5
ALL: Final = "*"
"""In place of a command: every one."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of one device; the default has none. A "row" is counted from 0 within each column of `table`."""

    table: Oid = ENT_PHYSICAL_ENTRY
    """The conceptual row object that the row faults below are about."""
    column: int | None = None
    """Only this column of `table`, where given; else all of them."""
    silent_after: int | None = None
    """Answer so many requests for data, then none."""
    silent_from: Oid | None = None
    """Never answer a request whose answer would hold this OID or a later one."""
    end_at_row: int | None = None
    """endOfMibView instead of this row."""
    error_at_row: int | None = None
    """`error_status` for any request that reaches this row."""
    error_status: int = GEN_ERR
    repeat_at_row: int | None = None
    """After this row comes the same row again, for ever."""
    cycle_rows: int | None = None
    """After so many rows the first comes again."""
    empty_bindings: bool = False
    """Every GETNEXT and GETBULK is answered with no bindings at all."""
    endless: bool = False
    """The column goes on for ever with increasing indexes."""
    max_repetitions: int | None = None
    """tooBig for a GETBULK that asks for more."""
    wrong_request_id: bool = False
    duplicate: bool = False
    """Every answer comes twice."""
    late_copy: float | None = None
    """A second copy of every answer, so many seconds later."""
    truncate: int = 0
    """Octets missing at the end of every answer."""
    delay: float = 0.0
    """Seconds before every SNMP answer."""
    reboot_after: int | None = None
    """After so many answers sysUpTime and snmpEngineTime start again and snmpEngineBoots goes up by one."""
    reply_from: str = ""
    """Another loopback address that the SNMP answers come from."""

    tcp_silent: bool = False
    """Accept the connection and never say a word."""
    tcp_close: bool = False
    """Accept the connection and close it at once, as a device whose lines are all busy does."""
    no_auth_answer: bool = False
    no_prompt: bool = False
    """Login works, then nothing is ever printed."""
    cut: tuple[str, int] | None = None
    """(command, n): the connection breaks after n octets of that command's answer."""
    endless_output: str = ""
    """The command whose answer never ends."""
    drip: tuple[str, float] | None = None
    """(command or ALL, seconds): its answer comes one octet at a time, so many seconds apart."""
    prompt_inside: str = ""
    """The command whose answer holds a line that looks like the prompt."""
    syslog: str = ""
    """The command (or ALL) whose answer has log lines in between."""
    denied: frozenset[str] = frozenset()
    """Commands refused for lack of privilege, in the words of the operating system."""
    pager_stuck: bool = False
    """Paging cannot be switched off."""
    command_delay: float = 0.0
    """Seconds before each answer."""
    new_host_key: bool = False
    """The device shows another SSH host key than the one `known_hosts` has."""
    motd: bytes = b""
    """What is printed between login and the first prompt."""


RowFault = Literal["end", "error", "repeat", "first", "beyond"]
NO_FAULTS: Final = Faults()
