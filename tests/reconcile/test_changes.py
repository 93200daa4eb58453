"""Changes: what mends a contract, with the line's own words untouched."""

from __future__ import annotations

from tests.reconcile.story import change, line, results, unit

OTHER = line("FOC2299Z9ZZ", product_id="C9500-48Y4C")
SHELF = {"spares": [{"serial": "FOC2299Z9ZZ"}]}


def test_an_addition_names_the_unit_its_place_and_its_order():
    register = [{"serial": "FOC2201A0AA", "sales_order": "SO-5"}]
    row = change(results([unit(software_version="17.9.5")], [OTHER], register=register, **SHELF), "ADD")

    named = {n: v for n, v in row.items() if v and n not in ("evidence", "finding_key", "reason")}
    assert named == {
        "action": "ADD", "rule": "COV-UNCOVERED", "confidence": "high", "needs_confirmation": "no", "vendor": "cisco",
        "serial": "FOC2201A0AA", "product_id": "C9300-48P", "quantity": "1", "sales_order": "SO-5",
        "site_name": "North",
        "hostname": "sw1", "address": "10.0.0.1", "slot": "1", "software_version": "17.9.5", "as_of": "2026-06-15",
    }  # fmt: skip


def test_what_a_line_says_of_itself_is_passed_through_untouched():
    own = {
        "contract_number": "0020 0100", "service_level": "  8x5xNBD", "line_number": "007.1", "instance_number": "1E5",
        "quantity": "01", "sales_order": "=SO", "purchase_order": "00-1", "site_name": "Häuptsitz",
        "site_address": "1 Main St",
        "site_city": "Oslo", "site_country": "NO", "contact_email": "a@b.example", "parent_serial": "FOX1",
        "product_id": "c9300-48p=",
    }  # fmt: skip
    row = change(results([unit()], [line(**own, line_end="2026-01-31", site_id="S9")]), "RENEW")

    assert {n: row[n] for n in own} == own
    assert [row[n] for n in ("begin_date", "end_date", "source_site_id", "source_file", "source_row")] == [
        "2025-01-01", "2026-01-31", "S9", "acme.csv", "2",
    ]  # fmt: skip


def test_every_line_that_names_the_wrong_product_is_corrected():
    lines = [line(product_id="C9300-24P"), line(product_id="C9300-24P", line_end="2026-01-01")]
    found = results([unit()], lines)

    assert list(found.findings["rule"]) == ["COV-PID"]
    assert list(found.changes["new_product_id"]) == ["C9300-48P", "C9300-48P"]
    assert sorted(found.changes["source_row"]) == ["2", "3"]


def test_a_missing_proof_asks_for_a_relicensing():
    found = results([unit()], [line()], register=[{"serial": "FOC2201A0AA", "provenance": "secondary"}])

    assert change(found, "RELICENSE")["serial"] == "FOC2201A0AA"


def test_a_product_at_the_end_of_its_life_is_not_to_be_renewed():
    found = results([unit()], [line(last_date_of_support="2026-01-01", line_end="2026-01-31")])

    assert list(found.changes["action"]) == ["DO_NOT_RENEW"]
