"""Log events on standard error: one line each, text or JSON, with nothing in it that steers a terminal."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

Format = Literal["text", "json"]

_ESCAPES: Final = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI, in both writings (ECMA-48 section 5.4)
    "|(?:\x1b[PX^_\\]]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    "|\x1b[ -/]*[0-~]?"
)
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_QUIET: Final = ("paramiko", "netmiko", "pysnmp", "napalm", "asyncio", "alembic", "ttp")
"""Libraries that log whole sessions, passwords and all, when they are asked to say more."""
_LEVELS: Final = {"quiet": logging.ERROR, "normal": logging.INFO, "verbose": logging.DEBUG}


def printable(text: str) -> str:
    r"""The text on one line without control sequences, control characters, bidi marks and invisible ones.

    >>> printable("sw1\x1b[31m\r\nred\u202e")
    'sw1 red'
    """
    return _INVISIBLE.sub("", re.sub(r"\s*[\n\r\t\v\f]+\s*", " ", _ESCAPES.sub("", text)))


def configure(
    *,
    form: Format = "text",
    verbosity: Literal["quiet", "normal", "verbose"] = "normal",
    stream: TextIO | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Send structlog's events, and warnings of libraries, to *stream*, by default standard error."""
    import structlog

    level = _LEVELS[verbosity]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            _timestamp(clock),
            _clean,
            _json if form == "json" else _text,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    _bridge(level)


class _Bridge(logging.Handler):
    """Hands a library's record to structlog, as text."""

    def emit(self, record: logging.LogRecord) -> None:
        import structlog

        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name)


def _bridge(level: int) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Bridge)]:
        root.removeHandler(handler)
    root.addHandler(_Bridge())
    root.setLevel(max(level, logging.WARNING))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("paramiko.transport").setLevel(logging.CRITICAL)  # its errors reach us as exceptions


def _timestamp(clock: Callable[[], datetime]) -> Callable[[Any, str, Any], Any]:
    def stamp(logger: Any, method: str, event: Any) -> Any:
        event["time"] = clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return event

    return stamp


def _clean(logger: Any, method: str, event: Any) -> Any:
    """Everything but numbers becomes printable text: a `Secret` masks itself here."""
    return {printable(str(key)): _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else printable(str(value))


def _json(logger: Any, method: str, event: Any) -> str:
    first = {name: event.pop(name) for name in ("time", "level", "event") if name in event}
    return json.dumps({**first, **event}, ensure_ascii=False)


def _text(logger: Any, method: str, event: Any) -> str:
    time, level, what = (event.pop(name, "") for name in ("time", "level", "event"))
    pairs = " ".join(f"{key}={_quoted(value)}" for key, value in event.items())
    return f"{time} {level:<7} {what} {pairs}".rstrip()


def _quoted(value: Any) -> str:
    text = str(value)
    return text if text and not re.search(r'[\s"=]', text) else json.dumps(text, ensure_ascii=False)
