"""The table of collectors/README.md is what the recordings give, and what differs is explained by a recording."""

from __future__ import annotations

import tomllib

import pytest

from tests.corpus.cuts import faults, line_ends, session
from tests.corpus.recorded import MISSING, SNMP, Found, command, truths
from tests.corpus.score import BEGIN, END, README, REASONS, Count, differences, readings, scores, table, written

TRUTHS = truths()
CLI = [truth for truth in TRUTHS if truth["kind"] != SNMP]

needs_corpus = pytest.mark.skipif(not TRUTHS, reason=MISSING)


@pytest.fixture(scope="module")
def pairs():
    return readings()


@needs_corpus
def test_the_readme_shows_the_score_of_the_recordings(pairs) -> None:
    body = table(scores(pairs), differences(pairs))

    assert README.read_text("utf-8") == written(README.read_text("utf-8"), body), "run `make corpus`"


@needs_corpus
def test_whatever_is_read_otherwise_than_the_truth_is_explained(pairs) -> None:
    assert [one for one in differences(pairs) if not one.reason] == []


@needs_corpus
def test_every_explanation_still_explains_something(pairs) -> None:
    told = {(one.what, one.file) for one in differences(pairs)}
    given = tomllib.loads(REASONS.read_text("utf-8"))

    assert {(what, file) for what, files in given.items() for file in files} == told


@needs_corpus
def test_snmp_and_inventories_give_every_serial_and_no_other(pairs) -> None:
    wrong = [
        truth["file"]
        for truth, true, seen in pairs
        if (truth["kind"] == SNMP or command(truth) == "show inventory") and true.serials != seen.serials
    ]

    assert wrong == []


@needs_corpus
@pytest.mark.parametrize("truth", CLI, ids=lambda truth: truth["file"])
def test_a_cut_answer_is_not_complete_and_gives_no_serial_of_its_own(truth) -> None:
    ends = line_ends(session(truth))
    step = max(len(ends) // 4, 1)

    assert list(faults(truth, ends[::step])) == []


def test_recall_counts_evidence_and_precision_counts_units_only() -> None:
    count = Count().plus(frozenset("ab"), frozenset("ac"), frozenset("b"))

    assert (count, str(count)) == (Count(true=2, recalled=2, read=2, right=1), "100 % / 50.0 % of 2")


def test_a_score_is_not_rounded_up_to_a_hundred() -> None:
    assert str(Count(true=10_000, recalled=9_999, read=0, right=0)) == "99.9 % / - of 10000"


def test_a_release_is_right_where_one_of_the_device_s_own_sources_names_it() -> None:
    true = Found(releases=frozenset({"17.06.01", "Bengaluru 17.6.1a"}))
    truth = {"os": "ios", "kind": "cli:show_version", "file": "x"}
    read = {seen: Found(releases=frozenset({seen})) for seen in ("17.6.1", "17.6.2")}

    told = {seen: differences([(truth, true, found)]) != [] for seen, found in read.items()}

    assert told == {"17.6.1": False, "17.6.2": True}


def test_the_table_goes_between_its_markers() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert written(text, "new\n") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="lacks the lines"):
        written("before\n", "new\n")
