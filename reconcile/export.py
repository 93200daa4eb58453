r"""Tables out: CSV that two runs can be compared by, JSON and Parquet with the raw values.

CSV is UTF-8, comma, one header, rows ended by LF, sorted by a key that does not hang on the order in which anything was
read. A cell that a spreadsheet would take for a formula (it starts with ``= + - @``, TAB or CR) gets a ``'`` before
it; line breaks within a cell become blanks. The dialect ``excel`` is the same with a byte order mark, by which Excel
knows UTF-8. Every file is written beside its place and renamed into it: a reader sees the old one or the new one.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Dialect = Literal["standard", "excel"]
SORT_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "units": ("vendor", "serial", "address", "slot", "product_id"),
    "licences": ("vendor", "hostname", "address", "serial", "feature", "entitlement", "state"),
    "coverage": ("vendor", "serial", "address", "slot", "provider", "contract_number", "source_file", "source_row"),
    "lines": ("source_file", "source_row"),
    "findings": ("rule", "vendor", "serial", "key"),
    "changes": (
        "action", "vendor", "provider", "contract_number", "end_date", "line_number", "serial", "finding_key",
        "source_row",
    ),
    "skipped": ("address", "section"),
    "diff": ("event", "vendor", "serial", "address", "slot", "key", "new_serial"),
    "sntc": (),  # as it is: its order means something
}  # fmt: skip
"""The columns by which each table is sorted; the rest of the row breaks ties."""
_NUMBERS: Final = ("days_left", "quantity", "attempts", "seconds", "list_price")
_NUMBER: Final = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
_FORMULA: Final = frozenset("=+-@\t\r")
_BEGINS_FORMULA: Final = np.isin(np.arange(256), [ord(sign) for sign in _FORMULA])
"""By the first byte of a cell."""
_CHUNK: Final = 100_000
_LONGEST: Final = 60
"""Characters of one word in a file name."""


def ordered(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows by *keys* (`source_row` as a number), ties by the rest of the row."""
    return table.take(order) if (order := _order(table, keys)) is not None else table


def write_table(table: pd.DataFrame, path: Path, *, dialect: Dialect = "standard") -> None:
    """Write *table* as CSV to *path*, whole or not at all; the file's stem tells how it is sorted (`SORT_KEYS`)."""
    write_bytes(path, csv_bytes(table, dialect, _order(table, _keys(table, path))))


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_bytes(path, (text.encode(),))


def csv_bytes(table: pd.DataFrame, dialect: Dialect = "standard", order: Ints | None = None) -> Iterator[bytes]:
    """The bytes of the CSV, in pieces; the rows at the places of *order* where one is given."""
    yield (b"\xef\xbb\xbf" if dialect == "excel" else b"") + (",".join(map(_quoted, table.columns)) + "\n").encode()
    for start in range(0, len(table), _CHUNK):
        piece = slice(start, start + _CHUNK)
        yield _csv_rows(table.iloc[piece] if order is None else table.take(order[piece]))


def write_json(table: pd.DataFrame, path: Path) -> None:
    """Write *table* as a JSON array with one object a line and the raw values."""
    write_bytes(path, json_bytes(_sorted(table, path)))


def json_bytes(table: pd.DataFrame) -> Iterator[bytes]:
    """The bytes of the JSON, in pieces."""
    yield b"["
    for start in range(0, len(table), _CHUNK):
        rows = table.iloc[start : start + _CHUNK].to_dict("records")
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        yield ((",\n" if start else "\n") + lines).encode()
    yield b"\n]\n"


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write *table* as Parquet, text columns and raw values."""
    sink = pa.BufferOutputStream()
    rows = pa.Table.from_pandas(_sorted(table, path), preserve_index=False).replace_schema_metadata()
    pq.write_table(rows, sink)
    write_bytes(path, (sink.getvalue().to_pybytes(),))


def split(changes: pd.DataFrame, by: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The changes parted by *by* (of `provider`, `contract`), under a file name without suffix that tells the part.
    Two providers' rows are never in one part, also where only their contracts are asked for.

    >>> list(split(pd.DataFrame({"provider": ["A/B"], "contract_number": [""]}, dtype="str"), ("provider", "contract")))
    ['changes-A-B-none']
    """
    names = ["contract_number" if name == "contract" else name for name in by]
    groups = list(dict.fromkeys((*names, "provider")))
    parts: dict[str, pd.DataFrame] = {}
    taken: Counter[str] = Counter()
    for told, rows in changes.groupby(groups, sort=True):
        stem = "-".join(("changes", *(_safe(str(word)) for word in told[: len(names)])))
        taken[stem.lower()] += 1
        nth = taken[stem.lower()]
        parts[f"{stem}-{nth}" if nth > 1 else stem] = rows
    return parts


def _safe(word: str) -> str:
    """The word as a part of a file name on any system."""
    return re.sub(r"[^\w.+]+", "-", word)[:_LONGEST].strip("-.") or "none"


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write *pieces* beside *path* and rename the file into its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def guarded(cell: str) -> str:
    """The cell as CSV shows it to a spreadsheet: no formula, no line break.

    >>> guarded("=1+1"), guarded("sw1")
    ("'=1+1", 'sw1')
    """
    safe = "'" + cell if cell[:1] in _FORMULA else cell
    return re.sub(r"[\r\n]+", " ", safe).replace("\0", "")


def _sorted(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    return ordered(table, _keys(table, path))


def _keys(table: pd.DataFrame, path: Path) -> tuple[str, ...]:
    return SORT_KEYS.get(path.stem.partition("-")[0], tuple(table.columns))


def _order(table: pd.DataFrame, keys: Sequence[str]) -> Ints | None:
    """The places of the rows in the order of `ordered`; None where they stay as they stand."""
    if not keys:
        return None
    known = [name for name in keys if name in table.columns]
    columns = {str(name): _ranked(str(name), table[name]) for name in known}
    order = _sorting(columns) if known else np.arange(len(table))
    if _ties([column.take(pa.array(order)) for column in columns.values()], len(table)):
        rest = [name for name in table.columns if name not in keys]
        order = _sorting({**columns, **{str(name): _ranked(str(name), table[name]) for name in rest}})
    return order


def _sorting(columns: Mapping[str, Any]) -> Ints:
    rows = pa.table(dict(columns))
    by = [(name, "ascending") for name in columns]
    return np.asarray(pc.sort_indices(rows, by), dtype=np.int64)


def _ranked(name: str, column: pd.Series[str]) -> Any:
    """A column as it is sorted."""
    if name == "source_row":
        return pa.array(pd.to_numeric(column, errors="coerce").astype("float64"), from_pandas=True)
    return _cells(column)


def _ties(columns: Sequence[Any], height: int) -> bool:
    """Whether two neighbours among sorted rows are alike in all of *columns*."""
    alike = np.ones(max(height - 1, 0), dtype=bool)
    for column in columns:
        if not alike.any():
            return False
        same = pc.equal(column.slice(0, height - 1), column.slice(1))
        alike &= np.asarray(pc.fill_null(same, True), dtype=bool)  # null is an odd number of a row
    return bool(alike.any())


def _csv_rows(table: pd.DataFrame) -> bytes:
    columns = [_csv_column(str(name), _cells(table[name])) for name in table.columns]
    columns[-1] = pc.binary_join_element_wise(columns[-1], _text("\n"), _text(""))
    return _bytes(pc.binary_join_element_wise(*columns, _text(",")))


def _cells(column: pd.Series[str]) -> Any:
    """A column as one Arrow array."""
    try:
        cells = pa.array(column, type=pa.large_string())
    except UnicodeEncodeError:  # half a character, from bytes that are no text
        whole = [str(cell).encode("utf-8", "replace").decode() for cell in column]
        cells = pa.array(whole, type=pa.large_string())
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _bytes(cells: Any) -> bytes:
    """All texts of an Arrow array in a row: they lie so in its memory."""
    data = cells.buffers()[2]
    ends = _ends(cells)
    return bytes(data.slice(int(ends[0]), int(ends[-1] - ends[0])).to_pybytes()) if data is not None else b""


def _ends(cells: Any) -> Ints:
    """Where in its memory each text of an Arrow array begins, and where the last one ends."""
    return np.frombuffer(cells.buffers()[1], dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]


def _csv_column(name: str, cells: Any) -> Any:
    """One column guarded and quoted; the same as `guarded`, a column at a time.

    The column's bytes tell which signs are in it at all: most columns hold none that means anything, and to search
    them for one byte costs a fraction of an expression over the cells.
    """
    signs = _bytes(cells)
    formula = _formulas(cells)
    if name in _NUMBERS and formula.any():
        formula &= ~np.asarray(pc.match_substring_regex(cells, _NUMBER), dtype=bool)
    if formula.any():
        cells = pc.if_else(pa.array(formula), pc.binary_join_element_wise(_text("'"), cells, _text("")), cells)
    if b"\r" in signs or b"\n" in signs:
        cells = pc.replace_substring_regex(cells, "[\r\n]+", " ")
    if b"\0" in signs:
        cells = pc.replace_substring(cells, "\0", "")
    if b'"' not in signs and b"," not in signs:
        return cells
    doubled = pc.replace_substring(cells, '"', '""') if b'"' in signs else cells
    quoted = pc.binary_join_element_wise(_text('"'), doubled, _text('"'), _text(""))
    return pc.if_else(pc.match_substring_regex(cells, '[",]'), quoted, cells)


def _formulas(cells: Any) -> Bools:
    """Which cells a spreadsheet would take for a formula: those that begin with a sign of `_FORMULA`."""
    ends = _ends(cells)
    found = ends[1:] > ends[:-1]
    data = cells.buffers()[2]
    if data is not None:
        found[found] = _BEGINS_FORMULA[np.frombuffer(data, dtype=np.uint8)[ends[:-1][found]]]
    return found


def _text(word: str) -> Any:
    return pa.scalar(word, type=pa.large_string())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\n]', name) else name
