"""What systemd hears, at a real socket."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

import pytest

from agent import sd_notify


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path, monkeypatch) -> Iterator[socket.socket]:
    name = str(tmp_path / "notify") if request.param == "path" else f"\0netcover-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name)
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name.replace("\0", "@"))
        yield listening


def test_each_state_is_one_datagram(systemd):
    assert sd_notify.ready("next: collect at\n02:15")
    assert sd_notify.status("running collect")
    assert sd_notify.alive()
    assert sd_notify.stopping()

    assert [systemd.recv(500) for _ in range(4)] == [
        b"READY=1\nSTATUS=next: collect at 02:15",
        b"STATUS=running collect",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=stopping",
    ]


def test_a_reload_tells_systemds_own_clock(systemd):
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert sd_notify.reloading()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

    first, second = systemd.recv(500).decode().split("\n")
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= after


@pytest.mark.parametrize("name", ["", "relative", "/nowhere/at/all"])
def test_without_a_socket_nothing_is_sent_and_nothing_breaks(name):
    assert sd_notify.send("READY=1", environ={"NOTIFY_SOCKET": name}) is False


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_heard_where_it_means_this_process(environ, seconds):
    assert sd_notify.watchdog_seconds(environ, pid=7) == seconds
