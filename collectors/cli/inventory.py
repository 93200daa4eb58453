"""`show inventory` as Cisco and Smartoptics write it: every record becomes a Part, every other line is
questioned.

Cisco's form is two lines a part, ``NAME: "...", DESCR: "..."`` and ``PID: ..., VID: ..., SN: ...``. Values
may hold quotes, commas, blanks and newlines, and any label but the first may be missing: so a value reaches
from its label to the next one. IOS XR's admin plane writes the same labels without quotes and commas.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from collectors.cli import listed
from collectors.cli.found import Found
from collectors.model import Part
from collectors.serials import canonical

_NAME: Final = re.compile(r"^[ \t]*NAME[ \t]*:", re.I | re.M)
_PID: Final = re.compile(r"^[ \t]*PID[ \t]*:", re.I | re.M)
_DESCR: Final = re.compile(r"(?<=[\s,\"])DESCR[ \t]*:", re.I)
_VID: Final = re.compile(r"(?<=[\s,:])VID[ \t]*:", re.I)
_SN: Final = re.compile(r"(?<=[\s,:])S/?N[ \t]*:", re.I)
_QUOTED: Final = re.compile(r'\s*"(?P<value>.*)"[ \t]*,?[ \t]*(?P<rest>.*)', re.S)
_KNOWN: Final = re.compile(
    r"""^\s*(?:
      \S*[>\#]\s*(?:(?:admin\s+)?sh\w*\s+inv.*)?          # the prompt, alone or before the command
    | (?:admin\s+)?sho?w?\s+inv\S*(?:\s+\S+)*             # the echo
    | [+=-]{3,}
    | INFO:\s.*                                           # IOS-XE points to `show license UDI`
    | Load\ for\ five\ secs:.*|Time\ source\ is\ .*|No\ time\ source.*  # `terminal exec prompt timestamp`
    | [A-Z][a-z]{2}\s+[A-Z][a-z]{2}\s+\d+\s+[\d:.]+.*      # IOS XR's time stamp
    | (?:Burned-in\ MAC\ Address|Power\ Supply\ \d|Maximum\ number\ of\ APs\ supported)\.{3,}.*  # AireOS
    )?\s*$""",
    re.X,
)
_LOG: Final = re.compile(
    r"""^(?P<before>.*?)
    (?:(?:\d+:\ )?[*.]?(?:(?:RP|LC)/\d\S*?:)?(?:\d{4}\ )?[A-Z][a-z]{2}\ {1,2}\d{1,2}\ [^%\n]{0,80}  # its time
      (?:%\$\ VDC-\d+\ %\$\ )?)?                                                                  # NX-OS
    %[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7A-Z]-\w+\ ?:.*$""",
    re.M | re.X,
)
_CUT_SERIAL: Final = re.compile(r"(?<=[\s,:])(S/?N[ \t]*:)[ \t]*(?![A-Z]{3}\d{4}\w{4}[ \t]*$)\S*[ \t]*$", re.I)
_WHOLE_SERIAL: Final = re.compile(r"[A-Z]{3}\d{4}\w{4}(?:-\w{1,3})?")
_BROKEN_OFF: Final = re.compile(r"[A-Z0-9-]{1,14}[ \t]*")
_REVISION: Final = re.compile(r"n/a|[A-Z]{1,2}|[A-Za-z]{0,2}\d[\w.]*", re.I)
_TWO_CELLS: Final = re.compile(r"\S\s{2,}\S")
"""No serial: the end of its line was lost, and the next line's cells stand behind it."""
_RULE: Final = re.compile(r"^[ \t]*-{3,}(?:[ \t]+-{3,})+[ \t]*$", re.M)


def records(text: str) -> Found:
    """The parts of a Cisco inventory, with everything doubtful about it in words."""
    if listed.is_json(text):
        return listed.rows(text)
    text, broken = _without_logs(text)
    starts = sorted({*(m.start() for m in _NAME.finditer(text)), *_lone_pids(text)})
    slices = [text[start:end] for start, end in pairwise((*starts, len(text)))]
    parts: list[Part] = []
    unknown = _unknown(text[: starts[0]] if starts else text)
    for number, one in enumerate(slices, 1):
        part, rest = _record(str(number), one)
        parts.append(part)
        unknown += _unknown(rest)
    doubts = [f"line not understood: {unknown[0]!r}"] if unknown else []
    doubts += ["a log message broke into a line"] if broken else []
    doubts += _doubts(text, slices)
    return Found(tuple(parts), "; ".join(doubts))


def _without_logs(text: str) -> tuple[str, bool]:
    """*text* without the log messages of the device, and whether one of them broke into a line.

    A serial before such a break counts only in the full shape of one: its end may be what was torn off.
    """
    broken = any(found["before"].strip() for found in _LOG.finditer(text))
    return _LOG.sub(lambda found: _CUT_SERIAL.sub(r"\1", found["before"]), text), broken


def ruled_table(text: str) -> Found:
    """The parts of a Smartoptics inventory: columns under a ruler of dashes.

    A long part number may run into the description with one blank between, so a cell that crosses its
    column's edge is split at that blank; the source of this layout is third-party notes on DCP releases 6 to
    13.
    """
    text = text.expandtabs()
    rule = _RULE.search(text)
    if rule is None:
        return Found((), f"no ruler of dashes: {_first(text)!r}")
    head = text[: rule.start()].rstrip("\n").rpartition("\n")
    columns = [(m.start(), m.end()) for m in re.finditer("-+", rule.group())]
    names = [
        head[2][a : (columns[i + 1][0] if i + 1 < len(columns) else None)].strip().lower()
        for i, (a, _) in enumerate(columns)
    ]
    if "serial number" not in names or "location" not in names:
        return Found((), f"columns not understood: {head[2].strip()!r}")
    parts: list[Part] = []
    bad = _unknown(head[0])
    for line in text[rule.end() :].splitlines():
        if not line.strip() or _KNOWN.match(line):
            continue
        values = _cells(line, columns)
        cells = dict(zip(names, values, strict=False))
        whole = len(values) == len(names) and cells["location"] and cells["serial number"]
        if not whole or _TWO_CELLS.search(cells["serial number"]):
            bad.append(line.strip())
        else:
            parts.append(_dcp_part(str(len(parts) + 1), cells))
    doubt = f"line not understood: {bad[0]!r}" if bad else "" if parts else "the table is empty"
    return Found(tuple(parts), doubt)


def _dcp_part(index: str, cells: dict[str, str]) -> Part:
    location = cells["location"]
    return Part(
        index,
        cls="chassis" if location.lower() == "chassis" else "",
        name=location,
        descr=cells.get("description", ""),
        product_id=cells.get("part number", ""),
        serial=cells["serial number"],
        hardware=cells.get("hw rev", ""),
        manufacturer="Smartoptics",
    )


def _cells(line: str, columns: list[tuple[int, int]]) -> list[str]:
    """The cells of a line: cut at the ruler where every edge is blank, else at runs of two blanks."""
    starts = [start for start, _ in columns]
    if all(start >= len(line) or line[start - 1] == " " for start in starts[1:]) and not _shifted(line, columns):
        return [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
    cells = re.split(r" {2,}", line.strip())
    if 1 < len(cells) == len(columns) - 1:  # one blank is all that is left between part number and description
        cells[1:2] = cells[1].split(" ", 1)
    return cells if len(cells) == len(columns) else _by_words(line, columns) or cells


def _by_words(line: str, columns: list[tuple[int, int]]) -> list[str]:
    """The cells of a line that overflows in other ways, by its words: only a description holds blanks.

    Only where the last word reaches the last column, and the two before it look like revisions.
    """
    words = line.split()
    whole = len(words) >= len(columns) == 6 and line.rfind(words[-1]) >= columns[-1][0]
    if not whole or not _REVISION.fullmatch(words[-3]) or not _REVISION.fullmatch(words[-2]):
        return []
    return [*words[:2], " ".join(words[2:-3]), *words[-3:]]


def _shifted(line: str, columns: list[tuple[int, int]]) -> bool:
    """Whether text stands in the gap between two columns, as behind an overlong cell."""
    return any(line[end:start].strip() for (_, end), (start, _) in pairwise(columns))


def _lone_pids(text: str) -> Iterator[int]:
    """PID lines whose NAME line was lost: before the first NAME, or a second one under the same NAME."""
    names = [m.start() for m in _NAME.finditer(text)]
    taken: set[int] = set()
    for pid in _PID.finditer(text):
        before = bisect_left(names, pid.start())
        owner = names[before - 1] if before else -1
        if owner in taken or owner < 0:
            yield pid.start()
        taken.add(owner)


def _record(index: str, text: str) -> tuple[Part, str]:
    """One record's Part, and what follows it."""
    spans = _label_spans(text)
    end = max(stop for stop, _ in spans.values())
    rest = ""
    values: dict[str, str] = {}
    for label, (stop, start) in spans.items():
        last = stop == end
        value, left = _value(text[start:stop], open_ended=last)
        if last and label == "SN":
            value, left = _unwrapped(value, left)
        values[label] = value
        rest = left if last else rest
    if "DESCR" not in values and "\n" in values.get("NAME", ""):
        rest = f"{values['NAME']}\n{rest}"  # its label was torn: the name has swallowed what followed
    return (
        Part(
            index,
            name=values.get("NAME", ""),
            descr=values.get("DESCR", ""),
            product_id=values.get("PID", ""),
            serial=values.get("SN", ""),
            hardware=values.get("VID", ""),
        ),
        rest,
    )


def _unwrapped(serial: str, rest: str) -> tuple[str, str]:
    """A serial whose line the terminal broke, with the rest of it from the next line.

    Only where both make the full shape of one; else what stands there is half a serial, which is another serial, and
    is left out.
    """
    first, _, more = rest.partition("\n")
    if _WHOLE_SERIAL.fullmatch(serial) or not _BROKEN_OFF.fullmatch(first):
        return serial, rest
    whole = serial + first.strip()
    return (whole, more) if _WHOLE_SERIAL.fullmatch(whole) else ("", rest)


def _label_spans(text: str) -> dict[str, tuple[int, int]]:
    """Where each label's value ends and begins, in the order of the labels."""
    found: list[tuple[int, int, str]] = []
    pid = _PID.search(text)
    split = pid.start() if pid else len(text)
    if name := _NAME.match(text):
        found.append((name.start(), name.end(), "NAME"))
        if descr := _DESCR.search(text, name.end(), split):
            found.append((descr.start(), descr.end(), "DESCR"))
    if pid:
        found.append((pid.start(), pid.end(), "PID"))
        at = pid.end()
        for label, pattern in (("VID", _VID), ("SN", _SN)):
            if match := pattern.search(text, at):
                found.append((match.start(), match.end(), label))
                at = match.end()
    stops = [start for start, _, _ in found[1:]] + [len(text)]
    return {label: (stop, end) for (_, end, label), stop in zip(found, stops, strict=True)}


def _value(text: str, *, open_ended: bool) -> tuple[str, str]:
    """A value without quotes and separators, and the lines after it where it is its record's last."""
    if quoted := _QUOTED.match(text):
        rest = quoted["rest"].strip(" ,\t")
        return quoted["value"], rest if open_ended else ""
    value, newline, rest = text.partition("\n") if open_ended else (text, "", "")
    return value.strip(' ,\t\n\r"'), rest if newline else ""


def _doubts(text: str, slices: list[str]) -> Iterator[str]:
    if not slices:
        yield f"no NAME line in it: {_first(text)!r}"
        return
    without = [number for number, part in enumerate(slices, 1) if not _PID.search(part)]
    if without and len(without) < len(slices):
        yield f"record {without[0]} has no PID line"
    headless = [part for part in slices if not _NAME.match(part)]
    if headless:
        yield f"a PID line without its NAME line: {_first(headless[0])!r}"
    torn = [number for number, part in enumerate(slices, 1) if _lacks_serial(part, last=number == len(slices))]
    if torn and len(without) < len(slices):
        yield f"record {torn[0]} has no SN" if torn[0] < len(slices) else "the last record has no SN"
    counted = len(_NAME.findall(text)) + len(headless)
    if counted != len(slices):
        yield f"{counted} records, {len(slices)} read"


def _lacks_serial(record: str, *, last: bool) -> bool:
    """Whether the line of a product ends before its serial. Where there is no product, none is missed."""
    pid = _PID.search(record)
    if pid is None or _SN.search(record):
        return False
    return last or canonical(record[pid.end() :].split(",")[0].strip()) != ""


def _unknown(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if not _KNOWN.match(line)]


def _first(text: str) -> str:
    return next((line.strip()[:80] for line in text.splitlines() if line.strip()), "")
