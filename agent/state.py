"""What a running agent leaves in its state folder: what it says of itself, and a copy of its settings."""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.errors import SettingsError
from agent.locks import AGENT, holder, state_folder
from agent.settings import COPY, Settings, load

STATE: Final = "netcover-agent.json"
_COPY: Final = f"netcover-settings{COPY}"


def say(settings: Settings, state: Mapping[str, object]) -> None:
    """Write what the agent says of itself, whole or not at all."""
    path = state_folder(settings) / STATE
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(dict(state), indent=1) + "\n", "utf-8")
    unfinished.replace(path)


def unsay(settings: Settings) -> None:
    """The agent ends."""
    (state_folder(settings) / STATE).unlink(missing_ok=True)


def state_of(settings: Settings) -> dict[str, Any] | None:
    """What the running agent says of itself; None where none does."""
    try:
        found = json.loads((state_folder(settings) / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def copied(settings: Settings) -> tuple[Settings, Path | None]:
    """The settings and a copy of their file, read back: a run that starts while somebody edits the file gets these."""
    if not settings.file.is_file():
        return settings, None
    text = f"file = {json.dumps(str(settings.file))}\n{settings.file.read_text('utf-8-sig')}"
    copy = state_folder(settings) / _COPY
    fresh = copy.with_name(f"netcover-settings.new{COPY}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        file.write(text)
    read = load(fresh)
    fresh.replace(copy)
    return read, copy


def in_use(file: Path) -> Settings | None:
    """The settings that a running agent goes by while *file* is not good; None where no agent runs or is found.

    Where its state is, the file itself says, as far as it can be read.
    """
    said: Any = {}
    with contextlib.suppress(OSError, ValueError):  # TOML and UTF-8 errors are ValueErrors
        said = tomllib.loads(file.read_text("utf-8-sig")).get("agent", {})
    said = said if isinstance(said, dict) else {}
    place = file.parent / Path(str(said.get("state") or said.get("out") or "out")).expanduser()
    if holder(place / AGENT) is None:
        return None
    try:
        return load(place / _COPY)
    except SettingsError:
        return None
