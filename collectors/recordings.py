"""Answers written down so that they can be read again: a terminal session, and the objects of an agent.

The session is what a terminal log would have held. The objects are ``OID|TYPE|VALUE`` lines (snmpsim's form); which
columns were read to their end stands behind them, so that a recording that was cut proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collectors.model import Answer, State
from collectors.oids import Oid, Value, Walk, dotted

SELECTED: Final = "# selected objects; those read to their end are named below"
"""The first line: what stands between two objects was not asked for, so their order proves no absence."""
ENDED: Final = "# read to its end: "
"""Before the object identifier of a column, or of a scalar, of which the agent gave all there is."""


def session(prompt: str, banner: str, answers: Sequence[Answer]) -> str:
    """A terminal log of the *answers* whose end was seen, each under its prompt, and a last prompt behind them.

    An answer that was cut is not in it: see `loose`.
    """
    whole = [answer for answer in answers if _ended(answer)]
    asked = [f"{prompt}{answer.command}\n{_lines(answer.text)}" for answer in whole]
    return "".join((_lines(banner), *asked, f"{prompt}\n")) if whole else ""


def loose(answers: Iterable[Answer]) -> dict[str, str]:
    """The answers whose end was not seen, by the name of a file that says which command each is."""
    return {
        f"{answer.command.replace(' ', '_').replace('/', '-')}.txt": answer.text
        for answer in answers
        if not _ended(answer) and answer.text.strip()
    }


def snmprec(walks: Mapping[str, Walk], asked: Mapping[str, Sequence[Oid]]) -> str:
    """The objects of *walks* in order, then the columns and scalars of *asked* that a complete walk read to the end."""
    cells: dict[Oid, Value] = {}
    for walk in walks.values():
        cells.update(walk.scalars)
        for column, rows in walk.columns.items():
            cells.update({(*column, *index): value for index, value in rows.items()})
    whole = {name for reader, walk in walks.items() if _read(walk) for name in asked.get(reader, ())}
    lines = [f"{dotted(name)}|{_value(cells[name])}" for name in sorted(cells)]
    return "".join(f"{line}\n" for line in (SELECTED, *lines, *(f"{ENDED}{dotted(name)}" for name in sorted(whole))))


def _ended(answer: Answer) -> bool:
    return answer.state in (State.COMPLETE, State.DENIED, State.UNSUPPORTED)


def _read(walk: Walk) -> bool:
    return walk.state in (State.COMPLETE, State.UNSUPPORTED)


def _lines(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _value(value: Value) -> str:
    if isinstance(value, bytes):
        plain = value.isascii() and all(32 <= octet < 127 for octet in value)
        return f"4|{value.decode('ascii')}" if plain else f"4x|{value.hex()}"
    if isinstance(value, tuple):
        return f"6|{dotted(value)}"
    return "5|" if value is None else f"2|{value}"
