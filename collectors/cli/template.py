"""TTP at arm's length: text and a trusted template in, rows out."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from collectors.errors import ConfigError

Row = Mapping[str, str]
_LOCK: Final = threading.Lock()
_OURS: Final = "NETCOVER_TTP_CACHE"


def rows(name: str, template: str, text: str) -> dict[str, list[Row]]:
    """The rows of each group that *template* finds in *text*, by group name.

    Lines reach the template without indentation and tabs, so templates need not know how a release pads
    them. Raises ConfigError for a template that TTP refuses, or that holds code.
    """
    if re.search(r"<\s*macro|\bmacro\s*\(", template, re.I):
        raise ConfigError(f"{name}: a template may not hold macros")
    parser = _parser(name, template, threading.get_ident())
    try:
        parser.clear_input()
        parser.clear_result()  # one without the other mixes the answers of two devices
        parser.add_input(flat(text))
        parser.parse(one=True)  # in this process: TTP forks for long texts
        found = parser.result()
    except SystemExit as error:
        raise ConfigError(f"{name}: not a TTP template") from error
    result: dict[str, list[Row]] = {}
    for group, row in _groups(found):
        result.setdefault(group, []).append(row)
    return result


def flat(text: str) -> str:
    """*text* with each line's outer white space and all tabs gone, as templates expect it."""
    return "\n".join(line.replace("\t", " ").strip() for line in text.splitlines()) + "\n"


def private_cache() -> None:
    """Let TTP unpickle its cache only from a folder that nobody else can write.

    Worker processes inherit the folder from the environment of their run, which removes it: a worker that is stopped
    for its deadline cleans nothing up.
    """
    folder = os.environ.get(_OURS)
    if not folder:
        folder = os.environ[_OURS] = tempfile.mkdtemp(prefix="netcover-ttp-")  # mode 0700
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["TTPCACHEFOLDER"] = folder


@lru_cache(maxsize=64)
def _parser(name: str, template: str, thread: int) -> Any:  # TTP has no types
    """A parser for each template and thread: one that two threads share mixes the answers of two devices, and a new
    one for each answer costs four times as much as the reading."""
    with _LOCK:  # TTP's first construction is not safe among threads
        private_cache()
        from ttp import ttp  # imported late: only a run that parses CLI text pays for it

        try:
            return ttp(template=template, log_level="ERROR")
        except SystemExit as error:
            raise ConfigError(f"{name}: not a TTP template") from error
        except Exception as error:  # TTP raises whatever its parts raise
            raise ConfigError(f"{name}: not a TTP template: {error}") from error


def _groups(found: object) -> Iterator[tuple[str, Row]]:
    """TTP nests its results as [[{group: row or rows}]]."""
    if isinstance(found, list):
        for item in found:
            yield from _groups(item)
    elif isinstance(found, dict):
        for group, content in found.items():
            for row in content if isinstance(content, list) else [content]:
                if isinstance(row, dict):
                    yield str(group), {str(key): str(value).strip() for key, value in row.items()}
