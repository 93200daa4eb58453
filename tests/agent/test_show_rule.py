"""`netcover show rule`: what a rule says, on the command line."""

from __future__ import annotations

import pytest

from reconcile.rules import RULES


def test_without_a_code_every_rule_is_a_line(netcover_here):
    done = netcover_here("show", "rule")

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [rule.code for rule in RULES]


def test_a_rule_is_shown_with_what_it_rests_on_and_what_to_do(netcover_here):
    done = netcover_here("show", "rule", "so-spare", env={"COLUMNS": "200"})

    assert done.stdout == (
        "SO-SPARE\n"
        "  class          uncovered\n"
        "  severity       warning\n"
        "  needs          lines, spares\n"
        "  fires when     Units are under an agreement without advance replacement, and fewer spares of their\n"
        "                 kind are held than wanted. Counted by base part number and group of sites, over\n"
        "                 chassis and cards. A spare that a device holds is in use.\n"
        "  rests on       S3: Smart Care has no advance replacement and is meant for customers with spares of\n"
        "                 their own [S]. How many, and which sites share a shelf, are settings [R]. Not\n"
        "                 checked with the vendor.\n"
        "  exempt         units under Complete Care, and those on no agreement in force.\n"
        "  action         Stock <number> more <product>, or move its units to Complete Care.\n"
        "  stands beside  covered\n"
    )


@pytest.mark.parametrize(
    ("code", "hint"),
    [("LIC-SW-NEWR", "; did you mean 'LIC-SW-NEWER'?"), ("zzz", "; netcover show rule lists them")],
)
def test_an_unknown_rule_is_refused_with_the_nearest_name(netcover_here, code, hint):
    done = netcover_here("show", "rule", code)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"netcover: there is no rule {code!r}{hint}\n"


def test_the_severities_are_those_of_the_settings_own_policy(netcover_here, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "policy.toml").write_text('[severity]\nLIC-OOC = "info"\n')
    (tmp_path / "netcover.toml").write_text('scope = ["10.0.0.0/8"]\n[paths]\nconfigs = "own"\n')
    done = netcover_here("show", "rule", "LIC-OOC", "--settings", tmp_path / "netcover.toml")

    assert "  severity       info\n" in done.stdout
