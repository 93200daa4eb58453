"""Secrets: every source, every refusal, and that none shows itself."""

from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.secrets import Secret, SshCredential, resolve
from tests.agent.parts import CANARY


def secret_file(folder: Path, content: bytes = CANARY.encode() + b"\n", mode: int = 0o600) -> Path:
    path = folder / "word"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refusal(text: str, folder: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        resolve(text, key="k", folder=folder, environ=environ or {})
    return str(caught.value)


def test_a_secret_is_shown_in_no_form():
    secret = Secret(CANARY)
    credential = SshCredential("audit", secret)

    forms = [
        repr(secret), str(secret), f"{secret}", f"{secret:>30}", f"{secret!r}", repr([secret]),
        repr(credential), str(asdict(credential)), json.dumps({"a": secret}, default=str),
        repr(copy.deepcopy(secret)),
        repr(dir(secret)),
    ]  # fmt: skip

    assert not [form for form in forms if CANARY in form]
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol):
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(CANARY), protocol)


def test_a_traceback_with_locals_shows_no_secret():
    def failing(secret: Secret) -> None:
        raise RuntimeError(f"with {secret}")

    try:
        failing(Secret(CANARY))
    except RuntimeError as error:
        text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    assert "Secret(***)" in text
    assert CANARY not in text.replace("failing(Secret(CANARY))", "")


def test_a_log_line_shows_no_secret(caplog):
    logging.getLogger("x").error("login %s %r", Secret(CANARY), SshCredential("a", Secret(CANARY)))

    assert CANARY not in caplog.text


def test_two_secrets_are_equal_by_their_text():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    assert Secret("a") != "a"


def test_a_variable_is_read(tmp_path):
    assert resolve("env:A", key="k", folder=tmp_path, environ={"A": CANARY}) == Secret(CANARY)


@pytest.mark.parametrize("environ", [{}, {"A": ""}])
def test_an_unset_or_empty_variable_is_refused(tmp_path, environ):
    said = refusal("env:A", tmp_path, environ)

    assert said == "k: the environment variable A is not set; set it, or use file: or systemd:"


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_file_beside_the_settings_is_read_without_its_line_end(tmp_path, ending):
    secret_file(tmp_path, CANARY.encode() + ending)

    assert resolve("file:word", key="k", folder=tmp_path, environ={}) == Secret(CANARY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_a_file_that_others_can_read_is_refused_with_the_cure(tmp_path, mode):
    path = secret_file(tmp_path, mode=mode)

    assert refusal("file:word", tmp_path) == (
        f"k: {path} can be read by others (mode {mode:04o}); run: chmod 600 {path}"
    )


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_its_owner_alone_is_read(tmp_path, mode):
    secret_file(tmp_path, mode=mode)

    assert resolve("file:word", key="k", folder=tmp_path, environ={}).reveal() == CANARY


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "holds more than one line"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"x" * 70_000, "is too large to be a secret"),
    ],
)
def test_a_file_that_is_no_secret_is_refused(tmp_path, content, problem):
    secret_file(tmp_path, content)

    said = refusal("file:word", tmp_path)

    assert problem in said
    assert "two" not in said


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)

    assert "cannot be read: No such file or directory" in refusal("file:nowhere", tmp_path)
    assert "cannot be read: Is a directory" in refusal("file:folder", tmp_path)
    assert "is not a file" in refusal("file:pipe", tmp_path)


def test_a_systemd_credential_is_read_from_its_directory(tmp_path):
    secret_file(tmp_path)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    assert resolve("systemd:word", key="k", folder=Path(), environ=environ) == Secret(CANARY)


def test_a_systemd_credential_outside_a_unit_names_the_cure(tmp_path):
    assert refusal("systemd:word", tmp_path) == (
        "k: systemd:word needs $CREDENTIALS_DIRECTORY; start from a unit with LoadCredential=word:..."
    )


@pytest.mark.parametrize("name", ["../word", "a/b", ".."])
def test_a_systemd_credential_does_not_leave_its_directory(tmp_path, name):
    said = refusal(f"systemd:{name}", tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "inner")})

    assert "must be the bare name of a credential" in said


def test_a_missing_keyring_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    assert refusal("keyring:netcover/core", tmp_path) == (
        "k: keyring: is an extra; install netcover[keyring], or use env: or file:"
    )


def test_a_key_ring_is_asked_for_service_and_user(tmp_path, monkeypatch):
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    class Ring(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            return CANARY if (service, username) == ("netcover", "core") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        found = resolve("keyring:netcover/core", key="k", folder=tmp_path, environ={})
        said = refusal("keyring:netcover/edge", tmp_path)
    finally:
        keyring.set_keyring(before)

    assert found == Secret(CANARY)
    assert said == "k: the key ring holds nothing for netcover/edge; store it with: keyring set netcover edge"


@pytest.mark.parametrize("text", ["keyring:only", "keyring:/user", "keyring:service/"])
def test_half_a_keyring_reference_is_refused(tmp_path, text):
    assert "must be keyring:SERVICE/USER" in refusal(text, tmp_path)


@pytest.mark.parametrize("kind", ["env", "file", "keyring", "systemd"])
def test_a_reference_to_nothing_is_refused(tmp_path, kind):
    assert refusal(f"{kind}: ", tmp_path).startswith(f"k: {kind}: names nothing; write {kind}:")
