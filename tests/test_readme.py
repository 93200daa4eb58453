"""The README's own commands do what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
BIN = str(Path(sys.executable).parent)


def test_the_first_audits_commands_make_a_folder_that_passes_the_check(tmp_path):
    (block,) = re.findall(r"## Audit your own network\n\n```sh\n(.*?)```", README, re.S)
    downloads = tmp_path / "Downloads"
    downloads.mkdir()
    (downloads / "contracts.csv").write_text(
        "vendor,contract_number,serial,line_end\ncisco,200000001,FOC2145X0AB,2027-12-31\n"
    )
    lines = [line for line in block.splitlines() if not line.startswith(("source ", "netcover audit "))]
    assert len(lines) == 3
    script = "\n".join(["set -e", *lines, "netcover check myaudit"])

    environment = os.environ | {"HOME": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "targets.csv, 1 targets" in done.stdout
    assert "contracts.csv" in done.stdout


def test_every_file_an_audit_writes_is_in_the_readme():
    named = set(re.findall(r"^\| `([a-z]+\.(?:csv|json|db|html|xlsx))` \|", README, re.M))
    assert named == {
        "units.csv", "licences.csv", "coverage.csv", "lines.csv", "findings.csv", "changes.csv", "skipped.csv",
        "run.json", "report.html", "audit.xlsx", "netcover.db",
    }  # fmt: skip


def test_every_path_the_readme_links_to_is_there():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / link).exists(), link
