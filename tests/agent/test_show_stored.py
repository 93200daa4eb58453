"""`netcover show serial`, `device`, `finding` and `run`: from the store alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.agent.kept import ACME, contracts, copied, dead, judged_now, poll, switch
from tests.agent.parts import seen


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: a unit that moved, a switch that went silent."""
    folder = tmp_path_factory.mktemp("show")
    contracts(folder, *ACME)
    for second in (switch("10.20.0.2", "FOC2145X0AC", "FOC2145X0AD"),) * 2:
        poll(folder, switch("10.20.0.1", "FOC2145X0AA"), second)
    poll(folder, switch("10.20.0.1", "FOC2145X0AA", "FOC2145X0AD"), dead("10.20.0.2"))
    for run in ("1", "2", "3"):
        judged_now(folder, "--run", run)
    return folder


@pytest.fixture
def judged(once: Path, tmp_path: Path) -> Path:
    return copied(once, tmp_path)


def test_a_serial_is_shown_with_every_place_it_was_in(judged, netcover_here):
    done = netcover_here("show", "serial", "foc2145x0ad")

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "FOC2145X0AD  cisco C9300-48P, chassis",
        "  seen",
        "    runs 1-2  2026-03-01  sw-10.20.0.2  10.20.0.2  Ghent  2  release 17.9.4",
        "    runs 3  2026-03-01  sw-10.20.0.1  10.20.0.1  Ghent  2  release 17.9.4",
    ]
    assert "COV-UNCOVERED-" in done.stdout
    assert "runs 1-3" in done.stdout


def test_a_serial_that_only_a_contract_names_is_shown_with_its_line(judged, netcover_here):
    done = netcover_here("show", "serial", "FOC2145X0AB")

    assert done.stdout.splitlines()[0] == "FOC2145X0AB  never seen"
    assert "contract 00200100  Acme  8X5XNBD" in done.stdout


def test_a_device_is_shown_by_address_or_name(judged, netcover_here):
    by_address, by_name = netcover_here("show", "device", "10.20.0.1"), netcover_here("show", "device", "SW-10.20.0.1")

    assert by_address.stdout == by_name.stdout
    assert "    chassis  C9300-48P  FOC2145X0AA  1  covered" in by_address.stdout
    assert "    run 3  2026-03-01T12:00:00Z  complete  3 units  17.9.4" in by_address.stdout


def test_a_silent_device_is_shown_with_its_reason(judged, netcover_here):
    assert "timeout  0 units  no answer" in netcover_here("show", "device", "10.20.0.2").stdout


def test_a_finding_is_shown_with_its_evidence_and_its_acceptance(judged, netcover_here):
    with (judged / "out" / "findings.csv").open() as file:
        (key,) = [row["key"] for row in csv.DictReader(file) if row["rule"] == "COV-UNCOVERED"]
    netcover_here("accept", key, "--reason", "ticket 7", "--until", "2999-12-31")
    done = netcover_here("show", "finding", key)

    assert done.returncode == 0
    for text in (key, "  evidence", "searched: acme.csv", "until 2999-12-31: ticket 7", "runs 1-3"):
        assert text in done.stdout


def test_runs_are_listed_and_one_is_shown_whole(judged, netcover_here):
    every, one = netcover_here("show", "run"), netcover_here("show", "run", "3")

    assert [line.split()[1] for line in every.stdout.splitlines()] == ["3", "2", "1"]
    assert "read       1 of 2 devices in full" in one.stdout
    assert "10.20.0.2  timeout  no answer" in one.stdout


@pytest.mark.parametrize("what", [("serial", "NOPE"), ("device", "10.9.9.9"), ("finding", "X-1"), ("run", "9")])
def test_what_is_not_there_is_said_in_one_sentence(judged, netcover_here, what):
    done = netcover_here("show", *what)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_nothing_that_is_shown_steers_a_terminal(netcover_here, tmp_path):
    poll(tmp_path, seen("10.20.0.1", hostname="\x1b]0;owned\x07\u202esw"))
    done = netcover_here("show", "device", "10.20.0.1")

    assert done.returncode == 0
    assert not [c for c in done.stdout.replace("\n", "") if ord(c) < 32 or c == "\u202e"]


@pytest.mark.parametrize("what", ["serial", "device", "finding", "run"])
def test_each_thing_to_show_has_an_example(netcover_here, what):
    done = netcover_here("show", what, "--help")

    assert done.returncode == 0
    assert f"netcover show {what}" in done.stdout


def test_the_word_serial_may_be_left_out(judged, netcover_here):
    with_word, without = netcover_here("show", "serial", "FOC2145X0AD"), netcover_here("show", "FOC2145X0AD")

    assert without.returncode == 0
    assert without.stdout == with_word.stdout


def test_a_unit_that_moved_is_a_move(judged, netcover_here):
    lines = netcover_here("show", "FOC2145X0AD").stdout.splitlines()

    assert lines[lines.index("  moves") + 1] == (
        "    moved from sw-10.20.0.2 slot 2 to sw-10.20.0.1 slot 2 on 2026-03-01 (run 3), last seen there on 2026-03-01"
    )


def test_the_contract_lines_of_a_serial_are_shown_with_the_days_they_held(judged, netcover_here):
    contracts(judged, *(line.replace("2026-04-30", "2029-04-30") for line in ACME))
    poll(judged, switch("10.20.0.1", "FOC2145X0AA"))
    judged_now(judged)

    lines = netcover_here("show", "FOC2145X0AB").stdout.splitlines()
    start = lines.index("  contracts")
    held = "contract 00200100  Acme  8X5XNBD  Active  2025-01-01 to"
    assert [line.split("  ", 3)[2:] for line in lines[start + 1 : start + 3]] == [
        ["runs 1-3", f"2026-03-01  {held} 2026-04-30"],
        ["runs 4", f"2026-03-01  {held} 2029-04-30"],
    ]
