"""Software releases as devices write them: `17.06.04`, `Bengaluru 17.6.4` and `17.6.4` are one release."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\d+|[a-z]+", re.I)
_TRAIN = re.compile(r"^[A-Z][a-z]+ (?=\d)")
_REMARK = re.compile(r"(?:\s*\[[^\]]*\]|\s+LNT)+$")


def same(one: str, other: str) -> bool:
    """Whether both name one release: leading zeros, a train's name and remarks behind do not count.

    >>> same("Bengaluru 17.06.04", "17.6.4")
    True
    >>> same("10.4(5) [Maintenance Release]", "10.4(5)")
    True
    >>> same("15.2(4)E10", "15.2(4)E1")
    False
    """
    return _key(one) == _key(other)


def plain(release: str) -> str:
    """*release* without the remarks behind it: NX-OS's ``[Maintenance Release]``, XR's ``[Default]`` and ``LNT``.

    >>> plain("7.5.2 LNT")
    '7.5.2'
    """
    return _REMARK.sub("", release.strip())


def release_of(said: str, device: str) -> str:
    """What a row says it runs, in the device's own writing where both mean one release."""
    return device if said and device and same(said, device) else said


def _key(text: str) -> tuple[str, ...]:
    return tuple(piece.lstrip("0") or "0" for piece in _PIECE.findall(plain(_TRAIN.sub("", text.strip()))))
