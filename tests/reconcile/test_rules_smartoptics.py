"""Smartoptics rules: the cap of the extended warranty, spares, terms, payments and releases."""

from __future__ import annotations

from datetime import date

import pytest

from reconcile.ledger import build
from reconcile.rules import agreements, smartoptics, software
from reconcile.spares import EVERYWHERE, SPARE_STOCK, spare_stock
from tests.reconcile.entitlement_cases import DCP, DCP_RELEASE, bought, dcp, owned
from tests.reconcile.story import finding, inputs, line, policy, results, rules, unit

CARE = {"service_level": "Smart Care"}


def told(rule, **given):
    return list(rule(build(inputs(**given))))


def shelf(*sites, product="DCP-2-FB/HW"):
    return [{"vendor": "smartoptics", "serial": f"S99{n}", "product_id": product, "site": site}
            for n, site in enumerate(sites)]  # fmt: skip


def fleet(*sites, **more):
    """A DCP-2 at each site, on one agreement; *more* is of the lines."""
    units = [unit(f"S21{n}", **DCP, site=site, address=f"10.0.0.{n}", hostname=f"dcp{n}")
             for n, site in enumerate(sites, start=1)]  # fmt: skip
    return {"units": units, "lines": [line(u["serial"], **DCP, **{**CARE, **more}) for u in units]}


def test_a_unit_past_its_cap_is_quoted_without_the_warranty_and_never_with_it():
    found = results(
        units=[unit("S2145A", **DCP)], lines=[line("S2145B", vendor="smartoptics", product_id="DCP-404")],
        **bought("2019-06-15"),
    )  # fmt: skip

    assert {"SO-UNCOVERED", "SO-EWS-NOEXT"} <= set(rules(found))
    assert "without the extended warranty, which ended on 2026-06-15" in finding(found, "SO-UNCOVERED")["action"]


def test_a_unit_below_its_cap_is_quoted_whole():
    found = results(
        units=[unit("S2145A", **DCP)], lines=[line("S2145B", vendor="smartoptics", product_id="DCP-404")],
        **bought("2019-06-16"),
    )  # fmt: skip

    assert finding(found, "SO-UNCOVERED")["action"] == "Have Smart Care or Complete Care quoted for DCP-2 S2145A."
    assert "SO-EWS-NOEXT" not in rules(found)


@pytest.mark.parametrize(
    ("given", "fires"),
    [
        (dcp() | bought("2021-12-30"), True),
        (dcp(service_level="TAC only") | bought("2021-12-30"), False),
        (dcp(ship_date="2021-12-30") | bought(""), True),
        (dcp(ship_date="2021-12-30") | bought("2022-12-30"), False),
        (dcp(line_end="2026-06-14") | bought("2017-01-01"), False),
    ],
)
def test_the_warranty_ends_at_its_cap_whatever_the_agreement_says(given, fires):
    assert bool(told(smartoptics.warranty_cap, **given)) is fires


def test_the_cap_is_a_warning_that_leaves_support_and_software_alone():
    found = finding(results(**dcp(), **bought("2021-12-30")), "SO-EWS-CAP")

    assert found["severity"] == "warning"
    assert found["action"].endswith("TAC and software may go on.")


def test_missing_purchase_dates_are_one_finding_an_agreement():
    given = fleet("North", "North", "South") | {"register": []}

    assert [f.evidence["serials"] for f in told(smartoptics.no_purchase_date, **given)] == [["S211", "S212", "S213"]]


STOCK = ("product_id", "site_group", "sites", "units", "spares", "wanted", "shortfall")


@pytest.mark.parametrize(
    ("sites", "spares", "groups", "expected"),
    [
        (("North", "South"), shelf("North"), {}, [("DCP-2", EVERYWHERE, "North; South", "2", "1", "1", "0")]),
        (("North", "South"), shelf(), {}, [("DCP-2", EVERYWHERE, "North; South", "2", "0", "1", "1")]),
        (("North", "South"), shelf("north"), {"up": ("North*",), "down": ("South",)},
         [("DCP-2", "down", "South", "1", "0", "1", "1"), ("DCP-2", "up", "North", "1", "1", "1", "0")]),
        (("North",), shelf("North", product="DCP-404"), {}, [("DCP-2", EVERYWHERE, "North", "1", "0", "1", "1")]),
        ((), shelf("North"), {}, []),
    ],
)  # fmt: skip
def test_spares_are_counted_by_base_part_number_and_group_of_sites(sites, spares, groups, expected):
    own = policy(smartoptics=policy().smartoptics.model_copy(update={"site_groups": groups}))
    stock = spare_stock(build(inputs(**fleet(*sites), spares=spares, policy=own)))

    assert tuple(stock.columns) == SPARE_STOCK
    assert list(stock[list(STOCK)].itertuples(index=False, name=None)) == expected


def test_a_spare_that_a_device_holds_is_not_on_the_shelf():
    in_use = [{"vendor": "smartoptics", "serial": "S211", "product_id": "DCP-2", "site": "North"}]
    (found,) = told(smartoptics.spare_missing, **fleet("North"), spares=in_use)

    assert found.action == "Stock 1 more DCP-2, or move its units to Complete Care."


@pytest.mark.parametrize("more", [{"service_level": "Complete Care"}, {"line_end": "2026-06-14"}])
def test_units_with_advance_replacement_or_none_at_all_need_no_spares(more):
    assert told(smartoptics.spare_missing, **fleet("North", **more), spares=[]) == []


def test_more_spares_are_a_setting():
    two = policy(smartoptics=policy().smartoptics.model_copy(update={"spares_per_model": 2}))

    assert told(smartoptics.spare_missing, **fleet("North"), spares=shelf("North")) == []
    assert len(told(smartoptics.spare_missing, **fleet("North"), spares=shelf("North"), policy=two)) == 1


def lines_of(*spans, **more):
    return [line(f"S21{n}", **DCP, line_start=start, line_end=end, **more) for n, (start, end) in enumerate(spans)]


@pytest.mark.parametrize(
    ("spans", "fires"),
    [
        ([("2024-01-01", "2024-12-31")], False),
        ([("2024-01-01", "2025-01-01")], False),
        ([("2024-01-01", "2025-01-02")], True),
        ([("2024-01-01", "2026-12-30")], False),
        ([("2024-02-29", "2027-02-27")], False),
        ([("2024-01-01", "2028-12-31")], False),
        ([("2024-01-01", "2030-12-31")], False),
        ([("2024-01-01", "2025-12-31")], True),
        ([("2024-01-01", "2026-12-31"), ("2025-06-01", "2026-12-31")], False),
        ([("2024-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")], False),
        ([("2024-01-01", "2026-12-31"), ("", "2026-12-31")], False),
        ([("2024-01-01", "")], False),
    ],
)
def test_a_term_is_tested_on_the_agreement_and_not_on_a_line_that_joined_later(spans, fires):
    found = told(agreements.term, units=[], lines=lines_of(*spans), as_of=date(2024, 6, 1))

    assert bool(found) is fires


def test_an_agreement_without_a_number_has_no_term_to_test():
    spans = lines_of(("2024-01-01", "2025-12-31"), contract_number="")

    assert told(agreements.term, units=[], lines=spans) == []


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        ({"line_status": "Payment due"}, True),
        ({"line_status": "PAYMENT-OVERDUE"}, True),
        ({"line_status": "Active"}, False),
        ({"line_status": "Payment due", "line_start": "2026-01-01", "line_end": "2026-12-31"}, False),
        ({"line_status": "Payment due", "line_end": "2026-06-14"}, False),
        ({"line_status": "Payment due", "vendor": "cisco"}, False),
    ],
)
def test_an_open_payment_is_told_by_the_status_of_an_agreement_for_several_years(more, fires):
    given = {"units": [], "lines": [line("S211", **{**DCP, **more}), line("S212", **{**DCP, **more})]}

    assert len(told(agreements.payment, **given)) == int(fires)


def test_an_open_payment_leaves_the_unit_covered():
    found = results(**dcp(line_status="Payment due"))

    assert list(found.coverage["verdict"]) == ["covered"]
    assert finding(found, "SO-PAYMENT")["severity"] == "info"


def test_a_release_of_smartoptics_is_left_to_its_own_rule():
    given = dcp(line_end="2026-01-31") | {"software": DCP_RELEASE}

    assert told(software.newer_than_entitled, **given) == []
    assert len(told(software.newer_than_subscribed, **given)) == 1


@pytest.mark.parametrize(
    ("given", "fires"),
    [
        (dcp(line_end="2026-01-31") | owned(vendor="smartoptics", serial="S2145A", order="DCP-2-ENL-7.x_SW"), True),
        (dcp() | owned(vendor="smartoptics", serial="S2145A", order="DCP-2-ENL-7.x_SW"), False),
        (dcp(line_end="2026-01-31") | owned(vendor="smartoptics", serial="S2145B", order="DCP-2-ENL-7.x_SW"), False),
        (dcp(line_end="2026-01-31", description="DCP-2-ENL-7.x_SW") | owned(), True),
        (dcp(line_end="2026-01-31", description="DCP-2-ENL-13.x_SW")
         | owned(vendor="smartoptics", serial="S2145A", order="DCP-2-ENL-7.x_SW"), False),
        (dcp(line_end="2026-01-31") | owned(), False),
    ],
)  # fmt: skip
def test_a_node_licence_names_the_major_it_was_bought_for(given, fires):
    assert bool(told(smartoptics.major_release, **given)) is fires
