"""A terminal log cut into what was asked and what came back.

Three forms hold answers: a session with prompts (``core1#show inventory``), the sections of `show tech` under rulers
(``------------------ show version ------------------``), and a file with one command's bare output. A prompt counts
as one only where the log shows a `show` command behind it. An answer is complete only where the very same prompt
follows it, or, under a ruler, the next ruler; a bare answer never is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from collectors.model import Answer, State
from collectors.saved.commands import spelled
from collectors.transports.shell import hostname, judge, screen, without_pages, without_syslog

_PROMPT: Final = re.compile(
    r"(?P<prompt>(?:[\w.-]+@)?(?:(?:RP|LC)/[\w/]+:)?[A-Za-z0-9][\w.:~-]*(?:/[\w./-]+)?(?:\([\w./ -]+\))*[#>]"
    r"|[\w.-]+@[\w.\[\]()~-]+[#>]"  # a DCP's name may hold brackets
    r"|\([\w .-]{1,40}\) ?>|>)[ \t]*(?P<line>.*)"  # AireOS stands in brackets, Threat Defense has no name
)
_SHOW: Final = re.compile(r"(?:do +)?(?:adm\w* +)?sho?w? +\S", re.I)
_RULER: Final = re.compile(r"-{4,} ?(?P<dashed>show [^\n-][^\n]*?) ?-{4,}[ \t]*|`(?P<ticked>show [^`\n]+)`[ \t]*", re.I)
_MODE: Final = re.compile(r"(?:\([\w./ -]+\))+(?=[#>]$)")
_WHOLE_PIPE: Final = re.compile(r" *\| *(?:no-?more|json(?:-pretty)?) *$", re.I)
_AFTERMATH: Final = re.compile(
    r"\s*(?:=~=~.*|Script done.*|(?:Shared )?[Cc]onnection to .* closed.*|.*[Cc]onnection closed.*"
    r"|[\w.-]+@[\w.-]+:.*[$#].*)?"
)
_STAMP: Final = re.compile(
    r"^(?:\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?|\[\d\d:\d\d:\d\d(?:[.,]\d+)?\]) ?",
    re.M,
)
"""A time that a terminal program put before each line."""
_MOST: Final = 0.9
_BANNER: Final = 8192
_TORN: Final = re.compile(r"^(?!.*(?:AOC|A?CU|DAC)\d).*\b[A-Z]{3}\d{4}[A-Z0-9]{4}[ \t\"]*$")


@dataclass(frozen=True, slots=True)
class Log:
    """What one file of a terminal's words holds."""

    hostnames: tuple[str, ...] = ()
    """Every host whose prompt asked something on the allow-list, or whose prompts are there at all."""
    banner: str = ""
    """What stood before the first prompt."""
    answers: tuple[Answer, ...] = ()
    """Answers to commands of the allow-list, spelled out."""
    others: tuple[str, ...] = ()
    """Commands that were asked besides."""


def clean(text: str) -> str:
    """*text* as a terminal would have shown it, without the pager's words and the device's log messages."""
    return without_syslog(without_pages(_unstamped(screen(text))))[0]


def read_log(text: str, allowed: Collection[str]) -> Log | None:
    """The answers in a log with prompts or rulers, or None where it has neither. *text* is `clean`."""
    lines = text.split("\n")
    prompts = _prompts(lines)
    spans = list(_spans(lines, prompts))
    if not spans:
        return None
    read = [_answer(span, allowed) for span in spans]
    asked = [(span, answer) for span, answer in zip(spans, read, strict=True) if answer]
    hosts = {name.casefold(): name for span, _ in asked if (name := _host(span.prompt))}
    hosts = hosts or {name.casefold(): name for prompt in sorted(prompts) if (name := _host(prompt))}
    return Log(
        hostnames=tuple(hosts.values()),
        banner=_greeting(lines, prompts)[-_BANNER:],
        answers=tuple(answer for _, answer in asked),
        others=tuple(dict.fromkeys(span.command for span, answer in zip(spans, read, strict=True) if not answer)),
    )


def _unstamped(text: str) -> str:
    """*text* without the times before its lines, where nearly every line has one."""
    said = sum(1 for line in text.split("\n") if line.strip())
    return _STAMP.sub("", text) if len(_STAMP.findall(text)) > _MOST * said else text


def bare(text: str, command: str) -> Answer:
    """The whole of *text* as an answer whose end nothing proves; a last line that was torn off is left out."""
    first, newline, rest = text.lstrip("\n").partition("\n")
    body = rest if newline and spelled(first, (command,)) else text
    answer = judge(command, whole_lines(body))
    if answer.state is State.COMPLETE:
        return replace(answer, state=State.PARTIAL, reason="a saved answer without the prompt after it")
    return answer


def whole_lines(text: str) -> str:
    """*text* without a last line that has no end, unless it ends in a serial of Cisco's full shape (LLLYYWWSSSS).

    A file may have been cut anywhere, and a serial without its last letters is another serial. A cable's is left out
    in any shape: the mark of its end (``-A``) may be what was torn off.
    """
    body, newline, last = text.rpartition("\n")
    return text if not last.strip() or _TORN.search(last) else body + newline


@dataclass(frozen=True, slots=True)
class _Span:
    """One command's lines, and why their end proves nothing."""

    prompt: str
    """"" under a ruler."""
    command: str
    text: str
    doubt: str


def _prompts(lines: Sequence[str]) -> frozenset[str]:
    """The prompts behind which the log shows a `show` command."""
    found = (_PROMPT.fullmatch(line) for line in lines)
    return frozenset(match["prompt"] for match in found if match and _SHOW.match(match["line"]))


def _at_prompt(line: str, prompts: Collection[str]) -> tuple[str, str] | None:
    """The prompt that *line* begins with and what was typed, for the known prompts and other modes of their hosts."""
    match = _PROMPT.fullmatch(line)
    if match is None:
        return None
    prompt = match["prompt"]
    if prompt in prompts or any(_MODE.sub("", prompt)[:-1] == _MODE.sub("", known)[:-1] for known in prompts):
        return prompt, match["line"].strip()
    return None


def _spans(lines: Sequence[str], prompts: frozenset[str]) -> Iterator[_Span]:
    """Every command with its answer. Text behind an empty prompt shows that the answer before it was cut."""
    marks = list(_marks(lines, prompts))
    for number, (at, prompt, command) in enumerate(marks):
        if not command:
            continue
        end, follower, typed = marks[number + 1] if number + 1 < len(marks) else (len(lines), "", "")
        text = "\n".join(lines[at + 1 : end]) + ("\n" if end < len(lines) else "")
        later = marks[number + 2][0] if number + 2 < len(marks) else len(lines)
        if end == len(lines):
            doubt, text = "the file ends before its prompt", whole_lines(text)
        elif follower != prompt:
            doubt = "another prompt follows" if prompt else "no further section follows"
        elif prompt and not typed and _strays(lines[end + 1 : later]):
            doubt = "more text came after its prompt"
        else:
            doubt = ""
        yield _Span(prompt, command, text, doubt)


def _marks(lines: Sequence[str], prompts: frozenset[str]) -> Iterator[tuple[int, str, str]]:
    """(line, prompt, command) where a command is asked or a prompt waits; a ruler has no prompt and a command."""
    for number, line in enumerate(lines):
        if ruler := _RULER.fullmatch(line):
            yield number, "", (ruler["dashed"] or ruler["ticked"]).strip()
        elif found := _at_prompt(line, prompts):
            yield number, *found


def _strays(lines: Sequence[str]) -> bool:
    return any(not _AFTERMATH.fullmatch(line) for line in lines)


def _answer(span: _Span, allowed: Collection[str]) -> Answer | None:
    """The answer to a command of the allow-list, None for any other."""
    asked = _WHOLE_PIPE.sub("", re.sub(r"^do +", "", span.command, flags=re.I))
    command = spelled(asked, allowed)
    if command is None:
        return None
    answer = judge(command, span.text)
    if span.doubt and answer.state in (State.COMPLETE, State.PARTIAL):
        return replace(answer, state=State.PARTIAL, reason=span.doubt)
    return answer


def _host(prompt: str) -> str:
    return _MODE.sub("", hostname(_MODE.sub("", prompt))) if prompt else ""


def _greeting(lines: Sequence[str], prompts: frozenset[str]) -> str:
    """What came before the first question; a message of the day may hold a line like the prompt."""
    first = next((number for number, _, command in _marks(lines, prompts) if command), 0)
    return "\n".join(lines[:first])
