"""What a running agent leaves in its state folder: what it says of itself, and a copy of its settings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.locks import state_folder
from agent.settings import COPY, Settings, load

STATE: Final = "netcover-agent.json"


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
    copy = state_folder(settings) / f"netcover-settings{COPY}"
    fresh = copy.with_name(f"netcover-settings.new{COPY}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        file.write(text)
    read = load(fresh)
    fresh.replace(copy)
    return read, copy
