"""Read scalars and table columns from one agent, and prove that all of them were read.

One GET takes the scalars and two stamps, sysUpTime (SNMPv2-MIB) and entLastChangeTime (ENTITY-MIB). Then
GETBULK reads all columns side by side, and each of its requests carries the stamps again as non-repeaters: a
restart or a change of the hardware shows at once and costs no round trip.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from collectors.errors import Malformed, TimedOut
from collectors.model import State
from collectors.oids import Oid, Value, Walk, dotted
from collectors.transports.snmp.budget import STAMPS, UPTIME, Ask, Limits, Reading, Stop, refusal
from collectors.transports.snmp.columns import read_columns
from collectors.transports.snmp.seam import EXCEPTIONS, NO_SUCH_NAME, TOO_BIG, Kind, Request, Varbind

_SCALARS_A_REQUEST = 24


async def walk(
    ask: Ask,
    scalars: Sequence[Oid],
    columns: Sequence[Oid],
    *,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
    required: Iterable[Oid] = (),
    sparse: Iterable[Oid] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Walk:
    """Read the scalars and columns; the state says how far the result can be trusted.

    complete: every column ended by a larger OID outside it or by endOfMibView, the non-empty columns of a
    table (but the `sparse` ones) have the same indexes, no `required` column is empty beside one that has rows,
    sysUpTime did not go back and entLastChangeTime, where there is one, did not change. unsupported: it has none of the
    columns (without columns: none of the scalars). denied: it refuses to say. Everything else is partial,
    with what was read and the reason. Raises CollectError only where the very first request had no answer.
    """
    reading = Reading(ask, limits, clock, clock() + limits.seconds)
    cells: dict[Oid, dict[Oid, Value]] = {column: {} for column in columns}
    found: dict[Oid, Value] = {}
    try:
        await _read_scalars(reading, tuple(dict.fromkeys((*scalars, *STAMPS))), found)
        reading.see(found)
        if columns:
            await read_columns(reading, cells, tuple(found))
    except Stop as stop:
        state = State.DENIED if stop.denied and not found and not any(cells.values()) else State.PARTIAL
        return _walk(state, stop.reason, scalars, found, cells, reading)
    verdict = _verdict(scalars, found, cells, (frozenset(required), frozenset(sparse)), reading)
    return _walk(*verdict, scalars, found, cells, reading)


def _walk(
    state: State,
    reason: str,
    scalars: Sequence[Oid],
    found: dict[Oid, Value],
    cells: dict[Oid, dict[Oid, Value]],
    reading: Reading,
) -> Walk:
    kept = {oid: found[oid] for oid in scalars if oid in found}
    return Walk(state, reason, kept, cells, reading.requests)


def _verdict(
    scalars: Sequence[Oid],
    found: dict[Oid, Value],
    cells: dict[Oid, dict[Oid, Value]],
    special: tuple[frozenset[Oid], frozenset[Oid]],
    reading: Reading,
) -> tuple[State, str]:
    required, sparse = special
    if cells and not any(cells.values()):
        return State.UNSUPPORTED, "the agent has none of these columns"
    if not cells:
        if any(oid in found for oid in scalars):
            return State.COMPLETE, ""
        return State.UNSUPPORTED, "the agent has none of these objects"
    for column in cells:
        if column in required and not cells[column]:
            return State.PARTIAL, f"column {dotted(column)} is empty, others have rows"
    if reason := uneven({column: rows for column, rows in cells.items() if column not in sparse}):
        return State.PARTIAL, reason
    if UPTIME not in reading.first:
        return State.PARTIAL, "no sysUpTime: a restart in between cannot be ruled out"
    return State.COMPLETE, ""


def uneven(cells: dict[Oid, dict[Oid, Value]]) -> str:
    """Name a cell that one column of a table has and another lacks; "" where there is none."""
    tables: dict[Oid, list[Oid]] = {}
    for column, rows in cells.items():
        if rows:
            tables.setdefault(column[:-1], []).append(column)
    for table in tables.values():
        fullest = max(table, key=lambda column: len(cells[column]))
        for column in table:
            gaps = cells[fullest].keys() ^ cells[column].keys()
            if gaps:
                index = min(gaps)
                lacking = column if index not in cells[column] else fullest
                return f"column {dotted(lacking)} has no row {dotted(index)}, another column has"
    return ""


async def _read_scalars(reading: Reading, oids: tuple[Oid, ...], found: dict[Oid, Value]) -> None:
    batches = [oids[at : at + _SCALARS_A_REQUEST] for at in range(0, len(oids), _SCALARS_A_REQUEST)]
    while batches:
        batch = batches.pop(0)
        try:
            response = await reading.send(Request(Kind.GET, batch))
        except (TimedOut, Malformed) as error:
            if not reading.received:
                raise
            raise Stop(f"{error}, at {dotted(batch[0])}") from error
        status, index = response.error_status, response.error_index
        if status == TOO_BIG and len(batch) > 1:
            batches[:0] = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
        elif status == NO_SUCH_NAME and 1 <= index <= len(batch):
            # The way of SNMPv1, also of proxies to it: one absent object spoils the answer for all.
            if len(batch) > 1:
                batches.insert(0, batch[: index - 1] + batch[index:])
        elif status:
            raise refusal(status, batch[index - 1] if 1 <= index <= len(batch) else batch[0])
        else:
            _take_scalars(batch, response.varbinds, found)


def _take_scalars(batch: tuple[Oid, ...], varbinds: list[Varbind], found: dict[Oid, Value]) -> None:
    if tuple(name for name, _, _ in varbinds) != batch:
        raise Stop("the answer to GET names other objects than were asked")
    for name, tag, value in varbinds:
        if tag not in EXCEPTIONS:
            found[name] = value
