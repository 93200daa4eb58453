"""Whom a run polls, who rests, what a quick check may confirm, and when an address answers as another device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent import due as deciding
from agent.audit import Collected, Request, collect_only
from agent.due import after, due, everything, identified
from agent.folder import Given
from agent.settings import Collect, Settings
from agent.showing import device_lines
from agent.store import Store, devices, open_store
from agent.store.devices import Device
from collectors.model import Observation, Outcome, Section, Stamp, State, Target
from reconcile.policy import load as load_policy
from tests.agent.parts import NOON, a_run, a_unit, begin, seen
from tests.lab import Access, Lab
from tests.lab.profiles import generic_switch
from tests.lab.units import Box

TARGET = Target("10.20.0.1", site="Ghent")
STAMP = Stamp("1.3.6.1.4.1.9.1.1", "d1", "sw1", "80000009", 8_640_000, 4_200, NOON)
SECTIONS = (Section("inventory", State.COMPLETE, "snmp"), Section("licences", State.UNSUPPORTED))
POLICY = load_policy()


def read(**changed: object) -> Observation:
    """A complete reading of the target that a quick check can confirm."""
    return seen("10.20.0.1", **{"target": TARGET, "stamp": STAMP, "sections": SECTIONS, "licences": (), **changed})


def dead(at: datetime = NOON) -> Observation:
    return Observation(TARGET, Outcome.UNREACHABLE, TARGET.address, at, reason="no answer")


def kept(store: Store, run: int, *found: Observation, collect: Collect = Collect()) -> Device:  # noqa: B008
    """The target as the store knows it after these observations of a run."""
    before = store.read(devices.every)
    store.write(devices.save, after(run, [(one, before.get(devices.place(one.target))) for one in found], collect))
    return store.read(devices.every)[devices.place(TARGET)]


def settings(**collect: object) -> Settings:
    return Settings(collect=Collect(**collect))


def test_a_target_that_nobody_knows_is_read_in_full(store):
    found = due(store, [TARGET], Settings(), NOON)

    assert (found.targets, found.resting, dict(found.known)) == ((TARGET,), (), {})


def test_the_last_complete_reading_can_be_confirmed_and_comes_back_whole(store):
    said = read(units=(a_unit("FOC1111A0A1", product_id="C9300-48P", slot="1"), a_unit("FOC1111A0A2", kind="fan")))
    run = a_run(store, said)
    kept(store, run, said)

    known = due(store, [TARGET], Settings(), NOON).known[TARGET]

    assert known.stamp == STAMP
    again = known.recall()
    assert again is not None
    assert (again.units, again.sections, again.software) == (said.units, said.sections, said.software)
    assert (again.hostname, again.vendor, again.platform, again.via) == (
        said.hostname, said.vendor, said.platform, said.via,
    )  # fmt: skip


def test_every_seventh_run_reads_in_full(store):
    run = a_run(store, read())
    kept(store, run, read())
    quick = []
    for _ in range(8):
        known = TARGET in due(store, [TARGET], settings(full_every=7), NOON).known
        quick.append(known)
        said = read(confirmed="quick" if known else "")
        kept(store, a_run(store, said), said)

    assert quick == [True] * 6 + [False, True]


def test_with_full_every_1_and_in_an_audit_nothing_is_only_confirmed(store):
    kept(store, a_run(store, read()), read())

    assert not due(store, [TARGET], settings(full_every=1), NOON).known
    assert not due(store, [TARGET], settings(neighbours=True), NOON).known
    assert not everything(store, [TARGET]).known


@pytest.mark.parametrize(
    "odd",
    [
        read(outcome=Outcome.PARTIAL),
        read(stamp=None),
        read(stamp=replace(STAMP, changed=None)),
        read(sections=(*SECTIONS[:1], Section("licences", State.PARTIAL))),
    ],
)
def test_whatever_was_odd_is_read_in_full(store, odd):
    kept(store, a_run(store, odd), odd)

    assert not due(store, [TARGET], Settings(), NOON).known


def test_a_target_that_is_to_be_read_otherwise_than_before_is_read_in_full(store):
    kept(store, a_run(store, read()), read())

    for other in (replace(TARGET, platform="cisco_nxos"), replace(TARGET, protocols=("ssh",))):
        assert not due(store, [other], Settings(), NOON).known


def test_the_reading_of_a_run_that_was_not_sealed_confirms_nothing(store):
    run = begin(store)
    store.save_observation(run, read())
    kept(store, run, read())
    store.abort(run)

    assert not due(store, [TARGET], Settings(), NOON).known


def test_a_reading_that_a_later_run_did_not_see_again_is_not_recalled(store):
    kept(store, a_run(store, read()), read())
    known = due(store, [TARGET], Settings(), NOON).known[TARGET]
    a_run(store, dead())

    assert known.recall() is None


def test_a_device_that_keeps_failing_rests_for_longer_each_time_and_never_longer_than_the_limit(store):
    rests = []
    at = NOON
    for _ in range(8):
        one = kept(store, 1, dead(at))
        rests.append(one.rest_until and (datetime.fromisoformat(one.rest_until) - at).total_seconds() / 3600)
        at += timedelta(days=8)

    assert rests == ["", "", 36, 72, 144, 168, 168, 168]


def test_a_resting_device_is_a_row_with_its_last_outcome_and_is_polled_when_it_has_rested(store):
    for _ in range(3):
        kept(store, 1, dead())

    resting = due(store, [TARGET], Settings(), NOON + timedelta(hours=35))
    rested = due(store, [TARGET], Settings(), NOON + timedelta(hours=36))

    row = resting.resting[0]
    assert (resting.targets, row.outcome, row.attempts, row.units) == ((), Outcome.UNREACHABLE, 0, ())
    assert row.reason == "rests until 2026-03-03 00:00 UTC after 3 failures in a row; the last: no answer"
    assert (rested.targets, rested.resting) == ((TARGET,), ())
    assert everything(store, [TARGET]).targets == (TARGET,)


def test_an_answer_ends_the_row_of_failures(store):
    for one in (dead(), dead(), read(), dead(), dead()):
        last = kept(store, 1, one)

    assert (last.failures, last.rest_until) == (2, "")


@pytest.mark.parametrize("outcome", [Outcome.AUTH_FAILED, Outcome.HOST_KEY])
def test_what_a_person_is_to_mend_does_not_rest(store, outcome):
    for _ in range(5):
        last = kept(store, 1, replace(dead(), outcome=outcome))

    assert last.rest_until == ""


def test_with_rest_after_0_nobody_rests(store):
    for _ in range(9):
        last = kept(store, 1, dead(), collect=Collect(rest_after=0))

    assert last.rest_until == ""


BEFORE = Device("", "10.20.0.1", 0, 0, "sw1.example.net", "80aa", "FOC1111A0A1", "C9300-48P", "2026-02-28T01:00:00Z")


def answering(name: str, serial: str, *, engine: str = "80bb", product: str = "C9300-48P") -> Observation:
    return read(hostname=name, engine_id=engine, units=(a_unit(serial, product_id=product),))


def test_an_address_that_answers_as_another_device_is_identity_changed_and_its_units_are_kept():
    said = identified(answering("sw2", "FOC2222B0B2"), BEFORE, POLICY)

    assert said.outcome is Outcome.IDENTITY_CHANGED
    assert [unit.serial for unit in said.units] == ["FOC2222B0B2"]
    assert said.reason == (
        "it answers as sw2 (FOC2222B0B2), until 2026-02-28 it was sw1.example.net (FOC1111A0A1), which is no longer"
        " looked for there"
    )


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (answering("sw1", "FOC2222B0B2"), "a new chassis of the same product under the same name is a replacement"),
        (answering("SW1.example.org", "FOC2222B0B2", product="C9300-48P="), "the same, as others write it"),
        (answering("sw9", "FOC1111A0A1"), "a device that was renamed"),
        (answering("sw1", "FOC2222B0B2", engine="80aa", product="C9500-40X"), "the same engine under the same name"),
        (replace(answering("sw2", ""), units=()), "a reading without a chassis tells nothing"),
        (replace(answering("sw2", "FOC2222B0B2"), via=()), "nothing was read"),
    ],
)
def test_what_is_no_other_device(now, why):
    assert identified(now, BEFORE, POLICY) == now, why


def test_another_product_with_another_engine_under_the_same_name_is_another_device():
    other = answering("sw1", "FOC2222B0B2", product="N9K-C93180YC-EX")

    assert identified(other, BEFORE, POLICY).outcome is Outcome.IDENTITY_CHANGED


def test_nothing_is_compared_at_the_first_meeting():
    assert identified(read(), None, POLICY) == read()


@contextmanager
def silent(total: int) -> Iterator[object]:
    del total
    yield lambda seen: None


def collected(folder, *, days: float = 0.0, incremental: bool = True) -> Collected:
    at = datetime.now(UTC) + timedelta(days=days)
    request = Request(Given(folder=folder), incremental=incremental)
    return collect_only(request, here=folder, now=lambda: at, progress=silent)  # type: ignore[arg-type]


def folder_of(tmp_path, lab: Lab):
    (tmp_path / "netcover.toml").write_text(
        f"""
scope = ["127.0.0.0/8"]
[credentials.lab]
snmp = {{ version = "2c", community = "env:T_COMMUNITY" }}
[collect]
default_credential = "lab"
protocols = ["snmp"]
snmp_port = {lab.snmp_port}
snmp_timeout = "300ms"
snmp_retries = 0
rest_after = 2
"""
    )
    (tmp_path / "targets.csv").write_text("address\n" + "".join(f"{address}\n" for address in lab.devices))
    return tmp_path


@pytest.fixture(autouse=True)
def _secrets(monkeypatch):
    monkeypatch.setenv("T_COMMUNITY", "lab-readonly")


def test_a_scheduled_run_confirms_and_an_audit_reads_in_full_and_both_list_the_same_units(serve, tmp_path):
    lab = serve(*(generic_switch(Box(f"127.64.0.{n}", f"sw{n}"), Access()).device for n in (1, 2)))
    folder = folder_of(tmp_path, lab)

    runs = [collected(folder), collected(folder), collected(folder, incremental=False)]

    assert [one.record.get("confirmed") for one in runs] == [None, {"full": 0, "quick": 2}, None]
    assert {one.exit_code for one in runs} == {0}
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}") as store:
        for address in ("127.64.0.1", "127.64.0.2"):
            assert list(store.visits(address)["confirmed"]) == ["", "quick", ""]
        said = [line for line in device_lines(store, "127.64.0.1") if "complete" in line]
        assert ["not read again: nothing had moved" in line for line in said] == [False, True, False]
        listed = [
            store.units(one.run).drop(columns="seen_at").sort_values("serial").to_numpy().tolist() for one in runs
        ]
    assert listed[0] == listed[1] == listed[2]


def test_a_dead_device_rests_in_scheduled_runs_is_listed_and_counts_as_not_read(serve, tmp_path):
    lab = serve(generic_switch(Box("127.64.0.3", "sw3"), Access()).device)
    folder = folder_of(tmp_path, lab)
    (folder / "targets.csv").write_text("address\n127.64.0.3\n127.64.0.9\n")

    runs = [collected(folder) for _ in range(3)]

    assert [one.record.get("resting", 0) for one in runs] == [0, 0, 1]
    assert (runs[2].record["read"], runs[2].record["targets"], runs[2].exit_code) == (1, 2, 3)
    row = runs[2].skipped.iloc[0]
    assert row["address"] == "127.64.0.9"
    assert row["reason"].startswith("rests until ")
    assert collected(folder, incremental=False).record.get("resting", 0) == 0


def test_another_device_at_an_address_is_a_row_and_its_units_are_in_the_run(serve, tmp_path):
    lab = serve(generic_switch(Box("127.64.0.4", "sw4"), Access()).device)
    folder = folder_of(tmp_path, lab)
    collected(folder)
    built = generic_switch(Box("127.64.0.5", "other"), Access())
    lab.replace(replace(built.device, address="127.64.0.4", engine="8000000901aabbcc"))

    changed, again = collected(folder), collected(folder)

    assert changed.skipped.iloc[0]["outcome"] == "identity_changed"
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}") as store:
        assert set(store.units(changed.run)["serial"]) == {unit.serial for unit in built.units if unit.serial}
    assert again.record["read"] == 1


def test_the_outcomes_after_which_a_device_rests_are_those_in_which_it_said_nothing():
    assert not deciding._TROUBLE & {Outcome.COMPLETE, Outcome.PARTIAL, Outcome.IDENTITY_CHANGED}
