"""Software releases as devices write them: `17.06.04`, `Bengaluru 17.6.4` and `17.6.4` are one release."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\d+|[a-z]+", re.I)
_TRAIN = re.compile(r"^[A-Z][a-z]+ (?=\d)")
_PACKAGE = re.compile(r"\[Default\]$")


def same(one: str, other: str) -> bool:
    """Whether both name one release: leading zeros, a train's name and XR's ``[Default]`` do not count.

    >>> same("Bengaluru 17.06.04", "17.6.4")
    True
    >>> same("15.2(4)E10", "15.2(4)E1")
    False
    """
    return _key(one) == _key(other)


def release_of(said: str, device: str) -> str:
    """What a row says it runs, in the device's own writing where both mean one release."""
    return device if said and device and same(said, device) else said


def _key(text: str) -> tuple[str, ...]:
    plain = _PACKAGE.sub("", _TRAIN.sub("", text.strip()))
    return tuple(piece.lstrip("0") or "0" for piece in _PIECE.findall(plain))
