"""Collect runs that can be killed: one process imports everything, each run is a fork of it.

Reads a line from standard input for each run: a folder. Answers with the process number of the run, then, once that is
over, with how it ended.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from agent.audit import Request, collect_only
from agent.folder import Given
from collectors.model import Observation


@contextmanager
def _silent(total: int) -> Iterator[Callable[[Observation], None]]:
    del total
    yield lambda seen: None


def main() -> None:
    for line in sys.stdin:
        folder = Path(line.strip())
        if not (pid := os.fork()):
            request = Request(Given(folder=folder), incremental=True)
            collect_only(request, here=folder, now=lambda: datetime.now(UTC), progress=_silent)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
