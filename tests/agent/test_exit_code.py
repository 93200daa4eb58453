"""What an audit tells a scheduler."""

import pytest

from agent.audit import Request, exit_code
from agent.folder import Given
from reconcile.tables import FINDINGS, table


def finding(severity: str, status: str = "new", rule: str = "COV-UNCOVERED") -> dict[str, str]:
    return {"key": f"{rule}-1", "rule": rule, "severity": severity, "status": status}


def code(*findings: dict[str, str], read: int = 10, targets: int = 10, **asked) -> int:
    record = {"read": read, "targets": targets, "read_percent": round(100 * read / targets, 1)}
    return exit_code(Request(Given(), **asked), record, table(FINDINGS, findings))


@pytest.mark.parametrize(
    ("findings", "fail_on", "expected"),
    [
        ((), "error", 0),
        ((finding("error"),), "error", 1),
        ((finding("warning"),), "error", 0),
        ((finding("warning"),), "warning", 1),
        ((finding("info"),), "warning", 0),
        ((finding("info"),), "info", 1),
        ((finding("error"),), "never", 0),
        ((finding("error", "open"),), "error", 1),
        ((finding("error", "accepted"),), "error", 0),
        ((finding("error", "closed"),), "error", 0),
        ((finding("error", rule="SCAN-INCOMPLETE"),), "info", 0),
    ],
)
def test_findings_at_or_above_the_threshold_are_one(findings, fail_on, expected):
    assert code(*findings, fail_on=fail_on) == expected


def test_too_little_read_is_three_and_comes_before_one():
    assert code(finding("error"), read=9) == 3
    assert code(finding("error"), read=9, min_read=90) == 1
    assert code(finding("error"), read=9, allow_incomplete=True) == 1
    assert code(read=0, min_read=0) == 0


def test_one_device_short_of_thousands_is_still_incomplete():
    assert code(read=9999, targets=10000) == 3
