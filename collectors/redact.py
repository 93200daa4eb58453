"""Recordings without what tells whose they are: serials, names, addresses and secrets replaced, the shape kept.

Each replacement is drawn from a keyed hash of what it replaces. The key is random and is thrown away with the
`Redactor`, so that one recording is consistent in itself and nobody can go back, not even by trying all serials.
Letters stay letters and digits digits, so that columns keep their width and parsers see the same text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from collectors.recordings import ENDED
from collectors.serials import cable, canonical

_CISCO: Final = r"[A-Z]{3}\d{4}[A-Z0-9]{4}"
_SERIAL: Final = re.compile(rf"(?<![A-Za-z0-9]){_CISCO}(?![A-Za-z0-9])")
_LABELLED: Final = re.compile(
    r"(?i)(?:\bSN|\bS/N|serial ?(?:num(?:ber)?|no\.?|#)?|board id)[ \t]*(?:is|:|=|\.{2,})?[ \t]*[:=]?[ \t]*"
    r"\"?(?P<serial>[A-Z0-9][A-Z0-9-]{4,})"
)
_MAC: Final = re.compile(
    r"(?<![0-9A-Fa-f:.-])(?:(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})"
    r"(?![0-9A-Fa-f:.-])"
)
_IPV4: Final = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]*\w)")
_IPV6: Final = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_RELEASE_BEFORE: Final = re.compile(r"(?i)(?:(?:version|release|firmware)[ :=(]*|(?<![\w-])(?:rev|sw|fw|v)[ :=]*)$")
_MAIL: Final = re.compile(r"[\w.+-]+@(?!(?:[\w-]+\.)*(?:cisco|smartoptics)\.com\b)[\w-]+(?:\.[\w-]+)+")
_ACCOUNT: Final = re.compile(
    r"(?im)^(?P<label>[ \t]*(?:(?:smart|virtual|local virtual) account(?: name)?|assigned (?:to|by)|account|hostname|"
    r"host name|device name|system (?:name|location|contact)|location|contact|(?:https? )?proxy(?: address)?|url|"
    r"trust(?: point| code)?|customer|site|organi[sz]ation)[ \t]*(?::|\.{3,})[ \t]*)(?P<value>\S[^\n]*)"
)
_GIVEN: Final = re.compile(
    r"(?m)^(?P<label>[ \t]*(?:Interface[ \t]+(?=\S+ \()|(?:Failover LAN|Stateful) Interface[ \t]*:[ \t]*|Link : "
    r"|FEX: *\d+ +Description: *|Cisco AP Location[ \t]*(?::|\.{3,})[ \t]*))(?P<value>\S+(?: (?!state:)\S+)*?)"
    r"(?=[ \t]*(?:\(|state:|$))"
)
"""Names that people gave to interfaces, extenders and places."""
_AP_TABLE: Final = re.compile(r"(?m)^[ \t]*AP Name[ \t]+Slots\b")
_AP_ROW: Final = re.compile(
    r"(?m)^(?P<label>\S[^\n]*?[ \t]\d{1,2}[ \t]+\S+(?:[ \t]+[0-9a-fA-F:.]{14,17}){1,2})(?P<value>[ \t]+\S[^\n]*)$"
)
"""An access point's row: what stands behind its addresses is where it hangs."""
_KEY_LINE: Final = re.compile(r"(?im)^.*activation key\b.*$|^[ \t]*(?:0x[0-9a-f]{6,8}[ \t]*){2,}$")
_KEY_WORD: Final = re.compile(r"(?i)(?<=0x)[0-9a-f]{6,8}\b")
_MAC_INDEX: Final = re.compile(
    r"(?P<column>1\.3\.6\.1\.4\.1\.14179\.2\.2\.1\.1\.\d+)\.(?P<mac>\d{1,3}(?:\.\d{1,3}){5})"
)
"""A row of the access points' table: its index is a hardware address."""
_PERSON: Final = re.compile(r"(?i)\b(?P<label>(?:modified|changed|configured|issued) by[ \t]+)(?P<value>[\w.@-]+)")
_USER_PROMPT: Final = re.compile(r"(?m)^[\w.-]+@(?=[^\n@]*[>#])")
FACTORY_NAMES: Final = frozenset(
    ("switch", "router", "cisco", "ciscoasa", "asa", "firepower", "host", "device", "controller", "wlc", "localhost")
)
"""Names that a device has out of the box: they tell nobody's network, and they are words of the output."""
_SERIAL_COLUMNS: Final = (
    "1.3.6.1.2.1.47.1.1.1.1.11", "1.3.6.1.4.1.9.3.6.3", "1.3.6.1.4.1.9.3.6.11.1.4", "1.3.6.1.4.1.9.5.1.2.19",
    "1.3.6.1.4.1.9.5.1.3.1.1.26", "1.3.6.1.4.1.9.9.92.1.1.1.2", "1.3.6.1.4.1.4515.1.3.6.1.1.1.7",
    "1.3.6.1.4.1.4515.1.3.6.1.1.1.23", "1.3.6.1.4.1.4515.1.10.1.1.1.31", "1.3.6.1.4.1.9.6.1.101.53.14.1.5",
    "1.3.6.1.4.1.14179.1.1.1.4", "1.3.6.1.4.1.14179.2.2.1.1.17",
)  # fmt: skip
"""Where SNMP tables hold serials, of whatever shape: ENTITY-MIB and the tables of older or other gear."""
_NAME_OBJECTS: Final = ("1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0")
_ENGINE_ID: Final = "1.3.6.1.6.3.10.2.1.1.0"
_VENDOR_OCTETS: Final = 5
_SHORTEST_NAME: Final = 3


@dataclass(slots=True)
class Redactor:
    """Replaces what it is told of, and what it recognises. Make one for each device, and drop it afterwards."""

    key: bytes = field(repr=False)
    """Random octets that nobody keeps."""
    serials: set[str] = field(default_factory=set)
    """Serials as the device wrote them; `learn` adds what it recognises."""
    names: set[str] = field(default_factory=set)
    """Host names, and users' names."""
    releases: frozenset[str] = frozenset()
    """Texts that look like addresses and are software releases."""
    pattern: re.Pattern[str] | None = None
    """All that is known, the longest first; `learn` makes it."""
    made: dict[str, str] = field(default_factory=dict)
    """Replacement by what it replaces, in upper case."""

    def learn(self, texts: Iterable[str]) -> None:
        """Recognise the serials in *texts* before any of them is rewritten."""
        for text in texts:
            for match in _SERIAL.finditer(text):
                self.serials.add(match[0])
            for match in _LABELLED.finditer(text):
                if any(letter.isdigit() for letter in match["serial"]) and canonical(match["serial"]):
                    self.serials.add(match["serial"])
            for line in text.splitlines():
                name, _, value = line.partition("|4|")
                if name.startswith(_SERIAL_COLUMNS) and canonical(value):
                    self.serials.add(value.strip())
        self.serials = {serial for serial in self.serials if canonical(serial)}
        known = sorted((*self.serials, *filter(_tells, self.names)), key=len, reverse=True)
        self.pattern = re.compile(_whole("|".join(map(re.escape, known))), re.I) if known else None

    def shorten(self, name: str, width: int) -> None:
        """Know *name* also as a table's column of *width* characters cuts it; to be called before `learn`."""
        short = name[:width].strip()
        if len(name) > width and _tells(name):
            self.made[short.upper()] = self._name(name)[:width].strip()
            self.names.add(short)

    def text(self, text: str) -> str:
        """A terminal's words, rewritten."""
        text = _USER_PROMPT.sub("user@", text)
        text = _ACCOUNT.sub(lambda m: m["label"] + self._word(m["value"]), text)
        text = self._addresses(text)
        text = _GIVEN.sub(lambda m: m["label"] + self._like(m["value"]), text)
        text = _KEY_LINE.sub(lambda m: _KEY_WORD.sub(lambda key: self._hash(key[0]).hex()[: len(key[0])], m[0]), text)
        if _AP_TABLE.search(text):
            text = _AP_ROW.sub(lambda m: m["label"] + self._like(m["value"]), text)
        text = _PERSON.sub(lambda m: m["label"] + self._like(m["value"]), text)
        text = _MAIL.sub("nobody@example.net", text)
        return self._known(text)

    def objects(self, text: str) -> str:
        """An agent's objects (OID|TYPE|VALUE lines), rewritten value by value; object identifiers stay."""
        lines = text.splitlines()
        new = [self._object(self._index(line)) for line in lines]
        if any(map(_MAC_INDEX.match, lines)):  # other addresses stand in another order
            new.sort(key=lambda line: _arcs(line))
        return "".join(f"{line}\n" for line in new)

    def left(self, text: str) -> list[str]:
        """What should have been replaced in *text* and still stands there."""
        return sorted(old for old in self.made if re.search(_whole(re.escape(old)), text, re.I))

    def _object(self, line: str) -> str:
        name, bar, rest = line.partition("|")
        kind, _, value = rest.partition("|")
        if not bar or line.startswith((ENDED, "#")):
            return line
        if name == _ENGINE_ID:
            octets = value if kind.endswith("x") else value.encode().hex()
            keep = octets[: 2 * _VENDOR_OCTETS]
            return f"{name}|4x|{keep}{self._hash(octets).hex()[: len(octets) - len(keep)]}"
        if name in _NAME_OBJECTS and kind == "4":
            return f"{name}|4|{self._name(value)}"
        if kind == "4x":
            plain = bytes.fromhex(value)
            new = self._octets(plain)
            return f"{name}|4x|{new.hex()}"
        if kind == "2" and name.startswith(_SERIAL_COLUMNS):
            return f"{name}|2|{self._like(value)}"
        return f"{name}|{kind}|{self.text(value)}" if kind == "4" else line

    def _index(self, line: str) -> str:
        """*line* with another hardware address in its object's name, where one is its index."""
        found = _MAC_INDEX.match(line)
        if found is None:
            return line
        octets = bytes(int(arc) & 0xFF for arc in found["mac"].split("."))
        new = self._kept(octets.hex(":"), self._mac)
        return f"{found['column']}.{'.'.join(str(int(octet, 16)) for octet in new.split(':'))}{line[found.end() :]}"

    def _octets(self, octets: bytes) -> bytes:
        try:
            return self.text(octets.decode("utf-8")).encode("utf-8")
        except UnicodeDecodeError:
            return self.text(octets.decode("latin-1")).encode("latin-1", "replace")

    def _known(self, text: str) -> str:
        """*text* without the serials and names that are known."""
        if self.pattern is None:
            return text
        serials = {serial.upper() for serial in self.serials}
        return self.pattern.sub(lambda m: (self._serial if m[0].upper() in serials else self._name)(m[0]), text)

    def _addresses(self, text: str) -> str:
        text = _MAC.sub(lambda m: self._kept(m[0], self._mac), text)
        text = _IPV4.sub(self._ipv4, text)
        return _IPV6.sub(lambda m: self._kept(m[0], self._ipv6) if _is_ipv6(m[0]) else m[0], text)

    def _serial(self, serial: str) -> str:
        """Both ends of a cable keep one serial between them; the digits of a date stay a date."""
        stem = cable(serial)
        return self._kept(stem, self._dated if re.fullmatch(_CISCO, stem.upper()) else self._like) + serial[len(stem) :]

    def _dated(self, serial: str) -> str:
        """A serial of the shape LLLYYWWSSSS, with a year and a week that exist."""
        shuffled = self._like(serial)
        octets = self._hash(serial, "date")
        return f"{shuffled[:3]}{10 + octets[0] % 18:02}{1 + octets[1] % 52:02}{shuffled[7:]}"

    def _name(self, name: str) -> str:
        return self._kept(name, self._like) if _tells(name) else name

    def _word(self, value: str) -> str:
        """The value of a label that names somebody; what says that there is none stays."""
        return value if not canonical(value) or value.startswith("<") else self._like(value)

    def _kept(self, old: str, make: Callable[[str], str]) -> str:
        """One replacement for each text, whatever its case, and no replacement twice."""
        wanted = old.upper()
        if wanted not in self.made:
            new, turn = make(old), 0
            while new.upper() in (*self.made, *(made.upper() for made in self.made.values())) and turn < 99:
                turn += 1
                new = make(old + "\0" * turn)[: len(old)]
            self.made[wanted] = new
        return _in_case_of(old, self.made[wanted])

    def _like(self, old: str) -> str:
        """Other letters for letters, other digits for digits, everything else as it was."""
        stream = self._hash(old)
        return "".join(_other(letter, stream[at % len(stream)] + at) for at, letter in enumerate(old))

    def _mac(self, old: str) -> str:
        digits = iter(self._hash(old).hex())
        kept = sum(letter.isalnum() for letter in old) // 2
        seen = 0
        new = []
        for letter in old:
            if letter.isalnum():
                seen += 1
                new.append(letter if seen <= kept else next(digits))
            else:
                new.append(letter)
        return "".join(new)

    def _ipv4(self, match: re.Match[str]) -> str:
        old = match[0]
        before = match.string[max(0, match.start() - 16) : match.start()]
        if old in self.releases or _RELEASE_BEFORE.search(before) or not _is_host(old):
            return old
        return self._kept(old, lambda text: f"192.0.2.{1 + self._hash(text)[0] % 254}")

    def _ipv6(self, old: str) -> str:
        return f"2001:db8::{self._hash(old).hex()[:4]}"

    def _hash(self, old: str, purpose: str = "") -> bytes:
        return blake2b(f"{purpose}\x1f{old.upper()}".encode(), key=self.key, digest_size=32).digest()


def _whole(pattern: str) -> str:
    """A pattern for what stands as a word of its own."""
    return rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])"


def _tells(name: str) -> bool:
    """Whether a host's name says whose it is."""
    return len(name) >= _SHORTEST_NAME and name.casefold() not in FACTORY_NAMES


def _other(letter: str, octet: int) -> str:
    if letter.isascii() and letter.isdigit():
        return str(octet % 10)
    if letter.isascii() and letter.isalpha():
        new = "ABCDEFGHJKLMNPQRSTUVWXYZ"[octet % 24]
        return new if letter.isupper() else new.lower()
    return letter


def _in_case_of(old: str, new: str) -> str:
    if len(old) != len(new):
        return new
    return "".join(n.upper() if o.isupper() else n.lower() if o.islower() else n for o, n in zip(old, new, strict=True))


def _arcs(line: str) -> tuple[int, ...]:
    """Where the line of an object stands; what is none stands where it was, before all or behind all."""
    name = line.partition("|")[0]
    if not re.fullmatch(r"\d+(?:\.\d+)*", name):
        return (2**32,) if line.startswith(ENDED) else ()
    return tuple(map(int, name.split(".")))


def _is_host(text: str) -> bool:
    """An address of a host, not a mask, not 0.0.0.0 and not loopback."""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback or text.startswith(("255.", "0.")))


def _is_ipv6(text: str) -> bool:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)
