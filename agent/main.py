"""The entry of the `netcover` command: is the house our own, then the commands, then how they end.

Nothing heavy is imported here: another program's `configs` must be found out before any of it runs.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PACKAGES: Final = ("agent", "collectors", "reconcile", "configs")
_LANDMARKS: Final = (
    "agent/main.py",
    "collectors/model.py",
    "reconcile/tables.py",
    "configs/platforms/generic_entity/platform.toml",
)
"""Files that each package has where it is ours."""
_FLAGS: Final = frozenset(("--quiet", "--verbose", "--no-color"))
_NOTHING_DONE: Final = 2
_INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (README.md lists them)."""
    arguments = _flags_first(list(sys.argv[1:] if argv is None else argv))
    if stranger := foreign_package():
        return _refuse(
            f"the package {stranger} that Python finds is not netcover's own;"
            " install it into an environment of its own (pipx install netcover, uv tool install netcover)"
        )
    if "--no-color" in arguments:
        os.environ["NO_COLOR"] = "1"  # what Rich looks at, also for the help pages
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        _refuse("stopped")
        return _INTERRUPTED
    except Exception as error:
        return _end(error, verbose="--verbose" in arguments)


def foreign_package() -> str:
    """The name of the first of our packages that is somebody else's, "" where all are ours."""
    home = Path(__file__).resolve().parent.parent
    for name, landmark in zip(PACKAGES, _LANDMARKS, strict=True):
        spec = importlib.util.find_spec(name)  # finds, does not run
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != home / name / "__init__.py" or not (home / landmark).is_file():
            return name
    return ""


def _flags_first(arguments: list[str]) -> list[str]:
    """Move the flags that belong to the program before the command, wherever they were written."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours: list[str] = []
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word in _FLAGS or word.startswith("--log-format="):
            ours.append(word)
        elif word == "--log-format":
            ours += [word, *([value] if (value := next(words, None)) is not None else [])]
        else:
            rest.append(word)
    return [*ours, *rest, *arguments[end:]]


def _run(arguments: list[str]) -> int:
    from typer.main import get_command

    from agent.cli import app

    try:
        get_command(app).main(arguments, prog_name="netcover")
    except SystemExit as stop:
        if stop.code == _INTERRUPTED:
            raise KeyboardInterrupt from None
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _end(error: Exception, *, verbose: bool) -> int:
    """One line for an error. Ours are sentences for people; of any other only its kind and place are shown.

    The text of an error we did not foresee may hold what was being worked on, a password for one.
    """
    if verbose:
        traceback.print_exception(error)
    if type(error).__module__.partition(".")[0] in PACKAGES:
        return _refuse(str(error))
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return _refuse(f"{os.fsdecode(error.filename)}: {error.strerror}")
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in last)
    more = "" if verbose else "; run with --verbose for details"
    return _refuse(f"unexpected {type(error).__name__}{where}{more}")


def _refuse(text: str) -> int:
    from agent.screen import complain

    complain(text)
    return _NOTHING_DONE


if __name__ == "__main__":
    sys.exit(main())
