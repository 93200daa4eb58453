"""A store, and the command itself, for the agent's tests."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent.main import main
from agent.store import Store, open_store
from tests.agent.parts import HOME, NOON, Netcover


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'netcover.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, clock=lambda: NOON, wait=0) as opened:
        yield opened


@pytest.fixture
def netcover(tmp_path: Path) -> Netcover:
    """Runs the command as its console script does, in a process of its own."""
    script = tmp_path / "bin" / "netcover"
    script.parent.mkdir()
    script.write_text("import sys\nfrom agent.main import main\nsys.exit(main())\n")

    def run(
        *arguments: str | Path,
        cwd: Path = tmp_path,
        env: Mapping[str, str] | None = None,
        path: tuple[Path, ...] = (),
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("T_", "NO_COLOR", "CREDENTIALS_"))}
        return subprocess.run(
            [sys.executable, script, *map(str, arguments)],
            cwd=cwd,
            env={**clean, "PYTHONPATH": os.pathsep.join(map(str, (*path, HOME))), **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def netcover_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Netcover:
    """The same command in this process: a second faster."""

    def run(
        *arguments: str | Path, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            capsys.readouterr()
            status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run
