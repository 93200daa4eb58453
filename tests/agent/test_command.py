"""The `netcover` command in a process of its own: how it starts, what it says, how it ends."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.folder import Given, locate
from agent.main import main
from agent.prepare import prepare
from tests.agent.parts import CANARY, CORE, HOME, NOON

HEAVY = ("pandas", "numpy", "pyarrow", "netmiko", "paramiko", "napalm", "pysnmp", "sqlalchemy", "alembic", "ttp", "pydantic", "structlog")  # fmt: skip
STRANGERS = ("collectors", "reconcile", "configs")


def run_here(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(HOME), "WORD": CANARY}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment, timeout=60
    )


@pytest.mark.parametrize("name", STRANGERS)
def test_another_programs_package_is_refused_before_it_runs(netcover, tmp_path, name):
    foreign = tmp_path / "elsewhere"
    (foreign / name).mkdir(parents=True)
    (foreign / name / "__init__.py").write_text("raise SystemExit('a stranger ran')\n")

    done = netcover("--help", path=(foreign,))

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        f"netcover: the package {name} that Python finds is not netcover's own; install it into an"
        " environment of its own (pipx install netcover, uv tool install netcover)\n"
    )


def test_a_namesake_without_code_does_not_shadow_ours(netcover, tmp_path):
    (tmp_path / "elsewhere" / "configs").mkdir(parents=True)

    assert netcover("--version", path=(tmp_path / "elsewhere",)).returncode == 0


def test_a_sweep_does_not_load_the_store():
    done = run_here("import agent.discover, sys; print(sorted({'sqlalchemy', 'pandas'} & set(sys.modules)))")

    assert done.stdout == "[]\n"


def test_help_names_every_command_and_imports_nothing_heavy():
    code = (
        "import sys\nfrom agent.main import main\nstatus = main(['--help'])\n"
        f"print('heavy:', sorted(set(sys.modules) & {set(HEAVY)}), status)"
    )

    done = run_here(code)

    assert done.stdout.splitlines()[-1] == "heavy: [] 0"
    for command in ("init", "check", "trust"):
        assert f"│ {command} " in done.stdout


@pytest.mark.parametrize("command", ["init", "check", "trust"])
def test_help_of_each_command_has_examples(netcover, command):
    done = netcover(command, "--help")

    assert done.returncode == 0
    assert "Examples" in done.stdout
    assert f"netcover {command}" in done.stdout


@pytest.mark.parametrize(
    "arguments", [("--nosuch",), ("nosuch",), ("trust",), ("--log-format", "xml", "check"), ("--quiet", "--verbose", "check")]
)  # fmt: skip
def test_wrong_arguments_end_with_two(netcover, arguments):
    done = netcover(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_flags_of_the_program_may_follow_the_command(netcover_here, tmp_path):
    (tmp_path / "netcover.toml").write_text("scop = 1")

    before, after = netcover_here("--quiet", "check"), netcover_here("check", "--quiet", "--log-format=json")

    assert (before.returncode, before.stdout) == (2, after.stdout)


def test_a_settings_error_is_one_sentence(netcover, tmp_path):
    (tmp_path / "netcover.toml").write_text("scop = 1")

    done = netcover("trust", "10.0.0.1")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "netcover: netcover.toml: unknown key 'scop' in the top of the file; did you mean 'scope'?\n"
    )


def test_an_error_says_nothing_that_steers_a_terminal(netcover_here, tmp_path):
    (tmp_path / "netcover.toml").write_text('"\\u001b]0;owned\\u0007\\u202e\\u001b[2Jx" = 1\n')

    done = netcover_here("trust", "10.0.0.1")

    assert done.returncode == 2
    assert not [character for character in done.stderr.rstrip("\n") if ord(character) < 32 or character == "\u202e"]


UNFORESEEN = """
import os, sys
import agent.cli
from agent.main import main

@agent.cli.app.command()
def fail():
    word = os.environ["WORD"]
    raise RuntimeError("while holding " + word)

sys.exit(main(sys.argv[1:]))
"""


def test_an_unforeseen_error_is_one_line_without_what_was_in_hand():
    done = run_here(UNFORESEEN, "fail")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "netcover: unexpected RuntimeError at <string>:9; run with --verbose for details\n"


def test_verbose_shows_the_traceback_without_locals():
    done = run_here(UNFORESEEN.replace(" + word)", ")"), "fail", "--verbose")

    assert done.returncode == 2
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.endswith("netcover: unexpected RuntimeError at <string>:9\n")
    assert CANARY not in done.stderr


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("agent.errors.StoreError('a store is busy')", "a store is busy"),
        ("collectors.errors.ConfigError('x.toml: wrong')", "x.toml: wrong"),
        (
            "reconcile.errors.ContractError('a.csv', 3, 'no date', 'Correct it')",
            "a.csv, row 3: no date. Correct it",
        ),
        ("PermissionError(13, 'Permission denied', '/x/y')", "/x/y: Permission denied"),
        ("OSError(28, 'No space left on device', '/out')", "/out: No space left on device"),
    ],
)
def test_an_error_for_people_is_its_own_sentence(raised, said):
    code = UNFORESEEN.replace('raise RuntimeError("while holding " + word)', f"raise {raised}").replace(
        "import os, sys\n", "import os, sys, agent.errors, collectors.errors, reconcile.errors\n"
    )

    done = run_here(code, "fail")

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"netcover: {said}\n")


def test_an_interrupt_ends_at_once_in_one_line():
    code = UNFORESEEN.replace('raise RuntimeError("while holding " + word)', "raise KeyboardInterrupt")

    done = run_here(code, "fail")

    assert (done.returncode, done.stderr) == (130, "netcover: stopped\n")


def test_no_color_is_respected_on_a_terminal(tmp_path):
    def on_a_terminal(**environment: str) -> bytes:
        master, slave = pty.openpty()
        clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.main", "nosuch", *arguments],
            env={**clean, "PYTHONPATH": str(HOME), "TERM": "xterm-256color", **environment},
            stdout=slave,
            stderr=slave,
        )
        process.wait(timeout=60)
        os.set_blocking(master, False)
        said = os.read(master, 65536)
        os.close(master)
        os.close(slave)
        return said

    arguments: list[str] = []
    assert b"\x1b[3" in on_a_terminal()
    assert b"\x1b[3" not in on_a_terminal(NO_COLOR="1")
    arguments = ["--no-color"]
    assert b"\x1b[3" not in on_a_terminal()


def test_init_writes_what_check_reads_and_overwrites_nothing(netcover_here, tmp_path):
    first = netcover_here("init", "audit")
    folder = tmp_path / "audit"
    (folder / "netcover.toml").write_text("# mine\n")
    written = {path.name for path in folder.iterdir()}

    second = netcover_here("init", "audit")

    assert first.returncode == second.returncode == 0
    assert {"netcover.toml", "targets.csv", "contracts"} <= written
    assert "wrote  audit/netcover.toml" in first.stdout
    assert "wrote" not in second.stdout
    assert "kept   audit/netcover.toml" in second.stdout
    assert (folder / "netcover.toml").read_text() == "# mine\n"


def test_init_into_a_file_is_refused(netcover_here, tmp_path):
    (tmp_path / "file").write_text("")

    done = netcover_here("init", "file")

    assert (done.returncode, done.stderr) == (2, "netcover: file: cannot be written: File exists\n")


def test_a_fresh_folder_holds_no_invented_row(netcover_here, tmp_path):
    netcover_here("init", "audit")
    tables = {path.name: path.read_text("utf-8") for path in (tmp_path / "audit").glob("*.csv")}

    assert {"register.csv", "spares.csv", "targets.csv"} <= set(tables)
    assert {name for name, text in tables.items() if text.count("\n") != 1} == set()
    assert netcover_here("check", "audit").stdout.count("fault") == 1  # no target yet


def test_a_table_not_filled_in_is_no_input(netcover_here, tmp_path):
    netcover_here("init", "audit")
    (tmp_path / "audit" / "targets.csv").write_text("address\n192.0.2.1\n")
    (tmp_path / "audit" / "spares.csv").write_text("vendor,serial\ncisco,FOC1\n")
    folder = locate(Given(folder=tmp_path / "audit"), tmp_path)

    prepared, _ = prepare(folder, None, NOON)

    assert list(prepared.tables) == ["spares"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An audit folder with settings, one target, known hosts, and no contracts."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "netcover.toml").write_text(CORE)
    (tmp_path / "targets.csv").write_text("address,credential\n10.20.0.1,\n10.20.0.2,lab\n")
    (tmp_path / "known_hosts").write_text("")
    return tmp_path


ENVIRONMENT = {name: f"{CANARY}-{name}" for name in ("T_AUTH", "T_PRIV", "T_PASSWORD", "T_ENABLE", "T_COMMUNITY")}


def test_check_says_what_it_looked_at(netcover, folder):
    done = netcover("check", env=ENVIRONMENT)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "ok      settings: netcover.toml, scope 10.20.0.0/16",
        "ok      credential core: 4 secrets found",
        "ok      credential lab: 1 secrets found",
        *[
            line
            for line in done.stdout.splitlines()
            if line.startswith(("ok      platforms: ", "ok      contract layouts: "))
        ],
        "ok      policy: read",
        "ok      known_hosts: known_hosts",
        *[line for line in done.stdout.splitlines() if line.startswith("ok      job ")],
        "ok      folder: .",
        "ok      targets: targets.csv, 2 targets",
        "warning contracts: there are none; an audit will be an inventory",
    ]


def test_check_is_quiet_when_all_is_well(netcover_here, folder):
    done = netcover_here("check", "--quiet", env=ENVIRONMENT)

    assert done.stdout == "warning contracts: there are none; an audit will be an inventory\n"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("targets.csv", "address\n10.20.0.300\n", "fault   targets: targets.csv, row 2: '10.20.0.300' is no IP address"),
        ("targets.csv", "address\n10.99.0.1\n", "fault   targets: targets.csv:2: 10.99.0.1 is outside the scope"),
        ("known_hosts", "what\n", "fault   known_hosts: known_hosts:1: not a known_hosts line"),
        ("netcover.toml", "scop = 1\n", "fault   settings: netcover.toml: unknown key 'scop'"),
        ("netcover.toml", CORE + '[paths]\nconfigs = "nowhere"\n', "fault   configs: paths.configs: nowhere is no folder"),
        ("contracts/a.csv", "what\nis this\n", "fault   contracts: "),
        ("spares.csv", "what\nis this\n", "fault   spares: "),
    ],
)  # fmt: skip
def test_check_names_what_is_wrong_and_ends_with_two(netcover_here, folder, file, text, said):
    (folder / file).write_text(text)

    done = netcover_here("check", env=ENVIRONMENT)

    assert done.returncode == 2
    assert [line for line in done.stdout.splitlines() if line.startswith(said)]
    assert done.stderr.endswith("checks failed\n")
    assert CANARY not in done.stdout + done.stderr


def test_check_finds_a_secret_that_is_not_there_and_a_key_too_short(netcover_here, folder):
    done = netcover_here("check", env={**ENVIRONMENT, "T_PRIV": "short"})
    bare = netcover_here("check")

    assert done.returncode == bare.returncode == 2
    assert "fault   credential core: netcover.toml: credentials.core.snmp: " in done.stdout
    assert "credentials.lab.snmp.community: the environment variable T_COMMUNITY is not set" in bare.stdout


def test_check_warns_of_missing_known_hosts_and_of_an_open_file_with_secrets(netcover_here, folder):
    (folder / "known_hosts").unlink()
    (folder / "netcover.toml").write_text("allow_plaintext_secrets = true\n" + CORE)
    (folder / "netcover.toml").chmod(0o644)

    done = netcover_here("check", env=ENVIRONMENT)

    assert done.returncode == 0
    assert "warning settings: netcover.toml may hold secrets; run: chmod 600 netcover.toml" in done.stdout
    assert "warning known_hosts: known_hosts is not there; " in done.stdout


def test_check_reads_the_operators_own_platforms(netcover_here, folder):
    (folder / "netcover.toml").write_text(CORE + '[paths]\nconfigs = "own"\n')
    (folder / "own" / "platforms" / "mine").mkdir(parents=True)
    (folder / "own" / "platforms" / "mine" / "platform.toml").write_text("vendor = 1\n")

    done = netcover_here("check", env=ENVIRONMENT)

    assert done.returncode == 2
    assert "fault   platforms: own/platforms/mine/platform.toml: " in done.stdout


def test_check_shows_no_secret_in_any_form(netcover_here, folder):
    for arguments in (("check",), ("check", "--verbose"), ("--log-format", "json", "check")):
        done = netcover_here(*arguments, env=ENVIRONMENT)
        assert CANARY not in done.stdout + done.stderr


def test_main_returns_what_the_shell_gets(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("netcover ")
    assert main(["--nosuch"]) == 2


def test_a_sigint_while_it_works_is_no_traceback(tmp_path):
    code = UNFORESEEN.replace(
        'raise RuntimeError("while holding " + word)',
        "print('ready', flush=True); import signal; signal.pause()",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "fail"],
        env={**os.environ, "PYTHONPATH": str(HOME), "WORD": "x"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (130, "netcover: stopped\n")


def test_asking_for_credentials_without_a_terminal_is_refused(netcover, tmp_path):
    (tmp_path / "targets.csv").write_text("address\n10.20.0.1\n")
    done = netcover("audit", str(tmp_path), "--ask-credentials")
    assert (done.returncode, done.stderr) == (
        2,
        "netcover: --ask-credentials asks on a terminal, and there is none; put references into the settings\n",
    )
