"""Read table columns side by side, down to their ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from collectors.errors import Malformed, TimedOut
from collectors.oids import Oid, Value, dotted
from collectors.transports.snmp.budget import DENIALS, LAST_CHANGE, STAMPS, UPTIME, Reading, Stop, refusal
from collectors.transports.snmp.seam import (
    END_OF_MIB_VIEW,
    EXCEPTIONS,
    NO_SUCH_NAME,
    TOO_BIG,
    Kind,
    Request,
    Response,
    Varbind,
    error_name,
)

_NAMES: Final = {UPTIME: "sysUpTime", LAST_CHANGE: "entLastChangeTime"}
_DATAGRAM: Final = 1400  # bytes of answer to aim for: one Ethernet frame, also through a tunnel
_OVERHEAD: Final = 120  # message header and the stamps
_VARBIND: Final = 38  # bytes, until the agent's own answers say better


async def read_columns(reading: Reading, cells: dict[Oid, dict[Oid, Value]], known: Iterable[Oid]) -> None:
    """Fill the cells of all columns. Raises Stop where it must end early or an end cannot be trusted.

    `known` names objects that are there for certain: none may lie behind an endOfMibView.
    """
    columns = [_Column(oid, rows, oid) for oid, rows in cells.items()]
    todo = columns
    most = reading.limits.repetitions
    fit = (_DATAGRAM - _OVERHEAD) // (_VARBIND * len(todo))
    pace = _Pace(max(1, min(fit, most)), len(todo))
    while todo:
        asked = todo[: pace.width]
        stamps = tuple(oid for oid in STAMPS if oid in reading.first)
        response = await _ask_columns(reading, stamps, asked, pace)
        if response is None:
            continue
        if response.error_status:
            _take_error(response, len(stamps), asked, pace)
        else:
            varbinds = _take_stamps(reading, stamps, response.varbinds)
            _take_cells(asked, varbinds, pace)
            if any(len(column.rows) > reading.limits.rows for column in asked):
                raise Stop(f"stopped after {reading.limits.rows} rows")
            if pace.bulk and len(varbinds) >= len(asked):
                _fit(pace, response.size, len(varbinds), len(asked), most)
        todo = [column for column in todo if column.last]
    _check_ends(columns, known)


async def _ask_columns(reading: Reading, stamps: tuple[Oid, ...], asked: list[_Column], pace: _Pace) -> Response | None:
    """Ask for the next cells; None where there was no answer and less is to be asked for."""
    # The instance's parent asks for the stamp by GETNEXT, which all but GET is.
    names = tuple(oid[:-1] for oid in stamps) + tuple(column.last for column in asked)
    request = Request(Kind.GETBULK, names, len(stamps), pace.repetitions) if pace.bulk else Request(Kind.GETNEXT, names)
    try:
        return await reading.send(request)
    except (TimedOut, Malformed) as error:
        # Silence costs all retries each time, so go down faster than for tooBig; and once at the least that a
        # working GETBULK can ask for, narrower requests would not help a device that is gone.
        if (pace.bulk and (pace.repetitions > 1 or not pace.bulk_works)) and pace.shrink(4):
            return None
        raise Stop(f"{error}, at {asked[0].place}") from error


def _take_error(response: Response, skip: int, asked: list[_Column], pace: _Pace) -> None:
    """Go on after an error status where that can be done, else raise Stop."""
    status, at = response.error_status, response.error_index - 1 - skip
    if status == TOO_BIG and pace.shrink(2):
        return
    if status == NO_SUCH_NAME and 0 <= at < len(asked):
        asked[at].final, asked[at].last = asked[at].last, ()  # SNMPv1's way to say that the view ends here
        return
    if pace.bulk and not pace.bulk_works and error_name(status) not in DENIALS:
        pace.bulk = False  # an agent without GETBULK; if GETNEXT fails too, that ends the walk
        return
    column = asked[at] if 0 <= at < len(asked) else asked[0]
    stop = refusal(status, column.oid)
    raise Stop(f"{error_name(status)} at {column.place}", denied=stop.denied)


def _take_stamps(reading: Reading, stamps: tuple[Oid, ...], varbinds: list[Varbind]) -> list[Varbind]:
    """Check the stamps in front of the cells; return the cells."""
    if len(varbinds) <= len(stamps):
        raise Stop("the answer is empty")
    seen = {name: value for name, _, value in varbinds[: len(stamps)]}
    reading.see(seen)
    for oid in stamps:
        if oid not in seen:
            raise Stop(f"{_NAMES[oid]} went away while the device was read")
    return varbinds[len(stamps) :]


def _take_cells(asked: list[_Column], varbinds: list[Varbind], pace: _Pace) -> None:
    """Sort the cells into their columns. Raises Stop at the first that is out of order."""
    width = len(asked)
    if len(varbinds) > width * (pace.repetitions if pace.bulk else 1):
        raise Stop("the answer has more cells than were asked for")
    if not pace.bulk and len(varbinds) < width:
        raise Stop(f"the answer breaks off at {asked[len(varbinds)].place}")
    for number, column in enumerate(asked):
        _take_column(column, varbinds[number::width])
    pace.bulk_works = pace.bulk_works or pace.bulk


def _take_column(column: _Column, varbinds: list[Varbind]) -> None:
    rows, last, beyond, size = column.rows, column.last, column.beyond, len(column.oid)
    for name, tag, value in varbinds:
        if last < name < beyond and tag not in EXCEPTIONS:
            # One comparison proves two things: it comes after the cell before, and it lies in the column.
            rows[name[size:]] = value
            last = name
        else:
            column.last = last
            _end_column(column, name, tag)
            return
    column.last = last


def _end_column(column: _Column, name: Oid, tag: int) -> None:
    """End a column at the first thing that is no cell of it; raise Stop where that is no proof of an end."""
    if tag != END_OF_MIB_VIEW:
        if tag in EXCEPTIONS:
            raise Stop(f"noSuchInstance or noSuchObject in answer to a walk, at {column.place}")
        if name <= column.last:
            raise Stop(f"the OIDs do not increase, at {column.place}: {dotted(name)}")
    column.final = column.last if tag == END_OF_MIB_VIEW else ()
    column.last = ()


def _check_ends(columns: list[_Column], known: Iterable[Oid]) -> None:
    """Refuse an end of the view behind which the same agent showed an object."""
    seen = [*known, *(column.oid + next(reversed(column.rows)) for column in columns if column.rows)]
    highest = max(seen, default=())
    for column in columns:
        if column.final and column.final < highest:
            raise Stop(f"the agent ended column {dotted(column.oid)} with its view, but has {dotted(highest)}")


def _fit(pace: _Pace, size: int, cells: int, width: int, most: int) -> None:
    """Choose the repetitions that fill one datagram, from what the last one weighed."""
    row = max(size - _OVERHEAD, cells) * width // cells
    pace.repetitions = max(1, min((_DATAGRAM - _OVERHEAD) // max(row, 1), most, pace.ceiling))


@dataclass(slots=True)
class _Column:
    """A column on its way down."""

    oid: Oid
    rows: dict[Oid, Value]
    last: Oid
    """The cell to continue from: at first the column itself, empty once it has ended."""
    final: Oid = ()
    """The last cell, or the column itself, where the agent says that nothing at all comes behind it."""

    @property
    def beyond(self) -> Oid:
        """The first OID behind the column."""
        return (*self.oid[:-1], self.oid[-1] + 1)

    @property
    def place(self) -> str:
        row = self.last[len(self.oid) :]
        return f"column {dotted(self.oid)}" + (f" after row {dotted(row)}" if row else " before its first row")


@dataclass(slots=True)
class _Pace:
    """How much to ask for at once."""

    repetitions: int
    width: int
    """Columns a request."""
    bulk_works: bool = False
    bulk: bool = True
    ceiling: int = 10**6
    """Repetitions that were too many, less one."""

    def shrink(self, divisor: int) -> bool:
        """Ask for less next time; False where it cannot be less."""
        if self.bulk and self.repetitions > 1:
            self.repetitions = self.ceiling = max(self.repetitions // divisor, 1)
        elif self.bulk and not self.bulk_works:
            self.bulk = False
        elif self.width > 1:
            self.width = (self.width + 1) // 2
        else:
            return False
        return True
