"""Tables packed into bytes: what would cost a row a device, finding or line in each run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import pandas as pd

VISITS: Final = ("observation", "started", "seconds", "attempts", "confirmed")
"""One row a device a run polled, in the order of polling; `observation` is the id of what it held, `confirmed`
is ``quick`` where the device only proved that it still holds that."""
FOUND: Final = ("row", "first_seen", "last_seen")
"""One row a finding of a run; `row` is the id of what was found."""


def pack(table: pd.DataFrame) -> bytes:
    """The table as an Arrow file. The same table gives the same bytes, so that it can be kept once by its content."""
    packed = io.BytesIO()
    table.reset_index(drop=True).to_feather(packed, compression="zstd")
    return packed.getvalue()


def unpack(data: bytes, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The table that was packed, or those of its columns."""
    return pd.read_feather(io.BytesIO(data), columns=list(columns) if columns is not None else None)
