"""A finding's life over runs: new, open, accepted, closed, back again; and what people write beside it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agent.judging import Basis, judge
from agent.store import Store, notes
from collectors.model import Licence, LicenceState, Observation, Outcome, Target
from reconcile import tables
from reconcile.policy import load
from tests.agent.kept import contracts, poll
from tests.agent.parts import NOON, TODAY, a_run, a_unit, seen

POLICY = load()
LINE = {
    "vendor": "cisco", "provider": "Acme", "contract_number": "200100", "service_level": "8X5XNBD",
    "line_status": "Active", "line_start": "2025-01-01", "line_end": "2031-12-31", "product_id": "C9300-48P",
    "line_kind": "hardware", "source": "acme", "source_file": "acme.csv",
}  # fmt: skip
A, B, OTHER = "FOC1111A0A1", "FOC1111A0B2", "FOC9999A0Z9"


def box(serial: str = A, **changed: object) -> Observation:
    return seen("10.20.0.1", a_unit(serial, slot="1", product_id="C9300-48P"), **changed)


def silent() -> Observation:
    return Observation(Target("10.20.0.1", site="Ghent"), Outcome.TIMEOUT, "10.20.0.1", NOON, reason="no answer")


def lines(*serials: str):
    rows = [{**LINE, "serial": serial, "source_row": str(n)} for n, serial in enumerate(serials, start=2)]
    return tables.table(tables.LINES, rows)


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def judged(store: Store, number: int, *listed: str, of: Observation | None = None):
    run = a_run(store, of or box())
    return judge(store, run, Basis(POLICY, day(number), lines=lines(*listed)), now=lambda: NOON)


def told(results, rule: str = "COV-UNCOVERED", *columns: str) -> list[tuple[str, ...]]:
    rows = results.findings[results.findings["rule"] == rule]
    return list(rows[["status", *columns]].itertuples(index=False, name=None))


def key_of(results, rule: str = "COV-UNCOVERED") -> str:
    (key,) = results.findings["key"][results.findings["rule"] == rule]
    return str(key)


def test_a_finding_is_new_then_open_then_closed_once_and_then_no_more(store):
    states = [told(judged(store, n, *listed)) for n, listed in enumerate([(OTHER,), (OTHER,), (OTHER, A), (OTHER, A)])]

    assert states == [[("new",)], [("open",)], [("closed",)], []]


def test_a_finding_of_a_device_that_was_not_read_is_not_closed(store):
    judged(store, 0, OTHER)
    results = judged(store, 1, OTHER, of=silent())

    ((status, evidence),) = told(results, "COV-UNCOVERED", "evidence")
    assert (status, '"unconfirmed":true' in evidence) == ("open", True)


def test_a_licence_finding_is_not_closed_while_only_the_units_of_its_device_could_be_read(store):
    on_trial = (Licence("ipservices", LicenceState.EVALUATION, collected_via="ssh"),)
    refused = {"outcome": Outcome.AUTH_FAILED, "reason": "SSH: refused", "licences": ()}

    states = [
        told(judged(store, number, A, of=box(**said)), "LIC-EVAL")
        for number, said in enumerate([{"licences": on_trial}, refused, {"licences": ()}])
    ]

    assert states == [[("new",)], [("open",)], [("closed",)]]


def test_a_finding_for_many_devices_is_not_closed_while_one_of_them_could_be_read_in_part_only(store):
    refused = {"outcome": Outcome.AUTH_FAILED, "reason": "SSH: refused"}

    states = [
        told(judged(store, number, A, of=box(licences=(), **said)), "LIC-UNKNOWN")
        for number, said in enumerate([{}, refused, {}])
    ]

    assert states == [[("new",)], [("open",)], [("open",)]]


def test_a_finding_is_not_closed_because_its_contract_source_went_stale(store):
    from reconcile.ledger import Source

    judged(store, 0, OTHER)
    run = a_run(store, box())
    stale = (Source("acme", "cisco", "Acme", stale=True, reason="too old"),)
    results = judge(store, run, Basis(POLICY, day(1), lines=lines(OTHER), sources=stale), now=lambda: NOON)

    assert told(results) == [("open",)]


def test_a_finding_of_a_rule_whose_input_is_lacking_is_not_closed(store):
    register = tables.table(
        (*tables.REGISTER, *tables.ORIGIN), [{"vendor": "cisco", "serial": A, "provenance": "secondary"}]
    )
    run = a_run(store, box())
    judge(store, run, Basis(POLICY, day(0), lines=lines(OTHER), tables={"register": register}), now=lambda: NOON)
    results = judged(store, 1, OTHER)

    assert told(results, "MKT-UNLICENSED") == [("open",)]


def test_a_finding_that_returns_keeps_its_key_and_the_day_of_its_first_life(store):
    first = judged(store, 0, OTHER)
    judged(store, 1, OTHER, A)
    again = judged(store, 2, OTHER)

    assert key_of(again) == key_of(first)
    assert told(again, "COV-UNCOVERED", "first_seen") == [("new", day(0).isoformat())]
    lived = store.read(notes.lives, key_of(first))
    assert list(lived[["opened", "closed"]].itertuples(index=False, name=None)) == [
        (day(0).isoformat(), day(1).isoformat()), (day(2).isoformat(), ""),
    ]  # fmt: skip


def test_judging_a_run_again_neither_ends_nor_begins_a_life(store):
    judged(store, 0, OTHER)
    results = judged(store, 1, OTHER, A)
    run = store.last_reconciled()
    again = judge(store, run, Basis(POLICY, day(1), lines=lines(OTHER, A)), now=lambda: NOON)

    assert told(again) == told(results) == [("closed",)]
    assert len(store.read(notes.lives, key_of(results))) == 1


def test_an_accepted_finding_whose_day_has_passed_is_open_again(store):
    store.accept([key_of(judged(store, 0, OTHER))], until=day(1), reason="lab")

    assert [told(judged(store, n, OTHER)) for n in (1, 2)] == [[("accepted",)], [("open",)]]


def test_an_accepted_finding_that_is_mended_is_closed(store):
    store.accept([key_of(judged(store, 0, OTHER))], until=day(9), reason="lab")
    judged(store, 1, OTHER)

    assert told(judged(store, 2, OTHER, A), "COV-UNCOVERED", "accepted_until") == [("closed", "")]


def test_owner_ticket_and_comment_stay_with_a_finding(store):
    key = key_of(judged(store, 0, OTHER))
    store.write(notes.write, [key], {"owner": "Kim", "ticket": "NET-1", "comment": "asked"}, NOON)
    store.write(notes.write, [key], {"ticket": "NET-2"}, NOON)

    assert told(judged(store, 1, OTHER), "COV-UNCOVERED", "owner", "ticket", "comment") == [
        ("open", "Kim", "NET-2", "asked")
    ]
    judged(store, 2, OTHER, A)
    assert told(judged(store, 3, OTHER), "COV-UNCOVERED", "ticket") == [("new", "NET-2")]


def swapped(store: Store, runs: int):
    """A box that is exchanged for another, and as many runs after it."""
    judged(store, 0, A)
    return [judged(store, n, A, of=box(B)) for n in range(1, runs + 1)]


def test_a_replacement_is_found_at_once_and_stays_open_while_the_contract_names_the_old_one(store):
    states = [told(r, "COV-REPLACED", "serial", "new_serial") for r in swapped(store, 6)]

    assert states == [[("new", A, B)], *[[("open", A, B)]] * 5]


def test_a_replacement_closes_by_itself_when_the_contract_names_the_new_one(store):
    swapped(store, 2)

    assert told(judged(store, 3, B, of=box(B)), "COV-REPLACED") == [("closed",)]


@pytest.mark.parametrize(
    "later",
    [
        box(B, outcome=Outcome.PARTIAL, sections=()),
        silent(),
        seen("10.20.0.7", a_unit(B, slot="4", product_id="C9300-48P"), hostname="elsewhere"),
        box(B, hostname="renamed"),
    ],
    ids=["in part", "not read", "moved", "renamed"],
)
def test_a_replacement_stays_open_whatever_becomes_of_its_device(store, later):
    swapped(store, 1)

    assert told(judged(store, 2, A, of=later), "COV-REPLACED", "serial", "new_serial") == [("open", A, B)]


def test_a_replaced_unit_that_is_used_again_elsewhere_was_not_returned(store):
    swapped(store, 1)
    run = a_run(store, box(B), seen("10.20.0.9", a_unit(A, slot="1", product_id="C9300-48P"), hostname="sw9"))
    results = judge(store, run, Basis(POLICY, day(2), lines=lines(A)), now=lambda: NOON)

    assert told(results, "COV-REPLACED") == [("closed",)]
    assert told(results, "COV-UNCOVERED", "serial") == [("new", B)]


def test_a_unit_that_stood_beside_the_lost_one_did_not_take_its_place(store):
    pair = [a_unit(s, slot=n, product_id="C9300-48P") for s, n in ((A, "1"), (B, "2"))]
    judged(store, 0, A, of=seen("10.20.0.1", *pair))
    results = [judged(store, n, A, of=seen("10.20.0.1", pair[1])) for n in (1, 2)]

    assert [told(r, "COV-REPLACED") for r in results] == [[], []]
    assert [told(r, "COV-NOT-SEEN", "severity") for r in results] == [[("new", "info")], [("open", "warning")]]


def test_fail_on_new_counts_only_what_the_run_before_did_not_have(netcover_here, tmp_path):
    contracts(tmp_path, "cisco,Acme,00200100,8X5XNBD,Active,2025-01-01,2028-12-31,FOC9999A0Z9,C9300-48P,1,X,k")
    place = ("--store", f"sqlite:///{tmp_path / 'out' / 'netcover.db'}")
    codes = []
    for _ in range(2):
        poll(tmp_path, box())
        codes += [netcover_here("--quiet", "reconcile", *place, "--fail-on-new").returncode]

    assert codes == [1, 0]


def test_the_command_notes_and_refuses_what_no_run_found(netcover_here, tmp_path, store):
    key = key_of(judged(store, 0, OTHER))
    place = ("--store", f"sqlite:///{tmp_path / 'netcover.db'}")

    assert netcover_here("note", "COV-X-1", "--owner", "Kim", *place).returncode == 2
    assert netcover_here("note", key, *place).returncode == 2
    assert netcover_here("note", key, "--owner", "Kim", *place).returncode == 0
    assert store.read(notes.notes).to_dict("records") == [{"key": key, "owner": "Kim", "ticket": "", "comment": ""}]
