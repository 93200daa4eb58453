"""Memory that is free for us, and not for others."""

from __future__ import annotations

import ctypes
from typing import Final

import pyarrow as pa

_WORTH: Final = 1 << 28
"""Bytes in Arrow's pool below which there is little to give back."""


def give_back() -> None:
    """Hand what was freed back to the system, where much was allocated.

    Arrow's pool and the C library keep freed pages for later. After a million contract lines are read those are as much
    again as the lines themselves, and none of it is of use to what comes next. Where the C library knows no such call
    (it is glibc's) its part stays as it is.
    """
    pool = pa.default_memory_pool()
    if pool.bytes_allocated() < _WORTH:
        return
    pool.release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
