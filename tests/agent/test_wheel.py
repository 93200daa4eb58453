"""What is shipped: the four packages with their data, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {"agent", "collectors", "reconcile", "configs"}


def test_the_wheel_holds_the_four_packages_and_all_of_their_data(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert {name.partition("/")[0] for name in shipped} == PACKAGES
    data = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".toml", ".ttp", ".csv", ".py"} and "__pycache__" not in path.parts
    }
    assert data <= shipped
