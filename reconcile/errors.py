"""What is wrong with a file that a person gave us: always the file, the row and the cure.

* SheetError
  - ContractError    a contract file: nothing of its whole batch is used
    - OpenDatesError its dates may have day or month first, and nothing tells
  - InputError       register, spares, RMA list, sites ...

A fault in a layout or another data file of ours is a `collectors.errors.ConfigError`.
"""

from __future__ import annotations


class SheetError(Exception):
    """A file cannot be read without guessing. `row` counts as people do, from 1; 0 means the whole file."""

    def __init__(self, file: str, row: int, problem: str, cure: str) -> None:
        super().__init__(f"{file}, row {row}: {problem}. {cure}" if row else f"{file}: {problem}. {cure}")
        self.file = file
        self.row = row
        self.problem = problem
        self.cure = cure


class ContractError(SheetError):
    """A contract file that was refused, and with it its batch."""


class OpenDatesError(ContractError):
    """A contract file whose order of day and month must be said."""


class InputError(SheetError):
    """One of the other files in was refused."""
