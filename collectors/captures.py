"""What is kept of a device's own words: the answers of the allow-list, as evidence and for a bug report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from collectors.model import IDENTITY, Answer, Capture, State
from collectors.platforms import Platform

_SECRET: Final = re.compile(
    r"(?i)\b(password|secret|community|passphrase|pre-shared-key|psk|id-?token|token|private[- ]key|key-string)"
    r"(\s*[:=]?\s+|[:=])(?:\d{1,2}\s+)?\S.*"
)
_SAID_NOTHING: Final = (State.UNSUPPORTED, State.NOT_ATTEMPTED)


def of_answers(platform: Platform, answers: Sequence[Answer], via: str) -> tuple[Capture, ...]:
    """The answers as captures of their sections; a command the device does not have leaves none."""
    sections = {command.send: command.section for command in platform.ssh.command} if platform.ssh else {}
    return tuple(
        Capture(sections.get(answer.command, IDENTITY), answer.command, scrubbed(answer.text), answer.state, via)
        for answer in answers
        if answer.state not in _SAID_NOTHING
    )


def scrubbed(text: str) -> str:
    """*text* without what could be a secret. No command of ours shows one; a message of the day might.

    >>> scrubbed("snmp-server community public RO")
    'snmp-server community <removed>'
    """
    return _SECRET.sub(r"\1\2<removed>", text)
