"""The other side of each pair, in an environment of its own: never a dependency of netcover."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

_SYSTEM = {"snmpbulkwalk": "snmp"}
"""Programs that the system's package manager has, and the package they are in."""


def install(packages: Iterable[str], folder: Path) -> Path:
    """Install *packages* by name with pip into an environment at *folder*; its interpreter."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    wanted = sorted(set(packages))
    if wanted:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
        subprocess.run(pip, check=True)
    return python


def system(programs: Sequence[str], say: Callable[[str], None]) -> list[str]:
    """The *programs* that are there, installed through apt where we may and they are not."""
    lacking = [name for name in programs if not shutil.which(name)]
    if lacking and os.geteuid() == 0 and shutil.which("apt-get"):
        wanted = [_SYSTEM[name] for name in lacking]
        done = subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], capture_output=True, check=False)
        if done.returncode:
            say(f"apt-get could not install {', '.join(wanted)}")
    return [name for name in programs if shutil.which(name)]
