"""Fixtures that every suite may use: the lab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests.lab import Device, Lab, running_lab

Serve = Callable[..., Lab]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Gives the function that serves devices on free ports until the test ends."""
    with ExitStack() as labs:

        def start(*devices: Device, allowed: Mapping[str, Collection[str]] | None = None) -> Lab:
            return labs.enter_context(running_lab(devices, snmp_port=0, ssh_port=0, allowed=allowed))

        yield start
