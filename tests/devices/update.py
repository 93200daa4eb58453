"""``python -m tests.devices.update``: write every expected.txt anew. Look at what changed before you keep it."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors import platforms
from collectors.saved import read_captures
from collectors.saved.told import told
from tests.devices.replay import CASES

if __name__ == "__main__":
    known = platforms.load()
    for case in CASES:
        seen = read_captures(case / "devices", known, lambda: datetime(2031, 3, 9, tzinfo=UTC))
        (case / "expected.txt").write_text(told(seen), "utf-8")
