"""What a command says to its user: results on standard output, remarks on standard error."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.logs import Format, printable

if TYPE_CHECKING:
    import typer

Verbosity = Literal["quiet", "normal", "verbose"]


@dataclass(frozen=True, slots=True)
class Screen:
    """How the user wants to be talked to; every text is made printable on its way out."""

    verbosity: Verbosity = "normal"
    colour: bool = True
    """False where the user said ``--no-color`` or NO_COLOR; a pipe has no colours anyway."""
    log_format: Format = "text"

    def say(self, text: str) -> None:
        """A result line."""
        print(printable(text))  # noqa: T201  # the one place that prints

    def remark(self, text: str) -> None:
        """A line that `--quiet` leaves out."""
        if self.verbosity != "quiet":
            self.say(text)

    def warn(self, text: str) -> None:
        """A line on standard error."""
        complain(text)

    def ask(self, question: str) -> bool:
        """Put a yes-or-no question; anything but yes, and the end of the input, is no."""
        print(f"{printable(question)} [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def start_logs(self) -> None:
        """Send log events to standard error the way the user wants them."""
        from agent.logs import configure

        configure(form=self.log_format, verbosity=self.verbosity)


def screen_of(context: typer.Context) -> Screen:
    """How the user of this command wants to be talked to."""
    return context.obj if isinstance(context.obj, Screen) else Screen()


def complain(text: str) -> None:
    """One line on standard error, with the program's name."""
    print(f"netcover: {printable(text)}", file=sys.stderr)  # noqa: T201
