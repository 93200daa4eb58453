"""Secrets: where they come from, and a value that does not show itself.

A reference is ``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER`` or ``systemd:NAME``. It is looked up when
a credential is needed, never earlier, and a reference that leads nowhere is an error, never a password.
"""

from __future__ import annotations

import hmac
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from agent.errors import SettingsError

_REFERENCE: Final = re.compile(r"^(env|file|keyring|systemd):(.*)$", re.S)
_MASK: Final = "***"
_LARGEST: Final = 64 * 1024
"""Bytes in a secret's file; more is a wrong path."""


class Secret:
    """Text that no repr, str, format, pickle or JSON shows; `reveal` hands it to the transport."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the call that sends it, never to be kept."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return f"Secret({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled")


NO_SECRET: Final = Secret("")


@dataclass(frozen=True, slots=True)
class SnmpCredential:
    """What an SNMP request is signed with; `community` for 2c, the rest for 3. "" means "not used"."""

    version: str
    community: Secret = NO_SECRET
    user: str = ""
    auth: str = ""
    auth_key: Secret = NO_SECRET
    priv: str = ""
    priv_key: Secret = NO_SECRET
    context: str = ""


@dataclass(frozen=True, slots=True)
class SshCredential:
    """A login; `enable` is empty where none is needed."""

    user: str
    password: Secret
    enable: Secret = NO_SECRET


@dataclass(frozen=True, slots=True)
class Credential:
    """What one name in the settings stands for; None for a protocol it does not serve."""

    name: str
    snmp: SnmpCredential | None = None
    ssh: SshCredential | None = None


def is_reference(text: str) -> bool:
    """True if *text* says where a secret is rather than being one.

    >>> is_reference("env:SNMP_AUTH"), is_reference("hunter2")
    (True, False)
    """
    return _REFERENCE.match(text) is not None


def resolve(text: str, *, key: str, folder: Path, environ: Mapping[str, str] | None = None) -> Secret:
    """Follow the reference in *text*, or take it as the secret itself where it is none.

    *key* is the setting's name for the message, *folder* the one ``file:`` paths are relative to. Whether a
    literal is allowed was decided when the settings were read. Raises SettingsError with the cure.
    """
    match = _REFERENCE.match(text)
    if match is None:
        return Secret(text)
    kind, rest = match.groups()
    if not rest.strip():
        raise SettingsError(f"{key}: {kind}: names nothing; write {_FORMS[kind]}")
    try:
        return _SOURCES[kind](rest.strip(), folder, os.environ if environ is None else environ)
    except SettingsError as error:
        raise SettingsError(f"{key}: {error}") from error


def _from_environment(name: str, folder: Path, environ: Mapping[str, str]) -> Secret:
    found = environ.get(name, "")
    if not found:
        raise SettingsError(f"the environment variable {name} is not set; set it, or use file: or systemd:")
    return Secret(found)


def _from_file(name: str, folder: Path, environ: Mapping[str, str]) -> Secret:
    path = folder / Path(name).expanduser()
    content = _read(path, private=True)
    return _text(content, path)


def _from_systemd(name: str, folder: Path, environ: Mapping[str, str]) -> Secret:
    where = environ.get("CREDENTIALS_DIRECTORY", "")
    if not where:
        raise SettingsError(
            f"systemd:{name} needs $CREDENTIALS_DIRECTORY; start from a unit with LoadCredential={name}:..."
        )
    if "/" in name or name in (".", ".."):
        raise SettingsError(f"systemd:{name} must be the bare name of a credential")
    path = Path(where) / name
    return _text(_read(path, private=False), path)  # systemd sets the mode itself


def _from_keyring(name: str, folder: Path, environ: Mapping[str, str]) -> Secret:
    service, slash, user = name.partition("/")
    if not (service and slash and user):
        raise SettingsError(f"keyring:{name} must be keyring:SERVICE/USER")
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise SettingsError("keyring: is an extra; install netcover[keyring], or use env: or file:") from error
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        why = type(error).__name__
        raise SettingsError(f"the key ring did not answer ({why}); unlock it, or use env: or file:") from error
    if not found:
        cure = f"store it with: keyring set {service} {user}"
        raise SettingsError(f"the key ring holds nothing for {service}/{user}; {cure}")
    return Secret(found)


_SOURCES: Final[Mapping[str, Callable[[str, Path, Mapping[str, str]], Secret]]] = {
    "env": _from_environment,
    "file": _from_file,
    "keyring": _from_keyring,
    "systemd": _from_systemd,
}
_FORMS: Final = {
    "env": "env:NAME",
    "file": "file:PATH",
    "keyring": "keyring:SERVICE/USER",
    "systemd": "systemd:NAME",
}


def _read(path: Path, *, private: bool) -> bytes:
    """The bytes of a small regular file; the mode is that of the file opened, not of one swapped in later."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SettingsError(f"{path} is not a file")
            if private and found.st_mode & 0o077:
                mode = stat.S_IMODE(found.st_mode)
                raise SettingsError(f"{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}")
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise SettingsError(f"{path} is too large to be a secret")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open without hanging on a named pipe that nobody writes to."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _text(content: bytes, path: Path) -> Secret:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text") from None  # the cause would carry the bytes
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise SettingsError(f"{path} is empty; write the secret into it as one line")
    if "\n" in text:
        raise SettingsError(f"{path} holds more than one line; write the secret into it as one line")
    return Secret(text)
