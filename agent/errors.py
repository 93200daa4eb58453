"""What can go wrong in the program itself; every text is one sentence that names the place and the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_OUR_PACKAGES: Final = ("agent", "collectors", "reconcile", "configs")


class AgentError(Exception):
    """An error a person can mend. Its text is all they see."""


class SettingsError(AgentError):
    """The settings file, or a secret it refers to, is wrong or missing."""


class StoreError(AgentError):
    """The store cannot be opened, read or written."""


class StoreBusyError(StoreError):
    """Another netcover is writing to this store."""


class UsageError(AgentError):
    """The command cannot do what it was asked with what it was given."""


def ours(error: BaseException) -> bool:
    """Whether one of our packages defines the error: then its text is a sentence for a person."""
    return type(error).__module__.partition(".")[0] in _OUR_PACKAGES


def sentence(error: BaseException) -> str:
    """What a person is shown of an error: ours are sentences; of others the kind and the place, because their text may
    hold what was being worked on."""
    if ours(error):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    trace, where = error.__traceback__, ""
    while trace is not None:
        where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"unexpected {type(error).__name__}{where}"
