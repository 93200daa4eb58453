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
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

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
_ODD: Final = '^[=+\\-@\t\r]|[",\r\n\\x00]'
"""What a cell shows that is not written as it is."""
_CHUNK: Final = 100_000
_LONGEST: Final = 60
"""Characters of one word in a file name."""


def ordered(table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The rows by *keys* (`source_row` as a number), ties by the rest of the row."""
    if not keys:
        return table
    known = [name for name in keys if name in table.columns]
    rest = [name for name in table.columns if name not in keys]
    by = [*known, *(rest if table.duplicated(known or None).any() else ())]
    ranked = (
        table.assign(source_row=pd.to_numeric(table["source_row"], errors="coerce")) if "source_row" in by else table
    )
    return table.loc[ranked.sort_values(by, kind="stable").index]


def write_table(table: pd.DataFrame, path: Path, *, dialect: Dialect = "standard") -> None:
    """Write *table* as CSV to *path*, whole or not at all; the file's stem tells how it is sorted (`SORT_KEYS`)."""
    write_bytes(path, csv_bytes(_sorted(table, path), dialect))


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_bytes(path, (text.encode(),))


def csv_bytes(table: pd.DataFrame, dialect: Dialect = "standard") -> Iterator[bytes]:
    """The bytes of the CSV, in pieces."""
    yield (b"\xef\xbb\xbf" if dialect == "excel" else b"") + (",".join(map(_quoted, table.columns)) + "\n").encode()
    for start in range(0, len(table), _CHUNK):
        yield _csv_rows(table.iloc[start : start + _CHUNK])


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
    safe = "'" + cell if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
    return re.sub(r"[\r\n]+", " ", safe).replace("\0", "")


def _sorted(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    stem = path.stem.partition("-")[0]
    return ordered(table.reset_index(drop=True), SORT_KEYS.get(stem, tuple(table.columns)))


def _csv_rows(table: pd.DataFrame) -> bytes:
    columns = [_csv_column(name, pa.array(table[name], type=pa.large_string())) for name in table.columns]
    joined = pc.binary_join_element_wise(*columns, _text(","))
    ended = pc.binary_join_element_wise(joined, _text("\n"), _text(""))
    return _bytes(ended.combine_chunks() if isinstance(ended, pa.ChunkedArray) else ended)


def _bytes(rows: Any) -> bytes:
    """All texts of an Arrow array in a row: they lie so in its memory."""
    _, offsets, data = rows.buffers()
    if data is None:
        return b""
    ends = np.frombuffer(offsets, dtype=np.int64)[rows.offset : rows.offset + len(rows) + 1]
    return bytes(data.slice(int(ends[0]), int(ends[-1] - ends[0])).to_pybytes())


def _csv_column(name: str, cells: Any) -> Any:
    """One column guarded and quoted; the same as `guarded`, a column at a time."""
    if not pc.any(pc.match_substring_regex(cells, _ODD)).as_py():
        return cells
    formula = pc.match_substring_regex(cells, "^[=+\\-@\t\r]")
    if name in _NUMBERS:
        formula = pc.and_(formula, pc.invert(pc.match_substring_regex(cells, _NUMBER)))
    safe = pc.if_else(formula, pc.binary_join_element_wise(_text("'"), cells, _text("")), cells)
    safe = pc.replace_substring(pc.replace_substring_regex(safe, "[\r\n]+", " "), "\0", "")
    doubled = pc.replace_substring(safe, '"', '""')
    quoted = pc.binary_join_element_wise(_text('"'), doubled, _text('"'), _text(""))
    return pc.if_else(pc.match_substring_regex(safe, '[",]'), quoted, safe)


def _text(word: str) -> Any:
    return pa.scalar(word, type=pa.large_string())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\n]', name) else name
