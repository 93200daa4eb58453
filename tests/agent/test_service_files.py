"""The units in configs/service: their commands are ones that netcover has, and they are as strict as is said."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

import pytest
from typer.main import get_command

from agent.cli import app
from tests.agent.parts import HOME

FOLDER = HOME / "configs" / "service"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
_TOOL = shutil.which("systemd-analyze")


def commands(name: str) -> list[list[str]]:
    """The words after the program of each Exec line."""
    text = (FOLDER / name).read_text().replace("\\\n", " ")
    return [shlex.split(line)[1:] for line in re.findall(r"^Exec\w+=(.+)$", text, re.MULTILINE)]


@pytest.mark.parametrize("name", UNITS)
def test_every_command_of_a_unit_is_one_that_netcover_takes(name: str) -> None:
    program = get_command(app)
    found = commands(name)

    assert found
    for words in found:
        context = program.make_context("netcover", list(words))
        rest = [*context._protected_args, *context.args]
        command = program.get_command(context, rest[0])  # type: ignore[attr-defined]  # it is a group
        command.make_context(rest[0], rest[1:], parent=context)


@pytest.mark.skipif(_TOOL is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_the_score_is_the_one_that_is_stated(name: str) -> None:
    assert _TOOL
    said = subprocess.run([_TOOL, "security", "--offline=true", FOLDER / name], capture_output=True, text=True).stdout

    score = re.search(r"exposure level for \S+ ([\d.]+)", said)
    if score is None:
        pytest.skip("this systemd-analyze cannot do it offline")
    stated = re.search(r"\*\*([\d.]+) OK\*\*", (FOLDER / "README.md").read_text())
    assert stated
    assert float(score[1]) <= float(stated[1])


def test_both_units_are_held_in_the_same_way() -> None:
    assert UNITS == ["netcover-agent.service", "netcover-run.service"]
    boxes = [(FOLDER / name).read_text().partition("CapabilityBoundingSet=")[2] for name in UNITS]
    plain = [
        [line for line in box.partition("[Install]")[0].splitlines() if line and not line.startswith("#")]
        for box in boxes
    ]
    assert plain[0] == plain[1]
