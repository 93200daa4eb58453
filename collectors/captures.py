"""What is kept of a device's own words: the answers of the allow-list, as evidence and for a bug report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from collectors.model import IDENTITY, Answer, Capture, State
from collectors.oids import Oid, Walk
from collectors.platforms import Platform
from collectors.recordings import snmprec

BANNER: Final = "login banner"
PROMPT: Final = "prompt"
OBJECTS: Final = "snmp objects"
"""The names of captures that are no command's answer; they are made for recordings only."""
_SECRET: Final = re.compile(
    r"(?i)\b(password|secret|community|passphrase|pre-shared-key|psk|id-?token|token|private[- ]key|key-string)"
    r"(\s*[:=]?\s+|[:=])(?:\d{1,2}\s+)?\S.*"
)
_KEY_WORDS: Final = re.compile(r"(?i)(?<=activation key)[ \t]*:?(?:[ \t]*0x[0-9a-f]+)+")
"""An ASA's activation key: five words that unlock what was bought."""
_SAID_NOTHING: Final = (State.UNSUPPORTED, State.NOT_ATTEMPTED)


def of_answers(platform: Platform, answers: Sequence[Answer], via: str) -> tuple[Capture, ...]:
    """The answers as captures of their sections; a command the device does not have leaves none."""
    sections = {command.send: command.section for command in platform.ssh.command} if platform.ssh else {}
    return tuple(
        Capture(sections.get(answer.command, IDENTITY), answer.command, scrubbed(answer.text), answer.state, via)
        for answer in answers
        if answer.state not in _SAID_NOTHING
    )


def of_session(banner: str, prompt: str, answers: Sequence[Answer], via: str) -> tuple[Capture, ...]:
    """All that a session showed, for a recording: banner, prompt, and every answer, also the refusals."""
    told = ((BANNER, scrubbed(banner), State.COMPLETE), (PROMPT, prompt, State.COMPLETE))
    said = ((answer.command, scrubbed(answer.text), answer.state) for answer in answers)
    return tuple(Capture(IDENTITY, name, text, state, via) for name, text, state in (*told, *said))


def of_walks(walks: Mapping[str, Walk], asked: Mapping[str, Sequence[Oid]], via: str) -> tuple[Capture, ...]:
    """The objects of all walks as one capture, for a recording; *asked* names the objects of each reader."""
    worst = next((walk.state for walk in walks.values() if walk.state is not State.COMPLETE), State.COMPLETE)
    return (Capture(IDENTITY, OBJECTS, snmprec(walks, asked), worst, via),)


def scrubbed(text: str) -> str:
    """*text* without what could be a secret. No command of ours shows one; a message of the day might.

    >>> scrubbed("snmp-server community public RO")
    'snmp-server community <removed>'
    >>> scrubbed("Running Permanent Activation Key: 0x6625d44d 0x30f36aaf")
    'Running Permanent Activation Key: 0x00000000 0x00000000'
    """
    text = _KEY_WORDS.sub(lambda words: re.sub(r"(?i)(?<=0x)[0-9a-f]+", lambda m: "0" * len(m[0]), words[0]), text)
    return _SECRET.sub(r"\1\2<removed>", text)
