"""What can go wrong in the program itself; every text is one sentence that names the place and the cure."""

from __future__ import annotations


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
