"""`netcover accept` and `baseline`: what a person lives with, until when, and never more than was named."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from agent.store import open_store
from tests.agent.kept import ACME, EVALUATION, contracts, copied, dead, judged_now, poll, switch
from tests.agent.parts import Netcover

WHY = ("--reason", "known", "--until", "2999-12-31")


def findings(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "out" / "findings.csv").open(newline="", encoding="utf-8") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def by_rule(folder: Path, rule: str) -> dict[str, str]:
    """The keys of a rule's findings by serial or host."""
    return {row["serial"] or row["hostname"]: key for key, row in findings(folder).items() if row["rule"] == rule}


def accepted(folder: Path) -> set[str]:
    return {key for key, row in findings(folder).items() if row["status"] == "accepted"}


def fleet():
    first = switch("10.20.0.1", "FOC2145X0AA", "FOC2145X0AE")
    return first, switch("10.20.0.2", "FOC2145X0AC", "FOC2145X0AD", licences=EVALUATION), dead("10.20.0.9")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accept")
    contracts(folder, *ACME)
    poll(folder, *fleet())
    judged_now(folder)
    return folder


@pytest.fixture
def judged(once: Path, tmp_path: Path) -> Path:
    return copied(once, tmp_path)


def judge(netcover: Netcover, *more: str) -> int:
    return netcover("reconcile", "--fail-on", "never", "--allow-incomplete", *more).returncode


def test_a_finding_named_by_its_key_is_accepted_and_keeps_it(judged, netcover_here):
    key = by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"]
    done = netcover_here("accept", key, *WHY)
    judge(netcover_here)

    assert done.returncode == 0
    assert key in done.stdout
    assert accepted(judged) == {key}
    row = findings(judged)[key]
    assert (row["accepted_until"], row["comment"]) == ("2999-12-31", "known")
    with (judged / "out" / "changes.csv").open() as file:
        assert key not in {change["finding_key"] for change in csv.DictReader(file)}


def test_an_acceptance_holds_in_the_runs_to_come(judged, netcover_here):
    key = by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"]
    netcover_here("accept", key, *WHY)
    poll(judged, *fleet())
    judge(netcover_here)

    assert accepted(judged) == {key}


def test_an_acceptance_ends_with_its_day(judged, netcover_here):
    netcover_here("accept", by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"], *WHY)
    judge(netcover_here, "--as-of", "3000-01-01")

    assert accepted(judged) == set()


def test_a_filter_accepts_what_fits_all_of_it_and_nothing_that_comes_later(judged, netcover_here):
    done = netcover_here("accept", "--rule", "cov-uncovered", "--device", "sw-10.20.0.2", *WHY)
    poll(judged, fleet()[0], switch("10.20.0.2", "FOC2145X0AC", "FOC2145X0AD", "FOC2145X0AF"))
    judge(netcover_here)

    assert done.stdout.splitlines()[-1].startswith("1 finding accepted until 2999-12-31")
    assert accepted(judged) == {by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"]}
    assert "FOC2145X0AF" in by_rule(judged, "COV-UNCOVERED")


def test_a_part_of_a_word_is_no_filter(judged, netcover_here):
    done = netcover_here("accept", "--rule", "COV", *WHY)

    assert (done.returncode, done.stderr) == (2, "netcover: no finding of the newest run fits; nothing was accepted\n")


def test_the_baseline_takes_all_but_what_was_not_read(judged, netcover_here):
    done = netcover_here("baseline", *WHY)
    judge(netcover_here)
    rows = findings(judged)

    assert done.returncode == 0
    assert {row["rule"] for key, row in rows.items() if key not in accepted(judged)} == {"SCAN-INCOMPLETE"}
    assert len(accepted(judged)) == len(rows) - 1


def test_the_baseline_does_not_shorten_what_was_accepted_for_longer(judged, netcover_here):
    key = by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"]
    netcover_here("accept", key, *WHY)
    netcover_here("baseline", "--reason", "day one", "--until", "2998-01-01")
    judge(netcover_here)

    rows = findings(judged)
    assert (rows[key]["accepted_until"], rows[key]["comment"]) == ("2999-12-31", "known")
    assert len(accepted(judged)) == len(rows) - 1


def test_what_is_undone_is_open_again(judged, netcover_here):
    netcover_here("baseline", *WHY)
    key = by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"]
    one = netcover_here("accept", key, "--undo")
    some = netcover_here("accept", "--rule", "LIC-EVAL", "--undo")
    judge(netcover_here)

    assert one.stdout == f"no longer accepted  {key}\n1 acceptance taken back\n"
    assert some.stdout.endswith("1 acceptance taken back\n")
    assert {row["rule"] for name, row in findings(judged).items() if name not in accepted(judged)} == {
        "COV-UNCOVERED", "LIC-EVAL", "SCAN-INCOMPLETE",
    }  # fmt: skip


def test_a_dry_run_accepts_nothing(judged, netcover_here):
    done = netcover_here("accept", "--rule", "COV-UNCOVERED", "--dry-run")
    judge(netcover_here)

    assert "would be accepted" in done.stdout
    assert accepted(judged) == set()


def test_a_list_of_accepted_findings_and_the_store_count_together(judged, netcover_here):
    mine, theirs = by_rule(judged, "COV-UNCOVERED")["FOC2145X0AD"], by_rule(judged, "COV-UNCOVERED")["FOC2145X0AE"]
    netcover_here("accept", mine, *WHY)
    (judged / "accepted.csv").write_text(f"key,accepted_until,comment\n{theirs},2999-01-01,by list\n")
    judge(netcover_here)

    assert {findings(judged)[key]["comment"] for key in accepted(judged)} == {"known", "by list"}


def test_a_list_cannot_accept_what_was_not_read(judged, netcover_here):
    (key,) = by_rule(judged, "SCAN-INCOMPLETE").values()
    (judged / "accepted.csv").write_text(f"key,accepted_until,comment\n{key},2999-01-01,blind\n")
    judge(netcover_here)

    assert accepted(judged) == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accept", *WHY), "name keys, or a filter"),
        (("accept", "COV-UNCOVERED-000000000000", "--rule", "X", *WHY), "name keys, or a filter"),
        (("accept", "COV-UNCOVERED-000000000000", *WHY), "COV-UNCOVERED-000000000000: no finding of the run"),
        (("accept", "--rule", "SCAN-INCOMPLETE", *WHY), "SCAN-INCOMPLETE cannot be accepted"),
        (("accept", "SCAN-INCOMPLETE-000000000000", *WHY), "SCAN-INCOMPLETE-000000000000: SCAN-INCOMPLETE cannot"),
        (("accept", "--rule", "COV-UNCOVERED", "--reason", "x", "--until", "2020-01-01"), "--until 2020-01-01 is"),
        (("accept", "--rule", "COV-UNCOVERED", "--reason", " ", "--until", "2999-01-01"), "--reason is empty"),
        (("accept", "--rule", "COV-UNCOVERED", "--reason", "x"), "--until '' is no day"),
        (("baseline", "--reason", "x", "--until", "soon"), "--until 'soon' is no day"),
        (("baseline", "--reason", "x", "--until", "2020-01-01"), "--until 2020-01-01 is in the past"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_refused_and_changes_nothing(judged, netcover_here, arguments, said):
    done = netcover_here(*arguments)

    assert done.returncode == 2
    assert done.stderr.startswith(f"netcover: {said}")
    with open_store(f"sqlite:///{judged / 'out' / 'netcover.db'}") as store:
        assert store.acceptances().empty
