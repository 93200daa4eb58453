"""Changes a reseller can act on: where to put a unit, what to renew together, what two lines of one serial cost."""

from __future__ import annotations

from reconcile.changes import expanded
from reconcile.renewals import COLUMNS
from reconcile.rules import RULES
from tests.reconcile import story
from tests.reconcile.story import change, line, results, unit

NEW = unit("FOC2201A0ZZ", address="10.0.0.2", hostname="sw2")
SITE = {
    "site_id": "S7", "site_name": "NORTH CAMPUS", "site_address": "1 Main St", "site_city": "Oslo",
    "site_country": "NO", "contact_email": "noc@example.org",
}  # fmt: skip
BOTH = (story.SWITCH, story.target("10.0.0.2", "sw2"))


def ask(*lines, units=None, **more):
    return results(list(units or (unit(), NEW)), list(lines), targets=more.pop("targets", BOTH), **more)


def test_an_addition_is_asked_for_on_the_contract_its_neighbours_have_in_that_contracts_words():
    row = change(ask(line(**SITE)), "ADD")

    names = (
        "provider", "contract_number", "service_level", "begin_date", "end_date", "target_site_id", "site_name",
        "site_address", "site_city", "site_country", "contact_email", "quantity", "needs_confirmation",
    )  # fmt: skip
    assert [row[name] for name in names] == [
        "Acme", "200100", "8X5XNBD", "2026-06-15", "2028-12-31", "S7", "NORTH CAMPUS", "1 Main St", "Oslo", "NO",
        "noc@example.org", "1", "no",
    ]  # fmt: skip
    assert row["reason"].endswith(
        "suggested: co-term with contract 200100 to 2028-12-31, as the line of this product at this site"
    )
    assert (row["line_number"], row["instance_number"], row["source_site_id"]) == ("", "", "")


def test_a_contract_that_is_about_to_end_is_not_what_an_addition_is_put_on():
    soon = line("FOC2201A0AB", contract_number="300", line_end="2026-06-30")
    units = (unit(), unit("FOC2201A0AB", slot="2"), unit("FOC2201A0AC", slot="3"), NEW)
    soon_too = line("FOC2201A0AC", contract_number="300", line_end="2026-06-30")

    assert change(ask(line(), soon, soon_too, units=units), "ADD")["contract_number"] == "200100"


def test_a_donated_contract_takes_no_equipment_that_was_bought():
    row = change(ask(line(programme="donated")), "ADD")

    assert (row["contract_number"], row["service_level"], row["end_date"]) == ("", "", "")


def test_a_line_at_another_site_suggests_nothing():
    row = change(ask(line(), units=(unit(site="South"), NEW)), "ADD")

    assert (row["provider"], row["contract_number"], row["site_name"]) == ("", "", "North")


def test_the_suggested_end_is_not_after_the_products_last_date_of_support():
    eox = [{"vendor": "cisco", "product_id": "C9300-48P", "last_date_of_support": "2027-03-31"}]
    row = change(ask(line(), eox=eox), "ADD")

    assert row["end_date"] == "2027-03-31"
    assert "clipped to its last date of support 2027-03-31" in row["reason"]


def test_the_list_of_sites_names_the_place_where_no_line_does():
    sites = [{"hostname": "sw*", "site": "North", "site_id": "700001", "contract_site_name": "North campus"}]
    row = change(ask(line("FOC2299Z9ZZ"), spares=[{"serial": "FOC2299Z9ZZ"}], sites=sites, units=(NEW,)), "ADD")

    assert (row["target_site_id"], row["site_name"]) == ("700001", "North campus")


def test_renewals_of_a_contract_are_put_together_with_the_day_the_rest_of_it_ends():
    serials = [f"FOC2201A0A{letter}" for letter in "ABCDE"]
    units = [unit(serial, slot=str(n)) for n, serial in enumerate(serials)]
    lines = [line(serial, line_end="2026-07-31" if n < 2 else "2027-12-31") for n, serial in enumerate(serials)]
    found = results(units, lines)

    assert found.renewals.to_dict("records") == [
        dict(zip(COLUMNS, ("cisco", "Acme", "200100", "8X5XNBD", "2026-07-31", "2", "46", "2027-12-31"), strict=True))
    ]
    renew = found.changes[found.changes["action"] == "RENEW"]
    assert list(renew["end_date"]) == ["2026-07-31"] * 2
    hint = (
        "; one of 2 renewals of contract 200100 on that day; most of that contract ends on 2027-12-31: ask to co-term"
    )
    assert all(reason.endswith(hint) for reason in renew["reason"])


def test_of_two_lines_of_one_serial_the_one_to_keep_is_named_and_the_others_price():
    short = line(line_end="2027-06-30", contract_number="300", list_price="1200.50", currency="EUR")
    found = results([unit()], [short, line()])

    told = dict(zip(found.changes["contract_number"], found.changes["reason"], strict=True))
    assert told["200100"].endswith("; it ends last: the one to keep")
    assert told["300"].endswith("; it may end: list price 1200.50 EUR")
    assert set(found.changes["action"]) == {"REVIEW"}


def test_a_replacement_expands_into_a_pair_tied_by_its_finding():
    rma = [{"vendor": "cisco", "rma_number": "8", "old_serial": "FOC2201A0AB", "new_serial": "FOC2201A0AA"}]
    found = results([unit()], [line("FOC2201A0AB", instance_number="7", sales_order="S1")], rma=rma)
    one = change(found, "REPLACE")
    pair = expanded(found.changes)

    gone, new = (pair[pair["action"] == action].to_dict("records")[0] for action in ("REMOVE", "ADD"))
    assert len(pair) == 2
    assert gone["finding_key"] == new["finding_key"] == one["finding_key"]
    assert [gone[n] for n in ("serial", "instance_number", "termination_date", "new_serial")] == [
        "FOC2201A0AB", "7", "2026-06-15", "",
    ]  # fmt: skip
    assert [new[n] for n in ("serial", "product_id", "contract_number", "service_level", "begin_date", "end_date")] == [
        "FOC2201A0AA", "C9300-48P", "200100", "8X5XNBD", "2026-06-15", "2028-12-31",
    ]  # fmt: skip
    assert (new["instance_number"], new["sales_order"]) == ("", "")


def test_a_guessed_removal_is_written_as_a_review(monkeypatch):
    from reconcile import rules as registry
    from reconcile.findings import Finding

    guess = RULES[0].__class__(**{
        **{name: getattr(RULES[0], name) for name in RULES[0].__slots__},
        "find": lambda ledger: iter((Finding(RULES[0].code, "gone?", "", lines=(0,), change="REMOVE", serial="X"),)),
    })  # fmt: skip
    monkeypatch.setattr(registry, "RULES", (guess,))

    assert list(results([], [line()]).changes["action"]) == ["REVIEW"]


def test_a_removal_on_record_is_dated_by_its_rma():
    rma = [{"vendor": "cisco", "rma_number": "8", "old_serial": "FOC2201A0AB", "new_serial": "", "date": "2026-05-02"}]
    row = change(results([unit()], [line("FOC2201A0AB"), line()], rma=rma), "REMOVE")

    assert (row["needs_confirmation"], row["termination_date"], row["serial"]) == ("no", "2026-05-02", "FOC2201A0AB")


SITES = [
    {"hostname": "sw*", "site": "North", "site_id": "S7", "contract_site_name": "NORTH CAMPUS"},
    {"hostname": "rtr*", "site": "South", "site_id": "S9", "contract_site_name": "SOUTH DOCKS"},
]


def test_a_unit_that_moved_is_moved_on_its_line_to_the_site_as_the_provider_writes_it():
    south = SITE | {"site_id": "S9", "site_name": "SOUTH DOCKS", "site_address": "9 Quay", "site_city": "Bergen"}
    lines = (line(**SITE), line("FOC2201A0AB", line_number="2", **south))
    row = change(ask(*lines, units=(unit(), unit("FOC2201A0AB", slot="2")), sites=SITES), "MOVE_SITE")

    names = ("serial", "line_number", "source_site_id", "target_site_id", "site_name", "site_address", "site_city")
    assert [row[name] for name in names] == ["FOC2201A0AB", "2", "S9", "S7", "NORTH CAMPUS", "1 Main St", "Oslo"]


def test_what_only_a_list_of_the_users_names_is_a_row_that_points_at_it():
    asset = {
        "vendor": "cisco", "serial": "FOC2201A0QQ", "product_id": "C9200-24T", "provenance": "grant", "in_use": "no",
        "source_file": "register.csv", "source_row": "7",
    }  # fmt: skip
    row = change(ask(line(), register=[asset]), "RETURN")

    names = ("serial", "product_id", "quantity", "needs_confirmation", "source_file", "source_row")
    assert [row[name] for name in names] == ["FOC2201A0QQ", "C9200-24T", "1", "no", "register.csv", "7"]


def test_every_row_says_the_day_it_was_judged_by():
    assert set(ask(line()).changes["as_of"]) == {"2026-06-15"}
