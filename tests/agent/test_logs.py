"""Log events: one line each, nothing that steers a terminal, no secret."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from agent.logs import configure, printable
from agent.secrets import Secret
from tests.agent.parts import CANARY, NOON

HOSTILE = "sw1\x1b[31m\x1b]0;title\x07\r\nForged: line\x9b2J\u202e\u200b\x00\x7f\x1bPq#0\x1b\\end"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield io.StringIO()
    structlog.reset_defaults()
    root.setLevel(level)
    root.handlers[:] = handlers


def test_hostile_text_becomes_one_plain_line():
    assert printable(HOSTILE) == "sw1 Forged: lineend"


@pytest.mark.parametrize("text", ["plain", "Zürich — 12 °C", "日本", "a b"])
def test_honest_text_is_left_alone(text):
    assert printable(text) == text


CONTROLS = [*range(32), *range(127, 160), 0xAD, *range(0x200B, 0x2010), *range(0x2028, 0x202F), 0xFEFF]


def test_no_control_character_is_left():
    left = {number: text for number in CONTROLS if (text := printable(f"a{chr(number)}")) not in ("a", "a ")}

    assert left == {}


def test_an_event_is_one_line_of_text(stream):
    configure(stream=stream, clock=lambda: NOON)

    structlog.get_logger().info("polled", address="10.0.0.1", reason="no route to host", hostname=HOSTILE)

    assert stream.getvalue() == (
        '2026-03-01T12:00:00Z info    polled address=10.0.0.1 reason="no route to host"'
        ' hostname="sw1 Forged: lineend"\n'
    )


def test_an_event_is_one_line_of_json(stream):
    configure(form="json", stream=stream, clock=lambda: NOON)

    structlog.get_logger().warning("skipped", attempts=2, hostname=HOSTILE, ok=None)

    assert stream.getvalue().count("\n") == 1
    assert json.loads(stream.getvalue()) == {
        "time": "2026-03-01T12:00:00Z",
        "level": "warning",
        "event": "skipped",
        "attempts": 2,
        "hostname": "sw1 Forged: lineend",
        "ok": None,
    }


@pytest.mark.parametrize(
    ("verbosity", "levels"),
    [
        ("quiet", ["error"]),
        ("normal", ["info", "warning", "error"]),
        ("verbose", ["debug", "info", "warning", "error"]),
    ],
)
def test_verbosity_is_the_lowest_level(stream, verbosity, levels):
    configure(form="json", verbosity=verbosity, stream=stream)
    log = structlog.get_logger()

    for level in ("debug", "info", "warning", "error"):
        getattr(log, level)("x")

    assert [json.loads(line)["level"] for line in stream.getvalue().splitlines()] == levels


def test_a_secret_is_masked_in_both_forms(stream):
    for form in ("text", "json"):
        configure(form=form, verbosity="verbose", stream=stream)  # type: ignore[arg-type]
        structlog.get_logger().info("login", password=Secret(CANARY), both=[Secret(CANARY)])

    assert CANARY not in stream.getvalue()
    assert stream.getvalue().count("***") == 4


def test_an_exception_is_one_line_without_locals(stream):
    configure(stream=stream, clock=lambda: NOON)

    def fail(word: str) -> None:
        raise ValueError("broken")

    try:
        fail(CANARY)
    except ValueError:
        structlog.get_logger().exception("failed")

    assert CANARY not in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
    assert "ValueError: broken" in stream.getvalue()


def test_libraries_cannot_say_what_a_session_held(stream):
    configure(verbosity="verbose", stream=stream)

    for name in ("netmiko", "paramiko.transport", "pysnmp.x", "sqlalchemy.engine", "some.library"):
        logging.getLogger(name).debug("sent %s", CANARY)
        logging.getLogger(name).info("sent %s", CANARY)

    assert stream.getvalue() == ""


def test_a_warning_of_a_library_is_an_event(stream):
    configure(form="json", stream=stream, clock=lambda: NOON)
    configure(form="json", stream=stream, clock=lambda: NOON)

    logging.getLogger("some.library").warning("odd %s", "thing")

    assert json.loads(stream.getvalue()) == {
        "time": "2026-03-01T12:00:00Z", "level": "warning", "event": "odd thing", "logger": "some.library",
    }  # fmt: skip


def test_every_event_of_a_run_carries_its_number(stream):
    configure(form="json", stream=stream, clock=lambda: NOON)

    async def device() -> None:
        structlog.get_logger().info("device", address="10.0.0.1")

    with structlog.contextvars.bound_contextvars(run=7):
        asyncio.run(device())
    structlog.get_logger().info("told")

    moment = {"time": "2026-03-01T12:00:00Z", "level": "info"}
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {**moment, "event": "device", "address": "10.0.0.1", "run": 7},
        {**moment, "event": "told"},
    ]
