"""A folder that another program watches: one file a message, whole or not there at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from agent.notify_message import plain
from agent.routes.outgoing import DeliveryError, Outgoing
from agent.settings_notify import Route


def write_message(route: Route, outgoing: Outgoing, folder: Path) -> str:
    """Write the message under its name; a repeated one takes the place of the first, so it is there exactly once."""
    place = folder / Path(route.path).expanduser()
    suffix = "json" if route.format == "json" else "txt"
    path = place / f"{outgoing.name}.{suffix}"
    beside = place / f".{outgoing.name}.{os.getpid()}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(_text(route, outgoing))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True) if place.is_dir() else None
        raise DeliveryError(f"{error.filename or place}: cannot be written: {error.strerror}") from None
    return ""


def as_json(outgoing: Outgoing) -> dict[str, object]:
    """The message as JSON holds it, here and in a webhook's body."""
    told = asdict(outgoing.message)
    return {
        "id": outgoing.name,
        "created": outgoing.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **told,
        "text": plain(outgoing.message),
    }


def _text(route: Route, outgoing: Outgoing) -> str:
    if route.format == "json":
        return json.dumps(as_json(outgoing), ensure_ascii=False, indent=2) + "\n"
    return f"{outgoing.message.title}\n\n{plain(outgoing.message)}"
