"""Sites: by subnet, by host name, by what providers call them."""

from __future__ import annotations

import pytest

from reconcile import tables
from reconcile.sites import contract_sites, located, shown
from tests.reconcile.story import cells, finding, fire, line, results, rows, seen, target, unit, verdict

TABLE = [
    {"subnet": "10.0.0.0/8", "site": "Core"},
    {"subnet": "10.20.0.0/16", "site": "Oslo"},
    {"subnet": "10.20.30.0/24", "site": "Bergen"},
    {"subnet": "2001:db8::/32", "site": "Six"},
    {"hostname": "sw-*", "site": "Anywhere"},
    {"hostname": "sw-trd-*", "site": "Trondheim"},
    {"hostname": "*.lab.example.net", "site": "Lab"},
    {"subnet": "10.20.30.0/24", "hostname": "dmz*", "site": "DMZ"},
]


@pytest.mark.parametrize(
    ("address", "hostname", "site"),
    [
        ("10.1.1.1", "", "Core"),
        ("10.20.1.1", "", "Oslo"),
        ("10.20.30.1", "sw-trd-1", "Bergen"),  # the subnet comes first
        ("10.20.30.1", "DMZ-1", "DMZ"),
        ("10.20.1.1", "dmz-1", "Oslo"),
        ("2001:db8::1", "", "Six"),
        ("192.0.2.1", "sw-1", "Anywhere"),
        ("192.0.2.1", "SW-TRD-1.example.net", "Trondheim"),
        ("192.0.2.1", "x.lab.example.net", "Lab"),
        ("sw-trd-9", "", ""),
        ("192.0.2.1", "", ""),
    ],
)
def test_a_device_is_at_the_site_of_its_longest_subnet_or_else_of_its_name(address, hostname, site):
    devices = rows(("site", "address", "hostname"), [{"address": address, "hostname": hostname}])

    assert list(located(devices, rows(tables.SITES, TABLE))) == [site]


def test_a_target_s_own_site_wins():
    devices = rows(("site", "address", "hostname"), [{"address": "10.20.1.1", "site": "Mine"}])

    assert list(located(devices, rows(tables.SITES, TABLE))) == ["Mine"]
    assert list(located(devices, None)) == ["Mine"]


NAMES = [
    {"site": "Oslo", "site_id": "71", "contract_site_name": "ACME  Oslo"},
    {"site": "Oslo", "site_id": "72", "contract_site_name": "Acme HQ"},
    {"site": "Bergen", "site_id": "73", "contract_site_name": "Acme West"},
    {"site": "Voss", "contract_site_name": "Acme West"},
]


def test_a_provider_s_site_is_known_by_its_number_or_one_of_its_names_and_one_of_two_sites_by_neither():
    said = [
        {"site_name": "acme oslo"}, {"site_name": "ACME HQ"}, {"site_id": "72", "site_name": "Acme West"},
        {"site_name": "acme west"}, {"site_name": "Oslo"}, {"site_name": "Elsewhere"},
    ]  # fmt: skip
    lines, table = rows(tables.LINES, said), rows(tables.SITES, NAMES)
    own = contract_sites(lines, table)

    assert list(own) == ["oslo", "oslo", "oslo", "", "oslo", ""]
    assert list(shown(lines, own, table)) == ["Oslo", "Oslo", "Oslo", "acme west", "Oslo", "Elsewhere"]


def test_units_and_findings_show_the_site_of_the_table():
    found = results(
        [unit(site="")], [line("FOC2298Y8YY", site_name="Acme HQ")], [target(site="")],
        sites=[{"subnet": "10.0.0.0/24", "site": "Oslo", "contract_site_name": "Acme HQ"}],
    )  # fmt: skip

    assert list(found.units["site"]) == ["Oslo"]
    assert cells(found.coverage, "serial", "site") == [("FOC2201A0AA", "Oslo"), ("FOC2298Y8YY", "Oslo")]
    assert {row["site"] for row in found.findings.to_dict("records")} == {"Oslo"}


def test_a_candidate_is_found_where_only_the_table_knows_both_sites():
    table = [{"subnet": "10.0.0.0/24", "site": "Oslo", "contract_site_name": "Acme HQ"}]
    given = {"units": [unit("FOC2401B0BB", site="")], "lines": [line("FOC2101A0AA", site_name="Acme HQ")]}
    found = results(**given, targets=[target(site="")], sites=table)

    assert finding(found, "COV-REPLACED")["confidence"] == "low"
    assert verdict(found, "FOC2401B0BB") == "uncovered"


SOUTH = [
    {"site": "North", "site_id": "71", "contract_site_name": "Acme 1"},
    {"site": "South", "site_id": "72", "contract_site_name": "Acme 2"},
    {"site": "North", "contract_site_name": "Acme Campus"},
    {"site": "South", "contract_site_name": "Acme Campus"},
]


@pytest.mark.parametrize(
    ("said", "stands", "fires"),
    [
        ({"site_name": "Acme 2"}, "North", True),
        ({"site_name": "Acme 1"}, "north ", False),
        ({"site_name": "Acme 1", "site_id": "72"}, "North", True),  # the number outweighs the name
        ({"site_name": "Acme Campus"}, "North", False),
        ({"site_name": "Acme 2"}, "Nowhere", False),
        ({"site_name": ""}, "North", False),
    ],
)
def test_a_unit_stands_elsewhere_only_where_both_sites_are_known(said, stands, fires):
    found = fire("COV-SITE", [unit(site=stands)], [line(**said)], sites=SOUTH)

    assert [f.change for f in found] == (["MOVE_SITE"] if fires else [])


def test_the_move_names_both_places_and_the_provider_s_number_of_the_new_one():
    found = results([unit(site="North")], [line(site_name="Acme 2", site_id="72")], sites=SOUTH)
    (move,) = found.changes.to_dict("records")

    assert [move[n] for n in ("action", "source_site_id", "target_site_id")] == ["MOVE_SITE", "72", "71"]
    assert finding(found, "COV-SITE")["action"] == (
        "Have the install site of FOC2201A0AA on contract 200100 changed to North."
    )


def test_a_site_that_the_table_does_not_know_is_one_finding_with_where_its_units_were_seen():
    lines = [line(site_name="Acme 9"), line("FOC2202B0BB", site_name="ACME 9 ")]
    found = fire("COV-SITE", [unit(), unit("FOC2202B0BB", slot="2")], lines, sites=SOUTH)

    assert [(f.severity, f.subject, f.evidence["units_seen_at"]) for f in found] == [("info", "acme 9", {"North": 2})]


def test_a_line_at_a_site_where_nothing_is_polled_is_unproven():
    lines = [line("FOC2298Y8YY", site_name="Acme 2")]
    found = results([], lines, [target()], sites=SOUTH, history=[])
    there = results([], lines, [target(), target("10.0.0.2", "sw2", site="South")], sites=SOUTH)

    assert cells(found.lines, "verdict", "reason") == [
        ("unproven", "no target of site south on the list could hold it (Catalyst, ISR, ASR 1000 and industrial)")
    ]
    assert list(there.lines["verdict"]) == ["not_seen"]


def test_a_line_of_a_family_that_nothing_polled_could_hold_is_unproven_but_where_it_was_seen_before():
    lines = [line("FOC2298Y8YY", product_id="N9K-C93180YC-EX")]
    before = [seen("FOC2298Y8YY", product_id="N9K-C93180YC-EX")]

    assert cells(results([], lines, [target()]).lines, "verdict", "reason") == [
        ("unproven", "no target on the list could hold it (Nexus and MDS)")
    ]
    assert list(results([], lines, [target()], history=before).lines["verdict"]) == ["not_seen"]
