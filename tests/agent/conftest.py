"""A store, and the command itself, for the agent's tests."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
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


POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[tuple[Path, Callable[..., None]]]:
    """A server of our own, reached by a socket in a folder, and what runs one of PostgreSQL's programs there."""
    if POSTGRES is None:
        pytest.skip("no PostgreSQL server here")
    owner = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="netcover-postgres-"))
    if owner:
        shutil.chown(folder, owner)

    def run(program: str, *arguments: str) -> None:
        subprocess.run([POSTGRES / program, *arguments], check=True, capture_output=True, user=owner, cwd=folder)

    server = ("-D", f"{folder}/data", "-w", "-o", f"-k {folder} -c listen_addresses=", "-l", f"{folder}/log")
    try:
        run("initdb", "-A", "trust", "-N", "-U", "netcover", f"{folder}/data")
        run("pg_ctl", *server, "start")
        yield folder, run
        run("pg_ctl", *server, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: tuple[Path, Callable[..., None]], tmp_path: Path) -> str:
    """The URL of an empty database."""
    folder, run = postgres_server
    name = re.sub(r"\W", "_", tmp_path.name)
    run("createdb", "-h", str(folder), "-U", "netcover", name)
    return f"postgresql+psycopg://netcover@/{name}?host={folder}"
