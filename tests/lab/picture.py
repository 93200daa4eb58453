"""``python -m tests.lab.picture FILE.svg < OUTPUT``: what `make picture` runs. Draw coloured terminal output."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

WIDTH = 112


def main(output: str, picture: Path) -> None:
    """Write *output* (ANSI colours and all) to *picture*, with the reader's own fonts: nothing is fetched."""
    start, end = CONSOLE_SVG_FORMAT.index("@font-face"), CONSOLE_SVG_FORMAT.index(".{unique_id}-matrix")
    without_fonts = CONSOLE_SVG_FORMAT[:start] + CONSOLE_SVG_FORMAT[end:]
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(output.strip("\n")))
    console.save_svg(str(picture), title="netcover audit", code_format=without_fonts, unique_id="summary")


if __name__ == "__main__":
    main(sys.stdin.read(), Path(sys.argv[1]))
