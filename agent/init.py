"""What `netcover init` writes: an audit folder with the example settings and a header for each table.

The examples' rows stay behind: an audit of the folder would take invented serials for the user's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from agent.errors import UsageError

_NOT_COPIED = ("contracts.csv",)
"""Vendors' own exports go into ``contracts/`` as they are."""


def write(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write each template into *folder*: (path, True), or (path, False) where a file was there already.

    Raises UsageError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "contracts").mkdir(exist_ok=True)
        for template in templates():
            yield folder / template.name, _write(folder / template.name, _content(template))
    except OSError as error:
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def templates() -> list[Traversable]:
    """The example files that are copied, by name."""
    examples = resources.files("configs") / "examples"
    return sorted(
        (file for file in examples.iterdir() if file.name.endswith((".toml", ".csv")) and file.name not in _NOT_COPIED),
        key=lambda file: file.name,
    )


def _content(template: Traversable) -> bytes:
    """Settings whole, a table's header alone."""
    content = template.read_bytes()
    return content.splitlines(keepends=True)[0] if template.name.endswith(".csv") else content


def _write(path: Path, content: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return True
