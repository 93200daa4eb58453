"""What goes back to one provider holds its own words, all of them, and nobody else's."""

from __future__ import annotations

import json

import pandas as pd

from reconcile.provider_files import parts
from tests.reconcile.story import line, results, unit

ACME = line(contract_number="200100", source_file="acme.csv", source="acme")
BOLT = line(contract_number="B-77", provider="Bolt", source_file="bolt.xlsx", source="bolt", line_end="2027-01-31")
NEW = unit("FOC2201A0ZZ", slot="2")


def sent(found, lines, by=("provider",), extra=None):
    table = pd.DataFrame(lines, dtype="str").fillna("")
    table = table.assign(source_row=[str(n) for n in range(2, len(lines) + 2)])
    return parts(found.changes, by, table, extra)


def test_a_serial_both_are_paid_for_tells_neither_of_the_other():
    files = sent(results([unit()], [ACME, BOLT]), [ACME, BOLT])

    assert set(files) == {"changes-Acme", "changes-Bolt"}
    others = {"changes-Acme": ("Bolt", "B-77", "bolt.xlsx"), "changes-Bolt": ("Acme", "200100", "acme.csv")}
    for name, foreign in others.items():
        text = files[name].to_csv()
        assert not [word for word in foreign if word in text]
        assert list(files[name]["reason"]) == ["look at this line with us"]
    (evidence,) = files["changes-Acme"]["evidence"]
    assert json.loads(evidence) == {"lines": ["acme.csv:2"]}


def test_the_files_that_were_searched_are_not_told():
    bolt = line("FOC2299Z9ZZ", provider="Bolt", contract_number="B-77", source_file="bolt.xlsx", source="bolt")
    found = results([unit(), NEW], [ACME, bolt], spares=[{"serial": "FOC2299Z9ZZ"}])
    (row,) = sent(found, [ACME, bolt])["changes-Acme"].to_dict("records")

    assert row["action"] == "ADD"
    assert json.loads(row["evidence"])["searched"] == ["acme.csv"]
    assert "co-term with contract 200100" in row["reason"]


def test_own_words_stay_where_nobody_else_has_them():
    expired = ACME | {"line_end": "2026-01-31"}
    (row,) = sent(results([unit()], [expired]), [expired])["changes-Acme"].to_dict("records")

    assert "contract 200100" in row["reason"]
    assert json.loads(row["evidence"])["line"] == "acme.csv:2"


def test_columns_that_nobody_knew_go_back_to_their_own_file_only():
    extra = pd.DataFrame(
        [["acme.csv", "2", "4711", "x"], ["bolt.xlsx", "3", "secret", ""]],
        columns=["source_file", "source_row", "Their Key", "serial"],
        dtype="str",
    )
    files = sent(results([unit()], [ACME, BOLT]), [ACME, BOLT], extra=extra)

    assert list(files["changes-Acme"]["Their Key"]) == ["4711"]
    assert list(files["changes-Acme"]["serial (file)"]) == ["x"]
    assert list(files["changes-Bolt"]["Their Key"]) == ["secret"]
    assert "serial (file)" not in files["changes-Bolt"].columns


def test_parts_together_hold_every_row_once():
    lines = [ACME, BOLT, line("FOC2299Z9ZZ", contract_number="9")]
    found = results([unit(), NEW], lines)
    files = sent(found, lines, by=("provider", "contract"))

    keys = ["finding_key", "provider", "contract_number", "source_row"]
    together = pd.concat(files.values())[keys].sort_values(keys).to_dict("records")
    assert together == found.changes[keys].sort_values(keys).to_dict("records")
