"""Licence rules: what devices report, beside what was bought; and releases nobody was entitled to download."""

from __future__ import annotations

import json

import pytest

from reconcile.ledger import Source, build
from reconcile.rules import entitled, licences, software, subscriptions
from reconcile.rules.rows import listed
from tests.reconcile.entitlement_cases import (
    DEVICE,
    ENDED,
    NEW_IMAGE,
    OTHER,
    RELEASE,
    agent,
    code,
    licence,
    loose,
    owned,
    pool,
    story,
)
from tests.reconcile.story import finding, inputs, line, policy, results, rules, seen, target, unit, unread

STACK = [unit(), unit("FOC2201B0BB", slot="2")]
OWN = {"feature": "network", "level": "advantage"}


def told(rule, **given):
    """What one rule finds in a story."""
    return list(rule(build(inputs(**given))))


def entitlements(*rows):
    first = {"vendor": "cisco", "source_file": "bought.csv"}
    return {"entitlements": [{**first, "source_row": str(n), **row} for n, row in enumerate(rows, start=2)]}


def test_a_finding_of_one_chassis_says_where_it_stands():
    row = {"feature": "dna-advantage", "state": "evaluation", "serial": "FOC2201B0BB", "address": "10.0.0.1"}
    (found,) = told(licences.evaluation, units=STACK, licences=[{"vendor": "cisco", **row}])

    assert (found.serial, found.hostname, found.slot, found.site) == ("FOC2201B0BB", "sw1", "2", "North")


def test_a_finding_of_a_whole_stack_names_the_device_and_its_site_and_no_serial():
    (found,) = told(licences.evaluation, units=STACK, **licence("evaluation"))

    assert (found.serial, found.address, found.site, found.product_id) == ("", "10.0.0.1", "North", "")


def test_an_access_point_of_a_controller_is_not_its_chassis():
    radio = unit("FGL2201A0AA", kind="access_point", product_id="C9120AXI-E", slot="ap1")
    (found,) = told(licences.evaluation, units=[unit(), radio], **licence("evaluation"))

    assert found.serial == "FOC2201A0AA"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"expires": "2026-06-27"}, "network-advantage (12 days left)"),
        ({"detail": "EVAL MODE; days_left=41"}, "network-advantage (41 days left)"),
        ({}, "network-advantage"),
    ],
)
def test_an_evaluation_says_the_days_left_where_they_are_known(more, words):
    (found,) = told(licences.evaluation, **story(**licence("evaluation", **more)))

    assert found.message == f"sw1 runs on evaluation or grace: {words}"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param(owned(level="essentials"), ("", "high", "network essentials"), id="bought lower"),
        pytest.param(owned(), None, id="bought"),
        pytest.param(owned(feature="C9300 Network Advantage", level=""), None, id="in the order's words"),
        pytest.param(owned(level="essentials", expires="2026-06-14"), None, id="the lower one has ended"),
        pytest.param(owned(feature="dna", level="essentials"), None, id="another ladder"),
        pytest.param(owned(serial="FOC2299Z9ZZ", level="essentials"), None, id="another chassis"),
        pytest.param(
            entitlements({"serial": "FOC2201A0AA", "feature": "network-essentials"}, {"account": "a", **OWN}), None,
            id="a pool covers it",
        ),
        pytest.param({"units": [unit(product_id="C9300-48P-E")]}, ("warning", "medium", "network-essentials"),
                     id="sold with the lower"),
        pytest.param({"lines": [line(product_id="C9300-48P-E")]}, ("warning", "medium", "network-essentials"),
                     id="its line says the lower"),
        pytest.param(
            {"lines": [line(product_id="C9300-48P-E")],
             "register": [{"serial": "FOC2201A0AA", "product_id": "C9300-48P-A"}]}, None, id="the register says more",
        ),
        pytest.param({"units": [unit(product_id="C9300-48P-A")], **owned(level="essentials")}, None,
                     id="sold with the level"),
        pytest.param({"units": [unit(product_id="C9300-48P-E")], **owned()}, None, id="upgraded apart"),
        pytest.param({}, None, id="nothing on record"),
    ],
)  # fmt: skip
def test_a_level_is_compared_with_what_is_on_record(given, found):
    seen = told(entitled.feature_level, **(story(**licence("in_use")) | given))

    assert [(f.severity, f.confidence, f.message.partition("on record is ")[2]) for f in seen] == (
        [found] if found else []
    )


@pytest.mark.parametrize(
    ("runs", "bought", "fires"),
    [
        ("ipservices", "ipbase", True),
        ("ipservicesk9", "ipbasek9", True),
        ("lanbase", "ipservices", False),
        ("adventerprise", "ipservices", False),
        ("adventerprisek9", "ipbase", True),
        ("securityk9", "ipbasek9", False),
        ("uck9", "securityk9", False),
        ("dna-premier", "dna-advantage", True),
    ],
)
def test_ladders_rank_levels_and_sets_have_no_rank(runs, bought, fires):
    given = story(**licence("in_use", feature=runs), **owned(feature=bought, level=""))

    assert bool(told(entitled.feature_level, **given)) is fires


def test_each_chassis_of_a_stack_needs_its_level():
    given = entitlements(
        {"serial": "FOC2201A0AA", **OWN}, {"serial": "FOC2201B0BB", "feature": "network", "level": "essentials"}
    )
    found = told(entitled.feature_level, units=STACK, lines=[line()], **licence("in_use"), **given)

    assert [(f.serial, f.slot) for f in found] == [("FOC2201B0BB", "2")]


@pytest.mark.parametrize(
    ("given", "fires"),
    [
        pytest.param(owned(feature="dna"), True, id="something else was bought"),
        pytest.param(owned(serial="FOC2299Z9ZZ"), True, id="another chassis"),
        pytest.param(owned(), False, id="bought"),
        pytest.param(pool(), False, id="from a pool"),
        pytest.param(pool(starts="2026-06-16"), True, id="from a pool to come"),
        pytest.param(pool(feature="network-premier", level=""), True, id="no such step"),
        pytest.param({**owned(feature="dna"), "units": [unit(product_id="C9300-48P-A")]}, False, id="sold with it"),
        pytest.param(
            {**owned(feature="dna"), **licence("in_use", detail="Permanent; Active, In Use")}, False, id="key"
        ),
        pytest.param({**owned(feature="dna"), **licence("in_use", detail="RightToUse, Permanent")}, True, id="trust"),
        pytest.param({**owned(feature="dna"), **licence("in_use", detail="In use; installed")}, False, id="file"),
        pytest.param({**owned(feature="dna"), **licence("authorized")}, False, id="its account said so"),
        pytest.param(owned(level="essentials"), False, id="LIC-FEATURE tells that"),
    ],
)
def test_use_on_trust_wants_a_purchase_on_record(given, fires):
    assert bool(told(entitled.unverified, **(story(**licence("in_use")) | given))) is fires


def test_unverified_use_is_one_finding_a_feature_with_its_devices():
    rows = [{**DEVICE, "address": f"10.0.0.{n}", "hostname": f"sw{n}", "feature": "dna-advantage", "state": "in_use"}
            for n in range(1, 61)]  # fmt: skip
    (found,) = told(entitled.unverified, units=[unit()], lines=[line()], licences=rows, **owned())

    assert found.message == "dna-advantage is in use on 60 devices without a purchase on record"
    assert found.evidence["devices_count"] == 60
    assert len(found.evidence["devices"]) == 50


def used(feature, quantity, n=1):
    device = {"address": f"10.0.0.{n}", "hostname": f"sw{n}"}
    return {**DEVICE, **device, "feature": feature, "state": "in_use", "quantity": quantity}


ADVANTAGE = {"account": "a", "feature": "dna", "level": "advantage"}
ESSENTIALS = {"account": "a", "feature": "dna", "level": "essentials"}


@pytest.mark.parametrize(
    ("bought", "use", "expected"),
    [
        ([{**ADVANTAGE, "quantity": "3"}], [("dna-advantage", "2"), ("dna-advantage", "2")], [("dna-advantage", 4, 3)]),
        ([{**ADVANTAGE, "quantity": "2"}, {**ADVANTAGE, "quantity": "2"}], [("dna-advantage", "4")], []),
        ([{**ADVANTAGE, "quantity": "2"}, {**ADVANTAGE, "quantity": "2", "expires": "2026-06-14"}],
         [("dna-advantage", "4")], [("dna-advantage", 4, 2)]),
        ([{**ADVANTAGE, "quantity": "5"}, {**ESSENTIALS, "quantity": "1"}],
         [("dna-advantage", "2"), ("dna-essentials", "4")], []),
        ([{**ADVANTAGE, "quantity": "1"}, {**ESSENTIALS, "quantity": "5"}],
         [("dna-advantage", "2"), ("dna-essentials", "4")], [("dna-advantage", 2, 1)]),
        ([{**ADVANTAGE, "quantity": "1"}, {**ESSENTIALS, "quantity": "3"}],
         [("dna-advantage", "2"), ("dna-essentials", "4")], [("dna-advantage", 2, 1), ("dna-advantage", 6, 4)]),
        ([{**ADVANTAGE, "quantity": "1"}, {**ADVANTAGE, "order": "Enterprise Agreement 7"}],
         [("dna-advantage", "9")], []),
        ([ADVANTAGE], [("dna-advantage", "9")], []),
        ([{**ADVANTAGE, "quantity": "1"}, {"serial": "FOC2201A0AA", **ADVANTAGE, "account": ""}],
         [("dna-advantage", "1"), ("dna-advantage", "1")], []),
    ],
)  # fmt: skip
def test_a_pool_is_counted_over_the_levels_that_can_serve(bought, use, expected):
    rows = [used(feature, quantity, n) for n, (feature, quantity) in enumerate(use, start=1)]
    found = told(entitled.pool_count, units=[unit()], lines=[line()], licences=rows, **entitlements(*bought))

    counts = [(f.evidence["used"], f.evidence["bought"]) for f in found]
    assert sorted(counts) == sorted((u, b) for _, u, b in expected)


def test_pools_name_the_rows_they_rest_on():
    given = entitlements({**ADVANTAGE, "quantity": "1"})
    (found,) = told(entitled.pool_count, units=[unit()], lines=[line()], licences=[used("dna-advantage", "2")], **given)

    assert found.evidence["entitlements"] == ["bought.csv:2"]
    assert found.action == "Buy 1 more, or free as many; if the pool's list is old, bring it up to date."


@pytest.mark.parametrize(
    ("rows", "fires"),
    [
        ([{"expires": "2026-06-14"}], "LIC-SUB-EXPIRED"),
        ([{"expires": "2026-06-15"}], "LIC-SUB-EXPIRING"),
        ([{"expires": "2026-06-14"}, {"expires": "2027-06-14"}], ""),
        ([{"expires": "2026-06-14"}, {}], ""),
        ([{"expires": "2026-07-14"}, {"starts": "2026-07-15", "expires": "2027-06-14"}], ""),
        ([{"expires": "2026-06-14"}, {"level": "premier", "expires": "2027-06-14"}], ""),
        ([{"expires": "2026-06-14"}, {"level": "essentials", "expires": "2027-06-14"}], "LIC-SUB-EXPIRED"),
        ([{"expires": "2026-06-14", "serial": "FOC2299Z9ZZ"}], ""),
        ([{"expires": "2026-06-14", "level": "essentials"}], "LIC-SUB-EXPIRED"),
        ([{"expires": "2026-06-14", "feature": "network", "level": "premier"}], "LIC-SUB-EXPIRED"),
        ([{"expires": "2026-06-14", "feature": "network", "level": "advantage"}], ""),
    ],
)
def test_an_entitlement_ends_where_nothing_follows_and_its_level_is_used(rows, fires):
    given = entitlements(*({"serial": "FOC2201A0AA", "feature": "dna", "level": "advantage", **row} for row in rows))
    ledger = build(inputs(**story(**licence("in_use", feature="dna-advantage")), **given))
    found = [f.rule for rule in (subscriptions.expired, subscriptions.expiring) for f in rule(ledger)]

    assert found == ([fires] if fires else [])


def test_two_subscriptions_of_one_serial_are_two_findings():
    both = entitlements(
        {"serial": "FOC2201A0AA", "feature": "support pack", "expires": "2026-06-01"},
        {"serial": "FOC2201A0AA", "feature": "analytics", "expires": "2026-06-01"},
    )
    found = told(subscriptions.expired, **story(**both))

    assert len({f.key for f in found}) == 2


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"next_ack": "2026-06-14"}, "sw1: a report was to be acknowledged by 2026-06-14"),
        ({"next_ack": "2026-06-14", "ack_required": "no"}, ""),
        ({"next_ack": "2026-06-14", "mode": "registration"}, ""),
        ({"next_ack": "none", "last_ack": "none"}, ""),
        ({"last_ack": "none", "ack_missing_days": "91"}, "sw1: no report was acknowledged in 91 days"),
        ({"last_ack": "none", "ack_missing_days": "90"}, ""),
        ({"last_ack": "none", "ack_missing_days": "91", "first_report_days": "365"}, ""),
        ({"ack_missing_days": "40", "report_within_days": "30"}, "sw1: no report was acknowledged in 40 days"),
        ({"ack_missing_days": "40", "report_within_days": "0"}, ""),
    ],
)
def test_a_report_is_late_by_the_device_s_own_words(facts, words):
    assert [f.message for f in told(licences.unreported, **story(**agent(**facts)))] == ([words] if words else [])


RETURNED = {"rma": [{"vendor": "cisco", "old_serial": "FOC2101A0AA", "new_serial": "FOC2201A0AA"}]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (code("FOC2101A0AA"), "sw1: its trust code is bound to FOC2101A0AA"),
        (code("FOC2101A0AA", trust="none", authorization="2026-01-01"),
         "sw1: its authorisation code is bound to FOC2101A0AA"),
        (code("FOC2101A0AA", trust="none"), "sw1: its licensing is bound to FOC2101A0AA"),
        (code("FOC2101A0AA", role="standby"), ""),
        ({**code("FOC2101A0AA", role="standby"), **RETURNED},
         "sw1: its trust code is bound to FOC2101A0AA, which was returned under an RMA"),
        ({**code("FOC2101A0AA"), "targets": [target(inventory_state="partial")]}, ""),
        (licence("in_use", serial="FOC2101A0AA"), "sw1: network-advantage is bound to FOC2101A0AA"),
        (licence("in_use", serial="FOC2201A0AA"), ""),
    ],
)  # fmt: skip
def test_a_code_is_bound_to_the_chassis_it_is_on(given, words):
    found = told(licences.bound_elsewhere, **(story() | given))

    assert [f.message for f in found] == ([words] if words else [])
    assert all((f.serial, f.new_serial) == ("FOC2101A0AA", "FOC2201A0AA") for f in found)


def test_the_agent_s_own_row_is_told_of_the_chassis_it_is_on():
    row = {"feature": "smart licensing", "state": "unregistered", "serial": "FOC2101A0AA"}
    (found,) = told(licences.unregistered, **story(licences=[{**DEVICE, **row}]))

    assert found.serial == "FOC2201A0AA"


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({}, True),
        ({"targets": [unread("10.0.0.1", "sw1")]}, False),
        ({"targets": [target(outcome="partial")]}, True),
        ({"units": [unit(product_id="WS-C2960X-48TS-L")]}, False),
        ({"units": []}, False),
        (licence("unknown"), True),
        (licence("dormant"), False),
        (agent(state="unknown"), False),
    ],
)
def test_a_licence_state_is_missed_where_the_platform_has_one(more, fires):
    found = told(licences.unreadable, **(story(licences=[]) | more))

    assert [f.evidence["devices"] for f in found] == ([["sw1"]] if fires else [])


def test_unreadable_states_are_one_finding_a_platform():
    many = [unit(f"FOC2201A0A{n}", address=f"10.0.0.{n}", hostname=f"sw{n}") for n in range(1, 4)]
    where = [target(u["address"], u["hostname"]) for u in many[:2]] + [target("10.0.0.3", "n1", platform="cisco_nxos")]

    assert [f.evidence["devices_count"] for f in told(licences.unreadable, units=many, targets=where, licences=[])] == [
        2, 1,
    ]  # fmt: skip


NEWER = story(units=[NEW_IMAGE], lines=[ENDED], software=RELEASE)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, ""),
        ({"software": [{**RELEASE[0], "version": "17.9.4"}]}, "its release date is not in the catalogue"),
        ({"lines": [OTHER]}, "no earlier contract or purchase date is on record"),
        ({"lines": [OTHER], "register": [{"serial": "FOC2201A0AA", "purchase_date": "2025-11-01"}]}, ""),
        ({"units": [{**NEW_IMAGE, "product_id": "C1000-24T"}], "software": []}, ""),
        ({"lines": [line()], "software": []}, ""),
        (
            {"lines": [line(line_status="Confidential", line_end="2026-01-31")]},
            "its contract line does not tell whether it is in force",
        ),
        ({"lines": [line(line_status="Confidential", line_end="2026-03-01")]}, ""),
        ({"lines": [OTHER], "register": [{"serial": "FOC2201A0AA", "ship_date": "2026-03-01"}]}, ""),
    ],
)
def test_what_cannot_be_proved_of_a_release_is_told_once_with_its_reason(more, why):
    found = told(software.unprovable, **(NEWER | more))

    assert [f.message.partition("cannot be told: ")[2] for f in found] == ([why] if why else [])


def test_an_incomplete_history_of_contracts_proves_nothing():
    given = NEWER | {"sources": (Source("acme", vendor="cisco", complete=False, reason="one of two portals"),)}
    (found,) = told(software.unprovable, **given)

    assert told(software.newer_than_entitled, **given) == []
    assert found.message.endswith("the contracts of its vendor are not known in full")


def test_units_of_one_release_are_one_finding():
    several = [unit(f"FOC2201A0A{n}", address=f"10.0.0.{n}", software_version="17.9.5") for n in range(1, 4)]
    where = [target(u["address"], u["hostname"]) for u in several]
    (found,) = told(software.unprovable, units=several, lines=[OTHER], targets=where, software=RELEASE)

    assert found.evidence["serials"] == ["FOC2201A0A1", "FOC2201A0A2", "FOC2201A0A3"]
    assert found.message.startswith("17.9.5 on 3 units without cover")


def test_an_entitlement_known_by_purchase_alone_is_less_sure():
    bought = {"register": [{"serial": "FOC2201A0AA", "purchase_date": "2025-11-01"}]}
    found = [*told(software.newer_than_entitled, **NEWER),
             *told(software.newer_than_entitled, **loose(units=[NEW_IMAGE], software=RELEASE, **bought))]  # fmt: skip

    assert [(f.confidence, f.evidence["last_entitled"]) for f in found] == [
        ("medium", "2026-01-31"), ("low", "2026-01-30"),
    ]  # fmt: skip


def test_the_free_updates_are_a_list_of_the_policy_s():
    none = policy(software=policy().software.model_copy(update={"free_updates": ()}))
    small = {"units": [{**NEW_IMAGE, "product_id": "C1000-24T"}]}

    assert told(software.newer_than_entitled, **(NEWER | small)) == []
    assert len(told(software.newer_than_entitled, **(NEWER | small), policy=none)) == 1


def test_an_evidence_for_many_names_the_first_and_counts_all():
    assert listed("serials", [str(n) for n in range(100, 160)])["serials_count"] == 60
    assert len(json.dumps(listed("serials", ["F" * 40] * 40 + [str(n) for n in range(99)]))) < 32_767


@pytest.mark.parametrize(("again", "kept"), [(unread(), True), (target("10.0.0.9", "sw9"), False)])
def test_a_finding_for_many_units_is_kept_while_one_it_names_could_not_be_read(again, kept):
    gone = {"address": "10.0.0.9", "hostname": "sw9"}
    units = [unit(), unit("FOC2202A0AA", **gone)]
    use = [used("dna-advantage", "1"), {**used("dna-advantage", "1"), **gone}]
    first = results(units, [line(), line("FOC2202A0AA")], [target(), target(**gone)], licences=use, **owned())
    second = results(
        **story(licences=[{**used("dna-advantage", "1"), "state": "dormant"}]), targets=[target(), again],
        history=[seen("FOC2202A0AA", **gone)], previous_findings=first.findings, **owned(),
    )  # fmt: skip

    assert finding(first, "LIC-UNVERIFIED")["status"] == "new"
    assert ("LIC-UNVERIFIED" in rules(second)) is kept
