"""report.html: whole in itself, harmless whatever a device or a contract wrote, small whatever the fleet."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from agent.report.charts import bar, months
from agent.report.page import LIMIT, page
from reconcile import tables
from reconcile.policy import load
from reconcile.reconcile import Inputs, Results, reconcile
from tests.agent.parts import TODAY

HOSTILE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7*7 }}", "</style><script>x</script>",
    "javascript:alert(1)", "\u202eevil\x1b[2J\0", "]]>&amp;", "'\" autofocus onfocus=x",
)  # fmt: skip
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Seen(HTMLParser):
    """What a browser would make of the page: elements, attributes, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.rows: list[tuple[str, int]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def record(**more: object) -> dict:
    return {
        "netcover": "0.1.0", "run": 1, "as_of": TODAY.isoformat(), "started": "2026-03-01T12:00:00Z",
        "finished": "2026-03-01T12:01:00Z", "settings_digest": "d1", "targets": 2, "read": 1, "read_percent": 50.0,
        "units": {"chassis": 1}, "not_evaluated": [], "unknown_statuses": [], "contracts": [], **more,
    }  # fmt: skip


def rendered(word: str = "x", rows: int = 1, **more: object) -> str:
    """The page of *rows* units, findings, changes and skipped devices whose every text is *word*."""
    numbered = range(rows)
    unit = dict.fromkeys(tables.COVERAGE, word) | {"verdict": "uncovered", "kind": "chassis"}
    loose = unit | {"kind": "", "verdict": "not_seen"}
    finding = dict.fromkeys(tables.FINDINGS, word) | {
        "severity": "error", "class": "uncovered", "status": "new",
    }  # fmt: skip
    change = dict.fromkeys(tables.CHANGES, word) | {"action": "RENEW", "needs_confirmation": "yes"}
    found = {
        "coverage": tables.table(
            tables.COVERAGE, [unit | {"serial": f"{word}{n}", "site": f"{word}{n}"} for n in numbered] + [loose]
        ),
        "findings": tables.table(tables.FINDINGS, [finding | {"key": f"{word}{n}"} for n in numbered]),
        "changes": tables.table(tables.CHANGES, [change] * rows),
        "skipped": tables.table(
            tables.SKIPPED, [dict.fromkeys(tables.SKIPPED, word) | {"address": f"{word}{n}"} for n in numbered]
        ),
    }  # fmt: skip
    renewals = pd.DataFrame(
        [[word] * 8] * rows,
        columns=[
            "vendor",
            "provider",
            "contract_number",
            "service_level",
            "end_date",
            "renewals",
            "days_left",
            "co_term",
        ],
        dtype="str",
    )
    spares = pd.DataFrame([[word]] * rows, columns=["product_id"], dtype="str")
    results = Results(
        units=tables.table(tables.UNITS), coverage=found["coverage"], lines=tables.table(tables.LINES_OUT),
        findings=found["findings"], changes=found["changes"], not_evaluated=(), counts={}, renewals=renewals,
        spares=spares,
    )  # fmt: skip
    files = [
        {"file": word, "layout": word, "lines": 1, "contracts": 1, "last_row": 2, "warnings": [word]} for _ in numbered
    ]
    told = record(
        contracts=files, unknown_statuses=[word], not_evaluated=[{"rule": word, "reason": word}], **more
    )  # fmt: skip
    return page(told, found, results)


@pytest.mark.parametrize("word", HOSTILE)
def test_what_a_device_or_a_contract_wrote_is_text(word):
    page_text = rendered(word)
    seen = Seen(page_text)

    assert seen.open == []
    assert {"script", "img", "iframe", "object", "form", "link"} & set(seen.tags) == set()
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []
    assert "49" not in re.findall(r"<td>(.*?)</td>", page_text)
    assert not [c for c in page_text if ord(c) < 32 and c != "\n"]
    assert "\u202e" not in page_text


def test_the_page_needs_nothing_beside_it_and_forbids_the_rest():
    text = rendered()
    seen = Seen(text)

    links = [value for name, value in seen.attributes if name in ("href", "src", "action", "data", "poster")]
    assert [value for value in links if not str(value).startswith("#")] == []
    assert "@import" not in text
    assert "url(" not in text
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'") in seen.attributes  # fmt: skip  # noqa: E501  # the policy stands whole


def test_the_page_of_a_large_fleet_is_no_larger_than_a_small_ones():
    rows = 5_000
    text = rendered("word " * 40, rows)

    assert len(text) < 400_000
    assert text.count("<tr>") < 9 * (LIMIT + 1)
    assert f"… and {rows - LIMIT:,} more in findings.csv." in text
    assert f"… and {rows - LIMIT:,} more in skipped.csv." in text
    assert f"… and {rows - LIMIT:,} more in coverage.csv." in text


def test_a_value_of_any_length_is_cut():
    assert len(rendered("z" * 100_000)) < 120_000


def test_the_page_can_be_read_by_ear_and_by_eye():
    text = rendered()
    seen = Seen(text)

    assert seen.tags.count("svg") == text.count('role="img"')
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        named = re.search(r'aria-labelledby="(\S+) (\S+)"', svg)
        assert named
        assert f'<title id="{named[1]}">' in svg
        assert f'<desc id="{named[2]}">' in svg
    ids = [value for name, value in seen.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert '<html lang="en">' in text
    assert len(re.findall(r"<thead>", text)) == len(re.findall(r"<table>", text))
    assert not re.findall(r"<th(?![^>]*scope=)[ >]", text.replace("<thead>", ""))
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_the_links_of_the_page_lead_somewhere():
    seen = Seen(rendered())
    ids = {value for name, value in seen.attributes if name == "id"}

    assert {str(value)[1:] for name, value in seen.attributes if name == "href"} <= ids


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme):
    """WCAG 2.2, 1.4.3: a ratio of 4.5 for text; 1.4.11: 3 for what a picture is made of."""
    sets = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", rendered(), re.S)
    ]
    colours = sets[0] if theme == "light" else sets[0] | sets[1]

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def ratio(one: str, other: str) -> float:
        high, low = sorted((light(colours[one]), light(colours[other])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    text = ("ink", "soft", "link", "error", "warning", "info", "covered")
    assert {name: round(ratio(name, "card"), 1) for name in text if ratio(name, "card") < 4.5} == {}
    parts = ("covered", "pending", "warranty", "replaced", "unknown", "expired", "uncovered", "uncoverable")
    assert {name: round(ratio(name, "card"), 1) for name in parts if ratio(name, "card") < 3} == {}


def test_an_inventory_has_a_page_too():
    found = reconcile(
        Inputs(
            as_of=TODAY,
            policy=load(),
            units=tables.table(tables.UNITS),
            licences=tables.table(tables.LICENCES),
            targets=tables.table(tables.TARGETS),
        )
    )
    empty = {
        "coverage": found.coverage, "findings": found.findings, "changes": found.changes,
        "skipped": tables.table(tables.SKIPPED),
    }  # fmt: skip
    text = page(record(targets=0, read=0, read_percent=100.0, units={}), empty, found)

    assert Seen(text).open == []
    assert "No contracts were given: this is an inventory" in text
    assert "No open finding" in text


def test_a_bar_is_as_wide_as_the_whole_and_parted_by_the_shares():
    parts = bar({"covered": 1, "uncovered": 1, "unknown": 2})

    assert [(part.name, part.start, part.width) for part in parts] == [
        ("covered", 0.0, 25.0), ("unknown", 25.0, 50.0), ("uncovered", 75.0, 25.0),
    ]  # fmt: skip
    assert bar({}) == ()


def test_the_expiry_chart_has_every_month_the_past_and_the_rest():
    columns = months({"2026-02-28": 2, "2026-03-01": 1, "2027-08-31": 4, "2027-09-01": 9, "2031-01-01": 1}, TODAY)

    assert [column.label for column in columns][:3] == ["ended", "2026-03", "2026-04"]
    assert {column.label: column.count for column in columns if column.count} == {
        "ended": 2, "2026-03": 1, "2027-08": 4, "later": 10,
    }  # fmt: skip
    assert sum(column.count for column in columns) == 17
    assert max(column.height for column in columns) == 100
