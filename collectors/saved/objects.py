"""`snmpwalk` text and `.snmprec` recordings as objects in the order they were written.

net-snmp's output options are told apart line by line: numeric names (``-On``), enumerations as numbers (``-Oe``),
full paths (``-Of``), and names of those MIB objects that a reader asks for (`collectors.saved.names`). Sources:
net-snmp's snmpcmd(1) for the text, snmpsim's documentation for ``OID|TYPE|VALUE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from collectors.oids import Oid, Value, oid
from collectors.recordings import ENDED, SELECTED
from collectors.saved.names import numeric

_VARBIND: Final = re.compile(
    r"(?P<name>\.?(?:iso|\d+)(?:\.[\w-]+)+|[A-Za-z][\w-]*::[A-Za-z][^=]*?|[a-z][\w-]*(?:\.(?:\d+|\"[^\"]*\"|'[^']*'))+)"
    r" = (?P<value>(?:[A-Za-z][\w -]*: ?|\"|No |NULL|Wrong Type|End of MIB).*|)"
)
_RECORD: Final = re.compile(rb"\.?(?P<oid>\d+(?:\.\d+)+)\|(?P<type>\d+x?)\|(?P<value>.*)")
_READ_TO_ITS_END: Final = re.compile(re.escape(ENDED.encode()) + rb"(\d+(?:\.\d+)+)")
_END: Final = re.compile(r"No more variables left in this MIB View|End of MIB", re.I)
_ABSENT: Final = re.compile(r"No Such (?:Object|Instance)", re.I)
_COMMAND: Final = re.compile(r"#.*|.*\bsnmp(?:bulk)?(?:walk|get|getnext)\b.*|\S*[$#>] ?", re.I)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2})*")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"\s*', re.S)
_FAILURE: Final = re.compile(r"Timeout|Error", re.I)
_PROSE: Final = (
    (),
    oid("1.3.6.1.2.1.1.1"),
    oid("1.3.6.1.2.1.1.4"),
    oid("1.3.6.1.2.1.1.6"),
    oid("1.3.6.1.2.1.47.1.1.1.1.2"),
)
"""sysDescr, sysContact, sysLocation, entPhysicalDescr, and every name that is not known here."""
_LINES: Final = 500
"""Of one value: an unclosed quote must not swallow the file."""
_INTEGERS: Final = frozenset((b"2", b"65", b"66", b"67", b"70", b"71"))
_NUMBERS: Final = frozenset(
    ("INTEGER", "Gauge32", "Counter32", "Counter64", "Unsigned32", "UInteger32", "Timeticks", "Integer32")
)


@dataclass(slots=True)
class Objects:
    """What one file holds of one agent."""

    cells: list[tuple[Oid, Value]] = field(default_factory=list)
    """In the file's order."""
    ends: set[int] = field(default_factory=set)
    """The numbers of cells before which the agent said that its view ends."""
    breaks: set[int] = field(default_factory=set)
    """The numbers of cells before which the command of another walk stands."""
    selected: bool = False
    """Whether the file is no walk but a selection that names what was read to its end (`collectors.recordings`)."""
    whole: set[Oid] = field(default_factory=set)
    """Columns and scalars of which a selection says that all there is was read."""
    doubt: str = ""
    """Why a row may be lost, where a line was not understood."""


def is_snmprec(data: bytes) -> bool:
    """Whether the first line that says anything is a record."""
    lines = (line for line in data.split(b"\n", 50) if line.strip() and not line.startswith(b"#"))
    return bool((first := next(lines, b"")) and _RECORD.fullmatch(first.rstrip(b"\r")))


def is_walk(text: str) -> bool:
    """Whether any of the first lines is an object with its value."""
    return any(_VARBIND.fullmatch(line.rstrip()) for line in text.split("\n", 50)[:50])


def snmprec(data: bytes) -> Objects:
    """Read ``OID|TYPE|VALUE`` lines; a type that ends in x has its value in hex. A torn last line is left out."""
    found = Objects()
    *lines, torn = data.split(b"\n")
    for number, line in enumerate([*lines, *([torn] if _ended(torn) else [])], 1):
        line = line.rstrip(b"\r")
        found.selected |= line == SELECTED.encode()
        if ended := _READ_TO_ITS_END.fullmatch(line):
            found.whole.add(oid(ended[1].decode()))
        if not line.strip() or line.startswith(b"#"):
            continue
        try:
            found.cells.append(_record(line))
        except ValueError as error:
            shown = line[:60].decode("utf-8", "replace")
            found.doubt = found.doubt or f"line {number} not understood: {shown!r}: {error}"
    return found


def _ended(line: bytes) -> bool:
    """Whether a last line without its end is whole for certain: a number may have lost digits, a serial letters."""
    return bool(re.search(rb"\|4\|[A-Z]{3}\d{4}[A-Z0-9]{4}$", line))


def _record(line: bytes) -> tuple[Oid, Value]:
    match = _RECORD.fullmatch(line)
    if match is None:
        raise ValueError("not OID|TYPE|VALUE")
    return oid(match["oid"].decode()), _recorded(match["type"], match["value"])


def _recorded(kind: bytes, value: bytes) -> Value:
    octets = bytes.fromhex(value.decode("ascii")) if kind.endswith(b"x") else value
    kind = kind.removesuffix(b"x")
    if kind in _INTEGERS:
        return int(octets)
    if kind == b"6":
        return oid(octets.decode("ascii"))
    return None if kind == b"5" else octets


def snmpwalk(text: str) -> Objects:
    """Read the output of net-snmp. A value that is not closed, or that may go on behind the file's end, is left out."""
    found = Objects()
    body, newline, tail = text.rpartition("\n")
    chunks = list(_chunks((body + newline + (tail if tail.endswith('"') else "")).splitlines()))
    for number, chunk in enumerate(chunks, 1):
        match = _VARBIND.fullmatch(chunk[0])
        value = "\n".join((match["value"], *chunk[1:])) if match else chunk[0]
        if _END.search(value):
            found.ends.add(len(found.cells))
        elif match is None:
            _take_other(chunk[0], found)
        elif _open(value) or (number == len(chunks) and value.startswith("Hex-STRING:")):
            found.doubt = found.doubt or f"the value of {match['name']} is not whole"
        elif not _ABSENT.match(value) and (name := numeric(match["name"])):
            found.cells.append((name, _value(value)))
    return found


def _take_other(line: str, found: Objects) -> None:
    """A line that is no object: the command of another walk, or something that may have been a row."""
    if _COMMAND.fullmatch(line):
        found.breaks.add(len(found.cells))
    elif line.strip():
        found.doubt = found.doubt or f"line not understood: {line.strip()[:60]!r}"


def _chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Each object's line with the further lines of its value."""
    held: list[str] = []
    for line in lines:
        if held and _goes_on(held, line):
            held.append(line)
            continue
        if held:
            yield held
        held = [line]
    if held:
        yield held


def _goes_on(held: list[str], line: str) -> bool:
    match = _VARBIND.fullmatch(held[0])
    if match is None or len(held) > _LINES or _VARBIND.fullmatch(line):
        return False
    if match["value"].startswith("Hex-STRING:"):
        return bool(_HEX.fullmatch(line.strip()))
    if match["value"].startswith("STRING:") and '"' not in match["value"]:
        return _is_prose(match["name"]) and not (_COMMAND.fullmatch(line) or _FAILURE.match(line) or _END.match(line))
    return _open("\n".join((match["value"], *held[1:])))


def _is_prose(name: str) -> bool:
    """Whether an unquoted text may have many lines: what people write, and objects that nobody reads."""
    return numeric(name)[:-1] in _PROSE


def _open(value: str) -> bool:
    """Whether a quoted text is still to be closed; quotes inside are escaped."""
    quoted = value.removeprefix("STRING: ")
    return quoted.startswith('"') and not _QUOTED.fullmatch(quoted)


def _value(text: str) -> Value:
    text = re.sub(r"^Wrong Type \(should be [^)]*\): ", "", text)
    if text.startswith('"'):
        return _unquoted(text)
    kind, _, said = text.partition(":")
    said = said.strip(" ")
    if kind in _NUMBERS:
        digits = re.search(r"\((-?\d+)\)", said) or re.match(r"(-?\d+)", said)
        return int(digits[1]) if digits else None
    if kind in ("Hex-STRING", "BITS"):
        octets = re.match(r"(?:[0-9A-Fa-f]{2}(?![\w(])\s*)*", said)
        return bytes.fromhex(octets[0]) if octets else b""
    if kind == "OID":
        return numeric(said) or ()
    return _string(kind, said)


def _string(kind: str, said: str) -> Value:
    if kind in ("STRING", "Network Address", "Opaque"):
        return _moment(said) or _unquoted(said)
    return bytes(map(int, said.split("."))) if kind == "IpAddress" and re.fullmatch(r"\d+(\.\d+){3}", said) else None


def _unquoted(said: str) -> bytes:
    text = said.strip("\n")
    if text.startswith('"') and text.rstrip().endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text.rstrip()[1:-1], flags=re.S)
    return text.encode("utf-8", "surrogateescape")


def _moment(said: str) -> bytes:
    """A DateAndTime that its MIB's display hint (RFC 2579) wrote as ``2031-3-9,12:0:0.0``, as octets again."""
    match = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2}),(\d{1,2}):(\d{1,2}):(\d{1,2})\.", said)
    if not match:
        return b""
    year, *rest = map(int, match.groups())
    return year.to_bytes(2, "big") + bytes((*rest, 0))
